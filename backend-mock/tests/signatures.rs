//! A strict cloud: the SDK's own signatures are verified, and wrong ones refused in each service's words.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::error::ProvideErrorMetadata as _;
use aws_sdk_s3::presigning::PresigningConfig;
use aws_sdk_s3::primitives::ByteStream;
use aws_smithy_types::body::SdkBody;
use backend_mock::{Identity, MockAws};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

const KEY: &str = "AKIAALICE";
const SECRET: &str = "alice's secret";

fn strict() -> MockAws {
    let alice = Identity::new(KEY, SECRET, "111122223333").unwrap();
    MockAws::builder().identity(alice).strict_signatures().build()
}

fn config(aws: &MockAws, key: &str, secret: &str) -> aws_types::SdkConfig {
    let credentials = Credentials::new(key, secret, None, None, "test");
    let provider = aws_credential_types::provider::SharedCredentialsProvider::new(credentials);
    aws.sdk_config().into_builder().credentials_provider(provider).build()
}

fn s3(aws: &MockAws, key: &str, secret: &str) -> aws_sdk_s3::Client {
    aws_sdk_s3::Client::new(&config(aws, key, secret))
}

/// A body of unknown content, which the SDK has to send aws-chunked.
fn streamed(text: &'static str) -> ByteStream {
    let frames =
        text.as_bytes().chunks(3).map(|piece| Ok::<_, std::io::Error>(Frame::data(Bytes::from(piece))));
    let body = StreamBody::new(futures_util::stream::iter(frames.collect::<Vec<_>>()));
    ByteStream::new(SdkBody::from_body_1_x(Sized(body, text.len() as u64)))
}

/// A stream that knows its length.
struct Sized<B>(B, u64);

impl<B: http_body::Body + Unpin> http_body::Body for Sized<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        std::pin::Pin::new(&mut self.0).poll_frame(cx)
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::SizeHint::with_exact(self.1)
    }
}

#[tokio::test]
async fn the_sdk_signs_what_a_strict_cloud_accepts() {
    let aws = strict();
    let s3 = s3(&aws, KEY, SECRET);
    s3.create_bucket().bucket("films").send().await.unwrap();
    let key = "a b/ü+(1)&=%41";
    s3.put_object()
        .bucket("films")
        .key(key)
        .metadata("year", " 1927  x")
        .body(streamed("metropolis"))
        .send()
        .await
        .unwrap();
    let film = s3.get_object().bucket("films").key(key).send().await.unwrap();
    assert_eq!(film.body.collect().await.unwrap().into_bytes(), "metropolis");
    let listed = s3.list_objects_v2().bucket("films").prefix("a b/").delimiter("+").send().await.unwrap();
    assert_eq!(listed.common_prefixes().len(), 1);
    let dynamodb = aws_sdk_dynamodb::Client::new(&config(&aws, KEY, SECRET));
    dynamodb.list_tables().send().await.unwrap();
    // The cloud's own keys are known as well.
    aws_sdk_s3::Client::new(&aws.sdk_config()).list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn a_wrong_secret_and_an_unknown_key_are_refused() {
    let aws = strict();
    let error = s3(&aws, KEY, "another").list_buckets().send().await.unwrap_err();
    assert_eq!(error.code(), Some("SignatureDoesNotMatch"));
    let error = s3(&aws, "AKIABOB", SECRET).list_buckets().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidAccessKeyId"));
    let dynamodb = |key, secret| aws_sdk_dynamodb::Client::new(&config(&aws, key, secret));
    let error = dynamodb(KEY, "another").list_tables().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidSignatureException"));
    assert!(
        error
            .message()
            .unwrap()
            .contains("The Canonical String for this request should have been\n'POST\n/\n")
    );
    let error = dynamodb("AKIABOB", SECRET).list_tables().send().await.unwrap_err();
    assert_eq!(error.code(), Some("UnrecognizedClientException"));
}

#[tokio::test]
async fn a_client_whose_clock_is_off_is_refused() {
    let aws = strict();
    let behind = aws.clock().now() - Duration::from_secs(3600);
    let off = config(&aws, KEY, SECRET)
        .into_builder()
        .time_source(aws_smithy_async::time::StaticTimeSource::new(behind))
        .retry_config(aws_sdk_s3::config::retry::RetryConfig::disabled())
        .build();
    let error = aws_sdk_s3::Client::new(&off).list_buckets().send().await.unwrap_err();
    assert_eq!(error.code(), Some("RequestTimeTooSkewed"));
    let error = aws_sdk_dynamodb::Client::new(&off).list_tables().send().await.unwrap_err();
    assert_eq!(error.code(), Some("InvalidSignatureException"));
    assert!(error.message().unwrap().starts_with("Signature expired: "), "{error:?}");
}

/// Sends bytes and reads the answer until the server closes the connection.
async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn a_presigned_put_is_good_for_what_it_says_and_nothing_else() {
    let aws = strict();
    let s3 = s3(&aws, KEY, SECRET);
    s3.create_bucket().bucket("films").send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let presigning = PresigningConfig::expires_in(Duration::from_secs(600)).unwrap();
    let url = s3.put_object().bucket("films").key("metropolis").presigned(presigning).await.unwrap();
    let (host, target) = url.uri().strip_prefix("https://").unwrap().split_once('/').unwrap();
    let put = async |target: &str| {
        let head = format!(
            "PUT /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nContent-Length: 4\r\n\r\n1927"
        );
        exchange(server.local_addr(), &head).await
    };
    let stored = put(target).await;
    assert!(stored.starts_with("HTTP/1.1 200"), "{stored}");
    let other = put(&target.replace("metropolis", "nosferatu")).await;
    assert!(
        other.starts_with("HTTP/1.1 403") && other.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{other}"
    );
}

#[tokio::test]
async fn sts_refuses_a_signature_as_sts_does() {
    let aws = strict();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let date = "20200101T000000Z";
    let body = "Action=GetCallerIdentity&Version=2011-06-15";
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nX-Amz-Date: {date}\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\
         Authorization: AWS4-HMAC-SHA256 Credential={KEY}/20200101/us-east-1/sts/aws4_request, \
         SignedHeaders=host;x-amz-date, Signature=0\r\n\r\n{body}",
        body.len()
    );
    let refused = exchange(address, &request).await;
    assert!(refused.starts_with("HTTP/1.1 403"), "{refused}");
    assert!(
        refused.contains("<Code>SignatureDoesNotMatch</Code>")
            && refused.contains("Signature expired: 20200101T")
    );
}

