//! Objects by name and typed: written, read, copied, listed, tagged, versioned, locked and put together from parts.

use anyhow::{Context, ensure};
use aws_sdk_s3::primitives::{ByteStream, DateTime};
use aws_sdk_s3::types::*;
use serde_json::{Value as Json, json};
use session_core::dynamic::Output;

use super::pair::{Both, Pair, scripts};
use crate::case::TestResult;
use crate::world::content;

scripts! {
    objects_are_the_same,
    a_read_under_a_condition_is_refused_alike,
    a_restore_is_refused_alike,
    deletes_are_the_same,
    copies_are_the_same,
    listings_are_the_same,
    tags_of_an_object_are_the_same,
    versions_are_the_same,
    locks_are_the_same,
    uploads_by_parts_are_the_same,
    an_upload_that_is_aborted_is_the_same,
}

type S3 = Both<aws_sdk_s3::Client>;

async fn put(s3: &S3, bucket: &str, key: &str, body: &[u8]) -> anyhow::Result<()> {
    let stream = || ByteStream::from(body.to_vec());
    let typed = s3.typed.put_object().bucket(bucket).key(key).body(stream()).send();
    s3.both("PutObject", typed, json!({"Bucket": bucket, "Key": key}), Some(stream())).await?;
    Ok(())
}

async fn version(s3: &S3, bucket: &str, status: BucketVersioningStatus) -> TestResult {
    let input = json!({"Bucket": bucket, "VersioningConfiguration": {"Status": status.as_str()}});
    let versioning = VersioningConfiguration::builder().status(status).build();
    let typed = s3.typed.put_bucket_versioning().bucket(bucket).versioning_configuration(versioning).send();
    s3.same("PutBucketVersioning", typed, input).await?;
    Ok(())
}

async fn bytes(mut named: Output) -> anyhow::Result<Vec<u8>> {
    let body = named.take_body().context("there is no body")?;
    Ok(body.collect().await?.to_vec())
}

fn with(mut input: Json, name: &str, value: impl Into<Json>) -> Json {
    input[name] = value.into();
    input
}

async fn objects_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let film = json!({"Bucket": bucket, "Key": "a film/ü+1"});
    let typed = s3
        .typed
        .put_object()
        .bucket(&bucket)
        .key("a film/ü+1")
        .body(ByteStream::from_static(b"frames"))
        .content_type("video/mp4")
        .cache_control("no-cache")
        .content_disposition("attachment")
        .content_language("fr")
        .expires(DateTime::from_secs(1_800_000_000))
        .metadata("director", "Agnes Varda")
        .metadata("take", "2")
        .storage_class(StorageClass::StandardIa)
        .checksum_algorithm(ChecksumAlgorithm::Sha256)
        .tagging("kind=new&of=1962")
        .website_redirect_location("/elsewhere")
        .send();
    let input = json!({"Bucket": bucket, "Key": "a film/ü+1", "ContentType": "video/mp4",
        "CacheControl": "no-cache", "ContentDisposition": "attachment", "ContentLanguage": "fr",
        "Expires": 1_800_000_000, "Metadata": {"director": "Agnes Varda", "take": "2"},
        "StorageClass": "STANDARD_IA", "ChecksumAlgorithm": "SHA256", "Tagging": "kind=new&of=1962",
        "WebsiteRedirectLocation": "/elsewhere"});
    s3.both("PutObject", typed, input, Some(ByteStream::from_static(b"frames"))).await?;
    let head = s3.typed.head_object().bucket(&bucket).key("a film/ü+1");
    let head = head.checksum_mode(ChecksumMode::Enabled).send();
    s3.same("HeadObject", head, with(film.clone(), "ChecksumMode", "ENABLED")).await?;
    let get = s3.typed.get_object().bucket(&bucket).key("a film/ü+1").send();
    let (typed, named) = s3.both("GetObject", get, film.clone(), None).await?;
    ensure!(typed.body.collect().await?.to_vec() == b"frames" && bytes(named).await? == b"frames");
    let get = s3.typed.get_object().bucket(&bucket).key("a film/ü+1").range("bytes=2-3");
    let get = get.response_content_type("text/plain").send();
    let input = with(with(film.clone(), "Range", "bytes=2-3"), "ResponseContentType", "text/plain");
    let (typed, named) = s3.both("GetObject", get, input, None).await?;
    ensure!(typed.body.collect().await?.to_vec() == b"am" && bytes(named).await? == b"am");
    let attributes = [ObjectAttributes::Etag, ObjectAttributes::ObjectSize, ObjectAttributes::StorageClass];
    let get = s3.typed.get_object_attributes().bucket(&bucket).key("a film/ü+1");
    let get = get.set_object_attributes(Some(attributes.into())).send();
    let input = with(film, "ObjectAttributes", json!(["ETag", "ObjectSize", "StorageClass"]));
    s3.same("GetObjectAttributes", get, input).await?;
    Ok(())
}

