//! Transfers of whole directories: every file becomes an object, every object under a prefix a file.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::fmt;
use std::future::{Future, IntoFuture};
use std::path::{Path, PathBuf};
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, PoisonError};

use futures_util::StreamExt;
use futures_util::stream::{self, Stream};
use session_core::{Error, ErrorKind};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use super::access::{Access, access_settings};
use super::config::TransferConfig;
use super::handle::TransferHandle;
use super::io_error;
use super::part::Slots;
use super::progress::{Listener, Progress, Reporter};
use super::upload::ReadFile;
use crate::s3::bucket::Bucket;
use crate::service::S3;

/// So many small files are read at once: to hand over to a thread that may wait costs more than to read one.
const READ_TOGETHER: usize = 16;

/// An upload of a directory that begins when it is awaited. Made by [`Bucket::upload_directory`].
///
/// Every regular file in it, however deep, becomes the object under its path, with `/` between the names, behind the
/// [`prefix`](Self::prefix). A link to a file is the file; links to directories are not followed. Directories without
/// files leave nothing. At most [`max_concurrency`](TransferConfig::max_concurrency) requests are on their way at once, on
/// whatever threads the runtime has.
///
/// # Errors
/// Only for what keeps all of it from beginning: [`Io`](ErrorKind::Io), the directory is missing or none. What became of
/// single files is in [`TransferredObjects`]; a failed one does not stop the others.
///
/// # Cancellation
/// Dropping the future ends the uploads on their way, each in its own task and as [`UploadFile`](super::UploadFile) says;
/// objects uploaded before stay.
#[derive(Debug)]
#[must_use = "an upload begins when it is awaited"]
pub struct UploadDirectory {
    bucket: Bucket,
    path: PathBuf,
    prefix: String,
    access: Access,
    config: TransferConfig,
    listener: Listener,
}

/// A download of the objects under a prefix that begins when it is awaited. Made by [`Bucket::download_directory`].
///
/// Every object under the [`prefix`](Self::prefix) becomes the file under the rest of its key, whose directories are made
/// as needed; each appears when it is whole, as with [`DownloadFile`](super::DownloadFile). Keys that end in `/` stand for
/// directories and are passed over. At most [`max_concurrency`](TransferConfig::max_concurrency) requests are on their way
/// at once.
///
/// A key that would lead out of the directory, such as `../x`, or that no path can be made of, is a failure of its own.
///
/// # Errors
/// Only what the listing reports. What became of single objects is in [`TransferredObjects`]; a failed one does not stop
/// the others.
///
/// # Cancellation
/// Dropping the future ends the downloads on their way, each in its own task, with which its temporary file goes; files
/// downloaded before stay.
#[derive(Debug)]
#[must_use = "a download begins when it is awaited"]
pub struct DownloadDirectory {
    bucket: Bucket,
    path: PathBuf,
    prefix: String,
    access: Access,
    config: TransferConfig,
    listener: Listener,
}

macro_rules! directory_settings {
    ($outcome:literal) => {
        pub(in crate::s3) fn new(bucket: &Bucket, path: PathBuf) -> Self {
            let (config, listener) = (TransferConfig::default(), Listener::default());
            Self {
                bucket: bucket.clone(),
                path,
                prefix: String::new(),
                access: Access::default(),
                config,
                listener,
            }
        }

        #[doc = $outcome]
        pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
            self.prefix = prefix.into();
            self
        }

        access_settings!(access);

        /// Part size and threshold of every file, and concurrency of all of them together.
        pub fn config(mut self, config: TransferConfig) -> Self {
            self.config = config;
            self
        }

        /// Is told how far all of it is; see [`Progress`]. A panic in it is caught, and ends the reports.
        pub fn progress(mut self, callback: impl FnMut(Progress) + Send + 'static) -> Self {
            self.listener = Listener::new(callback);
            self
        }

        /// Begins now, in a task of its own.
        ///
        /// # Errors
        /// [`InvalidConfig`](ErrorKind::InvalidConfig) outside of a tokio runtime.
        pub fn start(mut self) -> Result<TransferHandle<TransferredObjects>, Error> {
            let shown = self.listener.show();
            TransferHandle::start(self.transfer(), shown)
        }
    };
}

