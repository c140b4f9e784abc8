//! Plans: which ranges of keys a condition asks for, so that a SELECT is a few queries, or else a scan.
//!
//! A condition is read as branches, one of which must hold: every OR that speaks of a key attribute, however deep among
//! ANDs, divides the branches it stands in. An OR that speaks of none is only a filter.

use std::ops::Bound;

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::super::expression::{Comparator, Condition, DocumentPath, KeyCondition, KeyTest, Operand, Step};
use super::super::item::Attributes;
use super::super::key_schema::{KeyAttribute, KeySchema, KeyValue, check_partition_size, check_sort_size};
use super::super::limit;
use super::condition::too_many_operands;

/// Into how many branches a condition is divided at most. DynamoDB documents no such number; beyond it a scan finds the
/// same items.
const BRANCHES: usize = 1_000;

/// How a SELECT reads.
pub(super) enum Plan {
    /// From end to end.
    Scan(Option<Condition>),
    /// One query after the other. `is_conjunction` says that the condition has one branch.
    Queries { ranges: Vec<Range>, is_conjunction: bool },
}

/// One query: some items of one partition.
#[derive(Clone)]
pub(super) struct Range {
    pub(super) partition: AttributeValue,
    pub(super) key_condition: KeyCondition,
    pub(super) filter: Option<Condition>,
}

impl Plan {
    /// # Errors
    /// [`Error::Validation`] for conditions on keys that no SELECT may have.
    pub(super) fn of(schema: &KeySchema, condition: Option<Condition>) -> Result<Self, Error> {
        let Some(condition) = condition else { return Ok(Self::Scan(None)) };
        let branches = Branch::all(schema, &condition)?;
        // The first branch that is no range of keys ends the checks.
        for branch in &branches {
            if !branch.is_one_range() {
                break;
            }
            branch.check_types(schema)?;
        }
        let is_conjunction = branches.len() == 1;
        match ranges(schema, &branches, &condition)? {
            Some(ranges) => Ok(Self::Queries { ranges, is_conjunction }),
            None => Ok(Self::Scan(Some(condition))),
        }
    }

    /// Where all is read from one partition, its key is no longer than one can be; and so is the sort key of one range.
    pub(super) fn check_sizes(&self, schema: &KeySchema) -> Result<(), Error> {
        let Self::Queries { ranges, .. } = self else { return Ok(()) };
        let Some((first, others)) = ranges.split_first() else { return Ok(()) };
        if others.iter().all(|other| other.partition == first.partition) {
            check_partition_size(first.partition.size())?;
        }
        match others.is_empty() {
            true => check_sort_sizes(schema, &first.key_condition),
            false => Ok(()),
        }
    }
}

/// The key that a condition names, if it names one and says no more.
///
/// # Errors
/// [`Error::Validation`] when it reads some items twice.
pub(super) fn one_key(schema: &KeySchema, condition: &Condition) -> Result<Option<Attributes>, Error> {
    let branches = Branch::all(schema, condition)?;
    ranges(schema, &branches, condition)?;
    let [Branch { partitions, sorts, filter: None, .. }] = &branches[..] else { return Ok(None) };
    let [partition] = &partitions[..] else { return Ok(None) };
    let mut key = Attributes::from([(schema.partition.name.clone(), partition.clone())]);
    match (&schema.sort, &sorts[..]) {
        (None, []) => {}
        (Some(sort), [test]) => match equality(test, &sort.name) {
            Some(value) => drop(key.insert(sort.name.clone(), value.clone())),
            None => return Ok(None),
        },
        _ => return Ok(None),
    }
    Ok(Some(key))
}

/// What one branch of a condition says of the key.
struct Branch {
    /// The values one of which the partition key must equal, as often as they are written; none when it is not named, or
    /// in two ways.
    partitions: Vec<AttributeValue>,
    /// The conditions that a query can follow along the sort key, each once.
    sorts: Vec<Condition>,
    filter: Option<Condition>,
    /// Whether it says which sort key it does not ask for.
    excludes_sort: bool,
}

impl Branch {
    fn all(schema: &KeySchema, condition: &Condition) -> Result<Vec<Self>, Error> {
        let branches = divided(schema, condition).unwrap_or_else(|| vec![vec![condition.clone()]]);
        branches.into_iter().map(|parts| Self::of(schema, parts)).collect()
    }

