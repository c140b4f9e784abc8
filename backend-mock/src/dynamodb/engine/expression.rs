//! Expressions: the five small languages in which requests speak of attributes, and the placeholders they share.

mod condition;
mod condition_parser;
mod evaluation;
mod key_condition;
pub(crate) mod legacy;
mod path;
mod placeholder;
#[cfg(test)]
mod printed;
mod projection;
mod reserved;
mod search_condition;
#[cfg(test)]
mod tests;
mod texts;
mod token;
mod update;

use std::collections::BTreeMap;

use super::attribute_value::AttributeValue;
use super::error::Error;
use condition_parser::Written;
use placeholder::Placeholders;
use projection::WrittenProjection;
use update::WrittenUpdate;

pub(crate) use condition::{Condition, Operand, check_bounds, check_distinct};
pub(crate) use condition_parser::Comparator;
pub(crate) use key_condition::{KeyCondition, KeyTest};
pub(crate) use path::{DocumentPath, Step, check_assigned_distinct};
pub(crate) use projection::Projection;
pub(crate) use search_condition::SearchCondition;
pub(crate) use texts::Texts;
pub(crate) use update::{Action, Update, Value, Verb};

/// The expressions of a request as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Expressions {
    pub(crate) update: Option<String>,
    pub(crate) condition: Option<String>,
    pub(crate) key_condition: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) search: Option<String>,
    pub(crate) projection: Option<String>,
    pub(crate) names: Option<BTreeMap<String, String>>,
    /// Each value, or what is wrong with it: that is found out only after faults of the keys.
    pub(crate) values: Option<BTreeMap<String, Result<AttributeValue, String>>>,
    /// What a PartiQL statement says instead of all of these, read already.
    pub(crate) statement: Option<Box<Parsed>>,
    /// Whether they are of a request that the newer validation reads: it tells faults of values without saying that they
    /// are in a value of an expression, and in which, and faults of writes in its envelope.
    pub(crate) shows_value_faults_alone: bool,
    /// What the legacy parameters of the request said, where it has those.
    pub(crate) legacy: Parsed,
}

