//! A table: its definition, its items in order, and its indexes.

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use super::capacity::{Capacity, Units};
use super::error::Error;
use super::global_table::GlobalTable;
use super::index::{EntryKey, Index};
use super::item::Item;
use super::key_schema::{ItemKey, KeySchema, Partition};
use super::stream::Stream;
use super::table_definition::TableDefinition;
use super::table_settings::{Settings, UnitsPerSecond};
use super::table_status::{Status, Transition};
use super::ttl::TimeToLive;
use super::vector_index::{Phase, VectorIndex};

/// Cloning shares everything: the maps are persistent and the rest lies behind `Arc`s.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) definition: Arc<TableDefinition>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) status: Status,
    /// The change that is under way.
    pub(crate) transition: Option<Transition>,
    pub(crate) id: Arc<str>,
    pub(crate) created: SystemTime,
    pub(crate) items: OrdMap<ItemKey, Arc<Item>>,
    /// The bytes of all items, as they are billed.
    pub(crate) size: usize,
    /// The bytes of each item collection, in a table with local indexes.
    pub(super) collections: OrdMap<Partition, usize>,
    /// How often items have been written.
    pub(crate) writes: u64,
    pub(crate) indexes: Vec<Index>,
    pub(crate) vector_indexes: Vec<VectorIndex>,
    pub(crate) stream: Option<Stream>,
    /// The label of the last stream there was, disabled or not.
    pub(crate) latest_stream: Option<Arc<str>>,
    pub(crate) ttl: Option<TimeToLive>,
    /// What the table knows of its replicas, if it has any.
    pub(crate) global: Option<Box<GlobalTable>>,
    /// The time at which the engine hands the table out to a write.
    pub(super) now: SystemTime,
}

/// Who writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Actor {
    /// Whoever sent the request.
    Caller,
    /// The service, for an item has expired.
    TimeToLive,
    /// The service, for another region has written it.
    Replication,
}

/// What a write does to one item, found out before anything is touched.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) key: ItemKey,
    pub(crate) old: Option<Arc<Item>>,
    pub(crate) new: Option<Arc<Item>>,
}

pub(super) fn size(item: &Option<Arc<Item>>) -> usize {
    item.as_ref().map_or(0, |item| item.size())
}

impl Table {
    pub(crate) fn new(
        definition: TableDefinition,
        settings: Settings,
        id: String,
        created: SystemTime,
    ) -> Self {
        let indexes = definition.indexes.iter().cloned().map(Index::new).collect();
        let vector_index = |index: &Arc<_>| VectorIndex::new(Arc::clone(index), Phase::New);
        let vector_indexes = definition.vector_indexes.iter().map(vector_index).collect();
        Self {
            definition: Arc::new(definition),
            settings: settings.into(),
            status: Status::Creating,
            transition: None,
            id: id.into(),
            created,
            items: OrdMap::new(),
            size: 0,
            collections: OrdMap::new(),
            writes: 0,
            indexes,
            vector_indexes,
            stream: None,
            latest_stream: None,
            ttl: None,
            global: None,
            now: created,
        }
    }

    /// The index, whatever its status.
    pub(crate) fn index_named(&self, name: &str) -> Option<&Index> {
        self.indexes.iter().find(|index| *index.definition.name == *name)
    }

    pub(crate) fn index(&self, name: &str) -> Result<&Index, Error> {
        let index = self
            .indexes
            .iter()
            .find(|index| &*index.definition.name == name && index.status != Status::Deleting)
            .ok_or_else(|| {
                Error::validation(format!("The table does not have the specified index: {name}"))
            })?;
        match index.status {
            Status::Creating => {
                Err(Error::validation(format!("Cannot read from backfilling global secondary index: {name}")))
            }
            _ => Ok(index),
        }
    }

    /// What the table can be asked at once.
    pub(crate) fn warm_throughput(&self) -> UnitsPerSecond {
        UnitsPerSecond::of(self.definition.billing_mode, self.definition.throughput)
            .or_warmed(self.settings.warm)
    }

