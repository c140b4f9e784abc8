//! Versions: kept, listed, read and deleted by their ids, and suspended.

use super::*;
use crate::s3::engine::{ChecksumAlgorithm, Content, Digest};

const ENABLED: &str = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const SUSPENDED: &str = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";

async fn with_versions() -> World {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("PUT /films?versioning", ENABLED).await.status, 200);
    world
}

async fn put(world: &World, body: &'static str) -> String {
    let written = world.ask("PUT /films/a", body).await;
    assert_eq!(written.status, 200, "{}", written.body);
    written.header("x-amz-version-id").to_owned()
}

pub(super) fn delete_many(body: &str) -> String {
    let digest = Digest::of(&Content::from(Bytes::from(body.to_owned())), &[ChecksumAlgorithm::Crc32]);
    format!("POST /films?delete\nx-amz-checksum-crc32: {}", digest.checksums[0])
}

#[tokio::test]
async fn a_bucket_says_whether_it_keeps_versions() {
    let world = World::with_bucket().await;
    let status = async || world.ask("GET /films?versioning", "").await.element("Status").to_owned();
    assert_eq!(status().await, "");
    for (body, refusal) in [
        (
            "<VersioningConfiguration></VersioningConfiguration>",
            (400, "IllegalVersioningConfigurationException"),
        ),
        ("<VersioningConfiguration><Status>On</Status></VersioningConfiguration>", (400, "MalformedXML")),
        ("<VersioningConfiguration", (400, "MalformedXML")),
        (
            "<VersioningConfiguration><Status>Enabled</Status><MfaDelete>Enabled</MfaDelete></VersioningConfiguration>",
            (501, "NotImplemented"),
        ),
    ] {
        assert_eq!(world.ask("PUT /films?versioning", body).await.refusal(), refusal, "{body}");
    }
    let mfa = world.ask("PUT /films?versioning\nx-amz-mfa: 1 2", ENABLED).await;
    assert_eq!((mfa.refusal(), mfa.element("Header")), ((501, "NotImplemented"), "x-amz-mfa"));
    assert_eq!(status().await, "");
    for (body, expected) in [(ENABLED, "Enabled"), (SUSPENDED, "Suspended"), (ENABLED, "Enabled")] {
        assert_eq!(world.ask("PUT /films?versioning", body).await.status, 200);
        assert_eq!(status().await, expected);
    }
    assert_eq!(world.ask("PUT /none?versioning", ENABLED).await.refusal(), (404, "NoSuchBucket"));
}

#[tokio::test]
async fn every_write_is_a_version_that_stays_readable() {
    let world = with_versions().await;
    let (one, two) = (put(&world, "one").await, put(&world, "two").await);
    assert_eq!((one.len(), one == two), (32, false));
    let current = world.ask("GET /films/a", "").await;
    assert_eq!((current.body.as_str(), current.header("x-amz-version-id")), ("two", two.as_str()));
    let first = world.ask(&format!("GET /films/a?versionId={one}"), "").await;
    assert_eq!((first.body.as_str(), first.header("x-amz-version-id")), ("one", one.as_str()));
    let head = world.ask(&format!("HEAD /films/a?versionId={one}"), "").await;
    assert_eq!((head.status, head.header("content-length")), (200, "3"));
    let attributes = format!("GET /films/a?attributes&versionId={one}\nx-amz-object-attributes: ObjectSize");
    let attributes = world.ask(&attributes, "").await;
    assert_eq!(attributes.header("x-amz-version-id"), one);
    let copy = format!("PUT /films/b\nx-amz-copy-source: films/a?versionId={one}");
    let copied = world.ask(&copy, "").await;
    assert_eq!((copied.status, copied.header("x-amz-copy-source-version-id")), (200, one.as_str()));
    assert_eq!(copied.header("x-amz-version-id").len(), 32);
    assert_eq!(world.ask("GET /films/b", "").await.body, "one");
    let back = format!("PUT /films/a\nx-amz-copy-source: films/a?versionId={one}");
    assert_eq!(world.ask(&back, "").await.status, 200, "an old version may be copied on top of its key");
    assert_eq!(world.ask("GET /films/a", "").await.body, "one");
}

