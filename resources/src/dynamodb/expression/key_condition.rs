//! Key conditions: which partition a query reads, and which part of it.

use std::ops::BitAnd;

use super::condition::{Condition, Precedence};
use super::operand::Value;
use super::placeholders::Placeholders;
use super::{Attr, Operand};

/// An attribute of a table's or an index's key. What a key condition cannot say has no method here.
///
/// # Source
/// DynamoDB developer guide, "Key condition expressions for the Query operation"; boto3, D-09.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key(Attr);

impl Key {
    /// The key attribute of that name, dots and brackets included: keys are at the top of an item.
    pub fn new(name: impl Into<String>) -> Self {
        Self(Attr::literal(name))
    }

    /// Equal, as a partition key must be.
    pub fn eq(self, value: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.eq(Operand::from(value.into())))
    }

    /// Less than.
    pub fn lt(self, value: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.lt(Operand::from(value.into())))
    }

    /// Less than or equal.
    pub fn lte(self, value: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.lte(Operand::from(value.into())))
    }

    /// Greater than.
    pub fn gt(self, value: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.gt(Operand::from(value.into())))
    }

    /// Greater than or equal.
    pub fn gte(self, value: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.gte(Operand::from(value.into())))
    }

    /// From `low` to `high`, both included.
    pub fn between(self, low: impl Into<Value>, high: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.between(Operand::from(low.into()), Operand::from(high.into())))
    }

    /// A string or binary that begins so.
    pub fn begins_with(self, prefix: impl Into<Value>) -> KeyCondition {
        KeyCondition(self.0.begins_with(Operand::from(prefix.into())))
    }
}

/// A condition on the key, made from a [`Key`]; `&` combines the one of the partition key with that of the sort key.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a key condition does nothing until a query has it"]
pub struct KeyCondition(Condition);

impl KeyCondition {
    /// Both hold; the same as `self & other`.
    pub fn and(self, other: Self) -> Self {
        self & other
    }

    pub(super) fn write(&self, text: &mut String, placeholders: &mut Placeholders) {
        self.0.write(text, placeholders, Precedence::And);
    }
}

impl BitAnd for KeyCondition {
    type Output = Self;

    /// Both hold.
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}
