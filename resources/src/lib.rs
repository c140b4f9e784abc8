//! boto3's resources for Rust: S3 and DynamoDB as objects over the typed SDK clients.
//!
//! ```
//! use aws_sdk_dynamodb::types::AttributeValue;
//! use resources::{DynamoDb, S3};
//! use session_core::{Error, Session, SessionExt};
//!
//! async fn archive(session: &dyn Session, order: &str) -> Result<bool, Error> {
//!     let s3 = session.resource(S3).await?; // a scope around the resource
//!     let receipt = s3.bucket("receipts").object(order);
//!     receipt.put().body(b"paid".to_vec().into()).send().await?; // the SDK's builder, bucket and key filled in
//!
//!     let dynamodb = session.resource(DynamoDb).await?;
//!     let orders = dynamodb.table("orders");
//!     let exists = orders.exists().await?;
//!     if exists {
//!         orders.put_item().item("id", AttributeValue::S(order.into())).send().await?;
//!     }
//!     dynamodb.close().await?;
//!     s3.close().await?;
//!     Ok(exists)
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let session = backend_mock::MockAws::new().session(); // in production: `backend_aws::AwsSession::builder()…`
//! session.resource(S3).await?.bucket("receipts").create().send().await?;
//! assert!(!archive(&session, "7").await?);
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! Start at the markers [`S3`] and [`DynamoDb`]; they open [`S3Resource`] and [`DynamoDbResource`], and from there every
//! handle names the next: [`Bucket`], [`Object`], [`MultipartUpload`]; [`Table`], [`BatchWriter`], [`BatchGet`]. Collections are
//! [`Items`] or [`Pages`], which ask for a page when they are polled; [`transfer`] moves files.
//!
//! | what boto3's resources do | here |
//! |---|---|
//! | `s3.Bucket('b').Object('k')` | `s3.bucket("b").object("k")`: sync, sends nothing |
//! | `obj.put(Body=…)` | `object.put().body(…).send().await?`: every parameter of the operation, typed |
//! | `obj.content_length`, a hidden request and a cache | `object.load().await?.content_length()`: a snapshot |
//! | `bucket.objects.filter(Prefix='a').limit(9)` | `bucket.objects().prefix("a").limit(9).items()` |
//! | `bucket.objects.all().delete()` | `bucket.objects().delete().await?.complete()?`: failures are told |
//! | `bucket.upload_file(path, key)` | `bucket.object(key).upload_file(path).await?`: returns ETag and version |
//! | `client.generate_presigned_post(…)` | [`Object::presigned_post`]: fields are conditions, too |
//! | `table.batch_writer()` | [`Table::batch_writer`]: backs off, loses nothing, writes nothing when dropped |
//! | first page of `table.query(…)` | [`Table::query_items`]: all pages |
//! | `Key('id').eq(7) & Attr('n').gt(1)` | [`Key`](expression::Key), [`Attr`](expression::Attr): see [`expression`] |
//! | items as `dict`s with `Decimal`s | [`AttributeValue`](aws_sdk_dynamodb::types::AttributeValue)s, or serde: [`item`] |
//! | no counterpart of the batch writer | [`Table::batch_get`]: unprocessed keys are asked for again |
//!
//! An identifier that a caller sets again on a builder (`bucket.put_object().bucket("other")`) wins, for the builder is
//! the SDK's own.
//!
//! | feature | brings |
//! |---|---|
//! | `client-side-encryption` | `encryption`: objects of S3 that are encrypted before they are sent |

mod backoff;
mod collection;
mod dynamodb;
mod existence;
mod identifier;
mod s3;
mod service;

pub use collection::{Items, Pages};
pub use dynamodb::{
    BatchGet, BatchWriteError, BatchWriteSummary, BatchWriter, DynamoDbResource, Item, Table,
    TableCollection, expression, item,
};
#[cfg(feature = "client-side-encryption")]
pub use s3::encryption;
pub use s3::{
    Bucket, BucketAcl, BucketCollection, BucketCors, BucketLifecycle, BucketLifecycleConfiguration,
    BucketLogging, BucketNotification, BucketPolicy, BucketRequestPayment, BucketTagging, BucketVersioning,
    BucketWebsite, CopySource, DeleteFailure, DeleteFailures, DeletedObjects, Listed, MultipartUpload,
    MultipartUploadCollection, MultipartUploadPart, MultipartUploadPartCollection, Object, ObjectAcl,
    ObjectCollection, ObjectPage, ObjectSummary, ObjectVersion, ObjectVersionCollection, PresignPost,
    PresignedPost, ReadObject, S3Resource, SseCustomerKey, Version, transfer,
};
pub use service::{DynamoDb, S3};

/// The examples of the README, which run as doctests.
#[cfg(doctest)]
#[doc = include_str!("../../README.md")]
struct Readme;
