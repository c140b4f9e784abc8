//! How often a call is tried: when the service throttles or fails, and when it refuses.

use std::process::Command;

use aws_smithy_types::retry::RetryConfig;
use backend_aws::AwsSession;
use session_core::{ErrorKind, RetryMode, SessionExt};

use crate::server::{Act, Server, answer};
use crate::{DynamoDb, config, dynamodb, get_object, list_tables, s3};

const SLOW_DOWN: &str =
    "<Error><Code>SlowDown</Code><Message>Please reduce your request rate.</Message></Error>";

fn throttled(status: u16, code: &str) -> Act {
    let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"too fast"}}"#);
    Act::Answer(answer(status, &[("x-amz-retry-after", "1")], &body))
}

#[tokio::test]
async fn a_service_that_throttles_is_tried_as_often_as_total_max_attempts_says() {
    let thrice = config().total_max_attempts(3);
    for (config, attempts) in [
        (config(), 3),
        (config().retry_mode(RetryMode::Off), 1),
        (thrice.clone().retry_mode(RetryMode::Standard), 3),
        (config().total_max_attempts(1), 1),
        (config().total_max_attempts(5), 5),
    ] {
        let server = Server::always(Act::Answer(answer(503, &[], SLOW_DOWN))).await;
        let error = get_object(&*s3(&server, config.clone()).await).await.unwrap_err();
        assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some("SlowDown")));
        assert_eq!(server.requests(), attempts, "{config:?}");

        for (status, code) in [(400, "ThrottlingException"), (429, "TooManyRequestsException")] {
            let server = Server::always(throttled(status, code)).await;
            let error = list_tables(&*dynamodb(&server, config.clone()).await).await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some(code)));
            assert_eq!(server.requests(), attempts, "{code}");
        }
    }
}

/// The rate limiter is that of a service and region for the whole process, so there is one such case.
#[tokio::test]
async fn in_adaptive_mode_a_service_that_throttles_is_tried_as_often_and_then_left_in_peace() {
    let server =
        Server::one_by_one([throttled(400, "ThrottlingException"), Act::Answer(answer(200, &[], "{}"))])
            .await;
    let adaptive = config().total_max_attempts(2).retry_mode(RetryMode::Adaptive);
    list_tables(&*dynamodb(&server, adaptive).await).await.unwrap();
    assert_eq!(server.requests(), 2);
}

#[tokio::test]
async fn server_errors_are_tried_again_and_refusals_are_not() {
    for (status, attempts, kind) in [
        (500, 3, ErrorKind::Service),
        (502, 3, ErrorKind::Service),
        (503, 3, ErrorKind::Throttled),
        (504, 3, ErrorKind::Service),
        (400, 1, ErrorKind::Service),
        (403, 1, ErrorKind::AccessDenied),
        (501, 1, ErrorKind::Service),
        // With a code that says so it is tried again; see above.
        (429, 1, ErrorKind::Throttled),
    ] {
        let server = Server::always(Act::Answer(answer(status, &[], "{}"))).await;
        let error = list_tables(&*dynamodb(&server, config()).await).await.unwrap_err();
        assert_eq!((error.kind(), error.status()), (kind, Some(status)));
        assert_eq!(server.requests(), attempts, "{status}");
    }
}

#[tokio::test]
async fn one_call_is_tried_as_often_as_it_says_itself() {
    let server = Server::always(Act::Answer(answer(500, &[], "{}"))).await;
    let dynamodb = dynamodb(&server, config().total_max_attempts(2)).await;
    let (once, four) = (RetryConfig::disabled(), RetryConfig::standard().with_max_attempts(4));
    let four = four.with_initial_backoff(std::time::Duration::from_millis(1));
    let mut before = 0;
    for (retries, attempts) in [(Some(once), 1), (Some(four), 4), (None, 2)] {
        let mut call = dynamodb.list_tables().customize();
        if let Some(retries) = retries {
            call = call.config_override(aws_sdk_dynamodb::Config::builder().retry_config(retries));
        }
        call.send().await.unwrap_err();
        assert_eq!(server.requests() - before, attempts);
        before = server.requests();
    }
}

const URL: &str = "CHILD_URL";

/// Does nothing unless the next case starts it in a process of its own.
#[tokio::test]
async fn child() {
    let Ok(url) = std::env::var(URL) else { return };
    let session = AwsSession::builder().aws_access_key_id("AKID").aws_secret_access_key("s3cret");
    let session = session.region_name("eu-west-1").endpoint_url(url).build().await.unwrap();
    let error = list_tables(&session.client(DynamoDb).await.unwrap()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Throttled);
}

#[tokio::test]
async fn aws_max_attempts_counts_the_first_attempt_too() {
    for attempts in [1, 2] {
        let server = Server::always(throttled(400, "ThrottlingException")).await;
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(std::env::current_exe().unwrap());
        child
            .args(["--exact", "retries::child"])
            .env_clear()
            .env("HOME", home.path())
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_MAX_ATTEMPTS", attempts.to_string())
            .env(URL, server.url());
        // The server lives on this thread's runtime.
        let output = tokio::task::spawn_blocking(move || child.output()).await.unwrap().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
        assert_eq!(server.requests(), attempts);
    }
}
