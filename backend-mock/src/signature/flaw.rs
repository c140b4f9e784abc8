//! What is wrong with a signature, in the words of S3 and of the services that share the common errors.

use std::time::{Duration, SystemTime};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use http::StatusCode;

use super::authentication::{Place, format_amz_date};
use super::{MAX_SKEW, Mismatch};
use crate::s3::{Code, Error};

const CREDENTIAL: &str =
    "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";

/// Why a signature is not accepted.
#[derive(Debug)]
pub(crate) enum Flaw {
    /// The `Authorization` header is of no kind that AWS knows.
    UnknownType(String),
    /// It is of a kind that the region does not take, or that cannot be verified here: Version 2, or a multi-region
    /// signature.
    OtherVersion,
    /// A component of the `Authorization` header is no assignment.
    Component(String),
    /// The `Authorization` header names no kind, for want of a space.
    NoSpace(String),
    /// The `Authorization` header of Version 2 is no key and signature.
    OldHeader(String),
    /// The `Authorization` header lacks a component, with others in its place or without.
    Incomplete {
        missing: &'static str,
        is_whole: bool,
    },
    /// Neither `X-Amz-Date` nor `Date` says when the request was signed.
    NoDate,
    QueryIncomplete,
    Algorithm,
    ExpiresNotANumber,
    ExpiresNegative,
    ExpiresTooLong,
    QueryDate,
    /// The `x-amz-date` of a form is no time.
    FormDate(String),
    /// The `Expires` of a URL of Version 2 is no time.
    OldExpires,
    Credential {
        place: Place,
    },
    /// The scope ends with something else than `aws4_request`.
    Terminal {
        found: String,
        place: Place,
    },
    /// The scope is of another service than the endpoint.
    Service {
        found: String,
        place: Place,
    },
    /// The scope leaves out the region.
    NoRegion {
        place: Place,
    },
    /// The request is signed twice: what its `Authorization` header says, if that is one of the two.
    TwoMechanisms(Option<String>),
    /// The date of the scope is no date.
    CredentialDateFormat {
        found: String,
        place: Place,
    },
    CredentialDate {
        credential: String,
        date: String,
        place: Place,
    },
    Expired {
        after: Option<Duration>,
        at: SystemTime,
        now: SystemTime,
    },
    NotYetValid {
        at: SystemTime,
        until: SystemTime,
        now: SystemTime,
    },
    Skewed {
        request_time: String,
        time: SystemTime,
        now: SystemTime,
    },
    NoPayloadHash,
    HeadersNotSigned(String),
    UnknownKey(String),
    Mismatch(Box<Mismatch>),
}

