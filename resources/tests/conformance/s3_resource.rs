//! Every resource of S3: what a bucket has one of each, versions, lists of access, uploads and their parts.

use std::time::Duration;

use anyhow::{Context as _, ensure};
use aws_sdk_s3::types::{
    BucketVersioningStatus, CompletedMultipartUpload, CompletedPart, CorsConfiguration, CorsRule,
    ExpirationStatus, IndexDocument, LifecycleExpiration, LifecycleRule, LifecycleRuleFilter, Payer,
    RequestPaymentConfiguration, Tag, Tagging, WebsiteConfiguration,
};
use resources::Bucket;
use session_core::{ErrorKind, Resource};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of, content};

cases! {
    the_rules_of_cors_come_and_go,
    the_rules_of_a_lifecycle_come_and_go,
    a_policy_comes_and_goes,
    tags_come_and_go,
    a_website_comes_and_goes,
    versioning_is_enabled_and_suspended,
    who_pays_is_put_and_told,
    what_every_bucket_has_is_there,
    the_lists_of_access_have_their_owner,
    what_a_missing_bucket_has_is_missing,
    versions_are_listed_and_read_one_by_one,
    a_version_is_copied_and_deleted_for_good,
    all_versions_are_deleted,
    uploads_are_listed_and_aborted,
    parts_are_uploaded_copied_and_listed,
    a_bucket_and_an_object_are_waited_for,
    a_listing_is_an_object_for_its_actions,
    the_first_object_is_found,
    a_listing_goes_on_from_where_it_was_left,
    a_bucket_tells_its_region,
}

async fn a_bucket_tells_its_region(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let region = bucket.region().await?;
    let asked = world.session.config().region_name().map(|region| region.value.as_str());
    ensure!(asked.is_none_or(|asked| asked == region.as_str()), "{region}");
    let missing = world.s3.bucket("no-such-bucket-of-anyone-at-all").region().await;
    ensure!(missing.unwrap_err().kind() == ErrorKind::NotFound);
    Ok(())
}

async fn the_rules_of_cors_come_and_go(world: World) -> TestResult {
    let cors = world.fresh_bucket().await?.cors();
    ensure!(!cors.exists().await?);
    check(cors.load().await.unwrap_err(), ErrorKind::NotFound, "NoSuchCORSConfiguration")?;
    let rule = CorsRule::builder().allowed_methods("GET").allowed_origins("*").build()?;
    let rules = CorsConfiguration::builder().cors_rules(rule.clone()).build()?;
    cors.put().cors_configuration(rules).send().await?;
    ensure!(cors.exists().await? && cors.load().await?.cors_rules() == [rule]);
    cors.delete().send().await?;
    ensure!(!cors.exists().await?);
    Ok(())
}

async fn the_rules_of_a_lifecycle_come_and_go(world: World) -> TestResult {
    let lifecycle = world.fresh_bucket().await?.lifecycle_configuration();
    check(lifecycle.load().await.unwrap_err(), ErrorKind::NotFound, "NoSuchLifecycleConfiguration")?;
    let rule = LifecycleRule::builder()
        .id("old")
        .status(ExpirationStatus::Enabled)
        .filter(LifecycleRuleFilter::builder().prefix("tmp/").build())
        .expiration(LifecycleExpiration::builder().days(1).build())
        .build()?;
    let rules = aws_sdk_s3::types::BucketLifecycleConfiguration::builder().rules(rule).build()?;
    lifecycle.put().lifecycle_configuration(rules).send().await?;
    ensure!(lifecycle.load().await?.rules()[0].id() == Some("old"));
    lifecycle.delete().send().await?;
    ensure!(!lifecycle.exists().await?);
    Ok(())
}

async fn a_policy_comes_and_goes(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let policy = bucket.policy();
    check(policy.load().await.unwrap_err(), ErrorKind::NotFound, "NoSuchBucketPolicy")?;
    let document = serde_json::json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject",
        "Resource": format!("arn:aws:s3:::{}/locked/*", bucket.name())}]});
    policy.put().policy(document.to_string()).send().await?;
    let told = policy.load().await?.policy.context("there is a policy")?;
    ensure!(serde_json::from_str::<serde_json::Value>(&told)? == document, "{told}");
    policy.delete().send().await?;
    ensure!(!policy.exists().await?);
    Ok(())
}

