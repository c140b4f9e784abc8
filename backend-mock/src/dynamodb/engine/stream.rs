//! Streams: what happened to the items of a table, in order, for 24 hours.
//!
//! A stream is one shard that stays open until the stream is disabled or its table is deleted; both leave it readable
//! until its last record is a day old. Sequence numbers count the records of the stream, so a number is a position.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imbl::Vector;

use super::item::Item;
use super::key_schema::KeySchema;
use super::table::{Actor, Change};
use crate::seed::IdSource;

/// For how long a record can be read.
pub(crate) const RETENTION: Duration = Duration::from_secs(24 * 60 * 60);
/// For how long an iterator can be used.
pub(crate) const ITERATOR_LIFETIME: Duration = Duration::from_secs(15 * 60);
/// Bytes of records in one GetRecords.
const PAGE_BYTES: usize = 1024 * 1024;
/// A sequence number is this and the position of its record, 21 digits altogether.
const SEQUENCE_NUMBER_BASE: u128 = 100_000_000_000_000_000_000;

/// What a record shows of its item besides the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StreamViewType {
    KeysOnly,
    NewImage,
    OldImage,
    NewAndOldImages,
}

impl StreamViewType {
    pub(crate) const NAMES: &[&str] = &["NEW_IMAGE", "OLD_IMAGE", "NEW_AND_OLD_IMAGES", "KEYS_ONLY"];

    pub(crate) fn parse(name: &str) -> Option<Self> {
        [Self::KeysOnly, Self::NewImage, Self::OldImage, Self::NewAndOldImages]
            .into_iter()
            .find(|view_type| view_type.as_str() == name)
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::KeysOnly => "KEYS_ONLY",
            Self::NewImage => "NEW_IMAGE",
            Self::OldImage => "OLD_IMAGE",
            Self::NewAndOldImages => "NEW_AND_OLD_IMAGES",
        }
    }

    fn shows_new(self) -> bool {
        matches!(self, Self::NewImage | Self::NewAndOldImages)
    }

    fn shows_old(self) -> bool {
        matches!(self, Self::OldImage | Self::NewAndOldImages)
    }
}

/// A stream of one table. Cloning shares the records.
#[derive(Clone, Debug)]
pub(crate) struct Stream {
    pub(crate) table_name: Arc<str>,
    /// When it was enabled, as text: what tells the streams of one table apart.
    pub(crate) label: Arc<str>,
    pub(crate) view_type: StreamViewType,
    pub(crate) key_schema: KeySchema,
    pub(crate) created: SystemTime,
    pub(crate) disabled: Option<SystemTime>,
    pub(crate) shard_id: Arc<str>,
    records: Vector<Arc<Record>>,
    /// The position that the next record takes.
    next: u64,
    /// What the ids of events are drawn from.
    seed: u64,
}

/// What happened to one item.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(crate) position: u64,
    pub(crate) event_id: String,
    pub(crate) event: Event,
    pub(crate) at: SystemTime,
    pub(crate) actor: Actor,
    pub(crate) keys: Item,
    pub(crate) new_image: Option<Arc<Item>>,
    pub(crate) old_image: Option<Arc<Item>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    Insert,
    Modify,
    Remove,
}

impl Event {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Insert => "INSERT",
            Self::Modify => "MODIFY",
            Self::Remove => "REMOVE",
        }
    }
}

impl Record {
    /// The bytes of the key and of the images that the record shows.
    pub(crate) fn size(&self) -> usize {
        let images = self.new_image.iter().chain(&self.old_image);
        self.keys.size() + images.map(|image| image.size()).sum::<usize>()
    }
}

impl Stream {
    /// A stream without records. Table ids differ, so shards do too.
    pub(crate) fn new(
        table_name: Arc<str>,
        table_id: &str,
        key_schema: KeySchema,
        view_type: StreamViewType,
        created: SystemTime,
    ) -> Self {
        let millis = created.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis();
        let suffix = table_id.get(..8).unwrap_or("00000000");
        let shard_id: Arc<str> = format!("shardId-{millis:020}-{suffix}").into();
        // FNV-1a: any function that spreads the text over 64 bits does.
        let seed = shard_id.bytes().fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Self {
            table_name,
            label: label(created).into(),
            view_type,
            key_schema,
            created,
            disabled: None,
            shard_id,
            records: Vector::new(),
            next: 1,
            seed,
        }
    }

    /// Keeps what a write did. A write that changes nothing leaves no record.
    pub(crate) fn record(&mut self, change: &Change, actor: Actor, now: SystemTime) {
        let event = match (&change.old, &change.new) {
            (None, Some(_)) => Event::Insert,
            (Some(_), None) => Event::Remove,
            (Some(old), Some(new)) if old != new => Event::Modify,
            _ => return,
        };
        let Some(item) = change.new.as_ref().or(change.old.as_ref()) else { return };
        self.trim(now);
        let mut ids = IdSource::new(self.seed ^ self.next);
        self.records.push_back(Arc::new(Record {
            position: self.next,
            event_id: format!("{:016x}{:016x}", ids.next_u64(), ids.next_u64()),
            event,
            at: now,
            actor,
            keys: item.restricted_to(|name| self.key_schema.contains(name)),
            new_image: change.new.clone().filter(|_| self.view_type.shows_new()),
            old_image: change.old.clone().filter(|_| self.view_type.shows_old()),
        }));
        self.next += 1;
    }

    /// Forgets the records that are older than a day.
    pub(crate) fn trim(&mut self, now: SystemTime) {
        while self.records.front().is_some_and(|record| record.at + RETENTION <= now) {
            self.records.pop_front();
        }
    }

    /// The position of the oldest record that is left; that of the next one when none is.
    pub(crate) fn horizon(&self) -> u64 {
        self.records.front().map_or(self.next, |record| record.position)
    }

    /// The position after the last record.
    pub(crate) fn end(&self) -> u64 {
        self.next
    }

    /// The records from a position on, at most `limit` of them and 1 MB, but one if there is one.
    pub(crate) fn page(&self, from: u64, limit: usize) -> Vec<Arc<Record>> {
        let skipped = usize::try_from(from.saturating_sub(self.horizon())).unwrap_or(usize::MAX);
        if skipped >= self.records.len() {
            return Vec::new();
        }
        let (mut page, mut bytes): (Vec<Arc<Record>>, usize) = (Vec::new(), 0);
        for record in self.records.focus().narrow(skipped..).into_iter().take(limit) {
            bytes += record.size();
            if bytes > PAGE_BYTES && !page.is_empty() {
                break;
            }
            page.push(record.clone());
        }
        page
    }
}

/// The sequence number of a position.
pub(crate) fn sequence_number(position: u64) -> String {
    (SEQUENCE_NUMBER_BASE + u128::from(position)).to_string()
}

/// The position of a sequence number, if it is one of ours.
pub(crate) fn position(sequence_number: &str) -> Option<u64> {
    let number: u128 = sequence_number.parse().ok()?;
    u64::try_from(number.checked_sub(SEQUENCE_NUMBER_BASE)?).ok()
}

/// A time as in `2015-05-20T20:51:10.252`.
fn label(time: SystemTime) -> String {
    let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
    let seconds = aws_smithy_types::DateTime::from_secs(i64::try_from(since.as_secs()).unwrap_or_default());
    let text = seconds.fmt(aws_smithy_types::date_time::Format::DateTime).unwrap_or_default();
    format!("{}.{:03}", text.trim_end_matches('Z'), since.subsec_millis())
}
