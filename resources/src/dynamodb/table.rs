//! A table: its actions with the name filled in, and its items as streams.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::client::Waiters as _;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::operation::delete_item::builders::DeleteItemFluentBuilder;
use aws_sdk_dynamodb::operation::delete_table::builders::DeleteTableFluentBuilder;
use aws_sdk_dynamodb::operation::describe_table::builders::DescribeTableFluentBuilder;
use aws_sdk_dynamodb::operation::get_item::builders::GetItemFluentBuilder;
use aws_sdk_dynamodb::operation::put_item::builders::PutItemFluentBuilder;
use aws_sdk_dynamodb::operation::query::builders::QueryFluentBuilder;
use aws_sdk_dynamodb::operation::scan::builders::ScanFluentBuilder;
use aws_sdk_dynamodb::operation::update_item::builders::UpdateItemFluentBuilder;
use aws_sdk_dynamodb::operation::update_table::builders::UpdateTableFluentBuilder;
use aws_sdk_dynamodb::types::{AttributeValue, TableDescription};
use serde::Serialize;
use serde::de::DeserializeOwned;
use session_core::{Error, ErrorKind, Resource, ResourceMeta};

use super::batch_get::BatchGet;
use super::batch_writer::BatchWriter;
use super::item::{from_item, to_item};
use super::{DynamoDbResource, Item};
use crate::collection::{Items, Pages};
use crate::existence::found;
use crate::service::DynamoDb;

/// A table by its name or ARN. Made by [`DynamoDbResource::table`] without asking DynamoDB whether it exists.
#[derive(Clone)]
pub struct Table {
    client: Client,
    name: Arc<str>,
}

impl Table {
    pub(super) fn new(client: Client, name: String) -> Self {
        Self { client, name: name.into() }
    }

    /// The table's name, or its ARN.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// CreateTable; say the attributes, the key schema and how it is paid for.
    pub fn create(&self) -> CreateTableFluentBuilder {
        self.client.create_table().table_name(self.name())
    }

    /// DescribeTable.
    pub fn describe(&self) -> DescribeTableFluentBuilder {
        self.client.describe_table().table_name(self.name())
    }

    /// UpdateTable.
    pub fn update(&self) -> UpdateTableFluentBuilder {
        self.client.update_table().table_name(self.name())
    }

    /// DeleteTable. The table is gone once [`wait_until_not_exists`](Self::wait_until_not_exists) returns.
    pub fn delete(&self) -> DeleteTableFluentBuilder {
        self.client.delete_table().table_name(self.name())
    }

    /// PutItem.
    pub fn put_item(&self) -> PutItemFluentBuilder {
        self.client.put_item().table_name(self.name())
    }

    /// PutItem of a Rust value; see [`item`](crate::item) for what numbers and sets become.
    ///
    /// # Errors
    /// [`InvalidInput`](ErrorKind::InvalidInput) names the attribute that DynamoDB cannot store.
    pub fn put<T: Serialize + ?Sized>(&self, item: &T) -> Result<PutItemFluentBuilder, Error> {
        Ok(self.put_item().set_item(Some(to_item(item)?)))
    }

    /// GetItem, as a Rust value; `None` when there is no item of that key.
    ///
    /// ```
    /// # async fn f(orders: resources::Table) -> Result<(), session_core::Error> {
    /// #[derive(serde::Serialize)]
    /// struct Key<'a> {
    ///     customer: &'a str,
    ///     at: u32,
    /// }
    /// #[derive(serde::Deserialize)]
    /// struct Order {
    ///     total: f64,
    /// }
    /// let order: Option<Order> = orders.get(&Key { customer: "ada", at: 7 }).await?;
    /// println!("{:?}", order.map(|order| order.total));
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// - [`InvalidInput`](ErrorKind::InvalidInput) names the attribute of the key that DynamoDB cannot store
    /// - [`Service`](ErrorKind::Service) names the attribute of the item that is not what the type expects
    /// - what GetItem reports
    pub async fn get<T: DeserializeOwned>(
        &self,
        key: &(impl Serialize + ?Sized),
    ) -> Result<Option<T>, Error> {
        let got = self.get_item().set_key(Some(to_item(key)?)).send().await?;
        got.item.map(from_item).transpose()
    }

    /// GetItem. A missing item is an answer without `item`.
    pub fn get_item(&self) -> GetItemFluentBuilder {
        self.client.get_item().table_name(self.name())
    }

    /// UpdateItem.
    pub fn update_item(&self) -> UpdateItemFluentBuilder {
        self.client.update_item().table_name(self.name())
    }

    /// DeleteItem. Deleting an item that does not exist succeeds.
    pub fn delete_item(&self) -> DeleteItemFluentBuilder {
        self.client.delete_item().table_name(self.name())
    }

    /// Query: one page. [`query_items`](Self::query_items) reads them all.
    pub fn query(&self) -> QueryFluentBuilder {
        self.client.query().table_name(self.name())
    }

    /// Scan: one page. [`scan_items`](Self::scan_items) reads them all.
    pub fn scan(&self) -> ScanFluentBuilder {
        self.client.scan().table_name(self.name())
    }

