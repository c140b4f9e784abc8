//! Items: named attribute values, and the size that DynamoDB bills and limits.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::attribute_value::AttributeValue;
use super::error::Error;
use super::key_schema::{ItemKey, KeySchema, KeyValue, Place};
use super::limit;
use super::packed::{self, Reader};

/// The attributes of an item, by name.
pub(crate) type Attributes = BTreeMap<Arc<str>, AttributeValue>;

/// An item and its size. Items never change: a write makes another. There are many of them, so they are packed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Item {
    packed: Box<[u8]>,
    /// A long value of the key: the key's own bytes.
    shared: Option<Arc<[u8]>>,
    size: usize,
}

/// Key values of so many bytes are worth sharing: a UUID is not.
const SHARED_FROM_BYTES: usize = 40;

impl Item {
    pub(crate) fn new(attributes: &Attributes) -> Self {
        let size = size(attributes);
        Self { packed: packed::pack(attributes, size), shared: None, size }
    }

    /// The item with other attributes, or without some: in the order of their names, each with what it becomes.
    pub(super) fn with(&self, changes: &[(&str, Option<&AttributeValue>)]) -> Self {
        let (packed, size) = packed::spliced(self.reader(), self.size, changes);
        Self { packed, shared: self.shared.clone(), size }
    }

    /// The item as it lies under a key: the longer of the key's values, if it is long, is kept once for both.
    pub(super) fn under(mut self: Arc<Self>, key: &ItemKey, schema: &KeySchema) -> Arc<Self> {
        let partition =
            key.partition.value().and_then(KeyValue::bytes).map(|bytes| (&schema.partition, bytes));
        let sort = match (&key.sort, &schema.sort) {
            (Place::At(value), Some(attribute)) => value.bytes().map(|bytes| (attribute, bytes)),
            _ => None,
        };
        let longer = partition.into_iter().chain(sort).max_by_key(|(_, bytes)| bytes.len());
        let Some((attribute, bytes)) = longer.filter(|(_, bytes)| bytes.len() >= SHARED_FROM_BYTES) else {
            return self;
        };
        match packed::sharing(&self.packed, &attribute.name) {
            Some(packed) => Arc::new(Self { packed, shared: Some(bytes), size: self.size }),
            None => {
                Arc::make_mut(&mut self).shared = Some(bytes);
                self
            }
        }
    }

    pub(crate) fn attributes(&self) -> Attributes {
        self.reader().attributes()
    }

    pub(crate) fn get(&self, name: &str) -> Option<AttributeValue> {
        self.reader().member(name)?.value()
    }

    /// Where an attribute lies.
    pub(super) fn find(&self, attribute: &str) -> Option<Reader<'_>> {
        self.reader().member(attribute)
    }

    /// The attributes where they lie.
    pub(crate) fn reader(&self) -> Reader<'_> {
        Reader::with_shared(&self.packed, self.shared.as_deref().unwrap_or_default())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.packed.is_empty()
    }

    /// Bytes, as the developer guide counts them.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Only the attributes that `wanted` names.
    pub(crate) fn restricted_to(&self, wanted: impl Fn(&str) -> bool) -> Self {
        let found = self.reader().members().filter(|(name, _)| wanted(name));
        Self::new(&found.filter_map(|(name, value)| Some((name.into(), value.value()?))).collect())
    }
}

impl fmt::Debug for Item {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Item").field("attributes", &self.attributes()).field("size", &self.size).finish()
    }
}

/// What attributes count for in the size of an item.
pub(crate) fn size(attributes: &Attributes) -> usize {
    attributes.iter().map(|(name, value)| name.len() + value.size()).sum()
}

/// Refuses attributes that are nested too deep.
pub(crate) fn check_nesting(attributes: &Attributes) -> Result<(), Error> {
    attributes.values().try_for_each(check_nesting_of)
}

/// Refuses a value that is nested too deep.
pub(crate) fn check_nesting_of(value: &AttributeValue) -> Result<(), Error> {
    if value.nesting_levels() > limit::NESTING_LEVELS {
        return Err(Error::validation(NESTED_TOO_DEEP));
    }
    Ok(())
}

/// The same of what an update would store, which DynamoDB says in fewer words.
pub(crate) fn check_nesting_of_updated(value: &AttributeValue) -> Result<(), Error> {
    check_nesting_of(value).map_err(|_| Error::validation("Nesting Levels have exceeded supported limits"))
}

pub(crate) const NESTED_TOO_DEEP: &str = "Nesting Levels have exceeded supported limits: Attributes in the item have \
                                          nested levels beyond supported limit";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_of_an_item_is_its_names_and_values() {
        let item = Item::new(&Attributes::from([
            ("id".into(), AttributeValue::S("abc".into())),
            ("n".into(), AttributeValue::N("12".parse().unwrap())),
            ("t".into(), AttributeValue::Bool(true)),
        ]));
        assert_eq!(item.size(), (2 + 3) + (1 + 2) + (1 + 1));
    }

    #[test]
    fn thirty_one_levels_above_a_scalar_are_allowed_and_one_more_is_not() {
        let nested =
            |levels| (0..levels).fold(AttributeValue::Null, |inner, _| AttributeValue::L(vec![inner]));
        assert!(check_nesting(&Attributes::from([("a".into(), nested(31))])).is_ok());
        assert!(check_nesting(&Attributes::from([("a".into(), nested(32))])).is_err());
    }
}
