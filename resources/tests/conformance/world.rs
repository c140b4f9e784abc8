//! What a case has to work with, and what is cleaned up behind it.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::ensure;
use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, GlobalSecondaryIndex, KeySchemaElement, KeyType,
    Projection, ProjectionType, ScalarAttributeType,
};
use resources::{Bucket, DynamoDb, DynamoDbResource, Item, Object, S3, S3Resource, Table};
use session_core::{Error, ErrorKind, ResourceScope, Session, SessionExt};
use tempfile::TempDir;

use crate::backend::Backend;
use crate::case::{TestResult, check};

/// How long the slowest of services may take to make a table.
pub(crate) const TABLE_WAIT: Duration = Duration::from_secs(180);

/// A session, both resources, and an empty directory. Clones share them.
#[derive(Clone)]
pub(crate) struct World {
    pub session: Arc<dyn Session>,
    pub s3: Arc<ResourceScope<S3Resource>>,
    pub dynamodb: Arc<ResourceScope<DynamoDbResource>>,
    /// Whether this is the cloud in memory, without a server before it.
    pub is_in_process: bool,
    /// Moto's wording is its own: of its errors the kind and the code alone are compared.
    compares_messages: bool,
    made: Arc<Mutex<Made>>,
    directory: Arc<TempDir>,
}

#[derive(Default)]
struct Made {
    buckets: BTreeSet<String>,
    tables: BTreeSet<String>,
}

impl World {
    pub(crate) async fn new(backend: &Backend) -> anyhow::Result<Self> {
        let session = backend.session().await?;
        Ok(Self {
            s3: Arc::new(session.resource(S3).await?),
            dynamodb: Arc::new(session.resource(DynamoDb).await?),
            session,
            is_in_process: backend.is_in_process(),
            compares_messages: !backend.is_moto(),
            made: Arc::default(),
            directory: Arc::new(TempDir::new()?),
        })
    }

    /// A name that nobody else has.
    pub(crate) fn fresh_name(&self) -> String {
        static COUNT: AtomicU64 = AtomicU64::new(0);
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_micros());
        let (process, count) = (std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        format!("conformance-{now:x}-{process:x}-{count:x}")
    }

    /// A path in a directory of this case's own.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The names in the directory of this case's own.
    pub(crate) fn file_names(&self) -> anyhow::Result<Vec<String>> {
        let entries = std::fs::read_dir(self.directory.path())?;
        let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
        names.collect()
    }

    /// A bucket that does not exist; it is removed with the others if the case creates it.
    pub(crate) fn no_bucket(&self) -> Bucket {
        let name = self.fresh_name();
        self.made.lock().unwrap().buckets.insert(name.clone());
        self.s3.bucket(name)
    }

    /// An empty bucket.
    pub(crate) async fn fresh_bucket(&self) -> Result<Bucket, Error> {
        let bucket = self.no_bucket();
        bucket.create().send().await?;
        Ok(bucket)
    }

    /// A bucket with those objects, of as many bytes as their keys have.
    pub(crate) async fn bucket_with(&self, keys: &[&str]) -> Result<Bucket, Error> {
        let bucket = self.fresh_bucket().await?;
        for key in keys {
            bucket.object(*key).put().body(key.as_bytes().to_vec().into()).send().await?;
        }
        Ok(bucket)
    }

    /// A table that does not exist; it is removed with the others if the case creates it.
    pub(crate) fn no_table(&self) -> Table {
        let name = self.fresh_name();
        self.made.lock().unwrap().tables.insert(name.clone());
        self.dynamodb.table(name)
    }

    /// A table with the partition key `id`, a string.
    pub(crate) async fn fresh_table(&self) -> Result<Table, Error> {
        let table = self.no_table();
        table
            .create()
            .attribute_definitions(attribute("id", ScalarAttributeType::S)?)
            .key_schema(key("id", KeyType::Hash)?)
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await?;
        table.wait_until_exists(TABLE_WAIT).await?;
        Ok(table)
    }

    /// A table with the partition key `customer`, a string, the sort key `at`, a number, and the index `by-status` over
    /// `status`, a string, and `at`.
    pub(crate) async fn fresh_orders(&self) -> Result<Table, Error> {
        let table = self.no_table();
        let by_status = GlobalSecondaryIndex::builder()
            .index_name("by-status")
            .key_schema(key("status", KeyType::Hash)?)
            .key_schema(key("at", KeyType::Range)?)
            .projection(Projection::builder().projection_type(ProjectionType::All).build())
            .build()?;
        table
            .create()
            .attribute_definitions(attribute("customer", ScalarAttributeType::S)?)
            .attribute_definitions(attribute("at", ScalarAttributeType::N)?)
            .attribute_definitions(attribute("status", ScalarAttributeType::S)?)
            .key_schema(key("customer", KeyType::Hash)?)
            .key_schema(key("at", KeyType::Range)?)
            .global_secondary_indexes(by_status)
            .billing_mode(BillingMode::PayPerRequest)
            .send()
            .await?;
        table.wait_until_exists(TABLE_WAIT).await?;
        Ok(table)
    }

