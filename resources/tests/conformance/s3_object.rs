//! Objects and buckets: writing, reading, ranges, preconditions, copies, and what is refused.

use anyhow::ensure;
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::{ChecksumMode, Delete, MetadataDirective, ObjectIdentifier};
use session_core::{Error, ErrorKind};

use crate::case::{TestResult, cases, check};
use crate::world::{World, bytes_of, content};

cases! {
    what_was_put_comes_back_with_its_headers_and_metadata,
    a_missing_object_says_no_such_key,
    a_missing_bucket_says_no_such_bucket,
    heading_a_missing_object_is_not_found_without_a_message,
    an_object_exists_once_it_is_put_and_no_more_once_it_is_deleted,
    the_snapshot_of_an_object_has_size_and_etag,
    deleting_a_missing_object_succeeds,
    putting_again_replaces_the_whole_object,
    an_empty_object_is_an_object,
    ranges_are_inclusive_and_cut_at_the_end,
    a_range_beyond_the_end_is_refused,
    keys_may_have_any_characters,
    a_key_longer_than_1024_bytes_is_refused,
    put_if_absent_fails_on_an_object_that_is_there,
    put_if_absent_has_one_winner,
    put_if_match_replaces_that_very_object,
    get_if_match_fails_on_another_object,
    get_if_none_match_of_the_same_object_is_not_modified,
    get_if_modified_since_compares_with_the_last_write,
    a_copy_has_the_bytes_and_the_metadata,
    a_copy_can_replace_the_metadata,
    copying_onto_itself_without_a_change_is_refused,
    copying_a_missing_object_says_no_such_key,
    copying_under_a_failed_precondition_says_so,
    the_crc32_of_the_body_is_kept,
    a_wrong_content_md5_is_a_bad_digest,
    deleting_many_tells_the_missing_as_deleted,
    deleting_more_than_1000_at_once_is_malformed,
    the_answer_can_be_given_another_content_type,
    concurrent_puts_leave_one_whole_object,
    a_bucket_exists_once_it_is_created,
    creating_a_bucket_twice_says_it_is_yours,
    a_bucket_name_with_capitals_is_refused,
    a_bucket_with_objects_is_not_deleted,
    a_deleted_bucket_is_gone,
    the_buckets_of_the_account_have_the_new_one,
}

async fn what_was_put_comes_back_with_its_headers_and_metadata(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let body = ByteStream::from_static(b"frames");
    let put = object.put().body(body).content_type("video/mp4").cache_control("no-cache");
    let put = put.metadata("director", "Agnes Varda").send().await?;
    let got = object.get().send().await?;
    ensure!(got.e_tag == put.e_tag && got.content_length == Some(6), "{got:?}");
    ensure!(got.content_type() == Some("video/mp4") && got.cache_control() == Some("no-cache"), "{got:?}");
    ensure!(got.metadata().is_some_and(|metadata| metadata["director"] == "Agnes Varda"), "{got:?}");
    ensure!(got.body.collect().await?.to_vec() == b"frames");
    Ok(())
}

async fn a_missing_object_says_no_such_key(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("ghost");
    let error = Error::from(object.get().send().await.unwrap_err());
    ensure!(error.status() == Some(404) && error.operation() == Some("GetObject"), "{error:?}");
    world.check_message(error, ErrorKind::NotFound, "NoSuchKey", "The specified key does not exist.")
}

async fn a_missing_bucket_says_no_such_bucket(world: World) -> TestResult {
    let object = world.no_bucket().object("ghost");
    let message = "The specified bucket does not exist";
    world.check_message(
        object.get().send().await.unwrap_err(),
        ErrorKind::NotFound,
        "NoSuchBucket",
        message,
    )?;
    world.check_message(
        object.put().send().await.unwrap_err(),
        ErrorKind::NotFound,
        "NoSuchBucket",
        message,
    )?;
    world.check_message(
        object.delete().send().await.unwrap_err(),
        ErrorKind::NotFound,
        "NoSuchBucket",
        message,
    )
}

