//! The API of DynamoDB Streams: another target, the same engine.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::shard::Shard;
use super::super::engine::stream::{Record, Stream, StreamViewType, sequence_number};
use super::super::engine::streams::{ShardIterator, ShardIteratorType};
use super::super::engine::table::Actor;
use super::attribute_value::attributes_to_json;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};
use super::table::schema_description;

/// What every target of DynamoDB Streams begins with.
pub(super) const TARGET_PREFIX: &str = "DynamoDBStreams_20120810.";

const STREAM_ARN: &[Rule] = &[Rule::Length(37, 1024)];
const SHARD_ID: &[Rule] = &[Rule::Length(28, 65)];

const LIST_STREAMS: &[Member] = &[
    optional("TableName", Shape::String, &[Rule::TableName]),
    optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(100)]),
    optional("ExclusiveStartStreamArn", Shape::String, STREAM_ARN),
];

const DESCRIBE_STREAM: &[Member] = &[
    required("StreamArn", Shape::String, STREAM_ARN),
    optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(100)]),
    optional("ExclusiveStartShardId", Shape::String, SHARD_ID),
    optional(
        "ShardFilter",
        Shape::Structure(&[
            optional("Type", Shape::String, &[Rule::OneOf(&["CHILD_SHARDS"])]),
            optional("ShardId", Shape::String, SHARD_ID),
        ]),
        &[],
    ),
];

const GET_SHARD_ITERATOR: &[Member] = &[
    required("StreamArn", Shape::String, STREAM_ARN),
    required("ShardId", Shape::String, SHARD_ID),
    required(
        "ShardIteratorType",
        Shape::String,
        &[Rule::OneOf(&["AFTER_SEQUENCE_NUMBER", "LATEST", "AT_SEQUENCE_NUMBER", "TRIM_HORIZON"])],
    ),
    optional("SequenceNumber", Shape::String, &[Rule::Length(21, 40)]),
];

const GET_RECORDS: &[Member] = &[
    required("ShardIterator", Shape::String, &[Rule::Length(1, 2048)]),
    optional("Limit", Shape::Integer, &[Rule::Min(1), Rule::Max(1000)]),
];

/// Answers an operation of DynamoDB Streams.
pub(super) fn answer(
    engine: &Engine,
    operation: &str,
    region: &str,
    body: &Json<'_>,
) -> Result<Value, Fault> {
    match operation {
        "DescribeStream" => describe_stream(engine, body),
        "GetRecords" => get_records(engine, region, body),
        "GetShardIterator" => get_shard_iterator(engine, body),
        "ListStreams" => list_streams(engine, body),
        _ => Err(Fault::UnknownOperation(format!(
            "The in-memory DynamoDB Streams does not implement the operation {operation}"
        ))),
    }
}

fn list_streams(engine: &Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, LIST_STREAMS)?;
    let start = input.text("ExclusiveStartStreamArn");
    let streams = engine.list_streams(input.text("TableName"));
    let mut rest =
        streams.iter().filter(|(arn, _)| start.is_none_or(|start| arn.as_str() > start)).peekable();
    let page: Vec<_> = rest.by_ref().take(limit(input, 100)).collect();
    let mut answer =
        json!({"Streams": page.iter().map(|(arn, stream)| summary(arn, stream)).collect::<Vec<_>>()});
    if let (Some(_), Some((last, _))) = (rest.peek(), page.last()) {
        answer["LastEvaluatedStreamArn"] = last.as_str().into();
    }
    Ok(answer)
}

fn summary(arn: &str, stream: &Stream) -> Value {
    json!({
        "StreamArn": arn,
        "TableName": &*stream.table_name,
        "StreamLabel": &*stream.label,
    })
}

fn describe_stream(engine: &Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, DESCRIBE_STREAM)?;
    let arn = input.string("StreamArn");
    let stream = engine.stream(&arn)?;
    let start = input.text("ExclusiveStartShardId");
    let parent = input.object("ShardFilter").and_then(|filter| filter.text("ShardId"));
    let mut wanted = stream.shards.iter().filter(|shard| {
        start.is_none_or(|start| *shard.id > *start)
            && parent.is_none_or(|parent| shard.parent.as_deref() == Some(parent))
    });
    let shards: Vec<_> = wanted.by_ref().take(limit(input, 100)).collect();
    let mut description = json!({
        "StreamArn": arn,
        "StreamLabel": &*stream.label,
        "StreamStatus": if stream.disabled.is_some() { "DISABLED" } else { "ENABLED" },
        "StreamViewType": stream.view_type.as_str(),
        "CreationRequestDateTime": since_epoch(stream.created).as_millis() as f64 / 1000.0,
        "TableName": &*stream.table_name,
        "KeySchema": schema_description(&stream.key_schema),
        "Shards": shards.iter().map(|shard| shard_to_json(shard)).collect::<Vec<_>>(),
    });
    if let (Some(_), Some(last)) = (wanted.next(), shards.last()) {
        description["LastEvaluatedShardId"] = (&*last.id).into();
    }
    Ok(json!({"StreamDescription": description}))
}

