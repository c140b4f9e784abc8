//! Legacy parameters: AttributesToGet, Expected, AttributeUpdates, KeyConditions, QueryFilter and ScanFilter.

use super::*;

fn condition(operator: &str, values: Value) -> Value {
    json!({"ComparisonOperator": operator, "AttributeValueList": values})
}

/// A cloud with three songs of one artist and one of another.
fn with_plays() -> Cloud {
    let cloud = Cloud::with_songs();
    for (artist, title, plays, tags) in [
        ("abba", "arrival", "10", json!({"SS": ["pop", "live"]})),
        ("abba", "bang", "20", json!({"SS": ["pop"]})),
        ("abba", "cassandra", "30", json!({"S": "popular"})),
        ("beck", "loser", "40", json!({"BOOL": true})),
    ] {
        cloud.put(
            "songs",
            json!({"artist": {"S": artist}, "title": {"S": title}, "plays": {"N": plays}, "tags": tags}),
        );
    }
    cloud
}

fn titles(page: &Value) -> Vec<&str> {
    page["Items"].as_array().unwrap().iter().map(|item| item["title"]["S"].as_str().unwrap()).collect()
}

#[test]
fn key_conditions_select_a_range_of_a_partition() {
    let cloud = with_plays();
    let query = |sort: Value| {
        let mut conditions = json!({"artist": condition("EQ", json!([{"S": "abba"}]))});
        if !sort.is_null() {
            conditions["title"] = sort;
        }
        let page = cloud.ok("Query", json!({"TableName": "songs", "KeyConditions": conditions}));
        titles(&page).join(" ")
    };
    assert_eq!(query(Value::Null), "arrival bang cassandra");
    assert_eq!(query(condition("EQ", json!([{"S": "bang"}]))), "bang");
    assert_eq!(query(condition("GT", json!([{"S": "bang"}]))), "cassandra");
    assert_eq!(query(condition("GE", json!([{"S": "bang"}]))), "bang cassandra");
    assert_eq!(query(condition("LT", json!([{"S": "bang"}]))), "arrival");
    assert_eq!(query(condition("LE", json!([{"S": "bang"}]))), "arrival bang");
    assert_eq!(query(condition("BEGINS_WITH", json!([{"S": "c"}]))), "cassandra");
    assert_eq!(query(condition("BETWEEN", json!([{"S": "b"}, {"S": "c"}]))), "bang");
}

#[test]
fn key_conditions_that_no_query_can_follow_are_refused() {
    let cloud = with_plays();
    let query = |conditions: Value| {
        cloud.invalid("Query", json!({"TableName": "songs", "KeyConditions": conditions}))
    };
    let artist = condition("EQ", json!([{"S": "abba"}]));
    for (conditions, message) in [
        (json!({}), "Conditions can be of length 1 or 2 only"),
        (
            json!({"artist": artist, "title": condition("EQ", json!([]))}),
            "One or more parameter values were invalid: Invalid number of argument(s) for the EQ ComparisonOperator",
        ),
        (
            json!({"artist": artist, "title": condition("BETWEEN", json!([{"S": "b"}, {"S": "a"}]))}),
            "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
        ),
        (
            json!({"artist": artist, "title": condition("NE", json!([{"S": "b"}]))}),
            "Attempted conditional constraint is not an indexable operation",
        ),
        (
            json!({"artist": artist, "title": condition("EQ", json!([{"N": "1"}]))}),
            "One or more parameter values were invalid: Condition parameter type does not match schema type",
        ),
        (json!({"artist": condition("GT", json!([{"S": "abba"}]))}), "Query key condition not supported"),
        (json!({"title": artist}), "Query condition missed key schema element: artist"),
        (
            json!({"artist": {"AttributeValueList": [{"S": "a"}]}}),
            "1 validation error detected: Value null at 'keyConditions.artist.member.comparisonOperator' failed to \
             satisfy constraint: Member must not be null",
        ),
    ] {
        assert_eq!(query(conditions), message);
    }
    assert_eq!(
        cloud.invalid("Query", json!({"TableName": "songs"})),
        "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request."
    );
}

