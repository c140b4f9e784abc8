//! A walk of the tree over a value. What is found in place is borrowed; what is put together is new.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::Value;
use super::function::Failure;
use super::lexer::Comparison;
use super::parser::Node;

type Found<'a> = Result<Cow<'a, Value>, Failure>;

const NULL: Value = Value::Null;

impl Node {
    pub(super) fn search<'a>(&'a self, value: &'a Value) -> Found<'a> {
        Ok(match self {
            Self::Current => Cow::Borrowed(value),
            Self::Literal(literal) => Cow::Borrowed(literal),
            Self::Field(name) => Cow::Borrowed(&value[name.as_str()]),
            Self::Index(index) => Cow::Borrowed(element(value, *index)),
            Self::Slice { start, stop, step } => match value {
                Value::List(elements) => Cow::Owned(Value::List(slice(elements, *start, *stop, *step))),
                _ => Cow::Owned(NULL),
            },
            Self::Then(left, right) => match left.search(value)? {
                Cow::Borrowed(found) => right.search(found)?,
                Cow::Owned(found) => Cow::Owned(right.search(&found)?.into_owned()),
            },
            Self::EachElement(left, right) => match &*left.search(value)? {
                Value::List(elements) => project(elements, right)?,
                _ => Cow::Owned(NULL),
            },
            Self::EachValue(left, right) => match &*left.search(value)? {
                Value::Map(entries) => project(entries.iter().map(|(_, value)| value), right)?,
                _ => Cow::Owned(NULL),
            },
            Self::EachWhere { left, condition, right } => match &*left.search(value)? {
                Value::List(elements) => {
                    let mut kept = Vec::new();
                    for element in elements {
                        if is_true(&*condition.search(element)?) {
                            kept.push(element);
                        }
                    }
                    project(kept, right)?
                }
                _ => Cow::Owned(NULL),
            },
            Self::Flatten(inner) => match inner.search(value)?.into_owned() {
                Value::List(elements) => {
                    let flat = elements.into_iter().flat_map(|element| match element {
                        Value::List(inner) => inner,
                        other => vec![other],
                    });
                    Cow::Owned(Value::List(flat.collect()))
                }
                _ => Cow::Owned(NULL),
            },
            Self::Compare(comparison, left, right) => {
                Cow::Owned(compare(*comparison, &*left.search(value)?, &*right.search(value)?))
            }
            Self::And(left, right) => match left.search(value)? {
                found if is_true(&found) => right.search(value)?,
                found => found,
            },
            Self::Or(left, right) => match left.search(value)? {
                found if is_true(&found) => found,
                _ => right.search(value)?,
            },
            Self::Not(inner) => Cow::Owned(Value::Bool(!is_true(&*inner.search(value)?))),
            Self::List(_) | Self::Map(_) if value.is_null() => Cow::Owned(NULL),
            Self::List(elements) => {
                let found = elements.iter().map(|element| Ok(element.search(value)?.into_owned()));
                Cow::Owned(Value::List(found.collect::<Result<_, Failure>>()?))
            }
            Self::Map(entries) => {
                let mut map = Value::Map(Vec::with_capacity(entries.len()));
                for (name, node) in entries {
                    map.insert(name.as_str(), node.search(value)?.into_owned());
                }
                Cow::Owned(map)
            }
            Self::Call(function, arguments) => Cow::Owned(function.call(arguments, value)?),
            // The parser has them as arguments of functions only, which do not search them.
            Self::Reference(_) => Cow::Owned(NULL),
        })
    }
}

/// What `right` finds in each, without nulls.
fn project<'v>(
    values: impl IntoIterator<Item = &'v Value>,
    right: &Node,
) -> Result<Cow<'static, Value>, Failure> {
    let mut found = Vec::new();
    for value in values {
        let value = right.search(value)?;
        if !value.is_null() {
            found.push(value.into_owned());
        }
    }
    Ok(Cow::Owned(Value::List(found)))
}

/// The element at a position, counted from the end where that is negative.
fn element(value: &Value, index: i64) -> &Value {
    let Some(elements) = value.as_list() else { return &value[usize::MAX] };
    let from_start = if index < 0 { index.saturating_add_unsigned(elements.len() as u64) } else { index };
    &value[usize::try_from(from_start).unwrap_or(usize::MAX)]
}

/// Elements by Python's rules of slices.
fn slice(elements: &[Value], start: Option<i64>, stop: Option<i64>, step: i64) -> Vec<Value> {
    let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
    let forward = step > 0;
    let (lowest, highest) = if forward { (0, length) } else { (-1, length - 1) };
    let bound = |bound: Option<i64>, otherwise: i64| match bound {
        Some(bound) if bound < 0 => bound.saturating_add(length).clamp(lowest, highest),
        Some(bound) => bound.clamp(lowest, highest),
        None => otherwise,
    };
    let mut at = bound(start, if forward { 0 } else { length - 1 });
    let stop = bound(stop, if forward { length } else { -1 });
    let mut taken = Vec::new();
    while (forward && at < stop) || (!forward && at > stop) {
        taken.extend(usize::try_from(at).ok().and_then(|at| elements.get(at)).cloned());
        at = at.saturating_add(step);
    }
    taken
}

/// Everything is true but null, false, and what is empty.
pub(crate) fn is_true(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => false,
        Value::String(text) => !text.is_empty(),
        Value::Blob(blob) => !blob.as_ref().is_empty(),
        Value::List(elements) => !elements.is_empty(),
        Value::Map(entries) => !entries.is_empty(),
        _ => true,
    }
}

fn compare(comparison: Comparison, left: &Value, right: &Value) -> Value {
    let order = || order(left, right);
    let held = match comparison {
        Comparison::Equal => Some(equal(left, right)),
        Comparison::NotEqual => Some(!equal(left, right)),
        Comparison::Less => order().map(Ordering::is_lt),
        Comparison::LessOrEqual => order().map(Ordering::is_le),
        Comparison::Greater => order().map(Ordering::is_gt),
        Comparison::GreaterOrEqual => order().map(Ordering::is_ge),
    };
    held.into()
}

/// Which of two numbers, texts or timestamps is larger. The specification orders numbers alone; boto orders texts too,
/// which programs use for dates.
fn order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => Some(left.cmp(right)),
        (Value::Timestamp(left), Value::Timestamp(right)) => Some(left.as_nanos().cmp(&right.as_nanos())),
        _ => number_order(left, right),
    }
}

/// Which of two numbers is larger; `None` where one is no number, or NaN.
pub(super) fn number_order(left: &Value, right: &Value) -> Option<Ordering> {
    match (left, right) {
        (Value::Integer(left), Value::Integer(right)) => Some(left.cmp(right)),
        _ => left.as_f64()?.partial_cmp(&right.as_f64()?),
    }
}

/// Whether two values are the same to JMESPath: numbers by what they count, maps in whatever order.
pub(crate) fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| equal(left, right))
        }
        (Value::Map(entries), Value::Map(others)) => {
            entries.len() == others.len()
                && entries
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| equal(value, other)))
        }
        (Value::BigNumber(left), Value::BigNumber(right)) => left == right,
        _ => left == right || number_order(left, right) == Some(Ordering::Equal),
    }
}
