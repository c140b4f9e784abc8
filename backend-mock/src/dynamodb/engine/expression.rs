//! Expressions: the five small languages in which requests speak of attributes, and the placeholders they share.

mod condition;
mod condition_parser;
mod evaluation;
mod key_condition;
mod path;
mod placeholder;
mod projection;
mod reserved;
#[cfg(test)]
mod tests;
mod token;
mod update;

use std::collections::BTreeMap;

use super::attribute_value::AttributeValue;
use super::error::Error;
use placeholder::Placeholders;

pub(crate) use condition::{Condition, Operand};
pub(crate) use condition_parser::Comparator;
pub(crate) use key_condition::{KeyCondition, KeyTest};
pub(crate) use path::{DocumentPath, Step, check_all_distinct};
pub(crate) use projection::Projection;
pub(crate) use update::{Action, Update, Value, Verb};

/// The expressions of a request as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Expressions {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) key_condition: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) projection: Option<String>,
    pub(crate) names: Option<BTreeMap<String, String>>,
    /// Each value, or what is wrong with it: that is found out only after faults of the keys.
    pub(crate) values: Option<BTreeMap<String, Result<AttributeValue, String>>>,
    /// What a PartiQL statement says instead of all of these, read already.
    pub(crate) statement: Option<Box<Parsed>>,
}

/// The expressions of a request, read and found well-formed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) update: Option<Update>,
    pub(crate) condition: Option<Condition>,
    pub(crate) key_condition: Option<KeyCondition>,
    pub(crate) filter: Option<Condition>,
    pub(crate) projection: Option<Projection>,
}

impl Expressions {
    /// The expressions of a request that came as a PartiQL statement.
    pub(crate) fn of_statement(parsed: Parsed) -> Self {
        Self { statement: Some(Box::new(parsed)), ..Self::default() }
    }

    /// In a transaction, names and values are of no concern where there is no expression.
    pub(crate) fn or_none(self) -> Self {
        let expressions =
            [&self.update, &self.condition, &self.key_condition, &self.filter, &self.projection];
        if expressions.iter().all(|expression| expression.is_none()) { Self::default() } else { self }
    }

    /// Reads them all. `with_values` names the expressions of this operation that may use values, as DynamoDB lists
    /// them when values come and no expression does.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first fault.
    pub(crate) fn parse(&self, with_values: &str) -> Result<Parsed, Error> {
        if let Some(parsed) = &self.statement {
            return Ok(Parsed::clone(parsed));
        }
        let may_use_values = [&self.update, &self.condition, &self.key_condition, &self.filter];
        let no_values = may_use_values.iter().all(|expression| expression.is_none());
        if self.names.is_some() && no_values && self.projection.is_none() {
            return Err(Error::validation(
                "ExpressionAttributeNames can only be specified when using expressions",
            ));
        }
        if self.values.is_some() && no_values {
            let verb = if with_values.contains(" and ") { "are" } else { "is" };
            return Err(Error::validation(format!(
                "ExpressionAttributeValues can only be specified when using expressions: {with_values} {verb} null"
            )));
        }
        let mut placeholders = Placeholders::new(self.names.as_ref(), self.values.as_ref())?;
        let update = read(&self.update, "UpdateExpression", |text| Update::parse(text, &mut placeholders))?;
        let mut condition =
            |text, member| read(text, member, |text| Condition::parse(text, &mut placeholders));
        let of_write = condition(&self.condition, "ConditionExpression")?;
        let of_keys = condition(&self.key_condition, "KeyConditionExpression")?;
        let filter = condition(&self.filter, "FilterExpression")?;
        let projection = read(&self.projection, "ProjectionExpression", |text| {
            Projection::parse(text, &mut placeholders)
        })?;
        placeholders.check_all_used()?;
        // What a condition asks of keys is looked at when everything is known to be well-formed.
        let key_condition = of_keys.map(KeyCondition::of).transpose().map_err(Error::Validation)?;
        Ok(Parsed { update, condition: of_write, key_condition, filter, projection })
    }
}

fn read<T>(
    text: &Option<String>,
    member: &str,
    parse: impl FnOnce(&str) -> Result<T, String>,
) -> Result<Option<T>, Error> {
    text.as_deref()
        .map(parse)
        .transpose()
        .map_err(|fault| Error::validation(format!("Invalid {member}: {fault}")))
}
