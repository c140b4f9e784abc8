//! Reading many items by their keys, with a real DynamoDB at the other end.

use anyhow::ensure;
use resources::expression::Attr;
use session_core::ErrorKind;

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    the_items_of_many_keys_are_found,
    more_than_sixteen_megabytes_come_in_pieces,
    a_projection_returns_parts_of_the_items,
    a_table_that_is_missing_is_told,
    a_key_that_the_table_has_not_is_refused,
}

async fn the_items_of_many_keys_are_found(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    for id in 0..230 {
        writer.put_item([("id", s(format!("{id:03}"))), ("n", n(id))]).await?;
    }
    writer.finish().await?;
    // The last twenty are not there, and one is asked for twice.
    let keys = (0..250).chain([7]).map(|id| [("id", s(format!("{id:03}")))]);
    let mut found = table.batch_get(keys).consistent_read().items().try_collect().await?;
    found.sort_unstable_by_key(|item| item["id"].as_s().cloned().unwrap_or_default());
    ensure!(found.len() == 230 && found[229] == item([("id", s("229")), ("n", n(229))]), "{}", found.len());
    Ok(())
}

async fn more_than_sixteen_megabytes_come_in_pieces(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    for id in 0..60 {
        table.put_item().item("id", s(id.to_string())).item("fill", s("x".repeat(390_000))).send().await?;
    }
    let keys = (0..60).map(|id| [("id", s(id.to_string()))]);
    let found = table.batch_get(keys).items().try_collect().await?;
    ensure!(found.len() == 60, "{}", found.len());
    Ok(())
}

async fn a_projection_returns_parts_of_the_items(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    table.put_item().item("id", s("1")).item("size", n(1)).item("rest", n(2)).send().await?;
    let found =
        table.batch_get([[("id", s("1"))]]).project([Attr::new("size")]).items().try_collect().await?;
    ensure!(found == [item([("size", n(1))])], "{found:?}");
    Ok(())
}

async fn a_table_that_is_missing_is_told(world: World) -> TestResult {
    let error = world.no_table().batch_get([[("id", s("1"))]]).items().try_next().await.unwrap_err();
    check(error, ErrorKind::NotFound, "ResourceNotFoundException")
}

async fn a_key_that_the_table_has_not_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let error = table.batch_get([[("key", s("1"))]]).items().try_next().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "ValidationException")
}
