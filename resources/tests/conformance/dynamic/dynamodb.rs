//! DynamoDB by name: items of every type, expressions, batches, transactions, tables and modeled errors.

use std::time::Duration;

use anyhow::{Context, ensure};
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::AttributeValue;
use futures_util::TryStreamExt;
use serde_json::{Value as Json, json};
use session_core::dynamic::{DynamicClient, ServiceFault, Value};
use session_core::{Error, ErrorKind, ResourceScope, SessionExt};

use crate::case::{TestResult, cases, check};
use crate::world::{World, item, n, s};

cases! {
    an_item_put_by_name_is_the_typed_clients_item,
    an_item_of_the_typed_client_is_got_by_name,
    an_update_by_name_tells_the_new_attributes,
    a_delete_by_name_tells_the_old_item,
    a_query_by_name_and_typed_are_the_same,
    pages_of_a_scan_by_name_have_every_item_once,
    batches_by_name_write_and_read,
    a_failed_condition_has_the_item_in_its_fields,
    a_cancelled_transaction_has_its_reasons_in_its_fields,
    tables_come_and_go_by_name,
    errors_by_name_and_typed_are_the_same,
}

async fn by_name(world: &World) -> Result<ResourceScope<DynamicClient>, Error> {
    world.session.client("dynamodb").await
}

fn json_of(value: &Value) -> anyhow::Result<Json> {
    Ok(serde_json::to_value(value)?)
}

async fn an_item_put_by_name_is_the_typed_clients_item(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    let mut whole = Value::from(json!({
        "id": {"S": "7"}, "price": {"N": "12.5"}, "sold": {"BOOL": true}, "note": {"NULL": true},
        "tags": {"SS": ["a", "b"]},
        "lines": {"L": [{"M": {"count": {"N": "2"}}}, {"S": "gift"}]},
    }));
    let mut bytes = Value::from(json!({}));
    bytes.insert("B", Blob::new([0, 255, 7]));
    whole.insert("raw", bytes);
    let mut input = Value::from(json!({"TableName": table.name()}));
    input.insert("Item", whole.clone());
    client.call("put_item", input).await?;
    let got = table.get_item().key("id", s("7")).send().await?;
    let got = got.item().context("there is no item")?;
    ensure!(got["price"] == n("12.5") && got["sold"] == AttributeValue::Bool(true), "{got:?}");
    ensure!(got["raw"].as_b().is_ok_and(|raw| raw.as_ref() == [0, 255, 7]), "{got:?}");
    let line = AttributeValue::M(item([("count", n(2))]));
    ensure!(got["lines"] == AttributeValue::L(vec![line, s("gift")]), "{got:?}");
    let input = json!({"TableName": table.name(), "Key": {"id": {"S": "7"}}, "ConsistentRead": true});
    let named = client.call("GetItem", input).await?;
    ensure!(json_of(&named["Item"])? == json_of(&whole)?, "{:?}", named.value());
    Ok(())
}

async fn an_item_of_the_typed_client_is_got_by_name(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    let deep = AttributeValue::L(vec![AttributeValue::L(vec![]), AttributeValue::M(item([]))]);
    table.put_item().item("id", s("7")).item("deep", deep).item("text", s("ü\"")).send().await?;
    let input = json!({"TableName": table.name(), "Key": {"id": {"S": "7"}}});
    let got = client.call("GetItem", input).await?;
    let expected = json!({"id": {"S": "7"}, "deep": {"L": [{"L": []}, {"M": {}}]}, "text": {"S": "ü\""}});
    ensure!(json_of(&got["Item"])? == expected, "{:?}", got.value());
    let input = json!({"TableName": table.name(), "Key": {"id": {"S": "ghost"}}});
    let got = client.call("GetItem", input).await?;
    ensure!(got["Item"].is_null(), "{:?}", got.value());
    Ok(())
}

