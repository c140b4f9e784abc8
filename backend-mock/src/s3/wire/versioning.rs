//! The versions of a bucket: whether it keeps them, and their listing.

use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::acl::owner_of;
use super::call::Call;
use super::listing::{Encoding, MAX_KEYS, page_size};
use super::object::etag;
use super::response::VersionOrder;
use crate::s3::engine::{self, Entry, Error, ListVersions, Version, VersionId};

/// The version that a request names by its parameter `versionId`.
pub(super) fn version_id(named: Option<&str>) -> Result<Option<VersionId>, Error> {
    named.map(|text| VersionId::parse(text, "versionId")).transpose()
}

pub(super) async fn get_bucket_versioning(
    operations: &Operations,
    call: &Call,
    input: GetBucketVersioningInput,
) -> Result<S3Response<GetBucketVersioningOutput>, Error> {
    let versioning = operations.engine().bucket_versioning(&call.caller(), &input.bucket)?;
    Ok(S3Response::new(GetBucketVersioningOutput {
        mfa_delete: None,
        status: versioning.as_str().map(BucketVersioningStatus::from_static),
    }))
}

pub(super) async fn put_bucket_versioning(
    operations: &Operations,
    call: &Call,
    input: PutBucketVersioningInput,
) -> Result<S3Response<PutBucketVersioningOutput>, Error> {
    let configuration = input.versioning_configuration;
    let caller = call.caller();
    operations.engine().head_bucket(&caller, &input.bucket).map(drop)?;
    let status = configuration.status.as_ref().map(BucketVersioningStatus::as_str);
    let versioning = engine::Versioning::parse(status)?;
    match configuration.mfa_delete.as_ref().map(MFADelete::as_str) {
        None | Some("Disabled") => {}
        Some(_) => return Err(Error::not_implemented("MfaDelete")),
    }
    operations.engine().put_bucket_versioning(&caller, &input.bucket, versioning)?;
    Ok(S3Response::new(PutBucketVersioningOutput {}))
}

pub(super) async fn list_object_versions(
    operations: &Operations,
    call: &Call,
    input: ListObjectVersionsInput,
) -> Result<S3Response<ListObjectVersionsOutput>, Error> {
    let (prefix, delimiter) = (input.prefix.unwrap_or_default(), input.delimiter.unwrap_or_default());
    let key_marker = input.key_marker.unwrap_or_default();
    let max_keys = page_size(input.max_keys, MAX_KEYS);
    let list = ListVersions {
        prefix: &prefix,
        delimiter: &delimiter,
        key_marker: &key_marker,
        version_id_marker: version_id_marker(input.version_id_marker.as_deref(), &key_marker)?,
        max_keys,
    };
    let caller = call.caller();
    let (page, owners) = {
        let engine = operations.engine();
        (engine.list_object_versions(&caller, &input.bucket, &list)?, engine.owners(&caller, &input.bucket)?)
    };
    let encoding = Encoding::of(input.encoding_type.as_ref());
    let (mut versions, mut delete_markers, mut common_prefixes) = (Vec::new(), Vec::new(), Vec::new());
    for entry in &page.entries {
        let (key, listed) = match entry {
            Entry::Key(key, listed) => (Some(encoding.write(key.as_str())), listed),
            Entry::CommonPrefix(prefix) => {
                common_prefixes.push(CommonPrefix { prefix: Some(encoding.write(prefix)) });
                continue;
            }
        };
        let is_latest = Some(listed.is_latest);
        let last_modified = Some(listed.version.last_modified().into());
        let version_id = Some(listed.version.id().to_string());
        match &listed.version {
            Version::Object(object) => versions.push(ObjectVersion {
                checksum_algorithm: Some(vec![object.checksum.algorithm().as_str().to_owned().into()]),
                checksum_type: Some(object.checksum.kind().as_str().to_owned().into()),
                e_tag: etag(&object.etag),
                is_latest,
                key,
                last_modified,
                owner: Some(owner_of(&owners.of(object))),
                restore_status: None,
                size: Some(object.content.len() as i64),
                storage_class: Some(object.storage_class.as_str().to_owned().into()),
                version_id,
            }),
            Version::DeleteMarker(_) => delete_markers.push(DeleteMarkerEntry {
                is_latest,
                key,
                last_modified,
                owner: Some(owner_of(owners.bucket())),
                version_id,
            }),
        }
    }
    let (next_key_marker, next_version_id_marker) = match page.entries.last().filter(|_| page.is_truncated) {
        None => (None, None),
        Some(Entry::Key(key, listed)) => {
            (Some(encoding.write(key.as_str())), Some(listed.version.id().to_string()))
        }
        Some(Entry::CommonPrefix(prefix)) => (Some(encoding.write(prefix)), None),
    };
    let order = page.entries.iter().filter_map(|entry| match entry {
        Entry::Key(_, listed) => Some(listed.version.object().is_some()),
        Entry::CommonPrefix(_) => None,
    });
    let order = VersionOrder(order.collect());
    let mut response = S3Response::new(ListObjectVersionsOutput {
        common_prefixes: Some(common_prefixes),
        delete_markers: Some(delete_markers),
        delimiter: (!delimiter.is_empty()).then(|| encoding.write(&delimiter)),
        encoding_type: encoding.name(),
        is_truncated: Some(page.is_truncated),
        key_marker: Some(encoding.write(&key_marker)),
        max_keys: Some(max_keys as i32),
        name: Some(input.bucket),
        next_key_marker,
        next_version_id_marker,
        prefix: Some(encoding.write(&prefix)),
        request_charged: None,
        version_id_marker: Some(input.version_id_marker.unwrap_or_default()),
        versions: Some(versions),
    });
    response.extensions.insert(order);
    Ok(response)
}

fn version_id_marker(marker: Option<&str>, key_marker: &str) -> Result<Option<VersionId>, Error> {
    const NAME: &str = "version-id-marker";
    match marker {
        None => Ok(None),
        Some("") => Err(Error::invalid_argument("A version-id marker cannot be empty.", NAME, "")),
        Some(marker) if key_marker.is_empty() => {
            let message = "A version-id marker cannot be specified without a key marker.";
            Err(Error::invalid_argument(message, NAME, marker))
        }
        Some(marker) => VersionId::parse(marker, NAME).map(Some),
    }
}