async fn heading_a_missing_object_is_not_found_without_a_message(world: World) -> TestResult {
    let error = world.fresh_bucket().await?.object("ghost").load().await.unwrap_err();
    ensure!(error.status() == Some(404) && error.is_not_found() && error.request_id().is_some(), "{error:?}");
    Ok(())
}

async fn an_object_exists_once_it_is_put_and_no_more_once_it_is_deleted(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    ensure!(!object.exists().await?);
    object.put().send().await?;
    ensure!(object.exists().await?);
    object.delete().send().await?;
    ensure!(!object.exists().await?);
    ensure!(!world.no_bucket().object("film").exists().await?);
    Ok(())
}

async fn the_snapshot_of_an_object_has_size_and_etag(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"hello")).send().await?;
    let head = object.load().await?;
    ensure!(head.content_length() == Some(5) && head.last_modified().is_some(), "{head:?}");
    ensure!(head.e_tag() == Some("\"5d41402abc4b2a76b9719d911017c592\""), "{head:?}");
    Ok(())
}

async fn deleting_a_missing_object_succeeds(world: World) -> TestResult {
    let deleted = world.fresh_bucket().await?.object("ghost").delete().send().await?;
    ensure!(deleted.delete_marker().is_none() && deleted.version_id().is_none(), "{deleted:?}");
    Ok(())
}

async fn putting_again_replaces_the_whole_object(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"the long cut")).metadata("cut", "long").send().await?;
    object.put().body(ByteStream::from_static(b"short")).send().await?;
    let got = object.get().send().await?;
    ensure!(got.metadata().is_none_or(|metadata| metadata.is_empty()), "{got:?}");
    ensure!(got.body.collect().await?.to_vec() == b"short");
    Ok(())
}

async fn an_empty_object_is_an_object(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("nothing");
    object.put().send().await?;
    let got = object.get().send().await?;
    ensure!(got.content_length() == Some(0), "{got:?}");
    ensure!(got.e_tag() == Some("\"d41d8cd98f00b204e9800998ecf8427e\""), "{got:?}");
    ensure!(got.body.collect().await?.into_bytes().is_empty());
    Ok(())
}

async fn ranges_are_inclusive_and_cut_at_the_end(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("digits");
    object.put().body(ByteStream::from_static(b"0123456789")).send().await?;
    for (range, content_range, bytes) in [
        ("bytes=0-0", "bytes 0-0/10", "0"),
        ("bytes=2-4", "bytes 2-4/10", "234"),
        ("bytes=7-", "bytes 7-9/10", "789"),
        ("bytes=-3", "bytes 7-9/10", "789"),
        ("bytes=8-99", "bytes 8-9/10", "89"),
        ("bytes=-99", "bytes 0-9/10", "0123456789"),
    ] {
        let got = object.get().range(range).send().await?;
        ensure!(got.content_range() == Some(content_range), "{range}: {got:?}");
        ensure!(got.content_length() == Some(bytes.len() as i64), "{range}: {got:?}");
        ensure!(got.body.collect().await?.to_vec() == bytes.as_bytes(), "{range}");
    }
    Ok(())
}

async fn a_range_beyond_the_end_is_refused(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("digits");
    object.put().body(ByteStream::from_static(b"0123456789")).send().await?;
    let error = Error::from(object.get().range("bytes=10-").send().await.unwrap_err());
    ensure!(error.status() == Some(416), "{error:?}");
    let message = "The requested range is not satisfiable";
    world.check_message(error, ErrorKind::InvalidInput, "InvalidRange", message)
}

