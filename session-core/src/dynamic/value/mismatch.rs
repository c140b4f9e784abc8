//! What serde reports when a value and a type do not fit: the path to the spot, and what is there, never its content.

use std::fmt;

use serde::{de, ser};

use crate::error::{Error, ErrorKind};

/// A failed conversion between a value and a type. The path is collected on the way out, innermost first.
#[derive(Debug)]
pub(super) struct Mismatch {
    message: String,
    path: Vec<Step>,
}

#[derive(Debug)]
pub(super) enum Step {
    Member(String),
    Element(usize),
}

impl Mismatch {
    pub(super) fn new(message: impl fmt::Display) -> Self {
        Self { message: message.to_string(), path: Vec::new() }
    }

    /// The same, one step further out.
    pub(super) fn at(mut self, step: Step) -> Self {
        self.path.push(step);
        self
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.path.iter().rev().enumerate() {
            match step {
                Step::Member(name) if position == 0 => f.write_str(name)?,
                Step::Member(name) => write!(f, ".{name}")?,
                Step::Element(index) => write!(f, "[{index}]")?,
            }
        }
        if !self.path.is_empty() {
            f.write_str(": ")?;
        }
        f.write_str(&self.message)
    }
}

impl std::error::Error for Mismatch {}

impl ser::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }
}

impl de::Error for Mismatch {
    fn custom<T: fmt::Display>(message: T) -> Self {
        Self::new(message)
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        Self::new(format_args!("{} where {expected} is expected", kind(found)))
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        match found {
            de::Unexpected::Signed(number) => {
                Self::new(format_args!("{number} where {expected} is expected"))
            }
            de::Unexpected::Unsigned(number) => {
                Self::new(format_args!("{number} where {expected} is expected"))
            }
            other => Self::new(format_args!("{} where {expected} is expected", kind(other))),
        }
    }
}

/// The kind of what was found. Serde's own texts quote it, and an output may be somebody's secret.
fn kind(found: de::Unexpected<'_>) -> &'static str {
    match found {
        de::Unexpected::Bool(_) => "a boolean",
        de::Unexpected::Unsigned(_) | de::Unexpected::Signed(_) => "an integer",
        de::Unexpected::Float(_) => "a number",
        de::Unexpected::Char(_) | de::Unexpected::Str(_) => "a string",
        de::Unexpected::Bytes(_) => "a blob",
        de::Unexpected::Unit | de::Unexpected::Option => "null",
        de::Unexpected::Seq => "a list",
        de::Unexpected::Map => "a map",
        _ => "something else",
    }
}

impl From<Mismatch> for Error {
    fn from(mismatch: Mismatch) -> Self {
        Self::new(ErrorKind::InvalidInput, format!("value and type do not fit: {mismatch}"))
    }
}