    fn of(schema: &KeySchema, parts: Vec<Condition>) -> Result<Self, Error> {
        let name = &schema.partition.name;
        let (mut partitions, mut sorts, mut rest) = (None::<Vec<AttributeValue>>, Vec::new(), Vec::new());
        for part in parts {
            if let Some(values) = values_of(&part, name)? {
                let earlier = partitions.get_or_insert_with(|| values.clone());
                if !values.iter().all(|value| earlier.contains(value))
                    || !earlier.iter().all(|value| values.contains(value))
                {
                    earlier.clear();
                }
                continue;
            }
            match schema.sort.as_ref().and_then(|sort| along(&part, sort)) {
                Some(test) if sorts.contains(&test) => {}
                Some(test) => sorts.push(test),
                None => rest.push(part),
            }
        }
        let excludes_sort = schema.sort.as_ref().is_some_and(|sort| excludes(&rest, sort));
        Ok(Self { partitions: partitions.unwrap_or_default(), sorts, filter: joined(rest), excludes_sort })
    }

    /// Whether it asks for one range of keys in each of its partitions.
    fn is_one_range(&self) -> bool {
        !self.partitions.is_empty() && self.sorts.len() <= 1
    }

    fn check_types(&self, schema: &KeySchema) -> Result<(), Error> {
        self.partitions.iter().try_for_each(|value| check_type(&schema.partition, value))?;
        let Some(sort) = &schema.sort else { return Ok(()) };
        self.sorts.iter().flat_map(values_in).try_for_each(|value| check_type(sort, value))
    }

    /// The ranges of its partitions; `None` when a key is none that the table could have.
    fn ranges(&self, schema: &KeySchema) -> Result<Option<Vec<Range>>, Error> {
        if self.partitions.iter().any(|value| check_type(&schema.partition, value).is_err()) {
            return Ok(None);
        }
        let fits = |test: &Condition| {
            let sort = schema.sort.as_ref();
            sort.is_some_and(|sort| values_in(test).iter().all(|value| check_type(sort, value).is_ok()))
        };
        let followed = self.sorts.iter().position(fits);
        let others = self.sorts.iter().enumerate().filter(|(index, _)| Some(*index) != followed);
        let filter = joined(others.map(|(_, test)| test.clone()).chain(self.filter.clone()).collect());
        let tests: Vec<Option<Condition>> = match followed.and_then(|index| self.sorts.get(index)) {
            Some(Condition::In { value, candidates }) => {
                let equal = |candidate: &Operand| Condition::Compare {
                    comparator: Comparator::Equal,
                    left: value.clone(),
                    right: candidate.clone(),
                };
                candidates.iter().map(equal).map(Some).collect()
            }
            test => vec![test.cloned()],
        };
        let mut ranges = Vec::new();
        for partition in &self.partitions {
            for test in &tests {
                ranges.push(Range {
                    partition: partition.clone(),
                    key_condition: key_condition(schema, partition, test.clone())?,
                    filter: filter.clone(),
                });
            }
        }
        Ok(Some(ranges))
    }
}

/// The branches of a condition, each as the parts that must all hold; `None` when there are too many.
fn divided(schema: &KeySchema, condition: &Condition) -> Option<Vec<Vec<Condition>>> {
    let branches = match condition {
        Condition::Or(parts) if speaks_of_key(schema, condition) => {
            let branches: Option<Vec<_>> = parts.iter().map(|part| divided(schema, part)).collect();
            branches?.concat()
        }
        Condition::And(parts) => {
            let mut branches = vec![Vec::new()];
            for part in parts {
                let of_part = divided(schema, part)?;
                if branches.len() * of_part.len() > BRANCHES {
                    return None;
                }
                branches = branches
                    .iter()
                    .flat_map(|so_far| of_part.iter().map(|more| [&so_far[..], &more[..]].concat()))
                    .collect();
            }
            branches
        }
        other => vec![vec![other.clone()]],
    };
    (branches.len() <= BRANCHES).then_some(branches)
}

fn speaks_of_key(schema: &KeySchema, condition: &Condition) -> bool {
    let mut speaks = false;
    condition.visit_paths(&mut |path| {
        speaks |= schema.attributes().any(|attribute| path.attribute() == &*attribute.name);
    });
    speaks
}

/// The ranges of all branches; `None` where only a scan finds what they ask for.
fn ranges(
    schema: &KeySchema,
    branches: &[Branch],
    condition: &Condition,
) -> Result<Option<Vec<Range>>, Error> {
    if branches.iter().any(|branch| branch.partitions.is_empty()) {
        return Ok(None);
    }
    let of_branches = branches.iter().map(|branch| branch.ranges(schema)).collect::<Result<Vec<_>, _>>()?;
    let Some(of_branches) = of_branches.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
    let ranges = of_branches.concat();
    let reaches: Vec<Reach> = ranges.iter().map(|range| Reach::of(schema, range)).collect();
    let overlaps = |one: usize, other: usize| {
        ranges[one].partition == ranges[other].partition && reaches[one].overlaps(&reaches[other])
    };
    let some_overlap = (0..ranges.len()).any(|one| (0..one).any(|other| overlaps(one, other)));
    if !some_overlap {
        return Ok(Some(ranges));
    }
    if branches.iter().all(|branch| branch.is_one_range() && !branch.excludes_sort) {
        return Err(Error::validation(
            "Overlapping conditions with range keys are not supported in where clause",
        ));
    }
    // What is not refused is found once: every item of a partition is asked all of it.
    let mut merged: Vec<Range> = Vec::new();
    for range in ranges {
        if merged.iter().all(|earlier| earlier.partition != range.partition) {
            let key_condition = key_condition(schema, &range.partition, None)?;
            merged.push(Range { key_condition, filter: Some(condition.clone()), ..range });
        }
    }
    Ok(Some(merged))
}

