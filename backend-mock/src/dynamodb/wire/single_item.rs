//! PutItem, GetItem, UpdateItem and DeleteItem.

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::single_item::{GetItemInput, KeyedWriteInput, PutItemInput, WriteOutput};
use super::super::engine::write::ReturnValues;
use super::attribute_value::attributes_to_json;
use super::capacity::Detail;
use super::fault::Fault;
use super::input::Input;
use super::shape::{
    ATTRIBUTES, CONDITION_EXPRESSION, EXPRESSION_ATTRIBUTE_NAMES, EXPRESSION_ATTRIBUTE_VALUES, Member,
    PROJECTION_EXPRESSION, RETURN_CONSUMED_CAPACITY, RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, Rule, Shape, TABLE_NAME, optional, refused, required,
};

const RETURN_VALUES: Member = optional(
    "ReturnValues",
    Shape::String,
    &[Rule::OneOf(&["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"])],
);
const KEY: Member = required("Key", ATTRIBUTES, &[]);

const PUT_ITEM: &[Member] = &[
    TABLE_NAME,
    required("Item", ATTRIBUTES, &[]),
    RETURN_VALUES,
    RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    refused("Expected"),
    refused("ConditionalOperator"),
];

const UPDATE_ITEM: &[Member] = &[
    TABLE_NAME,
    KEY,
    RETURN_VALUES,
    RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    optional("UpdateExpression", Shape::String, &[]),
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    refused("AttributeUpdates"),
    refused("Expected"),
    refused("ConditionalOperator"),
];

const DELETE_ITEM: &[Member] = &[
    TABLE_NAME,
    KEY,
    RETURN_VALUES,
    RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    refused("Expected"),
    refused("ConditionalOperator"),
];

const GET_ITEM: &[Member] = &[
    TABLE_NAME,
    KEY,
    optional("ConsistentRead", Shape::Boolean, &[]),
    RETURN_CONSUMED_CAPACITY,
    PROJECTION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    refused("AttributesToGet"),
];

pub(super) fn put_item(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, PUT_ITEM)?;
    input.refuse_item_collection_metrics()?;
    let output = engine.put_item(PutItemInput {
        table_name: input.string("TableName"),
        item: input.attributes("Item")?,
        expressions: input.expressions(),
        return_values: return_values(input),
        on_condition_failure: input.on_condition_failure(),
    })?;
    Ok(write_answer(engine, input, &output))
}

pub(super) fn update_item(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, UPDATE_ITEM)?;
    let output = engine.update_item(keyed_write(input)?)?;
    Ok(write_answer(engine, input, &output))
}

pub(super) fn delete_item(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, DELETE_ITEM)?;
    let output = engine.delete_item(keyed_write(input)?)?;
    Ok(write_answer(engine, input, &output))
}

pub(super) fn get_item(engine: &mut Engine, body: &Value) -> Result<Value, Fault> {
    let input = Input::check(body, GET_ITEM)?;
    let output = engine.get_item(&GetItemInput {
        table_name: input.string("TableName"),
        key: input.attributes("Key")?,
        expressions: input.expressions(),
        consistency: input.consistency(),
    })?;
    let mut answer = json!({});
    if let Some(item) = &output.item {
        answer["Item"] = attributes_to_json(item);
    }
    Detail::of(input).put_one(&mut answer, engine.table_name(&input.string("TableName")), &output.capacity);
    Ok(answer)
}

fn keyed_write(input: Input<'_>) -> Result<KeyedWriteInput, Fault> {
    input.refuse_item_collection_metrics()?;
    Ok(KeyedWriteInput {
        table_name: input.string("TableName"),
        key: input.attributes("Key")?,
        expressions: input.expressions(),
        return_values: return_values(input),
        on_condition_failure: input.on_condition_failure(),
    })
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

fn write_answer(engine: &Engine, input: Input<'_>, output: &WriteOutput) -> Value {
    let mut answer = json!({});
    if let Some(attributes) = &output.attributes {
        answer["Attributes"] = attributes_to_json(attributes);
    }
    Detail::of(input).put_one(&mut answer, engine.table_name(&input.string("TableName")), &output.capacity);
    answer
}
