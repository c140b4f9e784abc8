//! Encryption keys of the customer's own: given as bytes, sent as base64 with their MD5 beside them.

use aws_smithy_types::base64;
use md5::{Digest, Md5};

use super::{Customized, Value};
use crate::error::Error;

/// The operations of S3 that take one.
pub(super) const OPERATIONS: &[&str] = &[
    "HeadObject",
    "GetObject",
    "PutObject",
    "CopyObject",
    "CreateMultipartUpload",
    "UploadPart",
    "UploadPartCopy",
    "CompleteMultipartUpload",
    "SelectObjectContent",
];

/// Encodes the key of the object, unless its MD5 is given: then both are taken as they are.
pub(super) fn encode(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    encode_member(input, "SSECustomerKey", "SSECustomerKeyMD5");
    Ok(())
}

/// Encodes the key of a copy's source, in the same way.
pub(super) fn encode_of_source(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    encode_member(input, "CopySourceSSECustomerKey", "CopySourceSSECustomerKeyMD5");
    Ok(())
}

fn encode_member(input: &mut Value, key_member: &str, md5_member: &str) {
    if input.get(md5_member).is_some() {
        return;
    }
    let Some(key) = input.get_mut(key_member) else { return };
    let bytes = match &*key {
        Value::String(text) => text.as_bytes(),
        Value::Blob(bytes) => bytes.as_ref(),
        _ => return,
    };
    let (encoded, digest) = (base64::encode(bytes), base64::encode(Md5::digest(bytes)));
    *key = Value::String(encoded);
    input.insert(md5_member, digest);
}
