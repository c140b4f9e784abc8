//! Default encryption: what new objects are encrypted with when their request does not say, and which keys they may not
//! come with.

use std::sync::Arc;

use crate::s3::engine::{Caller, Code, Engine, Error};

/// How a bucket encrypts by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Encryption {
    pub(crate) algorithm: EncryptionAlgorithm,
    /// Of SSE-KMS: the key's id or ARN; none for the one that AWS keeps for S3.
    pub(crate) kms_master_key_id: Option<String>,
    pub(crate) bucket_key_enabled: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum EncryptionAlgorithm {
    #[default]
    Aes256,
    Kms,
    KmsDsse,
}

impl EncryptionAlgorithm {
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Aes256, Self::Kms, Self::KmsDsse].into_iter().find(|algorithm| algorithm.as_str() == text)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Aes256 => "AES256",
            Self::Kms => "aws:kms",
            Self::KmsDsse => "aws:kms:dsse",
        }
    }
}

impl Encryption {
    /// # Errors
    /// `InvalidArgument` for a key with an algorithm that has none.
    pub(crate) fn new(
        algorithm: EncryptionAlgorithm,
        kms_master_key_id: Option<String>,
        bucket_key_enabled: bool,
    ) -> Result<Self, Error> {
        if algorithm == EncryptionAlgorithm::Aes256 && kms_master_key_id.is_some() {
            return Err(Error::with_message(
                Code::InvalidArgument,
                "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
            )
            .with("ArgumentName", "ApplyServerSideEncryptionByDefault"));
        }
        Ok(Self { algorithm, kms_master_key_id, bucket_key_enabled })
    }
}

impl Engine {
    /// How the bucket encrypts: with S3's own keys until it is told otherwise.
    pub(crate) fn bucket_encryption(&self, caller: &Caller, bucket: &str) -> Result<Arc<Encryption>, Error> {
        Ok(self.configuration(caller, bucket)?.encryption.clone().unwrap_or_default())
    }

    /// Whether the bucket takes no object that is encrypted with a customer's key (SSE-C), if it was told.
    pub(crate) fn blocks_customer_keys(&self, caller: &Caller, bucket: &str) -> Result<Option<bool>, Error> {
        Ok(self.configuration(caller, bucket)?.blocks_customer_keys)
    }

    /// Puts the default, or takes it back to S3's own keys. Customers' keys stay blocked or not, unless it says of them.
    ///
    /// # Source
    /// S3's answers as recorded in terraform-provider-aws's issue 47320: what is put without `BlockedEncryptionTypes` is
    /// told with those that were.
    pub(crate) fn put_bucket_encryption(
        &mut self,
        caller: &Caller,
        bucket: &str,
        encryption: Option<Encryption>,
        blocks_customer_keys: Option<bool>,
    ) -> Result<(), Error> {
        let configuration = self.configuration_mut(caller, bucket)?;
        configuration.encryption = encryption.map(Arc::new);
        configuration.blocks_customer_keys = blocks_customer_keys.or(configuration.blocks_customer_keys);
        Ok(())
    }
}
