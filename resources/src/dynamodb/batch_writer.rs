//! Writing many items: 25 a request, the last write of a key wins, and nothing is lost on the way.

use std::collections::HashSet;
use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeValue, DeleteRequest, PutRequest, ReturnConsumedCapacity, WriteRequest,
};
use serde::Serialize;
use session_core::{Error, ErrorKind};

use super::Item;
use super::item::to_item;
use super::item_key::ItemKey;
use super::table::Table;
use crate::backoff::Backoff;
use crate::service::DynamoDb;

/// The most writes that BatchWriteItem takes.
const WRITES_A_REQUEST: usize = 25;

/// How many requests in a row may write nothing.
const ATTEMPTS: u32 = 10;

const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(5));

/// Gathers puts and deletes for one table and sends them with BatchWriteItem, 25 a request unless
/// [`flush_amount`](Self::flush_amount) says fewer. Made by
/// [`Table::batch_writer`].
///
/// ```
/// # use aws_sdk_dynamodb::types::AttributeValue;
/// # use session_core::Error;
/// async fn save(orders: resources::Table) -> Result<(), Error> {
///     let mut writer = orders.batch_writer();
///     for id in 0..1_000 {
///         writer.put_item([("id", AttributeValue::N(id.to_string()))]).await?;
///     }
///     let summary = writer.finish().await?; // the last few, and whatever was unprocessed
///     assert_eq!(summary.put, 1_000);
///     Ok(())
/// }
/// ```
///
/// - One key twice in a request is an error of DynamoDB's, so a later write of a key replaces the earlier one while that
///   is waiting. The key attributes come from one DescribeTable at the first write, unless
///   [`overwrite_by_keys`](Self::overwrite_by_keys) names them.
/// - What DynamoDB leaves unprocessed, or throttles, is sent again after exponential pauses with jitter on the client's
///   clock: at most 50 ms at first, at most 5 s later, until ten requests in a row wrote nothing
///   ([`max_attempts`](Self::max_attempts)).
/// - A write leaves the writer only when DynamoDB has confirmed it. After an error, and after a dropped future, it is
///   still there: go on, [`flush`](Self::flush), or look at [`unsent`](Self::unsent).
/// - Dropping the writer sends nothing. If that loses writes, a warning of `tracing` says how many.
///
/// Memory: the writes that wait, at most as many as go in a request unless requests fail and the caller goes on.
///
/// # Source
/// DynamoDB API reference, BatchWriteItem.
#[must_use = "a batch writer writes nothing more when it is dropped: call `finish`"]
pub struct BatchWriter {
    table: Table,
    key_names: Option<Vec<String>>,
    flush_amount: usize,
    max_attempts: u32,
    waiting: Vec<Waiting>,
    summary: BatchWriteSummary,
    /// How many of the last requests wrote nothing.
    fruitless: u32,
    backoff: Backoff,
}

/// A write that DynamoDB has not confirmed.
struct Waiting {
    key: ItemKey,
    write: WriteRequest,
}

impl BatchWriter {
    pub(super) fn new(table: &Table) -> Self {
        Self {
            table: table.clone(),
            key_names: None,
            flush_amount: WRITES_A_REQUEST,
            max_attempts: ATTEMPTS,
            waiting: Vec::new(),
            summary: BatchWriteSummary::default(),
            fruitless: 0,
            backoff: BACKOFF,
        }
    }

    /// The names of the table's key attributes, all of them, which saves the DescribeTable. No names: DynamoDB is asked
    /// after all.
    pub fn overwrite_by_keys<N: Into<String>>(mut self, names: impl IntoIterator<Item = N>) -> Self {
        let names: Vec<_> = names.into_iter().map(Into::into).collect();
        self.key_names = (!names.is_empty()).then_some(names);
        self
    }

    /// How many writes go in a request, and so how many have to wait for one to be sent: 1 to 25, default 25.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) for any other number.
    ///
    /// # Source
    /// aioboto3's `flush_amount`, which takes more and leaves it to DynamoDB to refuse the request (D-14).
    pub fn flush_amount(mut self, writes: usize) -> Result<Self, Error> {
        if !(1..=WRITES_A_REQUEST).contains(&writes) {
            let message =
                format!("flush_amount is {writes}, but BatchWriteItem takes 1 to {WRITES_A_REQUEST} writes");
            return Err(Error::new(ErrorKind::InvalidInput, message).with_service(DynamoDb::NAME));
        }
        self.flush_amount = writes;
        Ok(self)
    }

