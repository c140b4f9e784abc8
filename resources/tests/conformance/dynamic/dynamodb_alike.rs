//! Items by name and typed: read, written, counted, gone through, and in statements.

use std::collections::HashMap;

use anyhow::Context;
use aws_sdk_dynamodb::primitives::Blob;
use aws_sdk_dynamodb::types::*;
use resources::Item;
use serde_json::json;
use session_core::dynamic::Value;

use super::pair::{Pair, scripts};
use crate::case::TestResult;
use crate::world::{attribute, item, key, n, s};

scripts! {
    items_of_every_type_are_the_same,
    updates_and_deletes_are_the_same,
    pages_are_the_same,
    batches_are_the_same,
    transactions_are_the_same,
    statements_are_the_same,
    searches_of_vectors_are_the_same,
    refusals_are_the_same,
}

/// An item of every type, typed and by name.
fn whole() -> (Item, Value) {
    let typed = item([
        ("id", s("7")),
        ("price", n("12.50")),
        ("sold", AttributeValue::Bool(true)),
        ("note", AttributeValue::Null(true)),
        ("raw", AttributeValue::B(Blob::new([0, 255, 7]))),
        ("tags", AttributeValue::Ss(vec!["a".to_owned(), "b\"".to_owned()])),
        ("sizes", AttributeValue::Ns(vec!["1".to_owned(), "2".to_owned()])),
        ("raws", AttributeValue::Bs(vec![Blob::new([1]), Blob::new([2])])),
        ("lines", AttributeValue::L(vec![AttributeValue::M(item([("count", n(2))])), s("gift \n ü")])),
        ("none", AttributeValue::M(HashMap::new())),
    ]);
    let mut named = Value::from(json!({
        "id": {"S": "7"}, "price": {"N": "12.50"}, "sold": {"BOOL": true}, "note": {"NULL": true},
        "tags": {"SS": ["a", "b\""]}, "sizes": {"NS": ["1", "2"]},
        "lines": {"L": [{"M": {"count": {"N": "2"}}}, {"S": "gift \n ü"}]}, "none": {"M": {}},
    }));
    // JSON has no bytes.
    named.insert("raw", [("B", Value::from(Blob::new([0, 255, 7])))]);
    named.insert("raws", [("BS", Value::from(vec![Blob::new([1]), Blob::new([2])]))]);
    (typed, named)
}

async fn items_of_every_type_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let (typed, named) = whole();
    let put = dynamodb
        .typed
        .put_item()
        .table_name(&table)
        .set_item(Some(typed))
        .return_consumed_capacity(ReturnConsumedCapacity::Total)
        .send();
    let mut input = Value::from(json!({"TableName": table, "ReturnConsumedCapacity": "TOTAL"}));
    input.insert("Item", named);
    dynamodb.same("PutItem", put, input).await?;
    let get = dynamodb.typed.get_item().table_name(&table).key("id", s("7")).consistent_read(true);
    let get = get.return_consumed_capacity(ReturnConsumedCapacity::Indexes).send();
    let input = json!({"TableName": table, "Key": {"id": {"S": "7"}}, "ConsistentRead": true,
        "ReturnConsumedCapacity": "INDEXES"});
    dynamodb.same("GetItem", get, input).await?;
    let get = dynamodb.typed.get_item().table_name(&table).key("id", s("ghost")).send();
    dynamodb.same("GetItem", get, json!({"TableName": table, "Key": {"id": {"S": "ghost"}}})).await?;
    Ok(())
}

