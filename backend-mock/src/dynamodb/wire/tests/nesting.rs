//! How deep values may be: 32 levels, and what is said of deeper ones, which depends on where they stand and on whether
//! they are deeper than 62 levels, where the newer validation of requests ends (recorded against AWS in 2026-10).

use super::*;

const NESTED: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit";

fn enveloped(message: &str) -> String {
    format!("1 validation error detected: {message}")
}

fn of_key(message: &str) -> String {
    format!("ExpressionAttributeValues contains invalid value: {message} for key :v")
}

/// Maps in one another, around a text.
fn deep(levels: usize) -> Value {
    (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"M": {"n": inner}}))
}

fn with_values(levels: usize) -> Value {
    json!({"ConditionExpression": "a = :v", "ExpressionAttributeValues": {":v": deep(levels)}})
}

/// Every place of a request that has a value, of that many levels, and how its operation tells faults.
fn places(value: &Value) -> Vec<(&'static str, bool, Value)> {
    let id = json!({"id": {"S": "1"}});
    let equals = json!({"a": {"ComparisonOperator": "EQ", "AttributeValueList": [value]}});
    let keys = json!({"id": {"ComparisonOperator": "EQ", "AttributeValueList": [value]}});
    let start = json!({"KeyConditionExpression": "id = :v", "ExpressionAttributeValues": {":v": {"S": "1"}}});
    vec![
        ("PutItem", true, json!({"Item": {"id": {"S": "1"}, "a": value}})),
        ("PutItem", true, json!({"Item": id, "Expected": {"a": {"Value": value}}})),
        ("UpdateItem", true, json!({"Key": {"id": value}, "UpdateExpression": "REMOVE a"})),
        ("UpdateItem", true, json!({"Key": id, "AttributeUpdates": {"a": {"Value": value}}})),
        ("DeleteItem", true, json!({"Key": {"id": value}})),
        ("DeleteItem", true, json!({"Key": id, "Expected": equals})),
        ("GetItem", false, json!({"Key": {"id": value}})),
        ("Query", false, json!({"KeyConditions": keys})),
        ("Query", false, with(start, json!({"ExclusiveStartKey": {"id": value}}))),
    ]
}

#[test]
fn a_value_of_32_levels_is_refused_wherever_it_stands() {
    let cloud = Cloud::new();
    for levels in [32, 61] {
        for (operation, is_write, members) in places(&deep(levels)) {
            let told = cloud.invalid(operation, with(json!({"TableName": "missing"}), members.clone()));
            let expected = if is_write { enveloped(NESTED) } else { NESTED.to_owned() };
            assert_eq!(told, expected, "{operation} {members} of {levels} levels");
        }
        for (operation, items) in [
            ("BatchGetItem", json!({"missing": {"Keys": [{"id": deep(levels)}]}})),
            ("BatchWriteItem", json!({"missing": [{"DeleteRequest": {"Key": {"id": deep(levels)}}}]})),
            ("BatchWriteItem", json!({"missing": [{"PutRequest": {"Item": {"a": deep(levels)}}}]})),
        ] {
            assert_eq!(cloud.invalid(operation, json!({"RequestItems": items})), NESTED);
        }
        assert_eq!(
            cloud.invalid("Scan", json!({"TableName": "missing", "ExclusiveStartKey": {"id": deep(levels)}})),
            format!("The provided starting key is invalid: {NESTED}")
        );
    }
}

#[test]
fn the_older_validation_lets_values_of_conditions_have_one_level_more() {
    let cloud = Cloud::with_table();
    let scan = |levels| json!({"TableName": "ttt", "ScanFilter": {"a": {"ComparisonOperator": "EQ", "AttributeValueList": [deep(levels)]}}});
    cloud.ok("Scan", scan(32));
    assert_eq!(cloud.invalid("Scan", scan(33)), NESTED);
    let check = |levels| {
        let part = with(json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}}), with_values(levels));
        json!({"TransactItems": [{"ConditionCheck": part}]})
    };
    assert_eq!(
        cloud.err("TransactWriteItems", check(32))["CancellationReasons"][0]["Code"],
        "ConditionalCheckFailed"
    );
    assert_eq!(cloud.invalid("TransactWriteItems", check(33)), of_key(NESTED));
}

