//! Objects over time: versions and delete markers, tags, locks, keys of the customer's, lifecycle rules.

use anyhow::{Context as _, ensure};
use aws_sdk_s3::types::{
    BucketLifecycleConfiguration, BucketVersioningStatus, ExpirationStatus, LifecycleExpiration,
    LifecycleRule, LifecycleRuleFilter, ObjectLockLegalHold, ObjectLockLegalHoldStatus, Tag, Tagging,
    VersioningConfiguration,
};
use resources::Bucket;
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of};

cases! {
    every_write_is_a_version_that_stays_readable,
    a_delete_marker_hides_the_object_until_it_is_deleted_itself,
    a_missing_version_says_no_such_version,
    versions_are_listed_newest_first_and_page_by_page,
    a_suspended_bucket_writes_null_versions,
    an_old_version_can_be_copied_back,
    tags_come_with_the_object_and_change_without_a_new_version,
    more_than_ten_tags_are_refused,
    a_copy_can_replace_the_tags,
    a_version_on_legal_hold_is_not_deleted,
    a_customers_key_is_wanted_back,
    deleting_another_object_than_expected_is_refused,
    lifecycle_rules_come_back_as_they_were_put,
}

async fn set_versioning(bucket: &Bucket, status: BucketVersioningStatus) -> TestResult {
    let configuration = VersioningConfiguration::builder().status(status).build();
    let put = bucket.client().put_bucket_versioning().bucket(bucket.name());
    put.versioning_configuration(configuration).send().await?;
    Ok(())
}

async fn with_versions(world: &World) -> anyhow::Result<Bucket> {
    let bucket = world.fresh_bucket().await?;
    set_versioning(&bucket, BucketVersioningStatus::Enabled).await?;
    Ok(bucket)
}

/// Writes an object and gives the id of its version.
async fn put(bucket: &Bucket, key: &str, body: &'static str) -> anyhow::Result<String> {
    let put = bucket.object(key).put().body(body.as_bytes().to_vec().into()).send().await?;
    put.version_id.context("a version has an id")
}

async fn every_write_is_a_version_that_stays_readable(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let object = bucket.object("film");
    let first = put(&bucket, "film", "silent").await?;
    let second = put(&bucket, "film", "sound").await?;
    ensure!(first != second);
    ensure!(bytes_of(&object).await? == b"sound");
    let old = object.get().version_id(&first).send().await?;
    ensure!(old.version_id() == Some(first.as_str()), "{old:?}");
    ensure!(old.body.collect().await?.to_vec() == b"silent");
    Ok(())
}

async fn a_delete_marker_hides_the_object_until_it_is_deleted_itself(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let object = bucket.object("film");
    let version = put(&bucket, "film", "silent").await?;
    let deleted = object.delete().send().await?;
    ensure!(deleted.delete_marker() == Some(true), "{deleted:?}");
    check(object.get().send().await.unwrap_err(), ErrorKind::NotFound, "NoSuchKey")?;
    let marker = deleted.version_id().context("a delete marker has an id")?;
    let named = Error::from(object.get().version_id(marker).send().await.unwrap_err());
    ensure!(named.status() == Some(405), "{named:?}");
    ensure!(object.get().version_id(&version).send().await.is_ok());
    let undone = object.delete().version_id(marker).send().await?;
    ensure!(undone.delete_marker() == Some(true), "{undone:?}");
    ensure!(bytes_of(&object).await? == b"silent");
    Ok(())
}

async fn a_missing_version_says_no_such_version(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let version = put(&bucket, "film", "silent").await?;
    put(&bucket, "film", "sound").await?;
    bucket.object("film").delete().version_id(&version).send().await?;
    let error = bucket.object("film").get().version_id(&version).send().await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchVersion")?;
    let error = bucket.object("film").get().version_id("none").send().await.unwrap_err();
    world.check_message(error, ErrorKind::InvalidInput, "InvalidArgument", "Invalid version id specified")
}