/// What a key attribute must be to be asked for.
///
/// # Errors
/// For a value that no key or not this one can have.
pub(super) fn check_type(attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), Error> {
    check_is_key(attribute, value)?;
    match KeyValue::of(value) {
        Some((_, key_type)) if key_type == attribute.key_type => Ok(()),
        _ => Err(Error::validation(format!(
            "Key attribute's data type should match its data type in table's schema: Key {}",
            attribute.name
        ))),
    }
}

/// # Errors
/// For a value that no key can have.
pub(super) fn check_is_key(attribute: &KeyAttribute, value: &AttributeValue) -> Result<(), Error> {
    match KeyValue::of(value) {
        Some(_) => Ok(()),
        None => Err(Error::validation(format!(
            "Key value must be of type S, N, or B. Key name: {}, Key type: {}",
            attribute.name,
            value.attribute_type()
        ))),
    }
}

/// The parts that must all hold.
pub(super) fn conjuncts(condition: Condition) -> Vec<Condition> {
    match condition {
        Condition::And(parts) => parts.into_iter().flat_map(conjuncts).collect(),
        other => vec![other],
    }
}

/// The condition that all of the parts are together.
pub(super) fn joined(mut parts: Vec<Condition>) -> Option<Condition> {
    match parts.len() {
        0 | 1 => parts.pop(),
        _ => Some(Condition::And(parts)),
    }
}

/// The value that an attribute must equal.
pub(super) fn equality<'c>(condition: &'c Condition, attribute: &str) -> Option<&'c AttributeValue> {
    match condition {
        Condition::Compare { comparator: Comparator::Equal, left, right } => match (left, right) {
            (Operand::Path(path), Operand::Value(value)) | (Operand::Value(value), Operand::Path(path)) => {
                (!path.is_nested() && path.attribute() == attribute).then_some(value)
            }
            _ => None,
        },
        _ => None,
    }
}

fn key_condition(
    schema: &KeySchema,
    partition: &AttributeValue,
    sort_test: Option<Condition>,
) -> Result<KeyCondition, Error> {
    let path = DocumentPath::new(vec![Step::Member(schema.partition.name.clone())]);
    let equal = Condition::Compare {
        comparator: Comparator::Equal,
        left: Operand::Path(path),
        right: Operand::Value(partition.clone()),
    };
    let parts = std::iter::once(equal).chain(sort_test).collect();
    KeyCondition::of(Condition::And(parts)).map_err(Error::Validation)
}

/// No sort key that is asked for may be longer than one can be.
fn check_sort_sizes(schema: &KeySchema, condition: &KeyCondition) -> Result<(), Error> {
    let Some(sort) = &schema.sort else { return Ok(()) };
    let tests = condition.parts.iter().filter(|part| part.attribute == *sort.name);
    tests.map(|part| &part.test).try_for_each(|test| match test {
        KeyTest::Equal(bound)
        | KeyTest::Less(bound)
        | KeyTest::LessOrEqual(bound)
        | KeyTest::Greater(bound)
        | KeyTest::GreaterOrEqual(bound)
        | KeyTest::BeginsWith(bound) => check_sort_size(bound.size()),
        KeyTest::Between(low, high) => {
            [low, high].into_iter().try_for_each(|bound| check_sort_size(bound.size()))
        }
        KeyTest::NotIndexable => Ok(()),
    })
}

/// The values one of which an attribute must equal.
fn values_of(condition: &Condition, attribute: &str) -> Result<Option<Vec<AttributeValue>>, Error> {
    if let Some(value) = equality(condition, attribute) {
        return Ok(Some(vec![value.clone()]));
    }
    let Condition::In { value: Operand::Path(path), candidates } = condition else { return Ok(None) };
    if path.is_nested() || path.attribute() != attribute {
        return Ok(None);
    }
    if candidates.len() > limit::IN_PARTITION_KEYS {
        return Err(too_many_operands(candidates.len()));
    }
    Ok(candidates.iter().map(literal).map(|value| value.cloned()).collect())
}

fn literal(operand: &Operand) -> Option<&AttributeValue> {
    match operand {
        Operand::Value(value) => Some(value),
        _ => None,
    }
}

