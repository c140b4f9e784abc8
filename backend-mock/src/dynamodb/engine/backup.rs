//! Backups and points in time. Tables lie in persistent maps, so keeping one as it was costs the same whatever it
//! holds, and so does bringing it back.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Engine;
use super::error::Error;
use super::table::Table;
use super::table_definition::{BillingMode, TableDefinition, Throughput};
use super::table_settings::{Settings, written};
use super::table_status::{Aspect, Status, Transition};
use super::vector_definition::{VectorIndexInput, check_billing_mode};
use super::vector_index::VectorIndex;
use crate::seed::IdSource;

/// A table as it was.
#[derive(Clone, Debug)]
pub(crate) struct Backup {
    pub(crate) arn: Arc<str>,
    pub(crate) name: String,
    pub(crate) created: SystemTime,
    /// When it goes by itself: of a backup that the service made, and nobody can delete.
    pub(crate) expires: Option<SystemTime>,
    pub(crate) table: Table,
}

/// For how long a table with point-in-time recovery is kept after it is deleted.
const DELETED_IS_KEPT: Duration = Duration::from_secs(35 * 86_400);

/// Point-in-time recovery, while it is enabled.
#[derive(Clone, Debug)]
pub(crate) struct Recovery {
    pub(crate) since: SystemTime,
    pub(crate) period_days: i64,
    /// The table after every second in which it changed, oldest first.
    points: Vec<(SystemTime, Arc<Table>)>,
    /// Up to when the table is known to be as it is now.
    pub(crate) latest: SystemTime,
}

/// Where a table was restored from.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Restored {
    pub(crate) backup_arn: Option<Arc<str>>,
    pub(crate) source_arn: Arc<str>,
    pub(crate) to: SystemTime,
    pub(crate) in_progress: bool,
}

/// What a restored table is to be, where it differs from its source.
#[derive(Clone, Debug, Default)]
pub(crate) struct RestoreOverride {
    pub(crate) billing_mode: Option<BillingMode>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) kms_key_arn: Option<Arc<str>>,
    /// Those of the source's vector indexes that come along, where not all do.
    pub(crate) vector_indexes: Option<Vec<VectorIndexInput>>,
}

impl Backup {
    fn is_over(&self, now: SystemTime) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }
}

impl Recovery {
    pub(crate) fn earliest(&self) -> SystemTime {
        let period = Duration::from_secs(self.period_days.unsigned_abs() * 86_400);
        self.latest.checked_sub(period).map_or(self.since, |start| start.max(self.since))
    }

    /// The table as it was at a time.
    pub(super) fn table_at(&self, at: SystemTime) -> Option<&Arc<Table>> {
        self.points_until(at).last().map(|(_, table)| table)
    }

    /// The points after `from`, up to `to`.
    pub(super) fn points_between(&self, from: SystemTime, to: SystemTime) -> &[(SystemTime, Arc<Table>)] {
        let before = self.points_until(from).len();
        self.points_until(to).get(before..).unwrap_or_default()
    }

    fn points_until(&self, at: SystemTime) -> &[(SystemTime, Arc<Table>)] {
        let points = self.points.partition_point(|(time, _)| *time <= at);
        self.points.get(..points).unwrap_or_default()
    }
}

