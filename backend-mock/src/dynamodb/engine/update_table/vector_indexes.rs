//! Vector indexes that come and go while the table is in use.
//!
//! An index that comes passes through two phases, each as long as changes of tables take. First the table is changing
//! and the index allocates its room; then the table is there and the index is filled. Only in the second can its
//! creation be taken back, and only after it can it be searched.

use std::sync::Arc;

use super::super::error::Error;
use super::super::table::Table;
use super::super::table_definition::IndexInput;
use super::super::table_status::Status;
use super::super::vector_definition::{
    VectorIndexInput, check_attribute, check_billing_mode, check_count, check_dimensions,
};
use super::super::vector_index::{Phase, VectorIndex};
use super::indexes::{in_use, not_found, one_at_a_time};
use super::{IndexUpdate, Plan, UpdateTableInput};

/// What becomes of one vector index.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum VectorIndexUpdate {
    Create(VectorIndexInput),
    Delete(String),
}

impl Plan {
    pub(super) fn change_vector_indexes(&mut self, input: &UpdateTableInput) -> Result<(), Error> {
        for update in &input.vector_updates {
            match update {
                VectorIndexUpdate::Create(index) => self.create_vector_index(input, index)?,
                VectorIndexUpdate::Delete(name) => self.delete_vector_index(name)?,
            }
            self.status = Status::Updating;
        }
        Ok(())
    }

    fn create_vector_index(
        &mut self,
        input: &UpdateTableInput,
        index: &VectorIndexInput,
    ) -> Result<(), Error> {
        check_billing_mode(self.definition.billing_mode)?;
        if self.table.has_index(&index.name) {
            return Err(Error::validation("Attempting to create an index which already exists"));
        }
        let defined = Arc::new(index.define(&input.attribute_definitions)?);
        check_count(self.definition.vector_indexes.len() + 1)?;
        check_dimensions(&defined, &self.definition.vector_indexes)?;
        check_attribute(&defined, &input.attribute_definitions)?;
        check_attribute(&defined, &self.definition.attribute_definitions)?;
        self.define_attributes(defined.search_schema.iter().map(|element| &element.attribute))?;
        let mut built = VectorIndex::new(defined.clone(), Phase::Allocating);
        built.fill(&self.table.items, &self.definition.key_schema);
        self.table.vector_indexes.push(built);
        self.table.count_bytes();
        self.definition.vector_indexes.push(defined);
        Ok(())
    }

    fn delete_vector_index(&mut self, name: &str) -> Result<(), Error> {
        let index = self.table.vector_indexes.iter_mut().find(|index| *index.definition.name == *name);
        let index = index.ok_or_else(|| not_found(name, &self.definition.name))?;
        index.phase = Phase::Deleting;
        self.definition.vector_indexes.retain(|index| *index.name != *name);
        self.keep_used_definitions();
        Ok(())
    }

    /// # Errors
    /// [`Error::Validation`] when the key of a new global index is an attribute that holds vectors.
    pub(super) fn check_keys_are_no_vectors(
        &self,
        input: &UpdateTableInput,
        index: &IndexInput,
    ) -> Result<(), Error> {
        for element in &index.key_schema {
            let vectors = self.definition.vector_indexes.iter().find(|index| index.attribute == element.name);
            let asked = input.attribute_definitions.iter().find(|asked| asked.name == element.name);
            if let (Some(vectors), Some(asked)) = (vectors, asked) {
                let name = &element.name;
                return Err(Error::invalid_parameter(format!(
                    "Attributes cannot be redefined. Please check that your attribute has the same type as previously \
                     defined. Existing schema: VectorIndexSchema:[VectorAttribute: key{{{name}:L:{}}}] New schema: \
                     Schema:[SchemaElement: key{{{name}:{}:{}}}]",
                    vectors.dimensions,
                    asked.key_type.attribute_type(),
                    element.role.as_str()
                )));
            }
        }
        Ok(())
    }
}

impl Table {
    /// # Errors
    /// [`Error::Modeled`] when more than one index would come or go at a time, and [`Error::ResourceInUse`] when the
    /// creation of an index is to be taken back too early.
    pub(super) fn check_vector_indexes_are_free(&self, input: &UpdateTableInput) -> Result<(), Error> {
        let global = input.index_updates.iter().filter(|update| !matches!(update, IndexUpdate::Update(..)));
        let asked = global.count() + input.vector_updates.len();
        if asked == 0 {
            return Ok(());
        }
        if asked > 1 && !input.vector_updates.is_empty() {
            return Err(one_at_a_time());
        }
        if let [VectorIndexUpdate::Delete(name)] = &input.vector_updates[..] {
            match self.vector_index_named(name).map(|index| index.phase) {
                Some(Phase::Allocating) => {
                    return Err(in_use(format!(
                        "Index creation is in resource allocation phase. Retry deletion during backfilling phase or \
                         when the index is active. Table: {} Index: {name}",
                        self.definition.name
                    )));
                }
                Some(Phase::Backfilling(_)) => return Ok(()),
                _ => {}
            }
        }
        let is_online = self.vector_indexes.iter().any(|index| index.phase.is_online());
        let comes_or_goes = |status| matches!(status, Status::Creating | Status::Deleting);
        let others =
            self.status == Status::Updating && self.indexes.iter().any(|index| comes_or_goes(index.status));
        match is_online || (others && !input.vector_updates.is_empty()) {
            true => Err(one_at_a_time()),
            false => Ok(()),
        }
    }

    /// Whether the table has an index of this name, of whatever kind.
    pub(super) fn has_index(&self, name: &str) -> bool {
        self.index_named(name).is_some() || self.vector_index_named(name).is_some()
    }
}
