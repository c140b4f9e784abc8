//! Items: written, read, updated, conditions, numbers, transactions, and what is refused.

use std::collections::HashMap;

use anyhow::ensure;
use aws_sdk_dynamodb::operation::put_item::PutItemError;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsError;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::{
    AttributeValue, ConditionCheck, Get, KeysAndAttributes, Put, ReturnConsumedCapacity, ReturnValue,
    ReturnValuesOnConditionCheckFailure, TransactGetItem, TransactWriteItem, Update,
};
use resources::{Item, Table};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    every_type_of_attribute_comes_back_as_it_was_put,
    a_missing_item_is_an_answer_without_an_item,
    putting_again_replaces_the_whole_item,
    a_write_can_return_the_old_item,
    put_if_absent_fails_on_an_item_that_is_there,
    a_failed_condition_can_return_the_item,
    put_if_absent_has_one_winner,
    deleting_a_missing_item_succeeds,
    a_delete_with_a_condition_deletes_only_then,
    an_update_of_a_missing_item_makes_it,
    an_update_sets_removes_adds_and_deletes,
    set_reads_the_item_as_it_was_before,
    an_update_returns_what_it_was_asked_to,
    concurrent_additions_are_all_counted,
    a_nested_attribute_is_set_by_its_path,
    a_list_element_beyond_the_end_is_appended,
    a_projection_returns_only_those_paths,
    numbers_of_38_digits_are_exact,
    numbers_lose_their_redundant_zeros,
    a_number_of_39_digits_is_refused,
    a_number_out_of_range_is_refused,
    an_empty_string_is_a_value_but_no_key,
    an_empty_set_is_refused,
    a_set_with_duplicates_is_refused,
    an_item_without_its_key_is_refused,
    a_key_of_another_type_is_refused,
    a_key_with_another_attribute_is_refused,
    a_key_attribute_cannot_be_updated,
    a_reserved_word_needs_a_placeholder,
    an_unused_placeholder_is_refused,
    an_undefined_placeholder_is_refused,
    a_malformed_expression_is_refused,
    overlapping_paths_are_refused,
    adding_to_a_string_is_refused,
    an_item_of_more_than_400_kb_is_refused,
    conditions_compare_size_type_and_membership,
    values_of_different_types_are_never_in_order,
    a_transaction_writes_all_or_nothing,
    a_transaction_tells_each_reason,
    a_transaction_names_an_item_only_once,
    a_transaction_reads_several_items,
    a_batch_get_returns_what_is_there,
    consumed_capacity_is_told_when_asked_for,
}

const REFUSED: &str = "ValidationException";

async fn get(table: &Table, id: &str) -> Result<Option<Item>, Error> {
    Ok(table.get_item().key("id", s(id)).consistent_read(true).send().await?.item)
}

async fn put<const LEN: usize>(
    table: &Table,
    attributes: [(&str, AttributeValue); LEN],
) -> Result<(), Error> {
    table.put_item().set_item(Some(item(attributes))).send().await?;
    Ok(())
}

async fn every_type_of_attribute_comes_back_as_it_was_put(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let bytes = || Blob::new([0, 255, 7]);
    let put = item([
        ("id", s("1")),
        ("text", s("é 🎬")),
        ("number", n("-12.5")),
        ("bytes", AttributeValue::B(bytes())),
        ("yes", AttributeValue::Bool(true)),
        ("nothing", AttributeValue::Null(true)),
        ("list", AttributeValue::L(vec![n(1), s("two"), AttributeValue::L(Vec::new())])),
        ("map", AttributeValue::M(HashMap::from([("inner".into(), AttributeValue::M(HashMap::new()))]))),
        ("texts", AttributeValue::Ss(vec!["a".into()])),
        ("numbers", AttributeValue::Ns(vec!["1".into()])),
        ("blobs", AttributeValue::Bs(vec![bytes()])),
    ]);
    table.put_item().set_item(Some(put.clone())).send().await?;
    ensure!(get(&table, "1").await? == Some(put));
    Ok(())
}

