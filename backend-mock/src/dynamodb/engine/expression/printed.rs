//! Expressions printed and read again: what was read is what was printed, in every language.

use std::fmt;

use proptest::prelude::*;

use super::condition_parser::Written;
use super::path::{WrittenPath, WrittenStep};
use super::projection::WrittenProjection;
use super::update::{WrittenAction, WrittenUpdate, WrittenValue, WrittenVerb};

impl fmt::Display for WrittenPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.0.iter().enumerate() {
            match step {
                WrittenStep::Index(index) => write!(f, "[{index}]")?,
                WrittenStep::Name(name) | WrittenStep::Placeholder(name) => {
                    write!(f, "{}{name}", if position > 0 { "." } else { "" })?;
                }
            }
        }
        Ok(())
    }
}

/// Parts with something between them.
fn list<T: fmt::Display>(parts: &[T], between: &str) -> String {
    parts.iter().map(T::to_string).collect::<Vec<_>>().join(between)
}

/// With the parentheses that are needed and no others.
impl fmt::Display for Written {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let grouped = |part: &Self| match part {
            Self::And(_) | Self::Or(_) => format!("({part})"),
            _ => part.to_string(),
        };
        let joined = |parts: &[Self], word| parts.iter().map(grouped).collect::<Vec<_>>().join(word);
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Value(name) => f.write_str(name),
            Self::Function { name, arguments } => write!(f, "{name}({})", list(arguments, ", ")),
            Self::Compare { comparator, left, right } => write!(f, "{left} {} {right}", comparator.as_str()),
            Self::Between { value, low, high } => write!(f, "{value} BETWEEN {low} AND {high}"),
            Self::In { value, candidates } => write!(f, "{value} IN ({})", list(candidates, ", ")),
            Self::And(parts) => f.write_str(&joined(parts, " AND ")),
            Self::Or(parts) => f.write_str(&joined(parts, " OR ")),
            Self::Not(inner) => write!(f, "NOT {}", grouped(inner)),
        }
    }
}

impl fmt::Display for WrittenProjection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&list(&self.0, ", "))
    }
}

impl fmt::Display for WrittenValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => path.fmt(f),
            Self::Value(name) => f.write_str(name),
            Self::Function { name, arguments } if matches!(&**name, "+" | "-") => {
                f.write_str(&list(arguments, &format!(" {name} ")))
            }
            Self::Function { name, arguments } => write!(f, "{name}({})", list(arguments, ", ")),
        }
    }
}

/// Sections as they were written; those of one name stand together, for each name may come but once.
impl fmt::Display for WrittenUpdate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let section = |action: &WrittenAction| match action.verb {
            WrittenVerb::Set(_) => "SET",
            WrittenVerb::Remove => "REMOVE",
            WrittenVerb::Add(_) => "ADD",
            WrittenVerb::Delete(_) => "DELETE",
        };
        for of_section in self.actions.chunk_by(|one, other| section(one) == section(other)) {
            let actions = of_section.iter().map(|WrittenAction { path, verb }| match verb {
                WrittenVerb::Set(value) => format!("{path} = {value}"),
                WrittenVerb::Remove => path.to_string(),
                WrittenVerb::Add(value) | WrittenVerb::Delete(value) => format!("{path} {value}"),
            });
            write!(f, "{} {} ", section(&of_section[0]), actions.collect::<Vec<_>>().join(", "))?;
        }
        Ok(())
    }
}

/// Space where there may be any.
fn gap() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["", " ", "\n", "\t  "]).prop_map(str::to_owned)
}

/// A word in any case.
fn word(word: &'static str) -> impl Strategy<Value = String> {
    (any::<bool>(), gap()).prop_map(move |(lower, gap)| {
        let word = if lower { word.to_lowercase() } else { word.to_owned() };
        format!(" {gap}{word}{gap} ")
    })
}

fn path() -> impl Strategy<Value = String> {
    let name = "a_[a-z0-9]{0,3}|#[a-z0-9_]{1,3}";
    let step = prop_oneof![
        (gap(), name).prop_map(|(gap, name)| format!("{gap}.{gap}{name}")),
        (gap(), 0..1000_u32).prop_map(|(gap, index)| format!("{gap}[{gap}{index}{gap}]")),
    ];
    (name, prop::collection::vec(step, 0..4)).prop_map(|(name, steps)| name + &steps.concat())
}

fn placeholder() -> impl Strategy<Value = String> {
    ":[a-z0-9_]{1,3}"
}

fn operand() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![path(), placeholder()];
    leaf.prop_recursive(3, 6, 1, |inner| {
        (inner, gap(), any::<bool>()).prop_map(|(of, gap, size)| match size {
            true => format!("size{gap}({gap}{of}{gap})"),
            // Parentheses around parentheses would be redundant.
            false if of.trim_start().starts_with('(') => of,
            false => format!("({gap}{of}{gap})"),
        })
    })
}

