//! Names that have no characters: refused wherever a request has one, but in filters of the legacy kind (recorded against
//! AWS in 2026-10).

use super::*;

const EMPTY: &str = "Empty attribute name";
const OF_NAME: &str = "ExpressionAttributeNames contains invalid value: Empty attribute name for key #e";
const OF_VALUE: &str = "ExpressionAttributeValues contains invalid value: Empty attribute name for key :v";

/// A map with a name that has no characters.
fn unnamed() -> Value {
    json!({"M": {"": {"S": "x"}}})
}

#[test]
fn writes_of_one_item_refuse_them_in_the_envelope() {
    let cloud = Cloud::with_table();
    let id = json!({"id": {"S": "1"}});
    let none = json!({"id": {"S": "1"}, "": {"S": "x"}});
    let names = json!({"#e": ""});
    let values = json!({":v": unnamed()});
    for (operation, members) in [
        ("PutItem", json!({"Item": none})),
        ("PutItem", json!({"Item": {"id": {"N": "1"}, "l": {"L": [unnamed()]}}})),
        ("PutItem", json!({"TableName": "missing", "Item": {"m": {"M": {"a": unnamed()}}}})),
        ("PutItem", json!({"Item": {"id": {"S": "1"}, "m": unnamed(), "big": {"S": "x".repeat(410_000)}}})),
        ("PutItem", json!({"Item": id, "Expected": {"": {"Exists": false}}})),
        (
            "PutItem",
            json!({"Item": id, "ConditionExpression": "m = :v", "ExpressionAttributeValues": values}),
        ),
        (
            "UpdateItem",
            json!({"Key": id, "UpdateExpression": "SET u =", "ExpressionAttributeValues": values}),
        ),
        ("UpdateItem", json!({"Key": none, "UpdateExpression": "REMOVE u"})),
        ("UpdateItem", json!({"Key": id, "AttributeUpdates": {"": {"Value": {"S": "x"}}}})),
        ("UpdateItem", json!({"Key": id, "AttributeUpdates": {"m": {"Value": unnamed()}}})),
        ("DeleteItem", json!({"Key": none})),
        ("DeleteItem", json!({"Key": id, "Expected": {"m": {"Value": unnamed()}}})),
        (
            "DeleteItem",
            json!({"Key": id, "ConditionExpression": "m = :v", "ExpressionAttributeValues": values}),
        ),
    ] {
        let told = cloud.invalid(operation, with(json!({"TableName": "ttt"}), members.clone()));
        assert_eq!(told, format!("1 validation error detected: {EMPTY}"), "{operation} {members}");
    }
    for (operation, members) in [
        ("PutItem", json!({"Item": id, "ConditionExpression": "attribute_exists(#e)"})),
        ("UpdateItem", json!({"Key": id, "UpdateExpression": "REMOVE #e"})),
        ("DeleteItem", json!({"Key": id, "ConditionExpression": "attribute_exists(id)"})),
    ] {
        let members = with(members, json!({"ExpressionAttributeNames": names}));
        let told = cloud.invalid(operation, with(json!({"TableName": "ttt"}), members));
        assert_eq!(told, format!("1 validation error detected: {OF_NAME}"), "{operation}");
    }
    assert_eq!(cloud.ok("Scan", json!({"TableName": "ttt"}))["Count"], 0);
}

