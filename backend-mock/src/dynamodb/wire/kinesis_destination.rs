//! Enable-, Disable-, Update- and DescribeKinesisStreamingDestination.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::kinesis_destination::{DestinationStatus, KinesisDestination, Precision};
use super::super::engine::table::Table;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, TABLE_NAME, optional, required};
use super::table::check_table_name;

const STREAM_ARN: Member = required("StreamArn", Shape::String, &[Rule::Length(37, 1024)]);
const PRECISION: &str = "ApproximateCreationDateTimePrecision";
const CONFIGURATION: Shape =
    Shape::Structure(&[optional(PRECISION, Shape::String, &[Rule::OneOf(Precision::NAMES)])]);
const ENABLE: &str = "EnableKinesisStreamingConfiguration";
const UPDATE: &str = "UpdateKinesisStreamingConfiguration";

const SWITCH: &[Member] = &[TABLE_NAME, STREAM_ARN, optional(ENABLE, CONFIGURATION, &[])];

pub(super) fn enable_kinesis_streaming_destination(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, SWITCH)?;
    let (stream_arn, precision) = (input.string("StreamArn"), precision(input, ENABLE));
    let table = engine.enable_kinesis_destination(&input.string("TableName"), &stream_arn, precision, now)?;
    let mut answer = answer(&table, &stream_arn, DestinationStatus::Enabling);
    answer[ENABLE] = configuration(precision);
    Ok(answer)
}

pub(super) fn disable_kinesis_streaming_destination(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, SWITCH)?;
    if input.has(ENABLE) {
        return Err(Fault::validation(
            "Stream cannot be disabled using EnableKinesisStreamingConfiguration parameters",
        ));
    }
    let stream_arn = input.string("StreamArn");
    let table = engine.disable_kinesis_destination(&input.string("TableName"), &stream_arn, now)?;
    Ok(answer(&table, &stream_arn, DestinationStatus::Disabling))
}

pub(super) fn update_kinesis_streaming_destination(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME, STREAM_ARN, optional(UPDATE, CONFIGURATION, &[])])?;
    let Some(precision) = precision(input, UPDATE) else {
        return Err(Fault::validation(
            "Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration cannot \
             be null or contain only null values",
        ));
    };
    let stream_arn = input.string("StreamArn");
    let table = engine.update_kinesis_destination(&input.string("TableName"), &stream_arn, precision, now)?;
    let mut answer = answer(&table, &stream_arn, DestinationStatus::Updating);
    answer[UPDATE] = configuration(Some(precision));
    Ok(answer)
}

pub(super) fn describe_kinesis_streaming_destination(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = engine.kinesis_destinations(&input.string("TableName"))?;
    let destinations = table.settings.kinesis_destinations.iter();
    let destinations: Vec<_> = destinations.map(|destination| description(destination, now)).collect();
    Ok(json!({"TableName": &*table.definition.name, "KinesisDataStreamDestinations": destinations}))
}

fn precision(input: Input<'_>, member: &str) -> Option<Precision> {
    Precision::parse(input.object(member)?.text(PRECISION)?)
}

fn configuration(precision: Option<Precision>) -> Value {
    match precision {
        Some(precision) => json!({PRECISION: precision.as_str()}),
        None => json!({}),
    }
}

fn answer(table: &Table, stream_arn: &str, status: DestinationStatus) -> Value {
    json!({
        "TableName": &*table.definition.name,
        "StreamArn": stream_arn,
        "DestinationStatus": status.as_str(),
    })
}

fn description(destination: &KinesisDestination, now: SystemTime) -> Value {
    let mut description = configuration(destination.precision);
    description["StreamArn"] = (&*destination.stream_arn).into();
    description["DestinationStatus"] = destination.status(now).as_str().into();
    if let Some(reason) = destination.description(now) {
        description["DestinationStatusDescription"] = reason.into();
    }
    description
}