async fn a_read_under_a_condition_is_refused_alike(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let film = json!({"Bucket": bucket, "Key": "film"});
    let get = s3.typed.get_object().bucket(&bucket).key("film").send();
    s3.refused("GetObject", get, film.clone(), "NoSuchKey").await?;
    put(s3, &bucket, "film", b"frames").await?;
    let get = s3.typed.get_object().bucket(&bucket).key("film").if_match("\"other\"").send();
    s3.refused("GetObject", get, with(film.clone(), "IfMatch", "\"other\""), "PreconditionFailed").await?;
    let get = s3.typed.get_object().bucket(&bucket).key("film").range("bytes=9-").send();
    s3.refused("GetObject", get, with(film, "Range", "bytes=9-"), "InvalidRange").await
}

async fn a_restore_is_refused_alike(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    put(s3, &bucket, "film", b"frames").await?;
    let restore = s3.typed.restore_object().bucket(&bucket).key("film");
    let restore = restore.restore_request(RestoreRequest::builder().days(1).build()).send();
    let input = json!({"Bucket": bucket, "Key": "film", "RestoreRequest": {"Days": 1}});
    s3.refused("RestoreObject", restore, input, "InvalidObjectState").await
}

async fn deletes_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    for key in ["a", "b & <c>", "d"] {
        put(s3, &bucket, key, b"").await?;
    }
    let delete = s3.typed.delete_object().bucket(&bucket).key("a").send();
    s3.same("DeleteObject", delete, json!({"Bucket": bucket, "Key": "a"})).await?;
    let object = |key: &str| ObjectIdentifier::builder().key(key).build();
    let delete =
        Delete::builder().objects(object("b & <c>")?).objects(object("ghost")?).quiet(false).build()?;
    let delete = s3.typed.delete_objects().bucket(&bucket).delete(delete).send();
    let input = json!({"Objects": [{"Key": "b & <c>"}, {"Key": "ghost"}], "Quiet": false});
    s3.same("DeleteObjects", delete, json!({"Bucket": bucket, "Delete": input})).await?;
    Ok(())
}

async fn copies_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    put(s3, &bucket, "film", b"frames").await?;
    let source = format!("{bucket}/film");
    let copy = s3
        .typed
        .copy_object()
        .bucket(&bucket)
        .key("copy")
        .copy_source(&source)
        .metadata_directive(MetadataDirective::Replace)
        .metadata("take", "3")
        .content_type("video/webm")
        .send();
    let input = json!({"Bucket": bucket, "Key": "copy", "CopySource": source,
        "MetadataDirective": "REPLACE", "Metadata": {"take": "3"}, "ContentType": "video/webm"});
    s3.same("CopyObject", copy, input).await?;
    let head = s3.typed.head_object().bucket(&bucket).key("copy").send();
    s3.same("HeadObject", head, json!({"Bucket": bucket, "Key": "copy"})).await?;
    let copy = s3.typed.copy_object().bucket(&bucket).key("copy").copy_source(format!("{bucket}/ghost"));
    let input = json!({"Bucket": bucket, "Key": "copy", "CopySource": format!("{bucket}/ghost")});
    s3.refused("CopyObject", copy.send(), input, "NoSuchKey").await
}

