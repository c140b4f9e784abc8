//! What is written in one region and read in another.

use super::*;

/// The events of the stream that a region's table has, each with what wrote it.
fn events(cloud: &Cloud, region: &str) -> Vec<(String, bool)> {
    let call = |operation: &str, input: Value| {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        let response = cloud.respond_in(region, &target, input.to_string().as_bytes());
        assert_eq!(response.status(), 200, "{operation}: {:?}", response.body());
        serde_json::from_slice::<Value>(response.body()).unwrap()
    };
    let arn = cloud.described_in(region)["LatestStreamArn"].clone();
    assert!(arn.as_str().unwrap().contains(region), "{arn}");
    let stream = call("DescribeStream", json!({"StreamArn": arn}));
    let mut events = Vec::new();
    for shard in stream["StreamDescription"]["Shards"].as_array().unwrap() {
        let begin =
            json!({"StreamArn": arn, "ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"});
        let iterator = call("GetShardIterator", begin)["ShardIterator"].clone();
        let records = call("GetRecords", json!({"ShardIterator": iterator}))["Records"].clone();
        for record in records.as_array().unwrap() {
            assert_eq!(record["awsRegion"], region);
            let is_service = record["userIdentity"]["PrincipalId"] == "dynamodb.amazonaws.com";
            events.push((record["eventName"].as_str().unwrap().to_owned(), is_service));
        }
    }
    events
}

#[test]
fn every_kind_of_write_shows_in_every_region() {
    let cloud = Cloud::with_replicas(&[FRANKFURT, OHIO]);
    let key = |id: &str| json!({"id": {"S": id}});
    let item = |id: &str| json!({"id": {"S": id}, "text": {"S": id}});
    cloud.put_in(IRELAND, "put", "put");
    cloud.ok_in(
        FRANKFURT,
        "UpdateItem",
        json!({
            "TableName": "ttt",
            "Key": key("put"),
            "UpdateExpression": "SET #t = :t",
            "ExpressionAttributeNames": {"#t": "text"},
            "ExpressionAttributeValues": {":t": {"S": "updated"}},
        }),
    );
    let batch = json!([{"PutRequest": {"Item": item("batch")}}, {"PutRequest": {"Item": item("gone")}}]);
    cloud.ok_in(OHIO, "BatchWriteItem", json!({"RequestItems": {"ttt": batch}}));
    cloud.ok_in(
        FRANKFURT,
        "TransactWriteItems",
        json!({"TransactItems": [
            {"Put": {"TableName": "ttt", "Item": item("transaction")}},
            {"Delete": {"TableName": "ttt", "Key": key("gone")}},
        ]}),
    );
    let statement = "INSERT INTO \"ttt\" VALUE {'id': 'statement', 'text': 'statement'}";
    cloud.ok_in(OHIO, "ExecuteStatement", json!({"Statement": statement}));
    for region in [IRELAND, FRANKFURT, OHIO] {
        assert_eq!(cloud.text_in(region, "put").as_deref(), Some("updated"), "{region}");
        for id in ["batch", "transaction", "statement"] {
            assert_eq!(cloud.text_in(region, id).as_deref(), Some(id), "{region}");
        }
        assert_eq!(cloud.text_in(region, "gone"), None, "{region}");
        assert_eq!(cloud.ok_in(region, "Scan", json!({"TableName": "ttt"}))["Count"], 4, "{region}");
    }
}

#[test]
fn what_is_refused_is_written_nowhere() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "first");
    let again = json!({
        "TableName": "ttt",
        "Item": {"id": {"S": "1"}, "text": {"S": "second"}},
        "ConditionExpression": "attribute_not_exists(id)",
    });
    cloud.err_in(FRANKFURT, "PutItem", again);
    for region in [IRELAND, FRANKFURT] {
        assert_eq!(cloud.text_in(region, "1").as_deref(), Some("first"));
    }
}

#[test]
fn streams_of_both_regions_tell_what_was_written_in_either() {
    let cloud = Cloud::with_replicas(&[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "a");
    cloud.put_in(FRANKFURT, "1", "b");
    cloud.ok("DeleteItem", json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}}));
    let told = ["INSERT", "MODIFY", "REMOVE"].map(|event| (event.to_owned(), false));
    assert_eq!(events(&cloud, IRELAND), told);
    assert_eq!(events(&cloud, FRANKFURT), told);
}

