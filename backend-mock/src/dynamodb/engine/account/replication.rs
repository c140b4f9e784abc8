//! Replication: what is written to a global table in one region is written to its replicas after a delay.
//!
//! Of two regions that write one item before they have heard of each other, the one that wrote last wins in all of
//! them. The delay is the same for every write, so what is on its way arrives in the order in which it was written, and
//! the only write that can be later than one that arrives is the region's own, which is itself still on its way. That
//! is looked up, and nothing has to be kept beside the items.
//!
//! Source: developer guide, "How DynamoDB global tables work", on multi-Region eventual consistency.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use imbl::OrdMap;

use super::super::global_table::Written;
use super::super::key_schema::ItemKey;
use super::Account;
use crate::context::RegionName;

/// When something was written, and its number among all that was.
type Stamp = (SystemTime, u64);

/// What is on its way between regions.
#[derive(Clone, Debug)]
pub(super) struct Replication {
    delay: Duration,
    /// By when it arrives.
    on_its_way: OrdMap<Stamp, Message>,
    /// The last write of each item that is on its way from a region.
    last_writes: OrdMap<(RegionName, Arc<str>, ItemKey), Stamp>,
    next: u64,
}

#[derive(Clone, Debug)]
struct Message {
    from: RegionName,
    table: Arc<str>,
    at: Stamp,
    written: Written,
}

impl Message {
    fn place(&self, region: &RegionName) -> (RegionName, Arc<str>, ItemKey) {
        (region.clone(), self.table.clone(), self.written.0.clone())
    }
}

impl Replication {
    pub(super) fn new(delay: Duration) -> Self {
        Self { delay, on_its_way: OrdMap::new(), last_writes: OrdMap::new(), next: 0 }
    }

    fn add(&mut self, from: &RegionName, table: Arc<str>, written: Written, now: SystemTime) {
        let at = (now, self.next);
        self.next += 1;
        let message = Message { from: from.clone(), table, at, written };
        self.last_writes.insert(message.place(from), at);
        let due = now.checked_add(self.delay).unwrap_or(now);
        self.on_its_way.insert((due, at.1), message);
    }

    /// The next message that has arrived by `now`, and when it did.
    fn take_arrived(&mut self, now: SystemTime) -> Option<(SystemTime, Message)> {
        let arrival =
            self.on_its_way.get_min().map(|(arrival, _)| *arrival).filter(|(due, _)| *due <= now)?;
        self.take(&arrival).map(|message| (arrival.0, message))
    }

    fn take(&mut self, arrival: &Stamp) -> Option<Message> {
        let message = self.on_its_way.remove(arrival)?;
        let place = message.place(&message.from);
        if self.last_writes.get(&place) == Some(&message.at) {
            self.last_writes.remove(&place);
        }
        Some(message)
    }

    /// Whether a region has written the item of a message later than the message says.
    fn is_outdated(&self, message: &Message, region: &RegionName) -> bool {
        self.last_writes.get(&message.place(region)).is_some_and(|own| *own > message.at)
    }
}

impl Account {
    /// Sends what has been written in a region. Without global tables it costs nothing.
    pub(crate) fn send(&mut self, region: &RegionName, now: SystemTime) {
        let engine = self.region(region);
        if engine.global.is_empty() {
            return;
        }
        for (table, written) in engine.take_written() {
            self.replication.add(region, table, written, now);
        }
        if self.replication.delay.is_zero() {
            self.deliver(now);
        }
    }

    /// Writes what has arrived by `now`, in the order of arrival.
    pub(super) fn deliver(&mut self, now: SystemTime) {
        while let Some((due, message)) = self.replication.take_arrived(now) {
            self.write(due, &message);
        }
    }

    /// Writes everything that is on its way to and from a table, before one of its replicas goes.
    pub(super) fn deliver_all_of(&mut self, name: &str, now: SystemTime) {
        let of_table = self.replication.on_its_way.iter().filter(|(_, message)| *message.table == *name);
        let arrivals: Vec<Stamp> = of_table.map(|(arrival, _)| *arrival).collect();
        for arrival in arrivals {
            if let Some(message) = self.replication.take(&arrival) {
                self.write(now, &message);
            }
        }
    }

    fn write(&mut self, due: SystemTime, message: &Message) {
        let table = self.table_in(&message.from, &message.table);
        let Some(global) = table.and_then(|table| table.global.as_ref()) else { return };
        let replicas =
            global.replicas.iter().map(|replica| (replica.region.clone(), replica.table_id.clone()));
        for (region, table_id) in replicas.collect::<Vec<_>>() {
            if self.replication.is_outdated(message, &region) {
                continue;
            }
            let engine = self.region(&region);
            // Items that expire do so when the region is asked: until then, another region may have deleted them.
            if engine.now < due {
                engine.come_to(due);
            }
            engine.replicate(&message.table, &table_id, &message.written);
        }
    }
}
