//! The batch get when DynamoDB leaves keys unprocessed, throttles, or fails.

use std::sync::atomic::{AtomicUsize, Ordering};

use aws_sdk_dynamodb::types::AttributeValue;
use resources::Item;
use serde_json::{Value, json};
use session_core::{Error, ErrorKind};

use crate::scripted::{Answer, Asked, Scripted};

fn keys(ids: std::ops::Range<usize>) -> impl Iterator<Item = [(&'static str, AttributeValue); 1]> {
    ids.map(|id| [("id", AttributeValue::S(format!("i{id}")))])
}

fn asked_keys(asked: &Asked) -> Vec<Value> {
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    body["RequestItems"]["orders"]["Keys"].as_array().unwrap().clone()
}

/// The items of the first `answered` keys; the others are left unprocessed.
fn answer(asked: &Asked, answered: usize) -> Answer {
    let keys = asked_keys(asked);
    let (found, left) = keys.split_at(answered.min(keys.len()));
    let left = if left.is_empty() { json!({}) } else { json!({"orders": {"Keys": left}}) };
    Answer::ok(json!({"Responses": {"orders": found}, "UnprocessedKeys": left}).to_string())
}

async fn read(aws: &Scripted, ids: std::ops::Range<usize>) -> Result<Vec<Item>, Error> {
    let table = aws.dynamodb().await.detach().table("orders");
    table.batch_get(keys(ids)).items().try_collect().await
}

#[tokio::test]
async fn keys_go_a_hundred_a_request() {
    let aws = Scripted::new(|asked| answer(asked, 100));
    assert_eq!(read(&aws, 0..250).await.unwrap().len(), 250);
    let sizes: Vec<_> = aws.asked().iter().map(|asked| asked_keys(asked).len()).collect();
    assert_eq!(sizes, [100, 100, 50]);
}

#[tokio::test]
async fn no_keys_are_no_request() {
    let aws = Scripted::new(|asked| answer(asked, 100));
    assert!(read(&aws, 0..0).await.unwrap().is_empty());
    assert_eq!(aws.count("BatchGetItem"), 0);
}

#[tokio::test(start_paused = true)]
async fn keys_left_unprocessed_are_asked_for_again() {
    let aws = Scripted::new(|asked| answer(asked, 7));
    let mut found = read(&aws, 0..30).await.unwrap();
    found.sort_unstable_by_key(|item| item["id"].as_s().unwrap()[1..].parse::<usize>().unwrap());
    let ids: Vec<_> = found.iter().map(|item| item["id"].as_s().unwrap().clone()).collect();
    assert_eq!(ids, (0..30).map(|id| format!("i{id}")).collect::<Vec<_>>());
    assert_eq!(aws.count("BatchGetItem"), 5);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_request_is_sent_again() {
    let left = AtomicUsize::new(4);
    let aws = Scripted::new(move |asked| {
        let again = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if again {
            Answer::dynamodb_error("ProvisionedThroughputExceededException")
        } else {
            answer(asked, 100)
        }
    });
    assert_eq!(read(&aws, 0..5).await.unwrap().len(), 5);
}

#[tokio::test(start_paused = true)]
async fn what_is_never_processed_ends_in_an_error() {
    let aws = Scripted::new(|asked| answer(asked, 0));
    let table = aws.dynamodb().await.detach().table("orders");
    let mut items = table.batch_get(keys(0..7)).max_attempts(3).items();
    let error = items.try_next().await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Throttled, Some("BatchGetItem")));
    assert!(error.to_string().contains("7 keys of table `orders`"), "{error}");
    assert_eq!(aws.count("BatchGetItem"), 3);
    assert!(items.try_next().await.unwrap().is_none(), "the stream went on after its error");
}

#[tokio::test]
async fn a_key_given_twice_is_asked_for_once() {
    let aws = Scripted::new(|asked| answer(asked, 100));
    let table = aws.dynamodb().await.detach().table("orders");
    let number = |text: &str| [("at", AttributeValue::N(text.into()))];
    let found = table.batch_get([number("1"), number("1.0"), number("2")]).items().try_collect().await;
    assert_eq!(found.unwrap().len(), 2);
}

#[tokio::test]
async fn a_key_that_can_be_none_is_refused_before_anything_is_sent() {
    let aws = Scripted::new(|asked| answer(asked, 100));
    let table = aws.dynamodb().await.detach().table("orders");
    let error = table.batch_get([[("id", AttributeValue::Bool(true))]]).items().try_next().await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("`id`"), "{error}");
    let none: [[(&str, AttributeValue); 0]; 1] = [[]];
    let error = table.batch_get(none).items().try_next().await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput, "{error}");
    assert_eq!(aws.count("BatchGetItem"), 0);
}

#[tokio::test]
async fn a_projection_goes_with_every_request() {
    let aws = Scripted::new(|asked| answer(asked, 3));
    let table = aws.dynamodb().await.detach().table("orders");
    let batch = table.batch_get(keys(0..5)).project(["id", "lines[0].price"]).consistent_read();
    batch.items().try_collect().await.unwrap();
    assert_eq!(aws.asked().len(), 2);
    for asked in aws.asked() {
        let body: Value = serde_json::from_str(&asked.body).unwrap();
        let orders = &body["RequestItems"]["orders"];
        assert_eq!(orders["ConsistentRead"], json!(true));
        assert_eq!(orders["ProjectionExpression"], json!("#n_0, #n_1[0].#n_2"));
        assert_eq!(
            orders["ExpressionAttributeNames"],
            json!({"#n_0": "id", "#n_1": "lines", "#n_2": "price"})
        );
    }
}
