//! S3 by name: streams, listings, copies, uploads by parts and errors, as the typed client has them.

use std::collections::BTreeSet;
use std::time::Duration;

use anyhow::{Context, ensure};
use aws_sdk_s3::primitives::ByteStream;
use futures_util::TryStreamExt;
use serde_json::json;
use session_core::dynamic::{DynamicClient, ServiceFault, Value};
use session_core::{Error, ErrorKind, ResourceScope, SessionExt};

use crate::case::{TestResult, cases};
use crate::world::{World, bytes_of, content};

cases! {
    a_stream_put_by_name_is_the_typed_clients_object,
    an_object_of_the_typed_client_is_streamed_by_name,
    a_stream_put_by_name_has_the_checksum_that_was_asked_for,
    a_range_by_name_is_inclusive,
    heads_by_name_and_typed_are_the_same,
    listings_by_name_and_typed_are_the_same,
    pages_by_name_have_every_key_once,
    objects_deleted_by_name_are_gone,
    a_copy_by_name_has_bytes_and_metadata,
    a_copy_by_name_takes_its_source_as_a_map,
    keys_by_name_are_listed_as_they_are,
    an_upload_by_parts_by_name_is_one_object,
    an_upload_aborted_by_name_is_gone,
    buckets_come_and_go_by_name,
    a_bucket_of_another_region_is_found_by_name,
    errors_by_name_and_typed_are_the_same,
    a_failed_precondition_by_name_is_the_typed_one,
    mistakes_in_the_input_are_told_by_path,
}

async fn by_name(world: &World) -> Result<ResourceScope<DynamicClient>, Error> {
    world.session.client("s3").await
}

async fn streamed(client: &DynamicClient, input: serde_json::Value) -> anyhow::Result<Vec<u8>> {
    let mut got = client.call("GetObject", input).await?;
    let body = got.take_body().context("there is no body")?;
    ensure!(got.take_body().is_none(), "the body was handed out twice");
    Ok(body.collect().await?.to_vec())
}

async fn a_stream_put_by_name_is_the_typed_clients_object(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let (whole, path) = (content(300_000), world.path("film"));
    std::fs::write(&path, &whole)?;
    let input = json!({"Bucket": bucket.name(), "Key": "a film/ü+1", "ContentType": "video/mp4",
        "Metadata": {"director": "Agnes Varda"}});
    let put =
        client.operation("put_object")?.input(input).body(ByteStream::from_path(path).await?).send().await?;
    let got = bucket.object("a film/ü+1").get().send().await?;
    ensure!(got.e_tag() == put["ETag"].as_str() && got.content_type() == Some("video/mp4"), "{got:?}");
    ensure!(got.metadata().is_some_and(|metadata| metadata["director"] == "Agnes Varda"), "{got:?}");
    ensure!(got.body.collect().await?.to_vec() == whole);
    Ok(())
}

async fn an_object_of_the_typed_client_is_streamed_by_name(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let whole = content(3 << 20);
    bucket.object("film").put().body(whole.clone().into()).send().await?;
    ensure!(streamed(&client, json!({"Bucket": bucket.name(), "Key": "film"})).await? == whole);
    let empty = bucket.object("empty");
    empty.put().send().await?;
    ensure!(streamed(&client, json!({"Bucket": bucket.name(), "Key": "empty"})).await?.is_empty());
    Ok(())
}

async fn a_stream_put_by_name_has_the_checksum_that_was_asked_for(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let (whole, path) = (content(150_000), world.path("film"));
    std::fs::write(&path, &whole)?;
    for (algorithm, member) in
        [("CRC32", "ChecksumCRC32"), ("SHA1", "ChecksumSHA1"), ("SHA256", "ChecksumSHA256")]
    {
        let key = json!({"Bucket": bucket.name(), "Key": algorithm});
        let mut input = key.clone();
        (input["ChecksumAlgorithm"], input["ContentEncoding"]) = (json!(algorithm), json!("br"));
        let put = client.operation("PutObject")?.input(input).body(ByteStream::from_path(&path).await?);
        let put = put.send().await?;
        let head = bucket.object(algorithm).client().head_object().bucket(bucket.name()).key(algorithm);
        let head = head.checksum_mode(aws_sdk_s3::types::ChecksumMode::Enabled).send().await?;
        let kept = match algorithm {
            "CRC32" => head.checksum_crc32(),
            "SHA1" => head.checksum_sha1(),
            _ => head.checksum_sha256(),
        };
        ensure!(kept.is_some() && put[member].as_str() == kept, "{algorithm}: {:?}, {head:?}", put.value());
        ensure!(head.content_encoding() == Some("br"), "{head:?}");
        // It is held against the checksum on its way back.
        ensure!(streamed(&client, key).await? == whole);
    }
    Ok(())
}

