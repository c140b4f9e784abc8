//! Digests and checksums: the forms that they may have, of parts, and of what is encrypted.

use super::*;

const CRC32: &str = "x-amz-checksum-crc32: DUoRhQ==";

#[tokio::test]
async fn a_checksum_has_the_form_of_its_algorithm() {
    let world = World::with_bucket().await;
    for name in ["crc32", "crc32c", "crc64nvme", "sha1", "sha256"] {
        // No base64, and base64 of what is too short for any of them but one, and for that one too long.
        for text in ["invalid_base64!", "YWJjZGU=", "YXNrZGpoZ2tqYXNo"] {
            let refused = world.ask(&format!("PUT /films/a\nx-amz-checksum-{name}: {text}"), "x").await;
            assert_eq!(refused.refusal(), (400, "InvalidRequest"), "{name} {text}");
            assert_eq!(
                refused.element("Message"),
                format!("Value for x-amz-checksum-{name} header is invalid.")
            );
        }
    }
    assert_eq!(world.ask("HEAD /films/a", "").await.status, 404);
}

#[tokio::test]
async fn a_request_brings_one_checksum() {
    let world = World::with_bucket().await;
    let message = "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.";
    for (crc32c, sha1) in [("yZRlqg==", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="), ("", ""), ("zzz", "zzz")] {
        let mut request = request_of("PUT /films/a\ncontent-length: 11");
        request.headers_mut().insert("x-amz-checksum-crc32c", crc32c.parse().unwrap());
        request.headers_mut().insert("x-amz-checksum-sha1", sha1.parse().unwrap());
        let refused = world.send(request.map(|()| Body::from("hello world".to_owned()))).await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, "InvalidRequest"), message),
            "{crc32c}"
        );
    }
}

#[tokio::test]
async fn algorithms_that_are_not_served_are_refused_by_name() {
    let world = World::with_bucket().await;
    for name in ["MD5", "SHA512", "XXHASH128", "XXHASH3", "xxhash64"] {
        let begun = world.ask(&format!("POST /films/a?uploads\nx-amz-checksum-algorithm: {name}"), "").await;
        assert_eq!(
            (begun.refusal(), begun.element("Header")),
            ((501, "NotImplemented"), "x-amz-checksum-algorithm"),
            "{name}"
        );
        let header = format!("x-amz-checksum-{}", name.to_ascii_lowercase());
        let trailing = format!(
            "PUT /films/a\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\n\
             x-amz-decoded-content-length: 1\nx-amz-trailer: {header}"
        );
        for head in [format!("PUT /films/a\n{header}: AAAA"), trailing] {
            let put = world.ask(&head, "x").await;
            assert_eq!((put.refusal(), put.element("Header")), ((501, "NotImplemented"), header.as_str()));
        }
    }
    let unknown = world.ask("POST /films/a?uploads\nx-amz-checksum-algorithm: MD4", "").await;
    assert_eq!(
        (unknown.refusal(), unknown.element("Message")),
        (
            (400, "InvalidRequest"),
            "Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, \
             CRC32C, CRC64NVME, MD5, SHA1, SHA256, SHA512, XXHASH128, XXHASH3, XXHASH64]"
        )
    );
}

