//! Answers recorded against DynamoDB in 2026-10, case by case, of operations on items.

use super::*;

fn id() -> Value {
    json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}})
}

fn enveloped(message: &str) -> String {
    format!("1 validation error detected: {message}")
}

#[test]
fn an_expression_of_white_space_is_a_syntax_error_and_writes_nothing() {
    let cloud = Cloud::with_table();
    for blank in ["   ", "\t\n"] {
        let told =
            |member: &str| format!("Invalid {member}: Syntax error; token: \"<EOF>\", near: \"{blank}\"");
        let update = with(id(), json!({"UpdateExpression": blank}));
        assert_eq!(cloud.invalid("UpdateItem", update.clone()), enveloped(&told("UpdateExpression")));
        let delete = with(id(), json!({"ConditionExpression": blank}));
        assert_eq!(cloud.invalid("DeleteItem", delete), enveloped(&told("ConditionExpression")));
        let get = with(id(), json!({"ProjectionExpression": blank}));
        assert_eq!(cloud.invalid("GetItem", get), told("ProjectionExpression"));
        for (operation, member) in [("Query", "KeyConditionExpression"), ("Scan", "FilterExpression")] {
            assert_eq!(cloud.invalid(operation, json!({"TableName": "ttt", member: blank})), told(member));
        }
        let transaction = json!({"TransactItems": [{"Update": update}]});
        assert_eq!(cloud.invalid("TransactWriteItems", transaction), told("UpdateExpression"));
    }
    assert_eq!(cloud.get("1"), Value::Null);
}

#[test]
fn the_length_of_an_expression_that_is_too_long_is_told_by_scans_and_transactions() {
    let cloud = Cloud::with_table();
    let long = format!("attribute_exists({})", "a".repeat(4_080));
    let told =
        |member: &str| format!("Invalid {member}: Expression size has exceeded the maximum allowed size;");
    let delete = with(id(), json!({"ConditionExpression": long}));
    assert_eq!(cloud.invalid("DeleteItem", delete.clone()), enveloped(&told("ConditionExpression")));
    let get = with(id(), json!({"ProjectionExpression": "a".repeat(4_097)}));
    assert_eq!(cloud.invalid("GetItem", get), told("ProjectionExpression"));
    let query = json!({"TableName": "ttt", "KeyConditionExpression": "id = :v", "FilterExpression": long});
    let query = with(query, json!({"ExpressionAttributeValues": {":v": {"S": "1"}}}));
    assert_eq!(cloud.invalid("Query", query), told("FilterExpression"));
    assert_eq!(
        cloud.invalid("Scan", json!({"TableName": "ttt", "FilterExpression": long})),
        format!("{} expression size: 4098", told("FilterExpression"))
    );
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [{"Delete": delete}]})),
        format!("{} expression size: 4098", told("ConditionExpression"))
    );
    let update = with(id(), json!({"UpdateExpression": format!("REMOVE {}", "a".repeat(4_090))}));
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [{"Update": update}]})),
        told("UpdateExpression")
    );
}

#[test]
fn an_index_of_a_list_does_not_begin_with_0() {
    let cloud = Cloud::with_table();
    for (index, near) in [("00", "00]"), ("007", "007")] {
        let update = with(id(), json!({"UpdateExpression": format!("REMOVE l[{index}]")}));
        let token = &index[1..index.len().min(2)];
        assert_eq!(
            cloud.invalid("UpdateItem", update),
            enveloped(&format!(
                "Invalid UpdateExpression: Syntax error; token: \"{token}\", near: \"{near}\""
            )),
        );
    }
    cloud.ok("UpdateItem", with(id(), json!({"UpdateExpression": "REMOVE l[0], l[10]"})));
}

#[test]
fn what_cannot_be_added_is_named_with_the_set_of_types_that_can() {
    let cloud = Cloud::with_table();
    for (value, name) in [
        (json!({"S": "x"}), "STRING"),
        (json!({"B": "eA=="}), "Binary"),
        (json!({"BOOL": true}), "BOOL"),
        (json!({"NULL": true}), "NULL"),
        (json!({"L": []}), "LIST"),
        (json!({"M": {}}), "MAP"),
    ] {
        for verb in ["ADD", "DELETE"] {
            let values = json!({":v": value});
            let update =
                json!({"UpdateExpression": format!("{verb} a :v"), "ExpressionAttributeValues": values});
            assert_eq!(
                cloud.invalid("UpdateItem", with(id(), update)),
                enveloped(&format!(
                    "Invalid UpdateExpression: Incorrect operand type for operator or function; operator: {verb}, \
                     operand type: {name}, typeSet: ALLOWED_FOR_ADD_OPERAND"
                ))
            );
        }
    }
}

