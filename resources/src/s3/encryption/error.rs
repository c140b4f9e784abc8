//! What goes wrong with encrypted objects, as far as code can act on it.

use std::error::Error as StdError;
use std::fmt;

use session_core::{Error, ErrorKind};

use super::gcm::MAX_PLAINTEXT_BYTES;
use crate::service::S3;

/// Why an object was not encrypted or not decrypted. In the chain of the [`Error`]; [`EncryptionError::of`] finds it
/// there.
///
/// What was refused before S3 was asked, or by a setting, is of kind [`InvalidInput`](ErrorKind::InvalidInput); what S3
/// keeps and is not what was written is of kind [`Service`](ErrorKind::Service), and asking again gives the same.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum EncryptionError {
    /// The content, or its tag, is not what was encrypted with this key: altered, or cut short.
    NotAuthentic,
    /// The content is shorter than a tag.
    Truncated {
        /// Bytes that are there.
        bytes: u64,
    },
    /// The data key is not the one that the object was encrypted with.
    CommitmentMismatch,
    /// The wrapped data key is not what this keyring wrapped: altered, or wrapped with another key.
    DataKeyNotAuthentic,
    /// The object was not encrypted by an S3 Encryption Client: its metadata says nothing, and there is no instruction
    /// file.
    NotEncrypted,
    /// The metadata is not that of a format.
    Metadata {
        /// The name of the entry, such as `x-amz-i`.
        name: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The metadata names an algorithm that is deprecated or unknown.
    UnsupportedAlgorithm {
        /// The entry that names it, such as `x-amz-wrap-alg`.
        name: &'static str,
        /// The algorithm, such as `AESWrap`.
        algorithm: String,
    },
    /// The object's algorithm commits to no key, and the commitment policy wants one that does.
    CommitmentRequired,
    /// The keyring does not unwrap data keys that were wrapped so.
    WrappedOtherwise {
        /// The algorithm of the object.
        algorithm: &'static str,
        /// What the keyring unwraps.
        keyring: &'static str,
    },
    /// The encryption context that was given is not the one that the object was encrypted with.
    EncryptionContextMismatch,
    /// A parameter that cannot be had with client-side encryption.
    UnsupportedParameter {
        /// The parameter, such as `Range`.
        parameter: &'static str,
        /// Why not, and what does instead.
        reason: &'static str,
    },
    /// A name in the caller's metadata or encryption context that the format has for itself.
    ReservedName {
        /// The name.
        name: String,
    },
    /// More plaintext than AES-GCM can keep secret under one key: 64 GiB less 32 bytes.
    TooLong,
    /// More ciphertext than may be held until it is authenticated.
    LargerThanBuffer {
        /// Bytes of the ciphertext, its tag included; `None` where S3 did not tell.
        bytes: Option<u64>,
        /// Bytes that may be held.
        buffer_size_bytes: u64,
    },
    /// The operating system gave no random bytes.
    NoRandomness,
}

impl EncryptionError {
    /// The one that caused an error, if one did.
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
    }

    fn kind(&self) -> ErrorKind {
        match self {
            Self::NotAuthentic
            | Self::Truncated { .. }
            | Self::CommitmentMismatch
            | Self::DataKeyNotAuthentic
            | Self::Metadata { .. } => ErrorKind::Service,
            Self::NoRandomness => ErrorKind::Io,
            _ => ErrorKind::InvalidInput,
        }
    }
}

impl fmt::Display for EncryptionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAuthentic => f.write_str("the object is not what was encrypted: its tag does not fit"),
            Self::Truncated { bytes } => {
                write!(f, "the object is not what was encrypted: {bytes} bytes are less than a tag")
            }
            Self::CommitmentMismatch => {
                f.write_str("the object was encrypted with another data key: its key commitment does not fit")
            }
            Self::DataKeyNotAuthentic => f.write_str(
                "the object's data key was altered, or wrapped with another key than the keyring's",
            ),
            Self::NotEncrypted => f.write_str(
                "the object is not encrypted: neither its metadata nor an instruction file says how",
            ),
            Self::Metadata { name, problem } => write!(f, "the object's metadata `{name}` {problem}"),
            Self::UnsupportedAlgorithm { name, algorithm } => write!(
                f,
                "the object's `{name}` is `{algorithm}`, which is deprecated or unknown and is not read here"
            ),
            Self::CommitmentRequired => f.write_str(
                "the object was encrypted without key commitment, which the commitment policy \
                 RequireEncryptRequireDecrypt does not read; RequireEncryptAllowDecrypt does",
            ),
            Self::WrappedOtherwise { algorithm, keyring } => {
                write!(
                    f,
                    "the object's data key is wrapped with {algorithm}, and the keyring unwraps {keyring}"
                )
            }
            Self::EncryptionContextMismatch => {
                f.write_str("the encryption context is not the one that the object was encrypted with")
            }
            Self::UnsupportedParameter { parameter, reason } => {
                write!(f, "{parameter} cannot be had with client-side encryption: {reason}")
            }
            Self::ReservedName { name } => {
                write!(f, "the name `{name}` is reserved for client-side encryption")
            }
            Self::TooLong => {
                write!(f, "an object encrypted with AES-GCM has at most {MAX_PLAINTEXT_BYTES} bytes")
            }
            Self::LargerThanBuffer { bytes: Some(bytes), buffer_size_bytes } => write!(
                f,
                "the object has {bytes} bytes, and at most {buffer_size_bytes} are held until they are \
                 authenticated: set a larger buffer_size, or delayed_authentication"
            ),
            Self::LargerThanBuffer { bytes: None, .. } => f.write_str(
                "the object's length is unknown, so that it cannot be held until it is authenticated: set \
                 delayed_authentication",
            ),
            Self::NoRandomness => f.write_str("the operating system gave no random bytes"),
        }
    }
}

impl StdError for EncryptionError {}

impl From<EncryptionError> for Error {
    fn from(why: EncryptionError) -> Self {
        Error::new(why.kind(), why.to_string()).with_service(S3::NAME).with_source(why)
    }
}
