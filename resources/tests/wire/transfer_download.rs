//! Downloads: whole or not at all, and of one object.

use std::error::Error as _;
use std::future::IntoFuture;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use aws_sdk_s3::types::RequestPayer;
use bytes::Bytes;
use resources::SseCustomerKey;
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
        _ if content.is_empty() => Answer::s3_error(416, "InvalidRange"),
        // All but the first part are pinned.
        _ if !begins(asked) && asked.if_match.as_deref() != Some("\"e\"") => {
            Answer::s3_error(412, "PreconditionFailed")
        }
        _ => {
            let bytes = ranged(content, asked);
            let range = ("content-range", format!("bytes {}-/{}", range(asked).0, content.len()));
            let length = ("content-length", bytes.len().to_string());
            Answer::Reply(206, [headers, vec![range, length]].concat(), bytes)
        }
    }
}

/// Whether the first part is asked for.
fn begins(asked: &Asked) -> bool {
    asked.range.as_deref().is_some_and(|range| range.starts_with("bytes=0-"))
}

/// The first part, broken off.
fn cut(content: &Bytes, length: usize) -> Answer {
    let range = ("content-range", format!("bytes 0-/{}", content.len()));
    Answer::CutReply(206, vec![("etag", "\"e\"".to_owned()), range], content.slice(..length))
}

fn ranged(content: &Bytes, asked: &Asked) -> Bytes {
    let (first, last) = range(asked);
    content.slice(first..content.len().min(last + 1))
}

fn range(asked: &Asked) -> (usize, usize) {
    let range = asked.range.as_deref().and_then(|range| range.strip_prefix("bytes=")).unwrap();
    let (first, last) = range.split_once('-').unwrap();
    (first.parse().unwrap(), last.parse().unwrap())
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
        "GetObject" => cut(&served, 8),
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
        "GetObject" if !begins(asked) => Answer::Silence,
        _ => well(&served, asked),
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let download = s3.object("b", "k").download_file(directory.path().join("film")).config(config());
    let download = download.into_future();
    tokio::select! {
        _ = download => unreachable!("a part is never answered"),
        () = aws.until_asked("GetObject", 2) => {}
    }
    assert!(names(directory.path()).is_empty());
}

#[tokio::test]
async fn an_empty_object_is_an_empty_file() {
    let aws = Scripted::new(|asked| well(&Bytes::new(), asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    s3.object("b", "k").download_file(&path).await.unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"");
    // It has no first byte, so it is asked for as it is.
    assert_eq!((aws.count("GetObject"), aws.count("HeadObject")), (1, 1));
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

#[tokio::test]
async fn an_object_of_one_part_is_one_request() {
    let content = content().slice(..4 << 20);
    let served = content.clone();
    let aws = Scripted::new(move |asked| well(&served, asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    let downloaded = s3.object("b", "k").download_file(&path).await.unwrap();
    assert_eq!((downloaded.size, downloaded.e_tag.as_deref()), (4 << 20, Some("\"e\"")));
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(aws.asked().len(), 1);
}

#[tokio::test]
async fn a_server_without_ranges_sends_the_object_in_one_part() {
    let content = content();
    let served = content.clone();
    let aws = Scripted::new(move |_| {
        let headers = vec![("etag", "\"e\"".to_owned()), ("content-length", served.len().to_string())];
        Answer::Reply(200, headers, served.clone())
    });
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let path = directory.path().join("film");
    s3.object("b", "k").download_file(&path).config(config()).await.unwrap();
    assert!(std::fs::read(&path).unwrap() == content);
    assert_eq!(aws.asked().len(), 1);
}

/// The key of 32 times `k`, its MD5 beside it.
const KEY: [u8; 32] = [b'k'; 32];
const KEY_HEADERS: [&str; 3] = [
    "x-amz-server-side-encryption-customer-algorithm: AES256",
    "x-amz-server-side-encryption-customer-key: a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s=",
    "x-amz-server-side-encryption-customer-key-md5: mT2HRsMGJ5IX5C+0rreZ8Q==",
];

#[tokio::test]
async fn a_customers_key_goes_with_every_request_of_a_download() {
    for empty in [false, true] {
        let content = if empty { Bytes::new() } else { content() };
        let aws = Scripted::new(move |asked| well(&content, asked));
        let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
        let key = SseCustomerKey::new(&KEY);
        let film = s3.object("b", "k");
        let download = film.download_file(directory.path().join("film")).config(config());
        download.sse_customer_key(key.clone()).await.unwrap();
        film.download_fileobj(Vec::new()).config(config()).sse_customer_key(key).await.unwrap();
        let asked = aws.asked();
        assert_eq!(asked.len(), if empty { 4 } else { 6 });
        for asked in asked {
            assert!(KEY_HEADERS.iter().all(|header| asked.headers.contains(header)), "{asked:?}");
        }
    }
}

#[tokio::test]
async fn what_is_said_of_a_download_goes_with_every_request() {
    let content = content();
    let aws = Scripted::new(move |asked| well(&content, asked));
    let (s3, directory) = (aws.s3().await, tempfile::tempdir().unwrap());
    let version = s3.object("b", "k").version("v1");
    let download = version.download_file(directory.path().join("film")).config(config());
    download.request_payer(RequestPayer::Requester).expected_bucket_owner("111122223333").await.unwrap();
    let download = version.download_fileobj(Vec::new()).config(config());
    download.request_payer(RequestPayer::Requester).expected_bucket_owner("111122223333").await.unwrap();
    let asked = aws.asked();
    assert_eq!(asked.len(), 6);
    for asked in asked {
        assert_eq!(asked.parameter("versionId"), Some("v1"), "{asked:?}");
        for header in ["x-amz-request-payer: requester\n", "x-amz-expected-bucket-owner: 111122223333\n"] {
            assert!(asked.headers.contains(header), "{asked:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_writer_that_takes_nothing_has_no_more_parts_asked_for_than_may_wait() {
    let content: Bytes = vec![7; 40 << 20].into();
    let aws = Scripted::new(move |asked| well(&content, asked));
    let s3 = aws.s3().await;
    let two = TransferConfig::builder().part_size(ByteSize::mib(5)).max_concurrency(2).build().unwrap();
    let (writer, _reader) = tokio::io::duplex(1);
    let download = s3.object("b", "k").download_fileobj(writer).config(two).into_future();
    // The hour passes once nothing else can happen.
    assert!(tokio::time::timeout(Duration::from_secs(3_600), download).await.is_err());
    assert_eq!(aws.count("GetObject"), 2);
}
