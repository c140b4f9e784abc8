//! A document path: an attribute of an item, or a part of one.

use std::fmt;

use super::condition::{Condition, Size, comparisons};
use super::operand::{Operand, Term, Value};
use super::placeholders::Placeholders;
use super::update::SetValue;

/// An attribute of an item, or a part of one: what conditions, updates and projections speak of.
///
/// A path is written as in boto3: dots go into maps, brackets into lists, as in `orders[0].total`. Every name is sent as
/// a placeholder, so reserved words need no care. A name that itself has dots or brackets is a [`literal`](Self::literal).
///
/// # Source
/// DynamoDB developer guide, "Referring to item attributes when using expressions"; boto3, D-09 and D-10.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Attr {
    steps: Vec<Step>,
}

#[derive(Clone, PartialEq, Eq, Hash)]
enum Step {
    Name(String),
    Index(u32),
}

impl Attr {
    /// The attribute at a path such as `total` or `orders[0].total`.
    pub fn new(path: impl AsRef<str>) -> Self {
        let mut steps = Vec::new();
        for part in path.as_ref().split('.') {
            let (name, indexes) = indexed(part);
            steps.push(Step::Name(name.to_owned()));
            steps.extend(indexes.into_iter().map(Step::Index));
        }
        Self { steps }
    }

    /// The attribute of exactly that name, dots and brackets included.
    pub fn literal(name: impl Into<String>) -> Self {
        Self { steps: vec![Step::Name(name.into())] }
    }

    /// What the map here has under exactly that name, dots and brackets included.
    pub fn key(mut self, name: impl Into<String>) -> Self {
        self.steps.push(Step::Name(name.into()));
        self
    }

    /// The element of the list here, the first being 0.
    pub fn index(mut self, index: u32) -> Self {
        self.steps.push(Step::Index(index));
        self
    }

    comparisons!();

    /// Equal to one of those, of which DynamoDB takes 1 to 100.
    pub fn is_in<O: Into<Operand>>(self, of: impl IntoIterator<Item = O>) -> Condition {
        Condition::is_in(self.into(), of.into_iter().map(Into::into))
    }

    /// A string or binary that begins so.
    pub fn begins_with(self, prefix: impl Into<Operand>) -> Condition {
        Condition::function("begins_with", [self.term(), prefix.into().0])
    }

    /// A string with that part, or a set or list with that element.
    pub fn contains(self, what: impl Into<Operand>) -> Condition {
        Condition::function("contains", [self.term(), what.into().0])
    }

    /// The item has it, whatever its value, null included.
    pub fn exists(self) -> Condition {
        Condition::function("attribute_exists", [self.term()])
    }

    /// The item has it not.
    pub fn not_exists(self) -> Condition {
        Condition::function("attribute_not_exists", [self.term()])
    }

    /// Of that type: `S`, `SS`, `N`, `NS`, `B`, `BS`, `BOOL`, `NULL`, `L` or `M`.
    pub fn attribute_type(self, name: impl Into<Value>) -> Condition {
        Condition::function("attribute_type", [self.term(), Term::Value(name.into().into())])
    }

    /// How large it is, to be compared: characters of a string, bytes of a binary, elements of a set, list or map.
    pub fn size(self) -> Size {
        Size(self)
    }

    /// For [`Update::set`](super::Update::set): the number here and `other` added.
    pub fn plus(self, other: impl Into<SetValue>) -> SetValue {
        SetValue::from(self).plus(other)
    }

    /// For [`Update::set`](super::Update::set): `other` subtracted from the number here.
    pub fn minus(self, other: impl Into<SetValue>) -> SetValue {
        SetValue::from(self).minus(other)
    }

    /// For [`Update::set`](super::Update::set): what is here, or `default` where the item has it not.
    pub fn if_not_exists(self, default: impl Into<SetValue>) -> SetValue {
        SetValue::if_not_exists(self, default.into())
    }

    /// For [`Update::set`](super::Update::set): the list here, and the elements of the list `other` behind it.
    pub fn append(self, other: impl Into<SetValue>) -> SetValue {
        SetValue::from(self).append(other)
    }

    /// For [`Update::set`](super::Update::set): the elements of the list `other`, and the list here behind them.
    pub fn prepend(self, other: impl Into<SetValue>) -> SetValue {
        other.into().append(self)
    }

    pub(super) fn term(self) -> Term {
        Term::Path(self)
    }

    /// The path in placeholders.
    pub(super) fn write(&self, text: &mut String, placeholders: &mut Placeholders) {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Name(name) => {
                    if position > 0 {
                        text.push('.');
                    }
                    text.push_str(&placeholders.name(name));
                }
                Step::Index(index) => text.push_str(&format!("[{index}]")),
            }
        }
    }
}

/// `orders[0][1]` as `orders` and 0, 1; a name whose brackets are no indexes is a name.
fn indexed(part: &str) -> (&str, Vec<u32>) {
    let parse = || {
        let (name, rest) = part.split_once('[')?;
        let rest = rest.strip_suffix(']')?;
        let indexes = rest.split("][").map(|digits| {
            let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        });
        let indexes: Option<Vec<_>> = indexes.collect();
        (!name.is_empty()).then_some((name, indexes?))
    };
    parse().unwrap_or((part, Vec::new()))
}

impl<P: AsRef<str>> From<P> for Attr {
    fn from(path: P) -> Self {
        Self::new(path)
    }
}

impl fmt::Display for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.steps.iter().enumerate() {
            match step {
                Step::Name(name) if position == 0 => f.write_str(name)?,
                Step::Name(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Attr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Attr({:?})", self.to_string())
    }
}
