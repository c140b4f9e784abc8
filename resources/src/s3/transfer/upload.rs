//! Uploading a file: one PutObject for a small one, parts in parallel for a large one.

use std::fs::{File, Metadata};
use std::future::{Future, IntoFuture};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;
use std::time::SystemTime;

use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use session_core::{Error, ErrorKind};

use super::access::Access;
use super::config::TransferConfig;
use super::file_body::FileContent;
use super::handle::TransferHandle;
use super::headers::{Headers, header_settings};
use super::part::{self, Slots};
use super::plan::{Part, Parts};
use super::progress::{Listener, Progress};
use super::send::{self, UploadedObject, put};
use super::{blocking, io_error};
use crate::s3::object::Object;
use crate::service::S3;

/// A file that is no larger is read at once, and sent from memory.
const READ_AT_ONCE: u64 = 256 << 10;

/// An upload of a file that begins when it is awaited. Made by [`Object::upload_file`].
///
/// Files below [`multipart_threshold`](TransferConfig::multipart_threshold) go in one PutObject, others in a
/// multipart upload of equal parts. Up to 16 MiB are read at once, more is read as it is sent: memory is at most
/// `max_concurrency * part_size`, and far below with larger parts. Unless the client calculates checksums only when required, every part carries
/// a CRC32 that S3 checks.
///
/// # Errors
/// - [`Io`](ErrorKind::Io): the file is missing or cannot be read
/// - [`InvalidInput`](ErrorKind::InvalidInput): it is no regular file, larger than S3 takes, or was written to while it
///   was uploaded. An upload of parts is aborted then; the object of a file that goes in one PutObject and has more than
///   16 MiB is stored nevertheless
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
    read: Option<ReadFile>,
}

impl UploadFile {
    pub(in crate::s3) fn new(object: Object, path: PathBuf) -> Self {
        let (config, listener) = (TransferConfig::default(), Listener::default());
        Self { object, path, config, listener, headers: Headers::default(), slots: None, read: None }
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

    /// The file, where it was read already.
    pub(super) fn read(mut self, read: Option<ReadFile>) -> Self {
        self.read = read;
        self
    }

    /// As all uploads of a directory.
    pub(super) fn access(mut self, access: &Access) -> Self {
        self.headers.access = access.clone();
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
        let Self { object, path, config, listener, headers, slots, read } = self;
        let ReadFile { state, content } = match read {
            Some(read) => read,
            None => ReadFile::of(path.clone()).await?,
        };
        let mut progress = listener.begin(state.size);
        let Some(parts) = Parts::of_upload(state.size, &config)? else {
            let _slot = part::slot(slots.as_ref()).await;
            let body = content.body(0, state.size, &path).await?;
            let streamed = body.bytes().is_none();
            if let (Content::Read(_), false) = (&content, streamed) {
                state.require_unchanged(path.clone()).await?;
            }
            let uploaded = put(&object, state.size, body, headers).await?;
            if streamed {
                state.require_unchanged(path).await?;
            }
            progress.arrived(state.size);
            return Ok(uploaded);
        };
        let (sent, unfinished) = send::Parts::begin(&object, headers).await?;
        let mut completed = Vec::new();
        let transfer = |part: Part| {
            let (sent, content, slots) = (sent.clone(), content.clone(), slots.clone());
            let path = path.clone();
            async move {
                let _slot = part::slot(slots.as_ref()).await;
                sent.send(part.number, content.body(part.offset, part.length, &path).await?).await
            }
        };
        let all = part::all(parts, config.max_concurrency(), transfer, |part, done| {
            completed.push(done);
            progress.arrived(part.length);
        });
        let outcome = match all.await {
            Ok(()) => match state.require_unchanged(path).await {
                Ok(()) => sent.complete(state.size, completed).await,
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

/// A file that was looked at, and read if it is small.
#[derive(Debug)]
pub(super) struct ReadFile {
    state: FileState,
    content: Content,
}

impl ReadFile {
    async fn of(path: PathBuf) -> Result<Self, Error> {
        blocking(move || Self::now(&path)).await
    }

    /// The same for a small file, which waits for the file system; `None` for a larger one.
    pub(super) fn if_small(path: &Path, size: u64) -> Option<Result<Self, Error>> {
        (size <= READ_AT_ONCE).then(|| Self::now(path))
    }

    fn now(path: &Path) -> Result<Self, Error> {
        let failed = |why| io_error("reading the file", path, why);
        // A pipe is not opened: that waits for its other end.
        let state = FileState::of(path)?;
        if state.size > READ_AT_ONCE {
            let content = Content::Read(FileContent::open(path).map_err(failed)?);
            return Ok(Self { state, content });
        }
        let mut content = vec![0; usize::try_from(state.size).unwrap_or(0)];
        let mut file = File::open(path).map_err(failed)?;
        let is_whole = match file.read_exact(&mut content) {
            Ok(()) => true,
            Err(why) if why.kind() == io::ErrorKind::UnexpectedEof => false,
            Err(why) => return Err(failed(why)),
        };
        // That nothing comes after these bytes is what its size says now.
        if !is_whole || FileState::told(&file.metadata().map_err(failed)?) != state {
            return Err(changed(path));
        }
        Ok(Self { state, content: Content::Whole(content.into()) })
    }
}

/// Where the bytes of a file come from.
#[derive(Clone, Debug)]
enum Content {
    /// All of them, for they are few.
    Whole(Bytes),
    Read(Arc<FileContent>),
}

impl Content {
    /// The bytes in that range.
    async fn body(&self, offset: u64, length: u64, path: &Path) -> Result<ByteStream, Error> {
        match self {
            Self::Whole(content) => {
                let [begin, end] =
                    [offset, offset + length].map(|at| usize::try_from(at).unwrap_or(usize::MAX));
                Ok(content.slice(begin.min(content.len())..end.min(content.len())).into())
            }
            Self::Read(content) => {
                content.body(offset, length).await.map_err(|why| io_error("reading the file", path, why))
            }
        }
    }
}

/// What must not change in a file while it is uploaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct FileState {
    size: u64,
    modified: Option<SystemTime>,
}

impl FileState {
    fn of(path: &Path) -> Result<Self, Error> {
        let metadata = std::fs::metadata(path).map_err(|why| io_error("reading the file", path, why))?;
        if !metadata.is_file() {
            let message = format!("`{}` is not a regular file", path.display());
            return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
        }
        Ok(Self::told(&metadata))
    }

    fn told(metadata: &Metadata) -> Self {
        Self { size: metadata.len(), modified: metadata.modified().ok() }
    }

    async fn require_unchanged(self, path: PathBuf) -> Result<(), Error> {
        blocking(move || if Self::of(&path)? == self { Ok(()) } else { Err(changed(&path)) }).await
    }
}

fn changed(path: &Path) -> Error {
    let message = format!("the file `{}` was written to while it was uploaded", path.display());
    Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME)
}