async fn versions_are_listed_newest_first_and_page_by_page(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let mut expected = Vec::new();
    for key in ["a", "b"] {
        let (older, newer) = (put(&bucket, key, "1").await?, put(&bucket, key, "2").await?);
        expected.extend([(key.to_owned(), newer, true), (key.to_owned(), older, false)]);
    }
    let (mut listed, mut key_marker, mut id_marker) = (Vec::new(), None, None);
    loop {
        let list = bucket.client().list_object_versions().bucket(bucket.name()).max_keys(1);
        let page = list.set_key_marker(key_marker).set_version_id_marker(id_marker).send().await?;
        listed.extend(page.versions().iter().map(|version| {
            let (key, id) = (version.key().unwrap_or_default(), version.version_id().unwrap_or_default());
            (key.to_owned(), id.to_owned(), version.is_latest() == Some(true))
        }));
        if page.is_truncated() != Some(true) {
            break;
        }
        (key_marker, id_marker) = (page.next_key_marker, page.next_version_id_marker);
    }
    ensure!(listed == expected, "{listed:?} instead of {expected:?}");
    Ok(())
}

async fn a_suspended_bucket_writes_null_versions(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let version = put(&bucket, "film", "silent").await?;
    set_versioning(&bucket, BucketVersioningStatus::Suspended).await?;
    for body in ["sound", "colour"] {
        bucket.object("film").put().body(body.as_bytes().to_vec().into()).send().await?;
    }
    let null = bucket.object("film").get().version_id("null").send().await?;
    ensure!(null.body.collect().await?.to_vec() == b"colour");
    ensure!(bucket.object("film").get().version_id(version).send().await.is_ok());
    let listed = bucket.client().list_object_versions().bucket(bucket.name()).send().await?;
    ensure!(listed.versions().len() == 2, "{listed:?}");
    Ok(())
}

async fn an_old_version_can_be_copied_back(world: World) -> TestResult {
    let bucket = with_versions(&world).await?;
    let first = put(&bucket, "film", "silent").await?;
    put(&bucket, "film", "sound").await?;
    let source = format!("{}/film?versionId={first}", bucket.name());
    let copy = bucket.client().copy_object().bucket(bucket.name()).key("film").copy_source(source);
    let copied = copy.send().await?;
    ensure!(copied.copy_source_version_id() == Some(first.as_str()), "{copied:?}");
    ensure!(bytes_of(&bucket.object("film")).await? == b"silent");
    Ok(())
}

async fn tags_of(bucket: &Bucket, key: &str) -> anyhow::Result<Vec<(String, String)>> {
    let got = bucket.client().get_object_tagging().bucket(bucket.name()).key(key).send().await?;
    let mut tags: Vec<_> =
        got.tag_set().iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect();
    tags.sort();
    Ok(tags)
}

fn tagging(tags: &[(&str, &str)]) -> anyhow::Result<Tagging> {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build());
    Ok(Tagging::builder().set_tag_set(Some(tags.collect::<Result<_, _>>()?)).build()?)
}

async fn tags_come_with_the_object_and_change_without_a_new_version(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.object("film").put().tagging("genre=drama&year=1927").send().await?;
    let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
    ensure!(tags_of(&bucket, "film").await? == [pair("genre", "drama"), pair("year", "1927")]);
    let put = bucket.client().put_object_tagging().bucket(bucket.name()).key("film");
    put.tagging(tagging(&[("seen", "")])?).send().await?;
    ensure!(tags_of(&bucket, "film").await? == [pair("seen", "")]);
    ensure!(bucket.object("film").get().send().await?.tag_count() == Some(1));
    bucket.client().delete_object_tagging().bucket(bucket.name()).key("film").send().await?;
    ensure!(tags_of(&bucket, "film").await?.is_empty());
    Ok(())
}

async fn more_than_ten_tags_are_refused(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let keys: Vec<String> = (0..11).map(|n| format!("k{n}")).collect();
    let tags: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "v")).collect();
    let put = bucket.client().put_object_tagging().bucket(bucket.name()).key("film").tagging(tagging(&tags)?);
    let error = Error::from(put.send().await.unwrap_err());
    ensure!(error.code() == Some("BadRequest") && error.status() == Some(400), "{error:?}");
    Ok(())
}