#[test]
fn beyond_62_levels_writes_are_read_by_the_older_validation() {
    let cloud = Cloud::new();
    let of_missing = |members: Value| with(json!({"TableName": "missing"}), members);
    for (levels, expected) in [(62, enveloped(NESTED)), (63, NESTED.to_owned()), (1000, NESTED.to_owned())] {
        let put = of_missing(json!({"Item": {"a": deep(levels.min(63))}}));
        assert_eq!(cloud.invalid("PutItem", put), expected, "{levels}");
    }
    let key = json!({"Key": {"id": {"S": "1"}}});
    for (operation, rest) in [
        ("PutItem", json!({"Item": {"id": {"S": "1"}}})),
        ("UpdateItem", key.clone()),
        ("DeleteItem", key.clone()),
    ] {
        let input = |levels| with(of_missing(rest.clone()), with_values(levels));
        assert_eq!(cloud.invalid(operation, input(62)), enveloped(NESTED), "{operation}");
        assert_eq!(cloud.invalid(operation, input(63)), of_key(NESTED), "{operation}");
    }
    let operators = json!({"Expected": {"a": {"Value": deep(100)}, "b": {"Exists": false}}, "ConditionalOperator": "XOR"});
    let expected = "1 validation error detected: Value 'XOR' at 'conditionalOperator' failed to satisfy constraint: \
                    Member must satisfy enum value set: [OR, AND]";
    assert_eq!(cloud.invalid("PutItem", with(of_missing(json!({"Item": {}})), operators.clone())), expected);
    assert_eq!(cloud.invalid("UpdateItem", with(of_missing(key.clone()), operators)), expected);
    let returned =
        |value| with(with(of_missing(key.clone()), with_values(100)), json!({"ReturnValues": value}));
    assert_eq!(cloud.invalid("DeleteItem", returned("ALL_NEW")), "ReturnValues can only be ALL_OLD or NONE");
    assert_eq!(
        cloud.invalid("DeleteItem", returned("BOGUS")),
        "1 validation error detected: Value 'BOGUS' at 'returnValues' failed to satisfy constraint: Member must satisfy \
         enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
    );
}

#[test]
fn of_several_values_that_are_too_deep_the_first_is_told() {
    let body = format!(
        r#"{{"TableName":"missing","Key":{{}},"UpdateExpression":"SET a = :z, b = :a","ExpressionAttributeValues":{{":z":{0},":a":{0}}}}}"#,
        deep(100)
    );
    let answer = Cloud::new().respond("DynamoDB_20120810.UpdateItem", body.as_bytes());
    let answer: Value = serde_json::from_slice(answer.body()).unwrap();
    assert_eq!(answer["message"], of_key(NESTED).replace(":v", ":z"));
}

#[test]
fn an_item_that_an_update_would_nest_too_deeply_is_refused_in_fewer_words() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "a": deep(30)}));
    let update = json!({
        "TableName": "ttt",
        "Key": {"id": {"S": "1"}},
        "UpdateExpression": format!("SET a{} = :v", ".n".repeat(30)),
        "ExpressionAttributeValues": {":v": deep(2)},
    });
    assert_eq!(cloud.invalid("UpdateItem", update.clone()), "Nesting Levels have exceeded supported limits");
    let update = with(update, json!({"ExpressionAttributeValues": {":v": deep(1)}}));
    cloud.ok("UpdateItem", update);
}

#[test]
fn a_transaction_tells_the_fault_of_its_first_part_that_has_one() {
    let key = |levels| json!({"TableName": "missing", "Key": {"id": deep(levels)}});
    let put = |members: Value| json!({"Put": with(json!({"TableName": "missing", "Item": {"id": {"S": "1"}}}), members)});
    let bad_condition = json!({"ConditionExpression": "a = = b"});
    let unnamed = json!({"Item": {"": {"S": "x"}, "d": deep(100)}});
    let check = |levels| json!({"ConditionCheck": with(key(levels), json!({"ConditionExpression": "attribute_exists(a)"}))});
    let unused = json!({"Update": {
        "TableName": "missing",
        "Key": {"id": {"S": "1"}},
        "UpdateExpression": "SET a = :v",
        "ExpressionAttributeValues": {":v": {"S": "x"}, ":u": {"S": "y"}},
    }});
    const SYNTAX: &str = "Invalid ConditionExpression: Syntax error; token: \"=\", near: \"= = b\"";
    const UNUSED: &str = "Value provided in ExpressionAttributeValues unused in expressions: keys: {:u}";
    for (items, expected) in [
        (json!([put(json!({"Item": {"a": deep(40)}})), put(unnamed.clone())]), NESTED),
        (json!([put(unnamed.clone()), put(json!({"Item": {"a": deep(100)}}))]), "Empty attribute name"),
        (json!([put(unnamed)]), "Empty attribute name"),
        (json!([put(json!({"Item": {"m": {"M": {"": {"S": "x"}}}, "d": deep(40)}}))]), NESTED),
        (json!([{"Delete": key(40)}, put(bad_condition.clone())]), NESTED),
        (json!([put(bad_condition.clone()), {"Delete": key(100)}]), SYNTAX),
        (json!([{"Delete": with(key(100), bad_condition)}]), SYNTAX),
        (json!([check(40), unused]), NESTED),
        (json!([unused, check(100)]), UNUSED),
    ] {
        assert_eq!(
            Cloud::new().invalid("TransactWriteItems", json!({"TransactItems": items})),
            expected,
            "{items}"
        );
    }
}