async fn tags_come_and_go(world: World) -> TestResult {
    let tagging = world.fresh_bucket().await?.tagging();
    check(tagging.load().await.unwrap_err(), ErrorKind::NotFound, "NoSuchTagSet")?;
    let tag = Tag::builder().key("colour").value("red").build()?;
    tagging.put().tagging(Tagging::builder().tag_set(tag.clone()).build()?).send().await?;
    ensure!(tagging.load().await?.tag_set() == [tag]);
    tagging.delete().send().await?;
    ensure!(!tagging.exists().await?);
    Ok(())
}

async fn a_website_comes_and_goes(world: World) -> TestResult {
    let website = world.fresh_bucket().await?.website();
    check(website.load().await.unwrap_err(), ErrorKind::NotFound, "NoSuchWebsiteConfiguration")?;
    let index = IndexDocument::builder().suffix("index.html").build()?;
    let configuration = WebsiteConfiguration::builder().index_document(index.clone()).build();
    website.put().website_configuration(configuration).send().await?;
    ensure!(website.load().await?.index_document() == Some(&index));
    website.delete().send().await?;
    ensure!(!website.exists().await?);
    Ok(())
}

async fn versioning_is_enabled_and_suspended(world: World) -> TestResult {
    let versioning = world.fresh_bucket().await?.versioning();
    ensure!(versioning.exists().await? && versioning.load().await?.status().is_none());
    versioning.enable().send().await?;
    ensure!(versioning.load().await?.status() == Some(&BucketVersioningStatus::Enabled));
    versioning.suspend().send().await?;
    ensure!(versioning.load().await?.status() == Some(&BucketVersioningStatus::Suspended));
    Ok(())
}

async fn who_pays_is_put_and_told(world: World) -> TestResult {
    let payment = world.fresh_bucket().await?.request_payment();
    ensure!(payment.load().await?.payer() == Some(&Payer::BucketOwner));
    let requester = RequestPaymentConfiguration::builder().payer(Payer::Requester).build()?;
    payment.put().request_payment_configuration(requester).send().await?;
    ensure!(payment.load().await?.payer() == Some(&Payer::Requester));
    Ok(())
}

async fn what_every_bucket_has_is_there(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    ensure!(bucket.logging().load().await?.logging_enabled().is_none());
    ensure!(bucket.notification().load().await?.topic_configurations().is_empty());
    ensure!(bucket.logging().exists().await? && bucket.notification().exists().await?);
    Ok(())
}

async fn the_lists_of_access_have_their_owner(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let of_bucket = bucket.acl().load().await?;
    let of_object = bucket.object("film").acl().load().await?;
    ensure!(of_bucket.owner().is_some() && of_bucket.grants().len() == 1, "{of_bucket:?}");
    ensure!(of_object.owner().and_then(|owner| owner.id()) == of_bucket.owner().and_then(|owner| owner.id()));
    ensure!(bucket.acl().exists().await? && !bucket.object("none").acl().exists().await?);
    Ok(())
}

async fn what_a_missing_bucket_has_is_missing(world: World) -> TestResult {
    let bucket = world.no_bucket();
    let of_it: [Box<dyn Resource>; 10] = [
        Box::new(bucket.acl()),
        Box::new(bucket.cors()),
        Box::new(bucket.lifecycle_configuration()),
        Box::new(bucket.logging()),
        Box::new(bucket.notification()),
        Box::new(bucket.policy()),
        Box::new(bucket.request_payment()),
        Box::new(bucket.tagging()),
        Box::new(bucket.versioning()),
        Box::new(bucket.website()),
    ];
    for resource in of_it {
        let name = resource.meta().resource_name;
        ensure!(!resource.exists().await?, "{name}");
        let error = resource.load().await.unwrap_err();
        ensure!(error.code() == Some("NoSuchBucket"), "{name}: {error:?}");
    }
    Ok(())
}

async fn versioned(world: &World) -> anyhow::Result<Bucket> {
    let bucket = world.fresh_bucket().await?;
    bucket.versioning().enable().send().await?;
    Ok(bucket)
}

