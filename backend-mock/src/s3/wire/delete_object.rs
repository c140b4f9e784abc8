//! Deleting objects and versions, one at a time or up to 1,000 in one request.

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::call::Call;
use super::object_lock::bypass;
use super::response::insert;
use super::versioning::version_id;
use super::{Operations, access};
use crate::s3::engine::{self, Code, Deleted, Error, ObjectKey, VersionId, WriteCondition};

/// How many keys one DeleteObjects request may name.
const MAX_DELETED: usize = 1000;

pub(super) async fn delete_object(
    operations: &Operations,
    call: &Call,
    input: DeleteObjectInput,
) -> Result<S3Response<DeleteObjectOutput>, Error> {
    let headers = delete(operations, call, &input.bucket, &input.key, input.version_id.as_deref())?;
    Ok(S3Response::with_headers(DeleteObjectOutput::default(), headers))
}

/// Deletes an object, or one of its versions; gives the headers of the answer.
pub(super) fn delete(
    operations: &Operations,
    call: &Call,
    bucket: &str,
    key: &str,
    version: Option<&str>,
) -> Result<HeaderMap, Error> {
    let delete = engine::DeleteObject {
        key: ObjectKey::parse(key)?,
        version_id: version_id(version)?,
        condition: WriteCondition::of_delete(call.header("if-match")),
    };
    let deleted = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.delete_object(&call.caller(), bucket, delete, bypass(call), &mut ids)?
    };
    let mut headers = HeaderMap::new();
    if deleted.is_delete_marker {
        insert(&mut headers, "x-amz-delete-marker", "true");
    }
    if let Some(version_id) = deleted.version_id {
        insert(&mut headers, "x-amz-version-id", &version_id.to_string());
    }
    Ok(headers)
}

pub(super) async fn delete_objects(
    operations: &Operations,
    call: &Call,
    input: DeleteObjectsInput,
) -> Result<S3Response<DeleteObjectsOutput>, Error> {
    let named = input.delete.objects;
    // A key has a character or more, says the schema that the request is held to.
    if named.is_empty() || named.len() > MAX_DELETED || named.iter().any(|object| object.key.is_empty()) {
        return Err(Error::new(Code::MalformedXML));
    }
    for object in &named {
        let refused =
            [("LastModifiedTime", object.last_modified_time.is_some()), ("Size", object.size.is_some())];
        if let Some((name, _)) = refused.into_iter().find(|(_, given)| *given) {
            return Err(Error::not_implemented(name));
        }
    }
    let (mut deletes, mut readable, mut errors) = (Vec::with_capacity(named.len()), Vec::new(), Vec::new());
    for object in named {
        let admitted = access::authorize_delete(
            operations,
            call,
            &input.bucket,
            &object.key,
            object.version_id.as_deref(),
        );
        match admitted.and_then(|()| delete_of(&object)) {
            Ok(delete) => {
                deletes.push(delete);
                readable.push(object);
            }
            Err(error) => errors.push(refused(object, &error)),
        }
    }
    let outcomes = {
        let (mut engine, mut ids) = (operations.engine(), operations.ids());
        engine.delete_objects(&call.caller(), &input.bucket, deletes, bypass(call), &mut ids)?
    };
    let mut deleted = Vec::new();
    for (object, outcome) in readable.into_iter().zip(outcomes) {
        match outcome {
            Ok(_) if input.delete.quiet == Some(true) => {}
            Ok(outcome) => deleted.push(told(object, outcome)),
            Err(error) => errors.push(refused(object, &error)),
        }
    }
    Ok(S3Response::new(DeleteObjectsOutput {
        deleted: Some(deleted),
        errors: Some(errors),
        request_charged: None,
    }))
}

fn delete_of(object: &ObjectIdentifier) -> Result<engine::DeleteObject, Error> {
    let key = ObjectKey::parse(&object.key)?;
    let version_id = match object.version_id.as_deref().filter(|text| !text.is_empty()) {
        // Among many, S3 says of what is no version id that there is no such version.
        Some(text) => Some(
            VersionId::parse(text, "versionId").map_err(|_| Error::no_such_version(key.as_str(), text))?,
        ),
        None => None,
    };
    let condition = WriteCondition::of_delete(object.e_tag.as_ref().map(ETag::value));
    Ok(engine::DeleteObject { key, version_id, condition })
}

fn told(object: ObjectIdentifier, deleted: Deleted) -> DeletedObject {
    let id = deleted.version_id.map(|id| id.to_string());
    DeletedObject {
        delete_marker: deleted.is_delete_marker.then_some(true),
        delete_marker_version_id: id.filter(|_| deleted.is_delete_marker),
        key: Some(object.key),
        version_id: object.version_id,
    }
}

fn refused(object: ObjectIdentifier, error: &Error) -> s3s::dto::Error {
    s3s::dto::Error {
        code: Some(error.code().as_str().to_owned()),
        key: Some(object.key),
        message: Some(error.message().to_owned()),
        version_id: object.version_id,
    }
}
