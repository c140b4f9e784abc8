//! Multipart uploads from beginning to end.

use super::*;

async fn begin(world: &World, headers: &str) -> String {
    let begun = world.ask(&format!("POST /films/a?uploads\n{headers}"), "").await;
    assert_eq!(begun.status, 200, "{}", begun.body);
    begun.element("UploadId").to_owned()
}

fn completion(parts: &[(u16, &str)]) -> String {
    let parts = parts.iter().map(|(number, etag)| {
        format!("<Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>", etag.replace('"', "&quot;"))
    });
    format!("<CompleteMultipartUpload>{}</CompleteMultipartUpload>", parts.collect::<String>())
}

#[tokio::test]
async fn a_part_number_is_an_integer() {
    let world = World::with_bucket().await;
    let begun = world.ask("POST /films/a?uploads", "").await;
    let upload = format!("/films/a?uploadId={}", begun.element("UploadId"));
    let part = world.ask(&format!("PUT {upload}&partNumber=1"), "x").await;
    for number in ["1abc", "1.0", "0x1", "one"] {
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>{number}</PartNumber><ETag>{}</ETag></Part>\
             </CompleteMultipartUpload>",
            part.header("etag").replace('"', "&quot;")
        );
        let refused = world.ask(&format!("POST {upload}"), body).await;
        assert_eq!(refused.refusal(), (400, "MalformedXML"), "{number}");
    }
}

#[tokio::test]
async fn parts_become_an_object() {
    let world = World::with_bucket().await;
    let id = begin(&world, "content-type: text/plain\nx-amz-meta-year: 1927").await;
    let big = "x".repeat(5 << 20);
    let one =
        world.ask(&format!("PUT /films/a?partNumber=1&uploadId={id}&x-id=UploadPart"), big.clone()).await;
    assert_eq!(one.status, 200);
    world.ask("PUT /films/source", "hello world").await;
    let copy = format!(
        "PUT /films/a?partNumber=2&uploadId={id}\nx-amz-copy-source: films/source\nx-amz-copy-source-range: bytes=0-4"
    );
    let two = world.ask(&copy, "").await;
    assert_eq!(
        (two.status, two.element("ETag")),
        (200, "\"5d41402abc4b2a76b9719d911017c592\""),
        "{}",
        two.body
    );
    let listed = world.ask(&format!("GET /films/a?uploadId={id}&max-parts=1"), "").await;
    assert_eq!((listed.elements("PartNumber"), listed.element("IsTruncated")), (vec!["1"], "true"));
    assert_eq!((listed.element("NextPartNumberMarker"), listed.element("Size")), ("1", "5242880"));
    let uploads = world.ask("GET /films?uploads", "").await;
    assert_eq!((uploads.elements("Key"), uploads.elements("UploadId")), (vec!["a"], vec![id.as_str()]));

    let completed = completion(&[(1, one.header("etag")), (2, two.element("ETag"))]);
    let done = world.ask(&format!("POST /films/a?uploadId={id}"), completed).await;
    assert_eq!(
        (done.status, done.element("Bucket"), done.element("Key")),
        (200, "films", "a"),
        "{}",
        done.body
    );
    assert_eq!(done.element("Location"), "https://films.s3.us-east-1.amazonaws.com/a");
    assert!(done.element("ETag").ends_with("-2\""));
    let part = world.ask("GET /films/a?partNumber=2", "").await;
    assert_eq!((part.status, part.body.as_str(), part.header("x-amz-mp-parts-count")), (206, "hello", "2"));
    assert_eq!(part.header("content-range"), "bytes 5242880-5242884/5242885");
    let whole = world.ask("GET /films/a\nx-amz-checksum-mode: ENABLED", "").await;
    assert!(whole.body == format!("{big}hello"));
    assert_eq!(
        (whole.header("x-amz-meta-year"), whole.header("x-amz-checksum-type")),
        ("1927", "FULL_OBJECT")
    );
    assert_eq!(world.ask("GET /films?uploads", "").await.elements("Key"), [""; 0]);
    assert_eq!(
        world.ask(&format!("DELETE /films/a?uploadId={id}"), "").await.refusal(),
        (404, "NoSuchUpload")
    );
}

