//! In by serde: any format into a value, and a value into any type.
//!
//! A [`Value`] within a type that is read from a value keeps its variants: it asks for a newtype of our name, which other
//! formats look through, and gets from [`FromValue`] what serde has no type for as a variant of an enum.

use std::fmt;

use serde::de::value::StrDeserializer;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess, SeqAccess,
    VariantAccess, Visitor,
};
use serde::forward_to_deserialize_any;

use aws_smithy_types::Blob;

use super::json::{base64, parse_not_finite, rfc3339};
use super::mismatch::{Mismatch, Step};
use super::serialize::{BIG_NUMBER, TIMESTAMP, unmark};
use super::{Value, from};
use crate::error::Error;

/// The newtype that a value asks for.
const VALUE: &str = "session_core::Value";

impl Value {
    /// Reads the value into a type of yours; texts and bytes may be borrowed.
    ///
    /// ```
    /// # use session_core::dynamic::Value;
    /// let names = Value::from(vec!["a", "b"]);
    /// assert_eq!(names.deserialize::<Vec<&str>>()?, ["a", "b"]);
    /// let error = names.deserialize::<Vec<u8>>().unwrap_err();
    /// assert_eq!(error.message(), "value and type do not fit: [0]: a string where u8 is expected");
    /// # Ok::<(), session_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): it does not fit; the message has the path and what is
    /// there, and never a text of the value.
    pub fn deserialize<'de, T: Deserialize<'de>>(&'de self) -> Result<T, Error> {
        Ok(T::deserialize(FromValue(self))?)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_newtype_struct(VALUE, Any)
    }
}

/// Takes whatever there is.
struct Any;

impl<'de> Visitor<'de> for Any {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i128<E>(self, number: i128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_u128<E>(self, number: u128) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_string<E>(self, text: String) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Value, E> {
        Ok(Value::Blob(Blob::new(bytes)))
    }

    fn visit_byte_buf<E>(self, bytes: Vec<u8>) -> Result<Value, E> {
        Ok(Value::Blob(Blob::new(bytes)))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        Deserialize::deserialize(deserializer)
    }

    fn visit_newtype_struct<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = list.next_element()? {
            elements.push(element);
        }
        Ok(Value::List(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Value::Map(from::unique(entries)))
    }

    fn visit_enum<A: EnumAccess<'de>>(self, marked: A) -> Result<Value, A::Error> {
        let (newtype, text) = marked.variant::<String>()?;
        let text: String = text.newtype_variant()?;
        unmark(&newtype, &text).ok_or_else(|| de::Error::custom("an enum where a value is expected"))
    }
}

/// The format that is a value.
#[derive(Clone, Copy)]
struct FromValue<'de>(&'de Value);

/// A whole number of any width, and what else may stand for one.
macro_rules! deserialize_integers {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0 {
                Value::Timestamp(moment) if !moment.has_subsec_nanos() => visitor.visit_i64(moment.secs()),
                value => match (value.as_i64(), value) {
                    (Some(number), _) => visitor.visit_i64(number),
                    (None, Value::BigNumber(digits)) => big_number(digits, visitor),
                    (None, _) => self.deserialize_any(visitor),
                },
            }
        }
    )*};
}

/// A float, and what else may stand for one.
macro_rules! deserialize_floats {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            let number = match self.0 {
                Value::String(text) => parse_not_finite(text),
                Value::Timestamp(moment) => Some(moment.as_secs_f64()),
                value => value.as_f64(),
            };
            match number {
                Some(number) => visitor.visit_f64(number),
                None => self.deserialize_any(visitor),
            }
        }
    )*};
}