async fn a_missing_item_is_an_answer_without_an_item(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    ensure!(get(&table, "ghost").await?.is_none());
    Ok(())
}

async fn putting_again_replaces_the_whole_item(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1))]).await?;
    put(&table, [("id", s("1")), ("b", n(2))]).await?;
    ensure!(get(&table, "1").await? == Some(item([("id", s("1")), ("b", n(2))])));
    Ok(())
}

async fn a_write_can_return_the_old_item(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let old = [("id", s("1")), ("a", n(1))];
    let put = || table.put_item().item("id", s("1")).item("a", n(1)).return_values(ReturnValue::AllOld);
    ensure!(put().send().await?.attributes().is_none());
    ensure!(put().send().await?.attributes == Some(item(old.clone())));
    let deleted = table.delete_item().key("id", s("1")).return_values(ReturnValue::AllOld).send().await?;
    ensure!(deleted.attributes == Some(item(old)), "{deleted:?}");
    ensure!(get(&table, "1").await?.is_none());
    Ok(())
}

async fn put_if_absent_fails_on_an_item_that_is_there(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = || table.put_item().item("id", s("1")).condition_expression("attribute_not_exists(id)");
    put().send().await?;
    let message = "The conditional request failed";
    let error = put().item("late", n(1)).send().await.unwrap_err();
    world.check_message(error, ErrorKind::ConditionFailed, "ConditionalCheckFailedException", message)?;
    ensure!(get(&table, "1").await? == Some(item([("id", s("1"))])));
    Ok(())
}

async fn a_failed_condition_can_return_the_item(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1))]).await?;
    let put = table
        .put_item()
        .item("id", s("1"))
        .condition_expression("attribute_not_exists(id)")
        .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
    let PutItemError::ConditionalCheckFailedException(failed) =
        put.send().await.unwrap_err().into_service_error()
    else {
        anyhow::bail!("another error")
    };
    ensure!(failed.item() == Some(&item([("id", s("1")), ("a", n(1))])), "{failed:?}");
    Ok(())
}

async fn put_if_absent_has_one_winner(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let claims = (0..8).map(|by| {
        let put = table.put_item().item("id", s("throne")).item("by", n(by));
        let claim = put.condition_expression("attribute_not_exists(id)").send();
        async move { claim.await.map(|_| by).map_err(Error::from) }
    });
    let outcomes = futures_util::future::join_all(claims).await;
    let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    ensure!(winners.len() == 1, "{outcomes:?}");
    ensure!(outcomes.iter().all(|outcome| outcome.as_ref().err().is_none_or(Error::is_condition_failed)));
    ensure!(get(&table, "throne").await? == Some(item([("id", s("throne")), ("by", n(winners[0]))])));
    Ok(())
}

async fn deleting_a_missing_item_succeeds(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let deleted = table.delete_item().key("id", s("ghost")).return_values(ReturnValue::AllOld).send().await?;
    ensure!(deleted.attributes().is_none(), "{deleted:?}");
    Ok(())
}

async fn a_delete_with_a_condition_deletes_only_then(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("stock", n(1))]).await?;
    let delete = || {
        let delete = table.delete_item().key("id", s("1")).condition_expression("stock = :none");
        delete.expression_attribute_values(":none", n(0))
    };
    let error = delete().send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "ConditionalCheckFailedException")?;
    put(&table, [("id", s("1")), ("stock", n(0))]).await?;
    delete().send().await?;
    ensure!(get(&table, "1").await?.is_none());
    Ok(())
}

async fn an_update_of_a_missing_item_makes_it(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let update = table.update_item().key("id", s("1")).update_expression("SET a = :a ADD visits :one");
    let update = update.expression_attribute_values(":a", s("x")).expression_attribute_values(":one", n(1));
    update.send().await?;
    ensure!(get(&table, "1").await? == Some(item([("id", s("1")), ("a", s("x")), ("visits", n(1))])));
    Ok(())
}

