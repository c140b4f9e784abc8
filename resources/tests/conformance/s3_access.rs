//! Access to buckets and objects: policies, access control lists, ownership and Block Public Access.

use anyhow::ensure;
use aws_sdk_s3::types::{
    ObjectCannedAcl, ObjectOwnership, OwnershipControls, OwnershipControlsRule, Permission, Type,
};
use resources::Bucket;
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::World;

cases! {
    a_policy_is_told_as_it_was_put,
    a_bucket_without_a_policy_says_so,
    a_policy_that_is_no_json_is_refused,
    a_policy_of_another_bucket_is_refused,
    a_public_policy_is_blocked_on_a_new_bucket,
    an_explicit_deny_is_for_the_owner_too,
    a_new_bucket_blocks_public_access,
    a_new_bucket_takes_no_access_control_lists,
    a_bucket_with_lists_tells_what_is_granted,
    lists_are_told_by_canonical_ids,
    deleted_ownership_controls_are_not_found,
    the_owner_is_expected_by_account,
}

fn policy(bucket: &Bucket, effect: &str, principal: &str, action: &str) -> String {
    let name = bucket.name();
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"arn:aws:s3:::{name}/*"}}]}}"#
    )
}

async fn put_policy(bucket: &Bucket, policy: &str) -> Result<(), Error> {
    bucket.client().put_bucket_policy().bucket(bucket.name()).policy(policy).send().await?;
    Ok(())
}

/// Lets a bucket have lists, and public ones.
async fn open(bucket: &Bucket) -> anyhow::Result<()> {
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::ObjectWriter).build()?;
    let controls = OwnershipControls::builder().rules(rule).build()?;
    let put = bucket.client().put_bucket_ownership_controls().bucket(bucket.name());
    put.ownership_controls(controls).send().await?;
    bucket.client().delete_public_access_block().bucket(bucket.name()).send().await?;
    Ok(())
}

async fn a_policy_is_told_as_it_was_put(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let text = policy(&bucket, "Allow", r#"{"AWS":"arn:aws:iam::123456789012:root"}"#, "s3:GetObject");
    put_policy(&bucket, &text).await?;
    let told = bucket.client().get_bucket_policy().bucket(bucket.name()).send().await?;
    ensure!(told.policy().is_some_and(|told| told.contains("s3:GetObject")), "{told:?}");
    bucket.client().delete_bucket_policy().bucket(bucket.name()).send().await?;
    let gone = bucket.client().get_bucket_policy().bucket(bucket.name()).send().await;
    check(gone.unwrap_err(), ErrorKind::NotFound, "NoSuchBucketPolicy")
}

async fn a_bucket_without_a_policy_says_so(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let missing = bucket.client().get_bucket_policy().bucket(bucket.name()).send().await.unwrap_err();
    world.check_message(
        missing,
        ErrorKind::NotFound,
        "NoSuchBucketPolicy",
        "The bucket policy does not exist",
    )
}

async fn a_policy_that_is_no_json_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let error = put_policy(&bucket, "nonsense").await.unwrap_err();
    ensure!(error.code() == Some("MalformedPolicy") && error.status() == Some(400), "{error:?}");
    ensure!(error.message().starts_with("Policies must be valid JSON"), "{error:?}");
    Ok(())
}

