//! Encryption as it is asked for, told, and the customer's keys that are wanted back.

use super::*;

const CUSTOMER: &str = "x-amz-server-side-encryption-customer";
const KEY: &str = "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";
const OTHER_KEY: &str = "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

fn md5_of(key: &str) -> String {
    use base64::Engine as _;
    use base64::prelude::BASE64_STANDARD;
    use md5::Digest as _;
    BASE64_STANDARD.encode(md5::Md5::digest(BASE64_STANDARD.decode(key).unwrap()))
}

fn with_key(head: &str, prefix: &str, key: &str) -> String {
    format!("{head}\n{prefix}-algorithm: AES256\n{prefix}-key: {key}\n{prefix}-key-md5: {}", md5_of(key))
}

/// A rule that blocks this, and says nothing of what encrypts by default.
fn blocking(name: &str) -> String {
    format!(
        "<ServerSideEncryptionConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Rule>\
         <BlockedEncryptionTypes><EncryptionType>{name}</EncryptionType></BlockedEncryptionTypes></Rule>\
         </ServerSideEncryptionConfiguration>"
    )
}

#[tokio::test]
async fn a_bucket_that_blocks_customers_keys_takes_nothing_with_one_and_gives_what_it_has() {
    let world = World::with_bucket().await;
    let set = async |name: &str| {
        let set = world.ask("PUT /films?encryption", blocking(name)).await;
        assert_eq!(set.status, 200, "{}", set.body);
        assert_eq!(world.ask("GET /films?encryption", "").await.element("EncryptionType"), name);
    };
    set("NONE").await;
    assert_eq!(world.ask(&with_key("PUT /films/a", CUSTOMER, KEY), "hello world").await.status, 200);
    let begun = world.ask(&with_key("POST /films/c?uploads", CUSTOMER, KEY), "").await;
    let part = format!("PUT /films/c?partNumber=1&uploadId={}", begun.element("UploadId"));
    assert_eq!(begun.status, 200, "{}", begun.body);
    set("SSE-C").await;
    let from = "x-amz-copy-source: films/a";
    let source = with_key(from, "x-amz-copy-source-server-side-encryption-customer", KEY);
    for (head, operation, key) in [
        ("PUT /films/b".to_owned(), "PutObject", "b"),
        (format!("PUT /films/b\n{source}"), "CopyObject", "b"),
        ("POST /films/b?uploads".to_owned(), "CreateMultipartUpload", "b"),
        (part.clone(), "UploadPart", "c"),
        (format!("{part}\n{source}"), "UploadPartCopy", "c"),
        // Whether it is a key is not looked at.
        (format!("PUT /films/b\n{CUSTOMER}-algorithm: AES128"), "PutObject", "b"),
    ] {
        let head = if head.contains("AES128") { head } else { with_key(&head, CUSTOMER, KEY) };
        let refused = world.ask(&head, "hello world").await;
        assert_eq!(refused.refusal(), (403, "AccessDenied"), "{head}");
        assert_eq!(
            refused.element("Message"),
            format!(
                "User: arn:aws:iam::123456789012:user/mock-aws is not authorized to perform: s3:{operation} on \
                 resource: \"arn:aws:s3:::films/{key}\" because this bucket has blocked upload requests that specify \
                 Server Side Encryption with Customer provided keys (SSE-C). Please specify a different server-side \
                 encryption type"
            )
        );
    }
    let read = world.ask(&with_key("GET /films/a", CUSTOMER, KEY), "").await;
    assert_eq!(read.body, "hello world");
    assert_eq!(world.ask("PUT /films/b\nx-amz-server-side-encryption: AES256", "x").await.status, 200);
    assert_eq!(world.ask(&format!("PUT /films/d\n{source}"), "").await.status, 200, "out of it is fine");
    set("NONE").await;
    assert_eq!(world.ask(&with_key("PUT /films/b", CUSTOMER, KEY), "hello world").await.status, 200);
}

#[tokio::test]
async fn what_encrypts_by_default_changes_nothing_of_what_is_blocked() {
    let world = World::with_bucket().await;
    assert_eq!(world.ask("PUT /films?encryption", blocking("SSE-C")).await.status, 200);
    let kms = "<ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm>\
               </ApplyServerSideEncryptionByDefault>";
    let rule =
        format!("<ServerSideEncryptionConfiguration><Rule>{kms}</Rule></ServerSideEncryptionConfiguration>");
    let told = async || {
        let told = world.ask("GET /films?encryption", "").await;
        (told.element("SSEAlgorithm").to_owned(), told.element("EncryptionType").to_owned())
    };
    assert_eq!(world.ask("PUT /films?encryption", rule).await.status, 200);
    assert_eq!(told().await, ("aws:kms".to_owned(), "SSE-C".to_owned()));
    assert_eq!(world.ask("DELETE /films?encryption", "").await.status, 204);
    assert_eq!(told().await, ("AES256".to_owned(), "SSE-C".to_owned()));
    for odd in ["AES256", "", "NONE</EncryptionType><EncryptionType>SSE-C"] {
        let refused = world.ask("PUT /films?encryption", blocking(odd)).await;
        assert_eq!(refused.refusal(), (400, "MalformedXML"), "{odd}");
    }
}

