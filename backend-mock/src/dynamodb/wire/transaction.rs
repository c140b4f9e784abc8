//! TransactWriteItems and TransactGetItems.

use std::time::SystemTime;

use serde_json::{Value, json};

use super::super::engine::Engine;
use super::super::engine::capacity::Consistency;
use super::super::engine::item::Attributes;
use super::super::engine::single_item::GetItemInput;
use super::super::engine::throttling::Access;
use super::super::engine::transaction::{Consumed, TransactVerb, TransactWriteItem};
use super::attribute_value::attributes_to_json;
use super::capacity::{Detail, UnitKind};
use super::fault::Fault;
use super::input::Input;
use super::item_collection;
use super::java;
use super::json::Json;
use super::shape::{
    ATTRIBUTES, CONDITION_EXPRESSION, EXPRESSION_ATTRIBUTE_NAMES, EXPRESSION_ATTRIBUTE_VALUES, Member,
    PROJECTION_EXPRESSION, RETURN_CONSUMED_CAPACITY, RETURN_ITEM_COLLECTION_METRICS,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE, Rule, Shape, optional, required,
};

const KEY: Member = required("Key", ATTRIBUTES, &[]);
const TABLE_NAME: Member = required("TableName", Shape::String, &[Rule::TableNameOfPart]);

const PUT: Shape = Shape::Structure(&[
    required("Item", ATTRIBUTES, &[]),
    TABLE_NAME,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
]);

const UPDATE: Shape = Shape::Structure(&[
    KEY,
    required("UpdateExpression", Shape::String, &[]),
    TABLE_NAME,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
]);

const DELETE: Shape = Shape::Structure(&[
    KEY,
    TABLE_NAME,
    CONDITION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
]);

const CONDITION_CHECK: Shape = Shape::Structure(&[
    KEY,
    TABLE_NAME,
    required("ConditionExpression", Shape::String, &[]),
    EXPRESSION_ATTRIBUTE_NAMES,
    EXPRESSION_ATTRIBUTE_VALUES,
    RETURN_VALUES_ON_CONDITION_CHECK_FAILURE,
]);

const TRANSACT_WRITE_ITEMS: &[Member] = &[
    required(
        "TransactItems",
        Shape::List(&Shape::Structure(&[
            optional("ConditionCheck", CONDITION_CHECK, &[]),
            optional("Put", PUT, &[]),
            optional("Delete", DELETE, &[]),
            optional("Update", UPDATE, &[]),
        ])),
        &[Rule::ListLength(1, 100, &java::TRANSACT_WRITE_ITEM)],
    ),
    optional("ClientRequestToken", Shape::String, &[Rule::Length(1, 36)]),
    RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS,
];

const GET: Shape = Shape::Structure(&[KEY, TABLE_NAME, PROJECTION_EXPRESSION, EXPRESSION_ATTRIBUTE_NAMES]);

const TRANSACT_GET_ITEMS: &[Member] = &[
    required(
        "TransactItems",
        Shape::List(&Shape::Structure(&[required("Get", GET, &[])])),
        &[Rule::ListLength(1, 100, &java::TRANSACT_GET_ITEM)],
    ),
    RETURN_CONSUMED_CAPACITY,
];

pub(super) fn transact_write_items(
    engine: &mut Engine,
    body: &Json<'_>,
    now: SystemTime,
) -> Result<Value, Fault> {
    let input = Input::check(body, TRANSACT_WRITE_ITEMS)?;
    let mut items = Vec::new();
    for part in input.objects("TransactItems") {
        let item = transact_write_item(engine, &items, part)?;
        items.push(item);
    }
    let token = input.text("ClientRequestToken").map(str::to_owned);
    let written = if item_collection::is_wanted(input) { items.clone() } else { Vec::new() };
    let (capacity, kind) = match engine.transact_write_items(items, token, now)? {
        Consumed::Written(capacity) => (capacity, UnitKind::Write),
        Consumed::Read(capacity) => (capacity, UnitKind::Read),
    };
    let mut answer = json!({});
    Detail::of(input).put_many(&mut answer, capacity.iter(), kind);
    let written = written.iter().map(|item| (item.table_name.as_str(), item.verb.attributes()));
    item_collection::put_many(&mut answer, engine, input, written);
    Ok(answer)
}

/// One part. What is wrong with its item or its key is told after what is wrong with the parts before, and what is wrong
/// with its key after what is wrong with its expressions.
fn transact_write_item(
    engine: &Engine,
    before: &[TransactWriteItem],
    item: Input<'_>,
) -> Result<TransactWriteItem, Fault> {
    let parts: Vec<_> = ["ConditionCheck", "Put", "Delete", "Update"]
        .into_iter()
        .filter_map(|name| Some((name, item.object(name)?)))
        .collect();
    if parts.is_empty() {
        return Err(Fault::validation(
            "Invalid Request: TransactWriteRequest should contain Delete or Put or Update request",
        ));
    }
    let [(name, part)] = parts[..] else {
        return Err(Fault::validation("TransactItems can only contain one of Check, Put, Update or Delete"));
    };
    let (member, verb): (_, fn(Attributes) -> TransactVerb) = match name {
        "Put" => ("Item", TransactVerb::Put),
        "Update" => ("Key", TransactVerb::Update),
        "Delete" => ("Key", TransactVerb::Delete),
        _ => ("Key", TransactVerb::ConditionCheck),
    };
    let whole = |attributes| TransactWriteItem {
        table_name: part.string("TableName"),
        verb: verb(attributes),
        expressions: part.expressions().or_none(),
        on_condition_failure: part.on_condition_failure(),
    };
    match part.attributes(member) {
        Ok(attributes) => Ok(whole(attributes)),
        Err(fault) => {
            engine.check_transact_items(before)?;
            if member == "Key" {
                engine.check_transact_items(&[whole(Attributes::new())])?;
            }
            Err(fault)
        }
    }
}

pub(super) fn transact_get_items(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, TRANSACT_GET_ITEMS)?;
    let mut items = Vec::new();
    for item in input.objects("TransactItems") {
        let Some(get) = item.object("Get") else { continue };
        items.push(GetItemInput {
            table_name: get.string("TableName"),
            key: get.attributes("Key")?,
            expressions: get.expressions().or_none(),
            consistency: Consistency::Transactional,
        });
    }
    let output = engine.transact_get_items(&items)?;
    output.capacity.iter().for_each(|(name, used)| engine.charge(name, used, Access::Read));
    let responses = output.items.iter().map(|item| match item {
        Some(item) => json!({"Item": attributes_to_json(&item.attributes())}),
        None => json!({}),
    });
    let mut answer = json!({"Responses": responses.collect::<Vec<_>>()});
    Detail::of(input).put_many(&mut answer, output.capacity.iter(), UnitKind::Read);
    Ok(answer)
}
