//! What a request says about its signature, in the `Authorization` header, in the query of a URL, or in a form.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::header::{AUTHORIZATION, DATE};
use http::request::Parts;
use url::form_urlencoded;

use super::{ALGORITHM, Flaw, MAX_SKEW};

/// What multi-region access points are asked with.
const MULTI_REGION_ALGORITHM: &str = "AWS4-ECDSA-P256-SHA256";

/// The longest that a presigned URL may be good for: seven days.
const MAX_EXPIRES: i64 = 604_800;

/// A signature of Version 4 with all that it was made of but the request and the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Authentication {
    pub(crate) access_key_id: String,
    /// The first part of the scope: `20261122`.
    pub(crate) date: String,
    pub(crate) region: String,
    pub(crate) service: String,
    pub(crate) signed_headers: Vec<String>,
    pub(crate) signature: String,
    /// When the request was signed, as it is part of what was signed: `20261122T120000Z`.
    pub(crate) amz_date: String,
    pub(crate) time: SystemTime,
    /// How long a presigned URL is good for.
    pub(crate) expires: Option<Duration>,
}

impl Authentication {
    /// The signature of a request; nothing if it brings no credentials.
    ///
    /// `check_term` is asked as soon as the time is known: what is wrong with that comes before what is wrong with the
    /// scope.
    pub(super) fn of(
        parts: &Parts,
        check_term: impl Fn(&Term) -> Result<(), Flaw>,
    ) -> Result<Option<Self>, Flaw> {
        match parts.headers.get(AUTHORIZATION).filter(|value| !value.is_empty()) {
            Some(value) => {
                Self::of_header(&String::from_utf8_lossy(value.as_bytes()), parts, check_term).map(Some)
            }
            None => {
                let query = parts.uri.query().unwrap_or_default();
                match Self::of_query(query, check_term)? {
                    None if value_of(query, "AWSAccessKeyId").is_some() => Err(Flaw::OtherVersion),
                    found => Ok(found),
                }
            }
        }
    }

    fn of_header(
        authorization: &str,
        parts: &Parts,
        check_term: impl Fn(&Term) -> Result<(), Flaw>,
    ) -> Result<Self, Flaw> {
        let (algorithm, components) =
            authorization.split_once(' ').ok_or_else(|| Flaw::NoSpace(authorization.to_owned()))?;
        match algorithm {
            ALGORITHM => {}
            "AWS" if !components.contains(':') => return Err(Flaw::OldHeader(authorization.to_owned())),
            "AWS" | MULTI_REGION_ALGORITHM => return Err(Flaw::OtherVersion),
            _ => return Err(Flaw::UnknownType(authorization.to_owned())),
        }
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // An `x-amz-date` that cannot be read does not give way to a `Date` that can.
        let written = header("x-amz-date").or_else(|| header(DATE.as_str())).unwrap_or_default();
        let time = parse_amz_date(written).or_else(|| parse_http_date(written)).ok_or(Flaw::NoDate)?;
        check_term(&Term { written: written.to_owned(), time, expires: None })?;
        let (mut credential, mut signed_headers, mut signature) = (None, None, None);
        let components = components.split(',').map(str::trim).filter(|component| !component.is_empty());
        let is_whole = components.clone().count() >= 3;
        for component in components {
            match component.split_once('=') {
                Some(("Credential", value)) => credential = Some(value),
                Some(("SignedHeaders", value)) => signed_headers = Some(value),
                Some(("Signature", value)) => signature = Some(value),
                Some(_) => {}
                None => return Err(Flaw::Component(component.to_owned())),
            }
        }
        let missing = |what: &'static str| Flaw::Incomplete { missing: what, is_whole };
        let credential = credential.ok_or(missing("Credential"))?;
        let signed_headers = signed_headers.ok_or(missing("SignedHeaders"))?;
        let signature = signature.ok_or(missing("Signature"))?;
        let given =
            Given { credential, signed_headers, signature, time, expires: None, place: Place::Header };
        given.read()
    }

