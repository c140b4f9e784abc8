//! The query of a request, where S3 refuses it before it looks for the bucket: parameters that ask for two things at
//! once, or for what is not at that place.
//!
//! Everything else that is not known is passed over, as S3 does.

use http::Method;

use super::target::Target;
use crate::s3::engine::{Code, Error};

/// What a read of a bucket may ask for instead of its objects.
const OF_BUCKETS: [&str; 27] = [
    "abac",
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "encryption",
    "intelligent-tiering",
    "inventory",
    "lifecycle",
    "location",
    "logging",
    "metadataConfiguration",
    "metadataTable",
    "metrics",
    "notification",
    "object-lock",
    "ownershipControls",
    "policy",
    "policyStatus",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "tagging",
    "uploads",
    "versioning",
    "versions",
    "website",
];

/// What a read of an object may ask for instead of its content.
const OF_OBJECTS: [&str; 8] =
    ["acl", "annotation", "attributes", "legal-hold", "retention", "tagging", "torrent", "uploadId"];

/// Parameters that only one of the two listings has, and what the other says to them.
const OF_VERSION_1: [(&str, &str); 1] =
    [("marker", "Marker unsupported with REST.GET.BUCKET in list-type=2")];
const OF_VERSION_2: [(&str, &str); 2] = [
    ("continuation-token", "continuation-token only supported in REST.GET.BUCKET with list-type=2"),
    ("start-after", "startAfter only supported in REST.GET.BUCKET with list-type=2"),
];

/// # Errors
/// `InvalidArgument` for subresources that conflict, parameters of the other listing, a version of a bucket and a value
/// where none may be; `InvalidRequest` for a part of a bucket; `MethodNotAllowed` for the head of a subresource.
pub(super) fn check(method: &Method, target: &Target, query: &[(String, String)]) -> Result<(), Error> {
    if target.bucket.is_none() || ![Method::GET, Method::HEAD].contains(method) {
        return Ok(());
    }
    let is_object = target.key.is_some();
    let subresources = asked(is_object, query);
    if let [first, _, ..] = subresources[..] {
        let message = format!("Conflicting query string parameters: {}", subresources.join(", "));
        return Err(Error::invalid_argument(message, "ResourceType", first));
    }
    if !is_object {
        check_bucket(query, &subresources)?;
    }
    match subresources.first() {
        Some(name) if *method == Method::HEAD => {
            Err(Error::method_not_allowed("HEAD", &name.to_ascii_uppercase()))
        }
        _ => Ok(()),
    }
}

/// The subresources that a request names, in the order in which S3 tells them.
fn asked(is_object: bool, query: &[(String, String)]) -> Vec<&str> {
    let known: &[&str] = if is_object { &OF_OBJECTS } else { &OF_BUCKETS };
    let mut named: Vec<&str> =
        query.iter().map(|(name, _)| name.as_str()).filter(|name| known.contains(name)).collect();
    named.sort_unstable();
    named.dedup();
    let part = query.iter().find(|(name, _)| name == "partNumber");
    // Of an object it chooses a part of what is read, and with an upload it is UploadPart's.
    if part.is_some() && is_object && !matches!(named[..], [] | ["uploadId"]) {
        named.push("partNumber");
        named.sort_unstable();
    }
    named
}

fn check_bucket(query: &[(String, String)], subresources: &[&str]) -> Result<(), Error> {
    let value_of = |wanted: &str| query.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
    if value_of("partNumber").is_some() {
        return Err(Error::invalid_request("Object must have a valid key name."));
    }
    if subresources.is_empty() {
        let others: &[_] = match value_of("list-type").map(String::as_str) {
            Some("2") => &OF_VERSION_1,
            _ => &OF_VERSION_2,
        };
        if let Some((name, message)) = others.iter().find(|(name, _)| value_of(name).is_some()) {
            return Err(Error::with_message(Code::InvalidArgument, *message).with("ArgumentName", name));
        }
    }
    if let Some(version_id) = value_of("versionId") {
        let message = match subresources {
            ["acl"] => "Invalid version id specified",
            _ => "This operation does not accept a version-id.",
        };
        return Err(Error::invalid_argument(message, "versionId", version_id));
    }
    match value_of("website").filter(|value| !value.is_empty()) {
        Some(value) => {
            Err(Error::invalid_argument("The website parameter must not have a value", "website", value))
        }
        None => Ok(()),
    }
}
