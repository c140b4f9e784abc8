//! Legacy parameters: conditions, updates and projections as requests said them before there were expressions.
//!
//! All of them become what expressions become, so that the rest of the engine knows only one way.

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::super::error::Error;
use super::condition::{Condition, Operand};
use super::condition_parser::Comparator;
use super::key_condition::{KeyCondition, KeyPart, KeyTest};
use super::path::DocumentPath;
use super::projection::Projection;
use super::update::{Action, Update, Value, Verb};

/// How a legacy condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ComparisonOperator {
    In,
    Null,
    Between,
    Less,
    NotContains,
    Equal,
    Greater,
    NotNull,
    NotEqual,
    LessOrEqual,
    BeginsWith,
    GreaterOrEqual,
    Contains,
}

impl ComparisonOperator {
    /// Every name of the API, in the order in which its errors list them.
    pub(crate) const NAMES: [&str; 13] = [
        "IN",
        "NULL",
        "BETWEEN",
        "LT",
        "NOT_CONTAINS",
        "EQ",
        "GT",
        "NOT_NULL",
        "NE",
        "LE",
        "BEGINS_WITH",
        "GE",
        "CONTAINS",
    ];

    const ALL: [Self; 13] = [
        Self::In,
        Self::Null,
        Self::Between,
        Self::Less,
        Self::NotContains,
        Self::Equal,
        Self::Greater,
        Self::NotNull,
        Self::NotEqual,
        Self::LessOrEqual,
        Self::BeginsWith,
        Self::GreaterOrEqual,
        Self::Contains,
    ];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::NAMES
            .into_iter()
            .zip(Self::ALL)
            .find_map(|(known, operator)| (known == name).then_some(operator))
    }

    fn as_str(self) -> &'static str {
        let named = Self::ALL.into_iter().zip(Self::NAMES).find(|(operator, _)| *operator == self);
        named.map_or("", |(_, name)| name)
    }

    fn takes(self, count: usize) -> bool {
        match self {
            Self::Null | Self::NotNull => count == 0,
            Self::Between => count == 2,
            Self::In => count > 0,
            _ => count == 1,
        }
    }

    fn accepts(self, kind: AttributeType) -> bool {
        use AttributeType::{B, N, S};
        match self {
            Self::Equal | Self::NotEqual | Self::Null | Self::NotNull => true,
            Self::BeginsWith => matches!(kind, S | B),
            _ => matches!(kind, S | N | B),
        }
    }
}

/// A condition on one attribute, as KeyConditions, QueryFilter and ScanFilter hold them.
#[derive(Clone, Debug)]
pub(crate) struct AttributeCondition {
    pub(crate) attribute: String,
    pub(crate) operator: ComparisonOperator,
    pub(crate) values: Vec<AttributeValue>,
}

/// A condition on one attribute, as Expected holds them.
#[derive(Clone, Debug)]
pub(crate) struct ExpectedAttribute {
    pub(crate) attribute: String,
    pub(crate) operator: Option<ComparisonOperator>,
    pub(crate) values: Option<Vec<AttributeValue>>,
    pub(crate) value: Option<AttributeValue>,
    pub(crate) exists: Option<bool>,
}

/// What AttributeUpdates does to one attribute.
#[derive(Clone, Debug)]
pub(crate) struct AttributeUpdate {
    pub(crate) attribute: String,
    pub(crate) action: UpdateAction,
    pub(crate) value: Option<AttributeValue>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UpdateAction {
    Add,
    Put,
    Delete,
}

impl AttributeCondition {
    /// # Errors
    /// When the operator does not take so many values, or values of these types.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let operator = self.operator.as_str();
        if !self.operator.takes(self.values.len()) {
            return Err(Error::invalid_parameter(format!(
                "Invalid number of argument(s) for the {operator} ComparisonOperator"
            )));
        }
        let mut types = self.values.iter().map(AttributeValue::attribute_type);
        if let Some(first) = types.next()
            && types.any(|other| other != first)
        {
            return Err(Error::invalid_parameter(
                "AttributeValues inside AttributeValueList must be of same type",
            ));
        }
        let types = self.values.iter().map(AttributeValue::attribute_type);
        if let Some(refused) = types.into_iter().find(|kind| !self.operator.accepts(*kind)) {
            return Err(Error::invalid_parameter(format!(
                "ComparisonOperator {operator} is not valid for {refused} AttributeValue type"
            )));
        }
        if let (ComparisonOperator::Between, [low, high]) = (self.operator, &*self.values)
            && low.scalar_cmp(high).is_some_and(std::cmp::Ordering::is_gt)
        {
            return Err(Error::validation(
                "The BETWEEN condition was provided a range where the lower bound is greater than the upper bound",
            ));
        }
        Ok(())
    }

