//! Deleting many objects: chunks of 1,000, and what could not be deleted is not lost in a success.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_s3::types::{Delete, ObjectIdentifier};
use session_core::{Error, ErrorKind};

use super::bucket::Bucket;
use crate::service::S3;

/// The most keys that DeleteObjects takes.
const KEYS_A_REQUEST: usize = 1_000;

/// Deletes the keys and adds what became of them to `deleted`.
pub(super) async fn delete_keys<'k>(
    bucket: &Bucket,
    keys: impl Iterator<Item = &'k str>,
    deleted: &mut DeletedObjects,
) -> Result<(), Error> {
    delete_versions(bucket, keys.map(|key| (key, None)), deleted).await
}

/// Deletes the keys, or the versions of them that are named, and adds what became of them to `deleted`.
pub(super) async fn delete_versions<'k>(
    bucket: &Bucket,
    versions: impl Iterator<Item = (&'k str, Option<&'k str>)>,
    deleted: &mut DeletedObjects,
) -> Result<(), Error> {
    let identifier = |(key, id): (&str, Option<&str>)| {
        ObjectIdentifier::builder().key(key).set_version_id(id.map(str::to_owned)).build()
    };
    let identifiers = versions.map(identifier).collect::<Result<Vec<_>, _>>()?;
    for chunk in identifiers.chunks(KEYS_A_REQUEST) {
        let delete = Delete::builder().set_objects(Some(chunk.to_vec())).quiet(true).build()?;
        let output = bucket.delete_objects().delete(delete).send().await?;
        let failures = output.errors.unwrap_or_default().into_iter().map(DeleteFailure::from);
        let before = deleted.failures.len();
        deleted.failures.extend(failures);
        // Quiet: the answer lists failures alone.
        deleted.count += chunk.len().saturating_sub(deleted.failures.len() - before);
    }
    Ok(())
}

/// What became of the objects that were to be deleted.
#[derive(Clone, Debug, Default)]
#[must_use = "some objects may not have been deleted: ask `failures`, or `complete` for an error"]
pub struct DeletedObjects {
    count: usize,
    failures: Vec<DeleteFailure>,
}

impl DeletedObjects {
    /// How many objects were deleted.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The objects that S3 would not delete.
    pub fn failures(&self) -> &[DeleteFailure] {
        &self.failures
    }

    /// How many objects were deleted, if all were.
    ///
    /// # Errors
    /// The kind of the first failure, with its code, and [`DeleteFailures`] as the source, when any object was not
    /// deleted.
    pub fn complete(self) -> Result<usize, Error> {
        let Some(first) = self.failures.first() else { return Ok(self.count) };
        let kind = match first.code.as_str() {
            "AccessDenied" => ErrorKind::AccessDenied,
            "SlowDown" => ErrorKind::Throttled,
            _ => ErrorKind::Service,
        };
        let message = format!(
            "{} of {} objects were not deleted, the first being `{}`: {}",
            self.failures.len(),
            self.count + self.failures.len(),
            first.key,
            first.message,
        );
        Err(Error::new(kind, message)
            .with_service(S3::NAME)
            .with_operation("DeleteObjects")
            .with_code(first.code.clone())
            .with_source(DeleteFailures(self.failures)))
    }
}

/// An object that S3 would not delete, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeleteFailure {
    /// The object's key.
    pub key: String,
    /// The version that was to be deleted, if one was named.
    pub version_id: Option<String>,
    /// S3's code, such as `AccessDenied`.
    pub code: String,
    /// S3's message.
    pub message: String,
}

impl From<aws_sdk_s3::types::Error> for DeleteFailure {
    fn from(error: aws_sdk_s3::types::Error) -> Self {
        Self {
            key: error.key.unwrap_or_default(),
            version_id: error.version_id,
            code: error.code.unwrap_or_default(),
            message: error.message.unwrap_or_default(),
        }
    }
}

/// The objects that S3 would not delete, as the source of an [`Error`].
#[derive(Clone, Debug)]
pub struct DeleteFailures(pub Vec<DeleteFailure>);

impl fmt::Display for DeleteFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, DeleteFailure { key, code, .. }) in self.0.iter().take(10).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{key}` ({code})")?;
        }
        match self.0.len().saturating_sub(10) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl StdError for DeleteFailures {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_an_error_only_when_completeness_is_asked_for() {
        let denied = DeleteFailure {
            key: "locked".into(),
            version_id: None,
            code: "AccessDenied".into(),
            message: "Access Denied".into(),
        };
        let deleted = DeletedObjects { count: 2, failures: vec![denied.clone()] };
        assert_eq!((deleted.count(), deleted.failures().len()), (2, 1));
        let error = deleted.complete().unwrap_err();
        assert!(error.is_access_denied() && error.to_string().contains("1 of 3 objects"), "{error}");
        let failures = error.source().and_then(|source| source.downcast_ref::<DeleteFailures>()).unwrap();
        assert_eq!(failures.0, [denied]);
    }
}
