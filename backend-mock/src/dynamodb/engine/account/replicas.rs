//! Replicas of a table that come, change and go: what UpdateTable does of `ReplicaUpdates`.
//!
//! A new replica begins as a clone of its source, items and indexes included, in a region of its own. No region comes
//! before the others: any of them adds, changes and deletes replicas, but for the one that a replica has lately been
//! copied from, which cannot go before it.
//!
//! Source: developer guide, "How DynamoDB global tables work"; the order of checks and the words are those that AWS
//! answers.

use std::sync::Arc;
use std::time::SystemTime;

use super::super::error::Error;
use super::super::global_table::{GlobalTable, Replica};
use super::super::index::Index;
use super::super::stream::StreamViewType;
use super::super::table::Table;
use super::super::table_definition::{BillingMode, IndexKind, TableDefinition};
use super::super::table_settings::{OnDemandThroughput, Settings};
use super::super::table_status::{Aspect, Status, Transition};
use super::super::update_table::{IndexChange, IndexUpdate, UpdateTableInput, check_on_demand};
use super::super::vector_index::VectorIndex;
use super::Account;
use crate::context::RegionName;
use crate::seed::IdSource;

/// The alias of the key that AWS manages for DynamoDB.
const MANAGED_KEY: &str = "alias/aws/dynamodb";

/// What becomes of one replica. That it is not of the region asked is checked already.
#[derive(Clone, Debug)]
pub(crate) enum ReplicaUpdate {
    Create(ReplicaInput),
    Update(ReplicaInput),
    Delete(RegionName),
}

/// What a replica is to have of its own.
#[derive(Clone, Debug)]
pub(crate) struct ReplicaInput {
    pub(crate) region: RegionName,
    pub(crate) kms_key_id: Option<String>,
    pub(crate) table_class: Option<String>,
    /// Whether read capacity is asked for, which tables that are paid for by request do not have.
    pub(crate) has_provisioned_read: bool,
    pub(crate) on_demand_read: Option<i64>,
    /// The most that global indexes may be asked a second, by their names.
    pub(crate) index_reads: Vec<(String, i64)>,
}

impl Account {
    /// The table as the answer shows it: what becomes of the replica is not there yet.
    ///
    /// # Errors
    /// [`Error::Validation`], [`Error::ResourceInUse`], [`Error::ResourceNotFound`], and `LimitExceededException`.
    pub(crate) fn update_replica(
        &mut self,
        region: &RegionName,
        table_name: &str,
        update: ReplicaUpdate,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        let table = self.region(region).describe_table(table_name)?;
        let name = table.definition.name.clone();
        let known = table.global.as_deref().map_or_else(|| GlobalTable::new(None), GlobalTable::clone);
        match update {
            ReplicaUpdate::Create(input) => self.create_replica(region, &table, input, now, ids)?,
            ReplicaUpdate::Update(input) => self.change_replica(region, &table, &input, now)?,
            ReplicaUpdate::Delete(target) => self.delete_replica(region, &table, &target, now)?,
        }
        let mut shown = self.region(region).describe_table(&name)?;
        shown.global = Some(Box::new(known));
        Ok(shown)
    }

