//! The JSON of a request as it lies in its body: a tree whose texts are borrowed wherever nothing in them is escaped.
//!
//! Attribute values are objects of one member. As maps with tables of their own and texts of their own, they would take
//! most of the time that a small request takes.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

/// A value of a request.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Json<'b> {
    Null,
    Bool(bool),
    Number(Number),
    String(Cow<'b, str>),
    Array(Vec<Json<'b>>),
    Object(Object<'b>),
}

/// Members in the order in which they came. Of those with one name the last one counts, in the place of the first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Object<'b>(Vec<(Cow<'b, str>, Json<'b>)>);

/// More members than this are told apart by a table of their names.
const FEW: usize = 16;

impl<'b> Json<'b> {
    /// # Errors
    /// Those of `serde_json` for what is no JSON, or is nested more deeply than it goes.
    pub(super) fn parse(body: &'b [u8]) -> Result<Self, serde_json::Error> {
        serde_json::from_slice(body)
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// A truth value, which DynamoDB takes in words, too.
    pub(super) fn as_bool(&self) -> Option<bool> {
        let is_one_of =
            |text: &str, words: [&str; 5]| words.iter().any(|word| text.eq_ignore_ascii_case(word));
        match self {
            Self::Bool(value) => Some(*value),
            Self::String(text) if is_one_of(text, ["true", "t", "yes", "y", "1"]) => Some(true),
            Self::String(text) if is_one_of(text, ["false", "f", "no", "n", "0"]) => Some(false),
            _ => None,
        }
    }

    pub(super) fn as_i64(&self) -> Option<i64> {
        if let Self::Number(number) = self { number.as_i64() } else { None }
    }

    pub(super) fn as_u64(&self) -> Option<u64> {
        if let Self::Number(number) = self { number.as_u64() } else { None }
    }

    pub(super) fn as_f64(&self) -> Option<f64> {
        if let Self::Number(number) = self { number.as_f64() } else { None }
    }

    pub(super) fn as_str(&self) -> Option<&str> {
        if let Self::String(text) = self { Some(text) } else { None }
    }

    pub(super) fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(elements) = self { Some(elements) } else { None }
    }

    pub(super) fn as_object(&self) -> Option<&Object<'b>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The member of an object.
    pub(super) fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }
}

impl<'b> Object<'b> {
    pub(super) fn get(&self, name: &str) -> Option<&Json<'b>> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value)
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json<'b>)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.iter().map(|(name, _)| name)
    }

    pub(super) fn values(&self) -> impl Iterator<Item = &Json<'b>> {
        self.iter().map(|(_, value)| value)
    }

    /// What came, without what came again.
    fn of(mut members: Vec<(Cow<'b, str>, Json<'b>)>) -> Self {
        let has_repeats = match members.len() {
            ..=FEW => {
                members.iter().enumerate().any(|(at, (name, _))| members[..at].iter().any(|it| it.0 == *name))
            }
            _ => true,
        };
        if has_repeats {
            let mut places: HashMap<_, usize> = HashMap::with_capacity(members.len());
            let mut kept: Vec<(Cow<'b, str>, Json<'b>)> = Vec::with_capacity(members.len());
            for (name, value) in members {
                match places.get(&name) {
                    Some(place) => kept[*place].1 = value,
                    None => {
                        places.insert(name.clone(), kept.len());
                        kept.push((name, value));
                    }
                }
            }
            members = kept;
        }
        Self(members)
    }
}

/// What is written as it came.
impl From<&Json<'_>> for Value {
    fn from(json: &Json<'_>) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Number(number.clone()),
            Json::String(text) => Self::String(text.clone().into_owned()),
            Json::Array(elements) => elements.iter().map(Self::from).collect(),
            Json::Object(object) => {
                object.iter().map(|(name, value)| (name.to_owned(), Self::from(value))).collect()
            }
        }
    }
}

/// What was read elsewhere, and borrows nothing.
impl From<Value> for Json<'_> {
    fn from(value: Value) -> Self {
        match value {
            Value::Null => Self::Null,
            Value::Bool(value) => Self::Bool(value),
            Value::Number(number) => Self::Number(number),
            Value::String(text) => Self::String(Cow::Owned(text)),
            Value::Array(elements) => Self::Array(elements.into_iter().map(Self::from).collect()),
            Value::Object(members) => {
                let members = members.into_iter().map(|(name, value)| (Cow::Owned(name), Self::from(value)));
                Self::Object(Object(members.collect()))
            }
        }
    }
}

