//! S3 as objects: the service, its buckets, their objects, and transfers of files.
//!
//! Handles are identifiers and a client: cheap to clone, equal when the identifiers are (client, region and account do
//! not count, as in boto3), and without a cache. An action returns the SDK's own fluent builder with the identifiers
//! filled in, so that every parameter of the operation is there; `load()` returns AWS's whole description.

mod bucket;
mod bucket_configuration;
mod collection_settings;
mod copy_source;
mod delete;
#[cfg(feature = "client-side-encryption")]
pub mod encryption;
mod listed;
mod listing;
mod multipart_upload;
mod multipart_upload_part;
mod object;
mod object_acl;
mod object_version;
mod origin;
mod payload_signing;
mod presigned_post;
mod read;
mod signing_identity;
mod sse_customer_key;
pub mod transfer;
mod uploads;
mod versions;

use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::create_bucket::builders::CreateBucketFluentBuilder;
use session_core::{Connection, Error, Hold, Resource, ResourceMeta, Service};

pub use bucket::Bucket;
pub use bucket_configuration::{
    BucketAcl, BucketCors, BucketLifecycle, BucketLifecycleConfiguration, BucketLogging, BucketNotification,
    BucketPolicy, BucketRequestPayment, BucketTagging, BucketVersioning, BucketWebsite,
};
pub use copy_source::CopySource;
pub use delete::{DeleteFailure, DeleteFailures, DeletedObjects};
pub use listed::Listed;
pub use listing::{BucketCollection, ObjectCollection, ObjectPage, ObjectSummary};
pub use multipart_upload::MultipartUpload;
pub use multipart_upload_part::MultipartUploadPart;
pub use object::Object;
pub use object_acl::ObjectAcl;
pub use object_version::ObjectVersion;
pub(crate) use origin::Origin;
pub(crate) use payload_signing::PayloadSigning;
pub use presigned_post::{PresignPost, PresignedPost};
pub use read::ReadObject;
pub use sse_customer_key::SseCustomerKey;
pub use uploads::{MultipartUploadCollection, MultipartUploadPartCollection};
pub use versions::{ObjectVersionCollection, Version};

use crate::identifier::EmptyIdentifier;
use crate::service::S3;

/// S3 as a whole: where buckets and objects come from. Opened by `session.resource(S3)`.
#[derive(Clone)]
pub struct S3Resource {
    client: Client,
    /// What the client was made from; `None` for a client made elsewhere.
    scope: Option<Arc<dyn Scope>>,
    /// Why nothing may be sent; the client refuses it, too.
    empty: Option<EmptyIdentifier>,
}

