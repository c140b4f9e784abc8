//! Global indexes that come, change and go while the table is in use.

use std::sync::Arc;
use std::time::SystemTime;

use super::super::error::Error;
use super::super::index::Index;
use super::super::key_schema::KeyAttribute;
use super::super::limit;
use super::super::table::Table;
use super::super::table_definition::{
    BillingMode, CreateTableInput, IndexDefinition, IndexInput, IndexKind, TableDefinition, Throughput,
    check_projected_attributes,
};
use super::super::table_settings::OnDemandThroughput;
use super::super::table_status::Status;
use super::{IndexChange, IndexUpdate, Plan, UpdateTableInput, check_on_demand};

impl Plan {
    pub(super) fn change_indexes(&mut self, input: &UpdateTableInput, now: SystemTime) -> Result<(), Error> {
        let online = |update: &&IndexUpdate| !matches!(update, IndexUpdate::Update(..));
        if input.index_updates.iter().filter(online).count() > 1 {
            return Err(one_at_a_time());
        }
        for update in &input.index_updates {
            match update {
                IndexUpdate::Create(index) => self.create_index(input, index)?,
                IndexUpdate::Update(name, change) => self.update_index(name, *change, now)?,
                IndexUpdate::Delete(name) => {
                    let position = self.position(name, "delete")?;
                    self.table.indexes[position].status = Status::Deleting;
                    self.definition.indexes.retain(|index| *index.name != **name);
                    self.keep_used_definitions();
                    self.status = Status::Updating;
                }
            }
        }
        Ok(())
    }

    fn create_index(&mut self, input: &UpdateTableInput, index: &IndexInput) -> Result<(), Error> {
        let name = &index.name;
        if input.attribute_definitions.is_empty() {
            return Err(Error::invalid_parameter(format!(
                "AttributeDefinitions is not specified for index: {name}"
            )));
        }
        match (self.definition.billing_mode, index.throughput) {
            (BillingMode::Provisioned, None) => {
                return Err(Error::invalid_parameter(format!(
                    "Both ReadCapacityUnits and WriteCapacityUnits must be specified for index: {name}"
                )));
            }
            (BillingMode::PayPerRequest, Some(_)) => {
                return Err(Error::invalid_parameter(format!(
                    "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified for index: {name} when \
                     BillingMode is PAY_PER_REQUEST"
                )));
            }
            _ => {}
        }
        if self.table.has_index(name) {
            return Err(Error::validation("Attempting to create an index which already exists"));
        }
        self.check_keys_are_no_vectors(input, index)?;
        let global = |index: &&IndexDefinition| index.kind == IndexKind::Global;
        if self.definition.indexes.iter().filter(global).count() >= limit::GLOBAL_INDEXES {
            return Err(Error::limit_exceeded(format!(
                "Subscriber limit exceeded: Number of global secondary indexes exceeds per-table limit of {}",
                limit::GLOBAL_INDEXES
            )));
        }
        let defined = CreateTableInput {
            table_name: self.definition.name.to_string(),
            attribute_definitions: input.attribute_definitions.clone(),
            key_schema: Vec::new(),
            local_indexes: None,
            global_indexes: None,
            vector_indexes: None,
            billing_mode: self.definition.billing_mode,
            throughput: None,
            table_class: None,
            deletion_protection: false,
        }
        .define_index(index, IndexKind::Global, &self.definition.key_schema)?;
        self.define_attributes(defined.key_schema.attributes())?;
        let mut built = Index::new(defined.clone());
        built.status = Status::Creating;
        for (key, item) in &self.table.items {
            let entry = built.entry(key, item, &self.definition.key_schema);
            built.replace(None, entry);
        }
        self.table.indexes.push(built);
        self.definition.indexes.push(defined);
        check_projected_attributes(&self.definition.indexes)?;
        self.status = Status::Updating;
        Ok(())
    }

