//! A table: its definition, its items in order, and its indexes.

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use super::capacity::{Capacity, Units};
use super::error::Error;
use super::index::Index;
use super::item::Item;
use super::key_schema::ItemKey;
use super::stream::Stream;
use super::table_definition::TableDefinition;
use super::table_settings::{Settings, UnitsPerSecond};
use super::table_status::{Status, Transition};
use super::ttl::TimeToLive;

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
    /// The bytes of all items.
    pub(crate) size: usize,
    /// How often items have been written.
    pub(crate) writes: u64,
    pub(crate) indexes: Vec<Index>,
    pub(crate) stream: Option<Stream>,
    /// The label of the last stream there was, disabled or not.
    pub(crate) latest_stream: Option<Arc<str>>,
    pub(crate) ttl: Option<TimeToLive>,
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
}

/// What a write does to one item, found out before anything is touched.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) key: ItemKey,
    pub(crate) old: Option<Arc<Item>>,
    pub(crate) new: Option<Arc<Item>>,
}

impl Change {
    /// The bytes that the write counts for: those of the larger of the two items.
    pub(crate) fn size(&self) -> usize {
        size(&self.old).max(size(&self.new))
    }
}

fn size(item: &Option<Arc<Item>>) -> usize {
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
        Self {
            definition: Arc::new(definition),
            settings: settings.into(),
            status: Status::Creating,
            transition: None,
            id: id.into(),
            created,
            items: OrdMap::new(),
            size: 0,
            writes: 0,
            indexes,
            stream: None,
            latest_stream: None,
            ttl: None,
            now: created,
        }
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

    /// The one place where items change: indexes, streams and expiries follow from here.
    pub(crate) fn apply_as(&mut self, change: &Change, actor: Actor) -> Capacity {
        if let Some(ttl) = &mut self.ttl {
            ttl.replace(change, self.now);
        }
        if let Some(stream) = &mut self.stream {
            stream.record(change, actor, self.now);
        }
        let Change { key, old, new } = change;
        let mut capacity = Capacity::of_table(Units::of_write(change.size()));
        for index in &mut self.indexes {
            let entry = |item: &Option<Arc<Item>>| {
                item.as_ref().and_then(|item| index.entry(key, item, &self.definition.key_schema))
            };
            let (old, new) = (entry(old), entry(new));
            let (name, kind) = (index.definition.name.clone(), index.definition.kind);
            match (&old, &new) {
                (Some(old), Some(new)) if old == new => continue,
                // An entry that stays in its place is one write; one that moves is a delete and a put.
                (Some((old_key, old)), Some((new_key, new))) if old_key == new_key => {
                    capacity.add_index(&name, kind, Units::of_write(old.size().max(new.size())));
                }
                _ => {
                    for (_, entry) in old.iter().chain(&new) {
                        capacity.add_index(&name, kind, Units::of_write(entry.size()));
                    }
                }
            }
            index.replace(old, new);
        }
        self.writes += 1;
        self.size = self.size - size(old) + size(new);
        match new {
            Some(item) => self.items.insert(key.clone(), item.clone()),
            None => self.items.remove(key),
        };
        capacity
    }
}
