//! Transfers of files, with a real S3 at the other end.

use std::error::Error as _;
use std::future::IntoFuture;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::ensure;
use aws_sdk_s3::types::ChecksumMode;
use resources::transfer::{ByteSize, ObjectChanged, Progress, TransferConfig};
use resources::{Object, S3, SseCustomerKey};
use session_core::{Error, ErrorKind, SessionExt};
use tokio::sync::Notify;

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of, content};

cases! {
    a_large_file_goes_up_in_parts_and_down_in_ranges,
    a_file_of_exactly_the_threshold_is_one_part,
    a_small_file_is_one_put_with_its_headers,
    an_empty_file_goes_both_ways,
    progress_sums_to_the_size_in_both_directions,
    a_part_is_checked_by_its_crc32,
    an_upload_to_a_missing_bucket_leaves_nothing,
    a_dropped_upload_leaves_no_multipart_upload,
    a_download_of_a_missing_object_leaves_no_file,
    an_object_overwritten_during_its_download_is_noticed,
    a_download_replaces_the_file_that_was_there,
    transfers_of_many_files_go_on_at_once,
    a_customers_key_goes_with_all_transfers,
}

const MIB: usize = 1 << 20;

fn small_parts() -> Result<TransferConfig, Error> {
    TransferConfig::builder().part_size(ByteSize::mib(5)).multipart_threshold(ByteSize::mib(5)).build()
}

async fn round_trip(world: &World, object: &Object, bytes: &[u8]) -> TestResult {
    let (from, to) = (world.path("from"), world.path("to"));
    std::fs::write(&from, bytes)?;
    let uploaded = object.upload_file(&from).config(small_parts()?).await?;
    let downloaded = object.download_file(&to).config(small_parts()?).await?;
    ensure!(uploaded.size == bytes.len() as u64 && downloaded.size == uploaded.size, "{uploaded:?}");
    ensure!(uploaded.e_tag.is_some() && downloaded.e_tag == uploaded.e_tag, "{uploaded:?} {downloaded:?}");
    ensure!(std::fs::read(&to)? == bytes);
    ensure!(world.file_names()?.len() == 2);
    Ok(())
}

async fn a_large_file_goes_up_in_parts_and_down_in_ranges(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    round_trip(&world, &object, &content(11 * MIB + 17)).await?;
    ensure!(object.load().await?.e_tag().is_some_and(|e_tag| e_tag.ends_with("-3\"")));
    Ok(())
}

async fn a_file_of_exactly_the_threshold_is_one_part(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    round_trip(&world, &object, &content(5 * MIB)).await?;
    ensure!(object.load().await?.e_tag().is_some_and(|e_tag| e_tag.ends_with("-1\"")));
    Ok(())
}

async fn a_small_file_is_one_put_with_its_headers(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let path = world.path("from");
    std::fs::write(&path, "hello")?;
    let upload = object.upload_file(&path).content_type("text/plain").metadata("cut", "long");
    let uploaded = upload.await?;
    ensure!(uploaded.e_tag.as_deref() == Some("\"5d41402abc4b2a76b9719d911017c592\""), "{uploaded:?}");
    let head = object.load().await?;
    ensure!(head.content_type() == Some("text/plain"), "{head:?}");
    ensure!(head.metadata().is_some_and(|metadata| metadata["cut"] == "long"), "{head:?}");
    Ok(())
}

async fn an_empty_file_goes_both_ways(world: World) -> TestResult {
    round_trip(&world, &world.fresh_bucket().await?.object("nothing"), b"").await
}

async fn progress_sums_to_the_size_in_both_directions(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let (path, size) = (world.path("film"), 11 * MIB as u64);
    std::fs::write(&path, content(11 * MIB))?;
    let told = Arc::new(Mutex::new(Vec::<Progress>::new()));
    let listener = || {
        let told = Arc::clone(&told);
        move |progress| told.lock().unwrap().push(progress)
    };
    object.upload_file(&path).config(small_parts()?).progress(listener()).await?;
    let up = std::mem::take(&mut *told.lock().unwrap());
    object.download_file(&path).config(small_parts()?).progress(listener()).await?;
    let down = std::mem::take(&mut *told.lock().unwrap());
    for reports in [up, down] {
        ensure!(reports.len() == 3 && reports.iter().all(|report| report.total == size), "{reports:?}");
        ensure!(reports.windows(2).all(|two| two[0].transferred < two[1].transferred), "{reports:?}");
        ensure!(reports[2].transferred == size, "{reports:?}");
    }
    Ok(())
}

async fn a_part_is_checked_by_its_crc32(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let path = world.path("film");
    std::fs::write(&path, content(6 * MIB))?;
    let uploaded = object.upload_file(&path).config(small_parts()?).await?;
    let head = object.head().checksum_mode(ChecksumMode::Enabled).send().await?;
    ensure!(uploaded.checksum_crc32.as_deref().is_some_and(|sum| sum.ends_with("-2")), "{uploaded:?}");
    ensure!(head.checksum_crc32() == uploaded.checksum_crc32.as_deref(), "{head:?}");
    Ok(())
}

async fn an_upload_to_a_missing_bucket_leaves_nothing(world: World) -> TestResult {
    let path = world.path("film");
    std::fs::write(&path, content(6 * MIB))?;
    let upload = world.no_bucket().object("film").upload_file(&path).config(small_parts()?);
    check(upload.await.unwrap_err(), ErrorKind::NotFound, "NoSuchBucket")
}

