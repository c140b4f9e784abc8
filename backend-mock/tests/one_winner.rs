//! Many clients of one cloud at the same key: exactly one of those that expect it to be free gets it.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use aws_sdk_s3::Client;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};
use backend_mock::MockAws;
use tokio::task::JoinSet;

const CLIENTS: usize = 64;
const SEEDS: u64 = 8;

async fn client(seed: u64) -> Client {
    let s3 = Client::new(&MockAws::with_seed(seed).sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    s3
}

/// The codes of those that were refused; the others won.
async fn refusals(mut clients: JoinSet<Option<String>>) -> Vec<String> {
    let mut refused = Vec::new();
    while let Some(ended) = clients.join_next().await {
        refused.extend(ended.unwrap());
    }
    refused
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_puts_if_absent_one_wins() {
    for seed in 0..SEEDS {
        let s3 = client(seed).await;
        let mut clients = JoinSet::new();
        for number in 0..CLIENTS {
            let put = s3.put_object().bucket("films").key("a").if_none_match("*");
            let put = put.body(ByteStream::from(number.to_string().into_bytes()));
            clients
                .spawn(async move { put.send().await.err().map(|error| error.code().unwrap().to_owned()) });
        }
        let refused = refusals(clients).await;
        assert_eq!(refused.len(), CLIENTS - 1, "seed {seed}");
        assert!(refused.iter().all(|code| code == "PreconditionFailed"), "seed {seed}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_64_completions_if_absent_one_wins() {
    for seed in 0..SEEDS {
        let s3 = client(seed).await;
        let mut clients = JoinSet::new();
        let ready = std::sync::Arc::new(tokio::sync::Barrier::new(CLIENTS));
        for number in 0..CLIENTS {
            let (s3, ready) = (s3.clone(), ready.clone());
            clients.spawn(async move {
                let upload = s3.create_multipart_upload().bucket("films").key("a").send().await.unwrap();
                let id = upload.upload_id().unwrap();
                let part = s3.upload_part().bucket("films").key("a").upload_id(id).part_number(1);
                let part = part.body(ByteStream::from(number.to_string().into_bytes())).send().await.unwrap();
                let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
                let parts = CompletedMultipartUpload::builder().parts(part).build();
                ready.wait().await;
                let complete = s3.complete_multipart_upload().bucket("films").key("a").upload_id(id);
                let complete = complete.multipart_upload(parts).if_none_match("*");
                complete.send().await.err().map(|error| error.code().unwrap().to_owned())
            });
        }
        let refused = refusals(clients).await;
        assert_eq!(refused.len(), CLIENTS - 1, "seed {seed}");
        assert!(refused.iter().all(|code| code == "PreconditionFailed"), "seed {seed}: {refused:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upload_that_64_clients_complete_is_one_object_to_all_of_them() {
    let s3 = client(0).await;
    let upload = s3.create_multipart_upload().bucket("films").key("a").send().await.unwrap();
    let id = upload.upload_id().unwrap();
    let part = s3.upload_part().bucket("films").key("a").upload_id(id).part_number(1);
    let part = part.body(ByteStream::from_static(b"x")).send().await.unwrap();
    let part = CompletedPart::builder().part_number(1).set_e_tag(part.e_tag).build();
    let parts = CompletedMultipartUpload::builder().parts(part).build();
    let mut clients = JoinSet::new();
    for _ in 0..CLIENTS {
        let complete = s3.complete_multipart_upload().bucket("films").key("a").upload_id(id);
        let complete = complete.multipart_upload(parts.clone());
        clients.spawn(async move { complete.send().await.unwrap().e_tag });
    }
    let mut etags = clients.join_all().await;
    etags.dedup();
    assert_eq!(etags.len(), 1);
}
