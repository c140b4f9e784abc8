//! Transfers of readers and writers, copies of any size, whole directories, and the handles of transfers.

use std::future::IntoFuture;
use std::pin::Pin;
use std::task::{Context, Poll};

use anyhow::{Context as _, ensure};
use aws_sdk_s3::types::StorageClass;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use resources::transfer::{ByteSize, ClientTransfers as _, Progress, TransferConfig, UploadedObject};
use resources::{Bucket, Object};
use session_core::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of, content};

cases! {
    what_a_reader_yields_is_the_object,
    a_reader_that_yields_byte_by_byte_is_read_whole,
    a_reader_keeps_its_promised_length,
    a_reader_that_yields_less_than_promised_leaves_nothing,
    a_reader_that_yields_more_than_promised_leaves_nothing,
    a_reader_that_fails_midway_leaves_nothing,
    what_a_stream_yields_is_the_object,
    a_stream_keeps_its_promised_length_or_leaves_nothing,
    a_stream_that_fails_midway_leaves_nothing,
    a_body_that_is_downloaded_can_be_uploaded_as_it_comes,
    an_upload_has_its_headers_in_parts_too,
    a_writer_gets_the_object_in_its_order,
    a_writer_that_fails_ends_the_download,
    a_download_of_a_missing_object_writes_nothing,
    progress_sums_to_the_size_of_what_is_read_and_written,
    a_small_copy_keeps_everything,
    a_large_copy_keeps_everything,
    a_copy_can_replace_one_header,
    a_copy_of_a_version_is_of_that_version,
    a_copy_of_a_missing_object_leaves_nothing,
    a_directory_goes_up_and_down,
    what_of_a_directory_cannot_be_transferred_is_told,
    a_key_that_leads_out_of_the_directory_is_refused,
    a_missing_directory_is_told,
    a_transfer_goes_on_while_its_handle_is_kept,
    an_aborted_transfer_leaves_nothing,
    a_bare_client_transfers_as_its_objects_do,
}

const MIB: usize = 1 << 20;

fn small_parts() -> Result<TransferConfig, Error> {
    TransferConfig::builder()
        .part_size(ByteSize::mib(5))
        .multipart_threshold(ByteSize::mib(5))
        .max_concurrency(3)
        .build()
}

async fn require_nothing_left(object: &Object) -> TestResult {
    ensure!(!object.exists().await?, "there is an object");
    ensure!(
        object.bucket().multipart_uploads().items().try_collect().await?.is_empty(),
        "there is an upload"
    );
    Ok(())
}

async fn what_a_reader_yields_is_the_object(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for (size, parts) in [(0, None), (5, None), (5 * MIB - 1, None), (5 * MIB, Some(1)), (11 * MIB, Some(3))]
    {
        let (whole, film) = (content(size), bucket.object(format!("film-{size}")));
        let uploaded = film.upload_fileobj(&whole[..]).config(small_parts()?).await?;
        ensure!(uploaded.size == size as u64 && uploaded.e_tag == film.load().await?.e_tag, "{uploaded:?}");
        ensure!(bytes_of(&film).await? == whole, "{size}");
        require_parts(&uploaded, parts)?;
    }
    Ok(())
}

/// An entity tag tells of how many parts an object was made, or that it was none.
fn require_parts(uploaded: &UploadedObject, parts: Option<usize>) -> TestResult {
    let tag = uploaded.e_tag.as_deref().context("there is an ETag")?;
    match parts {
        Some(parts) => ensure!(tag.ends_with(&format!("-{parts}\"")), "{uploaded:?}"),
        None => ensure!(!tag.contains('-'), "{uploaded:?}"),
    }
    Ok(())
}

/// Yields so many bytes, a few a time; then it ends, or fails.
struct Dripping {
    left: usize,
    at_once: usize,
    fails: bool,
}

impl AsyncRead for Dripping {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let size = self.left.min(self.at_once).min(into.remaining());
        if size == 0 && self.fails {
            return Poll::Ready(Err(std::io::Error::other("the tape is torn")));
        }
        into.put_slice(&vec![7; size]);
        self.left -= size;
        Poll::Ready(Ok(()))
    }
}

