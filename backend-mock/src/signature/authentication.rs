//! What a request says about its signature, in the `Authorization` header, in the query of a URL, or in a form.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::header::{AUTHORIZATION, DATE};
use http::request::Parts;
use url::form_urlencoded;

use super::{ALGORITHM, Flaw, MAX_SKEW};

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
    pub(super) fn of(parts: &Parts) -> Result<Option<Self>, Flaw> {
        match parts.headers.get(AUTHORIZATION).filter(|value| !value.is_empty()) {
            Some(value) => Self::of_header(&String::from_utf8_lossy(value.as_bytes()), parts).map(Some),
            None => {
                let query = parts.uri.query().unwrap_or_default();
                match Self::of_query(query)? {
                    None if value_of(query, "AWSAccessKeyId").is_some() => Err(Flaw::OtherVersion),
                    found => Ok(found),
                }
            }
        }
    }

    fn of_header(authorization: &str, parts: &Parts) -> Result<Self, Flaw> {
        let (algorithm, components) =
            authorization.split_once(' ').ok_or_else(|| Flaw::NoSpace(authorization.to_owned()))?;
        match algorithm {
            ALGORITHM => {}
            "AWS" if !components.contains(':') => return Err(Flaw::OldHeader(authorization.to_owned())),
            "AWS" | "AWS4-ECDSA-P256-SHA256" => return Err(Flaw::OtherVersion),
            _ => return Err(Flaw::UnknownType(authorization.to_owned())),
        }
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
        let header = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        let amz_date = header("x-amz-date");
        let date = amz_date.and_then(parse_amz_date).or_else(|| parse_http_date(header(DATE.as_str())?));
        let missing = |what: &'static str| Flaw::Incomplete { missing: what, is_whole };
        let credential = credential.ok_or(missing("Credential"))?;
        let signed_headers = signed_headers.ok_or(missing("SignedHeaders"))?;
        let signature = signature.ok_or(missing("Signature"))?;
        let time = date.ok_or(Flaw::NoDate)?;
        let given =
            Given { credential, signed_headers, signature, time, expires: None, place: Place::Header };
        given.read()
    }

    /// The signature in the query of a URL; nothing if there is none of this version.
    pub(super) fn of_query(query: &str) -> Result<Option<Self>, Flaw> {
        let named = |name: &str| value_of(query, name);
        let parameters = ["X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"].map(named);
        if parameters.iter().all(Option::is_none) {
            return Ok(None);
        }
        let [Some(algorithm), Some(credential), Some(signature)] = parameters else {
            return Err(Flaw::QueryIncomplete);
        };
        let rest = ["X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"].map(named);
        let [Some(date), Some(signed_headers), Some(expires)] = rest else {
            return Err(Flaw::QueryIncomplete);
        };
        match algorithm.as_str() {
            ALGORITHM => {}
            // A multi-region signature is accepted as it is, and refused where signatures are verified.
            "AWS4-ECDSA-P256-SHA256" => return Ok(None),
            _ => return Err(Flaw::Algorithm),
        }
        let expires: i64 = expires.parse().map_err(|_| Flaw::ExpiresNotANumber)?;
        let expires = match expires {
            ..0 => return Err(Flaw::ExpiresNegative),
            0..=MAX_EXPIRES => Duration::from_secs(expires.unsigned_abs()),
            _ => return Err(Flaw::ExpiresTooLong),
        };
        let time = parse_amz_date(&date).ok_or(Flaw::QueryDate)?;
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

    pub(super) fn check_expiry(&self, now: SystemTime) -> Result<(), Flaw> {
        match self.expires {
            Some(expires) if now > self.time + expires => {
                Err(Flaw::Expired { after: Some(expires), at: self.time + expires, now })
            }
            _ => Ok(()),
        }
    }

    /// A URL may be old, within its term, but like any request not be of the future.
    pub(super) fn check_skew(&self, now: SystemTime) -> Result<(), Flaw> {
        let request_time = || self.amz_date.clone();
        if self.time > now + MAX_SKEW {
            return Err(match self.expires {
                Some(_) => Flaw::NotYetValid { at: self.time, now },
                None => Flaw::Skewed { request_time: request_time(), time: self.time, now },
            });
        }
        if self.expires.is_none() && self.time + MAX_SKEW < now {
            return Err(Flaw::Skewed { request_time: request_time(), time: self.time, now });
        }
        Ok(())
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
        match parts.pop() {
            Some("aws4_request") => {}
            other => return Err(Flaw::Terminal { found: other.unwrap_or_default().to_owned(), place }),
        }
        let (service, region, date) = match (parts.pop(), parts.pop(), parts.pop()) {
            (Some(service), Some(region), Some(date)) => (service, region, date),
            _ => return Err(malformed()),
        };
        // A key may contain slashes.
        let access_key_id = parts.join("/");
        if access_key_id.is_empty() {
            return Err(malformed());
        }
        if date.len() != 8 || !date.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Flaw::CredentialDateFormat { found: date.to_owned(), place });
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