async fn an_update_by_name_tells_the_new_attributes(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    table.put_item().item("id", s("7")).item("count", n(1)).send().await?;
    let input = json!({"TableName": table.name(), "Key": {"id": {"S": "7"}},
        "UpdateExpression": "SET #c = #c + :one, seen = :yes", "ExpressionAttributeNames": {"#c": "count"},
        "ExpressionAttributeValues": {":one": {"N": "1"}, ":yes": {"BOOL": true}},
        "ReturnValues": "UPDATED_NEW"});
    let updated = client.call("UpdateItem", input).await?;
    let expected = json!({"count": {"N": "2"}, "seen": {"BOOL": true}});
    ensure!(json_of(&updated["Attributes"])? == expected, "{:?}", updated.value());
    Ok(())
}

async fn a_delete_by_name_tells_the_old_item(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    table.put_item().item("id", s("7")).item("count", n(1)).send().await?;
    let input = json!({"TableName": table.name(), "Key": {"id": {"S": "7"}}, "ReturnValues": "ALL_OLD"});
    let deleted = client.call("DeleteItem", input).await?;
    ensure!(json_of(&deleted["Attributes"])? == json!({"id": {"S": "7"}, "count": {"N": "1"}}));
    ensure!(table.get_item().key("id", s("7")).send().await?.item().is_none());
    Ok(())
}

async fn a_query_by_name_and_typed_are_the_same(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_orders().await?);
    for at in 1..=5 {
        let put = table.put_item().item("customer", s("ada")).item("at", n(at));
        put.item("status", s(if at % 2 == 0 { "sent" } else { "open" })).send().await?;
    }
    let typed = table
        .query()
        .key_condition_expression("customer = :c AND #a > :a")
        .expression_attribute_names("#a", "at")
        .expression_attribute_values(":c", s("ada"))
        .expression_attribute_values(":a", n(1))
        .scan_index_forward(false)
        .limit(3)
        .send()
        .await?;
    let input = json!({"TableName": table.name(), "KeyConditionExpression": "customer = :c AND #a > :a",
        "ExpressionAttributeNames": {"#a": "at"},
        "ExpressionAttributeValues": {":c": {"S": "ada"}, ":a": {"N": "1"}},
        "ScanIndexForward": false, "Limit": 3});
    let named = client.call("Query", input).await?;
    let expected: Vec<_> =
        typed.items().iter().map(|item| item["at"].as_n().ok().map(String::as_str)).collect();
    let rows = named["Items"].as_list().unwrap_or_default();
    let found: Vec<_> = rows.iter().map(|row| row["at"]["N"].as_str()).collect();
    ensure!(found == [Some("5"), Some("4"), Some("3")] && found == expected, "{:?}", named.value());
    ensure!(named["Count"].as_i64() == Some(3) && named["ScannedCount"].as_i64() == Some(3));
    let key = typed.last_evaluated_key().context("there is no key to go on with")?;
    let at = key["at"].as_n().map(String::as_str).ok();
    ensure!(named["LastEvaluatedKey"]["at"]["N"].as_str() == at, "{:?}", named.value());
    Ok(())
}

async fn pages_of_a_scan_by_name_have_every_item_once(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    for id in ["a", "b", "c", "d", "e"] {
        table.put_item().item("id", s(id)).send().await?;
    }
    let paginator = client.paginator("scan")?.input(json!({"TableName": table.name()})).page_size(2);
    let (mut items, mut found) = (paginator.items(), Vec::new());
    while let Some(item) = items.try_next().await? {
        found.extend(item["id"]["S"].as_str().map(str::to_owned));
    }
    found.sort();
    ensure!(found == ["a", "b", "c", "d", "e"], "{found:?}");
    Ok(())
}

async fn batches_by_name_write_and_read(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    let puts: Vec<_> =
        (0..25).map(|id| json!({"PutRequest": {"Item": {"id": {"S": id.to_string()}}}})).collect();
    let written = client.call("BatchWriteItem", json!({"RequestItems": {table.name(): puts}})).await?;
    ensure!(written["UnprocessedItems"].as_map().is_none_or(<[_]>::is_empty), "{:?}", written.value());
    let keys = json!([{"id": {"S": "3"}}, {"id": {"S": "24"}}, {"id": {"S": "ghost"}}]);
    let read = client.call("BatchGetItem", json!({"RequestItems": {table.name(): {"Keys": keys}}})).await?;
    let rows = read["Responses"][table.name()].as_list().unwrap_or_default();
    let mut found: Vec<_> = rows.iter().filter_map(|row| row["id"]["S"].as_str()).collect();
    found.sort_unstable();
    ensure!(found == ["24", "3"], "{:?}", read.value());
    Ok(())
}

