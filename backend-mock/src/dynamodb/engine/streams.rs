//! Operations on streams: enabling and disabling them, finding them, and reading their records.

use std::sync::Arc;
use std::time::SystemTime;

use super::Engine;
use super::error::Error;
use super::stream::{self, ITERATOR_LIFETIME, RETENTION, Record, Stream, StreamViewType};

/// Where a reader of a stream begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ShardIteratorType<'n> {
    TrimHorizon,
    Latest,
    /// With a sequence number.
    At(&'n str),
    /// With a sequence number.
    After(&'n str),
}

/// A place in a stream, good for 15 minutes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ShardIterator {
    pub(crate) stream_arn: String,
    pub(crate) shard_id: String,
    pub(crate) position: u64,
    pub(crate) issued: SystemTime,
}

/// What GetRecords answers.
#[derive(Clone, Debug)]
pub(crate) struct Records {
    pub(crate) view_type: StreamViewType,
    pub(crate) records: Vec<Arc<Record>>,
    /// Nothing comes after the last record of a shard that is closed.
    pub(crate) next: Option<ShardIterator>,
}

impl Engine {
    /// Starts a new stream on the table.
    ///
    /// # Errors
    /// When there is no such table, or it has a stream already.
    pub(crate) fn enable_stream(&mut self, name: &str, view_type: StreamViewType) -> Result<(), Error> {
        let now = self.now;
        let table = self.tables.get_mut(name).ok_or_else(Error::table_not_found)?;
        if table.stream.is_some() {
            return Err(Error::validation(
                "Table already has an enabled stream: TableName: ".to_owned() + &table.definition.name,
            ));
        }
        let definition = &table.definition;
        let (name, key_schema) = (definition.name.clone(), definition.key_schema.clone());
        let stream = Stream::new(name, &table.id, key_schema, view_type, now);
        table.latest_stream = Some(stream.label.clone());
        table.stream = Some(stream);
        Ok(())
    }

    /// Ends the stream of the table; its records stay readable.
    ///
    /// # Errors
    /// When there is no such table, or it has no stream.
    pub(crate) fn disable_stream(&mut self, name: &str) -> Result<(), Error> {
        let table = self.tables.get_mut(name).ok_or_else(Error::table_not_found)?;
        let Some(mut stream) = table.stream.take() else {
            return Err(Error::validation(
                "Table is already disabled for streams: TableName: ".to_owned() + &table.definition.name,
            ));
        };
        stream.disable(self.now);
        self.retired_streams.push_back(stream);
        Ok(())
    }

    /// Forgets the streams whose last record has been trimmed.
    pub(super) fn forget_retired_streams(&mut self) {
        let now = self.now;
        let is_over = |stream: &Stream| stream.disabled.is_some_and(|disabled| disabled + RETENTION <= now);
        while self.retired_streams.front().is_some_and(is_over) {
            self.retired_streams.pop_front();
        }
    }

    pub(crate) fn stream_arn(&self, table_name: &str, label: &str) -> String {
        format!("{}/stream/{label}", self.table_arn(table_name))
    }

    fn streams(&self) -> impl Iterator<Item = &Stream> {
        self.tables.values().filter_map(|table| table.stream.as_ref()).chain(&self.retired_streams)
    }

    /// All streams, or those of one table, in the order of their ARNs.
    pub(crate) fn list_streams(&self, table_name: Option<&str>) -> Vec<(String, Stream)> {
        let table_name = table_name.map(|name| self.table_name(name));
        let wanted = |stream: &&Stream| table_name.is_none_or(|name| name == &*stream.table_name);
        let arn = |stream: &Stream| self.stream_arn(&stream.table_name, &stream.label);
        let mut streams: Vec<_> =
            self.streams().filter(wanted).map(|stream| (arn(stream), stream.clone())).collect();
        streams.sort_by(|(one, _), (other, _)| one.cmp(other));
        streams
    }

    /// The stream as a reader sees it now: without what is older than a day.
    pub(crate) fn stream(&self, arn: &str) -> Result<Stream, Error> {
        let not_found =
            || Error::ResourceNotFound(format!("Requested resource not found: Stream: {arn} not found"));
        let rest = arn.strip_prefix(self.table_arn("").as_str()).ok_or_else(not_found)?;
        let (table_name, label) = rest.split_once("/stream/").ok_or_else(not_found)?;
        let is_it = |stream: &&Stream| &*stream.table_name == table_name && &*stream.label == label;
        let active = self.tables.get(table_name).and_then(|table| table.stream.as_ref()).filter(is_it);
        let found = active.or_else(|| self.retired_streams.iter().find(is_it));
        let mut stream = found.ok_or_else(not_found)?.clone();
        stream.pass_time(self.now);
        Ok(stream)
    }

    pub(crate) fn shard_iterator(
        &self,
        arn: &str,
        shard_id: &str,
        kind: ShardIteratorType<'_>,
    ) -> Result<ShardIterator, Error> {
        let stream = self.stream(arn)?;
        let shard = stream.shards.get(shard_id).ok_or_else(|| {
            Error::ResourceNotFound("Requested resource not found: Shard does not exist".to_owned())
        })?;
        let end = shard.end().unwrap_or(stream.end());
        let known = |number: &str| {
            stream::position(number)
                // The number that the shard starts with is one before a record has it.
                .filter(|position| (shard.first..end.max(shard.first + 1)).contains(position))
                .ok_or_else(|| Error::validation(format!("Invalid SequenceNumber: {number}")))
        };
        let position = match kind {
            ShardIteratorType::TrimHorizon => stream.horizon().clamp(shard.first, end),
            ShardIteratorType::Latest => end,
            ShardIteratorType::At(number) => known(number)?,
            ShardIteratorType::After(number) => (known(number)? + 1).min(end),
        };
        if position < stream.horizon() {
            return Err(Error::TrimmedDataAccess);
        }
        let (stream_arn, shard_id) = (arn.to_owned(), shard_id.to_owned());
        Ok(ShardIterator { stream_arn, shard_id, position, issued: self.now })
    }

    pub(crate) fn get_records(&self, iterator: &ShardIterator, limit: usize) -> Result<Records, Error> {
        let stream = self.stream(&iterator.stream_arn)?;
        if iterator.issued + ITERATOR_LIFETIME <= self.now {
            return Err(Error::ExpiredIterator);
        }
        let shard = stream.shards.get(&iterator.shard_id).ok_or(Error::TrimmedDataAccess)?;
        let end = shard.end().unwrap_or(stream.end());
        if iterator.position < stream.horizon().min(end) {
            return Err(Error::TrimmedDataAccess);
        }
        let records = stream.page(iterator.position..end, limit);
        let position = records.last().map_or(iterator.position, |last| last.position + 1);
        let is_over = shard.end().is_some() && position >= end;
        let next = (!is_over).then(|| ShardIterator {
            position,
            issued: self.now,
            ..ShardIterator::clone(iterator)
        });
        Ok(Records { view_type: stream.view_type, records, next })
    }
}
