//! The functions of the specification. Which there are and how many arguments they take is checked when an expression is
//! parsed; of what type those are, when it is evaluated.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;

use super::Value;
use super::evaluate::{equal, number_order};
use super::parser::Node;

/// A function, by its row in [`FUNCTIONS`].
#[derive(Clone, Copy, Debug)]
pub(super) struct Function(&'static Row);

#[derive(Debug)]
struct Row {
    name: &'static str,
    least: usize,
    most: usize,
    /// The argument that is an expression after `&`.
    reference: Option<usize>,
}

const fn row(name: &'static str, least: usize, most: usize, reference: Option<usize>) -> Row {
    Row { name, least, most, reference }
}

static FUNCTIONS: [Row; 26] = [
    row("abs", 1, 1, None),
    row("avg", 1, 1, None),
    row("ceil", 1, 1, None),
    row("contains", 2, 2, None),
    row("ends_with", 2, 2, None),
    row("floor", 1, 1, None),
    row("join", 2, 2, None),
    row("keys", 1, 1, None),
    row("length", 1, 1, None),
    row("map", 2, 2, Some(0)),
    row("max", 1, 1, None),
    row("max_by", 2, 2, Some(1)),
    row("merge", 1, usize::MAX, None),
    row("min", 1, 1, None),
    row("min_by", 2, 2, Some(1)),
    row("not_null", 1, usize::MAX, None),
    row("reverse", 1, 1, None),
    row("sort", 1, 1, None),
    row("sort_by", 2, 2, Some(1)),
    row("starts_with", 2, 2, None),
    row("sum", 1, 1, None),
    row("to_array", 1, 1, None),
    row("to_number", 1, 1, None),
    row("to_string", 1, 1, None),
    row("type", 1, 1, None),
    row("values", 1, 1, None),
];

/// A function did not take an argument.
#[derive(Debug)]
pub(super) struct Failure {
    function: &'static str,
    argument: &'static str,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` does not take {}", self.function, self.argument)
    }
}

impl Function {
    pub(super) fn find(name: &str) -> Option<Self> {
        FUNCTIONS.iter().find(|row| row.name == name).map(Self)
    }

    /// Counts the arguments, and sees that expressions after `&` are where they belong.
    pub(super) fn check(self, arguments: &[Node]) -> Result<(), String> {
        let Row { name, least, most, reference } = *self.0;
        if arguments.len() < least || arguments.len() > most {
            let (plural, or_more) =
                (if least == 1 { "" } else { "s" }, if most > least { " or more" } else { "" });
            let given = arguments.len();
            return Err(format!("`{name}` takes {least} argument{plural}{or_more}, not {given}"));
        }
        for (position, argument) in arguments.iter().enumerate() {
            let (is, must) = (matches!(argument, Node::Reference(_)), reference == Some(position));
            if is != must {
                let told = if must { "is an expression after `&`" } else { "is no expression after `&`" };
                return Err(format!("argument {} of `{name}` {told}", position + 1));
            }
        }
        Ok(())
    }

    fn failure(self, argument: &Value) -> Failure {
        Failure { function: self.0.name, argument: argument.kind() }
    }