impl From<Flaw> for Error {
    /// S3's words.
    fn from(flaw: Flaw) -> Self {
        let header = |text: &str| {
            let message = format!("The authorization header is malformed; {text}");
            Self::with_message(Code::AuthorizationHeaderMalformed, message)
        };
        let query = |text: String| Self::with_message(Code::AuthorizationQueryParametersError, text);
        let credential = |text: String, place| match place {
            Place::Header => header(&text),
            Place::Query => query(format!("Error parsing the X-Amz-Credential parameter; {text}")),
            Place::Form => Self::with_message(Code::InvalidArgument, text),
        };
        let denied = |text: &'static str| Self::with_message(Code::AccessDenied, text);
        match flaw {
            Flaw::UnknownType(value) => {
                Self::invalid_argument("Unsupported Authorization Type", "Authorization", value)
            }
            Flaw::OtherVersion => Self::invalid_request(
                "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
            ),
            Flaw::Component(component) => {
                header(&format!("the authorization component \"{component}\" is malformed."))
            }
            Flaw::NoSpace(value) => Self::invalid_argument(
                "Authorization header is invalid -- one and only one ' ' (space) required",
                "Authorization",
                value,
            ),
            Flaw::OldHeader(value) => Self::invalid_argument(
                "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
                "Authorization",
                value,
            ),
            Flaw::Incomplete { is_whole: false, .. } => header(
                "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
            ),
            Flaw::Incomplete { missing, .. } => header(&format!("missing {missing}.")),
            Flaw::NoDate => denied("AWS authentication requires a valid Date or x-amz-date header"),
            Flaw::QueryIncomplete => query(
                "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, \
                 X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters."
                    .to_owned(),
            ),
            Flaw::Algorithm => query(
                "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"".to_owned(),
            ),
            Flaw::ExpiresNotANumber => query("X-Amz-Expires should be a number".to_owned()),
            Flaw::ExpiresNegative => query("X-Amz-Expires must be non-negative".to_owned()),
            Flaw::ExpiresTooLong => query(
                "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be \
                 less than 604800 seconds"
                    .to_owned(),
            ),
            Flaw::QueryDate => query(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"".to_owned(),
            ),
            Flaw::FormDate(date) => {
                Self::invalid_argument("X-Amz-Date must be formated via ISO8601 Long format", "X-Amz-Date", date)
            }
            Flaw::OldExpires => denied("Invalid date (should be seconds since epoch)"),
            Flaw::Credential { place } => credential(CREDENTIAL.to_owned(), place),
            Flaw::Terminal { found, place } => credential(
                format!("incorrect terminal \"{found}\". This endpoint uses \"aws4_request\"."),
                place,
            ),
            Flaw::Service { found, place } => credential(
                format!("incorrect service \"{found}\". This endpoint belongs to \"s3\"."),
                place,
            ),
            Flaw::NoRegion { place } => {
                credential("a non-empty region must be provided in the credential.".to_owned(), place)
            }
            Flaw::TwoMechanisms(header) => {
                let error = Self::with_message(
                    Code::InvalidArgument,
                    "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query \
                     string parameter or the Authorization header should be specified",
                )
                .with("ArgumentName", "Authorization");
                match header {
                    Some(value) => error.with("ArgumentValue", value),
                    None => error,
                }
            }
            Flaw::CredentialDateFormat { found, place } => credential(
                format!(
                    "incorrect date format \"{found}\". This date in the credential must be in the format \
                     \"yyyyMMdd\"."
                ),
                place,
            ),
            Flaw::CredentialDate { place: Place::Header, .. } => {
                header("Invalid credential date. Date is not the same as X-Amz-Date.")
            }
            Flaw::CredentialDate { credential, date, place } => {
                let text = format!(
                    "Invalid credential date \"{credential}\". This date is not the same as X-Amz-Date: \"{date}\"."
                );
                match place {
                    Place::Form => Self::with_message(Code::InvalidArgument, text),
                    _ => query(text),
                }
            }
            Flaw::Expired { after, at, now } => {
                let error = denied("Request has expired");
                let error = match after {
                    Some(after) => error.with("X-Amz-Expires", after.as_secs()),
                    None => error,
                };
                error.with("Expires", long(at)).with("ServerTime", long(now))
            }
            Flaw::NotYetValid { at, until, now } => denied("Request is not yet valid")
                .with("X-Amz-Date", super::seconds_since_epoch(at) * 1000)
                .with("Expires", long(until))
                .with("ServerTime", long(now)),
            Flaw::Skewed { request_time, now, .. } => Self::new(Code::RequestTimeTooSkewed)
                .with("RequestTime", request_time)
                .with("ServerTime", long(now))
                .with("MaxAllowedSkewMilliseconds", MAX_SKEW.as_millis()),
            Flaw::NoPayloadHash => {
                Self::invalid_request("Missing required header for this request: x-amz-content-sha256")
            }
            Flaw::HeadersNotSigned(headers) => {
                denied("There were headers present in the request which were not signed")
                    .with("HeadersNotSigned", headers)
            }
            Flaw::UnknownKey(key) => Self::new(Code::InvalidAccessKeyId).with("AWSAccessKeyId", key),
            Flaw::Mismatch(mismatch) => {
                let Mismatch { access_key_id, provided, string_to_sign, canonical_request } = *mismatch;
                let error = Self::new(Code::SignatureDoesNotMatch)
                    .with("AWSAccessKeyId", access_key_id)
                    .with("StringToSign", &string_to_sign)
                    .with("SignatureProvided", provided)
                    .with("StringToSignBytes", spaced_hex(&string_to_sign));
                match canonical_request {
                    Some(request) => error
                        .with("CanonicalRequest", &request)
                        .with("CanonicalRequestBytes", spaced_hex(&request)),
                    None => error,
                }
            }
        }
    }
}

/// A refusal by a service with the common errors: its status where the protocol tells them apart, code and message.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct CommonError {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) message: String,
}

