//! The policy of a bucket: put, told, deleted, and whether it is public.

use crate::s3::engine::access::{denied_because, partition, resource};
use crate::s3::engine::{Caller, Code, Engine, Error};
use crate::s3::policy::{Asked, ConditionKeys, Policy, PolicyError, Requester, Verdict};

/// A bucket's policy as it is to be from now on.
pub(crate) struct PutBucketPolicy<'r> {
    pub(crate) policy: &'r str,
    /// Whether the caller may lock themselves out.
    pub(crate) confirms_removal_of_own_access: bool,
    pub(crate) keys: &'r dyn ConditionKeys,
}

impl From<PolicyError> for Error {
    fn from(error: PolicyError) -> Self {
        match error {
            PolicyError::TooLarge => Self::new(Code::PolicyTooLarge),
            PolicyError::Malformed(message) => Self::with_message(Code::MalformedPolicy, message),
        }
    }
}

impl Engine {
    /// # Errors
    /// `NoSuchBucketPolicy`.
    pub(crate) fn bucket_policy(&self, caller: &Caller, bucket: &str) -> Result<&Policy, Error> {
        let policy = self.configuration(caller, bucket)?.policy.as_ref();
        policy.ok_or_else(|| Error::new(Code::NoSuchBucketPolicy).with("BucketName", bucket))
    }

    /// # Errors
    /// `MalformedPolicy`, or `AccessDenied` for a public policy that is blocked, and for one that would keep the caller
    /// from ever putting another without their saying so.
    pub(crate) fn put_bucket_policy(
        &mut self,
        caller: &Caller,
        name: &str,
        put: &PutBucketPolicy<'_>,
    ) -> Result<(), Error> {
        let bucket = self.bucket(caller, name)?;
        let policy = Policy::parse(put.policy, name)?;
        let partition = partition(bucket.region());
        let requester = Requester::new(&caller.account_id, partition);
        let (action, resource) = ("s3:PutBucketPolicy", resource(partition, name, None));
        if policy.is_public() && bucket.configuration().blocks(|block| block.block_public_policy) {
            let reason = "because public policies are prevented by the BlockPublicPolicy setting in S3 Block \
                          Public Access.";
            return Err(denied_because(&requester, action, &resource, reason));
        }
        let asked = Asked { requester: &requester, action, resource: &resource, keys: put.keys };
        if !put.confirms_removal_of_own_access && policy.evaluate(&asked) == Verdict::Denied {
            return Err(Error::access_denied());
        }
        self.configuration_mut(caller, name)?.policy = Some(policy);
        Ok(())
    }

    pub(crate) fn delete_bucket_policy(&mut self, caller: &Caller, bucket: &str) -> Result<(), Error> {
        self.configuration_mut(caller, bucket)?.policy = None;
        Ok(())
    }
}
