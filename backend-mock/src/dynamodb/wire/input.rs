//! Inputs: reading the members of a request whose shapes are checked.

use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::capacity::Consistency;
use super::super::engine::expression::{Expressions, Parsed};
use super::super::engine::item::Attributes;
use super::super::engine::write::OnConditionFailure;
use super::attribute_value::{EMPTY_NAME, ValueLayer};
use super::fault::Fault;
use super::json::{Json, Object};
use super::shape::{self, Member};

/// An object of a request. A member that is `null` is not there.
#[derive(Clone, Copy)]
pub(super) struct Input<'v> {
    object: &'v Object<'v>,
    layer: ValueLayer,
    /// Whether the older layer is the only one that takes it.
    is_lenient: bool,
}

impl<'v> Input<'v> {
    /// A request's whole input.
    pub(super) fn check(body: &'v Json<'v>, members: &[Member]) -> Result<Self, Fault> {
        let (object, layer) = shape::check(body, members, ValueLayer::Current)?;
        Ok(Self { object, layer: ValueLayer::Older, is_lenient: layer == ValueLayer::Older })
    }

    /// The same in one layer: its words about members, and its checks of values.
    pub(super) fn check_in(layer: ValueLayer, body: &'v Json<'v>, members: &[Member]) -> Result<Self, Fault> {
        let (object, layer) = shape::check(body, members, layer)?;
        Ok(Self { object, layer, is_lenient: layer == ValueLayer::Older })
    }

    /// The same input, its values checked in the newer layer.
    pub(super) fn in_current_layer(self) -> Self {
        self.in_layer(ValueLayer::Current)
    }

    /// The same input, its values checked in one layer if that takes them.
    pub(super) fn in_layer(self, layer: ValueLayer) -> Self {
        if self.is_lenient { self } else { Self { layer, ..self } }
    }

    /// The fault of a write as its layer reports it, before any table is looked at.
    pub(super) fn reported(self, fault: Fault) -> Fault {
        match self.layer {
            ValueLayer::Older => fault,
            ValueLayer::Current => fault.enveloped(),
        }
    }

    fn get(self, name: &str) -> Option<&'v Json<'v>> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    pub(super) fn has(self, name: &str) -> bool {
        self.get(name).is_some()
    }

    /// A member whatever it holds.
    pub(super) fn member(self, name: &str) -> Option<&'v Json<'v>> {
        self.get(name)
    }

    pub(super) fn text(self, name: &str) -> Option<&'v str> {
        self.get(name).and_then(Json::as_str)
    }

    /// A text that the shape requires, or an empty one.
    pub(super) fn string(self, name: &str) -> String {
        self.text(name).unwrap_or_default().to_owned()
    }

    pub(super) fn boolean(self, name: &str) -> Option<bool> {
        self.get(name).and_then(Json::as_bool)
    }

    /// An integer; decimals are cut off, as DynamoDB does.
    pub(super) fn integer(self, name: &str) -> Option<i64> {
        let value = self.get(name)?;
        value.as_i64().or_else(|| value.as_f64().map(|number| number as i64))
    }

    /// A number with its decimals.
    pub(super) fn number(self, name: &str) -> Option<f64> {
        self.get(name).and_then(Json::as_f64)
    }

    pub(super) fn object(self, name: &str) -> Option<Self> {
        self.get(name).and_then(|value| self.inside(value))
    }

    pub(super) fn entries(self, name: &str) -> impl Iterator<Item = (&'v str, &'v Json<'v>)> {
        let object = self.get(name).and_then(Json::as_object);
        object.into_iter().flat_map(Object::iter)
    }

    pub(super) fn list(self, name: &str) -> Option<&'v [Json<'v>]> {
        self.get(name).and_then(Json::as_array)
    }

    /// The objects of a list.
    pub(super) fn objects(self, name: &str) -> impl Iterator<Item = Self> {
        self.list(name).unwrap_or_default().iter().filter_map(move |value| self.inside(value))
    }

    /// A part of this input, if it is an object.
    pub(super) fn inside(self, value: &'v Json<'v>) -> Option<Self> {
        value.as_object().map(|object| Self { object, ..self })
    }

    /// A part of this input as an attribute value.
    pub(super) fn value(self, value: &Json<'_>) -> Result<AttributeValue, Fault> {
        self.layer.value(value).map_err(Fault::validation)
    }

    /// This object as attributes.
    pub(super) fn as_attributes(self) -> Result<Attributes, Fault> {
        self.layer.attributes(self.object).map_err(Fault::validation)
    }

    pub(super) fn attributes(self, name: &str) -> Result<Attributes, Fault> {
        self.object(name).map_or_else(|| Ok(Attributes::new()), Self::as_attributes)
    }

    pub(super) fn exclusive_start_key(self) -> Result<Option<Attributes>, Fault> {
        let Some(key) = self.object("ExclusiveStartKey") else { return Ok(None) };
        self.layer.attributes(key.object).map(Some).map_err(|fault| {
            // Some faults come without the beginning that the others have.
            let speaks_for_itself = match self.layer {
                ValueLayer::Current => !fault.starts_with("Supplied AttributeValue"),
                ValueLayer::Older => {
                    ["umber", "numeric", "duplicates", EMPTY_NAME].iter().any(|part| fault.contains(part))
                }
            };
            Fault::validation(match speaks_for_itself {
                true => fault,
                false => format!("The provided starting key is invalid: {fault}"),
            })
        })
    }

    /// All the expressions there are, with their placeholders.
    pub(super) fn expressions(self) -> Expressions {
        let expression = |name| self.text(name).map(str::to_owned);
        let names = self.object("ExpressionAttributeNames").map(|Self { object, .. }| {
            object
                .iter()
                .filter_map(|(key, name)| Some((key.to_owned(), name.as_str()?.to_owned())))
                .collect()
        });
        let values = self.object("ExpressionAttributeValues").map(|Self { object, layer, .. }| {
            let mut is_faultless = true;
            let values = object.iter().map(|(key, value)| (key.to_owned(), layer.value(value)));
            // Of several faults the first in the request is told.
            values.filter(|(_, value)| value.is_ok() || std::mem::take(&mut is_faultless)).collect()
        });
        Expressions {
            update: expression("UpdateExpression"),
            condition: expression("ConditionExpression"),
            key_condition: expression("KeyConditionExpression"),
            filter: expression("FilterExpression"),
            search: None,
            projection: expression("ProjectionExpression"),
            names,
            values,
            statement: None,
            legacy: Parsed::default(),
            shows_value_faults_alone: self.layer == ValueLayer::Current,
        }
    }

    pub(super) fn consistency(self) -> Consistency {
        match self.boolean("ConsistentRead") {
            Some(true) => Consistency::Strong,
            _ => Consistency::Eventual,
        }
    }

    pub(super) fn on_condition_failure(self) -> OnConditionFailure {
        match self.text("ReturnValuesOnConditionCheckFailure") {
            Some("ALL_OLD") => OnConditionFailure::ShowItem,
            _ => OnConditionFailure::ShowNothing,
        }
    }
}
