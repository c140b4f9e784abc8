//! Expressions as values, with a real DynamoDB to read them.

use anyhow::ensure;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Put, ReturnValue, TransactWriteItem, Update as UpdateOf,
};
use resources::Table;
use resources::expression::{
    Attr, Condition, Key, KeyCondition, Update, WithCondition, WithFilter, WithKeyCondition, WithProjection,
    WithUpdate,
};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    a_query_finds_what_its_key_condition_says,
    a_filter_drops_what_it_does_not_hold_for,
    a_projection_returns_parts_of_items,
    a_condition_stops_a_write,
    an_update_changes_what_it_says,
    an_update_goes_with_the_caller_s_own_text,
    reserved_words_and_names_with_dots_are_attributes_as_any,
    a_transaction_takes_conditions_and_updates,
    a_scan_in_parallel_finds_every_item_once,
    a_scan_in_no_segments_is_refused,
}

fn attr(path: &str) -> Attr {
    Attr::new(path)
}

/// Items `1` to `6`, each of another kind.
async fn zoo(world: &World) -> Result<Table, Error> {
    let table = world.fresh_table().await?;
    let animals = [
        ("1", "name", s("ant")),
        ("2", "name", s("antelope")),
        ("3", "legs", n(4)),
        ("4", "legs", n(8)),
        ("5", "tags", AttributeValue::Ss(vec!["old".into(), "wild".into()])),
        ("6", "parts", AttributeValue::L(vec![s("head"), AttributeValue::M(item([("fur", n(3))]))])),
    ];
    let mut writer = table.batch_writer();
    for (id, name, value) in animals {
        writer.put_item([("id", s(id)), (name, value)]).await?;
    }
    writer.finish().await?;
    Ok(table)
}

async fn found(table: &Table, filter: Condition) -> anyhow::Result<String> {
    let found = table.scan_items(|scan| scan.consistent_read(true).filter(filter)).try_collect().await?;
    let mut ids: Vec<_> = found.iter().filter_map(|item| item["id"].as_s().ok().cloned()).collect();
    ids.sort_unstable();
    Ok(ids.concat())
}

async fn a_filter_drops_what_it_does_not_hold_for(world: World) -> TestResult {
    let table = zoo(&world).await?;
    let conditions = [
        (attr("name").eq("ant"), "1"),
        (attr("name").ne("ant") & attr("name").exists(), "2"),
        (attr("name").begins_with("ant"), "12"),
        (attr("legs").lt(8), "3"),
        (attr("legs").lte(8), "34"),
        (attr("legs").gt(4), "4"),
        (attr("legs").gte(4), "34"),
        (attr("legs").between(5, 9), "4"),
        (attr("legs").is_in([1, 4]), "3"),
        (attr("tags").contains("wild"), "5"),
        (attr("parts").contains("head"), "6"),
        (attr("tags").attribute_type("SS"), "5"),
        (attr("parts[1].fur").eq(3), "6"),
        (attr("name").size().gt(3), "2"),
        (attr("name").not_exists() & attr("legs").not_exists(), "56"),
        (attr("name").eq("ant") | attr("legs").eq(8) & attr("id").eq("4"), "14"),
        ((attr("name").eq("ant") | attr("legs").eq(8)) & attr("id").eq("4"), "4"),
        (!(attr("name").exists() | attr("legs").exists()), "56"),
        (attr("id").lt(attr("name")), "12"),
    ];
    for (condition, expected) in conditions {
        let ids = found(&table, condition.clone()).await?;
        ensure!(ids == expected, "{condition:?} found {ids}, not {expected}");
    }
    Ok(())
}

async fn a_query_finds_what_its_key_condition_says(world: World) -> TestResult {
    let table = world.fresh_orders().await?;
    let mut writer = table.batch_writer();
    for at in 1..=5 {
        writer.put_item([("customer", s("ada")), ("at", n(at)), ("even", n(at % 2))]).await?;
    }
    writer.put_item([("customer", s("bob")), ("at", n(1))]).await?;
    writer.finish().await?;
    let at = || Key::new("at");
    let conditions: [(Option<KeyCondition>, &[i32]); 7] = [
        (None, &[1, 2, 3, 4, 5]),
        (Some(at().eq(3)), &[3]),
        (Some(at().lt(3)), &[1, 2]),
        (Some(at().lte(3)), &[1, 2, 3]),
        (Some(at().gt(3)), &[4, 5]),
        (Some(at().gte(3)), &[3, 4, 5]),
        (Some(at().between(2, 4)), &[2, 3, 4]),
    ];
    for (condition, expected) in conditions {
        let mut whole = Key::new("customer").eq("ada");
        if let Some(condition) = condition {
            whole = whole & condition;
        }
        let found = table.query_items(|query| query.key_condition(whole)).try_collect().await?;
        let expected: Vec<_> = expected.iter().map(n).collect();
        ensure!(found.iter().map(|item| item["at"].clone()).collect::<Vec<_>>() == expected, "{found:?}");
    }
    let odd = table.query_items(|query| {
        query
            .key_condition_expression("customer = :customer")
            .expression_attribute_values(":customer", s("ada"))
            .key_condition(at().gt(1))
            .filter(attr("even").eq(1))
    });
    ensure!(odd.try_collect().await?.len() == 2);
    Ok(())
}

async fn a_projection_returns_parts_of_items(world: World) -> TestResult {
    let table = zoo(&world).await?;
    let got = table.get_item().key("id", s("6")).project(["id", "parts[1].fur"]).send().await?;
    let parts = AttributeValue::L(vec![AttributeValue::M(item([("fur", n(3))]))]);
    ensure!(got.item == Some(item([("id", s("6")), ("parts", parts)])), "{got:?}");
    Ok(())
}

