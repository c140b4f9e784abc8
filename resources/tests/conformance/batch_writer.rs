//! The batch writer, with a real DynamoDB at the other end, and the batch operation under it.

use anyhow::ensure;
use aws_sdk_dynamodb::types::{PutRequest, WriteRequest};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    many_items_are_written_and_found_again,
    puts_and_deletes_go_together,
    the_last_write_of_a_key_wins,
    keys_of_two_attributes_are_found_in_the_schema,
    a_missing_table_is_told_at_the_first_write,
    an_item_that_dynamodb_refuses_stays_with_the_others,
    a_key_twice_in_one_request_is_refused,
    more_than_25_writes_in_one_request_are_refused,
    a_collection_can_be_emptied,
}

async fn many_items_are_written_and_found_again(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    for id in 0..120 {
        writer.put_item([("id", s(format!("{id:03}"))), ("n", n(id))]).await?;
    }
    let summary = writer.finish().await?;
    ensure!(summary.put == 120 && summary.deleted == 0 && summary.overwritten == 0, "{summary:?}");
    let mut found = table.scan_items(|scan| scan.limit(50)).try_collect().await?;
    found.sort_unstable_by_key(|item| item["id"].as_s().cloned().unwrap_or_default());
    ensure!(found.len() == 120 && found[77] == item([("id", s("077")), ("n", n(77))]), "{}", found.len());
    Ok(())
}

async fn puts_and_deletes_go_together(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    table.put_item().item("id", s("old")).send().await?;
    let mut writer = table.batch_writer();
    writer.put_item([("id", s("new"))]).await?;
    writer.delete_item([("id", s("old"))]).await?;
    let summary = writer.finish().await?;
    ensure!((summary.put, summary.deleted, summary.requests) == (1, 1, 1), "{summary:?}");
    ensure!(table.scan_items(|scan| scan).try_collect().await? == [item([("id", s("new"))])]);
    Ok(())
}

async fn the_last_write_of_a_key_wins(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    for round in 0..3 {
        writer.put_item([("id", s("1")), ("round", n(round))]).await?;
    }
    writer.put_item([("id", s("2"))]).await?;
    writer.delete_item([("id", s("2"))]).await?;
    let summary = writer.finish().await?;
    ensure!((summary.put, summary.deleted, summary.overwritten) == (1, 1, 3), "{summary:?}");
    let found = table.scan_items(|scan| scan).try_collect().await?;
    ensure!(found == [item([("id", s("1")), ("round", n(2))])], "{found:?}");
    Ok(())
}

async fn keys_of_two_attributes_are_found_in_the_schema(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let mut writer = table.batch_writer();
    for at in ["1", "2", "1.0", "20e-1"] {
        writer.put_item([("customer", s("ada")), ("at", n(at)), ("as", s(at))]).await?;
    }
    ensure!(writer.finish().await?.overwritten == 2);
    let found = table.scan_items(|scan| scan).try_collect().await?;
    ensure!(found.len() == 2 && found[0]["as"] == s("1.0"), "{found:?}");
    Ok(())
}

async fn a_missing_table_is_told_at_the_first_write(world: World) -> TestResult {
    let mut writer = world.no_table().batch_writer();
    let error = writer.put_item([("id", s("1"))]).await.unwrap_err();
    check(error, ErrorKind::NotFound, "ResourceNotFoundException")?;
    ensure!(writer.unsent().len() == 0);
    Ok(())
}

async fn an_item_that_dynamodb_refuses_stays_with_the_others(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    writer.put_item([("id", s("1"))]).await?;
    writer.put_item([("id", s("2")), ("n", n("not a number"))]).await?;
    let error = writer.flush().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "ValidationException")?;
    ensure!(writer.unsent().len() == 2);
    writer.put_item([("id", s("2")), ("n", n(2))]).await?;
    ensure!(writer.finish().await?.put == 2);
    ensure!(table.scan_items(|scan| scan).try_collect().await?.len() == 2);
    Ok(())
}

fn puts(ids: impl IntoIterator<Item = u32>) -> Result<Vec<WriteRequest>, Error> {
    let put = |id: u32| {
        let put = PutRequest::builder().item("id", s(id.to_string())).build()?;
        Ok(WriteRequest::builder().put_request(put).build())
    };
    ids.into_iter().map(put).collect()
}

async fn a_key_twice_in_one_request_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let write = table.client().batch_write_item().request_items(table.name(), puts([1, 2, 1])?);
    let message = "Provided list of item keys contains duplicates";
    world.check_message(
        write.send().await.unwrap_err(),
        ErrorKind::InvalidInput,
        "ValidationException",
        message,
    )
}

async fn more_than_25_writes_in_one_request_are_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let write = table.client().batch_write_item().request_items(table.name(), puts(0..26)?);
    check(write.send().await.unwrap_err(), ErrorKind::InvalidInput, "ValidationException")?;
    ensure!(table.scan_items(|scan| scan).try_next().await?.is_none());
    Ok(())
}

async fn a_collection_can_be_emptied(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    for id in 0..40 {
        writer.put_item([("id", s(id.to_string()))]).await?;
    }
    writer.flush().await?;
    let mut items = table.scan_items(|scan| scan.projection_expression("id").limit(15));
    while let Some(key) = items.try_next().await? {
        writer.delete_item(key).await?;
    }
    let summary = writer.finish().await?;
    ensure!((summary.put, summary.deleted) == (40, 40), "{summary:?}");
    ensure!(table.scan_items(|scan| scan).try_next().await?.is_none());
    Ok(())
}