async fn a_reader_that_yields_byte_by_byte_is_read_whole(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for (left, at_once) in [(1_000, 1), (5 * MIB + 3, 4_099)] {
        let film = bucket.object("film");
        film.upload_fileobj(Dripping { left, at_once, fails: false }).config(small_parts()?).await?;
        ensure!(bytes_of(&film).await? == vec![7; left]);
    }
    Ok(())
}

async fn a_reader_keeps_its_promised_length(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for size in [0, 9, 5 * MIB, 5 * MIB + 1, 10 * MIB] {
        let (whole, film) = (content(size), bucket.object("film"));
        film.upload_fileobj(&whole[..]).content_length(size as u64).config(small_parts()?).await?;
        ensure!(bytes_of(&film).await? == whole, "{size}");
    }
    Ok(())
}

async fn a_reader_that_yields_less_than_promised_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    for size in [0, 9, 5 * MIB, 5 * MIB + 1, 10 * MIB] {
        let whole = content(size);
        let upload =
            film.upload_fileobj(&whole[..]).content_length(10 * MIB as u64 + 1).config(small_parts()?);
        let error = upload.await.unwrap_err();
        ensure!(error.kind() == ErrorKind::Io && error.to_string().contains(&size.to_string()), "{error:?}");
        require_nothing_left(&film).await?;
    }
    Ok(())
}

async fn a_reader_that_yields_more_than_promised_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    let whole = content(6 * MIB);
    for promised in [0, 9, 5 * MIB, 6 * MIB - 1] {
        let upload = film.upload_fileobj(&whole[..]).content_length(promised as u64).config(small_parts()?);
        let error = upload.await.unwrap_err();
        ensure!(
            error.kind() == ErrorKind::InvalidInput && error.to_string().contains("content_length"),
            "{error:?}"
        );
        require_nothing_left(&film).await?;
    }
    Ok(())
}

async fn a_reader_that_fails_midway_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    for left in [0, 9, 5 * MIB, 11 * MIB] {
        let reader = Dripping { left, at_once: 64 << 10, fails: true };
        let error = film.upload_fileobj(reader).config(small_parts()?).await.unwrap_err();
        ensure!(error.kind() == ErrorKind::Io && error.to_string().contains("the tape is torn"), "{error:?}");
        require_nothing_left(&film).await?;
    }
    Ok(())
}

fn pieces(whole: &[u8], size: usize) -> impl Stream<Item = Result<Bytes, std::io::Error>> + Send + use<> {
    let pieces: Vec<_> = whole.chunks(size.max(1)).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

async fn what_a_stream_yields_is_the_object(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for (size, piece, parts) in [
        (0, 1, None),
        (5, 1, None),
        (5 * MIB - 1, 5 * MIB, None),
        (5 * MIB, 64 << 10, Some(1)),
        (11 * MIB, 99_991, Some(3)),
        (11 * MIB, 11 * MIB, Some(3)),
    ] {
        let (whole, film) = (content(size), bucket.object(format!("film-{size}-{piece}")));
        let upload = film.upload_stream(pieces(&whole, piece)).config(small_parts()?);
        let uploaded = upload.content_type("video/mp4").await?;
        let head = film.load().await?;
        ensure!(uploaded.size == size as u64 && uploaded.e_tag == head.e_tag, "{uploaded:?}");
        ensure!(head.content_type() == Some("video/mp4"), "{head:?}");
        ensure!(bytes_of(&film).await? == whole, "{size}");
        require_parts(&uploaded, parts)?;
    }
    Ok(())
}

async fn a_stream_keeps_its_promised_length_or_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    for (size, promised, kind) in [
        (9, 10, ErrorKind::Io),
        (9, 8, ErrorKind::InvalidInput),
        (11 * MIB, 11 * MIB + 1, ErrorKind::Io),
        (11 * MIB, 11 * MIB - 1, ErrorKind::InvalidInput),
    ] {
        let upload = film.upload_stream(pieces(&content(size), MIB)).config(small_parts()?);
        let error = upload.content_length(promised as u64).await.unwrap_err();
        ensure!(error.kind() == kind && error.to_string().contains("content_length"), "{error:?}");
        require_nothing_left(&film).await?;
    }
    let whole = content(11 * MIB);
    let upload = film.upload_stream(pieces(&whole, MIB)).config(small_parts()?);
    ensure!(upload.content_length(11 << 20).await?.size == 11 << 20 && bytes_of(&film).await? == whole);
    Ok(())
}

