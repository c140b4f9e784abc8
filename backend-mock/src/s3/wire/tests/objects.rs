//! Objects: written, read, on condition, by range, copied, deleted.

use super::*;
use crate::s3::engine::{ChecksumAlgorithm, Content, Digest};

#[tokio::test]
async fn an_object_comes_back_as_it_was_written() {
    let world = World::with_bucket().await;
    let put = "PUT /films/a%20b?x-id=PutObject\ncontent-type: text/plain\ncache-control: no-cache\n\
               content-disposition: inline\ncontent-encoding: gzip\ncontent-language: de\nexpires: tomorrow\n\
               x-amz-meta-year: 1927\nx-amz-meta-actor: Brigitte\nx-amz-storage-class: STANDARD_IA";
    let written = world.ask(put, "hello world").await;
    assert_eq!(written.status, 200);
    assert_eq!(
        telling(&written),
        [
            "content-length: 0".to_owned(),
            format!("etag: {HELLO_ETAG}"),
            "x-amz-checksum-crc64nvme: jSnVw/bqjr4=".to_owned(),
            "x-amz-checksum-type: FULL_OBJECT".to_owned(),
            "x-amz-server-side-encryption: AES256".to_owned(),
        ]
    );
    let mut expected = vec![
        "accept-ranges: bytes".to_owned(),
        "cache-control: no-cache".to_owned(),
        "content-disposition: inline".to_owned(),
        "content-encoding: gzip".to_owned(),
        "content-language: de".to_owned(),
        "content-length: 11".to_owned(),
        "content-type: text/plain".to_owned(),
        format!("etag: {HELLO_ETAG}"),
        "expires: tomorrow".to_owned(),
        "last-modified: Thu, 01 Jan 2026 00:00:00 GMT".to_owned(),
        "x-amz-meta-actor: Brigitte".to_owned(),
        "x-amz-meta-year: 1927".to_owned(),
        "x-amz-server-side-encryption: AES256".to_owned(),
        "x-amz-storage-class: STANDARD_IA".to_owned(),
    ];
    let read = world.ask("GET /films/a%20b", "").await;
    assert_eq!((read.status, read.body.as_str(), read.declared), (200, "hello world", Some(11)));
    assert_eq!(telling(&read), expected);
    let head = world.ask("HEAD /films/a%20b", "").await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(telling(&head), expected);
    expected.insert(10, "x-amz-checksum-crc64nvme: jSnVw/bqjr4=".to_owned());
    expected.insert(11, "x-amz-checksum-type: FULL_OBJECT".to_owned());
    let checked = world.ask("GET /films/a%20b\nx-amz-checksum-mode: ENABLED", "").await;
    assert_eq!(telling(&checked), expected);
}

#[tokio::test]
async fn what_is_read_may_be_overridden() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "x").await;
    let get = "GET /films/a?response-content-type=text%2Fcss&response-cache-control=private\
               &response-expires=Thu%2C%2001%20Dec%202030%2016%3A00%3A00%20GMT";
    let read = world.ask(get, "").await;
    assert_eq!(read.header("content-type"), "text/css");
    assert_eq!(read.header("cache-control"), "private");
    assert!(read.header("expires").starts_with("Sun, 01 Dec 2030 16:00:00"), "{}", read.header("expires"));
    assert_eq!(world.ask("GET /films/a", "").await.header("content-type"), "binary/octet-stream");
}

#[tokio::test]
async fn a_presigned_url_may_carry_headers_as_parameters() {
    let world = World::with_bucket().await;
    let put = "PUT /films/a?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=x&X-Amz-Date=20260101T000000Z\
               &X-Amz-Expires=60&X-Amz-SignedHeaders=host&x-amz-meta-year=1927&X-Amz-Signature=0";
    assert_eq!(world.ask(put, "x").await.status, 200);
    for signature in
        ["AWSAccessKeyId=AKIA&Expires=4102444800&Signature=x", "X-Amz-Region-Set=*&X-Amz-Signature=0"]
    {
        assert_eq!(world.ask(&format!("GET /films/a?{signature}"), "").await.body, "x", "{signature}");
    }
    let get = "GET /films/a?x-amz-checksum-mode=ENABLED&X-Amz-Signature=0";
    let read = world.ask(get, "").await;
    assert_eq!((read.header("x-amz-meta-year"), read.header("x-amz-checksum-type")), ("1927", "FULL_OBJECT"));
}

