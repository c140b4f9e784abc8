//! Clients by name over real connections: what throttles, resets, stalls and is given up ends as for typed clients.

use std::time::Duration;

use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::timeout::TimeoutConfig;
use session_core::dynamic::{ChecksumMismatch, DynamicClient, Value};
use session_core::{ClientConfigBuilder, Error, ErrorKind, ResourceScope, RetryMode, SessionExt};

use crate::server::{Act, Server, answer, cut_answer};
use crate::{config, session, session_at, told};

/// Over soon.
const SHORT: Duration = Duration::from_millis(200);

async fn by_name(
    server: &Server,
    service: &'static str,
    config: ClientConfigBuilder,
) -> ResourceScope<DynamicClient> {
    session(server).await.client(service).config(config).await.unwrap()
}

async fn list_tables(dynamodb: &DynamicClient) -> Result<u32, Error> {
    Ok(dynamodb.call("ListTables", Value::Null).await?.attempts())
}

fn film() -> Value {
    Value::from([("Bucket", "b"), ("Key", "k")])
}

#[tokio::test]
async fn connections_that_are_reset_and_services_that_throttle_are_tried_again() {
    let slow = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"too fast"}"#;
    let server = Server::one_by_one([
        Act::Reset(Vec::new()),
        Act::Answer(answer(400, &[], slow)),
        Act::Answer(answer(200, &[], "{}")),
    ])
    .await;
    let dynamodb = by_name(&server, "dynamodb", config()).await;
    assert_eq!(list_tables(&dynamodb).await.unwrap(), 3);
    assert_eq!(server.requests(), 3);
    // The last answer is the one that is told.
    let server = Server::always(Act::Answer(answer(400, &[("x-amzn-requestid", "id")], slow))).await;
    let error = list_tables(&*by_name(&server, "dynamodb", config()).await).await.unwrap_err();
    assert_eq!((error.kind(), error.request_id(), server.requests()), (ErrorKind::Throttled, Some("id"), 3));
}

#[tokio::test]
async fn a_silent_server_is_given_up_after_the_read_time_out_and_asked_again() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = by_name(&server, "dynamodb", config().read_timeout(SHORT).total_max_attempts(2)).await;
    let error = list_tables(&dynamodb).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("ListTables")));
    assert!(told(&error).contains("read time-out of 200ms"), "{}", told(&error));
    server.all_lost().await;
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn one_call_has_a_read_time_out_of_its_own() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = by_name(&server, "dynamodb", config().retry_mode(RetryMode::Off)).await;
    let own = TimeoutConfig::builder().read_timeout(SHORT).build();
    let call = dynamodb.operation("ListTables").unwrap().timeout_config(own);
    let error = call.send().await.unwrap_err();
    assert!(told(&error).contains("read time-out of 200ms"), "{}", told(&error));
    server.all_lost().await;
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
    let error = list_tables(&session.client("dynamodb").config(impatient).await.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(told(&error).contains("connect time-out of 200ms"), "{}", told(&error));
}

#[tokio::test]
async fn a_call_that_is_dropped_closes_its_connection() {
    let server = Server::always(Act::Stall(Vec::new())).await;
    let dynamodb = by_name(&server, "dynamodb", config()).await;
    tokio::select! {
        outcome = list_tables(&dynamodb) => panic!("{outcome:?}"),
        () = server.was_asked(1) => {}
    }
    server.lost(1).await;
    assert_eq!(dynamodb.in_flight(), 0);
}

#[tokio::test]
async fn a_body_that_is_dropped_half_read_closes_its_connection() {
    let server = Server::always(Act::Stall(cut_answer(200, &[], 1_000_000, "It was the best"))).await;
    let s3 = by_name(&server, "s3", config()).await;
    let mut answer = s3.call("GetObject", film()).await.unwrap();
    let mut body = answer.take_body().unwrap();
    assert_eq!(body.try_next().await.unwrap().unwrap(), "It was the best");
    drop((answer, body));
    server.lost(1).await;
    assert_eq!((server.open(), s3.in_flight()), (0, 0));
}

#[tokio::test]
async fn a_file_whose_upload_is_refused_before_it_is_read_is_sent_again() {
    let file = tempfile::NamedTempFile::new().unwrap();
    file.as_file().set_len(16 << 20).unwrap();
    let server = Server::one_by_one([
        Act::Refuse(answer(503, &[("connection", "close")], "<Error><Code>SlowDown</Code></Error>")),
        Act::Refuse(Vec::new()),
        Act::Answer(answer(200, &[], "")),
    ])
    .await;
    let s3 = by_name(&server, "s3", config()).await;
    let body = ByteStream::from_path(file.path()).await.unwrap();
    let put = s3.operation("PutObject").unwrap().input(film()).body(body);
    assert_eq!(put.send().await.unwrap().attempts(), 3);
    for asked in server.asked() {
        assert_eq!(asked.header("content-encoding"), Some("aws-chunked"));
        assert_eq!(asked.header("x-amz-decoded-content-length"), Some("16777216"));
    }
}

#[tokio::test]
async fn a_body_that_is_not_what_its_checksum_says_ends_with_that() {
    let wrong = [("x-amz-checksum-crc32", "AAAAAA==")];
    let server = Server::always(Act::Answer(answer(200, &wrong, "It was the best of times"))).await;
    let s3 = by_name(&server, "s3", config()).await;
    let mut answer = s3.call("GetObject", film()).await.unwrap();
    let error = Error::from(answer.take_body().unwrap().collect().await.unwrap_err());
    assert_eq!(ChecksumMismatch::of(&error).unwrap().expected(), "AAAAAA==");
    assert_eq!(server.asked()[0].header("x-amz-checksum-mode"), Some("ENABLED"));
}
