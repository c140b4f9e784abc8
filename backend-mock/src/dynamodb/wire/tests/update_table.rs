//! Changes of a table that is there.

use super::*;

const INVALID: &str = "One or more parameter values were invalid: ";

/// UpdateTable of `ttt`, and then the table as the next look shows it.
fn update(cloud: &Cloud, members: Value) -> (Value, Value) {
    let answer = cloud.ok("UpdateTable", with(json!({"TableName": "ttt"}), members));
    (
        answer["TableDescription"].clone(),
        cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone(),
    )
}

fn refusal(cloud: &Cloud, members: Value) -> String {
    cloud.invalid("UpdateTable", with(json!({"TableName": "ttt"}), members))
}

fn units(read: i64, write: i64) -> Value {
    json!({"ReadCapacityUnits": read, "WriteCapacityUnits": write})
}

fn genre_index(name: &str) -> Value {
    json!({
        "AttributeDefinitions": [{"AttributeName": "genre", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": {
            "IndexName": name,
            "KeySchema": [key("genre", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": units(1, 1),
        }}],
    })
}

#[test]
fn throughput_changes_after_the_answer() {
    let cloud = Cloud::with_table();
    let (answer, table) = update(&cloud, json!({"ProvisionedThroughput": units(10, 3)}));
    assert_eq!(answer["TableStatus"], "UPDATING");
    assert_eq!(answer["ProvisionedThroughput"]["ReadCapacityUnits"], 5);
    assert_eq!(table["TableStatus"], "ACTIVE");
    assert_eq!(
        table["ProvisionedThroughput"],
        json!({
            "ReadCapacityUnits": 10,
            "WriteCapacityUnits": 3,
            "NumberOfDecreasesToday": 1,
            "LastIncreaseDateTime": 1_700_000_000.5,
            "LastDecreaseDateTime": 1_700_000_000.5,
        })
    );
    assert_eq!(
        refusal(&cloud, json!({"ProvisionedThroughput": units(10, 3)})),
        "The provisioned throughput for the table will not change. The requested value equals the current value. \
         Current ReadCapacityUnits provisioned for the table: 10. Requested ReadCapacityUnits: 10. Current \
         WriteCapacityUnits provisioned for the table: 3. Requested WriteCapacityUnits: 3. Refer to the Amazon \
         DynamoDB Developer Guide for current limits and how to request higher limits."
    );
}

#[test]
fn after_four_decreases_a_day_they_are_an_hour_apart() {
    let mut cloud = Cloud::new();
    cloud.ok("CreateTable", with(table("ttt"), json!({"ProvisionedThroughput": units(9, 9)})));
    for read in [8, 7, 6, 5] {
        update(&cloud, json!({"ProvisionedThroughput": units(read, 9)}));
    }
    let fifth = json!({"TableName": "ttt", "ProvisionedThroughput": units(4, 9)});
    let error = cloud.err("UpdateTable", fifth.clone());
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#LimitExceededException");
    assert_eq!(
        error["message"],
        "Subscriber limit exceeded: Provisioned throughput decreases are limited within a given UTC day. After the \
         first 4 decreases, each subsequent decrease in the same UTC day can be performed at most once every 3600 \
         seconds. Number of decreases today: 4. Last decrease at Tuesday, November 14, 2023 at 10:13:20 PM Coordinated \
         Universal Time. Next decrease can be made at Tuesday, November 14, 2023 at 11:13:20 PM Coordinated Universal \
         Time"
    );
    cloud.now += Duration::from_secs(3_600);
    cloud.ok("UpdateTable", fifth);
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    assert_eq!(table["ProvisionedThroughput"]["NumberOfDecreasesToday"], 5);
    cloud.now += Duration::from_secs(3_600);
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    assert_eq!(table["ProvisionedThroughput"]["NumberOfDecreasesToday"], 0);
}

#[test]
fn a_table_is_paid_for_by_request_and_back() {
    let cloud = Cloud::with_table();
    let (_, table) = update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(table["BillingModeSummary"]["LastUpdateToPayPerRequestDateTime"], 1_700_000_000.5);
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 0);
    assert_eq!(table["WarmThroughput"]["ReadUnitsPerSecond"], 12_000);
    let (answer, _) = update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    assert_eq!(answer["TableStatus"], "UPDATING");
    assert_eq!(
        refusal(&cloud, json!({"BillingMode": "PROVISIONED"})),
        format!("{INVALID}ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
    );
    assert_eq!(
        refusal(&cloud, json!({"ProvisionedThroughput": units(1, 1)})),
        format!(
            "{INVALID}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
             PAY_PER_REQUEST"
        )
    );
    let (_, table) =
        update(&cloud, json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(2, 1)}));
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PROVISIONED");
    assert_eq!(table["ProvisionedThroughput"]["ReadCapacityUnits"], 2);
}

