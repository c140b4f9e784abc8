//! What would come from elsewhere: exports and imports in S3, streams in Kinesis, tables in other regions. None of it
//! is ever made here, so lists are empty and nothing is found; the operations that would make it are refused by name.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::fault::Fault;
use super::input::Input;
use super::shape::{Rule, Shape, TABLE_NAME, optional, required};
use super::table::check_table_name;

pub(super) fn list_exports(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    Input::check(
        body,
        &[
            optional("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
            optional("MaxResults", Shape::Integer, &[Rule::Min(1), Rule::Max(25)]),
            optional("NextToken", Shape::String, &[]),
        ],
    )?;
    Ok(json!({"ExportSummaries": []}))
}

pub(super) fn describe_export(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ExportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ExportArn");
    if !arn.contains("/export/") {
        return Err(Fault::validation("Invalid Export ARN"));
    }
    Err(not_found("ExportNotFoundException", format!("Export not found: {arn}")))
}

pub(super) fn list_imports(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    Input::check(
        body,
        &[
            optional("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
            optional("PageSize", Shape::Integer, &[Rule::Min(1), Rule::Max(25)]),
            optional("NextToken", Shape::String, &[]),
        ],
    )?;
    Ok(json!({"ImportSummaryList": []}))
}

pub(super) fn describe_import(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ImportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ImportArn");
    if !arn.contains("/import/") {
        return Err(Fault::validation("Invalid Import ARN"));
    }
    Err(not_found("ImportNotFoundException", format!("Import not found: {arn}")))
}

pub(super) fn list_global_tables(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    Input::check(
        body,
        &[
            optional("ExclusiveStartGlobalTableName", Shape::String, &[Rule::Name, Rule::Length(3, 255)]),
            optional("Limit", Shape::Integer, &[Rule::Min(1)]),
            optional("RegionName", Shape::String, &[]),
        ],
    )?;
    Ok(json!({"GlobalTables": []}))
}

pub(super) fn describe_global_table(_: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let rules = &[Rule::Name, Rule::Length(3, 255)];
    let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
    let name = input.string("GlobalTableName");
    Err(not_found(
        "GlobalTableNotFoundException",
        format!("Global table not found: Global table with name: '{name}' does not exist."),
    ))
}

pub(super) fn describe_kinesis_streaming_destination(
    engine: &mut Engine,
    body: &Value,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let table = engine.describe_table(&input.string("TableName"))?;
    Ok(json!({"TableName": &*table.definition.name, "KinesisDataStreamDestinations": []}))
}

fn not_found(code: &'static str, message: String) -> Fault {
    Fault::from(Error::Modeled { code, message })
}
