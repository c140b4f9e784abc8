//! Requests for an object by both roads: whatever they say, the answers and what is left in the cloud are the same.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::{HeaderName, HeaderValue, Method};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::*;
use crate::s3::engine::{ChecksumAlgorithm, Content, Digest};

const METHODS: [Method; 5] = [Method::GET, Method::HEAD, Method::PUT, Method::DELETE, Method::POST];

/// Buckets of all kinds, some that are not there, and what is no name of one.
const BUCKETS: [&str; 10] = [
    "films",
    "films-versions",
    "films-kms",
    "films-lock",
    "films-listed",
    "films-ireland",
    "films-theirs",
    "films-public",
    "no-such-films",
    "Films_",
];

const QUERIES: [&str; 9] = [
    "",
    "x-id=PutObject",
    "x-id=%FF",
    "x-id=a&x-id=b",
    "versionId=null",
    "partNumber=1",
    "response-content-type=text/x",
    "x-amz-storage-class=STANDARD_IA",
    "tagging",
];

const ODD_KEYS: [&str; 8] = ["", "/", "b%20c", "%C3%BC", "%zz", "%FF", "d/%2F/e", "a?"];

const BODIES: [&str; 3] = ["", "hello world", "another body"];

const CUSTOMER_KEY: &str = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// What requests may say in headers, right and wrong, known and unknown.
const HEADERS: [(&str, &str); 70] = [
    ("accept", "*/*"),
    ("accept-language", "en"),
    ("cache-control", "no-cache"),
    ("cache-control", ""),
    ("content-disposition", "inline"),
    ("content-encoding", "gzip"),
    ("content-encoding", ""),
    ("content-language", "de"),
    ("content-md5", HELLO_MD5),
    ("content-md5", "none"),
    ("content-md5", ""),
    ("content-type", "text/plain"),
    ("content-type", "multipart/form-data; boundary=a"),
    ("content-type", "\u{fc}"),
    ("expires", "tomorrow"),
    ("if-match", "*"),
    ("if-match", HELLO_ETAG),
    ("if-match", "\"none\""),
    ("if-none-match", "*"),
    ("if-none-match", HELLO_ETAG),
    ("if-modified-since", "Thu, 01 Jan 2026 00:00:00 GMT"),
    ("if-modified-since", "today"),
    ("if-unmodified-since", "Thu, 01 Jan 2015 00:00:00 GMT"),
    ("range", "bytes=2-4"),
    ("range", "bytes=90-"),
    ("range", "lines=1"),
    ("referer", "https://films.example.com/"),
    ("user-agent", "aws-sdk-rust/1"),
    ("x-forwarded-for", "127.0.0.1"),
    ("x-amz-acl", "private"),
    ("x-amz-acl", "public-read"),
    ("x-amz-acl", "nobody"),
    ("x-amz-bypass-governance-retention", "true"),
    ("x-amz-checksum-crc32", "DUoRhQ=="),
    ("x-amz-checksum-crc32", "AAAAAA=="),
    ("x-amz-checksum-crc32c", "short"),
    ("x-amz-checksum-crc64nvme", "jSnVw/bqjr4="),
    ("x-amz-checksum-mode", "ENABLED"),
    ("x-amz-checksum-sha256", ""),
    ("x-amz-content-sha256", "UNSIGNED-PAYLOAD"),
    ("x-amz-content-sha256", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
    ("x-amz-content-sha256", "no hash"),
    ("x-amz-copy-source", "films/a"),
    ("x-amz-date", "20260101T000000Z"),
    ("x-amz-expected-bucket-owner", AccountId::DEFAULT),
    ("x-amz-expected-bucket-owner", OTHER_ACCOUNT),
    ("x-amz-expected-bucket-owner", "me"),
    ("x-amz-grant-read", "uri=\"http://acs.amazonaws.com/groups/global/AllUsers\""),
    ("x-amz-grant-full-control", "me"),
    ("x-amz-header-of-next-year", "x"),
    ("x-amz-meta-year", "1927"),
    ("x-amz-meta-year", "1927, too"),
    ("x-amz-meta-word", "=?UTF-8?Q?f=C3=BCr?="),
    ("x-amz-meta-broken", "=?UTF-8?B?*?="),
    ("x-amz-meta-raw", "f\u{fc}r"),
    ("x-amz-meta-", "nameless"),
    ("x-amz-object-lock-legal-hold", "ON"),
    ("x-amz-object-lock-mode", "GOVERNANCE"),
    ("x-amz-object-lock-retain-until-date", "2026-06-01T00:00:00Z"),
    ("x-amz-request-payer", "requester"),
    ("x-amz-sdk-checksum-algorithm", "CRC32"),
    ("x-amz-sdk-checksum-algorithm", "MD4"),
    ("x-amz-server-side-encryption", "AES256"),
    ("x-amz-server-side-encryption", "aws:kms"),
    ("x-amz-server-side-encryption-aws-kms-key-id", "films"),
    ("x-amz-storage-class", "GLACIER_IR"),
    ("x-amz-storage-class", "CARDBOARD"),
    ("x-amz-tagging", "a=b"),
    ("x-amz-tagging", "a=b&a=c"),
    ("x-amz-website-redirect-location", "elsewhere"),
];

#[derive(Clone, Debug)]
struct Asked {
    method: Method,
    account: &'static str,
    hosted: bool,
    bucket: &'static str,
    key: String,
    query: &'static str,
    headers: Vec<(&'static str, String)>,
    body: Bytes,
}

impl Asked {
    /// None for what is no request at all.
    fn request(&self) -> Option<Request<Body>> {
        let Self { method, hosted, bucket, key, query, headers, body, .. } = self;
        let mark = if query.is_empty() { "" } else { "?" };
        let uri = match hosted {
            true => format!("http://{bucket}.s3.us-east-1.amazonaws.com/{key}{mark}{query}"),
            false => format!("http://s3.us-east-1.amazonaws.com/{bucket}/{key}{mark}{query}"),
        };
        let body = Body::http_body(http_body_util::Full::new(body.clone()));
        let mut request = Request::builder().method(method).uri(uri).body(body).ok()?;
        for (name, value) in headers {
            let value = HeaderValue::from_bytes(value.as_bytes()).ok()?;
            request.headers_mut().append(HeaderName::from_static(name), value);
        }
        Some(request)
    }

    async fn answer(&self, world: &World) -> Option<Answer> {
        let context = RequestContext {
            account_id: AccountId::parse(self.account).unwrap_or_else(AccountId::anonymous),
            ..world.context()
        };
        Some(Answer::read(world.wire.respond(context, self.request()?).await).await)
    }
}

fn keys() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => Just("a".to_owned()),
        3 => select(&ODD_KEYS[..]).prop_map(str::to_owned),
        1 => (1020usize..1030).prop_map(|length| "k".repeat(length)),
    ]
}