async fn an_update_sets_removes_adds_and_deletes(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let colours =
        |colours: &[&str]| AttributeValue::Ss(colours.iter().map(|&colour| colour.into()).collect());
    put(
        &table,
        [
            ("id", s("1")),
            ("stock", n(5)),
            ("ledger", AttributeValue::L(vec![s("made")])),
            ("legacy", n(1)),
            ("colours", colours(&["red", "green"])),
            ("tags", colours(&["a"])),
        ],
    )
    .await?;
    table
        .update_item()
        .key("id", s("1"))
        .update_expression(
            "SET stock = stock - :two, ledger = list_append(ledger, :sold), since = if_not_exists(since, :now) \
             REMOVE legacy ADD tags :b DELETE colours :green",
        )
        .expression_attribute_values(":two", n(2))
        .expression_attribute_values(":sold", AttributeValue::L(vec![s("sold")]))
        .expression_attribute_values(":now", n(7))
        .expression_attribute_values(":b", colours(&["b"]))
        .expression_attribute_values(":green", colours(&["green"]))
        .send()
        .await?;
    let mut got = get(&table, "1").await?.unwrap_or_default();
    if let Some(AttributeValue::Ss(tags)) = got.get_mut("tags") {
        tags.sort_unstable();
    }
    let expected = item([
        ("id", s("1")),
        ("stock", n(3)),
        ("ledger", AttributeValue::L(vec![s("made"), s("sold")])),
        ("since", n(7)),
        ("colours", colours(&["red"])),
        ("tags", colours(&["a", "b"])),
    ]);
    ensure!(got == expected, "{got:?}");
    Ok(())
}

async fn set_reads_the_item_as_it_was_before(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1)), ("b", n(2))]).await?;
    table.update_item().key("id", s("1")).update_expression("SET a = b, b = a").send().await?;
    ensure!(get(&table, "1").await? == Some(item([("id", s("1")), ("a", n(2)), ("b", n(1))])));
    Ok(())
}

async fn an_update_returns_what_it_was_asked_to(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1)), ("b", n(1))]).await?;
    for (asked, expected) in [
        (ReturnValue::UpdatedOld, item([("a", n(1))])),
        (ReturnValue::UpdatedNew, item([("a", n(3))])),
        (ReturnValue::AllOld, item([("id", s("1")), ("a", n(3)), ("b", n(1))])),
        (ReturnValue::AllNew, item([("id", s("1")), ("a", n(5)), ("b", n(1))])),
    ] {
        let update = table.update_item().key("id", s("1")).update_expression("ADD a :one");
        let update = update.expression_attribute_values(":one", n(1)).return_values(asked.clone());
        let updated = update.send().await?;
        ensure!(updated.attributes == Some(expected), "{asked:?}: {updated:?}");
    }
    Ok(())
}

async fn concurrent_additions_are_all_counted(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let additions = (0..20).map(|_| {
        let update = table.update_item().key("id", s("1")).update_expression("ADD visits :one");
        update.expression_attribute_values(":one", n(1)).send()
    });
    for addition in futures_util::future::join_all(additions).await {
        addition?;
    }
    ensure!(get(&table, "1").await?.is_some_and(|item| item["visits"] == n(20)));
    Ok(())
}

async fn a_nested_attribute_is_set_by_its_path(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let address = AttributeValue::M(HashMap::from([("street.name".into(), s("old"))]));
    put(&table, [("id", s("1")), ("address", address)]).await?;
    let update = || table.update_item().key("id", s("1")).expression_attribute_values(":new", s("new"));
    let named = update().update_expression("SET address.#street = :new");
    named.expression_attribute_names("#street", "street.name").send().await?;
    let got = get(&table, "1").await?.unwrap_or_default();
    ensure!(
        got["address"] == AttributeValue::M(HashMap::from([("street.name".into(), s("new"))])),
        "{got:?}"
    );
    let error = update().update_expression("SET nowhere.town = :new").send().await.unwrap_err();
    let message = "The document path provided in the update expression is invalid for update";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_list_element_beyond_the_end_is_appended(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("l", AttributeValue::L(vec![n(0), n(1)]))]).await?;
    let update = table.update_item().key("id", s("1")).update_expression("SET l[9] = :x REMOVE l[0]");
    update.expression_attribute_values(":x", n(9)).send().await?;
    let got = get(&table, "1").await?.unwrap_or_default();
    ensure!(got["l"] == AttributeValue::L(vec![n(1), n(9)]), "{got:?}");
    Ok(())
}