#[tokio::test]
async fn metadata_that_is_not_ascii_travels_encoded() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a\nx-amz-meta-title: =?UTF-8?B?w4k=?=", "x").await;
    let read = world.ask("HEAD /films/a", "").await;
    assert_eq!(read.header("x-amz-meta-title"), "=?UTF-8?B?w4k=?=");
    world
        .ask("PUT /films/a\nx-amz-meta-title: É\nx-amz-meta-actor: Brigitte\nx-amz-meta-actor: Alfred", "x")
        .await;
    let read = world.ask("HEAD /films/a", "").await;
    assert_eq!(read.header("x-amz-meta-title"), "=?UTF-8?B?w4k=?=");
    assert_eq!(read.header("x-amz-meta-actor"), "Brigitte,Alfred");
    let large = format!("PUT /films/a\nx-amz-meta-title: {}", "x".repeat(2048));
    assert_eq!(world.ask(&large, "x").await.refusal(), (400, "MetadataTooLarge"));
}

#[tokio::test]
async fn headers_that_are_stored_may_be_utf_8() {
    let world = World::with_bucket().await;
    let headers = "content-disposition: attachment; filename=小.jpg;\ncontent-language: ü\ncache-control: é\n\
                   content-type: text/ñ";
    for put in ["PUT /films/a", "PUT /films/a\nx-amz-copy-source: films/a\nx-amz-metadata-directive: REPLACE"]
    {
        let written = world.ask(&format!("{put}\n{headers}"), "").await;
        assert_eq!(written.status, 200, "{}", written.body);
        let read = world.ask("GET /films/a", "").await;
        for (name, value) in headers.lines().filter_map(|line| line.trim().split_once(": ")) {
            let told = read.headers[name].as_bytes();
            assert_eq!(told, value.as_bytes(), "{name}");
        }
    }
    let broken = http::HeaderValue::from_bytes(b"inline; filename=\xfc").unwrap();
    let mut request = request_of("PUT /films/a");
    request.headers_mut().insert("content-disposition", broken);
    assert_eq!(world.ask_plainly(request, Bytes::new()).await.refusal().0, 400, "it is not lost in silence");
}

#[tokio::test]
async fn a_range_is_partial_content_and_what_is_none_is_passed_over() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "hello world").await;
    let get = |range: &str| format!("GET /films/a\nx-amz-checksum-mode: ENABLED\nrange: {range}");
    for (range, body, content_range) in [
        ("bytes=0-4", "hello", "bytes 0-4/11"),
        ("bytes=6-", "world", "bytes 6-10/11"),
        ("bytes=-5", "world", "bytes 6-10/11"),
        ("bytes=6-99999999999999999999", "world", "bytes 6-10/11"),
    ] {
        let part = world.ask(&get(range), "").await;
        assert_eq!((part.status, part.body.as_str()), (206, body), "{range}");
        assert_eq!((part.header("content-range"), part.header("content-length")), (content_range, "5"));
        assert_eq!((part.declared, part.header("x-amz-checksum-crc64nvme")), (Some(5), ""));
    }
    for range in ["bytes=5-2", "bytes=0-1,3-4", "lines=1-2", "bytes=x-y"] {
        let whole = world.ask(&get(range), "").await;
        assert_eq!((whole.status, whole.body.as_str()), (200, "hello world"), "{range}");
    }
    let beyond = world.ask(&get("bytes=11-20"), "").await;
    assert_eq!(beyond.refusal(), (416, "InvalidRange"));
    assert_eq!((beyond.element("RangeRequested"), beyond.element("ActualObjectSize")), ("bytes=11-20", "11"));
    let head = world.ask("HEAD /films/a\nrange: bytes=0-4", "").await;
    assert_eq!((head.status, head.header("content-length")), (206, "5"));
}

