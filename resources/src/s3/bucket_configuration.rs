//! What a bucket has one of each: lists, policies and configurations, as resources of their own.
//!
//! Each is a handle of the bucket's, whose actions are the SDK's builders with the bucket's name filled in. boto3's
//! `BucketLifecycle` speaks of operations that AWS has withdrawn and the SDK does not have: the handle of that name is
//! [`BucketLifecycleConfiguration`].

use std::fmt;

use async_trait::async_trait;
use aws_sdk_s3::operation::put_bucket_versioning::builders::PutBucketVersioningFluentBuilder;
use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};
use session_core::{Error, Resource, ResourceMeta};

use super::S3Resource;
use super::bucket::Bucket;
use crate::existence::found;
use crate::service::S3;

/// A resource that is a bucket's, and the operations that read, write and remove it.
macro_rules! of_bucket {
    (
        $(#[$doc:meta])*
        $resource:ident, $made_by:ident $made_by_name:ident, $missing:literal;
        get $get_name:literal $get:ident $get_builder:ident -> $output:ident;
        put $put_name:literal $put:ident $put_builder:ident;
        $(delete $delete_name:literal $delete:ident $delete_builder:ident;)?
    ) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, Hash)]
        pub struct $resource {
            bucket: Bucket,
        }

        impl $resource {
            /// The bucket that it is of.
            pub fn bucket(&self) -> &Bucket {
                &self.bucket
            }

            #[doc = concat!($get_name, ".")]
            pub fn get(&self) -> aws_sdk_s3::operation::$get::builders::$get_builder {
                self.bucket.client().$get().bucket(self.bucket.name())
            }

            #[doc = concat!($put_name, ".")]
            pub fn put(&self) -> aws_sdk_s3::operation::$put::builders::$put_builder {
                self.bucket.client().$put().bucket(self.bucket.name())
            }

            $(
                #[doc = concat!($delete_name, ". Deleting what is not there succeeds.")]
                pub fn delete(&self) -> aws_sdk_s3::operation::$delete::builders::$delete_builder {
                    self.bucket.client().$delete().bucket(self.bucket.name())
                }
            )?

            #[doc = concat!("What S3 tells about it now. Asks by ", $get_name, ".")]
            ///
            /// # Errors
            #[doc = concat!("[`NotFound`](session_core::ErrorKind::NotFound): ", $missing, ".")]
            pub async fn load(&self) -> Result<aws_sdk_s3::operation::$get::$output, Error> {
                Ok(self.get().send().await?)
            }

            /// Whether [`load`](Self::load) finds anything.
            ///
            /// # Errors
            /// As `load`, but for `NotFound`.
            pub async fn exists(&self) -> Result<bool, Error> {
                found(self.load().await)
            }
        }

        impl fmt::Debug for $resource {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!("s3.", stringify!($resource), "(bucket_name={:?})"), self.bucket.name())
            }
        }

        #[async_trait]
        impl Resource for $resource {
            fn meta(&self) -> &ResourceMeta {
                static META: ResourceMeta = ResourceMeta::new(S3::NAME, stringify!($resource), &["bucket_name"]);
                &META
            }

            fn identifiers(&self) -> Vec<String> {
                vec![self.bucket.name().to_owned()]
            }

            async fn load(&self) -> Result<(), Error> {
                $resource::load(self).await.map(drop)
            }

            async fn exists(&self) -> Result<bool, Error> {
                $resource::exists(self).await
            }
        }

        impl Bucket {
            $(#[$doc])*
            /// Sends nothing.
            pub fn $made_by(&self) -> $resource {
                $resource { bucket: self.clone() }
            }
        }

        impl S3Resource {
            #[doc = concat!("[`Bucket::", stringify!($made_by), "`] of the bucket of that name.")]
            pub fn $made_by_name(&self, bucket_name: impl Into<String>) -> $resource {
                self.bucket(bucket_name).$made_by()
            }
        }
    };
}

of_bucket! {
    /// The bucket's access control list.
    BucketAcl, acl bucket_acl, "there is no such bucket";
    get "GetBucketAcl" get_bucket_acl GetBucketAclFluentBuilder -> GetBucketAclOutput;
    put "PutBucketAcl" put_bucket_acl PutBucketAclFluentBuilder;
}

of_bucket! {
    /// The rules by which browsers may use the bucket from other origins.
    BucketCors, cors bucket_cors, "there are no rules (code `NoSuchCORSConfiguration`), or no such bucket";
    get "GetBucketCors" get_bucket_cors GetBucketCorsFluentBuilder -> GetBucketCorsOutput;
    put "PutBucketCors" put_bucket_cors PutBucketCorsFluentBuilder;
    delete "DeleteBucketCors" delete_bucket_cors DeleteBucketCorsFluentBuilder;
}

