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
    assert_eq!(
        cloud.err("TransactWriteItems", json!({"TransactItems": [failing, put("new", None)]})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons \
                        [ConditionalCheckFailed, None]",
            "CancellationReasons": [
                {
                    "Code": "ConditionalCheckFailed",
                    "Message": "The conditional request failed",
                    "Item": {"id": {"S": "there"}, "x": {"S": "y"}},
                },
                {"Code": "None"},
            ],
        })
    );
    assert_eq!(cloud.get("new"), Value::Null);
}

#[test]
fn the_first_part_that_does_not_fit_its_table_is_the_only_reason() {
    let cloud = Cloud::with_table();
    let misfit = json!({"Put": {"TableName": "ttt", "Item": {"id": {"N": "1"}}}});
    let failing = put("absent", Some("attribute_exists(id)"));
    let answer = cloud.err("TransactWriteItems", json!({"TransactItems": [failing, misfit, misfit]}));
    assert_eq!(
        answer["CancellationReasons"],
        json!([
            {"Code": "None"},
            {
                "Code": "ValidationError",
                "Message": "One or more parameter values were invalid: Type mismatch for key id expected: S actual: N",
            },
            {"Code": "None"},
        ])
    );
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [put("", None)]})),
        "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty \
         string value. Key: id"
    );
}

#[test]
fn an_empty_key_of_an_index_fails_the_whole_transaction() {
    let cloud = Cloud::with_songs();
    let song = json!({"artist": {"S": "a"}, "title": {"S": "t"}});
    let put = json!({"Put": {"TableName": "songs", "Item": with(song.clone(), json!({"genre": {"S": ""}}))}});
    let update = json!({"Update": {
        "TableName": "songs",
        "Key": song,
        "UpdateExpression": "SET genre = :v",
        "ExpressionAttributeValues": {":v": {"S": ""}},
    }});
    for part in [put, update] {
        let message = cloud.invalid("TransactWriteItems", json!({"TransactItems": [part]}));
        assert!(message.contains("cannot contain an empty string value"), "{message}");
    }
}

#[test]
fn a_transaction_that_is_repeated_costs_reads() {
    let cloud = Cloud::with_table();
    let item = json!({"id": {"S": "a"}, "x": {"S": "x".repeat(1500)}});
    let input = json!({
        "ClientRequestToken": "token",
        "TransactItems": [{"Put": {"TableName": "ttt", "Item": item}}],
        "ReturnConsumedCapacity": "TOTAL",
    });
    assert_eq!(
        cloud.ok("TransactWriteItems", input.clone())["ConsumedCapacity"],
        json!([{"CapacityUnits": 4.0, "WriteCapacityUnits": 4.0, "TableName": "ttt"}])
    );
    assert_eq!(
        cloud.ok("TransactWriteItems", input)["ConsumedCapacity"],
        json!([{"CapacityUnits": 2.0, "ReadCapacityUnits": 2.0, "TableName": "ttt"}])
    );
}

#[test]
fn four_megabytes_are_what_a_transaction_carries_not_what_it_deletes() {
    let cloud = Cloud::with_table();
    let ids: Vec<_> = (0..11).map(|id| json!({"S": id.to_string()})).collect();
    let item = |id: &Value| json!({"id": id, "a": {"S": "x".repeat(400_000)}});
    ids.iter().for_each(|id| cloud.put("ttt", item(id)));
    let puts: Vec<_> = ids.iter().map(|id| json!({"Put": {"TableName": "ttt", "Item": item(id)}})).collect();
    let message = cloud.invalid("TransactWriteItems", json!({"TransactItems": puts}));
    assert!(message.ends_with("cannot exceed 4MB"), "{message}");
    let delete = |id| json!({"Delete": {"TableName": "ttt", "Key": {"id": id}}});
    cloud.ok("TransactWriteItems", json!({"TransactItems": ids.iter().map(delete).collect::<Vec<_>>()}));
    assert_eq!(cloud.get("0"), Value::Null);
}