#[test]
fn filters_keep_what_fulfils_them_with_every_operator() {
    let cloud = with_plays();
    let scan = |filter: Value| {
        let page = cloud.ok("Scan", json!({"TableName": "songs", "ScanFilter": filter}));
        assert_eq!(page["ScannedCount"], 4);
        let mut titles = titles(&page);
        titles.sort_unstable();
        titles.join(" ")
    };
    let plays = |operator, values| json!({"plays": condition(operator, values)});
    assert_eq!(scan(plays("EQ", json!([{"N": "20.0"}]))), "bang");
    assert_eq!(scan(plays("NE", json!([{"N": "20"}]))), "arrival cassandra loser");
    assert_eq!(scan(plays("IN", json!([{"N": "10"}, {"N": "40"}, {"N": "50"}]))), "arrival loser");
    assert_eq!(scan(plays("BETWEEN", json!([{"N": "20"}, {"N": "30"}]))), "bang cassandra");
    assert_eq!(scan(json!({"missing": condition("NULL", json!([]))})), "arrival bang cassandra loser");
    assert_eq!(scan(json!({"missing": {"ComparisonOperator": "NOT_NULL"}})), "");
    assert_eq!(scan(json!({"missing": condition("NOT_CONTAINS", json!([{"S": "x"}]))})), "");
    assert_eq!(
        scan(json!({"missing": condition("NE", json!([{"S": "x"}]))})),
        "arrival bang cassandra loser"
    );
    assert_eq!(scan(json!({"tags": condition("CONTAINS", json!([{"S": "pop"}]))})), "arrival bang cassandra");
    assert_eq!(
        scan(json!({"tags": condition("NOT_CONTAINS", json!([{"S": "live"}]))})),
        "bang cassandra loser"
    );
    assert_eq!(scan(json!({"tags": condition("BEGINS_WITH", json!([{"S": "pop"}]))})), "cassandra");
    assert_eq!(scan(json!({"tags": condition("EQ", json!([{"SS": ["live", "pop"]}]))})), "arrival");
    assert_eq!(scan(json!({"tags": condition("EQ", json!([{"BOOL": true}]))})), "loser");
}

#[test]
fn filters_hold_together_or_one_by_one() {
    let cloud = with_plays();
    let query = |operator: Value| {
        let page = cloud.ok(
            "Query",
            json!({
                "TableName": "songs",
                "KeyConditions": {"artist": condition("EQ", json!([{"S": "abba"}]))},
                "QueryFilter": {
                    "plays": condition("GT", json!([{"N": "10"}])),
                    "tags": condition("EQ", json!([{"SS": ["pop", "live"]}])),
                },
                "ConditionalOperator": operator,
            }),
        );
        titles(&page).join(" ")
    };
    assert_eq!(query(Value::Null), "");
    assert_eq!(query(json!("AND")), "");
    assert_eq!(query(json!("OR")), "arrival bang cassandra");
}

#[test]
fn conditional_operators_need_at_least_two_conditions() {
    let cloud = with_plays();
    let scan = |filter: Value| {
        let input = json!({"TableName": "songs", "ScanFilter": filter, "ConditionalOperator": "OR"});
        cloud.invalid("Scan", input)
    };
    assert_eq!(scan(Value::Null), "ConditionalOperator cannot be used without Filter or Expected");
    assert_eq!(
        scan(json!({"a": condition("NULL", json!([]))})),
        "ConditionalOperator can only be used when Filter or Expected has two or more elements"
    );
}