of_bucket! {
    /// The rules by which objects expire and change their storage class.
    BucketLifecycleConfiguration, lifecycle_configuration bucket_lifecycle_configuration,
    "there are no rules (code `NoSuchLifecycleConfiguration`), or no such bucket";
    get "GetBucketLifecycleConfiguration" get_bucket_lifecycle_configuration
        GetBucketLifecycleConfigurationFluentBuilder -> GetBucketLifecycleConfigurationOutput;
    put "PutBucketLifecycleConfiguration" put_bucket_lifecycle_configuration
        PutBucketLifecycleConfigurationFluentBuilder;
    delete "DeleteBucketLifecycle" delete_bucket_lifecycle DeleteBucketLifecycleFluentBuilder;
}

of_bucket! {
    /// Where the log of the bucket's requests goes.
    BucketLogging, logging bucket_logging, "there is no such bucket";
    get "GetBucketLogging" get_bucket_logging GetBucketLoggingFluentBuilder -> GetBucketLoggingOutput;
    put "PutBucketLogging" put_bucket_logging PutBucketLoggingFluentBuilder;
}

of_bucket! {
    /// Who is told of which events in the bucket.
    BucketNotification, notification bucket_notification, "there is no such bucket";
    get "GetBucketNotificationConfiguration" get_bucket_notification_configuration
        GetBucketNotificationConfigurationFluentBuilder -> GetBucketNotificationConfigurationOutput;
    put "PutBucketNotificationConfiguration" put_bucket_notification_configuration
        PutBucketNotificationConfigurationFluentBuilder;
}

of_bucket! {
    /// Who may do what with the bucket and its objects, as a policy.
    BucketPolicy, policy bucket_policy, "there is no policy (code `NoSuchBucketPolicy`), or no such bucket";
    get "GetBucketPolicy" get_bucket_policy GetBucketPolicyFluentBuilder -> GetBucketPolicyOutput;
    put "PutBucketPolicy" put_bucket_policy PutBucketPolicyFluentBuilder;
    delete "DeleteBucketPolicy" delete_bucket_policy DeleteBucketPolicyFluentBuilder;
}

of_bucket! {
    /// Who pays for requests and transfer: the owner, or who asks.
    BucketRequestPayment, request_payment bucket_request_payment, "there is no such bucket";
    get "GetBucketRequestPayment" get_bucket_request_payment GetBucketRequestPaymentFluentBuilder
        -> GetBucketRequestPaymentOutput;
    put "PutBucketRequestPayment" put_bucket_request_payment PutBucketRequestPaymentFluentBuilder;
}

of_bucket! {
    /// The bucket's tags.
    BucketTagging, tagging bucket_tagging, "there are no tags (code `NoSuchTagSet`), or no such bucket";
    get "GetBucketTagging" get_bucket_tagging GetBucketTaggingFluentBuilder -> GetBucketTaggingOutput;
    put "PutBucketTagging" put_bucket_tagging PutBucketTaggingFluentBuilder;
    delete "DeleteBucketTagging" delete_bucket_tagging DeleteBucketTaggingFluentBuilder;
}

of_bucket! {
    /// Whether the bucket keeps versions of its objects.
    BucketVersioning, versioning bucket_versioning, "there is no such bucket";
    get "GetBucketVersioning" get_bucket_versioning GetBucketVersioningFluentBuilder -> GetBucketVersioningOutput;
    put "PutBucketVersioning" put_bucket_versioning PutBucketVersioningFluentBuilder;
}

of_bucket! {
    /// The website that the bucket is.
    BucketWebsite, website bucket_website, "the bucket is none (code `NoSuchWebsiteConfiguration`), or there is no such bucket";
    get "GetBucketWebsite" get_bucket_website GetBucketWebsiteFluentBuilder -> GetBucketWebsiteOutput;
    put "PutBucketWebsite" put_bucket_website PutBucketWebsiteFluentBuilder;
    delete "DeleteBucketWebsite" delete_bucket_website DeleteBucketWebsiteFluentBuilder;
}

/// boto3's name for the rules; its operations are withdrawn, so that they are those of the configuration.
pub type BucketLifecycle = BucketLifecycleConfiguration;

impl Bucket {
    /// [`lifecycle_configuration`](Self::lifecycle_configuration), by the name that boto3 has besides.
    pub fn lifecycle(&self) -> BucketLifecycle {
        self.lifecycle_configuration()
    }
}

impl S3Resource {
    /// [`Bucket::lifecycle`] of the bucket of that name.
    pub fn bucket_lifecycle(&self, bucket_name: impl Into<String>) -> BucketLifecycle {
        self.bucket(bucket_name).lifecycle()
    }
}

impl BucketVersioning {
    /// PutBucketVersioning, which enables: the bucket keeps a version for every write.
    pub fn enable(&self) -> PutBucketVersioningFluentBuilder {
        self.put_status(BucketVersioningStatus::Enabled)
    }

    /// PutBucketVersioning, which suspends: the versions stay, new writes replace the null version.
    pub fn suspend(&self) -> PutBucketVersioningFluentBuilder {
        self.put_status(BucketVersioningStatus::Suspended)
    }

    fn put_status(&self, status: BucketVersioningStatus) -> PutBucketVersioningFluentBuilder {
        self.put().versioning_configuration(VersioningConfiguration::builder().status(status).build())
    }
}
