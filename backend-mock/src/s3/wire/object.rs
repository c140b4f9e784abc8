//! Writing and deleting objects.

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::acl::requested_acl;
use super::body::{self, Expected};
use super::call::{Call, user_metadata};
use super::response::insert;
use super::{Operations, access};
use crate::s3::engine::{
    self, ChecksumAlgorithm, Code, ETag as EngineETag, Error, ObjectChecksum, ObjectKey,
};

/// How many keys one DeleteObjects request may name.
const MAX_DELETED: usize = 1000;

/// Every object is encrypted with S3's own keys, and every answer that writes or reads one says so.
pub(super) const ENCRYPTION: &str = ServerSideEncryption::AES256;

pub(super) fn encryption() -> Option<ServerSideEncryption> {
    Some(ServerSideEncryption::from_static(ENCRYPTION))
}

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
    let storage_class = call.storage_class()?.unwrap_or_default();
    let condition = call.write_condition()?;
    let user_metadata = user_metadata(input.metadata)?;
    let expected = Expected::of(call)?;
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
        system_metadata: call.system_metadata(input.content_encoding),
        user_metadata,
        storage_class,
        condition,
        acl: requested_acl(call)?,
    };
    let object = operations.engine().put_object(&caller, &input.bucket, put)?;
    let output = PutObjectOutput {
        e_tag: etag(&object.etag),
        server_side_encryption: encryption(),
        ..PutObjectOutput::default()
    };
    let mut headers = HeaderMap::new();
    insert_checksum(&mut headers, &object.checksum);
    Ok(S3Response::with_headers(output, headers))
}

pub(super) async fn delete_object(
    operations: &Operations,
    call: &Call,
    input: DeleteObjectInput,
) -> Result<S3Response<DeleteObjectOutput>, Error> {
    if call.header("if-match").is_some() {
        return Err(Error::not_implemented("If-Match"));
    }
    let key = ObjectKey::parse(&input.key)?;
    operations.engine().delete_object(&call.caller(), &input.bucket, &key)?;
    Ok(S3Response::new(DeleteObjectOutput::default()))
}

pub(super) async fn delete_objects(
    operations: &Operations,
    call: &Call,
    input: DeleteObjectsInput,
) -> Result<S3Response<DeleteObjectsOutput>, Error> {
    let objects = input.delete.objects;
    if objects.is_empty() || objects.len() > MAX_DELETED {
        return Err(Error::new(Code::MalformedXML));
    }
    for object in &objects {
        let versioned = object.version_id.as_deref().is_some_and(|version| version != "null");
        let refused = [
            ("VersionId", versioned),
            ("ETag", object.e_tag.is_some()),
            ("LastModifiedTime", object.last_modified_time.is_some()),
            ("Size", object.size.is_some()),
        ];
        if let Some((name, _)) = refused.into_iter().find(|(_, given)| *given) {
            return Err(Error::not_implemented(name));
        }
    }
    let (mut keys, mut errors) = (Vec::with_capacity(objects.len()), Vec::new());
    for object in objects {
        let admitted = access::authorize_delete(operations, call, &input.bucket, &object.key, None);
        match admitted.and_then(|()| ObjectKey::parse(&object.key)) {
            Ok(key) => keys.push(key),
            Err(error) => errors.push(s3s::dto::Error {
                code: Some(error.code().as_str().to_owned()),
                key: Some(object.key),
                message: Some(error.message().to_owned()),
                version_id: None,
            }),
        }
    }
    operations.engine().delete_objects(&call.caller(), &input.bucket, &keys)?;
    let deleted = keys
        .iter()
        .filter(|_| input.delete.quiet != Some(true))
        .map(|key| DeletedObject { key: Some(key.to_string()), ..DeletedObject::default() });
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted.collect()),
        errors: Some(errors),
        request_charged: None,
    }))
}