    /// How many requests in a row may write nothing before the writer gives up; at least 1, default 10.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// Puts an item; sends a request when [`flush_amount`](Self::flush_amount) writes wait.
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput): the item lacks a key attribute; it was not taken
    /// - [`NotFound`](ErrorKind::NotFound): there is no such table; nothing was taken
    /// - [`Service`](ErrorKind::Service): the answer to DescribeTable has no key schema; nothing was taken
    /// - [`Throttled`](ErrorKind::Throttled), or whatever the request reports; the item was taken and waits with the
    ///   others
    ///
    /// # Cancellation
    /// Dropping the future loses nothing that was taken. What was on its way may have been written and is sent again.
    pub async fn put_item<N: Into<String>>(
        &mut self,
        item: impl IntoIterator<Item = (N, AttributeValue)>,
    ) -> Result<(), Error> {
        let item = item.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let put = PutRequest::builder().set_item(Some(item)).build()?;
        self.write(WriteRequest::builder().put_request(put).build()).await
    }

    /// Puts a Rust value, as [`put_item`](Self::put_item) puts an item; see [`item`](crate::item).
    ///
    /// # Errors
    /// As `put_item`; [`InvalidInput`](ErrorKind::InvalidInput) also names an attribute that DynamoDB cannot store.
    ///
    /// # Cancellation
    /// As `put_item`.
    pub async fn put<T: Serialize + ?Sized>(&mut self, item: &T) -> Result<(), Error> {
        self.put_item(to_item(item)?).await
    }

    /// Deletes the item with that key; sends a request when [`flush_amount`](Self::flush_amount) writes wait.
    ///
    /// # Errors
    /// As [`put_item`](Self::put_item).
    ///
    /// # Cancellation
    /// As [`put_item`](Self::put_item).
    pub async fn delete_item<N: Into<String>>(
        &mut self,
        key: impl IntoIterator<Item = (N, AttributeValue)>,
    ) -> Result<(), Error> {
        let key = key.into_iter().map(|(name, value)| (name.into(), value)).collect();
        let delete = DeleteRequest::builder().set_key(Some(key)).build()?;
        self.write(WriteRequest::builder().delete_request(delete).build()).await
    }

    /// Sends everything that waits.
    ///
    /// # Errors
    /// [`Throttled`](ErrorKind::Throttled), or whatever a request reports. What was not confirmed waits on.
    ///
    /// # Cancellation
    /// As [`put_item`](Self::put_item).
    pub async fn flush(&mut self) -> Result<(), Error> {
        self.send_until_fewer_than(1).await
    }

    /// Sends everything that waits, and says what was done.
    ///
    /// # Errors
    /// A [`BatchWriteError`] has the writes that DynamoDB did not confirm. It turns into an [`Error`] with `?`, whose
    /// source it then is.
    ///
    /// # Cancellation
    /// Dropping the future drops the writer.
    pub async fn finish(mut self) -> Result<BatchWriteSummary, BatchWriteError> {
        match self.flush().await {
            Ok(()) => Ok(self.summary),
            Err(error) => {
                let unsent = self.waiting.drain(..).map(|waiting| waiting.write).collect();
                Err(BatchWriteError { error, unsent, summary: self.summary })
            }
        }
    }

    /// The writes that DynamoDB has not confirmed.
    pub fn unsent(&self) -> impl ExactSizeIterator<Item = &WriteRequest> {
        self.waiting.iter().map(|waiting| &waiting.write)
    }

    /// What was done so far.
    pub fn summary(&self) -> BatchWriteSummary {
        self.summary
    }

    async fn write(&mut self, write: WriteRequest) -> Result<(), Error> {
        let key = ItemKey::of_request(&write, self.key_names().await?)?;
        match self.waiting.iter_mut().find(|waiting| waiting.key == key) {
            Some(waiting) => {
                waiting.write = write;
                self.summary.overwritten += 1;
            }
            None => self.waiting.push(Waiting { key, write }),
        }
        self.send_until_fewer_than(self.flush_amount).await
    }

    /// The names of the key attributes, asked for once.
    async fn key_names(&mut self) -> Result<&[String], Error> {
        if self.key_names.is_none() {
            let schema = self.table.load().await?.key_schema.unwrap_or_default();
            if schema.is_empty() {
                let message = "the answer to DescribeTable has no key schema";
                let error = Error::new(ErrorKind::Service, message).with_service(DynamoDb::NAME);
                return Err(error.with_operation("DescribeTable"));
            }
            self.key_names = Some(schema.into_iter().map(|element| element.attribute_name).collect());
        }
        Ok(self.key_names.as_deref().unwrap_or_default())
    }

    async fn send_until_fewer_than(&mut self, few: usize) -> Result<(), Error> {
        while self.waiting.len() >= few {
            let (sent, unprocessed) = self.send().await?;
            if unprocessed < sent {
                self.fruitless = 0;
            }
            if unprocessed == 0 {
                self.backoff = BACKOFF;
                continue;
            }
            self.fruitless += u32::from(unprocessed == sent);
            if self.fruitless >= self.max_attempts {
                let error = self.given_up();
                (self.fruitless, self.backoff) = (0, BACKOFF);
                return Err(error);
            }
            self.summary.retries += 1;
            self.backoff.pause(self.table.client().config().sleep_impl()).await;
        }
        Ok(())
    }

    /// Sends one request and forgets what DynamoDB confirmed; how many writes were in it and how many are left of them.
    async fn send(&mut self) -> Result<(usize, usize), Error> {
        let batch: Vec<_> =
            self.waiting.iter().take(self.flush_amount).map(|waiting| waiting.write.clone()).collect();
        let sent = batch.len();
        let request = self.table.client().batch_write_item().request_items(self.table.name(), batch);
        let request = request.return_consumed_capacity(ReturnConsumedCapacity::Total);
        self.summary.requests += 1;
        let output = match request.send().await.map_err(Error::from) {
            Ok(output) => output,
            Err(error) if error.is_throttled() => return Ok((sent, sent)),
            Err(error) => return Err(error),
        };
        let consumed = output.consumed_capacity.unwrap_or_default();
        self.summary.consumed_capacity +=
            consumed.iter().filter_map(|table| table.capacity_units).sum::<f64>();
        // One table was asked for; by which name DynamoDB calls it does not matter.
        let unprocessed = output.unprocessed_items.unwrap_or_default().into_values().flatten();
        let names = self.key_names.as_deref().unwrap_or_default();
        let left =
            unprocessed.map(|write| ItemKey::of_request(&write, names)).collect::<Result<HashSet<_>, _>>()?;
        let (summary, mut index) = (&mut self.summary, 0);
        self.waiting.retain(|waiting| {
            index += 1;
            if index > sent || left.contains(&waiting.key) {
                return true;
            }
            match waiting.write.put_request {
                Some(_) => summary.put += 1,
                None => summary.deleted += 1,
            }
            false
        });
        Ok((sent, left.len()))
    }

    fn given_up(&self) -> Error {
        let message = format!(
            "{} writes to table `{}` are left, for {} requests in a row wrote nothing",
            self.waiting.len(),
            self.table.name(),
            self.fruitless
        );
        Error::new(ErrorKind::Throttled, message)
            .with_service(DynamoDb::NAME)
            .with_operation("BatchWriteItem")
    }
}

