//! Algorithm suites: what becomes of a data key, and what content is encrypted with.
//!
//! The committing suite derives two keys with HKDF-SHA512 from the data key and the object's message id: one
//! encrypts, the other is stored with the object and says which data key it was. So an object opens under one data
//! key only, which AES-GCM alone does not promise.
//!
//! Source: awslabs/aws-encryption-sdk-specification, `s3-encryption/{encryption,decryption,key-derivation}.md`, and
//! AWS's clients for Go, .NET, Python and Ruby, which agree on the initialization vector of the committing suite.

use hkdf::Hkdf;
use sha2::Sha512;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use super::data_key::{DATA_KEY_BYTES, DataKey, random};
use super::error::EncryptionError;
use super::gcm::{IV_BYTES, MessageKey};

/// Bytes of a message id.
pub(super) const MESSAGE_ID_BYTES: usize = 28;

/// Bytes of a key commitment.
pub(super) const COMMITMENT_BYTES: usize = 28;

/// The number of the committing suite.
const COMMITTING_ID: [u8; 2] = [0x00, 0x73];

/// Every message of the committing suite has a key of its own, so that the vector may be the same for all.
const COMMITTING_IV: [u8; IV_BYTES] = [0x01; IV_BYTES];

/// What content is encrypted with. Both are AES-256-GCM.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AlgorithmSuite {
    /// `ALG_AES_256_GCM_HKDF_SHA512_COMMIT_KEY`: with key commitment; version 3 of the format.
    #[default]
    Aes256GcmHkdfSha512CommitKey,
    /// `ALG_AES_256_GCM_IV12_TAG16_NO_KDF`: without; version 2 of the format, which AWS's older clients read.
    Aes256GcmIv12Tag16NoKdf,
}

impl AlgorithmSuite {
    /// How the metadata and a data key's wrapping name it: `115`, or `AES/GCM/NoPadding`.
    pub fn content_cipher(self) -> &'static str {
        match self {
            Self::Aes256GcmHkdfSha512CommitKey => "115",
            Self::Aes256GcmIv12Tag16NoKdf => "AES/GCM/NoPadding",
        }
    }

    /// Whether an object opens under one data key only.
    pub fn is_committing(self) -> bool {
        matches!(self, Self::Aes256GcmHkdfSha512CommitKey)
    }
}

/// What a suite keeps with an object besides its data key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ContentParameters {
    Committing { message_id: [u8; MESSAGE_ID_BYTES], commitment: [u8; COMMITMENT_BYTES] },
    Iv([u8; IV_BYTES]),
}

impl ContentParameters {
    pub(super) fn suite(&self) -> AlgorithmSuite {
        match self {
            Self::Committing { .. } => AlgorithmSuite::Aes256GcmHkdfSha512CommitKey,
            Self::Iv(_) => AlgorithmSuite::Aes256GcmIv12Tag16NoKdf,
        }
    }

    /// Those of a new object.
    pub(super) fn random(suite: AlgorithmSuite, data_key: &DataKey) -> Result<Self, EncryptionError> {
        Ok(match suite {
            AlgorithmSuite::Aes256GcmHkdfSha512CommitKey => {
                let message_id = random()?;
                Self::Committing {
                    message_id,
                    commitment: Derivation::new(data_key, &message_id).commitment(),
                }
            }
            AlgorithmSuite::Aes256GcmIv12Tag16NoKdf => Self::Iv(random()?),
        })
    }

    /// What an object's content is encrypted with.
    ///
    /// # Errors
    /// [`EncryptionError::CommitmentMismatch`], before a key is derived to decrypt with.
    pub(super) fn key(&self, data_key: &DataKey) -> Result<MessageKey, EncryptionError> {
        match self {
            Self::Committing { message_id, commitment } => {
                let derivation = Derivation::new(data_key, message_id);
                if !bool::from(derivation.commitment().as_slice().ct_eq(commitment)) {
                    return Err(EncryptionError::CommitmentMismatch);
                }
                Ok(MessageKey {
                    key: derivation.encryption_key(),
                    iv: COMMITTING_IV,
                    associated: &COMMITTING_ID,
                })
            }
            Self::Iv(iv) => {
                Ok(MessageKey { key: Zeroizing::new(*data_key.expose()), iv: *iv, associated: &[] })
            }
        }
    }
}

