//! The short road: reading, writing and deleting an object, past `s3s`.
//!
//! `s3s` finds an operation by its method and path, looks for some fifty headers by name, and makes of them an input of
//! which we read four members: more than a third of what a small request costs. A [`PlainObject`] is a request whose every
//! part is known to say no more to `s3s` than that. Whatever is not known here takes the long road, errors included; from
//! the decision of access on, both are the same functions.

use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Response, StatusCode};
use s3s::dto::Metadata;
use s3s::path::{check_bucket_name, check_key};

use super::call::Call;
use super::object::Put;
use super::read::Read;
use super::request::{self, Received};
use super::target::Target;
use super::{Operations, access, delete_object, object, read, requester_pays, site};
use crate::aws_chunked::{self, Trailers};
use crate::context::Body;
use crate::s3::engine::Error;

/// The most digits of a length that `s3s` never takes for too many.
const MAX_LENGTH_DIGITS: usize = 18;

const METADATA: &str = "x-amz-meta-";

/// An operation on the one object that the request names.
#[derive(Debug)]
pub(super) struct PlainObject {
    operation: Operation,
    bucket: String,
    key: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operation {
    Get,
    Head,
    Put,
    Delete,
}

impl Operation {
    fn of(method: &Method) -> Option<Self> {
        match *method {
            Method::GET => Some(Self::Get),
            Method::HEAD => Some(Self::Head),
            Method::PUT => Some(Self::Put),
            Method::DELETE => Some(Self::Delete),
            _ => None,
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Get => "GetObject",
            Self::Head => "HeadObject",
            Self::Put => "PutObject",
            Self::Delete => "DeleteObject",
        }
    }
}

impl PlainObject {
    /// Nothing for a request that is about anything else, or of which `s3s` might have something to say.
    pub(super) fn of(parts: &Parts) -> Option<Self> {
        let operation = Operation::of(&parts.method)?;
        let headers = &parts.headers;
        let once = headers.len() == headers.keys_len();
        if !(once && says_nothing(parts.uri.query()) && headers.iter().all(is_plain)) {
            return None;
        }
        let target = Target::of(&parts.uri, headers);
        let (bucket, key) = target.bucket.zip(target.key)?;
        let key = request::decoded(key)?;
        (check_bucket_name(&bucket) && check_key(&key)).then(|| Self {
            operation,
            bucket: bucket.into_owned(),
            key,
        })
    }
}

/// SDKs name the operation in a parameter that S3 passes over.
fn says_nothing(query: Option<&str>) -> bool {
    let Some(query) = query.filter(|query| !query.is_empty()) else { return true };
    query.strip_prefix("x-id=").is_some_and(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric()))
}

