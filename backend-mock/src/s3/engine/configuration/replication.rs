//! Replication: stored and checked. Nothing is replicated.

use super::Document;
use crate::s3::engine::bucket::Bucket;
use crate::s3::engine::{Caller, Code, Engine, Error, Versioning};

/// A replication configuration that has been checked by its form.
#[derive(Clone, Debug)]
pub(crate) struct Replication {
    /// The buckets that rules replicate to, by their names.
    pub(crate) destinations: Vec<String>,
    pub(crate) document: Document,
}

impl Bucket {
    /// Replication goes from and to buckets that keep versions.
    fn has_versioning_enabled(&self) -> bool {
        self.versioning() == Versioning::Enabled
    }
}

impl Engine {
    /// # Errors
    /// `ReplicationConfigurationNotFoundError`.
    pub(crate) fn bucket_replication(&self, caller: &Caller, bucket: &str) -> Result<&Document, Error> {
        let replication = self.configuration(caller, bucket)?.replication.as_ref();
        replication
            .ok_or_else(|| Error::new(Code::ReplicationConfigurationNotFoundError).with("BucketName", bucket))
    }

    /// Puts the rules, or takes them away.
    ///
    /// # Errors
    /// `InvalidRequest` unless versioning is enabled here and in every destination, which must be there.
    pub(crate) fn put_bucket_replication(
        &mut self,
        caller: &Caller,
        name: &str,
        replication: Option<Replication>,
    ) -> Result<(), Error> {
        let bucket = self.bucket(caller, name)?;
        if let Some(replication) = &replication {
            if !bucket.has_versioning_enabled() {
                return Err(Error::invalid_request(
                    "Versioning must be 'Enabled' on the bucket to apply a replication configuration",
                ));
            }
            let is_versioned = |destination: &String| {
                self.buckets.get(destination.as_str()).is_some_and(|bucket| bucket.has_versioning_enabled())
            };
            if !replication.destinations.iter().all(is_versioned) {
                return Err(Error::invalid_request("Destination bucket must have versioning enabled."));
            }
        }
        self.configuration_mut(caller, name)?.replication =
            replication.map(|replication| replication.document);
        Ok(())
    }
}