/// The keys that are derived from a data key for one message.
struct Derivation(Hkdf<Sha512>);

impl Derivation {
    fn new(data_key: &DataKey, message_id: &[u8; MESSAGE_ID_BYTES]) -> Self {
        Self(Hkdf::new(Some(message_id), data_key.expose()))
    }

    fn encryption_key(&self) -> Zeroizing<[u8; DATA_KEY_BYTES]> {
        let mut key = Zeroizing::new([0; DATA_KEY_BYTES]);
        self.expand(b"DERIVEKEY", key.as_mut_slice());
        key
    }

    fn commitment(&self) -> [u8; COMMITMENT_BYTES] {
        let mut commitment = [0; COMMITMENT_BYTES];
        self.expand(b"COMMITKEY", &mut commitment);
        commitment
    }

    fn expand(&self, label: &[u8], key: &mut [u8]) {
        let expanded = self.0.expand_multi_info(&[&COMMITTING_ID, label], key);
        // HKDF-SHA512 gives up to 255 * 64 bytes, and both keys are shorter than one digest.
        debug_assert!(expanded.is_ok(), "a key has fewer bytes than HKDF gives");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes<const N: usize>(hex: &str) -> [u8; N] {
        std::array::from_fn(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16).unwrap())
    }

    /// The known answers of AWS's client for Go, `v4/internal/key_derivation_test.go`.
    #[test]
    fn keys_are_derived_as_aws_derives_them() {
        let known = [
            (
                "80d90dc4cc7e77d8a6332efa44eba56230a7fe7b89af37d1e501ab2e07c0a163",
                "b8ea76bed24c7b85382a148cb9dcd1cfdfb765f55ded4dfa6e0c4c79",
                "6dd14f546cc006e639126e83f5d4d1b118576bb5df97f38c6fb3a1db87bbc338",
                "f89818bc0a346d3a3426b68e9509b6b2ae5fe1f904aa329fb73625db",
            ),
            (
                "501afb8227d22e75e68010414b8abdaf3064c081e8e922dafef4992036394d60",
                "61a00b4981a5aacfd136c55cb726e32d2a547dc7600a7d4675c69127",
                "e14786a714748d1d2c3a4a6816dec56ddf1881bbeabb4f39420ffb9f63700b2f",
                "5c1e73e47f6fe3a70d6d094283aceaa76d2975feb829212d88f0afc1",
            ),
        ];
        for (data_key, message_id, encryption_key, commitment) in known {
            let data_key = DataKey::from_bytes(&bytes::<32>(data_key)).unwrap();
            let derivation = Derivation::new(&data_key, &bytes(message_id));
            assert_eq!(*derivation.encryption_key(), bytes::<32>(encryption_key));
            assert_eq!(derivation.commitment(), bytes::<28>(commitment));
        }
    }

    #[test]
    fn a_commitment_to_another_key_opens_nothing() {
        let data_key = DataKey::random().unwrap();
        let parameters =
            ContentParameters::random(AlgorithmSuite::Aes256GcmHkdfSha512CommitKey, &data_key).unwrap();
        assert!(parameters.key(&data_key).is_ok());
        let other = parameters.key(&DataKey::random().unwrap());
        assert_eq!(other.err(), Some(EncryptionError::CommitmentMismatch));
        let ContentParameters::Committing { mut message_id, commitment } = parameters else { unreachable!() };
        message_id[27] ^= 1;
        let altered = ContentParameters::Committing { message_id, commitment }.key(&data_key);
        assert_eq!(altered.err(), Some(EncryptionError::CommitmentMismatch));
    }
}
