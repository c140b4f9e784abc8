//! Requests that nobody in their right mind would make: they are refused or answered, and nothing panics.

use proptest::prelude::*;

use super::*;

const OPERATIONS: [&str; 23] = [
    "BatchExecuteStatement",
    "BatchGetItem",
    "BatchWriteItem",
    "CreateBackup",
    "CreateTable",
    "DeleteItem",
    "DeleteTable",
    "DescribeLimits",
    "DescribeTable",
    "ExecuteStatement",
    "ExecuteTransaction",
    "GetItem",
    "ListTables",
    "PutItem",
    "Query",
    "Scan",
    "SearchVectors",
    "TagResource",
    "TransactGetItems",
    "TransactWriteItems",
    "UpdateItem",
    "UpdateTable",
    "UpdateTimeToLive",
];

const MEMBERS: [&str; 59] = [
    "TableName",
    "IndexName",
    "Item",
    "Key",
    "Keys",
    "S",
    "N",
    "L",
    "M",
    "NS",
    "artist",
    "title",
    "plays",
    "songs",
    "RequestItems",
    "PutRequest",
    "DeleteRequest",
    "TransactItems",
    "Put",
    "Update",
    "Get",
    "ConditionExpression",
    "UpdateExpression",
    "FilterExpression",
    "KeyConditionExpression",
    "ExpressionAttributeValues",
    "ExpressionAttributeNames",
    "ExclusiveStartKey",
    ":v",
    "Limit",
    "Segment",
    "TotalSegments",
    "Select",
    "ReturnValues",
    "Expected",
    "AttributeUpdates",
    "KeyConditions",
    "QueryFilter",
    "ScanFilter",
    "ConditionalOperator",
    "AttributesToGet",
    "ComparisonOperator",
    "AttributeValueList",
    "Action",
    "Exists",
    "Value",
    "ProjectionExpression",
    "Statement",
    "Statements",
    "TransactStatements",
    "Parameters",
    "NextToken",
    "AttributeDefinitions",
    "GlobalSecondaryIndexUpdates",
    "SearchConditionExpression",
    "SearchVector",
    "TopK",
    "VectorIndexUpdates",
    "VectorIndexes",
];

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "songs",
            "by-genre",
            "by-plays",
            "artist = :v",
            "artist = :v AND title > :v",
            "SET genre = :v",
            "SELECT * FROM songs WHERE artist = ?",
            "UPDATE songs SET plays = 1 WHERE artist = 'a' AND title = 'b'",
            "EQ",
            "BETWEEN",
            "NULL",
            "ADD",
            "OR",
            "COUNT",
            "ALL_OLD",
            "1",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0..4_i64).prop_map(Value::from),
        text().prop_map(|text| json!({"S": text})),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            object(inner).prop_map(Value::from),
        ]
    })
}

fn object(value: impl Strategy<Value = Value>) -> impl Strategy<Value = serde_json::Map<String, Value>> {
    let member = prop::sample::select(MEMBERS.to_vec()).prop_map(str::to_owned);
    prop::collection::vec((member, value), 0..6).prop_map(|members| members.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_request_makes_the_wire_panic(bodies in prop::collection::vec(object(value()), 1..12)) {
        let cloud = Cloud::with_songs();
        for body in bodies {
            for operation in OPERATIONS {
                let mut body = body.clone();
                let (status, answer) = cloud.call(operation, &Value::Object(body.clone()));
                prop_assert!(status == 200 || answer["__type"].is_string());
                // The same with the table named and found, so that more of them come further.
                body.insert("TableName".to_owned(), "songs".into());
                if operation != "DeleteTable" {
                    cloud.call(operation, &Value::Object(body));
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_wire_panic(bytes in prop::collection::vec(any::<u8>(), 0..64), target in "\\PC{0,40}") {
        let cloud = Cloud::with_songs();
        prop_assert_eq!(cloud.respond("DynamoDB_20120810.PutItem", &bytes).status(), 400);
        prop_assert_eq!(cloud.respond(&target, b"{}").status(), 400);
    }
}

#[test]
fn values_nested_deeper_than_a_parser_goes_are_refused_for_their_depth() {
    let cloud = Cloud::with_table();
    let nested = format!("{}{{\"S\":\"x\"}}{}", "{\"M\":{\"n\":".repeat(1000), "}}".repeat(1000));
    let item = format!("{{\"id\":{{\"S\":\"1\"}},\"a\":{nested}}}");
    for (operation, body) in [
        ("PutItem", format!("{{\"TableName\":\"ttt\",\"Item\":{item}}}")),
        (
            "BatchWriteItem",
            format!("{{\"RequestItems\":{{\"ttt\":[{{\"PutRequest\":{{\"Item\":{item}}}}}]}}}}"),
        ),
    ] {
        let response = cloud.respond(&format!("DynamoDB_20120810.{operation}"), body.as_bytes());
        let answer: Value = serde_json::from_slice(response.body()).unwrap();
        assert_eq!(
            answer["message"],
            "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond \
             supported limit",
            "{operation}"
        );
    }
}

#[test]
fn values_nested_deeper_than_aws_allows_are_refused() {
    let cloud = Cloud::with_table();
    let put = |levels: usize| {
        let nested = (0..levels).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
        json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "a": nested}})
    };
    cloud.ok("PutItem", put(31));
    assert_eq!(
        cloud.invalid("PutItem", put(32)),
        "1 validation error detected: Nesting Levels have exceeded supported limits: Attributes in the item have nested \
         levels beyond supported limit"
    );
    let body = format!(r#"{{"TableName":"ttt","Item":{}}}"#, "[".repeat(100_000));
    let response = cloud.respond("DynamoDB_20120810.PutItem", body.as_bytes());
    assert_eq!(&response.body()[..], br#"{"__type":"com.amazon.coral.service#SerializationException"}"#);
}
