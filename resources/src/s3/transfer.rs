//! Transfers of files: parts in parallel, bounded memory, and nothing left behind when one ends early.

mod access;
mod byte_size;
mod client;
mod config;
mod copy;
mod directory;
mod download;
mod download_fileobj;
mod file_body;
mod handle;
mod headers;
mod input;
mod part;
mod plan;
mod positioned;
mod progress;
mod ranges;
mod send;
mod unfinished;
mod upload;
mod upload_fileobj;

pub use byte_size::ByteSize;
pub use client::ClientTransfers;
pub use config::{TransferConfig, TransferConfigBuilder};
pub use copy::CopyTo;
pub use directory::{
    DownloadDirectory, TransferFailure, TransferFailures, TransferredObjects, UploadDirectory,
};
pub use download::{DownloadFile, DownloadedObject};
pub use download_fileobj::DownloadFileobj;
pub use handle::{Transfer, TransferHandle};
pub(super) use input::Yields;
pub use progress::Progress;
pub use ranges::ObjectChanged;
pub(super) use ranges::changed;
pub use send::UploadedObject;
pub use unfinished::UnabortedUpload;
pub use upload::UploadFile;
pub use upload_fileobj::UploadFileobj;

use std::path::Path;

use session_core::{Error, ErrorKind};
use tokio::task::JoinHandle;

/// What a file system said about `path`.
fn io_error(what: &str, path: &Path, source: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{what} `{}` failed: {source}", path.display())).with_source(source)
}

/// What `work` gives, which waits for the file system.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    done(start_blocking(work)).await
}

/// Begins `work`, which waits for the file system. It goes on if nobody waits for it.
fn start_blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> JoinHandle<Result<T, Error>> {
    tokio::task::spawn_blocking(work)
}

async fn done<T>(work: JoinHandle<Result<T, Error>>) -> Result<T, Error> {
    match work.await {
        Ok(outcome) => outcome,
        Err(stopped) => Err(std::io::Error::other(stopped).into()),
    }
}
