//! Operations on one item and on batches of items.

use super::*;

#[test]
fn an_item_comes_back_as_it_was_put_with_its_numbers_in_canonical_form() {
    let cloud = Cloud::with_table();
    let item = json!({
        "id": {"S": "1"},
        "text": {"S": ""},
        "number": {"N": "1.50e2"},
        "binary": {"B": "AAEC"},
        "true": {"BOOL": true},
        "nothing": {"NULL": true},
        "list": {"L": [{"N": "1"}, {"M": {"a": {"S": "b"}}}]},
        "texts": {"SS": ["b", "a"]},
        "numbers": {"NS": ["10", "9.0"]},
        "binaries": {"BS": ["AQ=="]},
    });
    assert_eq!(cloud.ok("PutItem", json!({"TableName": "ttt", "Item": item})), json!({}));
    let canonical =
        json!({"number": {"N": "150"}, "texts": {"SS": ["a", "b"]}, "numbers": {"NS": ["9", "10"]}});
    assert_eq!(cloud.get("1"), with(item, canonical));
    assert_eq!(cloud.ok("GetItem", json!({"TableName": "ttt", "Key": {"id": {"S": "2"}}})), json!({}));
}

/// Long values of keys lie in one place for the item and for the order of the table.
#[test]
fn an_item_with_a_long_key_reads_and_changes_like_any_other() {
    for (artist, title) in [(70, 10), (10, 70), (100, 300), (300, 100), (39, 40)] {
        let cloud = Cloud::with_songs();
        let (artist, title) = ("a".repeat(artist), "t".repeat(title));
        let key = json!({"artist": {"S": artist}, "title": {"S": title}});
        let named = |more: Value| with(json!({"TableName": "songs"}), more);
        let item = with(key.clone(), json!({"genre": {"S": "jazz"}, "plays": {"N": "1"}}));
        for _ in 0..2 {
            cloud.put("songs", item.clone());
        }
        let changed = with(item.clone(), json!({"plays": {"N": "2"}}));
        let update = json!({
            "Key": key,
            "UpdateExpression": "ADD plays :one",
            "ConditionExpression": "title = :title AND begins_with(artist, :start) AND size(artist) = :size",
            "ExpressionAttributeValues": {
                ":one": {"N": "1"},
                ":title": {"S": title},
                ":start": {"S": artist[..5]},
                ":size": {"N": artist.len().to_string()},
            },
            "ReturnValues": "ALL_NEW",
        });
        assert_eq!(cloud.ok("UpdateItem", named(update))["Attributes"], changed);
        assert_eq!(cloud.ok("GetItem", named(json!({"Key": key})))["Item"], changed);
        let projected = named(json!({"Key": key, "ProjectionExpression": "title, artist"}));
        assert_eq!(cloud.ok("GetItem", projected)["Item"], key);
        let query = |index: Option<&str>, name: &str, value: &str| {
            let mut query = named(json!({
                "KeyConditionExpression": format!("{name} = :value"),
                "ExpressionAttributeValues": {":value": {"S": value}},
            }));
            if let Some(index) = index {
                query["IndexName"] = index.into();
            }
            cloud.ok("Query", query)["Items"].clone()
        };
        assert_eq!(query(None, "artist", &artist), json!([changed]));
        assert_eq!(query(Some("by-genre"), "genre", "jazz"), json!([changed]));
        assert_eq!(
            query(Some("genres"), "genre", "jazz"),
            json!([with(key.clone(), json!({"genre": {"S": "jazz"}}))])
        );
        let put = named(json!({"Item": changed, "ReturnConsumedCapacity": "INDEXES"}));
        let capacity = &cloud.ok("PutItem", put)["ConsumedCapacity"];
        assert_eq!(capacity["CapacityUnits"], 1.0, "what stays as it is is written to no index");
        let delete = named(json!({"Key": key, "ReturnValues": "ALL_OLD"}));
        assert_eq!(cloud.ok("DeleteItem", delete)["Attributes"], changed);
        assert_eq!(query(None, "artist", &artist), json!([]));
    }
}

