//! Keys: which attributes identify an item, of which types, and in which order items lie.
//!
//! Items lie in the order of a hash of their partition key, as they do on AWS, and inside a partition in the order of
//! their sort key. So a query reads neighbours, a scan comes in no order that anybody could rely on, and the segments
//! of a parallel scan are ranges.

use std::sync::Arc;

use super::attribute_value::{AttributeType, AttributeValue};
use super::error::Error;
use super::item::{Attributes, Item};
use super::limit;
use super::number::Number;
use super::partition_hash::partition_hash;

/// The types that a key attribute may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    S,
    N,
    B,
}

impl KeyType {
    pub(crate) fn attribute_type(self) -> AttributeType {
        match self {
            Self::S => AttributeType::S,
            Self::N => AttributeType::N,
            Self::B => AttributeType::B,
        }
    }
}

/// What DynamoDB says about a key whose attributes are not those of the schema, or not of their types.
pub(super) const MISMATCH: &str = "The provided key element does not match the schema";

/// A key attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeyAttribute {
    pub(crate) name: Arc<str>,
    pub(crate) key_type: KeyType,
}

/// The key attributes of a table or an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct KeySchema {
    pub(crate) partition: KeyAttribute,
    pub(crate) sort: Option<KeyAttribute>,
    /// The further attributes of the partition key; only global indexes have them.
    pub(crate) more_partition: Vec<KeyAttribute>,
    /// The further attributes of the sort key, in their order; only global indexes have them.
    pub(crate) more_sort: Vec<KeyAttribute>,
}

/// A value of a key attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum KeyValue {
    S(Arc<str>),
    N(Number),
    B(Arc<[u8]>),
    /// The values of a key of several attributes, compared one after the other.
    Many(Arc<[KeyValue]>),
    /// After every other value: where keys of several attributes with the same beginning end.
    End,
}

impl KeyValue {
    /// The key value of an attribute value, if it is of a type that keys may have.
    pub(crate) fn of(value: &AttributeValue) -> Option<(Self, KeyType)> {
        match value {
            AttributeValue::S(text) => Some((Self::S(text.clone()), KeyType::S)),
            AttributeValue::N(number) => Some((Self::N(*number), KeyType::N)),
            AttributeValue::B(bytes) => Some((Self::B(bytes[..].into()), KeyType::B)),
            _ => None,
        }
    }

    /// What kind of empty value this is, in the words of errors; `None` if it is not empty.
    pub(super) fn empty_kind(&self) -> Option<&'static str> {
        match self {
            Self::S(text) if text.is_empty() => Some("string"),
            Self::B(bytes) if bytes.is_empty() => Some("binary"),
            _ => None,
        }
    }

    /// The least text or binary that is greater than every one with this prefix, if there is any.
    pub(crate) fn end_of_prefix(&self) -> Option<Self> {
        match self {
            Self::S(prefix) => {
                let mut characters: Vec<char> = prefix.chars().collect();
                while let Some(last) = characters.pop() {
                    // The character after the last before the surrogates is the first after them.
                    let next =
                        if last == '\u{D7FF}' { Some('\u{E000}') } else { char::from_u32(last as u32 + 1) };
                    if let Some(next) = next {
                        characters.push(next);
                        return Some(Self::S(characters.into_iter().collect::<String>().into()));
                    }
                }
                None
            }
            Self::B(prefix) => {
                let mut bytes = prefix.to_vec();
                while let Some(last) = bytes.pop() {
                    if let Some(next) = last.checked_add(1) {
                        bytes.push(next);
                        return Some(Self::B(bytes.into()));
                    }
                }
                None
            }
            Self::N(_) | Self::Many(_) | Self::End => None,
        }
    }

    /// The bytes of a string or a binary, shared with it.
    pub(super) fn bytes(&self) -> Option<Arc<[u8]>> {
        match self {
            Self::S(text) => Some(text.clone().into()),
            Self::B(bytes) => Some(bytes.clone()),
            Self::N(_) | Self::Many(_) | Self::End => None,
        }
    }

    fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(_) | Self::End => 0,
            Self::B(bytes) => bytes.len(),
            Self::Many(values) => values.iter().map(Self::size).sum(),
        }
    }
}

