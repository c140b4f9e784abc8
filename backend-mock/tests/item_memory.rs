//! What an item costs in memory: little more than DynamoDB counts for it, whatever it is made of, and however long its
//! key is, which the table's order has as well.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::collections::HashMap;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, WriteRequest,
};
use backend_mock::MockAws;
use peak_alloc::PeakAlloc;

#[global_allocator]
static ALLOCATOR: PeakAlloc = PeakAlloc;

const ITEMS: usize = 2_000;
/// Items in one BatchWriteItem.
const BATCH: usize = 25;

type Item = HashMap<String, AttributeValue>;

/// A client of a new cloud, and the table `films` with the key `id` (S).
async fn table() -> Client {
    let dynamodb = Client::new(&MockAws::new().sdk_config());
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    let table = dynamodb.create_table().table_name("films").billing_mode(BillingMode::PayPerRequest);
    let table = table.attribute_definitions(id.build().unwrap()).key_schema(key.build().unwrap());
    table.send().await.unwrap();
    dynamodb
}

async fn put(dynamodb: &Client, items: impl Iterator<Item = Item>) {
    let requests = items.map(|item| {
        let put = PutRequest::builder().set_item(Some(item)).build().unwrap();
        WriteRequest::builder().put_request(put).build()
    });
    dynamodb.batch_write_item().request_items("films", requests.collect()).send().await.unwrap();
}

async fn table_bytes(dynamodb: &Client) -> usize {
    let table = dynamodb.describe_table().table_name("films").send().await.unwrap().table.unwrap();
    table.table_size_bytes.unwrap().try_into().unwrap()
}

/// Bytes of memory and bytes as DynamoDB counts them, of one item in the middle of a table of such items.
async fn costs(item: impl Fn(usize) -> Item) -> (usize, usize) {
    let dynamodb = table().await;
    put(&dynamodb, (0..BATCH).map(&item)).await;
    let (memory, counted) = (ALLOCATOR.current_usage(), table_bytes(&dynamodb).await);
    for first in (BATCH..BATCH + ITEMS).step_by(BATCH) {
        // Twice, for what replaces an item must not keep anything of it.
        put(&dynamodb, (first..first + BATCH).map(&item)).await;
        put(&dynamodb, (first..first + BATCH).map(&item)).await;
    }
    let counted = table_bytes(&dynamodb).await - counted;
    ((ALLOCATOR.current_usage() - memory) / ITEMS, counted / ITEMS)
}

fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

fn n(number: usize) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

fn with_id(number: usize, attributes: impl IntoIterator<Item = (String, AttributeValue)>) -> Item {
    attributes.into_iter().chain([("id".to_owned(), s(format!("item-{number}")))]).collect()
}

fn many(count: usize, name: &str, value: impl Fn(usize) -> AttributeValue) -> Vec<(String, AttributeValue)> {
    (0..count).map(|at| (format!("{name}{at}"), value(at))).collect()
}

// One test, for what another holds would be counted.
#[tokio::test]
async fn an_item_takes_at_most_1_6_times_its_size_and_200_bytes() {
    let list = |count: usize| AttributeValue::L(vec![AttributeValue::Bool(true); count]);
    let map = |count: usize| AttributeValue::M(many(count, "m", n).into_iter().collect());
    let long_key = |at: usize, length: usize| HashMap::from([("id".to_owned(), s(format!("{at:0length$}")))]);
    let kinds: [(&str, &dyn Fn(usize) -> Item); 12] = [
        ("nothing but its key", &|at| with_id(at, [])),
        ("a key of 39 bytes", &|at| long_key(at, 39)),
        ("a key of 40 bytes", &|at| long_key(at, 40)),
        ("a key of 300 bytes", &|at| long_key(at, 300)),
        ("a key of 2 KB", &|at| long_key(at, 2048)),
        ("three short attributes", &|at| with_id(at, many(3, "a", |_| s("x")))),
        ("ten numbers", &|at| with_id(at, many(10, "number", |number| n(number * at)))),
        ("thirty flags", &|at| with_id(at, many(30, "f", |flag| AttributeValue::Bool(flag % 2 == 0)))),
        ("a list of a hundred", &|at| with_id(at, [("list".to_owned(), list(100))])),
        ("a map of fifty numbers", &|at| with_id(at, [("map".to_owned(), map(50))])),
        ("a set of numbers", &|at| {
            with_id(at, [("set".to_owned(), AttributeValue::Ns((0..50).map(|n| n.to_string()).collect()))])
        }),
        ("1 KB of text", &|at| with_id(at, many(8, "text", |_| s("x".repeat(120))))),
    ];
    for (kind, item) in kinds {
        let (memory, counted) = costs(item).await;
        println!("{kind}: {memory} bytes of memory for {counted}");
        assert!(memory * 10 <= counted * 16 + 2000, "{kind}: {memory} bytes of memory for {counted}");
    }
}
