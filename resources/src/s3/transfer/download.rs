//! Downloading an object to a file: parallel ranges of one version, into a file that appears when it is whole.

use std::fs::File;
use std::future::{Future, IntoFuture};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::Arc;

use aws_sdk_s3::primitives::ByteStream;
use bytes::Bytes;
use session_core::{Error, ErrorKind};
use tempfile::NamedTempFile;

use super::access::{Access, Source, access_settings, source_settings};
use super::config::TransferConfig;
use super::handle::TransferHandle;
use super::part::{self, Slots};
use super::plan::Part;
use super::positioned::write_all_at;
use super::progress::{Listener, Progress};
use super::ranges::{Begun, gather};
use super::{blocking, done, io_error, start_blocking};
use crate::s3::object::Object;
use crate::service::S3;

/// How much of a part is gathered before it is written. What is no larger as a whole is written at once.
const GATHERED: usize = 1 << 20;

/// A download to a file that begins when it is awaited. Made by [`Object::download_file`].
///
/// Asks for the first part, whose answer tells the object's size and ETag, and for the others, ranges of that very object, in
/// parallel. They are written to a temporary file beside the target, which takes the target's place when it is whole; a
/// file that was there before stays untouched until then. Memory is 3 MiB for every part on its way, and what the
/// connections buffer.
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
    source: Source,
    path: PathBuf,
    /// The object's size, as a listing told it.
    listed: Option<u64>,
    config: TransferConfig,
    listener: Listener,
    slots: Option<Slots>,
}

impl DownloadFile {
    pub(in crate::s3) fn new(object: Object, path: PathBuf) -> Self {
        let (config, listener) = (TransferConfig::default(), Listener::default());
        Self { source: Source::new(object), path, listed: None, config, listener, slots: None }
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

    /// As all downloads of a directory.
    pub(super) fn access(mut self, access: &Access) -> Self {
        self.source.access = access.clone();
        self
    }

    /// What a listing told of the object's size.
    pub(super) fn listed(mut self, size: u64) -> Self {
        self.listed = Some(size);
        self
    }

    source_settings!();

    /// Begins now, in a task of its own.
    ///
    /// # Errors
    /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
    pub fn start(mut self) -> Result<TransferHandle<DownloadedObject>, Error> {
        let shown = self.listener.show();
        TransferHandle::start(self.download(), shown)
    }

    async fn download(self) -> Result<DownloadedObject, Error> {
        let Self { source, path, listed, config, listener, slots } = self;
        // The body that has begun keeps the slot of its request.
        let mut slot = part::slot(slots.as_ref()).await;
        let Begun { ranges, downloaded, parts, mut first } = Begun::of(source, &config, listed).await?;
        let size = downloaded.size;
        let mut progress = listener.begin(size);
        if parts.only().map_or(0, |part| part.length) == size && size <= GATHERED as u64 {
            let content = match parts.only() {
                Some(part) => ranges.fetch(part, first, |body| gather(part, body)).await?,
                None => Bytes::new(),
            };
            drop(slot);
            blocking(move || Target::beside(path)?.filled(&content)?.finish()).await?;
            progress.arrived(size);
            return Ok(downloaded);
        }
        let target = blocking(move || Target::beside(path)?.sized(size)).await?;
        let file = target.shared()?;
        let transfer = |part| {
            let (ranges, file, slots) = (Arc::clone(&ranges), Arc::clone(&file), slots.clone());
            let (begun, slot) = (first.take(), slot.take());
            async move {
                let _slot = match slot {
                    Some(slot) => Some(slot),
                    None => part::slot(slots.as_ref()).await,
                };
                ranges.fetch(part, begun, |body| write(&file, part, body)).await
            }
        };
        part::all(parts, config.max_concurrency(), transfer, |part, ()| progress.arrived(part.length))
            .await?;
        drop(file);
        blocking(move || target.finish()).await?;
        Ok(downloaded)
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

/// The file that parts are written to, and its path for errors.
struct Shared {
    file: File,
    path: PathBuf,
}

/// Writes the body of a part to its place in a file; as long as promised, or it broke off.
async fn write(shared: &Arc<Shared>, part: Part, mut body: ByteStream) -> Result<(), Error> {
    let (mut gathered, mut length, mut written) = (Vec::new(), 0, 0);
    // Goes on while the next piece comes.
    let mut writing = None;
    loop {
        let bytes = body.try_next().await?;
        let over = bytes.is_none();
        length += bytes.as_ref().map_or(0, Bytes::len);
        gathered.extend(bytes);
        if written + length as u64 > part.length {
            return part.require_whole(written + length as u64);
        }
        if length >= GATHERED || (over && length > 0) {
            let (shared, pieces) = (Arc::clone(shared), std::mem::take(&mut gathered));
            let offset = part.offset + written;
            if let Some(before) = writing.replace(start_blocking(move || shared.write(&pieces, offset))) {
                done(before).await?;
            }
            written += length as u64;
            length = 0;
        }
        if over {
            if let Some(last) = writing {
                done(last).await?;
            }
            return part.require_whole(written);
        }
    }
}

impl Shared {
    fn write(&self, pieces: &[Bytes], mut offset: u64) -> Result<(), Error> {
        for piece in pieces {
            write_all_at(&self.file, piece, offset).map_err(|why| io_error("writing to", &self.path, why))?;
            offset += piece.len() as u64;
        }
        Ok(())
    }
}

/// The file to be, under a temporary name in the same directory. Its methods wait for the file system.
struct Target {
    path: PathBuf,
    file: NamedTempFile,
}

impl Target {
    fn beside(path: PathBuf) -> Result<Self, Error> {
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
        Ok(Self { path, file })
    }

    fn failed(&self) -> impl Fn(io::Error) -> Error {
        |why| io_error("writing to", self.file.path(), why)
    }

    /// With so many bytes, which are yet to be written.
    fn sized(self, size: u64) -> Result<Self, Error> {
        self.file.as_file().set_len(size).map_err(self.failed())?;
        Ok(self)
    }

    /// With that content.
    fn filled(self, content: &[u8]) -> Result<Self, Error> {
        self.file.as_file().write_all(content).map_err(self.failed())?;
        Ok(self)
    }

    /// For several tasks to write to.
    fn shared(&self) -> Result<Arc<Shared>, Error> {
        let file = self.file.as_file().try_clone().map_err(self.failed())?;
        Ok(Arc::new(Shared { file, path: self.file.path().to_owned() }))
    }

    fn finish(self) -> Result<(), Error> {
        match self.file.persist(&self.path) {
            Ok(_) => Ok(()),
            Err(why) => Err(io_error("renaming to", &self.path, why.error)),
        }
    }
}
