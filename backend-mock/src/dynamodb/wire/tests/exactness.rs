//! Exact answers, recorded against DynamoDB in 2026, that no other story here tells.

use super::*;

fn key() -> Value {
    json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}})
}

#[test]
fn an_empty_table_name_is_found_before_everything_else() {
    let cloud = Cloud::with_table();
    let empty = "1 validation error detected: Value at 'TableName' failed to satisfy constraint: Member must have \
                 length greater than or equal to 1";
    let input = json!({"TableName": "", "Item": {}, "Key": {}, "ReturnValues": "INVALID"});
    for operation in ["PutItem", "UpdateItem", "DeleteItem"] {
        let input = if operation == "UpdateItem" {
            with(input.clone(), json!({"ReturnValues": null}))
        } else {
            input.clone()
        };
        assert_eq!(cloud.invalid(operation, input), empty);
    }
}

#[test]
fn table_names_of_items_may_be_short() {
    let cloud = Cloud::with_table();
    let answer = cloud.err("GetItem", json!({"TableName": "ab", "Key": {"id": {"S": "1"}}}));
    assert_eq!(answer["message"], "Requested resource not found");
    let long = "a".repeat(256);
    assert_eq!(
        cloud.invalid("GetItem", with(key(), json!({"TableName": long}))),
        format!(
            "1 validation error detected: Value '{long}' at 'tableName' failed to satisfy constraint: Member must have \
             length less than or equal to 255"
        )
    );
}

#[test]
fn an_update_reports_a_wrong_return_value_alone() {
    let cloud = Cloud::with_table();
    let wrong = json!({"ReturnValues": "INVALID", "ReturnConsumedCapacity": "INVALID"});
    assert_eq!(
        cloud.invalid("UpdateItem", with(key(), wrong.clone())),
        "1 validation error detected: Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, \
         UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
    );
    assert_eq!(
        cloud.invalid("DeleteItem", with(key(), wrong)),
        "2 validation errors detected: Value 'INVALID' at 'returnValues' failed to satisfy constraint: Member must \
         satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]; Value 'INVALID' at \
         'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, \
         NONE]"
    );
}

#[test]
fn limits_of_zero_are_worded_by_operation() {
    let cloud = Cloud::with_table();
    assert_eq!(
        cloud.invalid("Query", json!({"TableName": "ttt", "Limit": 0, "Select": "INVALID"})),
        "1 validation error detected: Value at 'Limit' failed to satisfy constraint: Member must have value greater \
         than or equal to 1"
    );
    assert_eq!(
        cloud.invalid("Scan", json!({"TableName": "ttt", "Limit": 0})),
        "1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value \
         greater than or equal to 1"
    );
}

#[test]
fn too_many_keys_of_a_batch_are_counted_before_they_are_read() {
    let cloud = Cloud::with_table();
    let keys: Vec<_> = (0..101).map(|number| json!({"id": {"S": number.to_string()}})).collect();
    assert_eq!(
        cloud.invalid("BatchGetItem", json!({"RequestItems": {"ttt": {"Keys": keys}}})),
        "1 validation error detected: Value at 'RequestItems.ttt.member.Keys' failed to satisfy constraint: Member must \
         have length less than or equal to 100"
    );
}

#[test]
fn a_null_that_says_false_is_a_null_all_the_same() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "a": {"NULL": false}}));
    assert_eq!(cloud.get("1"), json!({"id": {"S": "1"}, "a": {"NULL": true}}));
}

#[test]
fn a_value_of_an_expression_is_nested_no_deeper_than_an_item() {
    let cloud = Cloud::with_table();
    let nested = |levels| (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
    let update = |levels| {
        let values = json!({":v": nested(levels)});
        with(key(), json!({"UpdateExpression": "SET a = :v", "ExpressionAttributeValues": values}))
    };
    cloud.ok("UpdateItem", update(31));
    assert_eq!(
        cloud.invalid("UpdateItem", update(32)),
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
    );
}

#[test]
fn a_standalone_update_counts_what_it_writes_and_its_actions() {
    const LIMIT: usize = 400 * 1024;
    let cloud = Cloud::with_table();
    let set = |bytes: usize| {
        // The item will have so many bytes: `id`, its one character, and `b` with its text.
        let text = "x".repeat(bytes - 3 - 1);
        with(
            key(),
            json!({"UpdateExpression": "SET b = :b", "ExpressionAttributeValues": {":b": {"S": text}}}),
        )
    };
    cloud.ok("UpdateItem", set(LIMIT - 19));
    let too_large = "Item size to update has exceeded the maximum allowed size";
    assert_eq!(cloud.invalid("UpdateItem", set(LIMIT - 18)), too_large);
    let update = set(LIMIT);
    cloud.ok("TransactWriteItems", json!({"TransactItems": [{"Update": update}]}));
}

#[test]
fn metrics_of_item_collections_come_with_tables_that_have_a_local_index() {
    let cloud = Cloud::with_songs();
    let metrics = json!({"ItemCollectionKey": {"artist": {"S": "abba"}}, "SizeEstimateRangeGB": [0.0, 1.0]});
    let size = json!({"TableName": "songs", "ReturnItemCollectionMetrics": "SIZE"});
    let item = json!({"artist": {"S": "abba"}, "title": {"S": "bang"}});
    for (operation, input) in [
        ("PutItem", json!({"Item": item})),
        ("UpdateItem", json!({"Key": item})),
        ("DeleteItem", json!({"Key": item})),
    ] {
        let answer = cloud.ok(operation, with(size.clone(), input.clone()));
        assert_eq!(answer["ItemCollectionMetrics"], metrics, "{operation}");
        let silent = cloud
            .ok(operation, with(with(size.clone(), input), json!({"ReturnItemCollectionMetrics": "NONE"})));
        assert_eq!(silent["ItemCollectionMetrics"], Value::Null);
    }
    let requests = json!([
        {"PutRequest": {"Item": item}},
        {"PutRequest": {"Item": {"artist": {"S": "abba"}, "title": {"S": "other"}}}},
    ]);
    let batch = json!({"RequestItems": {"songs": requests}, "ReturnItemCollectionMetrics": "SIZE"});
    assert_eq!(cloud.ok("BatchWriteItem", batch)["ItemCollectionMetrics"], json!({"songs": [metrics]}));
    let put = json!({"Put": {"TableName": "songs", "Item": item}});
    let transaction = json!({"TransactItems": [put], "ReturnItemCollectionMetrics": "SIZE"});
    assert_eq!(
        cloud.ok("TransactWriteItems", transaction)["ItemCollectionMetrics"],
        json!({"songs": [metrics]})
    );

    let without_index = Cloud::with_table();
    let input =
        json!({"TableName": "ttt", "Item": {"id": {"S": "1"}}, "ReturnItemCollectionMetrics": "SIZE"});
    assert_eq!(without_index.ok("PutItem", input), json!({}));
}

#[test]
fn one_bad_projection_refuses_the_whole_batch() {
    let cloud = Cloud::with_songs();
    cloud.ok("CreateTable", table("ttt"));
    let songs = json!({"Keys": [{"artist": {"S": "a"}, "title": {"S": "b"}}], "ProjectionExpression": "a"});
    let bad = json!({"Keys": [{"id": {"S": "1"}}], "ProjectionExpression": "a, a.b"});
    assert_eq!(
        cloud.invalid("BatchGetItem", json!({"RequestItems": {"songs": songs, "ttt": bad}})),
        "Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these \
         paths; path one: [a], path two: [a, b]"
    );
}
