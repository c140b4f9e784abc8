//! What is tried again, how often, and for how long.

use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::json;
use session_core::{ClientConfig, ErrorKind, RetryMode, SessionExt};

use crate::TestResult;
use crate::clock::Clock;
use crate::film::film;
use crate::scripted::Scripted;

/// The SDK's codes of services that ask for fewer requests.
const THROTTLES: [&str; 14] = [
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottledException",
    "TooManyRequestsException",
    "ProvisionedThroughputExceededException",
    "TransactionInProgressException",
    "RequestLimitExceeded",
    "BandwidthLimitExceeded",
    "LimitExceededException",
    "RequestThrottled",
    "SlowDown",
    "PriorRequestNotComplete",
    "EC2ThrottledException",
];

/// An error in the words of each protocol, with an operation that may get it.
fn refusals(code: &str) -> [(&'static str, &'static str, String); 5] {
    let json = format!(r#"{{"__type":"com.amazonaws#{code}","message":"slow"}}"#);
    let query = format!(
        "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code><Message>slow</Message></Error></ErrorResponse>"
    );
    let ec2 = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>slow</Message></Error></Errors></Response>"
    );
    let s3 = format!("<Error><Code>{code}</Code><Message>slow</Message></Error>");
    [
        ("kinesis", "ListStreams", json.clone()),
        ("lambda", "ListFunctions", json),
        ("cloudformation", "ListExports", query),
        ("ec2", "DescribeRegions", ec2),
        ("s3", "ListBuckets", s3),
    ]
}

fn fine(service: &str) -> &'static str {
    match service {
        "cloudformation" => "<ListExportsResponse><ListExportsResult/></ListExportsResponse>",
        "ec2" => "<DescribeRegionsResponse/>",
        "s3" => "<ListAllMyBucketsResult/>",
        _ => "{}",
    }
}

#[tokio::test]
async fn every_code_that_throttles_is_tried_again_in_every_protocol() -> TestResult {
    for code in THROTTLES {
        for (service, operation, body) in refusals(code) {
            let session = Scripted::new().answer(400, &body).answer(200, fine(service)).answer(400, &body);
            // Clients of one region share what they may spend on retries.
            let client = session.client(service).region_name("ca-central-1").await?;
            let answer = client.call(operation, json!({})).await?;
            assert_eq!(answer.attempts(), 2, "{code} of {service}");
            let once = client.operation(operation)?.retry_config(RetryConfig::disabled());
            let error = once.send().await.unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Throttled, Some(code)), "{service}");
            assert!(error.is_retryable());
        }
    }
    Ok(())
}

#[tokio::test]
async fn an_error_of_s3_that_comes_with_status_200_is_tried_again() -> TestResult {
    let failed =
        "<Error><Code>InternalError</Code><Message>We encountered an internal error.</Message></Error>";
    let copied = "<CopyObjectResult><ETag>&quot;a&quot;</ETag></CopyObjectResult>";
    let session = Scripted::new().answer(200, failed).answer(200, copied);
    let s3 = session.client("s3").region_name("ca-west-1").await?;
    let input = json!({"Bucket": "films", "Key": "copy", "CopySource": "films/metropolis"});
    let answer = s3.call("CopyObject", input).await?;
    assert_eq!((answer.attempts(), answer["CopyObjectResult"]["ETag"].as_str()), (2, Some("\"a\"")));
    Ok(())
}

#[tokio::test]
async fn refusals_of_any_protocol_are_told_at_once() -> TestResult {
    for (service, operation, body) in refusals("AccessDenied") {
        let session = Scripted::new().answer(403, &body);
        let error = session.client(service).await?.call(operation, json!({})).await.unwrap_err();
        assert_eq!(
            (error.kind(), error.code()),
            (ErrorKind::AccessDenied, Some("AccessDenied")),
            "{service}"
        );
        assert_eq!((session.asked().len(), error.is_retryable()), (1, false));
    }
    Ok(())
}