#[tokio::test]
async fn a_customers_key_is_wanted_back_at_every_read() {
    let world = World::with_bucket().await;
    let written = world.ask(&with_key("PUT /films/a", CUSTOMER, KEY), "hello world").await;
    assert_eq!(written.status, 200, "{}", written.body);
    assert_eq!(written.header(&format!("{CUSTOMER}-algorithm")), "AES256");
    assert_eq!(written.header(&format!("{CUSTOMER}-key-md5")), md5_of(KEY));
    assert_eq!(written.header("x-amz-server-side-encryption"), "");
    assert_ne!(written.header("etag"), HELLO_ETAG);
    for method in ["GET", "HEAD"] {
        let read = world.ask(&with_key(&format!("{method} /films/a"), CUSTOMER, KEY), "").await;
        assert_eq!((read.status, read.header("etag")), (200, written.header("etag")));
        assert_eq!(world.ask(&format!("{method} /films/a"), "").await.status, 400);
        let wrong = with_key(&format!("{method} /films/a"), CUSTOMER, OTHER_KEY);
        assert_eq!(world.ask(&wrong, "").await.status, 403);
    }
    let keyless = world.ask("GET /films/a", "").await;
    assert_eq!(keyless.refusal(), (400, "InvalidRequest"));
    assert_eq!(
        keyless.element("Message"),
        "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to \
         retrieve the object."
    );
    let attributes = "GET /films/a?attributes\nx-amz-object-attributes: ETag";
    assert_eq!(world.ask(attributes, "").await.refusal(), (400, "InvalidRequest"));
    let copy = "PUT /films/b\nx-amz-copy-source: films/a";
    assert_eq!(world.ask(copy, "").await.refusal(), (400, "InvalidRequest"));
    let source = "x-amz-copy-source-server-side-encryption-customer";
    assert_eq!(world.ask(&with_key(copy, source, OTHER_KEY), "").await.refusal(), (403, "AccessDenied"));
    let copied = world.ask(&with_key(copy, source, KEY), "").await;
    assert_eq!((copied.status, copied.element("ETag")), (200, HELLO_ETAG), "{}", copied.body);
    assert_eq!(copied.header("x-amz-server-side-encryption"), "AES256");
    let needless = world.ask(&with_key("GET /films/b", CUSTOMER, KEY), "").await;
    assert_eq!(needless.refusal(), (400, "InvalidRequest"));
}

#[tokio::test]
async fn a_customers_key_that_is_none_is_refused() {
    let world = World::with_bucket().await;
    for (headers, code, message) in [
        (
            format!("{CUSTOMER}-algorithm: AES256"),
            "InvalidArgument",
            "must provide an appropriate secret key.",
        ),
        (format!("{CUSTOMER}-key: {KEY}"), "InvalidArgument", "must provide a valid encryption algorithm."),
        (
            format!("{CUSTOMER}-algorithm: AES128\n{CUSTOMER}-key: {KEY}"),
            "InvalidEncryptionAlgorithmError",
            "Supported value: AES256.",
        ),
        (
            format!("{CUSTOMER}-algorithm: AES256\n{CUSTOMER}-key: {HELLO_MD5}"),
            "InvalidArgument",
            "The secret key was invalid for the specified algorithm.",
        ),
        (
            format!("{CUSTOMER}-algorithm: AES256\n{CUSTOMER}-key: {KEY}"),
            "InvalidArgument",
            "the client calculated MD5 of the secret key.",
        ),
        (
            format!("{CUSTOMER}-algorithm: AES256\n{CUSTOMER}-key: {KEY}\n{CUSTOMER}-key-md5: {HELLO_MD5}"),
            "InvalidArgument",
            "The calculated MD5 hash of the key did not match the hash that was provided.",
        ),
        (
            with_key("x-amz-server-side-encryption: AES256", CUSTOMER, KEY),
            "InvalidArgument",
            "is incompatible with the encryption method specified",
        ),
    ] {
        let answer = world.ask(&format!("PUT /films/a\n{headers}"), "x").await;
        assert_eq!(answer.refusal(), (400, code), "{headers}");
        assert!(answer.element("Message").ends_with(message), "{}", answer.body);
    }
}

