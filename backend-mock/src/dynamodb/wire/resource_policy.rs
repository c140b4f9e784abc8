//! PutResourcePolicy, GetResourcePolicy and DeleteResourcePolicy.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::error::Error;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};

const RESOURCE_ARN: Member = required("ResourceArn", Shape::String, &[Rule::Length(1, 1283)]);
const EXPECTED: Member = optional("ExpectedRevisionId", Shape::String, &[Rule::Length(1, 255)]);

pub(super) fn put_resource_policy(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(
        body,
        &[
            RESOURCE_ARN,
            required("Policy", Shape::String, &[]),
            EXPECTED,
            optional("ConfirmRemoveSelfResourceAccess", Shape::Boolean, &[]),
        ],
    )?;
    let policy = input.string("Policy");
    let invalid =
        |what: &str| Fault::from(Error::invalid_parameter(format!("Invalid policy document: {what}")));
    let document: Value =
        serde_json::from_str(&policy).map_err(|_| invalid("This policy contains invalid Json"))?;
    if document.get("Statement").is_none() {
        return Err(invalid("Could not parse the policy: Statement is empty!"));
    }
    let (arn, expected) = (input.string("ResourceArn"), input.text("ExpectedRevisionId"));
    let revision_id = engine.put_resource_policy(&arn, policy, expected)?;
    Ok(json!({"RevisionId": &*revision_id}))
}

pub(super) fn get_resource_policy(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[RESOURCE_ARN])?;
    let policy = engine.resource_policy(&input.string("ResourceArn"))?;
    Ok(json!({"Policy": &*policy.document, "RevisionId": &*policy.revision_id}))
}

pub(super) fn delete_resource_policy(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, &[RESOURCE_ARN, EXPECTED])?;
    let arn = input.string("ResourceArn");
    match engine.delete_resource_policy(&arn, input.text("ExpectedRevisionId"))? {
        Some(revision_id) => Ok(json!({"RevisionId": &*revision_id})),
        None => Ok(json!({})),
    }
}
