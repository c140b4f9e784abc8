//! Global tables of version 2017.11.29. AWS makes none of them any more and neither does this, so lists are empty and
//! nothing is found.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Rule, Shape, optional, required};
use crate::context::RegionName;

pub(super) fn list_global_tables(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            optional("ExclusiveStartGlobalTableName", Shape::String, &[Rule::Name, Rule::Length(3, 255)]),
            optional("Limit", Shape::Integer, &[Rule::Min(1)]),
            optional("RegionName", Shape::String, &[]),
        ],
    )?;
    match input.text("RegionName") {
        // What is no region at all is more than AWS gets over.
        Some(name) if !RegionName::is_listed(name) => {
            Err(modeled("InternalServerError", "Internal server error".to_owned()))
        }
        _ => Ok(json!({"GlobalTables": []})),
    }
}

pub(super) fn describe_global_table(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let rules = &[Rule::Name, Rule::Length(3, 255)];
    let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
    let name = input.string("GlobalTableName");
    Err(modeled(
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

/// What is added to such a table is refused as its creation is, before anybody looks for it.
pub(super) fn update_global_table(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let updates = body.as_object().and_then(|members| members.get("ReplicaUpdates")).and_then(Json::as_array);
    let Some(updates) = updates else { return refuse_legacy_global_table(engine, body) };
    let adds = |update: &Json<'_>| {
        update.as_object().and_then(|update| update.get("Create")).is_some_and(|create| !create.is_null())
    };
    match updates {
        [] => Err(Fault::validation("One or more parameter values were invalid")),
        updates if updates.iter().any(adds) => refuse_legacy_global_table(engine, body),
        _ => {
            let rules = &[Rule::Name, Rule::Length(3, 255)];
            let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
            let message = no_global_table(&input.string("GlobalTableName"));
            Err(modeled("GlobalTableNotFoundException", message))
        }
    }
}

/// The settings of such a table, told or changed.
pub(super) fn global_table_settings(_: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let rules = &[Rule::Name, Rule::Length(3, 255)];
    let input = Input::check(body, &[required("GlobalTableName", Shape::String, rules)])?;
    let message = no_global_table(&input.string("GlobalTableName"));
    Err(modeled("GlobalTableNotFoundException", message))
}

pub(super) fn no_global_table(name: &str) -> String {
    format!("Global table with name: '{name}' does not exist.")
}

fn modeled(code: &'static str, message: String) -> Fault {
    Fault::from(Error::Modeled { code, message })
}