/// A partition: its place in the hash space, and its key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Partition {
    hash: u64,
    value: Option<KeyValue>,
}

impl Partition {
    pub(crate) fn new(value: KeyValue) -> Self {
        Self { hash: partition_hash(&value), value: Some(value) }
    }

    /// Where the partitions with this hash and greater ones begin.
    pub(crate) fn first_with_hash(hash: u64) -> Self {
        Self { hash, value: None }
    }

    pub(crate) fn hash(&self) -> u64 {
        self.hash
    }

    pub(super) fn value(&self) -> Option<&KeyValue> {
        self.value.as_ref()
    }

    /// Whether keys of several attributes differ in another than the last.
    pub(super) fn begins_unlike(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Some(KeyValue::Many(one)), Some(KeyValue::Many(other))) => {
                one.split_last().map(|(_, rest)| rest) != other.split_last().map(|(_, rest)| rest)
            }
            _ => false,
        }
    }
}

/// A key, or the end before or after all keys: where a range begins or ends.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Place<K> {
    Before,
    At(K),
    After,
}

/// The place of an item in a table, or of an entry in an index before the item's own key.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ItemKey {
    pub(crate) partition: Partition,
    /// Before all sort keys where the schema has none.
    pub(crate) sort: Place<KeyValue>,
}

