//! Query: the items of one partition whose sort keys lie in a range, in order, O(log n) to the first of them.

use std::ops::{Bound, RangeBounds};

use super::Engine;
use super::attribute_value::AttributeValue;
use super::capacity::Consistency;
use super::error::Error;
use super::expression::{Expressions, KeyCondition, KeyTest};
use super::index::{EntryKey, Index};
use super::item::Attributes;
use super::key_schema::{self, ItemKey, KeyAttribute, KeyValue, Partition, Place, check_not_empty};
use super::page::{PageRequest, Source};

pub(crate) use super::page::{Page, Select};

#[derive(Clone, Debug)]
pub(crate) struct QueryInput {
    pub(crate) table_name: String,
    pub(crate) index_name: Option<String>,
    pub(crate) expressions: Expressions,
    pub(crate) exclusive_start_key: Option<Attributes>,
    pub(crate) limit: Option<usize>,
    pub(crate) select: Option<Select>,
    pub(crate) direction: Direction,
    pub(crate) consistency: Consistency,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Direction {
    #[default]
    Forward,
    Backward,
}

impl Engine {
    /// What it costs is not charged yet.
    pub(crate) fn query(&self, input: &QueryInput) -> Result<Page, Error> {
        let parsed = input.expressions.parse(&self.texts, "FilterExpression and KeyConditionExpression")?;
        let key_condition = parsed.key_condition.as_ref().ok_or_else(|| {
            Error::validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.",
            )
        })?;
        let table = self.table(&input.table_name)?;
        let index_name = input.index_name.as_deref();
        // The two operations differ in a full stop.
        let refusal = "Query operation not supported on this index type.";
        table.check_no_vector_index(index_name, input.consistency, refusal)?;
        let source = Source::new(table, index_name)?;
        let request = PageRequest {
            limit: input.limit,
            select: input.select,
            filter: parsed.filter.as_ref(),
            projection: parsed.projection.as_ref(),
            consistency: input.consistency,
        };
        source.check_consistency(input.consistency)?;
        let start_key = input.exclusive_start_key.as_ref();
        let range = KeyRange::of(&source, key_condition, start_key)?;
        let start = start_key.map(|key| range.start(&source, key)).transpose()?;
        // A statement has but one condition: what of it is no key condition is the filter, keys or not.
        if let Some(filter) = request.filter
            && input.expressions.statement.is_none()
        {
            let parameter = if parsed.has_legacy_filter { "QueryFilter" } else { "Filter Expression" };
            check_filter(&source, filter, parameter)?;
        }
        source.check(&request)?;
        self.check_read(source.table, source.index)?;
        Ok(range.read(&source, start, input.direction, &request))
    }
}

/// A filter may not speak of the keys of what is queried.
fn check_filter(
    source: &Source<'_>,
    filter: &super::expression::Condition,
    parameter: &str,
) -> Result<(), Error> {
    let mut key = None;
    filter.visit_paths(&mut |path| {
        if source.key_schema().contains(path.attribute()) {
            key.get_or_insert(path.attribute());
        }
    });
    match key {
        None => Ok(()),
        Some(key) => Err(Error::validation(format!(
            "{parameter} can only contain non-primary key attributes: Primary key attribute: {key}"
        ))),
    }
}

/// Which sort keys of which partition are asked for.
struct KeyRange {
    partition: Partition,
    has_test: bool,
    low: Bound<KeyValue>,
    high: Bound<KeyValue>,
}

/// Where a page goes on: after this item of the table or this entry of the index.
type Start = (ItemKey, ItemKey);

