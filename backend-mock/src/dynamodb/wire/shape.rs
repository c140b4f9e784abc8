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
    /// The same for a list of objects, which is echoed.
    ListLength(usize, usize, &'static java::Class),
    Min(i64),
    Max(i64),
    /// As [`Rule::Length`] and [`Rule::Min`], found by the part of DynamoDB that looks first, and worded its own way.
    ModelLength(usize, usize),
    ModelMin(i64),
    /// What a write can return, in a list that has a slip of AWS in it.
    ReturnValues,
    /// The same for DeleteItem, which has fewer of them.
    ReturnValuesOfDelete,
    /// The same for UpdateItem, which finds such faults in turn.
    ReturnValuesOfUpdate,
    /// One of these, of which UpdateItem tells the fault in this turn alone; and whether as other faults are told.
    InTurn(usize, &'static [&'static str], bool),
    /// One of these, which the newer part leaves for later.
    OneOfLater(&'static [&'static str]),
    /// `AND` or `OR`, which the newer part leaves for later.
    ConditionalOperator,
    /// What AttributeUpdates can do, told with neither the value nor the way to it.
    UpdateAction,
    /// Letters, digits, `_`, `.` and `-`.
    Name,
    /// The name of a table, or its ARN.
    TableName,
    /// The same for reads and writes of items, that tell one fault of it.
    TableNameOfItem,
    /// The same for UpdateItem, that tells all of them and nothing else.
    TableNameOfUpdate,
    /// The same for parts of transactions, told only where nothing else is wrong.
    TableNameOfPart,
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
/// What DeleteItem says of values that only UpdateItem has.
pub(super) const RETURN_VALUES_OF_DELETE: &str = "ReturnValues can only be ALL_OLD or NONE";
/// Every value of ReturnValues.
const RETURN_VALUES: &[&str] = &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
/// Every action of AttributeUpdates.
const UPDATE_ACTIONS: &[&str] = &["ADD", "DELETE", "PUT"];
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
/// Every value of ReturnConsumedCapacity.
pub(super) const CAPACITIES: &[&str] = &["INDEXES", "TOTAL", "NONE"];
/// Every value of ReturnValuesOnConditionCheckFailure.
pub(super) const ON_CONDITION_CHECK_FAILURE: &[&str] = &["ALL_OLD", "NONE"];
/// Every value of ReturnItemCollectionMetrics.
pub(super) const METRICS: &[&str] = &["SIZE", "NONE"];
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

/// What breaks constraints.
#[derive(Default)]
struct Faults {
    /// What is found first is reported alone; of the name of a table, after the rest.
    found_first: Vec<String>,
    of_name: Vec<String>,
    /// Then what is found in turn: only the first of it, and whether as other faults are.
    in_turn: Option<(usize, String, bool)>,
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
        let found_first = [self.found_first, self.of_name].concat();
        let in_turn = self.in_turn.into_iter().map(|(_, fault, _)| fault).collect();
        let in_order = [found_first, in_turn, self.others, self.found_last];
        in_order.into_iter().find(|faults| !faults.is_empty()).unwrap_or_default()
    }

    /// A fault that is told without the beginning that others have, if that is its turn.
    fn bare_in_turn(&self) -> Option<String> {
        let is_first = self.found_first.is_empty() && self.of_name.is_empty() && !self.misses_member;
        let (_, fault, _) = self.in_turn.as_ref().filter(|(_, _, enveloped)| is_first && !enveloped)?;
        Some(fault.clone())
    }

    fn push_in_turn(&mut self, turn: usize, fault: String, enveloped: bool) {
        if self.in_turn.as_ref().is_none_or(|(earlier, ..)| turn < *earlier) {
            self.in_turn = Some((turn, fault, enveloped));
        }
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
            Self::ListLength(min, max, class) => {
                let constraint = match length {
                    _ if length < *min => at_least(*min),
                    _ if length > *max => at_most(*max),
                    _ => return,
                };
                faults.push(fault(&format!("'{}'", java::list(value, class)), &path.shown(), &constraint));
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
            Self::TableName | Self::TableNameOfItem | Self::TableNameOfUpdate | Self::TableNameOfPart
                if value.as_str().is_some_and(|name| name.starts_with("arn:")) =>
            {
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
            | Self::ReturnValuesOfDelete
            | Self::ReturnValuesOfUpdate
            | Self::InTurn(..)
            | Self::OneOfLater(_)
            | Self::TableNameOfItem
            | Self::TableNameOfUpdate
            | Self::TableNameOfPart
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
            Self::TableNameOfItem | Self::TableNameOfUpdate | Self::TableNameOfPart
                if value.as_str().is_some_and(|name| !name.starts_with("arn:")) =>
            {
                faults.of_table_name(value, path, self);
            }
            Self::ReturnValuesOfUpdate if !is_one_of(RETURN_VALUES) => {
                faults.push_in_turn(0, RETURN_VALUES_SLIP.to_owned(), true);
                faults.older.push(echoed(&one_of(RETURN_VALUES)));
            }
            Self::InTurn(turn, names, enveloped) if !is_one_of(names) => {
                faults.push_in_turn(*turn, echoed(&one_of(names)), *enveloped);
                faults.older.push(echoed(&one_of(names)));
            }
            Self::OneOfLater(names) if !is_one_of(names) => faults.older.push(echoed(&one_of(names))),
            Self::ReturnValuesOfDelete if is_one_of(RETURN_VALUES) && !is_one_of(&["ALL_OLD", "NONE"]) => {
                faults.others.push(RETURN_VALUES_OF_DELETE.to_owned());
            }
            Self::ReturnValues | Self::ReturnValuesOfDelete if !is_one_of(RETURN_VALUES) => {
                faults.others.push(RETURN_VALUES_SLIP.to_owned());
                faults.older.push(echoed(&one_of(RETURN_VALUES)));
            }
            Self::ConditionalOperator if !is_one_of(&["OR", "AND"]) => {
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

impl Faults {
    /// A name that is too short, too long, or none.
    fn of_table_name(&mut self, name: &Json<'_>, path: &Path<'_>, rule: &Rule) {
        let length = length(name);
        if length == 0 {
            let constraint = "Member must have length greater than or equal to 1";
            let path_by_model = path.model();
            self.of_name
                .push(format!("Value at '{path_by_model}' failed to satisfy constraint: {constraint}"));
            self.older.push(fault("''", &path.shown(), constraint));
            return;
        }
        let told = |constraint: &str| fault(&format!("'{}'", shown(name)), &path.shown(), constraint);
        let pattern = (!name.as_str().is_some_and(is_name))
            .then(|| told("Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"));
        let short = (length < 3).then(|| told("Member must have length greater than or equal to 3"));
        let long = (length > 255).then(|| told("Member must have length less than or equal to 255"));
        self.older.extend([&pattern, &long].into_iter().flatten().cloned());
        match rule {
            Rule::TableNameOfUpdate => self.of_name.extend([pattern, short, long].into_iter().flatten()),
            Rule::TableNameOfPart => self.found_last.extend([short, pattern, long].into_iter().flatten()),
            _ => self.others.extend([short, pattern, long].into_iter().flatten().next()),
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