impl Flaw {
    /// DynamoDB's words.
    pub(crate) fn for_json(&self) -> CommonError {
        let (kind, message) = self.common();
        let code = match kind {
            Common::Incomplete => "IncompleteSignatureException",
            Common::Signature => "InvalidSignatureException",
            Common::Key => "UnrecognizedClientException",
        };
        CommonError { status: StatusCode::BAD_REQUEST, code, message }
    }

    /// STS's words.
    pub(crate) fn for_query(&self) -> CommonError {
        let (kind, message) = self.common();
        let (status, code) = match kind {
            Common::Incomplete => (StatusCode::BAD_REQUEST, "IncompleteSignature"),
            Common::Signature => (StatusCode::FORBIDDEN, "SignatureDoesNotMatch"),
            Common::Key => (StatusCode::FORBIDDEN, "InvalidClientTokenId"),
        };
        CommonError { status, code, message }
    }

    fn common(&self) -> (Common, String) {
        let requires = |what: &str| (Common::Incomplete, format!("Authorization header requires {what}."));
        match self {
            Self::UnknownKey(_) => {
                (Common::Key, "The security token included in the request is invalid.".to_owned())
            }
            Self::Incomplete { missing, .. } => requires(&format!("'{missing}' parameter")),
            Self::NoDate => requires("existence of either a 'X-Amz-Date' or a 'Date' header"),
            Self::Component(component) => (
                Common::Incomplete,
                format!(
                    "'{component}' not a valid key=value pair (missing equal-sign) in Authorization header."
                ),
            ),
            Self::Credential { .. } | Self::CredentialDateFormat { .. } => (
                Common::Incomplete,
                "Credential must have exactly 5 slash-delimited elements, e.g. \
                 keyid/date/region/service/term."
                    .to_owned(),
            ),
            Self::CredentialDate { credential, date, .. } => (
                Common::Signature,
                format!(
                    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: \
                     '{credential}' != '{date}'."
                ),
            ),
            Self::Terminal { found, .. } => (
                Common::Signature,
                format!(
                    "Credential should be scoped with a valid terminator: 'aws4_request', not '{found}'."
                ),
            ),
            Self::UnknownType(_)
            | Self::NoSpace(_)
            | Self::OldHeader(_)
            | Self::OtherVersion
            | Self::Algorithm => (
                Common::Incomplete,
                "Unsupported AWS 'algorithm': the in-memory AWS verifies AWS4-HMAC-SHA256.".to_owned(),
            ),
            Self::Expired { at, now, .. } => (
                Common::Signature,
                format!(
                    "Signature expired: {} is now earlier than {}",
                    format_amz_date(*at),
                    format_amz_date(*now)
                ),
            ),
            Self::Skewed { time, now, .. } | Self::NotYetValid { at: time, now, .. } => {
                (Common::Signature, skewed(*time, *now))
            }
            Self::Mismatch(mismatch) => (Common::Signature, mismatched(mismatch)),
            _ => (Common::Incomplete, "The request signature does not conform to AWS standards.".to_owned()),
        }
    }
}

enum Common {
    Incomplete,
    Signature,
    Key,
}

fn skewed(time: SystemTime, now: SystemTime) -> String {
    let minutes = MAX_SKEW.as_secs() / 60;
    let [request, server] = [time, now].map(format_amz_date);
    if time > now {
        let latest = format_amz_date(now + MAX_SKEW);
        return format!(
            "Signature not yet current: {request} is still later than {latest} ({server} + {minutes} min.)"
        );
    }
    let earliest = format_amz_date(now - MAX_SKEW);
    format!("Signature expired: {request} is now earlier than {earliest} ({server} - {minutes} min.)")
}

fn mismatched(mismatch: &Mismatch) -> String {
    let mut text =
        "The request signature we calculated does not match the signature you provided. Check your AWS \
                    Secret Access Key and signing method. Consult the service documentation for details."
            .to_owned();
    if let Some(request) = &mismatch.canonical_request {
        text.push_str(&format!("\n\nThe Canonical String for this request should have been\n'{request}'"));
    }
    text.push_str(&format!("\n\nThe String-to-Sign should have been\n'{}'\n", mismatch.string_to_sign));
    text
}

fn long(time: SystemTime) -> String {
    let seconds = super::seconds_since_epoch(time).cast_signed();
    DateTime::from_secs(seconds).fmt(Format::DateTime).unwrap_or_default()
}

fn spaced_hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
