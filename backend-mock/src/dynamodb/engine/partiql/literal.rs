//! Values: literals and parameters, from terms to attribute values.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::super::item::Attributes;
use super::super::limit;
use super::super::number::{Number, NumberError};
use super::path::EMPTY_COMPONENT;
use super::term::{Node, Term};
use super::token::At;

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
        | Node::Ion(_)
        | Node::Parameter(_)
        | Node::List(_)
        | Node::Bag(_)
        | Node::Struct(_) => under(term, parameters, &Place::root()).map(Some),
        Node::Missing => Err(missing()),
        _ => Ok(None),
    }
}

fn missing() -> Error {
    Error::validation("MISSING must be compared using IS operator")
}

/// A place inside a literal, which errors name.
struct Place {
    path: String,
    levels: usize,
}

impl Place {
    fn root() -> Self {
        Self { path: "root".to_owned(), levels: 0 }
    }

    fn member(&self, name: &str) -> Self {
        Self { path: format!("{}.{name}", self.path), levels: self.levels + 1 }
    }

    fn element(&self, index: usize) -> Self {
        Self { path: format!("{}[{index}]", self.path), levels: self.levels + 1 }
    }
}

/// The value of a term at a place inside a literal.
fn under(term: &Term, parameters: &[AttributeValue], place: &Place) -> Result<AttributeValue, Error> {
    if place.levels > limit::NESTING_LEVELS {
        return Err(Error::validation(format!(
            "Nesting Levels have exceeded supported limits under {}",
            place.path
        )));
    }
    Ok(match &term.node {
        Node::Text(text) => AttributeValue::S(text.as_str().into()),
        Node::Number(text) => AttributeValue::N(number(text, place)?),
        Node::Bool(value) => AttributeValue::Bool(*value),
        Node::Null => AttributeValue::Null,
        Node::Ion(type_name) => return Err(ion(type_name, place, term.at)),
        Node::Parameter(position) => parameters.get(*position).cloned().ok_or_else(parameters_mismatch)?,
        Node::List(elements) => {
            let elements = elements.iter().enumerate();
            let elements = elements.map(|(index, one)| under(one, parameters, &place.element(index)));
            AttributeValue::L(elements.collect::<Result<_, _>>()?)
        }
        Node::Bag(elements) => set(elements, place)?,
        Node::Struct(members) => {
            AttributeValue::M(attributes(members, parameters, &place.path, |name| place.member(name))?)
        }
        Node::Missing => return Err(missing()),
        Node::Call(name, _) => {
            let name = if place.levels == 0 { name } else { "Call" };
            return Err(unsupported(name, place, term.at));
        }
        _ => return Err(unsupported("expression", place, term.at)),
    })
}

fn ion(type_name: &str, place: &Place, at: At) -> Error {
    Error::validation(format!("Ion Literals are not supported: {type_name} under key {} at {at}", place.path))
}

fn unsupported(type_name: &str, place: &Place, at: At) -> Error {
    Error::validation(format!("Unsupported data type: {type_name} under key {} at {at}", place.path))
}

/// Whether a number has so many digits before its point that PartiQL counts them below zero.
pub(crate) fn is_beyond_exponents(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digit = |character: &char| character.is_ascii_digit();
    let zeros =
        whole.chars().chain(fraction.chars()).filter(is_digit).take_while(|digit| *digit == '0').count();
    let digits = whole.chars().chain(fraction.chars()).filter(is_digit).count();
    let precision = i64::try_from(digits.saturating_sub(zeros).max(1)).unwrap_or(i64::MAX);
    let scale = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let before_point =
        exponent.parse::<i64>().ok().and_then(|exponent| (precision - scale).checked_add(exponent));
    before_point.is_some_and(|count| count >= i64::from(i32::MAX))
}

pub(super) fn parameters_mismatch() -> Error {
    Error::validation("Number of parameters in request and statement don't match.")
}

