//! Writing objects.

use bytes::Bytes;
use futures_util::Stream;
use http::HeaderMap;
use s3s::dto::*;
use s3s::{S3Response, StdError};

use super::Operations;
use super::acl::requested_acl;
use super::body::{self, Digests, Expected};
use super::call::Call;
use super::encryption::insert_encryption_of_written;
use super::lifecycle::insert_expiration;
use super::response::insert;
use crate::s3::engine::{
    self, ChecksumAlgorithm, Code, ETag as EngineETag, Error, ObjectChecksum, ObjectKey,
};

pub(super) fn etag(etag: &EngineETag) -> Option<ETag> {
    Some(ETag::Strong(etag.to_string()))
}

/// A checksum as the header of its algorithm, with its type.
pub(super) fn insert_checksum(headers: &mut HeaderMap, checksum: &ObjectChecksum) {
    insert(headers, checksum.algorithm().header(), &checksum.to_string());
    insert(headers, "x-amz-checksum-type", checksum.kind().as_str());
}

/// What a request to write an object brings, beside what its [`Call`] has.
pub(super) struct Put<B> {
    pub(super) bucket: String,
    pub(super) key: String,
    /// What is left of it once aws-chunked is gone.
    pub(super) content_encoding: Option<String>,
    pub(super) metadata: Option<Metadata>,
    pub(super) body: B,
}

pub(super) async fn put_object(
    operations: &Operations,
    call: &Call,
    input: PutObjectInput,
) -> Result<S3Response<PutObjectOutput>, Error> {
    let PutObjectInput { bucket, key, content_encoding, metadata, body, .. } = input;
    let body = body.ok_or_else(|| Error::new(Code::MissingRequestBodyError))?;
    let put = Put { bucket, key, content_encoding, metadata, body };
    let headers = self::put(operations, call, put).await?;
    Ok(S3Response::with_headers(PutObjectOutput::default(), headers))
}

/// Writes an object; gives the headers of the answer.
pub(super) async fn put<B>(operations: &Operations, call: &Call, put: Put<B>) -> Result<HeaderMap, Error>
where
    B: Stream<Item = Result<Bytes, StdError>> + Unpin,
{
    let Put { bucket, key, content_encoding, metadata, body } = put;
    let caller = call.caller();
    operations.engine().head_bucket(&caller, &bucket).map(drop)?;
    let key = ObjectKey::parse(&key)?;
    let headers = call.object_headers(content_encoding, metadata)?;
    let condition = call.write_condition()?;
    let expected = Expected::of(call)?;
    let (locks, keeps_md5) = {
        let engine = operations.engine();
        let locks = engine.locks_new_objects(&caller, &bucket, &headers.lock)?;
        (locks, engine.keeps_md5_of_new(&caller, &bucket, headers.encryption.as_ref())?)
    };
    if locks && !expected.has_any() {
        return Err(Error::invalid_request(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock \
             parameters",
        ));
    }
    let checksums = [expected.algorithm().unwrap_or(ChecksumAlgorithm::DEFAULT)];
    let digests = Digests { md5: keeps_md5, checksums: &checksums };
    let mut received = body::receive(body, call, &expected, digests).await?;
    // The digest holds the one checksum that was asked for.
    let checksum = received.digest.checksums.pop().ok_or_else(|| Error::new(Code::InternalError))?;
    let put = engine::PutObject {
        key,
        content: received.content,
        md5: received.digest.md5,
        checksum,
        headers,
        condition,
        acl: requested_acl(call)?,
    };
    let written = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.put_object(&caller, &bucket, put, &mut ids)?
    };
    let object = written.object;
    let mut headers = HeaderMap::with_capacity(16);
    insert(&mut headers, "etag", &object.etag.quoted());
    if let Some(version_id) = written.version_id {
        insert(&mut headers, "x-amz-version-id", &version_id.to_string());
    }
    insert_checksum(&mut headers, &object.checksum);
    insert_expiration(&mut headers, written.expiration.as_ref());
    insert_encryption_of_written(&mut headers, &object.encryption);
    Ok(headers)
}
