//! INSERT, UPDATE, DELETE and EXISTS as the writes of one item that the engine has for other requests.

use super::super::Engine;
use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::super::expression::{Condition, DocumentPath, Expressions, Parsed, Step};
use super::super::item::{Attributes, check_nesting_of_updated};
use super::super::key_schema::{KeySchema, KeyValue};
use super::super::single_item::{KeyedWriteInput, PutItemInput, WriteOutput};
use super::super::transaction::{TransactVerb, TransactWriteItem};
use super::super::write::{OnConditionFailure, ReturnValues};
use super::parser::{EXISTS_ELSEWHERE, Target, Written, WrittenSelect};
use super::plan::{check_is_key, check_type, conjuncts, equality, joined};
use super::{condition, literal, update};

/// A write that a statement is.
pub(super) struct StatementWrite {
    pub(super) item: TransactWriteItem,
    pub(super) return_values: ReturnValues,
    pub(super) is_insert: bool,
    /// Whether it is a DELETE that asks for more than a key.
    pub(super) is_conditional_delete: bool,
}

/// Where a statement is asked for, which decides who says what of its key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AskedIn {
    Statement,
    /// Of keys that are no key of the table, a transaction speaks in its reasons.
    Transaction,
}

impl StatementWrite {
    /// The write that a statement is; `None` for a SELECT.
    ///
    /// # Errors
    /// [`Error::Validation`] when the statement is not about one item, [`Error::ResourceNotFound`] without its table.
    pub(super) fn of(
        engine: &Engine,
        written: &Written,
        parameters: &[AttributeValue],
        on_condition_failure: OnConditionFailure,
        asked_in: AskedIn,
    ) -> Result<Option<Self>, Error> {
        let mut return_values = ReturnValues::None;
        let mut is_conditional_delete = false;
        let mut parsed = Parsed::default();
        let (table, verb) = match written {
            Written::Select(_) => return Ok(None),
            Written::Insert { table, item } => {
                let mut item = literal::item(item, parameters)?;
                let found = engine.table(table)?;
                let schema = &found.definition.key_schema;
                check_item_key(schema, &item, asked_in)?;
                if let Err(too_deep) = item.values().try_for_each(check_nesting_of_updated) {
                    // That is judged only of an item that can be inserted.
                    let key = schema.key_of_item(&item).ok();
                    if !key.is_some_and(|key| found.items.contains_key(&key)) {
                        return Err(too_deep);
                    }
                    item.retain(|name, _| schema.attributes().any(|attribute| attribute.name == *name));
                }
                parsed.condition = Some(Condition::AttributeNotExists(partition(schema)));
                (table, TransactVerb::Put(item))
            }
            Written::Update { target, actions, condition, returning } => {
                let condition =
                    condition.as_ref().map(|term| condition::condition(term, parameters)).transpose()?;
                parsed.update = Some(update::update(actions, parameters)?);
                let schema = schema_of(engine, target)?;
                let (key, rest) = key_and_rest(schema, condition)?;
                check_key_types(schema, &key, asked_in)?;
                // An UPDATE does not bring an item into being.
                let exists = Condition::AttributeExists(partition(schema));
                parsed.condition = Some(match rest {
                    Some(rest) => Condition::And(vec![exists, rest]),
                    None => exists,
                });
                return_values = returning.map_or(ReturnValues::None, |returning| returning.return_values());
                (&target.table, TransactVerb::Update(key))
            }
            Written::Delete { target, condition, returning } => {
                if let Some(returning) = returning {
                    return_values = returning.return_values();
                    if return_values != ReturnValues::AllOld {
                        return Err(Error::validation(format!(
                            "Invalid returning clause: RETURNING {}. Only RETURNING ALL OLD * is allowed in DELETE \
                             statements.",
                            returning.as_str()
                        )));
                    }
                }
                let condition =
                    condition.as_ref().map(|term| condition::condition(term, parameters)).transpose()?;
                let schema = schema_of(engine, target)?;
                let (key, rest) = key_and_rest(schema, condition)?;
                check_key_types(schema, &key, asked_in)?;
                is_conditional_delete = rest.is_some();
                // Where there is no item, there is nothing to delete and nothing to fail.
                let absent = Condition::AttributeNotExists(partition(schema));
                parsed.condition = rest.map(|rest| Condition::Or(vec![absent, rest]));
                (&target.table, TransactVerb::Delete(key))
            }
            Written::Exists(select) => {
                let (key, rest) = condition_check(engine, select, parameters)?;
                parsed.condition = Some(rest);
                (&select.target.table, TransactVerb::ConditionCheck(key))
            }
        };
        let item = TransactWriteItem {
            table_name: table.clone(),
            verb,
            expressions: Expressions::of_statement(parsed),
            on_condition_failure,
        };
        let is_insert = matches!(written, Written::Insert { .. });
        Ok(Some(Self { item, return_values, is_insert, is_conditional_delete }))
    }

