//! Item collections: all that a table with local indexes keeps under one partition key, 10 GB at most.

use super::Engine;
use super::error::Error;
use super::item::Attributes;
use super::key_schema::{KeyValue, Partition};
use super::limit;
use super::table::{self, Change, Table};
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
        if !table.has_collections() {
            return None;
        }
        let name = &table.definition.key_schema.partition.name;
        let value = attributes.get(name)?;
        let (key, _) = KeyValue::of(value)?;
        let bytes = table.collection_bytes(&Partition::new(key));
        Some(ItemCollection { key: Attributes::from([(name.clone(), value.clone())]), bytes })
    }
}

impl Table {
    /// Whether the table has a local index: only then does it count what lies in its partitions.
    fn has_collections(&self) -> bool {
        self.indexes.iter().any(|index| index.definition.kind == IndexKind::Local)
    }

    fn collection_bytes(&self, partition: &Partition) -> usize {
        self.collections.get(partition).copied().unwrap_or_default()
    }

    /// What a change takes from its collection and what it adds, local indexes included.
    fn collected(&self, change: &Change) -> (usize, usize) {
        let (mut taken, mut added) = (table::size(&change.old), table::size(&change.new));
        for index in self.indexes.iter().filter(|index| index.definition.kind == IndexKind::Local) {
            let (old, new) = table::entries(index, &self.definition.key_schema, change);
            taken += old.map_or(0, |(_, entry)| entry.size());
            added += new.map_or(0, |(_, entry)| entry.size());
        }
        (taken, added)
    }

    /// Counts a change, before it is carried out.
    pub(super) fn collect(&mut self, change: &Change) {
        if !self.has_collections() {
            return;
        }
        let (taken, added) = self.collected(change);
        let partition = &change.key.partition;
        match (self.collection_bytes(partition) + added).saturating_sub(taken) {
            0 => self.collections.remove(partition),
            bytes => self.collections.insert(partition.clone(), bytes),
        };
    }

    /// # Errors
    /// [`Error::ItemCollectionSizeLimitExceeded`] when a change would make its collection too large. One that makes it
    /// smaller is always fine.
    pub(super) fn check_collection(&self, change: &Change) -> Result<(), Error> {
        if self.collections.is_empty() {
            return Ok(());
        }
        let bytes = self.collection_bytes(&change.key.partition);
        // Nothing that one item adds comes near the limit from here, so that its entries need not be looked at.
        let most = limit::ITEM_BYTES * (1 + limit::LOCAL_INDEXES);
        if bytes + most <= limit::ITEM_COLLECTION_BYTES {
            return Ok(());
        }
        let (taken, added) = self.collected(change);
        if added > taken && bytes + added - taken > limit::ITEM_COLLECTION_BYTES {
            return Err(Error::ItemCollectionSizeLimitExceeded);
        }
        Ok(())
    }
}

#[cfg(test)]
impl Engine {
    /// Says how large a collection is, for tests that cannot wait until it is.
    pub(crate) fn set_collection_bytes(&mut self, table_name: &str, key: &str, bytes: usize) {
        let table = self.table_mut(table_name).unwrap();
        table.collections.insert(Partition::new(KeyValue::S(key.into())), bytes);
    }
}