async fn keys_may_have_any_characters(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let mut keys = [
        "a b",
        "a+b",
        "a%2Fb",
        "folder/",
        "//double//slash",
        "é/日本語/🎬.txt",
        "!-_.*'()&$@=;:,?\"<>[]{}^`|~#\\",
        "./dot/../dots",
    ];
    keys.sort_unstable();
    for key in keys {
        bucket.object(key).put().body(key.as_bytes().to_vec().into()).send().await?;
        ensure!(bytes_of(&bucket.object(key)).await? == key.as_bytes(), "{key}");
    }
    let listed = bucket.objects().items().try_collect().await?;
    let listed: Vec<_> = listed.iter().map(|summary| summary.key()).collect();
    ensure!(listed == keys, "{listed:?}");
    Ok(())
}

async fn a_key_longer_than_1024_bytes_is_refused(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.object("k".repeat(1024)).put().send().await?;
    let error = bucket.object("k".repeat(1025)).put().send().await.unwrap_err();
    world.check_message(error, ErrorKind::InvalidInput, "KeyTooLongError", "Your key is too long")
}

async fn put_if_absent_fails_on_an_object_that_is_there(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().if_none_match("*").body(ByteStream::from_static(b"first")).send().await?;
    let again = object.put().if_none_match("*").body(ByteStream::from_static(b"second"));
    let error = Error::from(again.send().await.unwrap_err());
    ensure!(error.status() == Some(412), "{error:?}");
    let message = "At least one of the pre-conditions you specified did not hold";
    world.check_message(error, ErrorKind::ConditionFailed, "PreconditionFailed", message)?;
    ensure!(bytes_of(&object).await? == b"first");
    Ok(())
}

async fn put_if_absent_has_one_winner(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("throne");
    let claims = (0..8).map(|n: u8| {
        let claim = object.put().if_none_match("*").body(vec![n].into());
        async move { claim.send().await.map(|_| n).map_err(Error::from) }
    });
    let outcomes = futures_util::future::join_all(claims).await;
    let winners: Vec<_> = outcomes.iter().filter_map(|outcome| outcome.as_ref().ok()).collect();
    ensure!(winners.len() == 1, "{outcomes:?}");
    for error in outcomes.iter().filter_map(|outcome| outcome.as_ref().err()) {
        // AWS answers ConditionalRequestConflict to a claim that meets another one on its way.
        ensure!(error.is_condition_failed(), "{error:?}");
    }
    ensure!(bytes_of(&object).await? == [*winners[0]]);
    Ok(())
}

async fn put_if_match_replaces_that_very_object(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let first = object.put().body(ByteStream::from_static(b"first")).send().await?;
    let e_tag = first.e_tag().unwrap_or_default();
    object.put().if_match(e_tag).body(ByteStream::from_static(b"second")).send().await?;
    let stale = object.put().if_match(e_tag).body(ByteStream::from_static(b"third"));
    check(stale.send().await.unwrap_err(), ErrorKind::ConditionFailed, "PreconditionFailed")?;
    ensure!(bytes_of(&object).await? == b"second");
    Ok(())
}

async fn get_if_match_fails_on_another_object(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"first")).send().await?;
    let error = object.get().if_match("\"0123456789abcdef0123456789abcdef\"").send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "PreconditionFailed")
}

async fn get_if_none_match_of_the_same_object_is_not_modified(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let put = object.put().body(ByteStream::from_static(b"first")).send().await?;
    let error = object.get().set_if_none_match(put.e_tag).send().await.unwrap_err();
    let error = Error::from(error);
    ensure!(error.status() == Some(304) && error.is_condition_failed(), "{error:?}");
    Ok(())
}

async fn get_if_modified_since_compares_with_the_last_write(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"first")).send().await?;
    let (before, written) = (DateTime::from_secs(0), object.load().await?.last_modified);
    ensure!(object.get().if_modified_since(before).send().await?.body.collect().await.is_ok());
    let error = Error::from(object.get().set_if_modified_since(written).send().await.unwrap_err());
    ensure!(error.status() == Some(304) && error.is_condition_failed(), "{error:?}");
    let error = object.get().if_unmodified_since(before).send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "PreconditionFailed")
}