impl UploadDirectory {
    directory_settings!("What all keys begin with, its `/` included; nothing unless said.");

    async fn transfer(self) -> Result<TransferredObjects, Error> {
        let Self { bucket, path, prefix, access, config, listener } = self;
        let walked =
            tokio::task::spawn_blocking(move || Walk::of(&path)).await.map_err(std::io::Error::other)??;
        let total = walked.files.iter().map(|file| file.size).sum();
        let tally = Arc::new(Tally::new(listener.begin(total), walked.failures));
        let slots: Slots = Arc::new(Semaphore::new(config.max_concurrency()));
        let batches = stream::iter(walked.files).chunks(READ_TOGETHER).map(|batch| async move {
            let looked_at = tokio::task::spawn_blocking(move || batch.into_iter().map(Found::read).collect());
            match looked_at.await.map_err(tokio::task::JoinError::try_into_panic) {
                Ok(batch) => batch,
                Err(Ok(panic)) => std::panic::resume_unwind(panic),
                // It was cancelled: the runtime ends, and this with it.
                Err(Err(_)) => std::future::pending().await,
            }
        });
        let uploads =
            batches.buffered(1).flat_map(|batch: Vec<_>| stream::iter(batch)).map(|(file, read)| {
                let tally = Arc::clone(&tally);
                let key = format!("{prefix}{}", file.name);
                let upload = bucket.object(&*key).upload_file(&file.path).config(config).slots(&slots);
                let upload = upload.access(&access).progress(tally.of_one());
                async move {
                    let uploaded = match read.transpose() {
                        Ok(read) => upload.read(read).await.map(|uploaded| uploaded.size),
                        Err(error) => Err(error),
                    };
                    tally.count(Some(file.path), key, uploaded);
                }
            });
        all(uploads, &config).await;
        Ok(tally.done())
    }
}

impl DownloadDirectory {
    directory_settings!(
        "Only objects whose keys begin so; the prefix is not part of the path. All objects unless said."
    );

    async fn transfer(self) -> Result<TransferredObjects, Error> {
        let Self { bucket, path, prefix, access, config, listener } = self;
        let tally = Arc::new(Tally::new(listener.begin(0), Vec::new()));
        let slots: Slots = Arc::new(Semaphore::new(config.max_concurrency()));
        let (root, made) = (Arc::<Path>::from(path), Arc::new(Made::default()));
        let listing = bucket.objects().prefix(&*prefix).items();
        let failed = Mutex::new(None);
        let objects = listing.map(|listed| listed.map_err(|error| *lock(&failed) = Some(error)).ok());
        let downloads = objects
            .take_while(|listed| std::future::ready(listed.is_some()))
            .filter_map(|listed| std::future::ready(listed.filter(|listed| !listed.key().ends_with('/'))));
        let downloads = downloads.map(|listed| {
            let (tally, root, made) = (Arc::clone(&tally), Arc::clone(&root), Arc::clone(&made));
            let (slots, access, prefix) = (Slots::clone(&slots), access.clone(), prefix.len());
            async move {
                tally.grew(listed.size());
                // What was listed begins with the prefix.
                let name = listed.key().get(prefix..).unwrap_or(listed.key());
                let target = match made.target_of(&root, name).await {
                    Ok(target) => target,
                    Err(error) => return tally.count(None, listed.key().to_owned(), Err(error)),
                };
                let download = listed.object().download_file(&target).listed(listed.size());
                let download = download.config(config).slots(&slots).access(&access);
                let outcome = download.progress(tally.of_one()).await;
                tally.count(Some(target), listed.key().to_owned(), outcome.map(|downloaded| downloaded.size));
            }
        });
        all(downloads, &config).await;
        match failed.into_inner().unwrap_or_else(PoisonError::into_inner) {
            Some(error) => Err(error),
            None => Ok(tally.done()),
        }
    }
}

