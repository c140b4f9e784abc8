//! Values: literals and parameters, from terms to attribute values.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::super::item::{self, Attributes};
use super::super::number::Number;
use super::term::{Node, Term};

/// The value of a term, if it is a literal or a parameter.
///
/// # Errors
/// [`Error::Validation`] for a literal that no attribute can hold.
pub(super) fn value(term: &Term, parameters: &[AttributeValue]) -> Result<Option<AttributeValue>, Error> {
    match &term.node {
        Node::Text(_)
        | Node::Number(_)
        | Node::Bool(_)
        | Node::Null
        | Node::Parameter(_)
        | Node::List(_)
        | Node::Bag(_)
        | Node::Struct(_) => {
            let value = under(term, parameters, "root")?;
            item::check_nesting_of(&value)?;
            Ok(Some(value))
        }
        Node::Missing => Err(Error::validation("MISSING must be compared using IS operator")),
        _ => Ok(None),
    }
}

/// The value of a term at a place inside a literal, which errors name.
fn under(term: &Term, parameters: &[AttributeValue], place: &str) -> Result<AttributeValue, Error> {
    Ok(match &term.node {
        Node::Text(text) => AttributeValue::S(text.as_str().into()),
        Node::Number(text) => AttributeValue::N(number(text, place)?),
        Node::Bool(value) => AttributeValue::Bool(*value),
        Node::Null => AttributeValue::Null,
        Node::Parameter(position) => parameters.get(*position).cloned().ok_or_else(parameters_mismatch)?,
        Node::List(elements) => {
            let elements = elements.iter().enumerate();
            let elements = elements.map(|(index, one)| under(one, parameters, &format!("{place}[{index}]")));
            AttributeValue::L(elements.collect::<Result<_, _>>()?)
        }
        Node::Bag(elements) => {
            let elements = elements.iter().map(|one| under(one, parameters, place));
            set(elements.collect::<Result<_, _>>()?)?
        }
        Node::Struct(members) => AttributeValue::M(attributes(members, parameters, place)?),
        Node::Missing => return Err(Error::validation("MISSING must be compared using IS operator")),
        Node::Call(name, _) => {
            return Err(Error::validation(format!(
                "Unsupported data type: {name} under key root at {}",
                term.at
            )));
        }
        _ => {
            return Err(Error::validation(format!(
                "Unsupported data type: expression under key {place} at {}",
                term.at
            )));
        }
    })
}

pub(super) fn parameters_mismatch() -> Error {
    Error::validation("Number of parameters in request and statement don't match.")
}

fn number(text: &str, place: &str) -> Result<Number, Error> {
    text.parse().map_err(|error| Error::validation(format!("{error} under {place}")))
}

fn attributes(
    members: &[(Term, Term)],
    parameters: &[AttributeValue],
    place: &str,
) -> Result<Attributes, Error> {
    let mut attributes = Attributes::new();
    for (name, member) in members {
        let Node::Text(name) = &name.node else {
            return Err(Error::validation(format!(
                "Tuple keys must be of type String. Actual type: {} under {place}",
                match name.node {
                    Node::Number(_) => "NUMBER",
                    Node::Parameter(_) => "PARAMETER",
                    _ => "SYMBOL",
                }
            )));
        };
        // The attributes of an item are each a root of their own.
        let inner = if place.is_empty() { "root".to_owned() } else { format!("{place}.{name}") };
        let value = under(member, parameters, &inner)?;
        if attributes.insert(name.as_str().into(), value).is_some() {
            let place = if place.is_empty() { "root" } else { place };
            return Err(Error::validation(format!("Duplicate keys in tuple. Key: {name} under {place}")));
        }
    }
    Ok(attributes)
}

/// The attributes of the item that an INSERT has.
///
/// # Errors
/// [`Error::Validation`] for what is no item.
pub(super) fn item(term: &Term, parameters: &[AttributeValue]) -> Result<Attributes, Error> {
    let unsupported = || {
        Error::validation(
            "Unsupported format in item expression. Please use struct format {...} to express item values for insert \
             statement.",
        )
    };
    match &term.node {
        Node::Struct(members) => attributes(members, parameters, ""),
        Node::Parameter(position) => match parameters.get(*position) {
            Some(AttributeValue::M(attributes)) => Ok(attributes.clone()),
            Some(_) => Err(unsupported()),
            None => Err(parameters_mismatch()),
        },
        Node::Bag(_) => Err(Error::validation(
            "Unsupported operation: Inserting multiple items in a single statement is not supported, use \"INSERT INTO \
             tableName VALUE item\" instead",
        )),
        _ => Err(unsupported()),
    }
}

/// A set of texts or of numbers.
fn set(elements: Vec<AttributeValue>) -> Result<AttributeValue, Error> {
    const UNSUPPORTED: &str =
        "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags";
    let (mut texts, mut numbers): (Vec<Arc<str>>, Vec<Number>) = (Vec::new(), Vec::new());
    for element in elements {
        match element {
            AttributeValue::S(text) => texts.push(text),
            AttributeValue::N(number) => numbers.push(number),
            _ => return Err(Error::validation(UNSUPPORTED)),
        }
    }
    match (texts.is_empty(), numbers.is_empty()) {
        (true, true) => Err(Error::validation("Empty bags are not supported")),
        (false, false) => Err(Error::validation(UNSUPPORTED)),
        (false, true) => {
            let set: BTreeSet<_> = texts.iter().cloned().collect();
            match set.len() < texts.len() {
                true => Err(Error::invalid_parameter(format!(
                    "Input collection [{}] contains duplicates.",
                    texts.join(", ")
                ))),
                false => Ok(AttributeValue::Ss(set)),
            }
        }
        (true, false) => {
            let set: BTreeSet<_> = numbers.iter().copied().collect();
            match set.len() < numbers.len() {
                true => Err(Error::validation("Input collection contains duplicates")),
                false => Ok(AttributeValue::Ns(set)),
            }
        }
    }
}