async fn listings_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    for key in ["a", "b/1", "b/2", "c", "d"] {
        put(s3, &bucket, key, key.as_bytes()).await?;
    }
    // By name the encoding is asked for anyway, as boto does.
    let input = json!({"Bucket": bucket, "Delimiter": "/", "MaxKeys": 2, "EncodingType": "url"});
    let list = s3.typed.list_objects_v2().bucket(&bucket).delimiter("/").max_keys(2);
    let list = list.encoding_type(EncodingType::Url).fetch_owner(true).send();
    let page = s3.same("ListObjectsV2", list, with(input.clone(), "FetchOwner", true)).await?;
    let token = page.next_continuation_token().context("there is no token")?;
    let list = s3.typed.list_objects_v2().bucket(&bucket).delimiter("/").max_keys(2);
    let list = list.encoding_type(EncodingType::Url).continuation_token(token).send();
    s3.same("ListObjectsV2", list, with(input.clone(), "ContinuationToken", token)).await?;
    let list = s3.typed.list_objects().bucket(&bucket).delimiter("/").max_keys(2);
    let list = list.encoding_type(EncodingType::Url).marker("a").send();
    s3.same("ListObjects", list, with(input, "Marker", "a")).await?;
    Ok(())
}

async fn tags_of_an_object_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let film = json!({"Bucket": bucket, "Key": "film"});
    put(s3, &bucket, "film", b"frames").await?;
    let tag = Tag::builder().key("kind").value("a + b").build()?;
    let tagging = Tagging::builder().tag_set(tag).build()?;
    let typed = s3.typed.put_object_tagging().bucket(&bucket).key("film").tagging(tagging).send();
    let tags = json!({"TagSet": [{"Key": "kind", "Value": "a + b"}]});
    s3.same("PutObjectTagging", typed, with(film.clone(), "Tagging", tags)).await?;
    let get = || s3.typed.get_object_tagging().bucket(&bucket).key("film").send();
    s3.same("GetObjectTagging", get(), film.clone()).await?;
    let delete = s3.typed.delete_object_tagging().bucket(&bucket).key("film").send();
    s3.same("DeleteObjectTagging", delete, film.clone()).await?;
    s3.same("GetObjectTagging", get(), film).await?;
    Ok(())
}

async fn versions_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let get = || s3.typed.get_bucket_versioning().bucket(&bucket).send();
    s3.same("GetBucketVersioning", get(), json!({"Bucket": bucket})).await?;
    version(s3, &bucket, BucketVersioningStatus::Enabled).await?;
    s3.same("GetBucketVersioning", get(), json!({"Bucket": bucket})).await?;
    put(s3, &bucket, "film", b"first").await?;
    put(s3, &bucket, "film", b"second").await?;
    let delete = s3.typed.delete_object().bucket(&bucket).key("film").send();
    let deleted = s3.same("DeleteObject", delete, json!({"Bucket": bucket, "Key": "film"})).await?;
    let marker = deleted.version_id().context("there is no delete marker")?;
    let list = s3.typed.list_object_versions().bucket(&bucket).encoding_type(EncodingType::Url).max_keys(2);
    let input = json!({"Bucket": bucket, "EncodingType": "url", "MaxKeys": 2});
    s3.same("ListObjectVersions", list.send(), input).await?;
    let get = s3.typed.get_object().bucket(&bucket).key("film").version_id(marker).send();
    let input = json!({"Bucket": bucket, "Key": "film", "VersionId": marker});
    s3.refused("GetObject", get, input.clone(), "MethodNotAllowed").await?;
    let delete = s3.typed.delete_object().bucket(&bucket).key("film").version_id(marker).send();
    s3.same("DeleteObject", delete, input).await?;
    let get = s3.typed.get_object().bucket(&bucket).key("film").send();
    let (typed, named) = s3.both("GetObject", get, json!({"Bucket": bucket, "Key": "film"}), None).await?;
    ensure!(typed.body.collect().await?.to_vec() == b"second" && bytes(named).await? == b"second");
    Ok(())
}

