//! A key of KMS that wraps data keys, with an encryption context.

use async_trait::async_trait;
use aws_smithy_types::Blob;
use session_core::dynamic::{DynamicClient, Value};
use session_core::{Error, ErrorKind};

use super::aes_keyring::require_wrapping;
use super::data_key::{DataKey, EncryptedDataKey, EncryptionContext, WrappingAlgorithm};
use super::error::EncryptionError;
use super::keyring::Keyring;
use super::suite::AlgorithmSuite;

/// The entry of the encryption context that binds a wrapped key to its suite.
const CONTENT_CIPHER: &str = "aws:x-amz-cek-alg";

/// An entry that AWS's first clients wrote.
const KEY_ID: &str = "kms_cmk_id";

/// Wraps data keys with a symmetric key of KMS (`kms+context`): GenerateDataKey to write, Decrypt to read.
///
/// KMS is asked through a client by name of the caller's session. The encryption context given for an object is kept
/// with it, readable, and has to be given again to read the object; KMS unwraps for no other.
#[derive(Clone)]
pub struct KmsKeyring {
    kms: DynamicClient,
    key_id: String,
}

impl KmsKeyring {
    /// The keyring over a key of KMS: its id, ARN, alias (`alias/…`) or alias ARN. Keys of another account take an ARN.
    ///
    /// `kms` is `session.client("kms").await?`, and is cloned.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) when the key id is empty.
    pub fn new(kms: &DynamicClient, key_id: impl Into<String>) -> Result<Self, Error> {
        let key_id = key_id.into();
        if key_id.is_empty() {
            return Err(Error::new(ErrorKind::InvalidInput, "the KMS key id of a keyring is empty"));
        }
        Ok(Self { kms: kms.clone(), key_id })
    }

    fn request(&self, context: &EncryptionContext) -> Value {
        let entry = |(name, value): (&String, &String)| (name.clone(), Value::from(value.as_str()));
        let context: Value = context.iter().map(entry).collect();
        Value::from([("KeyId", self.key_id.as_str().into()), ("EncryptionContext", context)])
    }
}

#[async_trait]
impl Keyring for KmsKeyring {
    async fn on_encrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
    ) -> Result<(DataKey, EncryptedDataKey), Error> {
        refuse_reserved(context)?;
        let mut context = context.clone();
        context.insert(CONTENT_CIPHER.to_owned(), suite.content_cipher().to_owned());
        let mut request = self.request(&context);
        request.insert("KeySpec", "AES_256");
        let answer = self.kms.call("GenerateDataKey", request).await?;
        let data_key = data_key(&answer["Plaintext"], "GenerateDataKey")?;
        let ciphertext = answer["CiphertextBlob"].as_blob().unwrap_or_default().to_vec();
        Ok((data_key, EncryptedDataKey { algorithm: WrappingAlgorithm::KmsContext, ciphertext, context }))
    }

    async fn on_decrypt(
        &self,
        suite: AlgorithmSuite,
        context: &EncryptionContext,
        wrapped: &EncryptedDataKey,
    ) -> Result<DataKey, Error> {
        require_wrapping(wrapped, WrappingAlgorithm::KmsContext)?;
        refuse_reserved(context)?;
        let mut kept = wrapped.context.clone();
        // A context of another suite is one of a key that was wrapped for another object.
        let bound_to = kept.remove(CONTENT_CIPHER);
        if bound_to.as_deref() != Some(suite.content_cipher()) {
            return Err(EncryptionError::Metadata {
                name: CONTENT_CIPHER,
                problem: format!("is not `{}`, the object's content cipher", suite.content_cipher()),
            }
            .into());
        }
        kept.remove(KEY_ID);
        if kept != *context {
            return Err(EncryptionError::EncryptionContextMismatch.into());
        }
        let mut request = self.request(&wrapped.context);
        request.insert("CiphertextBlob", Blob::new(wrapped.ciphertext.clone()));
        let answer = self.kms.call("Decrypt", request).await?;
        data_key(&answer["Plaintext"], "Decrypt")
    }
}

fn refuse_reserved(context: &EncryptionContext) -> Result<(), EncryptionError> {
    match [CONTENT_CIPHER, KEY_ID].into_iter().find(|name| context.contains_key(*name)) {
        Some(name) => Err(EncryptionError::ReservedName { name: name.to_owned() }),
        None => Ok(()),
    }
}

fn data_key(plaintext: &Value, operation: &'static str) -> Result<DataKey, Error> {
    plaintext.as_blob().and_then(DataKey::from_bytes).ok_or_else(|| {
        let message = "KMS answered with something else than a data key of 32 bytes";
        Error::new(ErrorKind::Service, message).with_operation(operation)
    })
}

impl std::fmt::Debug for KmsKeyring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("KmsKeyring").field("key_id", &self.key_id).finish_non_exhaustive()
    }
}
