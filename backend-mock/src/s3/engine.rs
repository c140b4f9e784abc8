//! The buckets of the whole cloud and what they hold: S3's documented behaviour without its protocol.
//!
//! Every operation is a plain function on [`Engine`]: input in, output or [`Error`] out, the time and the ids passed in.
//! State lives in persistent maps, and bodies are shared segments, so a clone of an engine costs the same whatever it holds.

mod bucket;
mod checksum;
mod complete_multipart_upload;
mod completions;
mod content;
mod copy_object;
mod error;
mod etag;
mod get_object;
mod key;
mod listing;
mod multipart_upload;
mod object;
mod part_number;
mod precondition;
mod put_object;
mod range;

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use crate::context::{AccountId, RegionName};

pub(crate) use bucket::{BucketName, CreateBucket, LocationConstraint};
pub(crate) use checksum::{Checksum, ChecksumAlgorithm, ChecksumType, Digest, Digester, ObjectChecksum};
pub(crate) use complete_multipart_upload::{CompleteMultipartUpload, CompletedPart};
pub(crate) use content::{Content, Gathering};
pub(crate) use copy_object::{CopiedObject, CopyObject, CopySource, MetadataDirective};
pub(crate) use error::{Code, Error, http_date};
pub(crate) use etag::ETag;
pub(crate) use get_object::{GetObject, ObjectRead};
pub(crate) use key::ObjectKey;
pub(crate) use listing::{Entry, ListObjects, Page, Start};
pub(crate) use multipart_upload::{
    CreateMultipartUpload, ListParts, ListUploads, MultipartUpload, Part, UploadId, UploadPart,
};
pub(crate) use object::{Object, ObjectPart, StorageClass, SystemMetadata, UserMetadata};
pub(crate) use part_number::PartNumber;
pub(crate) use precondition::{ReadCondition, WriteCondition};
pub(crate) use put_object::PutObject;
pub(crate) use range::{ByteRange, CopyRange};

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
}

impl Engine {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    /// The bucket that a request names, after the checks that S3 makes of every request: it exists, it is in the
    /// region of the endpoint, the caller owns it, and so does whom the caller expects to.
    fn bucket(&self, caller: &Caller, name: &str) -> Result<&Bucket, Error> {
        let bucket = self.bucket_anywhere(caller, name)?;
        if bucket.region() != &caller.region {
            return Err(Error::permanent_redirect(name, bucket.region()));
        }
        Ok(bucket)
    }

    /// As [`Engine::bucket`], for the few requests that an endpoint of another region answers too.
    fn bucket_anywhere(&self, caller: &Caller, name: &str) -> Result<&Bucket, Error> {
        let Some(bucket) = self.buckets.get(name) else {
            return Err(Error::no_such_bucket(name));
        };
        if bucket.owner() != &caller.account_id {
            return Err(Error::access_denied().in_region(bucket.region()));
        }
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
