//! Presigned requests.

use std::time::Duration;

use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

pub(crate) const HOUR: Duration = session_core::dynamic::PresignedRequest::DEFAULT_EXPIRES_IN;

#[tokio::test]
async fn an_operation_of_s3_is_signed_into_its_url() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    let film = json!({"Bucket": "films", "Key": "a b/c"});
    let request = s3.operation("get_object")?.input(film).presigned(HOUR).await?;
    assert_eq!(request.method(), "GET");
    let (bare, query) = request.url().split_once('?').unwrap();
    assert_eq!(bare, "https://films.s3.eu-west-1.amazonaws.com/a%20b/c");
    for part in [
        "X-Amz-Expires=3600",
        "X-Amz-SignedHeaders=host",
        "X-Amz-Signature=",
        "X-Amz-Algorithm=AWS4-HMAC-SHA256",
    ] {
        assert!(query.contains(part), "{query}");
    }
    assert_eq!(request.headers().count(), 0, "{:?}", request.headers().collect::<Vec<_>>());
    assert!(!format!("{request:?}").contains("Signature"));
    assert!(session.asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn parameters_of_a_query_protocol_go_into_the_url() -> TestResult {
    let session = Scripted::new();
    let sts = session.client("sts").await?;
    let request = sts.operation("GetCallerIdentity")?.presigned(Duration::from_secs(60)).await?;
    assert_eq!(request.method(), "GET");
    let start = "https://sts.eu-west-1.amazonaws.com/?Action=GetCallerIdentity&Version=2011-06-15&";
    assert!(request.url().starts_with(start), "{}", request.url());
    assert!(request.url().contains("X-Amz-Expires=60"));
    Ok(())
}

#[tokio::test]
async fn speech_is_asked_for_by_a_url() -> TestResult {
    let session = Scripted::new();
    let polly = session.client("polly").await?;
    let input =
        json!({"Text": "guten Tag", "OutputFormat": "mp3", "VoiceId": "Vicki", "LexiconNames": ["a", "b"]});
    let request = polly.operation("SynthesizeSpeech")?.input(input).presigned(HOUR).await?;
    assert_eq!(request.method(), "GET");
    let start = "https://polly.eu-west-1.amazonaws.com/v1/speech?LexiconNames=a&LexiconNames=b&OutputFormat=mp3&\
                 Text=guten%20Tag&VoiceId=Vicki&";
    assert!(request.url().starts_with(start), "{}", request.url());
    assert!(request.url().contains("X-Amz-SignedHeaders=host&"), "{}", request.url());
    assert_eq!(request.headers().count(), 0, "{:?}", request.headers().collect::<Vec<_>>());
    Ok(())
}

#[tokio::test]
async fn the_time_has_bounds() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    for seconds in [0, 7 * 24 * 60 * 60 + 1] {
        let operation = s3.operation("ListBuckets")?;
        let error = operation.presigned(Duration::from_secs(seconds)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains("1 to 604800 s"), "{error}");
    }
    Ok(())
}
