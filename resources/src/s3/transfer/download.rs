//! Downloading an object to a file: parallel ranges of one version, into a file that appears when it is whole.

use std::future::{Future, IntoFuture};
use std::io::SeekFrom;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use session_core::{Error, ErrorKind};
use tempfile::NamedTempFile;
use tokio::fs::{File, OpenOptions};
use tokio::io::{AsyncSeekExt, AsyncWriteExt, BufWriter};

use super::config::TransferConfig;
use super::handle::TransferHandle;
use super::io_error;
use super::part::{self, Slots};
use super::plan::{Part, Parts};
use super::progress::{Listener, Progress};
use super::ranges::Ranges;
use crate::s3::object::Object;
use crate::s3::size_of;
use crate::service::S3;

/// How much of a part is gathered before it is written.
const WRITE_BUFFER: usize = 256 << 10;

/// A download to a file that begins when it is awaited. Made by [`Object::download_file`].
///
/// Asks for the object's size and ETag first, then for ranges of that very object, in parallel. They are written to a
/// temporary file beside the target, which takes the target's place when it is whole; a file that was there before
/// stays untouched until then. Memory is 256 KiB for every part on its way, and what the connections buffer.
///
/// # Errors
/// - [`NotFound`](ErrorKind::NotFound): there is no such object
/// - [`ConditionFailed`](ErrorKind::ConditionFailed) with an [`ObjectChanged`](super::ObjectChanged) in its source: the object was
///   overwritten meanwhile
/// - [`Io`](ErrorKind::Io): the file could not be written
/// - whatever else S3 reports; a body that breaks off is asked for again, as
///   [`part_attempts`](TransferConfig::part_attempts) says
///
/// # Cancellation
/// Dropping the future removes the temporary file, and the target is as it was; but dropped during the very last step,
/// the rename, the target may be replaced all the same, by the whole object.
#[derive(Debug)]
#[must_use = "a download begins when it is awaited"]
pub struct DownloadFile {
    object: Object,
    path: PathBuf,
    config: TransferConfig,
    listener: Listener,
    slots: Option<Slots>,
}

impl DownloadFile {
    pub(in crate::s3) fn new(object: Object, path: PathBuf) -> Self {
        let (config, listener) = (TransferConfig::default(), Listener::default());
        Self { object, path, config, listener, slots: None }
    }

    /// Part size, concurrency and attempts.
    pub fn config(mut self, config: TransferConfig) -> Self {
        self.config = config;
        self
    }

    /// Is told how far the download is; see [`Progress`]. A panic in it is caught, and ends the reports.
    pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
        self.listener = Listener::new(callback);
        self
    }

    /// Shares how many requests are on their way with other transfers.
    pub(super) fn slots(mut self, slots: &Slots) -> Self {
        self.slots = Some(Slots::clone(slots));
        self
    }

    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<DownloadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.download(), shown)
    }

    async fn download(self) -> Result<DownloadedObject, Error> {
        let Self { object, path, config, listener, slots } = self;
        let head = object.load().await?;
        let size = size_of(head.content_length());
        let mut progress = listener.begin(size);
        let target = Target::beside(path, size).await?;
        let ranges = Arc::new(Ranges::new(object, head.e_tag.clone(), &config));
        let temporary: Arc<Path> = target.file.path().into();
        let parts = Parts::of_download(size, &config);
        let transfer = |part| {
            let (ranges, temporary) = (Arc::clone(&ranges), Arc::clone(&temporary));
            async move { ranges.fetch(part, |body| write(&temporary, part, body)).await }
        };
        part::all(parts, config.max_concurrency(), slots.as_ref(), transfer, |part, ()| {
            progress.arrived(part.length)
        })
        .await?;
        target.finish().await?;
        if size == 0 {
            progress.arrived(0);
        }
        Ok(DownloadedObject { size, e_tag: head.e_tag, version_id: head.version_id })
    }
}

impl IntoFuture for DownloadFile {
    type Output = Result<DownloadedObject, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.download())
    }
}

/// What was downloaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DownloadedObject {
    /// The object's size in bytes.
    pub size: u64,
    /// The ETag, in its quotation marks, that every part was pinned to.
    pub e_tag: Option<String>,
    /// The version, in a bucket with versioning.
    pub version_id: Option<String>,
}

/// Writes the body of a part to its place in a file; as long as promised, or it broke off.
async fn write(temporary: &Path, part: Part, mut body: ByteStream) -> Result<(), Error> {
    let failed = |why| io_error("writing to", temporary, why);
    let mut file = OpenOptions::new().write(true).open(temporary).await.map_err(failed)?;
    file.seek(SeekFrom::Start(part.offset)).await.map_err(failed)?;
    let mut file: BufWriter<File> = BufWriter::with_capacity(WRITE_BUFFER, file);
    let mut written = 0;
    while let Some(bytes) = body.try_next().await? {
        written += bytes.len() as u64;
        if written > part.length {
            break;
        }
        file.write_all(&bytes).await.map_err(failed)?;
    }
    // The flush of a tokio file also waits for the write that it does in the background.
    file.flush().await.map_err(failed)?;
    part.require_whole(written)
}

/// The file to be, under a temporary name in the same directory.
struct Target {
    path: PathBuf,
    file: NamedTempFile,
}

impl Target {
    async fn beside(path: PathBuf, size: u64) -> Result<Self, Error> {
        blocking(move || {
            let failed = |why| io_error("writing beside", &path, why);
            if path.is_dir() || path.file_name().is_none() {
                let message = format!("`{}` is not the path of a file to write", path.display());
                return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
            }
            let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
            let mut builder = tempfile::Builder::new();
            builder.prefix(".download-").suffix(".part");
            #[cfg(unix)]
            {
                use std::os::unix::fs::PermissionsExt;
                // Those of a file that a program creates, less the umask; a temporary file's would be 0600.
                builder.permissions(std::fs::Permissions::from_mode(0o666));
            }
            let file = builder.tempfile_in(directory.unwrap_or(Path::new("."))).map_err(failed)?;
            file.as_file().set_len(size).map_err(failed)?;
            Ok(Self { path, file })
        })
        .await
    }

    async fn finish(self) -> Result<(), Error> {
        blocking(move || match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(why) => Err(io_error("renaming to", &self.path, why.error)),
        })
        .await
    }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    match tokio::task::spawn_blocking(work).await {
        Ok(outcome) => outcome,
        Err(stopped) => Err(std::io::Error::other(stopped).into()),
    }
}