impl KeyRange {
    /// Looks at one key attribute after the other, as DynamoDB does: first in the start key, then in the condition.
    fn of(source: &Source<'_>, condition: &KeyCondition, start: Option<&Attributes>) -> Result<Self, Error> {
        let schema = source.key_schema();
        let (conditions, attributes) = (condition.parts.len(), schema.attributes().count());
        if conditions > attributes.max(2) {
            return Err(Error::validation(format!(
                "The number of query conditions ({conditions}) exceeds the number of key attributes defined in the \
                 schema ({attributes})"
            )));
        }
        if start.is_some_and(|start| start.len() != source.start_key_attributes().len()) {
            return Err(Error::validation("The provided starting key is invalid"));
        }
        if schema.has_many_attributes() {
            return Self::of_many(source, condition, start);
        }
        let is_single = condition.parts.len() == 1;
        check_start_attribute(&schema.partition, start)?;
        if schema.sort.is_none() && !is_single {
            return Err(unsupported());
        }
        let test = test_of(&schema.partition, condition)?.ok_or_else(|| missed(&schema.partition))?;
        let KeyTest::Equal(partition) = test else { return Err(unsupported()) };
        let partition = key_value(&schema.partition, partition)?;
        check_not_empty(&schema.partition, &partition)?;
        let mut range = Self {
            partition: Partition::new(partition),
            has_test: false,
            low: Bound::Unbounded,
            high: Bound::Unbounded,
        };
        if let Some(sort) = &schema.sort {
            check_start_attribute(sort, start)?;
            match test_of(sort, condition)? {
                Some(test) => {
                    check_values_not_empty(sort, test)?;
                    (range.low, range.high) = bounds(sort, test)?;
                    range.has_test = true;
                }
                None if is_single => {}
                None => return Err(missed(sort)),
            }
        }
        if let Some(start) = start {
            source.check_start_attributes(start)?;
        }
        Ok(range)
    }

    /// The range of a key of several attributes: equality for all of the partition key, and then for the attributes of
    /// the sort key from the first on, of which only the last that is asked for may have a range.
    fn of_many(
        source: &Source<'_>,
        condition: &KeyCondition,
        start: Option<&Attributes>,
    ) -> Result<Self, Error> {
        let schema = source.key_schema();
        schema.attributes().try_for_each(|attribute| check_start_attribute(attribute, start))?;
        let mut partition = Vec::new();
        let mut without_equality = Vec::new();
        for attribute in schema.partition_attributes() {
            let Some(KeyTest::Equal(value)) = test_of(attribute, condition)? else {
                without_equality.push(&*attribute.name);
                continue;
            };
            let value = key_value(attribute, value)?;
            check_not_empty(attribute, &value)?;
            partition.push(value);
        }
        if !without_equality.is_empty() {
            return Err(Error::validation(format!(
                "HASH key attributes {} must have equality conditions specified in the query",
                without_equality.join(", ")
            )));
        }
        let mut tests = Vec::new();
        for attribute in schema.sort_attributes() {
            tests.push((attribute, test_of(attribute, condition)?));
        }
        let asked = partition.len() + tests.iter().filter(|(_, test)| test.is_some()).count();
        if asked < condition.parts.len() {
            let next = tests.iter().find(|(_, test)| test.is_none());
            return Err(next.map_or_else(unsupported, |(attribute, _)| missed(attribute)));
        }
        if let Some(start) = start {
            source.check_start_attributes(start)?;
        }
        let mut range = Self {
            partition: Partition::new(together(partition)),
            has_test: false,
            low: Bound::Unbounded,
            high: Bound::Unbounded,
        };
        let Some(last) = tests.iter().rposition(|(_, test)| test.is_some()) else { return Ok(range) };
        let (mut beginning, mut without_equality) = (Vec::new(), Vec::new());
        for (attribute, test) in &tests[..last] {
            match test {
                Some(KeyTest::Equal(value)) => {
                    let value = key_value(attribute, value)?;
                    check_not_empty(attribute, &value)?;
                    beginning.push(value);
                }
                _ => without_equality.push(&*attribute.name),
            }
        }
        if let (attribute, Some(test)) = tests[last] {
            if !without_equality.is_empty() {
                return Err(Error::validation(format!(
                    "RANGE key attributes {} must have equality conditions specified in the query because a condition \
                     is present on key attribute {}",
                    without_equality.join(", "),
                    attribute.name
                )));
            }
            range.has_test = true;
            check_values_not_empty(attribute, test)?;
            let bounds = bounds(attribute, test)?;
            (range.low, range.high) = match schema.more_sort.is_empty() {
                true => bounds,
                false => after_beginning(&beginning, bounds),
            };
        }
        Ok(range)
    }

