//! Streams: what is recorded, how it is read, and when it is gone.

use super::*;

impl Cloud {
    /// A cloud with the table `ttt` and a stream on it.
    fn with_stream(view_type: &str) -> Self {
        let cloud = Self::new();
        let specification = json!({"StreamEnabled": true, "StreamViewType": view_type});
        cloud.ok("CreateTable", with(table("ttt"), json!({"StreamSpecification": specification})));
        cloud
    }

    fn call_streams(&self, operation: &str, input: &Value) -> (u16, Value) {
        let target = format!("DynamoDBStreams_20120810.{operation}");
        let response = self.respond(&target, input.to_string().as_bytes());
        (response.status().as_u16(), serde_json::from_slice(response.body()).unwrap())
    }

    #[track_caller]
    fn streams(&self, operation: &str, input: Value) -> Value {
        let (status, answer) = self.call_streams(operation, &input);
        assert_eq!(status, 200, "{operation} {input}: {answer}");
        answer
    }

    /// The type and the message of the error.
    #[track_caller]
    fn streams_err(&self, operation: &str, input: Value) -> (String, String) {
        let (status, answer) = self.call_streams(operation, &input);
        assert_eq!(status, 400, "{operation} {input}: {answer}");
        let text = |member: &str| answer[member].as_str().unwrap().to_owned();
        (text("__type").split('#').next_back().unwrap().to_owned(), text("message"))
    }

    fn iterator(&self, kind: &str, sequence_number: Value) -> Value {
        json!({
            "StreamArn": ARN,
            "ShardId": self.shard(),
            "ShardIteratorType": kind,
            "SequenceNumber": sequence_number,
        })
    }

    fn shard(&self) -> Value {
        let description = self.streams("DescribeStream", json!({"StreamArn": ARN}));
        description["StreamDescription"]["Shards"][0]["ShardId"].clone()
    }

    fn records_from(&self, kind: &str, sequence_number: Value) -> Value {
        let iterator = self.streams("GetShardIterator", self.iterator(kind, sequence_number));
        self.streams("GetRecords", iterator)
    }

    fn shards(&self) -> Vec<Value> {
        let description = self.streams("DescribeStream", json!({"StreamArn": ARN}));
        description["StreamDescription"]["Shards"].as_array().unwrap().clone()
    }

    /// One page of every shard.
    fn records(&self) -> Vec<Value> {
        let page = |shard: &Value| {
            let iterator =
                with(self.iterator("TRIM_HORIZON", Value::Null), json!({"ShardId": shard["ShardId"]}));
            let iterator = self.streams("GetShardIterator", iterator);
            self.streams("GetRecords", iterator)["Records"].as_array().unwrap().clone()
        };
        self.shards().iter().flat_map(page).collect()
    }
}

const ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt/stream/2023-11-14T22:13:20.500";

fn item(id: &str, x: &str) -> Value {
    json!({"id": {"S": id}, "x": {"S": x}})
}

#[test]
fn a_table_shows_its_stream() {
    let cloud = Cloud::with_stream("NEW_IMAGE");
    let table = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"].clone();
    assert_eq!(table["LatestStreamArn"], ARN);
    assert_eq!(table["LatestStreamLabel"], "2023-11-14T22:13:20.500");
    let specification = json!({"StreamEnabled": true, "StreamViewType": "NEW_IMAGE"});
    assert_eq!(table["StreamSpecification"], specification);
    let stream = json!({"StreamArn": ARN, "TableName": "ttt", "StreamLabel": "2023-11-14T22:13:20.500"});
    assert_eq!(cloud.streams("ListStreams", json!({})), json!({"Streams": [stream]}));
    assert_eq!(cloud.streams("ListStreams", json!({"TableName": "other"})), json!({"Streams": []}));
    let description = cloud.streams("DescribeStream", json!({"StreamArn": ARN}))["StreamDescription"].clone();
    let shard = description["Shards"][0]["ShardId"].as_str().unwrap();
    assert!(shard.starts_with("shardId-00000001700000000500-") && shard.len() == 37, "{shard}");
    assert_eq!(
        description,
        json!({
            "StreamArn": ARN,
            "StreamLabel": "2023-11-14T22:13:20.500",
            "StreamStatus": "ENABLED",
            "StreamViewType": "NEW_IMAGE",
            "CreationRequestDateTime": 1_700_000_000.5,
            "TableName": "ttt",
            "KeySchema": [key("id", "HASH")],
            "Shards": [{
                "ShardId": shard,
                "SequenceNumberRange": {"StartingSequenceNumber": "100000000000000000001"},
            }],
        })
    );
}