async fn a_stream_that_fails_midway_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    for size in [0, 9, 5 * MIB, 11 * MIB] {
        let torn = stream::iter([Err(std::io::Error::other("the tape is torn"))]);
        let upload = film.upload_stream(pieces(&content(size), 64 << 10).chain(torn)).config(small_parts()?);
        let error = upload.await.unwrap_err();
        ensure!(error.kind() == ErrorKind::Io && error.to_string().contains("the tape is torn"), "{error:?}");
        ensure!(std::error::Error::source(&error).is_some_and(|why| why.is::<std::io::Error>()), "{error:?}");
        require_nothing_left(&film).await?;
    }
    Ok(())
}

async fn a_body_that_is_downloaded_can_be_uploaded_as_it_comes(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (film, copy, whole) = (bucket.object("film"), bucket.object("copy"), content(11 * MIB));
    film.upload_fileobj(&whole[..]).config(small_parts()?).await?;
    let mut body = film.get().send().await?.body;
    let stream = stream::poll_fn(move |cx| Pin::new(&mut body).poll_next(cx));
    ensure!(copy.upload_stream(stream).config(small_parts()?).await?.size == 11 << 20);
    ensure!(bytes_of(&copy).await? == whole);
    Ok(())
}

async fn an_upload_has_its_headers_in_parts_too(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for size in [9, 5 * MIB] {
        let (whole, film) = (content(size), bucket.object("film"));
        let upload = film.upload_fileobj(&whole[..]).config(small_parts()?).content_type("video/mp4");
        let upload = upload.cache_control("no-store").content_disposition("inline").content_language("fr");
        let upload = upload.metadata("director", "Varda").storage_class(StorageClass::StandardIa);
        upload.content_encoding("identity").tagging("colour=blue").await?;
        let head = film.load().await?;
        ensure!(
            head.content_type() == Some("video/mp4") && head.cache_control() == Some("no-store"),
            "{head:?}"
        );
        ensure!(
            head.content_disposition() == Some("inline") && head.content_language() == Some("fr"),
            "{head:?}"
        );
        ensure!(head.content_encoding() == Some("identity"), "{head:?}");
        ensure!(head.metadata().is_some_and(|metadata| metadata["director"] == "Varda"), "{head:?}");
        ensure!(head.storage_class() == Some(&StorageClass::StandardIa), "{head:?}");
        ensure!(tags_of(&film).await? == [("colour".to_owned(), "blue".to_owned())]);
    }
    Ok(())
}

async fn tags_of(object: &Object) -> Result<Vec<(String, String)>, Error> {
    let tags =
        object.client().get_object_tagging().bucket(object.bucket_name()).key(object.key()).send().await?;
    Ok(tags.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect())
}

async fn a_writer_gets_the_object_in_its_order(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for size in [0, 9, 5 * MIB, 17 * MIB + 3] {
        let (whole, film) = (content(size), bucket.object("film"));
        film.upload_fileobj(&whole[..]).await?;
        let mut written = Vec::new();
        let downloaded = film.download_fileobj(&mut written).config(small_parts()?).await?;
        ensure!(written == whole && downloaded.size == size as u64, "{size}");
        let (mut reader, writer) = tokio::io::duplex(1_000);
        let mut piped = Vec::new();
        let download = film.download_fileobj(writer).config(small_parts()?).into_future();
        let (downloaded, read) = tokio::join!(download, reader.read_to_end(&mut piped));
        ensure!(downloaded?.size == size as u64 && read? == size && piped == whole, "{size}");
    }
    Ok(())
}

/// Takes so many bytes, and fails.
struct Full(usize);

