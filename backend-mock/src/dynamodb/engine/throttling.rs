//! Throttling: what tables and global indexes can be asked a second, and what has been asked of them.
//!
//! Where capacity is enforced, each table and each global index has a bucket of read units and one of write units. Every
//! second fills in what is provisioned, up to what five minutes bring; a request takes out what it cost. It is let in
//! while anything is left, and may leave a debt: so an item of more units than a second brings is written in the end, and
//! in the long run no more is used than was provisioned. A new table begins with one second's worth, having left nothing
//! unused yet.
//!
//! Source: developer guide, "Burst and adaptive capacity" and "Diagnosing throttling". Partitions have no limits of their
//! own here, and an account has none.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use imbl::OrdMap;

use super::Engine;
use super::capacity::{Capacity, Units};
use super::error::Error;
use super::index::Index;
use super::table::{Change, Table};
use super::table_definition::{BillingMode, IndexKind};
use super::write::Write;

/// How much of what was not used is kept.
const BURST: Duration = Duration::from_secs(300);
const NANOSECONDS_A_SECOND: i128 = 1_000_000_000;

/// The two ways in which capacity is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Access {
    Read,
    Write,
}

/// What sets the limit that was exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Limit {
    Provisioned,
    OnDemandMaximum,
}

/// The refusal of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Throttled {
    limit: Limit,
    access: Access,
    is_index: bool,
    /// The ARN of the table or the index.
    pub(crate) resource: String,
}

impl Throttled {
    /// The code of the error, and of a statement in a batch without its ending.
    pub(crate) fn code(&self) -> &'static str {
        match self.limit {
            Limit::Provisioned => "ProvisionedThroughputExceededException",
            Limit::OnDemandMaximum => "ThrottlingException",
        }
    }

    /// The code where it is the reason of one part of a transaction, or of a batch of statements.
    pub(crate) fn reason_code(&self) -> &'static str {
        match self.limit {
            Limit::Provisioned => "ProvisionedThroughputExceeded",
            Limit::OnDemandMaximum => "ThrottlingError",
        }
    }

    /// What is throttled, for what, and by which limit, in one word: `TableReadProvisionedThroughputExceeded`.
    pub(crate) fn reason(&self) -> String {
        let resource = if self.is_index { "Index" } else { "Table" };
        let limit = match self.limit {
            Limit::Provisioned => "ProvisionedThroughputExceeded",
            Limit::OnDemandMaximum => "MaxOnDemandThroughputExceeded",
        };
        format!("{resource}{:?}{limit}", self.access)
    }

    pub(crate) fn message(&self) -> &'static str {
        match (self.limit, self.is_index) {
            (Limit::Provisioned, false) => {
                "The level of configured provisioned throughput for the table was exceeded. Consider increasing your \
                 provisioning level with the UpdateTable API."
            }
            (Limit::Provisioned, true) => {
                "The level of configured provisioned throughput for one or more global secondary indexes of the table \
                 was exceeded. Consider increasing your provisioning level for the under-provisioned global secondary \
                 indexes with the UpdateTable API"
            }
            (Limit::OnDemandMaximum, _) => {
                "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
            }
        }
    }
}

/// The buckets of one engine. A clone shares them until one of the two changes.
#[derive(Clone, Debug)]
pub(crate) struct Throttling {
    /// What comes before the name in a table's ARN.
    arn_prefix: Arc<str>,
    buckets: OrdMap<Place, Bucket>,
}

/// Whose bucket it is. Tables are told apart by their id, for a name may come again.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    table: Arc<str>,
    index: Option<Arc<str>>,
    access: Access,
}

/// What was left at a time, in billionths of half units; below zero it is a debt.
#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: i128,
    at: SystemTime,
}

impl Bucket {
    fn new(rate: i64, at: SystemTime) -> Self {
        Self { level: halves(rate) * NANOSECONDS_A_SECOND, at }
    }

