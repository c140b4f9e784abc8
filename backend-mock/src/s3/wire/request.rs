//! From what a client sent to what `s3s` reads: no signature, no aws-chunked, no header that `s3s` would misread.

use bytes::Bytes;
use http::header::{self, HeaderName, HeaderValue};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};
use http_body::Body as _;
use url::form_urlencoded;

use super::body::{self, Digests, Expected};
use super::call::Call;
use super::header_names::HeaderNames;
use super::target::Target;
use super::{
    blocked_encryption, checksum_element, copy, integer_element, query, site, subresource, unsupported,
};
use crate::aws_chunked::{self, Decoded, Trailers};
use crate::context::{Body, RequestContext, WithoutLength};
use crate::s3::engine::{Code, Content, Error};
use crate::signature::{ChunkSignatures, PAYLOAD_HASH};

/// What carries a signature: `s3s` refuses a signed request when it holds no secrets.
const SIGNATURE_HEADERS: [&str; 4] = ["authorization", "x-amz-security-token", "x-amz-date", PAYLOAD_HASH];
const SIGNATURE_PARAMETERS: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
    "X-Amz-Security-Token",
];

/// The same of the old signature, Version 2; nobody but its `AWSAccessKeyId` gives the other two away.
const OLD_SIGNATURE_PARAMETERS: [&str; 3] = ["AWSAccessKeyId", "Expires", "Signature"];

/// Parameters that S3 passes over where they are empty.
const OPTIONAL_NUMBERS: [&str; 2] = ["max-parts", "part-number-marker"];

/// A completion that says nothing of its parts.
const NO_PARTS: &[u8] = b"<CompleteMultipartUpload/>";

/// What `x-amz-content-sha256` may be instead of a hash.
const UNHASHED_PAYLOADS: [&str; 6] = [
    "UNSIGNED-PAYLOAD",
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
    "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
];

/// Headers that operations read from the [`Call`]: where `s3s` fails on a value, S3 passes over it or says more.
const READ_FROM_THE_CALL: [&str; 14] = [
    "range",
    "if-match",
    "if-none-match",
    "if-modified-since",
    "if-unmodified-since",
    "expires",
    "x-amz-bypass-governance-retention",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-mp-object-size",
    "x-amz-object-lock-retain-until-date",
    "x-amz-server-side-encryption-bucket-key-enabled",
];

/// What is stored with an object as it came, and read from the [`Call`]: `s3s` refuses what is not ASCII.
const STORED_HEADERS: [HeaderName; 4] =
    [header::CACHE_CONTROL, header::CONTENT_DISPOSITION, header::CONTENT_LANGUAGE, header::CONTENT_TYPE];

/// How long all headers of a request may be.
///
/// Source: S3's answer as recorded in versitygw's issue 2180.
const MAX_HEADER_BYTES: usize = 8 << 10;

/// A request as it came, before anything is made of it.
pub(super) struct Received {
    pub(super) parts: Parts,
    pub(super) body: Body,
    pub(super) context: RequestContext,
}

impl Received {
    /// # Errors
    /// `InvalidURI` where the authority of the request's URI cannot be a host, `RequestHeaderSectionTooLarge` for more
    /// headers than S3 reads.
    pub(super) fn new(request: Request<Body>, context: RequestContext) -> Result<Self, Error> {
        let (mut parts, body) = request.into_parts();
        check_size(&parts.headers)?;
        name_the_host(&parts.uri, &mut parts.headers)?;
        Ok(Self { parts, body, context })
    }
}

fn check_size(headers: &HeaderMap) -> Result<(), Error> {
    let size: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum();
    match size > MAX_HEADER_BYTES {
        true => Err(Error::new(Code::RequestHeaderSectionTooLarge).with("MaxSizeAllowed", MAX_HEADER_BYTES)),
        false => Ok(()),
    }
}