#[test]
fn a_put_a_change_and_a_removal_are_recorded_in_order() {
    let cloud = Cloud::with_stream("NEW_AND_OLD_IMAGES");
    cloud.put("ttt", item("1", "a"));
    cloud.put("ttt", item("1", "a"));
    cloud.ok(
        "UpdateItem",
        json!({
            "TableName": "ttt",
            "Key": {"id": {"S": "1"}},
            "UpdateExpression": "SET x = :b",
            "ExpressionAttributeValues": {":b": {"S": "b"}},
        }),
    );
    cloud.ok("DeleteItem", json!({"TableName": "ttt", "Key": {"id": {"S": "absent"}}}));
    cloud.ok(
        "TransactWriteItems",
        json!({"TransactItems": [{"Delete": {"TableName": "ttt", "Key": {"id": {"S": "1"}}}}]}),
    );
    let mut records = cloud.records();
    for record in &mut records {
        let id = record["eventID"].as_str().unwrap();
        assert!(id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{id}");
        record["eventID"].take();
    }
    let record = |event: &str, number: u8, size: u8, images: Value| {
        let dynamodb = json!({
            "ApproximateCreationDateTime": 1_700_000_000,
            "Keys": {"id": {"S": "1"}},
            "SequenceNumber": format!("10000000000000000000{number}"),
            "SizeBytes": size,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        });
        json!({
            "eventID": null,
            "eventName": event,
            "eventVersion": "1.1",
            "eventSource": "aws:dynamodb",
            "awsRegion": "eu-west-1",
            "dynamodb": with(dynamodb, images),
        })
    };
    assert_eq!(
        records,
        [
            record("INSERT", 1, 8, json!({"NewImage": item("1", "a")})),
            record("MODIFY", 2, 13, json!({"NewImage": item("1", "b"), "OldImage": item("1", "a")})),
            record("REMOVE", 3, 8, json!({"OldImage": item("1", "b")})),
        ]
    );
}

#[test]
fn every_view_type_shows_its_images_and_no_others() {
    for (view_type, new, old) in
        [("KEYS_ONLY", false, false), ("NEW_IMAGE", true, false), ("OLD_IMAGE", false, true)]
    {
        let cloud = Cloud::with_stream(view_type);
        cloud.put("ttt", item("1", "a"));
        cloud.put("ttt", item("1", "b"));
        let record = &cloud.records()[1]["dynamodb"];
        assert_eq!(record["Keys"], json!({"id": {"S": "1"}}));
        assert_eq!(record["StreamViewType"], view_type);
        assert_eq!(record["NewImage"].is_object(), new, "{view_type}");
        assert_eq!(record["OldImage"].is_object(), old, "{view_type}");
    }
}

#[test]
fn a_reader_starts_where_it_says_and_goes_on_from_there() {
    let cloud = Cloud::with_stream("KEYS_ONLY");
    let latest = cloud.streams("GetShardIterator", cloud.iterator("LATEST", Value::Null));
    for id in ["1", "2", "3"] {
        cloud.put("ttt", item(id, "a"));
    }
    let ids = |answer: &Value| -> Vec<String> {
        let records = answer["Records"].as_array().unwrap().iter();
        records.map(|record| record["dynamodb"]["Keys"]["id"]["S"].as_str().unwrap().to_owned()).collect()
    };
    let second = json!("100000000000000000002");
    assert_eq!(ids(&cloud.streams("GetRecords", latest)), ["1", "2", "3"]);
    assert_eq!(ids(&cloud.records_from("AT_SEQUENCE_NUMBER", second.clone())), ["2", "3"]);
    assert_eq!(ids(&cloud.records_from("AFTER_SEQUENCE_NUMBER", second)), ["3"]);
    assert!(ids(&cloud.records_from("LATEST", Value::Null)).is_empty());
    let first = cloud.streams("GetShardIterator", cloud.iterator("TRIM_HORIZON", Value::Null));
    let page = cloud.streams("GetRecords", with(first, json!({"Limit": 2})));
    assert_eq!(ids(&page), ["1", "2"]);
    let page = cloud.streams("GetRecords", json!({"ShardIterator": page["NextShardIterator"]}));
    assert_eq!(ids(&page), ["3"]);
    assert!(page["NextShardIterator"].is_string());
}

#[test]
fn one_answer_holds_a_megabyte_of_records() {
    let cloud = Cloud::with_stream("NEW_IMAGE");
    for id in ["1", "2", "3"] {
        cloud.put("ttt", item(id, &"x".repeat(400_000)));
    }
    assert_eq!(cloud.records().len(), 2);
}

#[test]
fn an_iterator_expires_after_a_quarter_of_an_hour() {
    let mut cloud = Cloud::with_stream("KEYS_ONLY");
    let iterator = cloud.streams("GetShardIterator", cloud.iterator("LATEST", Value::Null));
    cloud.now += Duration::from_secs(15 * 60 - 1);
    cloud.streams("GetRecords", iterator.clone());
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.streams_err("GetRecords", iterator).0, "ExpiredIteratorException");
}

