//! UpdateTimeToLive and DescribeTimeToLive.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::fault::Fault;
use super::input::Input;
use super::shape::{Member, Rule, Shape, TABLE_NAME, required};

const UPDATE_TIME_TO_LIVE: &[Member] = &[
    TABLE_NAME,
    required(
        "TimeToLiveSpecification",
        Shape::Structure(&[
            required("Enabled", Shape::Boolean, &[]),
            required("AttributeName", Shape::String, &[Rule::Length(1, 255)]),
        ]),
        &[],
    ),
];

pub(super) fn update_time_to_live(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, UPDATE_TIME_TO_LIVE)?;
    let specification = input.object("TimeToLiveSpecification");
    let enabled =
        specification.and_then(|specification| specification.boolean("Enabled")).unwrap_or_default();
    let attribute =
        specification.map(|specification| specification.string("AttributeName")).unwrap_or_default();
    engine.update_time_to_live(&input.string("TableName"), &attribute, enabled)?;
    Ok(json!({"TimeToLiveSpecification": {"Enabled": enabled, "AttributeName": attribute}}))
}

pub(super) fn describe_time_to_live(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, &[TABLE_NAME])?;
    let description = match engine.time_to_live(&input.string("TableName"))? {
        Some(attribute) => json!({"TimeToLiveStatus": "ENABLED", "AttributeName": &*attribute}),
        None => json!({"TimeToLiveStatus": "DISABLED"}),
    };
    Ok(json!({"TimeToLiveDescription": description}))
}