#[tokio::test]
async fn a_read_on_condition_says_not_modified_or_precondition_failed() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "hello world").await;
    let (now, past) = ("Thu, 01 Jan 2026 00:00:00 GMT", "Wed, 31 Dec 2025 23:59:59 GMT");
    let cases = [
        (format!("if-match: {HELLO_ETAG}"), 200),
        (format!("if-match: \"x\", {HELLO_ETAG}"), 200),
        ("if-match: \"x\"".to_owned(), 412),
        (format!("if-none-match: {HELLO_ETAG}"), 304),
        ("if-none-match: \"x\"".to_owned(), 200),
        (format!("if-modified-since: {now}"), 304),
        (format!("if-modified-since: {past}"), 200),
        ("if-modified-since: yesterday".to_owned(), 200),
        (format!("if-unmodified-since: {past}"), 412),
        (format!("if-unmodified-since: {now}"), 200),
        (format!("if-match: {HELLO_ETAG}\nif-unmodified-since: {past}"), 200),
        (format!("if-none-match: {HELLO_ETAG}\nif-modified-since: {past}"), 304),
    ];
    for (condition, status) in cases {
        for method in ["GET", "HEAD"] {
            let answer = world.ask(&format!("{method} /films/a\n{condition}"), "").await;
            assert_eq!(answer.status, status, "{method} {condition}");
            if status == 304 {
                assert_eq!((answer.body.as_str(), answer.header("etag")), ("", HELLO_ETAG));
            }
        }
    }
    let failed = world.ask("GET /films/a\nif-match: \"x\"", "").await;
    assert_eq!((failed.refusal(), failed.element("Condition")), ((412, "PreconditionFailed"), "If-Match"));
}

#[tokio::test]
async fn a_body_that_is_not_what_was_announced_is_not_stored() {
    let world = World::with_bucket().await;
    for (headers, code) in [
        ("content-length: 12", "IncompleteBody"),
        ("content-length: 10", "IncompleteBody"),
        ("content-md5: 1B2M2Y8AsgTpgAmY7PhCfg==", "BadDigest"),
        ("content-md5: none", "InvalidDigest"),
        ("x-amz-checksum-crc32: AAAAAA==", "BadDigest"),
        ("x-amz-checksum-crc32: AAAA", "InvalidRequest"),
        (
            "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "XAmzContentSHA256Mismatch",
        ),
        (
            "x-amz-checksum-crc32: DUoRhQ==\nx-amz-checksum-sha1: Kq5sNclPz7QV2+lfQIuc6R7oRu0=",
            "InvalidRequest",
        ),
        ("x-amz-sdk-checksum-algorithm: CRC32", "InvalidRequest"),
        ("x-amz-checksum-crc32: DUoRhQ==\nx-amz-sdk-checksum-algorithm: SHA1", "InvalidRequest"),
    ] {
        let answer = world.ask(&format!("PUT /films/a\n{headers}"), "hello world").await;
        assert_eq!(answer.refusal(), (400, code), "{headers}: {}", answer.body);
        assert_eq!(world.ask("HEAD /films/a", "").await.status, 404);
    }
    let signed = "x-amz-content-sha256: b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    let written = world.ask(&format!("PUT /films/b\n{signed}"), "hello world").await;
    assert_eq!((written.status, written.header("x-amz-checksum-crc64nvme")), (200, "jSnVw/bqjr4="));
    let wrong = world.ask("PUT /films/a\nx-amz-checksum-crc32: AAAAAA==", "hello world").await;
    assert_eq!(wrong.element("Message"), "The CRC32 you specified did not match the calculated checksum.");
}

#[tokio::test]
async fn a_checksum_in_a_header_is_kept_and_told() {
    let world = World::with_bucket().await;
    for (name, value) in [
        ("crc32", "DUoRhQ=="),
        ("crc32c", "yZRlqg=="),
        ("sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="),
        ("sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek="),
    ] {
        let header = format!("x-amz-checksum-{name}");
        let put = format!("PUT /films/a\n{header}: {value}\ncontent-md5: {HELLO_MD5}");
        let written = world.ask(&put, "hello world").await;
        assert_eq!((written.status, written.header(&header)), (200, value), "{}", written.body);
        let read = world.ask("GET /films/a\nx-amz-checksum-mode: ENABLED", "").await;
        assert_eq!((read.header(&header), read.header("x-amz-checksum-type")), (value, "FULL_OBJECT"));
    }
}

