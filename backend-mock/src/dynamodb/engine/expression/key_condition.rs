//! Key conditions: values of the partition key and at most one range of sort keys.

use super::super::attribute_value::AttributeValue;
use super::condition::{Condition, Operand};
use super::condition_parser::Comparator;
use super::path::DocumentPath;

/// The conditions of a KeyConditionExpression, each on another attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyCondition {
    pub(crate) parts: Vec<KeyPart>,
}

/// One condition on one key attribute.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct KeyPart {
    pub(crate) attribute: String,
    pub(crate) test: KeyTest,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum KeyTest {
    Equal(AttributeValue),
    Less(AttributeValue),
    LessOrEqual(AttributeValue),
    Greater(AttributeValue),
    GreaterOrEqual(AttributeValue),
    Between(AttributeValue, AttributeValue),
    BeginsWith(AttributeValue),
    /// A legacy condition that no index can follow.
    NotIndexable,
}

impl KeyTest {
    pub(crate) fn values(&self) -> Vec<&AttributeValue> {
        match self {
            Self::Equal(value)
            | Self::Less(value)
            | Self::LessOrEqual(value)
            | Self::Greater(value)
            | Self::GreaterOrEqual(value)
            | Self::BeginsWith(value) => vec![value],
            Self::Between(low, high) => vec![low, high],
            Self::NotIndexable => Vec::new(),
        }
    }
}

/// The beginning of most errors about a condition that no query can follow.
const INVALID: &str = "Invalid condition in KeyConditionExpression:";

impl KeyCondition {
    /// What a condition asks of keys.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, when no query could follow the condition.
    pub(crate) fn of(condition: Condition) -> Result<Self, String> {
        let mut key_condition = Self { parts: Vec::new() };
        key_condition.collect(condition)?;
        Ok(key_condition)
    }

    fn collect(&mut self, condition: Condition) -> Result<(), String> {
        let invalid_operator =
            |name: &str| Err(format!("Invalid operator used in KeyConditionExpression: {name}"));
        match condition {
            Condition::And(parts) => parts.into_iter().try_for_each(|part| self.collect(part)),
            Condition::Or(_) => invalid_operator("OR"),
            Condition::Not(_) => invalid_operator("NOT"),
            Condition::In { .. } => invalid_operator("IN"),
            Condition::Compare { comparator: Comparator::NotEqual, .. } => invalid_operator("<>"),
            Condition::AttributeExists(_) => invalid_operator("attribute_exists"),
            Condition::AttributeNotExists(_) => invalid_operator("attribute_not_exists"),
            Condition::AttributeType { .. } => invalid_operator("attribute_type"),
            Condition::Contains { .. } => invalid_operator("contains"),
            Condition::Compare { comparator, left, right } => {
                let (comparator, path, value) = match (left, right) {
                    (Operand::Path(path), other) => (comparator, path, other),
                    (other, Operand::Path(path)) => (comparator.mirrored(), path, other),
                    (Operand::Size(_) | Operand::Test(_), _) | (_, Operand::Size(_) | Operand::Test(_)) => {
                        return Err(nested_operation());
                    }
                    _ => return Err(format!("{INVALID} No key attribute specified")),
                };
                check_not_nested(&path)?;
                let value = plain(value)?;
                let test = match comparator {
                    Comparator::Less => KeyTest::Less(value),
                    Comparator::LessOrEqual => KeyTest::LessOrEqual(value),
                    Comparator::Greater => KeyTest::Greater(value),
                    Comparator::GreaterOrEqual => KeyTest::GreaterOrEqual(value),
                    Comparator::Equal | Comparator::NotEqual => KeyTest::Equal(value),
                };
                self.add(&path, test)
            }
            Condition::Between { value, low, high } => {
                let path = key_operand(value, "BETWEEN")?;
                self.add(&path, KeyTest::Between(plain(low)?, plain(high)?))
            }
            Condition::BeginsWith { value, prefix } => {
                let path = key_operand(value, "begins_with")?;
                self.add(&path, KeyTest::BeginsWith(plain(prefix)?))
            }
        }
    }

    fn add(&mut self, path: &DocumentPath, test: KeyTest) -> Result<(), String> {
        let attribute = path.attribute().to_owned();
        if self.parts.iter().any(|part| part.attribute == attribute) {
            return Err("Invalid KeyConditionExpression: KeyConditionExpressions must only contain one condition per key"
                .to_owned());
        }
        self.parts.push(KeyPart { attribute, test });
        Ok(())
    }
}

fn check_not_nested(path: &DocumentPath) -> Result<(), String> {
    if path.is_nested() {
        return Err("KeyConditionExpressions cannot have conditions on nested attributes".to_owned());
    }
    Ok(())
}

fn nested_operation() -> String {
    "KeyConditionExpressions cannot contain nested operations".to_owned()
}

fn plain(operand: Operand) -> Result<AttributeValue, String> {
    match operand {
        Operand::Value(value) => Ok(value),
        Operand::Path(_) => Err(format!("{INVALID} Multiple attribute names used in one condition")),
        Operand::Size(_) | Operand::Test(_) => Err(nested_operation()),
    }
}

fn key_operand(operand: Operand, operator: &str) -> Result<DocumentPath, String> {
    match operand {
        Operand::Path(path) => check_not_nested(&path).map(|()| path),
        Operand::Size(_) | Operand::Test(_) => Err(nested_operation()),
        Operand::Value(_) => {
            Err(format!("{INVALID} {operator} operator must have the key attribute as its first operand"))
        }
    }
}