    /// # Errors
    /// When the page could not have ended there.
    fn start(&self, source: &Source<'_>, key: &Attributes) -> Result<Start, Error> {
        let start = source.start_key(key).map_err(|error| match error {
            Error::Validation(message) if message.ends_with(key_schema::MISMATCH) => {
                Error::validation("The provided starting key is invalid")
            }
            other => other,
        })?;
        let own = &start.0;
        if own.partition.begins_unlike(&self.partition) {
            return Err(not_restartable());
        }
        let fulfils_test = match &own.sort {
            Place::At(sort) => (self.low.as_ref(), self.high.as_ref()).contains(sort),
            Place::Before | Place::After => false,
        };
        if self.has_test && !fulfils_test {
            return Err(Error::validation(
                "The provided starting key does not match the range key predicate",
            ));
        }
        if own.partition != self.partition {
            return Err(match (self.has_test, source.index, &own.sort) {
                (true, ..) => not_restartable(),
                // Such a partition has one item.
                (_, None, Place::Before) => Error::validation("The provided exclusive start key is invalid"),
                _ => Error::validation(
                    "The provided starting key is outside query boundaries based on provided conditions",
                ),
            });
        }
        Ok(start)
    }

    fn read(
        self,
        source: &Source<'_>,
        start: Option<Start>,
        direction: Direction,
        request: &PageRequest<'_>,
    ) -> Page {
        let at = |sort: Place<KeyValue>| ItemKey { partition: self.partition.clone(), sort };
        // Before all that lies at a key, or after it.
        let (low, low_side) = match &self.low {
            Bound::Unbounded => (at(Place::Before), Place::Before),
            Bound::Included(low) => (at(Place::At(low.clone())), Place::Before),
            Bound::Excluded(low) => (at(Place::At(low.clone())), Place::After),
        };
        let (high, high_side) = match &self.high {
            Bound::Unbounded => (at(Place::After), Place::After),
            Bound::Included(high) => (at(Place::At(high.clone())), Place::After),
            Bound::Excluded(high) => (at(Place::At(high.clone())), Place::Before),
        };
        let Some(index) = source.index else {
            let bound = |key, side: &Place<ItemKey>, outside: Place<ItemKey>| match *side == outside {
                true => Bound::Included(key),
                false => Bound::Excluded(key),
            };
            let low = bound(low, &low_side, Place::Before);
            let high = bound(high, &high_side, Place::After);
            let (low, high) = go_on(low, high, start.map(|(_, table)| table), direction);
            return source.read(ranged(&source.table.items, low, high, direction), request);
        };
        let low = Bound::Excluded(EntryKey { index: low, table: low_side });
        let high = Bound::Excluded(EntryKey { index: high, table: high_side });
        let start = start.map(|(index, table)| EntryKey { index, table: Place::At(table) });
        let (low, high) = go_on(low, high, start, direction);
        source.read(Index::items(ranged(&index.entries, low, high, direction)), request)
    }
}

fn not_restartable() -> Error {
    Error::validation("The query can return at most one row and cannot be restarted")
}

fn unsupported() -> Error {
    Error::validation("Query key condition not supported")
}

/// The value of a key that has one attribute or several.
fn together(mut values: Vec<KeyValue>) -> KeyValue {
    match (values.len(), values.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            values.extend(last);
            KeyValue::Many(values.into())
        }
    }
}

/// Bounds of one attribute of a sort key, the attributes before it being equal to `beginning`.
fn after_beginning(
    beginning: &[KeyValue],
    (low, high): (Bound<KeyValue>, Bound<KeyValue>),
) -> (Bound<KeyValue>, Bound<KeyValue>) {
    let many = |values: &[KeyValue]| KeyValue::Many([beginning, values].concat().into());
    // Whatever attributes follow, a key is after its own beginning and before that beginning's end.
    let low = match low {
        Bound::Unbounded => Bound::Included(many(&[])),
        Bound::Included(low) => Bound::Included(many(&[low])),
        Bound::Excluded(low) => Bound::Excluded(many(&[low, KeyValue::End])),
    };
    let high = match high {
        Bound::Unbounded => Bound::Excluded(many(&[KeyValue::End])),
        Bound::Included(high) => Bound::Excluded(many(&[high, KeyValue::End])),
        Bound::Excluded(high) => Bound::Excluded(many(&[high])),
    };
    (low, high)
}