#[tokio::test]
async fn a_form_is_accepted_with_the_signature_of_its_policy() {
    use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
    use base64::Engine as _;

    let aws = strict();
    let s3 = s3(&aws, KEY, SECRET);
    s3.create_bucket().bucket("films").send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let new_year = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    aws.clock().set(new_year);
    let credential = format!("{KEY}/20260101/us-east-1/s3/aws4_request");
    let policy = format!(
        r#"{{"expiration": "2026-01-01T01:00:00Z", "conditions": [{{"bucket": "films"}}, {{"key": "metropolis"}},
           {{"x-amz-algorithm": "AWS4-HMAC-SHA256"}}, {{"x-amz-credential": "{credential}"}},
           {{"x-amz-date": "20260101T000000Z"}}]}}"#
    );
    let policy = base64::prelude::BASE64_STANDARD.encode(policy);
    let post = async |secret: &str| {
        let key = generate_signing_key(secret, new_year, "us-east-1", "s3");
        let signature = calculate_signature(key, policy.as_bytes());
        let fields = [
            ("key", "metropolis"),
            ("policy", &policy),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256"),
            ("x-amz-credential", &credential),
            ("x-amz-date", "20260101T000000Z"),
            ("x-amz-signature", &signature),
            ("file", "1927"),
        ];
        let parts = fields.map(|(name, value)| {
            format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        });
        let form = format!("{}--x--\r\n", parts.concat());
        let head = format!(
            "POST / HTTP/1.1\r\nHost: films.localhost\r\nConnection: close\r\n\
             Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        exchange(server.local_addr(), &head).await
    };
    let forged = post("another").await;
    assert!(
        forged.starts_with("HTTP/1.1 403") && forged.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{forged}"
    );
    let stored = post(SECRET).await;
    assert!(stored.starts_with("HTTP/1.1 204"), "{stored}");
    let film = s3.get_object().bucket("films").key("metropolis").send().await.unwrap();
    assert_eq!(film.body.collect().await.unwrap().into_bytes(), "1927");
    aws.clock().advance(Duration::from_secs(3601));
    let late = post(SECRET).await;
    assert!(late.contains("<Message>Invalid according to Policy: Policy expired.</Message>"), "{late}");
}

#[tokio::test]
async fn a_browser_asks_beforehand_without_a_signature_of_its_own() {
    let aws = strict();
    let s3 = s3(&aws, KEY, SECRET);
    s3.create_bucket().bucket("films").send().await.unwrap();
    let rule =
        aws_sdk_s3::types::CorsRule::builder().allowed_methods("PUT").allowed_origins("*").build().unwrap();
    let rules = aws_sdk_s3::types::CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    s3.put_bucket_cors().bucket("films").cors_configuration(rules).send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let presigning = PresigningConfig::expires_in(Duration::from_secs(600)).unwrap();
    let url = s3.put_object().bucket("films").key("metropolis").presigned(presigning).await.unwrap();
    let (host, target) = url.uri().strip_prefix("https://").unwrap().split_once('/').unwrap();
    let head = format!(
        "OPTIONS /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nOrigin: https://example.com\r\n\
         Access-Control-Request-Method: PUT\r\n\r\n"
    );
    let allowed = exchange(server.local_addr(), &head).await;
    assert!(
        allowed.starts_with("HTTP/1.1 200") && allowed.contains("access-control-allow-origin: *"),
        "{allowed}"
    );
}