fn condition() -> impl Strategy<Value = String> {
    let comparator = prop::sample::select(vec!["=", "<>", "<", "<=", ">", ">="]);
    let function = prop::sample::select(vec!["attribute_type", "begins_with", "contains"]);
    let leaf = prop_oneof![
        (operand(), comparator, operand()).prop_map(|(left, comparator, right)| left + comparator + &right),
        (operand(), word("BETWEEN"), operand(), word("AND"), operand())
            .prop_map(|(value, between, low, and, high)| value + &between + &low + &and + &high),
        (operand(), word("IN"), prop::collection::vec(operand(), 1..4))
            .prop_map(|(value, is_in, candidates)| format!("{value}{is_in}({})", candidates.join(","))),
        (function, gap(), operand(), operand())
            .prop_map(|(name, gap, one, other)| format!("{name}{gap}({gap}{one},{gap}{other})")),
        path().prop_map(|path| format!("attribute_exists({path})")),
    ];
    leaf.prop_recursive(5, 24, 4, |inner| {
        let grouped = (gap(), inner.clone()).prop_map(|(gap, inner)| format!("({gap}{inner}{gap})")).boxed();
        prop_oneof![
            (word("NOT"), grouped.clone()).prop_map(|(not, inner)| not + &inner),
            (word("AND"), prop::collection::vec(grouped.clone(), 2..4)).prop_map(|(and, all)| all.join(&and)),
            (word("OR"), prop::collection::vec(grouped, 2..4)).prop_map(|(or, all)| all.join(&or)),
            (word("AND"), prop::collection::vec(inner.clone(), 2..4)).prop_map(|(and, all)| all.join(&and)),
            (word("OR"), prop::collection::vec(inner, 2..4)).prop_map(|(or, all)| all.join(&or)),
        ]
    })
}

fn update() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![path(), placeholder()];
    let value = leaf.prop_recursive(3, 8, 2, |inner| {
        (inner.clone(), gap(), inner)
            .prop_map(|(one, gap, other)| format!("if_not_exists{gap}({gap}{one}{gap},{gap}{other})"))
    });
    let value = (value.clone(), gap(), value, 0..6).prop_map(|(one, gap, other, form)| match form {
        0 => format!("{one}{gap}+{gap}{other}"),
        1 => format!("({one}{gap}-{gap}{other}{gap})"),
        2 => format!("list_append({gap}{one},{gap}{other})"),
        3 => format!("({gap}{one})"),
        _ => one,
    });
    let section = |name, action: BoxedStrategy<String>| {
        let actions = prop::collection::vec(action, 1..4);
        prop::option::of((word(name), actions).prop_map(|(name, actions)| name + &actions.join(" ,")))
    };
    let set = (path(), gap(), value).prop_map(|(path, gap, value)| format!("{path}{gap}={gap}{value}"));
    let with_value = (path(), placeholder()).prop_map(|(path, value)| format!("{path} {value}")).boxed();
    let sections = (
        section("SET", set.boxed()),
        section("REMOVE", path().boxed()),
        section("ADD", with_value.clone()),
        section("DELETE", with_value),
    );
    let sections = sections.prop_map(|(set, remove, add, delete)| {
        [set, remove, add, delete].into_iter().flatten().collect::<Vec<_>>()
    });
    sections
        .prop_filter("an update without a section", |sections| !sections.is_empty())
        .prop_shuffle()
        .prop_map(|sections| sections.concat())
}

/// Reads, prints, reads again and prints again: both times the same.
fn check<T: fmt::Display + fmt::Debug + PartialEq>(
    source: &str,
    parse: impl Fn(&str) -> Result<T, String>,
) -> Result<(), TestCaseError> {
    let read = parse(source).map_err(|fault| TestCaseError::fail(format!("{source:?}: {fault}")))?;
    let printed = read.to_string();
    let again = parse(&printed).map_err(|fault| TestCaseError::fail(format!("{printed:?}: {fault}")))?;
    prop_assert_eq!(&read, &again, "{} printed as {}", source, &printed);
    prop_assert_eq!(again.to_string(), printed);
    Ok(())
}

proptest! {
    #[test]
    fn a_condition_printed_and_read_is_the_same(source in condition()) {
        // What is grouped at random may be grouped twice, which DynamoDB refuses.
        prop_assume!(!matches!(Written::parse(&source), Err(fault) if fault.contains("redundant")));
        check(&source, Written::parse)?;
    }

    #[test]
    fn an_update_printed_and_read_is_the_same(source in update()) {
        check(&source, WrittenUpdate::parse)?;
    }

    #[test]
    fn a_projection_printed_and_read_is_the_same(paths in prop::collection::vec(path(), 1..6)) {
        check(&paths.join(" , "), WrittenProjection::parse)?;
    }
}
