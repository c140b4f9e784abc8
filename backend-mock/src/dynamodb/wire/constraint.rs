//! Constraints: what the members of an input must keep to, and how DynamoDB tells those that they do not.

use serde_json::Value;

use super::super::engine::single_item::OLD_OR_NONE;
use super::attribute_value::ValueLayer;
use super::java;
use super::json::{Json, Object};

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

/// What DynamoDB says about a ConditionalOperator that is none; it takes `AND` and not `ALL`.
pub(super) const OPERATORS_SLIP: &str =
    "Failed to satisfy constraint: Member must satisfy enum value set: [ALL, OR]";
/// Every value of ReturnValues.
const RETURN_VALUES: &[&str] = &["ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW"];
/// Every action of AttributeUpdates.
const UPDATE_ACTIONS: &[&str] = &["ADD", "DELETE", "PUT"];
/// Every value of ReturnConsumedCapacity.
pub(super) const CAPACITIES: &[&str] = &["INDEXES", "TOTAL", "NONE"];
/// Every value of ReturnValuesOnConditionCheckFailure.
pub(super) const ON_CONDITION_CHECK_FAILURE: &[&str] = &["ALL_OLD", "NONE"];
/// Every value of ReturnItemCollectionMetrics.
pub(super) const METRICS: &[&str] = &["SIZE", "NONE"];
/// What breaks constraints.
#[derive(Default)]
pub(super) struct Faults {
    /// What is found first is reported alone; of the name of a table, after the rest.
    found_first: Vec<String>,
    of_name: Vec<String>,
    /// Then what is found in turn: only the first of it, and whether as other faults are.
    in_turn: Option<(usize, String, bool)>,
    others: Vec<String>,
    found_last: Vec<String>,
    /// All of them in the older layer's words, which are the ones where a required member is missing, too.
    older: Vec<String>,
    pub(super) misses_member: bool,
}

impl Faults {
    pub(super) fn reported(self, layer: ValueLayer) -> Vec<String> {
        if self.misses_member || layer == ValueLayer::Older {
            return self.older;
        }
        let found_first = [self.found_first, self.of_name].concat();
        let in_turn = self.in_turn.into_iter().map(|(_, fault, _)| fault).collect();
        let in_order = [found_first, in_turn, self.others, self.found_last];
        in_order.into_iter().find(|faults| !faults.is_empty()).unwrap_or_default()
    }

    /// A fault that is told without the beginning that others have, if that is its turn.
    pub(super) fn bare_in_turn(&self) -> Option<String> {
        let is_first = self.found_first.is_empty() && self.of_name.is_empty() && !self.misses_member;
        let (_, fault, _) = self.in_turn.as_ref().filter(|(_, _, enveloped)| is_first && !enveloped)?;
        Some(fault.clone())
    }

    fn push_in_turn(&mut self, turn: usize, fault: String, enveloped: bool) {
        if self.in_turn.as_ref().is_none_or(|(earlier, ..)| turn < *earlier) {
            self.in_turn = Some((turn, fault, enveloped));
        }
    }

    pub(super) fn push(&mut self, fault: String) {
        self.older.push(fault.clone());
        self.others.push(fault);
    }
}

/// Where a value lies. The path is written only where there is a fault to tell.
#[derive(Clone, Copy)]
pub(super) struct Path<'p> {
    pub(super) parent: Option<&'p Path<'p>>,
    pub(super) step: PathStep<'p>,
}

#[derive(Clone, Copy)]
pub(super) enum PathStep<'p> {
    Member(&'p str),
    /// An element of a list, counted from 1.
    Element(usize),
    /// The value under a key of a map.
    Value(&'p str),
}

impl Path<'_> {
    /// As the older words have it: `requestItems.table.member.keys`
    pub(super) fn shown(&self) -> String {
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

impl Rule {
    pub(super) fn check(&self, value: &Json<'_>, path: &Path<'_>, faults: &mut Faults) {
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
                faults.others.push(OLD_OR_NONE.to_owned());
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

pub(super) fn fault(value: &str, path: &str, constraint: &str) -> String {
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
