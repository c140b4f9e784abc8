//! A version of an object: its actions with bucket, key and version id filled in.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::delete_object::builders::DeleteObjectFluentBuilder;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use session_core::{Error, Resource, ResourceMeta};
use tokio::io::AsyncWrite;

use super::S3Resource;
use super::object::Object;
use super::transfer::{DownloadFile, DownloadFileobj};
use crate::existence::found;
use crate::identifier::EmptyIdentifier;
use crate::service::S3;

/// A version of an object by its id; `null` is that of a bucket without versioning. Made by [`Object::version`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ObjectVersion {
    object: Object,
    /// The object's own, unless the id is empty.
    s3: S3Resource,
    id: Arc<str>,
}

impl ObjectVersion {
    pub(super) fn new(object: &Object, id: String) -> Self {
        let s3 = object.s3().unless(EmptyIdentifier::check(&id, "ObjectVersion", "id"));
        Self { object: object.clone(), s3, id: id.into() }
    }

    /// The version id that S3 gave.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The object that it is a version of.
    pub fn object(&self) -> &Object {
        &self.object
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        self.s3.client()
    }

    pub(super) fn s3(&self) -> &S3Resource {
        &self.s3
    }

    /// GetObject of this version.
    pub fn get(&self) -> GetObjectFluentBuilder {
        let get = self.client().get_object().version_id(self.id());
        get.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// HeadObject of this version.
    pub fn head(&self) -> HeadObjectFluentBuilder {
        let head = self.client().head_object().version_id(self.id());
        head.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// Downloads this version to a file when awaited; see [`DownloadFile`].
    pub fn download_file(&self, path: impl Into<PathBuf>) -> DownloadFile {
        self.object.download_file(path).version_id(self.id())
    }

    /// Downloads this version to a writer when awaited; see [`DownloadFileobj`].
    pub fn download_fileobj<'w>(&self, writer: impl AsyncWrite + Send + 'w) -> DownloadFileobj<'w> {
        self.object.download_fileobj(writer).version_id(self.id())
    }

    /// DeleteObject of this version, for good. Deleting a version that does not exist succeeds.
    pub fn delete(&self) -> DeleteObjectFluentBuilder {
        let delete = self.client().delete_object().version_id(self.id());
        delete.bucket(self.object.bucket_name()).key(self.object.key())
    }

    /// What S3 tells about the version now. Asks by HeadObject.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) when there is none. A delete marker is status 405, and so of kind
    /// [`InvalidInput`](session_core::ErrorKind::InvalidInput).
    pub async fn load(&self) -> Result<HeadObjectOutput, Error> {
        Ok(self.head().send().await?)
    }

    /// Whether there is such a version.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }
}

impl fmt::Debug for ObjectVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bucket_name, key) = (self.object.bucket_name(), self.object.key());
        write!(f, "s3.ObjectVersion(bucket_name={bucket_name:?}, object_key={key:?}, id={:?})", self.id())
    }
}

#[async_trait]
impl Resource for ObjectVersion {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta =
            ResourceMeta::new(S3::NAME, "ObjectVersion", &["bucket_name", "object_key", "id"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.object.bucket_name().to_owned(), self.object.key().to_owned(), self.id().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        ObjectVersion::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        ObjectVersion::exists(self).await
    }
}