#[tokio::test]
async fn a_version_that_is_none_is_refused_as_s3_does() {
    let world = with_versions().await;
    let one = put(&world, "one").await;
    let wrong = world.ask("GET /films/a?versionId=3HL4", "").await;
    assert_eq!(wrong.refusal(), (400, "InvalidArgument"));
    assert_eq!(wrong.element("Message"), "Invalid version id specified");
    assert_eq!((wrong.element("ArgumentName"), wrong.element("ArgumentValue")), ("versionId", "3HL4"));
    // S3 knows the ids that it gave: one that merely looks like them is none.
    let altered = format!("{}{}", &one[..31], if one.ends_with('a') { 'b' } else { 'a' });
    let altered = world.ask(&format!("GET /films/a?versionId={altered}"), "").await;
    assert_eq!(altered.refusal(), (400, "InvalidArgument"));
    let empty = world.ask("GET /films/a?versionId=", "").await;
    assert_eq!(empty.element("Message"), "Version id cannot be the empty string");
    for target in [format!("b?versionId={one}"), "a?versionId=null".to_owned()] {
        let missing = world.ask(&format!("GET /films/{target}"), "").await;
        assert_eq!(missing.refusal(), (404, "NoSuchVersion"), "{target}");
        assert_eq!(missing.element("Message"), "The specified version does not exist.");
        assert!(target.ends_with(missing.element("VersionId")));
    }
    world.ask("PUT /plain", "").await;
    world.ask("PUT /plain/a", "x").await;
    let plain = world.ask(&format!("GET /plain/a?versionId={one}"), "").await;
    assert_eq!(plain.refusal(), (400, "InvalidArgument"));
    let null = world.ask("GET /plain/a?versionId=null", "").await;
    assert_eq!((null.status, null.header("x-amz-version-id")), (200, ""));
    let delete = world.ask(&format!("DELETE /plain/a?versionId={one}"), "").await;
    assert_eq!(delete.refusal(), (400, "InvalidArgument"));
    assert_eq!(world.ask("DELETE /plain/a?versionId=null", "").await.status, 204);
    assert_eq!(world.ask("GET /plain/a", "").await.refusal(), (404, "NoSuchKey"));
}

#[tokio::test]
async fn a_delete_leaves_a_marker_that_hides_the_key_until_it_is_deleted_itself() {
    let world = with_versions().await;
    let one = put(&world, "one").await;
    let deleted = world.ask("DELETE /films/a", "").await;
    let marker = deleted.header("x-amz-version-id").to_owned();
    assert_eq!((deleted.status, deleted.header("x-amz-delete-marker"), marker.len()), (204, "true", 32));
    for method in ["GET", "HEAD"] {
        let hidden = world.ask(&format!("{method} /films/a"), "").await;
        assert_eq!((hidden.status, hidden.header("x-amz-delete-marker")), (404, "true"));
        assert_eq!(hidden.header("x-amz-version-id"), marker);
        let named = world.ask(&format!("{method} /films/a?versionId={marker}"), "").await;
        assert_eq!((named.status, named.header("x-amz-delete-marker")), (405, "true"));
        assert_eq!(
            (named.header("allow"), named.header("last-modified")),
            ("DELETE", "Thu, 01 Jan 2026 00:00:00 GMT")
        );
    }
    assert_eq!(world.ask("GET /films/a", "").await.refusal(), (404, "NoSuchKey"));
    let named = world.ask(&format!("GET /films/a?versionId={marker}"), "").await;
    assert_eq!((named.refusal(), named.element("ResourceType")), ((405, "MethodNotAllowed"), "DeleteMarker"));
    let copy = world.ask(&format!("PUT /films/b\nx-amz-copy-source: films/a?versionId={marker}"), "").await;
    assert_eq!(copy.refusal(), (400, "InvalidRequest"));
    assert_eq!(world.ask("GET /films?list-type=2", "").await.element("KeyCount"), "0");
    let full = world.ask("DELETE /films", "").await;
    assert_eq!(full.refusal(), (409, "BucketNotEmpty"));
    let message = "The bucket you tried to delete is not empty. You must delete all versions in the bucket.";
    assert_eq!(full.element("Message"), message);
    let undone = world.ask(&format!("DELETE /films/a?versionId={marker}"), "").await;
    assert_eq!((undone.status, undone.header("x-amz-delete-marker")), (204, "true"));
    assert_eq!(undone.header("x-amz-version-id"), marker);
    assert_eq!(world.ask("GET /films/a", "").await.body, "one");
    let gone = world.ask(&format!("DELETE /films/a?versionId={one}"), "").await;
    assert_eq!((gone.header("x-amz-version-id"), gone.header("x-amz-delete-marker")), (one.as_str(), ""));
    assert_eq!(world.ask("DELETE /films", "").await.status, 204);
}