    /// Whether the warm throughput of an index is as it was asked for.
    pub(crate) fn warm_status_of(&self, index: &Index) -> Status {
        let is_changing = |pending: &Transition| {
            let mut indexes = pending.definition.indexes.iter();
            let pending = indexes.find(|pending| pending.name == index.definition.name);
            pending.is_some_and(|pending| pending.warm != index.definition.warm)
        };
        match &self.transition {
            Some(pending) if is_changing(pending) => Status::Updating,
            _ => Status::Active,
        }
    }

    /// The indexes in the order in which their faults are reported: by name.
    pub(crate) fn indexes_by_name(&self) -> Vec<&Index> {
        let mut indexes: Vec<_> = self.indexes.iter().collect();
        indexes.sort_by_key(|index| &index.definition.name);
        indexes
    }

    /// Carries a change out and says what it cost.
    pub(crate) fn apply(&mut self, change: &Change) -> Capacity {
        self.apply_as(change, Actor::Caller)
    }

    /// What a change would cost.
    pub(super) fn cost(&self, change: &Change) -> Capacity {
        let mut capacity = Capacity::of_table(Units::of_write(self.billed_change(change)));
        for index in &self.indexes {
            let (old, new) = entries(index, &self.definition.key_schema, change);
            if let Some(units) = units_of(&old, &new) {
                capacity.add_index(&index.definition.name, index.definition.kind, units);
            }
        }
        capacity
    }

    /// What a write costs whose condition does not hold: it is paid for by the item as it is.
    pub(super) fn cost_of_failure(&self, key: &ItemKey) -> Capacity {
        let bytes = self.items.get(key).map_or(0, |item| self.billed_size(item));
        Capacity::of_table(Units::of_write(bytes))
    }

    /// The one place where items change: indexes, streams and expiries follow from here.
    pub(crate) fn apply_as(&mut self, change: &Change, actor: Actor) -> Capacity {
        if let Some(ttl) = &mut self.ttl {
            ttl.replace(change, self.now);
        }
        if let Some(stream) = &mut self.stream {
            stream.record(change, actor, self.now);
        }
        self.keep_for_replicas(change, actor);
        self.collect(change);
        let billed = |item: &Option<Arc<Item>>| item.as_ref().map_or(0, |item| self.billed_size(item));
        let (old_size, new_size) = (billed(&change.old), billed(&change.new));
        let mut capacity = Capacity::of_table(Units::of_write(old_size.max(new_size)));
        for index in &mut self.indexes {
            let (old, new) = entries(index, &self.definition.key_schema, change);
            if let Some(units) = units_of(&old, &new) {
                capacity.add_index(&index.definition.name, index.definition.kind, units);
                index.replace(old, new);
            }
        }
        for index in &mut self.vector_indexes {
            if let Some(replacement) = index.replacement(change, &self.definition.key_schema) {
                capacity.add_vector_index(&index.definition.name, replacement.bytes());
                index.replace(replacement);
            }
        }
        self.writes += 1;
        self.size = self.size - old_size + new_size;
        match &change.new {
            Some(item) => self.items.insert(change.key.clone(), item.clone()),
            None => self.items.remove(&change.key),
        };
        capacity
    }
}

type Entry = Option<(EntryKey, Arc<Item>)>;

/// What an index holds of an item before a change and after it.
pub(super) fn entries(index: &Index, schema: &KeySchema, change: &Change) -> (Entry, Entry) {
    let entry =
        |item: &Option<Arc<Item>>| item.as_ref().and_then(|item| index.entry(&change.key, item, schema));
    (entry(&change.old), entry(&change.new))
}

/// What writing to an index costs; `None` when nothing has to be written.
fn units_of(old: &Entry, new: &Entry) -> Option<Units> {
    match (old, new) {
        (None, None) => None,
        (Some(old), Some(new)) if old == new => None,
        // An entry that stays in its place is one write; one that moves is a delete and a put.
        (Some((old_key, old)), Some((new_key, new))) if old_key == new_key => {
            Some(Units::of_write(old.size().max(new.size())))
        }
        (Some((_, old)), Some((_, new))) => Some(Units::of_write(old.size()) + Units::of_write(new.size())),
        (Some((_, entry)), None) | (None, Some((_, entry))) => Some(Units::of_write(entry.size())),
    }
}