    /// Checks the kind of an error, its code and its whole message.
    pub(crate) fn check_message(
        &self,
        error: impl Into<Error>,
        kind: ErrorKind,
        code: &str,
        message: &str,
    ) -> TestResult {
        let error = error.into();
        ensure!(
            error.message() == message || !self.compares_messages,
            "expected the message {message:?}, got {:?}",
            error.message()
        );
        check(error, kind, code)
    }

    /// Removes every bucket and table of the case, and closes the resources. What fails does not stop the rest.
    pub(crate) async fn clean_up(self) -> anyhow::Result<()> {
        let (s3, dynamodb) = (self.session.resource(S3).await?, self.session.resource(DynamoDb).await?);
        let made = std::mem::take(&mut *self.made.lock().unwrap());
        let mut failures = Vec::new();
        for name in made.buckets {
            if let Err(error) = remove_bucket(&s3.bucket(&name)).await {
                failures.push(format!("bucket `{name}`: {error:#}"));
            }
        }
        for name in made.tables {
            match dynamodb.table(&name).delete().send().await.map_err(Error::from) {
                Err(error) if !error.is_not_found() => failures.push(format!("table `{name}`: {error:#}")),
                _ => {}
            }
        }
        for closed in [s3.close().await, dynamodb.close().await] {
            failures.extend(closed.err().map(|error| format!("closing: {error:#}")));
        }
        ensure!(failures.is_empty(), "cleaning up failed: {}", failures.join("; "));
        let in_flight = self.s3.in_flight() + self.dynamodb.in_flight();
        ensure!(in_flight == 0, "{in_flight} operations are still in flight after the case");
        Ok(())
    }
}

async fn remove_bucket(bucket: &Bucket) -> anyhow::Result<()> {
    if !bucket.exists().await? {
        return Ok(());
    }
    let uploads = bucket.list_multipart_uploads().send().await.map_err(Error::from)?;
    for upload in uploads.uploads() {
        if let (Some(key), Some(id)) = (upload.key(), upload.upload_id()) {
            bucket.object(key).multipart_upload(id).abort().send().await.map_err(Error::from)?;
        }
    }
    remove_versions(bucket).await?;
    bucket.objects().delete().await?.complete()?;
    bucket.delete().send().await.map_err(Error::from)?;
    Ok(())
}

/// Removes what versions are left of objects that were deleted or written again.
async fn remove_versions(bucket: &Bucket) -> anyhow::Result<()> {
    loop {
        let list = bucket.client().list_object_versions().bucket(bucket.name());
        let page = list.send().await.map_err(Error::from)?;
        let versions = page.versions().iter().map(|version| (version.key(), version.version_id()));
        let markers = page.delete_markers().iter().map(|marker| (marker.key(), marker.version_id()));
        for (key, id) in versions.chain(markers) {
            if let (Some(key), Some(id)) = (key, id) {
                bucket.object(key).delete().version_id(id).send().await.map_err(Error::from)?;
            }
        }
        if page.is_truncated() != Some(true) {
            return Ok(());
        }
    }
}

/// All of an object's bytes.
pub(crate) async fn bytes_of(object: &Object) -> Result<Vec<u8>, Error> {
    Ok(object.get().send().await?.body.collect().await?.to_vec())
}

/// So many bytes that do not repeat in a power of two.
pub(crate) fn content(size: usize) -> Vec<u8> {
    (0..size).map(|n| (n % 251) as u8).collect()
}

/// A string attribute.
pub(crate) fn s(text: impl Into<String>) -> AttributeValue {
    AttributeValue::S(text.into())
}

/// A number attribute.
pub(crate) fn n(number: impl ToString) -> AttributeValue {
    AttributeValue::N(number.to_string())
}

/// An item from names and values.
pub(crate) fn item<const LEN: usize>(attributes: [(&str, AttributeValue); LEN]) -> Item {
    attributes.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// An attribute definition.
pub(crate) fn attribute(
    name: &str,
    attribute_type: ScalarAttributeType,
) -> Result<AttributeDefinition, Error> {
    Ok(AttributeDefinition::builder().attribute_name(name).attribute_type(attribute_type).build()?)
}

/// An element of a key schema.
pub(crate) fn key(name: &str, key_type: KeyType) -> Result<KeySchemaElement, Error> {
    Ok(KeySchemaElement::builder().attribute_name(name).key_type(key_type).build()?)
}
