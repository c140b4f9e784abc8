//! Quotas: how much an account and a table may have, and how often a table may be changed.
//!
//! They are those of a new account; nothing raises them here. All of them are found out after everything else about a
//! request, and answer `LimitExceededException`.
//!
//! Source: developer guide, "Quotas in Amazon DynamoDB", and DescribeLimits; the words are those that AWS answers.

use std::time::{Duration, SystemTime};

use super::Engine;
use super::error::Error;
use super::limit;
use super::table_definition::{BillingMode, IndexKind, TableDefinition, Throughput};
use super::table_settings::{OnDemandThroughput, UnitsPerSecond, written};

const REFERENCE: &str =
    "Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.";
const READ: &str = "ReadCapacityUnits";
const WRITE: &str = "WriteCapacityUnits";

impl Engine {
    /// # Errors
    /// When the account has as many tables as it may have, or as many that are changing.
    pub(super) fn check_room_for_table(&self) -> Result<(), Error> {
        if self.tables.len() >= limit::TABLES {
            let tables = limit::TABLES;
            return Err(subscriber(format!("There is a limit of {tables} tables per subscriber")));
        }
        self.check_room_for_change()
    }

    /// # Errors
    /// When as many tables are changing as may at one time.
    pub(super) fn check_room_for_change(&self) -> Result<(), Error> {
        if self.unsettled.len() < limit::CHANGING_TABLES {
            return Ok(());
        }
        let tables = limit::CHANGING_TABLES;
        Err(subscriber(format!("Only {tables} tables can be created, updated, or deleted simultaneously")))
    }

    /// # Errors
    /// When the definition has more provisioned capacity than a table or an index may have, or more than the account
    /// has left beside `current`, which it takes the place of.
    pub(super) fn check_provisioned(
        &self,
        definition: &TableDefinition,
        current: Option<&TableDefinition>,
    ) -> Result<(), Error> {
        let region = self.region();
        let before = current.map(reserved).unwrap_or_default();
        let of_index = |name: &str| {
            let index = current?.indexes.iter().find(|index| &*index.name == name)?;
            Some(index.throughput)
        };
        let table = (None, definition.throughput, current.map(|current| current.throughput));
        let indexes = definition
            .indexes
            .iter()
            .map(|index| (Some(&index.name), index.throughput, of_index(&index.name)));
        for (index, asked, had) in std::iter::once(table).chain(indexes) {
            let had = had.unwrap_or_default();
            for (member, asked, had) in [(READ, asked.read, had.read), (WRITE, asked.write, had.write)] {
                if asked <= limit::TABLE_UNITS || asked <= had {
                    continue;
                }
                let (of_index, kind) = match index {
                    None => (String::new(), "table"),
                    Some(name) => (format!(" for index {name}"), "index"),
                };
                return Err(Error::limit_exceeded(format!(
                    "The requested {member}{of_index}, {asked}, is above the per {kind} maximum for the account in \
                     {region}. Per {kind} maximum: {}. {REFERENCE}",
                    limit::TABLE_UNITS
                )));
            }
        }
        let after = reserved(definition);
        let mut account = Throughput::default();
        for table in self.tables.values() {
            add(&mut account, reserved(&table.definition));
        }
        for (member, account, before, after) in
            [(READ, account.read, before.read, after.read), (WRITE, account.write, before.write, after.write)]
        {
            if after > before && account - before + after > limit::ACCOUNT_UNITS {
                return Err(Error::limit_exceeded(format!(
                    "This request would have caused the {member} limit to be exceeded for the account in {region}. \
                     Current {member} reserved by the account: {account}. Limit: {}. Requested: {}. {REFERENCE}",
                    limit::ACCOUNT_UNITS,
                    after - before
                )));
            }
        }
        Ok(())
    }

    /// # Errors
    /// When a maximum is above what a table of the account may be asked.
    pub(super) fn check_on_demand_quota(&self, maximum: OnDemandThroughput) -> Result<(), Error> {
        self.check_table_maximum([
            ("MaxReadRequestUnits for OnDemandThroughput", maximum.read, READ),
            ("MaxWriteRequestUnits for OnDemandThroughput", maximum.write, WRITE),
        ])
    }