#[test]
fn an_index_is_created_over_the_items_that_are_there_and_deleted_again() {
    let cloud = Cloud::with_table();
    for (id, genre) in [("1", "jazz"), ("2", "rock"), ("3", "jazz")] {
        cloud.put("ttt", json!({"id": {"S": id}, "genre": {"S": genre}}));
    }
    cloud.put("ttt", json!({"id": {"S": "4"}}));
    let (answer, table) = update(&cloud, genre_index("by-genre"));
    assert_eq!(answer["GlobalSecondaryIndexes"][0]["IndexStatus"], "CREATING");
    assert_eq!(answer["GlobalSecondaryIndexes"][0]["Backfilling"], false);
    let index = &table["GlobalSecondaryIndexes"][0];
    assert_eq!(index["Backfilling"], Value::Null);
    assert_eq!((&index["IndexStatus"], &index["ItemCount"]), (&json!("ACTIVE"), &json!(3)));
    assert_eq!(table["AttributeDefinitions"].as_array().unwrap().len(), 2);
    let jazz = json!({
        "TableName": "ttt",
        "IndexName": "by-genre",
        "KeyConditionExpression": "genre = :genre",
        "ExpressionAttributeValues": {":genre": {"S": "jazz"}},
    });
    assert_eq!(cloud.ok("Query", jazz.clone())["Count"], 2);
    cloud.put("ttt", json!({"id": {"S": "5"}, "genre": {"S": "jazz"}}));
    assert_eq!(cloud.ok("Query", jazz.clone())["Count"], 3);

    let update_index = |read| {
        json!({"GlobalSecondaryIndexUpdates": [{"Update": {
            "IndexName": "by-genre",
            "ProvisionedThroughput": units(read, 1),
        }}]})
    };
    let (_, table) = update(&cloud, update_index(7));
    let throughput = &table["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"];
    assert_eq!(throughput["ReadCapacityUnits"], 7);
    assert!(
        refusal(&cloud, update_index(7))
            .starts_with("The provisioned throughput for the index by-genre will")
    );
    assert_eq!(
        refusal(&cloud, genre_index("by-genre")),
        "Attempting to create an index which already exists"
    );

    let delete = json!({"GlobalSecondaryIndexUpdates": [{"Delete": {"IndexName": "by-genre"}}]});
    let (answer, table) = update(&cloud, delete.clone());
    assert_eq!(answer["GlobalSecondaryIndexes"][0]["IndexStatus"], "DELETING");
    assert_eq!(table["GlobalSecondaryIndexes"], Value::Null);
    assert_eq!(table["AttributeDefinitions"].as_array().unwrap().len(), 1);
    assert_eq!(cloud.invalid("Query", jazz), "The table does not have the specified index: by-genre");
    let error = cloud.err("UpdateTable", with(json!({"TableName": "ttt"}), delete));
    assert_eq!(error["message"], "Requested resource not found: Index by-genre for table ttt");
}

