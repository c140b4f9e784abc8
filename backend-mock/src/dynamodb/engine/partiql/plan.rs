//! Plans: which ranges of keys a condition asks for, so that a SELECT is a few queries, or else a scan.

use std::ops::Bound;

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::super::expression::{Comparator, Condition, DocumentPath, KeyCondition, KeyTest, Operand, Step};
use super::super::key_schema::{KeyAttribute, KeySchema, KeyValue, check_partition_size, check_sort_size};
use super::super::limit;
use super::condition::too_many_operands;

/// How a SELECT reads.
pub(super) enum Plan {
    /// From end to end.
    Scan(Option<Condition>),
    /// One query after the other. `is_conjunction` says that the condition names the partition keys outright, not in
    /// the branches of an OR.
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
        let parts = match condition {
            Condition::Or(branches) => return Self::of_branches(schema, branches),
            other => conjuncts(other),
        };
        match of_conjunction(schema, parts.clone())? {
            Some(ranges) => Ok(Self::Queries { ranges, is_conjunction: true }),
            None => Ok(Self::Scan(joined(parts))),
        }
    }

    /// Each branch must name its partition; otherwise only a scan finds what all of them ask for.
    fn of_branches(schema: &KeySchema, branches: Vec<Condition>) -> Result<Self, Error> {
        let mut ranges: Vec<(Range, Reach)> = Vec::new();
        for branch in &branches {
            let parts = conjuncts(branch.clone());
            let is_exempt = schema.sort.as_ref().is_some_and(|sort| excludes(&parts, sort));
            let Some(of_branch) = of_conjunction(schema, parts)? else {
                return Ok(Self::Scan(Some(Condition::Or(branches))));
            };
            for range in of_branch {
                let reach = Reach::of(schema, &range, is_exempt);
                ranges.push((range, reach));
            }
        }
        let mut merged: Vec<Range> = Vec::new();
        for (position, (range, reach)) in ranges.iter().enumerate() {
            let same = ranges.iter().enumerate().filter(|(_, (other, _))| other.partition == range.partition);
            if same.clone().any(|(other, (_, its_reach))| other != position && reach.overlaps(its_reach)) {
                return Err(Error::validation(
                    "Overlapping conditions with range keys are not supported in where clause",
                ));
            }
            if merged.iter().any(|earlier| earlier.partition == range.partition) {
                continue;
            }
            merged.push(match same.count() {
                1 => range.clone(),
                // What each branch asks of the partition is asked of every item.
                _ => Range {
                    partition: range.partition.clone(),
                    key_condition: key_condition(schema, &range.partition, None)?,
                    filter: Some(Condition::Or(branches.clone())),
                },
            });
        }
        Ok(Self::Queries { ranges: merged, is_conjunction: false })
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

/// The ranges of a conjunction; `None` if it does not name the partition.
fn of_conjunction(schema: &KeySchema, parts: Vec<Condition>) -> Result<Option<Vec<Range>>, Error> {
    let name = &schema.partition.name;
    let (mut partitions, mut candidates, mut sort_test, mut rest) = (Vec::new(), None, None, Vec::new());
    for part in parts {
        if let Some(value) = equality(&part, name) {
            partitions.push(value.clone());
        } else if let Some(values) = membership(&part, name)?
            && candidates.is_none()
        {
            candidates = Some(values);
        } else if sort_test.is_none() && schema.sort.as_ref().is_some_and(|sort| is_range(&part, sort)) {
            sort_test = Some(part);
        } else {
            rest.push(part);
        }
    }
    if partitions.len() > 1 || (!partitions.is_empty() && candidates.is_some()) {
        return Err(Error::validation(format!(
            "Only single equality condition should be present on hash key {name}"
        )));
    }
    let partitions = match candidates {
        Some(candidates) => candidates,
        None if partitions.is_empty() => return Ok(None),
        None => partitions,
    };
    let filter = joined(rest);
    let range = |partition: AttributeValue| {
        if KeyValue::of(&partition).is_none() {
            return Err(Error::validation(format!(
                "Key value must be of type S, N, or B. Key name: {name}, Key type: {}",
                partition.attribute_type()
            )));
        }
        check_partition_size(partition.size())?;
        let key_condition = key_condition(schema, &partition, sort_test.clone())?;
        check_sort_sizes(schema, &key_condition)?;
        Ok(Range { partition, key_condition, filter: filter.clone() })
    };
    partitions.into_iter().map(range).collect::<Result<_, _>>().map(Some)
}

/// The different values one of which a partition key must equal.
fn membership(condition: &Condition, attribute: &str) -> Result<Option<Vec<AttributeValue>>, Error> {
    let Condition::In { value: Operand::Path(path), candidates } = condition else { return Ok(None) };
    if path.is_nested() || path.attribute() != attribute {
        return Ok(None);
    }
    if candidates.len() > limit::IN_PARTITION_KEYS {
        return Err(too_many_operands(candidates.len()));
    }
    let mut values: Vec<AttributeValue> = Vec::new();
    for candidate in candidates {
        let Operand::Value(value) = candidate else { return Ok(None) };
        if !values.contains(value) {
            values.push(value.clone());
        }
    }
    Ok(Some(values))
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

/// Whether a query can follow the condition along its sort key.
fn is_range(condition: &Condition, sort: &KeyAttribute) -> bool {
    let is_sort = |operand: &Operand| match operand {
        Operand::Path(path) => !path.is_nested() && path.attribute() == &*sort.name,
        _ => false,
    };
    let fits = |operand: &Operand| match operand {
        Operand::Value(value) => value.attribute_type() == sort.key_type.attribute_type(),
        _ => false,
    };
    match condition {
        Condition::Compare { comparator: Comparator::NotEqual, .. } => false,
        Condition::Compare { left, right, .. } => {
            (is_sort(left) && fits(right)) || (fits(left) && is_sort(right))
        }
        Condition::Between { value, low, high } => is_sort(value) && fits(low) && fits(high),
        Condition::BeginsWith { value, prefix } => is_sort(value) && fits(prefix),
        _ => false,
    }
}

/// Whether a part speaks of the sort key by saying which it is not.
fn excludes(parts: &[Condition], sort: &KeyAttribute) -> bool {
    parts.iter().any(|part| {
        let is_negative = matches!(
            part,
            Condition::Not(_)
                | Condition::Compare { comparator: Comparator::NotEqual, .. }
                | Condition::In { .. }
        );
        let mut speaks_of_sort = false;
        part.visit_paths(&mut |path| speaks_of_sort |= path.attribute() == &*sort.name);
        is_negative && speaks_of_sort
    })
}

/// Which sort keys a branch reaches, where that matters.
enum Reach {
    Any,
    Between(Bound<KeyValue>, Bound<KeyValue>),
}

impl Reach {
    fn of(schema: &KeySchema, range: &Range, is_exempt: bool) -> Self {
        let Some(sort) = schema.sort.as_ref().filter(|_| !is_exempt) else { return Self::Any };
        let test = range.key_condition.parts.iter().find(|part| part.attribute == *sort.name);
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
        Self::Between(low, high)
    }

    fn overlaps(&self, other: &Self) -> bool {
        let (Self::Between(low, high), Self::Between(its_low, its_high)) = (self, other) else {
            return false;
        };
        ends_not_before(high, its_low) && ends_not_before(its_high, low)
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