fn check_values_not_empty(attribute: &KeyAttribute, test: &KeyTest) -> Result<(), Error> {
    test.values().into_iter().try_for_each(|value| check_not_empty(attribute, &key_value(attribute, value)?))
}

/// The bounds of what is left after `start`.
fn go_on<K>(low: Bound<K>, high: Bound<K>, start: Option<K>, direction: Direction) -> (Bound<K>, Bound<K>) {
    match (start, direction) {
        (None, _) => (low, high),
        (Some(start), Direction::Forward) => (Bound::Excluded(start), high),
        (Some(start), Direction::Backward) => (low, Bound::Excluded(start)),
    }
}

/// The entries between two bounds, either way round. Bounds that exclude each other hold nothing.
fn ranged<'m, K: Ord + Clone, V: Clone>(
    map: &'m imbl::OrdMap<K, V>,
    low: Bound<K>,
    high: Bound<K>,
    direction: Direction,
) -> Box<dyn Iterator<Item = (&'m K, &'m V)> + 'm> {
    let is_empty = match (&low, &high) {
        (Bound::Included(low), Bound::Included(high)) => low > high,
        (Bound::Included(low) | Bound::Excluded(low), Bound::Included(high) | Bound::Excluded(high)) => {
            low >= high
        }
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
    };
    if is_empty {
        return Box::new(std::iter::empty());
    }
    let range = map.range((low, high));
    match direction {
        Direction::Forward => Box::new(range),
        Direction::Backward => Box::new(range.rev()),
    }
}

/// The condition on a key attribute, its values known to be of the attribute's type.
fn test_of<'c>(attribute: &KeyAttribute, condition: &'c KeyCondition) -> Result<Option<&'c KeyTest>, Error> {
    let Some(part) = condition.parts.iter().find(|part| part.attribute == *attribute.name) else {
        return Ok(None);
    };
    if part.test == KeyTest::NotIndexable {
        return Err(Error::validation("Attempted conditional constraint is not an indexable operation"));
    }
    for value in part.test.values() {
        key_value(attribute, value)?;
    }
    Ok(Some(&part.test))
}

fn missed(attribute: &KeyAttribute) -> Error {
    Error::validation(format!("Query condition missed key schema element: {}", attribute.name))
}

fn check_start_attribute(attribute: &KeyAttribute, start: Option<&Attributes>) -> Result<(), Error> {
    let Some(start) = start else { return Ok(()) };
    let value = start
        .get(&attribute.name)
        .ok_or_else(|| Error::validation("The provided starting key is invalid"))?;
    match KeyValue::of(value) {
        Some((_, key_type)) if key_type == attribute.key_type => Ok(()),
        _ => Err(Error::validation("The provided starting key is invalid")),
    }
}

fn key_value(attribute: &KeyAttribute, value: &AttributeValue) -> Result<KeyValue, Error> {
    match KeyValue::of(value) {
        Some((key, key_type)) if key_type == attribute.key_type => Ok(key),
        _ => Err(Error::invalid_parameter("Condition parameter type does not match schema type")),
    }
}

fn bounds(attribute: &KeyAttribute, test: &KeyTest) -> Result<(Bound<KeyValue>, Bound<KeyValue>), Error> {
    let value = |value| key_value(attribute, value);
    Ok(match test {
        KeyTest::Equal(one) => (Bound::Included(value(one)?), Bound::Included(value(one)?)),
        KeyTest::Less(high) => (Bound::Unbounded, Bound::Excluded(value(high)?)),
        KeyTest::LessOrEqual(high) => (Bound::Unbounded, Bound::Included(value(high)?)),
        KeyTest::Greater(low) => (Bound::Excluded(value(low)?), Bound::Unbounded),
        KeyTest::GreaterOrEqual(low) => (Bound::Included(value(low)?), Bound::Unbounded),
        KeyTest::Between(low, high) => (Bound::Included(value(low)?), Bound::Included(value(high)?)),
        KeyTest::BeginsWith(prefix) => {
            let prefix = value(prefix)?;
            let end = prefix.end_of_prefix();
            (Bound::Included(prefix), end.map_or(Bound::Unbounded, Bound::Excluded))
        }
        // Refused when the condition was looked up.
        KeyTest::NotIndexable => (Bound::Unbounded, Bound::Unbounded),
    })
}
