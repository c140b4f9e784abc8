//! Vector indexes as they are asked for, and the rules that they must keep.
//!
//! Source: developer guide, "Creating and searching vector indexes"; the words as recorded on AWS in August 2026.

use std::sync::Arc;

use super::error::Error;
use super::key_schema::{KeyAttribute, KeySchema};
use super::limit;
use super::table_definition::{BillingMode, IndexProjection, duplicate_name, projection};
use super::vector::DistanceFunction;

/// A vector index as CreateTable and UpdateTable ask for it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VectorIndexInput {
    pub(crate) name: String,
    /// The attribute that holds the vectors.
    pub(crate) attribute: String,
    pub(crate) dimensions: i64,
    pub(crate) distance: DistanceFunction,
    pub(crate) projection_type: Option<String>,
    pub(crate) non_key_attributes: Option<Vec<String>>,
    pub(crate) search_schema: Vec<(String, SearchRole)>,
}

/// What a search may ask of an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SearchRole {
    /// A search is of one value of it.
    Hash,
    /// A search may be of one value of it.
    InlineFilter,
}

impl SearchRole {
    pub(crate) const NAMES: &[&str] = &["HASH", "INLINE_FILTER"];

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Hash => "HASH",
            Self::InlineFilter => "INLINE_FILTER",
        }
    }
}

/// An attribute that searches may speak of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchElement {
    pub(crate) attribute: KeyAttribute,
    pub(crate) role: SearchRole,
}

/// A vector index that keeps the rules.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VectorIndexDefinition {
    pub(crate) name: Arc<str>,
    pub(crate) attribute: Arc<str>,
    pub(crate) dimensions: usize,
    pub(crate) distance: DistanceFunction,
    pub(crate) projection: IndexProjection,
    pub(crate) search_schema: Vec<SearchElement>,
}

impl VectorIndexInput {
    /// The index, its attributes being among `definitions`, those of the request.
    ///
    /// # Errors
    /// [`Error::Validation`] for the first rule that is broken.
    pub(super) fn define(&self, definitions: &[KeyAttribute]) -> Result<VectorIndexDefinition, Error> {
        let dimensions =
            usize::try_from(self.dimensions).ok().filter(|it| (1..=limit::DIMENSIONS).contains(it));
        let dimensions = dimensions.ok_or_else(|| {
            Error::invalid_parameter(format!(
                "Number of dimensions must be between 1 and {} inclusive.",
                limit::DIMENSIONS
            ))
        })?;
        let projection = projection(self.projection_type.as_deref(), self.non_key_attributes.as_deref())?;
        let mut search_schema = Vec::new();
        for (name, role) in &self.search_schema {
            let attribute = definitions.iter().find(|definition| *definition.name == **name).cloned();
            let attribute = attribute.ok_or_else(|| {
                Error::invalid_parameter(
                    "One element in SearchSchema is not defined in attribute definitions",
                )
            })?;
            search_schema.push(SearchElement { attribute, role: *role });
        }
        let hashes = self.search_schema.iter().filter(|(_, role)| *role == SearchRole::Hash).count();
        if hashes > 1 {
            return Err(Error::invalid_parameter(format!(
                "Value '{hashes}' at 'SearchSchema' failed to satisfy constraint: Member must have HASH count less than \
                 or equal to 1"
            )));
        }
        for (position, (name, _)) in self.search_schema.iter().enumerate() {
            if self.search_schema[..position].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::invalid_parameter("SearchSchema contains a duplicate AttributeName"));
            }
        }
        Ok(VectorIndexDefinition {
            name: self.name.as_str().into(),
            attribute: self.attribute.as_str().into(),
            dimensions,
            distance: self.distance,
            projection,
            search_schema,
        })
    }
}

impl VectorIndexDefinition {
    /// The attribute of whose values each search names one, if there is one.
    pub(crate) fn hash(&self) -> Option<&KeyAttribute> {
        let hash = self.search_schema.iter().find(|element| element.role == SearchRole::Hash);
        hash.map(|element| &element.attribute)
    }