async fn locks_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    version(s3, &bucket, BucketVersioningStatus::Enabled).await?;
    let (named, film) = (json!({"Bucket": bucket}), json!({"Bucket": bucket, "Key": "film"}));
    let get = || s3.typed.get_object_lock_configuration().bucket(&bucket).send();
    let none = "ObjectLockConfigurationNotFoundError";
    s3.refused("GetObjectLockConfiguration", get(), named.clone(), none).await?;
    let by_default = DefaultRetention::builder().mode(ObjectLockRetentionMode::Governance).days(1).build();
    let configuration = ObjectLockConfiguration::builder()
        .object_lock_enabled(ObjectLockEnabled::Enabled)
        .rule(ObjectLockRule::builder().default_retention(by_default).build())
        .build();
    let typed = s3.typed.put_object_lock_configuration().bucket(&bucket);
    let typed = typed.object_lock_configuration(configuration).send();
    let rule = json!({"DefaultRetention": {"Mode": "GOVERNANCE", "Days": 1}});
    let configuration = json!({"ObjectLockEnabled": "Enabled", "Rule": rule});
    let input = with(named.clone(), "ObjectLockConfiguration", configuration);
    s3.same("PutObjectLockConfiguration", typed, input).await?;
    s3.same("GetObjectLockConfiguration", get(), named).await?;
    put(s3, &bucket, "film", b"frames").await?;
    let head = s3.typed.head_object().bucket(&bucket).key("film").send();
    let version_id = s3.same("HeadObject", head, film.clone()).await?.version_id;
    let version_id = version_id.context("there is no version")?;
    let hold = |status: ObjectLockLegalHoldStatus| ObjectLockLegalHold::builder().status(status).build();
    for (status, told) in [(ObjectLockLegalHoldStatus::On, "ON"), (ObjectLockLegalHoldStatus::Off, "OFF")] {
        let typed = s3.typed.put_object_legal_hold().bucket(&bucket).key("film").legal_hold(hold(status));
        let input = with(film.clone(), "LegalHold", json!({"Status": told}));
        s3.same("PutObjectLegalHold", typed.send(), input).await?;
        let get = s3.typed.get_object_legal_hold().bucket(&bucket).key("film").send();
        s3.same("GetObjectLegalHold", get, film.clone()).await?;
    }
    let retention = ObjectLockRetention::builder().mode(ObjectLockRetentionMode::Governance);
    let retention = retention.retain_until_date(DateTime::from_secs(2_082_758_400)).build();
    let typed = s3.typed.put_object_retention().bucket(&bucket).key("film").retention(retention);
    let retention = json!({"Mode": "GOVERNANCE", "RetainUntilDate": "2036-01-01T00:00:00Z"});
    let input = with(with(film.clone(), "Retention", retention), "BypassGovernanceRetention", true);
    s3.same("PutObjectRetention", typed.bypass_governance_retention(true).send(), input).await?;
    let get = s3.typed.get_object_retention().bucket(&bucket).key("film").send();
    s3.same("GetObjectRetention", get, film.clone()).await?;
    let delete = || s3.typed.delete_object().bucket(&bucket).key("film").version_id(&version_id);
    let input = with(film, "VersionId", version_id.as_str());
    s3.refused("DeleteObject", delete().send(), input.clone(), "AccessDenied").await?;
    let input = with(input, "BypassGovernanceRetention", true);
    s3.same("DeleteObject", delete().bypass_governance_retention(true).send(), input).await?;
    Ok(())
}