    fn create_replica(
        &mut self,
        region: &RegionName,
        table: &Table,
        input: ReplicaInput,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<(), Error> {
        let name = &table.definition.name;
        self.pass_time(&input.region, now);
        if self.table_in(&input.region, name).is_some() {
            return Err(Error::validation(format!(
                "Failed to create a the new replica of table with name: ‘{name}’ because one or more replicas already \
                 existed as tables."
            )));
        }
        check_not_being_added(region, table)?;
        check_not_in_use(table)?;
        if table.definition.billing_mode == BillingMode::Provisioned {
            // Scaling is what another service does, and here none of its targets is ever there.
            return Err(Error::validation(
                "Table write capacity should either be Pay-Per-Request or AutoScaled.",
            ));
        }
        let kms_key_arn = self.key_of_replica(region, table, &input)?;
        check_read_maximum(input.on_demand_read, table)?;
        self.region(region).check_room_for_change()?;
        self.region(&input.region).check_room_for_table()?;

        let mut members = self.members(region, name);
        // Of tables of one moment, a copy is the younger.
        members.sort_by_key(|member| {
            let table = self.table_in(member, name)?;
            Some((table.created, table.global.as_ref().is_some_and(|global| global.source.is_some())))
        });
        let view_type = match &table.stream {
            Some(stream) => stream.view_type,
            None => {
                self.region(region).enable_stream(name, StreamViewType::NewAndOldImages)?;
                StreamViewType::NewAndOldImages
            }
        };
        let mut global = GlobalTable::new(Some(region.clone()));
        let known = |member: &RegionName| Some(Replica::of(member, self.table_in(member, name)?));
        global.replicas = members.iter().filter_map(known).collect();
        let replica = copy(table, &input, kms_key_arn, global, ids.uuid(), now);
        let shown = Replica::of(&input.region, &replica);

        let engine = self.region(&input.region);
        let definition = replica.definition.clone();
        engine.tables.insert(name.clone(), replica);
        engine.global.insert(name.clone());
        engine.expiring.insert(name.clone());
        engine.enable_stream(name, view_type)?;
        let due = engine.due(now);
        engine.begin(
            name,
            Status::Creating,
            Transition { due, aspect: Aspect::Table, definition, warm: None },
        );
        for member in members {
            let engine = self.region(&member);
            let known = engine.tables.get(name).and_then(|table| table.global.as_deref().cloned());
            let mut global = known.unwrap_or_else(|| GlobalTable::new(None));
            global.replicas.push(shown.clone());
            engine.set_global(name, Some(global));
            engine.hold(name, now);
        }
        Ok(())
    }

    fn change_replica(
        &mut self,
        region: &RegionName,
        table: &Table,
        input: &ReplicaInput,
        now: SystemTime,
    ) -> Result<(), Error> {
        check_is_replica(table, &input.region)?;
        check_not_being_added(region, table)?;
        check_not_in_use(table)?;
        if input.kms_key_id.is_some() {
            return Err(key_of_each());
        }
        if input.has_provisioned_read {
            return Err(Error::validation(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST",
            ));
        }
        let maximum = |read| OnDemandThroughput { read: Some(read), write: None };
        let index_update = |(index, read): &(String, i64)| {
            let change = IndexChange { on_demand: Some(maximum(*read)), ..IndexChange::default() };
            IndexUpdate::Update(index.clone(), change)
        };
        let update = UpdateTableInput {
            table_class: input.table_class.clone(),
            on_demand: input.on_demand_read.map(maximum),
            index_updates: input.index_reads.iter().map(index_update).collect(),
            ..UpdateTableInput::of(&table.definition.name)
        };
        let updated = self.region(&input.region).update_table(update, now);
        updated.map_err(|error| in_region(error, &input.region))?;
        self.hold_members(region, &table.definition.name, now);
        Ok(())
    }

    fn delete_replica(
        &mut self,
        region: &RegionName,
        table: &Table,
        target: &RegionName,
        now: SystemTime,
    ) -> Result<(), Error> {
        check_is_replica(table, target)?;
        if table.status == Status::Deleting {
            return Err(in_use());
        }
        self.check_may_go(target, &table.definition.name, now, || match table.status {
            Status::Active => Ok(()),
            _ => Err(in_use()),
        })?;
        self.remove_member(target, &table.definition.name, now)?;
        self.hold_members(region, &table.definition.name, now);
        Ok(())
    }

    /// DeleteTable, in any region.
    ///
    /// # Errors
    /// Those of [`Engine::delete_table`](super::super::Engine::delete_table), and [`Error::Validation`] while a replica
    /// that was copied from the table within a day is there.
    pub(crate) fn delete_table(
        &mut self,
        region: &RegionName,
        table_name: &str,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let table = self.region(region).describe_table(table_name)?;
        let name = &table.definition.name;
        if table.global.is_none() || table.status == Status::Deleting {
            return self.region(region).delete_table(name, now);
        }
        if table.status == Status::Creating {
            return Err(Error::ResourceInUse(format!(
                "Attempt to change a resource which is still in use: Table: {name} is being used."
            )));
        }
        self.check_may_go(region, name, now, || table.check_not_in_use())?;
        let members = self.members(region, name);
        let mut shown = self.remove_member(region, name, now)?;
        shown.global = table.global;
        for member in members {
            self.region(&member).hold(name, now);
        }
        Ok(shown)
    }

    /// # Errors
    /// When the table of a region has to stay, or, after the first of the reasons for that, when `is_free` says so.
    fn check_may_go(
        &mut self,
        region: &RegionName,
        name: &str,
        now: SystemTime,
        is_free: impl FnOnce() -> Result<(), Error>,
    ) -> Result<(), Error> {
        let Some(table) = self.table_in(region, name) else { return Ok(()) };
        if table.global.as_ref().is_some_and(|global| global.has_lately_copied(region, now)) {
            return Err(Error::validation(
                "Replica cannot be deleted because it has acted as a source region for new replica(s) being added to \
                 the table in the last 24 hours.",
            ));
        }
        is_free()?;
        if table.definition.deletion_protection {
            return Err(Error::validation(format!(
                "Cannot delete table {name} in region {region} because it has deletion protection enabled. Disable \
                 deletion protection first."
            )));
        }
        Ok(())
    }

    fn remove_member(
        &mut self,
        region: &RegionName,
        name: &Arc<str>,
        now: SystemTime,
    ) -> Result<Table, Error> {
        self.deliver_all_of(name, now);
        self.region(region).delete_table(name, now)
    }

    /// Every region of the table changes until a change that begins now is due.
    pub(super) fn hold_members(&mut self, region: &RegionName, name: &Arc<str>, now: SystemTime) {
        for member in self.members(region, name) {
            self.region(&member).hold(name, now);
        }
    }

    /// The key that encrypts a new replica: of the same kind as its source's, and in its own region.
    fn key_of_replica(
        &mut self,
        region: &RegionName,
        table: &Table,
        input: &ReplicaInput,
    ) -> Result<Option<Arc<str>>, Error> {
        let of_source = &table.settings.kms_key_arn;
        let is_managed = *of_source == Some(self.region(region).managed_key());
        let target = self.region(&input.region);
        match (of_source, input.kms_key_id.as_deref()) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err(key_of_each()),
            (Some(_), None | Some(MANAGED_KEY)) if is_managed => Ok(Some(target.managed_key())),
            (Some(_), None) => Err(key_of_each()),
            (Some(_), Some(key)) if is_managed || key == MANAGED_KEY => Err(Error::invalid_parameter(
                "All replica keys must either be Customer Managed CMK or AWS Managed CMK.",
            )),
            (Some(_), Some(arn)) if arn.starts_with("arn:") => match arn.split(':').nth(3) {
                Some(named) if named != input.region.as_str() => Err(Error::validation(format!(
                    "KMS validation error for region {}: com.amazonaws.services.kms.model.NotFoundException: Invalid \
                     arn {named}",
                    input.region
                ))),
                _ => Ok(Some(arn.into())),
            },
            (Some(_), Some(alias)) if alias.starts_with("alias/") => Err(Error::validation(format!(
                "KMS validation error for region {}: com.amazonaws.services.kms.model.NotFoundException: Alias {} is \
                 not found.",
                input.region,
                target.arn("kms", alias)
            ))),
            (Some(_), Some(id)) => Ok(Some(target.arn("kms", &format!("key/{id}")).into())),
        }
    }
}

