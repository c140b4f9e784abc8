//! Reading many items by their keys: 100 a request, and again what DynamoDB left.

use std::collections::{HashSet, VecDeque};
use std::time::Duration;

use aws_sdk_dynamodb::types::KeysAndAttributes;
use futures_util::stream;
use session_core::{Error, ErrorKind};

use super::Item;
use super::expression::{Attr, WithProjection};
use super::item_key::ItemKey;
use super::table::Table;
use crate::backoff::Backoff;
use crate::collection::{Items, Pages};
use crate::service::DynamoDb;

/// The most keys that BatchGetItem takes.
const KEYS_A_REQUEST: usize = 100;

/// How many requests in a row may return nothing.
const ATTEMPTS: u32 = 10;

const BACKOFF: Backoff = Backoff::new(Duration::from_millis(50), Duration::from_secs(5));

/// The items of many keys of one table. Made by [`Table::batch_get`]; sends nothing before [`items`](Self::items) is
/// polled.
///
/// ```
/// # use aws_sdk_dynamodb::types::AttributeValue;
/// # use session_core::Error;
/// async fn total(orders: resources::Table, ids: &[&str]) -> Result<usize, Error> {
///     let keys = ids.iter().map(|&id| [("id", AttributeValue::S(id.into()))]);
///     let found = orders.batch_get(keys).consistent_read().items().try_collect().await?;
///     Ok(found.len())
/// }
/// ```
///
/// - Items come in no order; keys without an item are passed over, as DynamoDB does.
/// - A key given twice is asked for once.
/// - What DynamoDB leaves unprocessed (a page has 16 MB at most), or throttles, is asked for again; after requests that
///   returned nothing with exponential pauses with jitter on the client's clock, of at most 50 ms at first and 5 s later,
///   until ten in a row did ([`max_attempts`](Self::max_attempts)).
///
/// # Source
/// DynamoDB API reference, BatchGetItem.
#[derive(Clone, Debug)]
#[must_use = "a batch get sends nothing until a stream of it is polled"]
pub struct BatchGet {
    table: Table,
    keys: Vec<Item>,
    consistent_read: bool,
    projection: Vec<Attr>,
    max_attempts: u32,
}

impl BatchGet {
    pub(super) fn new(table: &Table, keys: Vec<Item>) -> Self {
        let table = table.clone();
        Self { table, keys, consistent_read: false, projection: Vec::new(), max_attempts: ATTEMPTS }
    }

    /// Items as all writes before left them, at twice the capacity.
    pub fn consistent_read(mut self) -> Self {
        self.consistent_read = true;
        self
    }

    /// Only those attributes of the items.
    pub fn project<A: Into<Attr>>(mut self, attributes: impl IntoIterator<Item = A>) -> Self {
        self.projection.extend(attributes.into_iter().map(Into::into));
        self
    }

    /// How many requests in a row may return nothing before the stream gives up; at least 1, default 10.
    pub fn max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts.max(1);
        self
    }

    /// A stream of the items that there are.
    ///
    /// # Errors
    /// The stream ends after its first error: [`InvalidInput`](ErrorKind::InvalidInput) for a key of no attributes or
    /// with one that no key has, [`Throttled`](ErrorKind::Throttled) when it gave up, or whatever a request reports.
    pub fn items(self) -> Items<Item> {
        let left = match distinct(&self.keys) {
            Ok(left) => left,
            Err(error) => return Pages::new(stream::iter([Err(error)])).into_items(|page: Vec<Item>| page),
        };
        let reading = Reading { batch: self, left, fruitless: 0, backoff: BACKOFF };
        let pages = stream::unfold(Some(reading), |reading| async move {
            let mut reading = reading.filter(|reading| !reading.left.is_empty())?;
            match reading.page().await {
                Ok(page) => Some((Ok(page), Some(reading))),
                Err(error) => Some((Err(error), None)),
            }
        });
        Pages::new(pages).into_items(|page| page)
    }
}

/// Each key once, in the order given.
fn distinct(keys: &[Item]) -> Result<VecDeque<Item>, Error> {
    let mut seen = HashSet::new();
    let mut distinct = VecDeque::new();
    for key in keys {
        if key.is_empty() {
            let error = Error::new(ErrorKind::InvalidInput, "a key has no attributes");
            return Err(error.with_service(DynamoDb::NAME).with_operation("BatchGetItem"));
        }
        let mut names: Vec<_> = key.keys().cloned().collect();
        names.sort_unstable();
        if seen
            .insert((ItemKey::of(key, &names).map_err(|error| error.with_operation("BatchGetItem"))?, names))
        {
            distinct.push_back(key.clone());
        }
    }
    Ok(distinct)
}

/// A batch that is being read.
struct Reading {
    batch: BatchGet,
    /// Keys that DynamoDB has not answered for.
    left: VecDeque<Item>,
    /// How many of the last requests returned nothing.
    fruitless: u32,
    backoff: Backoff,
}

impl Reading {
    /// The items of the next request that is answered for at least one key.
    async fn page(&mut self) -> Result<Vec<Item>, Error> {
        loop {
            if let Some(page) = self.ask().await? {
                (self.fruitless, self.backoff) = (0, BACKOFF);
                return Ok(page);
            }
            self.fruitless += 1;
            if self.fruitless >= self.batch.max_attempts {
                return Err(self.given_up());
            }
            self.backoff.pause(self.batch.table.client().config().sleep_impl()).await;
        }
    }

    /// Sends one request; none if it was answered for no key.
    async fn ask(&mut self) -> Result<Option<Vec<Item>>, Error> {
        let BatchGet { table, consistent_read, projection, .. } = &self.batch;
        let asked = self.left.len().min(KEYS_A_REQUEST);
        let keys = self.left.iter().take(asked).cloned().collect();
        let request = KeysAndAttributes::builder()
            .set_keys(Some(keys))
            .set_consistent_read(consistent_read.then_some(true))
            .project(projection.iter().cloned())
            .build()?;
        let request = table.client().batch_get_item().request_items(table.name(), request);
        let output = match request.send().await.map_err(Error::from) {
            Ok(output) => output,
            Err(error) if error.is_throttled() => return Ok(None),
            Err(error) => return Err(error),
        };
        // One table was asked for; by which name DynamoDB calls it does not matter.
        let unprocessed = output.unprocessed_keys.unwrap_or_default().into_values();
        let unprocessed: Vec<_> = unprocessed.flat_map(|keys| keys.keys).collect();
        if unprocessed.len() == asked {
            return Ok(None);
        }
        self.left.drain(..asked);
        self.left.extend(unprocessed);
        Ok(Some(output.responses.unwrap_or_default().into_values().flatten().collect()))
    }

    fn given_up(&self) -> Error {
        let message = format!(
            "{} keys of table `{}` are left, for {} requests in a row returned nothing",
            self.left.len(),
            self.batch.table.name(),
            self.fruitless
        );
        Error::new(ErrorKind::Throttled, message).with_service(DynamoDb::NAME).with_operation("BatchGetItem")
    }
}
