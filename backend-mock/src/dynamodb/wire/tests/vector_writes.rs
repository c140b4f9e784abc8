//! Writes to tables with vector indexes: what is refused, what is held, and what it counts.

use super::vector_indexes::{cloud_with_vix, list, table_of, vix, with_schema};
use super::*;

/// A number that takes twenty bytes, of which four are billed.
const WIDE: &str = "12345678901234567890123456789012345678";

/// The indexes `plain` and `schema` of the same vectors.
fn cloud_with_two() -> Cloud {
    let cloud = Cloud::new();
    let (plain, schema) = (json!({"IndexName": "plain"}), json!({"IndexName": "schema"}));
    let indexes = json!([with(vix(), plain), with(with_schema(), schema)]);
    cloud.ok("CreateTable", table_of(indexes, &["tenant", "category"]));
    cloud
}

impl Cloud {
    /// What a write of `item` counts, as INDEXES tells it.
    fn counted(&self, item: Value) -> Value {
        let input = json!({"TableName": "vec", "Item": item, "ReturnConsumedCapacity": "INDEXES"});
        self.ok("PutItem", input)["ConsumedCapacity"].clone()
    }
}

#[test]
fn values_that_an_index_cannot_hold_are_refused() {
    let cloud = cloud_with_two();
    let item = |members: Value| with(json!({"pk": {"S": "bad"}, "tenant": {"S": "t1"}}), members);
    let invalid = "One or more parameter values were invalid.";
    let of = |members: Value| with(json!({"embedding": list(&["0", "0", "1"])}), members);
    for (members, message) in [
        (
            json!({"embedding": list(&["1", "0"])}),
            format!("{invalid} Invalid size for parameter embedding, Expected: 3, Actual: 2 IndexName: plain"),
        ),
        (
            json!({"embedding": {"L": [{"N": "1"}, {"S": "oops"}, {"N": "0"}]}}),
            format!(
                "{invalid} Invalid type for parameter embedding[1], Expected: 32-bit floating point number, Actual: S. \
                 IndexName: plain"
            ),
        ),
        (
            json!({"embedding": {"S": "not-a-vector"}}),
            format!(
                "{invalid} Invalid type for parameter embedding, Expected: 32-bit floating point number list IndexName: \
                 plain"
            ),
        ),
        (
            json!({"embedding": list(&["1E+39", "0", "0"])}),
            format!(
                "{invalid} Invalid value for parameter embedding[0], Value: 1E+39 is outside valid range \
                 [-3.4028235E38, 3.4028235E38]. IndexName: plain"
            ),
        ),
        (
            of(json!({"tenant": {"S": ""}})),
            "One or more parameter values are not valid. A value specified for a secondary index key is not supported. \
             The AttributeValue for a key attribute cannot contain an empty string value. IndexName: schema, IndexKey: \
             tenant"
                .to_owned(),
        ),
        (
            of(json!({"tenant": {"N": "1"}})),
            format!("{invalid} Attribute 'tenant' type mismatch. Expected: S, Actual: N. IndexName: schema"),
        ),
        (
            of(json!({"category": {"BOOL": true}})),
            format!("{invalid} Attribute 'category' type mismatch. Expected: S, Actual: BOOL. IndexName: schema"),
        ),
    ] {
        let item = item(members);
        assert_eq!(cloud.invalid("PutItem", json!({"TableName": "vec", "Item": item})), message);
        let batch = json!({"RequestItems": {"vec": [{"PutRequest": {"Item": item}}]}});
        assert_eq!(cloud.invalid("BatchWriteItem", batch), message);
        let statement = r#"INSERT INTO "vec" VALUE {'pk': 'bad', 'tenant': ?, 'category': ?, 'embedding': ?}"#;
        let parameter = |name: &str| item.get(name).cloned().unwrap_or_else(|| json!({"S": "c"}));
        let parameters: Vec<_> = ["tenant", "category", "embedding"].into_iter().map(parameter).collect();
        assert_eq!(
            cloud.invalid("ExecuteStatement", json!({"Statement": statement, "Parameters": parameters})),
            message
        );
        let transaction = json!({"TransactItems": [{"Put": {"TableName": "vec", "Item": item}}]});
        let cancelled = cloud.err("TransactWriteItems", transaction);
        // An empty key is told before any part of a transaction is looked at.
        let told = cancelled.pointer("/CancellationReasons/0/Message").unwrap_or(&cancelled["message"]);
        assert_eq!(told, &message, "{cancelled}");
    }
    assert_eq!(cloud.ok("Scan", json!({"TableName": "vec"}))["Count"], 0);
}

