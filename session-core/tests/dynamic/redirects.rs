//! Buckets in another region than the client's.

use aws_smithy_types::retry::RetryConfig;
use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

const MOVED: &str = "<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>";
const OTHER: &[(&str, &str)] = &[("x-amz-bucket-region", "us-west-2")];
const HERE: &str = "https://films.s3.eu-west-1.amazonaws.com/a";
const THERE: &str = "https://films.s3.us-west-2.amazonaws.com/a";

#[tokio::test]
async fn a_request_is_sent_again_to_the_buckets_region_which_is_remembered() -> TestResult {
    let session = Scripted::new().answer_with(301, OTHER, MOVED).answer(200, "film").answer(200, "film");
    let s3 = session.client("s3").await?;
    let film = json!({"Bucket": "films", "Key": "a"});
    // A redirect is followed where nothing else is retried.
    let got =
        s3.operation("GetObject")?.input(film.clone()).retry_config(RetryConfig::disabled()).send().await?;
    assert_eq!((got.status(), got.attempts()), (200, 2));
    s3.call("GetObject", film).await?;
    let asked = session.asked();
    assert_eq!(asked.iter().map(|asked| asked.uri.as_str()).collect::<Vec<_>>(), [HERE, THERE, THERE]);
    assert!(asked[0].header("authorization").unwrap().contains("/eu-west-1/s3/aws4_request"));
    assert!(asked[1].header("authorization").unwrap().contains("/us-west-2/s3/aws4_request"));
    Ok(())
}

#[tokio::test]
async fn the_region_may_be_in_the_error_and_a_head_has_none() -> TestResult {
    let malformed = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>m</Message><Region>us-west-2</Region></Error>";
    let session = Scripted::new()
        .answer(400, malformed)
        .answer(204, "")
        .answer_with(400, &[("x-amz-bucket-region", "eu-north-1")], "")
        .answer(200, "");
    let s3 = session.client("s3").await?;
    s3.call("DeleteObject", json!({"Bucket": "films", "Key": "a"})).await?;
    s3.call("HeadBucket", json!({"Bucket": "books"})).await?;
    let uris: Vec<_> = session.asked().into_iter().map(|asked| asked.uri).collect();
    let books = ["https://books.s3.eu-west-1.amazonaws.com/", "https://books.s3.eu-north-1.amazonaws.com/"];
    assert_eq!(uris, [HERE, THERE, books[0], books[1]]);
    Ok(())
}

#[tokio::test]
async fn one_redirect_is_followed_and_no_other_error_is_one() -> TestResult {
    let session = Scripted::new()
        .answer_with(301, OTHER, MOVED)
        .answer_with(301, &[("x-amz-bucket-region", "eu-north-1")], MOVED)
        .answer_with(404, OTHER, "<Error><Code>NoSuchKey</Code><Message>no</Message></Error>")
        .answer_with(301, &[("x-amz-bucket-region", "not a region")], MOVED)
        .answer_with(400, &[("x-amz-bucket-region", "eu-west-1")], "");
    let s3 = session.client("s3").await?;
    let error = s3.call("GetObject", json!({"Bucket": "films", "Key": "a"})).await.unwrap_err();
    assert_eq!((error.code(), session.asked().len()), (Some("PermanentRedirect"), 2));
    let error = s3.call("GetObject", json!({"Bucket": "books", "Key": "a"})).await.unwrap_err();
    assert_eq!((error.kind(), session.asked().len()), (ErrorKind::NotFound, 3));
    s3.call("GetObject", json!({"Bucket": "books", "Key": "a"})).await.unwrap_err();
    assert_eq!(session.asked().len(), 4);
    // The same region again is a refusal of another kind.
    s3.call("HeadObject", json!({"Bucket": "books", "Key": "a"})).await.unwrap_err();
    assert_eq!(session.asked().len(), 5);
    Ok(())
}
