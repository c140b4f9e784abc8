//! Scan: a table or an index from end to end, or one segment of it.

use std::ops::Bound;

use super::Engine;
use super::capacity::Consistency;
use super::error::Error;
use super::expression::Expressions;
use super::index::{EntryKey, Index};
use super::item::Attributes;
use super::key_schema::{ItemKey, Partition, Place};
use super::page::{Page, PageRequest, Select, Source};

#[derive(Clone, Debug)]
pub(crate) struct ScanInput {
    pub(crate) table_name: String,
    pub(crate) index_name: Option<String>,
    pub(crate) expressions: Expressions,
    pub(crate) exclusive_start_key: Option<Attributes>,
    pub(crate) limit: Option<usize>,
    pub(crate) select: Option<Select>,
    pub(crate) segment: Option<u32>,
    pub(crate) total_segments: Option<u32>,
    pub(crate) consistency: Consistency,
}

/// What a scan of a vector index is told.
pub(super) const NO_SCAN_OF_VECTORS: &str = "Scan operation not supported on this index type";

impl Engine {
    /// What it costs is not charged yet.
    pub(crate) fn scan(&self, input: &ScanInput) -> Result<Page, Error> {
        let segment = Segment::new(input.segment, input.total_segments)?;
        let parsed = input.expressions.parse(&self.texts, "FilterExpression")?;
        let table = self.table(&input.table_name)?;
        let index_name = input.index_name.as_deref();
        table.check_no_vector_index(index_name, input.consistency, NO_SCAN_OF_VECTORS)?;
        let source = Source::new(table, index_name)?;
        let request = PageRequest {
            limit: input.limit,
            select: input.select,
            filter: parsed.filter.as_ref(),
            projection: parsed.projection.as_ref(),
            consistency: input.consistency,
        };
        source.check_consistency(input.consistency)?;
        let start = match &input.exclusive_start_key {
            None => None,
            Some(key) => {
                if source.index.is_some() {
                    source.check_start_attributes(key)?;
                }
                let start = source.start_key(key)?;
                segment.check_start(&start.0.partition)?;
                Some(start)
            }
        };
        source.check(&request)?;
        self.check_read(source.table, source.index)?;
        let first = ItemKey { partition: Partition::first_with_hash(segment.first), sort: Place::Before };
        let within = |key: &ItemKey| key.partition.hash() <= segment.last;
        Ok(match source.index {
            None => {
                let low = start.map_or(Bound::Included(first), |(_, table)| Bound::Excluded(table));
                let entries =
                    source.table.items.range((low, Bound::Unbounded)).take_while(|(key, _)| within(key));
                source.read(entries, &request)
            }
            Some(index) => {
                let low = match start {
                    None => Bound::Included(EntryKey { index: first, table: Place::Before }),
                    Some((index, table)) => Bound::Excluded(EntryKey { index, table: Place::At(table) }),
                };
                let entries =
                    index.entries.range((low, Bound::Unbounded)).take_while(|(key, _)| within(&key.index));
                source.read(Index::items(entries), &request)
            }
        })
    }
}

/// One of equal parts of the hash space, both ends included.
struct Segment {
    first: u64,
    last: u64,
    number: u32,
    total: u32,
}

impl Segment {
    fn new(segment: Option<u32>, total: Option<u32>) -> Result<Self, Error> {
        let (number, total) = match (segment, total) {
            (None, None) => (0, 1),
            (Some(number), Some(total)) => (number, total),
            (Some(_), None) => {
                return Err(Error::validation(
                    "The TotalSegments parameter is required but was not present in the request when Segment \
                     parameter is present",
                ));
            }
            (None, Some(_)) => {
                return Err(Error::validation(
                    "The Segment parameter is required but was not present in the request when parameter \
                     TotalSegments is present",
                ));
            }
        };
        if number >= total {
            return Err(Error::validation(format!(
                "The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: {number} \
                 is not less than TotalSegments: {total}"
            )));
        }
        // The hash space has 2^64 places, so a bound of a segment fits 128 bits with room to spare.
        let bound = |number: u32| (u128::from(number) << 64).div_ceil(u128::from(total));
        let first = u64::try_from(bound(number)).unwrap_or(u64::MAX);
        let last = u64::try_from(bound(number + 1) - 1).unwrap_or(u64::MAX);
        Ok(Self { first, last, number, total })
    }

    fn check_start(&self, partition: &Partition) -> Result<(), Error> {
        if (self.first..=self.last).contains(&partition.hash()) {
            return Ok(());
        }
        Err(Error::validation(format!(
            "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use ExclusiveStartKey with correct \
             Segment. TotalSegments: {} Segment: {}",
            self.total, self.number
        )))
    }
}