async fn a_policy_of_another_bucket_is_refused(world: World) -> TestResult {
    let (bucket, other) = (world.fresh_bucket().await?, world.no_bucket());
    let text = policy(&other, "Allow", r#"{"AWS":"123456789012"}"#, "s3:GetObject");
    let error = put_policy(&bucket, &text).await.unwrap_err();
    ensure!(error.code() == Some("MalformedPolicy"), "{error:?}");
    ensure!(error.message() == "Policy has invalid resource", "{error:?}");
    Ok(())
}

async fn a_public_policy_is_blocked_on_a_new_bucket(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let text = policy(&bucket, "Allow", r#""*""#, "s3:GetObject");
    check(put_policy(&bucket, &text).await.unwrap_err(), ErrorKind::AccessDenied, "AccessDenied")?;
    bucket.client().delete_public_access_block().bucket(bucket.name()).send().await?;
    put_policy(&bucket, &text).await?;
    let status = bucket.client().get_bucket_policy_status().bucket(bucket.name()).send().await?;
    ensure!(status.policy_status().and_then(|status| status.is_public()) == Some(true), "{status:?}");
    Ok(())
}

async fn an_explicit_deny_is_for_the_owner_too(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    put_policy(&bucket, &policy(&bucket, "Deny", r#""*""#, "s3:GetObject")).await?;
    let denied = Error::from(bucket.object("film").get().send().await.unwrap_err());
    ensure!(denied.message().ends_with("with an explicit deny in a resource-based policy"), "{denied:?}");
    check(denied, ErrorKind::AccessDenied, "AccessDenied")?;
    bucket.client().delete_bucket_policy().bucket(bucket.name()).send().await?;
    bucket.object("film").get().send().await?;
    Ok(())
}

async fn a_new_bucket_blocks_public_access(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let told = bucket.client().get_public_access_block().bucket(bucket.name()).send().await?;
    let block = told.public_access_block_configuration();
    ensure!(block.is_some_and(|block| block.block_public_acls() == Some(true)), "{told:?}");
    ensure!(block.is_some_and(|block| block.restrict_public_buckets() == Some(true)), "{told:?}");
    bucket.client().delete_public_access_block().bucket(bucket.name()).send().await?;
    let gone = bucket.client().get_public_access_block().bucket(bucket.name()).send().await;
    check(gone.unwrap_err(), ErrorKind::NotFound, "NoSuchPublicAccessBlockConfiguration")
}

async fn a_new_bucket_takes_no_access_control_lists(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let put = bucket.object("film").put().acl(ObjectCannedAcl::PublicRead).send().await;
    let refused = Error::from(put.unwrap_err());
    ensure!(refused.code() == Some("AccessControlListNotSupported"), "{refused:?}");
    ensure!(refused.message() == "The bucket does not allow ACLs", "{refused:?}");
    bucket.object("film").put().acl(ObjectCannedAcl::BucketOwnerFullControl).send().await?;
    Ok(())
}

async fn a_bucket_with_lists_tells_what_is_granted(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    open(&bucket).await?;
    bucket.object("film").put().acl(ObjectCannedAcl::PublicRead).send().await?;
    let told = bucket.client().get_object_acl().bucket(bucket.name()).key("film").send().await?;
    let granted: Vec<&Permission> = told.grants().iter().filter_map(|grant| grant.permission()).collect();
    ensure!(granted == [&Permission::FullControl, &Permission::Read], "{told:?}");
    let public = told.grants()[1].grantee();
    ensure!(public.is_some_and(|grantee| grantee.r#type() == &Type::Group), "{told:?}");
    let put = bucket.client().put_object_acl().bucket(bucket.name()).key("film");
    put.acl(ObjectCannedAcl::Private).send().await?;
    let told = bucket.client().get_object_acl().bucket(bucket.name()).key("film").send().await?;
    ensure!(told.grants().len() == 1, "{told:?}");
    Ok(())
}

async fn lists_are_told_by_canonical_ids(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let told = bucket.client().get_bucket_acl().bucket(bucket.name()).send().await?;
    let owner = told.owner().and_then(|owner| owner.id()).unwrap_or_default();
    ensure!(owner.len() == 64, "{told:?}");
    ensure!(told.grants()[0].grantee().and_then(|grantee| grantee.id()) == Some(owner), "{told:?}");
    Ok(())
}

async fn deleted_ownership_controls_are_not_found(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let client = bucket.client();
    let told = client.get_bucket_ownership_controls().bucket(bucket.name()).send().await?;
    let rules = told.ownership_controls().map(|controls| controls.rules()).unwrap_or_default();
    ensure!(rules[0].object_ownership() == &ObjectOwnership::BucketOwnerEnforced, "{told:?}");
    client.delete_bucket_ownership_controls().bucket(bucket.name()).send().await?;
    let gone = client.get_bucket_ownership_controls().bucket(bucket.name()).send().await;
    check(gone.unwrap_err(), ErrorKind::NotFound, "OwnershipControlsNotFoundError")
}

async fn the_owner_is_expected_by_account(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let list = bucket.list_objects_v2().expected_bucket_owner("000000000001").send().await;
    check(list.unwrap_err(), ErrorKind::AccessDenied, "AccessDenied")
}
