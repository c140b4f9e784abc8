//! Out by serde: a value into any format, and any type into a value.
//!
//! Formats know no timestamps, and those for people no bytes, so both are written as text. Within a newtype of a name of
//! ours, which formats look through, [`ToValue`] sees what they were.

use serde::ser::{self, Serialize, Serializer};

use aws_smithy_types::Blob;

use super::json::{base64, not_finite, parse_base64, parse_not_finite, parse_rfc3339, rfc3339};
use super::mismatch::{Mismatch, Step};
use super::{Value, from};
use crate::error::Error;

/// The newtype around the base64 of a blob.
pub(super) const BLOB: &str = "session_core::Blob";
/// The newtype around the RFC 3339 text of a timestamp.
pub(super) const TIMESTAMP: &str = "session_core::Timestamp";
/// The newtype around the digits of a big number.
pub(super) const BIG_NUMBER: &str = "session_core::BigNumber";
/// The newtype around the name of a double that is not finite.
pub(super) const NOT_FINITE: &str = "session_core::NotFinite";

impl Value {
    /// The value of anything that serde can write: structures and maps become maps, options without a value null, bytes
    /// blobs, enums their variant's name or a map with it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): the type refuses, or has map keys that are no text;
    /// the message has the path.
    pub fn serialize<T: Serialize + ?Sized>(value: &T) -> Result<Self, Error> {
        Ok(value.serialize(ToValue)?)
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Integer(number) => serializer.serialize_i64(*number),
            Self::Double(number) if !number.is_finite() && serializer.is_human_readable() => {
                serializer.serialize_newtype_struct(NOT_FINITE, not_finite(*number))
            }
            Self::Double(number) => serializer.serialize_f64(*number),
            Self::BigNumber(digits) => match digits.parse::<u64>() {
                Ok(number) => serializer.serialize_u64(number),
                Err(_) => serializer.serialize_newtype_struct(BIG_NUMBER, digits),
            },
            Self::String(text) => serializer.serialize_str(text),
            Self::Blob(blob) if serializer.is_human_readable() => {
                serializer.serialize_newtype_struct(BLOB, &base64(blob.as_ref()))
            }
            Self::Blob(blob) => serializer.serialize_bytes(blob.as_ref()),
            Self::Timestamp(moment) => serializer.serialize_newtype_struct(TIMESTAMP, &rfc3339(*moment)),
            Self::List(elements) => serializer.collect_seq(elements),
            Self::Map(entries) => serializer.collect_map(entries.iter().map(|(name, value)| (name, value))),
        }
    }
}

/// What one of our newtypes around a text was; `None` where the text is not of its form.
pub(super) fn unmark(newtype: &str, text: &str) -> Option<Value> {
    match newtype {
        BLOB => parse_base64(text).map(|bytes| Value::Blob(Blob::new(bytes))),
        TIMESTAMP => parse_rfc3339(text).map(Value::Timestamp),
        BIG_NUMBER => Some(Value::BigNumber(text.to_owned())),
        NOT_FINITE => parse_not_finite(text).map(Value::Double),
        _ => None,
    }
}

/// The format that is a value.
struct ToValue;

impl Serializer for ToValue {
    type Ok = Value;
    type Error = Mismatch;
    type SerializeSeq = Elements;
    type SerializeTuple = Elements;
    type SerializeTupleStruct = Elements;
    type SerializeTupleVariant = Elements;
    type SerializeMap = Entries;
    type SerializeStruct = Entries;
    type SerializeStructVariant = Entries;

    fn serialize_bool(self, value: bool) -> Result<Value, Mismatch> {
        Ok(value.into())
    }

    fn serialize_i8(self, number: i8) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_i16(self, number: i16) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_i32(self, number: i32) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_i64(self, number: i64) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_i128(self, number: i128) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_u8(self, number: u8) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_u16(self, number: u16) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_u32(self, number: u32) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_u64(self, number: u64) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_u128(self, number: u128) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_f32(self, number: f32) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_f64(self, number: f64) -> Result<Value, Mismatch> {
        Ok(number.into())
    }

    fn serialize_char(self, character: char) -> Result<Value, Mismatch> {
        Ok(Value::String(character.into()))
    }

    fn serialize_str(self, text: &str) -> Result<Value, Mismatch> {
        Ok(text.into())
    }

