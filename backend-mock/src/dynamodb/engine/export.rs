//! Exports: what of a table an export holds, and the times that it can be of.
//!
//! Point-in-time recovery keeps the table after every second in which it changed. A full export is one of those tables,
//! and an incremental one the difference between two of them.
//!
//! Source: developer guide, "DynamoDB data export to Amazon S3"; the order of checks and the words are those that AWS
//! answers.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use imbl::OrdMap;
use imbl::ordmap::DiffItem;

use super::Engine;
use super::backup::Recovery;
use super::error::Error;
use super::item::{Attributes, Item};
use super::key_schema::ItemKey;
use super::table::Table;
use super::table_definition::{BillingMode, TableDefinition};

const SHORTEST: Duration = Duration::from_secs(15 * 60);
const LONGEST: Duration = Duration::from_secs(24 * 3_600);
/// The partitions that a table paid for by request begins with.
const ON_DEMAND_PARTITIONS: u64 = 4;
/// What one partition serves a second.
const READS_A_PARTITION: u64 = 3_000;
const WRITES_A_PARTITION: u64 = 1_000;

/// What an export left behind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Exported {
    /// The key of the summary of its files.
    pub(crate) manifest: String,
    pub(crate) items: usize,
    pub(crate) billed_bytes: u64,
}

/// What an export writes.
#[derive(Clone, Debug)]
pub(crate) enum Contents {
    Items(OrdMap<ItemKey, Arc<Item>>),
    Changes { changes: Arc<[(ItemKey, ItemChange)]>, old_images: bool },
}

/// An export that is not finished: its files are written when it is.
#[derive(Clone, Debug)]
pub(crate) struct Unfinished {
    pub(crate) arn: Arc<str>,
    pub(crate) due: SystemTime,
    pub(crate) contents: Contents,
    /// The names of the files with items or changes.
    pub(crate) names: Vec<String>,
    pub(crate) destination: Destination,
}

/// Where the files of an export go.
#[derive(Clone, Debug)]
pub(crate) struct Destination {
    pub(crate) bucket: String,
    /// The account that has to own the bucket, where the request says so.
    pub(crate) expected_owner: Option<String>,
    pub(crate) prefix: Option<String>,
    pub(crate) encryption: Encryption,
}

/// How the files are encrypted at rest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Encryption {
    S3,
    /// With a KMS key: the one named, or the account's own for S3.
    Kms(Option<String>),
}

/// An item that was written between two times.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ItemChange {
    pub(crate) keys: Attributes,
    /// When it was last written.
    pub(crate) written: SystemTime,
    pub(crate) old: Option<Arc<Item>>,
    pub(crate) new: Option<Arc<Item>>,
}

impl Engine {
    /// An export whose time has come, taken from those that are not finished.
    pub(crate) fn take_due_export(&mut self, now: SystemTime) -> Option<Unfinished> {
        let due = self.unfinished_exports.iter().position(|export| export.due <= now)?;
        Some(self.unfinished_exports.remove(due))
    }

    /// The table of an export, whose ARN the request gives.
    pub(crate) fn exported_table(&self, arn: &str) -> Result<&Table, Error> {
        let not_found =
            || Error::Modeled { code: "TableNotFoundException", message: format!("Table not found: {arn}") };
        let mut parts = arn.splitn(6, ':').skip(4);
        let (Some(account), Some(resource)) = (parts.next(), parts.next()) else {
            return Err(Error::invalid_parameter("tableArn is not a valid ARN"));
        };
        if account != self.account_id.as_str() {
            return Err(Error::Modeled {
                code: "AccessDeniedException",
                message: "Access is denied".to_owned(),
            });
        }
        if resource.strip_prefix("table/").is_none_or(|name| name.contains('/')) {
            return Err(Error::validation("Invalid Request: Table ARN is invalid."));
        }
        let name = self.table_name(arn);
        self.tables.get(name).filter(|table| table.holds_items()).ok_or_else(not_found)
    }
}

impl Table {
    fn recovery(&self) -> Result<&Recovery, Error> {
        self.settings.recovery.as_ref().ok_or_else(|| Error::Modeled {
            code: "PointInTimeRecoveryUnavailableException",
            message: format!("Point in time recovery is not enabled for table '{}'", self.definition.name),
        })
    }

