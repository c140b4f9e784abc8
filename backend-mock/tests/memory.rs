//! What an object costs in memory on its way through the cloud: itself once, and at most one more copy in passing.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::io::Write as _;

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, VersioningConfiguration,
};
use backend_mock::MockAws;
use peak_alloc::PeakAlloc;
use tokio::sync::Mutex;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const MIB: usize = 1 << 20;
const OBJECT: usize = 64 * MIB;
/// Buffers of the SDK, the test harness and the runtime.
const SLACK: usize = 8 * MIB;

/// Tests take turns: what one of them holds would be counted for the other.
static TURN: Mutex<()> = Mutex::const_new(());

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
    let _turn = TURN.lock().await;
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
    let _turn = TURN.lock().await;
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

#[tokio::test]
async fn a_version_without_a_body_takes_no_more_and_a_delete_marker_less() {
    const VERSIONS: usize = 1_000;
    const ALLOWED: usize = 400;
    let _turn = TURN.lock().await;
    let s3 = aws_sdk_s3::Client::new(&MockAws::new().sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    let enabled = VersioningConfiguration::builder().status(BucketVersioningStatus::Enabled).build();
    s3.put_bucket_versioning().bucket("films").versioning_configuration(enabled).send().await.unwrap();
    let put = async || s3.put_object().bucket("films").key("metropolis").send().await.unwrap();
    put().await;
    let (_, _, of_versions) = measured(async {
        for _ in 0..VERSIONS {
            put().await;
        }
    })
    .await;
    assert!(of_versions / VERSIONS <= ALLOWED, "a version takes {} bytes", of_versions / VERSIONS);
    let (_, _, of_markers) = measured(async {
        for _ in 0..VERSIONS {
            s3.delete_object().bucket("films").key("metropolis").send().await.unwrap();
        }
    })
    .await;
    assert!(of_markers < of_versions, "a delete marker takes {} bytes", of_markers / VERSIONS);
}

#[tokio::test]
async fn parts_become_an_object_without_a_copy_of_their_bytes() {
    let _turn = TURN.lock().await;
    let s3 = aws_sdk_s3::Client::new(&MockAws::new().sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    s3.put_object().bucket("films").key("source").body(vec![7; OBJECT / 2].into()).send().await.unwrap();
    let upload = s3.create_multipart_upload().bucket("films").key("a").send().await.unwrap();
    let id = upload.upload_id().unwrap();

    let part = s3.upload_part().bucket("films").key("a").upload_id(id).part_number(1);
    let one = part.body(vec![8; OBJECT / 2].into()).send().await.unwrap().e_tag;
    let copy = s3.upload_part_copy().bucket("films").key("a").upload_id(id).part_number(2);
    let copy =
        copy.copy_source("films/source").copy_source_range(format!("bytes=1-{}", OBJECT / 2 - 1)).send();
    let (two, peak, kept) = measured(copy).await;
    let two = two.unwrap().copy_part_result.unwrap().e_tag;
    assert!(peak <= SLACK && kept <= SLACK, "copying a part took {peak} bytes at the peak and kept {kept}");

    let named = [(1, one), (2, two)];
    let named =
        named.map(|(number, etag)| CompletedPart::builder().part_number(number).set_e_tag(etag).build());
    let parts = CompletedMultipartUpload::builder().set_parts(Some(named.into())).build();
    let complete =
        s3.complete_multipart_upload().bucket("films").key("a").upload_id(id).multipart_upload(parts);
    let (completed, peak, kept) = measured(complete.send()).await;
    completed.unwrap();
    assert!(peak <= SLACK && kept <= SLACK, "completing took {peak} bytes at the peak and kept {kept}");
}

#[tokio::test]
async fn an_object_without_a_body_takes_at_most_400_bytes_beside_its_key_and_metadata() {
    const OBJECTS: usize = 3_000;
    const KEY: usize = "films/metropolis/00000".len();
    const CONTENT_TYPE: usize = "application/octet-stream".len();
    let _turn = TURN.lock().await;
    let s3 = aws_sdk_s3::Client::new(&MockAws::new().sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    s3.put_object().bucket("films").key("warm").send().await.unwrap();
    let (_, _, kept) = measured(async {
        for number in 0..OBJECTS {
            let key = format!("films/metropolis/{number:05}");
            s3.put_object().bucket("films").key(key).send().await.unwrap();
        }
    })
    .await;
    let each = kept / OBJECTS;
    let own = each - KEY - CONTENT_TYPE;
    println!("an object takes {own} bytes beside its key and metadata");
    assert!(own <= 400, "an object takes {own} bytes beside its key and metadata");
}
