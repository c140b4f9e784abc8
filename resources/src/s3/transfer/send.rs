//! The requests that uploads are made of, whatever their bytes come from.

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::operation::complete_multipart_upload::CompleteMultipartUploadOutput;
use aws_sdk_s3::operation::copy_object::CopyObjectOutput;
use aws_sdk_s3::operation::put_object::PutObjectOutput;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::byte_stream::ByteStream;
use session_core::Error;

use super::access::{Access, WithAccess as _};
use super::headers::Headers;
use super::unfinished::Unfinished;
use crate::s3::copy_source::CopySource;
use crate::s3::multipart_upload::MultipartUpload;
use crate::s3::object::Object;
use crate::s3::payload_signing::UnsignedOverTls;

/// What S3 told about an uploaded object.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UploadedObject {
    /// The object's size in bytes.
    pub size: u64,
    /// The ETag, in its quotation marks. That of a multipart upload ends in the number of parts.
    pub e_tag: Option<String>,
    /// The version, in a bucket with versioning.
    pub version_id: Option<String>,
    /// The CRC32 that S3 checked and keeps, in base 64; that of a multipart upload is the checksum of its parts'
    /// checksums, and ends in their number.
    pub checksum_crc32: Option<String>,
}

macro_rules! told_by {
    ($($answer:ident $output:ty),*) => {
        $(pub(super) fn $answer(size: u64, output: $output) -> Self {
            let (e_tag, version_id) = (output.e_tag, output.version_id);
            Self { size, e_tag, version_id, checksum_crc32: output.checksum_crc32 }
        })*
    };
}

impl UploadedObject {
    told_by!(of_put PutObjectOutput, of_complete CompleteMultipartUploadOutput);

    pub(super) fn of_copy(size: u64, output: CopyObjectOutput) -> Self {
        let (e_tag, checksum_crc32) =
            output.copy_object_result.map(|result| (result.e_tag, result.checksum_crc32)).unwrap_or_default();
        Self { size, e_tag, version_id: output.version_id, checksum_crc32 }
    }
}

/// S3 checks a CRC32 of every part, unless the client was told to leave out what is not required.
fn checksum_algorithm(object: &Object) -> Option<ChecksumAlgorithm> {
    match object.client().config().request_checksum_calculation() {
        Some(RequestChecksumCalculation::WhenRequired) => None,
        _ => Some(ChecksumAlgorithm::Crc32),
    }
}

/// To sign so few bytes costs less than to say that they are not signed.
const SIGNED_CHEAPLY: u64 = 16 << 10;

/// Sends a request with a body, whose checksum S3 compares or whose signature covers it.
macro_rules! sent {
    ($request:expr, $is_unsigned:expr) => {
        match $is_unsigned {
            true => $request.customize().interceptor(UnsignedOverTls).send().await,
            false => $request.send().await,
        }
    };
}

/// Stores a body of `size` bytes in one request.
pub(super) async fn put(
    object: &Object,
    size: u64,
    body: ByteStream,
    headers: Headers,
) -> Result<UploadedObject, Error> {
    let checksum = checksum_algorithm(object);
    let put = headers.on_put(object.put()).set_checksum_algorithm(checksum.clone()).body(body);
    Ok(UploadedObject::of_put(size, sent!(put, checksum.is_some() && size > SIGNED_CHEAPLY)?))
}

/// A multipart upload, and what its requests say alike.
#[derive(Clone)]
pub(super) struct Parts {
    upload: MultipartUpload,
    access: Access,
    checksum: Option<ChecksumAlgorithm>,
}

impl Parts {
    /// Begins the upload of an object that has `headers`, of parts that are sent from here.
    pub(super) async fn begin(object: &Object, headers: Headers) -> Result<(Self, Unfinished), Error> {
        Self::begin_with(object, headers, checksum_algorithm(object)).await
    }

    /// Begins the upload of an object that has `headers`, of parts that S3 has already.
    pub(super) async fn begin_copy(object: &Object, headers: Headers) -> Result<(Self, Unfinished), Error> {
        Self::begin_with(object, headers, None).await
    }

    async fn begin_with(
        object: &Object,
        headers: Headers,
        checksum: Option<ChecksumAlgorithm>,
    ) -> Result<(Self, Unfinished), Error> {
        let access = headers.access.clone();
        let unfinished = Unfinished::begin(object, &access, |create| {
            headers.on_create(create).set_checksum_algorithm(checksum.clone())
        })
        .await?;
        let upload = object.multipart_upload(unfinished.upload_id());
        Ok((Self { upload, access, checksum }, unfinished))
    }

    /// Sends a part, and says how the completion names it.
    pub(super) async fn send(&self, number: i32, body: ByteStream) -> Result<CompletedPart, Error> {
        let Self { upload, access, checksum } = self;
        let request = upload.upload_part(number).access(access);
        let request = request.set_checksum_algorithm(checksum.clone());
        let output = sent!(request.body(body), checksum.is_some())?;
        Ok(CompletedPart::builder()
            .part_number(number)
            .set_e_tag(output.e_tag)
            .set_checksum_crc32(output.checksum_crc32.filter(|_| checksum.is_some()))
            .build())
    }

    /// The request that has S3 copy a part; say the range.
    pub(super) fn copy(&self, number: i32, source: CopySource) -> UploadPartCopyFluentBuilder {
        self.upload.part(number).copy_from(source).access(&self.access)
    }

    /// Completes the upload of parts that have `size` bytes together.
    pub(super) async fn complete(
        &self,
        size: u64,
        mut parts: Vec<CompletedPart>,
    ) -> Result<UploadedObject, Error> {
        parts.sort_unstable_by_key(CompletedPart::part_number);
        let completed = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
        let complete = self.upload.complete().access(&self.access);
        let output = complete.multipart_upload(completed).send().await?;
        Ok(UploadedObject::of_complete(size, output))
    }
}
