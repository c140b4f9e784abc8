//! Updates and conditions as requests make them.

use super::*;

fn update(cloud: &Cloud, expression: &str, values: Value) -> (u16, Value) {
    let mut input = json!({
        "TableName": "ttt",
        "Key": {"id": {"S": "1"}},
        "UpdateExpression": expression,
        "ReturnValues": "ALL_NEW",
    });
    if values != json!({}) {
        input["ExpressionAttributeValues"] = values;
    }
    let (status, mut answer) = cloud.call("UpdateItem", &input);
    if let Some(attributes) = answer["Attributes"].as_object_mut() {
        attributes.remove("id");
        return (status, Value::Object(attributes.clone()));
    }
    (status, answer)
}

#[test]
fn updates_do_what_aws_documents() {
    let n = |text: &str| json!({"N": text});
    for (before, expression, values, after) in [
        (json!({}), "SET a = :v", json!({":v": n("1")}), json!({"a": n("1")})),
        (json!({"a": n("5")}), "SET a = a - :v", json!({":v": n("1.5")}), json!({"a": n("3.5")})),
        (json!({}), "SET a = if_not_exists(a, :v) + :v", json!({":v": n("2")}), json!({"a": n("4")})),
        // Every right side sees the item before the update.
        (json!({"a": n("1"), "b": n("2")}), "SET a = b, b = a", json!({}), json!({"a": n("2"), "b": n("1")})),
        (
            json!({"l": {"L": [n("1")]}}),
            "SET l = list_append(:v, l)",
            json!({":v": {"L": [n("0")]}}),
            json!({"l": {"L": [n("0"), n("1")]}}),
        ),
        // Elements beyond the end are appended; indexes mean the list before the update.
        (
            json!({"l": {"L": [n("0"), n("1"), n("2"), n("3")]}}),
            "SET l[9] = :v REMOVE l[0], l[2]",
            json!({":v": n("9")}),
            json!({"l": {"L": [n("1"), n("3"), n("9")]}}),
        ),
        // What is not there cannot be removed, even when something is appended in its place.
        (
            json!({"l": {"L": [n("0")]}}),
            "SET l[5] = :v REMOVE l[1]",
            json!({":v": n("9")}),
            json!({"l": {"L": [n("0"), n("9")]}}),
        ),
        (
            json!({"m": {"M": {"x": {"M": {}}}}}),
            "SET m.x.y = :v",
            json!({":v": n("1")}),
            json!({"m": {"M": {"x": {"M": {"y": n("1")}}}}}),
        ),
        (json!({}), "ADD a :v", json!({":v": {"SS": ["x"]}}), json!({"a": {"SS": ["x"]}})),
        (
            json!({"a": {"SS": ["x", "y"]}}),
            "ADD a :v",
            json!({":v": {"SS": ["y", "z"]}}),
            json!({"a": {"SS": ["x", "y", "z"]}}),
        ),
        (json!({"a": {"NS": ["1", "2"]}}), "DELETE a :v", json!({":v": {"NS": ["1", "2"]}}), json!({})),
        (json!({"a": n("1")}), "REMOVE a, b", json!({}), json!({})),
    ] {
        let cloud = Cloud::with_table();
        cloud.put("ttt", with(before, json!({"id": {"S": "1"}})));
        assert_eq!(update(&cloud, expression, values), (200, after), "{expression}");
    }
}

#[test]
fn updates_that_do_not_fit_the_item_are_refused_in_aws_words() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "s": {"S": "x"}, "n": {"N": "1"}}));
    for (expression, values, message) in [
        (
            "SET a = b",
            json!({}),
            "The provided expression refers to an attribute that does not exist in the item",
        ),
        (
            "SET a.b = :v",
            json!({":v": {"N": "1"}}),
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "REMOVE a.b",
            json!({}),
            "The document path provided in the update expression is invalid for update",
        ),
        (
            "SET a = s + :v",
            json!({":v": {"N": "1"}}),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "ADD s :v",
            json!({":v": {"N": "1"}}),
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "SET id = :v",
            json!({":v": {"S": "1"}}),
            "One or more parameter values were invalid: Cannot update attribute id. This attribute is part of the key",
        ),
        (
            "SET a = :v",
            json!({}),
            "1 validation error detected: Invalid UpdateExpression: An expression attribute value used in expression is \
             not defined; attribute value: :v",
        ),
        (
            "SET n = n + :v",
            json!({":v": {"N": "1e100"}}),
            "Number overflow. Attempting to store a number with magnitude larger than supported range",
        ),
    ] {
        let (status, answer) = update(&cloud, expression, values);
        assert_eq!((status, answer["message"].as_str().unwrap()), (400, message), "{expression}");
    }
}

#[test]
fn an_update_brings_an_item_into_being_unless_it_only_takes_away() {
    let cloud = Cloud::with_table();
    let key = json!({"TableName": "ttt", "Key": {"id": {"S": "new"}}});
    cloud.ok("UpdateItem", with(key.clone(), json!({"UpdateExpression": "REMOVE a"})));
    cloud.ok("UpdateItem", with(key.clone(), json!({"UpdateExpression": "REMOVE a.b, c[0]"})));
    assert_eq!(cloud.get("new"), Value::Null);
    cloud.ok("UpdateItem", key);
    assert_eq!(cloud.get("new"), json!({"id": {"S": "new"}}));
}

#[test]
fn an_update_may_not_spoil_the_key_of_an_index() {
    let cloud = Cloud::with_songs();
    let song = json!({"artist": {"S": "a"}, "title": {"S": "t"}});
    let update = |expression: &str, value: Value| {
        cloud.invalid(
            "UpdateItem",
            json!({
                "TableName": "songs",
                "Key": song,
                "UpdateExpression": expression,
                "ExpressionAttributeValues": {":v": value},
            }),
        )
    };
    assert_eq!(
        update("SET plays = :v", json!({"S": "x"})),
        "One or more parameter values were invalid: Type mismatch for Index Key plays Expected: N Actual: S IndexName: \
         by-genre"
    );
    assert_eq!(
        update("SET plays = if_not_exists(x, :v)", json!({"S": "x"})),
        "The update expression attempted to update the secondary index key to unsupported type"
    );
    assert_eq!(
        update("SET genre = :v", json!({"S": "x".repeat(2049)})),
        "The update expression attempted to update the secondary index key beyond allowed size limits"
    );
    let put =
        json!({"TableName": "songs", "Item": with(song.clone(), json!({"genre": {"S": "x".repeat(2049)}}))});
    assert_eq!(
        cloud.invalid("PutItem", put),
        "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes"
    );
    assert_eq!(
        update("SET genre.x = :v", json!({"S": "x"})),
        "Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: genre"
    );
}
