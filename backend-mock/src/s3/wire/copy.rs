//! Copies: CopyObject and UploadPartCopy. The source is read under the lock and digested outside of it.

use std::net::Ipv4Addr;

use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::acl::requested_acl;
use super::call::{Call, user_metadata};
use super::checksum_element::{CarriedChecksums, checksum_text};
use super::encryption::{COPY_SOURCE_CUSTOMER_KEY, CUSTOMER_KEY, customer_key, tell};
use super::lifecycle::insert_expiration;
use super::object::etag;
use super::site::REDIRECT_LOCATION;
use super::versioning::version_id;
use super::{encryption, object_lock, request, tagging};
use crate::s3::engine::{
    self, ChecksumAlgorithm as Algorithm, Code, Content, CopiedObject, CopyRange,
    CopySource as EngineCopySource, Digest, Error, MetadataDirective as Directive, ObjectKey, PartNumber,
    UploadId, VersionId,
};

const COPY_SOURCE: &str = "x-amz-copy-source";

/// The source that the request names: a bucket and a key, URL-encoded, a leading slash or not.
///
/// S3 takes `+` for a space here, as the encoders of forms write it.
pub(super) fn source(call: &Call) -> Result<EngineCopySource, Error> {
    let header = call.header(COPY_SOURCE).unwrap_or_default();
    if header.starts_with("arn:") {
        return Err(Error::not_implemented(COPY_SOURCE));
    }
    let (path, version) = match header.split_once("?versionId=") {
        Some((path, version)) => (path, Some(version)),
        None => (header, None),
    };
    let version_id = version_id(version)?;
    let invalid =
        |what| Error::invalid_argument(format!("Invalid copy source {what}"), COPY_SOURCE, COPY_SOURCE);
    let decoded = decode(path).ok_or_else(|| invalid("encoding"))?;
    let (bucket, key) =
        decoded.trim_start_matches('/').split_once('/').ok_or_else(|| invalid("object key"))?;
    if key.is_empty() {
        return Err(invalid("object key"));
    }
    if !may_be_bucket(bucket) {
        return Err(invalid("bucket name"));
    }
    Ok(EngineCopySource {
        bucket: bucket.to_owned(),
        key: ObjectKey::parse(key)?,
        version_id,
        condition: call.copy_source_condition(),
        customer_key: customer_key(call, COPY_SOURCE_CUSTOMER_KEY)?,
        expected_bucket_owner: call.owned("x-amz-source-expected-bucket-owner"),
    })
}

/// Whether there could be a bucket of this name; old ones may have capitals and underscores.
fn may_be_bucket(name: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._".contains(&byte);
    name.bytes().all(is_plain) && name.parse::<Ipv4Addr>().is_err()
}

/// The text that a form encoder made this of; nothing when it is not UTF-8, or no encoder wrote it.
fn decode(encoded: &str) -> Option<String> {
    request::decoded(encoded)?;
    // `&` and `=` part the pairs of a form; in a path they stand for themselves, and clients may send them bare.
    let encoded = encoded.replace('&', "%26").replace('=', "%3D");
    url::form_urlencoded::parse(encoded.as_bytes()).next().map(|(path, _)| path.into_owned())
}

pub(super) async fn copy_object(
    operations: &Operations,
    call: &Call,
    input: CopyObjectInput,
) -> Result<S3Response<CopyObjectOutput>, Error> {
    let metadata = match call.header("x-amz-metadata-directive") {
        None | Some("COPY") => Directive::Copy,
        Some("REPLACE") => {
            Directive::Replace(call.system_metadata(input.content_encoding), user_metadata(input.metadata)?)
        }
        Some(other) => {
            let name = "x-amz-metadata-directive";
            return Err(Error::invalid_argument("Unknown metadata directive.", name, other));
        }
    };
    let copy = engine::CopyObject {
        key: ObjectKey::parse(&input.key)?,
        source: source(call)?,
        metadata,
        tagging: tagging::directive(call)?,
        storage_class: call.storage_class()?,
        encryption: encryption::asked(call)?,
        lock: object_lock::asked(call)?,
        condition: call.write_condition()?,
        checksum_algorithm: asked_algorithm(call)?,
        acl: requested_acl(call)?,
        website_redirect_location: call.boxed(REDIRECT_LOCATION),
    };
    let caller = call.caller();
    let (source, encryption) = operations.engine().check_copy(&caller, &input.bucket, &copy)?;
    let source_version_id = source.version_id;
    let copied = CopiedObject::new(source, copy.checksum_algorithm, encryption);
    let written = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.copy_object(&caller, &input.bucket, copy, copied, &mut ids)?
    };
    let object = written.object;
    let of = |algorithm| checksum_text(Some(object.checksum.bare()), algorithm);
    let mut response = S3Response::new(CopyObjectOutput {
        copy_object_result: Some(CopyObjectResult {
            checksum_crc32: of(Algorithm::Crc32),
            checksum_crc32c: of(Algorithm::Crc32c),
            checksum_crc64nvme: of(Algorithm::Crc64nvme),
            checksum_sha1: of(Algorithm::Sha1),
            checksum_sha256: of(Algorithm::Sha256),
            checksum_type: Some(object.checksum.kind().as_str().to_owned().into()),
            e_tag: etag(&object.etag),
            last_modified: Some(object.last_modified.into()),
        }),
        copy_source_version_id: told_source_version(source_version_id),
        version_id: written.version_id.map(|id| id.to_string()),
        ..CopyObjectOutput::default()
    });
    response.extensions.insert(CarriedChecksums);
    insert_expiration(&mut response.headers, written.expiration.as_ref());
    Ok(tell(response, &object.encryption))
}

