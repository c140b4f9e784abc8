//! What global indexes may be asked a second at most, and what they are warm for.

use super::*;

const INVALID: &str = "One or more parameter values were invalid: ";

fn index(members: Value) -> Value {
    with(
        json!({
            "IndexName": "by-genre",
            "KeySchema": [key("genre", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
        }),
        members,
    )
}

fn indexed(index: Value) -> Value {
    with(
        table("ttt"),
        json!({
            "BillingMode": "PAY_PER_REQUEST",
            "ProvisionedThroughput": null,
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "genre", "AttributeType": "S"},
            ],
            "GlobalSecondaryIndexes": [index],
        }),
    )
}

fn update_of_index(members: Value) -> Value {
    let update = with(json!({"IndexName": "by-genre"}), members);
    json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": [{"Update": update}]})
}

fn described(cloud: &Cloud) -> Value {
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone()
}

#[test]
fn an_index_has_a_maximum_of_its_own() {
    let mut cloud = Cloud::new();
    let maximum = json!({"MaxReadRequestUnits": 50, "MaxWriteRequestUnits": 40});
    cloud.ok("CreateTable", indexed(index(json!({"OnDemandThroughput": maximum}))));
    let table = described(&cloud);
    assert_eq!(table["OnDemandThroughput"], Value::Null);
    assert_eq!(table["GlobalSecondaryIndexes"][0]["OnDemandThroughput"], maximum);

    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    let raise = update_of_index(json!({"OnDemandThroughput": {"MaxReadRequestUnits": 5_000}}));
    let answer = cloud.ok("UpdateTable", raise.clone())["TableDescription"].clone();
    assert_eq!(
        (&answer["TableStatus"], &answer["GlobalSecondaryIndexes"][0]["IndexStatus"]),
        (&json!("ACTIVE"), &json!("UPDATING"))
    );
    assert_eq!(
        described(&cloud)["GlobalSecondaryIndexes"][0]["OnDemandThroughput"],
        json!({"MaxReadRequestUnits": 5_000, "MaxWriteRequestUnits": 40})
    );
    let error = cloud.err("UpdateTable", raise.clone());
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ResourceInUseException");
    assert_eq!(
        error["message"],
        "Attempt to change a resource which is still in use: Index is being updated. Table: ttt Index: by-genre"
    );
    cloud.now += delay;
    assert_eq!(described(&cloud)["GlobalSecondaryIndexes"][0]["IndexStatus"], "ACTIVE");
    // The same again is no fault.
    cloud.ok("UpdateTable", raise);
    cloud.now += delay;
    let clear = json!({"MaxReadRequestUnits": -1, "MaxWriteRequestUnits": -1});
    cloud.ok("UpdateTable", update_of_index(json!({"OnDemandThroughput": clear})));
    assert_eq!(described(&cloud)["GlobalSecondaryIndexes"][0]["OnDemandThroughput"], Value::Null);
}

#[test]
fn the_maximum_of_an_index_is_enforced_apart_from_its_tables() {
    let mut cloud = Cloud::told(EngineOptions { throttles: true, ..EngineOptions::default() });
    cloud.ok("CreateTable", indexed(index(json!({"OnDemandThroughput": {"MaxReadRequestUnits": 1}}))));
    let scan = json!({"TableName": "ttt", "IndexName": "by-genre"});
    cloud.put("ttt", json!({"id": {"S": "1"}, "genre": {"S": "jazz"}, "text": {"S": "x".repeat(20_000)}}));
    cloud.ok("Scan", scan.clone());
    let error = cloud.err("Scan", scan.clone());
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ThrottlingException");
    assert_eq!(error["ThrottlingReasons"][0]["reason"], "IndexReadMaxOnDemandThroughputExceeded");
    cloud.ok("Scan", json!({"TableName": "ttt"}));
    cloud.now += Duration::from_secs(60);
    cloud.ok("Scan", scan);
}

