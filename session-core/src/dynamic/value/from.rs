//! Conversions: from what Rust, `serde_json` and the SDK have, and to JSON values.

use std::collections::HashSet;
use std::time::SystemTime;

use aws_smithy_types::{Blob, DateTime, Document, Number};
use bytes::Bytes;
use serde_json::Value as Json;

use super::Value;

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

macro_rules! from_integers {
    ($($integer:ty)*) => {$(
        impl From<$integer> for Value {
            fn from(number: $integer) -> Self {
                match i64::try_from(number) {
                    Ok(number) => Self::Integer(number),
                    Err(_) => Self::BigNumber(number.to_string()),
                }
            }
        }
    )*};
}

from_integers!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);

impl From<f32> for Value {
    fn from(number: f32) -> Self {
        Self::Double(number.into())
    }
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Double(number)
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::String(text.to_owned())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::String(text)
    }
}

impl From<&String> for Value {
    fn from(text: &String) -> Self {
        Self::String(text.clone())
    }
}

impl From<Blob> for Value {
    fn from(blob: Blob) -> Self {
        Self::Blob(blob)
    }
}

impl From<Bytes> for Value {
    fn from(bytes: Bytes) -> Self {
        Self::Blob(Blob::from_maybe_shared(bytes))
    }
}

impl From<DateTime> for Value {
    fn from(moment: DateTime) -> Self {
        Self::Timestamp(moment)
    }
}

impl From<SystemTime> for Value {
    fn from(moment: SystemTime) -> Self {
        Self::Timestamp(moment.into())
    }
}

/// `None` is null.
impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A list, of bytes too: bytes that are meant as such are a [`Blob`].
impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(elements: Vec<T>) -> Self {
        elements.into_iter().collect()
    }
}

/// A list.
impl<T: Clone + Into<Value>> From<&[T]> for Value {
    fn from(elements: &[T]) -> Self {
        elements.iter().cloned().collect()
    }
}

/// A map. Of a name given twice, the last counts.
impl<K: Into<String>, V: Into<Value>, const N: usize> From<[(K, V); N]> for Value {
    fn from(entries: [(K, V); N]) -> Self {
        entries.into_iter().collect()
    }
}

/// A list.
impl<T: Into<Value>> FromIterator<T> for Value {
    fn from_iter<I: IntoIterator<Item = T>>(elements: I) -> Self {
        Self::List(elements.into_iter().map(Into::into).collect())
    }
}

/// A map. Of a name given twice, the last counts.
impl<K: Into<String>, V: Into<Value>> FromIterator<(K, V)> for Value {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(entries: I) -> Self {
        Self::Map(unique(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect()))
    }
}

/// The entries with each name once: in its first place, with its last value.
pub(super) fn unique(entries: Vec<(String, Value)>) -> Vec<(String, Value)> {
    let mut names = HashSet::with_capacity(entries.len());
    if entries.iter().all(|(name, _)| names.insert(name.as_str())) {
        return entries;
    }
    let mut unique = Value::Map(Vec::new());
    for (name, value) in entries {
        unique.insert(name, value);
    }
    match unique {
        Value::Map(entries) => entries,
        _ => Vec::new(),
    }
}

/// Whole numbers become integers, or big numbers beyond `i64`; the rest doubles.
impl From<Json> for Value {
    fn from(json: Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(value),
            Json::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
                (Some(number), _, _) => Self::Integer(number),
                (None, Some(number), _) => number.into(),
                (None, None, Some(number)) if !number.is_infinite() => Self::Double(number),
                _ => Self::BigNumber(number.to_string()),
            },
            Json::String(text) => Self::String(text),
            Json::Array(elements) => elements.into_iter().collect(),
            Json::Object(entries) => {
                Self::Map(entries.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// As `json.rs` prints it, except that numbers beyond `u64` become strings.
impl From<Value> for Json {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => value.into(),
            Value::Integer(number) => number.into(),
            Value::Double(number) if number.is_finite() => number.into(),
            Value::Double(number) => super::json::not_finite(number).into(),
            Value::BigNumber(digits) => match digits.parse::<u64>() {
                Ok(number) => number.into(),
                Err(_) => digits.into(),
            },
            Value::String(text) => text.into(),
            Value::Blob(blob) => super::json::base64(blob.as_ref()).into(),
            Value::Timestamp(moment) => super::json::rfc3339(moment).into(),
            Value::List(elements) => elements.into_iter().map(Self::from).collect(),
            Value::Map(entries) => {
                Self::Object(entries.into_iter().map(|(key, value)| (key, value.into())).collect())
            }
        }
    }
}

/// The SDK's documents have no order of members; the value has them by name.
impl From<Document> for Value {
    fn from(document: Document) -> Self {
        match document {
            Document::Null => Self::Null,
            Document::Bool(value) => Self::Bool(value),
            Document::Number(Number::PosInt(number)) => number.into(),
            Document::Number(Number::NegInt(number)) => number.into(),
            Document::Number(Number::Float(number)) => Self::Double(number),
            Document::String(text) => Self::String(text),
            Document::Array(elements) => elements.into_iter().collect(),
            Document::Object(entries) => {
                let mut entries: Vec<(String, Value)> =
                    entries.into_iter().map(|(key, value)| (key, value.into())).collect();
                entries.sort_by(|(one, _), (other, _)| one.cmp(other));
                Self::Map(entries)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_take_the_variant_that_holds_them() {
        assert_eq!(Value::from(7_u8), Value::Integer(7));
        assert_eq!(Value::from(i64::MIN), Value::Integer(i64::MIN));
        assert_eq!(Value::from(u64::MAX), Value::BigNumber("18446744073709551615".into()));
        assert_eq!(Value::from(json!(18446744073709551615_u64)), Value::from(u64::MAX));
        assert_eq!(Value::from(json!(1.0)), Value::Double(1.0));
        assert_eq!(Json::from(Value::from(u64::MAX)), json!(18446744073709551615_u64));
        assert_eq!(Json::from(Value::from(u128::MAX)), json!("340282366920938463463374607431768211455"));
    }

    #[test]
    fn a_document_is_ordered_by_name() {
        let entries = [("b", 1), ("c", 2), ("a", 3)];
        let document = Document::Object(
            entries
                .iter()
                .map(|&(key, number)| (key.to_owned(), Document::from(number)))
                .collect::<HashMap<_, _>>(),
        );
        assert_eq!(Value::from(document), Value::from([("a", 3), ("b", 1), ("c", 2)]));
    }

    #[test]
    fn of_a_name_given_twice_the_last_counts() {
        assert_eq!(Value::from([("a", 1), ("b", 2), ("a", 3)]), Value::from([("a", 3), ("b", 2)]));
    }
}
