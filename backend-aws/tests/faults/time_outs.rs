//! Time-outs: of a connection, of an answer's head, of an attempt, of a whole operation; a client's and a call's own.

use std::time::Duration;

use aws_smithy_types::timeout::TimeoutConfig;
use session_core::{ErrorKind, RetryMode, SessionExt};

use crate::server::{Act, Server, answer};
use crate::{DynamoDb, config, dynamodb, list_tables, session_at, told};

/// Longer than a case may wait, and so never over in it.
const LONG: Duration = Duration::from_secs(600);
/// Over soon.
const SHORT: Duration = Duration::from_millis(200);

fn fine() -> Act {
    Act::Answer(answer(200, &[], "{}"))
}

#[tokio::test]
async fn a_silent_server_is_given_up_after_the_read_time_out_and_asked_again() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = dynamodb(&server, config().read_timeout(SHORT).total_max_attempts(2)).await;
    let error = list_tables(&dynamodb).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("read time-out of 200ms"), "{}", told(&error));
    // Nobody waits for these answers any longer.
    server.all_lost().await;
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn a_head_that_comes_in_parts_is_waited_for() {
    let whole = answer(200, &[], "{}");
    let (first, second) = whole.split_at(9);
    let server = Server::always(Act::Hold(first.to_vec(), second.to_vec())).await;
    let dynamodb = dynamodb(&server, config().read_timeout(LONG).operation_timeout(LONG)).await;
    let (outcome, ()) = tokio::join!(list_tables(&dynamodb), async {
        server.was_asked(1).await;
        server.go_on();
    });
    outcome.unwrap();
    assert_eq!((server.requests(), server.connections()), (1, 1));
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_followed_by_another() {
    let server = Server::one_by_one([Act::Stall(Vec::new()), fine()]).await;
    let dynamodb = dynamodb(&server, config().operation_attempt_timeout(Duration::from_millis(500))).await;
    list_tables(&dynamodb).await.unwrap();
    assert_eq!(server.requests(), 2);

    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = crate::dynamodb(&server, config().operation_attempt_timeout(SHORT)).await;
    assert_eq!(list_tables(&dynamodb).await.unwrap_err().kind(), ErrorKind::Timeout);
    server.all_lost().await;
    assert_eq!(server.requests(), 3);
}

#[tokio::test]
async fn an_operation_that_takes_too_long_is_over_whatever_its_attempts_do() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = dynamodb(&server, config().operation_timeout(SHORT).total_max_attempts(1000)).await;
    let error = list_tables(&dynamodb).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("ListTables")));
    server.all_lost().await;
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn an_answer_whose_body_stops_is_covered_by_the_operations_time_outs() {
    let head = crate::server::cut_answer(200, &[], 2, "{");
    let server = Server::one_by_one([Act::Stall(head), fine()]).await;
    let dynamodb = dynamodb(&server, config().operation_attempt_timeout(Duration::from_millis(500))).await;
    list_tables(&dynamodb).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn one_call_has_the_time_outs_that_it_asks_for_and_the_next_the_clients() {
    let server = Server::start(|asked| if asked.before == 0 { Act::Stall(Vec::new()) } else { fine() }).await;
    let patient = config().read_timeout(LONG).operation_timeout(LONG).retry_mode(RetryMode::Off);
    let dynamodb = dynamodb(&server, patient).await;
    let own = TimeoutConfig::builder().read_timeout(SHORT).build();
    let own = aws_sdk_dynamodb::Config::builder().timeout_config(own);
    let error = dynamodb.list_tables().customize().config_override(own).send().await.unwrap_err();
    let error = session_core::Error::from(error);
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("read time-out of 200ms"), "{}", told(&error));
    list_tables(&dynamodb).await.unwrap();

    let server = Server::one_by_one([fine(), Act::Stall(Vec::new())]).await;
    let dynamodb = crate::dynamodb(&server, config().operation_timeout(LONG)).await;
    list_tables(&dynamodb).await.unwrap();
    let own = TimeoutConfig::builder().operation_timeout(SHORT).build();
    let own = aws_sdk_dynamodb::Config::builder().timeout_config(own);
    let error = dynamodb.list_tables().customize().config_override(own).send().await.unwrap_err();
    assert_eq!(session_core::Error::from(error).kind(), ErrorKind::Timeout);
}

/// Linux drops the first packet of whoever does not fit into a listener's queue.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_does_not_answer_is_given_up_after_the_connect_time_out() {
    let listener = tokio::net::TcpSocket::new_v4().unwrap();
    listener.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let listener = listener.listen(1).unwrap();
    let address = listener.local_addr().unwrap();
    let mut queue = Vec::new();
    while let Ok(stream) = tokio::time::timeout(SHORT, tokio::net::TcpStream::connect(address)).await {
        queue.push(stream.unwrap());
    }
    let session = session_at(&format!("http://{address}")).await;
    let impatient = config().connect_timeout(SHORT).total_max_attempts(2);
    let error = list_tables(&session.client(DynamoDb).config(impatient).await.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("connect time-out of 200ms"), "{}", told(&error));
}