impl AsyncWrite for Full {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let taken = self.0.min(bytes.len());
        self.0 -= taken;
        Poll::Ready(if taken == 0 { Err(std::io::Error::other("the disk is full")) } else { Ok(taken) })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

async fn a_writer_that_fails_ends_the_download(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    film.upload_fileobj(&content(12 * MIB)[..]).await?;
    for room in [0, 9, 6 * MIB] {
        let error = film.download_fileobj(Full(room)).config(small_parts()?).await.unwrap_err();
        ensure!(error.kind() == ErrorKind::Io && error.to_string().contains("the disk is full"), "{error:?}");
    }
    Ok(())
}

async fn a_download_of_a_missing_object_writes_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    let mut written = Vec::new();
    let error = film.download_fileobj(&mut written).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::NotFound && written.is_empty(), "{error:?}");
    Ok(())
}

async fn progress_sums_to_the_size_of_what_is_read_and_written(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for size in [0_u64, 9, 11 << 20] {
        let (film, copy) = (bucket.object("film"), bucket.object("copy"));
        let whole = content(usize::try_from(size)?);
        let (told, all) = std::sync::mpsc::channel::<Progress>();
        let tell = || {
            let told = told.clone();
            move |progress| told.send(progress).unwrap()
        };
        film.upload_fileobj(&whole[..]).config(small_parts()?).progress(tell()).await?;
        let last = all.try_iter().last().context("there was a report")?;
        ensure!((last.transferred, last.total) == (size, size), "{last:?}");
        film.download_fileobj(tokio::io::sink()).config(small_parts()?).progress(tell()).await?;
        let reports: Vec<_> = all.try_iter().collect();
        ensure!(reports.iter().all(|report| report.total == size), "{reports:?}");
        ensure!(reports.last().is_some_and(|last| last.transferred == size), "{reports:?}");
        copy.copy(&film).config(small_parts()?).progress(tell()).await?;
        let reports: Vec<_> = all.try_iter().collect();
        ensure!(reports.iter().all(|report| report.total == size), "{reports:?}");
        ensure!(reports.last().is_some_and(|last| last.transferred == size), "{reports:?}");
    }
    Ok(())
}

async fn source(bucket: &Bucket, size: usize) -> anyhow::Result<Object> {
    let source = bucket.object("a source+1 é");
    let whole = content(size);
    let upload = source.upload_fileobj(&whole[..]).content_type("video/mp4").metadata("director", "Varda");
    upload.cache_control("no-store").tagging("colour=deep%20blue&a%2Bb=%3D%2F").await?;
    Ok(source)
}

async fn require_copy(copy: &Object, size: usize) -> TestResult {
    let head = copy.load().await?;
    ensure!(head.content_length() == Some(i64::try_from(size)?), "{head:?}");
    ensure!(head.content_type() == Some("video/mp4") && head.cache_control() == Some("no-store"), "{head:?}");
    ensure!(head.metadata().is_some_and(|metadata| metadata["director"] == "Varda"), "{head:?}");
    let mut tags = tags_of(copy).await?;
    tags.sort_unstable();
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    ensure!(tags == [pair("a+b", "=/"), pair("colour", "deep blue")], "{tags:?}");
    ensure!(bytes_of(copy).await? == content(size));
    Ok(())
}

async fn a_small_copy_keeps_everything(world: World) -> TestResult {
    let (from, to) = (world.fresh_bucket().await?, world.fresh_bucket().await?);
    let (source, copy) = (source(&from, 9).await?, to.object("copy"));
    let copied = copy.copy(&source).config(small_parts()?).await?;
    ensure!(copied.size == 9 && copied.e_tag == copy.load().await?.e_tag, "{copied:?}");
    require_copy(&copy, 9).await
}

async fn a_large_copy_keeps_everything(world: World) -> TestResult {
    let (from, to) = (world.fresh_bucket().await?, world.fresh_bucket().await?);
    let (source, copy) = (source(&from, 11 * MIB).await?, to.object("copy"));
    let copied = copy.copy(&source).config(small_parts()?).await?;
    ensure!(copied.size == 11 << 20 && copied.e_tag.is_some_and(|tag| tag.ends_with("-3\"")));
    require_copy(&copy, 11 * MIB).await
}

