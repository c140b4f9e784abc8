//! How long clients, bodies and connections live, and what ends them.

use std::time::Duration;

use session_core::{Error, ErrorKind, SessionExt};

use crate::server::{Act, Server, answer, cut_answer};
use crate::{DynamoDb, S3, config, dynamodb, get_object, list_tables, s3, session};

/// An answer whose body is sent in two parts, the second when the case says so.
fn in_two() -> Act {
    Act::Hold(cut_answer(200, &[], 12, "It was"), b" the b".to_vec())
}

/// An answer whose body never ends.
fn endless() -> Act {
    Act::Stall(cut_answer(200, &[], 1_000_000, "It was"))
}

#[tokio::test]
async fn a_body_outlives_its_client_and_session() {
    let server = Server::always(in_two()).await;
    let s3 = s3(&server, config()).await.detach();
    let output = get_object(&s3).await.unwrap();
    drop(s3);
    server.go_on();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), "It was the b");
}

#[tokio::test]
async fn closing_waits_for_the_body_that_is_being_read() {
    let server = Server::always(in_two()).await;
    let s3 = s3(&server, config()).await;
    let clone = s3.clone();
    let output = get_object(&s3).await.unwrap();
    let closing = tokio::spawn(s3.close());
    let refused = loop {
        // Refused from the moment that closing begins.
        match get_object(&clone).await {
            Err(error) => break error,
            Ok(_) => tokio::task::yield_now().await,
        }
    };
    assert_eq!(refused.kind(), ErrorKind::ScopeClosed);
    assert!(!closing.is_finished());
    server.go_on();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), "It was the b");
    closing.await.unwrap().unwrap();
}

#[tokio::test]
async fn closing_ends_at_its_time_out_what_nobody_reads_and_says_so() {
    let server = Server::always(endless()).await;
    let s3 = s3(&server, config().close_timeout(Duration::from_millis(50))).await;
    let output = get_object(&s3).await.unwrap();
    let error = s3.close().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.message().contains("1 operation(s) in flight"), "{error}");
    assert_eq!(Error::from(output.body.collect().await.unwrap_err()).kind(), ErrorKind::ScopeClosed);
    server.lost(1).await;
}

#[tokio::test]
async fn dropping_the_scope_ends_the_body_that_is_being_read_and_its_connection() {
    let server = Server::always(endless()).await;
    let s3 = s3(&server, config()).await;
    let mut output = get_object(&s3).await.unwrap();
    let (began, has_begun) = tokio::sync::oneshot::channel();
    let reading = tokio::spawn(async move {
        output.body.try_next().await?;
        let _ = began.send(());
        output.body.collect().await.map(drop)
    });
    has_begun.await.unwrap();
    drop(s3);
    assert_eq!(Error::from(reading.await.unwrap().unwrap_err()).kind(), ErrorKind::ScopeClosed);
    server.lost(1).await;
}

#[tokio::test]
async fn dropping_the_scope_ends_the_call_that_waits_and_its_connection() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = dynamodb(&server, config()).await;
    let clone = dynamodb.clone();
    let calling = tokio::spawn(async move { list_tables(&clone).await });
    server.was_asked(1).await;
    drop(dynamodb);
    let error = calling.await.unwrap().unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::ScopeClosed, Some("ListTables")));
    server.lost(1).await;
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_closed_clients_call_goes_nowhere() {
    let server = Server::always(Act::Answer(answer(200, &[], "{}"))).await;
    let dynamodb = dynamodb(&server, config()).await;
    let clone = dynamodb.clone();
    dynamodb.close().await.unwrap();
    assert_eq!(list_tables(&clone).await.unwrap_err().kind(), ErrorKind::ScopeClosed);
    assert_eq!((server.requests(), server.connections()), (0, 0));
}

#[tokio::test]
async fn scopes_share_connections_and_none_ends_what_is_anothers() {
    let server = Server::start(|asked| match asked.header("x-amz-target") {
        Some(_) => Act::Answer(answer(200, &[], "{}")),
        None => in_two(),
    })
    .await;
    let session = session(&server).await;
    for _ in 0..3 {
        let dynamodb = session.client(DynamoDb).await.unwrap();
        list_tables(&dynamodb).await.unwrap();
        dynamodb.close().await.unwrap();
    }
    assert_eq!(server.connections(), 1);
    let (s3, sibling) = (session.client(S3).await.unwrap(), session.client(S3).await.unwrap());
    let output = get_object(&s3).await.unwrap();
    drop(sibling);
    server.go_on();
    assert_eq!(output.body.collect().await.unwrap().into_bytes(), "It was the b");
}

#[tokio::test]
async fn closing_the_session_waits_for_the_bodies_of_all_its_scopes() {
    let server = Server::always(in_two()).await;
    let session = session(&server).await;
    let (s3, other) = (session.client(S3).await.unwrap(), session.client(S3).await.unwrap());
    let bodies = [get_object(&s3).await.unwrap().body, get_object(&other).await.unwrap().body];
    let closing = tokio::spawn(async move { session.close().await });
    server.go_on();
    server.go_on();
    for body in bodies {
        assert_eq!(body.collect().await.unwrap().into_bytes(), "It was the b");
    }
    closing.await.unwrap().unwrap();
    assert_eq!(get_object(&s3).await.unwrap_err().kind(), ErrorKind::ScopeClosed);
}

#[tokio::test]
async fn connections_end_with_the_last_who_can_use_them() {
    let server = Server::always(Act::Answer(answer(200, &[], "{}"))).await;
    let session = session(&server).await;
    let dynamodb = session.client(DynamoDb).await.unwrap().detach();
    list_tables(&dynamodb).await.unwrap();
    drop(session);
    list_tables(&dynamodb).await.unwrap();
    assert_eq!((server.connections(), server.open()), (1, 1));
    drop(dynamodb);
    server.lost(1).await;
}
