//! Paginators and waiters over a client.

use std::time::Duration;

use backend_mock::MockAws;
use futures_util::TryStreamExt as _;
use serde_json::json;
use session_core::dynamic::Value;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

#[tokio::test]
async fn pages_of_a_listing_are_one_sequence() -> TestResult {
    let s3 = MockAws::new().session().client("s3").await?;
    s3.call("CreateBucket", json!({"Bucket": "films"})).await?;
    for key in ["a", "b", "c", "d", "e"] {
        s3.call("PutObject", json!({"Bucket": "films", "Key": key})).await?;
    }
    let pages =
        || Ok::<_, session_core::Error>(s3.paginator("list_objects_v2")?.input(json!({"Bucket": "films"})));
    let items: Vec<Value> = pages()?.page_size(2).items().try_collect().await?;
    let keys: Vec<_> = items.iter().map(|item| item["Key"].as_str().unwrap_or_default()).collect();
    assert_eq!(keys, ["a", "b", "c", "d", "e"]);
    assert!(s3.can_paginate("ListObjectsV2") && !s3.can_paginate("GetObject") && !s3.can_paginate("none"));
    assert_eq!(s3.paginator("GetObject").unwrap_err().kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn a_waiter_asks_until_its_state_is_reached() -> TestResult {
    let session = Scripted::new()
        .answer(400, r#"{"__type":"ResourceNotFoundException","message":"none yet"}"#)
        .answer(200, r#"{"Table":{"TableStatus":"CREATING"}}"#)
        .answer(200, r#"{"Table":{"TableStatus":"ACTIVE"}}"#);
    let dynamodb = session.client("dynamodb").await?;
    assert!(dynamodb.waiter_names()?.contains(&"TableExists"));
    let error = dynamodb.waiter("TableExist").unwrap_err();
    assert!(error.to_string().contains("`TableExists`"), "{error}");
    let table = json!({"TableName": "t"});
    let hour = Duration::from_secs(3600);
    let reached = dynamodb.waiter("table_exists")?.input(table.clone()).wait(hour).await?;
    assert_eq!(reached["Table"]["TableStatus"].as_str(), Some("ACTIVE"));
    assert_eq!(session.asked().len(), 3);
    // Nobody answers any more.
    let waiter = dynamodb.waiter("TableExists")?.input(table);
    let error = waiter.wait(Duration::from_secs(60)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    Ok(())
}