    fn into_condition(self) -> Condition {
        let path = DocumentPath::of_attribute(&self.attribute);
        let left = Operand::Path(path.clone());
        let mut values = self.values.into_iter().map(Operand::Value);
        let Some(first) = values.next() else {
            return match self.operator {
                ComparisonOperator::Null => Condition::AttributeNotExists(path),
                _ => Condition::AttributeExists(path),
            };
        };
        let comparator = match self.operator {
            ComparisonOperator::NotEqual => Comparator::NotEqual,
            ComparisonOperator::Less => Comparator::Less,
            ComparisonOperator::LessOrEqual => Comparator::LessOrEqual,
            ComparisonOperator::Greater => Comparator::Greater,
            ComparisonOperator::GreaterOrEqual => Comparator::GreaterOrEqual,
            ComparisonOperator::BeginsWith => return Condition::BeginsWith { value: left, prefix: first },
            ComparisonOperator::Contains => return Condition::Contains { value: left, operand: first },
            // What is not there contains nothing, and does not fulfil the opposite either.
            ComparisonOperator::NotContains => {
                let contains = Condition::Contains { value: left, operand: first };
                return Condition::And(vec![
                    Condition::AttributeExists(path),
                    Condition::Not(Box::new(contains)),
                ]);
            }
            ComparisonOperator::In => {
                return Condition::In {
                    value: left,
                    candidates: std::iter::once(first).chain(values).collect(),
                };
            }
            ComparisonOperator::Between => {
                let high = values.next().unwrap_or_else(|| first.clone());
                return Condition::Between { value: left, low: first, high };
            }
            ComparisonOperator::Equal | ComparisonOperator::Null | ComparisonOperator::NotNull => {
                Comparator::Equal
            }
        };
        Condition::Compare { comparator, left, right: first }
    }

    fn into_key_part(self) -> KeyPart {
        let mut values = self.values.into_iter();
        let test = match (self.operator, values.next(), values.next()) {
            (ComparisonOperator::Equal, Some(value), _) => KeyTest::Equal(value),
            (ComparisonOperator::Less, Some(value), _) => KeyTest::Less(value),
            (ComparisonOperator::LessOrEqual, Some(value), _) => KeyTest::LessOrEqual(value),
            (ComparisonOperator::Greater, Some(value), _) => KeyTest::Greater(value),
            (ComparisonOperator::GreaterOrEqual, Some(value), _) => KeyTest::GreaterOrEqual(value),
            (ComparisonOperator::BeginsWith, Some(value), _) => KeyTest::BeginsWith(value),
            (ComparisonOperator::Between, Some(low), Some(high)) => KeyTest::Between(low, high),
            _ => KeyTest::NotIndexable,
        };
        KeyPart { attribute: self.attribute, test }
    }
}

impl ExpectedAttribute {
    fn into_condition(self) -> Result<Condition, Error> {
        let attribute = self.attribute;
        let invalid =
            |detail: String| Err(Error::invalid_parameter(format!("{detail} for Attribute: {attribute}")));
        if self.values.is_some() && self.value.is_some() {
            return invalid("Value and AttributeValueList cannot be used together".to_owned());
        }
        if let Some(operator) = self.operator {
            if self.exists.is_some() {
                return invalid("Exists and ComparisonOperator cannot be used together".to_owned());
            }
            let needs_values = !operator.takes(0);
            let values = match (self.values, self.value) {
                (Some(values), _) => values,
                (None, Some(value)) => vec![value],
                (None, None) if needs_values => {
                    return invalid(format!(
                        "Value or AttributeValueList must be used with ComparisonOperator: {}",
                        operator.as_str()
                    ));
                }
                (None, None) => Vec::new(),
            };
            let condition = AttributeCondition { attribute, operator, values };
            condition.check()?;
            return Ok(condition.into_condition());
        }
        if self.values.is_some() {
            return invalid("AttributeValueList can only be used with a ComparisonOperator".to_owned());
        }
        let path = DocumentPath::of_attribute(&attribute);
        match (self.exists, self.value) {
            (Some(false), None) => Ok(Condition::AttributeNotExists(path)),
            (Some(false), Some(_)) => invalid("Value cannot be used when Exists is false".to_owned()),
            (Some(true), None) => invalid("Value must be provided when Exists is true".to_owned()),
            (None, None) => invalid("Value must be provided when Exists is null".to_owned()),
            (_, Some(value)) => Ok(Condition::Compare {
                comparator: Comparator::Equal,
                left: Operand::Path(path),
                right: Operand::Value(value),
            }),
        }
    }
}