#[tokio::test]
async fn the_parts_of_a_whole_need_no_checksums_of_their_own() {
    let world = World::with_bucket().await;
    let begin = "POST /films/a?uploads\nx-amz-checksum-algorithm: crc32\nx-amz-checksum-type: full_object";
    let begun = world.ask(begin, "").await;
    assert_eq!(begun.header("x-amz-checksum-type"), "FULL_OBJECT");
    let id = begun.element("UploadId").to_owned();
    let part = world.ask(&format!("PUT /films/a?partNumber=1&uploadId={id}"), "hello world").await;
    assert_eq!((part.status, part.header("x-amz-checksum-crc32")), (200, "DUoRhQ=="));
    let complete = async |checksum: &str, headers: &str| {
        let body = format!(
            "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>{checksum}</Part>\
             </CompleteMultipartUpload>",
            part.header("etag").replace('"', "&quot;")
        );
        world.ask(&format!("POST /films/a?uploadId={id}{headers}"), body).await
    };
    let invalid = "Invalid Base64 or multiple checksums present in request";
    for (checksum, headers, code, message) in [
        ("<ChecksumCRC32>no</ChecksumCRC32>", "", "InvalidArgument", invalid),
        (
            "<ChecksumCRC32>DUoRhQ==</ChecksumCRC32><ChecksumSHA1>Kq5sNclPz7QV2+lfQIuc6R7oRu0=</ChecksumSHA1>",
            "",
            "InvalidArgument",
            invalid,
        ),
        (
            "",
            "\nx-amz-checksum-type: COMPOSITE",
            "InvalidRequest",
            "The upload was created using the FULL_OBJECT checksum mode. The complete request must use the same \
             checksum mode.",
        ),
        (
            "",
            "\nx-amz-checksum-crc32: no",
            "InvalidRequest",
            "Value for x-amz-checksum-crc32 header is invalid.",
        ),
        (
            "",
            "\nx-amz-checksum-crc32: AAAAAA==",
            "BadDigest",
            "The crc32 you specified did not match the calculated checksum.",
        ),
    ] {
        let refused = complete(checksum, headers).await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, code), message),
            "{checksum}{headers}"
        );
    }
    let done = complete("", &format!("\n{CRC32}")).await;
    assert_eq!(
        (done.status, done.element("ChecksumCRC32"), done.element("ChecksumType")),
        (200, "DUoRhQ==", "FULL_OBJECT"),
        "{}",
        done.body
    );
}

#[tokio::test]
async fn what_is_encrypted_has_the_checksum_of_its_plain_bytes() {
    let world = World::with_bucket().await;
    let kms = "x-amz-server-side-encryption: aws:kms";
    let customer = "x-amz-server-side-encryption-customer-algorithm: AES256\n\
                    x-amz-server-side-encryption-customer-key: MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=\n\
                    x-amz-server-side-encryption-customer-key-md5: KYvwGXoFFJ42a2u2GDWhwQ==";
    for (key, headers, wanted_back) in [("a", kms, ""), ("b", customer, customer)] {
        let written = world.ask(&format!("PUT /films/{key}\n{CRC32}\n{headers}"), "hello world").await;
        assert_eq!(written.status, 200, "{}", written.body);
        assert_eq!(
            (written.header("x-amz-checksum-crc32"), written.header("x-amz-checksum-type")),
            ("DUoRhQ==", "FULL_OBJECT")
        );
        assert_ne!(written.header("etag"), HELLO_ETAG);
        let wrong = "x-amz-checksum-crc32: AAAAAA==";
        let refused = world.ask(&format!("PUT /films/{key}\n{wrong}\n{headers}"), "hello world").await;
        assert_eq!(refused.refusal(), (400, "BadDigest"), "{key}");
        let head = format!("HEAD /films/{key}\nx-amz-checksum-mode: ENABLED\n{wanted_back}");
        let read = world.ask(head.trim_end(), "").await;
        assert_eq!((read.status, read.header("x-amz-checksum-crc32")), (200, "DUoRhQ=="), "{key}");
    }
}

#[tokio::test]
async fn a_hash_that_announces_a_trailer_is_for_uploads() {
    let world = World::with_bucket().await;
    let signed = "authorization: AWS4-HMAC-SHA256 Credential=x";
    for target in ["GET /films", "PUT /films?versioning", "DELETE /films/a", "PUT /films/a?tagging"] {
        let hash = "x-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER";
        let refused = world.ask(&format!("{target}\n{signed}\n{hash}"), "").await;
        assert_eq!(
            (refused.refusal(), refused.element("Message")),
            ((400, "InvalidRequest"), "The value of x-amz-content-sha256 header is invalid."),
            "{target}"
        );
    }
    let plain = "x-amz-content-sha256: UNSIGNED-PAYLOAD\ncontent-encoding: aws-chunked";
    let refused = world.ask(&format!("PUT /films/a\n{signed}\n{plain}"), "x").await;
    assert_eq!(
        (refused.refusal(), refused.element("Message"), refused.element("ArgumentName")),
        (
            (400, "InvalidArgument"),
            "aws-chunked encoding is not supported when x-amz-content-sha256 UNSIGNED-PAYLOAD is supplied",
            "Content-Encoding"
        )
    );
    let nobody = "PUT /films/a\nx-amz-content-sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD";
    let refused = world.ask(nobody, "x").await;
    assert_eq!(refused.refusal(), (400, "InvalidRequest"));
    assert!(refused.element("Message").starts_with("Anonymous requests don't support"), "{}", refused.body);
}