/// The table of a new replica: the same items, and of the settings those that replicas share.
fn copy(
    table: &Table,
    input: &ReplicaInput,
    kms_key_arn: Option<Arc<str>>,
    global: GlobalTable,
    id: String,
    now: SystemTime,
) -> Table {
    let mut definition = TableDefinition::clone(&table.definition);
    definition.deletion_protection = false;
    definition.table_class = input.table_class.clone().or(definition.table_class);
    let of_table = &table.settings;
    let maximum = |read| OnDemandThroughput { read, write: None };
    let settings = Settings {
        kms_key_arn,
        on_demand: maximum(input.on_demand_read).over(of_table.on_demand),
        warm: of_table.warm,
        on_demand_since: Some(now),
        time_to_live: of_table.time_to_live.clone(),
        ..Settings::default()
    };
    // A name that no index has is ignored, as AWS ignores it.
    for (name, read) in &input.index_reads {
        let named = |index: &&mut super::super::table_definition::IndexDefinition| {
            index.kind == IndexKind::Global && *index.name == **name
        };
        if let Some(index) = definition.indexes.iter_mut().find(named) {
            index.on_demand = maximum(Some(*read)).over(index.on_demand);
        }
    }
    let index = |index: &Index| {
        let defined = definition.indexes.iter().find(|defined| defined.name == index.definition.name);
        Index {
            definition: defined.map_or_else(|| index.definition.clone(), |defined| Arc::new(defined.clone())),
            status: Status::Creating,
            settings: Arc::default(),
            ..index.clone()
        }
    };
    Table {
        id: id.into(),
        created: now,
        indexes: table.indexes.iter().map(index).collect(),
        vector_indexes: table.vector_indexes.iter().map(VectorIndex::of_new_table).collect(),
        definition: Arc::new(definition),
        settings: settings.into(),
        status: Status::Creating,
        stream: None,
        latest_stream: None,
        transition: None,
        global: Some(Box::new(global)),
        ..table.clone()
    }
}

