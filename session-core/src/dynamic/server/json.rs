//! Reading and writing the documents of AWS's JSON protocols by the shapes of the model.
//!
//! Timestamps are seconds since 1970, blobs base64. Members that the model does not know are passed over, null is
//! absent.
//!
//! Source: Smithy's `awsJson1_0` and `awsJson1_1`.

use aws_smithy_types::DateTime;
use serde_json::{Map, Number, Value as Json};

use super::query::{lower_first, missing_fault};
use super::{ServedFault, scalar};
use crate::dynamic::value::Value;
use crate::error::{Error, ErrorKind};
use crate::model::{Model, Shape, ShapeKind, member_flags};

/// How deep a value may be, as in a form.
const MAX_DEPTH: usize = 32;

/// The input of an operation.
///
/// # Errors
/// `SerializationException`: the body is no document of the shape; names the member. `ValidationException`: names all
/// required members that are missing.
pub(super) fn read(model: &'static Model, shape: &Shape, body: &[u8]) -> Result<Value, ServedFault> {
    let document = match body.is_empty() {
        true => Json::Object(Map::new()),
        false => serde_json::from_slice(body).map_err(|_| malformed("The body is not JSON".to_owned()))?,
    };
    let mut reader = Reader { model, missing: Vec::new() };
    let input = reader.value(shape, &document, "", 0)?;
    match reader.missing.as_slice() {
        [] => Ok(input),
        missing => Err(missing_fault("ValidationException", missing)),
    }
}

fn malformed(message: String) -> ServedFault {
    ServedFault::new("SerializationException", message)
}

struct Reader {
    model: &'static Model,
    /// The paths of required members that are not there, as AWS writes them.
    missing: Vec<String>,
}

impl Reader {
    fn value(&mut self, shape: &Shape, json: &Json, path: &str, depth: usize) -> Result<Value, ServedFault> {
        if depth > MAX_DEPTH {
            return Err(malformed(format!("The value is nested more than {MAX_DEPTH} levels deep")));
        }
        let below = |name: &str| match path {
            "" => lower_first(name),
            path => format!("{path}.{}", lower_first(name)),
        };
        Ok(match (shape.kind, json) {
            (ShapeKind::Structure, Json::Object(object)) => {
                let mut entries = Vec::new();
                for member in self.model.members(shape) {
                    let here = below(member.name);
                    match object.get(member.name).filter(|json| !json.is_null()) {
                        Some(json) => {
                            let value =
                                self.value(&self.model.shape(member.shape), json, &here, depth + 1)?;
                            entries.push((member.name.to_owned(), value));
                        }
                        None if member.has(member_flags::REQUIRED) => self.missing.push(here),
                        None => {}
                    }
                }
                Value::Map(entries)
            }
            (ShapeKind::List, Json::Array(elements)) => {
                let Some(element) = self.model.members(shape).next() else { return Ok(Value::Null) };
                let element = self.model.shape(element.shape);
                let read = |(position, json)| {
                    self.value(&element, json, &format!("{path}.{}.member", position + 1), depth + 1)
                };
                Value::List(elements.iter().enumerate().map(read).collect::<Result<_, _>>()?)
            }
            (ShapeKind::Map, Json::Object(object)) => {
                let Some(value) = self.model.members(shape).nth(1) else { return Ok(Value::Null) };
                let value = self.model.shape(value.shape);
                let read = |(name, json): (&String, &Json)| {
                    Ok((name.clone(), self.value(&value, json, &below(name), depth + 1)?))
                };
                Value::Map(object.iter().map(read).collect::<Result<_, ServedFault>>()?)
            }
            (_, json) => scalar_of(shape, json)
                .ok_or_else(|| malformed(format!("The value at '{path}' is not {}", scalar::kind(shape))))?,
        })
    }
}

fn scalar_of(shape: &Shape, json: &Json) -> Option<Value> {
    match (shape.kind, json) {
        (ShapeKind::Structure | ShapeKind::List | ShapeKind::Map, _) => None,
        (ShapeKind::Boolean, Json::Bool(value)) => Some((*value).into()),
        (ShapeKind::String | ShapeKind::Character | ShapeKind::Blob, Json::String(text)) => {
            scalar::read(shape, text)
        }
        (ShapeKind::String | ShapeKind::Character | ShapeKind::Blob | ShapeKind::Boolean, _) => None,
        (ShapeKind::Timestamp, Json::Number(seconds)) => {
            Some(DateTime::from_secs_f64(seconds.as_f64()?).into())
        }
        (ShapeKind::Timestamp, _) => None,
        (_, Json::Number(number)) => scalar::read(shape, &number.to_string()),
        _ => None,
    }
}

/// The document of an operation's output.
///
/// # Errors
/// [`ErrorKind::InvalidInput`]: the value is not of the output's shape; names the member.
pub(super) fn write(model: &'static Model, shape: &Shape, value: &Value, path: &str) -> Result<Json, Error> {
    let misfit = || {
        let message =
            format!("the output's `{path}` is {}, and has to be {}", value.kind(), scalar::kind(shape));
        Error::new(ErrorKind::InvalidInput, message)
    };
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    Ok(match (shape.kind, value) {
        (ShapeKind::Structure, Value::Map(entries)) => {
            let mut object = Map::new();
            for (name, value) in entries.iter().filter(|(_, value)| !value.is_null()) {
                let member = model.members(shape).find(|member| member.name == name).ok_or_else(|| {
                    let message = format!("the output's `{}` is no member of `{}`", below(name), shape.name);
                    Error::new(ErrorKind::InvalidInput, message)
                })?;
                object.insert(name.clone(), write(model, &model.shape(member.shape), value, &below(name))?);
            }
            Json::Object(object)
        }
        (ShapeKind::List, Value::List(elements)) => {
            let element = model.members(shape).next().ok_or_else(misfit)?;
            let element = model.shape(element.shape);
            let written = elements.iter().map(|value| write(model, &element, value, &below("member")));
            Json::Array(written.collect::<Result<_, _>>()?)
        }
        (ShapeKind::Map, Value::Map(entries)) => {
            let value = model.members(shape).nth(1).ok_or_else(misfit)?;
            let shape = model.shape(value.shape);
            let written = entries
                .iter()
                .map(|(name, value)| Ok((name.clone(), write(model, &shape, value, &below(name))?)));
            Json::Object(written.collect::<Result<_, Error>>()?)
        }
        (ShapeKind::Timestamp, Value::Timestamp(moment)) => {
            Number::from_f64(moment.as_secs_f64()).map(Json::Number).ok_or_else(misfit)?
        }
        (ShapeKind::Boolean, Value::Bool(value)) => Json::Bool(*value),
        (ShapeKind::String | ShapeKind::Character | ShapeKind::Blob, value) => {
            scalar::write(shape, value).map(Json::String).ok_or_else(misfit)?
        }
        (ShapeKind::Structure | ShapeKind::List | ShapeKind::Map | ShapeKind::Timestamp, _) => {
            return Err(misfit());
        }
        (ShapeKind::Boolean, _) => return Err(misfit()),
        (_, value) => {
            let digits = scalar::write(shape, value).ok_or_else(misfit)?;
            // NaN and the infinities are texts.
            serde_json::from_str(&digits).unwrap_or(Json::String(digits))
        }
    })
}
