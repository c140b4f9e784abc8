//! Transactions.

use super::*;

fn put(id: &str, condition: Option<&str>) -> Value {
    let mut put = json!({"TableName": "ttt", "Item": {"id": {"S": id}}});
    if let Some(condition) = condition {
        put["ConditionExpression"] = condition.into();
    }
    json!({"Put": put})
}

#[test]
fn a_transaction_writes_all_and_reads_in_order() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "gone"}}));
    cloud.put("ttt", json!({"id": {"S": "there"}}));
    let key = |id: &str| json!({"id": {"S": id}});
    let items = json!([
        put("a", None),
        {"Update": {
            "TableName": "ttt",
            "Key": key("b"),
            "UpdateExpression": "ADD n :one",
            "ExpressionAttributeValues": {":one": {"N": "1"}},
        }},
        {"Delete": {"TableName": "ttt", "Key": key("gone")}},
        {"ConditionCheck": {"TableName": "ttt", "Key": key("there"), "ConditionExpression": "attribute_exists(id)"}},
    ]);
    assert_eq!(
        cloud.ok("TransactWriteItems", json!({"TransactItems": items, "ReturnConsumedCapacity": "TOTAL"})),
        json!({"ConsumedCapacity": [{"CapacityUnits": 8.0, "WriteCapacityUnits": 8.0, "TableName": "ttt"}]})
    );
    let get = |id: &str| json!({"Get": {"TableName": "ttt", "Key": key(id)}});
    assert_eq!(
        cloud.ok(
            "TransactGetItems",
            json!({"TransactItems": [get("b"), get("gone"), get("a")], "ReturnConsumedCapacity": "TOTAL"})
        ),
        json!({
            "Responses": [
                {"Item": {"id": {"S": "b"}, "n": {"N": "1"}}},
                {},
                {"Item": {"id": {"S": "a"}}},
            ],
            "ConsumedCapacity": [{"CapacityUnits": 6.0, "ReadCapacityUnits": 6.0, "TableName": "ttt"}],
        })
    );
}

#[test]
fn one_condition_that_fails_cancels_all_with_a_reason_for_each() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "there"}, "x": {"S": "y"}}));
    let mut failing = put("there", Some("attribute_not_exists(id)"));
    failing["Put"]["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD".into();
    let misfit = json!({"Put": {"TableName": "ttt", "Item": {"key": {"S": "1"}}}});
    assert_eq!(
        cloud.err("TransactWriteItems", json!({"TransactItems": [failing, put("new", None), misfit]})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons \
                        [ConditionalCheckFailed, None, ValidationError]",
            "CancellationReasons": [
                {
                    "Code": "ConditionalCheckFailed",
                    "Message": "The conditional request failed",
                    "Item": {"id": {"S": "there"}, "x": {"S": "y"}},
                },
                {"Code": "None"},
                {
                    "Code": "ValidationError",
                    "Message": "One or more parameter values were invalid: Missing the key id in the item",
                },
            ],
        })
    );
    assert_eq!(cloud.get("new"), Value::Null);
}

#[test]
fn a_transaction_touches_an_item_once() {
    let cloud = Cloud::with_table();
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [put("a", None), put("a", None)]})),
        "Transaction request cannot include multiple operations on one item"
    );
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [{}]})),
        "TransactItems can only contain one of Check, Put, Update or Delete"
    );
}

#[test]
fn a_token_makes_a_transaction_idempotent_for_ten_minutes() {
    let mut cloud = Cloud::with_table();
    let increment = |value: &str| {
        json!({
            "ClientRequestToken": "token",
            "TransactItems": [{"Update": {
                "TableName": "ttt",
                "Key": {"id": {"S": "a"}},
                "UpdateExpression": "ADD n :v",
                "ExpressionAttributeValues": {":v": {"N": value}},
            }}],
        })
    };
    let n = |cloud: &Cloud| cloud.get("a")["n"]["N"].clone();
    cloud.ok("TransactWriteItems", increment("1"));
    cloud.now += Duration::from_secs(599);
    cloud.ok("TransactWriteItems", increment("1"));
    assert_eq!(n(&cloud), "1");
    assert_eq!(
        cloud.err("TransactWriteItems", increment("2"))["__type"],
        "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException"
    );
    cloud.now += Duration::from_secs(1);
    cloud.ok("TransactWriteItems", increment("2"));
    assert_eq!(n(&cloud), "3");
}
