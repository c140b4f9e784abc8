//! Secondary indexes: ordered maps beside the table's own, brought up to date by every write in O(log n).

use std::sync::Arc;
use std::time::SystemTime;

use imbl::OrdMap;

use super::error::Error;
use super::item::Item;
use super::key_schema::{ItemKey, KeySchema, Place};
use super::table_definition::{IndexDefinition, IndexKind, IndexProjection, Throughput};
use super::table_settings::Settings;
use super::table_status::Status;

/// The place of an entry: the index key, then the key of the item, for index keys need not be unique.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct EntryKey {
    pub(crate) index: ItemKey,
    pub(crate) table: Place<ItemKey>,
}

/// An index and its entries: the projected items.
#[derive(Clone, Debug)]
pub(crate) struct Index {
    pub(crate) definition: Arc<IndexDefinition>,
    pub(crate) entries: OrdMap<EntryKey, Arc<Item>>,
    pub(crate) size: usize,
    pub(crate) status: Status,
    /// Only the changes of throughput are kept here.
    pub(crate) settings: Arc<Settings>,
}

impl Index {
    pub(crate) fn new(definition: IndexDefinition) -> Self {
        Self {
            definition: definition.into(),
            entries: OrdMap::new(),
            size: 0,
            status: Status::Active,
            settings: Arc::default(),
        }
    }

    pub(crate) fn is_global(&self) -> bool {
        self.definition.kind == IndexKind::Global
    }

    /// Notes a change of throughput, with the rules that tables have.
    pub(crate) fn change_throughput(
        &mut self,
        old: Throughput,
        new: Throughput,
        now: SystemTime,
    ) -> Result<(), Error> {
        Arc::make_mut(&mut self.settings).change_throughput(old, new, now)
    }

    /// Whether the index holds this attribute of its items.
    pub(crate) fn projects(&self, attribute: &str, table: &KeySchema) -> bool {
        match &self.definition.projection {
            IndexProjection::All => true,
            _ if table.contains(attribute) || self.definition.key_schema.contains(attribute) => true,
            IndexProjection::KeysOnly => false,
            IndexProjection::Include(names) => names.iter().any(|name| &**name == attribute),
        }
    }

    /// The entry that the index holds for an item, if it has all the key attributes.
    pub(crate) fn entry(
        &self,
        key: &ItemKey,
        item: &Arc<Item>,
        table: &KeySchema,
    ) -> Option<(EntryKey, Arc<Item>)> {
        let index = self.definition.key_schema.key_of_entry(item)?;
        let projected = match self.definition.projection {
            IndexProjection::All => item.clone(),
            _ => Arc::new(item.restricted_to(|attribute| self.projects(attribute, table))),
        };
        Some((EntryKey { index, table: Place::At(key.clone()) }, projected))
    }

    /// The keys of the items in a run of entries, and what the index holds of them.
    pub(crate) fn items<'t>(
        entries: impl Iterator<Item = (&'t EntryKey, &'t Arc<Item>)>,
    ) -> impl Iterator<Item = (&'t ItemKey, &'t Arc<Item>)> {
        entries.filter_map(|(key, item)| match &key.table {
            Place::At(key) => Some((key, item)),
            Place::Before | Place::After => None,
        })
    }

    /// Replaces what the index holds for one item.
    pub(crate) fn replace(&mut self, old: Option<(EntryKey, Arc<Item>)>, new: Option<(EntryKey, Arc<Item>)>) {
        if let Some((key, item)) = old {
            self.entries.remove(&key);
            self.size -= item.size();
        }
        if let Some((key, item)) = new {
            self.size += item.size();
            self.entries.insert(key, item);
        }
    }
}
