//! SearchVectors: the items of a vector index whose vectors lie closest to one.
//!
//! Every vector that the condition leaves is looked at, so what comes is what is closest, where AWS, whose search is
//! approximate, may miss some. For n vectors of d dimensions that is O(n d + n log n), n being what lies in the one
//! partition that the search names, where the index has partitions. Vectors that are equally close come in the order of
//! their table, the same every time; on AWS they come in any.
//!
//! Source: API reference, SearchVectors; the order of checks and the words as recorded on AWS in August and October 2026.

use std::sync::Arc;

use super::Engine;
use super::attribute_value::AttributeValue;
use super::error::Error;
use super::expression::{Expressions, SearchCondition};
use super::item::{Attributes, Item, size};
use super::key_schema::{KeyValue, check_not_empty};
use super::limit;
use super::table::Table;
use super::vector_definition::{SearchElement, SearchRole, VectorIndexDefinition};
use super::vector_index::{Phase, VectorIndex};

#[derive(Clone, Debug)]
pub(crate) struct SearchInput {
    pub(crate) table_name: String,
    pub(crate) index_name: String,
    pub(crate) vector: Vec<f32>,
    /// How many items are wanted.
    pub(crate) top: usize,
    pub(crate) expressions: Expressions,
}

/// What a search found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Found {
    /// What is shown of each item, and its score; the closest first.
    pub(crate) items: Vec<(Attributes, f32)>,
    /// The attribute that holds the vectors.
    pub(crate) vector_attribute: Arc<str>,
    /// What the search counts for: the vectors that were looked at, and the items that are shown. AWS, which does not
    /// look at all of them, tells another number each time.
    pub(crate) bytes: usize,
}

impl Engine {
    pub(crate) fn search_vectors(&self, input: &SearchInput) -> Result<Found, Error> {
        input.expressions.check_placeholders()?;
        let parsed = input.expressions.parse(&self.texts, "")?;
        let table = self.table(&input.table_name)?;
        let index = table.searchable(&input.index_name)?;
        let definition = &*index.definition;
        if input.vector.len() != definition.dimensions {
            return Err(Error::validation(format!(
                "Input search vector dimension {} does not match vector index dimension {}",
                input.vector.len(),
                definition.dimensions
            )));
        }
        let condition = parsed.search.unwrap_or_default();
        let partition = definition.partition(&condition)?;
        let filters = condition.equal.iter().filter(|(name, _)| {
            definition.element(name).is_some_and(|element| element.role == SearchRole::InlineFilter)
        });
        let filters: Vec<_> = filters.collect();
        let asked = definition.distance.asked(&input.vector);
        let mut looked_at = 0;
        let mut scored = Vec::new();
        for entry in index.entries_of(partition) {
            looked_at += 1;
            if filters.iter().all(|(name, value)| entry.has(name, value)) {
                scored.push((asked.score(&entry.vector), entry));
            }
        }
        scored.sort_by(|(one, _), (other, _)| definition.distance.closer(*one, *other));
        scored.truncate(input.top);

        let mut bytes = looked_at * definition.dimensions * size_of::<f32>();
        let (mut items, mut answer) = (Vec::new(), 0);
        for (score, entry) in scored {
            let mut shown = index.shown(entry, &table.definition.key_schema);
            match &parsed.projection {
                Some(projection) => shown = projection.apply(&Item::new(&shown)),
                // A vector is long, and comes only when it is asked for.
                None => drop(shown.remove(&definition.attribute)),
            }
            answer += size(&shown);
            items.push((shown, score));
        }
        if answer > limit::SEARCH_BYTES {
            // What AWS says here is not known; it documents the limit alone.
            return Err(Error::validation("The search results exceed the maximum response size of 16 MB"));
        }
        bytes = (bytes + answer).max(limit::VECTOR_REQUEST_BYTES);
        Ok(Found { items, vector_attribute: definition.attribute.clone(), bytes })
    }
}

impl Table {
    /// # Errors
    /// [`Error::Validation`] for an index that is not there, or not filled yet.
    fn searchable(&self, name: &str) -> Result<&VectorIndex, Error> {
        let missing = || Error::validation(format!("The table does not have the specified index: {name}"));
        let index = self.vector_index_named(name).ok_or_else(missing)?;
        match index.phase {
            Phase::Active => Ok(index),
            Phase::Backfilling(_) => {
                Err(Error::validation(format!("Cannot search backfilling vector index: {name}")))
            }
            Phase::New | Phase::Allocating | Phase::Deleting => Err(missing()),
        }
    }
}

impl VectorIndexDefinition {
    /// The partition that a condition names, if the index has partitions.
    ///
    /// # Errors
    /// [`Error::Validation`] for a condition that the index cannot follow.
    fn partition(&self, condition: &SearchCondition) -> Result<Option<KeyValue>, Error> {
        if let Some((name, _)) = condition.equal.iter().find(|(name, _)| self.element(name).is_none()) {
            return Err(Error::validation(format!(
                "SearchConditionExpression must not contain any attributes that is not in SearchSchema. Invalid \
                 attribute: {name}"
            )));
        }
        let value_of = |name: &str| condition.equal.iter().find(|(named, _)| **named == *name);
        if self.hash().is_some_and(|hash| value_of(&hash.name).is_none()) {
            return Err(Error::validation(
                "SearchConditionExpression must be provided when SearchSchema has a HASH key",
            ));
        }
        let mut partition = None;
        for (name, value) in &condition.equal {
            let Some(element) = self.element(name) else { continue };
            element.check_type(value)?;
            if element.role == SearchRole::Hash
                && let Some((key, _)) = KeyValue::of(value)
            {
                check_not_empty(&element.attribute, &key)?;
                partition = Some(key);
            }
        }
        Ok(partition)
    }
}

impl SearchElement {
    fn check_type(&self, value: &AttributeValue) -> Result<(), Error> {
        let (declared, actual) = (self.attribute.key_type.attribute_type(), value.attribute_type());
        match actual == declared {
            true => Ok(()),
            false => Err(Error::validation(format!(
                "Type of '{}' attribute in SearchConditionExpression ({actual}) does not match type in search schema \
                 ({declared})",
                self.attribute.name
            ))),
        }
    }
}