async fn a_projection_returns_only_those_paths(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let map = AttributeValue::M(HashMap::from([("x".into(), n(1)), ("y".into(), n(2))]));
    put(&table, [("id", s("1")), ("m", map), ("l", AttributeValue::L(vec![n(1), n(2), n(3)])), ("z", n(1))])
        .await?;
    let get = table.get_item().key("id", s("1")).projection_expression("m.y, l[0], l[2], ghost");
    let got = get.send().await?.item.unwrap_or_default();
    let expected = item([
        ("m", AttributeValue::M(HashMap::from([("y".into(), n(2))]))),
        ("l", AttributeValue::L(vec![n(1), n(3)])),
    ]);
    ensure!(got == expected, "{got:?}");
    Ok(())
}

async fn numbers_of_38_digits_are_exact(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    for number in [
        "12345678901234567890123456789012345678",
        "-99999999999999999999999999999999999999",
        "0.00000000000000000000000000000000000001",
        "1.2345678901234567890123456789012345678",
    ] {
        put(&table, [("id", s("1")), ("n", n(number))]).await?;
        let got = get(&table, "1").await?.unwrap_or_default();
        ensure!(got["n"] == n(number), "{number}: {got:?}");
    }
    let update = table.update_item().key("id", s("1")).update_expression("SET n = :big + :one");
    let update = update.expression_attribute_values(":big", n("12345678901234567890123456789012345678"));
    update.expression_attribute_values(":one", n(1)).send().await?;
    let got = get(&table, "1").await?.unwrap_or_default();
    ensure!(got["n"] == n("12345678901234567890123456789012345679"), "{got:?}");
    Ok(())
}

async fn numbers_lose_their_redundant_zeros(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    for (put_as, comes_as) in
        [("1.50", "1.5"), ("0042", "42"), ("1E2", "100"), ("-0", "0"), ("5e-3", "0.005")]
    {
        put(&table, [("id", s("1")), ("n", n(put_as))]).await?;
        let got = get(&table, "1").await?.unwrap_or_default();
        ensure!(got["n"] == n(comes_as), "{put_as}: {got:?}");
    }
    Ok(())
}

/// How a write reports that something is wrong with its request.
fn one(message: &str) -> String {
    format!("1 validation error detected: {message}")
}

async fn a_number_of_39_digits_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = table.put_item().item("id", s("1")).item("n", n("123456789012345678901234567890123456789"));
    let message = "Attempting to store more than 38 significant digits in a Number";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn a_number_out_of_range_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = |number| table.put_item().item("id", s("1")).item("n", n(number));
    put("9.9E125").send().await?;
    put("1E-130").send().await?;
    let message = "Number overflow. Attempting to store a number with magnitude larger than supported range";
    world.check_message(
        put("1E126").send().await.unwrap_err(),
        ErrorKind::InvalidInput,
        REFUSED,
        &one(message),
    )?;
    let message =
        "Number underflow. Attempting to store a number with magnitude smaller than supported range";
    world.check_message(
        put("1E-131").send().await.unwrap_err(),
        ErrorKind::InvalidInput,
        REFUSED,
        &one(message),
    )?;
    check(put("Infinity").send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED)
}

