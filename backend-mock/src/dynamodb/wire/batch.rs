//! BatchGetItem and BatchWriteItem.

use serde_json::{Map, Value, json};

use super::super::engine::Engine;
use super::super::engine::batch::{KeysOfTable, WriteRequest};
use super::super::engine::throttling::Access;
use super::attribute_value::attributes_to_json;
use super::capacity::{Detail, UnitKind};
use super::fault::Fault;
use super::input::Input;
use super::item_collection;
use super::json::Json;
use super::legacy::{self, ATTRIBUTES_TO_GET};
use super::shape::{
    ATTRIBUTES, EXPRESSION_ATTRIBUTE_NAMES, Member, PROJECTION_EXPRESSION, RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS, Rule, Shape, optional, required,
};

const KEYS_AND_ATTRIBUTES: Shape = Shape::Structure(&[
    required("Keys", Shape::List(&ATTRIBUTES), &[Rule::ModelLength(1, 100)]),
    optional("ConsistentRead", Shape::Boolean, &[]),
    PROJECTION_EXPRESSION,
    EXPRESSION_ATTRIBUTE_NAMES,
    ATTRIBUTES_TO_GET,
]);

const BATCH_GET_ITEM: &[Member] = &[
    required(
        "RequestItems",
        Shape::Map(&KEYS_AND_ATTRIBUTES),
        &[Rule::ModelLength(1, usize::MAX), Rule::TableNameKeys],
    ),
    RETURN_CONSUMED_CAPACITY,
];

const WRITE_REQUEST: Shape = Shape::Structure(&[
    optional("PutRequest", Shape::Structure(&[required("Item", ATTRIBUTES, &[])]), &[]),
    optional("DeleteRequest", Shape::Structure(&[required("Key", ATTRIBUTES, &[])]), &[]),
]);

const BATCH_WRITE_ITEM: &[Member] = &[
    required(
        "RequestItems",
        Shape::Map(&Shape::List(&WRITE_REQUEST)),
        &[Rule::ModelLength(1, usize::MAX), Rule::TableNameKeysLast, Rule::ValueLength(1, 25)],
    ),
    RETURN_CONSUMED_CAPACITY,
    RETURN_ITEM_COLLECTION_METRICS,
];

pub(super) fn batch_get_item(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, BATCH_GET_ITEM)?.in_current_layer();
    let tables = || {
        let tables = input.entries("RequestItems");
        tables.filter_map(|(table_name, of_table)| Some((table_name, input.inside(of_table)?)))
    };
    let any_has = |member| tables().any(|(_, of_table)| of_table.has(member));
    if any_has("AttributesToGet") && any_has("ProjectionExpression") {
        return Err(legacy::mixture("AttributesToGet", "ProjectionExpression"));
    }
    let mut wanted = Vec::new();
    for (table_name, of_table) in tables() {
        let mut expressions = of_table.expressions();
        expressions.check_parameters("ProjectionExpression")?;
        let keys = of_table.objects("Keys").map(Input::as_attributes).collect::<Result<_, _>>()?;
        expressions.legacy.projection = legacy::attributes_to_get(of_table)?;
        wanted.push(KeysOfTable {
            table_name: table_name.to_owned(),
            keys,
            expressions,
            consistency: of_table.consistency(),
        });
    }
    let found = engine.batch_get_item(&wanted)?;
    found.iter().for_each(|of_table| engine.charge(&of_table.table_name, &of_table.capacity, Access::Read));
    let (mut responses, mut unprocessed) = (Map::new(), Map::new());
    for ((of_table, wanted), (_, request)) in found.iter().zip(&wanted).zip(input.entries("RequestItems")) {
        responses.insert(
            of_table.table_name.clone(),
            of_table.items.iter().map(|item| attributes_to_json(&item.attributes())).collect(),
        );
        if !of_table.unprocessed.is_empty() {
            let mut rest = Value::from(request);
            rest["Keys"] = of_table
                .unprocessed
                .iter()
                .filter_map(|position| wanted.keys.get(*position))
                .map(attributes_to_json)
                .collect();
            unprocessed.insert(of_table.table_name.clone(), rest);
        }
    }
    let mut answer = json!({"Responses": responses, "UnprocessedKeys": unprocessed});
    let capacity = found.iter().map(|of_table| (&of_table.table_name, &of_table.capacity));
    Detail::of(input).put_many(&mut answer, capacity, UnitKind::Unsaid);
    Ok(answer)
}

pub(super) fn batch_write_item(engine: &mut Engine, body: &Json<'_>) -> Result<Value, Fault> {
    let input = Input::check(body, BATCH_WRITE_ITEM)?;
    let mut tables = Vec::new();
    for (table_name, requests) in input.entries("RequestItems") {
        let requests = requests.as_array().into_iter().flatten().filter_map(|request| input.inside(request));
        tables.push((table_name.to_owned(), requests.map(write_request).collect::<Result<Vec<_>, _>>()?));
    }
    let written = if item_collection::is_wanted(input) { tables.clone() } else { Vec::new() };
    let output = engine.batch_write_item(tables)?;
    let mut answer = json!({"UnprocessedItems": unprocessed_items(input, &output.unprocessed)});
    let items = written.iter().enumerate().flat_map(|(of_table, (table_name, requests))| {
        let requests = requests.iter().enumerate();
        let done = requests.filter(|(position, _)| !output.unprocessed.contains(&(of_table, *position)));
        done.map(|(_, request)| (table_name.as_str(), request.attributes())).collect::<Vec<_>>()
    });
    item_collection::put_many(&mut answer, engine, input, items);
    Detail::of(input).put_many(&mut answer, output.capacity.iter(), UnitKind::Unsaid);
    Ok(answer)
}

/// The requests at these places, each a table of the batch and a request of the table, as they came.
fn unprocessed_items(input: Input<'_>, places: &[(usize, usize)]) -> Value {
    let mut tables = Map::new();
    for (of_table, (table_name, requests)) in input.entries("RequestItems").enumerate() {
        let requests = requests.as_array().into_iter().flatten().enumerate();
        let rest: Vec<Value> = requests
            .filter(|(position, _)| places.contains(&(of_table, *position)))
            .map(|(_, request)| Value::from(request))
            .collect();
        if !rest.is_empty() {
            tables.insert(table_name.to_owned(), rest.into());
        }
    }
    Value::Object(tables)
}

fn write_request(request: Input<'_>) -> Result<WriteRequest, Fault> {
    match (request.object("PutRequest"), request.object("DeleteRequest")) {
        (Some(put), None) => Ok(WriteRequest::Put(put.attributes("Item")?)),
        (None, Some(delete)) => Ok(WriteRequest::Delete(delete.attributes("Key")?)),
        _ => Err(Fault::validation(
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported \
             datatypes",
        )),
    }
}