    /// What the function makes of its arguments, searched in `current`.
    pub(super) fn call(self, arguments: &[Node], current: &Value) -> Result<Value, Failure> {
        let mut by = &Node::Current;
        let mut found: Vec<Cow<'_, Value>> = Vec::with_capacity(arguments.len());
        for argument in arguments {
            match argument {
                Node::Reference(expression) => by = expression,
                other => found.push(other.search(current)?),
            }
        }
        // The parser has counted them.
        let Some(first) = found.first().map(|first| &**first) else { return Ok(Value::Null) };
        let second = found.get(1).map_or(first, |second| &**second);
        Ok(match self.0.name {
            "abs" => match first {
                Value::Integer(number) => {
                    number.checked_abs().map_or((*number as f64).abs().into(), Into::into)
                }
                _ => self.number(first)?.abs().into(),
            },
            "ceil" => whole(self.number(first)?.ceil()),
            "floor" => whole(self.number(first)?.floor()),
            "sum" => self.sum(first)?,
            "avg" => match (self.list(first)?.len(), self.sum(first)?.as_f64()) {
                (0, _) | (_, None) => Value::Null,
                (count, Some(sum)) => Value::Double(sum / count as f64),
            },
            "contains" => match first {
                Value::String(text) => second.as_str().is_some_and(|part| text.contains(part)).into(),
                _ => self.list(first)?.iter().any(|element| equal(element, second)).into(),
            },
            "starts_with" => self.text(first)?.starts_with(self.text(second)?).into(),
            "ends_with" => self.text(first)?.ends_with(self.text(second)?).into(),
            "join" => {
                let parts = self.list(second)?.iter().map(|part| self.text(part));
                parts.collect::<Result<Vec<_>, _>>()?.join(self.text(first)?).into()
            }
            "keys" => self.map(first)?.iter().map(|(name, _)| name.as_str()).collect(),
            "values" => self.map(first)?.iter().map(|(_, value)| value.clone()).collect(),
            "length" => match first {
                Value::String(text) => text.chars().count().into(),
                Value::Blob(blob) => blob.as_ref().len().into(),
                Value::Map(entries) => entries.len().into(),
                _ => self.list(first)?.len().into(),
            },
            "map" => {
                let mapped = self.list(first)?.iter().map(|element| Ok(by.search(element)?.into_owned()));
                Value::List(mapped.collect::<Result<_, Failure>>()?)
            }
            "sort" | "sort_by" => {
                let sorted = self.sorted(first, by)?;
                Value::List(sorted.into_iter().map(|(_, element)| element.clone()).collect())
            }
            "max" | "max_by" => self.sorted(first, by)?.pop().map(|(_, element)| element.clone()).into(),
            "min" | "min_by" => self.sorted(first, by)?.first().map(|&(_, element)| element.clone()).into(),
            "merge" => {
                let mut merged = Value::Map(Vec::new());
                for map in &found {
                    for (name, value) in self.map(map)? {
                        merged.insert(name.as_str(), value.clone());
                    }
                }
                merged
            }
            "not_null" => {
                found.iter().find(|value| !value.is_null()).map(|value| value.clone().into_owned()).into()
            }
            "reverse" => match first {
                Value::String(text) => text.chars().rev().collect::<String>().into(),
                _ => self.list(first)?.iter().rev().cloned().collect(),
            },
            "to_array" => match first {
                Value::List(_) => first.clone(),
                other => Value::List(vec![other.clone()]),
            },
            "to_number" => match first {
                Value::String(text) => match (text.parse::<i64>(), text.parse::<f64>()) {
                    (Ok(number), _) => number.into(),
                    (_, Ok(number)) if number.is_finite() => number.into(),
                    _ => Value::Null,
                },
                Value::Integer(_) | Value::Double(_) | Value::BigNumber(_) => first.clone(),
                _ => Value::Null,
            },
            "to_string" => match first {
                Value::String(_) => first.clone(),
                other => other.to_string().into(),
            },
            // "type", the last of them.
            _ => match first {
                Value::Null => "null",
                Value::Bool(_) => "boolean",
                Value::Integer(_) | Value::Double(_) | Value::BigNumber(_) => "number",
                Value::String(_) | Value::Blob(_) | Value::Timestamp(_) => "string",
                Value::List(_) => "array",
                Value::Map(_) => "object",
            }
            .into(),
        })
    }

    fn number(self, value: &Value) -> Result<f64, Failure> {
        value.as_f64().ok_or_else(|| self.failure(value))
    }

    fn text(self, value: &Value) -> Result<&str, Failure> {
        value.as_str().ok_or_else(|| self.failure(value))
    }

    fn list(self, value: &Value) -> Result<&[Value], Failure> {
        value.as_list().ok_or_else(|| self.failure(value))
    }

    fn map(self, value: &Value) -> Result<&[(String, Value)], Failure> {
        value.as_map().ok_or_else(|| self.failure(value))
    }

    fn sum(self, value: &Value) -> Result<Value, Failure> {
        let elements = self.list(value)?;
        let whole = elements.iter().try_fold(0_i64, |sum, element| match element {
            Value::Integer(number) => sum.checked_add(*number),
            _ => None,
        });
        match whole {
            Some(sum) => Ok(sum.into()),
            None => {
                elements.iter().map(|element| self.number(element)).sum::<Result<f64, _>>().map(Into::into)
            }
        }
    }

    /// The elements in the order of what `by` finds in them: numbers, or texts, and not both.
    fn sorted<'v>(self, value: &'v Value, by: &Node) -> Result<Vec<(Value, &'v Value)>, Failure> {
        let mut keyed = Vec::new();
        for element in self.list(value)? {
            let key = by.search(element)?.into_owned();
            let same_kind = |first: &Value| first.as_str().is_some() == key.as_str().is_some();
            let sortable = key.as_str().is_some() || key.as_f64().is_some_and(|number| !number.is_nan());
            if !sortable || !keyed.first().is_none_or(|(first, _)| same_kind(first)) {
                return Err(self.failure(&key));
            }
            keyed.push((key, element));
        }
        keyed.sort_by(|(left, _), (right, _)| match (left.as_str(), right.as_str()) {
            (Some(left), Some(right)) => left.cmp(right),
            _ => number_order(left, right).unwrap_or(Ordering::Equal),
        });
        Ok(keyed)
    }
}

/// A whole double, as an integer where one can hold it.
fn whole(number: f64) -> Value {
    Value::from(number).as_i64().map_or(Value::Double(number), Value::Integer)
}