    /// Adds the attributes of an index that is being built to those of the table.
    pub(super) fn define_attributes<'a>(
        &mut self,
        attributes: impl Iterator<Item = &'a KeyAttribute>,
    ) -> Result<(), Error> {
        for attribute in attributes {
            let known = &mut self.definition.attribute_definitions;
            match known.iter().find(|definition| definition.name == attribute.name) {
                Some(definition) if definition != attribute => {
                    return Err(Error::invalid_parameter(format!(
                        "Attribute {} is already defined with another type",
                        attribute.name
                    )));
                }
                Some(_) => {}
                None => known.push(attribute.clone()),
            }
        }
        self.definition.attribute_definitions.sort_by(|one, other| one.name.cmp(&other.name));
        // The answer shows the attributes of the index that is being built.
        let mut shown = TableDefinition::clone(&self.table.definition);
        shown.attribute_definitions = self.definition.attribute_definitions.clone();
        self.table.definition = shown.into();
        Ok(())
    }

    fn update_index(&mut self, name: &str, change: IndexChange, now: SystemTime) -> Result<(), Error> {
        let position = self.position(name, "update").map_err(|error| match error {
            // AWS does not get over an index to warm that is not there.
            Error::ResourceNotFound(_) if change.warm.is_some() => Error::InternalFailure,
            other => other,
        })?;
        if self.table.indexes[position].status == Status::Updating {
            return Err(in_use(format!(
                "Index is being updated. Table: {} Index: {name}",
                self.definition.name
            )));
        }
        if change == IndexChange::default() && self.definition.billing_mode == BillingMode::PayPerRequest {
            return Err(only_limits(name));
        }
        if change == IndexChange::default() {
            // What AWS says here is not known; the words are those of its other required choices.
            return Err(Error::invalid_parameter(format!(
                "One of ProvisionedThroughput, OnDemandThroughput, WarmThroughput must be specified for index: {name}"
            )));
        }
        if let Some(new) = change.throughput {
            self.provision_index(position, name, new, now)?;
        }
        if let Some(maximum) = change.on_demand {
            self.limit_index(position, name, maximum)?;
        }
        let Some(asked) = change.warm else { return Ok(()) };
        let current = self.table.indexes[position].definition.warm_throughput(self.definition.billing_mode);
        let raised = current.raised(asked, &format!("index {name}"))?;
        if let Some(index) = self.index_mut(name).filter(|_| raised != current) {
            index.warm = Some(raised);
        }
        Ok(())
    }

    fn provision_index(
        &mut self,
        position: usize,
        name: &str,
        new: Throughput,
        now: SystemTime,
    ) -> Result<(), Error> {
        if self.definition.billing_mode == BillingMode::PayPerRequest {
            return Err(only_limits(name));
        }
        let index = &mut self.table.indexes[position];
        let old = index.definition.throughput;
        if old == new {
            return Err(Error::validation(format!(
                "The provisioned throughput for the index {name} will not change. The requested value equals the \
                 current value. Current ReadCapacityUnits provisioned for index {name}: {0}. Requested \
                 ReadCapacityUnits: {0}. Current WriteCapacityUnits provisioned for index {name}: {1}. Requested \
                 WriteCapacityUnits: {1}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to \
                 request higher limits.",
                old.read, old.write
            )));
        }
        index.status = Status::Updating;
        if self.table.definition.billing_mode == BillingMode::Provisioned {
            index.change_throughput(old, new, now)?;
        }
        if let Some(index) = self.index_mut(name) {
            index.throughput = new;
        }
        Ok(())
    }

    /// A maximum holds at once, though the index is shown as changing.
    fn limit_index(&mut self, position: usize, name: &str, maximum: OnDemandThroughput) -> Result<(), Error> {
        check_on_demand(maximum, Some(name), self.definition.billing_mode, -1)?;
        let index = &mut self.table.indexes[position];
        index.status = Status::Updating;
        let limited = maximum.over(index.definition.on_demand);
        Arc::make_mut(&mut index.definition).on_demand = limited;
        if let Some(index) = self.index_mut(name) {
            index.on_demand = limited;
        }
        Ok(())
    }

    /// The index as it is when the change is finished.
    fn index_mut(&mut self, name: &str) -> Option<&mut IndexDefinition> {
        self.definition.indexes.iter_mut().find(|index| *index.name == *name)
    }

    fn position(&self, name: &str, verb: &str) -> Result<usize, Error> {
        let found = self.table.indexes.iter().position(|index| *index.definition.name == *name);
        let position = found.ok_or_else(|| not_found(name, &self.definition.name))?;
        match self.table.indexes[position].definition.kind {
            IndexKind::Global => Ok(position),
            IndexKind::Local => Err(Error::validation(format!(
                "Cannot {verb} an index that is not a GlobalSecondaryIndex: {name}"
            ))),
        }
    }

    /// The attributes that only a deleted index had go with it.
    pub(super) fn keep_used_definitions(&mut self) {
        let TableDefinition { attribute_definitions, key_schema, indexes, vector_indexes, .. } =
            &mut self.definition;
        attribute_definitions.retain(|attribute| {
            key_schema.contains(&attribute.name)
                || indexes.iter().any(|index| index.key_schema.contains(&attribute.name))
                || vector_indexes.iter().any(|index| index.element(&attribute.name).is_some())
        });
    }
}

