//! Legacy parameters: their shapes, how they are read, and that they do not mix with expressions.

use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::expression::legacy::{
    self, AttributeCondition, AttributeUpdate, ComparisonOperator, ExpectedAttribute, UpdateAction,
};
use super::super::engine::expression::{Condition, KeyCondition, Projection, Update};
use super::attribute_value::EMPTY_NAME;
use super::constraint::OPERATORS_SLIP;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::shape::{Member, Rule, Shape, optional, required};

const VALUES: Member = optional("AttributeValueList", Shape::List(&Shape::AttributeValue), &[]);
const OPERATORS: &[Rule] = &[Rule::OneOf(&ComparisonOperator::NAMES)];
const CONDITIONS: Shape =
    Shape::Map(&Shape::Structure(&[VALUES, required("ComparisonOperator", Shape::String, &[])]));

pub(super) const ATTRIBUTES_TO_GET: Member =
    optional("AttributesToGet", Shape::List(&Shape::String), &[Rule::Length(1, 255)]);
pub(super) const CONDITIONAL_OPERATOR: Member =
    optional("ConditionalOperator", Shape::String, &[Rule::ConditionalOperator]);
pub(super) const EXPECTED: Member = optional(
    "Expected",
    Shape::Map(&Shape::Structure(&[
        VALUES,
        optional("ComparisonOperator", Shape::String, OPERATORS),
        optional("Exists", Shape::Boolean, &[]),
        optional("Value", Shape::AttributeValue, &[]),
    ])),
    &[],
);
pub(super) const ATTRIBUTE_UPDATES: Member = optional(
    "AttributeUpdates",
    Shape::Map(&Shape::Structure(&[
        optional("Action", Shape::String, &[Rule::UpdateAction]),
        optional("Value", Shape::AttributeValue, &[]),
    ])),
    &[],
);
pub(super) const KEY_CONDITIONS: Member = optional("KeyConditions", CONDITIONS, &[]);
pub(super) const QUERY_FILTER: Member = optional("QueryFilter", CONDITIONS, &[]);
pub(super) const SCAN_FILTER: Member = optional("ScanFilter", CONDITIONS, &[]);

/// # Errors
/// When a request has parameters of both kinds.
pub(super) fn refuse_mixture(input: Input<'_>, expressions: &[&str], legacy: &[&str]) -> Result<(), Fault> {
    let given = |names: &[&str]| -> Vec<String> {
        names.iter().filter(|name| input.has(name)).map(|name| (*name).to_owned()).collect()
    };
    let (expressions, mut legacy) = (given(expressions), given(legacy));
    // Conditions on keys may be legacy while the rest is not.
    if !input.has("KeyConditionExpression") {
        legacy.retain(|name| name != "KeyConditions");
    }
    if expressions.is_empty() || legacy.is_empty() {
        return Ok(());
    }
    Err(mixture(&legacy.join(", "), &expressions.join(", ")))
}

pub(super) fn mixture(legacy: &str, expressions: &str) -> Fault {
    Fault::validation(format!(
        "Can not use both expression and non-expression parameters in the same request: Non-expression parameters: \
         {{{legacy}}} Expression parameters: {{{expressions}}}"
    ))
}

/// # Errors
/// When ConditionalOperator has nothing to combine in the member `conditions`, or is neither `AND` nor `OR`.
pub(super) fn check_conditional_operator(input: Input<'_>, conditions: &str) -> Result<(), Fault> {
    let Some(operator) = input.text("ConditionalOperator") else { return Ok(()) };
    match input.entries(conditions).count() {
        0 => Err(Fault::validation("ConditionalOperator cannot be used without Filter or Expected")),
        1 => Err(Fault::validation(
            "ConditionalOperator can only be used when Filter or Expected has two or more elements",
        )),
        _ if ["AND", "OR"].contains(&operator) => Ok(()),
        _ => Err(Fault::validation(OPERATORS_SLIP)),
    }
}

