//! BatchGetItem and BatchWriteItem: many items of many tables in one request, each on its own.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Engine;
use super::capacity::{Capacity, Consistency};
use super::error::Error;
use super::expression::Expressions;
use super::item::{self, Attributes, Item};
use super::key_schema::ItemKey;
use super::limit;
use super::write::{OnConditionFailure, Write, WriteAction, check_scalar_keys};

/// The keys that a BatchGetItem wants of one table.
#[derive(Clone, Debug)]
pub(crate) struct KeysOfTable {
    pub(crate) table_name: String,
    pub(crate) keys: Vec<Attributes>,
    pub(crate) expressions: Expressions,
    pub(crate) consistency: Consistency,
}

/// What a BatchGetItem found in one table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ItemsOfTable {
    pub(crate) table_name: String,
    pub(crate) items: Vec<Arc<Item>>,
    /// Positions of the keys that the size of the answer left no room for.
    pub(crate) unprocessed: Vec<usize>,
    pub(crate) capacity: Capacity,
}

/// One request of a BatchWriteItem.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WriteRequest {
    Put(Attributes),
    Delete(Attributes),
}

impl Engine {
    pub(crate) fn batch_get_item(&self, tables: &[KeysOfTable]) -> Result<Vec<ItemsOfTable>, Error> {
        let count: usize = tables.iter().map(|table| table.keys.len()).sum();
        if count > limit::BATCH_GET_KEYS {
            return Err(Error::validation("Too many items requested for the BatchGetItem call"));
        }
        let mut bytes = 0;
        tables.iter().map(|wanted| self.get_items(wanted, &mut bytes)).collect()
    }

    fn get_items(&self, wanted: &KeysOfTable, bytes: &mut usize) -> Result<ItemsOfTable, Error> {
        let projection = wanted.expressions.parse(&self.texts, "ProjectionExpression")?.projection;
        let table = self.table(&wanted.table_name)?;
        let mut seen: Vec<ItemKey> = Vec::new();
        for key in &wanted.keys {
            item::check_nesting(key)?;
            let key = table.definition.key_schema.key_of_request(key)?;
            if seen.contains(&key) {
                return Err(duplicates());
            }
            seen.push(key);
        }
        if let Some(projection) = &projection {
            check_scalar_keys(table, |visit| projection.paths().iter().for_each(visit))?;
        }
        let mut found = ItemsOfTable {
            table_name: wanted.table_name.clone(),
            items: Vec::new(),
            unprocessed: Vec::new(),
            capacity: Capacity::default(),
        };
        for (position, key) in seen.iter().enumerate() {
            let output = table.read_item(key, projection.as_ref(), wanted.consistency);
            if *bytes + output.size > limit::BATCH_GET_BYTES {
                found.unprocessed.push(position);
                continue;
            }
            *bytes += output.size;
            found.capacity.add(&output.capacity);
            found.items.extend(output.item);
        }
        Ok(found)
    }

    /// Checks every request before any is carried out.
    pub(crate) fn batch_write_item(
        &mut self,
        tables: Vec<(String, Vec<WriteRequest>)>,
    ) -> Result<BTreeMap<String, Capacity>, Error> {
        let count: usize = tables.iter().map(|(_, requests)| requests.len()).sum();
        if count > limit::BATCH_WRITE_REQUESTS {
            return Err(Error::validation("Too many items requested for the BatchWriteItem call"));
        }
        let mut changes = Vec::new();
        // A table may come under its name and under its ARN.
        let mut seen: Vec<(String, ItemKey)> = Vec::new();
        for (table_name, requests) in tables {
            let table_name = self.table_name(&table_name).to_owned();
            for request in requests {
                let write = request.into_write();
                write.check()?;
                let change = write.plan(self.table(&table_name)?).map_err(as_key_mismatch)?;
                let target = (table_name.clone(), change.key.clone());
                if seen.contains(&target) {
                    return Err(duplicates());
                }
                seen.push(target);
                changes.push((table_name.clone(), change));
            }
        }
        let mut capacity: BTreeMap<String, Capacity> = BTreeMap::new();
        for (table_name, change) in changes {
            let used = self.table_mut(&table_name)?.apply(&change);
            capacity.entry(table_name).or_default().add(&used);
        }
        Ok(capacity)
    }
}

impl WriteRequest {
    /// The item, or the key of the item that is deleted.
    pub(crate) fn attributes(&self) -> &Attributes {
        match self {
            Self::Put(attributes) | Self::Delete(attributes) => attributes,
        }
    }

    fn into_write(self) -> Write {
        let action = match self {
            Self::Put(item) => WriteAction::put(item),
            Self::Delete(key) => WriteAction::Delete(key),
        };
        Write { action, condition: None, on_condition_failure: OnConditionFailure::ShowNothing }
    }
}

fn duplicates() -> Error {
    Error::validation("Provided list of item keys contains duplicates")
}

/// In a batch, an item without its key is reported as a key that does not fit.
fn as_key_mismatch(error: Error) -> Error {
    match error {
        Error::Validation(message)
            if message.contains("Missing the key") || message.contains("Type mismatch for key") =>
        {
            Error::validation("The provided key element does not match the schema")
        }
        other => other,
    }
}
