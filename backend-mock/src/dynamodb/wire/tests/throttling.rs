//! Capacity, where it is enforced.

use super::*;

const OF_TABLE: &str = "The level of configured provisioned throughput for the table was exceeded. Consider increasing \
                        your provisioning level with the UpdateTable API.";
const OF_INDEXES: &str = "The level of configured provisioned throughput for one or more global secondary indexes of the \
                          table was exceeded. Consider increasing your provisioning level for the under-provisioned \
                          global secondary indexes with the UpdateTable API";

fn units(read: i64, write: i64) -> Value {
    json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write})
}

impl Cloud {
    /// A cloud that enforces capacity, with the table `ttt` of so many units.
    fn throttling(read: i64, write: i64) -> Self {
        Self::throttling_with(with(table("ttt"), json!({"ProvisionedThroughput": units(read, write)})))
    }

    fn throttling_with(definition: Value) -> Self {
        let cloud = Self::new();
        cloud.with_engine(|engine| engine.enforce_capacity());
        cloud.ok("CreateTable", definition);
        cloud
    }

    fn try_put(&self, id: &str) -> bool {
        self.call("PutItem", &json!({"TableName": "ttt", "Item": {"id": {"S": id}}})).0 == 200
    }

    /// How many of so many writes of one unit are let in.
    fn puts(&self, count: usize) -> usize {
        (0..count).filter(|_| self.try_put("a")).count()
    }
}

fn key(id: &str) -> Value {
    json!({"id": {"S": id}})
}

/// `ttt` with the attribute `g` as the key of the global index `by-g`.
fn indexed(table_units: Value, index_units: Value) -> Value {
    with(
        table("ttt"),
        json!({
            "ProvisionedThroughput": table_units,
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "g", "AttributeType": "S"},
            ],
            "GlobalSecondaryIndexes": [{
                "IndexName": "by-g",
                "KeySchema": [super::key("g", "HASH")],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
                "ProvisionedThroughput": index_units,
            }],
        }),
    )
}

#[test]
fn a_table_takes_what_is_provisioned_and_says_why_it_takes_no_more() {
    let mut cloud = Cloud::throttling(1, 2);
    assert_eq!(cloud.puts(2), 2);
    assert_eq!(
        cloud.err("PutItem", json!({"TableName": "ttt", "Item": key("b")})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": OF_TABLE,
            "ThrottlingReasons": [{
                "reason": "TableWriteProvisionedThroughputExceeded",
                "resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt",
            }],
        })
    );
    let get = json!({"TableName": "ttt", "Key": key("b"), "ConsistentRead": true});
    cloud.ok("GetItem", get.clone());
    let answer = cloud.err("GetItem", get.clone());
    assert_eq!(answer["ThrottlingReasons"][0]["reason"], "TableReadProvisionedThroughputExceeded");
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.ok("GetItem", get), json!({}));
    assert_eq!(cloud.puts(3), 2);
}

#[test]
fn five_minutes_of_unused_capacity_are_kept() {
    let mut cloud = Cloud::throttling(1, 1);
    cloud.now += Duration::from_secs(10);
    assert_eq!(cloud.puts(20), 11);
    cloud.now += Duration::from_secs(86_400);
    assert_eq!(cloud.puts(400), 300);
}

#[test]
fn an_item_of_more_units_than_a_second_brings_is_written_and_paid_for_later() {
    let mut cloud = Cloud::throttling(1, 2);
    let item = json!({"id": {"S": "a"}, "x": {"S": "x".repeat(10 * 1024 - 10)}});
    cloud.put("ttt", item);
    cloud.now += Duration::from_secs(4);
    assert!(!cloud.try_put("b"));
    cloud.now += Duration::from_secs(1);
    assert!(cloud.try_put("b"));
}

#[test]
fn a_scan_is_paid_for_by_what_it_read() {
    let mut cloud = Cloud::throttling(2, 100);
    for id in ["a", "b", "c", "d"] {
        cloud.put("ttt", json!({"id": {"S": id}, "x": {"S": "x".repeat(4000)}}));
    }
    let scan = json!({"TableName": "ttt", "ConsistentRead": true, "ReturnConsumedCapacity": "TOTAL"});
    assert_eq!(cloud.ok("Scan", scan.clone())["ConsumedCapacity"]["CapacityUnits"], 4.0);
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.err("Scan", scan.clone())["message"], OF_TABLE);
    cloud.now += Duration::from_millis(1);
    cloud.ok("Scan", scan);
    let select = json!({"Statement": "SELECT * FROM \"ttt\" WHERE id = 'a'"});
    assert_eq!(cloud.err("ExecuteStatement", select)["message"], OF_TABLE);
}

#[test]
fn a_condition_that_does_not_hold_costs_a_write() {
    let cloud = Cloud::throttling(1, 2);
    let put = json!({"TableName": "ttt", "Item": key("a"), "ConditionExpression": "attribute_exists(id)"});
    for _ in 0..2 {
        assert_eq!(cloud.err("PutItem", put.clone())["message"], "The conditional request failed");
    }
    assert_eq!(cloud.err("PutItem", put)["message"], OF_TABLE);
}

