//! The canonical form of a request: what is hashed, so that two who write it differently sign the same.

use std::fmt::Write as _;

use http::HeaderMap;
use http::header::HOST;
use http::request::Parts;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use super::authentication::Authentication;
use super::{Flaw, PAYLOAD_HASH, hex};

/// What stands for the body in a signature.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Payload<'b> {
    /// S3: what `x-amz-content-sha256` says, or in a URL that the body is not signed.
    Declared,
    /// Every other service: the hash of the body.
    Whole(&'b [u8]),
}

/// The canonical request.
///
/// # Errors
/// S3 wants the hash of the body in a header, and every `x-amz-` header signed.
pub(super) fn request(
    parts: &Parts,
    authentication: &Authentication,
    payload: Payload<'_>,
) -> Result<String, Flaw> {
    let in_query = authentication.expires.is_some();
    let hash = match payload {
        Payload::Whole(body) => hex(&Sha256::digest(body)),
        Payload::Declared => declared(parts, in_query)?,
    };
    let signed = |name: &str| authentication.signed_headers.iter().any(|signed| signed == name);
    let unsigned: Vec<&str> = parts
        .headers
        .keys()
        .map(http::HeaderName::as_str)
        .filter(|name| wants_signature(name) && !signed(name))
        .collect();
    if matches!(payload, Payload::Declared) && !unsigned.is_empty() {
        return Err(Flaw::HeadersNotSigned(as_told(unsigned).join(", ")));
    }
    let mut text = format!(
        "{}\n{}\n{}\n",
        parts.method,
        path(parts.uri.path(), payload),
        query(parts.uri.query().unwrap_or_default())
    );
    for name in &authentication.signed_headers {
        // Writing to a String cannot fail.
        let _ = writeln!(text, "{name}:{}", header(&parts.headers, name));
    }
    let _ = write!(text, "\n{}\n{hash}", authentication.signed_headers.join(";"));
    Ok(text)
}

/// Whether S3 refuses a request that has the header and does not sign it. The hash of the body is signed by being in the
/// canonical request.
fn wants_signature(name: &str) -> bool {
    let is_of_amazon = name.starts_with("x-amz-") && name != PAYLOAD_HASH;
    is_of_amazon || name == HOST.as_str() || name == "content-md5"
}

/// The names in the order in which S3 tells them, that of a hash set of Java's: by the bucket that a name's hash falls
/// into, of sixteen, doubled while more than three quarters are taken.
fn as_told(mut names: Vec<&str>) -> Vec<&str> {
    let mut buckets: u32 = 16;
    while names.len() as u32 > buckets / 4 * 3 {
        buckets *= 2;
    }
    let bucket = |name: &str| {
        let hash = name.bytes().fold(0u32, |hash, byte| hash.wrapping_mul(31).wrapping_add(byte.into()));
        (hash ^ (hash >> 16)) & (buckets - 1)
    };
    names.sort_by_key(|name| (bucket(name), (*name).to_owned()));
    names
}

fn declared(parts: &Parts, in_query: bool) -> Result<String, Flaw> {
    let header = parts.headers.get(PAYLOAD_HASH).and_then(|value| value.to_str().ok());
    let parameter = || {
        let query = parts.uri.query().unwrap_or_default();
        let mut parameters = form_urlencoded::parse(query.as_bytes());
        let found = parameters.find(|(name, _)| name.eq_ignore_ascii_case("X-Amz-Content-Sha256"));
        found.map(|(_, value)| value.into_owned())
    };
    match header {
        Some(hash) => Ok(hash.to_owned()),
        None if in_query => Ok(parameter().unwrap_or_else(|| "UNSIGNED-PAYLOAD".to_owned())),
        None => Err(Flaw::NoPayloadHash),
    }
}

/// S3 encodes a path once, however it came; other services encode what came once more.
fn path(path: &str, payload: Payload<'_>) -> String {
    let path = if path.is_empty() { "/" } else { path };
    match payload {
        Payload::Declared => encode(&percent_decode(path), true),
        Payload::Whole(_) => encode(path.as_bytes(), true),
    }
}

fn query(query: &str) -> String {
    let mut parameters: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
        .filter(|(name, _)| name != "X-Amz-Signature")
        .map(|(name, value)| (encode(name.as_bytes(), false), encode(value.as_bytes(), false)))
        .collect();
    parameters.sort();
    let parameters: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
    parameters.join("&")
}

/// A header's values without spaces around them and with single ones inside.
fn header(headers: &HeaderMap, name: &str) -> String {
    let values = headers.get_all(name).iter().map(|value| {
        let text = String::from_utf8_lossy(value.as_bytes()).into_owned();
        text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
    });
    values.collect::<Vec<_>>().join(",")
}

/// A key as the path of a URL has it.
pub(crate) fn encode_path(path: &str) -> String {
    encode(path.as_bytes(), true)
}

fn encode(bytes: &[u8], keeps_slash: bool) -> String {
    let mut encoded = String::with_capacity(bytes.len());
    for &byte in bytes {
        let plain = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
        if plain || (keeps_slash && byte == b'/') {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The bytes that a path means; what is no escape stands for itself.
fn percent_decode(text: &str) -> Vec<u8> {
    let (mut decoded, mut rest) = (Vec::with_capacity(text.len()), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = (byte == b'%')
            .then(|| after.get(..2).and_then(|digits| str::from_utf8(digits).ok()))
            .flatten()
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(byte));
        rest = if escaped.is_some() { &after[2..] } else { after };
    }
    decoded
}