/// The version that was copied; of a null version S3 says nothing.
fn told_source_version(version_id: Option<VersionId>) -> Option<String> {
    version_id.filter(|id| *id != VersionId::Null).map(|id| id.to_string())
}

/// The algorithm that `x-amz-checksum-algorithm` asks for.
pub(super) fn asked_algorithm(call: &Call) -> Result<Option<Algorithm>, Error> {
    let parse = |name| {
        Algorithm::parse(name).ok_or_else(|| {
            Error::invalid_request(format!(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [{}]",
                Algorithm::ALL.map(Algorithm::as_str).join(", ")
            ))
        })
    };
    call.header("x-amz-checksum-algorithm").map(parse).transpose()
}

pub(super) async fn upload_part_copy(
    operations: &Operations,
    call: &Call,
    input: UploadPartCopyInput,
) -> Result<S3Response<UploadPartCopyOutput>, Error> {
    let caller = call.caller();
    let number = PartNumber::try_from(input.part_number)?;
    let key = ObjectKey::parse(&input.key)?;
    let upload_id = UploadId::from(input.upload_id.as_str());
    let source = source(call)?;
    let range = call.header("x-amz-copy-source-range").map(CopyRange::parse).transpose()?;
    let customer_key = customer_key(call, CUSTOMER_KEY)?;
    let (source, algorithms, encryption) = {
        let engine = operations.engine();
        let upload = engine.multipart_upload(&caller, &input.bucket, &key, &upload_id)?;
        // A copied part brings no checksum of its own: it gets the one that the upload asks for.
        let algorithms = upload.part_algorithms(upload.checksum.map(|(algorithm, _)| algorithm))?;
        (engine.copy_source(&caller, &source)?, algorithms, upload.encryption().clone())
    };
    let content: Content = match range {
        Some(range) => source.object.content.range(range.resolve(source.object.content.len())?),
        None => source.object.content.clone(),
    };
    if content.len() > engine::MAX_PUT_BYTES {
        return Err(Error::new(Code::EntityTooLarge));
    }
    let digest = match encryption.keeps_md5() {
        true => Digest::of(&content, &algorithms),
        false => Digest::without_md5(&content, &algorithms),
    };
    let part = engine::UploadPart { key, upload_id, number, content, digest, given: None, customer_key };
    let part = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.upload_part(&caller, &input.bucket, part, &mut ids)?
    };
    let of = |algorithm| checksum_text(part.checksum(), algorithm);
    let mut response = S3Response::new(UploadPartCopyOutput {
        copy_part_result: Some(CopyPartResult {
            checksum_crc32: of(Algorithm::Crc32),
            checksum_crc32c: of(Algorithm::Crc32c),
            checksum_crc64nvme: of(Algorithm::Crc64nvme),
            checksum_sha1: of(Algorithm::Sha1),
            checksum_sha256: of(Algorithm::Sha256),
            e_tag: etag(&part.etag()),
            last_modified: Some(part.last_modified.into()),
        }),
        copy_source_version_id: told_source_version(source.version_id),
        ..UploadPartCopyOutput::default()
    });
    response.extensions.insert(CarriedChecksums);
    Ok(tell(response, &encryption))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_decoded_as_a_path() {
        assert_eq!(decode("films/a+b%20c%2Bd").as_deref(), Some("films/a b c+d"));
        assert_eq!(decode("films/a&b=c").as_deref(), Some("films/a&b=c"));
        assert_eq!(decode("films/%EF%BF%BD").as_deref(), Some("films/\u{fffd}"));
        assert_eq!(decode("films/%FF"), None);
    }
}
