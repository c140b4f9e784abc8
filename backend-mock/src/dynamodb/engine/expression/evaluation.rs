//! Evaluation: whether an item fulfils a condition.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::super::item::Item;
use super::super::number::Number;
use super::super::packed::View;
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
                compare(*comparator, left.found(item).as_ref(), right.found(item).as_ref())
            }
            Self::Between { value, low, high } => {
                let (value, low, high) = (value.found(item), low.found(item), high.found(item));
                compare(Comparator::GreaterOrEqual, value.as_ref(), low.as_ref())
                    && compare(Comparator::LessOrEqual, value.as_ref(), high.as_ref())
            }
            Self::In { value, candidates } => {
                let value = value.found(item);
                candidates
                    .iter()
                    .any(|one| compare(Comparator::Equal, value.as_ref(), one.found(item).as_ref()))
            }
            Self::AttributeType { value, attribute_type } => {
                value.found(item).is_some_and(|value| value.attribute_type() == *attribute_type)
            }
            Self::BeginsWith { value, prefix } => match (value.found(item), prefix.found(item)) {
                (Some(value), Some(prefix)) => match (value.scalar(), prefix.scalar()) {
                    (Some(Scalar::S(text)), Some(Scalar::S(prefix))) => text.starts_with(prefix),
                    (Some(Scalar::B(bytes)), Some(Scalar::B(prefix))) => bytes.starts_with(prefix),
                    _ => false,
                },
                _ => false,
            },
            Self::Contains { value, operand } => match (value.found(item), operand.found(item)) {
                (Some(value), Some(operand)) => contains(&value.whole(), &operand.whole()),
                _ => false,
            },
        }
    }
}

/// A value of the request, one that lies packed in the item, or a size.
enum Found<'a> {
    Given(&'a AttributeValue),
    Packed(View<'a>),
    Size(Number),
}

/// A value that has an order, where it lies.
#[derive(PartialEq)]
enum Scalar<'a> {
    S(&'a str),
    N(Number),
    B(&'a [u8]),
}

impl PartialOrd for Scalar<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (self, other) {
            (Self::S(one), Self::S(other)) => Some(one.cmp(other)),
            (Self::N(one), Self::N(other)) => Some(one.cmp(other)),
            (Self::B(one), Self::B(other)) => Some(one.cmp(other)),
            _ => None,
        }
    }
}

impl Found<'_> {
    fn scalar(&self) -> Option<Scalar<'_>> {
        Some(match self {
            Self::Given(AttributeValue::S(text)) => Scalar::S(text),
            Self::Packed(View::S(text)) => Scalar::S(text),
            Self::Given(AttributeValue::N(number)) | Self::Packed(View::N(number)) | Self::Size(number) => {
                Scalar::N(*number)
            }
            Self::Given(AttributeValue::B(bytes)) => Scalar::B(bytes),
            Self::Packed(View::B(bytes)) => Scalar::B(bytes),
            Self::Given(_) | Self::Packed(_) => return None,
        })
    }

    fn attribute_type(&self) -> AttributeType {
        match self {
            Self::Given(value) => value.attribute_type(),
            Self::Packed(view) => view.attribute_type(),
            Self::Size(_) => AttributeType::N,
        }
    }

    /// The value by itself.
    fn whole(&self) -> Cow<'_, AttributeValue> {
        match self {
            Self::Given(value) => Cow::Borrowed(value),
            Self::Packed(view) => Cow::Owned(view.value()),
            Self::Size(number) => Cow::Owned(AttributeValue::N(*number)),
        }
    }

    fn equals(&self, other: &Self) -> bool {
        match (self.scalar(), other.scalar()) {
            (None, None) => self.attribute_type() == other.attribute_type() && self.whole() == other.whole(),
            (one, other) => one == other,
        }
    }
}

impl Operand {
    fn found<'a>(&'a self, item: Option<&'a Item>) -> Option<Found<'a>> {
        match self {
            Self::Path(path) => path.view(item?).map(Found::Packed),
            Self::Value(value) => Some(Found::Given(value)),
            Self::Test(condition) => Some(Found::Given(match condition.holds(item) {
                true => &AttributeValue::Bool(true),
                false => &AttributeValue::Bool(false),
            })),
            Self::Size(of) => size(&of.found(item)?.whole()).map(Number::from).map(Found::Size),
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
fn compare(comparator: Comparator, left: Option<&Found<'_>>, right: Option<&Found<'_>>) -> bool {
    let both = left.zip(right);
    let order = || both.and_then(|(left, right)| left.scalar()?.partial_cmp(&right.scalar()?));
    match comparator {
        Comparator::Equal => both.is_some_and(|(left, right)| left.equals(right)),
        Comparator::NotEqual => both.is_none_or(|(left, right)| !left.equals(right)),
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