#[test]
fn a_part_without_an_expression_may_bring_names_and_a_projection_may_find_nothing() {
    let cloud = Cloud::with_table();
    let mut part = put("a", None);
    part["Put"]["ExpressionAttributeNames"] = json!({"#n": "n"});
    cloud.ok("TransactWriteItems", json!({"TransactItems": [part]}));
    let get =
        json!({"Get": {"TableName": "ttt", "Key": {"id": {"S": "a"}}, "ProjectionExpression": "absent"}});
    let answer = cloud.ok("TransactGetItems", json!({"TransactItems": [get]}));
    assert_eq!(answer, json!({"Responses": [{}]}));
}

#[test]
fn a_transaction_touches_an_item_once() {
    let cloud = Cloud::with_table();
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [put("a", None), put("a", None)]})),
        "Transaction request cannot include multiple operations on one item"
    );
    let get = json!({"Get": {"TableName": "ttt", "Key": {"id": {"S": "a"}}}});
    assert_eq!(
        cloud.invalid("TransactGetItems", json!({"TransactItems": [get, get]})),
        "Transaction request cannot include multiple operations on one item"
    );
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [{}]})),
        "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request"
    );
    let key = json!({"TableName": "ttt", "Key": {"id": {"S": "a"}}});
    let two = json!({"Delete": key, "ConditionCheck": with(key.clone(), json!({"ConditionExpression": "attribute_exists(id)"}))});
    assert_eq!(
        cloud.invalid("TransactWriteItems", json!({"TransactItems": [two]})),
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

/// A cloud whose transactions take a second, with `ttt`.
fn with_slow_transactions() -> Cloud {
    let cloud = Cloud::with_table();
    cloud.with_engine(|engine| engine.set_transaction_delay(Duration::from_secs(1)));
    cloud
}

const CONFLICT: &str = "Transaction is ongoing for the item";

#[test]
fn what_a_transaction_holds_is_not_written_until_it_is_finished() {
    let mut cloud = with_slow_transactions();
    let key = json!({"id": {"S": "a"}});
    let check = json!({"ConditionCheck": {
        "TableName": "ttt", "Key": {"id": {"S": "b"}}, "ConditionExpression": "attribute_not_exists(id)",
    }});
    cloud.ok("TransactWriteItems", json!({"TransactItems": [put("a", None), check]}));
    let conflict = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionConflictException",
        "message": CONFLICT,
    });
    assert_eq!(cloud.err("PutItem", json!({"TableName": "ttt", "Item": {"id": {"S": "b"}}})), conflict);
    assert_eq!(cloud.err("DeleteItem", json!({"TableName": "ttt", "Key": key})), conflict);
    assert_eq!(cloud.err("UpdateItem", json!({"TableName": "ttt", "Key": key})), conflict);
    let statement = json!({"Statement": "DELETE FROM ttt WHERE id = 'a'"});
    assert_eq!(cloud.err("ExecuteStatement", statement.clone()), conflict);
    assert_eq!(
        cloud.ok("BatchExecuteStatement", json!({"Statements": [statement]}))["Responses"][0]["Error"],
        json!({"Code": "TransactionConflict", "Message": CONFLICT})
    );
    let requests = json!([{"DeleteRequest": {"Key": key}}, {"PutRequest": {"Item": {"id": {"S": "c"}}}}]);
    assert_eq!(
        cloud.ok("BatchWriteItem", json!({"RequestItems": {"ttt": requests}})),
        json!({"UnprocessedItems": {"ttt": [{"DeleteRequest": {"Key": key}}]}})
    );
    assert_eq!(cloud.get("a"), key);
    cloud.now += Duration::from_secs(1);
    cloud.ok("DeleteItem", json!({"TableName": "ttt", "Key": key}));
}

#[test]
fn transactions_that_meet_at_an_item_conflict() {
    let mut cloud = with_slow_transactions();
    cloud.ok("TransactWriteItems", json!({"TransactItems": [put("a", None)]}));
    let failing = put("c", Some("attribute_exists(id)"));
    let both = json!({"TransactItems": [put("b", None), put("a", None), failing]});
    let conflict = json!({"Code": "TransactionConflict", "Message": CONFLICT});
    assert_eq!(
        cloud.err("TransactWriteItems", both)["CancellationReasons"],
        json!([
            {"Code": "None"},
            conflict,
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        ])
    );
    // A transaction that was cancelled holds nothing.
    cloud.put("ttt", json!({"id": {"S": "b"}}));
    let get = |id: &str| json!({"Get": {"TableName": "ttt", "Key": {"id": {"S": id}}}});
    let gets = json!({"TransactItems": [get("a"), get("b")]});
    let answer = cloud.err("TransactGetItems", gets.clone());
    assert_eq!(answer["CancellationReasons"], json!([conflict, {"Code": "None"}]));
    cloud.now += Duration::from_secs(1);
    cloud.ok("TransactGetItems", gets);
    cloud.ok("TransactWriteItems", json!({"TransactItems": [put("a", None)]}));
}

