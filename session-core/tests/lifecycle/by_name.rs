//! Clients by name end as typed ones do: closed, dropped, drained; with calls in flight and bodies unread.

use std::time::Duration;

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::retry::RetryConfig;
use serde_json::json;
use session_core::{Error, ErrorKind, SessionExt};

use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;

const NO_TABLES: &str = r#"{"TableNames":[]}"#;

fn world() -> (Server, CustomSession) {
    let server = Server::start();
    let session = CustomSession::over(server.http_client());
    (server, session)
}

/// A turn for every task that can run.
async fn settle() {
    for _ in 0..64 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn nothing_is_called_or_presigned_after_close() {
    let (server, session) = world();
    server.answer_all(NO_TABLES);
    let dynamodb = session.client("dynamodb").await.unwrap();
    let clone = dynamodb.clone();
    clone.call("ListTables", json!({})).await.unwrap();
    dynamodb.close().await.unwrap();
    let error = clone.call("ListTables", json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::ScopeClosed, Some("ListTables")));
    let presigning = clone.operation("ListTables").unwrap().presigned(Duration::from_secs(60));
    assert!(presigning.await.unwrap_err().is_closed());
    let paginator = clone.paginator("ListTables").unwrap().build_full_result().await;
    assert!(paginator.unwrap_err().is_closed());
    assert_eq!(server.arrived(), 1);
}

#[tokio::test]
async fn a_call_whose_future_is_dropped_is_over() {
    let (server, session) = world();
    let dynamodb = session.client("dynamodb").await.unwrap();
    {
        let call = dynamodb.call("ListTables", json!({}));
        tokio::select! {
            biased;
            outcome = call => panic!("{outcome:?}"),
            () = server.has_arrived(1) => {}
        }
    }
    assert_eq!(dynamodb.in_flight(), 0);
    dynamodb.close().await.unwrap();
    assert_eq!(server.arrived(), 1);
}

#[tokio::test]
async fn closing_waits_for_the_call_in_flight_and_admits_no_other() {
    let (server, session) = world();
    let dynamodb = session.client("dynamodb").await.unwrap();
    let (calling, other) = (dynamodb.clone(), dynamodb.clone());
    let call = tokio::spawn(async move { calling.call("ListTables", json!({})).await });
    server.has_arrived(1).await;
    let closing = tokio::spawn(dynamodb.close());
    settle().await;
    assert!(!closing.is_finished());
    assert!(other.call("ListTables", json!({})).await.unwrap_err().is_closed());
    server.answer(SdkBody::from(NO_TABLES));
    call.await.unwrap().unwrap();
    closing.await.unwrap().unwrap();
    assert_eq!(server.arrived(), 1);
}

#[tokio::test]
async fn dropping_the_scope_ends_calls_in_flight() {
    let (server, session) = world();
    let dynamodb = session.client("dynamodb").await.unwrap();
    let calling = dynamodb.clone();
    let call = tokio::spawn(async move { calling.call("ListTables", json!({})).await });
    server.has_arrived(1).await;
    drop(dynamodb);
    assert_eq!(call.await.unwrap().unwrap_err().kind(), ErrorKind::ScopeClosed);
    assert_eq!(server.arrived(), 1, "a cancelled call is not retried");
}

/// An answer of S3 whose body the test sends.
async fn film(
    server: &Server,
    s3: &session_core::dynamic::DynamicClient,
) -> (tokio::sync::mpsc::Sender<&'static str>, session_core::dynamic::Output) {
    let (calling, arrived) = (s3.clone(), server.arrived());
    let get = tokio::spawn(async move {
        calling.call("GetObject", json!({"Bucket": "films", "Key": "metropolis"})).await
    });
    server.has_arrived(arrived + 1).await;
    let (pieces, body) = Server::streamed();
    server.answer(body);
    (pieces, get.await.unwrap().unwrap())
}

#[tokio::test]
async fn closing_waits_for_a_body_to_be_read_or_dropped() {
    let (server, session) = world();
    let s3 = session.client("s3").await.unwrap();
    let (pieces, mut read) = film(&server, &s3).await;
    let (_pieces, dropped) = film(&server, &s3).await;
    assert_eq!(s3.in_flight(), 2);
    let closing = tokio::spawn(s3.close());
    pieces.send("19").await.unwrap();
    pieces.send("27").await.unwrap();
    drop(pieces);
    let body = read.take_body().unwrap().collect().await.unwrap();
    assert_eq!(body.into_bytes().as_ref(), b"1927");
    settle().await;
    assert!(!closing.is_finished());
    drop(dropped);
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_body_that_nobody_reads_is_cancelled_at_the_deadline() {
    let (server, session) = world();
    let s3 = session.client("s3").await.unwrap();
    let (pieces, mut unread) = film(&server, &s3).await;
    let error = s3.close_within(Duration::from_secs(7)).await.unwrap_err();
    assert_eq!((error.kind(), error.service().unwrap().as_str()), (ErrorKind::Timeout, "s3"));
    let reading = unread.take_body().unwrap().collect().await.unwrap_err();
    assert!(Error::from(reading).is_closed());
    assert!(pieces.is_closed(), "the connection under a cancelled body is let go");
}

#[tokio::test(start_paused = true)]
async fn a_retry_that_was_admitted_before_close_is_carried_to_its_end() {
    let (server, session) = world();
    server.script(500, "{}");
    server.script(500, "{}");
    let dynamodb = session.client("dynamodb").retry_config(RetryConfig::standard()).await.unwrap();
    let calling = dynamodb.clone();
    let call = tokio::spawn(async move { calling.call("ListTables", json!({})).await });
    server.has_arrived(1).await;
    let closing = tokio::spawn(dynamodb.close());
    server.has_arrived(3).await;
    server.answer(SdkBody::from(NO_TABLES));
    assert_eq!(call.await.unwrap().unwrap().attempts(), 3);
    closing.await.unwrap().unwrap();
}

#[tokio::test(start_paused = true)]
async fn pauses_of_retries_and_waiters_end_with_the_scope() {
    let (server, session) = world();
    server.script(500, "{}");
    let hour = Duration::from_secs(3600);
    let slow = RetryConfig::standard().with_initial_backoff(hour).with_max_backoff(hour);
    let dynamodb = session.client("dynamodb").retry_config(slow).await.unwrap();
    let calling = dynamodb.clone();
    let call = tokio::spawn(async move { calling.call("ListTables", json!({})).await });
    server.has_arrived(1).await;
    settle().await;
    let begun = tokio::time::Instant::now();
    drop(dynamodb);
    assert!(call.await.unwrap().unwrap_err().is_closed());

    server.answer_all(r#"{"Table":{"TableName":"orders","TableStatus":"CREATING"}}"#);
    let dynamodb = session.client("dynamodb").await.unwrap();
    let waiting = dynamodb.clone();
    let waiting = tokio::spawn(async move {
        waiting.waiter("TableExists")?.input(json!({"TableName": "orders"})).wait(hour).await
    });
    server.has_arrived(2).await;
    settle().await;
    dynamodb.close().await.unwrap();
    assert!(waiting.await.unwrap().unwrap_err().is_closed());
    assert!(begun.elapsed() < Duration::from_secs(1), "{:?}", begun.elapsed());
    assert_eq!(server.arrived(), 2);
}