    fn serialize_bytes(self, bytes: &[u8]) -> Result<Value, Mismatch> {
        Ok(Value::Blob(Blob::new(bytes)))
    }

    fn serialize_none(self) -> Result<Value, Mismatch> {
        Ok(Value::Null)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<Value, Mismatch> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<Value, Mismatch> {
        Ok(Value::Null)
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<Value, Mismatch> {
        Ok(Value::Null)
    }

    fn serialize_unit_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
    ) -> Result<Value, Mismatch> {
        Ok(variant.into())
    }

    fn serialize_newtype_struct<T>(self, name: &'static str, value: &T) -> Result<Value, Mismatch>
    where
        T: Serialize + ?Sized,
    {
        let inner = value.serialize(self)?;
        let marked = inner.as_str().and_then(|text| unmark(name, text));
        Ok(marked.unwrap_or(inner))
    }

    fn serialize_newtype_variant<T>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<Value, Mismatch>
    where
        T: Serialize + ?Sized,
    {
        let inner = value.serialize(self).map_err(|error| error.at(Step::Member(variant.to_owned())))?;
        Ok(Value::from([(variant, inner)]))
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<Elements, Mismatch> {
        Ok(Elements::default())
    }

    fn serialize_tuple(self, _: usize) -> Result<Elements, Mismatch> {
        Ok(Elements::default())
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<Elements, Mismatch> {
        Ok(Elements::default())
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Elements, Mismatch> {
        Ok(Elements { variant: Some(variant), ..Elements::default() })
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Entries, Mismatch> {
        Ok(Entries::default())
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Entries, Mismatch> {
        Ok(Entries::default())
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Entries, Mismatch> {
        Ok(Entries { variant: Some(variant), ..Entries::default() })
    }
}

/// A list as it is written, and the variant it belongs to, if it does.
#[derive(Default)]
struct Elements {
    elements: Vec<Value>,
    variant: Option<&'static str>,
}

impl Elements {
    fn push<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let at = self.elements.len();
        self.elements.push(value.serialize(ToValue).map_err(|error| error.at(Step::Element(at)))?);
        Ok(())
    }

    fn finish(self) -> Value {
        of_variant(self.variant, Value::List(self.elements))
    }
}

fn of_variant(variant: Option<&'static str>, value: Value) -> Value {
    match variant {
        Some(variant) => Value::from([(variant, value)]),
        None => value,
    }
}

impl ser::SerializeSeq for Elements {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTuple for Elements {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_element<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleStruct for Elements {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeTupleVariant for Elements {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        self.push(value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

/// A map as it is written, with the name that waits for its value.
#[derive(Default)]
struct Entries {
    entries: Vec<(String, Value)>,
    name: Option<String>,
    variant: Option<&'static str>,
}

impl Entries {
    fn push<T: Serialize + ?Sized>(&mut self, name: String, value: &T) -> Result<(), Mismatch> {
        match value.serialize(ToValue) {
            Ok(value) => self.entries.push((name, value)),
            Err(error) => return Err(error.at(Step::Member(name))),
        }
        Ok(())
    }

    fn finish(self) -> Value {
        of_variant(self.variant, Value::Map(from::unique(self.entries)))
    }
}

impl ser::SerializeMap for Entries {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Mismatch> {
        let key = key.serialize(ToValue)?;
        self.name = Some(match key {
            Value::String(text) | Value::BigNumber(text) => text,
            Value::Integer(number) => number.to_string(),
            Value::Bool(value) => value.to_string(),
            Value::Timestamp(moment) => rfc3339(moment),
            other => return Err(Mismatch::new(format_args!("{} where a name is expected", other.kind()))),
        });
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Mismatch> {
        let name = self.name.take().ok_or_else(|| Mismatch::new("a value without a name before it"))?;
        self.push(name, value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeStruct for Entries {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        self.push(name.to_owned(), value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}

impl ser::SerializeStructVariant for Entries {
    type Ok = Value;
    type Error = Mismatch;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        name: &'static str,
        value: &T,
    ) -> Result<(), Mismatch> {
        self.push(name.to_owned(), value)
    }

    fn end(self) -> Result<Value, Mismatch> {
        Ok(self.finish())
    }
}