#[test]
fn a_token_finds_its_transaction_in_progress() {
    let mut cloud = with_slow_transactions();
    let input = json!({"ClientRequestToken": "token", "TransactItems": [put("a", None)]});
    cloud.ok("TransactWriteItems", input.clone());
    assert_eq!(
        cloud.err("TransactWriteItems", input.clone()),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionInProgressException",
            "Message": "The transaction with the given request token is already in progress.",
        })
    );
    cloud.now += Duration::from_secs(1);
    cloud.ok("TransactWriteItems", input);
}

#[test]
fn a_token_that_is_too_long_is_reported_before_the_other_members() {
    let cloud = Cloud::with_table();
    let token = "x".repeat(37);
    let input = json!({
        "TransactItems": [put("1", None)],
        "ClientRequestToken": token,
        "ReturnConsumedCapacity": "BOGUS",
    });
    assert_eq!(
        cloud.invalid("TransactWriteItems", input),
        format!(
            "2 validation errors detected: Value '{token}' at 'clientRequestToken' failed to satisfy constraint: \
             Member must have length less than or equal to 36; Value 'BOGUS' at 'returnConsumedCapacity' failed to \
             satisfy constraint: Member must satisfy enum value set: [INDEXES, TOTAL, NONE]"
        )
    );
}

#[test]
fn an_expression_that_does_not_parse_is_reported_before_a_table_that_does_not_exist() {
    let cloud = Cloud::with_table();
    let absent = json!({"Put": {"TableName": "absent", "Item": {"id": {"S": "1"}}}});
    assert_eq!(
        cloud.invalid(
            "TransactWriteItems",
            json!({"TransactItems": [absent, put("1", Some("attribute_not_exists("))]})
        ),
        "Invalid ConditionExpression: Syntax error; token: \"<EOF>\", near: \"(\""
    );
}

#[test]
fn a_transaction_pays_twice_for_the_table_and_once_for_its_indexes() {
    let cloud = Cloud::new();
    let indexed = json!({
        "TableName": "indexed",
        "AttributeDefinitions": [
            {"AttributeName": "id", "AttributeType": "S"}, {"AttributeName": "genre", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "BillingMode": "PAY_PER_REQUEST",
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-genre",
            "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
        }],
    });
    cloud.ok("CreateTable", indexed);
    let film = |bytes: usize| json!({"id": {"S": "metropolis"}, "genre": {"S": "drama"}, "plot": {"S": "x".repeat(bytes)}});
    let key = json!({"id": {"S": "metropolis"}});
    let moved = json!({
        "TableName": "indexed", "Key": key, "UpdateExpression": "SET genre = :to",
        "ExpressionAttributeValues": {":to": {"S": "science fiction"}},
    });
    for (action, table, index) in [
        (json!({"Put": {"TableName": "indexed", "Item": film(1500)}}), 4.0, 2.0),
        // One entry goes and another comes.
        (json!({"Update": moved}), 4.0, 4.0),
        (json!({"Delete": {"TableName": "indexed", "Key": key}}), 4.0, 2.0),
    ] {
        let input = json!({"TransactItems": [action], "ReturnConsumedCapacity": "INDEXES"});
        let used = cloud.ok("TransactWriteItems", input)["ConsumedCapacity"][0].clone();
        let of = |share: &Value| share["WriteCapacityUnits"].as_f64().unwrap();
        assert_eq!(of(&used["Table"]), table, "{action}");
        assert_eq!(of(&used["GlobalSecondaryIndexes"]["by-genre"]), index, "{action}");
        assert_eq!(of(&used), table + index, "{action}");
    }
}