#[tokio::test]
async fn a_completion_that_does_not_fit_is_refused() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let put = |number: i32| format!("PUT /films/a?partNumber={number}&uploadId={id}");
    let one = world.ask(&put(1), "one").await.header("etag").to_owned();
    let two = world.ask(&put(2), "two").await.header("etag").to_owned();
    assert_eq!(world.ask(&put(0), "none").await.refusal(), (400, "InvalidArgument"));
    for (half, refusal) in [
        ("partNumber=1".to_owned(), (400, "InvalidArgument")),
        (format!("uploadId={id}"), (405, "MethodNotAllowed")),
    ] {
        assert_eq!(world.ask(&format!("PUT /films/a?{half}"), "one").await.refusal(), refusal, "{half}");
    }
    for (parts, code) in [
        (vec![(2, two.as_str()), (1, one.as_str())], "InvalidPartOrder"),
        (vec![(1, two.as_str())], "InvalidPart"),
        (vec![(1, one.as_str()), (2, two.as_str())], "EntityTooSmall"),
    ] {
        let answer = world.ask(&format!("POST /films/a?uploadId={id}"), completion(&parts)).await;
        assert_eq!(answer.refusal(), (400, code));
    }
    let malformed = world.ask(&format!("POST /films/a?uploadId={id}"), "<CompleteMultipartUpload>").await;
    assert_eq!(malformed.refusal(), (400, "MalformedXML"));
    let taken = format!("POST /films/a?uploadId={id}\nif-none-match: *");
    world.ask("PUT /films/a", "x").await;
    assert_eq!(world.ask(&taken, completion(&[(1, &one)])).await.refusal(), (412, "PreconditionFailed"));
    assert_eq!(world.ask(&format!("DELETE /films/a?uploadId={id}"), "").await.status, 204);
}

#[tokio::test]
async fn an_upload_with_a_checksum_wants_it_of_every_part() {
    let world = World::with_bucket().await;
    let id = begin(&world, "x-amz-checksum-algorithm: CRC32").await;
    let put = format!("PUT /films/a?partNumber=1&uploadId={id}");
    let bare = world.ask(&put, "hello world").await;
    assert_eq!(bare.refusal(), (400, "InvalidRequest"));
    let other = world.ask(&format!("{put}\nx-amz-checksum-crc32c: yZRlqg=="), "hello world").await;
    assert_eq!(
        other.element("Message"),
        "Checksum Type mismatch occurred, expected checksum Type: crc32, actual checksum Type: crc32c"
    );
    let part = world.ask(&format!("{put}\nx-amz-checksum-crc32: DUoRhQ=="), "hello world").await;
    assert_eq!((part.status, part.header("x-amz-checksum-crc32")), (200, "DUoRhQ=="));
    let completed = completion(&[(1, part.header("etag"))])
        .replace("</Part>", "<ChecksumCRC32>DUoRhQ==</ChecksumCRC32></Part>");
    let done = world.ask(&format!("POST /films/a?uploadId={id}"), completed).await;
    assert_eq!((done.status, done.element("ChecksumType")), (200, "COMPOSITE"), "{}", done.body);
    let whole = world.ask("HEAD /films/a\nx-amz-checksum-mode: ENABLED", "").await;
    assert!(whole.header("x-amz-checksum-crc32").ends_with("-1"));
    let attributes = world.ask("GET /films/a?attributes\nx-amz-object-attributes: ObjectParts", "").await;
    assert_eq!((attributes.element("PartsCount"), attributes.element("ChecksumCRC32")), ("1", "DUoRhQ=="));
    for headers in [
        "x-amz-checksum-algorithm: CRC64NVME\nx-amz-checksum-type: COMPOSITE",
        "x-amz-checksum-algorithm: SHA1\nx-amz-checksum-type: FULL_OBJECT",
        "x-amz-checksum-algorithm: MD4",
        "x-amz-checksum-type: FULL_OBJECT",
    ] {
        let answer = world.ask(&format!("POST /films/a?uploads\n{headers}"), "").await;
        assert_eq!(answer.refusal(), (400, "InvalidRequest"), "{headers}");
    }
}