impl Table {
    /// # Errors
    /// [`Error::ResourceInUse`] for a change that an index which comes or goes stands in the way of.
    pub(super) fn check_indexes_are_free(&self, input: &UpdateTableInput) -> Result<(), Error> {
        let name = &self.definition.name;
        for (status, what) in [(Status::Creating, "creation"), (Status::Deleting, "deletion")] {
            let indexes: Vec<&str> = self
                .indexes
                .iter()
                .filter(|index| index.status == status && self.status == Status::Updating)
                .map(|index| &*index.definition.name)
                .collect();
            let Some(first) = indexes.first() else { continue };
            let listed = indexes.join(", ");
            if input.on_demand.is_some() {
                return Err(in_use(format!(
                    "OnDemandThroughput cannot be updated while index {what} is in progress for indexes: [{listed}]"
                )));
            }
            let concerns = |update: &&IndexUpdate| indexes.contains(&update.name());
            let concerned = input.index_updates.iter().find(concerns);
            let changes_capacity = input.throughput.is_some()
                || input.billing_mode.is_some_and(|it| it != self.definition.billing_mode);
            match (status, concerned) {
                (Status::Creating, Some(IndexUpdate::Delete(index))) => {
                    return Err(in_use(format!(
                        "Index creation is in resource allocation phase. Retry deletion during backfilling phase or \
                         when the index is active. Table: {name} Index: {index}"
                    )));
                }
                (Status::Creating, _) if input.stream.is_some() => {
                    return Err(in_use(format!(
                        "Can't change stream status when an index is being created. Table: {name} Index: {first}"
                    )));
                }
                (Status::Deleting, Some(IndexUpdate::Update(index, _))) => {
                    return Err(in_use(format!("Index is being deleted. Table: {name} Index: {index}")));
                }
                (Status::Deleting, _) if changes_capacity => {
                    return Err(in_use(format!(
                        "Can't change table IOPS when an index is being deleted. Table: {name} Indexes: [{listed}]"
                    )));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

fn only_limits(index: &str) -> Error {
    Error::invalid_parameter(format!(
        "The only Updates for index: {index} when TableThroughputMode is PAY_PER_REQUEST can be to OnDemandThroughput, \
         WarmThroughput"
    ))
}

/// What more than one index that comes or goes is answered.
pub(super) fn one_at_a_time() -> Error {
    Error::limit_exceeded(
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table",
    )
}

pub(super) fn not_found(index: &str, table: &str) -> Error {
    Error::ResourceNotFound(format!("Requested resource not found: Index {index} for table {table}"))
}

pub(super) fn in_use(detail: String) -> Error {
    Error::ResourceInUse(format!("Attempt to change a resource which is still in use: {detail}"))
}