async fn a_failed_condition_has_the_item_in_its_fields(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    table.put_item().item("id", s("7")).item("count", n(1)).send().await?;
    let input = json!({"TableName": table.name(), "Item": {"id": {"S": "7"}},
        "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    let error = client.call("PutItem", input).await.unwrap_err();
    let fault = ServiceFault::of(&error).context("no fault among the causes")?;
    ensure!(fault.shape() == Some("ConditionalCheckFailedException") && fault.status() == 400, "{fault:?}");
    let expected = json!({"id": {"S": "7"}, "count": {"N": "1"}});
    ensure!(json_of(&fault.fields()["Item"])? == expected, "{fault:?}");
    check(error, ErrorKind::ConditionFailed, "ConditionalCheckFailedException")
}

async fn a_cancelled_transaction_has_its_reasons_in_its_fields(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.fresh_table().await?);
    table.put_item().item("id", s("7")).send().await?;
    let put = |id: &str| {
        json!({"Put": {"TableName": table.name(), "Item": {"id": {"S": id}},
            "ConditionExpression": "attribute_not_exists(id)"}})
    };
    let input = json!({"TransactItems": [put("8"), put("7")]});
    let error = client.call("TransactWriteItems", input).await.unwrap_err();
    let fault = ServiceFault::of(&error).context("no fault among the causes")?;
    let reasons = &fault.fields()["CancellationReasons"];
    ensure!(reasons[0]["Code"].as_str() == Some("None"), "{fault:?}");
    ensure!(reasons[1]["Code"].as_str() == Some("ConditionalCheckFailed"), "{fault:?}");
    ensure!(error.code() == Some("TransactionCanceledException"), "{error:?}");
    ensure!(table.get_item().key("id", s("8")).send().await?.item().is_none());
    Ok(())
}

async fn tables_come_and_go_by_name(world: World) -> TestResult {
    let (client, table) = (by_name(&world).await?, world.no_table());
    let input = json!({"TableName": table.name(), "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}]});
    let made = client.call("CreateTable", input).await?;
    ensure!(made["TableDescription"]["TableName"].as_str() == Some(table.name()), "{:?}", made.value());
    let name = json!({"TableName": table.name()});
    client.waiter("TableExists")?.input(name.clone()).wait(Duration::from_secs(180)).await?;
    let named = client.call("DescribeTable", name.clone()).await?;
    let typed = table.load().await?;
    ensure!(named["Table"]["TableArn"].as_str() == typed.table_arn(), "{:?}", named.value());
    ensure!(named["Table"]["TableStatus"].as_str() == Some("ACTIVE"), "{:?}", named.value());
    ensure!(
        named["Table"]["CreationDateTime"].as_timestamp() == typed.creation_date_time().copied(),
        "{:?}",
        named.value()
    );
    client.call("DeleteTable", name).await?;
    Ok(())
}

async fn errors_by_name_and_typed_are_the_same(world: World) -> TestResult {
    let (client, table, absent) = (by_name(&world).await?, world.fresh_table().await?, world.no_table());
    let same = [
        (
            Error::from(absent.get_item().key("id", s("7")).send().await.unwrap_err()),
            client
                .call("GetItem", json!({"TableName": absent.name(), "Key": {"id": {"S": "7"}}}))
                .await
                .unwrap_err(),
        ),
        (
            table.put_item().item("name", s("7")).send().await.unwrap_err().into(),
            client
                .call("PutItem", json!({"TableName": table.name(), "Item": {"name": {"S": "7"}}}))
                .await
                .unwrap_err(),
        ),
        (
            absent.load().await.unwrap_err(),
            client.call("DescribeTable", json!({"TableName": absent.name()})).await.unwrap_err(),
        ),
    ];
    for (typed, named) in same {
        ensure!(named.kind() == typed.kind() && named.code() == typed.code(), "{named:?} is not {typed:?}");
        ensure!(named.message() == typed.message(), "{named:?} is not {typed:?}");
        ensure!(named.status() == typed.status() && named.request_id().is_some(), "{named:?}");
    }
    Ok(())
}