impl S3Resource {
    /// The resource over a client, of a session or not. If it is a session's, closing its scope waits until interrupted
    /// uploads are aborted, as with a resource of the session's.
    pub fn new(client: Client) -> Self {
        Self { scope: origin::scope_of(&client), client, empty: None }
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The bucket of that name. Sends nothing.
    ///
    /// Every operation of a bucket without a name fails before it is sent, with kind
    /// [`InvalidInput`](session_core::ErrorKind::InvalidInput).
    pub fn bucket(&self, name: impl Into<String>) -> Bucket {
        Bucket::new(self, name.into())
    }

    /// The object with that key in the bucket of that name. Sends nothing.
    ///
    /// Every operation of an object without a key or bucket name fails before it is sent, with kind
    /// [`InvalidInput`](session_core::ErrorKind::InvalidInput).
    pub fn object(&self, bucket_name: impl Into<String>, key: impl Into<String>) -> Object {
        self.bucket(bucket_name).object(key)
    }

    /// The access control list of the object with that key in the bucket of that name. Sends nothing.
    pub fn object_acl(&self, bucket_name: impl Into<String>, object_key: impl Into<String>) -> ObjectAcl {
        self.object(bucket_name, object_key).acl()
    }

    /// The version of that id, of the object with that key in the bucket of that name. Sends nothing.
    pub fn object_version(
        &self,
        bucket_name: impl Into<String>,
        object_key: impl Into<String>,
        id: impl Into<String>,
    ) -> ObjectVersion {
        self.object(bucket_name, object_key).version(id)
    }

    /// The multipart upload of that id, of the object with that key in the bucket of that name. Sends nothing.
    pub fn multipart_upload(
        &self,
        bucket_name: impl Into<String>,
        object_key: impl Into<String>,
        id: impl Into<String>,
    ) -> MultipartUpload {
        self.object(bucket_name, object_key).multipart_upload(id)
    }

    /// The part of that number of a multipart upload. Sends nothing.
    pub fn multipart_upload_part(
        &self,
        bucket_name: impl Into<String>,
        object_key: impl Into<String>,
        multipart_upload_id: impl Into<String>,
        part_number: i32,
    ) -> MultipartUploadPart {
        self.multipart_upload(bucket_name, object_key, multipart_upload_id).part(part_number)
    }

    /// The buckets of the account, in alphabetical order.
    pub fn buckets(&self) -> BucketCollection {
        BucketCollection::new(self)
    }

    /// CreateBucket, nothing filled in. [`Bucket::create`] fills in name and region.
    pub fn create_bucket(&self) -> CreateBucketFluentBuilder {
        self.client.create_bucket()
    }

    /// The same resource, or one whose operations all fail, if an identifier is empty.
    fn unless(&self, empty: Option<EmptyIdentifier>) -> Self {
        let mut resource = self.clone();
        if let Some(empty) = empty {
            let config = self.client.config().to_builder().interceptor(empty).build();
            (resource.client, resource.empty) = (Client::from_conf(config), Some(empty));
        }
        resource
    }

    /// A client whose requests the end of the scope waits for and does not cancel.
    ///
    /// # Errors
    /// [`ErrorKind::ScopeClosed`](session_core::ErrorKind::ScopeClosed) when the scope has ended already, and
    /// [`ErrorKind::InvalidInput`](session_core::ErrorKind::InvalidInput) when an identifier is empty.
    fn cleanup_client(&self) -> Result<Client, Error> {
        if let Some(empty) = self.empty {
            return Err(empty.error());
        }
        match &self.scope {
            Some(scope) => scope.cleanup_client(),
            None => Ok(self.client.clone()),
        }
    }

    /// Makes closing the scope wait until what is returned is dropped.
    fn hold(&self) -> Option<Hold> {
        self.scope.as_ref().map(|scope| scope.hold())
    }
}

/// What outlives the end of a scope, for cleaning up.
///
/// A trait object hides the scope's state from the type of the handles: they are keys by their identifiers alone, which
/// `clippy::mutable_key_type` could not know.
pub(crate) trait Scope: fmt::Debug + Send + Sync {
    fn cleanup_client(&self) -> Result<Client, Error>;
    fn hold(&self) -> Hold;
}

impl Scope for Connection {
    fn cleanup_client(&self) -> Result<Client, Error> {
        self.require_open()?;
        S3.client(&self.cleanup())
    }

    fn hold(&self) -> Hold {
        Connection::hold(self)
    }
}

impl PartialEq for S3Resource {
    /// A service has no identifiers, so all are equal.
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

impl Eq for S3Resource {}

impl Hash for S3Resource {
    fn hash<H: Hasher>(&self, _state: &mut H) {}
}

impl fmt::Debug for S3Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("s3.S3Resource()")
    }
}

#[async_trait]
impl Resource for S3Resource {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(S3::NAME, "S3", &[]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        Vec::new()
    }

    /// Asks for one bucket, whether there is one or not.
    async fn load(&self) -> Result<(), Error> {
        self.client.list_buckets().max_buckets(1).send().await?;
        Ok(())
    }

    async fn exists(&self) -> Result<bool, Error> {
        Resource::load(self).await.map(|()| true)
    }
}

/// AWS counts bytes signed; none are negative.
fn size_of(length: Option<i64>) -> u64 {
    length.and_then(|length| u64::try_from(length).ok()).unwrap_or(0)
}
