//! Query and Scan.

use std::collections::BTreeMap;

use serde_json::json;

use super::super::engine::Engine;
use super::super::engine::query::{Direction, Page, QueryInput, Select};
use super::super::engine::scan::ScanInput;
use super::super::engine::throttling::Access;
use super::answer::Answer;
use super::attribute_value::{EMPTY_NAME, ValueLayer, attributes_to_json};
use super::capacity::Detail;
use super::fault::Fault;
use super::input::Input;
use super::json::Json;
use super::legacy::{
    self, ATTRIBUTES_TO_GET, CONDITIONAL_OPERATOR, KEY_CONDITIONS, QUERY_FILTER, SCAN_FILTER,
};
use super::shape::{
    ATTRIBUTES, EXPRESSION_ATTRIBUTE_NAMES, EXPRESSION_ATTRIBUTE_VALUES, INDEX_NAME, Member,
    PROJECTION_EXPRESSION, RETURN_CONSUMED_CAPACITY, Rule, Shape, TABLE_NAME, TABLE_NAME_OF_ITEM, optional,
};

const SELECTS: &[&str] = &["SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES"];
const SELECT: Member = optional("Select", Shape::String, &[Rule::OneOf(SELECTS)]);
const LIMIT: Member = optional("Limit", Shape::Integer, &[Rule::Min(1)]);
const CONSISTENT_READ: Member = optional("ConsistentRead", Shape::Boolean, &[]);
const EXCLUSIVE_START_KEY: Member = optional("ExclusiveStartKey", ATTRIBUTES, &[]);
const FILTER_EXPRESSION: Member = optional("FilterExpression", Shape::String, &[]);

const QUERY: &[Member] = &[
    optional("Select", Shape::String, &[Rule::OneOfLater(SELECTS)]),
    TABLE_NAME_OF_ITEM,
    INDEX_NAME,
    optional("Limit", Shape::Integer, &[Rule::ModelMin(1)]),
    CONSISTENT_READ,
    optional("ScanIndexForward", Shape::Boolean, &[]),
    EXCLUSIVE_START_KEY,
    RETURN_CONSUMED_CAPACITY,
    PROJECTION_EXPRESSION,
    FILTER_EXPRESSION,
    optional("KeyConditionExpression", Shape::String, &[]),
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    ATTRIBUTES_TO_GET,
    KEY_CONDITIONS,
    QUERY_FILTER,
    CONDITIONAL_OPERATOR,
];

const SCAN: &[Member] = &[
    TABLE_NAME,
    INDEX_NAME,
    SELECT,
    LIMIT,
    CONSISTENT_READ,
    EXCLUSIVE_START_KEY,
    RETURN_CONSUMED_CAPACITY,
    optional("TotalSegments", Shape::Integer, &[Rule::Min(1), Rule::Max(1_000_000)]),
    optional("Segment", Shape::Integer, &[Rule::Min(0), Rule::Max(999_999)]),
    PROJECTION_EXPRESSION,
    FILTER_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    ATTRIBUTES_TO_GET,
    SCAN_FILTER,
    CONDITIONAL_OPERATOR,
];

pub(super) fn query(engine: &mut Engine, body: &Json<'_>, layer: ValueLayer) -> Result<Answer, Fault> {
    let input = Input::check(body, QUERY)?.in_layer(layer);
    legacy::refuse_mixture(
        input,
        &["ProjectionExpression", "FilterExpression", "KeyConditionExpression"],
        &["AttributesToGet", "QueryFilter", "ConditionalOperator", "KeyConditions"],
    )?;
    legacy::check_conditional_operator(input, "QueryFilter")?;
    check_select(input)?;
    let mut expressions = input.expressions();
    expressions.check_parameters("FilterExpression and KeyConditionExpression")?;
    expressions.legacy.filter = legacy::filter(input, "QueryFilter")?;
    expressions.legacy.projection = legacy::attributes_to_get(input)?;
    let exclusive_start_key = input.exclusive_start_key()?;
    expressions.legacy.key_condition = legacy::key_conditions(input)?;
    let page = engine.query(&QueryInput {
        table_name: input.string("TableName"),
        index_name: input.text("IndexName").map(str::to_owned),
        exclusive_start_key,
        expressions,
        limit: limit(input),
        select: select(input),
        direction: match input.boolean("ScanIndexForward") {
            Some(false) => Direction::Backward,
            _ => Direction::Forward,
        },
        consistency: input.consistency(),
    })?;
    engine.charge(&input.string("TableName"), &page.capacity, Access::Read);
    Ok(answer(engine, input, page))
}