#[tokio::test]
async fn a_completion_that_is_not_what_was_signed_is_refused() {
    let world = World::with_bucket().await;
    let begun = world.ask("POST /films/a?uploads", "").await;
    let upload = begun.element("UploadId");
    let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    let head = format!("POST /films/a?uploadId={upload}\nx-amz-content-sha256: {empty}");
    let refused = world.ask(&head, "<CompleteMultipartUpload></CompleteMultipartUpload>").await;
    assert_eq!(refused.refusal(), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(refused.element("ClientComputedContentSHA256"), empty);
}

#[tokio::test]
async fn a_completion_is_read_before_it_is_judged() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let one = world.ask(&format!("PUT /films/a?partNumber=1&uploadId={id}"), "x").await;
    let target = format!("POST /films/a?uploadId={id}");
    let part = |number: &str, more: &str| {
        let etag = one.header("etag").replace('"', "&quot;");
        format!(
            "<CompleteMultipartUpload><Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag>{more}</Part>\
             </CompleteMultipartUpload>"
        )
    };
    let crc32 = "<ChecksumCRC32>AAAAAA==</ChecksumCRC32>";
    let both = format!("{crc32}<ChecksumCRC32C>AAAAAA==</ChecksumCRC32C>");
    for (body, code, message) in [
        (String::new(), "InvalidRequest", "You must specify at least one part"),
        (
            "<CompleteMultipartUpload></CompleteMultipartUpload>".into(),
            "MalformedXML",
            "The XML you provided",
        ),
        (part("0", ""), "InvalidArgument", "PartNumber must be &gt;= 1"),
        (part("1", &both), "InvalidArgument", "Invalid Base64 or multiple checksums present in request"),
        (part("1", &crc32.replace("==", "")), "InvalidArgument", "Invalid Base64 or multiple checksums"),
    ] {
        let refused = world.ask(&target, body).await;
        assert_eq!(refused.refusal(), (400, code), "{}", refused.body);
        assert!(refused.element("Message").starts_with(message), "{}", refused.body);
    }
    for (size, message) in [
        ("-1", "Value for x-amz-mp-object-size header is less than zero: '-1'"),
        ("much", "Value for x-amz-mp-object-size header is invalid: 'much'"),
    ] {
        let sized = world.ask(&format!("{target}\nx-amz-mp-object-size: {size}"), part("1", "")).await;
        assert_eq!((sized.refusal(), sized.element("Message")), ((400, "InvalidRequest"), message));
    }
    let first = world.ask(&target, part("1", "")).await;
    let again = world.ask(&target, part("1", "")).await;
    assert_eq!((first.status, again.status), (200, 200), "{}", again.body);
    assert_eq!(first.body, again.body);
}

#[tokio::test]
async fn a_marker_of_uploads_is_an_upload_id_beside_a_key() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let alone = world.ask("GET /films?uploads&upload-id-marker=whatever", "").await;
    assert_eq!((alone.elements("UploadId"), alone.element("UploadIdMarker")), (vec![id.as_str()], ""));
    let wrong = world.ask("GET /films?uploads&key-marker=a&upload-id-marker=whatever", "").await;
    assert_eq!(
        (wrong.refusal(), wrong.element("Message")),
        ((400, "InvalidArgument"), "Invalid uploadId marker")
    );
    let behind = world.ask(&format!("GET /films?uploads&key-marker=a&upload-id-marker={id}"), "").await;
    assert_eq!((behind.elements("UploadId").len(), behind.element("UploadIdMarker")), (0, id.as_str()));
}

#[tokio::test]
async fn a_completion_without_a_body_wants_its_upload_first() {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("POST /films/a?uploadId=none", "").await.refusal(), (404, "NoSuchUpload"));
}

/// Uploads one part and completes it, with these headers on the completion.
async fn complete(world: &World, id: &str, headers: &str) -> Answer {
    let part = world.ask(&format!("PUT /films/a?partNumber=1&uploadId={id}"), "x").await;
    let etag = part.header("etag").replace('"', "&quot;");
    let parts = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{etag}</ETag></Part></CompleteMultipartUpload>"
    );
    world.ask(&format!("POST /films/a?uploadId={id}\n{headers}"), parts).await
}

#[tokio::test]
async fn an_object_that_was_written_since_conflicts_with_a_completion_that_replaces_it() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let etag = world.ask("PUT /films/a", "y").await.header("etag").to_owned();
    let conflict = complete(&world, &id, &format!("if-match: {etag}")).await;
    assert_eq!(conflict.refusal(), (409, "ConditionalRequestConflict"));
    let id = begin(&world, "").await;
    assert_eq!(complete(&world, &id, &format!("if-match: {etag}")).await.status, 200);
}

#[tokio::test]
async fn an_upload_without_a_checksum_is_completed_without_a_mode() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let refused = complete(&world, &id, "x-amz-checksum-type: COMPOSITE").await;
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
    assert!(refused.element("Message").contains("the null checksum mode"), "{}", refused.body);
}

#[tokio::test]
async fn empty_pages_tell_where_they_end() {
    let world = World::with_bucket().await;
    let id = begin(&world, "").await;
    let parts = world.ask(&format!("GET /films/a?uploadId={id}&max-parts=&part-number-marker="), "").await;
    assert_eq!((parts.status, parts.element("NextPartNumberMarker")), (200, "0"), "{}", parts.body);
    let uploads = world.ask("GET /films?uploads", "").await;
    assert_eq!((uploads.element("NextKeyMarker"), uploads.element("NextUploadIdMarker")), ("a", id.as_str()));
    let elsewhere = world.ask(&format!("GET /films?uploads&key-marker=b&upload-id-marker={id}"), "").await;
    assert_eq!(elsewhere.refusal(), (400, "InvalidArgument"));
}