    /// The items that a query finds, over all its pages; `limit` in it is the size of a page.
    ///
    /// ```no_run
    /// # use aws_sdk_dynamodb::types::AttributeValue;
    /// # async fn f(orders: resources::Table) -> Result<(), session_core::Error> {
    /// let mut items = orders.query_items(|query| {
    ///     query
    ///         .key_condition_expression("customer = :customer")
    ///         .expression_attribute_values(":customer", AttributeValue::S("7".into()))
    /// });
    /// while let Some(item) = items.try_next().await? {
    ///     println!("{item:?}");
    /// }
    /// # Ok(()) }
    /// ```
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn query_items(&self, say: impl FnOnce(QueryFluentBuilder) -> QueryFluentBuilder) -> Items<Item> {
        let paginator = say(self.query()).into_paginator().send();
        Pages::of(paginator, |page| page.items.unwrap_or_default()).into_items(|items| items)
    }

    /// The items that a scan finds, over all its pages; `limit` in it is the size of a page.
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn scan_items(&self, say: impl FnOnce(ScanFluentBuilder) -> ScanFluentBuilder) -> Items<Item> {
        let paginator = say(self.scan()).into_paginator().send();
        Pages::of(paginator, |page| page.items.unwrap_or_default()).into_items(|items| items)
    }

    /// The items that a scan finds, in `segments` parts that are read at the same time; in no order.
    ///
    /// # Errors
    /// The stream ends after its first error. DynamoDB takes 1 to 1,000,000 segments.
    pub fn parallel_scan_items(
        &self,
        segments: u32,
        say: impl Fn(ScanFluentBuilder) -> ScanFluentBuilder,
    ) -> Items<Item> {
        let total = i32::try_from(segments).unwrap_or(i32::MAX);
        // Zero segments, or too many, are DynamoDB's to refuse: one request asks.
        let asked = if (1..=1_000_000).contains(&total) { total } else { 1 };
        let scans = (0..asked).map(|segment| {
            let scan = say(self.scan()).segment(segment).total_segments(total);
            Pages::of(scan.into_paginator().send(), |page| page.items.unwrap_or_default())
        });
        Pages::merged(scans).into_items(|items| items)
    }

    /// The items of those keys; see [`BatchGet`].
    pub fn batch_get<K, N>(&self, keys: impl IntoIterator<Item = K>) -> BatchGet
    where
        K: IntoIterator<Item = (N, AttributeValue)>,
        N: Into<String>,
    {
        let key = |key: K| key.into_iter().map(|(name, value)| (name.into(), value)).collect();
        BatchGet::new(self, keys.into_iter().map(key).collect())
    }

    /// Gathers puts and deletes and writes them 25 a request; see [`BatchWriter`].
    pub fn batch_writer(&self) -> BatchWriter {
        BatchWriter::new(self)
    }

    /// What DynamoDB tells about the table now. Asks by DescribeTable.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) (code `ResourceNotFoundException`) when there is none.
    pub async fn load(&self) -> Result<TableDescription, Error> {
        self.describe().send().await?.table.ok_or_else(|| {
            Error::new(ErrorKind::Service, "the answer to DescribeTable has no table")
                .with_service(DynamoDb::NAME)
                .with_operation("DescribeTable")
        })
    }

    /// Whether the table exists, in whatever status.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }

    /// Waits until the table is `ACTIVE`, at most `max_wait`; asks every 20 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) when it is not by then.
    pub async fn wait_until_exists(&self, max_wait: Duration) -> Result<(), Error> {
        self.client.wait_until_table_exists().table_name(self.name()).wait(max_wait).await?;
        Ok(())
    }

    /// Waits until the table is gone, at most `max_wait`; asks every 20 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](ErrorKind::Timeout) when it is still there by then.
    pub async fn wait_until_not_exists(&self, max_wait: Duration) -> Result<(), Error> {
        self.client.wait_until_table_not_exists().table_name(self.name()).wait(max_wait).await?;
        Ok(())
    }
}

impl PartialEq for Table {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Table {}

impl Hash for Table {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "dynamodb.Table(name={:?})", self.name())
    }
}

#[async_trait]
impl Resource for Table {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(DynamoDb::NAME, "Table", &["name"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.name().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        Table::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        Table::exists(self).await
    }
}

/// The tables of an account in a region. A description of what to ask for: nothing is sent before a stream of it is
/// polled, and every stream asks anew.
#[derive(Clone, Debug)]
#[must_use = "a collection sends nothing until a stream of it is polled"]
pub struct TableCollection {
    dynamodb: DynamoDbResource,
    page_size: Option<i32>,
}

impl TableCollection {
    pub(super) fn new(dynamodb: &DynamoDbResource) -> Self {
        Self { dynamodb: dynamodb.clone(), page_size: None }
    }

    /// How many tables one request asks for, 1 to 100; 100 unless said.
    pub fn page_size(mut self, tables: i32) -> Self {
        self.page_size = Some(tables);
        self
    }

    /// A stream of pages.
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn pages(self) -> Pages<Vec<Table>> {
        let Self { dynamodb, page_size } = self;
        let request = dynamodb.client().list_tables().set_limit(page_size);
        Pages::of(request.into_paginator().send(), move |output| {
            output.table_names.unwrap_or_default().into_iter().map(|name| dynamodb.table(name)).collect()
        })
    }

    /// A stream of tables.
    ///
    /// # Errors
    /// The stream ends after its first error.
    pub fn items(self) -> Items<Table> {
        self.pages().into_items(|page| page)
    }
}
