//! Ongoing transactions: the items that a transaction holds until it is finished.
//!
//! A request is carried out while nobody else is, so on a clock that nothing moves no two transactions ever meet. Where
//! transactions are given time, a transaction that was accepted goes on for so long, and holds its items: what else is
//! written to them, and what reads them in a transaction, meets a conflict, and a repetition of the request with its
//! token finds it in progress. Plain reads see what the transaction writes from the beginning.
//!
//! Source: developer guide, "Transaction conflict handling in DynamoDB".

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use imbl::OrdMap;

use super::Engine;
use super::error::Error;
use super::key_schema::ItemKey;
use super::table::Table;
use super::write::Write;

/// What transactions hold, and how long they take.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ongoing {
    duration: Duration,
    /// By the ids of tables, for a name may come again; and until when.
    items: OrdMap<(Arc<str>, ItemKey), SystemTime>,
}

impl Ongoing {
    /// When a transaction that begins now is finished.
    pub(super) fn finish(&self, now: SystemTime) -> SystemTime {
        now.checked_add(self.duration).unwrap_or(now)
    }

    /// Notes what a transaction that begins now holds.
    pub(super) fn hold<'t>(
        &mut self,
        items: impl Iterator<Item = (&'t Table, &'t ItemKey)>,
        now: SystemTime,
    ) {
        if self.duration.is_zero() {
            return;
        }
        self.items = std::mem::take(&mut self.items).into_iter().filter(|(_, until)| *until > now).collect();
        let until = self.finish(now);
        self.items.extend(items.map(|(table, key)| ((table.id.clone(), key.clone()), until)));
    }

    /// # Errors
    /// [`Error::TransactionConflict`] when a transaction holds the item.
    pub(super) fn check(&self, table: &Table, key: &ItemKey, now: SystemTime) -> Result<(), Error> {
        if self.items.is_empty() {
            return Ok(());
        }
        match self.items.get(&(table.id.clone(), key.clone())) {
            Some(until) if *until > now => Err(Error::TransactionConflict),
            _ => Ok(()),
        }
    }
}

impl Engine {
    /// From now on, transactions that write take so long by the clock.
    pub(crate) fn set_transaction_delay(&mut self, delay: Duration) {
        self.ongoing.duration = delay;
    }

    /// # Errors
    /// [`Error::TransactionConflict`] when a transaction holds the item that is to be written. What else is wrong with
    /// the write is not said here.
    pub(super) fn check_not_held(&self, table_name: &str, write: &Write) -> Result<(), Error> {
        if self.ongoing.items.is_empty() {
            return Ok(());
        }
        let table = self.table(table_name)?;
        match write.target(table) {
            Ok(key) => self.ongoing.check(table, &key, self.now),
            Err(_) => Ok(()),
        }
    }
}
