//! Calls of the typed SDK on the mock, beside the same calls on canned bytes.

use std::collections::HashMap;
use std::hint::black_box;

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, KeySchemaElement, KeyType, PutRequest,
    ScalarAttributeType, WriteRequest,
};
use backend_mock::MockAws;
use criterion::Criterion;
use tokio::runtime::Runtime;

use crate::MANY;
use crate::canned::Canned;
use crate::pairs::ratio;

const TABLE: &str = "films";
/// Items that are measured. They have 1 KB; those that only fill the table are smaller, as a million of 1 KB would say
/// something about the machine's memory and nothing about the engine.
const MEASURED: usize = 10;
/// Items in one BatchWriteItem.
const BATCH: usize = 25;

type Item = HashMap<String, AttributeValue>;

pub(crate) struct Calls {
    dynamodb: Client,
    canned_get: Client,
    canned_put: Client,
    canned_update: Client,
    item: Item,
}

impl Calls {
    pub(crate) async fn new() -> Self {
        let aws = MockAws::new();
        let dynamodb = Client::new(&aws.sdk_config());
        create_table(&dynamodb).await;
        let canned = || {
            let config = Builder::from(&aws.sdk_config()).http_client(Canned::of(&aws));
            Client::from_conf(config.build())
        };
        let calls = Self {
            canned_get: canned(),
            canned_put: canned(),
            canned_update: canned(),
            item: item_of_1_kb(0),
            dynamodb,
        };
        for number in 0..MEASURED {
            put(&calls.dynamodb, &item_of_1_kb(number)).await;
        }
        get(&calls.canned_get).await;
        put(&calls.canned_put, &calls.item).await;
        update(&calls.canned_update).await;
        calls
    }

    pub(crate) fn measure(&self, criterion: &mut Criterion, runtime: &Runtime) {
        let Self { dynamodb, canned_get, canned_put, canned_update, item } = self;
        let mut group = criterion.benchmark_group("1 KB through the SDK");
        group.bench_function("get", |to| to.to_async(runtime).iter(|| get(dynamodb)));
        group.bench_function("get/canned", |to| to.to_async(runtime).iter(|| get(canned_get)));
        group.bench_function("put", |to| to.to_async(runtime).iter(|| put(dynamodb, item)));
        group.bench_function("put/canned", |to| to.to_async(runtime).iter(|| put(canned_put, item)));
        group.bench_function("update", |to| to.to_async(runtime).iter(|| update(dynamodb)));
        group.bench_function("update/canned", |to| to.to_async(runtime).iter(|| update(canned_update)));
        group.finish();
    }

    pub(crate) async fn summary(&self) {
        self.ratios(MEASURED).await;
        self.fill().await;
        self.ratios(MANY).await;
    }

    async fn ratios(&self, items: usize) {
        const ROUNDS: usize = 200;
        let Self { dynamodb, canned_get, canned_put, canned_update, item } = self;
        let gets = ratio(ROUNDS, 50, || get(dynamodb), || get(canned_get)).await;
        let puts = ratio(ROUNDS, 50, || put(dynamodb, item), || put(canned_put, item)).await;
        let updates = ratio(ROUNDS, 50, || update(dynamodb), || update(canned_update)).await;
        println!(
            "\nthrough the SDK, 1 KB in a table of {items} items / on canned bytes; the median of {ROUNDS} pairs"
        );
        println!("  GetItem     {gets:.3}  (at most 1.4)");
        println!("  PutItem     {puts:.3}  (at most 1.4)");
        println!("  UpdateItem  {updates:.3}  (at most 1.4)");
    }

    async fn fill(&self) {
        for first in (MEASURED..MANY).step_by(BATCH) {
            let numbers = first..(first + BATCH).min(MANY);
            let requests = numbers.map(|number| {
                let put = PutRequest::builder().item("id", key(number)).item("n", n(number)).build();
                WriteRequest::builder().put_request(put.expect("it has an item")).build()
            });
            let write = self.dynamodb.batch_write_item().request_items(TABLE, requests.collect());
            let written = write.send().await.expect("the items are stored");
            assert!(written.unprocessed_items.is_none_or(|left| left.is_empty()));
        }
    }
}

async fn create_table(dynamodb: &Client) {
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash);
    let table = dynamodb.create_table().table_name(TABLE).billing_mode(BillingMode::PayPerRequest);
    let table = table.attribute_definitions(id.build().expect("it has a name and a type"));
    let table = table.key_schema(key.build().expect("it has a name and a type"));
    table.send().await.expect("a table");
}

fn key(number: usize) -> AttributeValue {
    AttributeValue::S(format!("film-{number:08}"))
}

fn n(number: usize) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// Ten attributes, of which one is a number, of 1 KB altogether.
fn item_of_1_kb(number: usize) -> Item {
    let texts = (1..9).map(|text| (format!("text{text}"), AttributeValue::S("x".repeat(120))));
    let mut item: Item = texts.collect();
    item.insert("id".to_owned(), key(number));
    item.insert("plays".to_owned(), n(number));
    item
}

async fn get(dynamodb: &Client) {
    let answer = dynamodb.get_item().table_name(TABLE).key("id", key(0)).send().await;
    black_box(answer.expect("an answer").item.expect("the item is there"));
}

async fn put(dynamodb: &Client, item: &Item) {
    let put = dynamodb.put_item().table_name(TABLE).set_item(Some(item.clone()));
    black_box(put.send().await.expect("the item is stored"));
}

async fn update(dynamodb: &Client) {
    let update = dynamodb.update_item().table_name(TABLE).key("id", key(0));
    let update = update.update_expression("SET text1 = :text ADD plays :one");
    let update = update.expression_attribute_values(":text", AttributeValue::S("y".repeat(120)));
    let update = update.expression_attribute_values(":one", n(1));
    black_box(update.send().await.expect("the item is updated"));
}
