//! Who may do what with a bucket and its objects, by name and typed: lists, policies, ownership and blocks.

use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::*;
use serde_json::json;

use super::pair::{Pair, scripts};
use crate::case::TestResult;

scripts! {
    lists_of_a_bucket_are_the_same,
    lists_of_an_object_are_the_same,
    policies_are_the_same,
    ownership_is_the_same,
    blocks_of_public_access_are_the_same,
}

/// A bucket that takes lists.
async fn with_lists(pair: &Pair) -> anyhow::Result<String> {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter).build()?;
    let controls = OwnershipControls::builder().rules(rule).build()?;
    let put = s3.typed.put_bucket_ownership_controls().bucket(&bucket).ownership_controls(controls).send();
    let controls = json!({"Rules": [{"ObjectOwnership": "ObjectWriter"}]});
    let input = json!({"Bucket": bucket, "OwnershipControls": controls});
    s3.same("PutBucketOwnershipControls", put, input).await?;
    Ok(bucket)
}

async fn lists_of_a_bucket_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, with_lists(&pair).await?);
    let get = || s3.typed.get_bucket_acl().bucket(&bucket).send();
    let told = s3.same("GetBucketAcl", get(), json!({"Bucket": bucket})).await?;
    let owner = told.owner().and_then(|owner| owner.id()).unwrap_or_default();
    let full = Grantee::builder().r#type(Type::CanonicalUser).id(owner).build()?;
    let delivery = "http://acs.amazonaws.com/groups/s3/LogDelivery";
    let logs = Grantee::builder().r#type(Type::Group).uri(delivery).build()?;
    let policy = AccessControlPolicy::builder()
        .owner(Owner::builder().id(owner).build())
        .grants(Grant::builder().grantee(full).permission(Permission::FullControl).build())
        .grants(Grant::builder().grantee(logs).permission(Permission::Write).build())
        .build();
    let put = s3.typed.put_bucket_acl().bucket(&bucket).access_control_policy(policy).send();
    let policy = json!({"Owner": {"ID": owner}, "Grants": [
        {"Grantee": {"Type": "CanonicalUser", "ID": owner}, "Permission": "FULL_CONTROL"},
        {"Grantee": {"Type": "Group", "URI": delivery}, "Permission": "WRITE"},
    ]});
    s3.same("PutBucketAcl", put, json!({"Bucket": bucket, "AccessControlPolicy": policy})).await?;
    s3.same("GetBucketAcl", get(), json!({"Bucket": bucket})).await?;
    let put = s3.typed.put_bucket_acl().bucket(&bucket).acl(BucketCannedAcl::Private).send();
    s3.same("PutBucketAcl", put, json!({"Bucket": bucket, "ACL": "private"})).await?;
    Ok(())
}

async fn lists_of_an_object_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, with_lists(&pair).await?);
    let film = json!({"Bucket": bucket, "Key": "film"});
    let body = || ByteStream::from_static(b"frames");
    let put = s3.typed.put_object().bucket(&bucket).key("film").body(body()).send();
    s3.both("PutObject", put, film.clone(), Some(body())).await?;
    let put = s3.typed.put_object_acl().bucket(&bucket).key("film");
    let put = put.acl(ObjectCannedAcl::BucketOwnerFullControl).send();
    let mut input = film.clone();
    input["ACL"] = json!("bucket-owner-full-control");
    s3.same("PutObjectAcl", put, input).await?;
    let get = s3.typed.get_object_acl().bucket(&bucket).key("film").send();
    s3.same("GetObjectAcl", get, film).await?;
    Ok(())
}

async fn policies_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_policy().bucket(&bucket).send();
    s3.refused("GetBucketPolicy", get(), named.clone(), "NoSuchBucketPolicy").await?;
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Sid": "ü & <b>", "Effect": "Deny",
        "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "s3:GetObject",
        "Resource": format!("arn:aws:s3:::{bucket}/secret/*")}]});
    let policy = policy.to_string();
    let put = s3.typed.put_bucket_policy().bucket(&bucket).policy(&policy).send();
    s3.same("PutBucketPolicy", put, json!({"Bucket": bucket, "Policy": policy})).await?;
    s3.same("GetBucketPolicy", get(), named.clone()).await?;
    let status = s3.typed.get_bucket_policy_status().bucket(&bucket).send();
    s3.same("GetBucketPolicyStatus", status, named.clone()).await?;
    s3.same("DeleteBucketPolicy", s3.typed.delete_bucket_policy().bucket(&bucket).send(), named).await?;
    let put = s3.typed.put_bucket_policy().bucket(&bucket).policy("no policy").send();
    let input = json!({"Bucket": bucket, "Policy": "no policy"});
    s3.refused("PutBucketPolicy", put, input, "MalformedPolicy").await
}

async fn ownership_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, with_lists(&pair).await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_bucket_ownership_controls().bucket(&bucket).send();
    s3.same("GetBucketOwnershipControls", get(), named.clone()).await?;
    let delete = s3.typed.delete_bucket_ownership_controls().bucket(&bucket).send();
    s3.same("DeleteBucketOwnershipControls", delete, named.clone()).await?;
    s3.refused("GetBucketOwnershipControls", get(), named, "OwnershipControlsNotFoundError").await
}

async fn blocks_of_public_access_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let named = json!({"Bucket": bucket});
    let get = || s3.typed.get_public_access_block().bucket(&bucket).send();
    let block = PublicAccessBlockConfiguration::builder()
        .block_public_acls(true)
        .ignore_public_acls(false)
        .block_public_policy(true)
        .restrict_public_buckets(false)
        .build();
    let put = s3.typed.put_public_access_block().bucket(&bucket).public_access_block_configuration(block);
    let block = json!({"BlockPublicAcls": true, "IgnorePublicAcls": false, "BlockPublicPolicy": true,
        "RestrictPublicBuckets": false});
    let input = json!({"Bucket": bucket, "PublicAccessBlockConfiguration": block});
    s3.same("PutPublicAccessBlock", put.send(), input).await?;
    s3.same("GetPublicAccessBlock", get(), named.clone()).await?;
    let delete = s3.typed.delete_public_access_block().bucket(&bucket).send();
    s3.same("DeletePublicAccessBlock", delete, named.clone()).await?;
    s3.refused("GetPublicAccessBlock", get(), named, "NoSuchPublicAccessBlockConfiguration").await
}
