//! PutItem, GetItem, UpdateItem and DeleteItem.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::expression::Expressions;
use super::super::engine::item::Attributes;
use super::super::engine::single_item::{
    GetItemInput, KeyedWriteInput, OLD_OR_NONE, PutItemInput, WriteOutput,
};
use super::super::engine::throttling::Access;
use super::super::engine::write::ReturnValues;
use super::answer::Answer;
use super::attribute_value::{ValueLayer, attributes_to_json};
use super::capacity::Detail;
use super::constraint::{CAPACITIES, METRICS, ON_CONDITION_CHECK_FAILURE};
use super::fault::Fault;
use super::input::Input;
use super::item_collection;
use super::json::Json;
use super::legacy::{self, ATTRIBUTE_UPDATES, ATTRIBUTES_TO_GET, CONDITIONAL_OPERATOR, EXPECTED};
use super::shape::{
    ATTRIBUTES, CONDITION_EXPRESSION, EXPRESSION_ATTRIBUTE_NAMES, EXPRESSION_ATTRIBUTE_VALUES, Member,
    PROJECTION_EXPRESSION, RETURN_CONSUMED_CAPACITY, RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, Rule, Shape, TABLE_NAME_OF_ITEM, optional, required,
};

const RETURN_VALUES: Member = optional("ReturnValues", Shape::String, &[Rule::ReturnValues]);
const KEY: Member = required("Key", ATTRIBUTES, &[]);

const PUT_ITEM: &[Member] = &[
    TABLE_NAME_OF_ITEM,
    required("Item", ATTRIBUTES, &[]),
    RETURN_CONSUMED_CAPACITY,
    RETURN_VALUES,
    RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    EXPECTED,
    CONDITIONAL_OPERATOR,
];

const UPDATE_ITEM: &[Member] = &[
    optional("ReturnConsumedCapacity", Shape::String, &[Rule::InTurn(3, CAPACITIES, false)]),
    required("TableName", Shape::String, &[Rule::TableNameOfUpdate]),
    optional("ReturnValues", Shape::String, &[Rule::ReturnValuesOfUpdate]),
    optional(
        "ReturnValuesOnConditionCheckFailure",
        Shape::String,
        &[Rule::InTurn(1, ON_CONDITION_CHECK_FAILURE, false)],
    ),
    optional("ReturnItemCollectionMetrics", Shape::String, &[Rule::InTurn(2, METRICS, true)]),
    CONDITIONAL_OPERATOR,
    KEY,
    optional("UpdateExpression", Shape::String, &[]),
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    ATTRIBUTE_UPDATES,
    EXPECTED,
];

const DELETE_ITEM: &[Member] = &[
    TABLE_NAME_OF_ITEM,
    KEY,
    RETURN_CONSUMED_CAPACITY,
    optional("ReturnValues", Shape::String, &[Rule::ReturnValuesOfDelete]),
    RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    EXPECTED,
    CONDITIONAL_OPERATOR,
];

const GET_ITEM: &[Member] = &[
    TABLE_NAME_OF_ITEM,
    KEY,
    optional("ConsistentRead", Shape::Boolean, &[]),
    RETURN_CONSUMED_CAPACITY,
    PROJECTION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    ATTRIBUTES_TO_GET,
];

pub(super) fn put_item(engine: &mut Engine, body: &Json<'_>, layer: ValueLayer) -> Result<Value, Fault> {
    let input = Input::check_in(layer, body, PUT_ITEM)?;
    let (item, expressions) =
        write_request(input, "Item", &["ConditionExpression"], &["Expected", "ConditionalOperator"])?;
    let key = item_collection::is_wanted(input).then(|| item.clone());
    let output = engine.put_item(PutItemInput {
        table_name: input.string("TableName"),
        item,
        expressions,
        return_values: return_values(input),
        on_condition_failure: input.on_condition_failure(),
    })?;
    Ok(write_answer(engine, input, &output, &key.unwrap_or_default()))
}

