//! Global indexes whose keys are made of several attributes.

use super::*;

fn attributes(names: &[&str]) -> Vec<Value> {
    names.iter().map(|name| json!({"AttributeName": name, "AttributeType": "S"})).collect()
}

fn create(cloud: &Cloud, keys: Vec<Value>) -> (u16, Value) {
    cloud.call(
        "CreateTable",
        &json!({
            "TableName": "ttt",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": attributes(&["pk", "h", "g", "a", "b", "c", "d"]),
            "KeySchema": [key("pk", "HASH")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "gsi",
                "KeySchema": keys,
                "Projection": {"ProjectionType": "ALL"},
            }],
        }),
    )
}

/// An index by `h` and `g`, and then by `a`, `b`, `c` and `d`; the item `p6` lacks `c`.
fn with_index() -> Cloud {
    let cloud = Cloud::new();
    let sort = ["a", "b", "c", "d"].map(|name| key(name, "RANGE"));
    let keys = [key("h", "HASH"), key("g", "HASH")].into_iter().chain(sort);
    let (status, answer) = create(&cloud, keys.collect());
    assert_eq!(status, 200, "{answer}");
    for (pk, a, b, c, d) in [
        ("p1", "T", "live", Some("b"), "r1"),
        ("p2", "T", "live", Some("a"), "r2"),
        ("p3", "T", "live", Some("a"), "r1"),
        ("p4", "T", "draft", Some("c"), "r1"),
        ("p5", "F", "live", Some("a"), "r0"),
        ("p6", "T", "live", None, "r1"),
    ] {
        let mut item = json!({
            "pk": {"S": pk}, "h": {"S": "o1"}, "g": {"S": "o2"}, "a": {"S": a}, "b": {"S": b}, "d": {"S": d},
        });
        if let Some(c) = c {
            item["c"] = json!({"S": c});
        }
        cloud.put("ttt", item);
    }
    cloud.put(
        "ttt",
        json!({
            "pk": {"S": "p7"}, "h": {"S": "o1"}, "g": {"S": "other"}, "a": {"S": "T"}, "b": {"S": "live"},
            "c": {"S": "a"}, "d": {"S": "r1"},
        }),
    );
    cloud
}

fn query(condition: &str, more: Value) -> Value {
    let all =
        [(":h", "o1"), (":g", "o2"), (":a", "T"), (":b", "live"), (":c", "a"), (":d", "r"), (":x", "r1")];
    let used = all.iter().filter(|(name, _)| condition.contains(name));
    let values: serde_json::Map<String, Value> =
        used.map(|(name, value)| ((*name).to_owned(), json!({"S": value}))).collect();
    let input = json!({
        "TableName": "ttt",
        "IndexName": "gsi",
        "KeyConditionExpression": condition,
        "ExpressionAttributeValues": values,
    });
    with(input, more)
}