/// Whether operations on objects read a header from the [`Call`] alone, if they read it at all, and `s3s` takes it as it
/// is.
fn is_plain((name, value): (&HeaderName, &HeaderValue)) -> bool {
    let Ok(text) = value.to_str() else { return false };
    match name.as_str() {
        "content-length" | "x-amz-decoded-content-length" => {
            (1..=MAX_LENGTH_DIGITS).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
        }
        "accept"
        | "accept-encoding"
        | "amz-sdk-invocation-id"
        | "amz-sdk-request"
        | "authorization"
        | "cache-control"
        | "connection"
        | "content-disposition"
        | "content-encoding"
        | "content-language"
        | "content-md5"
        | "content-type"
        | "expires"
        | "host"
        | "if-match"
        | "if-modified-since"
        | "if-none-match"
        | "if-unmodified-since"
        | "origin"
        | "range"
        | "referer"
        | "user-agent"
        | "x-amz-acl"
        | "x-amz-bypass-governance-retention"
        | "x-amz-checksum-crc32"
        | "x-amz-checksum-crc32c"
        | "x-amz-checksum-crc64nvme"
        | "x-amz-checksum-md5"
        | "x-amz-checksum-mode"
        | "x-amz-checksum-sha1"
        | "x-amz-checksum-sha256"
        | "x-amz-checksum-sha512"
        | "x-amz-checksum-xxhash128"
        | "x-amz-checksum-xxhash3"
        | "x-amz-checksum-xxhash64"
        | "x-amz-content-sha256"
        | "x-amz-date"
        | "x-amz-expected-bucket-owner"
        | "x-amz-grant-full-control"
        | "x-amz-grant-read"
        | "x-amz-grant-read-acp"
        | "x-amz-grant-write-acp"
        | "x-amz-object-lock-legal-hold"
        | "x-amz-object-lock-mode"
        | "x-amz-object-lock-retain-until-date"
        | "x-amz-request-payer"
        | "x-amz-sdk-checksum-algorithm"
        | "x-amz-security-token"
        | "x-amz-server-side-encryption"
        | "x-amz-server-side-encryption-aws-kms-key-id"
        | "x-amz-server-side-encryption-bucket-key-enabled"
        | "x-amz-server-side-encryption-context"
        | "x-amz-server-side-encryption-customer-algorithm"
        | "x-amz-server-side-encryption-customer-key"
        | "x-amz-server-side-encryption-customer-key-md5"
        | "x-amz-storage-class"
        | "x-amz-tagging"
        | "x-amz-trailer"
        | "x-amz-user-agent"
        | "x-amz-website-redirect-location" => true,
        // An encoded word is for `s3s` to decode.
        name => name.starts_with(METADATA) && !text.contains("=?"),
    }
}

/// The metadata of a request that is plain.
fn metadata(headers: &HeaderMap) -> Option<Metadata> {
    let entries = headers.iter().filter_map(|(name, value)| {
        let name = name.as_str().strip_prefix(METADATA).filter(|name| !name.is_empty())?;
        Some((name.to_owned(), value.to_str().ok()?.to_owned()))
    });
    let metadata: Metadata = entries.collect();
    (!metadata.is_empty()).then_some(metadata)
}

impl Operations {
    /// Carries out what a request asks for; `s3s` would have come to the same.
    ///
    /// # Cancellation
    /// As [`Wire::respond`](super::Wire::respond).
    pub(super) async fn carry_out(
        &self,
        plain: PlainObject,
        received: Received,
    ) -> Result<Response<Body>, Error> {
        let PlainObject { operation, bucket, key } = plain;
        let Received { mut parts, mut body, context } = received;
        site::check_redirect_location(&parts.headers)?;
        request::check_payload_hash(&parts, &[])?;
        let chunked = aws_chunked::is_encoded(&parts.headers).then(|| parts.headers.clone());
        let trailers = match chunked {
            Some(_) => request::decode_chunks(&mut parts, &mut body)?,
            None => Trailers::default(),
        };
        let declared = request::declared_length(&parts, &[], &body)?;
        let content_encoding = parts.headers.get(header::CONTENT_ENCODING);
        let content_encoding = content_encoding.and_then(|value| value.to_str().ok());
        let content_encoding = content_encoding.filter(|text| !text.is_empty()).map(str::to_owned);
        let call = Call::new(context, chunked.unwrap_or(parts.headers), trailers, declared);
        access::decide(self, &call, operation.name(), &bucket, Some(&key), "")?;
        let mut response = match operation {
            Operation::Put => {
                let metadata = metadata(call.headers());
                let put = Put { bucket, key, content_encoding, metadata, body };
                answer(StatusCode::OK, object::put(self, &call, put).await?, Body::empty())
            }
            Operation::Get => {
                let (headers, content) = read::get(self, &call, Read::of(bucket, key))?;
                answer(StatusCode::OK, headers, read::body_of(content))
            }
            Operation::Head => {
                answer(StatusCode::OK, read::head(self, &call, Read::of(bucket, key))?, Body::empty())
            }
            Operation::Delete => {
                let headers = delete_object::delete(self, &call, &bucket, &key, None)?;
                answer(StatusCode::NO_CONTENT, headers, Body::empty())
            }
        };
        requester_pays::tell(&call, response.headers_mut());
        Ok(response)
    }
}

fn answer(status: StatusCode, headers: HeaderMap, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}
