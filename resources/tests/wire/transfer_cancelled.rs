//! Transfers dropped at every one of their polls: no multipart upload, no temporary file, no partial target is left.

use std::convert::Infallible;
use std::future::{IntoFuture, poll_fn};
use std::path::Path;
use std::pin::pin;
use std::task::Poll;

use backend_mock::{MockAws, MockSession};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use resources::transfer::{ByteSize, ClientTransfers as _, TransferConfig};
use resources::{S3, S3Resource};
use session_core::{Error, ResourceScope, SessionExt};

const MIB: usize = 1 << 20;

fn small_parts() -> TransferConfig {
    let parts = TransferConfig::builder().part_size(ByteSize::mib(5)).multipart_threshold(ByteSize::mib(5));
    parts.max_concurrency(2).build().unwrap()
}

/// Polls at most so many times; whether the future came to its end.
async fn polled<T>(future: impl IntoFuture<Output = Result<T, Error>>, polls: usize) -> bool {
    let (mut future, mut left) = (pin!(future.into_future()), polls);
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(false);
        }
        left -= 1;
        future.as_mut().poll(cx).map(|outcome| outcome.map(|_| true).unwrap())
    })
    .await
}

async fn open(session: &MockSession) -> ResourceScope<S3Resource> {
    session.resource(S3).await.unwrap()
}

/// What an upload is of.
#[derive(Clone, Copy)]
enum Of {
    File,
    Reader,
    Stream,
}

/// The same bytes in pieces, with a pause before each.
fn pieces(whole: &[u8]) -> impl Stream<Item = Result<Bytes, Infallible>> + Send + use<> {
    let pieces: Vec<_> = whole.chunks(MIB + 1).map(Bytes::copy_from_slice).collect();
    stream::iter(pieces).then(|piece| async move {
        tokio::task::yield_now().await;
        Ok(piece)
    })
}

/// Nothing but the sources is there, and whole targets.
async fn require_clean(session: &MockSession, size: usize) {
    let s3 = open(session).await;
    let films = s3.bucket("films");
    let uploads = films.multipart_uploads().items().try_collect().await.unwrap();
    assert!(uploads.is_empty(), "{uploads:?}");
    for object in films.objects().items().try_collect().await.unwrap() {
        assert_eq!(object.size(), size as u64, "{}", object.key());
    }
    s3.close().await.unwrap();
}

fn require_whole_files(directory: &Path, size: usize) {
    for entry in std::fs::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().len(), size as u64, "{:?}", entry.file_name());
        assert!(!entry.file_name().to_string_lossy().starts_with('.'), "{:?}", entry.file_name());
    }
}

/// Uploads of every kind are dropped after every number of polls. `upload` opens a scope, polls so many times, says whether
/// the upload came to its end, and has closed the scope by then, which waits for the abort of what was dropped.
async fn require_nothing_is_left(upload: impl AsyncFn(&MockSession, Of, &Path, &[u8], usize) -> bool) {
    let session = MockAws::new().session();
    let (directory, whole) = (tempfile::tempdir().unwrap(), vec![7; 11 * MIB]);
    let file = directory.path().join("film");
    std::fs::write(&file, &whole).unwrap();
    open(&session).await.bucket("films").create().send().await.unwrap();
    for of in [Of::File, Of::Reader, Of::Stream] {
        for polls in 0.. {
            let done = upload(&session, of, &file, &whole, polls).await;
            require_clean(&session, whole.len()).await;
            if done {
                assert!(polls > 1, "the upload was over after {polls} polls");
                break;
            }
        }
    }
}

#[tokio::test]
async fn an_upload_dropped_at_any_poll_leaves_nothing() {
    require_nothing_is_left(async |session, of, file, whole, polls| {
        let s3 = open(session).await;
        let film = s3.object("films", "film");
        let done = match of {
            Of::File => polled(film.upload_file(file).config(small_parts()), polls).await,
            Of::Reader => polled(film.upload_fileobj(whole).config(small_parts()), polls).await,
            Of::Stream => polled(film.upload_stream(pieces(whole)).config(small_parts()), polls).await,
        };
        s3.close().await.unwrap();
        done
    })
    .await;
}