async fn an_empty_string_is_a_value_but_no_key(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("text", s(""))]).await?;
    ensure!(get(&table, "1").await?.is_some_and(|item| item["text"] == s("")));
    let error = table.put_item().item("id", s("")).send().await.unwrap_err();
    let message = "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain \
                   an empty string value. Key: id";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn an_empty_set_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = table.put_item().item("id", s("1")).item("set", AttributeValue::Ss(Vec::new()));
    let message = "One or more parameter values were invalid: An string set  may not be empty";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn a_set_with_duplicates_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let set = AttributeValue::Ss(vec!["a".into(), "a".into()]);
    let put = table.put_item().item("id", s("1")).item("set", set);
    let message =
        "One or more parameter values were invalid: Input collection [\"a\", \"a\"] contains duplicates.";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn an_item_without_its_key_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let error = table.put_item().item("a", s("1")).send().await.unwrap_err();
    let message = "One or more parameter values were invalid: Missing the key id in the item";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_key_of_another_type_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let error = table.put_item().item("id", n(1)).send().await.unwrap_err();
    let message = "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)?;
    let error = table.get_item().key("id", n(1)).send().await.unwrap_err();
    world.check_message(
        error,
        ErrorKind::InvalidInput,
        REFUSED,
        "The provided key element does not match the schema",
    )
}

async fn a_key_with_another_attribute_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let message = "The provided key element does not match the schema";
    let error = table.get_item().key("id", s("1")).key("at", n(1)).send().await.unwrap_err();
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)?;
    let error = table.delete_item().key("other", s("1")).send().await.unwrap_err();
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_key_attribute_cannot_be_updated(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let update = table.update_item().key("id", s("1")).update_expression("SET id = :id");
    let error = update.expression_attribute_values(":id", s("2")).send().await.unwrap_err();
    let message = "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_reserved_word_needs_a_placeholder(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let update = || table.update_item().key("id", s("1")).expression_attribute_values(":v", s("new"));
    let error = update().update_expression("SET status = :v").send().await.unwrap_err();
    let message = "Invalid UpdateExpression: Attribute name is a reserved keyword; reserved keyword: status";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))?;
    let named =
        update().update_expression("SET #status = :v").expression_attribute_names("#status", "status");
    named.send().await?;
    ensure!(get(&table, "1").await?.is_some_and(|item| item["status"] == s("new")));
    Ok(())
}

async fn an_unused_placeholder_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = || table.put_item().item("id", s("1")).condition_expression("attribute_not_exists(id)");
    let error = put().expression_attribute_values(":spare", n(1)).send().await.unwrap_err();
    let message = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:spare}";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))?;
    let error = put().expression_attribute_names("#spare", "a").send().await.unwrap_err();
    let message = "Value provided in ExpressionAttributeNames unused in expressions: keys: {#spare}";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn an_undefined_placeholder_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = |condition: &str| table.put_item().item("id", s("1")).condition_expression(condition);
    let error = put("a = :ghost").send().await.unwrap_err();
    let message = "Invalid ConditionExpression: An expression attribute value used in expression is not defined; \
                   attribute value: :ghost";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))?;
    let error = put("attribute_exists(#ghost)").send().await.unwrap_err();
    let message = "Invalid ConditionExpression: An expression attribute name used in the document path is not \
                   defined; attribute name: #ghost";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn a_malformed_expression_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = table.put_item().item("id", s("1")).condition_expression("attribute_exists(id) AND OR");
    let error = put.send().await.unwrap_err();
    let message = "Invalid ConditionExpression: Syntax error; token: \"OR\", near: \"AND OR\"";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn overlapping_paths_are_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let update = table.update_item().key("id", s("1")).update_expression("SET a = :v, a.b = :v");
    let error = update.expression_attribute_values(":v", n(1)).send().await.unwrap_err();
    let message = "Invalid UpdateExpression: Two document paths overlap with each other; must remove or rewrite one \
                   of these paths; path one: [a], path two: [a, b]";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, &one(message))
}

async fn adding_to_a_string_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", s("text"))]).await?;
    let update = table.update_item().key("id", s("1")).update_expression("ADD a :one");
    let error = update.expression_attribute_values(":one", n(1)).send().await.unwrap_err();
    let message = "An operand in the update expression has an incorrect data type";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn an_item_of_more_than_400_kb_is_refused(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    // Names count, too: `id`, `1` and `text` are seven bytes.
    let most = 400 * 1024 - 7;
    put(&table, [("id", s("1")), ("text", s("x".repeat(most)))]).await?;
    let put = table.put_item().item("id", s("1")).item("text", s("x".repeat(most + 1)));
    let message = "Item size has exceeded the maximum allowed size";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, REFUSED, message)
}