async fn a_range_by_name_is_inclusive(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&["0123456789"]).await?);
    let input = json!({"Bucket": bucket.name(), "Key": "0123456789", "Range": "bytes=2-4"});
    let mut got = client.call("GetObject", input).await?;
    ensure!(got.status() == 206 && got["ContentRange"].as_str() == Some("bytes 2-4/10"), "{:?}", got.value());
    let body = got.take_body().context("there is no body")?;
    ensure!(body.collect().await?.to_vec() == b"234");
    Ok(())
}

async fn heads_by_name_and_typed_are_the_same(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let object = bucket.object("film");
    object.put().body(ByteStream::from_static(b"frames")).metadata("take", "2").send().await?;
    let typed = object.load().await?;
    let named = client.call("HeadObject", json!({"Bucket": bucket.name(), "Key": "film"})).await?;
    ensure!(named["ContentLength"].as_i64() == typed.content_length(), "{:?}", named.value());
    ensure!(named["ETag"].as_str() == typed.e_tag(), "{:?}", named.value());
    ensure!(named["ContentType"].as_str() == typed.content_type(), "{:?}", named.value());
    ensure!(named["LastModified"].as_timestamp() == typed.last_modified().copied(), "{:?}", named.value());
    ensure!(named["Metadata"]["take"].as_str() == Some("2"), "{:?}", named.value());
    Ok(())
}

async fn listings_by_name_and_typed_are_the_same(world: World) -> TestResult {
    let (client, bucket) =
        (by_name(&world).await?, world.bucket_with(&["a", "b/1", "b/2", "c d", "e"]).await?);
    let typed = bucket.list_objects_v2().delimiter("/").max_keys(3).send().await?;
    let input = json!({"Bucket": bucket.name(), "Delimiter": "/", "MaxKeys": 3});
    let named = client.call("list_objects_v2", input).await?;
    ensure!(named["IsTruncated"].as_bool() == typed.is_truncated(), "{:?}", named.value());
    ensure!(named["KeyCount"].as_i64() == typed.key_count().map(i64::from), "{:?}", named.value());
    let keys = |contents: &[Value]| -> Vec<_> {
        let row = |row: &Value| {
            let texts = (row["Key"].as_str().map(str::to_owned), row["ETag"].as_str().map(str::to_owned));
            (texts, row["Size"].as_i64(), row["LastModified"].as_timestamp())
        };
        contents.iter().map(row).collect()
    };
    let expected: Vec<_> = typed
        .contents()
        .iter()
        .map(|row| {
            let texts = (row.key().map(str::to_owned), row.e_tag().map(str::to_owned));
            (texts, row.size(), row.last_modified().copied())
        })
        .collect();
    ensure!(keys(named["Contents"].as_list().unwrap_or_default()) == expected, "{:?}", named.value());
    ensure!(named["CommonPrefixes"][0]["Prefix"].as_str() == Some("b/"), "{:?}", named.value());
    Ok(())
}

async fn pages_by_name_have_every_key_once(world: World) -> TestResult {
    let keys = ["a", "b", "c", "d", "e"];
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&keys).await?);
    let paginator = client.paginator("ListObjectsV2")?.input(json!({"Bucket": bucket.name()})).page_size(2);
    let mut items = paginator.items();
    let mut found = Vec::new();
    while let Some(item) = items.try_next().await? {
        found.push(item["Key"].as_str().unwrap_or_default().to_owned());
    }
    ensure!(found == keys, "{found:?}");
    Ok(())
}

async fn objects_deleted_by_name_are_gone(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&["a", "b", "c"]).await?);
    let deleted = client.call("DeleteObject", json!({"Bucket": bucket.name(), "Key": "a"})).await?;
    ensure!(deleted.status() == 204);
    let input = json!({"Bucket": bucket.name(), "Delete": {"Objects": [{"Key": "b"}, {"Key": "ghost"}]}});
    let deleted = client.call("DeleteObjects", input).await?;
    let rows = deleted["Deleted"].as_list().unwrap_or_default();
    let told: BTreeSet<_> = rows.iter().filter_map(|row| row["Key"].as_str()).collect();
    ensure!(told == BTreeSet::from(["b", "ghost"]), "{:?}", deleted.value());
    ensure!(!bucket.object("a").exists().await? && !bucket.object("b").exists().await?);
    ensure!(bucket.object("c").exists().await?);
    Ok(())
}

