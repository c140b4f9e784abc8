//! One line an operation: what `s3s` calls, and which family answers. What is not here answers `NotImplemented` by name.

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::call::run;
use super::{
    Operations, acl, bucket, configuration, copy, delete_object, document, lifecycle, listed, listing,
    multipart_upload, object, object_lock, policy, read, restore, tagging, versioning, website,
};

/// Repeats one line an operation: its method, its input and output, and the function of its family.
macro_rules! operations {
    ($($method:ident($input:ident) -> $output:ident = $family:ident::$function:ident;)*) => {
        #[async_trait::async_trait]
        impl S3 for Operations {
            $(async fn $method(&self, request: S3Request<$input>) -> S3Result<S3Response<$output>> {
                run(request, async |call, input| $family::$function(self, &call, input).await).await
            })*
        }
    };
}

operations! {
    create_bucket(CreateBucketInput) -> CreateBucketOutput = bucket::create_bucket;
    head_bucket(HeadBucketInput) -> HeadBucketOutput = bucket::head_bucket;
    delete_bucket(DeleteBucketInput) -> DeleteBucketOutput = bucket::delete_bucket;
    list_buckets(ListBucketsInput) -> ListBucketsOutput = bucket::list_buckets;
    get_bucket_location(GetBucketLocationInput) -> GetBucketLocationOutput = bucket::get_bucket_location;
    get_bucket_versioning(GetBucketVersioningInput) -> GetBucketVersioningOutput = versioning::get_bucket_versioning;
    put_bucket_versioning(PutBucketVersioningInput) -> PutBucketVersioningOutput = versioning::put_bucket_versioning;
    list_object_versions(ListObjectVersionsInput) -> ListObjectVersionsOutput = versioning::list_object_versions;
    get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInput) -> GetBucketLifecycleConfigurationOutput
        = lifecycle::get_bucket_lifecycle_configuration;
    put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInput) -> PutBucketLifecycleConfigurationOutput
        = lifecycle::put_bucket_lifecycle_configuration;
    delete_bucket_lifecycle(DeleteBucketLifecycleInput) -> DeleteBucketLifecycleOutput
        = lifecycle::delete_bucket_lifecycle;
    put_object(PutObjectInput) -> PutObjectOutput = object::put_object;
    delete_object(DeleteObjectInput) -> DeleteObjectOutput = delete_object::delete_object;
    delete_objects(DeleteObjectsInput) -> DeleteObjectsOutput = delete_object::delete_objects;
    get_object(GetObjectInput) -> GetObjectOutput = read::get_object;
    head_object(HeadObjectInput) -> HeadObjectOutput = read::head_object;
    get_object_attributes(GetObjectAttributesInput) -> GetObjectAttributesOutput = read::get_object_attributes;
    get_object_tagging(GetObjectTaggingInput) -> GetObjectTaggingOutput = tagging::get_object_tagging;
    put_object_tagging(PutObjectTaggingInput) -> PutObjectTaggingOutput = tagging::put_object_tagging;
    delete_object_tagging(DeleteObjectTaggingInput) -> DeleteObjectTaggingOutput = tagging::delete_object_tagging;
    get_object_lock_configuration(GetObjectLockConfigurationInput) -> GetObjectLockConfigurationOutput
        = object_lock::get_object_lock_configuration;
    put_object_lock_configuration(PutObjectLockConfigurationInput) -> PutObjectLockConfigurationOutput
        = object_lock::put_object_lock_configuration;
    get_object_retention(GetObjectRetentionInput) -> GetObjectRetentionOutput = object_lock::get_object_retention;
    put_object_retention(PutObjectRetentionInput) -> PutObjectRetentionOutput = object_lock::put_object_retention;
    get_object_legal_hold(GetObjectLegalHoldInput) -> GetObjectLegalHoldOutput = object_lock::get_object_legal_hold;
    put_object_legal_hold(PutObjectLegalHoldInput) -> PutObjectLegalHoldOutput = object_lock::put_object_legal_hold;
    copy_object(CopyObjectInput) -> CopyObjectOutput = copy::copy_object;
    upload_part_copy(UploadPartCopyInput) -> UploadPartCopyOutput = copy::upload_part_copy;
    list_objects(ListObjectsInput) -> ListObjectsOutput = listing::list_objects;
    list_objects_v2(ListObjectsV2Input) -> ListObjectsV2Output = listing::list_objects_v2;
    create_multipart_upload(CreateMultipartUploadInput) -> CreateMultipartUploadOutput
        = multipart_upload::create_multipart_upload;
    restore_object(RestoreObjectInput) -> RestoreObjectOutput = restore::restore_object;
    upload_part(UploadPartInput) -> UploadPartOutput = multipart_upload::upload_part;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput
        = multipart_upload::complete_multipart_upload;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput
        = multipart_upload::abort_multipart_upload;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart_upload::list_parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput
        = multipart_upload::list_multipart_uploads;
    get_bucket_acl(GetBucketAclInput) -> GetBucketAclOutput = acl::get_bucket_acl;
    put_bucket_acl(PutBucketAclInput) -> PutBucketAclOutput = acl::put_bucket_acl;
    get_object_acl(GetObjectAclInput) -> GetObjectAclOutput = acl::get_object_acl;
    put_object_acl(PutObjectAclInput) -> PutObjectAclOutput = acl::put_object_acl;
    get_bucket_policy(GetBucketPolicyInput) -> GetBucketPolicyOutput = policy::get_bucket_policy;
    put_bucket_policy(PutBucketPolicyInput) -> PutBucketPolicyOutput = policy::put_bucket_policy;
    delete_bucket_policy(DeleteBucketPolicyInput) -> DeleteBucketPolicyOutput = policy::delete_bucket_policy;
    get_bucket_policy_status(GetBucketPolicyStatusInput) -> GetBucketPolicyStatusOutput
        = policy::get_bucket_policy_status;
    get_bucket_ownership_controls(GetBucketOwnershipControlsInput) -> GetBucketOwnershipControlsOutput
        = policy::get_ownership_controls;
    get_public_access_block(GetPublicAccessBlockInput) -> GetPublicAccessBlockOutput
        = policy::get_public_access_block;
    get_bucket_tagging(GetBucketTaggingInput) -> GetBucketTaggingOutput = configuration::get_bucket_tagging;
    get_bucket_cors(GetBucketCorsInput) -> GetBucketCorsOutput = configuration::get_bucket_cors;
    get_bucket_encryption(GetBucketEncryptionInput) -> GetBucketEncryptionOutput
        = configuration::get_bucket_encryption;
    get_bucket_website(GetBucketWebsiteInput) -> GetBucketWebsiteOutput = website::get_bucket_website;
    get_bucket_replication(GetBucketReplicationInput) -> GetBucketReplicationOutput
        = document::get_bucket_replication;
    get_bucket_inventory_configuration(GetBucketInventoryConfigurationInput) -> GetBucketInventoryConfigurationOutput
        = listed::get_inventory;
    get_bucket_metrics_configuration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput
        = listed::get_metrics;
    get_bucket_analytics_configuration(GetBucketAnalyticsConfigurationInput) -> GetBucketAnalyticsConfigurationOutput
        = listed::get_analytics;
    get_bucket_intelligent_tiering_configuration(GetBucketIntelligentTieringConfigurationInput)
        -> GetBucketIntelligentTieringConfigurationOutput
        = listed::get_tiering;
    put_bucket_ownership_controls(PutBucketOwnershipControlsInput) -> PutBucketOwnershipControlsOutput
        = policy::put_ownership_controls;
    put_public_access_block(PutPublicAccessBlockInput) -> PutPublicAccessBlockOutput
        = policy::put_public_access_block;
    put_bucket_tagging(PutBucketTaggingInput) -> PutBucketTaggingOutput = configuration::put_bucket_tagging;
    put_bucket_cors(PutBucketCorsInput) -> PutBucketCorsOutput = configuration::put_bucket_cors;
    put_bucket_encryption(PutBucketEncryptionInput) -> PutBucketEncryptionOutput
        = configuration::put_bucket_encryption;
    put_bucket_website(PutBucketWebsiteInput) -> PutBucketWebsiteOutput = website::put_bucket_website;
    put_bucket_replication(PutBucketReplicationInput) -> PutBucketReplicationOutput
        = document::put_bucket_replication;
    put_bucket_inventory_configuration(PutBucketInventoryConfigurationInput) -> PutBucketInventoryConfigurationOutput
        = listed::put_inventory;
    put_bucket_metrics_configuration(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput
        = listed::put_metrics;
    put_bucket_analytics_configuration(PutBucketAnalyticsConfigurationInput) -> PutBucketAnalyticsConfigurationOutput
        = listed::put_analytics;
    put_bucket_intelligent_tiering_configuration(PutBucketIntelligentTieringConfigurationInput)
        -> PutBucketIntelligentTieringConfigurationOutput
        = listed::put_tiering;
    delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInput) -> DeleteBucketOwnershipControlsOutput
        = policy::delete_ownership_controls;
    delete_public_access_block(DeletePublicAccessBlockInput) -> DeletePublicAccessBlockOutput
        = policy::delete_public_access_block;
    delete_bucket_tagging(DeleteBucketTaggingInput) -> DeleteBucketTaggingOutput
        = configuration::delete_bucket_tagging;
    delete_bucket_cors(DeleteBucketCorsInput) -> DeleteBucketCorsOutput = configuration::delete_bucket_cors;
    delete_bucket_encryption(DeleteBucketEncryptionInput) -> DeleteBucketEncryptionOutput
        = configuration::delete_bucket_encryption;
    delete_bucket_website(DeleteBucketWebsiteInput) -> DeleteBucketWebsiteOutput
        = website::delete_bucket_website;
    delete_bucket_replication(DeleteBucketReplicationInput) -> DeleteBucketReplicationOutput
        = document::delete_bucket_replication;
    delete_bucket_inventory_configuration(DeleteBucketInventoryConfigurationInput)
        -> DeleteBucketInventoryConfigurationOutput
        = listed::delete_inventory;
    delete_bucket_metrics_configuration(DeleteBucketMetricsConfigurationInput)
        -> DeleteBucketMetricsConfigurationOutput
        = listed::delete_metrics;
    delete_bucket_analytics_configuration(DeleteBucketAnalyticsConfigurationInput)
        -> DeleteBucketAnalyticsConfigurationOutput
        = listed::delete_analytics;
    delete_bucket_intelligent_tiering_configuration(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput
        = listed::delete_tiering;
    get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInput)
        -> GetBucketAccelerateConfigurationOutput
        = configuration::get_accelerate;
    get_bucket_request_payment(GetBucketRequestPaymentInput) -> GetBucketRequestPaymentOutput
        = configuration::get_request_payment;
    get_bucket_logging(GetBucketLoggingInput) -> GetBucketLoggingOutput = document::get_bucket_logging;
    get_bucket_notification_configuration(GetBucketNotificationConfigurationInput)
        -> GetBucketNotificationConfigurationOutput
        = document::get_bucket_notification;
    put_bucket_accelerate_configuration(PutBucketAccelerateConfigurationInput)
        -> PutBucketAccelerateConfigurationOutput
        = configuration::put_accelerate;
    put_bucket_request_payment(PutBucketRequestPaymentInput) -> PutBucketRequestPaymentOutput
        = configuration::put_request_payment;
    put_bucket_logging(PutBucketLoggingInput) -> PutBucketLoggingOutput = document::put_bucket_logging;
    put_bucket_notification_configuration(PutBucketNotificationConfigurationInput)
        -> PutBucketNotificationConfigurationOutput
        = document::put_bucket_notification;
    list_bucket_inventory_configurations(ListBucketInventoryConfigurationsInput)
        -> ListBucketInventoryConfigurationsOutput
        = listed::list_inventory;
    list_bucket_metrics_configurations(ListBucketMetricsConfigurationsInput) -> ListBucketMetricsConfigurationsOutput
        = listed::list_metrics;
    list_bucket_analytics_configurations(ListBucketAnalyticsConfigurationsInput)
        -> ListBucketAnalyticsConfigurationsOutput
        = listed::list_analytics;
    list_bucket_intelligent_tiering_configurations(ListBucketIntelligentTieringConfigurationsInput)
        -> ListBucketIntelligentTieringConfigurationsOutput
        = listed::list_tiering;
}
