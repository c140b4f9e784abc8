//! ItemCollectionMetrics in JSON, where ReturnItemCollectionMetrics asks for them.

use serde_json::{Map, Value, json};

use super::super::engine::Engine;
use super::super::engine::item::Attributes;
use super::super::engine::item_collection::ItemCollection;
use super::attribute_value::attributes_to_json;
use super::input::Input;

/// Adds `ItemCollectionMetrics` to an answer about one item.
pub(super) fn put_one(answer: &mut Value, engine: &Engine, input: Input<'_>, attributes: &Attributes) {
    if !is_wanted(input) {
        return;
    }
    if let Some(collection) = engine.item_collection(&input.string("TableName"), attributes) {
        answer["ItemCollectionMetrics"] = metrics(&collection);
    }
}

/// Adds `ItemCollectionMetrics` to an answer about many items: every collection once, by table.
pub(super) fn put_many<'i>(
    answer: &mut Value,
    engine: &Engine,
    input: Input<'_>,
    items: impl Iterator<Item = (&'i str, &'i Attributes)>,
) {
    if !is_wanted(input) {
        return;
    }
    let mut tables: Map<String, Value> = Map::new();
    for (table_name, attributes) in items {
        let Some(collection) = engine.item_collection(table_name, attributes) else { continue };
        let of_table = tables.entry(engine.table_name(table_name)).or_insert_with(|| json!([]));
        let metrics = metrics(&collection);
        if let Some(known) = of_table.as_array_mut()
            && !known.contains(&metrics)
        {
            known.push(metrics);
        }
    }
    if !tables.is_empty() {
        answer["ItemCollectionMetrics"] = Value::Object(tables);
    }
}

/// Whether the request asks for metrics.
pub(super) fn is_wanted(input: Input<'_>) -> bool {
    input.text("ReturnItemCollectionMetrics") == Some("SIZE")
}

/// The size is an estimate: between two whole numbers of gigabytes.
fn metrics(collection: &ItemCollection) -> Value {
    const GIGABYTE: usize = 1 << 30;
    let low = (collection.bytes / GIGABYTE) as f64;
    json!({
        "ItemCollectionKey": attributes_to_json(&collection.key),
        "SizeEstimateRangeGB": [low, low + 1.0],
    })
}