#[tokio::test]
async fn a_suspended_bucket_writes_null_versions_in_each_others_place() {
    let world = World::with_bucket().await;
    assert_eq!(put(&world, "before").await, "");
    world.ask("PUT /films?versioning", ENABLED).await;
    assert_eq!(world.ask("HEAD /films/a", "").await.header("x-amz-version-id"), "null");
    let one = put(&world, "one").await;
    assert_eq!(world.ask("GET /films/a?versionId=null", "").await.body, "before");
    world.ask("PUT /films?versioning", SUSPENDED).await;
    assert_eq!(put(&world, "after").await, "null");
    assert_eq!(world.ask("GET /films/a?versionId=null", "").await.body, "after");
    assert_eq!(world.ask(&format!("GET /films/a?versionId={one}"), "").await.body, "one");
    let deleted = world.ask("DELETE /films/a", "").await;
    assert_eq!((deleted.header("x-amz-version-id"), deleted.header("x-amz-delete-marker")), ("null", "true"));
    assert_eq!(world.ask("GET /films/a?versionId=null", "").await.status, 405);
    let listed = world.ask("GET /films?versions", "").await;
    assert_eq!(listed.elements("VersionId"), ["null", one.as_str()]);
    world.ask("DELETE /films/a?versionId=null", "").await;
    assert_eq!(world.ask("GET /films/a", "").await.body, "one");
}

#[tokio::test]
async fn versions_are_listed_page_by_page() {
    let world = with_versions().await;
    let one = put(&world, "one").await;
    let two = put(&world, "two").await;
    let marker = world.ask("DELETE /films/a", "").await.header("x-amz-version-id").to_owned();
    world.ask("PUT /films/dir%2Fb", "b").await;
    let all = world.ask("GET /films?versions&delimiter=%2F", "").await;
    assert_eq!(all.elements("VersionId"), [marker.as_str(), &two, &one], "{}", all.body);
    assert_eq!(all.elements("IsLatest"), ["true", "false", "false"]);
    assert_eq!((all.elements("Size"), all.elements("IsTruncated")), (vec!["3", "3"], vec!["false"]));
    assert_eq!(all.element("CommonPrefixes"), "<Prefix>dir/");
    world.ask("PUT /films/a", "three").await;
    let mixed = world.ask("GET /films?versions&prefix=a", "").await;
    assert_eq!(
        mixed.elements("VersionId")[1..],
        [marker.as_str(), &two, &one],
        "in one sequence: {}",
        mixed.body
    );
    let newest = mixed.elements("VersionId")[0].to_owned();
    world.ask(&format!("DELETE /films/a?versionId={newest}"), "").await;
    let page = world.ask("GET /films?versions&max-keys=2", "").await;
    assert_eq!((page.element("NextKeyMarker"), page.element("NextVersionIdMarker")), ("a", two.as_str()));
    let next = format!("GET /films?versions&max-keys=2&key-marker=a&version-id-marker={two}");
    let next = world.ask(&next, "").await;
    assert_eq!(next.elements("Key"), ["a", "dir/b"]);
    assert_eq!((next.elements("IsTruncated"), next.element("NextKeyMarker")), (vec!["false"], ""));
    let none = world.ask("GET /films?versions&max-keys=0", "").await;
    assert_eq!((none.elements("Key").len(), none.element("IsTruncated")), (0, "false"));
    for (parameters, message) in [
        ("version-id-marker=null", "A version-id marker cannot be specified without a key marker."),
        ("key-marker=a&version-id-marker=", "A version-id marker cannot be empty."),
        ("key-marker=a&version-id-marker=3HL4", "Invalid version id specified"),
    ] {
        let refused = world.ask(&format!("GET /films?versions&{parameters}"), "").await;
        assert_eq!((refused.refusal(), refused.element("Message")), ((400, "InvalidArgument"), message));
    }
    let encoded = world.ask("GET /films?versions&encoding-type=url&prefix=dir%2F", "").await;
    assert_eq!((encoded.element("Key"), encoded.element("EncodingType")), ("dir/b", "url"));
}

#[tokio::test]
async fn many_versions_are_deleted_at_once() {
    let world = with_versions().await;
    let (one, two) = (put(&world, "one").await, put(&world, "two").await);
    let body = format!(
        "<Delete><Object><Key>a</Key><VersionId>{one}</VersionId></Object><Object><Key>b</Key></Object>\
         <Object><Key>a</Key><VersionId>none</VersionId></Object></Delete>"
    );
    let answer = world.ask(&delete_many(&body), body).await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.elements("Key"), ["a", "b", "a"], "{}", answer.body);
    assert_eq!(answer.elements("VersionId"), [one.as_str(), "none"]);
    assert_eq!((answer.element("DeleteMarker"), answer.element("DeleteMarkerVersionId").len()), ("true", 32));
    assert_eq!(
        (answer.element("Code"), answer.element("Message")),
        ("NoSuchVersion", "The specified version does not exist.")
    );
    let marker = answer.element("DeleteMarkerVersionId").to_owned();
    let quiet = format!(
        "<Delete><Quiet>true</Quiet><Object><Key>a</Key><VersionId>{two}</VersionId></Object>\
         <Object><Key>b</Key><VersionId>{marker}</VersionId></Object></Delete>"
    );
    let answer = world.ask(&delete_many(&quiet), quiet).await;
    assert_eq!((answer.status, answer.elements("Key").len()), (200, 0));
    assert_eq!(world.ask("DELETE /films", "").await.status, 204);
}