#[test]
fn one_index_is_made_or_deleted_at_a_time() {
    let cloud = Cloud::with_table();
    let deletes = ["abc", "abd"].map(|name| json!({"Delete": {"IndexName": name}}));
    let error = cloud.err("UpdateTable", json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": deletes}));
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#LimitExceededException");
    assert_eq!(
        error["message"],
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
    );
}

#[test]
fn settings_change_one_at_a_time() {
    let cloud = Cloud::with_table();
    let (answer, table) = update(&cloud, json!({"DeletionProtectionEnabled": true}));
    assert_eq!(
        (&answer["TableStatus"], &answer["DeletionProtectionEnabled"]),
        (&json!("ACTIVE"), &json!(true))
    );
    assert_eq!(table["DeletionProtectionEnabled"], true);
    let (_, table) = update(&cloud, json!({"TableClass": "STANDARD_INFREQUENT_ACCESS"}));
    assert_eq!(
        table["TableClassSummary"],
        json!({"TableClass": "STANDARD_INFREQUENT_ACCESS", "LastUpdateDateTime": 1_700_000_000.5})
    );
    let (answer, table) = update(&cloud, json!({"SSESpecification": {"Enabled": true}}));
    assert_eq!(answer["SSEDescription"]["Status"], "UPDATING");
    assert_eq!(table["SSEDescription"]["Status"], "ENABLED");
    assert_eq!(table["SSEDescription"]["SSEType"], "KMS");
    let (_, table) = update(&cloud, json!({"SSESpecification": {"Enabled": false}}));
    assert_eq!(table["SSEDescription"], Value::Null);
    let (answer, table) = update(&cloud, json!({"WarmThroughput": {"ReadUnitsPerSecond": 50}}));
    assert_eq!(
        answer["WarmThroughput"],
        json!({"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 6, "Status": "UPDATING"})
    );
    assert_eq!(
        table["WarmThroughput"],
        json!({"ReadUnitsPerSecond": 50, "WriteUnitsPerSecond": 6, "Status": "ACTIVE"})
    );
    let stream = json!({"StreamSpecification": {"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"}});
    let (_, table) = update(&cloud, stream.clone());
    assert_eq!(table["StreamSpecification"], stream["StreamSpecification"]);
    assert_eq!(refusal(&cloud, stream), "Table already has an enabled stream: TableName: ttt");
    let (_, table) = update(&cloud, json!({"StreamSpecification": {"StreamEnabled": false}}));
    assert_eq!(table["StreamSpecification"], Value::Null);
    update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    let (_, table) = update(&cloud, json!({"OnDemandThroughput": {"MaxReadRequestUnits": 20}}));
    assert_eq!(table["OnDemandThroughput"], json!({"MaxReadRequestUnits": 20}));
    let (_, table) = update(&cloud, json!({"OnDemandThroughput": {"MaxReadRequestUnits": -1}}));
    assert_eq!(table["OnDemandThroughput"], Value::Null);
}

#[test]
fn what_an_update_may_not_be_is_refused_in_aws_words() {
    let cloud = Cloud::with_table();
    let nothing = "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, \
                   GlobalSecondaryIndexUpdates, SSESpecification, ReplicaUpdates, MultiAccountReplicaReady, \
                   ReplicaTransitRoleArn, MultiRegionConsistency, DeletionProtectionEnabled, OnDemandThroughput, \
                   WarmThroughput or TableClass is required";
    let stream = json!({"StreamEnabled": true, "StreamViewType": "KEYS_ONLY"});
    for (members, message) in [
        (json!({}), nothing.to_owned()),
        (json!({"GlobalSecondaryIndexUpdates": []}), nothing.to_owned()),
        (
            json!({"GlobalSecondaryIndexUpdates": [], "DeletionProtectionEnabled": true}),
            format!("{INVALID}List of GlobalSecondaryIndexUpdates is empty"),
        ),
        (
            json!({"GlobalSecondaryIndexUpdates": [{}]}),
            format!(
                "{INVALID}One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, \
                 GlobalSecondaryIndexUpdate.Delete must not be null"
            ),
        ),
        (
            json!({"GlobalSecondaryIndexUpdates": [
                {"Delete": {"IndexName": "abc"}},
                {"Delete": {"IndexName": "abc"}},
            ]}),
            format!("{INVALID}Only one global secondary index update per index is allowed simultaneously. Index: abc"),
        ),
        (
            json!({"SSESpecification": {"Enabled": true}, "TableClass": "STANDARD"}),
            format!("{INVALID}Server-Side Encryption modification must be the only operation in the request"),
        ),
        (
            json!({"DeletionProtectionEnabled": true, "TableClass": "STANDARD"}),
            format!("{INVALID}TableClass modification must be the only operation in the request"),
        ),
        (
            json!({"ProvisionedThroughput": units(1, 1), "StreamSpecification": stream}),
            format!("{INVALID}You cannot modify stream status while updating table IOPS"),
        ),
        (
            with(genre_index("by-genre"), json!({"ProvisionedThroughput": units(1, 1)})),
            format!("{INVALID}You cannot create or delete index while updating table IOPS"),
        ),
        (
            with(genre_index("by-genre"), json!({"AttributeDefinitions": null})),
            format!("{INVALID}AttributeDefinitions is not specified for index: by-genre"),
        ),
        (
            json!({"StreamSpecification": {"StreamEnabled": false}}),
            "Table has no stream to disable: TableName: ttt".to_owned(),
        ),
        (
            json!({"SSESpecification": {"Enabled": false}}),
            format!("{INVALID}Table is already encrypted by default"),
        ),
        (
            json!({"ProvisionedThroughput": {"ReadCapacityUnits": -1, "WriteCapacityUnits": -1}}),
            "2 validation errors detected: Value '-1' at 'provisionedThroughput.writeCapacityUnits' failed to satisfy \
             constraint: Member must have value greater than or equal to 1; Value '-1' at \
             'provisionedThroughput.readCapacityUnits' failed to satisfy constraint: Member must have value greater \
             than or equal to 1"
                .to_owned(),
        ),
    ] {
        assert_eq!(refusal(&cloud, members.clone()), message, "{members}");
    }
    let error = cloud.err("UpdateTable", json!({"TableName": "nope", "ProvisionedThroughput": units(1, 1)}));
    assert_eq!(error["message"], "Requested resource not found: Table: nope not found");
}

#[test]
fn with_a_delay_tables_and_indexes_are_under_way_until_the_clock_says_so() {
    let mut cloud = Cloud::new();
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    let status = |cloud: &Cloud| {
        cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"]["TableStatus"].clone()
    };
    cloud.ok("CreateTable", table("ttt"));
    assert_eq!(status(&cloud), "CREATING");
    let put = json!({"TableName": "ttt", "Item": {"id": {"S": "1"}, "genre": {"S": "jazz"}}});
    assert_eq!(cloud.err("PutItem", put.clone())["message"], "Requested resource not found");
    let error = cloud.err("UpdateTable", json!({"TableName": "ttt", "ProvisionedThroughput": units(1, 1)}));
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ResourceInUseException");
    assert_eq!(
        error["message"],
        "Attempt to change a resource which is still in use: Table is being created: ttt"
    );
    cloud.now += delay;
    assert_eq!(status(&cloud), "ACTIVE");
    cloud.ok("PutItem", put);
    update(&cloud, genre_index("by-genre"));
    assert_eq!(
        cloud.invalid("Scan", json!({"TableName": "ttt", "IndexName": "by-genre"})),
        "Cannot read from backfilling global secondary index: by-genre"
    );
    assert_eq!(
        cloud.err("DeleteTable", json!({"TableName": "ttt"}))["message"],
        "Attempt to change a resource which is still in use: Cannot delete table while indexes are being created, \
         updated, or deleted."
    );
    cloud.put("ttt", json!({"id": {"S": "2"}, "genre": {"S": "jazz"}}));
    cloud.now += delay;
    assert_eq!(cloud.ok("Scan", json!({"TableName": "ttt", "IndexName": "by-genre"}))["Count"], 2);
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));
    assert_eq!(status(&cloud), "DELETING");
    assert_eq!(cloud.err("CreateTable", table("ttt"))["message"], "Table already exists: ttt");
    cloud.now += delay;
    assert_eq!(cloud.ok("ListTables", json!({}))["TableNames"], json!([]));
}

#[test]
fn a_table_stays_warm_for_what_it_once_had() {
    let cloud = Cloud::with_table();
    let warm = |table: &Value| {
        let warm = &table["WarmThroughput"];
        (warm["ReadUnitsPerSecond"].as_i64().unwrap(), warm["WriteUnitsPerSecond"].as_i64().unwrap())
    };
    let (_, table) = update(&cloud, json!({"ProvisionedThroughput": units(9, 2)}));
    assert_eq!(warm(&table), (9, 6));
    let (_, table) = update(&cloud, json!({"ProvisionedThroughput": units(1, 1)}));
    assert_eq!(warm(&table), (9, 6));
    let (_, table) = update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    assert_eq!(warm(&table), (12_000, 4_000));
    let provisioned = json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(1, 1)});
    let (_, table) = update(&cloud, provisioned);
    assert_eq!(warm(&table), (12_000, 4_000));
}

#[test]
fn a_table_that_is_asked_back_while_it_becomes_provisioned_becomes_provisioned() {
    let mut cloud = Cloud::with_table();
    update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    update(&cloud, json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": units(2, 1)}));
    let (answer, _) = update(&cloud, json!({"BillingMode": "PAY_PER_REQUEST"}));
    assert_eq!(answer["TableStatus"], "UPDATING");
    cloud.now += delay;
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PROVISIONED");
}
