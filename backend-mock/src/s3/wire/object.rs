//! Writing objects.

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::acl::requested_acl;
use super::body::{self, Expected};
use super::call::Call;
use super::encryption::tell;
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

pub(super) async fn put_object(
    operations: &Operations,
    call: &Call,
    input: PutObjectInput,
) -> Result<S3Response<PutObjectOutput>, Error> {
    let caller = call.caller();
    operations.engine().head_bucket(&caller, &input.bucket).map(drop)?;
    let key = ObjectKey::parse(&input.key)?;
    let headers = call.object_headers(input.content_encoding, input.metadata)?;
    let condition = call.write_condition()?;
    let expected = Expected::of(call)?;
    let locks = operations.engine().locks_new_objects(&caller, &input.bucket, &headers.lock)?;
    if locks && !expected.has_any() {
        return Err(Error::invalid_request(
            "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock \
             parameters",
        ));
    }
    let algorithm = expected.algorithm().unwrap_or(ChecksumAlgorithm::DEFAULT);
    let Some(stream) = input.body else { return Err(Error::new(Code::MissingRequestBodyError)) };
    let mut received = body::receive(stream, call, &expected, &[algorithm]).await?;
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
        engine.put_object(&caller, &input.bucket, put, &mut ids)?
    };
    let object = written.object;
    let output = PutObjectOutput {
        e_tag: etag(&object.etag),
        version_id: written.version_id.map(|id| id.to_string()),
        ..PutObjectOutput::default()
    };
    let mut headers = HeaderMap::with_capacity(16);
    insert_checksum(&mut headers, &object.checksum);
    insert_expiration(&mut headers, written.expiration.as_ref());
    Ok(tell(S3Response::with_headers(output, headers), &object.encryption))
}
