//! Connections that end too soon: before an answer, in the midst of its head, between two calls.

use session_core::{ErrorKind, RetryMode};

use crate::server::{Act, Server, answer};
use crate::{config, dynamodb, get_object, list_tables, s3};

fn fine() -> Act {
    Act::Answer(answer(200, &[], "{}"))
}

fn broken() -> [Act; 4] {
    let head = || b"HTTP/1.1 200 OK\r\ncontent-le".to_vec();
    [Act::Reset(Vec::new()), Act::End(Vec::new()), Act::Reset(head()), Act::End(head())]
}

#[tokio::test]
async fn a_connection_that_breaks_before_the_head_is_whole_is_replaced_by_another() {
    for act in broken() {
        let server = Server::one_by_one([act.clone(), fine()]).await;
        let dynamodb = dynamodb(&server, config()).await;
        list_tables(&dynamodb).await.unwrap_or_else(|error| panic!("{act:?}: {error:?}"));
        assert_eq!((server.requests(), server.connections()), (2, 2), "{act:?}");
    }
}

#[tokio::test]
async fn connections_that_break_again_and_again_are_a_lost_answer() {
    for act in broken() {
        let server = Server::always(act.clone()).await;
        let error = list_tables(&*dynamodb(&server, config()).await).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::Dispatch, Some("ListTables")), "{act:?}");
        assert!(error.is_retryable() && error.status().is_none(), "{error:?}");
        assert_eq!(server.requests(), 3, "{act:?}");
    }
}

#[tokio::test]
async fn a_port_where_nobody_listens_is_tried_again_and_then_told() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let session = crate::session_at(&url).await;
    let dynamodb = session_core::SessionExt::client(&session, crate::DynamoDb).await.unwrap();
    let error = list_tables(&dynamodb).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Dispatch);
    assert!(crate::told(&error).contains("refused"), "{}", crate::told(&error));
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_told_and_not_asked_for_again() {
    let server = Server::always(Act::Answer(b"220 mail.example ESMTP\r\n\r\n".to_vec())).await;
    let error = list_tables(&*dynamodb(&server, config()).await).await.unwrap_err();
    assert_eq!((error.kind(), server.requests()), (ErrorKind::Dispatch, 1));
}

#[tokio::test]
async fn a_connection_that_the_server_closed_meanwhile_is_no_error_of_the_next_call() {
    let server = Server::always(Act::End(answer(200, &[], "{}"))).await;
    let dynamodb = dynamodb(&server, config().retry_mode(RetryMode::Off)).await;
    for call in 1..=5 {
        list_tables(&dynamodb).await.unwrap();
        // The server has closed its side already; now we have closed ours.
        server.lost(call).await;
    }
    assert_eq!((server.requests(), server.connections()), (5, 5));
}

#[tokio::test]
async fn a_connection_that_closes_just_as_it_is_used_again_is_replaced() {
    let server = Server::always(Act::Reset(answer(200, &[], "{}"))).await;
    let dynamodb = dynamodb(&server, config().total_max_attempts(5)).await;
    for _ in 0..20 {
        // It cannot be known on which of the two connections this is sent first.
        list_tables(&dynamodb).await.unwrap();
    }
}

#[tokio::test]
async fn a_body_that_is_read_to_its_end_gives_its_connection_to_the_next_call() {
    let server = Server::always(Act::Answer(answer(200, &[], &"x".repeat(100_000)))).await;
    let s3 = s3(&server, config()).await;
    for _ in 0..3 {
        let bytes = get_object(&s3).await.unwrap().body.collect().await.unwrap();
        assert_eq!(bytes.into_bytes().len(), 100_000);
    }
    assert_eq!((server.requests(), server.connections(), server.open()), (3, 1, 1));
}

#[tokio::test]
async fn a_body_that_is_dropped_unread_or_half_read_closes_its_connection() {
    let server =
        Server::always(Act::Stall(crate::server::cut_answer(200, &[], 1_000_000, "It was the best"))).await;
    let s3 = s3(&server, config()).await;
    drop(get_object(&s3).await.unwrap());
    server.lost(1).await;
    let mut output = get_object(&s3).await.unwrap();
    assert_eq!(output.body.try_next().await.unwrap().unwrap(), "It was the best");
    assert_eq!(server.open(), 1);
    drop(output);
    server.lost(2).await;
    assert_eq!(server.open(), 0);
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = dynamodb(&server, config()).await;
    tokio::select! {
        outcome = list_tables(&dynamodb) => panic!("{outcome:?}"),
        () = server.was_asked(1) => {}
    }
    server.lost(1).await;
    assert_eq!(dynamodb.in_flight(), 0);
}
