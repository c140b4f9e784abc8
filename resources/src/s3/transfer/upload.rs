//! Uploading a file: one PutObject for a small one, parts in parallel for a large one.

use std::future::{Future, IntoFuture};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::time::SystemTime;

use aws_sdk_s3::config::RequestChecksumCalculation;
use aws_sdk_s3::types::{ChecksumAlgorithm, CompletedMultipartUpload, CompletedPart};
use aws_smithy_types::byte_stream::{ByteStream, Length};
use session_core::{Error, ErrorKind};

use super::config::TransferConfig;
use super::handle::TransferHandle;
use super::headers::{Headers, header_settings};
use super::io_error;
use super::part::{self, Slots};
use super::plan::{Part, Parts};
use super::progress::{Listener, Progress};
use super::unfinished::Unfinished;
use crate::s3::multipart_upload::MultipartUpload;
use crate::s3::object::Object;
use crate::service::S3;

/// An upload of a file that begins when it is awaited. Made by [`Object::upload_file`].
///
/// Files below [`multipart_threshold`](TransferConfig::multipart_threshold) go in one PutObject, others in a
/// multipart upload of equal parts. Parts are read from the file as they are sent, so memory stays far below
/// `(max_concurrency + 1) * part_size`. Unless the client calculates checksums only when required, every part carries
/// a CRC32 that S3 checks.
///
/// # Errors
/// - [`Io`](ErrorKind::Io): the file is missing or cannot be read
/// - [`InvalidInput`](ErrorKind::InvalidInput): it is no regular file, larger than S3 takes, or was written to while it
///   was uploaded. A large file's upload is aborted then; a small file's object is stored nevertheless
/// - what S3 reports: the first error, after the multipart upload was aborted. If that failed, too, the source is an
///   [`UnabortedUpload`](super::UnabortedUpload)
///
/// # Cancellation
/// Dropping the future at any moment leaves no multipart upload: a task aborts it. Closing the scope waits for that
/// task, and neither closing nor dropping the scope stops it; the end of the tokio runtime does. What remains then is
/// for a lifecycle rule (`AbortIncompleteMultipartUpload`). For a client that was made without a session, whoever owns
/// the client has to keep it working that long.
///
/// Closing waits for a multipart upload that goes on, too. A future that is kept but not polled neither completes nor
/// aborts its upload, so closing the scope ends with its time-out.
#[derive(Debug)]
#[must_use = "an upload begins when it is awaited"]
pub struct UploadFile {
    object: Object,
    path: PathBuf,
    config: TransferConfig,
    listener: Listener,
    headers: Headers,
    slots: Option<Slots>,
}

impl UploadFile {
    pub(in crate::s3) fn new(object: Object, path: PathBuf) -> Self {
        let (config, listener) = (TransferConfig::default(), Listener::default());
        Self { object, path, config, listener, headers: Headers::default(), slots: None }
    }

    /// Part size, threshold and concurrency.
    pub fn config(mut self, config: TransferConfig) -> Self {
        self.config = config;
        self
    }

    /// Is told how far the upload is; see [`Progress`]. A panic in it is caught, and ends the reports.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    /// Shares how many requests are on their way with other transfers.
    pub(super) fn slots(mut self, slots: &Slots) -> Self {
        self.slots = Some(Slots::clone(slots));
        self
    }

    header_settings!();

    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<UploadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.upload(), shown)
    }

    async fn upload(self) -> Result<UploadedObject, Error> {
        let Self { object, path, config, listener, headers, slots } = self;
        let file = FileState::of(&path).await?;
        let mut progress = listener.begin(file.size);
        let Some(parts) = Parts::of_upload(file.size, &config)? else {
            let _slot = part::slot(slots.as_ref()).await;
            let uploaded = put(&object, &path, file, headers).await?;
            file.require_unchanged(&path).await?;
            progress.arrived(file.size);
            return Ok(uploaded);
        };
        let checksum = checksum_algorithm(&object);
        let unfinished = Unfinished::begin(&object, |create| {
            headers.on_create(create).set_checksum_algorithm(checksum.clone())
        })
        .await?;
        let upload = object.multipart_upload(unfinished.upload_id());
        let mut completed = Vec::new();
        let transfer = |part| upload_part(upload.clone(), path.clone(), part, checksum.clone());
        let all = part::all(parts, config.max_concurrency(), slots.as_ref(), transfer, |part, done| {
            completed.push(done);
            progress.arrived(part.length);
        });
        let outcome = match all.await {
            Ok(()) => match file.require_unchanged(&path).await {
                Ok(()) => complete(&upload, file.size, completed).await,
                Err(error) => Err(error),
            },
            Err(error) => Err(error),
        };
        match outcome {
            Ok(uploaded) => {
                unfinished.completed();
                Ok(uploaded)
            }
            Err(cause) => Err(unfinished.abort_for(cause).await),
        }
    }
}

