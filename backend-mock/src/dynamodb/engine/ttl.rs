//! Time to live: items that name the second from which on nobody needs them, deleted when time has come to it.
//!
//! On AWS the deletion follows within days; here it comes before the first request after that second. The due items lie
//! in order, so a request pays for those that it deletes and for no others.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imbl::OrdSet;

use super::Engine;
use super::attribute_value::AttributeValue;
use super::item::Item;
use super::key_schema::ItemKey;
use super::table::{Actor, Change, Table};

/// An item whose time was over for so long when it was written is taken for a mistake, and stays.
const TOO_LONG_AGO: Duration = Duration::from_secs(5 * 365 * 24 * 60 * 60);

/// The time to live of one table, switched on.
#[derive(Clone, Debug)]
pub(crate) struct TimeToLive {
    /// The attribute that holds the second, counted from 1970.
    pub(crate) attribute: Arc<str>,
    expiries: OrdSet<(i64, ItemKey)>,
}

impl TimeToLive {
    fn expiry(&self, item: &Item) -> Option<i64> {
        let Some(AttributeValue::N(number)) = item.get(&self.attribute) else { return None };
        let seconds: f64 = number.to_string().parse().ok()?;
        // No clock comes to seconds of more digits than a float holds exactly.
        (seconds.abs() < 9e15).then_some(seconds.floor() as i64)
    }

    /// Brings the expiries up to date with a write.
    pub(super) fn replace(&mut self, change: &Change, now: SystemTime) {
        if let Some(expiry) = change.old.as_ref().and_then(|item| self.expiry(item)) {
            self.expiries.remove(&(expiry, change.key.clone()));
        }
        if let Some(expiry) = change.new.as_ref().and_then(|item| self.expiry(item)) {
            self.insert(expiry, change.key.clone(), now);
        }
    }

    fn insert(&mut self, expiry: i64, key: ItemKey, now: SystemTime) {
        if expiry >= seconds(now).saturating_sub_unsigned(TOO_LONG_AGO.as_secs()) {
            self.expiries.insert((expiry, key));
        }
    }

    fn take_due(&mut self, now: SystemTime) -> Option<ItemKey> {
        let first = self.expiries.get_min().filter(|(expiry, _)| *expiry <= seconds(now))?.clone();
        self.expiries.remove(&first);
        Some(first.1)
    }
}

fn seconds(time: SystemTime) -> i64 {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

impl Table {
    /// Deletes what is due, as the service itself.
    fn expire(&mut self, now: SystemTime) {
        self.now = now;
        while let Some(key) = self.ttl.as_mut().and_then(|ttl| ttl.take_due(now)) {
            let old = self.items.get(&key).cloned();
            self.apply_as(&Change { key, old, new: None }, Actor::TimeToLive);
        }
    }
}

impl Engine {
    /// Tells the engine the time. All that is due by then has happened before the next operation.
    pub(crate) fn pass_time(&mut self, now: SystemTime) {
        self.come_to(now);
        for name in self.expiring.clone() {
            match self.tables.get_mut(&name) {
                Some(table) if table.ttl.is_some() => table.expire(now),
                _ => {
                    self.expiring.remove(&name);
                }
            }
        }
    }

    /// As [`pass_time`](Self::pass_time), but for the items that expire.
    pub(super) fn come_to(&mut self, now: SystemTime) {
        self.settle(now);
        self.now = now;
        self.forget_retired_streams();
    }

    /// From now on the items of the table expire by the attribute, or not at all.
    pub(super) fn expire_by(&mut self, name: &str, attribute: Option<Arc<str>>) {
        let now = self.now;
        let Some(table) = self.tables.get_mut(name) else { return };
        table.ttl = attribute.map(|attribute| {
            let mut ttl = TimeToLive { attribute, expiries: OrdSet::new() };
            for (key, item) in &table.items {
                if let Some(expiry) = ttl.expiry(item) {
                    ttl.insert(expiry, key.clone(), now);
                }
            }
            ttl
        });
        self.expiring.insert(table.definition.name.clone());
    }
}