#[test]
fn a_request_that_is_not_valid_costs_nothing_and_is_refused_for_that() {
    let cloud = Cloud::throttling(1, 1);
    let wrong = json!({"TableName": "ttt", "Item": {"id": {"N": "1"}}});
    cloud.invalid("PutItem", wrong.clone());
    assert_eq!(cloud.puts(2), 1);
    cloud.invalid("PutItem", wrong);
}

#[test]
fn an_index_without_capacity_holds_up_the_writes_that_it_needs() {
    let mut cloud = Cloud::throttling_with(indexed(units(100, 100), units(1, 1)));
    let item = |id: &str, g: &str| json!({"id": {"S": id}, "g": {"S": g}});
    cloud.put("ttt", item("a", "x"));
    assert_eq!(
        cloud.err("PutItem", json!({"TableName": "ttt", "Item": item("b", "x")})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException",
            "message": OF_INDEXES,
            "ThrottlingReasons": [{
                "reason": "IndexWriteProvisionedThroughputExceeded",
                "resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt/index/by-g",
            }],
        })
    );
    assert_eq!(cloud.get("b"), Value::Null);
    // What the index does not hold, and what does not change in it, goes through.
    cloud.put("ttt", key("c"));
    cloud.put("ttt", with(item("a", "x"), json!({"more": {"S": "y"}})));
    cloud.now += Duration::from_secs(1);
    cloud.put("ttt", item("b", "x"));
}

#[test]
fn an_index_is_read_by_its_own_capacity() {
    let cloud = Cloud::throttling_with(indexed(units(1, 100), units(1, 100)));
    cloud.put("ttt", json!({"id": {"S": "a"}, "g": {"S": "x"}}));
    let query = json!({
        "TableName": "ttt",
        "IndexName": "by-g",
        "KeyConditionExpression": "g = :g",
        "ExpressionAttributeValues": {":g": {"S": "x"}},
    });
    // An eventually consistent read is half a unit.
    cloud.ok("Query", query.clone());
    cloud.ok("Query", query.clone());
    let answer = cloud.err("Query", query);
    assert_eq!(answer["ThrottlingReasons"][0]["reason"], "IndexReadProvisionedThroughputExceeded");
    cloud.get("a");
}

#[test]
fn a_local_index_is_written_by_the_capacity_of_its_table() {
    let mut definition = indexed(units(1, 4), units(1, 1));
    definition.as_object_mut().unwrap().remove("GlobalSecondaryIndexes");
    definition["KeySchema"] = json!([super::key("id", "HASH"), super::key("s", "RANGE")]);
    definition["AttributeDefinitions"].as_array_mut().unwrap().push(json!({
        "AttributeName": "s", "AttributeType": "S",
    }));
    definition["LocalSecondaryIndexes"] = json!([{
        "IndexName": "by-g",
        "KeySchema": [super::key("id", "HASH"), super::key("g", "RANGE")],
        "Projection": {"ProjectionType": "ALL"},
    }]);
    let cloud = Cloud::throttling_with(definition);
    let item = |s: &str| json!({"id": {"S": "a"}, "s": {"S": s}, "g": {"S": "x"}});
    cloud.put("ttt", item("1"));
    cloud.put("ttt", item("2"));
    let answer = cloud.err("PutItem", json!({"TableName": "ttt", "Item": item("3")}));
    assert_eq!(answer["message"], OF_TABLE);
}

#[test]
fn a_batch_reads_what_it_may_and_fails_when_that_is_nothing() {
    let mut cloud = Cloud::throttling(1, 100);
    for id in ["a", "b", "c"] {
        cloud.put("ttt", key(id));
    }
    let request = json!({"Keys": [key("a"), key("b"), key("c")], "ConsistentRead": true});
    let batch = json!({"RequestItems": {"ttt": request}});
    let rest = json!({"ttt": with(request, json!({"Keys": [key("b"), key("c")]}))});
    assert_eq!(
        cloud.ok("BatchGetItem", batch.clone()),
        json!({"Responses": {"ttt": [key("a")]}, "UnprocessedKeys": rest})
    );
    assert_eq!(cloud.err("BatchGetItem", batch)["message"], OF_TABLE);
    cloud.now += Duration::from_secs(2);
    let answer = cloud.ok("BatchGetItem", json!({"RequestItems": rest}));
    assert_eq!(answer, json!({"Responses": {"ttt": [key("b"), key("c")]}, "UnprocessedKeys": {}}));
}

