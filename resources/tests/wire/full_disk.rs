//! A disk that takes no more: a download ends with an error that names the file, and leaves nothing of it.

use std::fs;
use std::process::Command;

use bytes::Bytes;
use session_core::ErrorKind;

use crate::scripted::{Answer, Asked, Scripted};

/// Says that this process may write no more than [`KIBIBYTES`] to a file.
const LIMITED: &str = "RESOURCES_TESTS_FULL_DISK";

const KIBIBYTES: usize = 64;

fn object(asked: &Asked, size: usize) -> Answer {
    let range = asked.range.as_deref().and_then(|range| range.strip_prefix("bytes=")?.split_once('-'));
    let place = |text: &str| text.parse::<usize>().unwrap().min(size - 1);
    let (first, last) = range.map_or((0, size - 1), |(first, last)| (place(first), place(last)));
    let headers = vec![
        ("etag", "\"e\"".to_owned()),
        ("content-range", format!("bytes {first}-{last}/{size}")),
        ("content-length", (last + 1 - first).to_string()),
    ];
    Answer::Reply(206, headers, Bytes::from(vec![b'x'; last + 1 - first]))
}

/// Runs the test of that name in a process whose files may be no larger, which is a disk as full as a test can make one.
fn in_a_process_with_little_room(name: &str) {
    let limited = format!("trap '' XFSZ; ulimit -f {KIBIBYTES}; exec \"$@\"");
    let test = std::env::current_exe().unwrap();
    let mut command = Command::new("bash");
    command.args(["-c", &limited, "bash"]).arg(test).args(["--exact", &format!("full_disk::{name}")]);
    let output = command.env(LIMITED, "").output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && told.contains("1 passed"), "{told}");
}

async fn a_download_fails(size: usize) {
    let aws = Scripted::new(move |asked| object(asked, size));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    fs::write(&path, "what was there before").unwrap();
    let error = s3.object("b", "k").download_file(&path).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains(directory.path().to_str().unwrap()), "{error}");
    assert_eq!(fs::read_to_string(&path).unwrap(), "what was there before");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
}

#[tokio::test]
async fn a_small_object_that_does_not_fit_leaves_nothing() {
    match std::env::var_os(LIMITED) {
        None => in_a_process_with_little_room("a_small_object_that_does_not_fit_leaves_nothing"),
        Some(_) => a_download_fails((KIBIBYTES + 1) << 10).await,
    }
}

#[tokio::test]
async fn a_large_object_that_does_not_fit_leaves_nothing() {
    match std::env::var_os(LIMITED) {
        None => in_a_process_with_little_room("a_large_object_that_does_not_fit_leaves_nothing"),
        Some(_) => a_download_fails(20 << 20).await,
    }
}

#[tokio::test]
async fn a_writer_without_room_ends_the_download() {
    let aws = Scripted::new(|asked| object(asked, 20 << 20));
    let s3 = aws.s3().await;
    let full = tokio::fs::OpenOptions::new().write(true).open("/dev/full").await.unwrap();
    let error = s3.object("b", "k").download_fileobj(full).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
    assert!(error.to_string().contains("No space left on device"), "{error}");
}
