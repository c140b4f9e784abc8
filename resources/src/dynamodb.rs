//! DynamoDB as objects: the service, its tables, their items, and writing many of them.
//!
//! Handles are identifiers and a client, as in [`s3`](crate::S3Resource); actions return the SDK's own fluent builders
//! with the table's name filled in.

mod batch_get;
mod batch_writer;
pub mod expression;
mod failed_condition;
pub mod item;
mod item_key;
mod table;

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};

use async_trait::async_trait;
use aws_sdk_dynamodb::Client;
use aws_sdk_dynamodb::operation::batch_get_item::builders::BatchGetItemFluentBuilder;
use aws_sdk_dynamodb::operation::batch_write_item::builders::BatchWriteItemFluentBuilder;
use aws_sdk_dynamodb::operation::create_table::builders::CreateTableFluentBuilder;
use aws_sdk_dynamodb::types::AttributeValue;
use session_core::{Error, Resource, ResourceMeta};

pub use batch_get::BatchGet;
pub use batch_writer::{BatchWriteError, BatchWriteSummary, BatchWriter};
pub use table::{Table, TableCollection};

use crate::identifier::EmptyIdentifier;
use crate::service::DynamoDb;

/// An item: its attributes by name.
pub type Item = HashMap<String, AttributeValue>;

/// DynamoDB as a whole: where tables come from. Opened by `session.resource(DynamoDb)`.
#[derive(Clone)]
pub struct DynamoDbResource {
    client: Client,
}

impl DynamoDbResource {
    /// The resource over a client, whether a session made it or not.
    pub fn new(client: Client) -> Self {
        Self { client }
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The table of that name or ARN. Sends nothing.
    ///
    /// Every operation of a table without a name fails before it is sent, with kind
    /// [`InvalidInput`](session_core::ErrorKind::InvalidInput).
    pub fn table(&self, name: impl Into<String>) -> Table {
        let name = name.into();
        let empty = EmptyIdentifier::check(&name, "Table", "name");
        let client = empty.map_or_else(
            || self.client.clone(),
            |empty| Client::from_conf(self.client.config().to_builder().interceptor(empty).build()),
        );
        Table::new(client, name)
    }

    /// The tables of this account and region, in alphabetical order.
    pub fn tables(&self) -> TableCollection {
        TableCollection::new(self)
    }

    /// CreateTable, nothing filled in. The table can be used once [`Table::wait_until_exists`] returns.
    pub fn create_table(&self) -> CreateTableFluentBuilder {
        self.client.create_table()
    }

    /// BatchGetItem, nothing filled in: one request, of many tables. [`Table::batch_get`] asks again for what was left
    /// unprocessed.
    pub fn batch_get_item(&self) -> BatchGetItemFluentBuilder {
        self.client.batch_get_item()
    }

    /// BatchWriteItem, nothing filled in: one request, to many tables. [`Table::batch_writer`] writes again what was left
    /// unprocessed.
    pub fn batch_write_item(&self) -> BatchWriteItemFluentBuilder {
        self.client.batch_write_item()
    }
}

impl PartialEq for DynamoDbResource {
    /// A service has no identifiers, so all are equal.
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for DynamoDbResource {}

impl Hash for DynamoDbResource {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl fmt::Debug for DynamoDbResource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("dynamodb.DynamoDbResource()")
    }
}

#[async_trait]
impl Resource for DynamoDbResource {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(DynamoDb::NAME, "DynamoDB", &[]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Asks for one table, whether there is one or not.
    async fn load(&self) -> Result<(), Error> {
        self.client.list_tables().limit(1).send().await?;
        Ok(())
    }

    async fn exists(&self) -> Result<bool, Error> {
        Resource::load(self).await.map(|()| true)
    }
}
