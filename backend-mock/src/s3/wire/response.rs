//! The answer's last touches: errors as S3 words them, and the headers that every answer carries.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::header::{self, HeaderName, HeaderValue};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body::Body as _;

use super::blocked_encryption::BlockedEncryption;
use super::checksum_element::CarriedChecksums;
use super::target::Target;
use crate::context::{Body, RequestContext};
use crate::s3::engine::{Code, Error, http_date};
use crate::seed::IdSource;

/// A bare carriage return in XML reads back as a line feed.
const CARRIAGE_RETURN: &str = "&#13;";

const XML_DECLARATION: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";

const METHODS: [Method; 6] =
    [Method::GET, Method::PUT, Method::POST, Method::DELETE, Method::HEAD, Method::OPTIONS];

/// Marks an answer whose XML holds an entity tag without the quotes that it has everywhere else.
#[derive(Clone, Copy, Debug)]
pub(super) struct BareETag;

/// Marks an answer that has no content, where `s3s` says 200.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoContent;

/// The names of the buckets that a listing tells of, which `s3s` does not write.
#[derive(Clone, Debug)]
pub(super) struct BucketArns(pub(super) Vec<String>);

impl BucketArns {
    fn add_to(&self, xml: &str) -> String {
        const END: &str = "</Bucket>";
        let mut arns = self.0.iter();
        let with_arn = |bucket: &str| {
            let arn = arns.next().filter(|_| bucket.ends_with(END));
            arn.map_or_else(
                || bucket.to_owned(),
                |arn| format!("{}<BucketArn>{arn}</BucketArn>{END}", bucket.trim_end_matches(END)),
            )
        };
        xml.split_inclusive(END).map(with_arn).collect()
    }
}

/// In which order the versions (true) and the delete markers (false) of a listing stand: `s3s` writes them apart.
#[derive(Clone, Debug)]
pub(super) struct VersionOrder(pub(super) Vec<bool>);

impl VersionOrder {
    fn restore(&self, xml: &str) -> String {
        let (mut rest, delete_markers) = taken_out(xml, "DeleteMarker");
        let (others, versions) = taken_out(&rest, "Version");
        rest = others;
        let (mut delete_markers, mut versions) = (delete_markers.into_iter(), versions.into_iter());
        let next = |is_version: &bool| if *is_version { versions.next() } else { delete_markers.next() };
        let entries: String = self.0.iter().filter_map(next).collect();
        let end = rest.rfind("</").unwrap_or(rest.len());
        rest.insert_str(end, &entries);
        rest
    }
}

/// A document without its elements of that name, which hold none of the same, and those elements.
pub(super) fn taken_out(xml: &str, name: &str) -> (String, Vec<String>) {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let (mut kept, mut taken, mut rest) = (String::with_capacity(xml.len()), Vec::new(), xml);
    while let Some((before, inside)) = rest.split_once(&open) {
        let Some((inside, after)) = inside.split_once(&close) else { break };
        kept.push_str(before);
        taken.push(format!("{open}{inside}{close}"));
        rest = after;
    }
    kept.push_str(rest);
    (kept, taken)
}

/// What an answer has to know of its request.
#[derive(Clone)]
pub(super) struct Question {
    method: Method,
    target: String,
    resource_type: &'static str,
    /// Whether no parameter says more than the path.
    is_plain: bool,
    /// Whether it is about an access control list, which has an error of its own for what is malformed.
    is_acl: bool,
    request_id: String,
    host_id: String,
    date: String,
}

impl Question {
    pub(super) fn of(request: &Request<Body>, context: &RequestContext) -> Self {
        let host_id = host_id(&context.request_id);
        Self {
            method: request.method().clone(),
            target: request.uri().path().to_owned(),
            resource_type: Target::of(request.uri(), request.headers()).resource_type(),
            is_plain: request
                .uri()
                .query()
                .is_none_or(|query| query.is_empty() || query.starts_with("x-id=")),
            is_acl: request.uri().query().is_some_and(is_acl),
            request_id: context.request_id.clone(),
            host_id,
            date: http_date(context.now),
        }
    }

    /// The same question, asked for a document itself.
    pub(super) fn as_get(&self) -> Self {
        Self { method: Method::GET, ..self.clone() }
    }

    /// The request's id and that of the host.
    pub(super) fn ids(&self) -> (&str, &str) {
        (&self.request_id, &self.host_id)
    }

