//! A bucket: its actions with the name filled in, and the objects in it.

use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::client::Waiters as _;
use aws_sdk_s3::operation::create_bucket::builders::CreateBucketFluentBuilder;
use aws_sdk_s3::operation::delete_bucket::builders::DeleteBucketFluentBuilder;
use aws_sdk_s3::operation::delete_objects::builders::DeleteObjectsFluentBuilder;
use aws_sdk_s3::operation::head_bucket::HeadBucketOutput;
use aws_sdk_s3::operation::head_bucket::builders::HeadBucketFluentBuilder;
use aws_sdk_s3::operation::list_multipart_uploads::builders::ListMultipartUploadsFluentBuilder;
use aws_sdk_s3::operation::list_objects_v2::builders::ListObjectsV2FluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use session_core::{Error, ErrorKind, RegionName, Resource, ResourceMeta};
use tokio::io::{AsyncRead, AsyncWrite};

use super::S3Resource;
use super::copy_source::CopySource;
use super::listing::ObjectCollection;
use super::object::Object;
use super::presigned_post::PresignPost;
use super::transfer::{
    CopyTo, DownloadDirectory, DownloadFile, DownloadFileobj, UploadDirectory, UploadFile, UploadFileobj,
};
use super::uploads::MultipartUploadCollection;
use super::versions::ObjectVersionCollection;
use crate::existence::found;
use crate::identifier::EmptyIdentifier;
use crate::service::S3;

/// A bucket by its name. Made by [`S3Resource::bucket`] without asking S3 whether it exists.
#[derive(Clone)]
pub struct Bucket {
    s3: S3Resource,
    name: Arc<str>,
}

impl Bucket {
    pub(super) fn new(s3: &S3Resource, name: String) -> Self {
        Self { s3: s3.unless(EmptyIdentifier::check(&name, "Bucket", "name")), name: name.into() }
    }

