//! What all requests of a transfer say alike: the customer's key, who pays, and whose bucket it has to be.

use aws_sdk_s3::operation::abort_multipart_upload::builders::AbortMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::complete_multipart_upload::builders::CompleteMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::operation::head_object::builders::HeadObjectFluentBuilder;
use aws_sdk_s3::operation::put_object::builders::PutObjectFluentBuilder;
use aws_sdk_s3::operation::upload_part::builders::UploadPartFluentBuilder;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_sdk_s3::types::RequestPayer;

use crate::s3::object::Object;
use crate::s3::sse_customer_key::SseCustomerKey;

/// What all requests about an object say.
#[derive(Clone, Debug, Default)]
pub(super) struct Access {
    pub(super) sse_customer_key: Option<SseCustomerKey>,
    pub(super) request_payer: Option<RequestPayer>,
    pub(super) expected_bucket_owner: Option<String>,
}

/// A request about an object.
pub(super) trait WithAccess {
    /// As `access` says.
    fn access(self, access: &Access) -> Self;
}

macro_rules! with_access {
    ($($builder:ty),* $(,)?) => {
        $(impl WithAccess for $builder {
            fn access(self, access: &Access) -> Self {
                let [algorithm, key, md5] = SseCustomerKey::headers(access.sse_customer_key.as_ref());
                self.set_sse_customer_algorithm(algorithm)
                    .set_sse_customer_key(key)
                    .set_sse_customer_key_md5(md5)
                    .set_request_payer(access.request_payer.clone())
                    .set_expected_bucket_owner(access.expected_bucket_owner.clone())
            }
        })*
    };
}

with_access!(
    CompleteMultipartUploadFluentBuilder,
    CopyObjectFluentBuilder,
    CreateMultipartUploadFluentBuilder,
    GetObjectFluentBuilder,
    HeadObjectFluentBuilder,
    PutObjectFluentBuilder,
    UploadPartCopyFluentBuilder,
    UploadPartFluentBuilder,
);

impl WithAccess for AbortMultipartUploadFluentBuilder {
    fn access(self, access: &Access) -> Self {
        self.set_request_payer(access.request_payer.clone())
            .set_expected_bucket_owner(access.expected_bucket_owner.clone())
    }
}

/// What is downloaded: an object or a version of one.
#[derive(Clone, Debug)]
pub(super) struct Source {
    pub(super) object: Object,
    pub(super) version_id: Option<String>,
    pub(super) access: Access,
}

impl Source {
    pub(super) fn new(object: Object) -> Self {
        Self { object, version_id: None, access: Access::default() }
    }

    pub(super) fn get(&self) -> GetObjectFluentBuilder {
        self.object.get().set_version_id(self.version_id.clone()).access(&self.access)
    }

    pub(super) fn head(&self) -> HeadObjectFluentBuilder {
        self.object.head().set_version_id(self.version_id.clone()).access(&self.access)
    }
}

/// The settings of a transfer that has an [`Access`] there.
macro_rules! access_settings {
    ($($place:ident).+) => {
        /// The key of the customer's own that S3 encrypts the object with. It is sent with every request that wants it, and
        /// every read of the object wants it again.
        pub fn sse_customer_key(mut self, key: crate::s3::SseCustomerKey) -> Self {
            self.$($place).+.sse_customer_key = Some(key);
            self
        }

        /// Says with every request that the requester pays, as a bucket may want it.
        pub fn request_payer(mut self, payer: aws_sdk_s3::types::RequestPayer) -> Self {
            self.$($place).+.request_payer = Some(payer);
            self
        }

        /// The account that has to own the bucket; S3 refuses every request if it is another's.
        pub fn expected_bucket_owner(mut self, account_id: impl Into<String>) -> Self {
            self.$($place).+.expected_bucket_owner = Some(account_id.into());
            self
        }
    };
}
pub(super) use access_settings;

/// The settings of a download that has a [`Source`] there.
macro_rules! source_settings {
    () => {
        /// The version to download; the newest unless said.
        pub fn version_id(mut self, id: impl Into<String>) -> Self {
            self.source.version_id = Some(id.into());
            self
        }

        access_settings!(source.access);
    };
}
pub(super) use source_settings;
