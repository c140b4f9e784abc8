//! A limit of connections: bodies that nobody reads end in an error that says so, never in a standstill.

use std::time::Duration;

use session_core::{ClientConfigBuilder, ErrorKind};

use crate::server::{Act, Server, answer, cut_answer};
use crate::{config, get_object, s3};

fn two() -> ClientConfigBuilder {
    config().max_pool_connections(2).pool_timeout(Duration::from_millis(100))
}

#[tokio::test]
async fn two_unread_bodies_keep_the_third_call_waiting_until_one_is_dropped() {
    let server = Server::always(Act::Stall(cut_answer(200, &[], 1_000_000, "It was"))).await;
    let s3 = s3(&server, two()).await;
    let (first, _second) = (get_object(&s3).await.unwrap(), get_object(&s3).await.unwrap());
    let error = get_object(&s3).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::PoolTimeout, Some("GetObject")));
    assert!(error.message().contains("all 2 connections"), "{error}");
    assert_eq!((server.requests(), server.open()), (2, 2));
    drop(first);
    let _third = get_object(&s3).await.unwrap();
    server.lost(1).await;
    assert_eq!((server.requests(), server.open()), (3, 2));
}

#[tokio::test]
async fn a_body_that_is_read_gives_its_turn_away_while_its_output_is_kept() {
    let server = Server::always(Act::Answer(answer(200, &[], &"x".repeat(100_000)))).await;
    let s3 = s3(&server, two()).await;
    let mut outputs = Vec::new();
    for _ in 0..5 {
        let mut output = get_object(&s3).await.unwrap();
        while output.body.try_next().await.unwrap().is_some() {}
        outputs.push(output);
    }
    assert_eq!((server.requests(), server.connections()), (5, 1));
}

#[tokio::test]
async fn what_fails_gives_its_turn_away() {
    let server = Server::one_by_one([
        Act::Reset(Vec::new()),
        Act::Stall(Vec::new()),
        Act::Answer(answer(500, &[], "")),
        Act::End(cut_answer(200, &[], 100, "It was")),
        Act::Answer(answer(200, &[], "whole")),
    ])
    .await;
    let one = config().max_pool_connections(1).pool_timeout(Duration::from_millis(100));
    let s3 =
        s3(&server, one.operation_attempt_timeout(Duration::from_millis(500)).total_max_attempts(4)).await;
    let mut broken = get_object(&s3).await.unwrap();
    while let Ok(Some(_)) = broken.body.try_next().await {}
    let output = get_object(&s3).await.unwrap();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), "whole");
    drop(broken);
    assert_eq!(server.requests(), 5);
}

#[tokio::test]
async fn more_calls_than_connections_wait_for_their_turn_and_all_come_through() {
    let server = Server::always(Act::Answer(answer(200, &[], &"x".repeat(10_000)))).await;
    let s3 = s3(&server, config().max_pool_connections(2)).await;
    let mut calls = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let s3 = s3.clone();
        calls.spawn(
            async move { get_object(&s3).await?.body.collect().await.map_err(session_core::Error::from) },
        );
    }
    for outcome in calls.join_all().await {
        assert_eq!(outcome.unwrap().into_bytes().len(), 10_000);
    }
    assert_eq!(server.requests(), 50);
    assert!(server.connections() <= 50 && server.open() <= 2, "{} are open", server.open());
}