#[test]
fn an_index_is_warmed_after_the_answer() {
    let mut cloud = Cloud::new();
    let warm = |read: i64, write: i64| json!({"ReadUnitsPerSecond": read, "WriteUnitsPerSecond": write});
    cloud.ok("CreateTable", indexed(index(json!({}))));
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    cloud.now += delay;
    let shown = |cloud: &Cloud| described(cloud)["GlobalSecondaryIndexes"][0].clone();
    cloud.ok("UpdateTable", update_of_index(json!({"WarmThroughput": warm(12_000, 4_000)})));
    assert_eq!(shown(&cloud)["WarmThroughput"], with(warm(12_000, 4_000), json!({"Status": "ACTIVE"})));
    let answer = cloud.ok("UpdateTable", update_of_index(json!({"WarmThroughput": warm(12_001, 4_001)})));
    let changing = with(warm(12_000, 4_000), json!({"Status": "UPDATING"}));
    let index = &answer["TableDescription"]["GlobalSecondaryIndexes"][0];
    assert_eq!((&index["WarmThroughput"], &index["IndexStatus"]), (&changing, &json!("ACTIVE")));
    assert_eq!(shown(&cloud)["WarmThroughput"], changing);
    // What else changes meanwhile does not undo it.
    cloud.ok("UpdateTable", json!({"TableName": "ttt", "WarmThroughput": {"ReadUnitsPerSecond": 13_000}}));
    cloud.now += delay;
    assert_eq!(shown(&cloud)["WarmThroughput"], with(warm(12_001, 4_001), json!({"Status": "ACTIVE"})));
    assert_eq!(described(&cloud)["WarmThroughput"]["ReadUnitsPerSecond"], 13_000);
    cloud.ok("UpdateTable", update_of_index(json!({"WarmThroughput": {"ReadUnitsPerSecond": 12_002}})));
    cloud.now += delay;
    assert_eq!(shown(&cloud)["WarmThroughput"], with(warm(12_002, 4_001), json!({"Status": "ACTIVE"})));
}

#[test]
fn limits_that_an_index_cannot_have_are_refused_in_aws_words() {
    let cloud = Cloud::new();
    let range = format!(
        "{INVALID}Requested MaxReadRequestUnits for OnDemandThroughput for index : by-genre is outside of valid range"
    );
    for units in [0, -1] {
        let limited = index(json!({"OnDemandThroughput": {"MaxReadRequestUnits": units}}));
        assert_eq!(cloud.invalid("CreateTable", indexed(limited)), range);
    }
    let provisioned = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    let limited = index(json!({
        "ProvisionedThroughput": provisioned,
        "OnDemandThroughput": {"MaxReadRequestUnits": 1},
    }));
    let table = json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned});
    assert_eq!(
        cloud.invalid("CreateTable", with(indexed(limited), table)),
        format!(
            "{INVALID}MaxReadRequestUnits for OnDemandThroughput for index: by-genre cannot be specified when the table \
             BillingMode is PROVISIONED"
        )
    );
    cloud.ok("CreateTable", indexed(index(json!({}))));
    for (members, message) in [
        (json!({"OnDemandThroughput": {"MaxReadRequestUnits": 0}}), range),
        (
            json!({"WarmThroughput": {"ReadUnitsPerSecond": 100, "WriteUnitsPerSecond": 100}}),
            format!(
                "{INVALID}Requested ReadUnitsPerSecond for WarmThroughput for index by-genre is lower than current \
                 WarmThroughput, decreasing WarmThroughput is not supported"
            ),
        ),
        (
            json!({"ProvisionedThroughput": provisioned}),
            format!(
                "{INVALID}The only Updates for index: by-genre when TableThroughputMode is PAY_PER_REQUEST can be to \
                 OnDemandThroughput, WarmThroughput"
            ),
        ),
    ] {
        assert_eq!(cloud.invalid("UpdateTable", update_of_index(members)), message);
    }
    let ghost = json!([{"Update": {"IndexName": "ghost", "OnDemandThroughput": {"MaxReadRequestUnits": 1}}}]);
    let error = cloud.err("UpdateTable", json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": ghost}));
    assert_eq!(error["message"], "Requested resource not found: Index ghost for table ttt");
}