async fn put(bucket: &Bucket, key: &str, body: &'static str) -> anyhow::Result<String> {
    let put = bucket.object(key).put().body(body.as_bytes().to_vec().into()).send().await?;
    put.version_id.context("a version has an id")
}

async fn versions_are_listed_and_read_one_by_one(world: World) -> TestResult {
    let bucket = versioned(&world).await?;
    let first = put(&bucket, "b", "one").await?;
    let second = put(&bucket, "b", "second").await?;
    let only = put(&bucket, "a", "only").await?;
    let marker = bucket.object("b").delete().send().await?.version_id.context("a marker has an id")?;
    for page_size in [1, 2, 1_000] {
        let listed = bucket.object_versions().page_size(page_size).items().try_collect().await?;
        let found: Vec<_> = listed.iter().map(|version| (version.object().key(), version.id())).collect();
        ensure!(found == [("a", &*only), ("b", &marker), ("b", &second), ("b", &first)], "{listed:?}");
        let told: Vec<_> = listed.iter().map(|version| version.entry().is_delete_marker()).collect();
        ensure!(told == [false, true, false, false] && listed[2].entry().size() == 6);
        ensure!(listed[1].entry().is_latest() && !listed[2].entry().is_latest());
    }
    ensure!(bucket.object_versions().prefix("a").limit(5).items().try_collect().await?.len() == 1);
    ensure!(bucket.object_versions().limit(2).page_size(1).items().try_collect().await?.len() == 2);
    let version = bucket.object("b").version(&first);
    ensure!(version.get().send().await?.body.collect().await?.to_vec() == b"one");
    ensure!(version.load().await?.content_length() == Some(3) && version.exists().await?);
    ensure!(version.object() == &bucket.object("b") && version.identifiers() == [bucket.name(), "b", &first]);
    Ok(())
}

async fn a_version_is_copied_and_deleted_for_good(world: World) -> TestResult {
    let bucket = versioned(&world).await?;
    let first = put(&bucket, "a+b c", "one").await?;
    put(&bucket, "a+b c", "second").await?;
    let version = bucket.object("a+b c").version(&first);
    bucket.object("copy").copy_from(&version).send().await?;
    ensure!(bytes_of(&bucket.object("copy")).await? == b"one");
    version.delete().send().await?;
    let error = version.get().send().await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchVersion")?;
    ensure!(!version.exists().await? && bytes_of(&bucket.object("a+b c")).await? == b"second");
    Ok(())
}

async fn all_versions_are_deleted(world: World) -> TestResult {
    let bucket = versioned(&world).await?;
    for key in ["a", "b", "c"] {
        put(&bucket, key, "one").await?;
        put(&bucket, key, "two").await?;
        bucket.object(key).delete().send().await?;
    }
    ensure!(bucket.object_versions().prefix("b").delete().await?.complete()? == 3);
    ensure!(bucket.object_versions().page_size(2).delete().await?.complete()? == 6);
    bucket.delete().send().await?;
    Ok(())
}

async fn uploads_are_listed_and_aborted(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let mut begun = Vec::new();
    for key in ["a/1", "a/2", "b"] {
        let upload = bucket.object(key).initiate_multipart_upload().send().await?;
        begun.push((key, upload.upload_id.context("an upload has an id")?));
    }
    for page_size in [1, 1_000] {
        let listed = bucket.multipart_uploads().page_size(page_size).items().try_collect().await?;
        let found: Vec<_> = listed.iter().map(|upload| (upload.object().key(), upload.id())).collect();
        let expected: Vec<_> = begun.iter().map(|(key, id)| (*key, &**id)).collect();
        ensure!(found == expected && listed[0].entry().initiated().is_some(), "{listed:?}");
    }
    ensure!(bucket.multipart_uploads().limit(2).items().try_collect().await?.len() == 2);
    ensure!(bucket.multipart_uploads().prefix("a/").abort().await? == 2);
    let left = bucket.multipart_uploads().items().try_collect().await?;
    ensure!(left.len() == 1 && left[0].object().key() == "b");
    ensure!(bucket.multipart_uploads().abort().await? == 1);
    Ok(())
}

