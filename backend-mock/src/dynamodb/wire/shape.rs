//! Shapes: what the members of an input are, and the order in which DynamoDB finds fault with them.
//!
//! First everything must be of the right JSON type (`SerializationException`), then keep its constraints, up to ten of
//! them reported together (`ValidationException`), and then be a member that is implemented here.

use base64::Engine as _;

use super::attribute_value::ValueLayer;
use super::constraint::{CAPACITIES, Faults, METRICS, ON_CONDITION_CHECK_FAILURE, Path, PathStep, fault};
use super::fault::Fault;
use super::json::{Json, Object};

pub(super) use super::constraint::Rule;

/// The type of a member.
pub(super) enum Shape {
    String,
    Boolean,
    Integer,
    Long,
    AttributeValue,
    List(&'static Shape),
    Map(&'static Shape),
    Structure(&'static [Member]),
    /// A member that is refused whatever it holds.
    Any,
}

/// A member of an input.
pub(super) struct Member {
    pub(super) name: &'static str,
    shape: Shape,
    rules: &'static [Rule],
    presence: Presence,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Presence {
    Required,
    Optional,
    /// AWS has it and we do not.
    Refused,
}

pub(super) const fn required(name: &'static str, shape: Shape, rules: &'static [Rule]) -> Member {
    Member { name, shape, rules, presence: Presence::Required }
}

pub(super) const fn optional(name: &'static str, shape: Shape, rules: &'static [Rule]) -> Member {
    Member { name, shape, rules, presence: Presence::Optional }
}

pub(super) const fn refused(name: &'static str) -> Member {
    Member { name, shape: Shape::Any, rules: &[], presence: Presence::Refused }
}

pub(super) const ATTRIBUTES: Shape = Shape::Map(&Shape::AttributeValue);
pub(super) const NAMES: Shape = Shape::Map(&Shape::String);
pub(super) const TABLE_NAME: Member = required("TableName", Shape::String, &[Rule::TableName]);
/// The same in a request about items.
pub(super) const TABLE_NAME_OF_ITEM: Member = required("TableName", Shape::String, &[Rule::TableNameOfItem]);
pub(super) const INDEX_NAME: Member =
    optional("IndexName", Shape::String, &[Rule::Name, Rule::Length(3, 255)]);
pub(super) const RETURN_CONSUMED_CAPACITY: Member =
    optional("ReturnConsumedCapacity", Shape::String, &[Rule::OneOf(CAPACITIES)]);
pub(super) const RETURN_ITEM_COLLECTION_METRICS: Member =
    optional("ReturnItemCollectionMetrics", Shape::String, &[Rule::OneOf(METRICS)]);
pub(super) const RETURN_VALUES_ON_CONDITION_CHECK_FAILURE: Member = optional(
    "ReturnValuesOnConditionCheckFailure",
    Shape::String,
    &[Rule::OneOf(ON_CONDITION_CHECK_FAILURE)],
);
pub(super) const CONDITION_EXPRESSION: Member = optional("ConditionExpression", Shape::String, &[]);
pub(super) const PROJECTION_EXPRESSION: Member = optional("ProjectionExpression", Shape::String, &[]);
pub(super) const EXPRESSION_ATTRIBUTE_NAMES: Member = optional("ExpressionAttributeNames", NAMES, &[]);
pub(super) const EXPRESSION_ATTRIBUTE_VALUES: Member = optional("ExpressionAttributeValues", ATTRIBUTES, &[]);

/// The input as an object whose members are known to be of their shapes, and the layer that takes it: what is read
/// leniently is a matter of the older one.
///
/// # Errors
/// For the first kind of fault, in the order of this module's story. Members that AWS does not have are ignored, as
/// AWS ignores them.
pub(super) fn check<'v>(
    input: &'v Json<'v>,
    members: &[Member],
    layer: ValueLayer,
) -> Result<(&'v Object<'v>, ValueLayer), Fault> {
    let Json::Object(object) = input else {
        return Err(Fault::serialization("Unexpected value type in payload"));
    };
    let mut types = Types::default();
    types.members(object, members)?;
    let layer = if types.are_lenient { ValueLayer::Older } else { layer };
    let mut faults = Faults::default();
    constrain_members(object, members, None, &mut faults);
    if layer == ValueLayer::Current
        && let Some(fault) = faults.bare_in_turn()
    {
        return Err(Fault::validation(fault));
    }
    let mut faults = faults.reported(layer);
    if !faults.is_empty() {
        faults.truncate(10);
        return Err(together(&faults));
    }
    match refused_member(object, members) {
        Some(member) => Err(Fault::validation(format!(
            "The in-memory DynamoDB does not implement the parameter {member}"
        ))),
        None => Ok((object, layer)),
    }
}

/// Faults that are reported together.
pub(super) fn together(faults: &[String]) -> Fault {
    let plural = if faults.len() == 1 { "" } else { "s" };
    Fault::validation(format!("{} validation error{plural} detected: {}", faults.len(), faults.join("; ")))
}

fn present<'v>(object: &'v Object<'v>, member: &Member) -> Option<&'v Json<'v>> {
    object.get(member.name).filter(|value| !value.is_null())
}

/// What a value's JSON must be, and whether any of it is read leniently: a truth value that is written as a text, a member
/// of an attribute value that is `null`, or none or more than one.
#[derive(Default)]
struct Types {
    are_lenient: bool,
}

impl Types {
    fn members(&mut self, object: &Object<'_>, members: &[Member]) -> Result<(), Fault> {
        members.iter().try_for_each(|member| match present(object, member) {
            Some(value) => self.check(value, &member.shape),
            None => Ok(()),
        })
    }

    fn check(&mut self, value: &Json<'_>, shape: &Shape) -> Result<(), Fault> {
        let scalar = |name: &str| Err(Fault::serialization(wrong_scalar(value, name)));
        let structure = || Err(Fault::serialization("Start of structure or map found where not expected"));
        match (shape, value) {
            (Shape::Any, _) | (_, Json::Null) => Ok(()),
            (Shape::String, Json::String(_)) | (Shape::Boolean, Json::Bool(_)) => Ok(()),
            (Shape::Integer | Shape::Long, Json::Number(_)) => Ok(()),
            (Shape::String, _) => scalar("String"),
            (Shape::Boolean, Json::String(_)) if value.as_bool().is_some() => {
                self.are_lenient = true;
                Ok(())
            }
            (Shape::Boolean, Json::String(_)) => {
                Err(Fault::serialization("Unexpected token received from parser"))
            }
            (Shape::Boolean, Json::Array(_)) => Err(Fault::Malformed),
            (Shape::Boolean, _) => scalar("Boolean"),
            (Shape::Integer, _) => scalar("Integer"),
            (Shape::Long, _) => scalar("Long"),
            (Shape::List(element), Json::Array(elements)) => {
                elements.iter().try_for_each(|value| self.check(value, element))
            }
            (Shape::Map(element), Json::Object(object)) => {
                object.values().try_for_each(|value| self.check(value, element))
            }
            (Shape::Structure(members), Json::Object(object)) => self.members(object, members),
            (Shape::AttributeValue, Json::Object(object)) => self.attribute_value(object),
            (Shape::List(_), Json::Object(_)) => structure(),
            (Shape::Map(_), Json::Array(_)) => {
                Err(Fault::serialization("Unrecognized collection type java.util.Map"))
            }
            (Shape::List(_) | Shape::Map(_), _) => Err(Fault::serialization("Unexpected field type")),
            (Shape::Structure(_) | Shape::AttributeValue, Json::Array(_)) => {
                Err(Fault::serialization("Unrecognized collection type"))
            }
            (Shape::Structure(_) | Shape::AttributeValue, _) => {
                Err(Fault::serialization("Unexpected value type in payload"))
            }
        }
    }

    fn attribute_value(&mut self, object: &Object<'_>) -> Result<(), Fault> {
        self.are_lenient |= object.len() != 1;
        for (name, value) in object.iter() {
            self.are_lenient |= value.is_null();
            match name {
                "S" | "N" => self.check(value, &Shape::String)?,
                "BOOL" | "NULL" => self.check(value, &Shape::Boolean)?,
                "SS" | "NS" => self.check(value, &Shape::List(&Shape::String))?,
                "L" => self.check(value, &Shape::List(&Shape::AttributeValue))?,
                "M" => self.check(value, &ATTRIBUTES)?,
                "B" => check_blob(value)?,
                "BS" => {
                    self.check(value, &Shape::List(&Shape::Any))?;
                    value.as_array().into_iter().flatten().try_for_each(check_blob)?;
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn wrong_scalar(value: &Json<'_>, wanted: &str) -> String {
    match value {
        Json::Bool(true) => format!("TRUE_VALUE cannot be converted to {wanted}"),
        Json::Bool(false) => format!("FALSE_VALUE cannot be converted to {wanted}"),
        Json::Number(number) if number.is_f64() => format!("DECIMAL_VALUE cannot be converted to {wanted}"),
        Json::Number(_) => format!("NUMBER_VALUE cannot be converted to {wanted}"),
        Json::String(_) => format!("STRING_VALUE cannot be converted to {wanted}"),
        Json::Array(_) => format!("Unrecognized collection type class java.lang.{wanted}"),
        Json::Object(_) | Json::Null => "Start of structure or map found where not expected".to_owned(),
    }
}

pub(super) fn check_blob(value: &Json<'_>) -> Result<(), Fault> {
    match value {
        Json::Null => Ok(()),
        Json::String(text) if !text.len().is_multiple_of(4) => Err(Fault::serialization(format!(
            "Base64 encoded length is expected a multiple of 4 bytes but found: {}",
            text.len()
        ))),
        Json::String(text) => match base64::engine::general_purpose::STANDARD.decode(text.as_bytes()) {
            Ok(_) => Ok(()),
            Err(base64::DecodeError::InvalidByte(_, byte)) => {
                Err(Fault::serialization(format!("Invalid Base64 character: '{}'", char::from(byte))))
            }
            Err(_) => Err(Fault::serialization("Invalid last non-pad Base64 character dectected")),
        },
        _ => Err(Fault::serialization("only base-64-encoded strings are convertible to bytes")),
    }
}

fn constrain_members(
    object: &Object<'_>,
    members: &[Member],
    parent: Option<&Path<'_>>,
    faults: &mut Faults,
) {
    for member in members {
        let path = Path { parent, step: PathStep::Member(member.name) };
        match present(object, member) {
            Some(value) => {
                for rule in member.rules {
                    rule.check(value, &path, faults);
                }
                constrain_inside(value, &member.shape, &path, faults);
            }
            None if member.presence == Presence::Required => {
                faults.misses_member = true;
                faults.push(fault("null", &path.shown(), "Member must not be null"));
            }
            None => {}
        }
    }
}

fn constrain_inside(value: &Json<'_>, shape: &Shape, path: &Path<'_>, faults: &mut Faults) {
    match (shape, value) {
        (Shape::Structure(members), Json::Object(object)) => {
            constrain_members(object, members, Some(path), faults);
        }
        (Shape::List(element), Json::Array(elements)) => {
            for (position, value) in elements.iter().enumerate() {
                let step = PathStep::Element(position + 1);
                constrain_inside(value, element, &Path { parent: Some(path), step }, faults);
            }
        }
        // Attribute values have no constraints.
        (Shape::Map(Shape::AttributeValue), _) => {}
        (Shape::Map(element), Json::Object(object)) => {
            for (key, value) in object.iter() {
                let step = PathStep::Value(key);
                constrain_inside(value, element, &Path { parent: Some(path), step }, faults);
            }
        }
        _ => {}
    }
}

/// The first member that is there and not implemented, with the path to it.
fn refused_member(object: &Object<'_>, members: &[Member]) -> Option<String> {
    members.iter().find_map(|member| {
        let value = present(object, member)?;
        if member.presence == Presence::Refused {
            return Some(member.name.to_owned());
        }
        refused_inside(value, &member.shape).map(|inside| format!("{}.{inside}", member.name))
    })
}

/// The same in a value, with the path from there.
fn refused_inside(value: &Json<'_>, shape: &Shape) -> Option<String> {
    match (shape, value) {
        (Shape::Structure(members), Json::Object(object)) => refused_member(object, members),
        (Shape::List(element), Json::Array(elements)) => {
            elements.iter().find_map(|value| refused_inside(value, element))
        }
        (Shape::Map(Shape::AttributeValue), _) => None,
        (Shape::Map(element), Json::Object(object)) => {
            object.values().find_map(|value| refused_inside(value, element))
        }
        _ => None,
    }
}