impl<'de: 'b, 'b> Deserialize<'de> for Json<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(JsonVisitor)
    }
}

struct JsonVisitor;

impl<'de> Visitor<'de> for JsonVisitor {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value of JSON")
    }

    fn visit_unit<E: Error>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        Ok(Number::from_f64(value).map_or(Json::Null, Json::Number))
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::String(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json<'de>, A::Error> {
        let mut elements = Vec::new();
        while let Some(element) = sequence.next_element()? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let Some((Name(name), value)) = map.next_entry()? else { return Ok(Json::Object(Object::default())) };
        // Most objects are attribute values.
        let mut members = Vec::with_capacity(1);
        members.push((name, value));
        while let Some((Name(name), value)) = map.next_entry()? {
            members.push((name, value));
        }
        Ok(Json::Object(Object::of(members)))
    }
}

/// The name of a member.
struct Name<'b>(Cow<'b, str>);

impl<'de: 'b, 'b> Deserialize<'de> for Name<'b> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name of a member")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Borrowed(text))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Cow<'de, str>, E> {
        Ok(Cow::Owned(text.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Both readings of a text, as what was written of them.
    fn readings(body: &[u8]) -> (Option<String>, Option<String>) {
        let read = Json::parse(body).ok().map(|json| Value::from(&json).to_string());
        (read, serde_json::from_slice::<Value>(body).ok().map(|value| value.to_string()))
    }

    #[test]
    fn of_members_with_one_name_the_last_counts_in_the_place_of_the_first() {
        let mut many = r#"{"a":1,"b":2,"a":3"#.to_owned();
        (0..40).for_each(|at| many.push_str(&format!(r#","k{}":{at}"#, at % 30)));
        many.push('}');
        for body in [r#"{"a":1,"b":2,"a":{"a":null}}"#, many.as_str(), "{}"] {
            let (ours, theirs) = readings(body.as_bytes());
            assert_eq!(ours, theirs);
            assert!(ours.is_some());
        }
    }

    #[test]
    fn a_number_far_beyond_integers_reads_as_serde_json_reads_it() {
        let (ours, theirs) = readings(br#"{"":-1.719073354517796e+181}"#);
        assert!(ours.is_some());
        assert_eq!(ours, theirs);
    }

    #[test]
    fn what_has_no_escapes_is_not_copied() {
        let json = Json::parse(br#"{"S":"text","\u0054":"a\nb"}"#).unwrap();
        let Json::Object(Object(members)) = &json else { panic!("{json:?}") };
        assert!(matches!(members[0], (Cow::Borrowed("S"), Json::String(Cow::Borrowed("text")))));
        assert_eq!(json.get("T").unwrap().as_str(), Some("a\nb"));
    }

    fn value() -> impl Strategy<Value = Value> {
        let scalar = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "\\PC{0,6}|[\\x00-\\x7f]{0,3}".prop_map(Value::from),
        ];
        scalar.prop_recursive(4, 48, 20, |inner| {
            let members = prop::collection::vec(("\\PC{0,2}", inner.clone()), 0..20);
            prop_oneof![
                prop::collection::vec(inner, 0..5).prop_map(Value::from),
                members.prop_map(|members| members.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_body_reads_as_serde_json_reads_it(value in value()) {
            let text = value.to_string();
            let (ours, theirs) = readings(text.as_bytes());
            prop_assert!(ours.is_some());
            prop_assert_eq!(ours, theirs);
            let read = Json::parse(text.as_bytes()).unwrap();
            prop_assert_eq!(Json::from(Value::from(&read)), read);
        }

        #[test]
        fn what_is_damaged_reads_as_serde_json_reads_it(
            value in value(),
            damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        ) {
            let mut body = value.to_string().into_bytes();
            for (place, byte) in damage {
                let place = place.index(body.len());
                body[place] = byte;
            }
            let (ours, theirs) = readings(&body);
            prop_assert_eq!(ours, theirs);
        }
    }
}
