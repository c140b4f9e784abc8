//! Vector indexes: which items they hold, and what a write to one counts.
//!
//! An index holds every item that has a vector, if the item also has a value of the attribute that searches are
//! partitioned by, where there is one. What a write must not put there it refuses; what was there before the index was,
//! the index passes over. Entries lie in a persistent map, so that a clone costs nothing and a write O(log n).
//!
//! Source: developer guide, "Data synchronization between tables and vector indexes"; words and bytes as recorded on AWS
//! in August and October 2026.

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use super::attribute_value::AttributeValue;
use super::capacity::Consistency;
use super::error::Error;
use super::item::{Attributes, Item};
use super::key_schema::{ItemKey, KeySchema, KeyValue, Partition, Place};
use super::limit;
use super::page::not_consistent;
use super::table::{Change, Table};
use super::table_definition::IndexProjection;
use super::table_status::Status;
use super::vector::{size_of_vector, value_of, vector_of};
use super::vector_definition::{SearchRole, VectorIndexDefinition};

/// How far a vector index has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Phase {
    /// It comes with its table.
    New,
    /// It comes to a table that is there: the table is changing, and room is being made.
    Allocating,
    /// It is filled with what the table holds, until then.
    Backfilling(SystemTime),
    Active,
    Deleting,
}

impl Phase {
    pub(crate) fn status(self) -> Status {
        match self {
            Self::New | Self::Allocating | Self::Backfilling(_) => Status::Creating,
            Self::Active => Status::Active,
            Self::Deleting => Status::Deleting,
        }
    }

    /// Whether the index is being filled, where it says so at all.
    pub(crate) fn backfilling(self) -> Option<bool> {
        match self {
            Self::Allocating => Some(false),
            Self::Backfilling(_) => Some(true),
            Self::New | Self::Active | Self::Deleting => None,
        }
    }

    /// Whether the index comes to a table that is there, or goes.
    pub(super) fn is_online(self) -> bool {
        matches!(self, Self::Allocating | Self::Backfilling(_) | Self::Deleting)
    }
}

/// A vector index and its entries.
#[derive(Clone, Debug)]
pub(crate) struct VectorIndex {
    pub(crate) definition: Arc<VectorIndexDefinition>,
    pub(crate) phase: Phase,
    entries: OrdMap<EntryPlace, Arc<VectorEntry>>,
    /// The bytes of all entries.
    pub(crate) size: usize,
}

/// Where an entry lies: by the value that searches are partitioned by, then by the key of the item.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct EntryPlace {
    partition: Option<KeyValue>,
    item: ItemKey,
}

/// What an index holds of an item.
#[derive(Debug)]
pub(super) struct VectorEntry {
    pub(super) vector: Arc<[f32]>,
    /// The projected attributes; the vector among them is no matter.
    item: Arc<Item>,
    /// What the entry counts for.
    bytes: usize,
}

/// What a write does to one index.
pub(super) struct Replacement {
    old: Option<(EntryPlace, Arc<VectorEntry>)>,
    new: Option<(EntryPlace, Arc<VectorEntry>)>,
}

impl Replacement {
    /// The bytes that the write counts for: those of the larger of the two entries, and never few.
    pub(super) fn bytes(&self) -> usize {
        let bytes = [&self.old, &self.new].into_iter().flatten().map(|(_, entry)| entry.bytes);
        bytes.max().unwrap_or_default().max(limit::VECTOR_REQUEST_BYTES)
    }
}

impl VectorIndex {
    pub(super) fn new(definition: Arc<VectorIndexDefinition>, phase: Phase) -> Self {
        Self { definition, phase, entries: OrdMap::new(), size: 0 }
    }

    /// The same index of a new table with the same items.
    pub(super) fn of_new_table(&self) -> Self {
        Self { phase: Phase::New, ..self.clone() }
    }

    pub(crate) fn count(&self) -> usize {
        self.entries.len()
    }

    /// Puts in what a table holds.
    pub(super) fn fill(&mut self, items: &OrdMap<ItemKey, Arc<Item>>, table: &KeySchema) {
        for (key, item) in items {
            let new = self.entry(key, item, table);
            self.replace(Replacement { old: None, new });
        }
    }

    /// What a change does to the index; `None` when the index holds the same after it.
    pub(super) fn replacement(&self, change: &Change, table: &KeySchema) -> Option<Replacement> {
        let old = change.old.as_ref().and_then(|item| {
            let place = self.place(&change.key, item)?;
            let entry = self.entries.get(&place)?.clone();
            Some((place, entry))
        });
        let new = change.new.as_ref().and_then(|item| self.entry(&change.key, item, table));
        match (&old, &new) {
            (None, None) => None,
            (Some(old), Some(new)) if old.0 == new.0 && self.holds_the_same(&old.1, &new.1) => None,
            _ => Some(Replacement { old, new }),
        }
    }