/// The body as the client sends it, and the headers that say how.
fn bodies() -> impl Strategy<Value = (Bytes, Vec<(&'static str, String)>)> {
    let plain = (select(&BODIES[..]), 0..6).prop_map(|(body, told)| {
        let length = match told {
            0 => None,
            1 => Some((body.len() + 1).to_string()),
            2 => Some("9999999999999999999".to_owned()),
            3 => Some("two".to_owned()),
            _ => Some(body.len().to_string()),
        };
        (Bytes::from(body), length.map(|length| ("content-length", length)).into_iter().collect())
    });
    let chunked = (select(&BODIES[..]), 0..6, any::<bool>()).prop_map(|(body, fault, names)| {
        let digest = Digest::of(&Content::from(Bytes::from(body)), &[ChecksumAlgorithm::Crc32]);
        let crc = match fault {
            0 => BASE64_STANDARD.encode([0; 4]),
            _ => digest.checksums[0].to_string(),
        };
        let chunk = if body.is_empty() { String::new() } else { format!("{:x}\r\n{body}\r\n", body.len()) };
        let trailer = if fault == 1 { "x-amz-checksum-crc32c" } else { "x-amz-checksum-crc32" };
        let whole = format!("{chunk}0\r\n{trailer}:{crc}\r\n\r\n");
        let mut headers = vec![
            ("content-length", whole.len().to_string()),
            ("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER".to_owned()),
            ("x-amz-trailer", if fault == 2 { "x-other" } else { "x-amz-checksum-crc32" }.to_owned()),
        ];
        if names {
            headers.push(("content-encoding", "gzip,aws-chunked".to_owned()));
        }
        if fault != 3 {
            let length = if fault == 4 { body.len() + 1 } else { body.len() };
            headers.push(("x-amz-decoded-content-length", length.to_string()));
        }
        (Bytes::from(whole), headers)
    });
    prop_oneof![3 => plain, 1 => chunked]
}

fn requests() -> impl Strategy<Value = Asked> {
    let key = [
        ("x-amz-server-side-encryption-customer-algorithm", "AES256"),
        ("x-amz-server-side-encryption-customer-key", CUSTOMER_KEY),
        ("x-amz-server-side-encryption-customer-key-md5", "0PUxIRQo2jTcpVR+EvBrZQ=="),
    ];
    let few = prop_oneof![3 => 0..=2usize, 1 => 0..=6usize];
    let headers = few.prop_flat_map(|few| subsequence(&HEADERS[..], few));
    let customer =
        prop_oneof![9 => Just(0), 1 => Just(3), 1 => 1..3usize].prop_map(move |count| key[..count].to_vec());
    let account = prop_oneof![6 => Just(AccountId::DEFAULT), 1 => Just(OTHER_ACCOUNT), 1 => Just("")];
    let query = prop_oneof![6 => select(&QUERIES[..2]), 1 => select(&QUERIES[..])];
    let bucket = prop_oneof![3 => Just(BUCKETS[0]), 3 => select(&BUCKETS[..])];
    let method = prop_oneof![4 => Just(Method::PUT), 3 => select(&METHODS[..])];
    let signed = any::<bool>();
    (method, account, any::<bool>(), bucket, keys(), query, headers, customer, bodies(), signed).prop_map(
        |(method, account, hosted, bucket, key, query, headers, customer, (body, mut told), signed)| {
            told.extend(headers.into_iter().chain(customer).map(|(name, value)| (name, value.to_owned())));
            if signed {
                told.push(("authorization", "AWS4-HMAC-SHA256 Credential=x".to_owned()));
            }
            Asked { method, account, hosted, bucket, key, query, headers: told, body }
        },
    )
}

/// A cloud with the buckets, and an object in each.
async fn cloud() -> World {
    let world = World::new();
    let other = World { wire: Arc::clone(&world.wire), account: OTHER_ACCOUNT, ..World::new() };
    let lock = "PUT /films-lock\nx-amz-bucket-object-lock-enabled: true";
    let listed = "PUT /films-listed\nx-amz-object-ownership: ObjectWriter";
    let kms = "<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault>\
               <SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule>\
               </ServerSideEncryptionConfiguration>";
    let policy = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*",
        "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::films-public/*"}]}"#;
    let ireland = "<CreateBucketConfiguration><LocationConstraint>eu-west-1</LocationConstraint>\
                   </CreateBucketConfiguration>";
    let versions = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    let pays = "<RequestPaymentConfiguration><Payer>Requester</Payer></RequestPaymentConfiguration>";
    for (head, body) in [
        ("PUT /films", ""),
        ("PUT /films-versions", ""),
        ("PUT /films-versions?versioning", versions),
        ("PUT /films-kms", ""),
        ("PUT /films-kms?encryption", kms),
        (lock, ""),
        (listed, ""),
        ("PUT /films-ireland", ireland),
        ("PUT /films-public", ""),
        ("DELETE /films-public?publicAccessBlock", ""),
        ("PUT /films-public?policy", policy),
        ("PUT /films-public?requestPayment", pays),
        ("PUT /films/a", "hello world"),
        ("PUT /films-versions/a", "hello world"),
        ("PUT /films-kms/a\nx-amz-meta-year: 1927", "hello world"),
        ("PUT /films-listed/a", "hello world"),
        ("PUT /films-public/a", "hello world"),
    ] {
        let answer = world.ask(head, body).await;
        assert!(matches!(answer.status, 200 | 204), "{head}: {}", answer.body);
    }
    assert_eq!(other.ask("PUT /films-theirs", "").await.status, 200);
    assert_eq!(other.ask("PUT /films-theirs/a", "hello world").await.status, 200);
    world
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn both_roads_lead_to_the_same(asked in prop::collection::vec(requests(), 1..16)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let world = cloud().await;
            let long = world.by_the_long_road();
            for request in &asked {
                let answer = request.answer(&world).await;
                prop_assert_eq!(answer, request.answer(&long).await, "{:?}", request);
                prop_assert_eq!(world.state(), long.state(), "{:?}", request);
            }
            Ok(())
        })?;
    }
}