/// Runs the transfers, each in a task of its own, and as many at once as there may be requests.
///
/// # Cancellation
/// Dropping the future aborts the tasks.
async fn all<F>(transfers: impl Stream<Item = F>, config: &TransferConfig)
where
    F: Future<Output = ()> + Send + 'static,
{
    let mut transfers = pin!(transfers.fuse());
    let mut on_their_way = JoinSet::new();
    loop {
        let has_room = on_their_way.len() < config.max_concurrency() && !transfers.is_done();
        tokio::select! {
            next = transfers.next(), if has_room => if let Some(transfer) = next {
                on_their_way.spawn(transfer);
            },
            Some(joined) = on_their_way.join_next() => if let Some(panic) = joined.err().and_then(|error| error.try_into_panic().ok()) {
                std::panic::resume_unwind(panic);
            },
            else => return,
        }
    }
}

macro_rules! awaited {
    ($($transfer:ty),*) => {
        $(impl IntoFuture for $transfer {
            type Output = Result<TransferredObjects, Error>;
            type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.transfer())
            }
        })*
    };
}

awaited!(UploadDirectory, DownloadDirectory);

/// The files of a directory, and what could not be looked at.
struct Walk {
    files: Vec<Found>,
    failures: Vec<TransferFailure>,
}

struct Found {
    path: PathBuf,
    /// Relative to the directory, with `/` between the names.
    name: String,
    size: u64,
}

impl Found {
    /// The file, with what is in it if it is small.
    fn read(self) -> (Self, Option<Result<ReadFile, Error>>) {
        let read = ReadFile::if_small(&self.path, self.size);
        (self, read)
    }
}

impl Walk {
    fn of(root: &Path) -> Result<Self, Error> {
        let mut walk = Self { files: Vec::new(), failures: Vec::new() };
        let mut directories = vec![(root.to_owned(), String::new())];
        while let Some((directory, prefix)) = directories.pop() {
            let entries =
                std::fs::read_dir(&directory).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
            let entries = match entries.map_err(|why| io_error("reading the directory", &directory, why)) {
                Ok(entries) => entries,
                Err(error) if directory == root => return Err(error),
                Err(error) => {
                    walk.failures.push(TransferFailure { path: Some(directory), key: prefix, error });
                    continue;
                }
            };
            for entry in entries {
                let path = entry.path();
                let Some(name) = entry.file_name().to_str().map(|name| format!("{prefix}{name}")) else {
                    let message = format!("the name of `{}` is not UTF-8, as keys are", path.display());
                    let error = Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME);
                    walk.failures.push(TransferFailure { path: Some(path), key: prefix.clone(), error });
                    continue;
                };
                // That of the file itself, where this is a link to one.
                let looked = entry.file_type().and_then(|kind| Ok((kind, std::fs::metadata(&path)?)));
                match looked.map_err(|why| io_error("looking at", &path, why)) {
                    Err(error) => walk.failures.push(TransferFailure { path: Some(path), key: name, error }),
                    Ok((kind, _)) if kind.is_dir() => directories.push((path, format!("{name}/"))),
                    Ok((_, file)) if file.is_file() => {
                        walk.files.push(Found { path, name, size: file.len() })
                    }
                    Ok(_) => {}
                }
            }
        }
        walk.files.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        Ok(walk)
    }
}

/// The directories that were made already.
#[derive(Default)]
struct Made(Mutex<HashSet<PathBuf>>);

impl Made {
    /// The path of the file for the rest of a key, with its directory made.
    async fn target_of(&self, root: &Path, name: &str) -> Result<PathBuf, Error> {
        let refused = |part: &str| {
            part.is_empty()
                || part == "."
                || part == ".."
                || part.contains(['\0', '\\'])
                || (cfg!(windows) && part.contains(':'))
        };
        if name.split('/').any(refused) {
            let message = format!("the key's rest `{name}` is not the path of a file within the directory");
            return Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME));
        }
        let target = name.split('/').fold(root.to_owned(), |path, part| path.join(part));
        let directory = target.parent().unwrap_or(root);
        if !lock(&self.0).contains(directory) {
            let made = tokio::fs::create_dir_all(directory).await;
            made.map_err(|why| io_error("making the directory", directory, why))?;
            lock(&self.0).insert(directory.to_owned());
        }
        Ok(target)
    }
}

