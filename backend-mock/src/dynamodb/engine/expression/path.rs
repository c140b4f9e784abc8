//! Document paths: which attribute, list element or map member an expression speaks of.

use std::fmt;
use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::super::item::Item;
use super::super::limit;
use super::super::packed::{Reader, View};
use super::placeholder::Placeholders;
use super::token::{Cursor, TokenKind};

/// One step of a path as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum WrittenStep {
    Name(Arc<str>),
    Placeholder(Arc<str>),
    Index(usize),
}

/// A path as it is written, before its placeholders are replaced.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrittenPath(pub(super) Vec<WrittenStep>);

impl WrittenPath {
    /// Reads `name[0].member` and so on.
    pub(super) fn parse(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let mut steps = vec![Self::name(cursor)?];
        loop {
            if cursor.eat_symbol(".") {
                steps.push(Self::name(cursor)?);
            } else if cursor.eat_symbol("[") {
                if cursor.peek().kind != TokenKind::Integer {
                    return Err(cursor.syntax_error());
                }
                let text = cursor.next().text;
                let index = text.parse::<usize>().ok().filter(|index| *index <= i32::MAX as usize);
                steps.push(WrittenStep::Index(index.ok_or_else(|| {
                    format!("List index is not within the allowable range; index: [{text}]")
                })?));
                cursor.expect_symbol("]")?;
            } else {
                return Ok(Self(steps));
            }
        }
    }

    fn name(cursor: &mut Cursor<'_>) -> Result<WrittenStep, String> {
        let token = cursor.peek();
        let step = match token.kind {
            TokenKind::Identifier => WrittenStep::Name(token.text.into()),
            TokenKind::NamePlaceholder => WrittenStep::Placeholder(token.text.into()),
            _ => return Err(cursor.syntax_error()),
        };
        cursor.next();
        Ok(step)
    }

    /// # Errors
    /// When a name that is written out is a reserved word.
    pub(super) fn check_reserved(&self) -> Result<(), String> {
        for step in &self.0 {
            if let WrittenStep::Name(name) = step
                && super::reserved::is_reserved(name)
            {
                return Err(format!("Attribute name is a reserved keyword; reserved keyword: {name}"));
            }
        }
        Ok(())
    }

    /// Replaces the placeholders.
    pub(super) fn resolve(&self, placeholders: &mut Placeholders<'_>) -> Result<DocumentPath, String> {
        let mut steps = Vec::with_capacity(self.0.len());
        for step in &self.0 {
            steps.push(match step {
                WrittenStep::Name(name) => Step::Member(name.clone()),
                WrittenStep::Placeholder(placeholder) => Step::Member(placeholders.name(placeholder)?),
                WrittenStep::Index(index) => Step::Element(*index),
            });
        }
        if steps.len() > limit::NESTING_LEVELS + 1 {
            return Err(format!(
                "The document path has too many nesting elements; nesting levels: {}",
                steps.len()
            ));
        }
        Ok(DocumentPath { steps })
    }
}

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Step {
    /// A member of a map, or an attribute of the item.
    Member(Arc<str>),
    /// An element of a list.
    Element(usize),
}

/// Where a value lies in an item. The first step is an attribute.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct DocumentPath {
    steps: Vec<Step>,
}

impl DocumentPath {
    /// A path of steps that begin with an attribute.
    pub(crate) fn new(steps: Vec<Step>) -> Self {
        Self { steps }
    }

    /// The path of a whole attribute.
    pub(crate) fn of_attribute(name: &str) -> Self {
        Self { steps: vec![Step::Member(name.into())] }
    }

    pub(crate) fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The attribute that the path begins with.
    pub(crate) fn attribute(&self) -> &str {
        match self.steps.first() {
            Some(Step::Member(name)) => name,
            _ => "",
        }
    }

    /// Whether the path goes into the attribute.
    pub(crate) fn is_nested(&self) -> bool {
        self.steps.len() > 1
    }

    /// The value there.
    pub(crate) fn find(&self, item: &Item) -> Option<AttributeValue> {
        self.reach(item)?.value()
    }

    /// The value where it lies.
    pub(super) fn view<'i>(&self, item: &'i Item) -> Option<View<'i>> {
        self.reach(item)?.view()
    }

    /// Whether there is a value.
    pub(crate) fn leads_somewhere(&self, item: &Item) -> bool {
        self.reach(item).is_some()
    }

    fn reach<'i>(&self, item: &'i Item) -> Option<Reader<'i>> {
        self.steps.iter().skip(1).try_fold(item.find(self.attribute())?, |value, step| value.enter(step))
    }

    /// How two paths meet, if they do.
    fn meets(&self, other: &Self) -> Option<Meeting> {
        for pair in self.steps.iter().zip(&other.steps) {
            match pair {
                (Step::Member(one), Step::Member(other)) if one == other => {}
                (Step::Element(one), Step::Element(other)) if one == other => {}
                (Step::Member(_), Step::Element(_)) | (Step::Element(_), Step::Member(_)) => {
                    return Some(Meeting::Conflict);
                }
                _ => return None,
            }
        }
        Some(Meeting::Overlap)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Meeting {
    /// One path lies inside the other.
    Overlap,
    /// One takes for a list what the other takes for a map.
    Conflict,
}

/// # Errors
/// For the first two paths that overlap, or else the first two that conflict, the earlier one first.
pub(crate) fn check_all_distinct<'p>(paths: impl Iterator<Item = &'p DocumentPath>) -> Result<(), String> {
    first_meeting(paths).map_or(Ok(()), |(verb, earlier, later)| Err(meet(verb, earlier, later)))
}

/// The same in the words of PartiQL, which begin with the later one.
///
/// # Errors
/// For the same two paths.
pub(crate) fn check_assigned_distinct<'p>(
    paths: impl Iterator<Item = &'p DocumentPath>,
) -> Result<(), String> {
    first_meeting(paths).map_or(Ok(()), |(verb, earlier, later)| Err(meet(verb, later, earlier)))
}

fn meet(verb: &str, one: &DocumentPath, two: &DocumentPath) -> String {
    format!(
        "Two document paths {verb} with each other; must remove or rewrite one of these paths; path one: {one}, path \
         two: {two}"
    )
}

fn first_meeting<'p>(
    paths: impl Iterator<Item = &'p DocumentPath>,
) -> Option<(&'static str, &'p DocumentPath, &'p DocumentPath)> {
    let paths: Vec<_> = paths.collect();
    for (meeting, verb) in [(Meeting::Overlap, "overlap"), (Meeting::Conflict, "conflict")] {
        for (position, later) in paths.iter().enumerate() {
            let earlier = paths[..position].iter().find(|earlier| earlier.meets(later) == Some(meeting));
            if let Some(earlier) = earlier {
                return Some((verb, earlier, later));
            }
        }
    }
    None
}

/// The form that errors use: `[a, [0], b]`.
impl fmt::Display for DocumentPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (position, step) in self.steps.iter().enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            match step {
                Step::Member(name) => f.write_str(name)?,
                Step::Element(index) => write!(f, "[{index}]")?,
            }
        }
        f.write_str("]")
    }
}
