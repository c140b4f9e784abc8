//! Putting an encrypted object.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;

use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use session_core::Error;

use super::body::EncryptingBody;
use super::encrypted_object::{EncryptedObject, refuse};
use super::error::EncryptionError;
use super::gcm::{MAX_PLAINTEXT_BYTES, MessageKey};

/// A PutObject of an encrypted body, which begins when it is awaited. Made by [`EncryptedObject::put`].
///
/// The body is encrypted while it is sent, 64 KiB at a time. One in memory is sent again if that has to be; a stream
/// or a file is not, for a file that changed meanwhile would be encrypted twice under one key, which AES-GCM must not
/// be.
///
/// # Errors
/// - [`InvalidInput`](session_core::ErrorKind::InvalidInput), an [`EncryptionError`] in its chain: the body's length
///   is unknown, or more than 64 GiB less 32 bytes; a parameter that would be wrong of the ciphertext; a name of the
///   format in the metadata
/// - what keeps the keyring from wrapping a key, such as KMS's answer
/// - what S3 reports
///
/// # Cancellation
/// Dropping the future drops the request; what S3 received whole is carried out.
#[must_use = "nothing is sent before it is awaited"]
pub struct PutEncrypted {
    object: EncryptedObject,
    request: PutObjectFluentBuilder,
    body: ByteStream,
}

impl PutEncrypted {
    pub(super) fn new(object: EncryptedObject, body: ByteStream) -> Self {
        Self { request: object.object.put(), object, body }
    }

    /// Sets whatever else PutObject takes: content type, metadata, storage class. A `content_length` is the
    /// plaintext's, for a stream that does not know it.
    pub fn with(mut self, set: impl FnOnce(PutObjectFluentBuilder) -> PutObjectFluentBuilder) -> Self {
        self.request = set(self.request);
        self
    }

    async fn send(self) -> Result<PutObjectOutput, Error> {
        let Self { object, request, body } = self;
        check(&request)?;
        let length = length(&request, &body)?;
        let mut metadata = request.as_input().get_metadata().clone().unwrap_or_default();
        let (data_key, envelope) = object.new_envelope().await?;
        envelope.add_to(&mut metadata, Some(length))?;
        let body = encrypting(body, length, envelope.content.key(&data_key)?);
        let request = request.set_metadata(Some(metadata)).set_content_length(None);
        Ok(request.body(body).send().await?)
    }
}

/// What the caller says of the body would be said of the ciphertext.
fn check(request: &PutObjectFluentBuilder) -> Result<(), EncryptionError> {
    let input = request.as_input();
    let of_plaintext = "S3 would compare it with the ciphertext";
    refuse(input.get_body().is_some(), "a second body", "it is an argument of `put`")?;
    refuse(
        input.get_write_offset_bytes().is_some(),
        "WriteOffsetBytes",
        "an encrypted object has one end, its tag",
    )?;
    for (is_asked, parameter) in [
        (input.get_content_md5().is_some(), "ContentMD5"),
        (input.get_checksum_crc32().is_some(), "ChecksumCRC32"),
        (input.get_checksum_crc32_c().is_some(), "ChecksumCRC32C"),
        (input.get_checksum_crc64_nvme().is_some(), "ChecksumCRC64NVME"),
        (input.get_checksum_sha1().is_some(), "ChecksumSHA1"),
        (input.get_checksum_sha256().is_some(), "ChecksumSHA256"),
    ] {
        refuse(is_asked, parameter, of_plaintext)?;
    }
    Ok(())
}

fn length(request: &PutObjectFluentBuilder, body: &ByteStream) -> Result<u64, EncryptionError> {
    let (least, most) = body.size_hint();
    let of_body = most.filter(|most| *most == least);
    let promised = request.as_input().get_content_length().and_then(|length| u64::try_from(length).ok());
    let Some(length) = of_body.or(promised) else {
        let reason = "PutObject takes a length: give content_length, or use upload_fileobj";
        return Err(EncryptionError::UnsupportedParameter { parameter: "a body of unknown length", reason });
    };
    match length > MAX_PLAINTEXT_BYTES {
        true => Err(EncryptionError::TooLong),
        false => Ok(length),
    }
}

fn encrypting(body: ByteStream, length: u64, key: MessageKey) -> ByteStream {
    let plaintext = body.into_inner();
    let encrypting = move |plaintext, key: &MessageKey| {
        SdkBody::from_body_1_x(EncryptingBody::new(plaintext, length, key.begin()))
    };
    if plaintext.bytes().is_none() {
        return ByteStream::new(encrypting(plaintext, &key));
    }
    // Bytes in memory cannot change, so that every attempt sends the same ciphertext.
    ByteStream::new(SdkBody::retryable(move || {
        encrypting(plaintext.try_clone().unwrap_or_else(SdkBody::taken), &key)
    }))
}

impl IntoFuture for PutEncrypted {
    type Output = Result<PutObjectOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

impl fmt::Debug for PutEncrypted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PutEncrypted").field("object", &self.object).finish_non_exhaustive()
    }
}
