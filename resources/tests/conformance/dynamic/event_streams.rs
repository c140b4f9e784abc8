//! Streams of events by name, as moto sends them.

use anyhow::{Context, ensure};
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::SessionExt;

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    s3_selects_rows_of_an_object,
}

async fn s3_selects_rows_of_an_object(world: World) -> TestResult {
    let (s3, bucket) = (world.session.client("s3").await?, world.fresh_bucket().await?);
    let films = "name,year\nMetropolis,1927\nPlaytime,1967\nAlphaville,1965\n";
    let object = json!({"Bucket": bucket.name(), "Key": "films.csv"});
    let mut put = object.clone();
    put["Body"] = json!(films);
    s3.call("PutObject", put).await?;
    let mut query = object;
    query["ExpressionType"] = json!("SQL");
    query["Expression"] = json!("SELECT s.name FROM s3object s WHERE s.\"year\" = \'1967\'");
    query["InputSerialization"] = json!({"CSV": {"FileHeaderInfo": "USE"}, "CompressionType": "NONE"});
    query["OutputSerialization"] = json!({"CSV": {}});
    let mut answer = s3.call("SelectObjectContent", query).await?;
    let events: Vec<_> = answer.take_events().context("there are no events")?.try_collect().await?;
    let rows: Vec<u8> =
        events.iter().filter_map(|event| event["Records"]["Payload"].as_blob()).flatten().copied().collect();
    ensure!(String::from_utf8_lossy(&rows).trim() == "Playtime", "{events:?}");
    let stats = events.iter().find_map(|event| event.get("Stats")).context("there are no statistics")?;
    ensure!(stats["Details"]["BytesScanned"].as_i64().is_some_and(|bytes| bytes > 0), "{events:?}");
    ensure!(events.last().is_some_and(|event| *event == json!({"End": {}}).into()), "{events:?}");
    Ok(())
}
