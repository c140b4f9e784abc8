//! What a transfer costs in memory over the cloud in memory: beside the engine's own copy at most one more in passing.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::io::Write as _;

use backend_mock::MockAws;
use peak_alloc::PeakAlloc;
use resources::S3;
use session_core::SessionExt;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
const OBJECT: usize = 64 * MIB;
/// Buffers of the transfers, the SDK, the test harness and the runtime.
const SLACK: usize = 16 * MIB;

/// How far memory rose above what it is now while `work` ran, and what it is afterwards, in bytes.
async fn measured<R>(work: impl Future<Output = R>) -> (R, usize, usize) {
    let before = ALLOCATOR.current_usage();
    ALLOCATOR.reset_peak_usage();
    let answer = work.await;
    let peak = ALLOCATOR.peak_usage().saturating_sub(before);
    (answer, peak, ALLOCATOR.current_usage().saturating_sub(before))
}

#[tokio::test]
async fn a_file_goes_up_and_down_with_at_most_one_copy_beside_the_engine_s_own() {
    let directory = tempfile::tempdir().unwrap();
    let (original, copy) = (directory.path().join("original"), directory.path().join("copy"));
    let mut file = std::fs::File::create(&original).unwrap();
    for block in 0..64_u8 {
        file.write_all(&vec![block; MIB]).unwrap();
    }
    let session = MockAws::new().session();
    let s3 = session.resource(S3).await.unwrap();
    let bucket = s3.bucket("films");
    bucket.create().send().await.unwrap();
    let film = bucket.object("metropolis");

    let (uploaded, peak, kept) = measured(film.upload_file(&original).into_future()).await;
    assert_eq!(uploaded.unwrap().size, OBJECT as u64);
    assert!((OBJECT - MIB..=OBJECT + SLACK).contains(&kept), "the engine keeps {kept} bytes");
    assert!(peak <= 2 * OBJECT + SLACK, "uploading took {peak} bytes at the peak");

    let (downloaded, peak, kept) = measured(film.download_file(&copy).into_future()).await;
    assert_eq!(downloaded.unwrap().size, OBJECT as u64);
    assert!(peak <= OBJECT + SLACK && kept <= SLACK, "downloading took {peak} at the peak and kept {kept}");
}
