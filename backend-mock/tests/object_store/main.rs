//! The integration suite of the `object_store` crate, which judges its own stores with it, on both doors of the cloud.
//!
//! Its client is not the SDK: it signs, encodes, lists and retries in its own way.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

mod door;

use std::time::Duration;

use http::Method;
use object_store::ObjectStoreExt as _;
use object_store::aws::{AmazonS3Builder, Checksum, S3ConditionalPut, S3CopyIfNotExists};
use object_store::client::{HttpRequest, HttpRequestBody};
use object_store::integration;
use object_store::multipart::{MultipartStore as _, PartId};
use object_store::path::Path;
use object_store::signer::{SignedUrlOptions, Signer as _};

use self::door::{Door, in_process, over_the_server};

/// Repeats one line a case: a test of that name on each of the doors.
macro_rules! judged {
    ($($case:ident;)*) => {
        mod by_the_connector {
            $(#[tokio::test] async fn $case() { super::$case(&super::in_process().await).await })*
        }
        mod by_the_port {
            $(#[tokio::test] async fn $case() { super::$case(&super::over_the_server().await).await })*
        }
    };
}

judged! {
    objects_are_put_read_listed_and_deleted;
    bodies_may_be_unsigned_or_bring_a_checksum;
    reads_keep_their_conditions_and_ranges;
    writes_keep_their_conditions;
    attributes_come_back;
    listings_roll_up_directories;
    listings_come_in_pages;
    a_listing_begins_behind_its_offset;
    objects_are_copied_and_renamed;
    a_copy_may_expect_its_target_to_be_free;
    uploads_stream;
    uploads_come_in_parts;
    parts_may_come_out_of_order;
    the_upload_that_completes_last_stays;
    what_is_not_there_is_not_found;
    signed_urls_write_and_read;
    signed_urls_upload_parts;
}

async fn objects_are_put_read_listed_and_deleted(door: &Door) {
    integration::put_get_delete_list(&door.store()).await;
}

async fn bodies_may_be_unsigned_or_bring_a_checksum(door: &Door) {
    integration::put_get_delete_list(&door.store_with(|store| store.with_unsigned_payload(true))).await;
    for checksum in [Checksum::SHA256, Checksum::CRC64NVME] {
        let store = door.store_with(|store| store.with_checksum_algorithm(checksum));
        integration::put_get_delete_list(&store).await;
        integration::multipart(&store, &store).await;
    }
}

async fn reads_keep_their_conditions_and_ranges(door: &Door) {
    integration::get_opts(&door.store()).await;
}

async fn writes_keep_their_conditions(door: &Door) {
    let store = door.store_with(|store| store.with_conditional_put(S3ConditionalPut::ETagMatch));
    integration::put_opts(&store, true).await;
}

async fn attributes_come_back(door: &Door) {
    integration::put_get_attributes(&door.store()).await;
}

async fn listings_roll_up_directories(door: &Door) {
    let store = door.store();
    integration::list_uses_directories_correctly(&store).await;
    integration::list_with_delimiter(&store).await;
}

async fn listings_come_in_pages(door: &Door) {
    let store = door.store();
    integration::list_paginated(&store, &store).await;
}

async fn a_listing_begins_behind_its_offset(door: &Door) {
    integration::list_with_offset_exclusivity(&door.store()).await;
}

async fn objects_are_copied_and_renamed(door: &Door) {
    integration::rename_and_copy(&door.store()).await;
}

async fn a_copy_may_expect_its_target_to_be_free(door: &Door) {
    let store = door.store_with(|store| store.with_copy_if_not_exists(S3CopyIfNotExists::Multipart));
    integration::copy_if_not_exists(&store).await;
    integration::copy_rename_nonexistent_object(&store).await;
}

async fn uploads_stream(door: &Door) {
    integration::stream_get(&door.store()).await;
}

async fn uploads_come_in_parts(door: &Door) {
    let store = door.store();
    integration::multipart(&store, &store).await;
    integration::multipart_with_opts(&store, &store).await;
}

async fn parts_may_come_out_of_order(door: &Door) {
    let store = door.store();
    integration::multipart_put_part_out_of_order(&store, &store).await;
    integration::multipart_out_of_order(&store).await;
}

async fn the_upload_that_completes_last_stays(door: &Door) {
    integration::multipart_race_condition(&door.store(), true).await;
}

async fn what_is_not_there_is_not_found(door: &Door) {
    let store = door.store();
    let error = integration::get_nonexistent_object(&store, None).await.unwrap_err();
    assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    let nowhere = door.store_with(|store| store.with_bucket_name("nowhere"));
    let path = Path::from("a");
    for error in [
        nowhere.get(&path).await.unwrap_err(),
        nowhere.put(&path, "x".into()).await.unwrap_err(),
        nowhere.delete(&path).await.unwrap_err(),
    ] {
        assert!(matches!(error, object_store::Error::NotFound { .. }), "{error}");
    }
}

/// Sends a request without credentials of its own; gives the status, the headers and the body.
async fn send(
    door: &Door,
    method: Method,
    url: &str,
    body: &'static str,
) -> (u16, http::HeaderMap, bytes::Bytes) {
    let body = HttpRequestBody::from(bytes::Bytes::from_static(body.as_bytes()));
    let request: HttpRequest = http::Request::builder().method(method).uri(url).body(body).unwrap();
    let (parts, body) = door.client().execute(request).await.unwrap().into_parts();
    (parts.status.as_u16(), parts.headers, body.bytes().await.unwrap())
}

async fn signed_urls_write_and_read(door: &Door) {
    const AN_HOUR: Duration = Duration::from_secs(3600);
    let store = door.store();
    // A space, an equals sign and a letter beyond ASCII, beside parameters that are signed.
    let path = Path::from("signed urls/a b=c/π.bin");
    let url = store.signed_url(Method::PUT, &path, AN_HOUR).await.unwrap();
    assert_eq!(send(door, Method::PUT, url.as_str(), "metropolis").await.0, 200);
    assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), "metropolis");
    let named = "attachment; filename=\"a b.txt\"";
    let options = SignedUrlOptions::default().with_query([("response-content-disposition", named)]);
    let url = store.signed_url_opts(Method::GET, &path, AN_HOUR, &options).await.unwrap();
    let (status, headers, body) = send(door, Method::GET, url.as_str(), "").await;
    assert_eq!((status, &*body), (200, &b"metropolis"[..]));
    assert_eq!(headers["content-disposition"], named);
}

async fn signed_urls_upload_parts(door: &Door) {
    let store = door.store();
    let path = Path::from("signed parts/π");
    let upload = store.create_multipart(&path).await.unwrap();
    let options =
        SignedUrlOptions::default().with_query([("uploadId", upload.as_str()), ("partNumber", "1")]);
    let url = store.signed_url_opts(Method::PUT, &path, Duration::from_secs(60), &options).await.unwrap();
    let (status, headers, _) = send(door, Method::PUT, url.as_str(), "a part").await;
    assert_eq!(status, 200);
    let part = PartId { content_id: headers["etag"].to_str().unwrap().to_owned() };
    store.complete_multipart(&path, &upload, vec![part]).await.unwrap();
    assert_eq!(store.get(&path).await.unwrap().bytes().await.unwrap(), "a part");
}

/// What every store of this suite is: a bucket of the cloud, behind one of its doors.
fn builder(endpoint: &str) -> AmazonS3Builder {
    AmazonS3Builder::new()
        .with_endpoint(endpoint)
        .with_allow_http(true)
        .with_bucket_name(door::BUCKET)
        .with_region("us-east-1")
        .with_access_key_id("AKIAOBJECTSTORE")
        .with_secret_access_key("any secret will do")
}
