//! What an error says of an answer: kind, code, request id, status and words, as the server sent them.

use session_core::{ErrorKind, RetryMode};

use crate::server::{Act, Server, answer};
use crate::{config, dynamodb, get_object, list_tables, s3};

#[tokio::test]
async fn an_error_of_s3_carries_what_the_server_sent() {
    let body = "<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code><Message>The specified key does not exist.\
                </Message><Key>k</Key></Error>";
    let server =
        Server::always(Act::Answer(answer(404, &[("x-amz-request-id", "4442587FB7D0A2F9")], body))).await;
    let error = get_object(&*s3(&server, config()).await).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.code(), error.status()),
        (ErrorKind::NotFound, Some("NoSuchKey"), Some(404))
    );
    assert_eq!((error.request_id(), error.operation()), (Some("4442587FB7D0A2F9"), Some("GetObject")));
    assert_eq!(error.message(), "The specified key does not exist.");
    assert_eq!(error.service().unwrap().as_str(), "s3");
}

#[tokio::test]
async fn an_error_of_dynamodb_carries_what_the_server_sent() {
    let body = r#"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"no such table"}"#;
    let server = Server::always(Act::Answer(answer(400, &[("x-amzn-requestid", "KVLQ")], body))).await;
    let dynamodb = dynamodb(&server, config()).await;
    let error = dynamodb.describe_table().table_name("t").send().await.unwrap_err();
    let error = session_core::Error::from(error);
    assert_eq!((error.kind(), error.status()), (ErrorKind::NotFound, Some(400)));
    assert_eq!((error.code(), error.request_id()), (Some("ResourceNotFoundException"), Some("KVLQ")));
    assert_eq!((error.message(), error.operation()), ("no such table", Some("DescribeTable")));
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn the_last_answer_is_the_one_that_is_told() {
    let of = |id: &str| {
        Act::Answer(answer(503, &[("x-amz-request-id", id)], "<Error><Code>SlowDown</Code></Error>"))
    };
    let server = Server::one_by_one([of("first"), Act::Reset(Vec::new()), of("last")]).await;
    let error = get_object(&*s3(&server, config()).await).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.request_id(), server.requests()),
        (ErrorKind::Throttled, Some("last"), 3)
    );
}

#[tokio::test]
async fn an_error_without_code_or_words_is_told_by_its_status() {
    let proxy = "<html><body><h1>502 Bad Gateway</h1></body></html>";
    for (status, body, kind) in [
        (502, proxy, ErrorKind::Service),
        (403, "", ErrorKind::AccessDenied),
        (404, "not here", ErrorKind::NotFound),
        (412, "", ErrorKind::ConditionFailed),
        (429, "", ErrorKind::Throttled),
        (418, "{", ErrorKind::Service),
    ] {
        let server = Server::always(Act::Answer(answer(status, &[("x-amz-request-id", "id")], body))).await;
        let once = || config().retry_mode(RetryMode::Off);
        for error in [
            get_object(&*s3(&server, once()).await).await.unwrap_err(),
            list_tables(&*dynamodb(&server, once()).await).await.unwrap_err(),
        ] {
            assert_eq!((error.kind(), error.status(), error.code()), (kind, Some(status), None), "{error:?}");
            assert_eq!(error.request_id(), Some("id"));
            assert!(error.message().contains(&format!("status {status}")), "{error}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_makes_no_sense_is_told_with_its_status_and_not_asked_for_again() {
    let server =
        Server::always(Act::Answer(answer(200, &[("x-amzn-requestid", "KVLQ")], "{\"TableNames\": ["))).await;
    let error = list_tables(&*dynamodb(&server, config()).await).await.unwrap_err();
    assert_eq!(
        (error.kind(), error.status(), error.request_id()),
        (ErrorKind::Dispatch, Some(200), Some("KVLQ"))
    );
    assert_eq!(server.requests(), 1);
}
