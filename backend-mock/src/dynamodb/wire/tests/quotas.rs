//! How much an account and a table may have, and how often a table may be changed.

use super::*;

const REFERENCE: &str =
    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";

impl Cloud {
    /// The message of a LimitExceededException.
    #[track_caller]
    fn exceeded(&self, operation: &str, input: Value) -> String {
        let answer = self.err(operation, input);
        assert_eq!(answer["__type"], "com.amazonaws.dynamodb.v20120810#LimitExceededException", "{answer}");
        answer["message"].as_str().unwrap().to_owned()
    }
}

fn of(name: &str, read: i64, write: i64) -> Value {
    with(table(name), units(read, write))
}

fn units(read: i64, write: i64) -> Value {
    json!({"ProvisionedThroughput": {"ReadCapacityUnits": read, "WriteCapacityUnits": write}})
}

fn index(read: i64, write: i64) -> Value {
    with(
        units(read, write),
        json!({
            "IndexName": "by-id",
            "KeySchema": [key("id", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
        }),
    )
}

#[test]
fn a_table_and_an_index_have_forty_thousand_units_at_most() {
    let cloud = Cloud::new();
    assert_eq!(
        cloud.exceeded("CreateTable", of("ttt", 40_001, 1)),
        format!(
            "The requested ReadCapacityUnits, 40001, is above the per table maximum for the account in eu-west-1. Per \
             table maximum: 40000. {REFERENCE}"
        )
    );
    assert_eq!(
        cloud.exceeded(
            "CreateTable",
            with(of("ttt", 1, 1), json!({"GlobalSecondaryIndexes": [index(1, 50_000)]}))
        ),
        format!(
            "The requested WriteCapacityUnits for index by-id, 50000, is above the per index maximum for the account in \
             eu-west-1. Per index maximum: 40000. {REFERENCE}"
        )
    );
    cloud.ok("CreateTable", of("ttt", 40_000, 40_000));
    let more = with(units(40_000, 40_001), json!({"TableName": "ttt"}));
    assert!(
        cloud.exceeded("UpdateTable", more).starts_with("The requested WriteCapacityUnits, 40001, is above")
    );
    let description = cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    assert_eq!(description["Table"]["ProvisionedThroughput"]["WriteCapacityUnits"], 40_000);
}

#[test]
fn an_account_has_eighty_thousand_units_provisioned_at_most() {
    let cloud = Cloud::new();
    cloud
        .ok("CreateTable", with(of("one", 30_000, 1), json!({"GlobalSecondaryIndexes": [index(20_000, 1)]})));
    assert_eq!(
        cloud.exceeded("CreateTable", of("two", 30_001, 1)),
        format!(
            "This request would have caused the ReadCapacityUnits limit to be exceeded for the account in eu-west-1. \
             Current ReadCapacityUnits reserved by the account: 50000. Limit: 80000. Requested: 30001. {REFERENCE}"
        )
    );
    cloud.ok("CreateTable", of("two", 30_000, 1));
    let grow = with(units(30_001, 1), json!({"TableName": "two"}));
    assert!(
        cloud
            .exceeded("UpdateTable", grow)
            .contains("reserved by the account: 80000. Limit: 80000. Requested: 1.")
    );
    cloud.ok("UpdateTable", with(units(30_000, 2), json!({"TableName": "two"})));
    cloud.ok("UpdateTable", json!({"TableName": "one", "BillingMode": "PAY_PER_REQUEST"}));
    cloud.ok("UpdateTable", with(units(40_000, 2), json!({"TableName": "two"})));
}

#[test]
fn what_a_table_may_be_asked_on_demand_has_the_same_maximum() {
    let cloud = Cloud::with_songs();
    assert_eq!(
        cloud.exceeded(
            "UpdateTable",
            json!({"TableName": "songs", "OnDemandThroughput": {"MaxWriteRequestUnits": 40_001}})
        ),
        "Subscriber limit exceeded: Requested MaxWriteRequestUnits for OnDemandThroughput for table exceeds \
         TableMaxWriteCapacityUnits of the account in region eu-west-1"
    );
    assert_eq!(
        cloud.exceeded(
            "UpdateTable",
            json!({"TableName": "songs", "WarmThroughput": {"ReadUnitsPerSecond": 40_001}})
        ),
        "Subscriber limit exceeded: Requested ReadUnitsPerSecond for WarmThroughput for table exceeds \
         TableMaxReadCapacityUnits of the account in region eu-west-1"
    );
}

#[test]
fn the_class_of_a_table_changes_twice_in_thirty_days() {
    let mut cloud = Cloud::with_table();
    let class = |class: &str| json!({"TableName": "ttt", "TableClass": class});
    cloud.ok("UpdateTable", class("STANDARD_INFREQUENT_ACCESS"));
    cloud.now += Duration::from_secs(60);
    cloud.ok("UpdateTable", class("STANDARD"));
    assert_eq!(
        cloud.exceeded("UpdateTable", class("STANDARD_INFREQUENT_ACCESS")),
        "Subscriber limit exceeded: Updates to TableClass are limited to 2 times in 30 day(s)."
    );
    assert_eq!(
        cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"]["TableClassSummary"],
        json!({"TableClass": "STANDARD", "LastUpdateDateTime": 1_700_000_060.5})
    );
    cloud.now += Duration::from_secs(30 * 86_400 - 60);
    cloud.ok("UpdateTable", class("STANDARD_INFREQUENT_ACCESS"));
    cloud.exceeded("UpdateTable", class("STANDARD"));
}

#[test]
fn encryption_changes_four_times_a_day_and_then_every_six_hours() {
    let mut cloud = Cloud::with_table();
    let encryption = |members: Value| json!({"TableName": "ttt", "SSESpecification": members});
    let enable = encryption(json!({"Enabled": true}));
    // The same key again is a change like any other, unless its ARN says that it is the same.
    for _ in 0..3 {
        cloud.ok("UpdateTable", enable.clone());
    }
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    let key = &table["SSEDescription"]["KMSMasterKeyArn"];
    let by_arn = encryption(json!({"Enabled": true, "SSEType": "KMS", "KMSMasterKeyId": key}));
    let message = cloud.invalid("UpdateTable", by_arn.clone());
    assert!(message.contains("Table is already encrypted with given KMSMasterKeyId"), "{message}");
    cloud.now += Duration::from_secs(3_600);
    cloud.ok("UpdateTable", encryption(json!({"Enabled": false})));
    assert_eq!(
        cloud.exceeded("UpdateTable", by_arn),
        "Subscriber limit exceeded: Encryption mode changes are limited in the 24h window ending at \
         2023-11-15T22:13:20.500Z. After the first 4 change, each subsequent change in the same window can be performed \
         at most once every 21600 seconds. Number of updates today: 4. Last change at 2023-11-14T23:13:20.500Z. Next \
         changes can be made at 2023-11-15T05:13:20.500Z."
    );
    cloud.now += Duration::from_secs(21_600);
    cloud.ok("UpdateTable", enable.clone());
    cloud.exceeded("UpdateTable", enable.clone());
    cloud.now += Duration::from_secs(17 * 3_600);
    for _ in 0..4 {
        cloud.ok("UpdateTable", enable.clone());
    }
    cloud.exceeded("UpdateTable", enable);
}

#[test]
fn an_account_has_two_thousand_five_hundred_tables_and_five_hundred_that_change() {
    let mut cloud = Cloud::new();
    cloud.with_engine(|engine| engine.set_status_delay(Duration::from_secs(1)));
    let on_demand = |number: usize| {
        let mut table = with(table(&format!("table-{number}")), json!({"BillingMode": "PAY_PER_REQUEST"}));
        table.as_object_mut().unwrap().remove("ProvisionedThroughput");
        table
    };
    for number in 0..500 {
        cloud.ok("CreateTable", on_demand(number));
    }
    assert_eq!(
        cloud.exceeded("CreateTable", on_demand(500)),
        "Subscriber limit exceeded: Only 500 tables can be created, updated, or deleted simultaneously"
    );
    cloud.with_engine(|engine| engine.set_status_delay(Duration::ZERO));
    cloud.now += Duration::from_secs(1);
    for number in 500..2_500 {
        cloud.ok("CreateTable", on_demand(number));
    }
    assert_eq!(
        cloud.exceeded("CreateTable", on_demand(2_500)),
        "Subscriber limit exceeded: There is a limit of 2500 tables per subscriber"
    );
    cloud.ok("DeleteTable", json!({"TableName": "table-0"}));
    cloud.ok("CreateTable", on_demand(2_500));
}

#[test]
fn all_indexes_together_project_a_hundred_attributes_by_name() {
    let cloud = Cloud::new();
    let projecting = |number: usize, count: usize| {
        let names: Vec<_> = (0..count).map(|name| format!("a{name}")).collect();
        with(
            index(1, 1),
            json!({
                "IndexName": format!("by-id-{number}"),
                "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": names},
            }),
        )
    };
    let indexes = |last: usize| {
        let mut indexes: Vec<_> = (0..4).map(|number| projecting(number, 20)).collect();
        indexes.extend([projecting(4, 19), projecting(5, last)]);
        with(table("ttt"), json!({"GlobalSecondaryIndexes": indexes}))
    };
    let message = cloud.invalid("CreateTable", indexes(2));
    assert!(message.ends_with("exceeds per-table limit of 100"), "{message}");
    cloud.ok("CreateTable", indexes(1));
}

#[test]
fn an_item_collection_holds_ten_gigabytes() {
    let cloud = Cloud::with_songs();
    let song = |title: &str, more: Value| with(json!({"artist": {"S": "a"}, "title": {"S": title}}), more);
    let short = |title: &str| song(title, json!({}));
    cloud.put("songs", short("1"));
    let size = |cloud: &Cloud| {
        let put = json!({"TableName": "songs", "Item": short("1"), "ReturnItemCollectionMetrics": "SIZE"});
        cloud.ok("PutItem", put)["ItemCollectionMetrics"]["SizeEstimateRangeGB"].clone()
    };
    assert_eq!(size(&cloud), json!([0.0, 1.0]));
    // An item has 13 bytes in the table, and none in the local index without the index's key.
    cloud.with_engine(|engine| engine.set_collection_bytes("songs", "a", (10 << 30) - 30));
    assert_eq!(size(&cloud), json!([9.0, 10.0]));
    cloud.put("songs", short("2"));
    cloud.put("songs", short("3"));
    let exceeded = json!({
        "__type": "com.amazonaws.dynamodb.v20120810#ItemCollectionSizeLimitExceededException",
        "message": "Collection size exceeded",
    });
    assert_eq!(cloud.err("PutItem", json!({"TableName": "songs", "Item": short("4")})), exceeded);
    let put = |item: Value| json!({"Put": {"TableName": "songs", "Item": item}});
    let other = with(short("1"), json!({"artist": {"S": "b"}}));
    assert_eq!(
        cloud.err("TransactWriteItems", json!({"TransactItems": [put(other), put(short("4"))]}))["CancellationReasons"],
        json!([
            {"Code": "None"},
            {"Code": "ItemCollectionSizeLimitExceeded", "Message": "Collection size exceeded"},
        ])
    );
    let insert = json!({"Statement": "INSERT INTO songs VALUE {'artist': 'a', 'title': '4'}"});
    assert_eq!(
        cloud.ok("BatchExecuteStatement", json!({"Statements": [insert]}))["Responses"][0]["Error"]["Code"],
        "ItemCollectionSizeLimitExceeded"
    );
    // What the local index would hold counts as well.
    cloud.ok("DeleteItem", json!({"TableName": "songs", "Key": short("3")}));
    let with_plays = song("4", json!({"plays": {"N": "1"}}));
    assert_eq!(cloud.err("PutItem", json!({"TableName": "songs", "Item": with_plays})), exceeded);
    cloud.put("songs", short("4"));
}
