//! Data keys: each object has one of its own, which a keyring wraps.

use std::collections::BTreeMap;
use std::fmt;

use zeroize::Zeroizing;

use super::error::EncryptionError;

/// Bytes of a data key.
pub(super) const DATA_KEY_BYTES: usize = 32;

/// Texts by name: KMS's encryption context, or the material description of a raw key.
pub type EncryptionContext = BTreeMap<String, String>;

/// The key of one object's content: 256 bits, wiped when it is dropped, and never printed.
#[derive(Clone)]
pub struct DataKey(Zeroizing<[u8; DATA_KEY_BYTES]>);

impl DataKey {
    /// A new one from the operating system's random bytes.
    ///
    /// # Errors
    /// [`EncryptionError::NoRandomness`].
    pub fn random() -> Result<Self, EncryptionError> {
        random::<DATA_KEY_BYTES>().map(|key| Self(Zeroizing::new(key)))
    }

    /// A key that was made elsewhere; `None` unless it has 32 bytes.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let mut key = Zeroizing::new([0; DATA_KEY_BYTES]);
        if bytes.len() != DATA_KEY_BYTES {
            return None;
        }
        key.copy_from_slice(bytes);
        Some(Self(key))
    }

    /// The secret bytes.
    pub fn expose(&self) -> &[u8; DATA_KEY_BYTES] {
        &self.0
    }
}

impl fmt::Debug for DataKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DataKey(redacted)")
    }
}

/// How a data key is wrapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum WrappingAlgorithm {
    /// By a raw AES key: `AES/GCM`.
    AesGcm,
    /// By KMS with an encryption context: `kms+context`.
    KmsContext,
    /// By a raw RSA key: `RSA-OAEP-SHA1`. No keyring of this crate does so; one of your own may.
    RsaOaepSha1,
}

impl WrappingAlgorithm {
    const ALL: [Self; 3] = [Self::AesGcm, Self::KmsContext, Self::RsaOaepSha1];

    /// The name in the format's version 2, such as `AES/GCM`.
    pub fn name(self) -> &'static str {
        match self {
            Self::AesGcm => "AES/GCM",
            Self::KmsContext => "kms+context",
            Self::RsaOaepSha1 => "RSA-OAEP-SHA1",
        }
    }

    /// The two digits of the format's version 3.
    pub(super) fn code(self) -> &'static str {
        match self {
            Self::AesGcm => "02",
            Self::KmsContext => "12",
            Self::RsaOaepSha1 => "22",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    pub(super) fn of_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.code() == code)
    }
}

/// A data key as it is kept with the object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EncryptedDataKey {
    /// How it is wrapped.
    pub algorithm: WrappingAlgorithm,
    /// The wrapped key.
    pub ciphertext: Vec<u8>,
    /// What is kept beside it: KMS's encryption context for `kms+context`, the material description for raw keys.
    pub context: EncryptionContext,
}

/// So many of the operating system's random bytes.
pub(super) fn random<const N: usize>() -> Result<[u8; N], EncryptionError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|_| EncryptionError::NoRandomness)?;
    Ok(bytes)
}