#[test]
fn return_values_show_what_was_there_and_what_is() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "a": {"N": "1"}, "b": {"S": "x"}}));
    let update = |expression: &str, return_values: &str| {
        cloud.ok(
            "UpdateItem",
            json!({
                "TableName": "ttt",
                "Key": {"id": {"S": "1"}},
                "UpdateExpression": expression,
                "ExpressionAttributeValues": {":one": {"N": "1"}},
                "ReturnValues": return_values,
            }),
        )
    };
    assert_eq!(update("SET a = a + :one", "UPDATED_OLD"), json!({"Attributes": {"a": {"N": "1"}}}));
    assert_eq!(update("SET a = a + :one", "UPDATED_NEW"), json!({"Attributes": {"a": {"N": "3"}}}));
    assert_eq!(
        update("ADD a :one REMOVE b", "ALL_OLD"),
        json!({"Attributes": {"id": {"S": "1"}, "a": {"N": "3"}, "b": {"S": "x"}}})
    );
    assert_eq!(update("ADD a :one", "ALL_NEW"), json!({"Attributes": {"id": {"S": "1"}, "a": {"N": "5"}}}));
    assert_eq!(update("ADD a :one", "NONE"), json!({}));
    let old = json!({"Attributes": {"id": {"S": "1"}, "a": {"N": "6"}}});
    let put = json!({"TableName": "ttt", "Item": {"id": {"S": "1"}}, "ReturnValues": "ALL_OLD"});
    assert_eq!(cloud.ok("PutItem", put), old);
    let delete = json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}, "ReturnValues": "ALL_OLD"});
    assert_eq!(cloud.ok("DeleteItem", delete.clone()), json!({"Attributes": {"id": {"S": "1"}}}));
    assert_eq!(cloud.ok("DeleteItem", delete.clone()), json!({}));
    assert_eq!(
        cloud.invalid("DeleteItem", with(delete, json!({"ReturnValues": "ALL_NEW"}))),
        "1 validation error detected: ReturnValues can only be ALL_OLD or NONE"
    );
}