    /// The answer to a request that is refused.
    pub(super) fn refuse(&self, error: &Error) -> Response<Body> {
        let status = StatusCode::from_u16(error.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut headers = HeaderMap::new();
        if let Some(region) = error.bucket_region() {
            insert(&mut headers, "x-amz-bucket-region", region.as_str());
        }
        for (name, value) in error.headers() {
            insert(&mut headers, name, value);
        }
        if error.code() == Code::NotModified {
            for (name, value) in error.details() {
                let Ok(name) = HeaderName::from_bytes(name.as_bytes()) else { continue };
                headers.extend(HeaderValue::try_from(value.as_str()).ok().map(|value| (name, value)));
            }
            return self.finish(status, headers, Body::empty());
        }
        let xml = self.error_xml(error.code().as_str(), error.message(), error.details());
        self.finish_xml(status, headers, xml)
    }

    /// An answer without a body, with these headers.
    pub(super) fn answer_with(&self, headers: HeaderMap) -> Response<Body> {
        self.finish(StatusCode::OK, headers, Body::empty())
    }

    /// The answer of an operation: of what was asked for, or of the range of it that was.
    pub(super) fn complete(&self, response: Response<Body>) -> Response<Body> {
        let (parts, body) = response.into_parts();
        let status = match parts.headers.contains_key(header::CONTENT_RANGE) {
            true => StatusCode::PARTIAL_CONTENT,
            false => parts.status,
        };
        self.finish(status, parts.headers, body)
    }

    /// The answer that `s3s` wrote.
    pub(super) fn answer(&self, response: Response<Body>) -> Response<Body> {
        let (mut parts, body) = response.into_parts();
        if parts.status.is_client_error() || parts.status.is_server_error() {
            return match self.takes_no_such_method(&body) {
                Some(error) => self.refuse(&error),
                None => self.refuse_as_s3s_did(parts.status, &body),
            };
        }
        if parts.extensions.get::<NoContent>().is_some() {
            parts.status = StatusCode::NO_CONTENT;
        }
        let body = match (parts.extensions.get::<VersionOrder>(), body.bytes()) {
            (Some(order), Some(xml)) => Body::from(order.restore(&String::from_utf8_lossy(&xml))),
            _ => body,
        };
        let body = match (parts.extensions.get::<BucketArns>(), body.bytes()) {
            (Some(arns), Some(xml)) => Body::from(arns.add_to(&String::from_utf8_lossy(&xml))),
            _ => body,
        };
        let body = match (parts.extensions.get::<BlockedEncryption>(), body.bytes()) {
            (Some(blocked), Some(xml)) => Body::from(blocked.add_to(&String::from_utf8_lossy(&xml))),
            _ => body,
        };
        let body = match (parts.extensions.get::<CarriedChecksums>(), body.bytes()) {
            (Some(carried), Some(xml)) => Body::from(carried.unload(&String::from_utf8_lossy(&xml))),
            _ => body,
        };
        let body = match body.bytes() {
            Some(xml) if parts.extensions.get::<BareETag>().is_some() => {
                let xml = String::from_utf8_lossy(&xml)
                    .replace("<ETag>\"", "<ETag>")
                    .replace("\"</ETag>", "</ETag>");
                Body::from(xml)
            }
            Some(xml) if xml.contains(&b'\r') && is_xml(&parts.headers) => {
                Body::from(String::from_utf8_lossy(&xml).replace('\r', CARRIAGE_RETURN))
            }
            _ => body,
        };
        self.complete(Response::from_parts(parts, body))
    }

    /// The refusal of a method that S3 has not for the service, a bucket or an object. What S3 would make of parameters
    /// that nobody knows here is not known either: they are refused as not implemented.
    fn takes_no_such_method(&self, body: &Body) -> Option<Error> {
        let xml = body.bytes().unwrap_or_default();
        let unknown = element(&String::from_utf8_lossy(&xml), "Message") == Some("Unknown operation");
        let is_plain = self.is_plain || !METHODS.contains(&self.method);
        if !unknown || !is_plain {
            return None;
        }
        if self.method == Method::POST && self.resource_type == "BUCKET" {
            return Some(Error::precondition_failed(
                "Bucket POST must be of the enclosure-type multipart/form-data",
            ));
        }
        Some(Error::method_not_allowed(self.method.as_str(), self.resource_type))
    }

    /// `s3s` refuses what it cannot read with a code, perhaps a message, and nothing else.
    fn refuse_as_s3s_did(&self, status: StatusCode, body: &Body) -> Response<Body> {
        let xml = body.bytes().unwrap_or_default();
        let xml = String::from_utf8_lossy(&xml);
        let code = match element(&xml, "Code").unwrap_or("InternalError") {
            "MalformedXML" if self.is_acl => Code::MalformedACLError.as_str(),
            code => code,
        };
        let message = match (element(&xml, "Message"), Code::parse(code)) {
            (Some("Unknown operation"), _) => {
                format!("{} {} with these parameters is not implemented", self.method, escape(&self.target))
            }
            (Some(message), _) => message.to_owned(),
            (None, Some(known)) => known.message().to_owned(),
            (None, None) => code.to_owned(),
        };
        // Both are as escaped as they were.
        let mut elements = format!("<Code>{code}</Code><Message>{message}</Message>");
        if code == Code::InvalidBucketName.as_str() {
            let bucket = self.target.trim_start_matches('/').split('/').next().unwrap_or_default();
            let _ = write!(elements, "<BucketName>{}</BucketName>", escape(bucket));
        }
        let body = self.error_document(&elements);
        self.finish_xml(status, HeaderMap::new(), body)
    }

    fn error_xml(&self, code: &str, message: &str, details: &[(&'static str, String)]) -> String {
        let mut elements = format!("<Code>{code}</Code><Message>{}</Message>", escape(message));
        for (name, text) in details {
            // Writing to a String cannot fail.
            let _ = write!(elements, "<{name}>{}</{name}>", escape(text));
        }
        self.error_document(&elements)
    }

    fn error_document(&self, elements: &str) -> String {
        let Self { request_id, host_id, .. } = self;
        format!(
            "{XML_DECLARATION}<Error>{elements}<RequestId>{request_id}</RequestId><HostId>{host_id}</HostId></Error>"
        )
    }

    fn finish_xml(&self, status: StatusCode, mut headers: HeaderMap, xml: String) -> Response<Body> {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        let body = if self.method == Method::HEAD { Body::empty() } else { Body::from(xml) };
        self.finish(status, headers, body)
    }

    /// Writes the headers in one order: the ids first, the others by name.
    pub(super) fn finish(&self, status: StatusCode, mut headers: HeaderMap, body: Body) -> Response<Body> {
        let bodiless = matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED);
        if bodiless {
            headers.remove(header::CONTENT_LENGTH);
        } else if self.method != Method::HEAD
            && let Some(length) = body.size_hint().exact()
        {
            headers.insert(header::CONTENT_LENGTH, HeaderValue::from(length));
        }
        insert(&mut headers, "date", &self.date);
        insert(&mut headers, "server", "AmazonS3");
        let mut ordered = HeaderMap::with_capacity(headers.len() + 2);
        insert(&mut ordered, "x-amz-id-2", &self.host_id);
        insert(&mut ordered, "x-amz-request-id", &self.request_id);
        let mut entries: Vec<(HeaderName, HeaderValue)> = Vec::with_capacity(headers.len());
        for (name, value) in headers {
            // The values of a name come one after another, and say the name once.
            let Some(name) = name.or_else(|| entries.last().map(|(name, _)| name.clone())) else { continue };
            entries.push((name, value));
        }
        entries.sort_by(|(one, _), (other, _)| one.as_str().cmp(other.as_str()));
        for (name, value) in entries {
            ordered.append(name, value);
        }
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = ordered;
        response
    }
}

/// The second id of an answer is drawn from the first: it is as long and as opaque as S3's, and replays with it.
fn host_id(request_id: &str) -> String {
    // FNV-1a: ids that differ in a letter begin other sequences.
    let seed = request_id.bytes().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01B3)
    });
    let mut ids = IdSource::new(seed);
    let bytes: Vec<u8> = (0..8).flat_map(|_| ids.next_u64().to_be_bytes()).collect();
    BASE64_STANDARD.encode(bytes)
}

/// Inserts what is a header's value; ids and dates of ours always are.
pub(super) fn insert(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
        headers.insert(HeaderName::from_static(name), value);
    }
}

fn is_acl(query: &str) -> bool {
    query.split('&').any(|parameter| parameter.split('=').next() == Some("acl"))
}

fn is_xml(headers: &HeaderMap) -> bool {
    headers.get(header::CONTENT_TYPE).is_some_and(|value| value.as_bytes().ends_with(b"xml"))
}

pub(super) fn element<'x>(xml: &'x str, name: &str) -> Option<&'x str> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    rest.split_once(&format!("</{name}>")).map(|(text, _)| text)
}

pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('\r', CARRIAGE_RETURN)
}
