//! Items as Rust values, there and back.

use std::collections::BTreeSet;

use anyhow::ensure;
use aws_sdk_dynamodb::types::{Put, ReturnValuesOnConditionCheckFailure, TransactWriteItem};
use resources::expression::{Attr, Key, WithCondition, WithKeyCondition};
use resources::item::{from_cancelled_transaction, from_failed_condition, to_item};
use serde::{Deserialize, Serialize};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases};
use crate::world::{World, n, s};

cases! {
    a_value_put_is_the_value_got,
    a_value_that_is_not_there_is_none,
    values_are_written_in_batches,
    a_query_yields_values_until_one_cannot_be_read,
    a_number_that_dynamodb_cannot_store_is_never_sent,
    the_item_in_the_way_of_a_condition_is_a_value,
    the_items_in_the_way_of_a_transaction_are_values,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Order {
    customer: String,
    at: u64,
    total: f64,
    note: Option<String>,
    lines: Vec<Line>,
    #[serde(with = "serde_dynamo::string_set", default, skip_serializing_if = "BTreeSet::is_empty")]
    tags: BTreeSet<String>,
}

#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
struct Line {
    article: String,
    price: f32,
}

#[derive(Serialize)]
struct OrderKey<'a> {
    customer: &'a str,
    at: u64,
}

fn order(at: u64) -> Order {
    Order {
        customer: "ada".into(),
        at,
        total: 0.1 + 0.2,
        note: None,
        lines: vec![Line { article: "ink".into(), price: 1.25 }],
        tags: BTreeSet::from(["new".to_owned()]),
    }
}

async fn a_value_put_is_the_value_got(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    table.put(&order(u64::MAX))?.send().await?;
    let got: Option<Order> = table.get(&OrderKey { customer: "ada", at: u64::MAX }).await?;
    ensure!(got == Some(order(u64::MAX)), "{got:?}");
    Ok(())
}

async fn a_value_that_is_not_there_is_none(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    ensure!(table.get::<Order>(&OrderKey { customer: "ada", at: 1 }).await?.is_none());
    Ok(())
}

async fn values_are_written_in_batches(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let mut writer = table.batch_writer();
    for at in 0..30 {
        writer.put(&order(at)).await?;
    }
    let summary = writer.finish().await?;
    ensure!(summary.put == 30 && summary.consumed_capacity >= 30.0, "{summary:?}");
    let found = table.query_items(|query| query.limit(7).key_condition(Key::new("customer").eq("ada")));
    ensure!(found.deserialize::<Order>().try_collect().await? == (0..30).map(order).collect::<Vec<_>>());
    Ok(())
}

async fn a_query_yields_values_until_one_cannot_be_read(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    for at in [1, 2, 4] {
        table.put(&order(at))?.send().await?;
    }
    table.put_item().item("customer", s("ada")).item("at", n(3)).item("total", s("dear")).send().await?;
    let found = table.query_items(|query| query.key_condition(Key::new("customer").eq("ada")));
    let mut found = found.deserialize::<Order>();
    ensure!(found.try_next().await? == Some(order(1)) && found.try_next().await? == Some(order(2)));
    let error = found.try_next().await.unwrap_err();
    ensure!(error.kind() == ErrorKind::Service, "{error:?}");
    ensure!(found.try_next().await?.is_none(), "the stream went on after its error");
    Ok(())
}

async fn a_number_that_dynamodb_cannot_store_is_never_sent(world: World) -> TestResult {
    let table = world.no_table();
    for total in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e200] {
        let error = table.put(&Order { total, ..order(1) }).unwrap_err();
        ensure!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("`total`"), "{error}");
        let mut writer = table.batch_writer();
        let error = writer.put(&Order { total, ..order(1) }).await.unwrap_err();
        ensure!(error.kind() == ErrorKind::InvalidInput && writer.unsent().len() == 0, "{error}");
    }
    Ok(())
}

async fn the_item_in_the_way_of_a_condition_is_a_value(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    table.put(&order(1))?.send().await?;
    let all_old = ReturnValuesOnConditionCheckFailure::AllOld;
    let put = || Ok::<_, Error>(table.put(&order(1))?.condition(Attr::new("at").not_exists()));
    let error = put()?.return_values_on_condition_check_failure(all_old.clone()).send().await.unwrap_err();
    ensure!(from_failed_condition(&error)? == Some(order(1)), "{error:?}");
    // The same, once it is our error, and of another operation.
    let update = table.update_item().set_key(Some(to_item(&OrderKey { customer: "ada", at: 1 })?));
    let update = update.update_expression("SET note = customer").condition(Attr::new("note").eq("new"));
    let update = update.return_values_on_condition_check_failure(all_old.clone());
    let error = Error::from(update.send().await.unwrap_err());
    ensure!(from_failed_condition(&error)? == Some(order(1)), "{error:?}");
    // An item of another kind is an error that names the attribute.
    let error = from_failed_condition::<OtherOrder>(&error).unwrap_err();
    ensure!(error.kind() == ErrorKind::Service && error.to_string().contains("`customer`"), "{error}");
    // Not asked for, or no failed condition.
    let error = put()?.send().await.unwrap_err();
    ensure!(from_failed_condition::<Order>(&error)?.is_none(), "{error:?}");
    let error = table.put_item().item("customer", s("ada")).send().await.unwrap_err();
    ensure!(from_failed_condition::<Order>(&error)?.is_none(), "{error:?}");
    ensure!(from_cancelled_transaction::<Order>(&error)?.is_empty(), "{error:?}");
    Ok(())
}

#[derive(Deserialize, Debug)]
struct OtherOrder {
    #[expect(dead_code, reason = "what cannot be read is not looked at")]
    customer: u32,
}

async fn the_items_in_the_way_of_a_transaction_are_values(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    table.put(&order(1))?.send().await?;
    table.put(&order(3))?.send().await?;
    let put = |at, shown: Option<_>| {
        let put = Put::builder().table_name(table.name()).set_item(Some(to_item(&order(at))?));
        let put = put.condition(Attr::new("at").not_exists());
        let put = put.set_return_values_on_condition_check_failure(shown).build()?;
        Ok::<_, Error>(TransactWriteItem::builder().put(put).build())
    };
    let all_old = || Some(ReturnValuesOnConditionCheckFailure::AllOld);
    let write = table.client().transact_write_items();
    let write = write.transact_items(put(1, all_old())?).transact_items(put(2, all_old())?);
    let error = Error::from(write.transact_items(put(3, None)?).send().await.unwrap_err());
    ensure!(from_cancelled_transaction(&error)? == [Some(order(1)), None, None], "{error:?}");
    Ok(())
}
