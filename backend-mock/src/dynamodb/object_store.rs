//! The seam to S3: the buckets of the same cloud, as exports and imports of tables reach them.

use std::fmt;
use std::time::SystemTime;

use bytes::Bytes;

use crate::context::AccountId;

/// A bucket, and who reaches for it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket<'b> {
    pub(crate) name: &'b str,
    pub(crate) account_id: &'b AccountId,
    /// The account that has to own the bucket, where the request says so.
    pub(crate) expected_owner: Option<&'b str>,
    pub(crate) now: SystemTime,
}

/// How an object is encrypted at rest.
#[derive(Clone, Copy, Debug)]
pub(crate) enum AtRest<'k> {
    S3,
    /// With a KMS key: the one named, or the account's own for S3.
    Kms(Option<&'k str>),
}

/// What S3 says when it does not do what it is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    pub(crate) code: String,
    pub(crate) message: String,
}

/// Buckets that hold objects.
pub(crate) trait ObjectStore: fmt::Debug + Send + Sync {
    /// Writes one object, and answers its entity tag without quotes.
    ///
    /// # Errors
    /// Why S3 does not take it: no such bucket, no access, another owner.
    fn write(
        &self,
        bucket: &Bucket<'_>,
        key: &str,
        content: Bytes,
        at_rest: AtRest<'_>,
    ) -> Result<String, Refusal>;

    /// The content of every object whose key begins with `prefix`, in the order of keys.
    ///
    /// # Errors
    /// Why S3 does not give them.
    fn read_all(&self, bucket: &Bucket<'_>, prefix: &str) -> Result<Vec<Bytes>, Refusal>;
}

/// A cloud in which there is no bucket.
#[derive(Debug)]
pub(crate) struct NoBuckets;

impl NoBuckets {
    fn refuse<T>() -> Result<T, Refusal> {
        Err(Refusal {
            status: 404,
            code: "NoSuchBucket".to_owned(),
            message: "The specified bucket does not exist".to_owned(),
        })
    }
}

impl ObjectStore for NoBuckets {
    fn write(&self, _: &Bucket<'_>, _: &str, _: Bytes, _: AtRest<'_>) -> Result<String, Refusal> {
        Self::refuse()
    }

    fn read_all(&self, _: &Bucket<'_>, _: &str) -> Result<Vec<Bytes>, Refusal> {
        Self::refuse()
    }
}