impl Engine {
    pub(crate) fn create_backup(
        &mut self,
        table_name: &str,
        name: String,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Backup, Error> {
        let table = self.backed_up(table_name)?.clone();
        let suffix = ids.alphanumeric(8).to_ascii_lowercase();
        let arn = self.backup_arn(&table, &suffix, now);
        let backup = Backup { arn: arn.clone(), name, created: now, expires: None, table };
        self.backups.insert(arn, backup.clone());
        Ok(backup)
    }

    /// Keeps a table that is about to be deleted, if it could be restored to a point in time.
    pub(super) fn keep_deleted(&mut self, table: &Table, now: SystemTime) {
        if table.settings.recovery.is_none() {
            return;
        }
        let suffix: String = table.id.chars().filter(char::is_ascii_alphanumeric).take(8).collect();
        let arn = self.backup_arn(table, &suffix, now);
        let backup = Backup {
            arn: arn.clone(),
            name: format!("{}$DeletedTableBackup", table.definition.name),
            created: now,
            expires: Some(now + DELETED_IS_KEPT),
            table: table.without_history(),
        };
        self.backups.insert(arn, backup);
    }

    fn backup_arn(&self, table: &Table, suffix: &str, now: SystemTime) -> Arc<str> {
        let millis = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        format!("{}/backup/{millis:014}-{suffix}", self.table_arn(&table.definition.name)).into()
    }

    pub(crate) fn describe_backup(&self, arn: &str) -> Result<Backup, Error> {
        if !arn.starts_with("arn:") || !arn.contains("/backup/") {
            return Err(Error::validation("Invalid Backup ARN"));
        }
        let backup = self.backups.get(arn).filter(|backup| !backup.is_over(self.now));
        backup.cloned().ok_or_else(|| Error::Modeled {
            code: "BackupNotFoundException",
            message: format!("Backup not found: {arn}"),
        })
    }

    /// The backups in order of their ARNs, those of one table when it is named.
    pub(crate) fn backups(&self, table_name: Option<&str>) -> impl Iterator<Item = &Backup> {
        let table_name = table_name.map(|name| self.table_name(name).to_owned());
        self.backups.values().filter(move |backup| {
            !backup.is_over(self.now)
                && table_name.as_ref().is_none_or(|name| *backup.table.definition.name == **name)
        })
    }

    pub(crate) fn delete_backup(&mut self, arn: &str) -> Result<Backup, Error> {
        let backup = self.describe_backup(arn)?;
        if let Some(expires) = backup.expires {
            return Err(Error::validation(format!(
                "Invalid Request: User is not allowed to delete the system backup with arn {arn}. It will automatically \
                 expire on {}",
                written(expires)
            )));
        }
        self.backups.remove(arn);
        Ok(backup)
    }

    pub(crate) fn restore_from_backup(
        &mut self,
        target: &str,
        arn: &str,
        overrides: RestoreOverride,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        let backup = self.describe_backup(arn)?;
        let restored = Restored {
            backup_arn: Some(backup.arn.clone()),
            source_arn: self.table_arn(&backup.table.definition.name).into(),
            to: backup.created,
            in_progress: true,
        };
        self.restore(target, &backup.table, restored, overrides, now, ids)
    }

    /// Restores `source` as it was at `to`, or as it is when that is `None`.
    pub(crate) fn restore_to_point_in_time(
        &mut self,
        source: &str,
        target: &str,
        to: Option<SystemTime>,
        overrides: RestoreOverride,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        let table = self.backed_up(source)?;
        let Some(recovery) = &table.settings.recovery else {
            return Err(Error::Modeled {
                code: "PointInTimeRecoveryUnavailableException",
                message: format!(
                    "Point in time recovery is not enabled for table '{}'",
                    table.definition.name
                ),
            });
        };
        let at = to.unwrap_or(recovery.latest);
        if at < recovery.earliest() || at > recovery.latest {
            return Err(Error::Modeled {
                code: "InvalidRestoreTimeException",
                message: "RestoreDateTime must be between EarliestRestorableDateTime and \
                          LatestRestorableDateTime"
                    .to_owned(),
            });
        }
        let then = recovery.table_at(at).map_or_else(|| table.clone(), |table| Table::clone(table));
        let restored = Restored {
            backup_arn: None,
            source_arn: self.table_arn(&table.definition.name).into(),
            to: at,
            in_progress: true,
        };
        self.restore(target, &then, restored, overrides, now, ids)
    }

    pub(crate) fn continuous_backups(&self, table_name: &str) -> Result<Option<&Recovery>, Error> {
        Ok(self.backed_up(table_name)?.settings.recovery.as_ref())
    }

    /// Enables point-in-time recovery over so many days, or disables it with `None`.
    pub(crate) fn update_continuous_backups(
        &mut self,
        table_name: &str,
        period_days: Option<i64>,
        now: SystemTime,
    ) -> Result<(), Error> {
        let name = self.backed_up(table_name)?.definition.name.clone();
        let Some(table) = self.tables.get_mut(&name) else { return Ok(()) };
        let as_it_is = Arc::new(table.without_history());
        let settings = Arc::make_mut(&mut table.settings);
        match (period_days, &mut settings.recovery) {
            (Some(days), Some(recovery)) => recovery.period_days = days,
            (Some(period_days), recovery) => {
                *recovery =
                    Some(Recovery { since: now, period_days, points: vec![(now, as_it_is)], latest: now });
                self.recoverable.insert(name);
            }
            (None, recovery) => {
                *recovery = None;
                self.recoverable.remove(&name);
            }
        }
        Ok(())
    }

    /// Before a request at `now`: whatever the requests before it have written is a point to restore to, at their time.
    pub(super) fn keep_restorable_points(&mut self, now: SystemTime) {
        for name in &self.recoverable {
            let Some(table) = self.tables.get_mut(name) else { continue };
            let writes = table.writes;
            let as_it_is = match &table.settings.recovery {
                Some(recovery) if recovery.points.last().is_none_or(|(_, last)| last.writes != writes) => {
                    Some(Arc::new(table.without_history()))
                }
                Some(_) => None,
                None => continue,
            };
            let Some(recovery) = &mut Arc::make_mut(&mut table.settings).recovery else { continue };
            if let Some(as_it_is) = as_it_is {
                let second = |time: SystemTime| time.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
                let is_same_second = |(time, _): &(SystemTime, _)| {
                    second(*time) == second(recovery.latest) && *time != recovery.since
                };
                if recovery.points.last().is_some_and(is_same_second) {
                    recovery.points.pop();
                }
                recovery.points.push((recovery.latest, as_it_is));
            }
            recovery.latest = recovery.latest.max(now);
            let earliest = recovery.earliest();
            let gone = recovery.points.partition_point(|(time, _)| *time <= earliest).saturating_sub(1);
            recovery.points.drain(..gone);
        }
    }

    /// The table of an operation on backups, which has an error of its own.
    fn backed_up(&self, name: &str) -> Result<&Table, Error> {
        let name = self.table_name(name);
        let table = self.tables.get(name).filter(|table| table.status != Status::Deleting);
        let table = table.ok_or_else(|| Error::Modeled {
            code: "TableNotFoundException",
            message: format!("Table not found: {name}"),
        })?;
        if table.status == Status::Creating {
            return Err(Error::Modeled {
                code: "ContinuousBackupsUnavailableException",
                message: format!("Backups are being enabled for the table: {name}. Please retry later"),
            });
        }
        Ok(table)
    }

    fn restore(
        &mut self,
        target: &str,
        source: &Table,
        restored: Restored,
        overrides: RestoreOverride,
        now: SystemTime,
        ids: &mut IdSource,
    ) -> Result<Table, Error> {
        if self.tables.contains_key(target) {
            return Err(Error::Modeled {
                code: "TableAlreadyExistsException",
                message: format!("Table already exists: {target}"),
            });
        }
        let mut definition = TableDefinition::clone(&source.definition);
        definition.name = target.into();
        definition.deletion_protection = false;
        overrides.apply(&mut definition)?;
        self.check_room_for_table()?;
        self.check_provisioned(&definition, None)?;
        let name = definition.name.clone();
        let definition = Arc::new(definition);
        let mut table = source.clone();
        table.id = ids.uuid().into();
        table.created = now;
        table.status = Status::Creating;
        (table.stream, table.latest_stream, table.ttl, table.global) = (None, None, None, None);
        for index in &mut table.indexes {
            index.status = Status::Creating;
        }
        table
            .indexes
            .retain(|index| definition.indexes.iter().any(|kept| kept.name == index.definition.name));
        table
            .vector_indexes
            .retain(|index| definition.vector_indexes.iter().any(|kept| kept.name == index.definition.name));
        table.vector_indexes = table.vector_indexes.iter().map(VectorIndex::of_new_table).collect();
        table.count_bytes();
        table.definition = definition.clone();
        let on_demand_since = (definition.billing_mode == BillingMode::PayPerRequest).then_some(now);
        let kms_key_arn = overrides.kms_key_arn.or_else(|| source.settings.kms_key_arn.clone());
        table.settings =
            Settings { on_demand_since, kms_key_arn, restored: Some(restored), ..Settings::default() }.into();
        self.tables.insert(name.clone(), table.clone());
        let due = self.due(now);
        self.begin(
            &name,
            Status::Creating,
            Transition { due, aspect: Aspect::Table, definition, warm: None },
        );
        Ok(table)
    }
}

impl RestoreOverride {
    fn apply(&self, definition: &mut TableDefinition) -> Result<(), Error> {
        let refused = |message: &str| Err(Error::validation(format!("Invalid Request: {message}")));
        match (self.billing_mode, self.throughput) {
            (Some(BillingMode::PayPerRequest), Some(_)) => {
                return refused(
                    "Cannot override ProvisionedThroughput if BillingMode is overridden to PAY_PER_REQUEST",
                );
            }
            (Some(BillingMode::PayPerRequest), None) => {
                definition.billing_mode = BillingMode::PayPerRequest;
                definition.throughput = Throughput::default();
                for index in &mut definition.indexes {
                    index.throughput = Throughput::default();
                }
            }
            (Some(BillingMode::Provisioned), None) => {
                return refused(
                    "Must override ProvisionedThroughput if BillingMode is overridden to PROVISIONED",
                );
            }
            (None, Some(_)) if definition.billing_mode == BillingMode::PayPerRequest => {
                return refused("Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED");
            }
            (_, Some(throughput)) => {
                definition.billing_mode = BillingMode::Provisioned;
                definition.throughput = throughput;
            }
            (None, None) => {}
        }
        if let Some(wanted) = &self.vector_indexes {
            let mut kept = Vec::new();
            for input in wanted {
                let defined = input.define(&definition.attribute_definitions)?;
                let known = definition.vector_indexes.iter().find(|known| ***known == defined);
                let Some(known) = known else {
                    // What AWS says here is not known; it documents that the indexes must match.
                    return refused(&format!(
                        "VectorIndexOverride {} does not match a vector index of the source table",
                        input.name
                    ));
                };
                kept.push(Arc::clone(known));
            }
            definition.vector_indexes = kept;
        }
        if !definition.vector_indexes.is_empty() {
            check_billing_mode(definition.billing_mode)?;
        }
        Ok(())
    }
}

impl Table {
    /// The table as it is, without the points that it can be restored to: they would hold one another.
    fn without_history(&self) -> Self {
        let mut table = self.clone();
        Arc::make_mut(&mut table.settings).recovery = None;
        table
    }
}
