//! Block Public Access: what a bucket refuses or ignores of what would make it public.

use crate::s3::engine::{Caller, Code, Engine, Error};

/// The four settings; all on for a new bucket.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct PublicAccessBlock {
    /// No access control list that is public may be put.
    pub(crate) block_public_acls: bool,
    /// Grants to the public count for nothing.
    pub(crate) ignore_public_acls: bool,
    /// No policy that is public may be put.
    pub(crate) block_public_policy: bool,
    /// A policy that is public lets in the owner's account only.
    pub(crate) restrict_public_buckets: bool,
}

impl PublicAccessBlock {
    pub(crate) const ALL: Self = Self {
        block_public_acls: true,
        ignore_public_acls: true,
        block_public_policy: true,
        restrict_public_buckets: true,
    };
}

impl Engine {
    /// # Errors
    /// `NoSuchPublicAccessBlockConfiguration` once it was deleted.
    pub(crate) fn public_access_block(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<PublicAccessBlock, Error> {
        let block = self.configuration(caller, bucket)?.public_access_block;
        let missing = || Error::new(Code::NoSuchPublicAccessBlockConfiguration).with("BucketName", bucket);
        block.ok_or_else(missing)
    }

    /// Sets all four settings, or takes them away.
    pub(crate) fn put_public_access_block(
        &mut self,
        caller: &Caller,
        bucket: &str,
        block: Option<PublicAccessBlock>,
    ) -> Result<(), Error> {
        self.configuration_mut(caller, bucket)?.public_access_block = block;
        Ok(())
    }
}