impl KeySchema {
    /// The key attributes, partition key first.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.partition_attributes().chain(self.sort_attributes())
    }

    pub(crate) fn partition_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        std::iter::once(&self.partition).chain(&self.more_partition)
    }

    pub(crate) fn sort_attributes(&self) -> impl Iterator<Item = &KeyAttribute> {
        self.sort.iter().chain(&self.more_sort)
    }

    /// Whether the partition key or the sort key is made of several attributes.
    pub(crate) fn has_many_attributes(&self) -> bool {
        !self.more_partition.is_empty() || !self.more_sort.is_empty()
    }

    pub(crate) fn contains(&self, name: &str) -> bool {
        self.attributes().any(|attribute| &*attribute.name == name)
    }

    /// The key of an item that is about to be written.
    pub(crate) fn key_of_item(&self, item: &Attributes) -> Result<ItemKey, Error> {
        self.key(|attribute| {
            let value = item.get(&attribute.name).ok_or_else(|| {
                Error::invalid_parameter(format!("Missing the key {} in the item", attribute.name))
            })?;
            match KeyValue::of(value) {
                Some((key, key_type)) if key_type == attribute.key_type => Ok(key),
                _ => Err(Error::invalid_parameter(format!(
                    "Type mismatch for key {} expected: {} actual: {}",
                    attribute.name,
                    attribute.key_type.attribute_type(),
                    value.attribute_type()
                ))),
            }
        })
    }

    /// The key that a request names: exactly the key attributes, each of its type.
    pub(crate) fn key_of_request(&self, key: &Attributes) -> Result<ItemKey, Error> {
        let mismatch = || Error::validation(MISMATCH);
        if key.len() != self.attributes().count() {
            return Err(mismatch());
        }
        self.key(|attribute| match key.get(&attribute.name).and_then(KeyValue::of) {
            Some((key, key_type)) if key_type == attribute.key_type => Ok(key),
            _ => Err(mismatch()),
        })
    }

    /// The key under which an item stands in an index; `None` if it lacks one of the attributes.
    pub(crate) fn key_of_entry(&self, item: &Item) -> Option<ItemKey> {
        let value = |attribute: &KeyAttribute| {
            let (key, key_type) = KeyValue::of(&item.get(&attribute.name)?)?;
            (key_type == attribute.key_type).then_some(key)
        };
        let value = |attribute: &KeyAttribute| value(attribute).ok_or(());
        let partition = Partition::new(joined(&self.partition, &self.more_partition, &value).ok()?);
        match &self.sort {
            None => Some(ItemKey { partition, sort: Place::Before }),
            Some(sort) => {
                Some(ItemKey { partition, sort: Place::At(joined(sort, &self.more_sort, &value).ok()?) })
            }
        }
    }

    fn key(&self, value: impl Fn(&KeyAttribute) -> Result<KeyValue, Error>) -> Result<ItemKey, Error> {
        let value = |attribute: &KeyAttribute| {
            let value = value(attribute)?;
            check_not_empty(attribute, &value)?;
            Ok(value)
        };
        let partition = joined(&self.partition, &self.more_partition, &value)?;
        check_partition_size(partition.size())?;
        let Some(attribute) = &self.sort else {
            return Ok(ItemKey { partition: Partition::new(partition), sort: Place::Before });
        };
        let sort = joined(attribute, &self.more_sort, &value)?;
        check_sort_size(sort.size())?;
        Ok(ItemKey { partition: Partition::new(partition), sort: Place::At(sort) })
    }

    /// Refuses an item whose attributes could not be keys of the index `index_name`.
    pub(crate) fn check_index_keys(&self, item: &Attributes, index_name: &str) -> Result<(), Error> {
        let (mut partition_bytes, mut sort_bytes) = (0, 0);
        for (position, attribute) in self.attributes().enumerate() {
            let Some(value) = item.get(&attribute.name) else { continue };
            let name = &attribute.name;
            match KeyValue::of(value) {
                Some((key, key_type)) if key_type == attribute.key_type => {
                    if let Some(kind) = key.empty_kind() {
                        return Err(Error::validation(format!(
                            "One or more parameter values are not valid. A value specified for a secondary index key \
                             is not supported. The AttributeValue for a key attribute cannot contain an empty {kind} \
                             value. IndexName: {index_name}, IndexKey: {name}"
                        )));
                    }
                    if position <= self.more_partition.len() {
                        partition_bytes += key.size();
                        check_partition_size(partition_bytes)?;
                    } else {
                        sort_bytes += key.size();
                        check_sort_size(sort_bytes)?;
                    }
                }
                _ => {
                    return Err(Error::invalid_parameter(format!(
                        "Type mismatch for Index Key {name} Expected: {} Actual: {} IndexName: {index_name}",
                        attribute.key_type.attribute_type(),
                        value.attribute_type()
                    )));
                }
            }
        }
        Ok(())
    }
}

/// The value of a key: that of its only attribute, or those of all its attributes together.
fn joined<E>(
    first: &KeyAttribute,
    more: &[KeyAttribute],
    value: &impl Fn(&KeyAttribute) -> Result<KeyValue, E>,
) -> Result<KeyValue, E> {
    let first = value(first)?;
    if more.is_empty() {
        return Ok(first);
    }
    let values = std::iter::once(Ok(first)).chain(more.iter().map(value));
    Ok(KeyValue::Many(values.collect::<Result<_, E>>()?))
}

pub(super) fn check_partition_size(bytes: usize) -> Result<(), Error> {
    match bytes > limit::PARTITION_KEY_BYTES {
        true => {
            Err(Error::invalid_parameter("Size of hashkey has exceeded the maximum size limit of2048 bytes"))
        }
        false => Ok(()),
    }
}

pub(super) fn check_sort_size(bytes: usize) -> Result<(), Error> {
    match bytes > limit::SORT_KEY_BYTES {
        true => Err(Error::invalid_parameter(
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes",
        )),
        false => Ok(()),
    }
}

/// # Errors
/// No key attribute may be empty.
pub(super) fn check_not_empty(attribute: &KeyAttribute, value: &KeyValue) -> Result<(), Error> {
    match value.empty_kind() {
        None => Ok(()),
        Some(kind) => Err(Error::validation(format!(
            "One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an \
             empty {kind} value. Key: {}",
            attribute.name
        ))),
    }
}