async fn a_copy_can_replace_one_header(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    for size in [9, 6 * MIB] {
        let (source, copy) = (source(&bucket, size).await?, bucket.object("copy"));
        copy.copy(&source).config(small_parts()?).content_type("text/plain").await?;
        let head = copy.load().await?;
        ensure!(
            head.content_type() == Some("text/plain") && head.cache_control() == Some("no-store"),
            "{head:?}"
        );
        ensure!(head.metadata().is_some_and(|metadata| metadata["director"] == "Varda"), "{head:?}");
    }
    Ok(())
}

async fn a_copy_of_a_version_is_of_that_version(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.versioning().enable().send().await?;
    let (film, old) = (bucket.object("film"), content(6 * MIB));
    let first = film.upload_fileobj(&old[..]).await?.version_id.context("a version has an id")?;
    film.put().body(b"new".to_vec().into()).send().await?;
    let version = film.version(first);
    for copy in ["copy", "film"] {
        bucket.copy(&version, copy).config(small_parts()?).await?;
        ensure!(bytes_of(&bucket.object(copy)).await? == old);
    }
    Ok(())
}

async fn a_copy_of_a_missing_object_leaves_nothing(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let error = bucket.object("copy").copy(&bucket.object("none")).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::NotFound, "{error:?}");
    require_nothing_left(&bucket.object("copy")).await
}

async fn a_directory_goes_up_and_down(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (from, to) = (world.path("from"), world.path("to"));
    let files = [("a.txt", 3), ("deep/er/b c+é", 5 * MIB + 1), ("deep/empty", 0), ("deep/z", 9)];
    for (name, size) in files {
        let path = from.join(name);
        std::fs::create_dir_all(path.parent().context("a file is in a directory")?)?;
        std::fs::write(path, content(size))?;
    }
    std::fs::create_dir(from.join("nothing"))?;
    let (told, all) = std::sync::mpsc::channel::<Progress>();
    let upload = bucket.upload_directory(&from).prefix("films/").config(small_parts()?);
    let uploaded = upload.progress(move |progress| told.send(progress).unwrap()).await?;
    let total = 5 * MIB as u64 + 13;
    ensure!(uploaded.bytes() == total && uploaded.complete()? == 4);
    let reports: Vec<_> = all.try_iter().collect();
    ensure!(
        reports.last().is_some_and(|last| (last.transferred, last.total) == (total, total)),
        "{reports:?}"
    );
    let keys = bucket.objects().items().try_collect().await?;
    let keys: Vec<_> = keys.iter().map(|object| object.key()).collect();
    ensure!(keys == ["films/a.txt", "films/deep/empty", "films/deep/er/b c+é", "films/deep/z"], "{keys:?}");
    bucket.object("films/deep/").put().send().await?;
    bucket.object("other").put().send().await?;
    let downloaded = bucket.download_directory(&to).prefix("films/").config(small_parts()?).await?;
    ensure!(downloaded.bytes() == total && downloaded.complete()? == 4);
    for (name, size) in files {
        ensure!(std::fs::read(to.join(name))? == content(size), "{name}");
    }
    ensure!(std::fs::read_dir(&to)?.count() == 2);
    Ok(())
}

async fn what_of_a_directory_cannot_be_transferred_is_told(world: World) -> TestResult {
    let (from, bucket) = (world.path("from"), world.no_bucket());
    std::fs::create_dir(&from)?;
    for name in ["a", "b"] {
        std::fs::write(from.join(name), name)?;
    }
    let uploaded = bucket.upload_directory(&from).await?;
    let mut failed: Vec<_> = uploaded.failures().iter().map(|failure| failure.key.as_str()).collect();
    failed.sort_unstable();
    ensure!(failed == ["a", "b"] && uploaded.count() == 0, "{uploaded:?}");
    check(uploaded.complete().unwrap_err(), ErrorKind::NotFound, "NoSuchBucket")?;
    let error = bucket.download_directory(world.path("to")).await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchBucket")
}