#[tokio::test]
async fn an_aws_chunked_body_is_stored_without_its_encoding() {
    let world = World::with_bucket().await;
    let head = "PUT /films/a\ncontent-encoding: aws-chunked,gzip\ncontent-length: 66\n\
                x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\nx-amz-decoded-content-length: 11\n\
                x-amz-trailer: x-amz-checksum-crc32\nx-amz-sdk-checksum-algorithm: CRC32\n\
                authorization: AWS4-HMAC-SHA256 Credential=x\nx-amz-date: 20260101T000000Z";
    let body =
        |crc32: &str| Bytes::from(format!("b\r\nhello world\r\n0\r\nx-amz-checksum-crc32:{crc32}\r\n\r\n"));
    let frames = |crc32: &str| body(crc32).chunks(7).map(Bytes::copy_from_slice).collect::<Vec<_>>();
    let wrong = world.ask_in_frames(head, frames("AAAAAA==")).await;
    assert_eq!(wrong.refusal(), (400, "BadDigest"));
    let written = world.ask_in_frames(head, frames("DUoRhQ==")).await;
    assert_eq!(
        (written.status, written.header("x-amz-checksum-crc32")),
        (200, "DUoRhQ=="),
        "{}",
        written.body
    );
    let read = world.ask("GET /films/a", "").await;
    assert_eq!((read.body.as_str(), read.header("content-encoding")), ("hello world", "gzip"));
    let cut = world.ask_in_frames(head, frames("DUoRhQ==")[..3].to_vec()).await;
    assert_eq!(cut.refusal(), (400, "IncompleteBody"));
    let missing = world.ask_in_frames(head, vec![Bytes::from("b\r\nhello world\r\n0\r\n\r\n")]).await;
    assert_eq!(missing.refusal(), (400, "MalformedTrailerError"));
    let malformed = world.ask_in_frames(head, vec![Bytes::from("b\nhello world\r\n0\r\n\r\n")]).await;
    assert_eq!(
        (malformed.refusal(), malformed.element("Message")),
        ((400, "IncompleteBody"), "The request body terminated unexpectedly")
    );
    let small = world.ask_in_frames(head, vec![Bytes::from("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")]).await;
    assert_eq!(
        (small.refusal(), small.element("Chunk"), small.element("BadChunkSize")),
        ((403, "InvalidChunkSizeError"), "2", "5")
    );
    let unannounced =
        head.replace("x-amz-trailer: x-amz-checksum-crc32\nx-amz-sdk-checksum-algorithm: CRC32\n", "");
    let refused = world.ask_in_frames(&unannounced, frames("DUoRhQ==")).await;
    assert_eq!(refused.refusal(), (400, "MalformedTrailerError"));
    let unsized_ = head.replace("x-amz-decoded-content-length: 11\n", "");
    assert_eq!(
        world.ask_in_frames(&unsized_, frames("DUoRhQ==")).await.refusal(),
        (411, "MissingContentLength")
    );
}

#[tokio::test]
async fn put_if_absent_has_one_winner_among_many() {
    let world = World::with_bucket().await;
    let tasks: Vec<_> = (0..64)
        .map(|task| {
            let (wire, context) = (world.wire.clone(), world.context());
            tokio::spawn(async move {
                let request =
                    Request::put("/films/a").header("if-none-match", "*").header("content-length", "2");
                let request = request.body(Body::from(format!("{task:02}"))).unwrap();
                (task, wire.respond(context, request).await.status().as_u16())
            })
        })
        .collect();
    let mut winners = Vec::new();
    for task in tasks {
        match task.await.unwrap() {
            (task, 200) => winners.push(format!("{task:02}")),
            (_, status) => assert_eq!(status, 412),
        }
    }
    assert_eq!(winners, [world.ask("GET /films/a", "").await.body]);
    let stale = world.ask("PUT /films/b\nif-match: \"x\"", "x").await;
    assert_eq!(stale.refusal(), (404, "NoSuchKey"));
}

#[tokio::test]
async fn many_keys_are_deleted_at_once() {
    let world = World::with_bucket().await;
    for key in ["a", "b"] {
        world.ask(&format!("PUT /films/{key}"), "x").await;
    }
    let delete = "<Delete xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Object><Key>a</Key></Object>\
                  <Object><Key>never</Key></Object></Delete>";
    let unvouched = world.ask("POST /films?delete", delete).await;
    assert_eq!(unvouched.refusal(), (400, "InvalidRequest"));
    assert_eq!(
        unvouched.element("Message"),
        "Missing required header for this request: Content-MD5 OR x-amz-checksum-*"
    );
    let wrong = world.ask("POST /films?delete\nx-amz-checksum-crc32: AAAAAA==", delete).await;
    assert_eq!(wrong.refusal(), (400, "BadDigest"));
    let post = |body: &str| {
        let content = Content::from(Bytes::from(body.to_owned()));
        let digest = Digest::of(&content, &[ChecksumAlgorithm::Crc32]);
        format!("POST /films?delete\nx-amz-checksum-crc32: {}", digest.checksums[0])
    };
    let deleted = world.ask(&post(delete), delete).await;
    assert_eq!((deleted.status, deleted.elements("Key")), (200, vec!["a", "never"]));
    assert_eq!(world.ask("GET /films/a", "").await.refusal(), (404, "NoSuchKey"));
    let quiet = "<Delete><Quiet>true</Quiet><Object><Key>b</Key></Object></Delete>";
    let answer = world.ask(&post(quiet), quiet).await;
    assert_eq!((answer.status, answer.elements("Key").len()), (200, 0));
    for (body, code) in [
        ("<Delete></Delete>".to_owned(), "MalformedXML"),
        ("<Delete".to_owned(), "MalformedXML"),
        ("<Delete><Object><Key>b</Key></Object><Object><Key/></Object></Delete>".to_owned(), "MalformedXML"),
        (format!("<Delete>{}</Delete>", "<Object><Key>k</Key></Object>".repeat(1001)), "MalformedXML"),
    ] {
        assert_eq!(world.ask(&post(&body), body.clone()).await.refusal(), (400, code));
    }
}

