//! An account: one engine a region, and what goes from one region to another.
//!
//! Regions are apart but for global tables, whose replicas are tables of several of them. All regions of an account are
//! behind one lock, so that a change of a global table is one function, and a clone of the account is one of all of its
//! regions.

mod group;
mod replicas;
mod replication;

pub(crate) use replicas::{ReplicaInput, ReplicaUpdate};

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use super::super::object_store::{NoBuckets, ObjectStore};
use super::global_table::Replica;
use super::table::Table;
use super::{Engine, EngineOptions};
use crate::context::{AccountId, RegionName};
use replication::Replication;

/// The tables of one account.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    id: AccountId,
    options: EngineOptions,
    /// The buckets of the cloud.
    store: Arc<dyn ObjectStore>,
    /// Those that were asked for or hold a replica.
    regions: BTreeMap<RegionName, Engine>,
    replication: Replication,
}

impl Account {
    pub(crate) fn new(id: AccountId, options: EngineOptions) -> Self {
        let replication = Replication::new(options.replication_delay);
        Self { id, options, store: Arc::new(NoBuckets), regions: BTreeMap::new(), replication }
    }

    /// The account, with these buckets to export to and to import from.
    pub(crate) fn reaching(mut self, store: Arc<dyn ObjectStore>) -> Self {
        self.store = store.clone();
        self.regions = self
            .regions
            .into_iter()
            .map(|(region, engine)| (region, engine.reaching(store.clone())))
            .collect();
        self
    }

    /// What the account has in a region.
    pub(crate) fn region(&mut self, name: &RegionName) -> &mut Engine {
        let Self { id, options, store, regions, .. } = self;
        regions.entry(name.clone()).or_insert_with(|| {
            Engine::new(id.clone(), name.clone()).with(*options).reaching(Arc::clone(store))
        })
    }

    /// The regions that were asked for or hold a replica.
    pub(crate) fn known_regions(&self) -> Vec<RegionName> {
        self.regions.keys().cloned().collect()
    }

    /// Tells a region the time. All that is due by then has happened before the next operation, also what was written
    /// elsewhere.
    pub(crate) fn pass_time(&mut self, region: &RegionName, now: SystemTime) {
        self.deliver(now);
        self.region(region).pass_time(now);
        self.send(region, now);
    }

    /// Before an operation on tables: brings up to date what those of the region and their replicas know of each other.
    /// Where there are none, it costs nothing.
    pub(crate) fn look_at_replicas(&mut self, region: &RegionName, now: SystemTime) {
        let names: Vec<Arc<str>> = self.region(region).global.iter().cloned().collect();
        for name in names {
            let members = self.members(region, &name);
            members.iter().for_each(|member| self.pass_time(member, now));
            members.iter().for_each(|member| self.refresh(member, &name));
        }
    }

    /// The regions of a global table, the given one first.
    fn members(&mut self, region: &RegionName, name: &str) -> Vec<RegionName> {
        let table = self.region(region).tables.get(name);
        let others = table.and_then(|table| table.global.as_ref()).map_or(&[][..], |global| &global.replicas);
        std::iter::once(region).chain(others.iter().map(|replica| &replica.region)).cloned().collect()
    }

    /// Looks at the replicas of one table. A table whose last replica is gone is one of its region alone again.
    fn refresh(&mut self, region: &RegionName, name: &Arc<str>) {
        let Some(mut global) = self.region(region).tables.get(name).and_then(|table| table.global.clone())
        else {
            return;
        };
        global.replicas = global
            .replicas
            .iter()
            .filter_map(|known| {
                let table = self.regions.get(&known.region)?.tables.get(name)?;
                (table.id == known.table_id).then(|| Replica::of(&known.region, table))
            })
            .collect();
        let global = Some(*global).filter(|global| !global.replicas.is_empty());
        self.region(region).set_global(name, global);
    }

    /// The table of a region, which is known to have it.
    fn table_in(&self, region: &RegionName, name: &str) -> Option<&Table> {
        self.regions.get(region)?.tables.get(name)
    }
}
