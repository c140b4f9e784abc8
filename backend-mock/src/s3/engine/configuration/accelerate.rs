//! Transfer acceleration, and who pays for requests.

use crate::s3::engine::{Caller, Engine, Error};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AccelerateStatus {
    Enabled,
    Suspended,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Payer {
    #[default]
    BucketOwner,
    Requester,
}

impl Engine {
    /// None until it was put once.
    pub(crate) fn accelerate_status(
        &self,
        caller: &Caller,
        bucket: &str,
    ) -> Result<Option<AccelerateStatus>, Error> {
        Ok(self.configuration(caller, bucket)?.accelerate)
    }

    /// # Errors
    /// `InvalidRequest` for a bucket whose name has dots: its accelerated host has no certificate.
    pub(crate) fn put_accelerate_status(
        &mut self,
        caller: &Caller,
        bucket: &str,
        status: AccelerateStatus,
    ) -> Result<(), Error> {
        let configuration = self.configuration_mut(caller, bucket)?;
        if bucket.contains('.') {
            return Err(Error::invalid_request(
                "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
            ));
        }
        configuration.accelerate = Some(status);
        Ok(())
    }

    pub(crate) fn payer(&self, caller: &Caller, bucket: &str) -> Result<Payer, Error> {
        Ok(self.configuration(caller, bucket)?.payer)
    }

    /// Whether the caller is charged for a request to a bucket; `knows` says whether the request confirms it.
    ///
    /// # Errors
    /// `AccessDenied` for somebody who would be charged and does not confirm it, and for nobody, whom S3 cannot charge.
    ///
    /// # Source
    /// S3 User Guide, "Using Requester Pays buckets for storage transfers and usage".
    pub(crate) fn charges(&self, caller: &Caller, bucket: &str, knows: bool) -> Result<bool, Error> {
        // A bucket that is not there charges nobody: its operation says so, when it is its turn.
        let Some(bucket) = self.buckets.get(bucket) else { return Ok(false) };
        match bucket.configuration().payer {
            Payer::Requester if bucket.owner() != &caller.account_id => {
                match knows && !caller.account_id.is_anonymous() {
                    true => Ok(true),
                    false => Err(Error::access_denied().in_region(bucket.region())),
                }
            }
            Payer::Requester | Payer::BucketOwner => Ok(false),
        }
    }

    pub(crate) fn put_payer(&mut self, caller: &Caller, bucket: &str, payer: Payer) -> Result<(), Error> {
        self.configuration_mut(caller, bucket)?.payer = payer;
        Ok(())
    }
}