    /// The signature in the query of a URL; nothing if there is none of this version.
    pub(super) fn of_query(
        query: &str,
        check_term: impl Fn(&Term) -> Result<(), Flaw>,
    ) -> Result<Option<Self>, Flaw> {
        let named = |name: &str| value_of(query, name);
        let parameters = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"].map(named);
        if parameters.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [algorithm, credential, signature] = parameters;
        let is_known = |algorithm: &str| [ALGORITHM, MULTI_REGION_ALGORITHM].contains(&algorithm);
        if algorithm.as_deref().is_some_and(|algorithm| !is_known(algorithm)) {
            return Err(Flaw::Algorithm);
        }
        let (Some(algorithm), Some(credential), Some(signature)) = (algorithm, credential, signature) else {
            return Err(Flaw::QueryIncomplete);
        };
        let rest = ["X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"].map(named);
        let [Some(date), Some(signed_headers), Some(expires)] = rest else {
            return Err(Flaw::QueryIncomplete);
        };
        // A multi-region signature is accepted as it is, and refused where signatures are verified.
        if algorithm == MULTI_REGION_ALGORITHM {
            return Ok(None);
        }
        let time = parse_amz_date(&date).ok_or(Flaw::QueryDate)?;
        let expires: i64 = expires.parse().map_err(|_| Flaw::ExpiresNotANumber)?;
        let expires = match expires {
            ..0 => return Err(Flaw::ExpiresNegative),
            0..=MAX_EXPIRES => Duration::from_secs(expires.unsigned_abs()),
            _ => return Err(Flaw::ExpiresTooLong),
        };
        check_term(&Term { written: date, time, expires: Some(expires) })?;
        let given = Given {
            credential: &credential,
            signed_headers: &signed_headers,
            signature: &signature,
            time,
            expires: Some(expires),
            place: Place::Query,
        };
        given.read().map(Some)
    }

    /// The signature in a form, from its fields of these names.
    pub(crate) fn of_form(credential: &str, date: &str, signature: &str) -> Result<Self, Flaw> {
        let time = parse_amz_date(date).ok_or_else(|| Flaw::FormDate(date.to_owned()))?;
        let place = Place::Form;
        let given = Given { credential, signed_headers: "", signature, time, expires: None, place };
        given.read()
    }

    /// `20261122/eu-west-1/s3/aws4_request`
    pub(super) fn scope(&self) -> String {
        format!("{}/{}/{}/aws4_request", self.date, self.region, self.service)
    }
}

/// When a request was signed, and how long that is good for.
#[derive(Debug)]
pub(super) struct Term {
    /// The time as the request writes it.
    written: String,
    time: SystemTime,
    expires: Option<Duration>,
}

