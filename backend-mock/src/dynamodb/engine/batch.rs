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
use super::throttling::{Access, Throttling};
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
    /// Positions of the keys that the size of the answer left no room for, or the table no capacity.
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
        let mut progress = Progress::new(self.throttling.clone());
        let found = tables.iter().map(|wanted| self.get_items(wanted, &mut progress));
        let found = found.collect::<Result<Vec<_>, _>>()?;
        progress.check()?;
        Ok(found)
    }

    fn get_items(&self, wanted: &KeysOfTable, progress: &mut Progress) -> Result<ItemsOfTable, Error> {
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
            let admitted = progress.admits(|it| it.check(table, None, Access::Read, self.now))?;
            if !admitted {
                found.unprocessed.push(position);
                continue;
            }
            let output = table.read_item(key, projection.as_ref(), wanted.consistency);
            if progress.bytes + output.size > limit::BATCH_GET_BYTES {
                found.unprocessed.push(position);
                continue;
            }
            progress.bytes += output.size;
            progress.is_any_done = true;
            if let Some(throttling) = &mut progress.throttling {
                throttling.charge(table, &output.capacity, Access::Read, self.now);
            }
            found.capacity.add(&output.capacity);
            found.items.extend(output.item);
        }
        Ok(found)
    }

    /// Checks every request before any is carried out.
    pub(crate) fn batch_write_item(
        &mut self,
        tables: Vec<(String, Vec<WriteRequest>)>,
    ) -> Result<BatchWritten, Error> {
        let count: usize = tables.iter().map(|(_, requests)| requests.len()).sum();
        if count > limit::BATCH_WRITE_REQUESTS {
            return Err(Error::validation("Too many items requested for the BatchWriteItem call"));
        }
        let mut changes = Vec::new();
        // A table may come under its name and under its ARN.
        let mut seen: Vec<(String, ItemKey)> = Vec::new();
        for (of_table, (table_name, requests)) in tables.into_iter().enumerate() {
            let table_name = self.table_name(&table_name).to_owned();
            for (position, request) in requests.into_iter().enumerate() {
                let write = request.into_write();
                write.check()?;
                let change = write.plan(self.table(&table_name)?).map_err(as_key_mismatch)?;
                let target = (table_name.clone(), change.key.clone());
                if seen.contains(&target) {
                    return Err(duplicates());
                }
                seen.push(target);
                changes.push((table_name.clone(), change, (of_table, position)));
            }
        }
        let mut written = BatchWritten::default();
        let mut progress = Progress::new(self.throttling.clone());
        for (table_name, change, place) in changes {
            let table = self.table(&table_name)?;
            let is_held = self.ongoing.check(table, &change.key, self.now).is_err();
            if is_held || !progress.admits(|it| it.check_change(table, &change, self.now))? {
                written.unprocessed.push(place);
                continue;
            }
            progress.is_any_done = true;
            let used = self.table_mut(&table_name)?.apply(&change);
            if let Some(throttling) = &mut progress.throttling {
                throttling.charge(self.table(&table_name)?, &used, Access::Write, self.now);
            }
            written.capacity.entry(table_name).or_default().add(&used);
        }
        let result = progress.check();
        self.throttling = progress.throttling;
        result.map(|()| written)
    }
}

/// What a BatchWriteItem wrote.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct BatchWritten {
    pub(crate) capacity: BTreeMap<String, Capacity>,
    /// The requests that there was no capacity for, or whose items a transaction holds: which table of the batch, and which of its requests.
    pub(crate) unprocessed: Vec<(usize, usize)>,
}

/// How far a batch has come.
struct Progress {
    throttling: Option<Throttling>,
    /// What the answer holds.
    bytes: usize,
    is_any_done: bool,
    first_refusal: Option<Error>,
}

impl Progress {
    fn new(throttling: Option<Throttling>) -> Self {
        Self { throttling, bytes: 0, is_any_done: false, first_refusal: None }
    }

    /// Whether there is capacity for one request more.
    fn admits(&mut self, check: impl FnOnce(&Throttling) -> Result<(), Error>) -> Result<bool, Error> {
        match self.throttling.as_ref().map_or(Ok(()), check) {
            Ok(()) => Ok(true),
            Err(refusal @ Error::Throttled(_)) => {
                self.first_refusal.get_or_insert(refusal);
                Ok(false)
            }
            Err(error) => Err(error),
        }
    }

    /// # Errors
    /// [`Error::Throttled`] when there was no capacity for anything at all.
    fn check(&self) -> Result<(), Error> {
        match &self.first_refusal {
            Some(refusal) if !self.is_any_done => Err(refusal.clone()),
            _ => Ok(()),
        }
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