#[test]
fn an_update_is_refused_for_what_it_changes_and_for_nothing_else() {
    let cloud = Cloud::new();
    let mut input = table_of(json!([]), &[]);
    input.as_object_mut().unwrap().remove("VectorIndexes");
    cloud.ok("CreateTable", input);
    cloud.put("vec", json!({"pk": {"S": "old"}, "embedding": list(&["1"])}));
    cloud.ok("UpdateTable", json!({"TableName": "vec", "VectorIndexUpdates": [{"Create": vix()}]}));
    let update = |expression: &str, value: Value| {
        json!({
            "TableName": "vec", "Key": {"pk": {"S": "old"}},
            "UpdateExpression": expression, "ExpressionAttributeValues": {":v": value},
        })
    };
    cloud.ok("UpdateItem", update("SET note = :v", json!({"S": "n"})));
    assert_eq!(
        cloud.invalid("UpdateItem", update("SET embedding = :v", list(&["1", "2"]))),
        "One or more parameter values were invalid. Invalid size for parameter embedding, Expected: 3, Actual: 2 \
         IndexName: vix"
    );
    cloud.ok("UpdateItem", update("SET embedding = :v", list(&["1", "2", "3"])));

    let cloud = cloud_with_two();
    let update = update("SET tenant = :v", json!({"S": ""}));
    assert_eq!(
        cloud.invalid("UpdateItem", update),
        "One or more parameter values are not valid. The update expression attempted to update a secondary index key to \
         a value that is not supported. The AttributeValue for a key attribute cannot contain an empty string value."
    );
}

#[test]
fn an_item_is_in_the_indexes_that_it_has_the_attributes_of() {
    let cloud = cloud_with_two();
    let vector = list(&["0", "0", "1"]);
    cloud.put("vec", json!({"pk": {"S": "a"}, "tenant": {"S": "t1"}, "embedding": vector}));
    cloud.put("vec", json!({"pk": {"S": "no-tenant"}, "category": {"S": "c1"}, "embedding": vector}));
    let found = |index: &str, members: Value| {
        let search = json!({
            "TableName": "vec", "IndexName": index, "SearchVector": [{"N": "0"}, {"N": "0"}, {"N": "1"}], "TopK": 9,
        });
        let answer = cloud.ok("SearchVectors", with(search, members));
        let results = answer["SearchResults"].as_array().unwrap().clone();
        let mut keys: Vec<_> =
            results.iter().map(|it| it["Item"]["pk"]["S"].as_str().unwrap().to_owned()).collect();
        keys.sort();
        keys
    };
    let of_tenant = json!({
        "SearchConditionExpression": "tenant = :t", "ExpressionAttributeValues": {":t": {"S": "t1"}},
    });
    assert_eq!(found("plain", json!({})), ["a", "no-tenant"]);
    assert_eq!(found("schema", of_tenant.clone()), ["a"]);
    let update = |expression: &str, members: Value| {
        let update =
            json!({"TableName": "vec", "Key": {"pk": {"S": "no-tenant"}}, "UpdateExpression": expression});
        cloud.ok("UpdateItem", with(update, members))
    };
    update("SET tenant = :t", json!({"ExpressionAttributeValues": {":t": {"S": "t1"}}}));
    assert_eq!(found("schema", of_tenant.clone()), ["a", "no-tenant"]);
    update("REMOVE embedding", json!({}));
    assert_eq!(found("plain", json!({})), ["a"]);
    cloud.ok("DeleteItem", json!({"TableName": "vec", "Key": {"pk": {"S": "a"}}}));
    assert_eq!(found("schema", of_tenant), Vec::<String>::new());
}

#[test]
fn a_write_counts_the_entry_that_it_changes_and_no_other() {
    let cloud = Cloud::new();
    let keys = json!({"IndexName": "vkeys", "Projection": {"ProjectionType": "KEYS_ONLY"}});
    cloud.ok("CreateTable", table_of(json!([vix(), with(vix(), keys)]), &[]));
    let item =
        |note: &str| json!({"pk": {"S": "p1"}, "embedding": list(&[WIDE, "1", "0"]), "note": {"S": note}});
    let bytes = |bytes: f64| json!({"VectorWriteRequestBytes": bytes});
    let long = "x".repeat(1_500);
    let whole = f64::from(2 + 2 + 9 + 12 + 4 + 1_500);
    let counted = cloud.counted(item(&long));
    assert_eq!(counted["VectorIndexes"], json!({"vix": bytes(whole), "vkeys": bytes(1024.0)}));
    assert_eq!((&counted["CapacityUnits"], &counted["Table"]["CapacityUnits"]), (&json!(2.0), &json!(2.0)));
    assert_eq!(cloud.counted(item(&long))["VectorIndexes"], Value::Null);
    // An entry that becomes smaller counts as it was.
    assert_eq!(cloud.counted(item("short"))["VectorIndexes"], json!({"vix": bytes(whole)}));
    assert_eq!(cloud.counted(json!({"pk": {"S": "p2"}, "note": {"S": "n"}}))["VectorIndexes"], Value::Null);
    // More digits than an index keeps are no change to it.
    let mut precise = item("short");
    precise["embedding"] = list(&[WIDE, "1.00000000001", "0"]);
    assert_eq!(cloud.counted(precise)["VectorIndexes"], Value::Null);
    let total = json!({"TableName": "vec", "Item": item("other"), "ReturnConsumedCapacity": "TOTAL"});
    assert_eq!(
        cloud.ok("PutItem", total)["ConsumedCapacity"],
        json!({"TableName": "vec", "CapacityUnits": 1.0})
    );
    let delete = json!({"TableName": "vec", "Key": {"pk": {"S": "p1"}}, "ReturnConsumedCapacity": "INDEXES"});
    let deleted = cloud.ok("DeleteItem", delete);
    assert_eq!(
        deleted["ConsumedCapacity"]["VectorIndexes"],
        json!({"vix": bytes(1024.0), "vkeys": bytes(1024.0)})
    );
}