#[tokio::test]
async fn a_copy_takes_bytes_and_metadata_along() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a%20b%2B\nx-amz-meta-year: 1927\ncontent-type: text/plain", "hello world").await;
    let copied = world.ask("PUT /films/copy\nx-amz-copy-source: /films/a+b%2B", "").await;
    assert_eq!((copied.status, copied.element("ETag")), (200, HELLO_ETAG), "{}", copied.body);
    assert_eq!(copied.element("LastModified"), "2026-01-01T00:00:00.000Z");
    let read = world.ask("GET /films/copy", "").await;
    assert_eq!((read.body.as_str(), read.header("x-amz-meta-year")), ("hello world", "1927"));
    let replace =
        "PUT /films/copy\nx-amz-copy-source: films/copy\nx-amz-metadata-directive: REPLACE\nx-amz-meta-a: b";
    assert_eq!(world.ask(replace, "").await.status, 200);
    let read = world.ask("HEAD /films/copy", "").await;
    assert_eq!((read.header("x-amz-meta-year"), read.header("x-amz-meta-a")), ("", "b"));
    for (source, refusal) in [
        ("films/copy", (400, "InvalidRequest")),
        ("films/none", (404, "NoSuchKey")),
        ("none/a", (404, "NoSuchBucket")),
        ("films", (400, "InvalidArgument")),
        ("films/a%20b%2B?versionId=x", (400, "InvalidArgument")),
        ("films/a%20b%2B\nx-amz-copy-source-if-none-match: *", (412, "PreconditionFailed")),
    ] {
        let answer = world.ask(&format!("PUT /films/copy\nx-amz-copy-source: {source}"), "").await;
        assert_eq!(answer.refusal(), refusal, "{source}: {}", answer.body);
    }
}

#[tokio::test]
async fn attributes_are_told_as_they_are_asked_for() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "hello world").await;
    let get =
        "GET /films/a?attributes\nx-amz-object-attributes: ETag,Checksum,ObjectSize,StorageClass,ObjectParts";
    let answer = world.ask(get, "").await;
    assert_eq!(
        answer.body,
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
         <GetObjectAttributesResponse xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <Checksum><ChecksumCRC64NVME>jSnVw/bqjr4=</ChecksumCRC64NVME><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>\
         <ETag>5eb63bbbe01eeed093cb22bb8f5acdc3</ETag><ObjectSize>11</ObjectSize>\
         <StorageClass>STANDARD</StorageClass></GetObjectAttributesResponse>"
    );
    assert_eq!(answer.header("last-modified"), "Thu, 01 Jan 2026 00:00:00 GMT");
    // Some SDKs repeat the header.
    let repeated =
        "GET /films/a?attributes\nx-amz-object-attributes: ObjectSize\nx-amz-object-attributes: StorageClass";
    let answer = world.ask(repeated, "").await;
    assert!(answer.body.contains("<ObjectSize>11</ObjectSize>"), "{}", answer.body);
    assert!(answer.body.contains("<StorageClass>STANDARD</StorageClass>"), "{}", answer.body);
    let unknown = world.ask("GET /films/a?attributes\nx-amz-object-attributes: Colour", "").await;
    assert_eq!(unknown.refusal(), (400, "InvalidArgument"));
}

