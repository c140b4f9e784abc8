//! Answers: members as a tree, and items as they lie, for items are most of what is answered.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::super::engine::item::Item;
use super::super::engine::packed::{Reader, View};

/// What a request is answered with. The items are shared with their table, so the answer can be written when the engine
/// is free again.
pub(super) struct Answer {
    members: Value,
    items: Items,
}

enum Items {
    None,
    /// As `Item`.
    One(Arc<Item>),
    /// As `Items`.
    Many(Vec<Arc<Item>>),
}

impl Answer {
    /// An answer with the member `Item` besides others.
    pub(super) fn with_item(members: Value, item: Arc<Item>) -> Self {
        Self { members, items: Items::One(item) }
    }

    /// An answer with the member `Items` besides others.
    pub(super) fn with_items(members: Value, items: Vec<Arc<Item>>) -> Self {
        Self { members, items: Items::Many(items) }
    }

    pub(super) fn to_json(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("names are texts, and there is always room for more bytes")
    }
}

impl From<Value> for Answer {
    fn from(members: Value) -> Self {
        Self { members, items: Items::None }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for (name, value) in self.members.as_object().into_iter().flatten() {
            map.serialize_entry(name, value)?;
        }
        match &self.items {
            Items::None => {}
            Items::One(item) => map.serialize_entry("Item", &Members(item.reader()))?,
            Items::Many(items) => map.serialize_entry("Items", &Many(items))?,
        }
        map.end()
    }
}

struct Many<'i>(&'i [Arc<Item>]);

impl Serialize for Many<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(|item| Members(item.reader())))
    }
}

/// The attributes of an item, or the members of a map.
struct Members<'i>(Reader<'i>);

impl Serialize for Members<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.views().map(|(name, view)| (name, Tagged(view))))
    }
}

/// A value under the name of its type.
struct Tagged<'i>(View<'i>);

impl Serialize for Tagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let name = match self.0 {
            View::S(_) => "S",
            View::N(_) => "N",
            View::B(_) => "B",
            View::Bool(_) => "BOOL",
            View::Null => "NULL",
            View::M(_) => "M",
            View::L(_) => "L",
            View::Ss(_) => "SS",
            View::Ns(_) => "NS",
            View::Bs(_) => "BS",
        };
        serializer.collect_map([(name, Untagged(&self.0))])
    }
}

struct Untagged<'i>(&'i View<'i>);

impl Serialize for Untagged<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            View::S(text) => serializer.serialize_str(text),
            View::N(number) => serializer.collect_str(number),
            View::B(bytes) => serializer.serialize_str(&BASE64.encode(bytes)),
            View::Bool(value) => serializer.serialize_bool(*value),
            View::Null => serializer.serialize_bool(true),
            View::M(members) => Members(*members).serialize(serializer),
            View::L(elements) => serializer.collect_seq(elements.elements().map(Tagged)),
            View::Ss(texts) => serializer.collect_seq(texts.texts()),
            View::Ns(numbers) => serializer.collect_seq(numbers.numbers().map(|number| number.to_string())),
            View::Bs(binaries) => {
                serializer.collect_seq(binaries.binaries().map(|bytes| BASE64.encode(bytes)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;
    use crate::dynamodb::engine::attribute_value::AttributeValue;
    use crate::dynamodb::wire::attribute_value::attributes_to_json;

    #[test]
    fn items_are_written_as_their_attributes_are() {
        let text = |text: &str| AttributeValue::S(text.into());
        let number = |text: &str| AttributeValue::N(text.parse().unwrap());
        let attributes = BTreeMap::from([
            ("s".into(), text("a \"quoted\" text\n")),
            ("n".into(), number("-1.50e3")),
            ("b".into(), AttributeValue::B(vec![0, 255, 7].into())),
            ("t".into(), AttributeValue::Bool(true)),
            ("f".into(), AttributeValue::Bool(false)),
            ("null".into(), AttributeValue::Null),
            ("l".into(), AttributeValue::L(vec![text("x"), AttributeValue::L(vec![]), number("0")])),
            ("m".into(), AttributeValue::M([("in".into(), AttributeValue::M([].into()))].into())),
            ("ss".into(), AttributeValue::Ss(["a".into(), "b".into()].into())),
            ("ns".into(), AttributeValue::Ns(["1".parse().unwrap(), "1e-130".parse().unwrap()].into())),
            ("bs".into(), AttributeValue::Bs([vec![1].into(), vec![].into()].into())),
        ]);
        let item = Arc::new(Item::new(&attributes));
        let written = |answer: Answer| serde_json::from_slice::<Value>(&answer.to_json()).unwrap();
        let one = written(Answer::with_item(json!({"a": 1}), item.clone()));
        assert_eq!(one, json!({"a": 1, "Item": attributes_to_json(&attributes)}));
        let many = written(Answer::with_items(json!({}), vec![item.clone(), item]));
        assert_eq!(many["Items"], json!([one["Item"], one["Item"]]));
        assert_eq!(written(json!({"a": []}).into()), json!({"a": []}));
    }
}