    /// An attribute that searches may speak of.
    pub(crate) fn element(&self, attribute: &str) -> Option<&SearchElement> {
        self.search_schema.iter().find(|element| *element.attribute.name == *attribute)
    }

    /// Whether the index holds this attribute of its items, the vector besides.
    pub(crate) fn projects(&self, attribute: &str, table: &KeySchema) -> bool {
        match &self.projection {
            IndexProjection::All => true,
            _ if table.contains(attribute) || self.element(attribute).is_some() => true,
            IndexProjection::KeysOnly => false,
            IndexProjection::Include(names) => names.iter().any(|name| **name == *attribute),
        }
    }
}

/// The vector indexes of a new table.
///
/// # Errors
/// [`Error::Validation`] for the first rule that one of them breaks, or all of them together.
pub(super) fn define_all(
    inputs: &[VectorIndexInput],
    definitions: &[KeyAttribute],
    billing_mode: BillingMode,
) -> Result<Vec<Arc<VectorIndexDefinition>>, Error> {
    if inputs.is_empty() {
        return Err(Error::invalid_parameter("List of VectorIndexes is empty"));
    }
    check_billing_mode(billing_mode)?;
    let mut indexes = Vec::new();
    for input in inputs {
        indexes.push(Arc::new(input.define(definitions)?));
    }
    for (position, index) in indexes.iter().enumerate() {
        if indexes[..position].iter().any(|earlier| earlier.name == index.name) {
            return Err(duplicate_name(&index.name));
        }
    }
    check_count(indexes.len())?;
    for (position, index) in indexes.iter().enumerate() {
        check_dimensions(index, &indexes[..position])?;
    }
    indexes.iter().try_for_each(|index| check_attribute(index, definitions))?;
    Ok(indexes)
}

/// # Errors
/// Only tables that are paid for by request have vector indexes.
pub(super) fn check_billing_mode(billing_mode: BillingMode) -> Result<(), Error> {
    match billing_mode {
        BillingMode::PayPerRequest => Ok(()),
        BillingMode::Provisioned => {
            Err(Error::invalid_parameter("Vector indexes are only supported for PAY_PER_REQUEST tables"))
        }
    }
}

/// # Errors
/// When a table would have more vector indexes than it may.
pub(super) fn check_count(count: usize) -> Result<(), Error> {
    match count > limit::VECTOR_INDEXES {
        false => Ok(()),
        true => Err(Error::invalid_parameter(format!(
            "VectorIndex count exceeds the per-table limit of {}",
            limit::VECTOR_INDEXES
        ))),
    }
}

/// # Errors
/// When another index reads the same attribute as vectors of other dimensions.
pub(super) fn check_dimensions(
    index: &VectorIndexDefinition,
    others: &[Arc<VectorIndexDefinition>],
) -> Result<(), Error> {
    let differs = |other: &&Arc<VectorIndexDefinition>| {
        other.attribute == index.attribute && other.dimensions != index.dimensions
    };
    match others.iter().find(differs) {
        None => Ok(()),
        Some(_) => Err(Error::invalid_parameter(format!(
            "Conflicting attribute definition for '{}'. All VectorIndexes on the same vector attribute must use the same \
             dimensions.",
            index.attribute
        ))),
    }
}

/// # Errors
/// When the attribute with the vectors is to be a key or a filter as well.
pub(super) fn check_attribute(
    index: &VectorIndexDefinition,
    definitions: &[KeyAttribute],
) -> Result<(), Error> {
    match definitions.iter().find(|definition| definition.name == index.attribute) {
        None => Ok(()),
        Some(_) => Err(Error::invalid_parameter(format!(
            "Conflicting attribute definition for '{}'. An attribute cannot be defined in AttributeDefinitions when used \
             as a VectorAttribute.",
            index.attribute
        ))),
    }
}