async fn conditions_compare_size_type_and_membership(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let tags = AttributeValue::Ss(vec!["red".into(), "blue".into()]);
    put(&table, [("id", s("1")), ("name", s("Agnes")), ("age", n(90)), ("tags", tags)]).await?;
    let holds = async |condition: &str| -> Result<bool, Error> {
        let check = table.update_item().key("id", s("1")).update_expression("SET seen = :five");
        let mut check = check.condition_expression(condition);
        let values = [
            (":five", n(5)),
            (":n", s("N")),
            (":red", s("red")),
            (":ag", s("Ag")),
            (":low", n(80)),
            (":high", n(90)),
        ];
        for (name, value) in values {
            if condition.contains(name) || name == ":five" {
                check = check.expression_attribute_values(name, value);
            }
        }
        if condition.contains("#name") {
            check = check.expression_attribute_names("#name", "name");
        }
        match check.send().await.map_err(Error::from) {
            Ok(_) => Ok(true),
            Err(error) if error.is_condition_failed() => Ok(false),
            Err(error) => Err(error),
        }
    };
    for (condition, expected) in [
        ("size(#name) = :five", true),
        ("attribute_type(age, :n)", true),
        ("attribute_type(#name, :n)", false),
        ("contains(tags, :red)", true),
        ("contains(tags, :ag)", false),
        ("contains(#name, :ag)", true),
        ("begins_with(#name, :ag)", true),
        ("age BETWEEN :low AND :high", true),
        ("age IN (:low, :five)", false),
        ("NOT age < :high", true),
        ("ghost <> :five", true),
        ("attribute_exists(ghost) OR age >= :high AND #name > :red", false),
        ("(attribute_exists(ghost) OR age >= :high) AND #name < :red", true),
    ] {
        ensure!(holds(condition).await? == expected, "{condition}");
    }
    Ok(())
}

async fn values_of_different_types_are_never_in_order(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("age", n(90))]).await?;
    for condition in ["age < :text", "age >= :text", "age = :text"] {
        let delete = table.delete_item().key("id", s("1")).condition_expression(condition);
        let error = delete.expression_attribute_values(":text", s("90")).send().await.unwrap_err();
        check(error, ErrorKind::ConditionFailed, "ConditionalCheckFailedException")?;
    }
    let delete = table.delete_item().key("id", s("1")).condition_expression("age <> :text");
    delete.expression_attribute_values(":text", s("90")).send().await?;
    Ok(())
}

fn transact_put(table: &Table, id: &str) -> Result<TransactWriteItem, Error> {
    let put = Put::builder().table_name(table.name()).item("id", s(id));
    let put = put.condition_expression("attribute_not_exists(id)").build()?;
    Ok(TransactWriteItem::builder().put(put).build())
}

async fn a_transaction_writes_all_or_nothing(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let add = Update::builder().table_name(table.name()).key("id", s("count"));
    let add = add.update_expression("ADD puts :one").expression_attribute_values(":one", n(1)).build()?;
    let add = TransactWriteItem::builder().update(add).build();
    let transaction = |id| -> Result<_, Error> {
        let write = table.client().transact_write_items();
        Ok(write.transact_items(add.clone()).transact_items(transact_put(&table, id)?))
    };
    transaction("1")?.send().await?;
    let error = transaction("1")?.send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "TransactionCanceledException")?;
    transaction("2")?.send().await?;
    ensure!(get(&table, "count").await?.is_some_and(|item| item["puts"] == n(2)));
    Ok(())
}