/// A request that `s3s` reads as S3 would have, with its [`Call`] in the extensions.
pub(super) async fn plain(received: Received) -> Result<(Request<Body>, Call), Error> {
    let Received { mut parts, mut body, context } = received;
    if decoded(parts.uri.path()).is_none() {
        return Err(Error::new(Code::InvalidURI).with("URI", parts.uri.path()));
    }
    let query = query_of(&parts.uri);
    promote_parameters(&query, &mut parts.headers)?;
    let target = Target::of(&parts.uri, &parts.headers);
    unsupported::check(&target, &parts.headers, &query)?;
    query::check(&parts.method, &target, &query)?;
    subresource::check(&parts.method, &target, &query)?;
    site::check_redirect_location(&parts.headers)?;
    check_parameters(&parts.method, &query)?;
    check_part(&parts.method, &query)?;
    check_attributes(&parts.method, &parts.headers, &query)?;
    check_payload_hash(&parts, &query)?;

    join_repeated(&mut parts.headers);
    let mut received = parts.headers.clone();
    keep_signature_date(&query, &mut received);
    let trailers = match aws_chunked::is_encoded(&parts.headers) {
        true => decode_chunks(&mut parts, &mut body)?,
        false => Trailers::default(),
    };
    let declared = declared_length(&parts, &query, &body)?;
    let call = Call::new(context, received, trailers, declared);

    parts.uri = without_signature(&parts.uri, &mut parts.headers)?;
    let names = HeaderNames::of(&parts.headers);
    for name in READ_FROM_THE_CALL.into_iter().filter(|name| names.may_have(name)) {
        parts.headers.remove(name);
    }
    for name in STORED_HEADERS {
        let value = parts.headers.get(&name).map(HeaderValue::as_bytes).unwrap_or_default();
        if !value.is_ascii() && str::from_utf8(value).is_ok() {
            parts.headers.remove(name);
        }
    }
    if let Some(source) = parts.headers.get("x-amz-copy-source") {
        if parts.method != Method::PUT {
            return Err(Error::invalid_argument(
                "You can only specify a copy source header for copy requests.",
                "x-amz-copy-source",
                String::from_utf8_lossy(source.as_bytes()),
            ));
        }
        // Operations read the source from the call. What s3s reads tells it only that this is a copy.
        copy::source(&call)?;
        parts.headers.insert("x-amz-copy-source", HeaderValue::from_static("source/key"));
        parts.headers.remove("x-amz-copy-source-range");
    }
    if let Some(content) =
        whole_body(&parts.method, &parts.uri, &parts.headers, &query, &mut body, &call).await?
    {
        let bytes = bytes_of(&content);
        parts.headers.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
        body = Body::from(bytes);
    }
    parts.extensions.insert(call.clone());
    Ok((Request::from_parts(parts, body), call))
}

fn bytes_of(content: &Content) -> Vec<u8> {
    content.segments().flatten().copied().collect()
}

/// Takes the aws-chunked encoding off a body; gives the trailers to come.
pub(super) fn decode_chunks(parts: &mut Parts, body: &mut Body) -> Result<Trailers, Error> {
    let hash = parts.headers.get(PAYLOAD_HASH);
    let signed_chunks = hash.is_some_and(|hash| hash.as_bytes().starts_with(b"STREAMING-AWS4-HMAC-SHA256"));
    let (length, trailers) = aws_chunked::decode_headers(&mut parts.headers);
    let length = length.ok_or_else(|| Error::new(Code::MissingContentLength))?;
    let signatures = parts.extensions.remove::<ChunkSignatures>().filter(|_| signed_chunks);
    let decoded = Decoded::new(std::mem::take(body), length, trailers.clone()).verified_by(signatures);
    *body = Body::http_body_unsync(decoded);
    Ok(trailers)
}

/// The length that the body has by what the request says, or by what it is.
pub(super) fn declared_length(
    parts: &Parts,
    query: &[(String, String)],
    body: &Body,
) -> Result<Option<u64>, Error> {
    match parts.headers.get(header::CONTENT_LENGTH) {
        Some(length) => {
            let length = length.to_str().ok().and_then(|length| length.trim().parse().ok());
            length
                .map(Some)
                .ok_or_else(|| Error::with_message(Code::InvalidArgument, "Invalid Content-Length"))
        }
        None if lacks_length(parts, query) => Ok(None),
        None => Ok(body.size_hint().exact()),
    }
}

/// Whether a client that writes an object left out what it has to say of the length, even of no bytes.
fn lacks_length(parts: &Parts, query: &[(String, String)]) -> bool {
    parts.extensions.get::<WithoutLength>().is_some() && is_upload(parts, query)
}

/// Whether this is PutObject or UploadPart.
fn is_upload(parts: &Parts, query: &[(String, String)]) -> bool {
    let is_body = |(name, _): &(String, String)| matches!(name.as_str(), "partNumber" | "uploadId" | "x-id");
    parts.method == Method::PUT
        && Target::of(&parts.uri, &parts.headers).key.is_some()
        && !parts.headers.contains_key("x-amz-copy-source")
        && query.iter().all(|parameter| is_body(parameter) || is_signature_parameter(&parameter.0))
}