    /// The bucket's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        self.s3.client()
    }

    pub(super) fn s3(&self) -> &S3Resource {
        &self.s3
    }

    /// The object with that key. Sends nothing; see [`S3Resource::object`] about an empty key.
    pub fn object(&self, key: impl Into<String>) -> Object {
        Object::new(self, key.into())
    }

    /// The objects in the bucket, in UTF-8 byte order of their keys.
    pub fn objects(&self) -> ObjectCollection {
        ObjectCollection::new(self)
    }

    /// The versions of the bucket's objects, delete markers among them.
    pub fn object_versions(&self) -> ObjectVersionCollection {
        ObjectVersionCollection::new(self)
    }

    /// The multipart uploads that were neither completed nor aborted.
    pub fn multipart_uploads(&self) -> MultipartUploadCollection {
        MultipartUploadCollection::new(self)
    }

    /// CreateBucket, with the client's region as the location constraint where AWS requires one (outside
    /// `us-east-1`).
    pub fn create(&self) -> CreateBucketFluentBuilder {
        let region = self.client().config().region().map(AsRef::as_ref).unwrap_or("us-east-1");
        let location = (region != "us-east-1").then(|| {
            CreateBucketConfiguration::builder()
                .location_constraint(BucketLocationConstraint::from(region))
                .build()
        });
        self.client().create_bucket().bucket(self.name()).set_create_bucket_configuration(location)
    }

    /// DeleteBucket. The bucket must be empty: `bucket.objects().delete()` empties one without
    /// versions, `bucket.object_versions().delete()` any.
    pub fn delete(&self) -> DeleteBucketFluentBuilder {
        self.client().delete_bucket().bucket(self.name())
    }

    /// HeadBucket.
    pub fn head(&self) -> HeadBucketFluentBuilder {
        self.client().head_bucket().bucket(self.name())
    }

    /// PutObject; say the key and the body.
    pub fn put_object(&self) -> PutObjectFluentBuilder {
        self.client().put_object().bucket(self.name())
    }

    /// Uploads a file to the object with that key when awaited; see [`UploadFile`].
    pub fn upload_file(&self, path: impl Into<PathBuf>, key: impl Into<String>) -> UploadFile {
        self.object(key).upload_file(path)
    }

    /// Uploads what a reader yields to the object with that key when awaited; see [`UploadFileobj`].
    pub fn upload_fileobj<'r>(
        &self,
        reader: impl AsyncRead + Send + 'r,
        key: impl Into<String>,
    ) -> UploadFileobj<'r> {
        self.object(key).upload_fileobj(reader)
    }

    /// Downloads the object with that key to a file when awaited; see [`DownloadFile`].
    pub fn download_file(&self, key: impl Into<String>, path: impl Into<PathBuf>) -> DownloadFile {
        self.object(key).download_file(path)
    }

    /// Downloads the object with that key to a writer when awaited; see [`DownloadFileobj`].
    pub fn download_fileobj<'w>(
        &self,
        key: impl Into<String>,
        writer: impl AsyncWrite + Send + 'w,
    ) -> DownloadFileobj<'w> {
        self.object(key).download_fileobj(writer)
    }

    /// Copies an object or a version of one to the object with that key when awaited; see [`CopyTo`].
    pub fn copy(&self, source: impl Into<CopySource>, key: impl Into<String>) -> CopyTo {
        self.object(key).copy(source)
    }

    /// Uploads all files of a directory when awaited; see [`UploadDirectory`].
    pub fn upload_directory(&self, path: impl Into<PathBuf>) -> UploadDirectory {
        UploadDirectory::new(self, path.into())
    }

    /// Downloads all objects, or those under a prefix, to a directory when awaited; see [`DownloadDirectory`].
    pub fn download_directory(&self, path: impl Into<PathBuf>) -> DownloadDirectory {
        DownloadDirectory::new(self, path.into())
    }

    /// Signs a form with which a browser uploads an object, when awaited; see [`PresignPost`]. A key that ends in
    /// `${filename}` gets the name of the file that is chosen.
    pub fn presigned_post(&self, key: impl Into<String>) -> PresignPost {
        PresignPost::new(self, key.into())
    }

    /// DeleteObjects: at most 1,000 keys a request. Keys that could not be deleted are in the answer's `errors`.
    pub fn delete_objects(&self) -> DeleteObjectsFluentBuilder {
        self.client().delete_objects().bucket(self.name())
    }

    /// ListObjectsV2: one page. [`objects`](Self::objects) reads them all.
    pub fn list_objects_v2(&self) -> ListObjectsV2FluentBuilder {
        self.client().list_objects_v2().bucket(self.name())
    }

    /// ListMultipartUploads: one page. [`multipart_uploads`](Self::multipart_uploads) reads them all.
    pub fn list_multipart_uploads(&self) -> ListMultipartUploadsFluentBuilder {
        self.client().list_multipart_uploads().bucket(self.name())
    }

    /// What S3 tells about the bucket now: region, location, access point. Asks by HeadBucket.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) when there is none;
    /// [`AccessDenied`](session_core::ErrorKind::AccessDenied) when it is somebody else's.
    pub async fn load(&self) -> Result<HeadBucketOutput, Error> {
        Ok(self.head().send().await?)
    }

    /// Whether the bucket exists and this identity may look at it.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`. A bucket of somebody else's is `AccessDenied`, not `false`: its
    /// name is taken.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }

    /// The region that the bucket is in, whichever the client's is and whoever the bucket's owner.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when there is none; [`Service`](ErrorKind::Service) from a server that does not
    /// say where it is.
    ///
    /// # Source
    /// HeadBucket: `x-amz-bucket-region` is in the answer, and in that to a request in the wrong region or without access.
    pub async fn region(&self) -> Result<RegionName, Error> {
        let told = match self.head().send().await {
            Ok(output) => output.bucket_region,
            Err(refused) => {
                let response = refused.raw_response();
                match response.and_then(|response| response.headers().get("x-amz-bucket-region")) {
                    Some(told) => Some(told.to_owned()),
                    None => return Err(refused.into()),
                }
            }
        };
        let silent = || {
            let message = format!("the answer to HeadBucket does not say in which region `{}` is", self.name);
            Error::new(ErrorKind::Service, message).with_service(S3::NAME)
        };
        RegionName::new(told.ok_or_else(silent)?)
    }

    /// Waits until the bucket exists, at most `max_wait`; asks every 5 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](session_core::ErrorKind::Timeout) when it does not by then.
    pub async fn wait_until_exists(&self, max_wait: Duration) -> Result<(), Error> {
        self.client().wait_until_bucket_exists().bucket(self.name()).wait(max_wait).await?;
        Ok(())
    }

    /// Waits until the bucket is gone, at most `max_wait`; asks every 5 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](session_core::ErrorKind::Timeout) when it is still there by then.
    pub async fn wait_until_not_exists(&self, max_wait: Duration) -> Result<(), Error> {
        self.client().wait_until_bucket_not_exists().bucket(self.name()).wait(max_wait).await?;
        Ok(())
    }
}

impl PartialEq for Bucket {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for Bucket {}

impl Hash for Bucket {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.name.hash(state);
    }
}

impl fmt::Debug for Bucket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3.Bucket(name={:?})", self.name())
    }
}

#[async_trait]
impl Resource for Bucket {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(S3::NAME, "Bucket", &["name"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.name().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        Bucket::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        Bucket::exists(self).await
    }
}
