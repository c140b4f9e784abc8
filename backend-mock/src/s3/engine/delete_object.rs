//! Deleting: the current object, under a delete marker where there are versions, or one version for good.

use super::{Bucket, Caller, Engine, Error, ObjectKey, Version, VersionId, Versioning, WriteCondition};
use crate::seed::IdSource;

/// What a request asks to delete.
#[derive(Clone, Debug)]
pub(crate) struct DeleteObject {
    pub(crate) key: ObjectKey,
    /// One version for good; none for what is current.
    pub(crate) version_id: Option<VersionId>,
    /// What is expected of the current version, whichever is deleted.
    pub(crate) condition: WriteCondition,
}

impl DeleteObject {
    /// Whatever is current under the key.
    #[cfg(test)]
    pub(crate) fn of(key: ObjectKey) -> Self {
        Self { key, version_id: None, condition: WriteCondition::None }
    }
}

/// What a delete did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    /// The version that is gone, or the delete marker that has come.
    pub(crate) version_id: Option<VersionId>,
    /// Whether that version is or was a delete marker.
    pub(crate) is_delete_marker: bool,
}

impl Engine {
    /// Deletes what a key holds; that it holds nothing is no error.
    ///
    /// # Errors
    /// `InvalidArgument` for a version where there never were any, or for bypassing locks where there are none;
    /// `AccessDenied` for a version that is held; `PreconditionFailed`, `NoSuchKey`.
    pub(crate) fn delete_object(
        &mut self,
        caller: &Caller,
        bucket: &str,
        delete: DeleteObject,
        bypass: Option<bool>,
        ids: &mut IdSource,
    ) -> Result<Deleted, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        let bypass = bucket.check_bypass(bypass)?;
        bucket.delete(caller, delete, bypass, ids)
    }

    /// Deletes many, in one step: each is deleted or refused on its own.
    pub(crate) fn delete_objects(
        &mut self,
        caller: &Caller,
        bucket: &str,
        deletes: Vec<DeleteObject>,
        bypass: Option<bool>,
        ids: &mut IdSource,
    ) -> Result<Vec<Result<Deleted, Error>>, Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        let bypass = bucket.check_bypass(bypass)?;
        Ok(deletes.into_iter().map(|delete| bucket.delete(caller, delete, bypass, ids)).collect())
    }
}

impl Bucket {
    fn delete(
        &mut self,
        caller: &Caller,
        delete: DeleteObject,
        bypass: bool,
        ids: &mut IdSource,
    ) -> Result<Deleted, Error> {
        let DeleteObject { key, version_id, condition } = delete;
        condition.check(&key, self.objects.get(&key).map(|object| &object.etag))?;
        match (version_id, self.versioning) {
            (Some(VersionId::Null) | None, Versioning::Unversioned) => {
                self.objects.remove_current(&key);
                Ok(Deleted::default())
            }
            (Some(id), Versioning::Unversioned) => Err(VersionId::invalid(id, "versionId")),
            (None, versioning) => {
                let marker = self.objects.put_delete_marker(key, caller.now, versioning, ids);
                Ok(Deleted { version_id: Some(marker.version_id), is_delete_marker: true })
            }
            (Some(id), _) => {
                if let Some(Version::Object(object)) = self.objects.version(&key, id) {
                    self.check_deletable(&object, caller.now, bypass)?;
                }
                let removed = self.objects.remove(&key, id);
                let is_delete_marker = matches!(removed, Some(Version::DeleteMarker(_)));
                Ok(Deleted { version_id: Some(id), is_delete_marker })
            }
        }
    }
}
