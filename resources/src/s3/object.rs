//! An object: its actions with bucket and key filled in, and transfers from and to files.

use std::error::Error as StdError;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::client::Waiters as _;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::delete_object::builders::DeleteObjectFluentBuilder;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::operation::restore_object::builders::RestoreObjectFluentBuilder;
use bytes::Bytes;
use futures_util::Stream;
use session_core::{Error, Resource, ResourceMeta};
use tokio::io::{AsyncRead, AsyncWrite};

use super::S3Resource;
use super::bucket::Bucket;
use super::copy_source::CopySource;
use super::multipart_upload::MultipartUpload;
use super::object_acl::ObjectAcl;
use super::object_version::ObjectVersion;
use super::presigned_post::PresignPost;
use super::read::ReadObject;
use super::transfer::{CopyTo, DownloadFile, DownloadFileobj, UploadFile, UploadFileobj, Yields};
use crate::existence::found;
use crate::identifier::EmptyIdentifier;
use crate::service::S3;

/// An object by its bucket's name and its key. Made by [`Bucket::object`] without asking S3 whether it exists.
#[derive(Clone)]
pub struct Object {
    bucket: Bucket,
    /// The bucket's own, unless the key is empty.
    s3: S3Resource,
    key: Arc<str>,
}

impl Object {
    pub(super) fn new(bucket: &Bucket, key: String) -> Self {
        let s3 = bucket.s3().unless(EmptyIdentifier::check(&key, "Object", "key"));
        Self { bucket: bucket.clone(), s3, key: key.into() }
    }

    /// The name of the bucket that the object is in.
    pub fn bucket_name(&self) -> &str {
        self.bucket.name()
    }

    /// The object's key.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The bucket that the object is in.
    pub fn bucket(&self) -> &Bucket {
        &self.bucket
    }

    /// The SDK's client, for every operation that has no method here.
    pub fn client(&self) -> &Client {
        self.s3.client()
    }

    pub(super) fn s3(&self) -> &S3Resource {
        &self.s3
    }

    /// PutObject.
    pub fn put(&self) -> PutObjectFluentBuilder {
        self.client().put_object().bucket(self.bucket_name()).key(self.key())
    }

    /// GetObject.
    pub fn get(&self) -> GetObjectFluentBuilder {
        self.client().get_object().bucket(self.bucket_name()).key(self.key())
    }

    /// Reads this object when awaited, as a stream that goes on where it broke off; see [`ReadObject`].
    ///
    /// ```
    /// # use resources::S3;
    /// # use session_core::SessionExt;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// # let s3 = session.resource(S3).await?;
    /// # s3.bucket("films").create().send().await?;
    /// let film = s3.object("films", "a.txt");
    /// film.put().body(b"once upon a time".to_vec().into()).send().await?;
    ///
    /// let mut body = film.read().range("bytes=5-8").await?.body; // the SDK's own `ByteStream`
    /// while let Some(bytes) = body.try_next().await? {
    ///     assert_eq!(bytes, "upon");
    /// }
    /// # Ok::<(), session_core::Error>(()) }).unwrap();
    /// ```
    pub fn read(&self) -> ReadObject {
        ReadObject::new(self)
    }

    /// HeadObject.
    pub fn head(&self) -> HeadObjectFluentBuilder {
        self.client().head_object().bucket(self.bucket_name()).key(self.key())
    }

    /// DeleteObject. Deleting an object that does not exist succeeds.
    pub fn delete(&self) -> DeleteObjectFluentBuilder {
        self.client().delete_object().bucket(self.bucket_name()).key(self.key())
    }

    /// CopyObject, from an object or a version of one to this object; at most 5 GiB;
    /// [`copy`](Self::copy) copies any.
    ///
    /// The header that names the source wants its key percent-encoded; that is done here. A source without a key, bucket
    /// name or version id is refused before anything is sent.
    pub fn copy_from(&self, source: impl Into<CopySource>) -> CopyObjectFluentBuilder {
        let (header, s3) = source.into().through(&self.s3);
        s3.client().copy_object().bucket(self.bucket_name()).key(self.key()).copy_source(header)
    }

    /// RestoreObject, from an archive.
    pub fn restore_object(&self) -> RestoreObjectFluentBuilder {
        self.client().restore_object().bucket(self.bucket_name()).key(self.key())
    }

    /// The object's access control list. Sends nothing.
    pub fn acl(&self) -> ObjectAcl {
        ObjectAcl::new(self)
    }

    /// The version of this object with that id. Sends nothing.
    pub fn version(&self, id: impl Into<String>) -> ObjectVersion {
        ObjectVersion::new(self, id.into())
    }

    /// CreateMultipartUpload. [`upload_file`](Self::upload_file) does all of it for a file.
    pub fn initiate_multipart_upload(&self) -> CreateMultipartUploadFluentBuilder {
        self.client().create_multipart_upload().bucket(self.bucket_name()).key(self.key())
    }

    /// The multipart upload of this object with that id. Sends nothing.
    pub fn multipart_upload(&self, upload_id: impl Into<String>) -> MultipartUpload {
        MultipartUpload::new(self, upload_id.into())
    }