impl Term {
    /// A URL may be old, within its term, but like any request not be of the future.
    pub(super) fn check_skew(&self, now: SystemTime) -> Result<(), Flaw> {
        let is_early = self.time > now + MAX_SKEW;
        match self.expires {
            Some(expires) if is_early => {
                Err(Flaw::NotYetValid { at: self.time, until: self.time + expires, now })
            }
            None if is_early || self.time + MAX_SKEW < now => {
                Err(Flaw::Skewed { request_time: self.written.clone(), time: self.time, now })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn check_expiry(&self, now: SystemTime) -> Result<(), Flaw> {
        match self.expires {
            Some(expires) if now > self.time + expires => {
                Err(Flaw::Expired { after: Some(expires), at: self.time + expires, now })
            }
            _ => Ok(()),
        }
    }
}

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Header,
    Query,
    Form,
}

/// The parts of a signature as they were written.
struct Given<'r> {
    credential: &'r str,
    signed_headers: &'r str,
    signature: &'r str,
    time: SystemTime,
    expires: Option<Duration>,
    place: Place,
}

impl Given<'_> {
    fn read(self) -> Result<Authentication, Flaw> {
        let Self { place, time, expires, .. } = self;
        let malformed = || Flaw::Credential { place };
        let mut parts: Vec<&str> = self.credential.split('/').collect();
        if parts.len() < 5 {
            return Err(malformed());
        }
        let scope = (parts.pop(), parts.pop(), parts.pop(), parts.pop());
        let (Some(terminal), Some(service), Some(region), Some(date)) = scope else {
            return Err(malformed());
        };
        // A key may contain slashes.
        let access_key_id = parts.join("/");
        if access_key_id.is_empty() {
            return Err(malformed());
        }
        if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Flaw::CredentialDateFormat { found: date.to_owned(), place });
        }
        if region.is_empty() {
            return Err(Flaw::NoRegion { place });
        }
        if terminal != "aws4_request" {
            return Err(Flaw::Terminal { found: terminal.to_owned(), place });
        }
        let amz_date = format_amz_date(time);
        if !amz_date.starts_with(date) {
            return Err(Flaw::CredentialDate {
                credential: date.to_owned(),
                date: amz_date.chars().take(8).collect(),
                place,
            });
        }
        Ok(Authentication {
            access_key_id,
            date: date.to_owned(),
            region: region.to_owned(),
            service: service.to_owned(),
            signed_headers: self.signed_headers.split(';').map(str::to_ascii_lowercase).collect(),
            signature: self.signature.to_owned(),
            amz_date,
            time,
            expires,
        })
    }
}

/// Whether a request says that it is signed in Version 2.
pub(super) fn is_old(parts: &Parts) -> bool {
    match parts.headers.get(AUTHORIZATION).map(|value| value.as_bytes()).filter(|value| !value.is_empty()) {
        Some(value) => value.starts_with(b"AWS ") && value.contains(&b':'),
        None => parts.uri.query().is_some_and(|query| value_of(query, "AWSAccessKeyId").is_some()),
    }
}

/// Whether the URL has a signature of Version 2 that has expired.
pub(super) fn check_old_expiry(query: &str, now: SystemTime) -> Result<(), Flaw> {
    if value_of(query, "AWSAccessKeyId").is_none() || value_of(query, "Signature").is_none() {
        return Ok(());
    }
    let expires = value_of(query, "Expires").and_then(|expires| expires.parse().ok());
    let at = expires.and_then(|seconds| SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds)));
    match at.ok_or(Flaw::OldExpires)? {
        at if now > at => Err(Flaw::Expired { after: None, at, now }),
        _ => Ok(()),
    }
}

pub(crate) fn seconds_since_epoch(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

fn value_of(query: &str, wanted: &str) -> Option<String> {
    form_urlencoded::parse(query.as_bytes())
        .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
        .map(|(_, value)| value.into_owned())
}

/// `20261122T120000Z`
pub(super) fn parse_amz_date(text: &str) -> Option<SystemTime> {
    let shape = |(at, byte): (usize, u8)| match at {
        8 => byte == b'T',
        15 => byte == b'Z',
        _ => byte.is_ascii_digit(),
    };
    if text.len() != 16 || !text.bytes().enumerate().all(shape) {
        return None;
    }
    let [year, month, day, hour, minute, second] =
        [0..4, 4..6, 6..8, 9..11, 11..13, 13..15].map(|at| &text[at]);
    let long = format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z");
    SystemTime::try_from(DateTime::from_str(&long, Format::DateTime).ok()?).ok()
}

pub(super) fn format_amz_date(time: SystemTime) -> String {
    let long = DateTime::from_secs(seconds_since_epoch(time).cast_signed()).fmt(Format::DateTime);
    // Only years beyond 9999 cannot be written, and none is read.
    long.unwrap_or_default().replace(['-', ':'], "")
}

fn parse_http_date(text: &str) -> Option<SystemTime> {
    SystemTime::try_from(DateTime::from_str(text, Format::HttpDate).ok()?).ok()
}