#[test]
fn records_are_gone_after_a_day() {
    let mut cloud = Cloud::with_stream("KEYS_ONLY");
    cloud.put("ttt", item("1", "a"));
    cloud.now += Duration::from_secs(24 * 60 * 60 - 1);
    cloud.put("ttt", item("2", "a"));
    let old = cloud.streams("GetShardIterator", cloud.iterator("TRIM_HORIZON", Value::Null));
    assert_eq!(cloud.records().len(), 2);
    cloud.now += Duration::from_secs(1);
    assert_eq!(cloud.records().len(), 1);
    let trimmed = (
        "TrimmedDataAccessException".to_owned(),
        "The operation attempted to read past the oldest stream record in a shard.".to_owned(),
    );
    assert_eq!(cloud.streams_err("GetRecords", old), trimmed);
    let at_first = cloud.iterator("AT_SEQUENCE_NUMBER", json!("100000000000000000001"));
    assert_eq!(cloud.streams_err("GetShardIterator", at_first), trimmed);
}

#[test]
fn a_shard_is_closed_after_four_hours_and_read_to_its_end_before_its_child() {
    let mut cloud = Cloud::with_stream("KEYS_ONLY");
    let hour = Duration::from_secs(3_600);
    cloud.put("ttt", item("1", "a"));
    let latest = cloud.streams("GetShardIterator", cloud.iterator("LATEST", Value::Null));
    cloud.now += 4 * hour - Duration::from_secs(60);
    cloud.put("ttt", item("2", "a"));
    let first = cloud.iterator("TRIM_HORIZON", Value::Null);
    let first = cloud.streams("GetShardIterator", first);
    let page = cloud.streams("GetRecords", with(first, json!({"Limit": 1})));
    cloud.now += Duration::from_secs(60);
    cloud.put("ttt", item("3", "a"));

    let shards = cloud.shards();
    let number = |number: u64| json!(format!("1000000000000000000{number:02}"));
    assert_eq!(
        shards[0]["SequenceNumberRange"],
        json!({"StartingSequenceNumber": number(1), "EndingSequenceNumber": number(3)})
    );
    assert_eq!(shards[1]["SequenceNumberRange"], json!({"StartingSequenceNumber": number(4)}));
    assert_eq!(shards[1]["ParentShardId"], shards[0]["ShardId"]);
    let page = cloud.streams("GetRecords", json!({"ShardIterator": page["NextShardIterator"]}));
    assert_eq!(page["Records"][0]["dynamodb"]["Keys"]["id"]["S"], "2");
    assert_eq!((page["Records"].as_array().unwrap().len(), &page["NextShardIterator"]), (1, &Value::Null));
    assert_eq!(cloud.records().len(), 3);
    assert_eq!(cloud.streams_err("GetRecords", latest).0, "ExpiredIteratorException");

    let describe = |members: Value| {
        let answer = cloud.streams("DescribeStream", with(json!({"StreamArn": ARN}), members));
        answer["StreamDescription"].clone()
    };
    let children =
        describe(json!({"ShardFilter": {"Type": "CHILD_SHARDS", "ShardId": shards[0]["ShardId"]}}));
    assert_eq!(children["Shards"], json!([shards[1]]));
    let page = describe(json!({"Limit": 1}));
    assert_eq!(
        (&page["Shards"], &page["LastEvaluatedShardId"]),
        (&json!([shards[0]]), &shards[0]["ShardId"])
    );
    let rest = describe(json!({"ExclusiveStartShardId": shards[0]["ShardId"]}));
    assert_eq!((&rest["Shards"], &rest["LastEvaluatedShardId"]), (&json!([shards[1]]), &Value::Null));
    let elsewhere = cloud.iterator("AT_SEQUENCE_NUMBER", number(4));
    assert_eq!(cloud.streams_err("GetShardIterator", elsewhere).0, "ValidationException");

    cloud.now += 24 * hour;
    let shards: Vec<_> = cloud.shards().iter().map(|shard| shard["ShardId"].clone()).collect();
    assert_eq!(shards.len(), 7);
    assert!(cloud.records().is_empty());
    let gone = with(
        cloud.iterator("TRIM_HORIZON", Value::Null),
        json!({"ShardId": "shardId-00000001700000000500-0"}),
    );
    assert_eq!(cloud.streams_err("GetShardIterator", gone).0, "ResourceNotFoundException");
}

