//! Evaluation: whether an item fulfils a condition.

use std::cmp::Ordering;

use super::super::attribute_value::AttributeValue;
use super::super::item::Item;
use super::super::number::Number;
use super::condition::{Condition, Operand};
use super::condition_parser::Comparator;

impl Condition {
    /// An absent item is held against a condition as an item without attributes.
    pub(crate) fn holds(&self, item: Option<&Item>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(item)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(item)),
            Self::Not(inner) => !inner.holds(item),
            Self::AttributeExists(path) => item.is_some_and(|item| path.leads_somewhere(item)),
            Self::AttributeNotExists(path) => !item.is_some_and(|item| path.leads_somewhere(item)),
            Self::Compare { comparator, left, right } => {
                compare(*comparator, left.value(item).as_deref(), right.value(item).as_deref())
            }
            Self::Between { value, low, high } => {
                let (value, low, high) = (value.value(item), low.value(item), high.value(item));
                compare(Comparator::GreaterOrEqual, value.as_deref(), low.as_deref())
                    && compare(Comparator::LessOrEqual, value.as_deref(), high.as_deref())
            }
            Self::In { value, candidates } => {
                let value = value.value(item);
                candidates
                    .iter()
                    .any(|one| compare(Comparator::Equal, value.as_deref(), one.value(item).as_deref()))
            }
            Self::AttributeType { value, attribute_type } => {
                value.value(item).is_some_and(|value| value.attribute_type() == *attribute_type)
            }
            Self::BeginsWith { value, prefix } => {
                match (value.value(item).as_deref(), prefix.value(item).as_deref()) {
                    (Some(AttributeValue::S(text)), Some(AttributeValue::S(prefix))) => {
                        text.starts_with(&**prefix)
                    }
                    (Some(AttributeValue::B(bytes)), Some(AttributeValue::B(prefix))) => {
                        bytes.starts_with(prefix)
                    }
                    _ => false,
                }
            }
            Self::Contains { value, operand } => match (value.value(item), operand.value(item)) {
                (Some(value), Some(operand)) => contains(&value, &operand),
                _ => false,
            },
        }
    }
}

/// A value of the request, or one that was read from the item or computed.
enum Found<'a> {
    There(&'a AttributeValue),
    Here(AttributeValue),
}

impl std::ops::Deref for Found<'_> {
    type Target = AttributeValue;

    fn deref(&self) -> &AttributeValue {
        match self {
            Self::There(value) => value,
            Self::Here(value) => value,
        }
    }
}

impl Operand {
    fn value(&self, item: Option<&Item>) -> Option<Found<'_>> {
        match self {
            Self::Path(path) => path.find(item?).map(Found::Here),
            Self::Value(value) => Some(Found::There(value)),
            Self::Size(of) => {
                let size = size(&*of.value(item)?)?;
                Some(Found::Here(AttributeValue::N(Number::from(size))))
            }
        }
    }
}

/// What `size` gives: UTF-16 code units of texts, bytes of binaries, elements of all that has elements.
fn size(value: &AttributeValue) -> Option<usize> {
    match value {
        AttributeValue::S(text) => Some(text.encode_utf16().count()),
        AttributeValue::B(bytes) => Some(bytes.len()),
        AttributeValue::M(members) => Some(members.len()),
        AttributeValue::L(elements) => Some(elements.len()),
        AttributeValue::Ss(elements) => Some(elements.len()),
        AttributeValue::Ns(elements) => Some(elements.len()),
        AttributeValue::Bs(elements) => Some(elements.len()),
        AttributeValue::N(_) | AttributeValue::Bool(_) | AttributeValue::Null => None,
    }
}

/// A comparison with what is not there fails, except that it is not equal to anything.
fn compare(comparator: Comparator, left: Option<&AttributeValue>, right: Option<&AttributeValue>) -> bool {
    let both = left.zip(right);
    let order = || both.and_then(|(left, right)| left.scalar_cmp(right));
    match comparator {
        Comparator::Equal => both.is_some_and(|(left, right)| left == right),
        Comparator::NotEqual => both.is_none_or(|(left, right)| left != right),
        Comparator::Less => order() == Some(Ordering::Less),
        Comparator::LessOrEqual => order().is_some_and(Ordering::is_le),
        Comparator::Greater => order() == Some(Ordering::Greater),
        Comparator::GreaterOrEqual => order().is_some_and(Ordering::is_ge),
    }
}

/// A part of a text or a binary, or an element of a set or a list.
fn contains(value: &AttributeValue, operand: &AttributeValue) -> bool {
    match (value, operand) {
        (AttributeValue::S(text), AttributeValue::S(part)) => text.contains(&**part),
        (AttributeValue::B(bytes), AttributeValue::B(part)) => {
            part.is_empty() || bytes.windows(part.len()).any(|window| window == part)
        }
        (AttributeValue::Ss(elements), AttributeValue::S(element)) => elements.contains(element),
        (AttributeValue::Ns(elements), AttributeValue::N(element)) => elements.contains(element),
        (AttributeValue::Bs(elements), AttributeValue::B(element)) => elements.contains(element),
        (AttributeValue::L(elements), element) => elements.contains(element),
        _ => false,
    }
}