    pub(super) fn replace(&mut self, replacement: Replacement) {
        if let Some((place, entry)) = replacement.old {
            self.entries.remove(&place);
            self.size -= entry.bytes;
        }
        if let Some((place, entry)) = replacement.new {
            self.size += entry.bytes;
            self.entries.insert(place, entry);
        }
    }

    /// The entries that a search looks at: all, or those of one partition.
    pub(super) fn entries_of(&self, partition: Option<KeyValue>) -> impl Iterator<Item = &Arc<VectorEntry>> {
        let first = ItemKey { partition: Partition::first_with_hash(0), sort: Place::Before };
        let start = EntryPlace { partition: partition.clone(), item: first };
        self.entries
            .range(start..)
            .take_while(move |(place, _)| place.partition == partition)
            .map(|(_, entry)| entry)
    }

    /// What the index can show of an item: the vector as the index has it, if the index projects it.
    pub(super) fn shown(&self, entry: &VectorEntry, table: &KeySchema) -> Attributes {
        let mut attributes = entry.item.attributes();
        let name = &self.definition.attribute;
        match self.definition.projects(name, table) {
            true => attributes.insert(name.clone(), value_of(&entry.vector)),
            false => attributes.remove(name),
        };
        attributes
    }

    /// Where the entry of an item lies, if the item can have one.
    fn place(&self, key: &ItemKey, item: &Item) -> Option<EntryPlace> {
        let partition = match self.definition.hash() {
            None => None,
            Some(hash) => match KeyValue::of(&item.get(&hash.name)?) {
                Some((value, key_type)) if key_type == hash.key_type && value.empty_kind().is_none() => {
                    Some(value)
                }
                _ => return None,
            },
        };
        Some(EntryPlace { partition, item: key.clone() })
    }

    fn entry(
        &self,
        key: &ItemKey,
        item: &Arc<Item>,
        table: &KeySchema,
    ) -> Option<(EntryPlace, Arc<VectorEntry>)> {
        let definition = &self.definition;
        let name = &definition.attribute;
        let value = item.get(name)?;
        let vector = vector_of(&value, definition.dimensions).ok()?;
        let place = self.place(key, item)?;
        for element in &definition.search_schema {
            let expected = element.attribute.key_type.attribute_type();
            if item.get(&element.attribute.name).is_some_and(|value| value.attribute_type() != expected) {
                return None;
            }
        }
        let (item, rest) = match definition.projection {
            // The item is shared with the table, its vector with all digits included.
            IndexProjection::All => (item.clone(), item.size() - name.len() - value.size()),
            _ => {
                let is_held = |attribute: &str| attribute != &**name && definition.projects(attribute, table);
                let held = item.restricted_to(is_held);
                let size = held.size();
                (Arc::new(held), size)
            }
        };
        let bytes = rest + name.len() + billed_bytes(definition.dimensions);
        Some((place, Arc::new(VectorEntry { vector, item, bytes })))
    }

    fn holds_the_same(&self, one: &VectorEntry, other: &VectorEntry) -> bool {
        let without_vector = |item: &Item| item.restricted_to(|name| *name != *self.definition.attribute);
        one.vector == other.vector
            && (one.item == other.item || without_vector(&one.item) == without_vector(&other.item))
    }
}

impl VectorEntry {
    /// Whether the index holds this value of an attribute.
    pub(super) fn has(&self, attribute: &str, value: &AttributeValue) -> bool {
        self.item.get(attribute).as_ref() == Some(value)
    }
}

/// What a vector counts for, whatever its numbers are.
fn billed_bytes(dimensions: usize) -> usize {
    dimensions * size_of::<f32>()
}

impl Table {
    /// The bytes that reads and writes of an item are paid by. That is its size, but for the attributes that a vector
    /// index reads: they count four bytes a dimension. The limit of an item's size, pages and other indexes go by the
    /// size. Writes were recorded so from the beginning; reads since the middle of October 2026.
    pub(super) fn billed_size(&self, item: &Item) -> usize {
        let mut bytes = item.size();
        for (position, index) in self.vector_indexes.iter().enumerate() {
            let VectorIndexDefinition { attribute, dimensions, .. } = &*index.definition;
            let is_counted = |other: &VectorIndex| other.definition.attribute == *attribute;
            if self.vector_indexes[..position].iter().any(is_counted) {
                continue;
            }
            let vector = item.find(attribute).and_then(|value| size_of_vector(value.view()?, *dimensions));
            if let Some(size) = vector {
                bytes = bytes - size + billed_bytes(*dimensions);
            }
        }
        bytes
    }

