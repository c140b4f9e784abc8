//! Inputs that do not fit the model: all mistakes at once, before anything is sent.

use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

/// What is said of an input.
async fn told(service: &str, operation: &str, input: serde_json::Value) -> String {
    let session = Scripted::new();
    let client = session.client(service).await.unwrap();
    let error = client.call(operation, input).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(session.asked().is_empty());
    assert_eq!(error.operation(), Some(operation));
    error.to_string()
}

#[tokio::test]
async fn all_mistakes_are_told_with_their_paths() {
    let input = json!({
        "Filters": [{"Name": "a", "Valuez": ["b"]}, 7],
        "RegionName": ["x"],
        "DryRun": "yes",
    });
    let message = told("ec2", "DescribeRegions", input).await;
    for part in [
        "Filters[0].Valuez is no member of Filter; did you mean `Values`?",
        "Filters[1] is the integer 7, but has to be a map",
        "RegionName is no member of DescribeRegionsRequest; did you mean `RegionNames`?",
        "DryRun is a string, but has to be a boolean",
    ] {
        assert!(message.contains(part), "{message}\nlacks {part}");
    }
    assert!(message.starts_with("DescribeRegions on ec2 failed: "), "{message}");
}

#[tokio::test]
async fn what_is_missing_out_of_range_or_one_too_many_is_told() {
    let content = json!([{"text": "a", "cachePoint": {"type": "default"}}, {}]);
    let input = json!({"messages": [{"role": "user", "content": content}]});
    let message = told("bedrock-runtime", "Converse", input).await;
    assert!(message.contains("modelId is missing"), "{message}");
    let two = "messages[0].content[0] has 2 of these members, but has to have exactly one: `text`";
    assert!(message.contains(two), "{message}");
    assert!(message.contains("messages[0].content[1] has none"), "{message}");
    let message = told("dynamodb", "ListTables", json!({"Limit": 3_000_000_000_u64})).await;
    assert!(
        message.contains("Limit is the integer 3000000000, but has to be an integer of 32 bits"),
        "{message}"
    );
    let message = told("dynamodb", "ListTables", json!([1])).await;
    assert!(message.contains("the input is a list, but has to be a map"), "{message}");
    let message = told("secretsmanager", "CreateSecret", json!({"SecretString": ["hush"]})).await;
    assert!(message.contains("SecretString is a list") && !message.contains("hush"), "{message}");
}

#[tokio::test]
async fn values_are_what_their_shape_makes_of_them() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "{}");
    let logs = session.client("cloudwatch").await?;
    let datum = json!({"MetricName": "m", "Value": 1, "Timestamp": "2026-01-02T03:04:05Z"});
    logs.call("PutMetricData", json!({"Namespace": "n", "MetricData": [datum]})).await?;
    let body: serde_json::Value = serde_json::from_str(&session.asked()[0].body).unwrap();
    assert_eq!(body["MetricData"][0]["Timestamp"], 1_767_323_045);
    assert_eq!(body["MetricData"][0]["Value"], 1.0);
    Ok(())
}

#[tokio::test]
async fn an_input_nested_without_end_is_an_error_and_no_overflow() {
    let mut value = json!({"S": "x"});
    for _ in 0..100 {
        value = json!({"L": [value]});
    }
    let message = told("dynamodb", "PutItem", json!({"TableName": "t", "Item": {"a": value}})).await;
    assert!(message.contains("is nested more than"), "{message}");
}