#[tokio::test]
async fn what_sdks_send_takes_the_short_road() {
    let sdk = "user-agent: aws-sdk-rust/1\namz-sdk-invocation-id: 1\namz-sdk-request: attempt=1; max=3\n\
               authorization: AWS4-HMAC-SHA256 Credential=x\nx-amz-date: 20260101T000000Z\n\
               x-amz-content-sha256: UNSIGNED-PAYLOAD\nhost: films.s3.amazonaws.com";
    let takes_it = |head: &str| PlainObject::of(&request_of(head).into_parts().0).is_some();
    for head in [
        "GET /a?x-id=GetObject\nx-amz-checksum-mode: ENABLED",
        "HEAD /a\nif-none-match: *",
        "PUT /a?x-id=PutObject\ncontent-length: 3\nx-amz-checksum-crc32: AAAAAA==\ncontent-type: text/plain",
        "PUT /a?x-id=PutObject\nx-amz-trailer: x-amz-checksum-crc32\nx-amz-decoded-content-length: 3",
        "PUT /a?x-id=PutObject\nx-amz-meta-year: 1927\nx-amz-server-side-encryption: aws:kms",
        "DELETE /a?x-id=DeleteObject",
    ] {
        assert!(takes_it(&format!("{head}\n{sdk}")), "{head}");
    }
}

#[tokio::test]
async fn what_the_short_road_does_not_know_goes_through_s3s() {
    let takes_it = |head: &str| PlainObject::of(&request_of(head).into_parts().0).is_some();
    for head in [
        "POST /films/a",
        "PUT /films",
        "PUT /Films_/a",
        "PUT /fi%6cms/a",
        "GET /films/a?versionId=null",
        "PUT /films/a?partNumber=1&uploadId=x",
        "PUT /films/a\nx-amz-copy-source: films/b",
        "PUT /films/a\nx-amz-header-of-next-year: x",
        "PUT /films/a\nx-amz-meta-word: =?UTF-8?Q?a?=",
        "PUT /films/a\nx-amz-meta-year: 1927\nx-amz-meta-year: 1928",
        "PUT /films/a\ncontent-length: +4",
        "PUT /films/a?X-Amz-Signature=0",
    ] {
        assert!(!takes_it(head), "{head}");
    }
}
