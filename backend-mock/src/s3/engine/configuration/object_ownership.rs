//! Ownership controls: whose the objects are that others write, and whether there are access control lists.

use crate::s3::engine::{AccessControlList, Caller, CanonicalUserId, Code, Engine, Error};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ObjectOwnership {
    /// The bucket's owner owns everything, and access control lists are disabled.
    #[default]
    BucketOwnerEnforced,
    /// The bucket's owner owns what is handed over by `bucket-owner-full-control`.
    BucketOwnerPreferred,
    ObjectWriter,
}

impl ObjectOwnership {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::BucketOwnerEnforced, Self::BucketOwnerPreferred, Self::ObjectWriter]
            .into_iter()
            .find(|ownership| ownership.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::BucketOwnerEnforced => "BucketOwnerEnforced",
            Self::BucketOwnerPreferred => "BucketOwnerPreferred",
            Self::ObjectWriter => "ObjectWriter",
        }
    }
}

impl Engine {
    /// # Errors
    /// `OwnershipControlsNotFoundError` once they were deleted.
    pub(crate) fn ownership_controls(&self, caller: &Caller, bucket: &str) -> Result<ObjectOwnership, Error> {
        let ownership = self.configuration(caller, bucket)?.ownership;
        ownership.ok_or_else(|| Error::new(Code::OwnershipControlsNotFoundError).with("BucketName", bucket))
    }

    /// # Errors
    /// `InvalidBucketAclWithObjectOwnership` when lists are to be disabled while the bucket's grants something to others.
    pub(crate) fn put_ownership_controls(
        &mut self,
        caller: &Caller,
        name: &str,
        ownership: ObjectOwnership,
    ) -> Result<(), Error> {
        let bucket = self.bucket_mut(caller, name)?;
        let private = AccessControlList::private(&CanonicalUserId::of(bucket.owner()));
        if ownership == ObjectOwnership::BucketOwnerEnforced {
            if *bucket.acl() != private {
                return Err(Error::new(Code::InvalidBucketAclWithObjectOwnership).with("BucketName", name));
            }
            bucket.configuration_mut().acl = None;
        }
        bucket.configuration_mut().ownership = Some(ownership);
        Ok(())
    }

    pub(crate) fn delete_ownership_controls(&mut self, caller: &Caller, bucket: &str) -> Result<(), Error> {
        self.configuration_mut(caller, bucket)?.ownership = None;
        Ok(())
    }
}