async fn a_copy_has_the_bytes_and_the_metadata(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let (source, copy) = (bucket.object("a b/é+c?.txt"), bucket.object("copy"));
    let put = source.put().body(ByteStream::from_static(b"words")).content_type("text/plain");
    let put = put.metadata("author", "me").send().await?;
    let copied = copy.copy_from(&source).send().await?;
    let result = copied.copy_object_result();
    ensure!(result.is_some_and(|result| result.e_tag == put.e_tag), "{copied:?}");
    let got = copy.get().send().await?;
    ensure!(got.content_type() == Some("text/plain"), "{got:?}");
    ensure!(got.metadata().is_some_and(|metadata| metadata["author"] == "me"), "{got:?}");
    ensure!(got.body.collect().await?.to_vec() == b"words");
    Ok(())
}

async fn a_copy_can_replace_the_metadata(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"words")).metadata("cut", "long").send().await?;
    let copy = object.copy_from(&object).metadata_directive(MetadataDirective::Replace);
    copy.metadata("cut", "short").content_type("text/plain").send().await?;
    let head = object.load().await?;
    ensure!(head.metadata().is_some_and(|metadata| metadata["cut"] == "short"), "{head:?}");
    ensure!(head.content_type() == Some("text/plain"), "{head:?}");
    Ok(())
}

async fn copying_onto_itself_without_a_change_is_refused(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"words")).send().await?;
    let error = object.copy_from(&object).send().await.unwrap_err();
    let message = "This copy request is illegal because it is trying to copy an object to itself without changing \
                   the object's metadata, storage class, website redirect location or encryption attributes.";
    world.check_message(error, ErrorKind::InvalidInput, "InvalidRequest", message)
}

async fn copying_a_missing_object_says_no_such_key(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let error = bucket.object("copy").copy_from(&bucket.object("ghost")).send().await.unwrap_err();
    check(error, ErrorKind::NotFound, "NoSuchKey")
}

async fn copying_under_a_failed_precondition_says_so(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let source = bucket.object("film");
    source.put().body(ByteStream::from_static(b"words")).send().await?;
    let copy = bucket.object("copy").copy_from(&source);
    let error = copy.copy_source_if_match("\"0123456789abcdef0123456789abcdef\"").send().await.unwrap_err();
    check(error, ErrorKind::ConditionFailed, "PreconditionFailed")?;
    ensure!(!bucket.object("copy").exists().await?);
    Ok(())
}

async fn the_crc32_of_the_body_is_kept(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let put = object.put().body(ByteStream::from_static(b"hello")).send().await?;
    // What `cksum -o 3` says of it, big-endian, in base 64.
    ensure!(put.checksum_crc32() == Some("NhCmhg=="), "{put:?}");
    let head = object.head().checksum_mode(ChecksumMode::Enabled).send().await?;
    ensure!(head.checksum_crc32() == Some("NhCmhg=="), "{head:?}");
    ensure!(object.load().await?.checksum_crc32().is_none());
    Ok(())
}

async fn a_wrong_content_md5_is_a_bad_digest(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let put = object.put().body(ByteStream::from_static(b"hello")).content_md5("1B2M2Y8AsgTpgAmY7PhCfg==");
    let message = "The Content-MD5 you specified did not match what we received.";
    world.check_message(put.send().await.unwrap_err(), ErrorKind::InvalidInput, "BadDigest", message)?;
    ensure!(!object.exists().await?);
    Ok(())
}

fn delete(keys: impl IntoIterator<Item = String>) -> Result<Delete, Error> {
    let keys = keys.into_iter().map(|key| ObjectIdentifier::builder().key(key).build());
    Ok(Delete::builder().set_objects(Some(keys.collect::<Result<_, _>>()?)).build()?)
}