async fn uploads_by_parts_are_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let film = json!({"Bucket": bucket, "Key": "film"});
    put(s3, &bucket, "tail", b"the end").await?;
    let create = s3.typed.create_multipart_upload().bucket(&bucket).key("film").content_type("video/mp4");
    let create = create.metadata("take", "2").checksum_algorithm(ChecksumAlgorithm::Crc32).send();
    let input = json!({"Bucket": bucket, "Key": "film", "ContentType": "video/mp4",
        "Metadata": {"take": "2"}, "ChecksumAlgorithm": "CRC32"});
    let upload = s3.same("CreateMultipartUpload", create, input).await?;
    let id = upload.upload_id().context("there is no upload")?;
    let this = with(film.clone(), "UploadId", id);
    let first = content(5 << 20);
    let typed = s3.typed.upload_part().bucket(&bucket).key("film").upload_id(id).part_number(1);
    let typed = typed.body(first.clone().into()).send();
    let input = with(this.clone(), "PartNumber", 1);
    let (first, _) = s3.both("UploadPart", typed, input, Some(first.into())).await?;
    let source = format!("{bucket}/tail");
    let typed = s3.typed.upload_part_copy().bucket(&bucket).key("film").upload_id(id).part_number(2);
    let typed = typed.copy_source(&source).copy_source_range("bytes=0-2").send();
    let input = with(with(this.clone(), "PartNumber", 2), "CopySource", source.as_str());
    let second = s3.same("UploadPartCopy", typed, with(input, "CopySourceRange", "bytes=0-2")).await?;
    let second = second.copy_part_result().context("there is no part")?;
    let list = s3.typed.list_parts().bucket(&bucket).key("film").upload_id(id).max_parts(1).send();
    s3.same("ListParts", list, with(this.clone(), "MaxParts", 1)).await?;
    let list = s3.typed.list_multipart_uploads().bucket(&bucket).encoding_type(EncodingType::Url).send();
    s3.same("ListMultipartUploads", list, json!({"Bucket": bucket, "EncodingType": "url"})).await?;
    let part = |number, e_tag: Option<&str>, crc32: Option<&str>| {
        let part = CompletedPart::builder().part_number(number);
        part.set_e_tag(e_tag.map(str::to_owned)).set_checksum_crc32(crc32.map(str::to_owned)).build()
    };
    let parts = CompletedMultipartUpload::builder()
        .parts(part(1, first.e_tag(), first.checksum_crc32()))
        .parts(part(2, second.e_tag(), second.checksum_crc32()))
        .build();
    let typed = s3.typed.complete_multipart_upload().bucket(&bucket).key("film").upload_id(id);
    let typed = typed.multipart_upload(parts).send();
    let mut parts =
        json!([{"PartNumber": 1, "ETag": first.e_tag()}, {"PartNumber": 2, "ETag": second.e_tag()}]);
    for (at, sum) in [first.checksum_crc32(), second.checksum_crc32()].into_iter().enumerate() {
        if let Some(sum) = sum {
            parts[at]["ChecksumCRC32"] = json!(sum);
        }
    }
    let input = with(this.clone(), "MultipartUpload", json!({"Parts": parts}));
    s3.same("CompleteMultipartUpload", typed, input).await?;
    let get = s3.typed.get_object_attributes().bucket(&bucket).key("film").max_parts(5);
    let get =
        get.object_attributes(ObjectAttributes::ObjectParts).object_attributes(ObjectAttributes::Checksum);
    let input = with(film, "ObjectAttributes", json!(["ObjectParts", "Checksum"]));
    s3.same("GetObjectAttributes", get.send(), with(input, "MaxParts", 5)).await?;
    Ok(())
}

async fn an_upload_that_is_aborted_is_the_same(pair: Pair) -> TestResult {
    let (s3, bucket) = (&pair.s3, pair.bucket().await?);
    let film = json!({"Bucket": bucket, "Key": "film"});
    let create = s3.typed.create_multipart_upload().bucket(&bucket).key("film").send();
    let upload = s3.same("CreateMultipartUpload", create, film.clone()).await?;
    let id = upload.upload_id().context("there is no upload")?;
    let this = with(film, "UploadId", id);
    let abort = s3.typed.abort_multipart_upload().bucket(&bucket).key("film").upload_id(id).send();
    s3.same("AbortMultipartUpload", abort, this.clone()).await?;
    let list = s3.typed.list_parts().bucket(&bucket).key("film").upload_id(id).send();
    s3.refused("ListParts", list, this, "NoSuchUpload").await
}