async fn a_copy_by_name_has_bytes_and_metadata(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    bucket.object("film").put().body(ByteStream::from_static(b"frames")).metadata("take", "2").send().await?;
    let source = format!("{}/film", bucket.name());
    let input = json!({"Bucket": bucket.name(), "Key": "copy", "CopySource": source});
    let copied = client.call("CopyObject", input).await?;
    let head = bucket.object("copy").load().await?;
    ensure!(copied["CopyObjectResult"]["ETag"].as_str() == head.e_tag(), "{:?}", copied.value());
    ensure!(head.metadata().is_some_and(|metadata| metadata["take"] == "2"), "{head:?}");
    Ok(())
}

async fn a_copy_by_name_takes_its_source_as_a_map(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&["a b+c?/ü%41"]).await?);
    let source = json!({"Bucket": bucket.name(), "Key": "a b+c?/ü%41"});
    client.call("CopyObject", json!({"Bucket": bucket.name(), "Key": "copy", "CopySource": source})).await?;
    ensure!(bytes_of(&bucket.object("copy")).await? == "a b+c?/ü%41".as_bytes());
    Ok(())
}

async fn keys_by_name_are_listed_as_they_are(world: World) -> TestResult {
    let keys = ["a b+c", "a%2Bb", "ü & <tag>", "x\u{1}y"];
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&keys).await?);
    for operation in ["ListObjects", "ListObjectsV2"] {
        let listed = client.call(operation, json!({"Bucket": bucket.name()})).await?;
        let rows = listed["Contents"].as_list().unwrap_or_default().iter();
        let found: BTreeSet<_> = rows.filter_map(|row| row["Key"].as_str()).collect();
        ensure!(found == BTreeSet::from(keys), "{operation}: {found:?}");
    }
    // The typed client, which cleans up, cannot read a listing that has this one.
    client.call("DeleteObject", json!({"Bucket": bucket.name(), "Key": "x\u{1}y"})).await?;
    Ok(())
}

async fn an_upload_by_parts_by_name_is_one_object(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let to = json!({"Bucket": bucket.name(), "Key": "film"});
    let upload = client.call("CreateMultipartUpload", to).await?;
    let whole = content((5 << 20) + 3);
    let (mut parts, mut number) = (Vec::new(), 0);
    for part in whole.chunks(5 << 20) {
        number += 1;
        let input = json!({"Bucket": bucket.name(), "Key": "film", "UploadId": upload["UploadId"],
            "PartNumber": number});
        let sent = client.operation("UploadPart")?.input(input).body(part.to_vec()).send().await?;
        parts.push(json!({"PartNumber": number, "ETag": sent["ETag"]}));
    }
    let input = json!({"Bucket": bucket.name(), "Key": "film", "UploadId": upload["UploadId"],
        "MultipartUpload": {"Parts": parts}});
    let completed = client.call("CompleteMultipartUpload", input).await?;
    ensure!(completed["ETag"].as_str().is_some_and(|tag| tag.ends_with("-2\"")), "{:?}", completed.value());
    ensure!(bytes_of(&bucket.object("film")).await? == whole);
    Ok(())
}

async fn an_upload_aborted_by_name_is_gone(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.fresh_bucket().await?);
    let upload =
        client.call("CreateMultipartUpload", json!({"Bucket": bucket.name(), "Key": "film"})).await?;
    let listed = client.call("ListMultipartUploads", json!({"Bucket": bucket.name()})).await?;
    ensure!(listed["Uploads"][0]["UploadId"] == upload["UploadId"], "{:?}", listed.value());
    let input = json!({"Bucket": bucket.name(), "Key": "film", "UploadId": upload["UploadId"]});
    client.call("AbortMultipartUpload", input).await?;
    ensure!(bucket.list_multipart_uploads().send().await?.uploads().is_empty());
    Ok(())
}

async fn buckets_come_and_go_by_name(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.no_bucket());
    let region = client.meta().region_name.as_ref().map(|region| region.as_str().to_owned());
    let place = region.filter(|region| region != "us-east-1");
    let mut input = json!({"Bucket": bucket.name()});
    if let Some(region) = &place {
        input["CreateBucketConfiguration"] = json!({"LocationConstraint": region});
    }
    client.call("CreateBucket", input).await?;
    let waiter = client.waiter("BucketExists")?.input(json!({"Bucket": bucket.name()}));
    waiter.wait(Duration::from_secs(60)).await?;
    ensure!(bucket.exists().await?);
    let location = client.call("GetBucketLocation", json!({"Bucket": bucket.name()})).await?;
    ensure!(location["LocationConstraint"].as_str() == place.as_deref(), "{:?}", location.value());
    let listed = client.call("ListBuckets", json!({})).await?;
    let names = listed["Buckets"].as_list().unwrap_or_default().iter();
    ensure!(names.filter_map(|row| row["Name"].as_str()).any(|name| name == bucket.name()));
    client.call("DeleteBucket", json!({"Bucket": bucket.name()})).await?;
    ensure!(!bucket.exists().await?);
    Ok(())
}

