//! Vector search: indexes of vectors, typed and by name.

use std::time::Duration;

use anyhow::ensure;
use aws_sdk_dynamodb::types::{
    AttributeValue, BillingMode, KeyType, Projection, ProjectionType, ReturnConsumedCapacity,
    ScalarAttributeType, VectorAttributeDefinition, VectorDistanceFunction, VectorIndex,
};
use resources::Table;
use serde_json::{Value as Json, json};
use session_core::{ErrorKind, SessionExt};

use crate::case::{TestResult, cases, check};
use crate::world::{TABLE_WAIT, World, attribute, key, n, s};

cases! {
    the_closest_items_come_first,
    a_search_by_name_finds_what_the_typed_client_finds,
    a_write_to_a_vector_index_tells_its_bytes,
    a_vector_of_other_dimensions_is_refused,
}

fn vector(numbers: [f64; 3]) -> Vec<AttributeValue> {
    numbers.into_iter().map(n).collect()
}

/// A table with the partition key `id`, a string, and the index `by-meaning` of vectors of three numbers.
async fn table_of_vectors(world: &World) -> anyhow::Result<Table> {
    let table = world.no_table();
    let index = VectorIndex::builder()
        .index_name("by-meaning")
        .vector_attribute(VectorAttributeDefinition::builder().attribute_name("meaning").build()?)
        .dimensions(3)
        .distance_function(VectorDistanceFunction::Cosine)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    table
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .vector_indexes(index)
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await?;
    table.wait_until_exists(TABLE_WAIT).await?;
    Ok(table)
}

/// The same table with three films: `near`, `far` and `opposite` of the vector (1, 0, 0).
async fn table_of_films(world: &World) -> anyhow::Result<Table> {
    let table = table_of_vectors(world).await?;
    for (id, numbers) in [("near", [1.0, 0.0, 0.0]), ("far", [0.0, 1.0, 0.0]), ("opposite", [-1.0, 0.0, 0.0])]
    {
        let meaning = AttributeValue::L(vector(numbers));
        table.put_item().item("id", s(id)).item("meaning", meaning).send().await?;
    }
    // Writes reach the index a little later on AWS.
    for _ in 0..120 {
        let found = search(world, &table).send().await;
        if found.is_ok_and(|found| found.search_results().len() == 3) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(table)
}

fn search(
    world: &World,
    table: &Table,
) -> aws_sdk_dynamodb::operation::search_vectors::builders::SearchVectorsFluentBuilder {
    let search = world.dynamodb.client().search_vectors();
    search
        .table_name(table.name())
        .index_name("by-meaning")
        .set_search_vector(Some(vector([1.0, 0.0, 0.0])))
        .top_k(10)
}

async fn the_closest_items_come_first(world: World) -> TestResult {
    let table = table_of_films(&world).await?;
    let found = search(&world, &table).return_consumed_capacity(ReturnConsumedCapacity::Total).send().await?;
    let results: Vec<_> = found
        .search_results()
        .iter()
        .map(|result| (result.item().and_then(|item| item["id"].as_s().ok()), result.score()))
        .collect();
    let id = |id: &str| id.to_owned();
    let (near, far, opposite) = (id("near"), id("far"), id("opposite"));
    let expected = [(Some(&near), 0.0), (Some(&far), 1.0), (Some(&opposite), 2.0)];
    ensure!(results == expected, "{found:?}");
    let bytes = found.consumed_capacity().and_then(|used| used.vector_search_request_bytes());
    ensure!(bytes.is_some_and(|bytes| bytes >= 1024.0), "{found:?}");
    let shown = found.search_results()[0].item().map(|item| item.contains_key("meaning"));
    ensure!(shown == Some(false), "{found:?}");
    let projected = search(&world, &table).top_k(1).projection_expression("meaning").send().await?;
    let item = projected.search_results()[0].item();
    ensure!(item.is_some_and(|item| item["meaning"].as_l().is_ok_and(|it| it.len() == 3)), "{projected:?}");
    Ok(())
}

async fn a_search_by_name_finds_what_the_typed_client_finds(world: World) -> TestResult {
    let table = table_of_films(&world).await?;
    let client = world.session.client("dynamodb").await?;
    let input = json!({
        "TableName": table.name(), "IndexName": "by-meaning",
        "SearchVector": [{"N": "1"}, {"N": "0"}, {"N": "0"}], "TopK": 2,
    });
    let found: Json = serde_json::to_value(client.call("search_vectors", input).await?.value())?;
    let expected = json!([
        {"Item": {"id": {"S": "near"}}, "Score": 0.0},
        {"Item": {"id": {"S": "far"}}, "Score": 1.0},
    ]);
    ensure!(found["SearchResults"] == expected, "{found}");
    let described = client.call("DescribeTable", json!({"TableName": table.name()})).await?;
    let described: Json = serde_json::to_value(described.value())?;
    ensure!(described["Table"]["VectorIndexes"][0]["IndexName"] == "by-meaning", "{described}");
    Ok(())
}

async fn a_write_to_a_vector_index_tells_its_bytes(world: World) -> TestResult {
    let table = table_of_vectors(&world).await?;
    let put = table.put_item().item("id", s("a")).item("meaning", AttributeValue::L(vector([0.0, 0.5, 1.0])));
    let put = put.return_consumed_capacity(ReturnConsumedCapacity::Indexes).send().await?;
    let used = put.consumed_capacity().and_then(|used| used.vector_indexes());
    let bytes = used.and_then(|used| used.get("by-meaning")?.vector_write_request_bytes());
    ensure!(bytes == Some(1024.0), "{put:?}");
    Ok(())
}

async fn a_vector_of_other_dimensions_is_refused(world: World) -> TestResult {
    let table = table_of_vectors(&world).await?;
    let put = table.put_item().item("id", s("a")).item("meaning", AttributeValue::L(vec![n(1)]));
    let refused = put.send().await.unwrap_err();
    check(refused, ErrorKind::InvalidInput, "ValidationException")
}
