//! Global tables, version 2019.11.21: what one table knows of its replicas in other regions.
//!
//! Every region has a table of its own, with its own id, stream and settings; what makes them one global table is that
//! each knows the others. What a region shows of a replica is what the other region was like when it was last looked
//! at, and [`Account`](super::account::Account) looks before every request that is about tables.
//!
//! Source: developer guide, "How DynamoDB global tables work".

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Engine;
use super::index::Index;
use super::item::Item;
use super::key_schema::ItemKey;
use super::table::{Actor, Change, Table};
use super::table_definition::IndexDefinition;
use super::table_settings::{OnDemandThroughput, UnitsPerSecond};
use super::table_status::{Aspect, Status, Transition};
use crate::context::RegionName;

/// The version that descriptions name.
pub(crate) const VERSION: &str = "2019.11.21";

/// For how long the table that a replica was copied from cannot be deleted before it.
const SOURCE_IS_KEPT: Duration = Duration::from_secs(24 * 3_600);

/// What a table knows of the others that hold the same items.
#[derive(Clone, Debug)]
pub(crate) struct GlobalTable {
    /// The others, the oldest first.
    pub(crate) replicas: Vec<Replica>,
    /// The region that the table was copied from.
    pub(super) source: Option<RegionName>,
    /// What was written here and has not been sent.
    outbox: Vec<Written>,
}

/// What a write left of an item: nothing, where it was a delete.
pub(super) type Written = (ItemKey, Option<Arc<Item>>);

/// A table in another region, as it was when it was last looked at.
#[derive(Clone, Debug)]
pub(crate) struct Replica {
    pub(crate) region: RegionName,
    pub(super) table_id: Arc<str>,
    pub(super) created: SystemTime,
    pub(super) source: Option<RegionName>,
    pub(crate) status: Status,
    pub(crate) kms_key_arn: Option<Arc<str>>,
    pub(crate) table_class: Option<String>,
    pub(crate) class_changed: Option<SystemTime>,
    pub(crate) on_demand: Option<OnDemandThroughput>,
    pub(crate) warm: UnitsPerSecond,
    pub(crate) indexes: Vec<ReplicaIndex>,
}

/// A global index of a replica.
#[derive(Clone, Debug)]
pub(crate) struct ReplicaIndex {
    pub(crate) definition: Arc<IndexDefinition>,
    pub(crate) status: Status,
    pub(crate) warm: UnitsPerSecond,
}

impl GlobalTable {
    pub(super) fn new(source: Option<RegionName>) -> Self {
        Self { replicas: Vec::new(), source, outbox: Vec::new() }
    }

    pub(crate) fn replica(&self, region: &RegionName) -> Option<&Replica> {
        self.replicas.iter().find(|replica| replica.region == *region)
    }

    /// Whether one of the others was copied from `region` within the last day.
    pub(super) fn has_lately_copied(&self, region: &RegionName, now: SystemTime) -> bool {
        self.replicas
            .iter()
            .any(|replica| replica.source.as_ref() == Some(region) && replica.created + SOURCE_IS_KEPT > now)
    }
}

impl Replica {
    pub(super) fn of(region: &RegionName, table: &Table) -> Self {
        let billing_mode = table.definition.billing_mode;
        let index = |index: &Index| ReplicaIndex {
            definition: index.definition.clone(),
            status: index.status,
            warm: index.definition.warm_throughput(billing_mode),
        };
        Self {
            region: region.clone(),
            table_id: table.id.clone(),
            created: table.created,
            source: table.global.as_ref().and_then(|global| global.source.clone()),
            status: match table.status {
                // A replica that changes serves its region as before.
                Status::Updating => Status::Active,
                status => status,
            },
            kms_key_arn: table.settings.kms_key_arn.clone(),
            table_class: table.definition.table_class.clone(),
            class_changed: table.settings.class_changes.last(),
            on_demand: table.settings.on_demand,
            warm: table.warm_throughput(),
            indexes: table.indexes.iter().filter(|index| index.is_global()).map(index).collect(),
        }
    }
}

impl Table {
    /// Keeps what a write did for the other regions, unless it came from one of them.
    pub(super) fn keep_for_replicas(&mut self, change: &Change, actor: Actor) {
        if let Some(global) = &mut self.global
            && actor != Actor::Replication
        {
            global.outbox.push((change.key.clone(), change.new.clone()));
        }
    }
}

impl Engine {
    /// Notes what the table named is one of; one of nothing is a table of its region alone.
    pub(super) fn set_global(&mut self, name: &Arc<str>, global: Option<GlobalTable>) {
        let Some(table) = self.tables.get_mut(name) else { return };
        match global {
            Some(_) => self.global.insert(name.clone()),
            None => self.global.remove(name),
        };
        table.global = global.map(Box::new);
    }

    /// What has been written to tables with replicas since this was asked last.
    pub(super) fn take_written(&mut self) -> Vec<(Arc<str>, Written)> {
        let mut taken = Vec::new();
        for name in &self.global {
            let has_written = |table: &Table| table.global.as_ref().is_some_and(|it| !it.outbox.is_empty());
            if !self.tables.get(name).is_some_and(has_written) {
                continue;
            }
            let outbox = self.tables.get_mut(name).and_then(|table| table.global.as_mut());
            let written = outbox.map(|global| std::mem::take(&mut global.outbox)).unwrap_or_default();
            taken.extend(written.into_iter().map(|written| (name.clone(), written)));
        }
        taken
    }

    /// Writes what another region has written, if the table is still the one that it was meant for. It counts for no
    /// request, so nothing is charged for it.
    pub(super) fn replicate(&mut self, name: &str, table_id: &str, (key, new): &Written) {
        let now = self.now;
        let is_meant = |table: &&mut Table| *table.id == *table_id && table.status != Status::Deleting;
        let Some(table) = self.tables.get_mut(name).filter(is_meant) else { return };
        table.now = now;
        let old = table.items.get(key).cloned();
        table.apply_as(&Change { key: key.clone(), old, new: new.clone() }, Actor::Replication);
    }

    /// The table changes with its replicas until a change that begins now is due.
    pub(super) fn hold(&mut self, name: &Arc<str>, now: SystemTime) {
        let due = self.due(now);
        let Some(table) = self.tables.get_mut(name).filter(|table| table.status == Status::Active) else {
            return;
        };
        table.status = Status::Updating;
        if table.transition.is_none() {
            let definition = table.definition.clone();
            table.transition = Some(Transition { due, aspect: Aspect::Table, definition, warm: None });
        }
        self.unsettled.insert(name.clone());
    }
}
