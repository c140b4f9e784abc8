//! Typed clients and DynamoDB's limits: what is refused is sent again by the cloud's clock, and gets through.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::collections::HashMap;
use std::time::{Duration, SystemTime};

use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::config::retry::RetryConfig;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, KeySchemaElement, KeyType, ProvisionedThroughput, Put, PutRequest,
    ScalarAttributeType, TransactWriteItem, WriteRequest,
};
use backend_mock::{MockAws, MockAwsBuilder};

/// A cloud whose clock stands, and a client of it.
fn standing(builder: MockAwsBuilder) -> (MockAws, Client) {
    let aws = builder.build();
    aws.clock().set(SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    let client = Client::new(&aws.sdk_config());
    (aws, client)
}

async fn create_films(client: &Client, write_units: i64) {
    let id = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let definition =
        AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    let throughput =
        ProvisionedThroughput::builder().read_capacity_units(1).write_capacity_units(write_units).build();
    let create = client.create_table().table_name("films").key_schema(id);
    let create = create.attribute_definitions(definition.build().unwrap());
    create.provisioned_throughput(throughput.unwrap()).send().await.unwrap();
}

fn film(title: &str) -> HashMap<String, AttributeValue> {
    HashMap::from([("id".to_owned(), AttributeValue::S(title.to_owned()))])
}

#[tokio::test]
async fn a_client_that_is_throttled_backs_off_and_gets_through() {
    let (aws, client) = standing(MockAws::builder().dynamodb_throttling());
    create_films(&client, 1).await;
    let began = aws.clock().now();
    for title in 0..10 {
        let put = client.put_item().table_name("films").set_item(Some(film(&title.to_string())));
        let retries = aws_sdk_dynamodb::config::Builder::new()
            .retry_config(RetryConfig::standard().with_max_attempts(10));
        put.customize().config_override(retries).send().await.unwrap();
    }
    // One film is for nothing, and each further one takes the table a second.
    let passed = aws.clock().now().duration_since(began).unwrap();
    assert!(passed > Duration::from_secs(8), "{passed:?}");
}

#[tokio::test]
async fn a_client_that_does_not_retry_learns_what_was_exceeded() {
    let (aws, _) = standing(MockAws::builder().dynamodb_throttling());
    let config = aws.sdk_config().into_builder().retry_config(RetryConfig::disabled()).build();
    let client = Client::new(&config);
    create_films(&client, 1).await;
    let put = || client.put_item().table_name("films").set_item(Some(film("Faust"))).send();
    put().await.unwrap();
    let error = put().await.unwrap_err().into_service_error();
    let PutItemError::ProvisionedThroughputExceededException(error) = error else { panic!("{error:?}") };
    let [reason] = error.throttling_reasons() else { panic!("{error:?}") };
    assert_eq!(reason.reason(), Some("TableWriteProvisionedThroughputExceeded"));
    assert_eq!(reason.resource(), Some("arn:aws:dynamodb:us-east-1:123456789012:table/films"));
}

#[tokio::test]
async fn a_batch_is_sent_until_nothing_is_left_of_it() {
    let (aws, client) = standing(MockAws::builder().dynamodb_throttling());
    create_films(&client, 4).await;
    let mut requests: Vec<_> = (0..25)
        .map(|title| {
            let put = PutRequest::builder().set_item(Some(film(&title.to_string()))).build().unwrap();
            WriteRequest::builder().put_request(put).build()
        })
        .collect();
    let mut rounds = 0;
    while !requests.is_empty() {
        let batch = client.batch_write_item().request_items("films", std::mem::take(&mut requests));
        let answer = batch.send().await.unwrap();
        let mut unprocessed = answer.unprocessed_items.unwrap_or_default();
        requests = unprocessed.remove("films").unwrap_or_default();
        aws.clock().advance(Duration::from_secs(1));
        rounds += 1;
    }
    assert_eq!(rounds, 7);
    aws.clock().advance(Duration::from_secs(60));
    assert_eq!(client.scan().table_name("films").send().await.unwrap().count, 25);
}

#[tokio::test]
async fn a_write_that_meets_a_transaction_is_refused_until_that_is_finished() {
    let delay = Duration::from_secs(2);
    let (aws, client) = standing(MockAws::builder().dynamodb_transaction_delay(delay));
    create_films(&client, 1).await;
    let put = Put::builder().table_name("films").set_item(Some(film("Faust"))).build().unwrap();
    let transact = |token: &str| {
        let item = TransactWriteItem::builder().put(put.clone()).build();
        client.transact_write_items().transact_items(item).client_request_token(token).send()
    };
    transact("one").await.unwrap();
    let delete = || client.delete_item().table_name("films").set_key(Some(film("Faust"))).send();
    let error = delete().await.unwrap_err().into_service_error();
    assert!(error.is_transaction_conflict_exception(), "{error:?}");
    let TransactWriteItemsError::TransactionCanceledException(cancelled) =
        transact("other").await.unwrap_err().into_service_error()
    else {
        panic!("a transaction that meets another is cancelled")
    };
    assert_eq!(cancelled.cancellation_reasons()[0].code(), Some("TransactionConflict"));
    aws.clock().advance(delay);
    delete().await.unwrap();
}

#[tokio::test]
async fn a_repeated_transaction_is_waited_for() {
    let (aws, client) = standing(MockAws::builder().dynamodb_transaction_delay(Duration::from_millis(500)));
    create_films(&client, 1).await;
    let began = aws.clock().now();
    let put = Put::builder().table_name("films").set_item(Some(film("Faust"))).build().unwrap();
    let transact = || {
        let item = TransactWriteItem::builder().put(put.clone()).build();
        let retries = aws_sdk_dynamodb::config::Builder::new()
            .retry_config(RetryConfig::standard().with_max_attempts(20));
        let transact = client.transact_write_items().transact_items(item).client_request_token("token");
        transact.customize().config_override(retries).send()
    };
    transact().await.unwrap();
    transact().await.unwrap();
    let passed = aws.clock().now().duration_since(began).unwrap();
    assert!(passed >= Duration::from_millis(500), "{passed:?}");
}