    /// The bytes that a write is paid by: those of the larger of the two items.
    pub(super) fn billed_change(&self, change: &Change) -> usize {
        let bytes = |item: &Option<Arc<Item>>| item.as_ref().map_or(0, |item| self.billed_size(item));
        bytes(&change.old).max(bytes(&change.new))
    }

    /// What becomes of the vector indexes when a change of the table is finished.
    pub(super) fn settle_vector_indexes(&mut self, filled: SystemTime) {
        let count = self.vector_indexes.len();
        self.vector_indexes.retain(|index| index.phase != Phase::Deleting);
        if self.vector_indexes.len() < count {
            self.count_bytes();
        }
        for index in &mut self.vector_indexes {
            match index.phase {
                Phase::New => index.phase = Phase::Active,
                Phase::Allocating => index.phase = Phase::Backfilling(filled),
                Phase::Backfilling(_) | Phase::Active | Phase::Deleting => {}
            }
        }
    }

    pub(super) fn finish_backfills(&mut self, now: SystemTime) {
        for index in &mut self.vector_indexes {
            if matches!(index.phase, Phase::Backfilling(until) if until <= now) {
                index.phase = Phase::Active;
            }
        }
    }

    pub(super) fn is_backfilling(&self) -> bool {
        self.vector_indexes.iter().any(|index| matches!(index.phase, Phase::Backfilling(_)))
    }

    /// Counts all items anew, for what an item is billed for goes with the vector indexes that there are.
    pub(super) fn count_bytes(&mut self) {
        self.size = self.items.values().map(|item| self.billed_size(item)).sum();
    }

    pub(super) fn vector_index_named(&self, name: &str) -> Option<&VectorIndex> {
        self.vector_indexes.iter().find(|index| *index.definition.name == *name)
    }

    /// # Errors
    /// [`Error::Validation`] with `message` when the index named is one of vectors: only SearchVectors reads those.
    pub(super) fn check_no_vector_index(
        &self,
        name: Option<&str>,
        consistency: Consistency,
        message: &str,
    ) -> Result<(), Error> {
        match (name.and_then(|name| self.vector_index_named(name)), consistency) {
            (None, _) => Ok(()),
            (Some(_), Consistency::Strong) => Err(not_consistent()),
            (Some(_), _) => Err(Error::validation(message)),
        }
    }

    /// Refuses an item with a value that a vector index cannot hold; of an update, only what it changes is looked at.
    pub(super) fn check_vectors(&self, item: &Attributes, before: Option<&Item>) -> Result<(), Error> {
        if self.vector_indexes.is_empty() {
            return Ok(());
        }
        let mut indexes: Vec<&VectorIndexDefinition> =
            self.vector_indexes.iter().map(|index| &*index.definition).collect();
        indexes.sort_by_key(|index| &index.name);
        let changed = |name: &str| {
            let value = item.get(name)?;
            let is_kept = before.is_some_and(|before| before.get(name).as_ref() == Some(value));
            (!is_kept).then_some(value)
        };
        indexes.into_iter().try_for_each(|index| index.check(changed, before.is_some()))
    }
}

impl VectorIndexDefinition {
    fn check<'v>(
        &self,
        value_of: impl Fn(&str) -> Option<&'v AttributeValue>,
        is_update: bool,
    ) -> Result<(), Error> {
        let index = &self.name;
        if let Some(value) = value_of(&self.attribute)
            && let Err(fault) = vector_of(value, self.dimensions)
        {
            return Err(Error::validation(fault.told(&self.attribute, self.dimensions, index)));
        }
        for element in &self.search_schema {
            let name = &element.attribute.name;
            let Some(value) = value_of(name) else { continue };
            let (expected, actual) = (element.attribute.key_type.attribute_type(), value.attribute_type());
            if actual != expected {
                return Err(Error::validation(format!(
                    "One or more parameter values were invalid. Attribute '{name}' type mismatch. Expected: {expected}, \
                     Actual: {actual}. IndexName: {index}"
                )));
            }
            let empty = KeyValue::of(value).and_then(|(value, _)| value.empty_kind());
            let Some(kind) = empty.filter(|_| element.role == SearchRole::Hash) else { continue };
            return Err(Error::validation(match is_update {
                true => format!(
                    "One or more parameter values are not valid. The update expression attempted to update a secondary \
                     index key to a value that is not supported. The AttributeValue for a key attribute cannot contain \
                     an empty {kind} value."
                ),
                false => format!(
                    "One or more parameter values are not valid. A value specified for a secondary index key is not \
                     supported. The AttributeValue for a key attribute cannot contain an empty {kind} value. IndexName: \
                     {index}, IndexKey: {name}"
                ),
            }));
        }
        Ok(())
    }
}