#[tokio::test]
async fn a_call_is_tried_as_often_as_its_client_says() -> TestResult {
    let config = ClientConfig::builder;
    for (config, attempts) in [
        (config(), 3),
        (config().retry_mode(RetryMode::Off), 1),
        (config().retry_mode(RetryMode::Standard).total_max_attempts(4), 4),
        (config().total_max_attempts(1), 1),
    ] {
        let session = (0..6).fold(Scripted::new(), |session, _| session.answer(503, ""));
        let kms = session.client("kms").region_name("eu-north-1").config(config.clone()).await?;
        let error = kms.call("ListKeys", json!({})).await.unwrap_err();
        assert_eq!((error.status(), session.asked().len()), (Some(503), attempts), "{config:?}");
        // Whoever reads the service's log sees which attempt it was.
        let told = |asked: &crate::scripted::Asked| asked.header("amz-sdk-request").unwrap().to_owned();
        let told: Vec<_> = session.asked().iter().map(told).collect();
        assert!(told.last().unwrap().starts_with(&format!("attempt={attempts};")), "{told:?}");
        let invocations: std::collections::BTreeSet<_> = session
            .asked()
            .iter()
            .map(|asked| asked.header("amz-sdk-invocation-id").unwrap().to_owned())
            .collect();
        assert_eq!(invocations.len(), 1);
    }
    Ok(())
}

#[tokio::test]
async fn in_adaptive_mode_a_service_that_throttles_is_asked_more_slowly() -> TestResult {
    use aws_smithy_async::time::TimeSource as _;
    let clock = Clock::at_noon();
    let slow = r#"{"__type":"ThrottlingException","message":"slow"}"#;
    let session = Scripted::new().with(|sdk_config| clock.rules(sdk_config));
    let session = session.answer(400, slow).answer(200, "{}").answer(200, "{}");
    let adaptive = ClientConfig::builder().retry_mode(RetryMode::Adaptive);
    let kms = session.client("kms").region_name("eu-south-1").config(adaptive).await?;
    let begun = clock.now();
    assert_eq!(kms.call("ListKeys", json!({})).await?.attempts(), 2);
    kms.call("ListKeys", json!({})).await?;
    assert!(clock.now() > begun, "nobody waited");
    Ok(())
}

#[tokio::test]
async fn an_attempt_that_takes_too_long_is_followed_by_another() -> TestResult {
    let timeouts = || TimeoutConfig::builder().operation_attempt_timeout(Duration::from_secs(1)).build();
    let session = Scripted::new().silence().answer(200, "{}");
    let kms = session.client("kms").region_name("eu-south-2").await?;
    let answer = kms.operation("ListKeys")?.timeout_config(timeouts()).send().await?;
    assert_eq!(answer.attempts(), 2);
    // Silence for ever is a time-out, after all attempts.
    let error = kms.operation("ListKeys")?.timeout_config(timeouts()).send().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Timeout, Some("ListKeys")));
    assert_eq!(session.asked().len(), 2 + 3);
    Ok(())
}

#[tokio::test]
async fn a_client_has_time_outs_and_a_call_may_have_others() -> TestResult {
    let session = Scripted::new().silence().silence();
    let hasty = ClientConfig::builder().operation_timeout(Duration::from_secs(1));
    let kms = session.client("kms").region_name("eu-west-2").config(hasty).await?;
    let error = kms.call("ListKeys", json!({})).await.unwrap_err();
    assert_eq!((error.kind(), session.asked().len()), (ErrorKind::Timeout, 1));
    // An hour is for ever here; the test ends, and with it the call.
    let patient = TimeoutConfig::builder().operation_timeout(Duration::from_secs(3600)).build();
    let call = kms.operation("ListKeys")?.timeout_config(patient).send();
    tokio::select! {
        biased;
        outcome = call => panic!("{outcome:?}"),
        () = tokio::task::yield_now() => {}
    }
    assert_eq!(session.asked().len(), 2);
    Ok(())
}

#[tokio::test]
async fn a_stream_that_can_be_read_but_once_is_sent_but_once() -> TestResult {
    use aws_smithy_types::body::SdkBody;
    use aws_smithy_types::byte_stream::ByteStream;
    let session = Scripted::new().answer(503, "").answer(200, "");
    let s3 = session.client("s3").region_name("eu-west-3").await?;
    let once = ByteStream::new(SdkBody::from_body_1_x(film().into_inner()));
    let input = json!({"Bucket": "films", "Key": "a", "ContentLength": 10});
    let error = s3.operation("PutObject")?.input(input).body(once).send().await.unwrap_err();
    assert_eq!((error.status(), session.asked().len()), (Some(503), 1));
    Ok(())
}
