//! Server access logging: where the log of a bucket's requests would be written.

use super::Document;
use crate::context::RegionName;
use crate::s3::engine::{Caller, Code, Engine, Error};

/// A logging configuration that has been checked by its form.
#[derive(Clone, Debug)]
pub(crate) struct Logging {
    pub(crate) target_bucket: String,
    /// Whether it grants access to the logs by list, which the target has to allow.
    pub(crate) has_grants: bool,
    pub(crate) document: Document,
}

impl Engine {
    /// None while nothing is logged.
    pub(crate) fn bucket_logging(&self, caller: &Caller, bucket: &str) -> Result<Option<&Document>, Error> {
        Ok(self.configuration(caller, bucket)?.logging.as_ref())
    }

    /// # Errors
    /// `InvalidTargetBucketForLogging` for a bucket that is not there, not the same owner's or not in the same region, and
    /// for grants where the target has no access control lists.
    pub(crate) fn put_bucket_logging(
        &mut self,
        caller: &Caller,
        name: &str,
        logging: Option<Logging>,
    ) -> Result<(), Error> {
        let bucket = self.bucket(caller, name)?;
        if let Some(logging) = &logging {
            let refuse = |message: &'static str| {
                Err(Error::with_message(Code::InvalidTargetBucketForLogging, message)
                    .with("TargetBucket", &logging.target_bucket))
            };
            let Some(target) = self.buckets.get(logging.target_bucket.as_str()) else {
                return refuse("The target bucket for logging does not exist");
            };
            if target.owner() != bucket.owner() {
                return refuse(
                    "The owner for the bucket to be logged and the target bucket must be the same.",
                );
            }
            if target.region() != bucket.region() {
                let refusal = Error::new(Code::CrossLocationLoggingProhibitted);
                // S3 does not name the first of its regions.
                let refusal = match bucket.region().as_str() {
                    RegionName::DEFAULT => refusal,
                    region => refusal.with("SourceBucketLocation", region),
                };
                return Err(refusal.with("TargetBucketLocation", target.region()));
            }
            if logging.has_grants && target.configuration().disables_acls() {
                return refuse(
                    "Target grants cannot be used for a target bucket with the BucketOwnerEnforced setting for \
                     Object Ownership.",
                );
            }
        }
        self.configuration_mut(caller, name)?.logging = logging.map(|logging| logging.document);
        Ok(())
    }
}
