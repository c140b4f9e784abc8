//! UpdateTimeToLive and DescribeTimeToLive.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::account::Account;
use super::super::engine::time_to_live::TimeToLiveSpecification;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, TABLE_NAME, required};
use super::table::check_table_name;
use crate::context::RegionName;

const UPDATE_TIME_TO_LIVE: &[Member] = &[
    TABLE_NAME,
    required(
        "TimeToLiveSpecification",
        Shape::Structure(&[
            required("Enabled", Shape::Boolean, &[]),
            required("AttributeName", Shape::String, &[Rule::Length(0, 255)]),
        ]),
        &[],
    ),
];

pub(super) fn update_time_to_live(
    account: &mut Account,
    region: &RegionName,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, UPDATE_TIME_TO_LIVE)?;
    let asked = input.object("TimeToLiveSpecification");
    let specification = TimeToLiveSpecification {
        attribute: asked.map(|asked| asked.string("AttributeName")).unwrap_or_default().into(),
        is_enabled: asked.and_then(|asked| asked.boolean("Enabled")).unwrap_or_default(),
    };
    account.update_time_to_live(region, &input.string("TableName"), &specification, now)?;
    Ok(json!({
        "TimeToLiveSpecification": {
            "AttributeName": &*specification.attribute,
            "Enabled": specification.is_enabled,
        },
    }))
}

pub(super) fn describe_time_to_live(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    check_table_name(body)?;
    let input = Input::check(body, &[TABLE_NAME])?;
    let description = match engine.describe_time_to_live(&input.string("TableName"))?.attribute {
        Some(attribute) => json!({"TimeToLiveStatus": "ENABLED", "AttributeName": &*attribute}),
        None => json!({"TimeToLiveStatus": "DISABLED"}),
    };
    Ok(json!({"TimeToLiveDescription": description}))
}
