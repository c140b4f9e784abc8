//! Item collections: all that a table with local indexes keeps under one partition key.

use super::Engine;
use super::index::EntryKey;
use super::item::Attributes;
use super::key_schema::{ItemKey, KeyValue, Partition, Place};
use super::table::Table;
use super::table_definition::IndexKind;

/// The items of one partition, together with what the local indexes hold of them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ItemCollection {
    /// The partition key.
    pub(crate) key: Attributes,
    pub(crate) bytes: usize,
}

impl Engine {
    /// The item collection that an item or a key belongs to; `None` where the table has no local index.
    pub(crate) fn item_collection(
        &self,
        table_name: &str,
        attributes: &Attributes,
    ) -> Option<ItemCollection> {
        let table = self.table(table_name).ok()?;
        table.indexes.iter().find(|index| index.definition.kind == IndexKind::Local)?;
        let name = &table.definition.key_schema.partition.name;
        let value = attributes.get(name)?;
        let (key, _) = KeyValue::of(value)?;
        let bytes = table.collection_bytes(&Partition::new(key));
        Some(ItemCollection { key: Attributes::from([(name.clone(), value.clone())]), bytes })
    }
}

impl Table {
    /// O(n) in the items of the partition.
    fn collection_bytes(&self, partition: &Partition) -> usize {
        let at = |sort| ItemKey { partition: partition.clone(), sort };
        let (low, high) = (at(Place::Before), at(Place::After));
        let items = self.items.range(low.clone()..=high.clone()).map(|(_, item)| item.size());
        let local = self.indexes.iter().filter(|index| index.definition.kind == IndexKind::Local);
        let entries = local.flat_map(|index| {
            let low = EntryKey { index: low.clone(), table: Place::Before };
            let high = EntryKey { index: high.clone(), table: Place::After };
            index.entries.range(low..=high).map(|(_, item)| item.size())
        });
        items.sum::<usize>() + entries.sum::<usize>()
    }
}
