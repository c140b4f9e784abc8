//! Requester Pays: who is charged has to say that they know, and is told that they were.

use http::HeaderMap;

use super::call::Call;
use super::response::insert;
use crate::s3::engine::{Caller, Engine, Error};

const PAYER: &str = "x-amz-request-payer";
const CHARGED: &str = "x-amz-request-charged";
const REQUESTER: &str = "requester";

/// The operations whose answers say who was charged, by the S3 API reference.
const TELLING: [&str; 24] = [
    "AbortMultipartUpload",
    "CompleteMultipartUpload",
    "CopyObject",
    "CreateMultipartUpload",
    "DeleteObject",
    "DeleteObjects",
    "GetBucketAccelerateConfiguration",
    "GetObject",
    "GetObjectAcl",
    "GetObjectAttributes",
    "HeadObject",
    "ListMultipartUploads",
    "ListObjectVersions",
    "ListObjects",
    "ListObjectsV2",
    "ListParts",
    "PutObject",
    "PutObjectAcl",
    "PutObjectLegalHold",
    "PutObjectLockConfiguration",
    "PutObjectRetention",
    "RestoreObject",
    "UploadPart",
    "UploadPartCopy",
];

/// Decides whether the request goes on when its bucket lets requesters pay, and remembers that one does.
///
/// # Errors
/// As [`Engine::charges`].
pub(super) fn decide(
    engine: &Engine,
    call: &Call,
    caller: &Caller,
    operation: &str,
    bucket: &str,
) -> Result<(), Error> {
    // Whoever makes a bucket will be its owner, and is told so when somebody else is.
    if operation == "CreateBucket" {
        return Ok(());
    }
    let knows = call.header(PAYER) == Some(REQUESTER);
    if engine.charges(caller, bucket, knows)? && TELLING.contains(&operation) {
        call.charge();
    }
    Ok(())
}

/// Tells the requester of a charge.
pub(super) fn tell(call: &Call, headers: &mut HeaderMap) {
    if call.is_charged() {
        insert(headers, CHARGED, REQUESTER);
    }
}
