//! How objects are encrypted and which are read: a keyring and what is allowed.

use std::sync::Arc;

use session_core::{Error, ErrorKind};

use super::keyring::Keyring;
use super::suite::AlgorithmSuite;
use crate::s3::transfer::ByteSize;

/// The fewest bytes that may be held until they are authenticated: a tag's.
const LEAST_BUFFER: u64 = 16;

/// The most: an object can have no more.
const LARGEST_BUFFER: u64 = 64 << 30;

/// Which objects are written and read with key commitment.
///
/// # Source
/// AWS's key commitment specification; the default is that of its current clients.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum CommitmentPolicy {
    /// Writes without, so that AWS's older clients can read it, and reads both: the first step of a migration.
    ForbidEncryptAllowDecrypt,
    /// Writes with, reads both.
    RequireEncryptAllowDecrypt,
    /// Writes with, and reads nothing else.
    #[default]
    RequireEncryptRequireDecrypt,
}

impl CommitmentPolicy {
    /// What objects are written with.
    pub(super) fn suite(self) -> AlgorithmSuite {
        match self {
            Self::ForbidEncryptAllowDecrypt => AlgorithmSuite::Aes256GcmIv12Tag16NoKdf,
            _ => AlgorithmSuite::Aes256GcmHkdfSha512CommitKey,
        }
    }

    pub(super) fn reads(self, suite: AlgorithmSuite) -> bool {
        suite.is_committing() || self != Self::RequireEncryptRequireDecrypt
    }
}

/// Client-side encryption: a keyring, and what may be written and read. Clones share the keyring.
///
/// [`Object::encrypted`](crate::Object::encrypted) takes it. It has no client and no session of its own.
#[derive(Clone, Debug)]
pub struct S3Encryption {
    pub(super) keyring: Arc<dyn Keyring>,
    pub(super) commitment_policy: CommitmentPolicy,
    pub(super) release: Release,
    pub(super) reads_unencrypted: bool,
}

/// When plaintext is given out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Release {
    /// All of it once it is authentic; at most so many bytes are held until then.
    Authenticated { buffer_size_bytes: u64 },
    /// As it comes.
    Delayed,
}

impl S3Encryption {
    /// Encryption with that keyring: with key commitment, and nothing unauthenticated.
    pub fn builder(keyring: impl Keyring + 'static) -> S3EncryptionBuilder {
        S3EncryptionBuilder {
            keyring: Arc::new(keyring),
            commitment_policy: CommitmentPolicy::default(),
            buffer_size: None,
            is_delayed: false,
            reads_unencrypted: false,
        }
    }

    /// Which objects are written and read with key commitment.
    pub fn commitment_policy(&self) -> CommitmentPolicy {
        self.commitment_policy
    }
}

/// Makes an [`S3Encryption`].
#[derive(Clone, Debug)]
#[must_use]
pub struct S3EncryptionBuilder {
    keyring: Arc<dyn Keyring>,
    commitment_policy: CommitmentPolicy,
    buffer_size: Option<ByteSize>,
    is_delayed: bool,
    reads_unencrypted: bool,
}

impl S3EncryptionBuilder {
    /// Which objects are written and read with key commitment;
    /// [`RequireEncryptRequireDecrypt`](CommitmentPolicy::RequireEncryptRequireDecrypt) unless said.
    pub fn commitment_policy(mut self, policy: CommitmentPolicy) -> Self {
        self.commitment_policy = policy;
        self
    }

    /// How much of an object is held until it is authenticated: 16 bytes to 64 GiB, 64 MiB unless said. Larger
    /// objects are refused.
    pub fn buffer_size(mut self, size: ByteSize) -> Self {
        self.buffer_size = Some(size);
        self
    }

    /// Gives plaintext out as it comes, in little memory, and fails at the end of the body if it was not authentic. Who
    /// reads it must not act on any of it before that end.
    pub fn delayed_authentication(mut self) -> Self {
        self.is_delayed = true;
        self
    }

    /// Reads objects that are not encrypted as they are, as aioboto3 does, instead of refusing them as AWS's clients
    /// do. Whoever can write to the bucket can then put plaintext of his own in the place of an encrypted object.
    pub fn read_unencrypted_objects(mut self) -> Self {
        self.reads_unencrypted = true;
        self
    }

    /// The settings, checked.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig): the buffer's size is out of its bounds, or nothing would be held
    /// in it.
    pub fn build(self) -> Result<S3Encryption, Error> {
        let Self { keyring, commitment_policy, buffer_size, is_delayed, reads_unencrypted } = self;
        let refused = |message: String| Error::new(ErrorKind::InvalidConfig, message);
        let release = match (buffer_size, is_delayed) {
            (Some(_), true) => {
                let message = "buffer_size has no meaning with delayed_authentication: leave out one of them";
                return Err(refused(message.to_owned()));
            }
            (None, true) => Release::Delayed,
            (size, false) => {
                let buffer_size_bytes = size.unwrap_or(ByteSize::mib(64)).as_u64();
                if !(LEAST_BUFFER..=LARGEST_BUFFER).contains(&buffer_size_bytes) {
                    let bounds = format!("{LEAST_BUFFER} bytes to 64 GiB");
                    return Err(refused(format!(
                        "buffer_size is {buffer_size_bytes} bytes; it may be {bounds}"
                    )));
                }
                Release::Authenticated { buffer_size_bytes }
            }
        };
        Ok(S3Encryption { keyring, commitment_policy, release, reads_unencrypted })
    }
}

#[cfg(test)]
mod tests {
    use super::super::AesKeyring;
    use super::*;

    fn builder() -> S3EncryptionBuilder {
        S3Encryption::builder(AesKeyring::new([0xee; 32]).unwrap())
    }

    #[test]
    fn settings_that_contradict_each_other_are_refused() {
        assert!(builder().buffer_size(ByteSize::mib(1)).delayed_authentication().build().is_err());
        assert!(builder().buffer_size(ByteSize::bytes(15)).build().is_err());
        let safe = builder().build().unwrap();
        assert_eq!(safe.release, Release::Authenticated { buffer_size_bytes: 64 << 20 });
        assert_eq!(safe.commitment_policy(), CommitmentPolicy::RequireEncryptRequireDecrypt);
    }

    #[test]
    fn nothing_prints_the_key() {
        let printed = format!("{:?}", builder().build().unwrap());
        assert!(
            !printed.contains("238") && !printed.contains("ee, ") && printed.contains("AesKeyring"),
            "{printed}"
        );
    }
}
