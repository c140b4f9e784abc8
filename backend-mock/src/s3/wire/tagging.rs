//! Tags of objects: in a header of the request that writes them, and on their own.

use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use super::versioning::version_id;
use crate::s3::engine::{Code, Error, ObjectKey, TagSet, TaggingDirective};

/// The tags that the request gives to what it writes.
pub(super) fn asked(call: &Call) -> Result<TagSet, Error> {
    call.header("x-amz-tagging").map_or_else(|| Ok(TagSet::default()), TagSet::from_header)
}

/// Whose tags a copy gets.
pub(super) fn directive(call: &Call) -> Result<TaggingDirective, Error> {
    const NAME: &str = "x-amz-tagging-directive";
    match call.header(NAME) {
        None | Some("COPY") => Ok(TaggingDirective::Copy),
        Some("REPLACE") => asked(call).map(TaggingDirective::Replace),
        Some(other) => Err(Error::invalid_argument("Unknown tagging directive.", NAME, other)),
    }
}

pub(super) async fn get_object_tagging(
    operations: &Operations,
    call: &Call,
    input: GetObjectTaggingInput,
) -> Result<S3Response<GetObjectTaggingOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let (tags, told) = operations.engine().object_tags(&call.caller(), &input.bucket, &key, asked)?;
    let tag_set =
        tags.iter().map(|(key, value)| Tag { key: Some(key.to_owned()), value: Some(value.to_owned()) });
    Ok(S3Response::new(GetObjectTaggingOutput {
        tag_set: tag_set.collect(),
        version_id: told.map(|id| id.to_string()),
    }))
}

pub(super) async fn put_object_tagging(
    operations: &Operations,
    call: &Call,
    input: PutObjectTaggingInput,
) -> Result<S3Response<PutObjectTaggingOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let malformed = || Error::new(Code::MalformedXML);
    let tags: Vec<(String, String)> = input
        .tagging
        .tag_set
        .into_iter()
        .map(|tag| Ok((tag.key.ok_or_else(malformed)?, tag.value.ok_or_else(malformed)?)))
        .collect::<Result<_, Error>>()?;
    let told = operations.engine().put_object_tags(
        &call.caller(),
        &input.bucket,
        &key,
        asked,
        TagSet::new(tags)?,
    )?;
    Ok(S3Response::new(PutObjectTaggingOutput { version_id: told.map(|id| id.to_string()) }))
}

pub(super) async fn delete_object_tagging(
    operations: &Operations,
    call: &Call,
    input: DeleteObjectTaggingInput,
) -> Result<S3Response<DeleteObjectTaggingOutput>, Error> {
    let (key, asked) = (ObjectKey::parse(&input.key)?, version_id(input.version_id.as_deref())?);
    let none = TagSet::default();
    let told = operations.engine().put_object_tags(&call.caller(), &input.bucket, &key, asked, none)?;
    Ok(S3Response::new(DeleteObjectTaggingOutput { version_id: told.map(|id| id.to_string()) }))
}