    /// The items of a full export.
    ///
    /// # Errors
    /// `PointInTimeRecoveryUnavailableException`, `InvalidExportTimeException`.
    pub(crate) fn items_at(
        &self,
        at: SystemTime,
        now: SystemTime,
    ) -> Result<&OrdMap<ItemKey, Arc<Item>>, Error> {
        let recovery = self.recovery()?;
        if at > now || at < self.created {
            return Err(invalid_time("Export Time is invalid"));
        }
        self.then(recovery, at)
    }

    /// What an incremental export holds, in the order of keys. An item that came and went in between is told by its
    /// key.
    ///
    /// # Errors
    /// `InvalidExportTimeException`, `PointInTimeRecoveryUnavailableException`.
    pub(crate) fn changes_between(
        &self,
        from: SystemTime,
        to: SystemTime,
    ) -> Result<Vec<(ItemKey, ItemChange)>, Error> {
        let recovery = self.recovery()?;
        let (before, after) = (self.then(recovery, from)?, self.then(recovery, to)?);
        let mut written: BTreeMap<&ItemKey, (SystemTime, &Arc<Item>)> = BTreeMap::new();
        let mut last = before;
        for (time, table) in recovery.points_between(from, to) {
            for difference in last.diff(&table.items) {
                let (key, item) = match difference {
                    DiffItem::Add(key, item)
                    | DiffItem::Update { new: (key, item), .. }
                    | DiffItem::Remove(key, item) => (key, item),
                };
                written.insert(key, (*time, item));
            }
            last = &table.items;
        }
        let schema = &self.definition.key_schema;
        let change = |(key, (written, item)): (&ItemKey, (SystemTime, &Arc<Item>))| {
            let keys = item.restricted_to(|name| schema.contains(name)).attributes();
            let (old, new) = (before.get(key).cloned(), after.get(key).cloned());
            (key.clone(), ItemChange { keys, written, old, new })
        };
        Ok(written.into_iter().map(change).collect())
    }

    fn then<'t>(
        &'t self,
        recovery: &'t Recovery,
        at: SystemTime,
    ) -> Result<&'t OrdMap<ItemKey, Arc<Item>>, Error> {
        if at < recovery.earliest() {
            return Err(invalid_time("Point in Time Recovery is not available for specified export time"));
        }
        Ok(recovery.table_at(at).map_or(&self.items, |table| &table.items))
    }

    /// Refuses a time that an incremental export cannot be of, before anything is known about recovery.
    ///
    /// # Errors
    /// `InvalidExportTimeException`.
    pub(crate) fn check_window(
        &self,
        from: SystemTime,
        to: SystemTime,
        now: SystemTime,
        shown: impl Fn(SystemTime) -> String,
    ) -> Result<(), Error> {
        if from < self.created {
            return Err(invalid_time(&format!(
                "Incremental export period from time cannot be less than the table creation time : {}",
                shown(from)
            )));
        }
        if to > now {
            return Err(invalid_time(&format!(
                "Incremental export period to time cannot be greater than the current time : {}",
                shown(to)
            )));
        }
        let length = to.duration_since(from).unwrap_or_default();
        let difference = "Difference between export period from time and export period to time is";
        if length < SHORTEST {
            return Err(invalid_time(&format!("{difference} less than 15 minutes")));
        }
        if length > LONGEST {
            return Err(invalid_time(&format!("{difference} greater than 24 hours")));
        }
        Ok(())
    }
}

impl TableDefinition {
    /// How many partitions the table has, each of which is exported to a file of its own.
    pub(crate) fn partitions(&self) -> u64 {
        if self.billing_mode == BillingMode::PayPerRequest {
            return ON_DEMAND_PARTITIONS;
        }
        let of = |units: i64, each: u64| units.unsigned_abs() as f64 / each as f64;
        let needed =
            of(self.throughput.read, READS_A_PARTITION) + of(self.throughput.write, WRITES_A_PARTITION);
        (needed.ceil() as u64).max(1)
    }
}

impl ItemKey {
    /// Which of so many partitions of equal shares of the hash space the item is in.
    pub(crate) fn partition_of(&self, partitions: u64) -> u64 {
        let hash = u128::from(self.partition.hash());
        ((hash * u128::from(partitions)) >> u64::BITS) as u64
    }
}

fn invalid_time(message: &str) -> Error {
    Error::Modeled { code: "InvalidExportTimeException", message: message.to_owned() }
}
