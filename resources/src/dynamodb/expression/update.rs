//! Updates: what UpdateItem does to an item.

use std::fmt::Write as _;

use aws_sdk_dynamodb::types::AttributeValue;

use super::Attr;
use super::operand::Value;
use super::placeholders::Placeholders;

/// What an update does to an item, an action a call; goes to the [`update`](super::WithUpdate::update) of UpdateItem.
///
/// ```
/// use resources::expression::{Attr, Update};
///
/// let update = Update::new()
///     .set("status", "sent")
///     .set("attempts", Attr::new("attempts").if_not_exists(0).plus(1))
///     .remove("draft")
///     .add("total", 12);
/// ```
///
/// # Source
/// DynamoDB developer guide, "Using update expressions".
#[derive(Clone, Debug, Default, PartialEq)]
#[must_use = "an update does nothing until a request has it"]
pub struct Update {
    set: Vec<(Attr, SetValue)>,
    remove: Vec<Attr>,
    add: Vec<(Attr, AttributeValue)>,
    delete: Vec<(Attr, AttributeValue)>,
}

impl Update {
    /// Does nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets the attribute to that value, or to one computed from the item as it was.
    pub fn set(mut self, attr: impl Into<Attr>, value: impl Into<SetValue>) -> Self {
        self.set.push((attr.into(), value.into()));
        self
    }

    /// Removes the attribute, or the element of a list.
    pub fn remove(mut self, attr: impl Into<Attr>) -> Self {
        self.remove.push(attr.into());
        self
    }

    /// Adds a number to the number there, or a set's elements to the set there; absent counts as zero or empty.
    pub fn add(mut self, attr: impl Into<Attr>, value: impl Into<Value>) -> Self {
        self.add.push((attr.into(), value.into().into()));
        self
    }

    /// Takes a set's elements from the set there.
    pub fn delete(mut self, attr: impl Into<Attr>, elements: impl Into<Value>) -> Self {
        self.delete.push((attr.into(), elements.into().into()));
        self
    }

    /// The actions behind those that an expression has: each clause may be there once.
    pub(super) fn write_behind(&self, before: &str, placeholders: &mut Placeholders) -> String {
        let mut clauses = Clauses::of(before);
        for (attr, value) in &self.set {
            let action = clauses.action(Clause::Set);
            attr.write(action, placeholders);
            action.push_str(" = ");
            value.0.write(action, placeholders);
        }
        for attr in &self.remove {
            attr.write(clauses.action(Clause::Remove), placeholders);
        }
        for (clause, actions) in [(Clause::Add, &self.add), (Clause::Delete, &self.delete)] {
            for (attr, value) in actions {
                let action = clauses.action(clause);
                attr.write(action, placeholders);
                action.push(' ');
                action.push_str(&placeholders.value(value));
            }
        }
        clauses.join()
    }
}

/// What [`Update::set`] sets an attribute to: a value, another attribute, or what is computed from them.
#[derive(Clone, Debug, PartialEq)]
pub struct SetValue(SetTerm);

#[derive(Clone, Debug, PartialEq)]
enum SetTerm {
    Value(AttributeValue),
    Path(Attr),
    IfNotExists(Attr, Box<SetTerm>),
    ListAppend(Box<SetTerm>, Box<SetTerm>),
    Sum(Box<SetTerm>, &'static str, Box<SetTerm>),
}

impl SetValue {
    /// The numbers added.
    pub fn plus(self, other: impl Into<Self>) -> Self {
        Self(SetTerm::Sum(Box::new(self.0), "+", Box::new(other.into().0)))
    }

    /// The number `other` subtracted from this one.
    pub fn minus(self, other: impl Into<Self>) -> Self {
        Self(SetTerm::Sum(Box::new(self.0), "-", Box::new(other.into().0)))
    }

    /// The elements of the list `other` behind those of this one.
    pub fn append(self, other: impl Into<Self>) -> Self {
        Self(SetTerm::ListAppend(Box::new(self.0), Box::new(other.into().0)))
    }

    pub(super) fn if_not_exists(attr: Attr, default: Self) -> Self {
        Self(SetTerm::IfNotExists(attr, Box::new(default.0)))
    }
}

impl<V: Into<Value>> From<V> for SetValue {
    fn from(value: V) -> Self {
        Self(SetTerm::Value(value.into().into()))
    }
}

impl From<Attr> for SetValue {
    fn from(attr: Attr) -> Self {
        Self(SetTerm::Path(attr))
    }
}

impl SetTerm {
    fn write(&self, text: &mut String, placeholders: &mut Placeholders) {
        match self {
            Self::Value(value) => text.push_str(&placeholders.value(value)),
            Self::Path(attr) => attr.write(text, placeholders),
            Self::IfNotExists(attr, default) => {
                text.push_str("if_not_exists(");
                attr.write(text, placeholders);
                text.push_str(", ");
                default.write(text, placeholders);
                text.push(')');
            }
            Self::ListAppend(first, then) => {
                text.push_str("list_append(");
                first.write(text, placeholders);
                text.push_str(", ");
                then.write(text, placeholders);
                text.push(')');
            }
            Self::Sum(left, operator, right) => {
                left.write(text, placeholders);
                text.push_str(&format!(" {operator} "));
                right.write(text, placeholders);
            }
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Clause {
    Set,
    Remove,
    Add,
    Delete,
}

const CLAUSES: [(Clause, &str); 4] =
    [(Clause::Set, "SET"), (Clause::Remove, "REMOVE"), (Clause::Add, "ADD"), (Clause::Delete, "DELETE")];

/// The clauses of an update expression, each with its actions as text.
struct Clauses {
    /// What stands before the first clause; DynamoDB will say what it thinks of that.
    before: String,
    clauses: Vec<(Clause, String)>,
}

impl Clauses {
    /// Keywords divide: they are reserved words, so no attribute of an expression has their names.
    fn of(expression: &str) -> Self {
        let mut clauses = Self { before: String::new(), clauses: Vec::new() };
        let mut rest = expression;
        while let Some(first) = rest.chars().next() {
            let is_word = |c: char| c.is_alphanumeric() || matches!(c, '_' | '#' | ':');
            let length = rest.find(|c: char| is_word(c) != is_word(first)).unwrap_or(rest.len());
            let (token, after) = rest.split_at(length);
            let keyword = CLAUSES.into_iter().find(|(_, keyword)| keyword.eq_ignore_ascii_case(token));
            match keyword {
                Some((clause, _)) => clauses.clauses.push((clause, String::new())),
                None => clauses
                    .clauses
                    .last_mut()
                    .map_or(&mut clauses.before, |(_, actions)| actions)
                    .push_str(token),
            }
            rest = after;
        }
        clauses
    }

    /// Where the next action of that clause is written.
    fn action(&mut self, clause: Clause) -> &mut String {
        let position = self.clauses.iter().position(|(there, _)| *there == clause).unwrap_or_else(|| {
            self.clauses.push((clause, String::new()));
            self.clauses.len() - 1
        });
        let actions = &mut self.clauses[position].1;
        actions.truncate(actions.trim_end().len());
        if !actions.is_empty() {
            actions.push_str(", ");
        }
        actions
    }

    fn join(self) -> String {
        let mut text = self.before.trim().to_owned();
        for (clause, actions) in self.clauses {
            let keyword =
                CLAUSES.into_iter().find(|(there, _)| *there == clause).map_or("", |(_, keyword)| keyword);
            let space = if text.is_empty() { "" } else { " " };
            // Writing to a `String` cannot fail.
            let _ = write!(text, "{space}{keyword} {}", actions.trim());
        }
        text
    }
}