async fn a_dropped_upload_leaves_no_multipart_upload(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let path = world.path("film");
    std::fs::write(&path, content(16 * MIB))?;
    let config = TransferConfig::builder().part_size(ByteSize::mib(5)).max_concurrency(1).build()?;
    for parts_before in 0..3 {
        let s3 = world.session.resource(S3).await?;
        let reached = Arc::new(Notify::new());
        let (tell, mut left) = (Arc::clone(&reached), parts_before);
        let upload = s3.object(bucket.name(), "film").upload_file(&path).config(config);
        let upload = upload.progress(move |_| {
            left -= 1;
            if left == 0 {
                tell.notify_one();
            }
        });
        let mut upload = upload.into_future();
        if parts_before == 0 {
            // Far enough for the upload to have begun, or not: both must leave nothing.
            let _ = tokio::time::timeout(Duration::from_millis(20), &mut upload).await;
        } else {
            tokio::select! {
                outcome = &mut upload => { outcome?; }
                () = reached.notified() => {}
            }
        }
        drop(upload);
        s3.close().await?;
        let left = bucket.list_multipart_uploads().send().await?;
        ensure!(left.uploads().is_empty(), "dropped after {parts_before} parts: {left:?}");
    }
    Ok(())
}

async fn a_download_of_a_missing_object_leaves_no_file(world: World) -> TestResult {
    let error = world.fresh_bucket().await?.object("ghost").download_file(world.path("film")).await;
    ensure!(error.unwrap_err().is_not_found() && world.file_names()?.is_empty());
    Ok(())
}

async fn an_object_overwritten_during_its_download_is_noticed(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(content(16 * MIB).into()).send().await?;
    let config = TransferConfig::builder().part_size(ByteSize::mib(5)).max_concurrency(1).build()?;
    let (overwrite, runtime) = (object.clone(), tokio::runtime::Handle::current());
    let mut once = true;
    let download = object.download_file(world.path("film")).config(config).progress(move |_| {
        if std::mem::take(&mut once) {
            let put = overwrite.put().body(vec![9; 16 * MIB].into()).send();
            let put = async { put.await.map_err(Error::from) };
            tokio::task::block_in_place(|| runtime.block_on(put)).expect("the object can be overwritten");
        }
    });
    let error = download.await.unwrap_err();
    ensure!(error.source().is_some_and(|source| source.is::<ObjectChanged>()), "{error:?}");
    ensure!(world.file_names()?.is_empty(), "{:?}", world.file_names());
    check(error, ErrorKind::ConditionFailed, "PreconditionFailed")
}

async fn a_download_replaces_the_file_that_was_there(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let path = world.path("film");
    std::fs::write(&path, "what was there before, and longer")?;
    object.put().body(content(3).into()).send().await?;
    object.download_file(&path).await?;
    ensure!(std::fs::read(&path)? == content(3));
    Ok(())
}

async fn transfers_of_many_files_go_on_at_once(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let uploads = (1..=6).map(|n| {
        let (path, object) = (world.path(&n.to_string()), bucket.object(n.to_string()));
        async move {
            tokio::fs::write(&path, content(n * 1000)).await?;
            object.upload_file(&path).await?;
            ensure!(bytes_of(&object).await? == content(n * 1000));
            Ok(())
        }
    });
    futures_util::future::try_join_all(uploads).await?;
    Ok(())
}

async fn a_customers_key_goes_with_all_transfers(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (key, other) = (SseCustomerKey::new(&[1; 32]), SseCustomerKey::new(&[2; 32]));
    let (from, to) = (world.path("from"), world.path("to"));
    for size in [9, 6 * MIB] {
        let (film, copy) = (bucket.object("film"), bucket.object("copy"));
        std::fs::write(&from, content(size))?;
        film.upload_file(&from).config(small_parts()?).sse_customer_key(key.clone()).await?;
        film.download_file(&to).config(small_parts()?).sse_customer_key(key.clone()).await?;
        ensure!(std::fs::read(&to)? == content(size));
        let without = film.download_file(&to).await.unwrap_err();
        ensure!(without.kind() == ErrorKind::InvalidInput, "{without:?}");
        let copied = copy.copy(&film).config(small_parts()?).copy_source_sse_customer_key(key.clone());
        copied.sse_customer_key(other.clone()).await?;
        let mut read = Vec::new();
        copy.download_fileobj(&mut read).config(small_parts()?).sse_customer_key(other.clone()).await?;
        ensure!(read == content(size));
        copy.upload_fileobj(&read[..]).config(small_parts()?).sse_customer_key(key.clone()).await?;
        copy.download_file(&to).config(small_parts()?).sse_customer_key(key.clone()).await?;
        ensure!(std::fs::read(&to)? == content(size));
    }
    let down = world.path("down");
    bucket.download_directory(&down).prefix("fi").sse_customer_key(key.clone()).await?.complete()?;
    ensure!(std::fs::read(down.join("lm"))? == content(6 * MIB));
    let up = bucket.upload_directory(&down).prefix("up/").sse_customer_key(other.clone());
    ensure!(up.await?.complete()? == 1);
    bucket.object("up/lm").download_file(&to).sse_customer_key(other).await?;
    ensure!(std::fs::read(&to)? == content(6 * MIB));
    Ok(())
}