fn shard_to_json(shard: &Shard) -> Value {
    let mut range = json!({"StartingSequenceNumber": sequence_number(shard.first)});
    if let Some(end) = shard.end() {
        range["EndingSequenceNumber"] = sequence_number(end).into();
    }
    let mut answer = json!({"ShardId": &*shard.id, "SequenceNumberRange": range});
    if let Some(parent) = &shard.parent {
        answer["ParentShardId"] = (&**parent).into();
    }
    answer
}

fn get_shard_iterator(engine: &Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, GET_SHARD_ITERATOR)?;
    let kind = input.text("ShardIteratorType").unwrap_or_default();
    let kind = match (kind, input.text("SequenceNumber")) {
        ("TRIM_HORIZON", _) => ShardIteratorType::TrimHorizon,
        ("LATEST", _) => ShardIteratorType::Latest,
        ("AT_SEQUENCE_NUMBER", Some(number)) => ShardIteratorType::At(number),
        (_, Some(number)) => ShardIteratorType::After(number),
        (kind, None) => {
            return Err(Fault::validation(format!(
                "SequenceNumber must be specified when ShardIteratorType is {kind}"
            )));
        }
    };
    let iterator = engine.shard_iterator(&input.string("StreamArn"), &input.string("ShardId"), kind)?;
    Ok(json!({"ShardIterator": iterator_text(&iterator)}))
}

fn get_records(engine: &Engine, region: &str, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, GET_RECORDS)?;
    let iterator = parse_iterator(input.text("ShardIterator").unwrap_or_default())
        .ok_or_else(|| Fault::validation("Invalid ShardIterator"))?;
    let output = engine.get_records(&iterator, limit(input, 1000))?;
    let records = output.records.iter().map(|record| record_to_json(record, output.view_type, region));
    let mut answer = json!({"Records": records.collect::<Vec<_>>()});
    if let Some(next) = &output.next {
        answer["NextShardIterator"] = iterator_text(next).into();
    }
    Ok(answer)
}

fn record_to_json(record: &Record, view_type: StreamViewType, region: &str) -> Value {
    let mut dynamodb = json!({
        "ApproximateCreationDateTime": since_epoch(record.at).as_secs(),
        "Keys": attributes_to_json(&record.keys.attributes()),
        "SequenceNumber": sequence_number(record.position),
        "SizeBytes": record.size(),
        "StreamViewType": view_type.as_str(),
    });
    for (member, image) in [("NewImage", &record.new_image), ("OldImage", &record.old_image)] {
        if let Some(image) = image {
            dynamodb[member] = attributes_to_json(&image.attributes());
        }
    }
    let mut answer = json!({
        "eventID": record.event_id,
        "eventName": record.event.as_str(),
        "eventVersion": "1.1",
        "eventSource": "aws:dynamodb",
        "awsRegion": region,
        "dynamodb": dynamodb,
    });
    if record.actor == Actor::TimeToLive {
        answer["userIdentity"] = json!({"PrincipalId": "dynamodb.amazonaws.com", "Type": "Service"});
    }
    answer
}

fn limit(input: Input<'_>, default: usize) -> usize {
    input.integer("Limit").and_then(|limit| usize::try_from(limit).ok()).unwrap_or(default)
}

fn since_epoch(time: SystemTime) -> Duration {
    time.duration_since(UNIX_EPOCH).unwrap_or_default()
}

/// An iterator as text: nothing about it is kept here.
fn iterator_text(iterator: &ShardIterator) -> String {
    let issued = since_epoch(iterator.issued).as_millis();
    let place = format!("{}:{issued}:{}", iterator.position, iterator.shard_id);
    format!("{}|1|{}", iterator.stream_arn, URL_SAFE_NO_PAD.encode(place))
}

fn parse_iterator(text: &str) -> Option<ShardIterator> {
    let (stream_arn, place) = text.split_once("|1|")?;
    let place = String::from_utf8(URL_SAFE_NO_PAD.decode(place).ok()?).ok()?;
    let [position, issued, shard_id] = place.splitn(3, ':').collect::<Vec<_>>()[..] else { return None };
    Some(ShardIterator {
        stream_arn: stream_arn.to_owned(),
        shard_id: shard_id.to_owned(),
        position: position.parse().ok()?,
        issued: UNIX_EPOCH.checked_add(Duration::from_millis(issued.parse().ok()?))?,
    })
}
