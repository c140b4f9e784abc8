//! Applying an update: from the item before to the attributes after.
//!
//! Every right side sees the item before the update. List indexes, too, mean the list before it: elements beyond its
//! end are appended in the order of their indexes, and removals come last, from the end.

use super::attribute_value::AttributeValue;
use super::error::Error;
use super::expression::{DocumentPath, Step, Update, Value, Verb};
use super::item::{self, Attributes, Item};
use super::number::Number;

/// What each path becomes, in the order of paths.
type Assignments<'u> = Vec<(&'u DocumentPath, Option<AttributeValue>)>;

/// The item after an update that speaks of whole attributes alone, as most do: the others stay as they lie. `None` for
/// every other update.
///
/// # Errors
/// [`Error::Validation`] when an operand does not fit the item, or a value is nested too deep.
pub(crate) fn apply_in_place(update: &Update, before: &Item) -> Result<Option<Item>, Error> {
    if update.actions.iter().any(|action| action.path.is_nested()) {
        return Ok(None);
    }
    let assignments = assignments(update, before)?;
    assignments
        .iter()
        .filter_map(|(_, value)| value.as_ref())
        .try_for_each(item::check_nesting_of_updated)?;
    let changes: Vec<_> =
        assignments.iter().map(|(path, value)| (path.attribute(), value.as_ref())).collect();
    Ok(Some(before.with(&changes)))
}

fn assignments<'u>(update: &'u Update, before: &Item) -> Result<Assignments<'u>, Error> {
    let mut assignments = Assignments::new();
    for action in &update.actions {
        assignments.push((&action.path, outcome(&action.path, &action.verb, before)?));
    }
    assignments.sort_by_key(|(path, _)| *path);
    Ok(assignments)
}

/// # Errors
/// [`Error::Validation`] when a path or an operand does not fit the item.
pub(crate) fn apply(update: &Update, before: &Item) -> Result<Attributes, Error> {
    // In the order of paths, elements come in the order of their indexes; removals follow in reverse.
    let assignments = assignments(update, before)?;
    let mut attributes = before.attributes();
    // What is not there is gone already: its path is checked before anything is appended in its place.
    for (path, value) in &assignments {
        if value.is_none() && !path.leads_somewhere(before) {
            assign(&mut attributes, path, None)?;
        }
    }
    for (path, value) in &assignments {
        if let Some(value) = value {
            assign(&mut attributes, path, Some(value.clone()))?;
        }
    }
    for (path, value) in assignments.iter().rev() {
        if value.is_none() && path.leads_somewhere(before) {
            assign(&mut attributes, path, None)?;
        }
    }
    Ok(attributes)
}

/// What the path holds afterwards; `None` for nothing.
fn outcome(path: &DocumentPath, verb: &Verb, before: &Item) -> Result<Option<AttributeValue>, Error> {
    match verb {
        Verb::Set(value) => evaluate(value, before).map(Some),
        Verb::Remove => Ok(None),
        Verb::Add(addend) => added(path.find(before).as_ref(), addend).map(Some),
        Verb::Delete(elements) => match path.find(before) {
            None => Ok(None),
            Some(there) => without(&there, elements),
        },
    }
}

pub(crate) const WRONG_TYPE: &str = "An operand in the update expression has an incorrect data type";

fn wrong_type() -> Error {
    Error::validation(WRONG_TYPE)
}

fn evaluate(value: &Value, before: &Item) -> Result<AttributeValue, Error> {
    match value {
        Value::Literal(value) => Ok(value.clone()),
        Value::Path(path) => path.find(before).ok_or_else(|| {
            Error::validation(
                "The provided expression refers to an attribute that does not exist in the item",
            )
        }),
        Value::IfNotExists(path, otherwise) => match path.find(before) {
            Some(value) => Ok(value),
            None => evaluate(otherwise, before),
        },
        Value::ListAppend(one, other) => match (evaluate(one, before)?, evaluate(other, before)?) {
            (AttributeValue::L(mut elements), AttributeValue::L(more)) => {
                elements.extend(more);
                Ok(AttributeValue::L(elements))
            }
            _ => Err(wrong_type()),
        },
        Value::Plus(one, other) => arithmetic(one, other, before, Number::checked_add),
        Value::Minus(one, other) => arithmetic(one, other, before, Number::checked_sub),
    }
}

