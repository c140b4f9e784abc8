//! Attribute values in JSON: `{"S": "text"}`, `{"N": "1"}` and so on, both ways.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use serde_json::{Map, Value, json};

use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::item::Attributes;
use super::super::engine::number::Number;

pub(super) fn attributes_to_json(attributes: &Attributes) -> Value {
    Value::Object(attributes.iter().map(|(name, value)| (name.to_string(), to_json(value))).collect())
}

pub(super) fn to_json(value: &AttributeValue) -> Value {
    match value {
        AttributeValue::S(text) => json!({"S": &**text}),
        AttributeValue::N(number) => json!({"N": number.to_string()}),
        AttributeValue::B(bytes) => json!({"B": BASE64.encode(bytes)}),
        AttributeValue::Bool(value) => json!({"BOOL": value}),
        AttributeValue::Null => json!({"NULL": true}),
        AttributeValue::M(members) => json!({"M": attributes_to_json(members)}),
        AttributeValue::L(elements) => json!({"L": elements.iter().map(to_json).collect::<Vec<_>>()}),
        AttributeValue::Ss(elements) => {
            json!({"SS": elements.iter().map(|text| &**text).collect::<Vec<_>>()})
        }
        AttributeValue::Ns(elements) => {
            json!({"NS": elements.iter().map(Number::to_string).collect::<Vec<_>>()})
        }
        AttributeValue::Bs(elements) => {
            json!({"BS": elements.iter().map(|bytes| BASE64.encode(bytes)).collect::<Vec<_>>()})
        }
    }
}

/// Attributes from JSON whose shape is checked.
///
/// # Errors
/// The first fault in DynamoDB's words.
pub(super) fn attributes_from_json(object: &Map<String, Value>) -> Result<Attributes, String> {
    object.iter().map(|(name, value)| Ok((name.as_str().into(), from_json(value)?))).collect()
}

/// A value from JSON whose shape is checked.
///
/// # Errors
/// The fault in DynamoDB's words.
pub(super) fn from_json(value: &Value) -> Result<AttributeValue, String> {
    const EMPTY: &str =
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    const MANY: &str = "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes";
    const TYPES: [&str; 10] = ["S", "N", "B", "SS", "NS", "BS", "M", "L", "BOOL", "NULL"];
    let members = value.as_object().ok_or(EMPTY)?;
    // Every value is looked at before it matters that there is more than one.
    let given = members
        .iter()
        .filter(|(name, value)| TYPES.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| typed(name, value))
        .collect::<Result<Vec<_>, _>>()?;
    match <[AttributeValue; 1]>::try_from(given) {
        Ok([value]) => Ok(value),
        Err(given) if given.is_empty() => Err(EMPTY.to_owned()),
        Err(_) => Err(MANY.to_owned()),
    }
}

fn typed(name: &str, value: &Value) -> Result<AttributeValue, String> {
    let text = || value.as_str().unwrap_or_default();
    let elements = || value.as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(match name {
        "S" => AttributeValue::S(text().into()),
        "N" => AttributeValue::N(number(text())?),
        "B" => AttributeValue::B(bytes(value)),
        "BOOL" => AttributeValue::Bool(value.as_bool().unwrap_or_default()),
        // `false` was refused until 2026.
        "NULL" => AttributeValue::Null,
        "L" => AttributeValue::L(elements().iter().map(from_json).collect::<Result<_, _>>()?),
        "M" => {
            AttributeValue::M(value.as_object().map_or_else(|| Ok(Attributes::new()), attributes_from_json)?)
        }
        "SS" => string_set(elements())?,
        "NS" => number_set(elements())?,
        _ => binary_set(elements())?,
    })
}

fn invalid(detail: &str) -> String {
    format!("One or more parameter values were invalid: {detail}")
}

fn number(text: &str) -> Result<Number, String> {
    text.parse().map_err(|error: super::super::engine::number::NumberError| error.to_string())
}

/// The shape check has decoded it once already.
fn bytes(value: &Value) -> Bytes {
    BASE64.decode(value.as_str().unwrap_or_default()).unwrap_or_default().into()
}

fn string_set(elements: &[Value]) -> Result<AttributeValue, String> {
    let texts: Vec<&str> = elements.iter().map(|value| value.as_str().unwrap_or_default()).collect();
    if texts.is_empty() {
        return Err(invalid("An string set  may not be empty"));
    }
    if texts.iter().any(|text| text.is_empty()) {
        return Err(invalid("An string set may not have a empty string as a member"));
    }
    let set: BTreeSet<_> = texts.iter().map(|text| (*text).into()).collect();
    if set.len() < texts.len() {
        return Err(invalid(&format!("Input collection [{}] contains duplicates.", texts.join(", "))));
    }
    Ok(AttributeValue::Ss(set))
}

fn number_set(elements: &[Value]) -> Result<AttributeValue, String> {
    if elements.is_empty() {
        return Err(invalid("An number set  may not be empty"));
    }
    let numbers = elements.iter().map(|value| number(value.as_str().unwrap_or_default()));
    let set = numbers.collect::<Result<BTreeSet<_>, _>>()?;
    if set.len() < elements.len() {
        return Err("Input collection contains duplicates".to_owned());
    }
    Ok(AttributeValue::Ns(set))
}

fn binary_set(elements: &[Value]) -> Result<AttributeValue, String> {
    if elements.is_empty() {
        return Err(invalid("Binary sets should not be empty"));
    }
    let set: BTreeSet<Bytes> = elements.iter().map(bytes).collect();
    if set.iter().any(Bytes::is_empty) {
        return Err(invalid("Binary sets may not contain null or empty values"));
    }
    if set.len() < elements.len() {
        let texts: Vec<&str> = elements.iter().filter_map(Value::as_str).collect();
        return Err(invalid(&format!(
            "Input collection [{}]of type BS contains duplicates.",
            texts.join(", ")
        )));
    }
    Ok(AttributeValue::Bs(set))
}