/// Texts, among them those of big numbers.
macro_rules! deserialize_texts {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0 {
                Value::BigNumber(digits) => visitor.visit_borrowed_str(digits),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

/// Bytes: of a blob, or whatever the type takes in their place.
macro_rules! deserialize_bytes {
    ($($method:ident)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0 {
                Value::Blob(blob) => visitor.visit_borrowed_bytes(blob.as_ref()),
                _ => self.deserialize_any(visitor),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for FromValue<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_unit(),
            Value::Bool(value) => visitor.visit_bool(*value),
            Value::Integer(number) => visitor.visit_i64(*number),
            Value::Double(number) => visitor.visit_f64(*number),
            Value::BigNumber(digits) => match digits.parse::<u64>() {
                Ok(number) => visitor.visit_u64(number),
                Err(_) => visitor.visit_borrowed_str(digits),
            },
            Value::String(text) => visitor.visit_borrowed_str(text),
            Value::Blob(blob) => visitor.visit_string(base64(blob.as_ref())),
            Value::Timestamp(moment) => visitor.visit_string(rfc3339(*moment)),
            Value::List(elements) => {
                let mut list = Elements { elements, at: 0 };
                let read = visitor.visit_seq(&mut list)?;
                match list.at == elements.len() {
                    true => Ok(read),
                    false => {
                        Err(Mismatch::new(format_args!("a list of {}, which is too many", elements.len())))
                    }
                }
            }
            Value::Map(entries) => visitor.visit_map(Entries { entries: entries.iter(), entry: None }),
        }
    }

    deserialize_integers! {
        deserialize_i8 deserialize_i16 deserialize_i32 deserialize_i64 deserialize_i128
        deserialize_u8 deserialize_u16 deserialize_u32 deserialize_u64 deserialize_u128
    }
    deserialize_floats!(deserialize_f32 deserialize_f64);
    deserialize_texts!(deserialize_char deserialize_str deserialize_string deserialize_identifier);
    deserialize_bytes!(deserialize_bytes deserialize_byte_buf);

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V>(self, name: &'static str, visitor: V) -> Result<V::Value, Mismatch>
    where
        V: Visitor<'de>,
    {
        match name {
            VALUE => visitor.visit_newtype_struct(Marked(self.0)),
            _ => visitor.visit_newtype_struct(self),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Blob(blob) => {
                visitor.visit_seq(de::value::SeqDeserializer::new(blob.as_ref().iter().copied()))
            }
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        self.deserialize_seq(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::String(variant) => visitor.visit_enum(variant.as_str().into_deserializer()),
            Value::Map(entries) => match entries.as_slice() {
                [(variant, content)] => visitor.visit_enum(Variant { variant, content }),
                _ => Err(Mismatch::new("a map of more than one member where an enum is expected")),
            },
            other => Err(Mismatch::new(format_args!("{} where an enum is expected", other.kind()))),
        }
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any!(bool unit unit_struct tuple_struct map struct);
}

/// The digits as the narrowest integer that holds them.
fn big_number<'de, V: Visitor<'de>>(digits: &'de str, visitor: V) -> Result<V::Value, Mismatch> {
    if let Ok(number) = digits.parse::<u64>() {
        visitor.visit_u64(number)
    } else if let Ok(number) = digits.parse::<u128>() {
        visitor.visit_u128(number)
    } else if let Ok(number) = digits.parse::<i128>() {
        visitor.visit_i128(number)
    } else {
        visitor.visit_borrowed_str(digits)
    }
}

struct Elements<'de> {
    elements: &'de [Value],
    at: usize,
}

impl<'de> SeqAccess<'de> for &mut Elements<'de> {
    type Error = Mismatch;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, Mismatch> {
        let Some(element) = self.elements.get(self.at) else { return Ok(None) };
        let read = seed.deserialize(FromValue(element)).map_err(|error| error.at(Step::Element(self.at)))?;
        self.at += 1;
        Ok(Some(read))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.elements.len() - self.at)
    }
}

struct Entries<'de> {
    entries: std::slice::Iter<'de, (String, Value)>,
    entry: Option<&'de (String, Value)>,
}

impl<'de> MapAccess<'de> for Entries<'de> {
    type Error = Mismatch;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, Mismatch> {
        self.entry = self.entries.next();
        let Some((name, _)) = self.entry else { return Ok(None) };
        seed.deserialize(Name(name)).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, Mismatch> {
        let Some((name, value)) = self.entry.take() else {
            return Err(Mismatch::new("a value was asked for before its name"));
        };
        seed.deserialize(FromValue(value)).map_err(|error| error.at(Step::Member(name.clone())))
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.entries.len())
    }
}