async fn a_key_that_leads_out_of_the_directory_is_refused(world: World) -> TestResult {
    let bucket = world.bucket_with(&["in", "x/../../out", "a//b", "x/./y"]).await?;
    let to = world.path("deep/to");
    let downloaded = bucket.download_directory(&to).await?;
    ensure!(downloaded.count() == 1 && downloaded.failures().len() == 3, "{downloaded:?}");
    for failure in downloaded.failures() {
        ensure!(failure.error.kind() == ErrorKind::InvalidInput && failure.path.is_none(), "{failure:?}");
    }
    ensure!(std::fs::read_dir(&to)?.count() == 1 && std::fs::read_dir(world.path("deep"))?.count() == 1);
    Ok(())
}

async fn a_missing_directory_is_told(world: World) -> TestResult {
    let error = world.no_bucket().upload_directory(world.path("none")).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::Io && error.to_string().contains("none"), "{error:?}");
    Ok(())
}

async fn a_transfer_goes_on_while_its_handle_is_kept(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (film, path) = (bucket.object("film"), world.path("film"));
    let upload =
        film.upload_fileobj(std::io::Cursor::new(content(11 * MIB))).config(small_parts()?).start()?;
    ensure!(upload.await?.size == 11 << 20);
    let download = film.download_file(&path).config(small_parts()?).start()?;
    ensure!(download.await?.size == 11 << 20 && std::fs::read(&path)? == content(11 * MIB));
    let copy = bucket.copy(&film, "copy").config(small_parts()?).start()?;
    while !copy.is_finished() {
        tokio::task::yield_now().await;
    }
    let progress = copy.progress();
    ensure!((progress.transferred, progress.total) == (11 << 20, 11 << 20), "{progress:?}");
    ensure!(copy.await?.size == 11 << 20);
    let upload = bucket.object("file").upload_file(&path).start()?;
    ensure!(upload.await?.size == 11 << 20);
    Ok(())
}

async fn an_aborted_transfer_leaves_nothing(world: World) -> TestResult {
    let film = world.fresh_bucket().await?.object("film");
    // Never ends, so it is aborted in the middle.
    let reader = Dripping { left: usize::MAX, at_once: 64 << 10, fails: false };
    let upload = film.upload_fileobj(reader).config(small_parts()?).start()?;
    while upload.progress().transferred == 0 {
        tokio::task::yield_now().await;
    }
    upload.abort().await;
    let (reader, writer) = tokio::io::duplex(10);
    film.put().body(content(MIB).into()).send().await?;
    let download = film.download_fileobj(writer).start()?;
    drop(download);
    drop(reader);
    film.delete().send().await?;
    // The abort of the multipart upload goes on by itself; closing the scope would wait for it.
    while !film.bucket().multipart_uploads().items().try_collect().await?.is_empty() {
        tokio::task::yield_now().await;
    }
    Ok(())
}

async fn a_bare_client_transfers_as_its_objects_do(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let (up, down) = (world.path("up"), world.path("down"));
    std::fs::create_dir(&up)?;
    std::fs::write(up.join("film"), "silent")?;
    client.upload_file(up.join("film"), name, "one").content_type("video/mp4").await?;
    client.upload_fileobj(&b"loud"[..], name, "two").await?;
    client.upload_stream(pieces(b"louder", 4), name, "four").await?;
    client.copy(&bucket.object("one"), name, "three").await?;
    ensure!(client.upload_directory(&up, name).prefix("more/").await?.complete()? == 1);
    ensure!(client.download_directory(name, &down).await?.complete()? == 5);
    ensure!(std::fs::read_to_string(down.join("four"))? == "louder");
    for (path, expected) in [("one", "silent"), ("two", "loud"), ("three", "silent"), ("more/film", "silent")]
    {
        ensure!(std::fs::read_to_string(down.join(path))? == expected, "{path}");
    }
    let mut read = Vec::new();
    ensure!(client.download_fileobj(name, "two", &mut read).await?.size == 4 && read == b"loud");
    ensure!(client.download_file(name, "three", down.join("again")).await?.size == 6);
    Ok(())
}
