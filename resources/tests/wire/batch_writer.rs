//! The batch writer when DynamoDB leaves things unprocessed, throttles, or fails.

use std::error::Error as _;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use resources::{BatchWriteError, BatchWriter};
use session_core::{Error, ErrorKind};
use tokio::time::Instant;

use crate::scripted::{Answer, Asked, Scripted};

fn described() -> Answer {
    Answer::ok(
        r#"{"Table":{"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},{"AttributeName":"at","KeyType":"RANGE"}]}}"#,
    )
}

fn written() -> Answer {
    Answer::ok("{}")
}

/// Everything that was asked for is left unprocessed.
fn unprocessed(asked: &Asked) -> Answer {
    let items = asked.body.split_once(r#""RequestItems":"#).unwrap().1;
    Answer::ok(format!(r#"{{"UnprocessedItems":{items}"#))
}

fn item(id: usize) -> [(&'static str, AttributeValue); 2] {
    [("id", AttributeValue::S(format!("i{id}"))), ("at", AttributeValue::N("1".into()))]
}

async fn put(writer: &mut BatchWriter, ids: std::ops::Range<usize>) -> Result<(), Error> {
    for id in ids {
        writer.put_item(item(id)).await?;
    }
    Ok(())
}

#[tokio::test]
async fn items_go_twenty_five_a_request_and_the_schema_is_asked_for_once() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "DescribeTable" => described(),
        _ => written(),
    });
    let mut writer = aws.dynamodb().await.detach().table("orders").batch_writer();
    put(&mut writer, 0..60).await.unwrap();
    assert_eq!((aws.count("BatchWriteItem"), writer.unsent().len()), (2, 10));
    let summary = writer.finish().await.unwrap();
    assert_eq!((summary.put, summary.deleted, summary.requests, summary.retries), (60, 0, 3, 0));
    assert_eq!(aws.count("DescribeTable"), 1);
}

#[tokio::test]
async fn the_capacity_of_all_requests_is_summed() {
    let capacity = r#"{"ConsumedCapacity":[{"TableName":"orders","CapacityUnits":12.5}]}"#;
    let aws = Scripted::new(move |_| Answer::ok(capacity));
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..30).await.unwrap();
    assert_eq!(writer.finish().await.unwrap().consumed_capacity, 25.0);
    assert!(aws.asked().iter().all(|asked| asked.body.contains(r#""ReturnConsumedCapacity":"TOTAL""#)));
}

#[tokio::test]
async fn fewer_writes_go_in_a_request_if_so_said() {
    let aws = Scripted::new(|_| written());
    let dynamodb = aws.dynamodb().await;
    let writer = || dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    for (amount, requests) in [(1, 7), (3, 3), (25, 1)] {
        let before = aws.count("BatchWriteItem");
        let mut writer = writer().flush_amount(amount).unwrap();
        put(&mut writer, 0..7).await.unwrap();
        assert_eq!(writer.unsent().len(), 7 % amount, "as many wait as fill no request");
        assert_eq!(writer.finish().await.unwrap().put, 7);
        assert_eq!(aws.count("BatchWriteItem") - before, requests);
    }
    for wrong in [0, 26] {
        let error = writer().flush_amount(wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(&format!("flush_amount is {wrong}")), "{error}");
    }
}

#[tokio::test]
async fn the_last_write_of_a_key_wins() {
    let aws = Scripted::new(|_| written());
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..3).await.unwrap();
    let same = [("id", AttributeValue::S("i1".into())), ("at", AttributeValue::N("1.0".into()))];
    writer.delete_item(same).await.unwrap();
    let summary = writer.finish().await.unwrap();
    assert_eq!((summary.put, summary.deleted, summary.overwritten), (2, 1, 1));
    assert_eq!((aws.count("DescribeTable"), aws.count("BatchWriteItem")), (0, 1));
    assert!(aws.asked()[0].body.contains("DeleteRequest"));
}

#[tokio::test]
async fn no_key_names_at_all_mean_that_dynamodb_is_asked() {
    let aws = Scripted::new(|asked| match asked.operation() {
        "DescribeTable" => described(),
        _ => written(),
    });
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys([""; 0]);
    put(&mut writer, 0..3).await.unwrap();
    let summary = writer.finish().await.unwrap();
    assert_eq!((summary.put, summary.overwritten, aws.count("DescribeTable")), (3, 0, 1));
}

#[tokio::test]
async fn a_description_without_a_key_schema_is_an_error_and_nothing_is_taken() {
    let aws = Scripted::new(|_| Answer::ok(r#"{"Table":{}}"#));
    let mut writer = aws.dynamodb().await.detach().table("orders").batch_writer();
    let error = put(&mut writer, 0..1).await.unwrap_err();
    assert_eq!((error.kind(), error.operation()), (ErrorKind::Service, Some("DescribeTable")), "{error:?}");
    assert_eq!(error.message(), "the answer to DescribeTable has no key schema");
    assert_eq!((writer.unsent().len(), aws.count("BatchWriteItem")), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn unprocessed_items_are_sent_again_after_pauses() {
    let left = AtomicUsize::new(3);
    let aws = Scripted::new(move |asked| {
        let again = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if again { unprocessed(asked) } else { written() }
    });
    let mut writer =
        aws.dynamodb().await.detach().table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..5).await.unwrap();
    let summary = writer.finish().await.unwrap();
    assert_eq!((summary.put, summary.requests, summary.retries), (5, 4, 3));
}

#[tokio::test(start_paused = true)]
async fn what_is_never_processed_ends_in_an_error_with_the_items() {
    let aws = Scripted::new(unprocessed);
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]).max_attempts(6);
    put(&mut writer, 0..7).await.unwrap();
    let begun = Instant::now();
    let failed = writer.finish().await.unwrap_err();
    assert_eq!(aws.count("BatchWriteItem"), 6);
    assert!(
        begun.elapsed() < Duration::from_millis(50 + 100 + 200 + 400 + 800 + 100),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!((failed.error.kind(), failed.unsent.len()), (ErrorKind::Throttled, 7));
    assert_eq!(failed.unsent_items().next().unwrap()["id"], AttributeValue::S("i0".into()));
    assert!(!format!("{failed:?}").contains("i0"));
    let error = Error::from(failed);
    assert!(error.is_throttled() && error.to_string().contains("7 writes"), "{error}");
    let failed = error.source().unwrap().downcast_ref::<BatchWriteError>().unwrap();
    assert_eq!(failed.unsent.len(), 7);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_request_is_sent_again() {
    let left = AtomicUsize::new(4);
    let aws = Scripted::new(move |_| {
        let again = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if again { Answer::dynamodb_error("ProvisionedThroughputExceededException") } else { written() }
    });
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..5).await.unwrap();
    assert_eq!(writer.finish().await.unwrap().put, 5);
}

#[tokio::test(start_paused = true)]
async fn a_failed_flush_loses_nothing() {
    let left = AtomicUsize::new(1);
    let aws = Scripted::new(move |_| {
        let again = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok();
        if again { Answer::dynamodb_error("ResourceNotFoundException") } else { written() }
    });
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    let error = put(&mut writer, 0..25).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!(writer.unsent().len(), 25);
    put(&mut writer, 25..30).await.unwrap();
    assert_eq!(writer.finish().await.unwrap().put, 30);
}

#[tokio::test]
async fn a_dropped_flush_loses_nothing() {
    let silent = AtomicUsize::new(1);
    let aws = Scripted::new(move |_| match silent.fetch_min(0, Ordering::SeqCst) {
        1 => Answer::Silence,
        _ => written(),
    });
    let dynamodb = aws.dynamodb().await;
    let mut writer = dynamodb.table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..5).await.unwrap();
    tokio::select! {
        _ = writer.flush() => unreachable!("it is never answered"),
        () = aws.until_asked("BatchWriteItem", 1) => {}
    }
    assert_eq!(writer.unsent().len(), 5);
    assert_eq!(writer.finish().await.unwrap().put, 5);
}

#[tokio::test]
async fn a_dropped_writer_writes_nothing() {
    let aws = Scripted::new(|_| written());
    let mut writer =
        aws.dynamodb().await.detach().table("orders").batch_writer().overwrite_by_keys(["id", "at"]);
    put(&mut writer, 0..5).await.unwrap();
    drop(writer);
    assert!(aws.asked().is_empty());
}

#[tokio::test]
async fn an_item_without_its_key_is_not_taken() {
    let aws = Scripted::new(|_| described());
    let mut writer = aws.dynamodb().await.detach().table("orders").batch_writer();
    let error = writer.put_item([("id", AttributeValue::S("7".into()))]).await.unwrap_err();
    assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("`at`"), "{error}");
    assert_eq!(writer.unsent().len(), 0);
}
