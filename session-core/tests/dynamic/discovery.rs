//! Services that tell their own endpoints.

use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

const CELL_1: &str = r#"{"Endpoints":[{"Address":"ingest-cell1.timestream.eu-west-1.amazonaws.com","CachePeriodInMinutes":60}]}"#;
const CELL_2: &str = r#"{"Endpoints":[{"Address":"ingest-cell2.timestream.eu-west-1.amazonaws.com","CachePeriodInMinutes":60}]}"#;
const OUTDATED: &str = r#"{"Endpoints":[{"Address":"ingest-cell1.timestream.eu-west-1.amazonaws.com","CachePeriodInMinutes":0}]}"#;

fn hosts(session: &Scripted) -> Vec<String> {
    let first =
        |uri: &str| uri.trim_start_matches("https://").split('.').take(2).collect::<Vec<_>>().join(".");
    session.asked().iter().map(|asked| first(&asked.uri)).collect()
}

#[tokio::test]
async fn an_endpoint_is_asked_for_once_and_again_when_it_is_the_wrong_one() -> TestResult {
    let moved = r#"{"__type":"InvalidEndpointException","message":"elsewhere"}"#;
    let session = Scripted::new().answer(200, CELL_1).answer(200, "{}").answer(200, "{}");
    let session = session.answer(421, moved).answer(200, CELL_2).answer(200, "{}").answer(200, "{}");
    let timestream = session.client("timestream-write").await?;
    for _ in 0..4 {
        timestream.call("ListDatabases", json!({})).await?;
    }
    let cells = ["ingest-cell1.timestream", "ingest-cell2.timestream"];
    let expected =
        ["ingest.timestream", cells[0], cells[0], cells[0], "ingest.timestream", cells[1], cells[1]];
    assert_eq!(hosts(&session), expected);
    let signed = session.asked()[1].header("authorization").unwrap().to_owned();
    assert!(signed.contains("/eu-west-1/timestream/aws4_request"), "{signed}");
    Ok(())
}

#[tokio::test]
async fn an_answer_that_has_aged_is_asked_for_again() -> TestResult {
    let session =
        Scripted::new().answer(200, OUTDATED).answer(200, "{}").answer(200, CELL_2).answer(200, "{}");
    let timestream = session.client("timestream-write").await?;
    timestream.call("ListDatabases", json!({})).await?;
    timestream.call("ListDatabases", json!({})).await?;
    assert_eq!(hosts(&session)[2..], ["ingest.timestream", "ingest-cell2.timestream"]);
    Ok(())
}

#[tokio::test]
async fn who_has_an_endpoint_does_not_ask() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "{}").answer(403, "{}");
    let own = session.client("timestream-write").endpoint_url("https://a.b").await?;
    own.call("ListDatabases", json!({})).await?;
    let timestream = session.client("timestream-write").await?;
    timestream.operation("ListDatabases")?.endpoint_url("https://c.d").send().await?;
    assert_eq!(hosts(&session), ["a.b/", "c.d/"]);
    let error = timestream.call("ListDatabases", json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::AccessDenied, Some("DescribeEndpoints")));
    Ok(())
}

#[tokio::test]
async fn where_discovery_is_optional_nobody_asks() -> TestResult {
    let session = Scripted::new().answer(200, r#"{"TableNames":["films"]}"#);
    let dynamodb = session.client("dynamodb").await?;
    let listed = dynamodb.call("ListTables", json!({})).await?;
    assert_eq!(listed["TableNames"][0].as_str(), Some("films"));
    let [asked] = &session.asked()[..] else { panic!("{:?}", session.asked()) };
    assert_eq!(asked.uri, "https://dynamodb.eu-west-1.amazonaws.com/");
    assert_eq!(asked.header("x-amz-target"), Some("DynamoDB_20120810.ListTables"));
    Ok(())
}