async fn a_bucket_of_another_region_is_found_by_name(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.no_bucket());
    let there = world.session.client("s3").region_name("us-west-2").await?;
    let place = json!({"LocationConstraint": "us-west-2"});
    let input = json!({"Bucket": bucket.name(), "CreateBucketConfiguration": place});
    there.call("CreateBucket", input).await?;
    let film = json!({"Bucket": bucket.name(), "Key": "film"});
    client.operation("PutObject")?.input(film.clone()).body(b"frames".to_vec()).send().await?;
    ensure!(streamed(&client, film.clone()).await? == b"frames");
    let head = client.call("HeadBucket", json!({"Bucket": bucket.name()})).await?;
    ensure!(head["BucketRegion"].as_str() == Some("us-west-2"), "{:?}", head.value());
    client.call("DeleteObject", film).await?;
    client.call("DeleteBucket", json!({"Bucket": bucket.name()})).await?;
    Ok(())
}

async fn errors_by_name_and_typed_are_the_same(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&["film"]).await?);
    let absent = world.no_bucket();
    let (bucket_name, absent_name) = (bucket.name(), absent.name());
    let same = [
        (
            Error::from(bucket.object("ghost").get().send().await.unwrap_err()),
            client.call("GetObject", json!({"Bucket": bucket_name, "Key": "ghost"})).await.unwrap_err(),
        ),
        (
            absent.object("film").get().send().await.unwrap_err().into(),
            client.call("GetObject", json!({"Bucket": absent_name, "Key": "film"})).await.unwrap_err(),
        ),
        (
            bucket.delete().send().await.unwrap_err().into(),
            client.call("DeleteBucket", json!({"Bucket": bucket_name})).await.unwrap_err(),
        ),
        (
            bucket.object("film").multipart_upload("ghost").abort().send().await.unwrap_err().into(),
            client
                .call(
                    "AbortMultipartUpload",
                    json!({"Bucket": bucket_name, "Key": "film", "UploadId": "ghost"}),
                )
                .await
                .unwrap_err(),
        ),
    ];
    for (typed, named) in same {
        ensure!(named.kind() == typed.kind() && named.code() == typed.code(), "{named:?} is not {typed:?}");
        ensure!(named.message() == typed.message(), "{named:?} is not {typed:?}");
        ensure!(
            named.status() == typed.status() && named.request_id().is_some(),
            "{named:?} is not {typed:?}"
        );
        ensure!(named.operation() == typed.operation(), "{named:?} is not {typed:?}");
        let fault = ServiceFault::of(&named).context("no fault among the causes")?;
        ensure!(typed.code().is_some_and(|code| fault.is(code)), "{fault:?}");
    }
    let head = client.call("HeadObject", json!({"Bucket": bucket_name, "Key": "ghost"})).await.unwrap_err();
    ensure!(head.is_not_found() && head.status() == Some(404), "{head:?}");
    Ok(())
}

async fn a_failed_precondition_by_name_is_the_typed_one(world: World) -> TestResult {
    let (client, bucket) = (by_name(&world).await?, world.bucket_with(&["film"]).await?);
    let input = json!({"Bucket": bucket.name(), "Key": "film", "IfNoneMatch": "*"});
    let put = client.operation("PutObject")?.input(input).body(b"other".to_vec());
    let named = put.send().await.unwrap_err();
    let typed = Error::from(bucket.object("film").put().if_none_match("*").send().await.unwrap_err());
    ensure!(named.kind() == ErrorKind::ConditionFailed && named.kind() == typed.kind(), "{named:?}");
    ensure!(named.code() == typed.code() && named.status() == typed.status(), "{named:?} is not {typed:?}");
    ensure!(bytes_of(&bucket.object("film")).await? == b"film");
    Ok(())
}

async fn mistakes_in_the_input_are_told_by_path(world: World) -> TestResult {
    let client = by_name(&world).await?;
    let input = json!({"Bukket": "films", "Delete": {"Objects": [{"Kee": "film"}]}});
    let error = client.call("DeleteObjects", input).await.unwrap_err();
    let told = error.to_string();
    ensure!(error.kind() == ErrorKind::InvalidInput, "{error:?}");
    ensure!(told.contains("Bukket") && told.contains("Delete.Objects[0]"), "{told}");
    let error = client.call("PutObjekt", json!({})).await.unwrap_err();
    ensure!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("PutObject"), "{error:?}");
    Ok(())
}
