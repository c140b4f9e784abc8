//! Digests and checksums: the forms that they may have, of parts, and of what is encrypted.

use super::*;

const CRC32: &str = "x-amz-checksum-crc32: DUoRhQ==";

#[tokio::test]
async fn a_checksum_has_the_form_of_its_algorithm() {
    let world = World::with_bucket().await;
    for name in [
        "crc32",
        "crc32c",
        "crc64nvme",
        "md5",
        "sha1",
        "sha256",
        "sha512",
        "xxhash128",
        "xxhash3",
        "xxhash64",
    ] {
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
async fn a_digest_that_ends_in_bits_too_many_is_read_without_them() {
    let world = World::with_bucket().await;
    for (md5, status, code) in [
        ("XrY7u+Ae7tCTyyK7j1rNww==", 200, ""),
        ("XrY7u+Ae7tCTyyK7j1rNwx==", 200, ""),
        ("uU0nuZNNPgilLlLX2n2r+s==", 400, "BadDigest"),
        ("invalid", 400, "InvalidDigest"),
    ] {
        let put = world.ask(&format!("PUT /films/a\ncontent-md5: {md5}"), "hello world").await;
        assert_eq!((put.status, put.element("Code")), (status, code), "{md5}");
    }
}

#[tokio::test]
async fn a_checksum_of_no_algorithm_of_s3s_is_refused() {
    let world = World::with_bucket().await;
    let refused = world.ask("PUT /films/a\nx-amz-checksum-md4: AAAA", "x").await;
    assert_eq!(
        (refused.refusal(), refused.element("Message")),
        ((400, "InvalidRequest"), "The algorithm type you specified in x-amz-checksum- header is invalid.")
    );
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

/// An algorithm that `s3s` does not know, its checksum of "hello world", and its checksum of that one.
const UNKNOWN_TO_S3S: [(&str, &str, &str); 5] = [
    ("MD5", "XrY7u+Ae7tCTyyK7j1rNww==", "JB2KJ8g2QnvX8ERhtg5zWQ=="),
    (
        "SHA512",
        "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
        "Dpv/aR9NGAfMG3V/OdK+9f/OW6V9zuB5fRqgpJv1XKuLtQ2qfCb7uYTfM4Yb293Ce/YvGvz/KbMjJv/y5TcP2w==",
    ),
    ("XXHASH128", "340J6T+HSQCpm4d1zBW2xw==", "FXOQBxPaqnja7ygbpTYBFw=="),
    ("XXHASH3", "1Eex6kDmmIs=", "HU6AWAF3/zk="),
    ("XXHASH64", "RatnNLIeaWg=", "eLjv0gsUMwM="),
];

#[tokio::test]
async fn an_object_keeps_a_checksum_of_any_algorithm() {
    let world = World::with_bucket().await;
    for (name, checksum, wrong) in UNKNOWN_TO_S3S {
        let header = format!("x-amz-checksum-{}", name.to_ascii_lowercase());
        let chunked = format!(
            "PUT /films/a\nx-amz-content-sha256: STREAMING-UNSIGNED-PAYLOAD-TRAILER\ncontent-encoding: aws-chunked\n\
             x-amz-decoded-content-length: 11\nx-amz-trailer: {header}"
        );
        let trailed = |checksum: &str| format!("b\r\nhello world\r\n0\r\n{header}:{checksum}\r\n\r\n");
        for (head, body) in [
            (format!("PUT /films/a\n{header}: {wrong}"), "hello world".to_owned()),
            (chunked.clone(), trailed(wrong)),
        ] {
            let refused = world.ask(&head, body).await;
            assert_eq!(refused.refusal(), (400, "BadDigest"), "{head}");
            let message = format!("The {name} you specified did not match the calculated checksum.")
                .to_ascii_lowercase();
            assert_eq!(refused.element("Message").to_ascii_lowercase(), message);
        }
        for (head, body) in [
            (format!("PUT /films/a\n{header}: {checksum}"), "hello world".to_owned()),
            (
                format!("PUT /films/a\nx-amz-sdk-checksum-algorithm: {name}\n{header}: {checksum}"),
                "hello world".to_owned(),
            ),
            (chunked, trailed(checksum)),
        ] {
            let put = world.ask(&head, body).await;
            assert_eq!((put.status, put.header(&header)), (200, checksum), "{head}: {}", put.body);
        }
        for method in ["GET", "HEAD"] {
            let read = world.ask(&format!("{method} /films/a\nx-amz-checksum-mode: ENABLED"), "").await;
            assert_eq!((read.header(&header), read.header("x-amz-checksum-type")), (checksum, "FULL_OBJECT"));
        }
        let told = world.ask("GET /films/a?attributes\nx-amz-object-attributes: Checksum", "").await;
        let expected = format!(
            "<Checksum><Checksum{name}>{checksum}</Checksum{name}><ChecksumType>FULL_OBJECT</ChecksumType></Checksum>"
        );
        assert!(told.body.contains(&expected), "{}", told.body);
        let listed = world.ask("GET /films?list-type=2", "").await;
        assert_eq!(listed.element("ChecksumAlgorithm"), name);
        let copied = format!("PUT /films/b\nx-amz-copy-source: films/a\nx-amz-checksum-algorithm: {name}");
        for head in ["PUT /films/b\nx-amz-copy-source: films/a", &copied] {
            let copied = world.ask(head, "").await;
            assert_eq!(copied.element(&format!("Checksum{name}")), checksum, "{}", copied.body);
        }
        let other =
            world.ask("PUT /films/b\nx-amz-copy-source: films/a\nx-amz-checksum-algorithm: CRC32", "").await;
        assert_eq!(other.element("ChecksumCRC32"), "DUoRhQ==");
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
async fn an_upload_has_composite_checksums_of_any_algorithm() {
    let world = World::with_bucket().await;
    for (name, checksum, of_parts) in UNKNOWN_TO_S3S {
        let header = format!("x-amz-checksum-{}", name.to_ascii_lowercase());
        let begin = format!("POST /films/a?uploads\nx-amz-checksum-algorithm: {name}");
        let whole = world.ask(&format!("{begin}\nx-amz-checksum-type: FULL_OBJECT"), "").await;
        assert_eq!(
            (whole.refusal(), whole.element("Message")),
            (
                (400, "InvalidRequest"),
                format!(
                    "The FULL_OBJECT checksum type cannot be used with the {} checksum algorithm.",
                    name.to_ascii_lowercase()
                )
                .as_str()
            )
        );
        let begun = world.ask(&begin, "").await;
        assert_eq!(
            (begun.header("x-amz-checksum-algorithm"), begun.header("x-amz-checksum-type")),
            (name, "COMPOSITE")
        );
        let part = format!("/films/a?uploadId={}", begun.element("UploadId"));
        let sent = world.ask(&format!("PUT {part}&partNumber=1\n{header}: {checksum}"), "hello world").await;
        assert_eq!((sent.status, sent.header(&header)), (200, checksum), "{}", sent.body);
        let none = world.ask(&format!("PUT {part}&partNumber=1"), "hello world").await;
        assert_eq!(none.refusal(), (400, "InvalidRequest"));
        world.ask("PUT /films/source", "hello world").await;
        let copied =
            world.ask(&format!("PUT {part}&partNumber=1\nx-amz-copy-source: films/source"), "").await;
        assert_eq!(copied.element(&format!("Checksum{name}")), checksum, "{}", copied.body);
        let listed = world.ask(&format!("GET {part}"), "").await;
        assert!(
            listed.body.contains(&format!("<Checksum{name}>{checksum}</Checksum{name}>")),
            "{}",
            listed.body
        );
        let complete = async |element: &str, checksum: &str| {
            let body = format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>\
                 <{element}>{checksum}</{element}></Part></CompleteMultipartUpload>",
                sent.header("etag").replace('"', "&quot;")
            );
            world.ask(&format!("POST {part}"), body).await
        };
        let element = format!("Checksum{name}");
        assert_eq!(complete(&element, of_parts).await.refusal(), (400, "InvalidPart"), "{name}");
        assert_eq!(complete(&element, "no").await.refusal(), (400, "InvalidArgument"), "{name}");
        assert_eq!(complete("ChecksumCRC32", "DUoRhQ==").await.refusal(), (400, "BadDigest"), "{name}");
        let done = complete(&element, checksum).await;
        let composite = format!("{of_parts}-1");
        assert_eq!(
            (done.status, done.element(&element), done.element("ChecksumType")),
            (200, composite.as_str(), "COMPOSITE"),
            "{}",
            done.body
        );
        let told =
            world.ask("GET /films/a?attributes\nx-amz-object-attributes: Checksum,ObjectParts", "").await;
        assert!(told.body.contains(&format!("<{element}>{of_parts}</{element}>")), "{}", told.body);
        assert!(told.body.contains(&format!("<{element}>{checksum}</{element}>")), "{}", told.body);
    }
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
            "<ChecksumSHA256>n2alat9FhKiZXkZO18V2LLcZFM3IT8R7DjSMvK//7WU=</ChecksumSHA256>",
            "",
            "BadDigest",
            "The sha256 you specified for part 1 did not match what we received.",
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
