//! Requests that go compressed, and those that do not.

use serde_json::json;
use session_core::{ClientConfig, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

/// Metrics that take more than the given number of bytes.
fn metrics(bytes: usize) -> serde_json::Value {
    let metric = json!({"MetricName": "frames-that-were-shown", "Value": 24});
    json!({"Namespace": "films", "MetricData": vec![metric; bytes / 50 + 1]})
}

#[tokio::test]
async fn a_large_request_of_an_operation_that_takes_it_is_compressed() -> TestResult {
    let session = Scripted::new().answer(200, "{}");
    let cloudwatch = session.client("cloudwatch").await?;
    cloudwatch.call("PutMetricData", metrics(10_240)).await?;
    let asked = &session.asked()[0];
    assert_eq!(asked.header("content-encoding"), Some("gzip"));
    assert_eq!(asked.header("content-length"), Some(asked.bytes.len().to_string().as_str()));
    // A header of ten bytes before the deflated ones, a checksum and a length after them.
    let deflated = &asked.bytes[10..asked.bytes.len() - 8];
    let sent = miniz_oxide::inflate::decompress_to_vec(deflated).unwrap();
    assert!(sent.len() > 10_240 && asked.bytes.len() < 1_000);
    let sent: serde_json::Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(sent["MetricData"][0]["MetricName"], "frames-that-were-shown");
    Ok(())
}

#[tokio::test]
async fn what_is_small_or_must_not_be_compressed_goes_as_it_is() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "{}").answer(200, "{}").answer(200, "{}");
    let cloudwatch = session.client("cloudwatch").await?;
    cloudwatch.call("PutMetricData", metrics(9_000)).await?;
    assert_eq!(session.asked()[0].header("content-encoding"), None);
    let never = ClientConfig::builder().disable_request_compression(true);
    let never = session.client("cloudwatch").config(never).await?;
    never.call("PutMetricData", metrics(20_000)).await?;
    assert_eq!(session.asked()[1].header("content-encoding"), None);
    assert!(session.asked()[1].body.starts_with('{'));
    let always = ClientConfig::builder().request_min_compression_size_bytes(0);
    let always = session.client("cloudwatch").config(always).await?;
    always.call("PutMetricData", metrics(1)).await?;
    assert_eq!(session.asked()[2].header("content-encoding"), Some("gzip"));
    // An operation whose model does not say that it takes it.
    always.call("ListMetrics", json!({"Namespace": "films"})).await?;
    assert_eq!(session.asked()[3].header("content-encoding"), None);
    Ok(())
}