async fn updates_and_deletes_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let update = dynamodb
        .typed
        .update_item()
        .table_name(&table)
        .key("id", s("7"))
        .update_expression("SET #c = if_not_exists(#c, :zero) + :one ADD seen :seen")
        .expression_attribute_names("#c", "count")
        .expression_attribute_values(":zero", n(0))
        .expression_attribute_values(":one", n(1))
        .expression_attribute_values(":seen", AttributeValue::Ss(vec!["a".to_owned()]))
        .return_values(ReturnValue::AllNew)
        .send();
    let input = json!({"TableName": table, "Key": {"id": {"S": "7"}},
        "UpdateExpression": "SET #c = if_not_exists(#c, :zero) + :one ADD seen :seen",
        "ExpressionAttributeNames": {"#c": "count"},
        "ExpressionAttributeValues": {":zero": {"N": "0"}, ":one": {"N": "1"}, ":seen": {"SS": ["a"]}},
        "ReturnValues": "ALL_NEW"});
    dynamodb.same("UpdateItem", update, input).await?;
    let delete = dynamodb
        .typed
        .delete_item()
        .table_name(&table)
        .key("id", s("7"))
        .return_values(ReturnValue::AllOld)
        .return_item_collection_metrics(ReturnItemCollectionMetrics::Size)
        .send();
    let input = json!({"TableName": table, "Key": {"id": {"S": "7"}}, "ReturnValues": "ALL_OLD",
        "ReturnItemCollectionMetrics": "SIZE"});
    dynamodb.same("DeleteItem", delete, input).await?;
    Ok(())
}

async fn pages_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.orders().await?);
    for at in 1..=4 {
        let put = dynamodb.typed.put_item().table_name(&table).item("customer", s("ada")).item("at", n(at));
        let input =
            json!({"TableName": table, "Item": {"customer": {"S": "ada"}, "at": {"N": at.to_string()}}});
        dynamodb.same("PutItem", put.send(), input).await?;
    }
    let query = dynamodb
        .typed
        .query()
        .table_name(&table)
        .key_condition_expression("customer = :c AND #a >= :a")
        .expression_attribute_names("#a", "at")
        .expression_attribute_values(":c", s("ada"))
        .expression_attribute_values(":a", n(2))
        .scan_index_forward(false)
        .limit(2);
    let input = json!({"TableName": table, "KeyConditionExpression": "customer = :c AND #a >= :a",
        "ExpressionAttributeNames": {"#a": "at"},
        "ExpressionAttributeValues": {":c": {"S": "ada"}, ":a": {"N": "2"}},
        "ScanIndexForward": false, "Limit": 2});
    let page = dynamodb.same("Query", query.clone().send(), input.clone()).await?;
    let key = page.last_evaluated_key().context("there is no key to go on with")?.clone();
    let mut onward = input;
    onward["ExclusiveStartKey"] = json!({"customer": {"S": "ada"}, "at": {"N": key["at"].as_n().ok()}});
    dynamodb.same("Query", query.set_exclusive_start_key(Some(key)).send(), onward).await?;
    let scan = dynamodb.typed.scan().table_name(&table).filter_expression("#a < :a").select(Select::Count);
    let scan = scan.expression_attribute_names("#a", "at").expression_attribute_values(":a", n(3));
    let input = json!({"TableName": table, "FilterExpression": "#a < :a", "Select": "COUNT",
        "ExpressionAttributeNames": {"#a": "at"}, "ExpressionAttributeValues": {":a": {"N": "3"}}});
    dynamodb.same("Scan", scan.send(), input).await?;
    Ok(())
}