/// The condition if it goes along the sort key; an IN of one value is an equality.
fn along(condition: &Condition, sort: &KeyAttribute) -> Option<Condition> {
    let is_sort = |operand: &Operand| match operand {
        Operand::Path(path) => !path.is_nested() && path.attribute() == &*sort.name,
        _ => false,
    };
    let is_value = |operand: &Operand| literal(operand).is_some();
    let is_along = match condition {
        Condition::Compare { comparator: Comparator::NotEqual, .. } => false,
        Condition::Compare { left, right, .. } => {
            (is_sort(left) && is_value(right)) || (is_value(left) && is_sort(right))
        }
        Condition::Between { value, low, high } => is_sort(value) && is_value(low) && is_value(high),
        Condition::BeginsWith { value, prefix } => is_sort(value) && is_value(prefix),
        Condition::In { value, candidates } if is_sort(value) => match &candidates[..] {
            [one] if is_value(one) => {
                let (left, right) = (value.clone(), one.clone());
                return Some(Condition::Compare { comparator: Comparator::Equal, left, right });
            }
            several => several.iter().all(is_value),
        },
        _ => false,
    };
    is_along.then(|| condition.clone())
}

/// The values that a condition along the sort key compares with.
fn values_in(condition: &Condition) -> Vec<&AttributeValue> {
    let operands = match condition {
        Condition::Compare { left, right, .. } => vec![left, right],
        Condition::Between { low, high, .. } => vec![low, high],
        Condition::BeginsWith { prefix, .. } => vec![prefix],
        Condition::In { candidates, .. } => candidates.iter().collect(),
        _ => Vec::new(),
    };
    operands.into_iter().filter_map(literal).collect()
}

/// Whether a part speaks of the sort key by saying which it is not.
fn excludes(parts: &[Condition], sort: &KeyAttribute) -> bool {
    parts.iter().any(|part| {
        let is_negative =
            matches!(part, Condition::Not(_) | Condition::Compare { comparator: Comparator::NotEqual, .. });
        let mut speaks_of_sort = false;
        part.visit_paths(&mut |path| speaks_of_sort |= path.attribute() == &*sort.name);
        is_negative && speaks_of_sort
    })
}

/// Which sort keys a range reaches.
struct Reach {
    low: Bound<KeyValue>,
    high: Bound<KeyValue>,
}

impl Reach {
    fn of(schema: &KeySchema, range: &Range) -> Self {
        let sort = schema.sort.as_ref();
        let of_sort = |attribute: &str| sort.is_some_and(|sort| *attribute == *sort.name);
        let test = range.key_condition.parts.iter().find(|part| of_sort(&part.attribute));
        let key = |value: &AttributeValue| KeyValue::of(value).map(|(key, _)| key);
        let included = |value| key(value).map_or(Bound::Unbounded, Bound::Included);
        let excluded = |value| key(value).map_or(Bound::Unbounded, Bound::Excluded);
        let (low, high) = match test.map(|part| &part.test) {
            None | Some(KeyTest::NotIndexable) => (Bound::Unbounded, Bound::Unbounded),
            Some(KeyTest::Equal(value)) => (included(value), included(value)),
            Some(KeyTest::Less(high)) => (Bound::Unbounded, excluded(high)),
            Some(KeyTest::LessOrEqual(high)) => (Bound::Unbounded, included(high)),
            Some(KeyTest::Greater(low)) => (excluded(low), Bound::Unbounded),
            Some(KeyTest::GreaterOrEqual(low)) => (included(low), Bound::Unbounded),
            Some(KeyTest::Between(low, high)) => (included(low), included(high)),
            Some(KeyTest::BeginsWith(prefix)) => {
                let end = key(prefix).and_then(|prefix| prefix.end_of_prefix());
                (included(prefix), end.map_or(Bound::Unbounded, Bound::Excluded))
            }
        };
        Self { low, high }
    }

    fn overlaps(&self, other: &Self) -> bool {
        ends_not_before(&self.high, &other.low) && ends_not_before(&other.high, &self.low)
    }
}

/// Whether a range that ends at `high` reaches one that begins at `low`.
fn ends_not_before(high: &Bound<KeyValue>, low: &Bound<KeyValue>) -> bool {
    match (high, low) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => true,
        (Bound::Included(high), Bound::Included(low)) => high >= low,
        (Bound::Included(high) | Bound::Excluded(high), Bound::Included(low) | Bound::Excluded(low)) => {
            high > low
        }
    }
}

/// Puts ranges into the order of their partitions, and those of one partition into that of their sort keys.
pub(super) fn sort(schema: &KeySchema, ranges: &mut [Range]) {
    ranges.sort_by_cached_key(|range| {
        let low = match Reach::of(schema, range).low {
            Bound::Included(low) | Bound::Excluded(low) => Some(low),
            Bound::Unbounded => None,
        };
        (KeyValue::of(&range.partition).map(|(key, _)| key), low)
    });
}
