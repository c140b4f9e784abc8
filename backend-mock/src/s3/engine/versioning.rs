//! Whether a bucket keeps the versions of its objects.

use super::{Bucket, Caller, Code, Engine, Error, Object, VersionId};

/// The state of a bucket's versioning. Once enabled it can only be suspended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Versioning {
    #[default]
    Unversioned,
    Enabled,
    Suspended,
}

impl Versioning {
    /// What GetBucketVersioning says; nothing of a bucket that never had versions.
    pub(crate) fn as_str(self) -> Option<&'static str> {
        match self {
            Self::Unversioned => None,
            Self::Enabled => Some("Enabled"),
            Self::Suspended => Some("Suspended"),
        }
    }

    /// The state that a request asks for.
    ///
    /// # Errors
    /// `IllegalVersioningConfigurationException` if it asks for none, `MalformedXML` if for an unknown one.
    pub(crate) fn parse(status: Option<&str>) -> Result<Self, Error> {
        match status {
            Some("Enabled") => Ok(Self::Enabled),
            Some("Suspended") => Ok(Self::Suspended),
            Some(_) => Err(Error::new(Code::MalformedXML)),
            None => Err(Error::new(Code::IllegalVersioningConfigurationException)),
        }
    }
}

impl Bucket {
    pub(super) fn versioning(&self) -> Versioning {
        self.versioning
    }

    /// The id that answers tell of a version: none where there never were versions.
    pub(super) fn told_id(&self, object: &Object) -> Option<VersionId> {
        (self.versioning != Versioning::Unversioned).then_some(object.version_id)
    }
}

impl Engine {
    pub(crate) fn bucket_versioning(&self, caller: &Caller, bucket: &str) -> Result<Versioning, Error> {
        Ok(self.bucket(caller, bucket)?.versioning)
    }

    /// # Errors
    /// `InvalidBucketState` for suspending the versions of a bucket with object lock.
    pub(crate) fn put_bucket_versioning(
        &mut self,
        caller: &Caller,
        bucket: &str,
        versioning: Versioning,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, bucket)?;
        if bucket.object_lock.is_some() && versioning != Versioning::Enabled {
            let message = "An Object Lock configuration is present on this bucket, so the versioning state cannot be \
                           changed.";
            return Err(Error::with_message(Code::InvalidBucketState, message));
        }
        bucket.versioning = versioning;
        Ok(())
    }
}
