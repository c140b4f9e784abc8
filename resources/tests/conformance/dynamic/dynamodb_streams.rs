//! DynamoDB Streams, which has no typed client here: what is written to a table is read from its stream by name.

use std::time::Duration;

use anyhow::{Context, ensure};
use aws_sdk_dynamodb::types::{
    BillingMode, KeyType, ScalarAttributeType, StreamSpecification, StreamViewType,
};
use serde_json::json;
use session_core::dynamic::ServiceFault;
use session_core::{ErrorKind, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::{World, attribute, key, n, s};

cases! {
    what_is_written_is_in_the_stream,
    a_stream_that_is_none_is_refused,
}

async fn what_is_written_is_in_the_stream(world: World) -> TestResult {
    let streams = world.session.client("dynamodbstreams").await?;
    let table = world.no_table();
    let stream = StreamSpecification::builder().stream_enabled(true);
    let create = table
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest)
        .stream_specification(stream.stream_view_type(StreamViewType::NewAndOldImages).build()?);
    create.send().await?;
    table.wait_until_exists(Duration::from_secs(180)).await?;
    table.put_item().item("id", s("7")).item("count", n(1)).send().await?;
    table.put_item().item("id", s("7")).item("count", n(2)).send().await?;
    table.delete_item().key("id", s("7")).send().await?;

    let listed = streams.call("ListStreams", json!({"TableName": table.name()})).await?;
    let arn = listed["Streams"][0]["StreamArn"].as_str().context("there is no stream")?;
    ensure!(table.load().await?.latest_stream_arn() == Some(arn), "{:?}", listed.value());
    let described = streams.call("DescribeStream", json!({"StreamArn": arn})).await?;
    let described = &described["StreamDescription"];
    ensure!(described["StreamViewType"].as_str() == Some("NEW_AND_OLD_IMAGES"), "{described}");
    ensure!(described["TableName"].as_str() == Some(table.name()), "{described}");
    let shard = described["Shards"][0]["ShardId"].as_str().context("there is no shard")?;
    let input = json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"});
    let iterator = streams.call("GetShardIterator", input).await?;
    let input = json!({"ShardIterator": iterator["ShardIterator"], "Limit": 10});
    let told = streams.call("GetRecords", input).await?;
    let records = told["Records"].as_list().unwrap_or_default();
    let events: Vec<_> = records.iter().filter_map(|record| record["eventName"].as_str()).collect();
    ensure!(events == ["INSERT", "MODIFY", "REMOVE"], "{:?}", told.value());
    let changed = &records[1]["dynamodb"];
    ensure!(changed["OldImage"]["count"]["N"].as_str() == Some("1"), "{changed}");
    ensure!(changed["NewImage"]["count"]["N"].as_str() == Some("2"), "{changed}");
    ensure!(changed["ApproximateCreationDateTime"].as_timestamp().is_some(), "{changed}");
    Ok(())
}

async fn a_stream_that_is_none_is_refused(world: World) -> TestResult {
    let streams = world.session.client("dynamodbstreams").await?;
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/ghost/stream/2026-01-01T00:00:00.000";
    let error = streams.call("DescribeStream", json!({"StreamArn": arn})).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::NotFound, "{error:?}");
    let fault = ServiceFault::of(&error).context("no fault among the causes")?;
    ensure!(fault.shape() == Some("ResourceNotFoundException") && fault.status() == 400, "{fault:?}");
    Ok(())
}
