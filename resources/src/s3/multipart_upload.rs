//! A multipart upload: its actions with bucket, key and upload id filled in.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::list_parts::builders::ListPartsFluentBuilder;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder;
use session_core::{Error, Resource, ResourceMeta};

use super::S3Resource;
use super::multipart_upload_part::MultipartUploadPart;
use super::object::Object;
use super::uploads::MultipartUploadPartCollection;
use crate::existence::found;
use crate::identifier::EmptyIdentifier;
use crate::service::S3;

/// A multipart upload by its object and its id. Made by [`Object::multipart_upload`].
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct MultipartUpload {
    object: Object,
    /// The object's own, unless the id is empty.
    s3: S3Resource,
    id: Arc<str>,
}

impl MultipartUpload {
    pub(super) fn new(object: &Object, id: String) -> Self {
        let s3 = object.s3().unless(EmptyIdentifier::check(&id, "MultipartUpload", "id"));
        Self { object: object.clone(), s3, id: id.into() }
    }

    /// The upload id that S3 gave.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The object that the upload becomes.
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

    /// The part with that number, 1 to 10,000. Sends nothing.
    pub fn part(&self, part_number: i32) -> MultipartUploadPart {
        MultipartUploadPart::new(self, part_number)
    }

    /// The parts uploaded so far.
    pub fn parts(&self) -> MultipartUploadPartCollection {
        MultipartUploadPartCollection::new(self)
    }

    /// UploadPart of that part number, 1 to 10,000. All parts but the last have 5 MiB or more.
    pub fn upload_part(&self, part_number: i32) -> UploadPartFluentBuilder {
        let Self { object, id, .. } = self;
        let part = self.client().upload_part().part_number(part_number);
        part.bucket(object.bucket_name()).key(object.key()).upload_id(&**id)
    }

    /// ListParts: one page. [`parts`](Self::parts) reads them all.
    pub fn list_parts(&self) -> ListPartsFluentBuilder {
        let Self { object, id, .. } = self;
        self.client().list_parts().bucket(object.bucket_name()).key(object.key()).upload_id(&**id)
    }

    /// CompleteMultipartUpload; say the parts.
    pub fn complete(&self) -> CompleteMultipartUploadFluentBuilder {
        let Self { object, id, .. } = self;
        let complete = self.client().complete_multipart_upload();
        complete.bucket(object.bucket_name()).key(object.key()).upload_id(&**id)
    }

    /// AbortMultipartUpload.
    pub fn abort(&self) -> AbortMultipartUploadFluentBuilder {
        let Self { object, id, .. } = self;
        let abort = self.client().abort_multipart_upload();
        abort.bucket(object.bucket_name()).key(object.key()).upload_id(&**id)
    }

    /// Whether the upload was neither completed nor aborted. Asks by ListParts.
    ///
    /// # Errors
    /// Whatever the call reports, other than that there is no such upload.
    pub async fn exists(&self) -> Result<bool, Error> {
        found(self.list_parts().max_parts(1).send().await.map_err(Error::from))
    }
}

impl fmt::Debug for MultipartUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (bucket_name, key) = (self.object.bucket_name(), self.object.key());
        write!(f, "s3.MultipartUpload(bucket_name={bucket_name:?}, object_key={key:?}, id={:?})", self.id())
    }
}

#[async_trait]
impl Resource for MultipartUpload {
    fn meta(&self) -> &ResourceMeta {
        static META: ResourceMeta =
            ResourceMeta::new(S3::NAME, "MultipartUpload", &["bucket_name", "object_key", "id"]);
        &META
    }

    fn identifiers(&self) -> Vec<String> {
        vec![self.object.bucket_name().to_owned(), self.object.key().to_owned(), self.id().to_owned()]
    }

    async fn load(&self) -> Result<(), Error> {
        self.list_parts().max_parts(1).send().await?;
        Ok(())
    }

    async fn exists(&self) -> Result<bool, Error> {
        MultipartUpload::exists(self).await
    }
}
