//! Downloads: whole or not at all, and of one object.

use std::error::Error as _;
use std::future::IntoFuture;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use resources::transfer::{ByteSize, ObjectChanged, Progress, TransferConfig};
use session_core::ErrorKind;

use crate::scripted::{Answer, Asked, Scripted};

const SIZE: usize = 12 << 20;

fn content() -> Bytes {
    (0..SIZE).map(|n| (n % 251) as u8).collect()
}

fn config() -> TransferConfig {
    TransferConfig::builder().part_size(ByteSize::mib(5)).build().unwrap()
}

/// The object under the ETag `"e"`.
fn well(content: &Bytes, asked: &Asked) -> Answer {
    let headers = vec![("etag", "\"e\"".to_owned())];
    match asked.operation() {
        "HeadObject" => {
            let length = ("content-length", content.len().to_string());
            Answer::Reply(200, [headers, vec![length]].concat(), Bytes::new())
        }
        "GetObject" if asked.if_match.as_deref() != Some("\"e\"") => {
            Answer::s3_error(412, "PreconditionFailed")
        }
        _ => Answer::Reply(206, headers, ranged(content, asked)),
    }
}

fn ranged(content: &Bytes, asked: &Asked) -> Bytes {
    let range = asked.range.as_deref().and_then(|range| range.strip_prefix("bytes=")).unwrap();
    let (first, last) = range.split_once('-').unwrap();
    let (first, last): (usize, usize) = (first.parse().unwrap(), last.parse().unwrap());
    content.slice(first..=last)
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test]
async fn ranges_of_one_object_become_the_file() {
    let content = content();
    let served = content.clone();
    let aws = Scripted::new(move |asked| well(&served, asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    std::fs::write(&path, "what was there before").unwrap();
    let told = Arc::new(Mutex::new(Vec::new()));
    let listener = Arc::clone(&told);
    let download = s3.object("b", "k").download_file(&path).config(config());
    let downloaded =
        download.progress(move |progress: Progress| listener.lock().unwrap().push(progress)).await.unwrap();
    assert_eq!((downloaded.size, downloaded.e_tag.as_deref()), (SIZE as u64, Some("\"e\"")));
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(names(directory.path()), ["film"]);
    let last = *told.lock().unwrap().last().unwrap();
    assert_eq!((last.transferred, last.total), (SIZE as u64, SIZE as u64));
    assert_eq!(aws.count("GetObject"), 3);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_breaks_off_is_fetched_again_and_no_other() {
    let content = content();
    let (served, broken) = (content.clone(), AtomicUsize::new(0));
    let aws = Scripted::new(move |asked| match asked.range.as_deref() {
        Some(range) if range.starts_with("bytes=5242880-") && broken.fetch_add(1, Ordering::SeqCst) < 2 => {
            Answer::Cut(ranged(&served, asked).slice(..100_000))
        }
        _ => well(&served, asked),
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    s3.object("b", "k").download_file(&path).config(config()).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(aws.count("GetObject"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_part_that_always_breaks_off_fails_the_download_and_leaves_no_file() {
    let served = content();
    let aws = Scripted::new(move |asked| match asked.operation() {
        "GetObject" => Answer::Cut(Bytes::from_static(b"a little")),
        _ => well(&served, asked),
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let one = TransferConfig::builder().max_concurrency(1).part_attempts(3).build().unwrap();
    let download = s3.object("b", "k").download_file(directory.path().join("film")).config(one);
    assert_eq!(download.await.unwrap_err().kind(), ErrorKind::Dispatch);
    assert_eq!(aws.count("GetObject"), 3);
    assert!(names(directory.path()).is_empty());
}

#[tokio::test]
async fn an_object_overwritten_meanwhile_is_told_and_the_old_file_stays() {
    let served = content();
    let aws = Scripted::new(move |asked| match asked.range.as_deref() {
        Some(range) if range.starts_with("bytes=10485760-") => Answer::s3_error(412, "PreconditionFailed"),
        _ => well(&served, asked),
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    std::fs::write(&path, "before").unwrap();
    let error = s3.object("b", "k").download_file(&path).config(config()).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::ConditionFailed, Some("PreconditionFailed")));
    let changed = error.source().unwrap().downcast_ref::<ObjectChanged>().unwrap();
    assert_eq!(changed.e_tag, "\"e\"");
    assert_eq!(std::fs::read(&path).unwrap(), b"before");
    assert_eq!(names(directory.path()), ["film"]);
}

#[tokio::test]
async fn a_missing_object_leaves_no_file() {
    let aws = Scripted::new(|_| Answer::Reply(404, Vec::new(), Bytes::new()));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let error = s3.object("b", "k").download_file(directory.path().join("film")).await.unwrap_err();
    assert!(error.is_not_found(), "{error:?}");
    assert!(names(directory.path()).is_empty());
}

#[tokio::test]
async fn a_dropped_download_leaves_no_file() {
    let served = content();
    let aws = Scripted::new(move |asked| match asked.operation() {
        "GetObject" => Answer::Silence,
        _ => well(&served, asked),
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let download = s3.object("b", "k").download_file(directory.path().join("film")).into_future();
    tokio::select! {
        _ = download => unreachable!("a part is never answered"),
        () = aws.until_asked("GetObject", 1) => {}
    }
    assert!(names(directory.path()).is_empty());
}

#[tokio::test]
async fn an_empty_object_is_an_empty_file_without_a_get() {
    let aws = Scripted::new(|asked| well(&Bytes::new(), asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    s3.object("b", "k").download_file(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    assert_eq!(aws.asked().len(), 1);
}

#[tokio::test]
async fn a_target_that_cannot_be_written_is_told_by_its_path() {
    let aws = Scripted::new(|asked| well(&Bytes::new(), asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let error = s3.object("b", "k").download_file(directory.path().join("no/film")).await.unwrap_err();
    assert!(error.kind() == ErrorKind::Io && error.to_string().contains("no/film"), "{error}");
    let error = s3.object("b", "k").download_file(directory.path()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_has_the_permissions_of_any_new_file() {
    use std::os::unix::fs::PermissionsExt;
    let aws = Scripted::new(|asked| well(&Bytes::new(), asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let (path, other) = (directory.path().join("film"), directory.path().join("other"));
    std::fs::write(&other, "").unwrap();
    s3.object("b", "k").download_file(&path).await.unwrap();
    let mode = |path| std::fs::metadata(path).unwrap().permissions().mode();
    assert_eq!(mode(&path), mode(&other));
}