#[test]
fn the_stream_of_a_deleted_table_ends_and_stays_for_a_day() {
    let mut cloud = Cloud::with_stream("KEYS_ONLY");
    cloud.put("ttt", item("1", "a"));
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));
    let description = cloud.streams("DescribeStream", json!({"StreamArn": ARN}))["StreamDescription"].clone();
    assert_eq!(description["StreamStatus"], "DISABLED");
    let answer = cloud.records_from("TRIM_HORIZON", Value::Null);
    assert_eq!(answer["Records"].as_array().unwrap().len(), 1);
    assert_eq!(answer["NextShardIterator"], Value::Null);
    cloud.now += Duration::from_secs(24 * 60 * 60);
    assert_eq!(
        cloud.streams_err("DescribeStream", json!({"StreamArn": ARN})),
        (
            "ResourceNotFoundException".to_owned(),
            format!("Requested resource not found: Stream: {ARN} not found")
        )
    );
}

#[test]
fn what_is_no_stream_no_shard_and_no_iterator_is_refused() {
    let cloud = Cloud::with_stream("KEYS_ONLY");
    let iterator = cloud.iterator("LATEST", Value::Null);
    let elsewhere = with(iterator, json!({"ShardId": "shardId-00000000000000000000-00000000"}));
    assert_eq!(
        cloud.streams_err("GetShardIterator", elsewhere).1,
        "Requested resource not found: Shard does not exist"
    );
    assert_eq!(cloud.streams_err("GetRecords", json!({"ShardIterator": "x"})).1, "Invalid ShardIterator");
    let unknown = cloud.iterator("AT_SEQUENCE_NUMBER", json!("100000000000000000009"));
    assert_eq!(cloud.streams_err("GetShardIterator", unknown).0, "ValidationException");
    assert_eq!(cloud.streams_err("PutRecord", json!({})).0, "UnknownOperationException");
    assert_eq!(
        cloud.streams_err("DescribeStream", json!({})).1,
        "1 validation error detected: Value null at 'streamArn' failed to satisfy constraint: Member must not be null"
    );
}

#[test]
fn an_empty_shard_can_be_read_from_the_number_that_it_starts_with() {
    let cloud = Cloud::with_stream("KEYS_ONLY");
    let stream = cloud.streams("DescribeStream", json!({"StreamArn": ARN}));
    let range = &stream["StreamDescription"]["Shards"][0]["SequenceNumberRange"];
    let iterators = ["AT_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"].map(|kind| {
        let input = cloud.iterator(kind, range["StartingSequenceNumber"].clone());
        cloud.streams("GetShardIterator", input)["ShardIterator"].clone()
    });
    cloud.put("ttt", json!({"id": {"S": "a"}}));
    for iterator in iterators {
        let records = cloud.streams("GetRecords", json!({"ShardIterator": iterator}));
        assert_eq!(records["Records"][0]["dynamodb"]["Keys"], json!({"id": {"S": "a"}}));
    }
}
