//! What S3 is to keep with an object that is uploaded, whether in one request or in parts.

use std::collections::HashMap;

use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::head_object::HeadObjectOutput;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::types::{
    MetadataDirective, ObjectCannedAcl, ServerSideEncryption, StorageClass, TaggingDirective,
};

use super::access::{Access, WithAccess as _};

/// Headers of an upload.
#[derive(Clone, Debug, Default)]
pub(super) struct Headers {
    pub(super) acl: Option<ObjectCannedAcl>,
    pub(super) cache_control: Option<String>,
    pub(super) content_disposition: Option<String>,
    pub(super) content_encoding: Option<String>,
    pub(super) content_language: Option<String>,
    pub(super) content_type: Option<String>,
    pub(super) metadata: Option<HashMap<String, String>>,
    pub(super) server_side_encryption: Option<ServerSideEncryption>,
    pub(super) access: Access,
    pub(super) ssekms_key_id: Option<String>,
    pub(super) storage_class: Option<StorageClass>,
    pub(super) tagging: Option<String>,
}

macro_rules! filled_in {
    ($verb:ident, $builder:ty) => {
        pub(super) fn $verb(self, request: $builder) -> $builder {
            request
                .access(&self.access)
                .set_acl(self.acl)
                .set_cache_control(self.cache_control)
                .set_content_disposition(self.content_disposition)
                .set_content_encoding(self.content_encoding)
                .set_content_language(self.content_language)
                .set_content_type(self.content_type)
                .set_metadata(self.metadata)
                .set_server_side_encryption(self.server_side_encryption)
                .set_ssekms_key_id(self.ssekms_key_id)
                .set_storage_class(self.storage_class)
                .set_tagging(self.tagging)
        }
    };
}

impl Headers {
    filled_in!(on_put, PutObjectFluentBuilder);
    filled_in!(on_create, CreateMultipartUploadFluentBuilder);

    /// What is not said is what the source of a copy has.
    pub(super) fn or_those_of(self, source: &HeadObjectOutput) -> Self {
        Self {
            cache_control: self.cache_control.or_else(|| source.cache_control.clone()),
            content_disposition: self.content_disposition.or_else(|| source.content_disposition.clone()),
            content_encoding: self.content_encoding.or_else(|| source.content_encoding.clone()),
            content_language: self.content_language.or_else(|| source.content_language.clone()),
            content_type: self.content_type.or_else(|| source.content_type.clone()),
            metadata: self.metadata.or_else(|| source.metadata.clone()),
            ..self
        }
    }

    /// S3 copies headers and metadata, or takes those of the request: so all of them are sent if one is said.
    pub(super) fn on_copy(
        self,
        copy: CopyObjectFluentBuilder,
        source: &HeadObjectOutput,
    ) -> CopyObjectFluentBuilder {
        let replaced = self.cache_control.is_some()
            || self.content_disposition.is_some()
            || self.content_encoding.is_some()
            || self.content_language.is_some()
            || self.content_type.is_some()
            || self.metadata.is_some();
        let tagged = self.tagging.is_some();
        let headers = if replaced { self.or_those_of(source) } else { self };
        copy.access(&headers.access)
            .set_metadata_directive(replaced.then_some(MetadataDirective::Replace))
            .set_tagging_directive(tagged.then_some(TaggingDirective::Replace))
            .set_acl(headers.acl)
            .set_cache_control(headers.cache_control)
            .set_content_disposition(headers.content_disposition)
            .set_content_encoding(headers.content_encoding)
            .set_content_language(headers.content_language)
            .set_content_type(headers.content_type)
            .set_metadata(headers.metadata)
            .set_server_side_encryption(headers.server_side_encryption)
            .set_ssekms_key_id(headers.ssekms_key_id)
            .set_storage_class(headers.storage_class)
            .set_tagging(headers.tagging)
    }
}

/// The settings of an upload that has `headers`.
macro_rules! header_settings {
    () => {
        /// A canned access control list; a bucket whose owner owns every object takes none but the owner's.
        pub fn acl(mut self, acl: aws_sdk_s3::types::ObjectCannedAcl) -> Self {
            self.headers.acl = Some(acl);
            self
        }

        /// The object's `Cache-Control`.
        pub fn cache_control(mut self, directives: impl Into<String>) -> Self {
            self.headers.cache_control = Some(directives.into());
            self
        }

        /// The object's `Content-Disposition`.
        pub fn content_disposition(mut self, disposition: impl Into<String>) -> Self {
            self.headers.content_disposition = Some(disposition.into());
            self
        }

        /// The object's `Content-Encoding`.
        pub fn content_encoding(mut self, encoding: impl Into<String>) -> Self {
            self.headers.content_encoding = Some(encoding.into());
            self
        }

        /// The object's `Content-Language`.
        pub fn content_language(mut self, language: impl Into<String>) -> Self {
            self.headers.content_language = Some(language.into());
            self
        }

        /// The object's `Content-Type`; S3 says `binary/octet-stream` unless it is given.
        pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
            self.headers.content_type = Some(content_type.into());
            self
        }

        /// One entry of the object's metadata, without the `x-amz-meta-`.
        pub fn metadata(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
            self.headers.metadata.get_or_insert_default().insert(name.into(), value.into());
            self
        }

        /// How S3 encrypts the object; as the bucket says unless it is given.
        pub fn server_side_encryption(mut self, encryption: aws_sdk_s3::types::ServerSideEncryption) -> Self {
            self.headers.server_side_encryption = Some(encryption);
            self
        }

        super::access::access_settings!(headers.access);

        /// The KMS key that S3 encrypts the object with, with
        /// [`server_side_encryption`](Self::server_side_encryption) `aws:kms`.
        pub fn ssekms_key_id(mut self, key: impl Into<String>) -> Self {
            self.headers.ssekms_key_id = Some(key.into());
            self
        }

        /// The object's storage class; `STANDARD` unless it is given.
        pub fn storage_class(mut self, class: aws_sdk_s3::types::StorageClass) -> Self {
            self.headers.storage_class = Some(class);
            self
        }

        /// The object's tags, as a query: `colour=red&size=7`.
        pub fn tagging(mut self, tags: impl Into<String>) -> Self {
            self.headers.tagging = Some(tags.into());
            self
        }
    };
}
pub(super) use header_settings;