pub(super) fn scan(engine: &mut Engine, body: &Json<'_>) -> Result<Answer, Fault> {
    let input = Input::check(body, SCAN)?;
    let number = |name| input.integer(name).and_then(|number| u32::try_from(number).ok());
    legacy::refuse_mixture(
        input,
        &["ProjectionExpression", "FilterExpression"],
        &["AttributesToGet", "ScanFilter", "ConditionalOperator"],
    )?;
    legacy::check_conditional_operator(input, "ScanFilter")?;
    check_select(input)?;
    let mut expressions = input.expressions();
    expressions.check_parameters("FilterExpression")?;
    // This fault of a value is the only one that a scan tells without its key.
    let faults =
        expressions.values.iter().flat_map(BTreeMap::values).filter_map(|value| value.as_ref().err());
    if faults.into_iter().any(|fault| fault == EMPTY_NAME) {
        return Err(Fault::validation(EMPTY_NAME));
    }
    expressions.legacy.projection = legacy::attributes_to_get(input)?;
    expressions.legacy.filter = legacy::filter(input, "ScanFilter")?;
    let page = engine.scan(&ScanInput {
        table_name: input.string("TableName"),
        index_name: input.text("IndexName").map(str::to_owned),
        exclusive_start_key: input.exclusive_start_key()?,
        expressions,
        limit: limit(input),
        select: select(input),
        segment: number("Segment"),
        total_segments: number("TotalSegments"),
        consistency: input.consistency(),
    })?;
    engine.charge(&input.string("TableName"), &page.capacity, Access::Read);
    Ok(answer(engine, input, page))
}

fn limit(input: Input<'_>) -> Option<usize> {
    input.integer("Limit").and_then(|limit| usize::try_from(limit).ok())
}

fn select(input: Input<'_>) -> Option<Select> {
    match input.text("Select")? {
        "ALL_ATTRIBUTES" => Some(Select::AllAttributes),
        "ALL_PROJECTED_ATTRIBUTES" => Some(Select::AllProjectedAttributes),
        "SPECIFIC_ATTRIBUTES" => Some(Select::SpecificAttributes),
        _ => Some(Select::Count),
    }
}

/// Whether what Select asks for fits the other members; the newer validation of requests finds it out, before any
/// table is looked at.
///
/// # Errors
/// When attributes are named and not asked for, or the other way round, or there is no index that could project any.
fn check_select(input: Input<'_>) -> Result<(), Fault> {
    if let Some(select) = input.text("Select").filter(|select| !SELECTS.contains(select)) {
        let names = SELECTS.join(", ");
        return Err(Fault::validation(format!(
            "Value '{select}' at 'select' failed to satisfy constraint: Member must satisfy enum value set: [{names}]"
        ))
        .enveloped());
    }
    let projection = ["ProjectionExpression", "AttributesToGet"].into_iter().find(|name| input.has(name));
    let message = match (select(input), projection) {
        (Some(Select::SpecificAttributes), None) => {
            "Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"
                .to_owned()
        }
        (None | Some(Select::SpecificAttributes), _) => return Ok(()),
        (Some(_), Some(projection)) => {
            let chosen = match input.text("Select") {
                None | Some("COUNT") => "only the Count",
                Some(select) => select,
            };
            format!("Cannot specify the {projection} when choosing to get {chosen}")
        }
        (Some(Select::AllProjectedAttributes), None) if !input.has("IndexName") => {
            "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName".to_owned()
        }
        (Some(_), None) => return Ok(()),
    };
    Err(Fault::validation(message).enveloped())
}

fn answer(engine: &Engine, input: Input<'_>, page: Page) -> Answer {
    let mut answer = json!({"Count": page.count, "ScannedCount": page.scanned_count});
    if let Some(key) = &page.last_evaluated_key {
        answer["LastEvaluatedKey"] = attributes_to_json(key);
    }
    Detail::of(input).put_one(&mut answer, engine.table_name(&input.string("TableName")), &page.capacity);
    match page.items {
        Some(items) => Answer::with_items(answer, items),
        None => answer.into(),
    }
}
