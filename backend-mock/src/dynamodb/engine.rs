//! The engine: DynamoDB's documented behaviour as a state machine.
//!
//! Input in, output or [`Error`] out. The engine knows no HTTP and no JSON, and has neither a clock nor ids of its own:
//! both are passed in. One engine is what one account sees in one region. All that grows lies in persistent maps, so
//! a clone costs the same whatever the tables hold, and a write after it copies O(log n).

pub(crate) mod account;
pub(crate) mod attribute_value;
pub(crate) mod backup;
pub(crate) mod batch;
pub(crate) mod capacity;
mod contributor_insights;
pub(crate) mod error;
pub(crate) mod export;
pub(crate) mod expression;
pub(crate) mod global_table;
pub(crate) mod import;
pub(crate) mod index;
pub(crate) mod item;
pub(crate) mod item_collection;
pub(crate) mod java_order;
pub(crate) mod job;
pub(crate) mod key_schema;
pub(crate) mod kinesis_destination;
pub(crate) mod limit;
#[cfg(test)]
mod model_tests;
pub(crate) mod number;
mod ongoing;
pub(crate) mod packed;
mod page;
pub(crate) mod partiql;
mod partition_hash;
pub(crate) mod query;
pub(crate) mod quota;
mod resource_policy;
pub(crate) mod scan;
pub(crate) mod search;
pub(crate) mod shard;
pub(crate) mod single_item;
pub(crate) mod stream;
pub(crate) mod streams;
pub(crate) mod table;
pub(crate) mod table_definition;
pub(crate) mod table_settings;
pub(crate) mod table_status;
mod tables;
pub(crate) mod tag;
pub(crate) mod throttling;
pub(crate) mod time_to_live;
pub(crate) mod transaction;
pub(crate) mod ttl;
mod update_application;
mod update_charge;
pub(crate) mod update_table;
pub(crate) mod vector;
pub(crate) mod vector_definition;
pub(crate) mod vector_index;
pub(crate) mod write;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imbl::{OrdMap, OrdSet, Vector};

use super::object_store::{NoBuckets, ObjectStore};
use crate::context::{AccountId, RegionName};
use backup::Backup;
use error::Error;
use export::{Exported, Unfinished};
use expression::Texts;
use import::Imported;
use job::Jobs;
use ongoing::Ongoing;
use stream::Stream;
use table::Table;
use table_status::Status;
use throttling::Throttling;
use transaction::IdempotencyTokens;

/// What an engine is told before it begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct EngineOptions {
    /// How long changes of tables take.
    pub(crate) status_delay: Duration,
    /// How long transactions that write take.
    pub(crate) transaction_delay: Duration,
    /// Whether capacity is enforced.
    pub(crate) throttles: bool,
    /// How long writes to global tables take to other regions.
    pub(crate) replication_delay: Duration,
}

/// The tables of one account in one region.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    account_id: AccountId,
    region: RegionName,
    tables: OrdMap<Arc<str>, Table>,
    /// By ARN.
    backups: OrdMap<Arc<str>, Backup>,
    /// How long changes of tables take.
    status_delay: Duration,
    /// Tables with a change that is not finished.
    unsettled: BTreeSet<Arc<str>>,
    /// Tables with point-in-time recovery.
    recoverable: BTreeSet<Arc<str>>,
    /// Tables with replicas.
    global: BTreeSet<Arc<str>>,
    tokens: IdempotencyTokens,
    ongoing: Ongoing,
    /// Where capacity is enforced, what is left of it.
    throttling: Option<Throttling>,
    /// The time that was passed in last.
    now: SystemTime,
    /// Streams that were disabled, or whose tables were deleted, in that order.
    retired_streams: Vector<Stream>,
    /// The tables whose items may expire.
    expiring: OrdSet<Arc<str>>,
    pub(crate) exports: Jobs<Exported>,
    pub(crate) unfinished_exports: Vector<Unfinished>,
    pub(crate) imports: Jobs<Imported>,
    /// The buckets of the cloud.
    store: Arc<dyn ObjectStore>,
    /// The expressions read so far. A clone shares them, for a text says the same to both.
    texts: Arc<Texts>,
}

impl Engine {
    pub(crate) fn new(account_id: AccountId, region: RegionName) -> Self {
        Self {
            account_id,
            region,
            tables: OrdMap::new(),
            backups: OrdMap::new(),
            status_delay: Duration::ZERO,
            unsettled: BTreeSet::new(),
            recoverable: BTreeSet::new(),
            global: BTreeSet::new(),
            tokens: IdempotencyTokens::default(),
            ongoing: Ongoing::default(),
            throttling: None,
            now: UNIX_EPOCH,
            retired_streams: Vector::new(),
            expiring: OrdSet::new(),
            exports: Jobs::new(),
            unfinished_exports: Vector::new(),
            imports: Jobs::new(),
            store: Arc::new(NoBuckets),
            texts: Arc::default(),
        }
    }

    /// The engine, told what is different about it.
    pub(crate) fn with(mut self, options: EngineOptions) -> Self {
        self.set_status_delay(options.status_delay);
        self.set_transaction_delay(options.transaction_delay);
        if options.throttles {
            self.enforce_capacity();
        }
        self
    }

    /// The engine, with these buckets to export to and to import from.
    pub(crate) fn reaching(self, store: Arc<dyn ObjectStore>) -> Self {
        Self { store, ..self }
    }

    pub(crate) fn store(&self) -> Arc<dyn ObjectStore> {
        Arc::clone(&self.store)
    }

    /// The name in a table's ARN, if it is of this account and region; any other text is a name itself.
    pub(crate) fn table_name<'n>(&self, name_or_arn: &'n str) -> &'n str {
        // A name has no colon: most texts are found to be none of an ARN at once.
        if !name_or_arn.starts_with("arn:") {
            return name_or_arn;
        }
        let prefix = self.table_arn("");
        name_or_arn.strip_prefix(prefix.as_str()).unwrap_or(name_or_arn)
    }

    pub(crate) fn table_arn(&self, name: &str) -> String {
        self.arn("dynamodb", &format!("table/{name}"))
    }

    /// The key that AWS manages for DynamoDB in this account and region.
    pub(crate) fn managed_key(&self) -> Arc<str> {
        self.arn("kms", &format!("key/00000000-0000-4000-8000-{}", self.account_id)).into()
    }

    pub(crate) fn region(&self) -> &RegionName {
        &self.region
    }

    pub(crate) fn account_id(&self) -> &AccountId {
        &self.account_id
    }

    /// The ARN of something of this account and region.
    pub(crate) fn arn(&self, service: &str, resource: &str) -> String {
        let partition = match self.region.as_str() {
            region if region.starts_with("cn-") => "aws-cn",
            region if region.starts_with("us-gov-") => "aws-us-gov",
            _ => "aws",
        };
        format!("arn:{partition}:{service}:{}:{}:{resource}", self.region, self.account_id)
    }

    fn table(&self, name: &str) -> Result<&Table, Error> {
        let table = self.tables.get(self.table_name(name)).filter(|table| table.holds_items());
        table.ok_or_else(Error::table_not_found)
    }

    fn table_mut(&mut self, name: &str) -> Result<&mut Table, Error> {
        let (name, now) = (self.table_name(name), self.now);
        let table = self.tables.get_mut(name).filter(|table| table.holds_items());
        let table = table.ok_or_else(Error::table_not_found)?;
        table.now = now;
        Ok(table)
    }
}

impl Table {
    /// Whether items can be read and written: not before the table is there, and not when it is going away.
    fn holds_items(&self) -> bool {
        matches!(self.status, Status::Active | Status::Updating)
    }
}