async fn deleting_many_tells_the_missing_as_deleted(world: World) -> TestResult {
    let bucket = world.bucket_with(&["a", "b", "c"]).await?;
    let keys = ["a", "ghost", "c"].map(str::to_owned);
    let answer = bucket.delete_objects().delete(delete(keys)?).send().await?;
    let mut deleted: Vec<_> = answer.deleted().iter().filter_map(|deleted| deleted.key()).collect();
    deleted.sort_unstable();
    ensure!(deleted == ["a", "c", "ghost"] && answer.errors().is_empty(), "{answer:?}");
    ensure!(bucket.objects().items().try_collect().await?.len() == 1);
    Ok(())
}

async fn deleting_more_than_1000_at_once_is_malformed(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let keys = (0..1001).map(|n| format!("k{n}"));
    let error = bucket.delete_objects().delete(delete(keys)?).send().await.unwrap_err();
    check(error, ErrorKind::InvalidInput, "MalformedXML")
}

async fn the_answer_can_be_given_another_content_type(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    object.put().body(ByteStream::from_static(b"words")).content_type("text/plain").send().await?;
    let get = object.get().response_content_type("text/html").response_content_disposition("attachment");
    let got = get.send().await?;
    ensure!(got.content_type() == Some("text/html"), "{got:?}");
    ensure!(got.content_disposition() == Some("attachment"), "{got:?}");
    got.body.collect().await?;
    Ok(())
}

async fn concurrent_puts_leave_one_whole_object(world: World) -> TestResult {
    let object = world.fresh_bucket().await?.object("film");
    let puts = (0..6).map(|n: u8| object.put().body(vec![n; 100_000].into()).send());
    for put in futures_util::future::join_all(puts).await {
        put?;
    }
    let bytes = bytes_of(&object).await?;
    ensure!(bytes.len() == 100_000 && bytes.iter().all(|byte| *byte == bytes[0]));
    Ok(())
}

async fn a_bucket_exists_once_it_is_created(world: World) -> TestResult {
    let bucket = world.no_bucket();
    ensure!(!bucket.exists().await?);
    check_head(bucket.load().await.unwrap_err())?;
    bucket.create().send().await?;
    ensure!(bucket.exists().await?);
    let region = bucket.load().await?.bucket_region;
    ensure!(region.as_deref() == bucket.client().config().region().map(AsRef::as_ref), "{region:?}");
    Ok(())
}

fn check_head(error: Error) -> TestResult {
    ensure!(error.is_not_found() && error.status() == Some(404), "{error:?}");
    Ok(())
}

async fn creating_a_bucket_twice_says_it_is_yours(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    let error = bucket.create().send().await.unwrap_err();
    let message = "Your previous request to create the named bucket succeeded and you already own it.";
    world.check_message(error, ErrorKind::AlreadyExists, "BucketAlreadyOwnedByYou", message)
}

async fn a_bucket_name_with_capitals_is_refused(world: World) -> TestResult {
    let error = world.s3.bucket("Not_A_Bucket").create().send().await.unwrap_err();
    world.check_message(
        error,
        ErrorKind::InvalidInput,
        "InvalidBucketName",
        "The specified bucket is not valid.",
    )
}

async fn a_bucket_with_objects_is_not_deleted(world: World) -> TestResult {
    let bucket = world.bucket_with(&["film"]).await?;
    let error = Error::from(bucket.delete().send().await.unwrap_err());
    ensure!(error.status() == Some(409), "{error:?}");
    world.check_message(
        error,
        ErrorKind::Service,
        "BucketNotEmpty",
        "The bucket you tried to delete is not empty",
    )
}

async fn a_deleted_bucket_is_gone(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.delete().send().await?;
    ensure!(!bucket.exists().await?);
    check(bucket.delete().send().await.unwrap_err(), ErrorKind::NotFound, "NoSuchBucket")
}

async fn the_buckets_of_the_account_have_the_new_one(world: World) -> TestResult {
    let bucket = world.fresh_bucket().await?;
    bucket.object("film").put().body(content(10).into()).send().await?;
    let buckets = world.s3.buckets().items().try_collect().await?;
    ensure!(buckets.contains(&bucket), "{buckets:?}");
    Ok(())
}