#[test]
fn a_condition_that_fails_changes_nothing_and_shows_the_item_if_asked() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "a": {"N": "1"}}));
    let put = json!({
        "TableName": "ttt",
        "Item": {"id": {"S": "1"}},
        "ConditionExpression": "attribute_not_exists(id)",
    });
    let error = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message": "The conditional request failed",
    });
    assert_eq!(cloud.err("PutItem", put.clone()), error);
    let shown = with(put, json!({"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}));
    let item = json!({"id": {"S": "1"}, "a": {"N": "1"}});
    assert_eq!(cloud.err("PutItem", shown), with(error, json!({"Item": item})));
    assert_eq!(cloud.get("1"), item);
}

#[test]
fn keys_must_be_there_of_their_type_and_not_empty() {
    let cloud = Cloud::with_songs();
    let put = |item: Value| cloud.invalid("PutItem", json!({"TableName": "songs", "Item": item}));
    let invalid = "One or more parameter values were invalid: ";
    assert_eq!(put(json!({"artist": {"S": "a"}})), format!("{invalid}Missing the key title in the item"));
    assert_eq!(
        put(json!({"artist": {"N": "1"}, "title": {"S": "t"}})),
        format!("{invalid}Type mismatch for key artist expected: S actual: N")
    );
    assert_eq!(
        put(json!({"artist": {"S": ""}, "title": {"S": "t"}})),
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
         string value. Key: artist"
    );
    assert_eq!(
        put(json!({"artist": {"S": "a"}, "title": {"S": "t"}, "genre": {"N": "1"}})),
        format!("{invalid}Type mismatch for Index Key genre Expected: S Actual: N IndexName: by-genre")
    );
    assert_eq!(
        put(json!({"artist": {"S": "a".repeat(2049)}, "title": {"S": "t"}})),
        format!("{invalid}Size of hashkey has exceeded the maximum size limit of2048 bytes")
    );
    for key in [json!({"artist": {"S": "a"}}), json!({"artist": {"S": "a"}, "title": {"N": "1"}})] {
        assert_eq!(
            cloud.invalid("GetItem", json!({"TableName": "songs", "Key": key})),
            "The provided key element does not match the schema"
        );
    }
}

#[test]
fn values_that_are_none_are_refused_in_aws_words() {
    let cloud = Cloud::with_table();
    for (value, message) in [
        (json!({"N": "x"}), "The parameter cannot be converted to a numeric value: x"),
        (json!({"N": ""}), "The parameter cannot be converted to a numeric value: "),
        (
            json!({"NULL": false}),
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        (json!({"SS": []}), "One or more parameter values were invalid: An string set  may not be empty"),
        (
            json!({"SS": ["a", "a"]}),
            "One or more parameter values were invalid: Input collection [\"a\", \"a\"] contains duplicates.",
        ),
        (
            json!({"NS": ["1", "1.0"]}),
            "One or more parameter values were invalid: Input collection contains duplicates.",
        ),
    ] {
        let put = json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "a": value}});
        assert_eq!(cloud.invalid("PutItem", put), format!("1 validation error detected: {message}"));
    }
    // Of values that are none or more than one the older part of DynamoDB speaks.
    for (value, message) in [
        (json!({}), "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"),
        (
            json!({"S": null}),
            "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes",
        ),
        (
            json!({"S": "a", "N": "1"}),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
             datatypes",
        ),
        (json!({"S": "a", "N": "b"}), "The parameter cannot be converted to a numeric value: b"),
    ] {
        let put = json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "a": value}});
        assert_eq!(cloud.invalid("PutItem", put), message);
    }
}

#[test]
fn an_item_of_four_hundred_kilobytes_fits_and_no_larger_one() {
    let cloud = Cloud::with_table();
    let item = |bytes: usize| json!({"id": {"S": "1"}, "a": {"S": "x".repeat(bytes)}});
    cloud.put("ttt", item(409_600 - 4));
    let larger = json!({"TableName": "ttt", "Item": item(409_600 - 3)});
    assert_eq!(cloud.invalid("PutItem", larger), "Item size has exceeded the maximum allowed size");
    let update = json!({
        "TableName": "ttt",
        "Key": {"id": {"S": "1"}},
        "UpdateExpression": "SET b = :b",
        "ExpressionAttributeValues": {":b": {"BOOL": true}},
    });
    assert_eq!(
        cloud.invalid("UpdateItem", update),
        "Item size to update has exceeded the maximum allowed size"
    );
}

#[test]
fn consumed_capacity_counts_the_table_and_each_index() {
    let cloud = Cloud::with_songs();
    let item = json!({
        "artist": {"S": "a"},
        "title": {"S": "b"},
        "genre": {"S": "c"},
        "plays": {"N": "1"},
        "x": {"S": "x".repeat(1500)},
    });
    let put = json!({"TableName": "songs", "Item": item, "ReturnConsumedCapacity": "INDEXES"});
    assert_eq!(
        cloud.ok("PutItem", put),
        json!({"ConsumedCapacity": {
            "CapacityUnits": 6.0,
            "TableName": "songs",
            "Table": {"CapacityUnits": 2.0},
            "LocalSecondaryIndexes": {"by-plays": {"CapacityUnits": 1.0}},
            "GlobalSecondaryIndexes": {"by-genre": {"CapacityUnits": 2.0}, "genres": {"CapacityUnits": 1.0}},
        }})
    );
    let get = json!({
        "TableName": "songs",
        "Key": {"artist": {"S": "a"}, "title": {"S": "b"}},
        "ProjectionExpression": "genre",
        "ReturnConsumedCapacity": "TOTAL",
    });
    assert_eq!(
        cloud.ok("GetItem", get.clone()),
        json!({
            "Item": {"genre": {"S": "c"}},
            "ConsumedCapacity": {"CapacityUnits": 0.5, "TableName": "songs"},
        })
    );
    let strong = cloud.ok("GetItem", with(get, json!({"ConsistentRead": true})));
    assert_eq!(strong["ConsumedCapacity"]["CapacityUnits"], 1.0);
}

