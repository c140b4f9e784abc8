//! A part of a multipart upload: its actions with upload and part number filled in.

use std::fmt;

use async_trait::async_trait;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_sdk_s3::types::Part;
use session_core::{Error, ErrorKind, Resource, ResourceMeta};

use super::copy_source::CopySource;
use super::multipart_upload::MultipartUpload;
use crate::existence::found;
use crate::service::S3;

/// A part of a multipart upload by its number, 1 to 10,000. Made by [`MultipartUpload::part`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MultipartUploadPart {
    upload: MultipartUpload,
    number: i32,
}

impl MultipartUploadPart {
    pub(super) fn new(upload: &MultipartUpload, number: i32) -> Self {
        Self { upload: upload.clone(), number }
    }

    /// The part's number, which says its place among the parts.
    pub fn part_number(&self) -> i32 {
        self.number
    }

    /// The upload that it is of.
    pub fn multipart_upload(&self) -> &MultipartUpload {
        &self.upload
    }

    /// UploadPart. A part uploaded again replaces the one before.
    pub fn upload(&self) -> UploadPartFluentBuilder {
        self.upload.upload_part(self.number)
    }

    /// UploadPartCopy, from an object or a version of one; all of it, unless `copy_source_range` says which bytes.
    pub fn copy_from(&self, source: impl Into<CopySource>) -> UploadPartCopyFluentBuilder {
        let (header, s3) = source.into().through(self.upload.s3());
        let object = self.upload.object();
        let copy = s3.client().upload_part_copy().bucket(object.bucket_name()).key(object.key());
        copy.upload_id(self.upload.id()).part_number(self.number).copy_source(header)
    }

    /// What S3 tells about the part now: size, ETag, checksums. Asks by ListParts.
    ///
    /// # Errors
    /// [`NotFound`](ErrorKind::NotFound) when it was not uploaded, or when there is no such upload.
    pub async fn load(&self) -> Result<Part, Error> {
        let marker = self.number.saturating_sub(1).to_string();
        let listed = self.upload.list_parts().part_number_marker(marker).max_parts(1).send().await?;
        let part =
            listed.parts.unwrap_or_default().into_iter().find(|part| part.part_number == Some(self.number));
        part.ok_or_else(|| {
            Error::new(ErrorKind::NotFound, format!("part {} was not uploaded", self.number))
                .with_service(S3::NAME)
                .with_operation("ListParts")
        })
    }

    /// Whether the part was uploaded.
    ///
    /// # Errors
    /// As [`load`](Self::load), but for `NotFound`.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.load().await)
    }
}

impl fmt::Debug for MultipartUploadPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let object = self.upload.object();
        write!(
            f,
            "s3.MultipartUploadPart(bucket_name={:?}, object_key={:?}, multipart_upload_id={:?}, part_number={})",
            object.bucket_name(),
            object.key(),
            self.upload.id(),
            self.number
        )
    }
}

#[async_trait]
impl Resource for MultipartUploadPart {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta = ResourceMeta::new(
            S3::NAME,
            "MultipartUploadPart",
            &["bucket_name", "object_key", "multipart_upload_id", "part_number"],
        );
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        let object = self.upload.object();
        vec![
            object.bucket_name().to_owned(),
            object.key().to_owned(),
            self.upload.id().to_owned(),
            self.number.to_string(),
        ]
    }

    async fn load(&self) -> Result<(), Error> {
        MultipartUploadPart::load(self).await.map(drop)
    }

    async fn exists(&self) -> Result<bool, Error> {
        MultipartUploadPart::exists(self).await
    }
}
