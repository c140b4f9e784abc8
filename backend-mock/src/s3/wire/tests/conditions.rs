//! Writes and deletes on condition.

use super::*;
use crate::s3::engine::{ChecksumAlgorithm, Content, Digest};

#[tokio::test]
async fn a_delete_may_expect_the_object_that_it_deletes() {
    let world = World::with_bucket().await;
    let missing = world.ask("DELETE /films/a\nif-match: *", "").await;
    assert_eq!(missing.refusal(), (404, "NoSuchKey"));
    world.ask("PUT /films/a", "hello world").await;
    let stale = world.ask("DELETE /films/a\nif-match: \"x\"", "").await;
    assert_eq!((stale.refusal(), stale.element("Condition")), ((412, "PreconditionFailed"), "If-Match"));
    assert_eq!(world.ask(&format!("DELETE /films/a\nif-match: {HELLO_ETAG}"), "").await.status, 204);
    world.ask("PUT /films/a", "hello world").await;
    assert_eq!(world.ask("DELETE /films/a\nif-match: *", "").await.status, 204);
}

#[tokio::test]
async fn each_of_many_deletes_may_expect_its_object() {
    let world = World::with_bucket().await;
    for key in ["a", "b"] {
        world.ask(&format!("PUT /films/{key}"), "hello world").await;
    }
    let body = "<Delete><Object><Key>a</Key><ETag>\"x\"</ETag></Object><Object><Key>b</Key>\
                <ETag>\"5eb63bbbe01eeed093cb22bb8f5acdc3\"</ETag></Object></Delete>";
    let digest = Digest::of(&Content::from(Bytes::from(body)), &[ChecksumAlgorithm::Crc32]);
    let head = format!("POST /films?delete\nx-amz-checksum-crc32: {}", digest.checksums[0]);
    let answer = world.ask(&head, body).await;
    assert_eq!((answer.status, answer.element("Code")), (200, "PreconditionFailed"), "{}", answer.body);
    assert_eq!(world.ask("GET /films/a", "").await.status, 200);
    assert_eq!(world.ask("GET /films/b", "").await.status, 404);
}

#[tokio::test]
async fn a_copy_may_expect_what_its_target_holds() {
    let world = World::with_bucket().await;
    for key in ["a", "b"] {
        world.ask(&format!("PUT /films/{key}"), "hello world").await;
    }
    for (condition, status) in [
        ("if-none-match: *".to_owned(), 412),
        ("if-match: \"x\"".to_owned(), 412),
        (format!("if-match: {HELLO_ETAG}"), 200),
    ] {
        let copy = format!("PUT /films/b\nx-amz-copy-source: films/a\n{condition}");
        assert_eq!(world.ask(&copy, "").await.status, status, "{condition}");
    }
    let missing = format!("PUT /films/c\nx-amz-copy-source: films/a\nif-match: {HELLO_ETAG}");
    assert_eq!(world.ask(&missing, "").await.refusal(), (404, "NoSuchKey"));
    assert_eq!(world.ask("PUT /films/c\nx-amz-copy-source: films/a\nif-none-match: *", "").await.status, 200);
}

#[tokio::test]
async fn a_key_under_a_delete_marker_is_free() {
    let world = World::with_bucket().await;
    let enabled = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    world.ask("PUT /films?versioning", enabled).await;
    world.ask("PUT /films/a", "hello world").await;
    assert_eq!(world.ask("PUT /films/a\nif-none-match: *", "x").await.refusal(), (412, "PreconditionFailed"));
    world.ask("DELETE /films/a", "").await;
    let matching = format!("PUT /films/a\nif-match: {HELLO_ETAG}");
    assert_eq!(world.ask(&matching, "x").await.refusal(), (404, "NoSuchKey"));
    assert_eq!(world.ask("PUT /films/a\nif-none-match: *", "x").await.status, 200);
}
