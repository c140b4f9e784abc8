//! Getting an encrypted object.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::BytesMut;
use session_core::Error;

use super::body::{DecryptingBody, decrypted};
use super::encrypted_object::{EncryptedObject, refuse};
use super::error::EncryptionError;
use super::gcm::{Gcm, TAG_BYTES};
use super::metadata::{Envelope, Found};
use super::settings::Release;

/// The largest instruction file: far more than all entries of the format take.
const INSTRUCTION_FILE_BYTES: u64 = 64 << 10;

/// A GetObject of an encrypted object, which begins when it is awaited. Made by [`EncryptedObject::get`].
///
/// Awaiting it reads the whole object, authenticates it and only then gives any of it out, so that an object may have
/// as many bytes as the [`buffer_size`](super::S3EncryptionBuilder::buffer_size). With
/// [`delayed_authentication`](super::S3EncryptionBuilder::delayed_authentication) the body decrypts what comes, in
/// little memory, and ends with an error if it was not authentic. A lost connection is resumed, as by
/// [`Object::read`].
///
/// The output is the SDK's, with the plaintext as its body and the plaintext's length; ETag, checksums and metadata
/// are those that S3 keeps. An instruction file is read where the metadata has no data key.
///
/// # Errors
/// An [`EncryptionError`] is in the chain of each but the last two:
/// - [`Service`](session_core::ErrorKind::Service): what S3 keeps is not what was written: altered or cut short
///   content, data key, commitment or metadata
/// - [`InvalidInput`](session_core::ErrorKind::InvalidInput): a range or a part was asked for, whose bytes nobody could
///   authenticate; the object is larger than the buffer, not encrypted, encrypted in a deprecated format, without key
///   commitment although the policy wants it, for another keyring or another encryption context
/// - what keeps the keyring from unwrapping the key, such as KMS's answer
/// - what S3 reports
///
/// # Cancellation
/// Dropping the future, or the output's body, drops the connection.
///
/// [`Object::read`]: crate::Object::read
#[must_use = "reading begins when it is awaited"]
pub struct GetEncrypted {
    object: EncryptedObject,
    request: GetObjectFluentBuilder,
}

impl GetEncrypted {
    pub(super) fn new(object: EncryptedObject) -> Self {
        Self { request: object.request(), object }
    }

    /// Sets whatever else GetObject takes: a version, a condition, a requester who pays.
    pub fn with(mut self, set: impl FnOnce(GetObjectFluentBuilder) -> GetObjectFluentBuilder) -> Self {
        self.request = set(self.request);
        self
    }

    async fn send(self) -> Result<GetObjectOutput, Error> {
        let Self { object, request } = self;
        let unauthenticated = "its bytes cannot be authenticated without the rest; get the whole object";
        refuse(request.as_input().get_range().is_some(), "Range", unauthenticated)?;
        refuse(request.as_input().get_part_number().is_some(), "PartNumber", unauthenticated)?;
        let mut output = object.object.read().with(|_| request).await?;
        refuse(output.content_range().is_some(), "an answer with ContentRange", unauthenticated)?;
        let Some(envelope) = envelope(&object, &output).await? else { return Ok(output) };
        let cipher = cipher(&object, &envelope).await?;
        let length = output.content_length().and_then(|length| u64::try_from(length).ok());
        let plaintext_length = match length.map(|bytes| bytes.checked_sub(TAG_BYTES as u64).ok_or(bytes)) {
            Some(Ok(plaintext)) => Some(plaintext),
            Some(Err(bytes)) => return Err(EncryptionError::Truncated { bytes }.into()),
            None => None,
        };
        let body = std::mem::take(&mut output.body);
        output.content_length = plaintext_length.and_then(|length| i64::try_from(length).ok());
        output.body = match object.encryption.release {
            Release::Delayed => {
                let body = DecryptingBody::new(body.into_inner(), plaintext_length, cipher);
                ByteStream::new(SdkBody::from_body_1_x(body))
            }
            Release::Authenticated { buffer_size_bytes } => {
                let Some(bytes) = length else {
                    return Err(EncryptionError::LargerThanBuffer { bytes: None, buffer_size_bytes }.into());
                };
                let ciphertext = whole(body, bytes, buffer_size_bytes).await?;
                decrypted(ciphertext, cipher)?.into()
            }
        };
        Ok(output)
    }
}

/// How the object is encrypted; `None` if it is not, and may be read as it is.
async fn envelope(object: &EncryptedObject, output: &GetObjectOutput) -> Result<Option<Envelope>, Error> {
    let found = match output.metadata() {
        Some(metadata) => Found::in_metadata(metadata)?,
        None => Found::Nothing,
    };
    if let Found::Envelope(envelope) = found {
        return Ok(Some(envelope));
    }
    let file = match object.instruction_file().get().send().await.map_err(Error::from) {
        Ok(file) => file,
        Err(error) if error.is_not_found() => {
            return match found {
                Found::Nothing if object.encryption.reads_unencrypted => Ok(None),
                Found::Nothing => Err(EncryptionError::NotEncrypted.into()),
                _ => Err(EncryptionError::Metadata {
                    name: "x-amz-3",
                    problem: "is missing, and there is no instruction file".to_owned(),
                }
                .into()),
            };
        }
        Err(error) => return Err(error),
    };
    let bytes = file.content_length().and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or(0);
    let text = whole(file.body, bytes, INSTRUCTION_FILE_BYTES).await?;
    Ok(Some(found.completed_by(&text)?))
}

async fn cipher(object: &EncryptedObject, envelope: &Envelope) -> Result<Gcm, Error> {
    let suite = envelope.content.suite();
    let EncryptedObject { encryption, context, .. } = object;
    if !encryption.commitment_policy.reads(suite) {
        return Err(EncryptionError::CommitmentRequired.into());
    }
    let data_key = encryption.keyring.on_decrypt(suite, context, &envelope.data_key).await?;
    Ok(envelope.content.key(&data_key)?.begin())
}

/// All of a body that was said to have so many bytes.
async fn whole(mut body: ByteStream, bytes: u64, buffer_size_bytes: u64) -> Result<BytesMut, Error> {
    let larger = |bytes| EncryptionError::LargerThanBuffer { bytes: Some(bytes), buffer_size_bytes };
    if bytes > buffer_size_bytes {
        return Err(larger(bytes).into());
    }
    let mut held = BytesMut::with_capacity(usize::try_from(bytes).map_err(|_| larger(bytes))?);
    while let Some(piece) = body.try_next().await? {
        let all = (held.len() + piece.len()) as u64;
        if all > buffer_size_bytes {
            return Err(larger(all).into());
        }
        held.extend_from_slice(&piece);
    }
    Ok(held)
}

impl IntoFuture for GetEncrypted {
    type Output = Result<GetObjectOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for GetEncrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GetEncrypted").field("object", &self.object).finish_non_exhaustive()
    }
}
