//! One line an operation: what `s3s` calls, and which family answers. What is not here answers `NotImplemented` by name.

use s3s::dto::*;
use s3s::{S3, S3Request, S3Response, S3Result};

use super::call::run;
use super::{
    Operations, bucket, copy, delete_object, lifecycle, listing, multipart_upload, object, object_lock, read,
    tagging, versioning,
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
    upload_part(UploadPartInput) -> UploadPartOutput = multipart_upload::upload_part;
    complete_multipart_upload(CompleteMultipartUploadInput) -> CompleteMultipartUploadOutput
        = multipart_upload::complete_multipart_upload;
    abort_multipart_upload(AbortMultipartUploadInput) -> AbortMultipartUploadOutput
        = multipart_upload::abort_multipart_upload;
    list_parts(ListPartsInput) -> ListPartsOutput = multipart_upload::list_parts;
    list_multipart_uploads(ListMultipartUploadsInput) -> ListMultipartUploadsOutput
        = multipart_upload::list_multipart_uploads;
}