fn number(text: &str, place: &Place) -> Result<Number, Error> {
    if is_beyond_exponents(text) {
        return Err(Error::validation(format!("{} under {}", NumberError::Underflow, place.path)));
    }
    text.parse().map_err(|error| Error::validation(format!("{error} under {}", place.path)))
}

/// The members of a struct at `path`; `place` is where the value of a name lies.
fn attributes(
    members: &[(Term, Term)],
    parameters: &[AttributeValue],
    path: &str,
    place: impl Fn(&str) -> Place,
) -> Result<Attributes, Error> {
    let mut attributes = Attributes::new();
    for (name, member) in members {
        let Node::Text(name) = &name.node else {
            return Err(Error::validation(format!(
                "Tuple keys must be of type String. Actual type: {} under {path}",
                match name.node {
                    Node::Number(_) => "NUMBER",
                    Node::Parameter(_) => "PARAMETER",
                    _ => "SYMBOL",
                }
            )));
        };
        if name.is_empty() {
            return Err(Error::validation(EMPTY_COMPONENT));
        }
        let value = under(member, parameters, &place(name))?;
        if attributes.insert(name.as_str().into(), value).is_some() {
            return Err(Error::validation(format!("Duplicate keys in tuple. Key: {name} under {path}")));
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
        // The attributes of an item are each a root of their own.
        Node::Struct(members) => attributes(members, parameters, "root", |_| Place::root()),
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

/// A set of texts or of numbers, whichever its first element is.
fn set(elements: &[Term], place: &Place) -> Result<AttributeValue, Error> {
    match elements.first().map(|first| (&first.node, first.at)) {
        None => Err(Error::validation("Empty bags are not supported")),
        Some((Node::Text(_), _)) => set_of_texts(elements, place),
        Some((Node::Number(_), _)) => set_of_numbers(elements, place),
        Some((_, at)) => Err(Error::validation(format!("{BAG_OF_OTHERS} at {at}"))),
    }
}

fn set_of_texts(elements: &[Term], place: &Place) -> Result<AttributeValue, Error> {
    let mut texts: Vec<Arc<str>> = Vec::new();
    for element in elements {
        match &element.node {
            Node::Text(text) => texts.push(text.as_str().into()),
            Node::Parameter(_) => return Err(unsupported("Parameter", place, element.at)),
            Node::Ion(type_name) => return Err(ion(type_name, place, element.at)),
            _ => return Err(Error::validation(format!("{BAG_OF_OTHERS} at {}", element.at))),
        }
    }
    let set: BTreeSet<_> = texts.iter().cloned().collect();
    if set.len() < texts.len() {
        let texts = texts.join(", ");
        return Err(Error::invalid_parameter(format!("Input collection [{texts}] contains duplicates.")));
    }
    Ok(AttributeValue::Ss(set))
}

fn set_of_numbers(elements: &[Term], place: &Place) -> Result<AttributeValue, Error> {
    let (mut set, mut texts) = (BTreeSet::new(), Vec::new());
    for element in elements {
        let number = match &element.node {
            Node::Number(text) => {
                texts.push(text.as_str());
                number(text, place)?
            }
            Node::Parameter(_) => return Err(unsupported("Parameter", place, element.at)),
            Node::Ion(type_name) => return Err(ion(type_name, place, element.at)),
            Node::Null => {
                let detail = format!("Numeric sets may not contain null under {}", place.path);
                return Err(Error::invalid_parameter(detail));
            }
            _ => return Err(Error::validation(BAG_OF_OTHERS)),
        };
        set.insert(number);
    }
    if set.len() < texts.len() {
        let (texts, path) = (texts.join(", "), &place.path);
        let detail = format!("Input collection [{texts}] contains duplicates! under {path}");
        return Err(Error::invalid_parameter(detail));
    }
    Ok(AttributeValue::Ns(set))
}

const BAG_OF_OTHERS: &str =
    "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags";