#[test]
fn reads_refuse_them_without_it() {
    let cloud = Cloud::with_table();
    let id = json!({"id": {"S": "1"}});
    let none = json!({"id": {"S": "1"}, "": {"S": "x"}});
    let values = json!({":v": unnamed()});
    let named = json!({"ProjectionExpression": "id", "ExpressionAttributeNames": {"#e": ""}});
    let filter = json!({"m": {"ComparisonOperator": "EQ", "AttributeValueList": [unnamed()]}});
    let keys = json!({"id": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "1"}]}});
    for (operation, members, expected) in [
        ("GetItem", json!({"TableName": "missing", "Key": none}), EMPTY),
        ("GetItem", json!({"Key": {"id": unnamed()}}), EMPTY),
        ("GetItem", json!({"Key": id, "AttributesToGet": [""]}), EMPTY),
        ("GetItem", with(named.clone(), json!({"Key": id})), OF_NAME),
        ("Query", json!({"KeyConditionExpression": "id = :v", "ExpressionAttributeValues": values}), EMPTY),
        ("Query", json!({"KeyConditions": keys, "QueryFilter": filter}), EMPTY),
        ("Query", json!({"KeyConditions": keys, "AttributesToGet": [""]}), EMPTY),
        ("Query", json!({"KeyConditions": keys, "ExclusiveStartKey": none}), EMPTY),
        ("Scan", json!({"FilterExpression": "m = :v", "ExpressionAttributeValues": values}), EMPTY),
        ("Scan", json!({"ScanFilter": filter}), EMPTY),
        ("Scan", json!({"AttributesToGet": [""]}), EMPTY),
        ("Scan", json!({"ExclusiveStartKey": none}), EMPTY),
        ("Scan", named, OF_NAME),
    ] {
        let told = cloud.invalid(operation, with(json!({"TableName": "ttt"}), members.clone()));
        assert_eq!(told, expected, "{operation} {members}");
    }
    for tables in [json!({"ttt": {"Keys": [none]}}), json!({"ttt": {"Keys": [id], "AttributesToGet": [""]}})]
    {
        assert_eq!(cloud.invalid("BatchGetItem", json!({"RequestItems": tables})), EMPTY);
    }
    let get = json!({"TableName": "ttt", "Key": none});
    assert_eq!(cloud.invalid("TransactGetItems", json!({"TransactItems": [{"Get": get}]})), EMPTY);
    // A legacy filter may speak of such an attribute, which no item has.
    cloud.ok("Scan", json!({"TableName": "ttt", "ScanFilter": {"": {"ComparisonOperator": "NOT_NULL"}}}));
    let filter = json!({"": {"ComparisonOperator": "NOT_NULL"}});
    cloud.ok("Query", json!({"TableName": "ttt", "KeyConditions": keys, "QueryFilter": filter}));
    cloud.put("ttt", json!({"id": {"S": "1"}, "m": {"M": {" ": {"S": "space"}}}}));
}

#[test]
fn batches_and_transactions_refuse_them_and_write_nothing() {
    let cloud = Cloud::with_table();
    let id = json!({"id": {"S": "1"}});
    let none = json!({"id": {"S": "1"}, "": {"S": "x"}});
    let other = json!({"PutRequest": {"Item": {"id": {"S": "2"}}}});
    for request in [
        json!({"PutRequest": {"Item": none}}),
        json!({"PutRequest": {"Item": {"id": {"S": "1"}, "m": unnamed()}}}),
        json!({"DeleteRequest": {"Key": none}}),
    ] {
        assert_eq!(
            cloud.invalid("BatchWriteItem", json!({"RequestItems": {"ttt": [other, request]}})),
            EMPTY
        );
    }
    let values = json!({"ConditionExpression": "m = :v", "ExpressionAttributeValues": {":v": unnamed()}});
    let update = json!({"UpdateExpression": "SET #e = :v", "ExpressionAttributeNames": {"#e": ""}});
    for (verb, members, expected) in [
        ("Put", json!({"Item": none}), EMPTY),
        ("Put", json!({"TableName": "missing", "Item": {"m": unnamed()}}), EMPTY),
        ("Put", with(json!({"Item": id}), values.clone()), OF_VALUE),
        ("Delete", json!({"Key": none}), EMPTY),
        ("Delete", with(json!({"Key": id}), values.clone()), OF_VALUE),
        ("ConditionCheck", with(json!({"Key": id}), values), OF_VALUE),
        (
            "Update",
            with(json!({"Key": id, "ExpressionAttributeValues": {":v": {"S": "x"}}}), update),
            OF_NAME,
        ),
    ] {
        let part = with(json!({"TableName": "ttt"}), members);
        let other = json!({"Put": {"TableName": "ttt", "Item": {"id": {"S": "2"}}}});
        let told = cloud.invalid("TransactWriteItems", json!({"TransactItems": [other, {verb: part}]}));
        assert_eq!(told, expected, "{verb}");
    }
    assert_eq!(cloud.ok("Scan", json!({"TableName": "ttt"}))["Count"], 0);
}
