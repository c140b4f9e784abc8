//! A raw AES key that wraps data keys with AES-GCM.

use std::fmt;

use async_trait::async_trait;
use session_core::{Error, ErrorKind};
use zeroize::Zeroizing;

use super::data_key::{
    DATA_KEY_BYTES, DataKey, EncryptedDataKey, EncryptionContext, WrappingAlgorithm, random,
};
use super::error::EncryptionError;
use super::gcm::{Gcm, IV_BYTES, TAG_BYTES};
use super::keyring::Keyring;
use super::suite::AlgorithmSuite;

/// Wraps data keys with an AES key of 256 bits that the program keeps (`AES/GCM`).
///
/// Raw keys have no encryption context: one that is given is refused, instead of being left out as AWS's client for
/// Java does. The key is wiped when the keyring is dropped, and never printed.
#[derive(Clone)]
pub struct AesKeyring {
    key: Zeroizing<[u8; 32]>,
    description: EncryptionContext,
}

impl AesKeyring {
    /// The keyring over a raw key.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) unless the key has 32 bytes.
    pub fn new(key: impl AsRef<[u8]>) -> Result<Self, Error> {
        let bytes = key.as_ref();
        let mut key = Zeroizing::new([0; 32]);
        if bytes.len() != key.len() {
            let message = format!("an AES key of a keyring has 32 bytes, and this one {}", bytes.len());
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        key.copy_from_slice(bytes);
        Ok(Self { key, description: EncryptionContext::new() })
    }

    /// One entry of the material description, which is kept with every object to tell which key it was. Readable by
    /// whoever reads the object's metadata, and not authenticated.
    #[must_use]
    pub fn material_description(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.description.insert(name.into(), value.into());
        self
    }

    fn cipher(&self, iv: &[u8; IV_BYTES], suite: AlgorithmSuite) -> Gcm {
        Gcm::new(&self.key, iv, suite.content_cipher().as_bytes())
    }

    fn wrap(&self, suite: AlgorithmSuite, data_key: &DataKey) -> Result<Vec<u8>, EncryptionError> {
        let iv = random()?;
        let mut cipher = self.cipher(&iv, suite);
        let mut wrapped = *data_key.expose();
        cipher.encrypt(&mut wrapped).map_err(|_| EncryptionError::TooLong)?;
        Ok([iv.as_slice(), &wrapped, &cipher.tag()].concat())
    }

    fn unwrap(&self, suite: AlgorithmSuite, wrapped: &[u8]) -> Result<DataKey, EncryptionError> {
        let not_authentic = EncryptionError::DataKeyNotAuthentic;
        let parts = wrapped.split_first_chunk::<IV_BYTES>();
        let parts = parts.and_then(|(iv, rest)| Some((iv, rest.split_last_chunk::<TAG_BYTES>()?)));
        let Some((iv, (ciphertext, tag))) = parts else { return Err(not_authentic) };
        let Ok(key) = <[u8; DATA_KEY_BYTES]>::try_from(ciphertext) else { return Err(not_authentic) };
        let (mut cipher, mut key) = (self.cipher(iv, suite), Zeroizing::new(key));
        cipher.decrypt(key.as_mut_slice()).map_err(|_| EncryptionError::TooLong)?;
        match cipher.verify(tag) {
            true => DataKey::from_bytes(key.as_slice()).ok_or(not_authentic),
            false => Err(not_authentic),
        }
    }
}

fn refuse_context(context: &EncryptionContext) -> Result<(), EncryptionError> {
    match context.is_empty() {
        true => Ok(()),
        false => Err(EncryptionError::UnsupportedParameter {
            parameter: "an encryption context",
            reason: "a raw key has none; KMS has",
        }),
    }
}

#[async_trait]
impl Keyring for AesKeyring {
    async fn on_encrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
    ) -> Result<(DataKey, EncryptedDataKey), Error> {
        refuse_context(context)?;
        let data_key = DataKey::random()?;
        let ciphertext = self.wrap(suite, &data_key)?;
        let algorithm = WrappingAlgorithm::AesGcm;
        Ok((data_key, EncryptedDataKey { algorithm, ciphertext, context: self.description.clone() }))
    }

    async fn on_decrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
        wrapped: &EncryptedDataKey,
    ) -> Result<DataKey, Error> {
        refuse_context(context)?;
        require_wrapping(wrapped, WrappingAlgorithm::AesGcm)?;
        Ok(self.unwrap(suite, &wrapped.ciphertext)?)
    }
}

/// The keyring unwraps what was wrapped so.
pub(super) fn require_wrapping(
    wrapped: &EncryptedDataKey,
    unwraps: WrappingAlgorithm,
) -> Result<(), EncryptionError> {
    match wrapped.algorithm == unwraps {
        true => Ok(()),
        false => Err(EncryptionError::WrappedOtherwise {
            algorithm: wrapped.algorithm.name(),
            keyring: unwraps.name(),
        }),
    }
}

impl fmt::Debug for AesKeyring {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AesKeyring").field("material_description", &self.description).finish_non_exhaustive()
    }
}
