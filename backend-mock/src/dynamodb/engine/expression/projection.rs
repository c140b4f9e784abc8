//! Projections: which parts of an item an answer shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::super::item::{Attributes, Item};
use super::path::{self, DocumentPath, Step, WrittenPath};
use super::placeholder::Placeholders;
use super::token::Cursor;

/// Paths of which none lies inside another.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Projection {
    paths: Vec<DocumentPath>,
    attributes: BTreeMap<Arc<str>, Wanted>,
}

/// What is wanted of a value.
#[derive(Clone, Debug, PartialEq)]
enum Wanted {
    Whole,
    Parts { members: BTreeMap<Arc<str>, Wanted>, elements: BTreeMap<usize, Wanted> },
}

/// A projection as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrittenProjection(pub(super) Vec<WrittenPath>);

impl WrittenProjection {
    /// Reads a projection and finds every fault that its text alone shows: of syntax, then of reserved words.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, without the beginning that names the expression.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(source)?;
        let mut paths = vec![WrittenPath::parse(&mut cursor)?];
        while cursor.eat_symbol(",") {
            paths.push(WrittenPath::parse(&mut cursor)?);
        }
        cursor.expect_end()?;
        paths.iter().try_for_each(WrittenPath::check_reserved)?;
        Ok(Self(paths))
    }
}

impl Projection {
    /// # Errors
    /// When a name is not defined, or paths overlap, in DynamoDB's words.
    pub(super) fn of(
        written: &WrittenProjection,
        placeholders: &mut Placeholders<'_>,
    ) -> Result<Self, String> {
        let paths = written.0.iter().map(|path| path.resolve(placeholders)).collect::<Result<Vec<_>, _>>()?;
        path::check_all_distinct(paths.iter())?;
        Ok(Self::new(paths))
    }

    /// A projection on paths that are known to be distinct.
    pub(crate) fn new(paths: Vec<DocumentPath>) -> Self {
        let mut attributes = BTreeMap::new();
        for path in &paths {
            want(&mut attributes, path.attribute().into(), path.steps().get(1..).unwrap_or_default());
        }
        Self { paths, attributes }
    }

    /// A projection on whole attributes, as AttributesToGet says it.
    pub(super) fn of_attributes(names: &[&str]) -> Self {
        Self::new(names.iter().map(|name| DocumentPath::of_attribute(name)).collect())
    }

    pub(crate) fn paths(&self) -> &[DocumentPath] {
        &self.paths
    }

    /// The wanted parts that the item has. Lists close up over elements that are not wanted.
    pub(crate) fn apply(&self, item: &Item) -> Attributes {
        self.attributes
            .iter()
            .filter_map(|(name, wanted)| Some((name.clone(), wanted.of(item.get(name)?)?)))
            .collect()
    }
}

fn want<K: Ord>(wanted: &mut BTreeMap<K, Wanted>, key: K, rest: &[Step]) {
    let Some((step, rest)) = rest.split_first() else {
        wanted.insert(key, Wanted::Whole);
        return;
    };
    let entry = wanted
        .entry(key)
        .or_insert_with(|| Wanted::Parts { members: BTreeMap::new(), elements: BTreeMap::new() });
    if let Wanted::Parts { members, elements } = entry {
        match step {
            Step::Member(name) => want(members, name.clone(), rest),
            Step::Element(index) => want(elements, *index, rest),
        }
    }
}

impl Wanted {
    fn of(&self, value: AttributeValue) -> Option<AttributeValue> {
        match (self, value) {
            (Self::Whole, value) => Some(value),
            (Self::Parts { members, .. }, AttributeValue::M(mut there)) => {
                let found: Attributes = members
                    .iter()
                    .filter_map(|(name, wanted)| Some((name.clone(), wanted.of(there.remove(name)?)?)))
                    .collect();
                (!found.is_empty()).then_some(AttributeValue::M(found))
            }
            (Self::Parts { elements, .. }, AttributeValue::L(mut there)) => {
                // Each is wanted once, so it can be taken out of its place.
                let mut take =
                    |index: usize| Some(std::mem::replace(there.get_mut(index)?, AttributeValue::Null));
                let found: Vec<_> =
                    elements.iter().filter_map(|(index, wanted)| wanted.of(take(*index)?)).collect();
                (!found.is_empty()).then_some(AttributeValue::L(found))
            }
            _ => None,
        }
    }
}
