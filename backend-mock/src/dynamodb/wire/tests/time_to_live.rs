//! Time to live: how it is switched, and what it deletes.

use super::*;

fn switch(enabled: bool, attribute: &str) -> Value {
    json!({"TableName": "ttt", "TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}})
}

fn item(id: &str, expiry: u64) -> Value {
    json!({"id": {"S": id}, "until": {"N": expiry.to_string()}})
}

#[test]
fn time_to_live_goes_by_one_attribute() {
    let mut cloud = Cloud::with_table();
    let describe = |cloud: &Cloud| {
        cloud.ok("DescribeTimeToLive", json!({"TableName": "ttt"}))["TimeToLiveDescription"].clone()
    };
    assert_eq!(describe(&cloud), json!({"TimeToLiveStatus": "DISABLED"}));
    assert_eq!(
        cloud.ok("UpdateTimeToLive", switch(true, "until")),
        json!({"TimeToLiveSpecification": {"Enabled": true, "AttributeName": "until"}})
    );
    assert_eq!(describe(&cloud), json!({"TimeToLiveStatus": "ENABLED", "AttributeName": "until"}));
    assert_eq!(cloud.invalid("UpdateTimeToLive", switch(true, "until")), "TimeToLive is already enabled");
    assert_eq!(
        cloud.invalid("UpdateTimeToLive", switch(true, "other")),
        "TimeToLive is active on a different AttributeName: current AttributeName is until"
    );
    assert_eq!(
        cloud.invalid("UpdateTimeToLive", switch(false, "until")),
        "Time to live has been modified multiple times within a fixed interval"
    );
    cloud.now += Duration::from_secs(30 * 60);
    cloud.ok("UpdateTimeToLive", switch(false, "until"));
    assert_eq!(cloud.invalid("UpdateTimeToLive", switch(false, "until")), "TimeToLive is already disabled");
}

#[test]
fn an_item_is_gone_when_its_time_has_come() {
    let mut cloud = Cloud::with_table();
    cloud.put("ttt", item("before", 1_700_000_060));
    cloud.ok("UpdateTimeToLive", switch(true, "until"));
    cloud.put("ttt", item("after", 1_700_000_060));
    cloud.put("ttt", item("later", 1_700_000_061));
    cloud.put("ttt", item("moved", 1_700_000_060));
    cloud.put("ttt", item("moved", 1_800_000_000));
    cloud.put("ttt", json!({"id": {"S": "text"}, "until": {"S": "1700000000"}}));
    cloud.put("ttt", item("mistake", 1_500_000_000));
    cloud.now += Duration::from_secs(59);
    assert_eq!(cloud.ok("Scan", json!({"TableName": "ttt"}))["Count"], 6);
    cloud.now += Duration::from_secs(1);
    for (id, is_there) in [
        ("before", false),
        ("after", false),
        ("later", true),
        ("moved", true),
        ("text", true),
        ("mistake", true),
    ] {
        assert_eq!(cloud.get(id).is_object(), is_there, "{id}");
    }
}

#[test]
fn nothing_expires_once_it_is_switched_off() {
    let mut cloud = Cloud::with_table();
    cloud.ok("UpdateTimeToLive", switch(true, "until"));
    cloud.put("ttt", item("1", 1_700_003_600));
    cloud.now += Duration::from_secs(1800);
    cloud.ok("UpdateTimeToLive", switch(false, "until"));
    cloud.now += Duration::from_secs(3600);
    assert!(cloud.get("1").is_object());
}

#[test]
fn the_stream_says_that_the_service_deleted_it() {
    let mut cloud = Cloud::new();
    let specification = json!({"StreamEnabled": true, "StreamViewType": "OLD_IMAGE"});
    let created = cloud.ok("CreateTable", with(table("ttt"), json!({"StreamSpecification": specification})));
    cloud.ok("UpdateTimeToLive", switch(true, "until"));
    cloud.put("ttt", item("1", 1_700_000_060));
    cloud.now += Duration::from_secs(60);
    let streams = |operation: &str, input: Value| -> Value {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        serde_json::from_slice(cloud.respond(&target, input.to_string().as_bytes()).body()).unwrap()
    };
    let arn = &created["TableDescription"]["LatestStreamArn"];
    let stream = streams("DescribeStream", json!({"StreamArn": arn}));
    let shard = &stream["StreamDescription"]["Shards"][0]["ShardId"];
    let iterator = streams(
        "GetShardIterator",
        json!({"StreamArn": arn, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"}),
    );
    let records = streams("GetRecords", iterator)["Records"].clone();
    assert_eq!(records[0]["userIdentity"], Value::Null);
    assert_eq!(records[1]["eventName"], "REMOVE");
    assert_eq!(records[1]["dynamodb"]["OldImage"], item("1", 1_700_000_060));
    let service = json!({"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"});
    assert_eq!(records[1]["userIdentity"], service);
}
