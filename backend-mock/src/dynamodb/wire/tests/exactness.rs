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
fn table_names_of_items_have_three_characters_at_least() {
    let cloud = Cloud::with_table();
    let get = |name: &str| cloud.invalid("GetItem", with(key(), json!({"TableName": name})));
    let constraint = |name: &str, constraint: &str| {
        format!(
            "1 validation error detected: Value '{name}' at 'tableName' failed to satisfy constraint: Member must \
             {constraint}"
        )
    };
    assert_eq!(get("ab"), constraint("ab", "have length greater than or equal to 3"));
    assert_eq!(get("a!"), constraint("a!", "have length greater than or equal to 3"));
    assert_eq!(get("a!b"), constraint("a!b", "satisfy regular expression pattern: [a-zA-Z0-9_.-]+"));
    let put = json!({"TransactItems": [{"Put": {"TableName": "a!", "Item": {"id": {"S": "1"}}}}]});
    assert_eq!(
        cloud.invalid("TransactWriteItems", put.clone()),
        "2 validation errors detected: Value 'a!' at 'transactItems.1.member.put.tableName' failed to satisfy \
         constraint: Member must have length greater than or equal to 3; Value 'a!' at \
         'transactItems.1.member.put.tableName' failed to satisfy constraint: Member must satisfy regular expression \
         pattern: [a-zA-Z0-9_.-]+"
    );
    // Of parts it is told where nothing else is wrong.
    assert!(
        cloud
            .invalid("TransactWriteItems", with(put, json!({"ReturnConsumedCapacity": "BOGUS"})))
            .starts_with("1 validation error detected: Value 'BOGUS' at 'returnConsumedCapacity'")
    );
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
        "2 validation errors detected: Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy constraint: Member \
         must satisfy enum value set: [INDEXES, TOTAL, NONE]; Failed to satisfy constraint: Member must satisfy enum \
         value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]"
    );
}

