//! Shards: a stream's records in runs of four hours, each run the child of the one before.
//!
//! A reader comes to the end of a shard that is closed and goes on with its child. Where one ends and the next begins is
//! a sequence number that no record has. How long a shard takes records is not documented; four hours were observed.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imbl::Vector;

use super::stream::RETENTION;

/// For how long a shard takes records.
const LIFETIME: Duration = Duration::from_secs(4 * 60 * 60);
/// More than are kept at one time: of those that were opened and closed while nobody looked, no more are made.
const KEPT: u64 = RETENTION.as_secs() / LIFETIME.as_secs() + 2;

/// One run of records.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shard {
    pub(crate) id: Arc<str>,
    pub(crate) parent: Option<Arc<str>>,
    opened: SystemTime,
    /// The position from which on records lie here.
    pub(crate) first: u64,
    /// The position that ends it, once it is closed, and when that was.
    closed: Option<(u64, SystemTime)>,
}

impl Shard {
    /// The position that no record of it comes to, once it is closed.
    pub(crate) fn end(&self) -> Option<u64> {
        self.closed.map(|(end, _)| end)
    }
}

/// The shards of one stream in their order. A clone shares them.
#[derive(Clone, Debug)]
pub(crate) struct Shards {
    /// What the ids of this stream's shards end with.
    suffix: Arc<str>,
    shards: Vector<Shard>,
}

impl Shards {
    /// One open shard, from position 1 on. Table ids differ, so shards do too.
    pub(crate) fn new(table_id: &str, created: SystemTime) -> Self {
        let suffix = table_id.get(..8).unwrap_or("00000000").into();
        let mut shards = Self { suffix, shards: Vector::new() };
        let first = Shard { id: shards.id(created), parent: None, opened: created, first: 1, closed: None };
        shards.shards.push_back(first);
        shards
    }

    fn id(&self, opened: SystemTime) -> Arc<str> {
        let millis = opened.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        format!("shardId-{millis:020}-{}", self.suffix).into()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Shard> {
        self.shards.iter()
    }

    pub(crate) fn get(&self, id: &str) -> Option<&Shard> {
        self.shards.iter().find(|shard| *shard.id == *id)
    }

    /// Opens the shards that are due and forgets those whose records are all too old. Each shard that is closed takes
    /// a position. What comes out depends on the times alone, and not on how often this is called.
    pub(crate) fn roll(&mut self, next: &mut u64, now: SystemTime) {
        while let Some(last) = self.shards.back().filter(|last| last.closed.is_none()) {
            let periods = now.duration_since(last.opened).unwrap_or_default().as_secs() / LIFETIME.as_secs();
            if periods == 0 {
                break;
            }
            // Of a long pause only the end is kept.
            let skipped = periods.saturating_sub(KEPT);
            let before = last.opened + Duration::from_secs(LIFETIME.as_secs() * skipped);
            let opened = before + LIFETIME;
            *next += skipped;
            self.close(*next, opened);
            *next += 1;
            let parent = Some(self.id(before));
            let shard = Shard { id: self.id(opened), parent, opened, first: *next, closed: None };
            self.shards.push_back(shard);
        }
        self.forget(now);
    }

    /// Ends the last shard.
    pub(crate) fn close(&mut self, end: u64, at: SystemTime) {
        if let Some(last) = self.shards.back_mut().filter(|last| last.closed.is_none()) {
            last.closed = Some((end, at));
        }
    }

    fn forget(&mut self, now: SystemTime) {
        let is_over = |shard: &Shard| shard.closed.is_some_and(|(_, closed)| closed + RETENTION <= now);
        while self.shards.len() > 1 && self.shards.front().is_some_and(is_over) {
            self.shards.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hours(hours: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(hours * 3_600)
    }

    #[test]
    fn shards_are_the_same_however_often_somebody_looks() {
        for end in [3, 4, 27, 28, 100, 70_000_000] {
            let (mut once, mut next_once) = (Shards::new("abcdefgh", UNIX_EPOCH), 1);
            once.roll(&mut next_once, hours(end));
            let (mut often, mut next_often) = (Shards::new("abcdefgh", UNIX_EPOCH), 1);
            let looks = (0..=end.min(100)).chain([end / 2]).chain(end.saturating_sub(50)..=end);
            looks.for_each(|hour| often.roll(&mut next_often, hours(hour)));
            let ids = |shards: &Shards| shards.iter().map(|shard| shard.id.clone()).collect::<Vec<_>>();
            assert_eq!(ids(&once), ids(&often), "after {end} hours");
            assert_eq!(next_once, next_often, "after {end} hours");
            assert_eq!(next_once, 1 + end / 4);
        }
    }
}