    /// # Errors
    /// When the warm throughput is above what a table of the account may be asked.
    pub(super) fn check_warm_quota(&self, warm: UnitsPerSecond) -> Result<(), Error> {
        self.check_table_maximum([
            ("ReadUnitsPerSecond for WarmThroughput", Some(warm.read), READ),
            ("WriteUnitsPerSecond for WarmThroughput", Some(warm.write), WRITE),
        ])
    }

    fn check_table_maximum(&self, members: [(&str, Option<i64>, &str); 2]) -> Result<(), Error> {
        let exceeding =
            members.into_iter().find(|(_, units, _)| units.is_some_and(|it| it > limit::TABLE_UNITS));
        let Some((member, _, quota)) = exceeding else { return Ok(()) };
        Err(subscriber(format!(
            "Requested {member} for table exceeds TableMax{quota} of the account in region {}",
            self.region()
        )))
    }
}

/// When something was changed that may be changed so often only.
#[derive(Clone, Debug, Default)]
pub(crate) struct Changes(Vec<SystemTime>);

impl Changes {
    const CLASSES: usize = 2;
    const CLASS_WINDOW: Duration = Duration::from_secs(30 * 86_400);
    const ENCRYPTIONS: usize = 4;
    const ENCRYPTION_WINDOW: Duration = Duration::from_secs(86_400);
    const ENCRYPTION_PAUSE: Duration = Duration::from_secs(21_600);

    pub(crate) fn last(&self) -> Option<SystemTime> {
        self.0.last().copied()
    }

    pub(super) fn note(&mut self, now: SystemTime) {
        self.0.push(now);
    }

    /// # Errors
    /// When the class of the table has been changed twice in 30 days.
    pub(super) fn check_class(&self, now: SystemTime) -> Result<(), Error> {
        if self.0.iter().filter(|time| **time + Self::CLASS_WINDOW > now).count() < Self::CLASSES {
            return Ok(());
        }
        Err(subscriber("Updates to TableClass are limited to 2 times in 30 day(s).".to_owned()))
    }

    /// # Errors
    /// When the encryption has been changed four times in the 24 hours that begin with a first change, and once in the
    /// last six hours of them.
    pub(super) fn check_encryption(&mut self, now: SystemTime) -> Result<(), Error> {
        let Some(end) = self.0.first().map(|first| *first + Self::ENCRYPTION_WINDOW) else { return Ok(()) };
        if end <= now {
            self.0.clear();
        }
        match self.last() {
            Some(last) if self.0.len() >= Self::ENCRYPTIONS && last + Self::ENCRYPTION_PAUSE > now => {
                Err(subscriber(format!(
                    "Encryption mode changes are limited in the 24h window ending at {}. After the first {} change, \
                     each subsequent change in the same window can be performed at most once every {} seconds. Number \
                     of updates today: {}. Last change at {}. Next changes can be made at {}.",
                    written(end),
                    Self::ENCRYPTIONS,
                    Self::ENCRYPTION_PAUSE.as_secs(),
                    self.0.len(),
                    written(last),
                    written(last + Self::ENCRYPTION_PAUSE)
                )))
            }
            _ => Ok(()),
        }
    }
}

fn subscriber(detail: String) -> Error {
    Error::limit_exceeded(format!("Subscriber limit exceeded: {detail}"))
}

/// What a table and its global indexes have together.
fn reserved(definition: &TableDefinition) -> Throughput {
    let mut units = Throughput::default();
    if definition.billing_mode == BillingMode::Provisioned {
        add(&mut units, definition.throughput);
        let global = definition.indexes.iter().filter(|index| index.kind == IndexKind::Global);
        global.for_each(|index| add(&mut units, index.throughput));
    }
    units
}

fn add(sum: &mut Throughput, units: Throughput) {
    sum.read = sum.read.saturating_add(units.read);
    sum.write = sum.write.saturating_add(units.write);
}