#[tokio::test]
async fn the_parts_of_an_upload_bring_its_key() {
    let world = World::with_bucket().await;
    let begun = world.ask(&with_key("POST /films/a?uploads", CUSTOMER, KEY), "").await;
    assert_eq!(begun.header(&format!("{CUSTOMER}-algorithm")), "AES256");
    let part = format!("PUT /films/a?partNumber=1&uploadId={}", begun.element("UploadId"));
    assert_eq!(world.ask(&part, "hello world").await.refusal(), (400, "InvalidRequest"));
    let wrong = world.ask(&with_key(&part, CUSTOMER, OTHER_KEY), "hello world").await;
    assert_eq!(wrong.refusal(), (400, "InvalidRequest"));
    let stored = world.ask(&with_key(&part, CUSTOMER, KEY), "hello world").await;
    assert_eq!((stored.status, stored.header("etag") == HELLO_ETAG), (200, false));
    let complete = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part></CompleteMultipartUpload>",
        stored.header("etag")
    );
    let done = world.ask(&format!("POST /films/a?uploadId={}", begun.element("UploadId")), complete).await;
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(world.ask(&with_key("GET /films/a", CUSTOMER, KEY), "").await.body, "hello world");
}

#[tokio::test]
async fn a_checksum_that_an_upload_asks_for_is_told_whatever_its_encryption() {
    let world = World::with_bucket().await;
    let customer = with_key("", CUSTOMER, KEY).trim_start().to_owned();
    for (encryption, wanted) in [("x-amz-server-side-encryption: aws:kms", ""), (&*customer, &*customer)] {
        for (algorithm, told) in [("", ""), ("x-amz-checksum-algorithm: CRC64NVME", "jSnVw/bqjr4=")] {
            let begin = format!("POST /films/a?uploads\n{encryption}\n{algorithm}");
            let begun = world.ask(begin.trim_end(), "").await;
            let target = format!("/films/a?uploadId={}", begun.element("UploadId"));
            let put = format!("PUT {target}&partNumber=1\n{wanted}");
            let part = world.ask(put.trim_end(), "hello world").await;
            let complete = format!(
                "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag></Part>\
                 </CompleteMultipartUpload>",
                part.header("etag")
            );
            let done = world.ask(&format!("POST {target}"), complete).await;
            assert_eq!(
                (done.status, done.element("ChecksumCRC64NVME")),
                (200, told),
                "{encryption}: {}",
                done.body
            );
        }
        let head = format!("HEAD /films/a\nx-amz-checksum-mode: ENABLED\n{wanted}");
        let head = world.ask(head.trim_end(), "").await;
        assert_eq!(head.header("x-amz-checksum-crc64nvme"), "jSnVw/bqjr4=", "{encryption}");
    }
}

#[tokio::test]
async fn a_kms_key_is_told_by_its_arn() {
    let world = World::with_bucket().await;
    let method = "x-amz-server-side-encryption";
    let put = format!(
        "PUT /films/a\n{method}: aws:kms\n{method}-aws-kms-key-id: 1234\n{method}-bucket-key-enabled: true\n\
         {method}-context: eyJhIjoiYiJ9"
    );
    let written = world.ask(&put, "hello world").await;
    assert_eq!(written.status, 200, "{}", written.body);
    let arn = "arn:aws:kms:us-east-1:123456789012:key/1234";
    assert_eq!(written.header(&format!("{method}-context")), "eyJhIjoiYiJ9");
    assert_ne!(written.header("etag"), HELLO_ETAG);
    let read = world.ask("GET /films/a", "").await;
    for answer in [&written, &read] {
        assert_eq!(
            (answer.header(method), answer.header(&format!("{method}-aws-kms-key-id"))),
            ("aws:kms", arn)
        );
        assert_eq!(answer.header(&format!("{method}-bucket-key-enabled")), "true");
    }
    let copied = world.ask("PUT /films/b\nx-amz-copy-source: films/a", "").await;
    assert_eq!((copied.header(method), copied.element("ETag")), ("AES256", HELLO_ETAG));
    let itself = format!("PUT /films/b\nx-amz-copy-source: films/b\n{method}: aws:kms:dsse");
    let copied = world.ask(&itself, "").await;
    assert_eq!((copied.status, copied.header(method)), (200, "aws:kms:dsse"));
    assert!(
        copied
            .header(&format!("{method}-aws-kms-key-id"))
            .starts_with("arn:aws:kms:us-east-1:123456789012:key/")
    );
    for (headers, message) in [
        (
            "x-amz-server-side-encryption: rot13".to_owned(),
            "The encryption method specified is not supported",
        ),
        (
            format!("{method}-aws-kms-key-id: 1234"),
            "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption : \
             aws:kms",
        ),
    ] {
        let answer = world.ask(&format!("PUT /films/c\n{headers}"), "x").await;
        assert_eq!((answer.refusal(), answer.element("Message")), ((400, "InvalidArgument"), message));
    }
    let read = world.ask(&format!("GET /films/a\n{method}: aws:kms"), "").await;
    assert_eq!(read.refusal(), (400, "InvalidArgument"));
}

