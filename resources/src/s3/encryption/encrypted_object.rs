//! An object whose content only the holder of a key can read.

use std::sync::Arc;

use aws_sdk_s3::operation::delete_object::DeleteObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_smithy_types::byte_stream::ByteStream;
use session_core::Error;
use tokio::io::AsyncRead;

use super::body::EncryptingReader;
use super::data_key::{DataKey, EncryptionContext};
use super::error::EncryptionError;
use super::get::GetEncrypted;
use super::metadata::Envelope;
use super::put::PutEncrypted;
use super::settings::S3Encryption;
use super::suite::ContentParameters;
use crate::s3::object::Object;
use crate::s3::transfer::UploadFileobj;

/// What an instruction file is called after its object.
const INSTRUCTION_FILE_SUFFIX: &str = ".instruction";

/// An object that is encrypted before it is sent and decrypted after it came. Made by [`Object::encrypted`]; sends
/// nothing itself. Clones are cheap.
///
/// ```
/// # use resources::S3;
/// # use resources::encryption::{AesKeyring, S3Encryption};
/// # use session_core::SessionExt;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let session = backend_mock::MockAws::new().session();
/// # let s3 = session.resource(S3).await?;
/// # s3.bucket("films").create().send().await?;
/// # let key = [7; 32];
/// let encryption = S3Encryption::builder(AesKeyring::new(key)?).build()?;
/// let film = s3.object("films", "metropolis").encrypted(&encryption);
/// film.put(b"1927".to_vec()).with(|put| put.content_type("text/plain")).await?;
///
/// let read = film.get().await?; // the SDK's own output, of the plaintext
/// assert_eq!(read.content_length(), Some(4));
/// assert_eq!(read.body.collect().await?.into_bytes(), "1927");
/// # Ok::<(), session_core::Error>(()) }).unwrap();
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct EncryptedObject {
    pub(super) object: Object,
    pub(super) encryption: S3Encryption,
    pub(super) context: EncryptionContext,
    instruction_file_suffix: Arc<str>,
}

impl EncryptedObject {
    pub(in crate::s3) fn new(object: Object, encryption: S3Encryption) -> Self {
        let instruction_file_suffix = INSTRUCTION_FILE_SUFFIX.into();
        Self { object, encryption, context: EncryptionContext::new(), instruction_file_suffix }
    }

    /// The object, as S3 has it.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// One entry of KMS's encryption context. The same entries have to be given to read the object again.
    ///
    /// They are kept with the object and in KMS's log, readable.
    pub fn encryption_context(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.context.insert(name.into(), value.into());
        self
    }

    /// What the object's instruction file is called after it when it is read; `.instruction` unless said.
    pub fn instruction_file_suffix(mut self, suffix: impl Into<Arc<str>>) -> Self {
        self.instruction_file_suffix = suffix.into();
        self
    }

    /// Encrypts a body of known length and puts it when awaited; see [`PutEncrypted`].
    pub fn put(&self, body: impl Into<ByteStream>) -> PutEncrypted {
        PutEncrypted::new(self.clone(), body.into())
    }

    /// Gets the object and decrypts it when awaited; see [`GetEncrypted`].
    pub fn get(&self) -> GetEncrypted {
        GetEncrypted::new(self.clone())
    }

    /// Makes the object's data key, and the upload that encrypts what a reader yields, of any length; in parts if
    /// need be, and in the memory of an [`UploadFileobj`].
    ///
    /// The upload begins when it is awaited in its turn. It counts ciphertext: its progress has 16 bytes more in the
    /// end, and a `content_length` given to it is the plaintext's and 16. Its metadata has the entries of the format
    /// already.
    ///
    /// # Errors
    /// What keeps the keyring from wrapping a key. The upload fails with an [`EncryptionError::TooLong`] in its chain
    /// when the reader yields more than AES-GCM can encrypt.
    pub async fn upload_fileobj<'r>(
        &self,
        reader: impl AsyncRead + Send + Unpin + 'r,
    ) -> Result<UploadFileobj<'r>, Error> {
        let (data_key, envelope) = self.new_envelope().await?;
        let mut metadata = std::collections::HashMap::new();
        envelope.add_to(&mut metadata, None)?;
        let reader = EncryptingReader::new(reader, envelope.content.key(&data_key)?.begin());
        let upload = self.object.upload_fileobj(reader);
        Ok(metadata.into_iter().fold(upload, |upload, (name, value)| upload.metadata(name, value)))
    }

    /// Deletes the object and its instruction file, whether there is one or not.
    ///
    /// # Errors
    /// What either DeleteObject reports; the object is deleted first.
    pub async fn delete(&self) -> Result<DeleteObjectOutput, Error> {
        let deleted = self.object.delete().send().await?;
        self.instruction_file().delete().send().await?;
        Ok(deleted)
    }

    /// A new data key, and what is kept with the object.
    pub(super) async fn new_envelope(&self) -> Result<(DataKey, Envelope), Error> {
        let suite = self.encryption.commitment_policy.suite();
        let (data_key, wrapped) = self.encryption.keyring.on_encrypt(suite, &self.context).await?;
        let content = ContentParameters::random(suite, &data_key)?;
        Ok((data_key, Envelope { content, data_key: wrapped }))
    }

    /// GetObject, as the caller will fill it in.
    pub(super) fn request(&self) -> GetObjectFluentBuilder {
        self.object.get()
    }

    pub(super) fn instruction_file(&self) -> Object {
        let key = format!("{}{}", self.object.key(), self.instruction_file_suffix);
        self.object.bucket().object(key)
    }
}

/// Refuses what cannot be had with encryption.
pub(super) fn refuse(
    is_asked: bool,
    parameter: &'static str,
    reason: &'static str,
) -> Result<(), EncryptionError> {
    match is_asked {
        true => Err(EncryptionError::UnsupportedParameter { parameter, reason }),
        false => Ok(()),
    }
}
