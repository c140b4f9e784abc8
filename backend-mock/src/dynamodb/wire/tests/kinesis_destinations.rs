//! Streams in Kinesis that tables replicate to.

use super::*;

const FILMS: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/films";
const OTHER: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/other";
const INVALID_STATE: &str = "Table is not in a valid state to enable Kinesis Streaming Destination: ";
const NOT_OVER: &str =
    "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.";
const NOT_ACTIVE: &str = "KinesisStreamingDestination must be ACTIVE to perform DISABLE operation.";

fn of(stream: &str) -> Value {
    json!({"TableName": "ttt", "StreamArn": stream})
}

fn destinations(cloud: &Cloud) -> Value {
    let answer = cloud.ok("DescribeKinesisStreamingDestination", json!({"TableName": "ttt"}));
    assert_eq!(answer["TableName"], "ttt");
    answer["KinesisDataStreamDestinations"].clone()
}

fn precision(member: &str, precision: &str) -> Value {
    json!({member: {"ApproximateCreationDateTimePrecision": precision}})
}

#[test]
fn a_destination_is_enabled_and_disabled_by_the_clock() {
    let mut cloud = Cloud::with_table();
    let second = Duration::from_secs(1);
    cloud.with_engine(|engine| engine.set_status_delay(second));
    assert_eq!(destinations(&cloud), json!([]));
    assert_eq!(
        cloud.ok("EnableKinesisStreamingDestination", of(FILMS)),
        with(of(FILMS), json!({"DestinationStatus": "ENABLING", "EnableKinesisStreamingConfiguration": {}}))
    );
    assert_eq!(destinations(&cloud), json!([{"StreamArn": FILMS, "DestinationStatus": "ENABLING"}]));
    for stream in [FILMS, OTHER] {
        let message = cloud.invalid("EnableKinesisStreamingDestination", of(stream));
        assert_eq!(message, format!("{INVALID_STATE}{NOT_OVER}"));
    }
    assert_eq!(
        cloud.invalid("DisableKinesisStreamingDestination", of(FILMS)),
        format!("{INVALID_STATE}{NOT_ACTIVE}")
    );
    cloud.now += second;
    assert_eq!(destinations(&cloud), json!([{"StreamArn": FILMS, "DestinationStatus": "ACTIVE"}]));
    for _ in 0..2 {
        assert_eq!(
            cloud.ok("DisableKinesisStreamingDestination", of(FILMS)),
            with(of(FILMS), json!({"DestinationStatus": "DISABLING"}))
        );
    }
    cloud.now += second;
    assert_eq!(destinations(&cloud), json!([{"StreamArn": FILMS, "DestinationStatus": "DISABLED"}]));
    let message = cloud.invalid("DisableKinesisStreamingDestination", of(FILMS));
    assert_eq!(message, format!("{INVALID_STATE}{NOT_ACTIVE}"));
    // Those that are over stay, and come back in their place.
    cloud.ok("EnableKinesisStreamingDestination", of(FILMS));
    assert_eq!(destinations(&cloud), json!([{"StreamArn": FILMS, "DestinationStatus": "ENABLING"}]));
}

#[test]
fn the_precision_of_a_destination_changes_while_it_is_active() {
    let cloud = Cloud::with_table();
    let update = "UpdateKinesisStreamingConfiguration";
    let microseconds = with(of(FILMS), precision(update, "MICROSECOND"));
    assert_eq!(
        cloud.invalid("UpdateKinesisStreamingDestination", microseconds.clone()),
        format!(
            "{INVALID_STATE}Kinesis streaming is not in ACTIVE state. Updates are only allowed in ACTIVE state. \
             TableName: ttt, kdsArn: {FILMS}"
        )
    );
    cloud.ok("EnableKinesisStreamingDestination", of(FILMS));
    let id = cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"]["TableId"].clone();
    let already = |precision: &str| {
        let id = id.as_str().unwrap();
        format!(
            "Invalid Request: Precision is already set to the desired value of {precision} for tableId: {id}, kdsArn: \
             {FILMS}"
        )
    };
    // Milliseconds need not be said.
    let milliseconds = with(of(FILMS), precision(update, "MILLISECOND"));
    assert_eq!(cloud.invalid("UpdateKinesisStreamingDestination", milliseconds), already("MILLISECOND"));
    assert_eq!(
        cloud.ok("UpdateKinesisStreamingDestination", microseconds.clone()),
        with(microseconds.clone(), json!({"DestinationStatus": "UPDATING"}))
    );
    assert_eq!(cloud.invalid("UpdateKinesisStreamingDestination", microseconds), already("MICROSECOND"));
    assert_eq!(
        destinations(&cloud),
        json!([{
            "StreamArn": FILMS,
            "DestinationStatus": "ACTIVE",
            "ApproximateCreationDateTimePrecision": "MICROSECOND",
        }])
    );
    for nothing in [json!({}), json!({update: {}})] {
        assert_eq!(
            cloud.invalid("UpdateKinesisStreamingDestination", with(of(FILMS), nothing)),
            "Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot \
             be null or contain only null values"
        );
    }
    let enable = "EnableKinesisStreamingConfiguration";
    assert_eq!(
        cloud
            .invalid("DisableKinesisStreamingDestination", with(of(FILMS), precision(enable, "MICROSECOND"))),
        "Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters"
    );
}

#[test]
fn a_stream_that_is_not_the_accounts_in_the_region_fails_later() {
    let cloud = Cloud::with_table();
    let permission = "User does not have a permission to use kinesis stream";
    let belongs = "The kinesis Arn used to enable kinesis replication belongs to a stream which is not in";
    for (stream, reason) in [
        ("arn:aws:dynamodb:eu-west-1:123456789012:table/ttt", permission.to_owned()),
        ("arn:aws:kinesis:eu-west-1:123456789012:stream/films/consumer/c:1", permission.to_owned()),
        ("arn:aws:kinesis:us-east-1:123456789012:stream/films", format!("{belongs} the current region")),
        ("arn:aws:kinesis:eu-west-1:111122223333:stream/films", format!("{belongs} Active state")),
    ] {
        let answer = cloud.ok("EnableKinesisStreamingDestination", of(stream));
        assert_eq!(answer["DestinationStatus"], "ENABLING");
        assert_eq!(
            destinations(&cloud)[0],
            json!({
                "StreamArn": stream,
                "DestinationStatus": "ENABLE_FAILED",
                "DestinationStatusDescription": reason,
            })
        );
    }
    cloud.ok("EnableKinesisStreamingDestination", of(FILMS));
    assert_eq!(destinations(&cloud).as_array().unwrap().len(), 5);
    let message = cloud.invalid("EnableKinesisStreamingDestination", of("arn:aws:kinesis"));
    assert!(message.ends_with("Member must have length greater than or equal to 37"), "{message}");
    let missing = with(of(FILMS), json!({"TableName": "nope"}));
    assert_eq!(
        cloud.err("EnableKinesisStreamingDestination", missing)["message"],
        "Requested resource not found: Table: nope not found"
    );
}