async fn parts_are_uploaded_copied_and_listed(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (large, film) = (content(5 << 20), bucket.object("film"));
    bucket.object("source").put().body(large.clone().into()).send().await?;
    let id = film.initiate_multipart_upload().send().await?.upload_id.context("an upload has an id")?;
    let upload = film.multipart_upload(id);
    ensure!(!upload.part(1).exists().await?);
    upload.part(1).copy_from(&bucket.object("source")).send().await?;
    let copied = upload.part(2).copy_from(&bucket.object("source")).copy_source_range("bytes=0-5242879");
    copied.send().await?;
    upload.part(7).upload().body(b"the end".to_vec().into()).send().await?;
    ensure!(upload.part(7).load().await?.size() == Some(7));
    check_missing(upload.part(3).load().await.unwrap_err().kind())?;
    for page_size in [1, 1_000] {
        let parts = upload.parts().page_size(page_size).items().try_collect().await?;
        let numbers: Vec<_> = parts.iter().map(|part| part.part_number()).collect();
        ensure!(numbers == [1, 2, 7] && parts[0].entry().size() == Some(5 << 20), "{parts:?}");
    }
    ensure!(upload.parts().limit(2).items().try_collect().await?.len() == 2);
    let completed = upload.parts().items().try_collect().await?.into_iter().map(|part| {
        let tag = part.entry().e_tag().unwrap_or_default().to_owned();
        CompletedPart::builder().part_number(part.part_number()).e_tag(tag).build()
    });
    let parts = CompletedMultipartUpload::builder().set_parts(Some(completed.collect())).build();
    upload.complete().multipart_upload(parts).send().await?;
    ensure!(film.load().await?.content_length() == Some(2 * (5 << 20) + 7));
    ensure!(!upload.exists().await?);
    Ok(())
}

fn check_missing(kind: ErrorKind) -> TestResult {
    ensure!(kind == ErrorKind::NotFound, "{kind:?}");
    Ok(())
}

async fn a_bucket_and_an_object_are_waited_for(world: World) -> TestResult {
    let (long, short) = (Duration::from_secs(60), Duration::from_millis(1));
    let bucket = world.bucket_with(&["film"]).await?;
    bucket.wait_until_exists(long).await?;
    let film = bucket.object("film");
    film.wait_until_exists(long).await?;
    for error in [bucket.wait_until_not_exists(short).await, film.wait_until_not_exists(short).await] {
        ensure!(error.as_ref().is_err_and(|error| error.kind() == ErrorKind::Timeout), "{error:?}");
    }
    film.delete().send().await?;
    film.wait_until_not_exists(long).await?;
    let absent = world.no_bucket();
    absent.wait_until_not_exists(long).await?;
    for error in [absent.wait_until_exists(short).await, film.wait_until_exists(short).await] {
        ensure!(error.as_ref().is_err_and(|error| error.kind() == ErrorKind::Timeout), "{error:?}");
    }
    Ok(())
}

async fn a_listing_is_an_object_for_its_actions(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a", "bb"]).await?;
    let mut objects = bucket.objects().items();
    while let Some(object) = objects.try_next().await? {
        ensure!(object.get().send().await?.content_length() == Some(i64::try_from(object.size())?));
        object.delete().send().await?;
    }
    ensure!(bucket.objects().first().await?.is_none());
    Ok(())
}

async fn the_first_object_is_found(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a", "b/1", "b/2"]).await?;
    let first = bucket.objects().prefix("b/").first().await?.context("there is one")?;
    ensure!(first.key() == "b/1");
    ensure!(bucket.objects().prefix("c/").first().await?.is_none());
    Ok(())
}

async fn a_listing_goes_on_from_where_it_was_left(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a", "b", "c", "d", "e"]).await?;
    let page = bucket.objects().page_size(2).pages().try_next().await?.context("there is a page")?;
    let token = page.next_continuation_token.context("the listing goes on")?;
    let rest = bucket.objects().continuation_token(token).items().try_collect().await?;
    ensure!(rest.iter().map(|object| object.key()).collect::<Vec<_>>() == ["c", "d", "e"], "{rest:?}");
    let last = bucket.objects().pages().try_next().await?.context("there is a page")?;
    ensure!(last.next_continuation_token.is_none());
    Ok(())
}
