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
use key_condition::Fault;
use placeholder::Placeholders;

pub(crate) use condition::Condition;
pub(crate) use key_condition::{KeyCondition, KeyTest};
pub(crate) use path::{DocumentPath, Step};
pub(crate) use projection::Projection;
pub(crate) use update::{Update, Value, Verb};

/// The expressions of a request as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Expressions {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) key_condition: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) projection: Option<String>,
    pub(crate) names: Option<BTreeMap<String, String>>,
    pub(crate) values: Option<BTreeMap<String, AttributeValue>>,
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
    /// Reads them all. `with_values` names the expressions of this operation that may use values, as DynamoDB lists
    /// them when values come and no expression does.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first fault.
    pub(crate) fn parse(&self, with_values: &str) -> Result<Parsed, Error> {
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
        let parsed = Parsed {
            update: read(&self.update, "UpdateExpression", |text| Update::parse(text, &mut placeholders))?,
            condition: read(&self.condition, "ConditionExpression", |text| {
                Condition::parse(text, &mut placeholders)
            })?,
            key_condition: match &self.key_condition {
                None => None,
                Some(text) => {
                    Some(KeyCondition::parse(text, &mut placeholders).map_err(|fault| match fault {
                        Fault::Grammar(fault) => {
                            Error::validation(format!("Invalid KeyConditionExpression: {fault}"))
                        }
                        Fault::Keys(fault) => Error::validation(fault),
                    })?)
                }
            },
            filter: read(&self.filter, "FilterExpression", |text| Condition::parse(text, &mut placeholders))?,
            projection: read(&self.projection, "ProjectionExpression", |text| {
                Projection::parse(text, &mut placeholders)
            })?,
        };
        placeholders.check_all_used()?;
        Ok(parsed)
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