/// The text that a path stands for: a path is text, and its escapes are whole.
pub(super) fn decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path);
    while let Some(at) = rest.find('%') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let digits =
            rest.get(at + 1..at + 3).filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        rest = &rest[at + 3..];
    }
    bytes.extend_from_slice(rest.as_bytes());
    String::from_utf8(bytes).ok()
}

/// Puts the authority of an absolute URI into the `Host` header if the request has none.
fn name_the_host(uri: &Uri, headers: &mut HeaderMap) -> Result<(), Error> {
    if !headers.contains_key(header::HOST)
        && let Some(authority) = uri.authority()
    {
        let host = HeaderValue::try_from(authority.as_str()).map_err(|_| Error::new(Code::InvalidURI))?;
        headers.insert(header::HOST, host);
    }
    Ok(())
}

/// A presigned URL may carry headers as parameters: S3 reads an `x-amz-` parameter as the header of that name.
fn promote_parameters(query: &[(String, String)], headers: &mut HeaderMap) -> Result<(), Error> {
    for (name, value) in query.iter().filter(|(name, _)| is_header_parameter(name)) {
        let header = name.parse::<HeaderName>().ok().zip(HeaderValue::try_from(value.as_str()).ok());
        let (header, value) =
            header.ok_or_else(|| Error::invalid_argument("Invalid parameter", name, value))?;
        headers.entry(header).or_insert(value);
    }
    Ok(())
}

/// Metadata that is given more than once under a name is one entry: the values, with commas between them. So are the
/// attributes to be told of an object: some SDKs repeat the header, others write one list.
fn join_repeated(headers: &mut HeaderMap) {
    let joins = |name: &str| name.starts_with("x-amz-meta-") || name == "x-amz-object-attributes";
    let repeated: Vec<HeaderName> = headers
        .keys()
        .filter(|name| joins(name.as_str()))
        .filter(|name| headers.get_all(*name).iter().nth(1).is_some())
        .cloned()
        .collect();
    for name in repeated {
        let values: Vec<&[u8]> = headers.get_all(&name).iter().map(HeaderValue::as_bytes).collect();
        if let Ok(joined) = HeaderValue::from_bytes(&values.join(&b',')) {
            headers.insert(name, joined);
        }
    }
}

/// A presigned URL has the time of its signature in the query; bucket policies ask for it.
fn keep_signature_date(query: &[(String, String)], headers: &mut HeaderMap) {
    let date = query.iter().find(|(name, _)| name.eq_ignore_ascii_case("X-Amz-Date"));
    if let Some(date) = date.and_then(|(_, date)| HeaderValue::try_from(date.as_str()).ok()) {
        headers.entry("x-amz-date").or_insert(date);
    }
}

fn is_header_parameter(name: &str) -> bool {
    name.get(..6).is_some_and(|start| start.eq_ignore_ascii_case("x-amz-")) && !is_signature_parameter(name)
}

fn is_signature_parameter(name: &str) -> bool {
    SIGNATURE_PARAMETERS.iter().any(|signature| signature.eq_ignore_ascii_case(name))
}

/// Takes out all that belongs to a signature, in headers and in the query, and gives the URI in its origin form.
fn without_signature(uri: &Uri, headers: &mut HeaderMap) -> Result<Uri, Error> {
    SIGNATURE_HEADERS.iter().for_each(|name| drop(headers.remove(*name)));
    fn name_of(parameter: &str) -> &str {
        parameter.split('=').next().unwrap_or_default()
    }
    let parameters = || uri.query().unwrap_or_default().split('&');
    let has_old_signature = parameters().any(|parameter| name_of(parameter) == OLD_SIGNATURE_PARAMETERS[0]);
    let unsigned: Vec<&str> = parameters()
        .filter(|parameter| {
            let name = name_of(parameter);
            let old = has_old_signature && OLD_SIGNATURE_PARAMETERS.contains(&name);
            let unsaid = OPTIONAL_NUMBERS.contains(&name) && parameter[name.len()..].len() < 2;
            let declined = name == "fetch-owner" && *parameter != "fetch-owner=true";
            !old && !unsaid && !declined && !is_signature_parameter(name) && !is_header_parameter(name)
        })
        .collect();
    let query = unsigned.join("&");
    let path = match uri.path() {
        "" => "/",
        path => path,
    };
    let origin = if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") };
    origin.parse().map_err(|_| Error::new(Code::InvalidURI))
}

fn query_of(uri: &Uri) -> Vec<(String, String)> {
    let query = uri.query().unwrap_or_default();
    form_urlencoded::parse(query.as_bytes()).into_owned().collect()
}

