//! The buckets of the whole cloud and what they hold: S3's documented behaviour without its protocol.
//!
//! Every operation is a plain function on [`Engine`]: input in, output or [`Error`] out, the time and the ids passed in.
//! State lives in persistent maps, and bodies are shared segments, so a clone of an engine costs the same whatever it holds.

mod access;
mod acl;
mod bucket;
mod bucket_namespace;
mod checksum;
mod complete_multipart_upload;
mod completions;
pub(crate) mod configuration;
mod content;
mod copy_object;
mod cors;
mod delete_object;
mod digest;
mod encryption;
mod error;
mod etag;
mod get_object;
mod key;
mod lifecycle;
mod lifecycle_run;
mod list_versions;
mod listing;
mod multipart_upload;
mod object;
mod object_lock;
mod part_number;
mod precondition;
mod put_object;
mod range;
mod tagging;
mod version_id;
mod versioning;
mod versions;

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

pub(crate) use super::canonical_user::CanonicalUserId;
pub(crate) use super::policy::ConditionKeys;
use crate::context::{AccountId, RegionName};

pub(crate) use access::{Access, Owners};
pub(crate) use acl::{
    AccessControlList, CannedAcl, Grant, Grantee, Group, ObjectAccess, Permission, RequestedAcl,
};
pub(crate) use bucket::{BucketName, CreateBucket, LocationConstraint, bucket_arn};
pub(crate) use bucket_namespace::BucketNamespace;
pub(crate) use checksum::{Checksum, ChecksumAlgorithm, ChecksumType, GIVEN_BASE64, ObjectChecksum};
pub(crate) use complete_multipart_upload::{CompleteMultipartUpload, CompletedPart};
pub(crate) use configuration::policy::PutBucketPolicy;
pub(crate) use configuration::{ObjectOwnership, PublicAccessBlock};
pub(crate) use content::{Content, Gathering};
pub(crate) use copy_object::{CopiedObject, CopyObject, CopySource, MetadataDirective, TaggingDirective};
pub(crate) use cors::CorsRequest;
pub(crate) use delete_object::{DeleteObject, Deleted};
pub(crate) use digest::{Digest, Digester};
pub(crate) use encryption::{CustomerKey, Encryption, KmsEncryption};
pub(crate) use error::{Code, Error, http_date};
pub(crate) use etag::ETag;
pub(crate) use get_object::{GetObject, ObjectRead};
pub(crate) use key::ObjectKey;
pub(crate) use lifecycle::{
    Due, Expiration, FilterForm, LifecycleConfiguration, LifecycleFilter, LifecycleRule,
    MinimumTransitionSize, NoncurrentExpiration, NoncurrentTransition, Transition, When,
};
pub(crate) use list_versions::ListVersions;
pub(crate) use listing::{Entry, ListObjects, Page, Start};
pub(crate) use multipart_upload::{
    CreateMultipartUpload, ListParts, ListUploads, MultipartUpload, Part, UploadId, UploadPart,
};
pub(crate) use object::{Object, ObjectHeaders, ObjectPart, StorageClass, SystemMetadata, UserMetadata};
pub(crate) use object_lock::{
    DefaultRetention, ObjectLock, ObjectLockConfiguration, Retention, RetentionMode, RetentionPeriod,
};
pub(crate) use part_number::PartNumber;
pub(crate) use precondition::{ReadCondition, WriteCondition};
pub(crate) use put_object::{PutObject, Written};
pub(crate) use range::{ByteRange, CopyRange};
pub(crate) use tagging::TagSet;
pub(crate) use version_id::VersionId;
pub(crate) use versioning::Versioning;
pub(crate) use versions::{DeleteMarker, Version};

use bucket::Bucket;

/// The largest body of one PutObject, UploadPart or CopyObject: 5 GiB.
pub(crate) const MAX_PUT_BYTES: u64 = 5 << 30;

/// Who asks, from where, when, and whom they expect to own the bucket.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) account_id: AccountId,
    pub(crate) region: RegionName,
    pub(crate) now: SystemTime,
    /// `x-amz-expected-bucket-owner`: the request fails when somebody else owns the bucket.
    pub(crate) expected_bucket_owner: Option<String>,
}

/// Every bucket of the cloud: names are global, so accounts and regions share one engine.
#[derive(Clone, Debug, Default)]
pub(crate) struct Engine {
    buckets: OrdMap<BucketName, Arc<Bucket>>,
    /// How many multipart uploads have begun; upload ids begin with it, so that their order is that of initiation.
    uploads_initiated: u64,
    /// The day until whose beginning all lifecycle rules have been carried out.
    lifecycle_day: Option<u64>,
}

impl Engine {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The bucket that a request names, after the checks that S3 makes of every request: it exists, it is in the
    /// region of the endpoint, and whom the caller expects to owns it. What the caller may do there is decided before,
    /// by [`Engine::authorize`].
    fn bucket(&self, caller: &Caller, name: &str) -> Result<&Bucket, Error> {
        let bucket = self.bucket_anywhere(caller, name)?;
        if bucket.region() != &caller.region {
            return Err(Error::permanent_redirect(name, bucket.region()));
        }
        Ok(bucket)
    }

    /// Where a bucket is, whoever asks: AWS's names of buckets lead there.
    pub(crate) fn bucket_region(&self, name: &str) -> Option<&RegionName> {
        self.buckets.get(name).map(|bucket| bucket.region())
    }

    /// As [`Engine::bucket`], for the few requests that an endpoint of another region answers too.
    fn bucket_anywhere(&self, caller: &Caller, name: &str) -> Result<&Bucket, Error> {
        if let Some(owner) = &caller.expected_bucket_owner
            && AccountId::parse(owner).is_none()
        {
            return Err(Error::with_message(
                Code::InvalidBucketOwnerAWSAccountID,
                format!(
                    "The value of the expected bucket owner parameter must be an AWS Account ID... [{owner}]"
                ),
            ));
        }
        let Some(bucket) = self.buckets.get(name) else {
            return Err(Error::no_such_bucket(name));
        };
        match &caller.expected_bucket_owner {
            Some(owner) if owner != bucket.owner().as_str() => Err(Error::access_denied()),
            _ => Ok(bucket),
        }
    }

    /// The same bucket to write to; what other clones of the engine see stays as it was.
    fn bucket_mut(&mut self, caller: &Caller, name: &str) -> Result<&mut Bucket, Error> {
        self.bucket(caller, name)?;
        let bucket = self.buckets.get_mut(name).ok_or_else(|| Error::no_such_bucket(name))?;
        Ok(Arc::make_mut(bucket))
    }
}

/// S3 keeps times to the second: what a listing says is what `Last-Modified` says.
fn whole_seconds(time: SystemTime) -> SystemTime {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(since.as_secs()),
        Err(_) => time,
    }
}

#[cfg(test)]
mod model_tests;
#[cfg(test)]
mod race_tests;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod upload_pages_tests;