/// The expressions of a request, read and found well-formed.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Parsed {
    pub(crate) update: Option<Update>,
    pub(crate) condition: Option<Condition>,
    pub(crate) key_condition: Option<KeyCondition>,
    pub(crate) filter: Option<Condition>,
    pub(crate) search: Option<SearchCondition>,
    pub(crate) projection: Option<Projection>,
    /// Whether the filter came as a QueryFilter or a ScanFilter.
    pub(crate) has_legacy_filter: bool,
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

    /// What a search looks at first: the values, and then whether names and values are there and are called as they
    /// must be. Other operations look at what uses them before.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first fault.
    pub(crate) fn check_placeholders(&self) -> Result<(), Error> {
        let (names, values) = (self.names.as_ref(), self.values.as_ref());
        if let Some(fault) = values.and_then(|values| values.values().find_map(|value| value.as_ref().err()))
        {
            return Err(Error::validation(fault));
        }
        let is_empty = [
            ("ExpressionAttributeNames", names.is_some_and(BTreeMap::is_empty)),
            ("ExpressionAttributeValues", values.is_some_and(BTreeMap::is_empty)),
        ];
        match is_empty.into_iter().find(|(_, is_empty)| *is_empty) {
            Some((member, _)) => Err(Error::validation(format!("{member} must not be empty"))),
            None => Placeholders::new(names, values, self.shows_value_faults_alone).map(drop),
        }
    }

    /// The fault of these expressions as a write of one item reports it.
    pub(crate) fn reported(&self, error: Error) -> Error {
        if self.shows_value_faults_alone { error.enveloped() } else { error }
    }

    /// Refuses names and values that come without an expression. `with_values` names the expressions of this operation
    /// that may use values, as DynamoDB lists them when values come and no expression does; it is empty for operations
    /// that list none.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first fault.
    pub(crate) fn check_parameters(&self, with_values: &str) -> Result<(), Error> {
        let may_use_values = [&self.update, &self.condition, &self.key_condition, &self.filter, &self.search];
        let no_values = may_use_values.iter().all(|expression| expression.is_none());
        if self.names.is_some() && no_values && self.projection.is_none() {
            return Err(Error::validation(
                "ExpressionAttributeNames can only be specified when using expressions",
            ));
        }
        if self.values.is_some() && no_values {
            let missing = match with_values {
                "" => String::new(),
                many if many.contains(" and ") => format!(": {many} are null"),
                one => format!(": {one} is null"),
            };
            return Err(Error::validation(format!(
                "ExpressionAttributeValues can only be specified when using expressions{missing}"
            )));
        }
        Ok(())
    }

    /// Reads them all, or takes what `texts` has read before; see [`Expressions::check_parameters`] for `with_values`.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first fault.
    pub(crate) fn parse(&self, texts: &Texts, with_values: &str) -> Result<Parsed, Error> {
        if let Some(parsed) = &self.statement {
            return Ok(Parsed::clone(parsed));
        }
        self.check_parameters(with_values)?;
        let mut placeholders =
            Placeholders::new(self.names.as_ref(), self.values.as_ref(), self.shows_value_faults_alone)?;
        // Of two expressions without a word in them, the condition is told.
        if self.update.as_deref() == Some("") && self.condition.as_deref() == Some("") {
            read(&self.condition, "ConditionExpression", Written::parse)?;
        }
        let update = read(&self.update, "UpdateExpression", |text| {
            Update::of(&*texts.updates.get(text, WrittenUpdate::parse)?, &mut placeholders)
        })?;
        let mut condition = |text, member| {
            read(text, member, |text| {
                Condition::of(&*texts.conditions.get(text, Written::parse)?, &mut placeholders)
            })
        };
        let sized =
            |fault, text| if self.shows_value_faults_alone { fault } else { with_length(fault, text) };
        let of_write = condition(&self.condition, "ConditionExpression")
            .map_err(|fault| sized(fault, &self.condition))?;
        let of_keys = condition(&self.key_condition, "KeyConditionExpression").map_err(as_fault_of_keys)?;
        let filter =
            condition(&self.filter, "FilterExpression").map_err(|fault| sized(fault, &self.filter))?;
        let search = condition(&self.search, "SearchConditionExpression")?;
        let search = search
            .map(SearchCondition::of)
            .transpose()
            .map_err(|fault| Error::validation(format!("Invalid SearchConditionExpression: {fault}")))?;
        let projection = read(&self.projection, "ProjectionExpression", |text| {
            Projection::of(&*texts.projections.get(text, WrittenProjection::parse)?, &mut placeholders)
        })?;
        placeholders.check_all_used()?;
        // What a condition asks of keys is looked at when everything is known to be well-formed.
        let key_condition = of_keys.map(KeyCondition::of).transpose().map_err(Error::Validation)?;
        let legacy = &self.legacy;
        Ok(Parsed {
            update: update.or_else(|| legacy.update.clone()),
            condition: of_write.or_else(|| legacy.condition.clone()),
            key_condition: key_condition.or_else(|| legacy.key_condition.clone()),
            filter: filter.or_else(|| legacy.filter.clone()),
            search,
            projection: projection.or_else(|| legacy.projection.clone()),
            has_legacy_filter: legacy.filter.is_some(),
        })
    }
}

/// Key conditions do not tell operators from functions.
fn as_fault_of_keys(error: Error) -> Error {
    match error {
        Error::Validation(message) => Error::Validation(
            message
                .replace("or function; operator: <", "or function; operator or function: <")
                .replace("or function; operator: >", "or function; operator or function: >"),
        ),
        other => other,
    }
}

/// In transactions and scans, the fault of a condition or a filter that is too long says how long it is.
fn with_length(fault: Error, text: &Option<String>) -> Error {
    match (fault, text) {
        (Error::Validation(message), Some(text)) if message.ends_with(token::TOO_LONG) => {
            Error::Validation(format!("{message} expression size: {}", text.len()))
        }
        (fault, _) => fault,
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