#[tokio::test]
async fn what_says_nothing_is_encrypted_as_its_bucket_does() {
    let world = World::with_bucket().await;
    let rule = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
                <SSEAlgorithm>aws:kms</SSEAlgorithm><KMSMasterKeyID>1234</KMSMasterKeyID>\
                </ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule>\
                </ServerSideEncryptionConfiguration>";
    assert_eq!(world.ask("PUT /films?encryption", rule).await.status, 200);
    let headers = |answer: &Answer| {
        let header = |name: &str| answer.header(&format!("x-amz-server-side-encryption{name}")).to_owned();
        [header(""), header("-aws-kms-key-id"), header("-bucket-key-enabled")]
    };
    let kms = ["aws:kms", "arn:aws:kms:us-east-1:123456789012:key/1234", "true"];
    assert_eq!(headers(&world.ask("PUT /films/a", "hello world").await), kms);
    assert_eq!(headers(&world.ask("HEAD /films/a", "").await), kms);
    assert_eq!(headers(&world.ask("POST /films/b?uploads", "").await), kms);
    assert_eq!(headers(&world.ask("PUT /films/c\nx-amz-copy-source: films/a", "").await), kms);
    let own = world.ask("PUT /films/a\nx-amz-server-side-encryption: AES256", "hello world").await;
    assert_eq!(headers(&own), ["AES256", "", ""]);
    assert_eq!(world.ask("DELETE /films?encryption", "").await.status, 204);
    assert_eq!(headers(&world.ask("PUT /films/a", "hello world").await), ["AES256", "", ""]);
}

#[tokio::test]
async fn a_key_without_its_digest_opens_nothing() {
    let world = World::with_bucket().await;
    world.ask(&with_key("PUT /films/a", CUSTOMER, KEY), "hello world").await;
    let headers = format!("{CUSTOMER}-algorithm: AES256\n{CUSTOMER}-key: {KEY}");
    assert_eq!(world.ask(&format!("GET /films/a\n{headers}"), "").await.refusal(), (403, "AccessDenied"));
    let written = world.ask(&format!("PUT /films/b\n{headers}"), "x").await;
    assert_eq!(written.refusal(), (400, "InvalidArgument"));
    assert!(!written.body.contains("ArgumentValue"), "{}", written.body);
}

#[tokio::test]
async fn an_upload_that_began_without_a_key_takes_none() {
    let world = World::with_bucket().await;
    let id = world.ask("POST /films/a?uploads", "").await.element("UploadId").to_owned();
    let part = format!("PUT /films/a?partNumber=1&uploadId={id}");
    let refused = world.ask(&with_key(&part, CUSTOMER, KEY), "x").await;
    assert!(
        refused.element("Message").starts_with("The multipart upload initiate requested"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn under_a_key_of_kms_no_entity_tag_is_an_md5_and_content_md5_is_checked_all_the_same() {
    let world = World::with_bucket().await;
    let kms = "x-amz-server-side-encryption: aws:kms";
    let put = format!("PUT /films/a\n{kms}");
    let (first, second) = (world.ask(&put, "hello world").await, world.ask(&put, "hello world").await);
    let tags = [first.header("etag"), second.header("etag"), HELLO_ETAG];
    assert!(tags[0] != tags[1] && tags[0] != tags[2] && tags[1] != tags[2], "{tags:?}");
    let digits = tags[0].trim_matches('"');
    assert!(digits.len() == 32 && digits.bytes().all(|byte| byte.is_ascii_hexdigit()), "{digits}");
    assert_eq!(world.ask("HEAD /films/a", "").await.header("etag"), tags[1]);
    assert_eq!(world.ask(&format!("{put}\ncontent-md5: {HELLO_MD5}"), "hello world").await.status, 200);
    let wrong = world.ask(&format!("{put}\ncontent-md5: {HELLO_MD5}"), "hello there").await;
    assert_eq!(wrong.refusal(), (400, "BadDigest"));
    let copied = world.ask("PUT /films/b\nx-amz-copy-source: films/a", "").await;
    assert_eq!(copied.element("ETag"), HELLO_ETAG, "encrypted by S3 again, it is one");
    let begun = world.ask(&format!("POST /films/c?uploads\n{kms}"), "").await;
    let part = format!("PUT /films/c?partNumber=1&uploadId={}", begun.element("UploadId"));
    let (first, second) = (world.ask(&part, "hello world").await, world.ask(&part, "hello world").await);
    assert!(first.header("etag") != HELLO_ETAG && first.header("etag") != second.header("etag"));
}