#[test]
fn an_action_of_attribute_updates_is_written_as_it_is_called() {
    let cloud = Cloud::with_table();
    for table in ["ttt", "missing"] {
        for action in ["put", "Delete", "BOGUS"] {
            let updates = json!({"a": {"Action": action, "Value": {"N": "1"}}, "b": {"Action": "PUT"}});
            let input = with(id(), json!({"TableName": table, "AttributeUpdates": updates}));
            assert_eq!(
                cloud.invalid("UpdateItem", input),
                enveloped("Member must satisfy enum value set: [ADD, DELETE, PUT]' for Action")
            );
        }
    }
    assert_eq!(cloud.get("1"), Value::Null);
}

#[test]
fn an_update_that_is_too_large_is_refused_before_it_meets_the_item() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "s": {"S": "text"}}));
    for update in [
        json!({"UpdateExpression": "SET id = :k, c = :v"}),
        json!({"UpdateExpression": "SET c = :v, s.x = :k"}),
        json!({"UpdateExpression": "SET c = :v, d = :k", "ConditionExpression": "attribute_exists(nope)"}),
    ] {
        let values = json!({":v": {"S": "x".repeat(409_600)}, ":k": {"S": "k"}});
        let input = with(with(id(), update), json!({"ExpressionAttributeValues": values}));
        assert_eq!(
            cloud.invalid("UpdateItem", input),
            "Item size to update has exceeded the maximum allowed size"
        );
    }
}

#[test]
fn what_was_there_before_an_index_does_not_keep_an_item_from_being_updated() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "g": {"N": "5"}}));
    cloud.ok(
        "UpdateTable",
        json!({
            "TableName": "ttt",
            "AttributeDefinitions": [{"AttributeName": "g", "AttributeType": "B"}],
            "GlobalSecondaryIndexUpdates": [{"Create": {
                "IndexName": "index",
                "KeySchema": [key("g", "HASH")],
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            }}],
        }),
    );
    let set = |name: &str, value: Value| {
        let update = json!({"UpdateExpression": format!("SET {name} = :v"), "ExpressionAttributeValues": {":v": value}});
        with(id(), update)
    };
    cloud.ok("UpdateItem", set("extra", json!({"S": "x"})));
    assert_eq!(
        cloud.invalid("UpdateItem", set("g", json!({"B": ""}))),
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key to \
         a value that is not supported. The AttributeValue for a key attribute cannot contain an empty binary value."
    );
}

#[test]
fn a_start_key_that_no_page_of_a_query_ended_with_is_refused() {
    let cloud = Cloud::with_songs();
    cloud.ok("CreateTable", table("ttt"));
    let query = |table: &str, name: &str, start: Value| {
        json!({
            "TableName": table,
            "KeyConditionExpression": format!("{name} = :v"),
            "ExpressionAttributeValues": {":v": {"S": "a"}},
            "ExclusiveStartKey": start,
        })
    };
    const INVALID: &str = "The provided starting key is invalid";
    for (input, expected) in [
        (query("ttt", "id", json!({"id": {"S": "b"}})), "The provided exclusive start key is invalid"),
        (query("ttt", "id", json!({"id": {"N": "1"}})), INVALID),
        (query("ttt", "id", json!({"id": {"M": {}}})), INVALID),
        (query("ttt", "id", json!({"id": {"S": "a"}, "more": {"S": "x"}})), INVALID),
        (
            query("ttt", "id", json!({"id": {"NULL": false}})),
            "One or more parameter values were invalid: Null attribute value types must have the value of true",
        ),
        (
            query("ttt", "id", json!({"id": {"SS": []}})),
            "One or more parameter values were invalid: An string set  may not be empty",
        ),
        (
            query("ttt", "id", json!({"id": {}})),
            "The provided starting key is invalid: Supplied AttributeValue is empty, must contain exactly one of the \
             supported datatypes",
        ),
        (
            with(
                query(
                    "songs",
                    "genre",
                    json!({"genre": {"S": "a"}, "artist": {"N": "1"}, "title": {"S": "x"}}),
                ),
                json!({"IndexName": "genres"}),
            ),
            INVALID,
        ),
    ] {
        assert_eq!(cloud.invalid("Query", input.clone()), expected, "{input}");
    }
}

