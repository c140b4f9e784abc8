//! Opening a client: every argument arrives, and every mistake is told before anything is sent.

use session_core::{ClientConfig, ErrorKind, SessionExt};

use crate::custom_session::CustomSession;
use crate::server_in_memory::Server;
use crate::{DynamoDb, S3};

session_core::service!(Dynamo = "dynamo", aws_sdk_dynamodb);

#[tokio::test]
async fn a_mistake_in_an_argument_is_told_when_the_client_opens() {
    let server = Server::start();
    let session = CustomSession::over(server.http_client());
    let cases = [
        (
            session.client(DynamoDb).aws_access_key_id("AKID"),
            ErrorKind::PartialCredentials,
            "aws_secret_access_key",
        ),
        (
            session.client(DynamoDb).aws_secret_access_key("hunter2"),
            ErrorKind::PartialCredentials,
            "aws_access_key_id",
        ),
        (
            session.client(DynamoDb).aws_session_token("hunter2"),
            ErrorKind::PartialCredentials,
            "aws_session_token",
        ),
        (
            session.client(DynamoDb).aws_account_id("123456789012"),
            ErrorKind::PartialCredentials,
            "aws_account_id",
        ),
        (session.client(DynamoDb).region_name("eu west 1"), ErrorKind::InvalidRegion, "eu west 1"),
        (session.client(DynamoDb).region_name(""), ErrorKind::InvalidRegion, "empty"),
        (
            session.client(DynamoDb).endpoint_url("localhost:8000"),
            ErrorKind::InvalidEndpoint,
            "localhost:8000",
        ),
        (session.client(DynamoDb).endpoint_url("http://u:hunter2@h"), ErrorKind::InvalidEndpoint, "password"),
        (session.client(DynamoDb).api_version("1999-01-01"), ErrorKind::InvalidConfig, "2012-08-10"),
        (session.client(DynamoDb).verify(""), ErrorKind::InvalidConfig, "verify"),
    ];
    for (open, kind, told) in cases {
        let error = open.await.unwrap_err();
        assert_eq!(error.kind(), kind, "{error}");
        assert_eq!(error.service().unwrap().as_str(), "dynamodb");
        assert!(error.to_string().contains(told), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
    }
    assert_eq!(server.arrived(), 0);
}

#[tokio::test]
async fn an_unknown_service_is_told_with_its_near_miss() {
    let session = CustomSession::over(Server::start().http_client());
    let error = session.client(Dynamo).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownService);
    assert!(error.to_string().contains("did you mean `dynamodb`"), "{error}");
}

#[tokio::test]
async fn an_api_version_is_checked_against_the_one_that_the_client_speaks() {
    let session = CustomSession::over(Server::start().http_client());
    session.client(DynamoDb).api_version("2012-08-10").await.unwrap().close().await.unwrap();
    let error = session.client(S3).api_version("2006-03-01").await.unwrap_err();
    assert!(error.to_string().contains("does not say which version"), "{error}");
}

#[tokio::test]
async fn arguments_beat_the_config_and_keys_of_the_client_beat_the_session() {
    let server = Server::start();
    server.answer_all("{}");
    let session = CustomSession::over(server.http_client());
    let config = ClientConfig::builder()
        .region_name("ap-south-1")
        .endpoint_url("http://localhost:8000")
        .aws_access_key_id("AKIDFROMCONFIG")
        .aws_secret_access_key("hunter2");
    let dynamodb = session.client(DynamoDb).region_name("us-west-2").config(config).await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert!(server.last_authorization().contains("Credential=AKIDFROMCONFIG/"));
    assert!(server.last_authorization().contains("/us-west-2/dynamodb/"));
    assert_eq!(dynamodb.meta().endpoint_url.as_deref(), Some("http://localhost:8000"));
    assert!(!format!("{dynamodb:?} {:?}", dynamodb.meta()).contains("hunter2"));
}