/// What all the transfers do together.
struct Tally {
    progress: Arc<Mutex<Reporter>>,
    done: Mutex<TransferredObjects>,
}

impl Tally {
    fn new(progress: Reporter, failures: Vec<TransferFailure>) -> Self {
        let done = TransferredObjects { failures, ..TransferredObjects::default() };
        Self { progress: Arc::new(Mutex::new(progress)), done: Mutex::new(done) }
    }

    fn grew(&self, bytes: u64) {
        lock(&self.progress).grew(bytes);
    }

    /// Adds what one transfer reports to the progress of all.
    fn of_one(&self) -> impl FnMut(Progress) + Send + 'static {
        let (all, mut before) = (Arc::clone(&self.progress), 0);
        move |one: Progress| {
            lock(&all).arrived(one.transferred - before);
            before = one.transferred;
        }
    }

    fn count(&self, path: Option<PathBuf>, key: String, outcome: Result<u64, Error>) {
        let mut done = lock(&self.done);
        match outcome {
            Ok(bytes) => {
                done.count += 1;
                done.bytes += bytes;
            }
            Err(error) => done.failures.push(TransferFailure { path, key, error }),
        }
    }

    /// All of it, once no transfer is on its way.
    fn done(&self) -> TransferredObjects {
        std::mem::take(&mut *lock(&self.done))
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What became of the files or objects of a directory.
#[derive(Debug, Default)]
#[must_use = "some files may not have been transferred: ask `failures`, or `complete` for an error"]
pub struct TransferredObjects {
    count: usize,
    bytes: u64,
    failures: Vec<TransferFailure>,
}

impl TransferredObjects {
    /// How many files were transferred.
    pub fn count(&self) -> usize {
        self.count
    }

    /// How many bytes they have together.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The files that were not transferred.
    pub fn failures(&self) -> &[TransferFailure] {
        &self.failures
    }

    /// How many files were transferred, if all were.
    ///
    /// # Errors
    /// The kind and code of the first failure, and [`TransferFailures`] as the source, when any file was not
    /// transferred.
    pub fn complete(self) -> Result<usize, Error> {
        let Some(first) = self.failures.first() else { return Ok(self.count) };
        let message = format!(
            "{} of {} files were not transferred, the first being `{}`: {}",
            self.failures.len(),
            self.count + self.failures.len(),
            first.key,
            first.error.message(),
        );
        let mut error = Error::new(first.error.kind(), message).with_service(S3::NAME);
        if let Some(code) = first.error.code() {
            error = error.with_code(code);
        }
        Err(error.with_source(TransferFailures(self.failures)))
    }
}

/// A file that was not transferred, and why.
#[derive(Debug)]
#[non_exhaustive]
pub struct TransferFailure {
    /// The file's path; none for a key that no path can be made of.
    pub path: Option<PathBuf>,
    /// The object's key; of a directory that could not be read, what the keys of its files would begin with.
    pub key: String,
    /// Why.
    pub error: Error,
}

/// The files that were not transferred, as the source of an [`Error`].
#[derive(Debug)]
pub struct TransferFailures(pub Vec<TransferFailure>);

impl fmt::Display for TransferFailures {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, TransferFailure { key, error, .. }) in self.0.iter().take(10).enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            write!(f, "{comma}`{key}` ({:?})", error.kind())?;
        }
        match self.0.len().saturating_sub(10) {
            0 => Ok(()),
            more => write!(f, " and {more} more"),
        }
    }
}

impl StdError for TransferFailures {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.first().map(|first| &first.error as &(dyn StdError + 'static))
    }
}
