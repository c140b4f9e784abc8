//! boto3's transfers on a bare client, which are those of its buckets and objects.

use std::error::Error as StdError;
use std::path::PathBuf;

use aws_sdk_s3::Client;
use bytes::Bytes;
use futures_util::Stream;
use tokio::io::{AsyncRead, AsyncWrite};

use super::copy::CopyTo;
use super::directory::{DownloadDirectory, UploadDirectory};
use super::download::DownloadFile;
use super::download_fileobj::DownloadFileobj;
use super::upload::UploadFile;
use super::upload_fileobj::UploadFileobj;
use crate::s3::S3Resource;
use crate::s3::copy_source::CopySource;

/// Transfers on the SDK's client, with boto3's names and order of arguments: what [`Object`](crate::Object) and
/// [`Bucket`](crate::Bucket) have, for a program that has no resource.
///
/// ```
/// use resources::S3;
/// use resources::transfer::ClientTransfers as _;
/// # use session_core::SessionExt;
///
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let session = backend_mock::MockAws::new().session();
/// # let directory = tempfile::tempdir().unwrap();
/// # let path = directory.path().join("film");
/// # std::fs::write(&path, "once upon a time").unwrap();
/// let client = session.client(S3).await?; // an `aws_sdk_s3::Client` in a scope
/// # client.create_bucket().bucket("films").send().await?;
/// client.upload_file(&path, "films", "a.txt").content_type("text/plain").await?;
///
/// let mut text = Vec::new();
/// client.download_fileobj("films", "a.txt", &mut text).await?;
/// assert_eq!(text, b"once upon a time");
/// # Ok::<(), session_core::Error>(()) }).unwrap();
/// ```
///
/// # Cancellation
/// As that of each transfer: closing the scope of the client waits until an interrupted multipart upload is aborted.
///
/// # Source
/// boto3's S3 client, `upload_file` to `copy`; it has no transfers of directories.
pub trait ClientTransfers {
    /// Uploads a file when awaited; see [`UploadFile`].
    fn upload_file(
        &self,
        path: impl Into<PathBuf>,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFile;

    /// Uploads what a reader yields when awaited; see [`UploadFileobj`].
    fn upload_fileobj<'r>(
        &self,
        reader: impl AsyncRead + Send + 'r,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFileobj<'r>;

    /// Uploads what a stream yields when awaited; see [`UploadFileobj`].
    fn upload_stream<'s, E: Into<Box<dyn StdError + Send + Sync>>>(
        &self,
        stream: impl Stream<Item = Result<Bytes, E>> + Send + 's,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFileobj<'s>;

    /// Downloads an object to a file when awaited; see [`DownloadFile`].
    fn download_file(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> DownloadFile;

    /// Downloads an object to a writer when awaited; see [`DownloadFileobj`].
    fn download_fileobj<'w>(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        writer: impl AsyncWrite + Send + 'w,
    ) -> DownloadFileobj<'w>;

    /// Copies an object or a version of one, of any size, when awaited; see [`CopyTo`].
    fn copy(
        &self,
        source: impl Into<CopySource>,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> CopyTo;

    /// Uploads all files of a directory when awaited; see [`UploadDirectory`].
    fn upload_directory(&self, path: impl Into<PathBuf>, bucket: impl Into<String>) -> UploadDirectory;

    /// Downloads all objects of a bucket, or those under a prefix, when awaited; see [`DownloadDirectory`].
    fn download_directory(&self, bucket: impl Into<String>, path: impl Into<PathBuf>) -> DownloadDirectory;
}

impl ClientTransfers for Client {
    fn upload_file(
        &self,
        path: impl Into<PathBuf>,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFile {
        S3Resource::new(self.clone()).object(bucket, key).upload_file(path)
    }

    fn upload_fileobj<'r>(
        &self,
        reader: impl AsyncRead + Send + 'r,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFileobj<'r> {
        S3Resource::new(self.clone()).object(bucket, key).upload_fileobj(reader)
    }

    fn upload_stream<'s, E: Into<Box<dyn StdError + Send + Sync>>>(
        &self,
        stream: impl Stream<Item = Result<Bytes, E>> + Send + 's,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> UploadFileobj<'s> {
        S3Resource::new(self.clone()).object(bucket, key).upload_stream(stream)
    }

    fn download_file(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        path: impl Into<PathBuf>,
    ) -> DownloadFile {
        S3Resource::new(self.clone()).object(bucket, key).download_file(path)
    }

    fn download_fileobj<'w>(
        &self,
        bucket: impl Into<String>,
        key: impl Into<String>,
        writer: impl AsyncWrite + Send + 'w,
    ) -> DownloadFileobj<'w> {
        S3Resource::new(self.clone()).object(bucket, key).download_fileobj(writer)
    }

    fn copy(
        &self,
        source: impl Into<CopySource>,
        bucket: impl Into<String>,
        key: impl Into<String>,
    ) -> CopyTo {
        S3Resource::new(self.clone()).object(bucket, key).copy(source)
    }

    fn upload_directory(&self, path: impl Into<PathBuf>, bucket: impl Into<String>) -> UploadDirectory {
        S3Resource::new(self.clone()).bucket(bucket).upload_directory(path)
    }

    fn download_directory(&self, bucket: impl Into<String>, path: impl Into<PathBuf>) -> DownloadDirectory {
        S3Resource::new(self.clone()).bucket(bucket).download_directory(path)
    }
}