impl Drop for BatchWriter {
    fn drop(&mut self) {
        if !self.waiting.is_empty() {
            let (table, lost) = (self.table.name(), self.waiting.len());
            tracing::warn!(table, lost, "a batch writer was dropped before its writes were sent");
        }
    }
}

impl fmt::Debug for BatchWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchWriter")
            .field("table", &self.table)
            .field("unsent", &self.waiting.len())
            .field("summary", &self.summary)
            .finish_non_exhaustive()
    }
}

/// What a [`BatchWriter`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct BatchWriteSummary {
    /// Items put, as confirmed.
    pub put: u64,
    /// Items deleted, as confirmed.
    pub deleted: u64,
    /// Writes that a later write of the same key replaced before they were sent.
    pub overwritten: u64,
    /// Requests sent; the client's own retries are not counted.
    pub requests: u64,
    /// Pauses made because something was unprocessed or throttled.
    pub retries: u64,
    /// Write capacity units, of the table and its indexes together.
    pub consumed_capacity: f64,
}

/// [`BatchWriter::finish`] failed. Has the writes that DynamoDB did not confirm; `Debug` counts them only.
#[non_exhaustive]
pub struct BatchWriteError {
    /// Why.
    pub error: Error,
    /// The writes that were not confirmed, in the order in which they were made.
    pub unsent: Vec<WriteRequest>,
    /// What was done before.
    pub summary: BatchWriteSummary,
}

impl BatchWriteError {
    /// The items that were to be put.
    pub fn unsent_items(&self) -> impl Iterator<Item = &Item> {
        self.unsent.iter().filter_map(|write| write.put_request.as_ref().map(|put| &put.item))
    }
}

impl fmt::Display for BatchWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} writes were not confirmed", self.unsent.len())
    }
}

impl fmt::Debug for BatchWriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BatchWriteError")
            .field("error", &self.error)
            .field("unsent", &self.unsent.len())
            .field("summary", &self.summary)
            .finish()
    }
}

impl StdError for BatchWriteError {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.error)
    }
}

impl From<BatchWriteError> for Error {
    fn from(failed: BatchWriteError) -> Self {
        let cause = &failed.error;
        let mut error =
            Error::new(cause.kind(), format!("{failed}: {}", cause.message())).with_service(DynamoDb::NAME);
        if let Some(operation) = cause.operation() {
            error = error.with_operation(operation.to_owned());
        }
        if let Some(code) = cause.code() {
            error = error.with_code(code);
        }
        error.with_source(failed)
    }
}
