//! Keyrings: who makes data keys and wraps them.

use std::fmt;

use async_trait::async_trait;
use session_core::Error;

use super::data_key::{DataKey, EncryptedDataKey, EncryptionContext};
use super::suite::AlgorithmSuite;

/// Who makes the data key of an object, wraps it, and unwraps it again.
///
/// [`AesKeyring`](super::AesKeyring) has a raw key, [`KmsKeyring`](super::KmsKeyring) a key of KMS. A program may bring
/// one of its own, for keys in a hardware module or behind RSA: what it wraps has to be one of the three
/// [`WrappingAlgorithm`](super::WrappingAlgorithm)s that the format has names for.
#[async_trait]
pub trait Keyring: fmt::Debug + Send + Sync {
    /// A new data key, plain and wrapped. `context` is what the caller gave for this object.
    ///
    /// The suite's [`content_cipher`](AlgorithmSuite::content_cipher) is to be bound to the wrapped key, so that
    /// nobody can pass it off as that of another suite.
    ///
    /// # Errors
    /// What keeps the key from being wrapped, such as KMS's answer, or a context that the keyring has no use for.
    async fn on_encrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
    ) -> Result<(DataKey, EncryptedDataKey), Error>;

    /// The data key that was wrapped. `context` is what the caller expects the object to have been encrypted with.
    ///
    /// # Errors
    /// An [`EncryptionError`](super::EncryptionError) where the key is not this keyring's, was altered, or belongs to
    /// another context; else what the keeper of the key answers.
    async fn on_decrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
        wrapped: &EncryptedDataKey,
    ) -> Result<DataKey, Error>;
}