pub(super) fn expected(input: Input<'_>) -> Result<Option<Condition>, Fault> {
    refuse_empty_names(structures(input, "Expected").map(|(attribute, _)| attribute))?;
    let mut attributes = Vec::new();
    for (attribute, condition) in structures(input, "Expected") {
        attributes.push(ExpectedAttribute {
            attribute: attribute.to_owned(),
            operator: operator(condition),
            values: condition.list("AttributeValueList").map(|list| values(condition, list)).transpose()?,
            value: value(condition)?,
            exists: condition.boolean("Exists"),
        });
    }
    Ok(legacy::expected(attributes, any(input))?)
}

/// QueryFilter or ScanFilter.
pub(super) fn filter(input: Input<'_>, member: &str) -> Result<Option<Condition>, Fault> {
    Ok(legacy::filter(conditions(input, member)?, any(input))?)
}

pub(super) fn key_conditions(input: Input<'_>) -> Result<Option<KeyCondition>, Fault> {
    if !input.has("KeyConditions") {
        return Ok(None);
    }
    Ok(Some(legacy::key_conditions(conditions(input, "KeyConditions")?)?))
}

pub(super) fn attribute_updates(input: Input<'_>) -> Result<Option<Update>, Fault> {
    refuse_empty_names(structures(input, "AttributeUpdates").map(|(attribute, _)| attribute))?;
    let mut updates = Vec::new();
    for (attribute, update) in structures(input, "AttributeUpdates") {
        updates.push(AttributeUpdate {
            attribute: attribute.to_owned(),
            action: match update.text("Action") {
                Some("ADD") => UpdateAction::Add,
                Some("DELETE") => UpdateAction::Delete,
                _ => UpdateAction::Put,
            },
            value: value(update)?,
        });
    }
    Ok(legacy::attribute_updates(updates)?)
}

pub(super) fn attributes_to_get(input: Input<'_>) -> Result<Option<Projection>, Fault> {
    let Some(names) = input.list("AttributesToGet") else { return Ok(None) };
    let names: Vec<&str> = names.iter().filter_map(Json::as_str).collect();
    refuse_empty_names(names.iter().copied())?;
    Ok(Some(legacy::attributes_to_get(&names)?))
}

fn structures<'v>(input: Input<'v>, member: &str) -> impl Iterator<Item = (&'v str, Input<'v>)> {
    input.entries(member).filter_map(move |(attribute, value)| Some((attribute, input.inside(value)?)))
}

fn conditions(input: Input<'_>, member: &str) -> Result<Vec<AttributeCondition>, Fault> {
    let mut conditions = Vec::new();
    for (attribute, condition) in structures(input, member) {
        let operator = operator(condition).ok_or_else(|| {
            Fault::validation("One or more parameter values were invalid: Invalid comparison operator")
        })?;
        let values = values(condition, condition.list("AttributeValueList").unwrap_or_default())?;
        conditions.push(AttributeCondition { attribute: attribute.to_owned(), operator, values });
    }
    Ok(conditions)
}

fn operator(condition: Input<'_>) -> Option<ComparisonOperator> {
    condition.text("ComparisonOperator").and_then(ComparisonOperator::parse)
}

fn any(input: Input<'_>) -> bool {
    input.text("ConditionalOperator") == Some("OR")
}

fn values(of: Input<'_>, values: &[Json<'_>]) -> Result<Vec<AttributeValue>, Fault> {
    values.iter().map(|value| of.value(value)).collect()
}

fn value(of: Input<'_>) -> Result<Option<AttributeValue>, Fault> {
    of.member("Value").map(|value| of.value(value)).transpose()
}

/// Filters alone may speak of an attribute without a name.
fn refuse_empty_names<'n>(mut names: impl Iterator<Item = &'n str>) -> Result<(), Fault> {
    match names.any(str::is_empty) {
        true => Err(Fault::validation(EMPTY_NAME)),
        false => Ok(()),
    }
}
