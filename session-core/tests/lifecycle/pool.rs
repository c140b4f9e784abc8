//! A limit of connections: bodies that nobody reads end in an error that says so, never in a standstill.

use std::time::Duration;

use session_core::{ClientConfig, Error, ErrorKind, PoolTimeout, SessionExt};

use crate::S3;
use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;

async fn client(server: &Server) -> session_core::ResourceScope<aws_sdk_s3::Client> {
    let session = CustomSession::over(server.http_client());
    let config = ClientConfig::builder().max_pool_connections(2).pool_timeout(Duration::from_secs(5));
    session.client(S3).region_name("eu-west-1").config(config).await.unwrap()
}

/// An answer whose body does not end before the test says so.
async fn unread(
    server: &Server,
    s3: &aws_sdk_s3::Client,
) -> (tokio::sync::mpsc::Sender<&'static str>, aws_sdk_s3::operation::get_object::GetObjectOutput) {
    let before = server.arrived();
    let (sender, body) = Server::streamed();
    let (answer, ()) = tokio::join!(s3.get_object().bucket("b").key("k").send(), async {
        server.has_arrived(before + 1).await;
        server.answer(body);
    });
    (sender, answer.unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_request_that_never_gets_its_turn_fails_by_name_and_is_not_sent() {
    let server = Server::start();
    let s3 = client(&server).await;
    let _bodies = [unread(&server, &s3).await, unread(&server, &s3).await];

    let sdk_error = s3.get_object().bucket("b").key("k").send().await.unwrap_err();
    let mut chain = std::iter::successors(Some(&sdk_error as &dyn std::error::Error), |error| error.source());
    let full = chain.find_map(|error| error.downcast_ref::<PoolTimeout>()).unwrap();
    assert_eq!((full.max_pool_connections, full.pool_timeout), (2, Duration::from_secs(5)));
    let error = Error::from(sdk_error);
    assert_eq!(error.kind(), ErrorKind::PoolTimeout);
    assert!(error.to_string().contains("all 2 connections") && error.is_retryable(), "{error}");
    // Neither the request nor a retry of it went out.
    assert_eq!(server.arrived(), 2);
}

#[tokio::test]
async fn a_body_that_is_dropped_or_read_to_its_end_gives_its_turn_to_the_next() {
    let server = Server::start();
    let s3 = client(&server).await;
    let (first, second) = (unread(&server, &s3).await, unread(&server, &s3).await);
    drop(first);
    let third = unread(&server, &s3).await;

    let (sender, answer) = second;
    sender.send("whole").await.unwrap();
    drop(sender);
    assert_eq!(answer.body.collect().await.unwrap().into_bytes(), "whole");
    let _fourth = unread(&server, &s3).await;
    drop(third);
}

#[tokio::test]
async fn a_request_that_waits_for_its_turn_goes_on_when_there_is_one() {
    let server = Server::start();
    let s3 = client(&server).await;
    let (first, _second) = (unread(&server, &s3).await, unread(&server, &s3).await);
    let waiting = tokio::spawn({
        let s3 = s3.clone();
        async move { s3.get_object().bucket("b").key("k").send().await }
    });
    tokio::task::yield_now().await;
    assert_eq!(server.arrived(), 2);
    drop(first);
    server.has_arrived(3).await;
    server.answer("done".into());
    assert_eq!(waiting.await.unwrap().unwrap().body.collect().await.unwrap().into_bytes(), "done");
}

#[tokio::test]
async fn closing_the_scope_ends_the_wait_for_a_turn() {
    let server = Server::start();
    let s3 = client(&server).await;
    let _bodies = [unread(&server, &s3).await, unread(&server, &s3).await];
    let waiting = tokio::spawn({
        let s3 = s3.clone();
        async move { s3.get_object().bucket("b").key("k").send().await }
    });
    tokio::task::yield_now().await;
    drop(s3);
    let error = Error::from(waiting.await.unwrap().unwrap_err());
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
}
