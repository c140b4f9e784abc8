//! The policy of a bucket, its ownership controls, and Block Public Access.

use http::header::{CONTENT_TYPE, HeaderValue};
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::access::RequestKeys;
use super::call::Call;
use crate::s3::engine::{
    Code, Error, ObjectOwnership as EngineOwnership, PublicAccessBlock, PutBucketPolicy,
};

pub(super) async fn get_bucket_policy(
    operations: &Operations,
    call: &Call,
    input: GetBucketPolicyInput,
) -> Result<S3Response<GetBucketPolicyOutput>, Error> {
    let policy = operations.engine().bucket_policy(&call.caller(), &input.bucket)?.text().to_owned();
    let mut response = S3Response::new(GetBucketPolicyOutput { policy: Some(policy) });
    response.headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    Ok(response)
}

pub(super) async fn put_bucket_policy(
    operations: &Operations,
    call: &Call,
    input: PutBucketPolicyInput,
) -> Result<S3Response<PutBucketPolicyOutput>, Error> {
    let put = PutBucketPolicy {
        policy: &input.policy,
        confirms_removal_of_own_access: input.confirm_remove_self_bucket_access == Some(true),
        keys: &RequestKeys::of(call),
    };
    operations.engine().put_bucket_policy(&call.caller(), &input.bucket, &put)?;
    Ok(S3Response::new(PutBucketPolicyOutput {}))
}

pub(super) async fn delete_bucket_policy(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketPolicyInput,
) -> Result<S3Response<DeleteBucketPolicyOutput>, Error> {
    operations.engine().delete_bucket_policy(&call.caller(), &input.bucket)?;
    Ok(S3Response::new(DeleteBucketPolicyOutput {}))
}

pub(super) async fn get_bucket_policy_status(
    operations: &Operations,
    call: &Call,
    input: GetBucketPolicyStatusInput,
) -> Result<S3Response<GetBucketPolicyStatusOutput>, Error> {
    let is_public = operations.engine().bucket_policy(&call.caller(), &input.bucket)?.is_public();
    let policy_status = Some(PolicyStatus { is_public: Some(is_public) });
    Ok(S3Response::new(GetBucketPolicyStatusOutput { policy_status }))
}

pub(super) async fn get_ownership_controls(
    operations: &Operations,
    call: &Call,
    input: GetBucketOwnershipControlsInput,
) -> Result<S3Response<GetBucketOwnershipControlsOutput>, Error> {
    let ownership = operations.engine().ownership_controls(&call.caller(), &input.bucket)?;
    let rule = OwnershipControlsRule { object_ownership: ownership.as_str().to_owned().into() };
    Ok(S3Response::new(GetBucketOwnershipControlsOutput {
        ownership_controls: Some(OwnershipControls { rules: vec![rule] }),
    }))
}

pub(super) async fn put_ownership_controls(
    operations: &Operations,
    call: &Call,
    input: PutBucketOwnershipControlsInput,
) -> Result<S3Response<PutBucketOwnershipControlsOutput>, Error> {
    let malformed = || Error::new(Code::MalformedXML);
    let [rule] = &input.ownership_controls.rules[..] else { return Err(malformed()) };
    let ownership = EngineOwnership::parse(rule.object_ownership.as_str()).ok_or_else(malformed)?;
    operations.engine().put_ownership_controls(&call.caller(), &input.bucket, ownership)?;
    Ok(S3Response::new(PutBucketOwnershipControlsOutput {}))
}

pub(super) async fn delete_ownership_controls(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketOwnershipControlsInput,
) -> Result<S3Response<DeleteBucketOwnershipControlsOutput>, Error> {
    operations.engine().delete_ownership_controls(&call.caller(), &input.bucket)?;
    Ok(S3Response::new(DeleteBucketOwnershipControlsOutput {}))
}

pub(super) async fn get_public_access_block(
    operations: &Operations,
    call: &Call,
    input: GetPublicAccessBlockInput,
) -> Result<S3Response<GetPublicAccessBlockOutput>, Error> {
    let block = operations.engine().public_access_block(&call.caller(), &input.bucket)?;
    let configuration = PublicAccessBlockConfiguration {
        block_public_acls: Some(block.block_public_acls),
        block_public_policy: Some(block.block_public_policy),
        ignore_public_acls: Some(block.ignore_public_acls),
        restrict_public_buckets: Some(block.restrict_public_buckets),
    };
    Ok(S3Response::new(GetPublicAccessBlockOutput { public_access_block_configuration: Some(configuration) }))
}

pub(super) async fn put_public_access_block(
    operations: &Operations,
    call: &Call,
    input: PutPublicAccessBlockInput,
) -> Result<S3Response<PutPublicAccessBlockOutput>, Error> {
    let configuration = input.public_access_block_configuration;
    let block = PublicAccessBlock {
        block_public_acls: configuration.block_public_acls.unwrap_or(false),
        ignore_public_acls: configuration.ignore_public_acls.unwrap_or(false),
        block_public_policy: configuration.block_public_policy.unwrap_or(false),
        restrict_public_buckets: configuration.restrict_public_buckets.unwrap_or(false),
    };
    operations.engine().put_public_access_block(&call.caller(), &input.bucket, Some(block))?;
    Ok(S3Response::new(PutPublicAccessBlockOutput {}))
}

pub(super) async fn delete_public_access_block(
    operations: &Operations,
    call: &Call,
    input: DeletePublicAccessBlockInput,
) -> Result<S3Response<DeletePublicAccessBlockOutput>, Error> {
    operations.engine().put_public_access_block(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeletePublicAccessBlockOutput {}))
}