async fn a_condition_stops_a_write(world: World) -> TestResult {
    let table = zoo(&world).await?;
    let put = || table.put_item().item("id", s("1"));
    let error = put().condition(attr("id").not_exists()).send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "ConditionalCheckFailedException")?;
    let error = put().condition(attr("id").exists()).condition(attr("name").eq("bee")).send().await;
    check(error.unwrap_err(), ErrorKind::ConditionFailed, "ConditionalCheckFailedException")?;
    put().condition(attr("name").begins_with("a")).send().await?;
    let delete = table.delete_item().key("id", s("3")).condition(attr("legs").gt(4)).send().await;
    check(delete.unwrap_err(), ErrorKind::ConditionFailed, "ConditionalCheckFailedException")
}

async fn an_update_changes_what_it_says(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let before = [("id", s("1")), ("n", n(1)), ("old", n(0)), ("log", AttributeValue::L(vec![s("a")]))];
    let tags = |tags: &[&str]| AttributeValue::Ss(tags.iter().map(|&tag| tag.to_owned()).collect());
    table.put_item().set_item(Some(item(before))).item("tags", tags(&["x", "y"])).send().await?;
    let update = Update::new()
        .set("status", "open")
        .set("n", attr("n").plus(2))
        .set("seen", attr("seen").if_not_exists(10).minus(1))
        .set("log", attr("log").append(AttributeValue::L(vec![s("b")])))
        .remove("old")
        .add("visits", 5)
        .delete("tags", tags(&["x"]));
    let updated = table.update_item().key("id", s("1")).update(update).return_values(ReturnValue::AllNew);
    let after = item([
        ("id", s("1")),
        ("status", s("open")),
        ("n", n(3)),
        ("seen", n(9)),
        ("log", AttributeValue::L(vec![s("a"), s("b")])),
        ("visits", n(5)),
        ("tags", tags(&["y"])),
    ]);
    let updated = updated.send().await?;
    ensure!(updated.attributes == Some(after), "{updated:?}");
    Ok(())
}

/// boto3 overwrites the caller's `#n0` and `:v0` here.
async fn an_update_goes_with_the_caller_s_own_text(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    table.put_item().item("id", s("1")).item("state", s("open")).send().await?;
    let updated = table
        .update_item()
        .key("id", s("1"))
        .update_expression("SET #n_0 = :v_0, #n0 = :v0")
        .expression_attribute_names("#n_0", "first")
        .expression_attribute_names("#n0", "second")
        .expression_attribute_values(":v_0", n(1))
        .expression_attribute_values(":v0", n(2))
        .update(Update::new().set("third", 3).remove("state"))
        .condition(attr("state").eq("open"))
        .return_values(ReturnValue::AllNew)
        .send()
        .await?;
    let after = item([("id", s("1")), ("first", n(1)), ("second", n(2)), ("third", n(3))]);
    ensure!(updated.attributes == Some(after), "{updated:?}");
    Ok(())
}

async fn reserved_words_and_names_with_dots_are_attributes_as_any(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let update = Update::new().set("status", "open").set("size", 1).set(Attr::literal("a.b[0]"), 2);
    table.update_item().key("id", s("1")).update(update).send().await?;
    let ids = found(&table, attr("status").eq("open") & Attr::literal("a.b[0]").eq(2) & attr("size").eq(1));
    ensure!(ids.await? == "1");
    Ok(())
}

async fn a_transaction_takes_conditions_and_updates(world: World) -> TestResult {
    let table = zoo(&world).await?;
    let name = table.name();
    let put =
        Put::builder().table_name(name).item("id", s("7")).condition(attr("id").not_exists()).build()?;
    let update = UpdateOf::builder().table_name(name).key("id", s("3"));
    let update = update.update(Update::new().add("legs", 1)).condition(attr("legs").eq(4)).build()?;
    let there = |legs: i32| {
        let check = ConditionCheck::builder().table_name(name).key("id", s("4"));
        check.condition(attr("legs").eq(legs)).build()
    };
    let write = |legs: i32| {
        let parts = [
            TransactWriteItem::builder().put(put.clone()).build(),
            TransactWriteItem::builder().update(update.clone()).build(),
            TransactWriteItem::builder().condition_check(there(legs)?).build(),
        ];
        Ok::<_, Error>(table.client().transact_write_items().set_transact_items(Some(parts.into())))
    };
    let error = write(7)?.send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "TransactionCanceledException")?;
    write(8)?.send().await?;
    ensure!(found(&table, attr("legs").eq(5) | attr("id").eq("7")).await? == "37");
    Ok(())
}

async fn a_scan_in_parallel_finds_every_item_once(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let mut writer = table.batch_writer();
    for id in 0..90 {
        writer.put_item([("id", s(format!("{id:02}")))]).await?;
    }
    writer.finish().await?;
    for segments in [1, 4, 7] {
        let scan = table.parallel_scan_items(segments, |scan| scan.limit(5).consistent_read(true));
        let mut ids: Vec<_> =
            scan.try_collect().await?.iter().filter_map(|item| item["id"].as_s().ok().cloned()).collect();
        ids.sort_unstable();
        ensure!(ids == (0..90).map(|id| format!("{id:02}")).collect::<Vec<_>>(), "{segments}: {ids:?}");
    }
    Ok(())
}

async fn a_scan_in_no_segments_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let error = table.parallel_scan_items(0, |scan| scan).try_next().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "ValidationException")
}
