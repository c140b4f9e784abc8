//! Attribute values: the ten types, their names, sizes and order.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;

use super::number::Number;

/// What a list or a map counts, and each of its elements besides itself.
pub(super) const LIST_BYTES: usize = 3;
pub(super) const ELEMENT_BYTES: usize = 1;

/// One value of one attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AttributeValue {
    S(Arc<str>),
    N(Number),
    B(Bytes),
    Bool(bool),
    Null,
    M(BTreeMap<Arc<str>, AttributeValue>),
    L(Vec<AttributeValue>),
    Ss(BTreeSet<Arc<str>>),
    Ns(BTreeSet<Number>),
    Bs(BTreeSet<Bytes>),
}

/// The name of a type, as in `{"S": …}` and in `attribute_type`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AttributeType {
    S,
    N,
    B,
    Bool,
    Null,
    M,
    L,
    Ss,
    Ns,
    Bs,
}

impl AttributeType {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::N => "N",
            Self::B => "B",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::M => "M",
            Self::L => "L",
            Self::Ss => "SS",
            Self::Ns => "NS",
            Self::Bs => "BS",
        }
    }

    /// The long name that errors about ADD and DELETE use.
    pub(crate) fn long_name(self) -> &'static str {
        match self {
            Self::S => "STRING",
            Self::N => "NUMBER",
            Self::B => "Binary",
            Self::Bool => "BOOL",
            Self::Null => "NULL",
            Self::M => "MAP",
            Self::L => "LIST",
            Self::Ss => "STRING_SET",
            Self::Ns => "NUMBER_SET",
            Self::Bs => "BINARY_SET",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "S" => Self::S,
            "N" => Self::N,
            "B" => Self::B,
            "BOOL" => Self::Bool,
            "NULL" => Self::Null,
            "M" => Self::M,
            "L" => Self::L,
            "SS" => Self::Ss,
            "NS" => Self::Ns,
            "BS" => Self::Bs,
            _ => return None,
        })
    }
}

impl fmt::Display for AttributeType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Says of a form in which values lie in memory, an enum with a variant a type, which type each value has.
macro_rules! impl_attribute_type {
    ($form:ty) => {
        impl $form {
            pub(crate) fn attribute_type(&self) -> AttributeType {
                match self {
                    Self::S(_) => AttributeType::S,
                    Self::N(_) => AttributeType::N,
                    Self::B(_) => AttributeType::B,
                    Self::Bool(_) => AttributeType::Bool,
                    Self::Null => AttributeType::Null,
                    Self::M(_) => AttributeType::M,
                    Self::L(_) => AttributeType::L,
                    Self::Ss(_) => AttributeType::Ss,
                    Self::Ns(_) => AttributeType::Ns,
                    Self::Bs(_) => AttributeType::Bs,
                }
            }
        }
    };
}
pub(super) use impl_attribute_type;

impl_attribute_type!(AttributeValue);

impl AttributeValue {
    /// What the value counts for in the size of an item.
    pub(crate) fn size(&self) -> usize {
        match self {
            Self::S(text) => text.len(),
            Self::N(number) => number.size(),
            Self::B(bytes) => bytes.len(),
            Self::Bool(_) | Self::Null => 1,
            Self::M(members) => {
                LIST_BYTES
                    + members
                        .iter()
                        .map(|(name, value)| ELEMENT_BYTES + name.len() + value.size())
                        .sum::<usize>()
            }
            Self::L(elements) => {
                LIST_BYTES + elements.iter().map(|value| ELEMENT_BYTES + value.size()).sum::<usize>()
            }
            Self::Ss(elements) => elements.iter().map(|text| text.len()).sum(),
            Self::Ns(elements) => elements.iter().map(|number| number.size()).sum(),
            Self::Bs(elements) => elements.iter().map(Bytes::len).sum(),
        }
    }

    /// How many lists and maps lie inside one another; 0 for a scalar.
    pub(crate) fn nesting_levels(&self) -> usize {
        match self {
            Self::M(members) => 1 + members.values().map(Self::nesting_levels).max().unwrap_or(0),
            Self::L(elements) => 1 + elements.iter().map(Self::nesting_levels).max().unwrap_or(0),
            _ => 0,
        }
    }

    /// The order of two strings, numbers or binaries; other types and mixed types have none.
    pub(crate) fn scalar_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        match (self, other) {
            (Self::S(a), Self::S(b)) => Some(a.cmp(b)),
            (Self::N(a), Self::N(b)) => Some(a.cmp(b)),
            (Self::B(a), Self::B(b)) => Some(a.cmp(b)),
            _ => None,
        }
    }
}

/// The form in which errors quote an operand: `{S:text}`.
impl fmt::Display for AttributeValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S(text) => write!(f, "{{S:{text}}}"),
            Self::N(number) => write!(f, "{{N:{number}}}"),
            Self::Bool(value) => write!(f, "{{BOOL:{value}}}"),
            Self::Null => f.write_str("{NULL:true}"),
            Self::B(bytes) => write!(f, "{{B:[{}]}}", BASE64.encode(bytes)),
            other => write!(f, "{{{}:…}}", other.attribute_type()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(value: &str) -> AttributeValue {
        AttributeValue::S(value.into())
    }

    #[test]
    fn a_list_counts_three_bytes_and_one_for_each_element() {
        assert_eq!(AttributeValue::L(vec![]).size(), 3);
        assert_eq!(AttributeValue::L(vec![text("ab"), AttributeValue::Null]).size(), 3 + 3 + 2);
    }

    #[test]
    fn a_map_counts_its_names_too() {
        let map = AttributeValue::M(BTreeMap::from([("name".into(), text("ü"))]));
        assert_eq!(map.size(), 3 + 1 + 4 + 2);
    }

    #[test]
    fn nesting_counts_lists_and_maps() {
        let map = AttributeValue::M(BTreeMap::from([("a".into(), AttributeValue::L(vec![text("b")]))]));
        assert_eq!((text("a").nesting_levels(), map.nesting_levels()), (0, 2));
    }
}