/// The parameters whose errors S3 words in its own way.
fn check_parameters(method: &Method, query: &[(String, String)]) -> Result<(), Error> {
    // Of a part that is read, the object decides; one that is written, or copied, is not asked for its source first.
    let (writes, in_parts) = (*method == Method::PUT, |number: i32| (1..=10_000).contains(&number));
    for (name, value) in query {
        match name.as_str() {
            name if OPTIONAL_NUMBERS.contains(&name) && value.is_empty() => {}
            "max-keys" | "max-uploads" | "max-parts" | "part-number-marker" => match value.parse::<i32>() {
                Ok(0..) => {}
                Ok(_) => {
                    // As AWS words it, for the listings of objects alone.
                    let name = if name == "max-keys" { "maxKeys" } else { name };
                    let message = format!("Argument {name} must be an integer between 0 and 2147483647");
                    return Err(Error::invalid_argument(message, name, value));
                }
                Err(_) => {
                    let message = format!("Provided {name} not an integer or within integer range");
                    return Err(Error::invalid_argument(message, name, value));
                }
            },
            "partNumber" if value.parse::<i32>().map_or(true, |number| writes && !in_parts(number)) => {
                let message = "Part number must be an integer between 1 and 10000, inclusive";
                return Err(Error::invalid_argument(message, name, value));
            }
            // The operation knows the bounds.
            "max-buckets" if value.parse::<i32>().is_err() => {
                let message = "Provided max-buckets not an integer or within integer range";
                return Err(Error::invalid_argument(message, name, value));
            }
            "encoding-type" if value != "url" => {
                return Err(Error::invalid_argument(
                    "Invalid Encoding Method specified in Request",
                    name,
                    value,
                ));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Half of a part's address is none: `s3s` would take the part for the whole object.
fn check_part(method: &Method, query: &[(String, String)]) -> Result<(), Error> {
    let value_of = |name: &str| query.iter().find(|(parameter, _)| parameter == name);
    match (value_of("partNumber"), value_of("uploadId")) {
        (Some((name, value)), None) if method == Method::PUT => Err(Error::invalid_argument(
            "This operation does not accept partNumber without uploadId",
            name,
            value,
        )),
        (None, Some(_)) if method == Method::PUT => {
            Err(Error::method_not_allowed("PUT", "UPLOAD").with_header("allow", "DELETE, POST, GET"))
        }
        _ => Ok(()),
    }
}

/// GetObjectAttributes gives what it is asked for, and is asked for something.
fn check_attributes(method: &Method, headers: &HeaderMap, query: &[(String, String)]) -> Result<(), Error> {
    let asks = *method == Method::GET && query.iter().any(|(name, _)| name == "attributes");
    match headers.get("x-amz-object-attributes").is_some_and(|names| !names.is_empty()) {
        false if asks => Err(Error::invalid_request(
            "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty",
        )),
        _ => Ok(()),
    }
}

/// A signature covers the body by its hash, or says why it does not.
pub(super) fn check_payload_hash(parts: &Parts, query: &[(String, String)]) -> Result<(), Error> {
    let Some(hash) = parts.headers.get(PAYLOAD_HASH) else { return Ok(()) };
    let text = hash.to_str().unwrap_or_default();
    let encoding = parts.headers.get(header::CONTENT_ENCODING).and_then(|value| value.to_str().ok());
    if text == "UNSIGNED-PAYLOAD" && aws_chunked::is_named(&parts.headers) {
        let message =
            "aws-chunked encoding is not supported when x-amz-content-sha256 UNSIGNED-PAYLOAD is supplied";
        return Err(Error::invalid_argument(message, "Content-Encoding", encoding.unwrap_or_default()));
    }
    let authorization = parts.headers.get(header::AUTHORIZATION).filter(|value| !value.is_empty());
    let in_query = query.iter().any(|(name, _)| is_signature_parameter(name) || name == "Signature");
    if authorization.is_none() && !in_query && text.starts_with("STREAMING-AWS4-") {
        return Err(Error::invalid_request(
            "Anonymous requests don't support this x-amz-content-sha256 value. Please use UNSIGNED-PAYLOAD or \
             STREAMING-UNSIGNED-PAYLOAD-TRAILER.",
        ));
    }
    if !authorization.is_some_and(|value| value.as_bytes().starts_with(b"AWS4-")) {
        return Ok(());
    }
    if text.ends_with("-TRAILER") && UNHASHED_PAYLOADS.contains(&text) && !is_upload(parts, query) {
        return Err(Error::invalid_request("The value of x-amz-content-sha256 header is invalid."));
    }
    let is_hash = text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_hash || UNHASHED_PAYLOADS.contains(&text) {
        return Ok(());
    }
    let (last, others) = UNHASHED_PAYLOADS
        .split_last()
        .map_or(("", String::new()), |(last, others)| (*last, others.join(", ")));
    let message = format!("x-amz-content-sha256 must be {others}, {last} or a valid sha256 value.");
    Err(Error::invalid_argument(message, PAYLOAD_HASH, text))
}

/// How long the document of a website may be.
const MAX_WEBSITE_BYTES: u64 = 128 << 10;

/// The documents of a bucket that S3 takes only with a digest of them.
///
/// Source: "Content-MD5" in the references of these operations, and S3's answers as recorded in versitygw's issues 1301
/// and 1521.
const VOUCHED_OF_BUCKETS: [&str; 4] = ["cors", "lifecycle", "object-lock", "tagging"];

/// The documents of an object that S3 takes only with a digest of them; its tags come without.
///
/// Source: S3's answers as recorded in versitygw's issues 1311 and 1662.
const VOUCHED_OF_OBJECTS: [&str; 1] = ["legal-hold"];

fn unvouched() -> Error {
    Error::invalid_request("Missing required header for this request: Content-MD5 OR x-amz-checksum-*")
}

/// The bodies that are read here because `s3s` would pass over something: digests of a DeleteObjects request, and tags
/// of a new bucket.
async fn whole_body(
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
    query: &[(String, String)],
    body: &mut Body,
    call: &Call,
) -> Result<Option<Content>, Error> {
    let has = |name: &str| query.iter().any(|(parameter, _)| parameter == name);
    if *method == Method::POST && has("delete") {
        let expected = Expected::of(call)?;
        if !expected.has_any() {
            return Err(unvouched());
        }
        let received = body::receive(body, call, &expected, Digests::default()).await?;
        integer_element::check(&bytes_of(&received.content))?;
        return Ok(Some(received.content));
    }
    let is_of_bucket = Target::of(uri, headers).key.is_none();
    let configures = is_of_bucket || ["acl", "tagging", "retention", "legal-hold"].into_iter().any(has);
    if *method == Method::PUT && configures && call.body_length() != Some(0) {
        if has("website") && call.body_length().is_some_and(|length| length > MAX_WEBSITE_BYTES) {
            return Err(
                Error::new(Code::MaxMessageLengthExceeded).with("MaxMessageLengthBytes", MAX_WEBSITE_BYTES)
            );
        }
        let expected = Expected::of(call)?;
        let vouched: &[&str] = if is_of_bucket { &VOUCHED_OF_BUCKETS } else { &VOUCHED_OF_OBJECTS };
        if !expected.has_any() && vouched.iter().any(|name| has(name)) {
            return Err(unvouched());
        }
        let received = body::receive(body, call, &expected, Digests::default()).await?;
        integer_element::check(&bytes_of(&received.content))?;
        call.keep_document(&received.content);
        if has("encryption")
            && let Some(xml) = blocked_encryption::without(&bytes_of(&received.content))
        {
            return Ok(Some(Content::from(Bytes::from(xml))));
        }
        return Ok(Some(received.content));
    }
    let completes = *method == Method::POST && has("uploadId");
    if completes && call.body_length() == Some(0) {
        // The operation refuses it; s3s would not ask it.
        return Ok(Some(Content::from(Bytes::from_static(NO_PARTS))));
    }
    if completes && call.body_length().is_some() {
        let received = body::receive(body, call, &Expected::of_document(call)?, Digests::default()).await?;
        let xml = bytes_of(&received.content);
        integer_element::check(&xml)?;
        let loaded = checksum_element::load(&xml).map(|xml| Content::from(Bytes::from(xml)));
        return Ok(Some(loaded.unwrap_or(received.content)));
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_leaves_no_trace() {
        let uri = "https://films.s3.amazonaws.com/a%20b?X-Amz-Algorithm=AWS4-HMAC-SHA256&partNumber=1\
                   &X-Amz-Credential=x&X-Amz-Date=x&X-Amz-Expires=1&X-Amz-SignedHeaders=host&X-Amz-Signature=x\
                   &X-Amz-Security-Token=x&x-id=UploadPart";
        let mut headers = HeaderMap::new();
        headers.insert("authorization", HeaderValue::from_static("AWS4-HMAC-SHA256 Credential=x"));
        headers.insert("x-amz-date", HeaderValue::from_static("20260101T000000Z"));
        let uri = without_signature(&uri.parse().unwrap(), &mut headers).unwrap();
        assert_eq!(uri, "/a%20b?partNumber=1&x-id=UploadPart");
        assert!(headers.is_empty());
    }
}