#[test]
fn a_put_reports_every_wrong_return_in_its_own_words() {
    let wrong = json!({
        "TableName": "ttt",
        "Item": {"id": {"S": "a"}},
        "ReturnValues": "INVALID",
        "ReturnConsumedCapacity": "INVALID",
        "ReturnItemCollectionMetrics": "INVALID",
    });
    assert_eq!(
        Cloud::with_table().invalid("PutItem", wrong),
        "3 validation errors detected: Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy constraint: Member \
         must satisfy enum value set: [INDEXES, TOTAL, NONE]; Failed to satisfy constraint: Member must satisfy enum \
         value set: [ALL_OLD, UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]; Value 'INVALID' at 'returnItemCollectionMetrics' \
         failed to satisfy constraint: Member must satisfy enum value set: [SIZE, NONE]"
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

/// What the message is about, when a write reports it as one error of its validation.
#[track_caller]
fn one(message: String) -> String {
    message.strip_prefix("1 validation error detected: ").unwrap_or_else(|| panic!("{message}")).to_owned()
}

#[test]
fn writes_report_what_is_wrong_with_their_request_as_one_validation_error() {
    let cloud = Cloud::with_table();
    let value = json!({":v": {"S": "x"}});
    for (members, message) in [
        (
            json!({"ExpressionAttributeValues": value}),
            "ExpressionAttributeValues can only be specified when using expressions",
        ),
        (
            json!({"ExpressionAttributeNames": {"#a": "a"}}),
            "ExpressionAttributeNames can only be specified when using expressions",
        ),
        (json!({"ConditionExpression": ""}), "Invalid ConditionExpression: The expression can not be empty;"),
        (
            json!({"ConditionExpression": "attribute_exists(a)", "ExpressionAttributeValues": {}}),
            "ExpressionAttributeValues must not be empty",
        ),
        (
            json!({"ConditionExpression": "a = :w", "ExpressionAttributeValues": {":w": {"N": ""}}}),
            "The parameter cannot be converted to a numeric value: ",
        ),
    ] {
        for operation in ["DeleteItem", "UpdateItem"] {
            assert_eq!(one(cloud.invalid(operation, with(key(), members.clone()))), message);
        }
        let put = with(json!({"TableName": "ttt", "Item": {"id": {"S": "1"}}}), members);
        assert_eq!(one(cloud.invalid("PutItem", put)), message);
    }
    let wordless = with(key(), json!({"UpdateExpression": "", "ConditionExpression": ""}));
    assert_eq!(
        one(cloud.invalid("UpdateItem", wordless)),
        "Invalid ConditionExpression: The expression can not be empty;"
    );
    let mismatch = json!({"TableName": "ttt", "Key": {"id": {"N": "1"}}});
    assert_eq!(cloud.invalid("DeleteItem", mismatch), "The provided key element does not match the schema");
}

#[test]
fn sets_with_a_value_twice_are_shown_as_the_operation_reads_them() {
    let cloud = Cloud::with_table();
    let invalid = "One or more parameter values were invalid: ";
    for (set, current, older) in [
        (
            json!({"SS": ["b", "a", "b"]}),
            format!("{invalid}Input collection [\"a\", \"b\", \"b\"] contains duplicates."),
            format!("{invalid}Input collection [b, a, b] contains duplicates."),
        ),
        (
            json!({"BS": ["/w==", "AA==", "AA=="]}),
            format!("{invalid}Input collection [\"AA==\",\"/w==\",\"AA==\"]of type BS contains duplicates."),
            format!("{invalid}Input collection [/w==, AA==, AA==]of type BS contains duplicates."),
        ),
        (
            json!({"NS": ["2", "1", "2"]}),
            format!("{invalid}Input collection contains duplicates."),
            "Input collection contains duplicates".to_owned(),
        ),
    ] {
        let item = json!({"id": {"S": "1"}, "a": set});
        assert_eq!(one(cloud.invalid("PutItem", json!({"TableName": "ttt", "Item": item}))), current);
        assert_eq!(cloud.invalid("GetItem", json!({"TableName": "ttt", "Key": {"id": set}})), current);
        let query = json!({
            "TableName": "ttt",
            "KeyConditionExpression": "id = :t",
            "ExpressionAttributeValues": {":t": set},
        });
        assert_eq!(cloud.invalid("Query", query), current);
        let batch = json!({"RequestItems": {"ttt": [{"PutRequest": {"Item": item}}]}});
        assert_eq!(cloud.invalid("BatchWriteItem", batch), older);
        let scan = json!({
            "TableName": "ttt",
            "FilterExpression": "a = :t",
            "ExpressionAttributeValues": {":t": set},
        });
        assert_eq!(
            cloud.invalid("Scan", scan),
            format!("ExpressionAttributeValues contains invalid value: {older} for key :t")
        );
    }
}

#[test]
fn a_set_may_have_an_empty_text_or_binary() {
    let cloud = Cloud::with_table();
    let item = json!({"id": {"S": "1"}, "a": {"SS": ["", "x"]}, "b": {"BS": ["", "AQ=="]}});
    cloud.put("ttt", item.clone());
    assert_eq!(cloud.get("1"), item);
    let values = json!({":v": {"SS": [""]}});
    cloud.ok(
        "UpdateItem",
        with(key(), json!({"UpdateExpression": "DELETE a :v", "ExpressionAttributeValues": values})),
    );
    assert_eq!(cloud.get("1")["a"], json!({"SS": ["x"]}));
}

#[test]
fn an_update_without_a_key_reports_everything_in_the_older_words() {
    let cloud = Cloud::with_table();
    let name = "Value '' at 'tableName' failed to satisfy constraint: Member must have length greater than or equal to 1";
    let no_key = "Value null at 'key' failed to satisfy constraint: Member must not be null";
    assert_eq!(
        cloud.invalid("UpdateItem", json!({"TableName": ""})),
        format!("2 validation errors detected: {name}; {no_key}")
    );
    let wrong = json!({"TableName": "", "ReturnConsumedCapacity": "INVALID", "ReturnValues": "INVALID"});
    assert_eq!(
        cloud.invalid("UpdateItem", wrong),
        format!(
            "4 validation errors detected: Value 'INVALID' at 'returnConsumedCapacity' failed to satisfy constraint: \
             Member must satisfy enum value set: [INDEXES, TOTAL, NONE]; {name}; Value 'INVALID' at 'returnValues' failed \
             to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, \
             UPDATED_NEW]; {no_key}"
        )
    );
}

#[test]
fn batches_echo_names_that_are_none() {
    let cloud = Cloud::with_table();
    let keys = "Map keys must satisfy constraint: [Member must have length less than or equal to 255, Member must have \
                length greater than or equal to 3, Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+]";
    let capacity = "Value 'BOGUS' at 'returnConsumedCapacity' failed to satisfy constraint: Member must satisfy enum \
                    value set: [INDEXES, TOTAL, NONE]";
    let get = json!({"RequestItems": {"bad!name": {"Keys": [{"pk": {"S": "a"}}]}}, "ReturnConsumedCapacity": "BOGUS"});
    assert_eq!(
        cloud.invalid("BatchGetItem", get),
        format!(
            "2 validation errors detected: Value '{{\"bad!name\":{{\"Keys\":[{{\"pk\":{{\"S\":\"a\"}}}}]}}}}' at \
             'requestItems' failed to satisfy constraint: {keys}; {capacity}"
        )
    );
    let write = json!({"RequestItems": {"bad!name": [{"PutRequest": {"Item": {"pk": {"S": "x"}}}}]}});
    let message = cloud.invalid("BatchWriteItem", write.clone());
    let echo = "1 validation error detected: Value '{bad!name=[WriteRequest(putRequest=PutRequest(item={pk=AttributeValue(\
                s=x, n=null, ";
    assert!(message.starts_with(echo), "{message}");
    let end = format!(", deleteRequest=null)]}}' at 'requestItems' failed to satisfy constraint: {keys}");
    assert!(message.ends_with(&end), "{message}");
    assert_eq!(
        one(cloud.invalid("BatchWriteItem", with(write, json!({"ReturnConsumedCapacity": "BOGUS"})))),
        capacity
    );
    assert_eq!(
        one(cloud.invalid("BatchWriteItem", json!({"RequestItems": {"ttt": []}}))),
        "Value '{ttt=[]}' at 'requestItems' failed to satisfy constraint: Map value must satisfy constraint: [Member must \
         have length less than or equal to 25, Member must have length greater than or equal to 1]"
    );
}

#[test]
fn operands_of_key_conditions_are_judged_before_the_table_is_looked_up() {
    let cloud = Cloud::with_songs();
    let query = |table: &str, condition: &str, value: Value| {
        let values = json!({":p": {"S": "q"}, ":v": value});
        cloud.invalid(
            "Query",
            json!({"TableName": table, "KeyConditionExpression": condition, "ExpressionAttributeValues": values}),
        )
    };
    let operand = |operator: &str, kind: &str| {
        format!(
            "Invalid KeyConditionExpression: Incorrect operand type for operator or function; operator or function: \
             {operator}, operand type: {kind}"
        )
    };
    let number = json!({"N": "1"});
    assert_eq!(
        query("missing", "artist = :p AND begins_with(title, :v)", number),
        operand("begins_with", "N")
    );
    let truth = json!({"BOOL": true});
    assert_eq!(query("songs", "artist = :p AND title < :v", truth.clone()), operand("<", "BOOL"));
    assert_eq!(query("songs", "artist = :p AND :v >= title", truth.clone()), operand(">=", "BOOL"));
    assert_eq!(
        query("songs", "artist = :p AND title = :v", truth),
        "One or more parameter values were invalid: Condition parameter type does not match schema type"
    );
}

#[test]
fn a_conditional_operator_is_judged_by_what_it_joins() {
    let cloud = Cloud::new();
    let none = json!({"ComparisonOperator": "NULL"});
    let query = |filter: Value, operator: &str| {
        let input = json!({"TableName": "missing", "KeyConditions": {}, "QueryFilter": filter, "ConditionalOperator": operator, "Select": "BOGUS"});
        cloud.invalid("Query", input)
    };
    let put = |expected: Value| {
        let input = json!({"TableName": "missing", "Item": {"id": {"S": "1"}}, "Expected": expected, "ConditionalOperator": "XOR"});
        cloud.invalid("PutItem", input)
    };
    let (nothing, one) = (
        "ConditionalOperator cannot be used without Filter or Expected",
        "ConditionalOperator can only be used when Filter or Expected has two or more elements",
    );
    let unknown = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]";
    let in_envelope = |message: &str| format!("1 validation error detected: {message}");
    assert_eq!(query(json!({}), "XOR"), nothing);
    assert_eq!(query(json!({"a": none}), "AND"), one);
    assert_eq!(query(json!({"a": none, "b": none}), "XOR"), unknown);
    assert!(query(json!({"a": none, "b": none}), "OR").contains("Value 'BOGUS' at 'select'"));
    assert_eq!(put(json!({})), in_envelope(nothing));
    assert_eq!(put(json!({"a": {"Exists": false}})), in_envelope(one));
    assert_eq!(put(json!({"a": {"Exists": false}, "b": {"Exists": false}})), in_envelope(unknown));
    let mixed = json!({
        "TableName": "missing", "Item": {"id": {"S": "1"}}, "ConditionExpression": "attribute_exists(id)",
        "ConditionalOperator": "XOR",
    });
    assert_eq!(
        cloud.invalid("PutItem", mixed),
        in_envelope(
            "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: \
             {ConditionalOperator} Expression parameters: {ConditionExpression}"
        )
    );
}

#[test]
fn an_update_tells_the_first_of_its_members_that_is_none() {
    let cloud = Cloud::with_table();
    let update = |members: Value| cloud.invalid("UpdateItem", with(key(), members));
    let one_of = |value: &str, member: &str, names: &str| {
        format!(
            "Value '{value}' at '{member}' failed to satisfy constraint: Member must satisfy enum value set: [{names}]"
        )
    };
    let on_failure = one_of("no", "returnValuesOnConditionCheckFailure", "ALL_OLD, NONE");
    let metrics = one_of("no", "returnItemCollectionMetrics", "SIZE, NONE");
    let capacity = one_of("no", "returnConsumedCapacity", "INDEXES, TOTAL, NONE");
    let all = json!({
        "ReturnValuesOnConditionCheckFailure": "no", "ReturnItemCollectionMetrics": "no", "ReturnConsumedCapacity": "no",
    });
    assert_eq!(update(all.clone()), on_failure);
    let without = |member: &str| with(all.clone(), json!({member: null}));
    let two = without("ReturnValuesOnConditionCheckFailure");
    assert_eq!(update(two.clone()), format!("1 validation error detected: {metrics}"));
    assert_eq!(update(with(two, json!({"ReturnItemCollectionMetrics": null}))), capacity);
    // Without its key, all of them are told, in the older part's order.
    let told = cloud.invalid("UpdateItem", with(all, json!({"TableName": "ttt"})));
    assert_eq!(
        told,
        format!(
            "4 validation errors detected: {capacity}; {on_failure}; {metrics}; Value null at 'key' failed to satisfy \
             constraint: Member must not be null"
        )
    );
}

#[test]
fn truth_values_may_be_words_and_are_of_the_older_part_then() {
    let cloud = Cloud::with_table();
    let put = |value: Value| json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "v": value}});
    for (word, is) in [("yes", true), ("T", true), ("1", true), ("No", false), ("f", false), ("0", false)] {
        cloud.ok("PutItem", put(json!({"BOOL": word})));
        let found = cloud
            .ok("GetItem", with(key(), json!({"ConsistentRead": word, "ReturnConsumedCapacity": "TOTAL"})));
        assert_eq!(found["Item"]["v"], json!({"BOOL": is}), "{word}");
        assert_eq!(found["ConsumedCapacity"]["CapacityUnits"], json!(if is { 1.0 } else { 0.5 }), "{word}");
    }
    for (value, message) in [
        (json!("on"), "Unexpected token received from parser"),
        (json!(""), "Unexpected token received from parser"),
        (json!(1), "NUMBER_VALUE cannot be converted to Boolean"),
        (json!(1.5), "DECIMAL_VALUE cannot be converted to Boolean"),
    ] {
        assert_eq!(cloud.err("PutItem", put(json!({"BOOL": value})))["Message"], message, "{value}");
    }
    let no_null =
        "One or more parameter values were invalid: Null attribute value types must have the value of true";
    assert_eq!(cloud.invalid("PutItem", put(json!({"NULL": "no"}))), no_null);
    assert_eq!(cloud.invalid("PutItem", put(json!({"NULL": false, "S": "a"}))), no_null);
    assert_eq!(
        cloud.invalid("PutItem", put(json!({"NULL": false}))),
        format!("1 validation error detected: {no_null}")
    );
    cloud.ok("PutItem", put(json!({"S": "a", "N": null})));
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
        one(cloud.invalid("UpdateItem", update(32))),
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
    let update = set(LIMIT + 1);
    assert_eq!(
        cloud.err("TransactWriteItems", json!({"TransactItems": [{"Update": update}]}))["CancellationReasons"],
        json!([{"Code": "ValidationError", "Message": too_large}])
    );
    let text = json!({"S": "x".repeat(LIMIT - 4)});
    let statement = json!({"Statement": "UPDATE ttt SET b = ? WHERE id = '1'", "Parameters": [text]});
    cloud.ok("ExecuteStatement", statement);
    let put = json!({"b": {"Action": "PUT", "Value": text}});
    cloud.ok("UpdateItem", with(key(), json!({"AttributeUpdates": put})));
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

#[test]
fn the_older_layer_wraps_the_greatest_exponent() {
    let cloud = Cloud::with_table();
    let item = |number: &str| json!({"id": {"S": "a"}, "n": {"N": number}});
    let put = |number: &str| json!({"RequestItems": {"ttt": [{"PutRequest": {"Item": item(number)}}]}});
    let size = |what: &str, than: &str| {
        format!("Number {what}flow. Attempting to store a number with magnitude {than} than supported range")
    };
    assert_eq!(cloud.invalid("BatchWriteItem", put("1e2147483647")), size("under", "smaller"));
    assert_eq!(cloud.invalid("BatchWriteItem", put("1e2147483646")), size("over", "larger"));
    let one = json!({"TableName": "ttt", "Item": item("1e2147483647")});
    assert_eq!(
        cloud.invalid("PutItem", one),
        format!("1 validation error detected: {}", size("over", "larger"))
    );
}
