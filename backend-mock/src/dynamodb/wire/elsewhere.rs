//! What would come from elsewhere: exports and imports in S3, and tables in other regions. None of it is ever made here,
//! so lists are empty and nothing is found; the operations that would make it are refused by name.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Rule, Shape, TABLE_NAME, optional, required};
use super::table::check_table_name;

pub(super) fn list_exports(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
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

pub(super) fn describe_export(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ExportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ExportArn");
    if !arn.contains("/export/") {
        return Err(Fault::validation("Invalid Export ARN"));
    }
    Err(not_found("ExportNotFoundException", format!("Export not found: {arn}")))
}

pub(super) fn list_imports(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
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

pub(super) fn describe_import(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[required("ImportArn", Shape::String, &[Rule::Length(37, 1024)])])?;
    let arn = input.string("ImportArn");
    if !arn.contains("/import/") {
        return Err(Fault::validation("Invalid Import ARN"));
    }
    Err(not_found("ImportNotFoundException", format!("Import not found: {arn}")))
}

pub(super) fn list_global_tables(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
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

pub(super) fn describe_global_table(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let rules = &[Rule::Name, Rule::Length(3, 255)];
    let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
    let name = input.string("GlobalTableName");
    Err(not_found(
        "GlobalTableNotFoundException",
        format!("Global table not found: Global table with name: '{name}' does not exist."),
    ))
}

/// The tables of an older kind that spanned regions can no longer be made.
pub(super) fn refuse_legacy_global_table(_: &mut Engine, _: &Json<'_>) -> Result<Value, Fault> {
    Err(Fault::from(Error::invalid_parameter(
        "DynamoDB global tables version 2017.11.29 is not supported. We recommend using DynamoDB global tables version \
         2019.11.21, instead of version 2017.11.29 (Legacy).",
    )))
}

/// The settings of such a table, told or changed.
pub(super) fn global_table_settings(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let rules = &[Rule::Name, Rule::Length(3, 255)];
    let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
    let message = no_global_table(&input.string("GlobalTableName"));
    Err(not_found("GlobalTableNotFoundException", message))
}

/// The auto scaling of a table's replicas, told or changed: no table has replicas.
pub(super) fn table_replica_auto_scaling(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let name = input.string("TableName");
    Err(Fault::from(Error::ResourceNotFound(no_global_table(engine.table_name(&name)))))
}

fn no_global_table(name: &str) -> String {
    format!("Global table with name: '{name}' does not exist.")
}

/// An export is refused in AWS's words where it would be refused there, and else by name.
pub(super) fn export_table_to_point_in_time(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            required("TableArn", Shape::String, &[Rule::Length(1, 1024)]),
            required("S3Bucket", Shape::String, &[Rule::Length(0, 255)]),
        ],
    )?;
    let arn = input.string("TableArn");
    let table = engine.describe_table(&arn);
    let table = table.map_err(|_| not_found("TableNotFoundException", format!("Table not found: {arn}")))?;
    if table.settings.recovery.is_none() {
        let name = &table.definition.name;
        return Err(not_found(
            "PointInTimeRecoveryUnavailableException",
            format!("Point in time recovery is not enabled for table '{name}'"),
        ));
    }
    Err(Fault::unknown_operation("ExportTableToPointInTime"))
}

fn not_found(code: &'static str, message: String) -> Fault {
    Fault::from(Error::Modeled { code, message })
}