    /// What is left at `now`, at so many units a second since the last time.
    fn filled(self, rate: i64, now: SystemTime) -> Self {
        let passed = now.duration_since(self.at).unwrap_or_default().min(BURST + BURST);
        let nanoseconds = i128::try_from(passed.as_nanos()).unwrap_or(i128::MAX >> 64);
        let most = halves(rate) * i128::from(BURST.as_secs()) * NANOSECONDS_A_SECOND;
        Self { level: (self.level + halves(rate) * nanoseconds).min(most), at: self.at.max(now) }
    }
}

fn halves(units: i64) -> i128 {
    i128::from(units) * 2
}

impl Throttling {
    fn new(arn_prefix: String) -> Self {
        Self { arn_prefix: arn_prefix.into(), buckets: OrdMap::new() }
    }

    fn bucket(&self, place: &Place, rate: i64, now: SystemTime) -> Bucket {
        self.buckets.get(place).map_or_else(|| Bucket::new(rate, now), |bucket| bucket.filled(rate, now))
    }

    /// # Errors
    /// [`Error::Throttled`] when nothing is left of the table's capacity, or of the global index's. A local index uses
    /// its table's.
    pub(super) fn check(
        &self,
        table: &Table,
        index: Option<&Index>,
        access: Access,
        now: SystemTime,
    ) -> Result<(), Error> {
        let index = index.filter(|index| index.definition.kind == IndexKind::Global);
        let Some((limit, rate)) = rate(table, index, access) else { return Ok(()) };
        let place = Place::of(table, index, access);
        if self.bucket(&place, rate, now).level > 0 {
            return Ok(());
        }
        let mut resource = format!("{}{}", self.arn_prefix, table.definition.name);
        if let Some(index) = &place.index {
            resource = format!("{resource}/index/{index}");
        }
        Err(Error::Throttled(Throttled { limit, access, is_index: place.index.is_some(), resource }))
    }

    /// # Errors
    /// [`Error::Throttled`] when nothing is left for a write of the table, or of a global index that the change has to
    /// be written to.
    pub(super) fn check_change(&self, table: &Table, change: &Change, now: SystemTime) -> Result<(), Error> {
        self.check(table, None, Access::Write, now)?;
        let cost = table.cost(change);
        let written = table.indexes.iter().filter(|index| cost.indexes.contains_key(&index.definition.name));
        written.into_iter().try_for_each(|index| self.check(table, Some(index), Access::Write, now))
    }

    /// Takes out what a request used.
    pub(super) fn charge(&mut self, table: &Table, used: &Capacity, access: Access, now: SystemTime) {
        let mut of_table = used.table;
        for (name, (kind, units)) in &used.indexes {
            match kind {
                IndexKind::Local => of_table += *units,
                IndexKind::Global => {
                    let index = table.indexes.iter().find(|index| index.definition.name == *name);
                    self.take(table, index, access, *units, now);
                }
            }
        }
        self.take(table, None, access, of_table, now);
    }

    fn take(&mut self, table: &Table, index: Option<&Index>, access: Access, units: Units, now: SystemTime) {
        let Some((_, rate)) = rate(table, index, access) else { return };
        let place = Place::of(table, index, access);
        let mut bucket = self.bucket(&place, rate, now);
        bucket.level -= units.halves() * NANOSECONDS_A_SECOND;
        self.buckets.insert(place, bucket);
    }

    /// Brings all buckets of a table to a time, before and after what it brings a second changes.
    pub(super) fn fill(&mut self, table: &Table, now: SystemTime) {
        let sources = table.indexes.iter().map(Some).chain([None]);
        for index in sources.filter(|index| index.is_none_or(|it| it.definition.kind == IndexKind::Global)) {
            for access in [Access::Read, Access::Write] {
                match rate(table, index, access) {
                    Some(_) => self.take(table, index, access, Units::default(), now),
                    None => drop(self.buckets.remove(&Place::of(table, index, access))),
                }
            }
        }
    }
}

impl Place {
    fn of(table: &Table, index: Option<&Index>, access: Access) -> Self {
        let index = index.map(|index| index.definition.name.clone());
        Self { table: table.id.clone(), index, access }
    }
}

