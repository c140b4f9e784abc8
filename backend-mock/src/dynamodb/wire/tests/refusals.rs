//! What is no request, what is not implemented, and the headers of every answer.

use super::*;

#[test]
fn an_answer_carries_its_type_its_request_id_and_its_checksum() {
    let response = Cloud::new().respond("DynamoDB_20120810.ListTables", b"{}");
    let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
    assert_eq!(&response.body()[..], br#"{"TableNames":[]}"#);
    assert_eq!(header("content-type"), "application/x-amz-json-1.0");
    assert_eq!(header("x-amzn-requestid"), "REQUEST");
    assert_eq!(header("x-amz-crc32"), "1315925753");
}

#[test]
fn operations_that_are_not_implemented_are_named() {
    let cloud = Cloud::new();
    assert_eq!(
        cloud.err("SearchTables", json!({})),
        json!({
            "__type": "com.amazon.coral.service#UnknownOperationException",
            "message": "The in-memory DynamoDB does not implement the operation SearchTables",
        })
    );
    let response = cloud.respond("DynamoDB_20111205.ListTables", b"{}");
    assert_eq!(response.status(), 400);
}

#[test]
fn parameters_that_are_not_implemented_are_named() {
    let cloud = Cloud::with_table();
    for (operation, input, member) in [
        ("CreateTable", with(table("other"), json!({"ResourcePolicy": "{}"})), "ResourcePolicy"),
        (
            "UpdateTable",
            json!({"TableName": "ttt", "TableClass": "STANDARD", "GlobalTableWitnessUpdates": []}),
            "GlobalTableWitnessUpdates",
        ),
    ] {
        let message = format!("The in-memory DynamoDB does not implement the parameter {member}");
        assert_eq!(cloud.invalid(operation, input), message);
    }
}

#[test]
fn what_is_no_json_or_of_the_wrong_type_is_a_serialization_exception() {
    let cloud = Cloud::with_table();
    let malformed = cloud.respond("DynamoDB_20120810.GetItem", b"{");
    assert_eq!(&malformed.body()[..], br#"{"__type":"com.amazon.coral.service#SerializationException"}"#);
    let put = |value: Value| json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "a": value}});
    for (operation, input, message) in [
        ("GetItem", json!({"TableName": 1}), "NUMBER_VALUE cannot be converted to String"),
        ("PutItem", put(json!({"S": true})), "TRUE_VALUE cannot be converted to String"),
        ("PutItem", put(json!({"N": 1})), "NUMBER_VALUE cannot be converted to String"),
        (
            "PutItem",
            put(json!({"B": "abc"})),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3",
        ),
        ("PutItem", put(json!({"L": {}})), "Start of structure or map found where not expected"),
        ("Query", json!({"TableName": "ttt", "Limit": "1"}), "STRING_VALUE cannot be converted to Integer"),
        ("ListTables", json!([]), "Unexpected value type in payload"),
    ] {
        assert_eq!(
            cloud.err(operation, input),
            json!({"__type": "com.amazon.coral.service#SerializationException", "Message": message})
        );
    }
}

#[test]
fn constraints_are_reported_together() {
    let cloud = Cloud::new();
    assert_eq!(
        cloud.invalid("PutItem", json!({"TableName": "a;", "ReturnValues": "x"})),
        "3 validation errors detected: Value 'a;' at 'tableName' failed to satisfy constraint: Member must satisfy \
         regular expression pattern: [a-zA-Z0-9_.-]+; Value null at 'item' failed to satisfy constraint: Member must \
         not be null; Value 'x' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: \
         [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]"
    );
}