    /// Uploads a file to this object when awaited; see [`UploadFile`].
    pub fn upload_file(&self, path: impl Into<PathBuf>) -> UploadFile {
        UploadFile::new(self.clone(), path.into())
    }

    /// Uploads what a reader yields to this object when awaited; see [`UploadFileobj`].
    pub fn upload_fileobj<'r>(&self, reader: impl AsyncRead + Send + 'r) -> UploadFileobj<'r> {
        UploadFileobj::new(self.clone(), Yields::reader(reader))
    }

    /// Uploads what a stream yields to this object when awaited, such as the body of another answer; see
    /// [`UploadFileobj`].
    ///
    /// ```
    /// # use resources::S3;
    /// # use session_core::SessionExt;
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// # let s3 = session.resource(S3).await?;
    /// # s3.bucket("films").create().send().await?;
    /// use bytes::Bytes;
    /// use futures_util::stream;
    ///
    /// let pieces = [Bytes::from("once upon "), Bytes::from("a time")].map(Ok::<_, std::io::Error>);
    /// let uploaded = s3.object("films", "metropolis").upload_stream(stream::iter(pieces)).await?;
    /// assert_eq!(uploaded.size, 16);
    /// # Ok::<(), session_core::Error>(()) }).unwrap();
    /// ```
    pub fn upload_stream<'s, E: Into<Box<dyn StdError + Send + Sync>>>(
        &self,
        stream: impl Stream<Item = Result<Bytes, E>> + Send + 's,
    ) -> UploadFileobj<'s> {
        UploadFileobj::new(self.clone(), Yields::stream(stream))
    }

    /// Downloads this object to a file when awaited; see [`DownloadFile`].
    pub fn download_file(&self, path: impl Into<PathBuf>) -> DownloadFile {
        DownloadFile::new(self.clone(), path.into())
    }

    /// Downloads this object to a writer when awaited; see [`DownloadFileobj`].
    pub fn download_fileobj<'w>(&self, writer: impl AsyncWrite + Send + 'w) -> DownloadFileobj<'w> {
        DownloadFileobj::new(self.clone(), writer)
    }

    /// This object, encrypted before it is sent and decrypted after it came; see
    /// [`EncryptedObject`](super::encryption::EncryptedObject). Sends nothing.
    #[cfg(feature = "client-side-encryption")]
    pub fn encrypted(
        &self,
        encryption: &super::encryption::S3Encryption,
    ) -> super::encryption::EncryptedObject {
        super::encryption::EncryptedObject::new(self.clone(), encryption.clone())
    }

    /// Copies an object or a version of one to this object when awaited, of any size; see [`CopyTo`].
    pub fn copy(&self, source: impl Into<CopySource>) -> CopyTo {
        CopyTo::new(self.clone(), source.into())
    }

    /// Signs a form with which a browser uploads this object, when awaited; see [`PresignPost`].
    pub fn presigned_post(&self) -> PresignPost {
        PresignPost::new(&self.bucket, self.key().to_owned())
    }

    /// What S3 tells about the object now: size, ETag, metadata, storage class. Asks by HeadObject.
    ///
    /// # Errors
    /// [`NotFound`](session_core::ErrorKind::NotFound) when there is none. A HEAD has no body, so the error has no
    /// message of S3's.
    pub async fn load(&self) -> Result<HeadObjectOutput, Error> {
        Ok(self.head().send().await?)
    }

    /// Whether the object exists.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`. Without permission to list the bucket, S3 answers
    /// [`AccessDenied`](session_core::ErrorKind::AccessDenied) for a missing object, too.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }

    /// Waits until the object exists, at most `max_wait`; asks every 5 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](session_core::ErrorKind::Timeout) when it does not by then.
    pub async fn wait_until_exists(&self, max_wait: Duration) -> Result<(), Error> {
        let waiter = self.client().wait_until_object_exists();
        waiter.bucket(self.bucket_name()).key(self.key()).wait(max_wait).await?;
        Ok(())
    }

    /// Waits until the object is gone, at most `max_wait`; asks every 5 s on the client's clock.
    ///
    /// # Errors
    /// [`Timeout`](session_core::ErrorKind::Timeout) when it is still there by then.
    pub async fn wait_until_not_exists(&self, max_wait: Duration) -> Result<(), Error> {
        let waiter = self.client().wait_until_object_not_exists();
        waiter.bucket(self.bucket_name()).key(self.key()).wait(max_wait).await?;
        Ok(())
    }
}

impl PartialEq for Object {
    fn eq(&self, other: &Self) -> bool {
        self.bucket == other.bucket && self.key == other.key
    }
}

impl Eq for Object {}

impl Hash for Object {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.bucket.hash(state);
        self.key.hash(state);
    }
}

impl fmt::Debug for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s3.Object(bucket_name={:?}, key={:?})", self.bucket_name(), self.key())
    }
}

#[async_trait]
impl Resource for Object {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(S3::NAME, "Object", &["bucket_name", "key"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.bucket_name().to_owned(), self.key().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        Object::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        Object::exists(self).await
    }
}