#[test]
fn batches_add_up_and_transactions_do_not_double() {
    let cloud = cloud_with_vix();
    let put = |pk: &str| json!({"pk": {"S": pk}, "embedding": list(&["1", "0", "0"])});
    let bytes = |bytes: f64| json!({"vix": {"VectorWriteRequestBytes": bytes}});
    let batch = json!({
        "RequestItems": {"vec": [{"PutRequest": {"Item": put("a")}}, {"PutRequest": {"Item": put("b")}}]},
        "ReturnConsumedCapacity": "INDEXES",
    });
    assert_eq!(cloud.ok("BatchWriteItem", batch)["ConsumedCapacity"][0]["VectorIndexes"], bytes(2048.0));
    let transaction = json!({
        "TransactItems": [{"Put": {"TableName": "vec", "Item": put("c")}}], "ReturnConsumedCapacity": "INDEXES",
    });
    let written = cloud.ok("TransactWriteItems", transaction)["ConsumedCapacity"][0].clone();
    assert_eq!((&written["CapacityUnits"], &written["VectorIndexes"]), (&json!(2.0), &bytes(1024.0)));
    let statement = json!({
        "Statement": r#"INSERT INTO "vec" VALUE {'pk': 'd', 'embedding': [1, 0, 0]}"#,
        "ReturnConsumedCapacity": "INDEXES",
    });
    assert_eq!(cloud.ok("ExecuteStatement", statement)["ConsumedCapacity"]["VectorIndexes"], bytes(1024.0));
}

/// An item that is billed for so many bytes, its vector at twelve.
fn billed(pk: &str, bytes: usize) -> Value {
    let pad = bytes - (2 + pk.len() + 9 + 12 + 3);
    json!({"pk": {"S": pk}, "embedding": list(&[WIDE; 3]), "pad": {"S": "x".repeat(pad)}})
}

#[test]
fn reads_and_writes_are_paid_by_four_bytes_a_dimension() {
    let cloud = cloud_with_vix();
    let units = |item: Value| cloud.counted(item)["CapacityUnits"].clone();
    assert_eq!((units(billed("a", 1_024)), units(billed("b", 1_025))), (json!(1.0), json!(2.0)));
    cloud.put("vec", billed("c", 4_096));
    let key = json!({"pk": {"S": "c"}});
    for (operation, input, read) in [
        ("GetItem", json!({"TableName": "vec", "Key": key, "ConsistentRead": true}), "/ConsumedCapacity"),
        (
            "BatchGetItem",
            json!({"RequestItems": {"vec": {"Keys": [key], "ConsistentRead": true}}}),
            "/ConsumedCapacity/0",
        ),
        (
            "Query",
            json!({
                "TableName": "vec", "ConsistentRead": true,
                "KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "c"}},
            }),
            "/ConsumedCapacity",
        ),
        (
            "ExecuteStatement",
            json!({"Statement": r#"SELECT * FROM "vec" WHERE pk = 'c'"#, "ConsistentRead": true}),
            "/ConsumedCapacity",
        ),
    ] {
        let answer = cloud.ok(operation, with(input, json!({"ReturnConsumedCapacity": "TOTAL"})));
        assert_eq!(answer.pointer(read).unwrap()["CapacityUnits"], 1.0, "{operation}");
    }
    let get = json!({
        "TransactItems": [{"Get": {"TableName": "vec", "Key": key}}], "ReturnConsumedCapacity": "TOTAL",
    });
    assert_eq!(cloud.ok("TransactGetItems", get)["ConsumedCapacity"][0]["CapacityUnits"], 2.0);
}

#[test]
fn the_bytes_of_a_table_go_with_its_vector_indexes() {
    let cloud = cloud_with_vix();
    let size = || cloud.ok("DescribeTable", json!({"TableName": "vec"}))["Table"]["TableSizeBytes"].clone();
    cloud.put("vec", billed("a", 100));
    assert_eq!(size(), 100);
    cloud.ok(
        "UpdateTable",
        json!({"TableName": "vec", "VectorIndexUpdates": [{"Delete": {"IndexName": "vix"}}]}),
    );
    assert_eq!(size(), 100 - 12 + 3 + 3 * 21);
    cloud.ok("UpdateTable", json!({"TableName": "vec", "VectorIndexUpdates": [{"Create": vix()}]}));
    assert_eq!(size(), 100);
}

#[test]
fn an_item_may_be_as_large_as_its_numbers_let_it() {
    let cloud = cloud_with_vix();
    let largest = 400 * 1024 - (3 + 3 * 21) + 12;
    cloud.put("vec", billed("a", largest));
    assert_eq!(
        cloud.invalid("PutItem", json!({"TableName": "vec", "Item": billed("b", largest + 1)})),
        "Item size has exceeded the maximum allowed size"
    );
}
