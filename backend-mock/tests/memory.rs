//! What an object costs in memory on its way through the cloud: itself once, and at most one more copy in passing.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use aws_sdk_s3::primitives::ByteStream;
use backend_mock::MockAws;
use peak_alloc::PeakAlloc;
use std::io::Write as _;
use tokio::sync::Mutex;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

/// One allocator counts for all tests, so that one of them runs at a time.
static ALONE: Mutex<()> = Mutex::const_new(());

const MIB: usize = 1 << 20;
const OBJECT: usize = 64 * MIB;
/// Buffers of the SDK, the test harness and the runtime.
const SLACK: usize = 8 * MIB;

/// How far memory rose above what it is now while `work` ran, and what it is afterwards, in bytes.
async fn measured<R>(work: impl Future<Output = R>) -> (R, usize, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let answer = work.await;
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    (answer, peak, ALLOCATOR.current_usage().saturating_sub(before))
}

#[tokio::test]
async fn an_object_passes_through_with_at_most_one_copy_beside_the_engines_own() {
    let _alone = ALONE.lock().await;
    let mut file = tempfile::NamedTempFile::new().unwrap();
    for block in 0..64_u8 {
        file.write_all(&vec![block; MIB]).unwrap();
    }
    let s3 = aws_sdk_s3::Client::new(&MockAws::new().sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();

    let body = ByteStream::from_path(file.path()).await.unwrap();
    let put = s3.put_object().bucket("films").key("metropolis").body(body).send();
    let (stored, peak, kept) = measured(put).await;
    stored.unwrap();
    assert!((OBJECT..=OBJECT + SLACK).contains(&kept), "the engine keeps {kept} bytes");
    assert!(peak <= 2 * OBJECT + SLACK, "putting took {peak} bytes at the peak");

    let (read, peak, kept) = measured(async {
        let mut film = s3.get_object().bucket("films").key("metropolis").send().await.unwrap();
        let mut read = 0;
        while let Some(bytes) = film.body.try_next().await.unwrap() {
            read += bytes.len();
        }
        read
    })
    .await;
    assert_eq!(read, OBJECT);
    assert!(peak <= OBJECT + SLACK && kept <= SLACK, "getting took {peak} bytes at the peak and kept {kept}");

    let copy = s3.copy_object().copy_source("films/metropolis").bucket("films").key("copy").send();
    let (copied, peak, _) = measured(copy).await;
    copied.unwrap();
    assert!(peak <= SLACK, "a copy shares the bytes, but took {peak}");
}

#[tokio::test]
async fn an_object_without_a_body_costs_at_most_400_bytes_beside_its_key() {
    const OBJECTS: usize = 1_000;
    let _alone = ALONE.lock().await;
    let s3 = aws_sdk_s3::Client::new(&MockAws::new().sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    let put = async |n: usize| s3.put_object().bucket("films").key(format!("{n:08}")).send().await.unwrap();
    put(0).await;
    let (_, _, kept) = measured(async {
        for n in 1..=OBJECTS {
            put(n).await;
        }
    })
    .await;
    assert!(kept / OBJECTS <= 400 + 8, "an object costs {} bytes", kept / OBJECTS);
}
