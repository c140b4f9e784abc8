//! Operations on tables: create, describe, list and delete.

use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::stream::StreamViewType;
use super::table::Table;
use super::table_definition::{BillingMode, CreateTableInput};
use super::table_settings::Settings;
use super::table_status::{Aspect, Status, Transition};
use crate::seed::IdSource;

/// A page of ListTables.
#[derive(Debug, PartialEq)]
pub(crate) struct TableNames {
    pub(crate) names: Vec<String>,
    /// Where the next page starts, if there is one.
    pub(crate) last_evaluated: Option<String>,
}

impl Engine {
    pub(crate) fn create_table(
        &mut self,
        input: CreateTableInput,
        mut settings: Settings,
        stream: Option<StreamViewType>,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        let mut definition = input.define()?;
        definition.attribute_definitions.sort_by(|one, other| one.name.cmp(&other.name));
        if self.tables.contains_key(&*definition.name) {
            return Err(Error::ResourceInUse(format!("Table already exists: {}", definition.name)));
        }
        self.check_room_for_table()?;
        self.check_provisioned(&definition, None)?;
        settings.on_demand.map_or(Ok(()), |maximum| self.check_on_demand_quota(maximum))?;
        settings.warm.map_or(Ok(()), |warm| self.check_warm_quota(warm))?;
        settings.on_demand_since = (definition.billing_mode == BillingMode::PayPerRequest).then_some(now);
        let mut table = Table::new(definition, settings, ids.uuid(), now);
        for index in &mut table.indexes {
            index.status = Status::Creating;
        }
        let (name, definition) = (table.definition.name.clone(), table.definition.clone());
        self.tables.insert(name.clone(), table.clone());
        let due = self.due(now);
        self.begin(
            &name,
            Status::Creating,
            Transition { due, aspect: Aspect::Table, definition, warm: None },
        );
        if let Some(view_type) = stream {
            self.enable_stream(&name, view_type)?;
            let stream = self.describe_table(&name)?;
            (table.stream, table.latest_stream) = (stream.stream, stream.latest_stream);
        }
        Ok(table)
    }

    /// Takes back a table that has just been created, as if it never had been.
    pub(crate) fn withdraw_table(&mut self, name: &str) {
        self.tables.remove(name);
        self.unsettled.remove(name);
    }

    pub(crate) fn describe_table(&self, name: &str) -> Result<Table, Error> {
        let name = self.table_name(name);
        self.tables.get(name).cloned().ok_or_else(|| Error::named_table_not_found(name))
    }

    /// Names in order, after `start`, at most `limit` of them.
    pub(crate) fn list_tables(&self, start: Option<&str>, limit: usize) -> TableNames {
        let after = |name: &str| start.is_none_or(|start| name > start);
        let mut names = self.tables.keys().filter(|name| after(name)).map(|name| name.to_string());
        let page: Vec<String> = names.by_ref().take(limit).collect();
        let last_evaluated = names.next().and_then(|_| page.last().cloned());
        TableNames { names: page, last_evaluated }
    }

    pub(crate) fn delete_table(&mut self, name: &str, now: SystemTime) -> Result<Table, Error> {
        let table = self.describe_table(name)?;
        let is_whole = matches!(table.status, Status::Active | Status::Updating);
        let changes = table.indexes.iter().any(|index| index.status != Status::Active)
            || table.vector_indexes.iter().any(|index| index.phase.is_online());
        if is_whole && changes {
            return Err(Error::ResourceInUse(
                "Attempt to change a resource which is still in use: Cannot delete table while indexes are being \
                 created, updated, or deleted."
                    .to_owned(),
            ));
        }
        table.check_not_in_use()?;
        if table.definition.deletion_protection {
            return Err(Error::validation(
                "Resource cannot be deleted as it is currently protected against deletion. Disable deletion \
                 protection first.",
            ));
        }
        self.check_room_for_change()?;
        if table.stream.is_some() {
            self.disable_stream(&table.definition.name)?;
        }
        self.keep_deleted(&table, now);
        let (name, definition) = (table.definition.name.clone(), table.definition.clone());
        let due = self.due(now);
        self.begin(
            &name,
            Status::Deleting,
            Transition { due, aspect: Aspect::Table, definition, warm: None },
        );
        self.describe_table(&name)
    }
}