#[tokio::test]
async fn a_chunk_that_was_changed_on_the_way_is_not_stored() {
    use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
    use sha2::{Digest as _, Sha256};

    let aws = strict();
    let s3 = s3(&aws, KEY, SECRET);
    s3.create_bucket().bucket("films").send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let new_year = std::time::SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
    aws.clock().set(new_year);
    let hash = |text: &str| Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let sign = |text: &str| {
        calculate_signature(generate_signing_key(SECRET, new_year, "us-east-1", "s3"), text.as_bytes())
    };
    let (scope, date) = ("20260101/us-east-1/s3/aws4_request", "20260101T000000Z");
    let signed_headers = "host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-trailer";
    let streaming = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER";
    let canonical = format!(
        "PUT\n/metropolis\n\nhost:films.localhost\nx-amz-content-sha256:{streaming}\nx-amz-date:{date}\n\
         x-amz-decoded-content-length:4\nx-amz-trailer:x-amz-checksum-crc32\n\n{signed_headers}\n{streaming}"
    );
    let seed = sign(&format!("AWS4-HMAC-SHA256\n{date}\n{scope}\n{}", hash(&canonical)));
    let chunk = |previous: &str, text: &str| {
        let (empty, hash) = (hash(""), hash(text));
        sign(&format!("AWS4-HMAC-SHA256-PAYLOAD\n{date}\n{scope}\n{previous}\n{empty}\n{hash}"))
    };
    let first = chunk(&seed, "1927");
    let last = chunk(&first, "");
    let trailer = "x-amz-checksum-crc32:F6RvuQ==";
    let trailers = hash(&format!("{trailer}\n"));
    let behind = sign(&format!("AWS4-HMAC-SHA256-TRAILER\n{date}\n{scope}\n{last}\n{trailers}"));
    let put = async |text: &str, behind: &str| {
        let body = format!(
            "4;chunk-signature={first}\r\n{text}\r\n0;chunk-signature={last}\r\n{trailer}\r\n\
             x-amz-trailer-signature:{behind}\r\n\r\n"
        );
        let head = format!(
            "PUT /metropolis HTTP/1.1\r\nHost: films.localhost\r\nConnection: close\r\nx-amz-date: {date}\r\n\
             x-amz-content-sha256: {streaming}\r\nx-amz-decoded-content-length: 4\r\n\
             x-amz-trailer: x-amz-checksum-crc32\r\nContent-Length: {}\r\n\
             Authorization: AWS4-HMAC-SHA256 Credential={KEY}/{scope},SignedHeaders={signed_headers},\
             Signature={seed}\r\n\r\n{body}",
            body.len()
        );
        exchange(server.local_addr(), &head).await
    };
    for changed in [put("1926", &behind).await, put("1927", &first).await] {
        assert!(
            changed.starts_with("HTTP/1.1 403") && changed.contains("<Code>SignatureDoesNotMatch</Code>"),
            "{changed}"
        );
    }
    s3.head_object().bucket("films").key("metropolis").send().await.unwrap_err();
    let right = put("1927", &behind).await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
}

#[tokio::test]
async fn s3_says_that_its_endpoint_is_no_other_service_s() {
    for aws in [strict(), MockAws::new()] {
        let server = aws.serve("127.0.0.1:0").await.unwrap();
        let ask = async |host: &str, service: &str| {
            let scope = format!("{KEY}/20260101/us-east-1/{service}/aws4_request");
            let head = format!(
                "GET /films HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nX-Amz-Date: 20260101T000000Z\r\n\
                 Authorization: AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0\r\n\r\n"
            );
            exchange(server.local_addr(), &head).await
        };
        for host in ["s3.us-east-1.amazonaws.com", "films.s3.amazonaws.com", "s3.localhost"] {
            let refused = ask(host, "ec2").await;
            let message = "The authorization header is malformed; incorrect service \"ec2\". This endpoint belongs to \
                           \"s3\".";
            assert!(
                refused.starts_with("HTTP/1.1 400")
                    && refused.contains("<Code>AuthorizationHeaderMalformed</Code>")
                    && refused.contains(message),
                "{refused}"
            );
        }
        // Elsewhere, and where S3's own client goes, it is the service that is not here.
        for (host, service) in [("localhost", "ec2"), ("s3express-az1.us-east-1.amazonaws.com", "s3express")]
        {
            let refused = ask(host, service).await;
            assert!(
                refused.starts_with("HTTP/1.1 501") && refused.contains("NotImplemented"),
                "{host}: {refused}"
            );
        }
    }
}