/// The units that a second brings, where they are limited.
fn rate(table: &Table, index: Option<&Index>, access: Access) -> Option<(Limit, i64)> {
    match table.definition.billing_mode {
        BillingMode::Provisioned => {
            let throughput = index.map_or(table.definition.throughput, |index| index.definition.throughput);
            let units = match access {
                Access::Read => throughput.read,
                Access::Write => throughput.write,
            };
            Some((Limit::Provisioned, units))
        }
        BillingMode::PayPerRequest => {
            let maximum = index.map_or(table.settings.on_demand, |index| index.definition.on_demand)?;
            let units = match access {
                Access::Read => maximum.read,
                Access::Write => maximum.write,
            };
            Some((Limit::OnDemandMaximum, units?))
        }
    }
}

impl Engine {
    /// From now on, tables and global indexes answer no more than their capacity allows.
    pub(crate) fn enforce_capacity(&mut self) {
        self.throttling = Some(Throttling::new(self.table_arn("")));
    }

    /// # Errors
    /// [`Error::Throttled`] when nothing is left for a read.
    pub(super) fn check_read(&self, table: &Table, index: Option<&Index>) -> Result<(), Error> {
        match &self.throttling {
            None => Ok(()),
            Some(throttling) => throttling.check(table, index, Access::Read, self.now),
        }
    }

    /// # Errors
    /// [`Error::Throttled`] when nothing is left for a write. What else is wrong with it is not said here; a condition
    /// that does not hold costs what writing the item would.
    pub(super) fn check_write(&mut self, table_name: &str, write: &Write) -> Result<(), Error> {
        let Some(mut throttling) = self.throttling.take() else { return Ok(()) };
        let result = self.check_write_with(&mut throttling, table_name, write);
        self.throttling = Some(throttling);
        result
    }

    fn check_write_with(
        &self,
        throttling: &mut Throttling,
        table_name: &str,
        write: &Write,
    ) -> Result<(), Error> {
        let table = self.table(table_name)?;
        let Ok(key) = write.target(table) else { return Ok(()) };
        throttling.check(table, None, Access::Write, self.now)?;
        match write.change(table, key.clone()) {
            Ok(change) => throttling.check_change(table, &change, self.now),
            Err(Error::ConditionalCheckFailed(_)) => {
                throttling.charge(table, &table.cost_of_failure(&key), Access::Write, self.now);
                Ok(())
            }
            Err(_) => Ok(()),
        }
    }

    /// Takes what a request used from the table, if there still is one.
    pub(crate) fn charge(&mut self, table_name: &str, used: &Capacity, access: Access) {
        let Some(mut throttling) = self.throttling.take() else { return };
        if let Ok(table) = self.table(table_name) {
            throttling.charge(table, used, access, self.now);
        }
        self.throttling = Some(throttling);
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    fn left(bucket: Bucket, rate: i64, seconds: u64) -> i128 {
        bucket.filled(rate, UNIX_EPOCH + Duration::from_secs(seconds)).level / (2 * NANOSECONDS_A_SECOND)
    }

    #[test]
    fn a_bucket_fills_by_the_second_and_keeps_five_minutes() {
        let bucket = Bucket::new(5, UNIX_EPOCH);
        assert_eq!(left(bucket, 5, 0), 5);
        assert_eq!(left(bucket, 5, 10), 55);
        assert_eq!(left(bucket, 5, 299), 1_500);
        assert_eq!(left(bucket, 5, 1_000_000), 1_500);
        assert_eq!(left(bucket, 1_000_000_000_000, 1_000_000), 300_000_000_000_000);
    }

    #[test]
    fn a_debt_is_paid_before_anything_is_left() {
        let bucket = Bucket { level: -10 * 2 * NANOSECONDS_A_SECOND, at: UNIX_EPOCH };
        assert_eq!(left(bucket, 5, 2), 0);
        assert_eq!(left(bucket, 5, 3), 5);
    }

    #[test]
    fn a_clock_that_is_set_back_brings_nothing() {
        let later = UNIX_EPOCH + Duration::from_secs(100);
        let bucket = Bucket::new(5, later).filled(5, UNIX_EPOCH);
        assert_eq!(bucket.at, later);
        assert_eq!(left(bucket, 5, 100), 5);
    }
}