#[test]
fn an_item_that_expires_in_one_region_is_deleted_in_the_others() {
    let mut cloud = Cloud::with_replicas(&[FRANKFURT]);
    let specification = json!({"AttributeName": "until", "Enabled": true});
    cloud.ok("UpdateTimeToLive", json!({"TableName": "ttt", "TimeToLiveSpecification": specification}));
    let item = json!({"id": {"S": "1"}, "text": {"S": "short"}, "until": {"N": "1700000010"}});
    cloud.ok_in(FRANKFURT, "PutItem", json!({"TableName": "ttt", "Item": item}));
    assert_eq!(cloud.text_in(IRELAND, "1").as_deref(), Some("short"));
    cloud.now += Duration::from_secs(10);
    assert_eq!(cloud.text_in(IRELAND, "1"), None);
    assert_eq!(cloud.text_in(FRANKFURT, "1"), None);
    // Only the stream of the region in which it expired says that the service did it.
    let insert = ("INSERT".to_owned(), false);
    assert_eq!(events(&cloud, IRELAND), [insert.clone(), ("REMOVE".to_owned(), true)]);
    assert_eq!(events(&cloud, FRANKFURT), [insert, ("REMOVE".to_owned(), false)]);
}

#[test]
fn with_a_delay_what_is_written_arrives_when_it_is_due() {
    let delay = Duration::from_secs(1);
    let options = EngineOptions { replication_delay: delay, ..EngineOptions::default() };
    let mut cloud = Cloud::replicated(options, &[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "new");
    assert_eq!(cloud.text_in(FRANKFURT, "1"), None);
    cloud.now += delay - Duration::from_millis(1);
    assert_eq!(cloud.text_in(FRANKFURT, "1"), None);
    cloud.now += Duration::from_millis(1);
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("new"));
}

#[test]
fn the_last_writer_wins_in_every_region() {
    let delay = Duration::from_secs(10);
    let options = EngineOptions { replication_delay: delay, ..EngineOptions::default() };
    let mut cloud = Cloud::replicated(options, &[FRANKFURT, OHIO]);
    let second = Duration::from_secs(1);
    cloud.put_in(IRELAND, "1", "first");
    cloud.now += second;
    cloud.put_in(FRANKFURT, "1", "second");
    cloud.now += second;
    cloud.ok_in(OHIO, "DeleteItem", json!({"TableName": "ttt", "Key": {"id": {"S": "1"}}}));
    cloud.put_in(OHIO, "2", "own");
    for (region, text) in [(IRELAND, Some("first")), (FRANKFURT, Some("second")), (OHIO, None)] {
        assert_eq!(cloud.text_in(region, "1").as_deref(), text, "{region}");
    }
    cloud.now += delay - second * 2;
    // What was written first has arrived: nobody takes it who has written later.
    for (region, text) in [(IRELAND, Some("first")), (FRANKFURT, Some("second")), (OHIO, None)] {
        assert_eq!(cloud.text_in(region, "1").as_deref(), text, "{region}");
    }
    cloud.now += second;
    for (region, text) in [(IRELAND, Some("second")), (FRANKFURT, Some("second")), (OHIO, None)] {
        assert_eq!(cloud.text_in(region, "1").as_deref(), text, "{region}");
    }
    cloud.now += second;
    for region in [IRELAND, FRANKFURT, OHIO] {
        assert_eq!(cloud.text_in(region, "1"), None, "{region}");
        assert_eq!(cloud.text_in(region, "2").as_deref(), Some("own"), "{region}");
    }
}

#[test]
fn of_two_writes_of_one_moment_the_same_wins_everywhere() {
    let delay = Duration::from_secs(10);
    let options = EngineOptions { replication_delay: delay, ..EngineOptions::default() };
    let mut cloud = Cloud::replicated(options, &[FRANKFURT]);
    cloud.put_in(IRELAND, "1", "one");
    cloud.put_in(FRANKFURT, "1", "other");
    cloud.now += delay;
    assert_eq!(cloud.text_in(IRELAND, "1").as_deref(), Some("other"));
    assert_eq!(cloud.text_in(FRANKFURT, "1").as_deref(), Some("other"));
}
