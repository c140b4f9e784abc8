//! Transfers of files: parts in parallel, bounded memory, and nothing left behind when one ends early.

mod byte_size;
mod config;
mod download;
mod part;
mod plan;
mod progress;
mod unfinished;
mod upload;

pub use byte_size::ByteSize;
pub use config::{TransferConfig, TransferConfigBuilder};
pub(super) use download::changed;
pub use download::{DownloadFile, DownloadedObject, ObjectChanged};
pub use progress::Progress;
pub use unfinished::UnabortedUpload;
pub use upload::{UploadFile, UploadedObject};

use std::path::Path;

use session_core::{Error, ErrorKind};

/// What a file system said about `path`.
fn io_error(what: &str, path: &Path, source: std::io::Error) -> Error {
    Error::new(ErrorKind::Io, format!("{what} `{}` failed: {source}", path.display())).with_source(source)
}