pub(super) fn update_item(engine: &mut Engine, body: &Json<'_>, layer: ValueLayer) -> Result<Value, Fault> {
    let input = Input::check_in(layer, body, UPDATE_ITEM)?;
    let (key, expressions) = write_request(
        input,
        "Key",
        &["UpdateExpression", "ConditionExpression"],
        &["AttributeUpdates", "Expected", "ConditionalOperator"],
    )?;
    let output = engine.update_item(keyed_write(input, key.clone(), expressions))?;
    Ok(write_answer(engine, input, &output, &key))
}

pub(super) fn delete_item(engine: &mut Engine, body: &Json<'_>, layer: ValueLayer) -> Result<Value, Fault> {
    let input = Input::check_in(layer, body, DELETE_ITEM)?;
    if !matches!(return_values(input), ReturnValues::None | ReturnValues::AllOld) {
        return Err(Fault::validation(OLD_OR_NONE));
    }
    let (key, expressions) =
        write_request(input, "Key", &["ConditionExpression"], &["Expected", "ConditionalOperator"])?;
    let output = engine.delete_item(keyed_write(input, key.clone(), expressions))?;
    Ok(write_answer(engine, input, &output, &key))
}

pub(super) fn get_item(engine: &mut Engine, body: &Json<'_>) -> Result<Answer, Fault> {
    let input = Input::check(body, GET_ITEM)?.in_current_layer();
    legacy::refuse_mixture(input, &["ProjectionExpression"], &["AttributesToGet"])?;
    let mut expressions = input.expressions();
    expressions.check_parameters("ProjectionExpression")?;
    let key = input.attributes("Key")?;
    expressions.legacy.projection = legacy::attributes_to_get(input)?;
    let table_name = input.string("TableName");
    let wanted = GetItemInput { table_name, key, expressions, consistency: input.consistency() };
    let output = engine.get_item(&wanted)?;
    engine.charge(&wanted.table_name, &output.capacity, Access::Read);
    let mut answer = json!({});
    Detail::of(input).put_one(&mut answer, engine.table_name(&wanted.table_name), &output.capacity);
    Ok(match output.item {
        Some(item) => Answer::with_item(answer, item),
        None => answer.into(),
    })
}

/// The item or the key of a write and its expressions, in the order in which DynamoDB finds fault with them.
fn write_request(
    input: Input<'_>,
    attributes: &str,
    expressions: &[&str],
    legacy_members: &[&str],
) -> Result<(Attributes, Expressions), Fault> {
    let read = || {
        legacy::refuse_mixture(input, expressions, legacy_members)?;
        legacy::check_conditional_operator(input, "Expected")?;
        let mut expressions = input.expressions();
        expressions.check_parameters("")?;
        let attributes = input.attributes(attributes)?;
        // Members that the operation does not have are ignored, whatever they hold.
        if legacy_members.contains(&"AttributeUpdates") {
            expressions.legacy.update = legacy::attribute_updates(input)?;
        }
        expressions.legacy.condition = legacy::expected(input)?;
        Ok((attributes, expressions))
    };
    read().map_err(|fault| input.reported(fault))
}

fn keyed_write(input: Input<'_>, key: Attributes, expressions: Expressions) -> KeyedWriteInput {
    KeyedWriteInput {
        table_name: input.string("TableName"),
        key,
        expressions,
        return_values: return_values(input),
        on_condition_failure: input.on_condition_failure(),
    }
}

fn return_values(input: Input<'_>) -> ReturnValues {
    match input.text("ReturnValues") {
        Some("ALL_OLD") => ReturnValues::AllOld,
        Some("UPDATED_OLD") => ReturnValues::UpdatedOld,
        Some("ALL_NEW") => ReturnValues::AllNew,
        Some("UPDATED_NEW") => ReturnValues::UpdatedNew,
        _ => ReturnValues::None,
    }
}

fn write_answer(engine: &Engine, input: Input<'_>, output: &WriteOutput, key: &Attributes) -> Value {
    let mut answer = json!({});
    if let Some(attributes) = &output.attributes {
        answer["Attributes"] = attributes_to_json(attributes);
    }
    Detail::of(input).put_one(&mut answer, engine.table_name(&input.string("TableName")), &output.capacity);
    item_collection::put_one(&mut answer, engine, input, key);
    answer
}