    pub(super) fn execute(self, engine: &mut Engine) -> Result<WriteOutput, Error> {
        let TransactWriteItem { table_name, verb, expressions, on_condition_failure } = self.item;
        let return_values = self.return_values;
        let keyed = |key| KeyedWriteInput {
            table_name: table_name.clone(),
            key,
            expressions: expressions.clone(),
            return_values,
            on_condition_failure,
        };
        match verb {
            TransactVerb::Update(key) => engine.update_item(keyed(key)),
            TransactVerb::Delete(key) => engine.delete_item(keyed(key)),
            TransactVerb::Put(item) => {
                let input =
                    PutItemInput { table_name, item, expressions, return_values, on_condition_failure };
                engine.put_item(input).map_err(|error| match error {
                    Error::ConditionalCheckFailed(_) => Error::DuplicateItem,
                    other => other,
                })
            }
            TransactVerb::ConditionCheck(_) => Err(Error::validation(EXISTS_ELSEWHERE)),
        }
    }
}

fn partition(schema: &KeySchema) -> DocumentPath {
    DocumentPath::new(vec![Step::Member(schema.partition.name.clone())])
}

fn schema_of<'e>(engine: &'e Engine, target: &Target) -> Result<&'e KeySchema, Error> {
    if target.index.is_some() {
        return Err(Error::validation("This operation is not supported on an index"));
    }
    Ok(&engine.table(&target.table)?.definition.key_schema)
}

fn check_item_key(schema: &KeySchema, item: &Attributes, asked_in: AskedIn) -> Result<(), Error> {
    for attribute in schema.attributes() {
        let name = &attribute.name;
        let value = item.get(name).ok_or_else(|| {
            Error::validation(format!("Key attribute should be present in the item: Key {name}"))
        })?;
        let fits = KeyValue::of(value).is_some_and(|(_, key_type)| key_type == attribute.key_type);
        if asked_in == AskedIn::Statement && !fits {
            return Err(Error::validation(format!(
                "Key attribute's data type should match its data type in table's schema: Key {name}"
            )));
        }
    }
    Ok(())
}

fn check_key_types(schema: &KeySchema, key: &Attributes, asked_in: AskedIn) -> Result<(), Error> {
    let mut named = schema.attributes().filter_map(|attribute| Some((attribute, key.get(&attribute.name)?)));
    named.try_for_each(|(attribute, value)| match asked_in {
        AskedIn::Statement => check_type(attribute, value),
        AskedIn::Transaction => check_is_key(attribute, value),
    })
}

/// The key that a condition names, and what else it asks for.
///
/// # Errors
/// When it does not name exactly one key.
pub(super) fn key_and_rest(
    schema: &KeySchema,
    condition: Option<Condition>,
) -> Result<(Attributes, Option<Condition>), Error> {
    let (mut key, mut rest) = (Attributes::new(), Vec::new());
    for part in condition.map(conjuncts).unwrap_or_default() {
        let found =
            schema.attributes().find_map(|attribute| Some((attribute, equality(&part, &attribute.name)?)));
        let Some((attribute, value)) = found else {
            rest.push(part);
            continue;
        };
        let earlier = key.insert(attribute.name.clone(), value.clone());
        if earlier.is_some_and(|earlier| earlier != *value) {
            return Err(Error::validation(format!(
                "Multiple conditions on same key {}. Only single item Update/Insert/Delete are supported",
                attribute.name
            )));
        }
    }
    if key.len() < schema.attributes().count() {
        return Err(Error::validation(
            "Where clause does not contain a mandatory equality on all key attributes",
        ));
    }
    Ok((key, joined(rest)))
}

/// What `EXISTS(SELECT …)` asks of one item.
fn condition_check(
    engine: &Engine,
    select: &WrittenSelect,
    parameters: &[AttributeValue],
) -> Result<(Attributes, Condition), Error> {
    if select.target.index.is_some() {
        return Err(Error::validation("Operations on indices are not supported in transactions"));
    }
    let condition =
        select.condition.as_ref().map(|term| condition::condition(term, parameters)).transpose()?;
    let schema = &engine.table(&select.target.table)?.definition.key_schema;
    match key_and_rest(schema, condition) {
        Ok((key, Some(rest))) => {
            check_key_types(schema, &key, AskedIn::Transaction)?;
            Ok((key, rest))
        }
        _ => Err(Error::validation("EXISTS() must contain a single item read with additional condition")),
    }
}