/// The name of a member. A map by numbers has them as names.
struct Name<'de>(&'de str);

macro_rules! deserialize_named_numbers {
    ($($method:ident $visit:ident $number:ty,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
            match self.0.parse::<$number>() {
                Ok(number) => visitor.$visit(number),
                Err(_) => visitor.visit_borrowed_str(self.0),
            }
        }
    )*};
}

impl<'de> Deserializer<'de> for Name<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_borrowed_str(self.0)
    }

    deserialize_named_numbers! {
        deserialize_bool visit_bool bool,
        deserialize_i8 visit_i64 i64,
        deserialize_i16 visit_i64 i64,
        deserialize_i32 visit_i64 i64,
        deserialize_i64 visit_i64 i64,
        deserialize_u8 visit_u64 u64,
        deserialize_u16 visit_u64 u64,
        deserialize_u32 visit_u64 u64,
        deserialize_u64 visit_u64 u64,
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V>(self, _: &'static str, visitor: V) -> Result<V::Value, Mismatch>
    where
        V: Visitor<'de>,
    {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        visitor.visit_enum(self.0.into_deserializer())
    }

    forward_to_deserialize_any! {
        i128 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct map struct identifier
        ignored_any
    }
}

/// A map of one member, read as a variant and its content.
struct Variant<'de> {
    variant: &'de str,
    content: &'de Value,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = Mismatch;
    type Variant = Content<'de>;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Content<'de>), Mismatch> {
        let variant = seed.deserialize(Name(self.variant))?;
        Ok((variant, Content { variant: self.variant, content: FromValue(self.content) }))
    }
}

struct Content<'de> {
    variant: &'de str,
    content: FromValue<'de>,
}

impl<'de> VariantAccess<'de> for Content<'de> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        let Self { variant, content } = self;
        seed.deserialize(content).map_err(|error| error.at(Step::Member(variant.to_owned())))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, Mismatch> {
        let Self { variant, content } = self;
        content.deserialize_seq(visitor).map_err(|error| error.at(Step::Member(variant.to_owned())))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Mismatch> {
        let Self { variant, content } = self;
        content.deserialize_any(visitor).map_err(|error| error.at(Step::Member(variant.to_owned())))
    }
}

/// A value that is read as a value: what serde has no type for goes as a variant of an enum.
struct Marked<'de>(&'de Value);

impl<'de> Deserializer<'de> for Marked<'de> {
    type Error = Mismatch;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Mismatch> {
        match self.0 {
            Value::Blob(blob) => visitor.visit_byte_buf(blob.as_ref().to_vec()),
            Value::Timestamp(moment) => {
                visitor.visit_enum(Mark { newtype: TIMESTAMP, text: &rfc3339(*moment) })
            }
            Value::BigNumber(digits) => visitor.visit_enum(Mark { newtype: BIG_NUMBER, text: digits }),
            _ => FromValue(self.0).deserialize_any(visitor),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

/// One of our newtypes around a text, as a variant.
struct Mark<'a> {
    newtype: &'static str,
    text: &'a str,
}

impl<'de> EnumAccess<'de> for Mark<'_> {
    type Error = Mismatch;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), Mismatch> {
        Ok((seed.deserialize(StrDeserializer::new(self.newtype))?, self))
    }
}

impl<'de> VariantAccess<'de> for Mark<'_> {
    type Error = Mismatch;

    fn unit_variant(self) -> Result<(), Mismatch> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, Mismatch> {
        seed.deserialize(StrDeserializer::new(self.text))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch::new("a text where a tuple is expected"))
    }

    fn struct_variant<V: Visitor<'de>>(self, _: &'static [&'static str], _: V) -> Result<V::Value, Mismatch> {
        Err(Mismatch::new("a text where a structure is expected"))
    }
}
