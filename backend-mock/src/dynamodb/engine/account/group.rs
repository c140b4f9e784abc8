//! What a global table has in common: changes that are made in one region and hold in all of them.
//!
//! Billing mode, global indexes, encryption, table class, throughput and time to live are shared. Deletion protection,
//! tags, point-in-time recovery, policies, insights and streams in Kinesis are each region's own.
//!
//! Source: developer guide, "How DynamoDB global tables work", on settings; the words are those that AWS answers.

use std::sync::Arc;
use std::time::SystemTime;

use super::super::error::Error;
use super::super::table::Table;
use super::super::table_definition::BillingMode;
use super::super::table_status::Status;
use super::super::time_to_live::TimeToLiveSpecification;
use super::super::update_table::{EncryptionUpdate, StreamUpdate, UpdateTableInput};
use super::Account;
use super::replicas::{check_not_in_use, in_region, key_of_each};
use crate::context::RegionName;

impl Account {
    /// UpdateTable without replica updates: in every region that has the table, or in none.
    ///
    /// # Errors
    /// Those of [`Engine::update_table`](super::super::Engine::update_table), in any of the regions.
    pub(crate) fn update_table(
        &mut self,
        region: &RegionName,
        input: UpdateTableInput,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let table = self.region(region).describe_table(&input.table_name)?;
        if table.global.is_none() {
            return self.region(region).update_table(input, now);
        }
        let before = self.clone();
        let updated = self.update_global_table(region, &table, input, now);
        if updated.is_err() {
            *self = before;
        }
        updated
    }

    fn update_global_table(
        &mut self,
        region: &RegionName,
        table: &Table,
        input: UpdateTableInput,
        now: SystemTime,
    ) -> Result<Table, Error> {
        let name = table.definition.name.clone();
        if table.status == Status::Creating {
            return Err(Error::named_table_not_found(&name));
        }
        if input.stream == Some(StreamUpdate::Disable) {
            return Err(Error::invalid_parameter(
                "Disabling Stream is not allowed for a Global Table replica.",
            ));
        }
        check_not_in_use(table)?;
        if input.billing_mode == Some(BillingMode::Provisioned) && input.throughput.is_some() {
            return Err(Error::validation(
                "Table write capacity should either be Pay-Per-Request or AutoScaled.",
            ));
        }
        let is_protection = input.deletion_protection.is_some();
        let others = self.inputs_of_others(region, table, &input)?;
        self.region(region).update_table(input, now)?;
        for (other, input) in others {
            self.region(&other).update_table(input, now).map_err(|error| in_region(error, &other))?;
        }
        if is_protection {
            self.hold_members(region, &name, now);
        }
        self.region(region).describe_table(&name)
    }

    /// What a change in one region is in each of the others.
    fn inputs_of_others(
        &mut self,
        region: &RegionName,
        table: &Table,
        input: &UpdateTableInput,
    ) -> Result<Vec<(RegionName, UpdateTableInput)>, Error> {
        let members = self.members(region, &table.definition.name);
        let is_managed = |account: &mut Self, member: &RegionName| {
            let managed = account.region(member).managed_key();
            let key = account.table_in(member, &table.definition.name)?.settings.kms_key_arn.clone()?;
            Some(key == managed)
        };
        let own_key = match &input.encryption {
            Some(EncryptionUpdate::Enable { key_arn, .. }) => *key_arn != self.region(region).managed_key(),
            _ => false,
        };
        if own_key && members.iter().any(|member| is_managed(self, member) != Some(false)) {
            return Err(key_of_each());
        }
        let mut inputs = Vec::new();
        for member in members.into_iter().skip(1) {
            let Some(other) = self.table_in(&member, &table.definition.name).cloned() else { continue };
            if matches!(other.status, Status::Creating | Status::Deleting) {
                continue;
            }
            let managed = self.region(&member).managed_key();
            let encryption = match &input.encryption {
                Some(EncryptionUpdate::Enable { .. }) if own_key => None,
                Some(EncryptionUpdate::Enable { .. }) => {
                    Some(EncryptionUpdate::Enable { key_arn: managed, is_by_arn: false })
                }
                other => other.clone(),
            };
            let read = |table: &Table| table.settings.on_demand.and_then(|maximum| maximum.read);
            let on_demand = input.on_demand.map(|mut maximum| {
                // A maximum of its own stays.
                if read(&other) != read(table) {
                    maximum.read = None;
                }
                maximum
            });
            let warm = input.warm.map(|(read, write)| {
                let has = other.warm_throughput();
                (read.map(|units| units.max(has.read)), write.map(|units| units.max(has.write)))
            });
            let adapted = UpdateTableInput {
                encryption,
                on_demand,
                warm,
                deletion_protection: None,
                stream: None,
                ..input.clone()
            };
            if adapted.changes_something() {
                inputs.push((member, adapted));
            }
        }
        Ok(inputs)
    }

    /// UpdateTimeToLive, in every region that has the table.
    ///
    /// # Errors
    /// Those of [`Engine::update_time_to_live`](super::super::Engine::update_time_to_live).
    pub(crate) fn update_time_to_live(
        &mut self,
        region: &RegionName,
        table_name: &str,
        specification: &TimeToLiveSpecification,
        now: SystemTime,
    ) -> Result<(), Error> {
        self.region(region).update_time_to_live(table_name, specification, now)?;
        let table = self.region(region).describe_table(table_name)?;
        let name = &table.definition.name;
        for member in self.members(region, name).into_iter().skip(1) {
            let engine = self.region(&member);
            if let Some(other) = engine.tables.get_mut(name) {
                Arc::make_mut(&mut other.settings).time_to_live = table.settings.time_to_live.clone();
            }
            engine.expire_by(name, table.settings.time_to_live.attribute.clone());
        }
        Ok(())
    }
}