async fn batches_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let put = PutRequest::builder().item("id", s("1")).item("count", n(1)).build()?;
    let delete = DeleteRequest::builder().key("id", s("2")).build()?;
    let writes = vec![
        WriteRequest::builder().put_request(put).build(),
        WriteRequest::builder().delete_request(delete).build(),
    ];
    let write = dynamodb.typed.batch_write_item().request_items(&table, writes).send();
    let writes = json!([{"PutRequest": {"Item": {"id": {"S": "1"}, "count": {"N": "1"}}}},
        {"DeleteRequest": {"Key": {"id": {"S": "2"}}}}]);
    dynamodb.same("BatchWriteItem", write, json!({"RequestItems": {&table: writes}})).await?;
    let keys = KeysAndAttributes::builder()
        .keys(item([("id", s("1"))]))
        .keys(item([("id", s("ghost"))]))
        .projection_expression("id")
        .build()?;
    let read = dynamodb.typed.batch_get_item().request_items(&table, keys);
    let read = read.return_consumed_capacity(ReturnConsumedCapacity::Total).send();
    let keys = json!({"Keys": [{"id": {"S": "1"}}, {"id": {"S": "ghost"}}], "ProjectionExpression": "id"});
    let input = json!({"RequestItems": {&table: keys}, "ReturnConsumedCapacity": "TOTAL"});
    dynamodb.same("BatchGetItem", read, input).await?;
    Ok(())
}

/// A token that nobody else uses, of at most 36 characters.
fn token(table: &str) -> String {
    table[table.len() - 12..].to_owned()
}

async fn transactions_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let put = |id: &str| {
        let put = Put::builder().table_name(&table).item("id", s(id)).item("count", n(1));
        let put = put.condition_expression("attribute_not_exists(id)");
        let put = put.return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld);
        anyhow::Ok(TransactWriteItem::builder().put(put.build()?).build())
    };
    let named = |id: &str| {
        json!({"Put": {"TableName": table, "Item": {"id": {"S": id}, "count": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}})
    };
    let token = token(&table);
    let write = dynamodb.typed.transact_write_items().transact_items(put("1")?).client_request_token(&token);
    let input = json!({"TransactItems": [named("1")], "ClientRequestToken": token});
    dynamodb.same("TransactWriteItems", write.send(), input).await?;
    let again = format!("{token}-2");
    let write = dynamodb.typed.transact_write_items().transact_items(put("2")?).transact_items(put("1")?);
    let input = json!({"TransactItems": [named("2"), named("1")], "ClientRequestToken": again});
    let write = write.client_request_token(&again).send();
    dynamodb.refused("TransactWriteItems", write, input, "TransactionCanceledException").await?;
    let get = |id: &str| {
        let get = Get::builder().table_name(&table).key("id", s(id)).build()?;
        anyhow::Ok(TransactGetItem::builder().get(get).build())
    };
    let read = dynamodb.typed.transact_get_items().transact_items(get("1")?).transact_items(get("2")?).send();
    let named = |id: &str| json!({"Get": {"TableName": table, "Key": {"id": {"S": id}}}});
    dynamodb.same("TransactGetItems", read, json!({"TransactItems": [named("1"), named("2")]})).await?;
    Ok(())
}

async fn statements_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let insert = format!("INSERT INTO \"{table}\" VALUE {{'id': ?, 'count': ?}}");
    let typed = dynamodb.typed.execute_statement().statement(&insert).parameters(s("1")).parameters(n(1));
    let input = json!({"Statement": insert, "Parameters": [{"S": "1"}, {"N": "1"}]});
    dynamodb.same("ExecuteStatement", typed.send(), input).await?;
    let select = format!("SELECT * FROM \"{table}\" WHERE id = '1'");
    let typed = dynamodb.typed.execute_statement().statement(&select).consistent_read(true).limit(5);
    let input = json!({"Statement": select, "ConsistentRead": true, "Limit": 5});
    dynamodb.same("ExecuteStatement", typed.send(), input).await?;
    let ghost = format!("SELECT * FROM \"{table}-ghost\" WHERE id = '1'");
    let statement = |text: &str| BatchStatementRequest::builder().statement(text).build();
    let typed = dynamodb.typed.batch_execute_statement();
    let typed = typed.statements(statement(&select)?).statements(statement(&ghost)?).send();
    let input = json!({"Statements": [{"Statement": select}, {"Statement": ghost}]});
    dynamodb.same("BatchExecuteStatement", typed, input).await?;
    let token = token(&table);
    let statement = ParameterizedStatement::builder().statement(&insert);
    let statement = statement.parameters(s("2")).parameters(n(2)).build()?;
    let typed =
        dynamodb.typed.execute_transaction().transact_statements(statement).client_request_token(&token);
    let statement = json!({"Statement": insert, "Parameters": [{"S": "2"}, {"N": "2"}]});
    let input = json!({"TransactStatements": [statement], "ClientRequestToken": token});
    dynamodb.same("ExecuteTransaction", typed.send(), input).await?;
    Ok(())
}