fn found(page: &Value) -> String {
    let names = page["Items"].as_array().unwrap().iter().map(|item| item["pk"]["S"].as_str().unwrap());
    names.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_query_asks_for_the_sort_attributes_from_the_left() {
    let cloud = with_index();
    for (condition, expected) in [
        ("h = :h AND g = :g", "p5 p4 p3 p2 p1"),
        ("h = :h AND g = :g AND a = :a", "p4 p3 p2 p1"),
        ("h = :h AND g = :g AND a = :a AND b = :b", "p3 p2 p1"),
        ("b = :b AND g = :g AND a = :a AND h = :h", "p3 p2 p1"),
        ("h = :h AND g = :g AND a < :a", "p5"),
        ("h = :h AND g = :g AND a = :a AND b < :b", "p4"),
        ("h = :h AND g = :g AND a = :a AND b <= :b", "p4 p3 p2 p1"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c > :c", "p1"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c >= :c", "p3 p2 p1"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c = :c", "p3 p2"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c = :c AND begins_with(d, :d)", "p3 p2"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c = :c AND d BETWEEN :x AND :x", "p3"),
        ("h = :h AND g = :g AND a = :a AND b = :b AND c = :c AND d > :x", "p2"),
    ] {
        assert_eq!(found(&cloud.ok("Query", query(condition, json!({})))), expected, "{condition}");
        let backward = cloud.ok("Query", query(condition, json!({"ScanIndexForward": false})));
        let reversed = expected.split(' ').rev().collect::<Vec<_>>().join(" ");
        assert_eq!(found(&backward), reversed, "{condition}");
    }
}

#[test]
fn pages_go_on_after_every_key_attribute() {
    let cloud = with_index();
    let condition = "h = :h AND g = :g AND a = :a";
    let (mut seen, mut start) = (Vec::new(), Value::Null);
    loop {
        let page = cloud.ok("Query", query(condition, json!({"Limit": 1, "ExclusiveStartKey": start})));
        seen.push(found(&page));
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            break;
        }
        let mut names: Vec<_> = start.as_object().unwrap().keys().cloned().collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b", "c", "d", "g", "h", "pk"]);
    }
    assert_eq!(seen.join(" ").trim_end(), "p4 p3 p2 p1");
    let scanned = cloud.ok("Scan", json!({"TableName": "ttt", "IndexName": "gsi"}));
    assert_eq!(scanned["Count"], 6);
}

#[test]
fn conditions_with_a_gap_are_refused() {
    let cloud = with_index();
    let range = |without: &str, on: &str| {
        format!(
            "RANGE key attributes {without} must have equality conditions specified in the query because a condition is \
             present on key attribute {on}"
        )
    };
    let needs_equality = |names: &str| {
        format!("HASH key attributes {names} must have equality conditions specified in the query")
    };
    for (condition, message) in [
        ("h = :h AND g = :g AND a = :a AND c = :c", range("b", "c")),
        ("h = :h AND g = :g AND a = :a AND b > :b AND c = :c", range("b", "c")),
        ("h = :h AND g = :g AND b = :b", range("a", "b")),
        ("h = :h AND g = :g AND c = :c", range("a, b", "c")),
        ("h = :h AND a = :a", needs_equality("g")),
        ("h = :h AND g > :g", needs_equality("g")),
        ("a = :a", needs_equality("h, g")),
        ("h = :h AND g = :g AND extra = :a", "Query condition missed key schema element: a".to_owned()),
    ] {
        assert_eq!(cloud.invalid("Query", query(condition, json!({}))), message, "{condition}");
    }
    let three = json!({
        "TableName": "ttt",
        "KeyConditionExpression": "pk = :v AND a = :v AND b = :v",
        "ExpressionAttributeValues": {":v": {"S": "v"}},
    });
    assert_eq!(
        cloud.invalid("Query", three),
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (1)"
    );
}

#[test]
fn the_index_is_described_with_its_roles() {
    let cloud = with_index();
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    let schema = table["Table"]["GlobalSecondaryIndexes"][0]["KeySchema"].clone();
    let roles: Vec<_> = schema.as_array().unwrap().iter().map(|element| element["KeyType"].clone()).collect();
    assert_eq!(json!(roles), json!(["HASH", "HASH", "RANGE", "RANGE", "RANGE", "RANGE"]));
    assert_eq!(schema[2]["AttributeName"], "a");
}

#[test]
fn a_role_has_at_most_four_attributes_and_partition_attributes_come_first() {
    let cloud = Cloud::new();
    let five =
        ["h", "g", "a", "b", "c", "d"].map(|name| key(name, if name == "d" { "RANGE" } else { "HASH" }));
    assert_eq!(create(&cloud, five.to_vec()).0, 400);
    let mixed = vec![key("h", "HASH"), key("a", "RANGE"), key("g", "HASH")];
    assert_eq!(create(&cloud, mixed).0, 400);
}

#[test]
fn legacy_conditions_speak_of_every_attribute_of_a_key() {
    let cloud = Cloud::new();
    let definitions = ["id", "a", "b"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    cloud.ok(
        "CreateTable",
        json!({
            "TableName": "ttt",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": definitions,
            "KeySchema": [key("id", "HASH")],
            "GlobalSecondaryIndexes": [{
                "IndexName": "many",
                "KeySchema": [key("id", "HASH"), key("a", "RANGE"), key("b", "RANGE")],
                "Projection": {"ProjectionType": "ALL"},
            }],
        }),
    );
    for b in ["1", "2", "3"] {
        cloud.put("ttt", json!({"id": {"S": format!("x{b}")}, "a": {"S": "y"}, "b": {"S": b}}));
    }
    let equal = |value: &str| json!({"ComparisonOperator": "EQ", "AttributeValueList": [{"S": value}]});
    let greater = json!({"ComparisonOperator": "GT", "AttributeValueList": [{"S": "1"}]});
    let conditions = json!({"id": equal("x2"), "a": equal("y"), "b": greater});
    let answer =
        cloud.ok("Query", json!({"TableName": "ttt", "IndexName": "many", "KeyConditions": conditions}));
    assert_eq!(answer["Items"], json!([{"id": {"S": "x2"}, "a": {"S": "y"}, "b": {"S": "2"}}]));
    assert_eq!(
        cloud.invalid("Query", json!({"TableName": "ttt", "KeyConditions": conditions})),
        "The number of query conditions (3) exceeds the number of key attributes defined in the schema (1)"
    );
}