fn arithmetic(
    one: &Value,
    other: &Value,
    before: &Item,
    operation: fn(Number, Number) -> Result<Number, super::number::NumberError>,
) -> Result<AttributeValue, Error> {
    match (evaluate(one, before)?, evaluate(other, before)?) {
        (AttributeValue::N(one), AttributeValue::N(other)) => {
            operation(one, other).map(AttributeValue::N).map_err(|error| Error::validation(error.to_string()))
        }
        _ => Err(wrong_type()),
    }
}

fn added(there: Option<&AttributeValue>, addend: &AttributeValue) -> Result<AttributeValue, Error> {
    Ok(match (there, addend) {
        (None, addend) => addend.clone(),
        (Some(AttributeValue::N(number)), AttributeValue::N(addend)) => AttributeValue::N(
            number.checked_add(*addend).map_err(|error| Error::validation(error.to_string()))?,
        ),
        (Some(AttributeValue::Ss(there)), AttributeValue::Ss(more)) => AttributeValue::Ss(there | more),
        (Some(AttributeValue::Ns(there)), AttributeValue::Ns(more)) => AttributeValue::Ns(there | more),
        (Some(AttributeValue::Bs(there)), AttributeValue::Bs(more)) => AttributeValue::Bs(there | more),
        _ => return Err(wrong_type()),
    })
}

/// A set without some elements; `None` when none are left, for no set is empty.
fn without(there: &AttributeValue, elements: &AttributeValue) -> Result<Option<AttributeValue>, Error> {
    Ok(match (there, elements) {
        (AttributeValue::Ss(there), AttributeValue::Ss(gone)) => {
            Some(there - gone).filter(|left| !left.is_empty()).map(AttributeValue::Ss)
        }
        (AttributeValue::Ns(there), AttributeValue::Ns(gone)) => {
            Some(there - gone).filter(|left| !left.is_empty()).map(AttributeValue::Ns)
        }
        (AttributeValue::Bs(there), AttributeValue::Bs(gone)) => {
            Some(there - gone).filter(|left| !left.is_empty()).map(AttributeValue::Bs)
        }
        _ => return Err(wrong_type()),
    })
}

/// Sets or removes the value at a path whose parent exists.
fn assign(
    attributes: &mut Attributes,
    path: &DocumentPath,
    value: Option<AttributeValue>,
) -> Result<(), Error> {
    let invalid =
        || Error::validation("The document path provided in the update expression is invalid for update");
    let Some((Step::Member(attribute), nested)) = path.steps().split_first() else { return Err(invalid()) };
    let Some((last, between)) = nested.split_last() else {
        match value {
            Some(value) => attributes.insert(attribute.clone(), value),
            None => attributes.remove(attribute),
        };
        return Ok(());
    };
    let mut parent = attributes.get_mut(attribute).ok_or_else(invalid)?;
    for step in between {
        parent = match (step, parent) {
            (Step::Member(name), AttributeValue::M(members)) => members.get_mut(name).ok_or_else(invalid)?,
            (Step::Element(index), AttributeValue::L(elements)) => {
                elements.get_mut(*index).ok_or_else(invalid)?
            }
            _ => return Err(invalid()),
        };
    }
    match (last, parent, value) {
        (Step::Member(name), AttributeValue::M(members), Some(value)) => {
            members.insert(name.clone(), value);
        }
        (Step::Member(name), AttributeValue::M(members), None) => {
            members.remove(name);
        }
        (Step::Element(index), AttributeValue::L(elements), Some(value)) => match elements.get_mut(*index) {
            Some(element) => *element = value,
            None => elements.push(value),
        },
        (Step::Element(index), AttributeValue::L(elements), None) => {
            if *index < elements.len() {
                elements.remove(*index);
            }
        }
        _ => return Err(invalid()),
    }
    Ok(())
}