#[tokio::test]
async fn an_empty_digest_is_a_wrong_one() {
    let world = World::with_bucket().await;
    for digest in ["", "short", "XrY7u+Ae7tCTyyK7j1rNww"] {
        let mut request = request_of("PUT /films/a\ncontent-length: 11");
        request.headers_mut().insert("content-md5", digest.parse().unwrap());
        let body = http_body_util::Full::new(Bytes::from("hello world"));
        let refused = world.send(request.map(|()| Body::http_body(body))).await;
        assert_eq!(refused.refusal(), (400, "InvalidDigest"), "{digest}");
    }
}

#[tokio::test]
async fn an_empty_checksum_is_a_wrong_one() {
    let world = World::with_bucket().await;
    for name in ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] {
        let name = format!("x-amz-checksum-{name}");
        let mut request = request_of("PUT /films/a\ncontent-length: 11");
        request.headers_mut().insert(name.parse::<http::HeaderName>().unwrap(), "".parse().unwrap());
        let request = request.map(|()| Body::from("hello world".to_owned()));
        let refused = world.send(request).await;
        assert_eq!(refused.refusal(), (400, "InvalidRequest"), "{name}");
        assert_eq!(refused.element("Message"), format!("Value for {name} header is invalid."));
    }
    assert_eq!(world.ask("HEAD /films/a", "").await.status, 404);
}

#[tokio::test]
async fn attributes_are_asked_for_by_name() {
    let world = World::with_bucket().await;
    world.ask("PUT /films/a", "hello world").await;
    let refused = world.ask("GET /films/a?attributes", "").await;
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
    let message = "The x-amz-object-attributes header specifying the attributes to be retrieved is either missing or empty";
    assert_eq!(refused.element("Message"), message);
    let refused = world.ask("GET /films/a?attributes\nx-amz-object-attributes: Colour", "").await;
    assert_eq!((refused.refusal(), refused.element("ArgumentValue")), ((400, "InvalidArgument"), "Colour"));
}

#[tokio::test]
async fn the_source_of_a_copy_is_encoded_to_the_end() {
    let world = World::with_bucket().await;
    for (source, what) in [
        ("films/%zz", "encoding"),
        ("films/a%", "encoding"),
        ("films/%ff", "encoding"),
        ("films/", "object key"),
    ] {
        let refused = world.ask(&format!("PUT /films/b\nx-amz-copy-source: {source}"), "").await;
        assert_eq!(refused.refusal(), (400, "InvalidArgument"), "{source}");
        assert_eq!(refused.element("Message"), format!("Invalid copy source {what}"));
    }
}

#[tokio::test]
async fn a_body_is_chunked_when_its_hash_says_so_whatever_its_encoding_is_called() {
    let world = World::with_bucket().await;
    let signature = "authorization: AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request";
    let hash = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    for encoding in ["aws-chunked", "gzip,aws-chunked"] {
        let put = |hash: &str| {
            format!("PUT /films/a\n{signature}\nx-amz-content-sha256: {hash}\ncontent-encoding: {encoding}")
        };
        let written = world.ask(&put(hash), "hello world").await;
        assert_eq!(written.status, 200, "{}", written.body);
        let read = world.ask("GET /films/a", "").await;
        assert_eq!((read.body.as_str(), read.header("content-encoding")), ("hello world", encoding));
        let unsigned = world.ask(&put("UNSIGNED-PAYLOAD"), "hello world").await;
        assert_eq!(unsigned.refusal(), (400, "InvalidArgument"));
        assert_eq!(
            unsigned.element("Message"),
            "aws-chunked encoding is not supported when x-amz-content-sha256 UNSIGNED-PAYLOAD is supplied"
        );
    }
}

#[tokio::test]
async fn a_signature_covers_the_body_or_says_why_not() {
    let world = World::with_bucket().await;
    let put = async |hash: &str| {
        let signature = "authorization: AWS4-HMAC-SHA256 Credential=any/20260101/us-east-1/s3/aws4_request";
        world.ask(&format!("PUT /films/a\n{signature}\nx-amz-content-sha256: {hash}"), "hello world").await
    };
    let refused = put("invalid").await;
    assert_eq!((refused.refusal(), refused.element("ArgumentValue")), ((400, "InvalidArgument"), "invalid"));
    let message = refused.element("Message");
    assert!(message.starts_with("x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-"), "{message}");
    assert!(message.ends_with("-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value."), "{message}");
    assert_eq!(put(&"0".repeat(64)).await.refusal(), (400, "XAmzContentSHA256Mismatch"));
    assert_eq!(put("UNSIGNED-PAYLOAD").await.status, 200);
}