impl IntoFuture for UploadFile {
    type Output = Result<UploadedObject, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.upload())
    }
}

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

/// What must not change in a file while it is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    size: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    async fn of(path: &Path) -> Result<Self, Error> {
        let metadata =
            tokio::fs::metadata(path).await.map_err(|why| io_error("reading the file", path, why))?;
        if !metadata.is_file() {
            let message = format!("`{}` is not a regular file", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
        }
        Ok(Self { size: metadata.len(), modified: metadata.modified().ok() })
    }

    async fn require_unchanged(self, path: &Path) -> Result<(), Error> {
        if Self::of(path).await? == self {
            return Ok(());
        }
        let message = format!("the file `{}` was written to while it was uploaded", path.display());
        Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME))
    }
}

/// S3 checks a CRC32 of every part, unless the client was told to leave out what is not required.
pub(super) fn checksum_algorithm(object: &Object) -> Option<ChecksumAlgorithm> {
    match object.client().config().request_checksum_calculation() {
        Some(RequestChecksumCalculation::WhenRequired) => None,
        _ => Some(ChecksumAlgorithm::Crc32),
    }
}

async fn put(
    object: &Object,
    path: &Path,
    file: FileState,
    headers: Headers,
) -> Result<UploadedObject, Error> {
    let body = body(path, 0, file.size).await?;
    let put = headers.on_put(object.put()).set_checksum_algorithm(checksum_algorithm(object));
    let output = put.body(body).send().await?;
    Ok(UploadedObject {
        size: file.size,
        e_tag: output.e_tag,
        version_id: output.version_id,
        checksum_crc32: output.checksum_crc32,
    })
}

async fn upload_part(
    upload: MultipartUpload,
    path: PathBuf,
    part: Part,
    checksum: Option<ChecksumAlgorithm>,
) -> Result<CompletedPart, Error> {
    let body = body(&path, part.offset, part.length).await?;
    let request = upload.upload_part(part.number).set_checksum_algorithm(checksum.clone()).body(body);
    let output = request.send().await?;
    Ok(CompletedPart::builder()
        .part_number(part.number)
        .set_e_tag(output.e_tag)
        .set_checksum_crc32(output.checksum_crc32.filter(|_| checksum.is_some()))
        .build())
}

/// Completes an upload of parts that have `size` bytes together.
pub(super) async fn complete(
    upload: &MultipartUpload,
    size: u64,
    mut parts: Vec<CompletedPart>,
) -> Result<UploadedObject, Error> {
    parts.sort_unstable_by_key(CompletedPart::part_number);
    let completed = CompletedMultipartUpload::builder().set_parts(Some(parts)).build();
    let output = upload.complete().multipart_upload(completed).send().await?;
    Ok(UploadedObject {
        size,
        e_tag: output.e_tag,
        version_id: output.version_id,
        checksum_crc32: output.checksum_crc32,
    })
}

/// The bytes of the file in that range, read as they are sent, and anew for every attempt.
async fn body(path: &Path, offset: u64, length: u64) -> Result<ByteStream, Error> {
    let read = ByteStream::read_from().path(path).offset(offset).length(Length::Exact(length)).build().await;
    read.map_err(|why| {
        Error::new(ErrorKind::Io, format!("reading the file `{}` failed: {why}", path.display()))
            .with_source(why)
    })
}