fn check_is_replica(table: &Table, region: &RegionName) -> Result<(), Error> {
    match table.global.as_ref().and_then(|global| global.replica(region)) {
        Some(_) => Ok(()),
        None => Err(Error::validation(format!(
            "Update global table operation failed because one or more replicas were not part of the global table. \
             Please retry the request without these replicas: [{region}]."
        ))),
    }
}

/// A replica that is not there yet has no say.
fn check_not_being_added(region: &RegionName, table: &Table) -> Result<(), Error> {
    if table.global.is_none() || table.status != Status::Creating {
        return Ok(());
    }
    Err(Error::validation(format!(
        "Create/Update/Delete of replica is not allowed while the replica is being added to table with name: {} in \
         region {region}",
        table.definition.name
    )))
}

/// As [`Table::check_not_in_use`], in the words for tables with replicas.
pub(super) fn check_not_in_use(table: &Table) -> Result<(), Error> {
    match (table.status, &table.global) {
        (Status::Active, _) => Ok(()),
        (_, Some(_)) => Err(in_use()),
        (_, None) => table.check_not_in_use(),
    }
}

fn in_use() -> Error {
    Error::ResourceInUse("The resource which you are attempting to change is in use.".to_owned())
}

pub(super) fn key_of_each() -> Error {
    Error::invalid_parameter("KMSMasterKeyId must be specified for each replica.")
}

fn check_read_maximum(read: Option<i64>, table: &Table) -> Result<(), Error> {
    check_on_demand(OnDemandThroughput { read, write: None }, None, table.definition.billing_mode, -1)
}

/// A limit that a change meets in another region, in the words for that.
pub(super) fn in_region(error: Error, region: &RegionName) -> Error {
    match error {
        Error::Modeled { code: code @ "LimitExceededException", message } => {
            let detail = message.trim_start_matches("Subscriber limit exceeded: ").trim_end_matches('.');
            Error::Modeled { code, message: format!("Limit exceeded for replica in {region}. {detail}") }
        }
        other => other,
    }
}