async fn searches_of_vectors_are_the_same(pair: Pair) -> TestResult {
    let dynamodb = &pair.dynamodb;
    let index = VectorIndex::builder()
        .index_name("by-meaning")
        .vector_attribute(VectorAttributeDefinition::builder().attribute_name("meaning").build()?)
        .dimensions(2)
        .distance_function(VectorDistanceFunction::Euclidean)
        .projection(Projection::builder().projection_type(ProjectionType::All).build())
        .build()?;
    let create = dynamodb.typed.create_table().vector_indexes(index);
    let create = create.attribute_definitions(attribute("id", ScalarAttributeType::S)?);
    let create = create.key_schema(key("id", KeyType::Hash)?);
    let index = json!({"IndexName": "by-meaning", "VectorAttribute": {"AttributeName": "meaning"}, "Dimensions": 2,
        "DistanceFunction": "EUCLIDEAN", "Projection": {"ProjectionType": "ALL"}});
    let input = json!({"AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}], "VectorIndexes": [index]});
    let table = pair.made(create, input).await?;
    for (id, numbers) in [("near", [1, 0]), ("far", [0, 7])] {
        let meaning = AttributeValue::L(numbers.map(n).to_vec());
        let put = dynamodb.typed.put_item().table_name(&table).item("id", s(id)).item("meaning", meaning);
        let numbers = numbers.map(|number: i32| json!({"N": number.to_string()}));
        let input = json!({"TableName": table, "Item": {"id": {"S": id}, "meaning": {"L": numbers}}});
        dynamodb.same("PutItem", put.send(), input).await?;
    }
    let search = dynamodb.typed.search_vectors().table_name(&table).index_name("by-meaning");
    let search = search.set_search_vector(Some([1, 1].map(n).to_vec())).top_k(2).send();
    let input = json!({"TableName": table, "IndexName": "by-meaning", "TopK": 2,
        "SearchVector": [{"N": "1"}, {"N": "1"}]});
    dynamodb.same("SearchVectors", search, input).await?;
    Ok(())
}

async fn refusals_are_the_same(pair: Pair) -> TestResult {
    let (dynamodb, table) = (&pair.dynamodb, pair.table().await?);
    let put = || {
        let put = dynamodb.typed.put_item().table_name(&table).item("id", s("7")).item("count", n(1));
        put.condition_expression("attribute_not_exists(id)")
            .return_values_on_condition_check_failure(ReturnValuesOnConditionCheckFailure::AllOld)
            .send()
    };
    let input = json!({"TableName": table, "Item": {"id": {"S": "7"}, "count": {"N": "1"}},
        "ConditionExpression": "attribute_not_exists(id)", "ReturnValuesOnConditionCheckFailure": "ALL_OLD"});
    dynamodb.same("PutItem", put(), input.clone()).await?;
    dynamodb.refused("PutItem", put(), input, "ConditionalCheckFailedException").await?;
    let get = dynamodb.typed.get_item().table_name("no-such-table").key("id", s("7")).send();
    let input = json!({"TableName": "no-such-table", "Key": {"id": {"S": "7"}}});
    dynamodb.refused("GetItem", get, input, "ResourceNotFoundException").await?;
    let get = dynamodb.typed.get_item().table_name(&table).key("other", s("7")).send();
    let input = json!({"TableName": table, "Key": {"other": {"S": "7"}}});
    dynamodb.refused("GetItem", get, input, "ValidationException").await
}
