//! Shapes: what the members of an input are, and the order in which DynamoDB finds fault with them.
//!
//! First everything must be of the right JSON type (`SerializationException`), then keep its constraints, up to ten of
//! them reported together (`ValidationException`), and then be a member that is implemented here.

use base64::Engine as _;
use serde_json::Value;

use super::attribute_value::ValueLayer;
use super::fault::Fault;
use super::java;
use super::json::{Json, Object};

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

/// A constraint on a member that is there.
pub(super) enum Rule {
    Length(usize, usize),
    Min(i64),
    Max(i64),
    /// As [`Rule::Length`] and [`Rule::Min`], found by the part of DynamoDB that looks first, and worded its own way.
    ModelLength(usize, usize),
    ModelMin(i64),
    /// What a write can return, in a list that has a slip of AWS in it.
    ReturnValues,
    /// The same for UpdateItem, where it is found first.
    ReturnValuesOfUpdate,
    /// `SIZE` or `NONE`, in the newer words.
    ReturnItemCollectionMetrics,
    /// `AND` or `OR`, in a list that has another slip in it.
    ConditionalOperator,
    /// What AttributeUpdates can do, told with neither the value nor the way to it.
    UpdateAction,
    /// Letters, digits, `_`, `.` and `-`.
    Name,
    /// The name of a table, or its ARN.
    TableName,
    OneOf(&'static [&'static str]),
    /// A text that a regular expression describes: the expression, and whether a text is such a one.
    Matches(&'static str, fn(&str) -> bool),
    /// Every key of a map is the name of a table.
    TableNameKeys,
    /// The same, told only where nothing else is wrong.
    TableNameKeysLast,
    /// Every value of a map is a list of so many elements.
    ValueLength(usize, usize),
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

/// What DynamoDB says about a ConditionalOperator that is none; it takes `AND` and not `ALL`.
pub(super) const OPERATORS_SLIP: &str =
    "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]";
/// Every value of ReturnValues.
const RETURN_VALUES: &[&str] = &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
/// Every action of AttributeUpdates.
const UPDATE_ACTIONS: &[&str] = &["ADD", "DELETE", "PUT"];
pub(super) const ATTRIBUTES: Shape = Shape::Map(&Shape::AttributeValue);
pub(super) const NAMES: Shape = Shape::Map(&Shape::String);
pub(super) const TABLE_NAME: Member = required("TableName", Shape::String, &[Rule::TableName]);
pub(super) const INDEX_NAME: Member =
    optional("IndexName", Shape::String, &[Rule::Name, Rule::Length(3, 255)]);
pub(super) const RETURN_CONSUMED_CAPACITY: Member =
    optional("ReturnConsumedCapacity", Shape::String, &[Rule::OneOf(&["INDEXES", "TOTAL", "NONE"])]);
pub(super) const RETURN_ITEM_COLLECTION_METRICS: Member =
    optional("ReturnItemCollectionMetrics", Shape::String, &[Rule::OneOf(METRICS)]);
/// Every value of ReturnItemCollectionMetrics.
const METRICS: &[&str] = &["SIZE", "NONE"];
pub(super) const RETURN_VALUES_ON_CONDITION_CHECK_FAILURE: Member =
    optional("ReturnValuesOnConditionCheckFailure", Shape::String, &[Rule::OneOf(&["ALL_OLD", "NONE"])]);
pub(super) const CONDITION_EXPRESSION: Member = optional("ConditionExpression", Shape::String, &[]);
pub(super) const PROJECTION_EXPRESSION: Member = optional("ProjectionExpression", Shape::String, &[]);
pub(super) const EXPRESSION_ATTRIBUTE_NAMES: Member = optional("ExpressionAttributeNames", NAMES, &[]);
pub(super) const EXPRESSION_ATTRIBUTE_VALUES: Member = optional("ExpressionAttributeValues", ATTRIBUTES, &[]);

/// The input as an object whose members are known to be of their shapes.
///
/// # Errors
/// For the first kind of fault, in the order of this module's story. Members that AWS does not have are ignored, as
/// AWS ignores them.
pub(super) fn check<'v>(
    input: &'v Json<'v>,
    members: &[Member],
    layer: ValueLayer,
) -> Result<&'v Object<'v>, Fault> {
    let Json::Object(object) = input else {
        return Err(Fault::serialization("Unexpected value type in payload"));
    };
    check_members(object, members)?;
    let mut faults = Faults::default();
    constrain_members(object, members, None, &mut faults);
    let mut faults = faults.reported(layer);
    if !faults.is_empty() {
        faults.truncate(10);
        return Err(together(&faults));
    }
    match refused_member(object, members) {
        Some(member) => Err(Fault::validation(format!(
            "The in-memory DynamoDB does not implement the parameter {member}"
        ))),
        None => Ok(object),
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

fn check_members(object: &Object<'_>, members: &[Member]) -> Result<(), Fault> {
    members.iter().try_for_each(|member| match present(object, member) {
        Some(value) => check_type(value, &member.shape),
        None => Ok(()),
    })
}

fn check_type(value: &Json<'_>, shape: &Shape) -> Result<(), Fault> {
    let scalar = |name: &str| Err(Fault::serialization(wrong_scalar(value, name)));
    let structure = || Err(Fault::serialization("Start of structure or map found where not expected"));
    match (shape, value) {
        (Shape::Any, _) | (_, Json::Null) => Ok(()),
        (Shape::String, Json::String(_)) | (Shape::Boolean, Json::Bool(_)) => Ok(()),
        (Shape::Integer | Shape::Long, Json::Number(_)) => Ok(()),
        (Shape::String, _) => scalar("String"),
        (Shape::Boolean, Json::String(_)) => {
            Err(Fault::serialization("Unexpected token received from parser"))
        }
        (Shape::Boolean, _) => scalar("Boolean"),
        (Shape::Integer, _) => scalar("Integer"),
        (Shape::Long, _) => scalar("Long"),
        (Shape::List(element), Json::Array(elements)) => {
            elements.iter().try_for_each(|value| check_type(value, element))
        }
        (Shape::Map(element), Json::Object(object)) => {
            object.values().try_for_each(|value| check_type(value, element))
        }
        (Shape::Structure(members), Json::Object(object)) => check_members(object, members),
        (Shape::AttributeValue, Json::Object(object)) => check_attribute_value(object),
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

fn wrong_scalar(value: &Json<'_>, wanted: &str) -> String {
    match value {
        Json::Bool(true) => format!("TRUE_VALUE cannot be converted to {wanted}"),
        Json::Bool(false) => format!("FALSE_VALUE cannot be converted to {wanted}"),
        Json::Number(_) => format!("NUMBER_VALUE cannot be converted to {wanted}"),
        Json::String(_) => format!("STRING_VALUE cannot be converted to {wanted}"),
        Json::Array(_) => format!("Unrecognized collection type class java.lang.{wanted}"),
        Json::Object(_) | Json::Null => "Start of structure or map found where not expected".to_owned(),
    }
}

fn check_attribute_value(object: &Object<'_>) -> Result<(), Fault> {
    for (name, value) in object.iter() {
        match name {
            "S" | "N" => check_type(value, &Shape::String)?,
            "BOOL" | "NULL" => check_type(value, &Shape::Boolean)?,
            "SS" | "NS" => check_type(value, &Shape::List(&Shape::String))?,
            "L" => check_type(value, &Shape::List(&Shape::AttributeValue))?,
            "M" => check_type(value, &ATTRIBUTES)?,
            "B" => check_blob(value)?,
            "BS" => {
                check_type(value, &Shape::List(&Shape::Any))?;
                value.as_array().into_iter().flatten().try_for_each(check_blob)?;
            }
            _ => {}
        }
    }
    Ok(())
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

/// What breaks constraints.
#[derive(Default)]
struct Faults {
    /// What is found first is reported alone.
    found_first: Vec<String>,
    others: Vec<String>,
    found_last: Vec<String>,
    /// All of them in the older layer's words, which are the ones where a required member is missing, too.
    older: Vec<String>,
    misses_member: bool,
}

impl Faults {
    fn reported(self, layer: ValueLayer) -> Vec<String> {
        if self.misses_member || layer == ValueLayer::Older {
            return self.older;
        }
        let in_order = [self.found_first, self.others, self.found_last];
        in_order.into_iter().find(|faults| !faults.is_empty()).unwrap_or_default()
    }

    fn push(&mut self, fault: String) {
        self.older.push(fault.clone());
        self.others.push(fault);
    }
}

/// Where a value lies. The path is written only where there is a fault to tell.
#[derive(Clone, Copy)]
struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: PathStep<'p>,
}

#[derive(Clone, Copy)]
enum PathStep<'p> {
    Member(&'p str),
    /// An element of a list, counted from 1.
    Element(usize),
    /// The value under a key of a map.
    Value(&'p str),
}

impl Path<'_> {
    /// As the older words have it: `requestItems.table.member.keys`
    fn shown(&self) -> String {
        self.written(&lower_first)
    }

    /// As the newer words have it: `RequestItems.table.member.Keys`
    fn model(&self) -> String {
        self.written(&str::to_owned)
    }

    fn written(&self, member: &dyn Fn(&str) -> String) -> String {
        let step = match self.step {
            PathStep::Member(name) => member(name),
            PathStep::Element(position) => format!("{position}.member"),
            PathStep::Value(key) => format!("{key}.member"),
        };
        match self.parent {
            None => step,
            Some(parent) => format!("{}.{step}", parent.written(member)),
        }
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

impl Rule {
    fn check(&self, value: &Json<'_>, path: &Path<'_>, faults: &mut Faults) {
        let length = length(value);
        let at_most = |max| format!("Member must have length less than or equal to {max}");
        let at_least = |min| format!("Member must have length greater than or equal to {min}");
        self.check_worded_twice(value, path, faults);
        let mut require = |holds: bool, constraint: &dyn Fn() -> String| {
            if !holds {
                faults.push(fault(&format!("'{}'", shown(value)), &path.shown(), &constraint()));
            }
        };
        let name_pattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+";
        match self {
            Self::Length(min, max) => {
                require(length >= *min, &|| at_least(*min));
                require(length <= *max, &|| at_most(*max));
            }
            Self::Min(min) => {
                let constraint = || format!("Member must have value greater than or equal to {min}");
                require(value.as_f64().is_some_and(|number| number.trunc() >= *min as f64), &constraint);
            }
            Self::Max(max) => {
                let constraint = || format!("Member must have value less than or equal to {max}");
                require(value.as_f64().is_some_and(|number| number.trunc() <= *max as f64), &constraint);
            }
            Self::Name => require(value.as_str().is_some_and(is_name), &|| name_pattern.to_owned()),
            Self::TableName if value.as_str().is_some_and(|name| name.starts_with("arn:")) => {
                require(length <= 1024, &|| at_most(1024));
            }
            Self::TableName if length == 0 => {}
            Self::TableName => {
                require(value.as_str().is_some_and(is_name), &|| name_pattern.to_owned());
                require(length <= 255, &|| at_most(255));
            }
            // Checked above.
            Self::ModelLength(..)
            | Self::ModelMin(_)
            | Self::ReturnValues
            | Self::ReturnValuesOfUpdate
            | Self::ReturnItemCollectionMetrics
            | Self::ConditionalOperator
            | Self::UpdateAction
            | Self::TableNameKeysLast => {}
            Self::OneOf(names) => require(value.as_str().is_some_and(|name| names.contains(&name)), &|| {
                format!("Member must satisfy enum value set: [{}]", names.join(", "))
            }),
            Self::Matches(pattern, matches) => require(value.as_str().is_some_and(matches), &|| {
                format!("Member must satisfy regular expression pattern: {pattern}")
            }),
            Self::TableNameKeys => {
                let is_table =
                    |key: &str| key.starts_with("arn:") || (is_name(key) && (3..=255).contains(&key.len()));
                require(value.as_object().is_some_and(|object| object.names().all(is_table)), &|| {
                    format!(
                        "Map keys must satisfy constraint: [{}, {}, {name_pattern}]",
                        at_most(255),
                        at_least(3)
                    )
                });
            }
            Self::ValueLength(min, max) => {
                let too_short = value
                    .as_object()
                    .is_some_and(|lists| lists.values().any(|list| self::length(list) < *min));
                if too_short {
                    let constraint =
                        format!("Map value must satisfy constraint: [{}, {}]", at_most(*max), at_least(*min));
                    faults.push(fault(
                        &format!("'{}'", java::write_requests(value)),
                        &path.shown(),
                        &constraint,
                    ));
                }
            }
        }
    }

    /// The rules that DynamoDB words in a newer and in an older way.
    fn check_worded_twice(&self, value: &Json<'_>, path: &Path<'_>, faults: &mut Faults) {
        const RETURN_VALUES_SLIP: &str = "Failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, \
                                          UPDATED_OLD, ALL_NEW, UPDATE_NEW, NONE]";
        let length = length(value);
        let echoed = |constraint: &str| fault(&format!("'{}'", shown(value)), &path.shown(), constraint);
        let by_model = |path: &str, constraint: &str| {
            format!("Value at '{path}' failed to satisfy constraint: {constraint}")
        };
        let mut require_first = |holds: bool, constraint: &dyn Fn() -> String| {
            if !holds {
                let constraint = constraint();
                faults.found_first.push(by_model(&path.model(), &constraint));
                faults.older.push(echoed(&constraint));
            }
        };
        let one_of = |names: &[&str]| format!("Member must satisfy enum value set: [{}]", names.join(", "));
        let is_one_of = |names: &[&str]| value.as_str().is_some_and(|name| names.contains(&name));
        match self {
            Self::ModelLength(min, max) => {
                require_first(length >= *min, &|| {
                    format!("Member must have length greater than or equal to {min}")
                });
                require_first(length <= *max, &|| {
                    format!("Member must have length less than or equal to {max}")
                });
            }
            Self::ModelMin(min) => {
                require_first(value.as_f64().is_some_and(|number| number >= *min as f64), &|| {
                    format!("Member must have value greater than or equal to {min}")
                });
            }
            Self::TableName => {
                require_first(length > 0, &|| {
                    "Member must have length greater than or equal to 1".to_owned()
                });
            }
            Self::ReturnValuesOfUpdate if !is_one_of(RETURN_VALUES) => {
                faults.found_first.push(RETURN_VALUES_SLIP.to_owned());
                faults.older.push(echoed(&one_of(RETURN_VALUES)));
            }
            Self::ReturnValues if !is_one_of(RETURN_VALUES) => {
                faults.others.push(RETURN_VALUES_SLIP.to_owned());
                faults.older.push(echoed(&one_of(RETURN_VALUES)));
            }
            Self::ReturnItemCollectionMetrics if !is_one_of(METRICS) => {
                faults.others.push("ReturnItemCollectionMetrics can only be SIZE or NONE".to_owned());
                faults.older.push(echoed(&one_of(METRICS)));
            }
            Self::ConditionalOperator if !is_one_of(&["OR", "AND"]) => {
                faults.found_first.push(OPERATORS_SLIP.to_owned());
                faults.older.push(echoed(&one_of(&["OR", "AND"])));
            }
            Self::UpdateAction if !is_one_of(UPDATE_ACTIONS) => {
                // The quotation mark is AWS's.
                faults.others.push(format!("{}' for Action", one_of(UPDATE_ACTIONS)));
                faults.older.push(echoed(&one_of(UPDATE_ACTIONS)));
            }
            Self::ValueLength(_, max) => {
                let lists = value.as_object().into_iter().flat_map(Object::iter);
                for (key, _) in lists.filter(|(_, list)| self::length(list) > *max) {
                    let element = Path { parent: Some(path), step: PathStep::Value(key) };
                    let constraint = format!("Member must have length less than or equal to {max}");
                    faults.found_first.push(by_model(&element.model(), &constraint));
                }
            }
            Self::TableNameKeysLast => {
                let mut found = Faults::default();
                Self::TableNameKeys.check(value, path, &mut found);
                let (json, echo) = (shown(value), java::write_requests(value));
                faults.found_last.extend(found.others.iter().map(|fault| fault.replacen(&json, &echo, 1)));
            }
            _ => {}
        }
    }
}

fn fault(value: &str, path: &str, constraint: &str) -> String {
    format!("Value {value} at '{path}' failed to satisfy constraint: {constraint}")
}

fn length(value: &Json<'_>) -> usize {
    match value {
        Json::String(text) => text.chars().count(),
        Json::Array(elements) => elements.len(),
        Json::Object(members) => members.len(),
        _ => 0,
    }
}

/// A value as constraint errors print it.
pub(super) fn shown(value: &Json<'_>) -> String {
    match value {
        Json::String(text) => text.clone().into_owned(),
        Json::Array(elements) => format!("[{}]", elements.iter().map(shown).collect::<Vec<_>>().join(", ")),
        // What is no integer has been cut off to one before anybody looks.
        Json::Number(number) if !number.is_i64() && !number.is_u64() => {
            number.as_f64().map_or_else(|| number.to_string(), |number| format!("{}", number as i64))
        }
        // The only structures in a list that is counted.
        Json::Object(members) if members.get("KeyType").is_some() => format!(
            "KeySchemaElement(attributeName={}, keyType={})",
            members.get("AttributeName").map_or_else(|| "null".to_owned(), shown),
            members.get("KeyType").map_or_else(|| "null".to_owned(), shown)
        ),
        other => Value::from(other).to_string(),
    }
}

pub(super) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte))
}

pub(super) fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_lowercase());
    first.into_iter().chain(characters).collect()
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
