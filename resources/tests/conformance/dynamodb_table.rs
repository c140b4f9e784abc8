//! Tables: made, described, listed, deleted, and what is refused.

use std::time::Duration;

use anyhow::ensure;
use aws_sdk_dynamodb::types::{
    BillingMode, KeyType, ProvisionedThroughput, ScalarAttributeType, TableStatus,
};
use session_core::ErrorKind;

use crate::case::{TestResult, cases, check};
use crate::world::{World, attribute, key, n, s};

cases! {
    a_new_table_is_described_as_it_was_asked_for,
    provisioned_throughput_is_described,
    creating_a_table_twice_says_it_is_in_use,
    a_missing_table_is_not_found,
    a_table_exists_until_it_is_deleted,
    a_table_that_is_deleted_is_told_as_deleting,
    an_attribute_that_no_key_uses_is_refused,
    a_key_without_its_attribute_definition_is_refused,
    a_table_name_of_two_characters_is_refused,
    the_tables_of_the_account_have_the_new_ones,
    a_table_can_be_named_by_its_arn,
    waiting_for_a_table_that_never_comes_times_out,
}

async fn a_new_table_is_described_as_it_was_asked_for(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let description = table.load().await?;
    ensure!(description.table_status() == Some(&TableStatus::Active), "{description:?}");
    ensure!(description.table_name() == Some(table.name()) && description.item_count() == Some(0));
    let arn = description.table_arn().unwrap_or_default();
    ensure!(
        arn.starts_with("arn:aws:dynamodb:") && arn.ends_with(&format!(":table/{}", table.name())),
        "{arn}"
    );
    let keys: Vec<_> =
        description.key_schema().iter().map(|key| (key.attribute_name(), key.key_type())).collect();
    ensure!(keys == [("customer", &KeyType::Hash), ("at", &KeyType::Range)], "{keys:?}");
    let index = &description.global_secondary_indexes()[0];
    ensure!(index.index_name() == Some("by-status") && index.key_schema().len() == 2, "{index:?}");
    let billing = description.billing_mode_summary().and_then(|summary| summary.billing_mode());
    ensure!(billing == Some(&BillingMode::PayPerRequest), "{billing:?}");
    Ok(())
}

async fn provisioned_throughput_is_described(world: World) -> TestResult {
    let table = world.no_table();
    let throughput =
        ProvisionedThroughput::builder().read_capacity_units(2).write_capacity_units(3).build()?;
    table
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::B)?)
        .key_schema(key("id", KeyType::Hash)?)
        .provisioned_throughput(throughput)
        .send()
        .await?;
    table.wait_until_exists(Duration::from_secs(180)).await?;
    let description = table.load().await?;
    let throughput = description
        .provisioned_throughput()
        .map(|units| (units.read_capacity_units(), units.write_capacity_units()));
    ensure!(throughput == Some((Some(2), Some(3))), "{description:?}");
    Ok(())
}

async fn creating_a_table_twice_says_it_is_in_use(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let again = table
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest);
    let message = format!("Table already exists: {}", table.name());
    world.check_message(
        again.send().await.unwrap_err(),
        ErrorKind::AlreadyExists,
        "ResourceInUseException",
        &message,
    )
}

async fn a_missing_table_is_not_found(world: World) -> TestResult {
    let table = world.no_table();
    let code = "ResourceNotFoundException";
    let message = format!("Requested resource not found: Table: {} not found", table.name());
    world.check_message(table.load().await.unwrap_err(), ErrorKind::NotFound, code, &message)?;
    world.check_message(table.delete().send().await.unwrap_err(), ErrorKind::NotFound, code, &message)?;
    let message = "Requested resource not found";
    let get = table.get_item().key("id", s("1"));
    world.check_message(get.send().await.unwrap_err(), ErrorKind::NotFound, code, message)?;
    let put = table.put_item().item("id", s("1"));
    world.check_message(put.send().await.unwrap_err(), ErrorKind::NotFound, code, message)?;
    check(table.scan().send().await.unwrap_err(), ErrorKind::NotFound, code)?;
    ensure!(!table.exists().await?);
    Ok(())
}

async fn a_table_exists_until_it_is_deleted(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    ensure!(table.exists().await?);
    table.delete().send().await?;
    table.wait_until_not_exists(Duration::from_secs(180)).await?;
    ensure!(!table.exists().await?);
    Ok(())
}

async fn a_table_that_is_deleted_is_told_as_deleting(world: World) -> TestResult {
    let deleted = world.fresh_table().await?.delete().send().await?;
    let status = deleted.table_description().and_then(|description| description.table_status());
    ensure!(status == Some(&TableStatus::Deleting), "{deleted:?}");
    Ok(())
}

async fn an_attribute_that_no_key_uses_is_refused(world: World) -> TestResult {
    let create = world
        .no_table()
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .attribute_definitions(attribute("colour", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest);
    check(create.send().await.unwrap_err(), ErrorKind::InvalidInput, "ValidationException")
}

async fn a_key_without_its_attribute_definition_is_refused(world: World) -> TestResult {
    let create = world
        .no_table()
        .create()
        .attribute_definitions(attribute("colour", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest);
    check(create.send().await.unwrap_err(), ErrorKind::InvalidInput, "ValidationException")
}

async fn a_table_name_of_two_characters_is_refused(world: World) -> TestResult {
    let create = world
        .dynamodb
        .table("ab")
        .create()
        .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
        .key_schema(key("id", KeyType::Hash)?)
        .billing_mode(BillingMode::PayPerRequest);
    check(create.send().await.unwrap_err(), ErrorKind::InvalidInput, "ValidationException")
}

async fn the_tables_of_the_account_have_the_new_ones(world: World) -> TestResult {
    let (first, second) = (world.fresh_table().await?, world.fresh_table().await?);
    let tables = world.dynamodb.tables().page_size(2).items().try_collect().await?;
    ensure!(tables.contains(&first) && tables.contains(&second), "{tables:?}");
    Ok(())
}

async fn a_table_can_be_named_by_its_arn(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let arn = table.load().await?.table_arn.unwrap_or_default();
    let by_arn = world.dynamodb.table(arn);
    by_arn.put_item().item("id", s("1")).item("n", n(1)).send().await?;
    let got = table.get_item().key("id", s("1")).send().await?;
    ensure!(got.item().is_some_and(|item| item["n"] == n(1)), "{got:?}");
    ensure!(by_arn.load().await?.table_name() == Some(table.name()));
    Ok(())
}

async fn waiting_for_a_table_that_never_comes_times_out(world: World) -> TestResult {
    let error = world.no_table().wait_until_exists(Duration::from_millis(1)).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::Timeout, "{error:?}");
    Ok(())
}