#[test]
fn filters_of_wrong_counts_types_and_keys_are_refused() {
    let cloud = with_plays();
    let scan =
        |filter: Value| cloud.invalid("Scan", json!({"TableName": "songs", "ScanFilter": {"a": filter}}));
    let invalid = "One or more parameter values were invalid:";
    for (operator, values, message) in [
        ("NULL", json!([{"S": "a"}]), "Invalid number of argument(s) for the NULL ComparisonOperator"),
        ("IN", json!([]), "Invalid number of argument(s) for the IN ComparisonOperator"),
        ("BETWEEN", json!([{"S": "a"}]), "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        ("LT", json!([{"SS": ["a"]}]), "ComparisonOperator LT is not valid for SS AttributeValue type"),
        (
            "BEGINS_WITH",
            json!([{"N": "1"}]),
            "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type",
        ),
        (
            "CONTAINS",
            json!([{"L": []}]),
            "ComparisonOperator CONTAINS is not valid for L AttributeValue type",
        ),
        (
            "IN",
            json!([{"S": "a"}, {"N": "1"}]),
            "AttributeValues inside AttributeValueList must be of same type",
        ),
    ] {
        assert_eq!(scan(condition(operator, values)), format!("{invalid} {message}"));
    }
    assert_eq!(
        scan(condition("LIKE", json!([{"S": "a"}]))),
        format!("{invalid} Invalid comparison operator")
    );
    let on_key = json!({
        "TableName": "songs",
        "KeyConditions": {"artist": condition("EQ", json!([{"S": "abba"}]))},
        "QueryFilter": {"title": condition("EQ", json!([{"S": "a"}]))},
    });
    assert_eq!(
        cloud.invalid("Query", on_key),
        "QueryFilter can only contain non-primary key attributes: Primary key attribute: title"
    );
}

#[test]
fn attributes_to_get_name_what_is_shown() {
    let cloud = with_plays();
    let key = json!({"artist": {"S": "beck"}, "title": {"S": "loser"}});
    let names = json!(["plays", "missing"]);
    let shown = json!({"plays": {"N": "40"}});
    let input = json!({"TableName": "songs", "Key": key, "AttributesToGet": names});
    assert_eq!(cloud.ok("GetItem", input.clone())["Item"], shown);
    let batch = json!({"RequestItems": {"songs": {"Keys": [key], "AttributesToGet": names}}});
    assert_eq!(cloud.ok("BatchGetItem", batch)["Responses"]["songs"], json!([shown]));
    let query = json!({
        "TableName": "songs",
        "KeyConditions": {"artist": condition("EQ", json!([{"S": "beck"}]))},
        "AttributesToGet": names,
    });
    assert_eq!(cloud.ok("Query", query.clone())["Items"], json!([shown]));
    assert_eq!(
        cloud.invalid("Query", with(query, json!({"Select": "COUNT"}))),
        "1 validation error detected: Cannot specify the AttributesToGet when choosing to get only the Count"
    );
    assert_eq!(
        cloud.invalid("GetItem", with(input.clone(), json!({"AttributesToGet": ["a", "b", "a"]}))),
        "One or more parameter values were invalid: Duplicate value in attribute name: a"
    );
    assert_eq!(
        cloud.invalid("GetItem", with(input, json!({"AttributesToGet": []}))),
        "1 validation error detected: Value '[]' at 'attributesToGet' failed to satisfy constraint: Member must have \
         length greater than or equal to 1"
    );
}

#[test]
fn expected_attributes_decide_whether_a_write_happens() {
    let cloud = Cloud::with_table();
    let put = |expected: Value| {
        let item = json!({"id": {"S": "1"}, "a": {"N": "1"}});
        let input = json!({"TableName": "ttt", "Item": item, "Expected": expected});
        let (status, answer) = cloud.call("PutItem", &input);
        match status {
            200 => "ok".to_owned(),
            _ => answer["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned(),
        }
    };
    const FAILED: &str = "ConditionalCheckFailedException";
    assert_eq!(put(json!({"a": {"Value": {"N": "1"}}})), FAILED);
    assert_eq!(put(json!({"id": {"Exists": false}})), "ok");
    assert_eq!(put(json!({"id": {"Exists": false}})), FAILED);
    assert_eq!(put(json!({"a": {"Exists": true, "Value": {"N": "1"}}})), "ok");
    assert_eq!(put(json!({"a": {"Value": {"N": "2"}}})), FAILED);
    assert_eq!(put(json!({"a": {"ComparisonOperator": "LT", "Value": {"N": "2"}}})), "ok");
    assert_eq!(put(json!({"a": condition("GE", json!([{"N": "2"}]))})), FAILED);
    assert_eq!(put(json!({"b": {"ComparisonOperator": "NULL"}, "a": {"Value": {"N": "1"}}})), "ok");
    let delete = |expected: Value| {
        cloud.call(
            "DeleteItem",
            &json!({
                "TableName": "ttt",
                "Key": {"id": {"S": "1"}},
                "Expected": expected,
                "ConditionalOperator": "OR",
            }),
        )
    };
    assert_eq!(delete(json!({"a": {"Value": {"N": "5"}}, "b": {"Value": {"N": "5"}}})).0, 400);
    assert_eq!(delete(json!({"a": {"Value": {"N": "5"}}, "b": {"Exists": false}})).0, 200);
}

#[test]
fn expected_attributes_that_make_no_sense_are_refused() {
    let cloud = Cloud::with_table();
    for (expected, message) in [
        (json!({}), "Value must be provided when Exists is null for Attribute: a"),
        (json!({"Exists": true}), "Value must be provided when Exists is true for Attribute: a"),
        (
            json!({"Exists": false, "Value": {"S": "a"}}),
            "Value cannot be used when Exists is false for Attribute: a",
        ),
        (
            json!({"ComparisonOperator": "LT"}),
            "Value or AttributeValueList must be used with ComparisonOperator: LT for Attribute: a",
        ),
        (
            json!({"ComparisonOperator": "LT", "Exists": true}),
            "Exists and ComparisonOperator cannot be used together for Attribute: a",
        ),
        (
            json!({"ComparisonOperator": "LT", "Value": {"S": "a"}, "AttributeValueList": [{"S": "a"}]}),
            "Value and AttributeValueList cannot be used together for Attribute: a",
        ),
        (
            json!({"AttributeValueList": [{"S": "a"}]}),
            "AttributeValueList can only be used with a ComparisonOperator for Attribute: a",
        ),
        (condition("EQ", json!([])), "Invalid number of argument(s) for the EQ ComparisonOperator"),
    ] {
        let input = json!({"TableName": "ttt", "Item": {"id": {"S": "1"}}, "Expected": {"a": expected}});
        let message =
            format!("1 validation error detected: One or more parameter values were invalid: {message}");
        assert_eq!(cloud.invalid("PutItem", input), message);
    }
}

#[test]
fn attribute_updates_put_add_and_delete() {
    let cloud = Cloud::with_table();
    let update = |updates: Value| {
        let key = json!({"id": {"S": "1"}});
        let input =
            json!({"TableName": "ttt", "Key": key, "AttributeUpdates": updates, "ReturnValues": "ALL_NEW"});
        cloud.ok("UpdateItem", input)["Attributes"].clone()
    };
    let add = |value: Value| json!({"Action": "ADD", "Value": value});
    let delete = |value: Value| json!({"Action": "DELETE", "Value": value});
    assert_eq!(update(json!({"x": {"Action": "DELETE"}})), Value::Null);
    assert_eq!(
        update(json!({
            "a.b": {"Value": {"S": "v"}},
            "n": add(json!({"N": "1.5"})),
            "s": add(json!({"SS": ["x", "y"]})),
            "l": add(json!({"L": [{"N": "1"}]})),
        })),
        json!({
            "id": {"S": "1"},
            "a.b": {"S": "v"},
            "n": {"N": "1.5"},
            "s": {"SS": ["x", "y"]},
            "l": {"L": [{"N": "1"}]},
        })
    );
    assert_eq!(
        update(json!({
            "a.b": {"Action": "DELETE"},
            "n": add(json!({"N": "-0.5"})),
            "s": delete(json!({"SS": ["x", "z"]})),
            "l": add(json!({"L": [{"N": "2"}]})),
        })),
        json!({"id": {"S": "1"}, "n": {"N": "1"}, "s": {"SS": ["y"]}, "l": {"L": [{"N": "1"}, {"N": "2"}]}})
    );
    assert_eq!(
        update(
            json!({"s": delete(json!({"SS": ["y"]})), "l": {"Action": "DELETE"}, "n": {"Action": "DELETE"}})
        ),
        json!({"id": {"S": "1"}})
    );
}

#[test]
fn attribute_updates_that_make_no_sense_are_refused() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", json!({"id": {"S": "1"}, "a": {"S": "text"}}));
    let update = |name: &str, update: Value| {
        let key = json!({"id": {"S": "1"}});
        cloud.invalid(
            "UpdateItem",
            json!({"TableName": "ttt", "Key": key, "AttributeUpdates": {name: update}}),
        )
    };
    let one = "1 validation error detected: ";
    let invalid = "One or more parameter values were invalid:";
    assert_eq!(
        update("a", json!({"Action": "PUT"})),
        format!("{one}{invalid} Only DELETE action is allowed when no attribute value is specified")
    );
    assert_eq!(
        update("a", json!({"Action": "DELETE", "Value": {"N": "1"}})),
        format!("{one}{invalid} DELETE action with value is not supported for the type N")
    );
    assert_eq!(
        update("a", json!({"Action": "ADD", "Value": {"S": "1"}})),
        format!("{one}{invalid} ADD action is not supported for the type S")
    );
    assert_eq!(
        update("a", json!({"Action": "ADD", "Value": {"N": "1"}})),
        "Type mismatch for attribute to update"
    );
    assert_eq!(
        update("id", json!({"Value": {"S": "2"}})),
        format!("{invalid} Cannot update attribute id. This attribute is part of the key")
    );
}

#[test]
fn legacy_parameters_and_expressions_do_not_mix() {
    let cloud = Cloud::with_table();
    let key = json!({"id": {"S": "1"}});
    let expected = json!({"id": {"Exists": false}});
    for (operation, input, legacy, expressions) in [
        (
            "PutItem",
            json!({"TableName": "ttt", "Item": key, "Expected": expected, "ConditionExpression": "a"}),
            "Expected",
            "ConditionExpression",
        ),
        (
            "UpdateItem",
            json!({
                "TableName": "ttt",
                "Key": key,
                "AttributeUpdates": {},
                "Expected": expected,
                "UpdateExpression": "",
                "ConditionExpression": "a",
            }),
            "AttributeUpdates, Expected",
            "UpdateExpression, ConditionExpression",
        ),
        (
            "GetItem",
            json!({"TableName": "ttt", "Key": {"a": {}}, "AttributesToGet": ["a"], "ProjectionExpression": "a"}),
            "AttributesToGet",
            "ProjectionExpression",
        ),
        (
            "Query",
            json!({"TableName": "ttt", "KeyConditions": {}, "KeyConditionExpression": "a", "QueryFilter": {}}),
            "QueryFilter, KeyConditions",
            "KeyConditionExpression",
        ),
        (
            "Scan",
            json!({"TableName": "ttt", "ScanFilter": {}, "FilterExpression": "a", "ConditionalOperator": "OR"}),
            "ScanFilter, ConditionalOperator",
            "FilterExpression",
        ),
        (
            "BatchGetItem",
            json!({"RequestItems": {
                "ttt": {"Keys": [key], "AttributesToGet": ["a"]},
                "uuu": {"Keys": [key], "ProjectionExpression": "a"},
            }}),
            "AttributesToGet",
            "ProjectionExpression",
        ),
    ] {
        assert_eq!(
            cloud.invalid(operation, input),
            format!(
                "{}Can not use both expression and non-expression parameters in the same request: Non-expression \
                 parameters: {{{legacy}}} Expression parameters: {{{expressions}}}",
                if ["PutItem", "UpdateItem"].contains(&operation) {
                    "1 validation error detected: "
                } else {
                    ""
                }
            )
        );
    }
}

#[test]
fn legacy_key_conditions_go_with_a_filter_expression() {
    let cloud = with_plays();
    let page = cloud.ok(
        "Query",
        json!({
            "TableName": "songs",
            "KeyConditions": {"artist": condition("EQ", json!([{"S": "abba"}]))},
            "FilterExpression": "plays > :n",
            "ExpressionAttributeValues": {":n": {"N": "15"}},
        }),
    );
    assert_eq!(titles(&page), ["bang", "cassandra"]);
}

#[test]
fn members_of_other_operations_are_ignored() {
    let cloud = Cloud::with_table();
    let put = json!({
        "TableName": "ttt",
        "Item": {"id": {"S": "1"}},
        "ConditionExpression": "attribute_not_exists(id)",
        "AttributeUpdates": {"a": {"Value": 1}},
    });
    cloud.ok("PutItem", put);
}