#[test]
fn batches_write_and_read_many_items() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "old"}}));
    let put = |id: &str| json!({"PutRequest": {"Item": {"id": {"S": id}, "v": {"S": id}}}});
    let delete = json!({"DeleteRequest": {"Key": {"id": {"S": "old"}}}});
    assert_eq!(
        cloud.ok(
            "BatchWriteItem",
            json!({"RequestItems": {"ttt": [put("a"), put("b"), delete]}, "ReturnConsumedCapacity": "TOTAL"})
        ),
        json!({"UnprocessedItems": {}, "ConsumedCapacity": [{"CapacityUnits": 3.0, "TableName": "ttt"}]})
    );
    let keys = json!([{"id": {"S": "a"}}, {"id": {"S": "old"}}, {"id": {"S": "b"}}]);
    assert_eq!(
        cloud.ok(
            "BatchGetItem",
            json!({"RequestItems": {"ttt": {"Keys": keys, "ProjectionExpression": "v"}}})
        ),
        json!({"Responses": {"ttt": [{"v": {"S": "a"}}, {"v": {"S": "b"}}]}, "UnprocessedKeys": {}})
    );
    let same = json!({"RequestItems": {"ttt": [put("a"), put("a")]}});
    assert_eq!(cloud.invalid("BatchWriteItem", same), "Provided list of item keys contains duplicates");
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt";
    let delete = json!({"DeleteRequest": {"Key": {"id": {"S": "a"}}}});
    let same = json!({"RequestItems": {"ttt": [delete], arn: [delete]}});
    assert_eq!(cloud.invalid("BatchWriteItem", same), "Provided list of item keys contains duplicates");
    for operation in ["BatchGetItem", "BatchWriteItem"] {
        assert_eq!(
            cloud.invalid(operation, json!({"RequestItems": {}})),
            "1 validation error detected: Value at 'RequestItems' failed to satisfy constraint: Member must have length \
             greater than or equal to 1"
        );
    }
    let many: Vec<_> = (0..26).map(|id| put(&id.to_string())).collect();
    let message = cloud.invalid("BatchWriteItem", json!({"RequestItems": {"ttt": many}}));
    assert_eq!(
        message,
        "1 validation error detected: Value at 'RequestItems.ttt.member' failed to satisfy constraint: Member must have \
         length less than or equal to 25"
    );
    let missing = json!({"RequestItems": {"none": [put("a")]}});
    assert_eq!(cloud.err("BatchWriteItem", missing)["message"], "Requested resource not found");
}

#[test]
fn a_batch_that_reads_more_than_sixteen_megabytes_leaves_keys_unprocessed() {
    let cloud = Cloud::with_table();
    for id in 0..42 {
        cloud.put("ttt", json!({"id": {"S": format!("{id:02}")}, "a": {"S": "x".repeat(400_000)}}));
    }
    let keys: Vec<_> = (0..42).map(|id| json!({"id": {"S": format!("{id:02}")}})).collect();
    let answer = cloud.ok(
        "BatchGetItem",
        json!({"RequestItems": {"ttt": {"Keys": keys, "ProjectionExpression": "id", "ConsistentRead": true}}}),
    );
    assert_eq!(answer["Responses"]["ttt"].as_array().unwrap().len(), 41);
    assert_eq!(
        answer["UnprocessedKeys"],
        json!({"ttt": {"Keys": [{"id": {"S": "41"}}], "ProjectionExpression": "id", "ConsistentRead": true}})
    );
}