#[tokio::test]
async fn an_upload_of_a_bare_client_dropped_at_any_poll_leaves_nothing() {
    require_nothing_is_left(async |session, of, file, whole, polls| {
        let s3 = session.client(S3).await.unwrap();
        let done = match of {
            Of::File => polled(s3.upload_file(file, "films", "film").config(small_parts()), polls).await,
            Of::Reader => {
                polled(s3.upload_fileobj(whole, "films", "film").config(small_parts()), polls).await
            }
            Of::Stream => {
                let upload = s3.upload_stream(pieces(whole), "films", "film");
                polled(upload.config(small_parts()), polls).await
            }
        };
        s3.close().await.unwrap();
        done
    })
    .await;
}

#[tokio::test]
async fn a_copy_dropped_at_any_poll_leaves_nothing() {
    let session = MockAws::new().session();
    let s3 = open(&session).await;
    s3.bucket("films").create().send().await.unwrap();
    s3.object("films", "film").put().body(vec![7; 11 * MIB].into()).send().await.unwrap();
    for polls in 0.. {
        let s3 = open(&session).await;
        let copy = s3.bucket("films").copy(&s3.object("films", "film"), "copy").config(small_parts());
        let done = polled(copy, polls).await;
        s3.close().await.unwrap();
        require_clean(&session, 11 * MIB).await;
        if done {
            assert!(polls > 1, "the copy was over after {polls} polls");
            break;
        }
    }
}

#[tokio::test]
async fn a_download_dropped_at_any_poll_leaves_nothing() {
    let session = MockAws::new().session();
    let directory = tempfile::tempdir().unwrap();
    let s3 = open(&session).await;
    s3.bucket("films").create().send().await.unwrap();
    let film = s3.object("films", "film");
    film.put().body(vec![7; 11 * MIB].into()).send().await.unwrap();
    for polls in 0.. {
        let download = film.download_file(directory.path().join("film")).config(small_parts());
        let done = polled(download, polls).await;
        if done {
            assert!(polls > 1, "the download was over after {polls} polls");
            break;
        }
        // What a thread was doing for it ends by itself; the temporary file goes with it.
        while std::fs::read_dir(directory.path())
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with('.'))
        {
            tokio::task::yield_now().await;
        }
        require_whole_files(directory.path(), 11 * MIB);
    }
    require_whole_files(directory.path(), 11 * MIB);
}

#[tokio::test]
async fn a_directory_dropped_at_any_poll_leaves_nothing_half() {
    let session = MockAws::new().session();
    let (from, size) = (tempfile::tempdir().unwrap(), 6 * MIB);
    for name in ["a", "b", "c"] {
        std::fs::write(from.path().join(name), vec![7; size]).unwrap();
    }
    open(&session).await.bucket("films").create().send().await.unwrap();
    for polls in 0.. {
        let s3 = open(&session).await;
        let upload = s3.bucket("films").upload_directory(from.path()).config(small_parts());
        let done = polled(upload, polls).await;
        s3.close().await.unwrap();
        require_clean(&session, size).await;
        if done {
            break;
        }
    }
    let (s3, to) = (open(&session).await, tempfile::tempdir().unwrap());
    assert_eq!(s3.bucket("films").objects().items().try_collect().await.unwrap().len(), 3);
    for polls in 0.. {
        let download = s3.bucket("films").download_directory(to.path()).config(small_parts());
        let done = polled(download, polls).await;
        // The tasks go with their temporary files.
        while std::fs::read_dir(to.path())
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with('.'))
        {
            tokio::task::yield_now().await;
        }
        require_whole_files(to.path(), size);
        if done {
            break;
        }
    }
    assert_eq!(std::fs::read_dir(to.path()).unwrap().count(), 3);
}
