//! Client-side encryption: objects that S3 keeps and cannot read, in the format of AWS's S3 Encryption Client.
//!
//! Every object has a data key of its own, with which its content is encrypted by AES-256-GCM; a [`Keyring`] wraps
//! the data key, and the wrapped key is kept in the object's metadata. What is written is the format's version 3 with
//! key commitment, or, with [`CommitmentPolicy::ForbidEncryptAllowDecrypt`], version 2 without; AWS's clients for
//! Java, Go, .NET, Python, Ruby, PHP and C++ read both. The deprecated formats (AES-CBC, `kms`, `AESWrap`, RSA with
//! PKCS #1, version 1) are neither written nor read, and refused by name.
//!
//! ```
//! use resources::encryption::{EncryptionError, KmsKeyring, S3Encryption};
//! use resources::S3;
//! use serde_json::json;
//! use session_core::SessionExt;
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let session = backend_mock::MockAws::new().session();
//! let kms = session.client("kms").await?; // the caller's session, for KMS as for S3
//! let key = kms.call("CreateKey", json!({})).await?;
//! let keyring = KmsKeyring::new(&kms, key["KeyMetadata"]["Arn"].as_str().unwrap_or_default())?;
//! let encryption = S3Encryption::builder(keyring).build()?;
//!
//! let s3 = session.resource(S3).await?;
//! s3.bucket("films").create().send().await?;
//! let film = s3.object("films", "metropolis").encrypted(&encryption);
//! film.clone().encryption_context("studio", "ufa").put(b"1927".to_vec()).await?;
//!
//! let read = film.clone().encryption_context("studio", "ufa").get().await?;
//! assert_eq!(read.body.collect().await?.into_bytes(), "1927");
//! let refused = film.encryption_context("studio", "mgm").get().await.unwrap_err();
//! assert_eq!(EncryptionError::of(&refused), Some(&EncryptionError::EncryptionContextMismatch));
//! # Ok::<(), session_core::Error>(()) }).unwrap();
//! ```
//!
//! - **Keyrings:** [`KmsKeyring`], [`AesKeyring`], or one of your own ([`Keyring`]). There is none for RSA: the crate for
//!   it leaks private keys through the time it takes (RUSTSEC-2023-0071).
//! - **Plaintext is released** once the whole object is authentic, within a buffer of 64 MiB; or at once, with
//!   [`delayed_authentication`](S3EncryptionBuilder::delayed_authentication).
//! - **Ranges and parts** are refused: their bytes cannot be authenticated.
//! - **Objects that are not encrypted** are refused, or read as they are with
//!   [`read_unencrypted_objects`](S3EncryptionBuilder::read_unencrypted_objects).
//! - **Instruction files** are read, and deleted with their object; none is written.
//! - **An object** has at most 64 GiB less 32 bytes.
//!
//! # Source
//! AWS's Amazon S3 Encryption Client developer guide, and awslabs/aws-encryption-sdk-specification, `s3-encryption/`.
//! aioboto3's `S3CSE` writes the deprecated formats, holds whole objects in memory and makes a session of its own.

mod aes_keyring;
mod body;
mod data_key;
mod encrypted_object;
mod error;
mod gcm;
mod get;
mod keyring;
mod kms_keyring;
mod metadata;
mod put;
mod settings;
mod suite;
#[cfg(test)]
mod tests;

pub use aes_keyring::AesKeyring;
pub use data_key::{DataKey, EncryptedDataKey, EncryptionContext, WrappingAlgorithm};
pub use encrypted_object::EncryptedObject;
pub use error::EncryptionError;
pub use get::GetEncrypted;
pub use keyring::Keyring;
pub use kms_keyring::KmsKeyring;
pub use put::PutEncrypted;
pub use settings::{CommitmentPolicy, S3Encryption, S3EncryptionBuilder};
pub use suite::AlgorithmSuite;