#[test]
fn a_maximum_goes_when_the_table_is_provisioned() {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", indexed(index(json!({"OnDemandThroughput": {"MaxReadRequestUnits": 50}}))));
    let provisioned = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    let update = with(
        update_of_index(json!({"ProvisionedThroughput": provisioned})),
        json!({"BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned}),
    );
    cloud.ok("UpdateTable", update);
    let shown = described(&cloud)["GlobalSecondaryIndexes"][0].clone();
    assert_eq!(shown["OnDemandThroughput"], Value::Null);
    assert_eq!(shown["ProvisionedThroughput"]["ReadCapacityUnits"], 1);
}

#[test]
fn an_index_that_comes_or_goes_stands_in_the_way() {
    let mut cloud = Cloud::new();
    cloud.ok("CreateTable", indexed(index(json!({}))));
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    cloud.now += delay;
    let prefix = "Attempt to change a resource which is still in use: ";
    let updates = |updates: Value| json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": updates});
    let limit = json!({"TableName": "ttt", "OnDemandThroughput": {"MaxReadRequestUnits": 1}});
    let provisioned = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    let provision =
        json!({"TableName": "ttt", "BillingMode": "PROVISIONED", "ProvisionedThroughput": provisioned});
    cloud.ok("UpdateTable", updates(json!([{"Delete": {"IndexName": "by-genre"}}])));
    let with_index = with(provision.clone(), update_of_index(json!({"ProvisionedThroughput": provisioned})));
    for (update, message) in [
        (
            limit.clone(),
            "OnDemandThroughput cannot be updated while index deletion is in progress for indexes: [by-genre]",
        ),
        (provision, "Can't change table IOPS when an index is being deleted. Table: ttt Indexes: [by-genre]"),
        (with_index, "Index is being deleted. Table: ttt Index: by-genre"),
    ] {
        assert_eq!(cloud.err("UpdateTable", update)["message"], format!("{prefix}{message}"));
    }
    cloud.now += delay;
    let attributes = json!({"AttributeDefinitions": [{"AttributeName": "genre", "AttributeType": "S"}]});
    cloud.ok("UpdateTable", with(updates(json!([{"Create": index(json!({}))}])), attributes));
    for (update, message) in [
        (
            limit,
            "OnDemandThroughput cannot be updated while index creation is in progress for indexes: [by-genre]",
        ),
        (
            updates(json!([{"Delete": {"IndexName": "by-genre"}}])),
            "Index creation is in resource allocation phase. Retry deletion during backfilling phase or when the index \
             is active. Table: ttt Index: by-genre",
        ),
    ] {
        assert_eq!(cloud.err("UpdateTable", update)["message"], format!("{prefix}{message}"));
    }
}

#[test]
fn limits_without_any_member_count_for_nothing() {
    let cloud = Cloud::new();
    let empty = json!({"WarmThroughput": {}, "OnDemandThroughput": {}});
    cloud.ok("CreateTable", indexed(index(empty.clone())));
    assert_eq!(described(&cloud)["GlobalSecondaryIndexes"][0]["OnDemandThroughput"], Value::Null);
    for member in ["WarmThroughput", "OnDemandThroughput"] {
        let alone = |table: &str| json!({"TableName": table, member: {}});
        let (status, answer) = cloud.call("UpdateTable", &alone("ttt"));
        assert_eq!((status, answer), (500, json!({"__type": "com.amazon.coral.service#InternalFailure"})));
        assert_eq!(
            cloud.err("UpdateTable", alone("nope"))["message"],
            "Requested resource not found: Table: nope not found"
        );
        cloud.ok("UpdateTable", with(alone("ttt"), json!({"TableClass": "STANDARD"})));
    }
    let only = "One or more parameter values were invalid: The only Updates for index: by-genre when TableThroughputMode \
                is PAY_PER_REQUEST can be to OnDemandThroughput, WarmThroughput";
    assert_eq!(cloud.invalid("UpdateTable", update_of_index(json!({}))), only);
    assert_eq!(cloud.invalid("UpdateTable", update_of_index(json!({"OnDemandThroughput": {}}))), only);
    let warm = update_of_index(json!({"WarmThroughput": {}}));
    for table in ["ttt", "nope"] {
        assert_eq!(
            cloud.invalid("UpdateTable", with(warm.clone(), json!({"TableName": table}))),
            format!(
                "{INVALID}WarmThroughput must have at least one of ReadUnitsPerSecond or WriteUnitsPerSecond specified \
                 for index: by-genre"
            )
        );
    }
    let ghost = json!([{"Update": {"IndexName": "ghost", "WarmThroughput": {"ReadUnitsPerSecond": 13_000}}}]);
    let (status, _) =
        cloud.call("UpdateTable", &json!({"TableName": "ttt", "GlobalSecondaryIndexUpdates": ghost}));
    assert_eq!(status, 500);
}
