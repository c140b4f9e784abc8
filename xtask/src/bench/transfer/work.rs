//! What the programs of the bench have in common: the work they are given, and the two numbers they print.

use std::path::PathBuf;
use std::time::Instant;

use anyhow::{Context, Result, bail};

/// The bucket that everything is in.
pub const BUCKET: &str = "bench";

/// What is transferred.
pub enum Work {
    UploadFile,
    DownloadFile,
    UploadDirectory,
    DownloadDirectory,
}

/// A piece of work, from the program's arguments: endpoint, work, path, key or prefix.
pub struct Asked {
    pub endpoint_url: String,
    pub work: Work,
    pub path: PathBuf,
    /// The key of one object, or what those of many begin with.
    pub key: String,
}

impl Asked {
    pub fn of_arguments() -> Result<Self> {
        let mut arguments = std::env::args().skip(1);
        let mut next = |what: &str| arguments.next().with_context(|| format!("no {what} is given"));
        Ok(Self {
            endpoint_url: next("endpoint")?,
            work: match next("work")?.as_str() {
                "upload_file" => Work::UploadFile,
                "download_file" => Work::DownloadFile,
                "upload_directory" => Work::UploadDirectory,
                "download_directory" => Work::DownloadDirectory,
                other => bail!("there is no work `{other}`"),
            },
            path: next("path")?.into(),
            key: next("key")?,
        })
    }
}

/// Prints how many seconds passed since `begun` and how many bytes the process had in memory at most; 0 where the system
/// does not say.
pub fn tell(begun: Instant) {
    let took = begun.elapsed().as_secs_f64();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.split_whitespace().next());
    let kib: u64 = peak.and_then(|kib| kib.parse().ok()).unwrap_or(0);
    println!("{took:.4} {}", kib << 10);
}