#[test]
fn a_start_key_of_several_attributes_is_looked_at_from_the_first_on() {
    let cloud = Cloud::new();
    let names = ["id", "h", "g", "a"];
    cloud.ok(
        "CreateTable",
        json!({
            "TableName": "ttt",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": names.map(|name| json!({"AttributeName": name, "AttributeType": "S"})),
            "KeySchema": [key("id", "HASH")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "index",
                "KeySchema": [key("h", "HASH"), key("g", "HASH"), key("a", "RANGE")],
                "Projection": {"ProjectionType": "ALL"},
            }],
        }),
    );
    let query = |condition: &str, values: [&str; 3]| {
        let [h, g, a] = values.map(|value| json!({"S": value}));
        let mut expected = json!({":h": {"S": "x"}, ":g": {"S": "y"}});
        if condition.contains(":a") {
            expected[":a"] = json!({"S": "T"});
        }
        json!({
            "TableName": "ttt",
            "IndexName": "index",
            "KeyConditionExpression": condition,
            "ExpressionAttributeValues": expected,
            "ExclusiveStartKey": {"id": {"S": "1"}, "h": h, "g": g, "a": a},
        })
    };
    let (all, some) = ("h = :h AND g = :g AND a = :a", "h = :h AND g = :g");
    const ONE_ROW: &str = "The query can return at most one row and cannot be restarted";
    for (condition, start, expected) in [
        (some, ["q", "y", "T"], ONE_ROW),
        (all, ["q", "y", "F"], ONE_ROW),
        (
            some,
            ["x", "q", "T"],
            "The provided starting key is outside query boundaries based on provided conditions",
        ),
        (all, ["x", "q", "F"], "The provided starting key does not match the range key predicate"),
        (all, ["x", "y", "F"], "The provided starting key does not match the range key predicate"),
    ] {
        assert_eq!(cloud.invalid("Query", query(condition, start)), expected, "{condition} {start:?}");
    }
    cloud.ok("Query", query(all, ["x", "y", "T"]));
}

#[test]
fn a_maximum_that_is_taken_away_is_answered_once_as_it_was_asked() {
    let cloud = Cloud::new();
    let create = json!({
        "BillingMode": "PAY_PER_REQUEST",
        "ProvisionedThroughput": null,
        "OnDemandThroughput": {"MaxReadRequestUnits": 20, "MaxWriteRequestUnits": 15},
    });
    cloud.ok("CreateTable", with(table("ttt"), create));
    let update = json!({"TableName": "ttt", "OnDemandThroughput": {"MaxReadRequestUnits": -1}});
    let answered = cloud.ok("UpdateTable", update);
    assert_eq!(
        answered["TableDescription"]["OnDemandThroughput"],
        json!({"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": 15})
    );
    let described = cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    assert_eq!(described["Table"]["OnDemandThroughput"], json!({"MaxWriteRequestUnits": 15}));
}

#[test]
fn a_global_index_names_no_attribute_twice() {
    let schema = |roles: [&str; 2]| {
        let definitions = ["id", "h"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
        json!({
            "AttributeDefinitions": definitions,
            "GlobalSecondaryIndexes": [{
                "IndexName": "index",
                "KeySchema": roles.map(|role| key("h", role)),
                "Projection": {"ProjectionType": "ALL"},
                "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
            }],
        })
    };
    for (roles, expected) in [
        (["HASH", "HASH"], "The KeySchema contains multiple key attributes with the same name"),
        (
            ["HASH", "RANGE"],
            "Both the Hash Key and the Range Key element in the KeySchema have the same name",
        ),
    ] {
        assert_eq!(Cloud::new().invalid("CreateTable", with(table("ttt"), schema(roles))), expected);
    }
}
