//! Conditions: what an item must be like to be found, written or deleted.

use std::ops::{BitAnd, BitOr, Not};

use super::Attr;
use super::operand::{Operand, Term};
use super::placeholders::Placeholders;

/// A condition on an item, made from an [`Attr`]; `&`, `|` and `!` combine conditions.
///
/// Goes to the [`condition`](super::WithCondition::condition) of a write and the [`filter`](super::WithFilter::filter)
/// of a query or scan.
#[derive(Clone, Debug, PartialEq)]
#[must_use = "a condition does nothing until a request has it"]
pub struct Condition(Node);

#[derive(Clone, Debug, PartialEq)]
enum Node {
    Compare(Term, &'static str, Term),
    Between(Term, Term, Term),
    In(Term, Vec<Term>),
    Function(&'static str, Vec<Term>),
    And(Vec<Node>),
    Or(Vec<Node>),
    Not(Box<Node>),
}

/// How tightly an operator binds its operands.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Precedence {
    Or,
    And,
    Not,
}

impl Condition {
    pub(super) fn compare(left: Operand, comparator: &'static str, right: Operand) -> Self {
        Self(Node::Compare(left.0, comparator, right.0))
    }

    pub(super) fn between(value: Operand, low: Operand, high: Operand) -> Self {
        Self(Node::Between(value.0, low.0, high.0))
    }

    pub(super) fn is_in(value: Operand, of: impl Iterator<Item = Operand>) -> Self {
        Self(Node::In(value.0, of.map(|operand| operand.0).collect()))
    }

    pub(super) fn function(name: &'static str, arguments: impl IntoIterator<Item = Term>) -> Self {
        Self(Node::Function(name, arguments.into_iter().collect()))
    }

    /// Both hold; the same as `self & other`.
    pub fn and(self, other: Self) -> Self {
        self & other
    }

    /// One of them holds, or both; the same as `self | other`.
    pub fn or(self, other: Self) -> Self {
        self | other
    }

    /// The condition in placeholders, in brackets where an operator around it binds tighter than its own.
    pub(super) fn write(&self, text: &mut String, placeholders: &mut Placeholders, around: Precedence) {
        self.0.write(text, placeholders, around);
    }
}

impl BitAnd for Condition {
    type Output = Self;

    /// Both hold.
    fn bitand(self, other: Self) -> Self {
        let mut all = match self.0 {
            Node::And(all) => all,
            one => vec![one],
        };
        match other.0 {
            Node::And(more) => all.extend(more),
            one => all.push(one),
        }
        Self(Node::And(all))
    }
}

impl BitOr for Condition {
    type Output = Self;

    /// One of them holds, or both.
    fn bitor(self, other: Self) -> Self {
        let mut any = match self.0 {
            Node::Or(any) => any,
            one => vec![one],
        };
        match other.0 {
            Node::Or(more) => any.extend(more),
            one => any.push(one),
        }
        Self(Node::Or(any))
    }
}

impl Not for Condition {
    type Output = Self;

    /// The condition does not hold.
    fn not(self) -> Self {
        match self.0 {
            Node::Not(twice) => Self(*twice),
            once => Self(Node::Not(Box::new(once))),
        }
    }
}

impl Node {
    fn write(&self, text: &mut String, placeholders: &mut Placeholders, around: Precedence) {
        match self {
            Self::Compare(left, comparator, right) => {
                left.write(text, placeholders);
                text.push_str(&format!(" {comparator} "));
                right.write(text, placeholders);
            }
            Self::Between(value, low, high) => {
                value.write(text, placeholders);
                text.push_str(" BETWEEN ");
                low.write(text, placeholders);
                text.push_str(" AND ");
                high.write(text, placeholders);
            }
            Self::In(value, of) => {
                value.write(text, placeholders);
                text.push_str(" IN (");
                write_all(of, text, placeholders);
                text.push(')');
            }
            Self::Function(name, arguments) => {
                text.push_str(&format!("{name}("));
                write_all(arguments, text, placeholders);
                text.push(')');
            }
            Self::And(all) => join(all, " AND ", Precedence::And, around, text, placeholders),
            Self::Or(any) => join(any, " OR ", Precedence::Or, around, text, placeholders),
            Self::Not(inner) => {
                text.push_str("NOT ");
                inner.write(text, placeholders, Precedence::Not);
            }
        }
    }
}

fn write_all(terms: &[Term], text: &mut String, placeholders: &mut Placeholders) {
    for (position, term) in terms.iter().enumerate() {
        if position > 0 {
            text.push_str(", ");
        }
        term.write(text, placeholders);
    }
}

fn join(
    nodes: &[Node],
    operator: &str,
    own: Precedence,
    around: Precedence,
    text: &mut String,
    placeholders: &mut Placeholders,
) {
    let bracketed = own < around;
    if bracketed {
        text.push('(');
    }
    for (position, node) in nodes.iter().enumerate() {
        if position > 0 {
            text.push_str(operator);
        }
        node.write(text, placeholders, own);
    }
    if bracketed {
        text.push(')');
    }
}

/// How large an attribute is; made by [`Attr::size`].
#[derive(Clone, Debug, PartialEq)]
pub struct Size(pub(super) Attr);

/// The comparisons of what can be an operand.
macro_rules! comparisons {
    () => {
        /// Equal: of the same type and value.
        pub fn eq(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), "=", other.into())
        }

        /// Not equal; so is a value of another type, and an absent attribute.
        pub fn ne(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), "<>", other.into())
        }

        /// Less than, of the same type.
        pub fn lt(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), "<", other.into())
        }

        /// Less than or equal, of the same type.
        pub fn lte(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), "<=", other.into())
        }

        /// Greater than, of the same type.
        pub fn gt(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), ">", other.into())
        }

        /// Greater than or equal, of the same type.
        pub fn gte(self, other: impl Into<Operand>) -> Condition {
            Condition::compare(self.into(), ">=", other.into())
        }

        /// From `low` to `high`, both included.
        pub fn between(self, low: impl Into<Operand>, high: impl Into<Operand>) -> Condition {
            Condition::between(self.into(), low.into(), high.into())
        }
    };
}
pub(super) use comparisons;

impl Size {
    comparisons!();
}