async fn a_transaction_tells_each_reason(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("2"))]).await?;
    let absent = ConditionCheck::builder().table_name(table.name()).key("id", s("3"));
    let absent = absent.condition_expression("attribute_exists(id)").build()?;
    let write = table.client().transact_write_items().transact_items(transact_put(&table, "1")?);
    let write = write.transact_items(transact_put(&table, "2")?);
    let write = write.transact_items(TransactWriteItem::builder().condition_check(absent).build());
    let error = write.send().await.unwrap_err().into_service_error();
    let TransactWriteItemsError::TransactionCanceledException(cancelled) = &error else {
        anyhow::bail!("another error: {error:?}")
    };
    let message = "Transaction cancelled, please refer cancellation reasons for specific reasons \
                   [None, ConditionalCheckFailed, ConditionalCheckFailed]";
    ensure!(cancelled.message() == Some(message), "{cancelled:?}");
    let codes: Vec<_> = cancelled.cancellation_reasons().iter().filter_map(|reason| reason.code()).collect();
    ensure!(codes == ["None", "ConditionalCheckFailed", "ConditionalCheckFailed"], "{cancelled:?}");
    ensure!(get(&table, "1").await?.is_none());
    Ok(())
}

async fn a_transaction_names_an_item_only_once(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let write = table.client().transact_write_items().transact_items(transact_put(&table, "1")?);
    let error = write.transact_items(transact_put(&table, "1")?).send().await.unwrap_err();
    let message = "Transaction request cannot include multiple operations on one item";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn a_transaction_reads_several_items(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1)), ("b", n(2))]).await?;
    let read = |id| -> Result<_, Error> {
        let get =
            Get::builder().table_name(table.name()).key("id", s(id)).projection_expression("a").build()?;
        Ok(TransactGetItem::builder().get(get).build())
    };
    let got = table.client().transact_get_items().transact_items(read("1")?).transact_items(read("ghost")?);
    let got = got.send().await?;
    let items: Vec<_> = got.responses().iter().map(|response| response.item()).collect();
    ensure!(items == [Some(&item([("a", n(1))])), None], "{got:?}");
    Ok(())
}

async fn a_batch_get_returns_what_is_there(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    put(&table, [("id", s("1")), ("a", n(1))]).await?;
    put(&table, [("id", s("2")), ("a", n(2))]).await?;
    let keys = |ids: &[&str]| {
        KeysAndAttributes::builder()
            .set_keys(Some(ids.iter().map(|&id| item([("id", s(id))])).collect()))
            .build()
    };
    let batch = |keys| table.client().batch_get_item().request_items(table.name(), keys);
    let got = batch(keys(&["1", "ghost", "2"])?).send().await?;
    let items = got.responses().map(|tables| tables[table.name()].len());
    ensure!(items == Some(2) && got.unprocessed_keys().is_none_or(HashMap::is_empty), "{got:?}");
    let error = batch(keys(&["1", "1"])?).send().await.unwrap_err();
    let message = "Provided list of item keys contains duplicates";
    world.check_message(error, ErrorKind::InvalidInput, REFUSED, message)
}

async fn consumed_capacity_is_told_when_asked_for(world: World) -> TestResult {
    let table = world.fresh_table().await?;
    let put = table.put_item().item("id", s("1")).item("text", s("x".repeat(1500)));
    let put = put.return_consumed_capacity(ReturnConsumedCapacity::Total).send().await?;
    let units = |capacity: Option<&aws_sdk_dynamodb::types::ConsumedCapacity>| {
        capacity.and_then(|capacity| capacity.capacity_units())
    };
    // A write takes one unit for every KB begun, a consistent read one for every 4 KB, another one half of that.
    ensure!(units(put.consumed_capacity()) == Some(2.0), "{put:?}");
    let get = || table.get_item().key("id", s("1")).return_consumed_capacity(ReturnConsumedCapacity::Total);
    let got = get().consistent_read(true).send().await?;
    ensure!(units(got.consumed_capacity()) == Some(1.0), "{got:?}");
    let got = get().send().await?;
    ensure!(units(got.consumed_capacity()) == Some(0.5), "{got:?}");
    ensure!(table.get_item().key("id", s("1")).send().await?.consumed_capacity().is_none());
    Ok(())
}