#[test]
fn a_batch_writes_what_it_may_and_fails_when_that_is_nothing() {
    let mut cloud = Cloud::throttling(100, 1);
    cloud.ok("CreateTable", with(table("other"), json!({"ProvisionedThroughput": units(1, 1)})));
    let put = |id: &str| json!({"PutRequest": {"Item": key(id)}});
    let delete = json!({"DeleteRequest": {"Key": key("z")}});
    let batch = json!({"RequestItems": {"ttt": [put("a"), delete, put("b")], "other": [put("c")]}});
    let rest = json!({"ttt": [delete, put("b")]});
    assert_eq!(cloud.ok("BatchWriteItem", batch), json!({"UnprocessedItems": rest}));
    assert_eq!((cloud.get("a"), cloud.get("b")), (key("a"), Value::Null));
    assert_eq!(cloud.err("BatchWriteItem", json!({"RequestItems": rest}))["message"], OF_TABLE);
    cloud.now += Duration::from_secs(2);
    assert_eq!(cloud.ok("BatchWriteItem", json!({"RequestItems": rest})), json!({"UnprocessedItems": {}}));
    assert_eq!(cloud.get("b"), key("b"));
}

#[test]
fn a_transaction_that_there_is_no_capacity_for_is_cancelled_with_that_reason() {
    let mut cloud = Cloud::throttling(2, 2);
    let put = |id: &str| json!({"Put": {"TableName": "ttt", "Item": key(id)}});
    let three = json!({"TransactItems": [put("a"), put("b"), put("c")]});
    let reason = json!({"Code": "ProvisionedThroughputExceeded", "Message": OF_TABLE});
    assert_eq!(
        cloud.err("TransactWriteItems", three.clone()),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons [None, None, \
                        ProvisionedThroughputExceeded]",
            "CancellationReasons": [{"Code": "None"}, {"Code": "None"}, reason],
        })
    );
    assert_eq!(cloud.get("a"), Value::Null);
    cloud.now += Duration::from_secs(2);
    cloud.ok("TransactWriteItems", three);
    // Six units were used and four were there.
    cloud.now += Duration::from_secs(1);
    assert!(!cloud.try_put("d"));

    let get = |id: &str| json!({"Get": {"TableName": "ttt", "Key": key(id)}});
    cloud.now += Duration::from_secs(600);
    let many: Vec<_> = (0..100).map(|id| get(&id.to_string())).collect();
    for _ in 0..3 {
        cloud.ok("TransactGetItems", json!({"TransactItems": many}));
    }
    let answer = cloud.err("TransactGetItems", json!({"TransactItems": [get("a")]}));
    assert_eq!(answer["CancellationReasons"], json!([reason]));
}

#[test]
fn a_table_on_demand_has_no_limit_but_its_own_maximum() {
    let mut definition = with(table("ttt"), json!({"BillingMode": "PAY_PER_REQUEST"}));
    definition.as_object_mut().unwrap().remove("ProvisionedThroughput");
    let mut cloud = Cloud::throttling_with(definition);
    assert_eq!(cloud.puts(1000), 1000);
    let maximum = json!({"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 3});
    cloud.ok("UpdateTable", json!({"TableName": "ttt", "OnDemandThroughput": maximum}));
    assert_eq!(cloud.puts(10), 3);
    assert_eq!(
        cloud.err("PutItem", json!({"TableName": "ttt", "Item": key("a")})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ThrottlingException",
            "message": "Throughput exceeds the maximum OnDemandThroughput configured on table or index",
            "ThrottlingReasons": [{
                "reason": "TableWriteMaxOnDemandThroughputExceeded",
                "resource": "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt",
            }],
        })
    );
    let put = json!({"Put": {"TableName": "ttt", "Item": key("a")}});
    let answer = cloud.err("TransactWriteItems", json!({"TransactItems": [put]}));
    assert_eq!(answer["CancellationReasons"][0]["Code"], "ThrottlingError");
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.puts(10), 3);
}

#[test]
fn a_statement_of_a_batch_is_throttled_on_its_own() {
    let cloud = Cloud::throttling(1, 1);
    let insert = |id: &str| json!({"Statement": format!("INSERT INTO \"ttt\" VALUE {{'id': '{id}'}}")});
    assert_eq!(
        cloud.ok("BatchExecuteStatement", json!({"Statements": [insert("a"), insert("b")]})),
        json!({"Responses": [
            {"TableName": "ttt"},
            {"Error": {"Code": "ProvisionedThroughputExceeded", "Message": OF_TABLE}, "TableName": "ttt"},
        ]})
    );
}

#[test]
fn new_capacity_counts_from_when_it_is_there() {
    let mut cloud = Cloud::throttling(1, 1);
    assert_eq!(cloud.puts(2), 1);
    cloud.now += Duration::from_secs(10);
    cloud.ok("UpdateTable", json!({"TableName": "ttt", "ProvisionedThroughput": units(1, 100)}));
    // Ten units of before.
    assert_eq!(cloud.puts(20), 10);
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.puts(200), 100);
}

#[test]
fn a_table_of_the_same_name_begins_anew() {
    let cloud = Cloud::throttling(1, 1);
    assert_eq!(cloud.puts(2), 1);
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));
    cloud.ok("CreateTable", with(table("ttt"), json!({"ProvisionedThroughput": units(1, 2)})));
    assert_eq!(cloud.puts(3), 2);
}