/// All of the conditions, or any of them where the conditional operator is `OR`; `None` where there are none.
///
/// # Errors
/// [`Error::Validation`] for the first condition that makes no sense.
pub(crate) fn expected(attributes: Vec<ExpectedAttribute>, any: bool) -> Result<Option<Condition>, Error> {
    let conditions =
        attributes.into_iter().map(ExpectedAttribute::into_condition).collect::<Result<Vec<_>, _>>()?;
    Ok(together(conditions, any))
}

/// As [`expected`], for QueryFilter and ScanFilter.
///
/// # Errors
/// [`Error::Validation`] for the first condition that makes no sense.
pub(crate) fn filter(conditions: Vec<AttributeCondition>, any: bool) -> Result<Option<Condition>, Error> {
    conditions.iter().try_for_each(AttributeCondition::check)?;
    Ok(together(conditions.into_iter().map(AttributeCondition::into_condition).collect(), any))
}

/// # Errors
/// [`Error::Validation`] when a condition makes no sense, or there is none. How many there may be is for the key to say.
pub(crate) fn key_conditions(conditions: Vec<AttributeCondition>) -> Result<KeyCondition, Error> {
    conditions.iter().try_for_each(AttributeCondition::check)?;
    if conditions.is_empty() {
        return Err(Error::validation("Conditions can be of length 1 or 2 only"));
    }
    Ok(KeyCondition { parts: conditions.into_iter().map(AttributeCondition::into_key_part).collect() })
}

/// `None` where nothing is updated.
///
/// # Errors
/// [`Error::Validation`] when an action lacks its value, or has one of a type that it does not take.
pub(crate) fn attribute_updates(updates: Vec<AttributeUpdate>) -> Result<Option<Update>, Error> {
    let actions = updates.into_iter().map(AttributeUpdate::into_action).collect::<Result<Vec<_>, _>>()?;
    Ok((!actions.is_empty()).then_some(Update { actions }))
}

/// # Errors
/// [`Error::Validation`] when a name comes twice.
pub(crate) fn attributes_to_get(names: &[&str]) -> Result<Projection, Error> {
    if let Some((_, name)) = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name)) {
        return Err(Error::invalid_parameter(format!("Duplicate value in attribute name: {name}")));
    }
    Ok(Projection::of_attributes(names))
}

fn together(mut conditions: Vec<Condition>, any: bool) -> Option<Condition> {
    match (conditions.len(), any) {
        (0 | 1, _) => conditions.pop(),
        (_, true) => Some(Condition::Or(conditions)),
        (_, false) => Some(Condition::And(conditions)),
    }
}

impl AttributeUpdate {
    fn into_action(self) -> Result<Action, Error> {
        use AttributeType::{Bs, L, N, Ns, Ss};
        let path = DocumentPath::of_attribute(&self.attribute);
        let kind = self.value.as_ref().map(AttributeValue::attribute_type);
        let verb = match (self.action, self.value, kind) {
            (UpdateAction::Delete, None, _) => Verb::Remove,
            (_, None, _) | (_, _, None) => {
                return Err(Error::invalid_parameter(
                    "Only DELETE action is allowed when no attribute value is specified",
                ));
            }
            (UpdateAction::Put, Some(value), _) => Verb::Set(Value::Literal(value)),
            (UpdateAction::Delete, Some(value), Some(Ss | Ns | Bs)) => Verb::Delete(value),
            (UpdateAction::Delete, _, Some(kind)) => {
                return Err(Error::invalid_parameter(format!(
                    "DELETE action with value is not supported for the type {kind}"
                )));
            }
            (UpdateAction::Add, Some(value), Some(N | Ss | Ns | Bs)) => Verb::Add(value),
            (UpdateAction::Add, Some(value), Some(L)) => {
                let empty = Value::Literal(AttributeValue::L(Vec::new()));
                let there = Value::IfNotExists(path.clone(), Box::new(empty));
                Verb::Set(Value::ListAppend(Box::new(there), Box::new(Value::Literal(value))))
            }
            (UpdateAction::Add, _, Some(kind)) => {
                return Err(Error::invalid_parameter(format!(
                    "ADD action is not supported for the type {kind}"
                )));
            }
        };
        Ok(Action { path, verb })
    }
}