async fn a_copy_can_replace_the_tags(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.object("film").put().tagging("genre=drama").send().await?;
    bucket.object("same").copy_from(&bucket.object("film")).send().await?;
    let other = bucket.object("other").copy_from(&bucket.object("film"));
    let other = other.tagging_directive(aws_sdk_s3::types::TaggingDirective::Replace);
    other.tagging("genre=comedy").send().await?;
    let genre = |value: &str| vec![("genre".to_owned(), value.to_owned())];
    ensure!(tags_of(&bucket, "same").await? == genre("drama"));
    ensure!(tags_of(&bucket, "other").await? == genre("comedy"));
    Ok(())
}

async fn a_version_on_legal_hold_is_not_deleted(world: World) -> TestResult {
    let bucket = world.no_bucket();
    bucket.create().object_lock_enabled_for_bucket(true).send().await?;
    let version = put(&bucket, "film", "silent").await?;
    let hold = async |status| {
        let hold = ObjectLockLegalHold::builder().status(status).build();
        let put = bucket.client().put_object_legal_hold().bucket(bucket.name()).key("film");
        put.legal_hold(hold).send().await
    };
    hold(ObjectLockLegalHoldStatus::On).await?;
    let delete = || bucket.object("film").delete().version_id(&version).send();
    let refused = delete().await;
    hold(ObjectLockLegalHoldStatus::Off).await?;
    world.check_message(
        refused.unwrap_err(),
        ErrorKind::AccessDenied,
        "AccessDenied",
        "Access Denied because object protected by object lock.",
    )?;
    delete().await?;
    Ok(())
}

async fn a_customers_key_is_wanted_back(world: World) -> TestResult {
    const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
    const KEY_MD5: &str = "KYvwGXoFFJ42a2u2GDWhwQ==";
    let object = world.fresh_bucket().await?.object("film");
    let put = object.put().body(b"silent".to_vec().into()).sse_customer_algorithm("AES256");
    put.sse_customer_key(KEY).sse_customer_key_md5(KEY_MD5).send().await?;
    let get =
        object.get().sse_customer_algorithm("AES256").sse_customer_key(KEY).sse_customer_key_md5(KEY_MD5);
    ensure!(get.send().await?.body.collect().await?.to_vec() == b"silent");
    check(object.get().send().await.unwrap_err(), ErrorKind::InvalidInput, "InvalidRequest")
}

async fn deleting_another_object_than_expected_is_refused(world: World) -> TestResult {
    let object = world.bucket_with(&["film"]).await?.object("film");
    let error = object.delete().if_match("\"other\"").send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "PreconditionFailed")?;
    let etag = object.load().await?.e_tag.context("an object has an entity tag")?;
    object.delete().if_match(etag).send().await?;
    ensure!(!object.exists().await?);
    Ok(())
}

async fn lifecycle_rules_come_back_as_they_were_put(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (client, name) = (bucket.client(), bucket.name());
    let missing = client.get_bucket_lifecycle_configuration().bucket(name).send().await.unwrap_err();
    check(missing, ErrorKind::NotFound, "NoSuchLifecycleConfiguration")?;
    let rule = LifecycleRule::builder()
        .id("logs")
        .filter(LifecycleRuleFilter::builder().prefix("logs/").build())
        .expiration(LifecycleExpiration::builder().days(3).build())
        .status(ExpirationStatus::Enabled)
        .build()?;
    let configuration = BucketLifecycleConfiguration::builder().rules(rule.clone()).build()?;
    let put = client.put_bucket_lifecycle_configuration().bucket(name);
    put.lifecycle_configuration(configuration).send().await?;
    let got = client.get_bucket_lifecycle_configuration().bucket(name).send().await?;
    ensure!(got.rules() == [rule], "{got:?}");
    client.delete_bucket_lifecycle().bucket(name).send().await?;
    Ok(())
}
