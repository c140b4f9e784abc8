//! The second door: a port, as the AWS CLI, boto3 and any SDK see it.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, Stdio};

use backend_mock::MockAws;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends a request as bytes and returns all that the server answers before it closes the connection.
async fn exchange(address: std::net::SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

/// The headers of a request that is signed for a service and closes its connection.
fn signed(host: impl std::fmt::Display, service: &str) -> String {
    format!(
        "Host: {host}\r\nConnection: close\r\nAuthorization: AWS4-HMAC-SHA256 \
         Credential=any/20261122/us-east-1/{service}/aws4_request, Signature=0\r\n"
    )
}

#[tokio::test]
async fn one_port_serves_both_services_with_any_credentials() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let request = format!("GET / HTTP/1.1\r\n{}\r\n", signed(address, "s3"));
    let buckets = exchange(address, &request).await;
    assert!(buckets.starts_with("HTTP/1.1 200") && buckets.contains("<ListAllMyBucketsResult"), "{buckets}");
    let request = format!(
        "POST / HTTP/1.1\r\n{}X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{{}}",
        signed(address, "dynamodb")
    );
    let tables = exchange(address, &request).await;
    assert!(tables.starts_with("HTTP/1.1 200") && tables.contains(r#""TableNames":[]"#), "{tables}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_key_that_the_server_was_told_of_is_its_accounts() {
    let alice = backend_mock::Identity::new("AKIAALICE", "a secret", "111122223333").unwrap();
    let server = MockAws::builder().identity(alice).build().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let asked = |key: &str, method: &str, path: &str| {
        let headers = signed(address, "s3").replace("any/", &format!("{key}/"));
        format!("{method} {path} HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n")
    };
    assert!(exchange(address, &asked("AKIAALICE", "PUT", "/films")).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(address, &asked("111122223333", "GET", "/films")).await.starts_with("HTTP/1.1 200"));
    let denied = exchange(address, &asked("AKIABOB", "GET", "/films")).await;
    assert!(denied.starts_with("HTTP/1.1 403") && denied.contains("<Code>AccessDenied</Code>"), "{denied}");
    server.shutdown().await;
}

#[tokio::test]
async fn buckets_are_served_in_path_style_and_at_their_own_host() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let own_host = format!("films.localhost:{}", address.port());
    let put = |path: &str, body: &str| {
        let headers = signed(&own_host, "s3");
        format!("PUT {path} HTTP/1.1\r\n{headers}Content-Length: {}\r\n\r\n{body}", body.len())
    };
    let created = exchange(address, &put("/", "")).await;
    assert!(created.starts_with("HTTP/1.1 200"), "{created}");
    let stored = exchange(address, &put("/metropolis", "1927")).await;
    assert!(stored.starts_with("HTTP/1.1 200"), "{stored}");
    let request = format!("GET /films/metropolis HTTP/1.1\r\n{}\r\n", signed(address, "s3"));
    let read = exchange(address, &request).await;
    assert!(read.starts_with("HTTP/1.1 200") && read.ends_with("\r\n\r\n1927"), "{read}");
}

#[tokio::test]
async fn a_refusal_before_the_body_was_read_reaches_a_client_that_writes_first_and_reads_then() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let body = vec![b'x'; 32 << 20];
    let authorization = signed(address, "s3").replace("Connection: close\r\n", "");
    let head = format!("PUT /none/a HTTP/1.1\r\n{authorization}Content-Length: {}\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(&body).await.unwrap();
    stream.write_all(format!("GET / HTTP/1.1\r\n{}\r\n", signed(address, "s3")).as_bytes()).await.unwrap();
    let mut answers = String::new();
    stream.read_to_string(&mut answers).await.unwrap();
    assert!(
        answers.starts_with("HTTP/1.1 404") && answers.contains("<Code>NoSuchBucket</Code>"),
        "{answers}"
    );
    assert!(answers.contains("HTTP/1.1 200") && answers.contains("<ListAllMyBucketsResult"), "{answers}");
}

#[tokio::test]
async fn a_client_that_waits_to_be_asked_for_its_body_is_refused_without_being_asked() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let head = format!(
        "PUT /none/a HTTP/1.1\r\n{}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n",
        signed(address, "s3")
    );
    let answer = exchange(address, &head).await;
    assert!(answer.starts_with("HTTP/1.1 404") && !answer.contains("100 Continue"), "{answer}");
}

#[tokio::test]
async fn a_connection_whose_body_was_not_asked_for_is_not_offered_for_another_request() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let kept = signed(address, "s3").replace("Connection: close\r\n", "");
    let refused = format!("PUT /none/a HTTP/1.1\r\n{kept}Expect: 100-continue\r\nContent-Length: 4\r\n\r\n");
    let answer = exchange(address, &refused).await;
    assert!(answer.starts_with("HTTP/1.1 404") && answer.contains("\r\nconnection: close\r\n"), "{answer}");
    // A body that was asked for leaves the connection as it was.
    let mut stream = TcpStream::connect(address).await.unwrap();
    let created = format!("PUT /films HTTP/1.1\r\n{kept}Expect: 100-continue\r\nContent-Length: 0\r\n\r\n");
    stream.write_all(created.as_bytes()).await.unwrap();
    let mut head = [0; 512];
    let read = stream.read(&mut head).await.unwrap();
    let head = String::from_utf8_lossy(&head[..read]);
    assert!(head.starts_with("HTTP/1.1 200") && !head.contains("connection: close"), "{head}");
}

#[tokio::test]
async fn a_service_without_an_engine_is_refused_by_name_in_its_own_protocol() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let request = format!(
        "POST / HTTP/1.1\r\n{}X-Amz-Target: AmazonSQS.ListQueues\r\n\
         Content-Type: application/x-amz-json-1.0\r\nContent-Length: 2\r\n\r\n{{}}",
        signed(address, "sqs")
    );
    let json = exchange(address, &request).await;
    assert!(json.starts_with("HTTP/1.1 501"), "{json}");
    assert!(json.contains("no service `sqs`; it serves `dynamodb`, `kms`, `s3`, `sts`"), "{json}");
    let request = format!(
        "POST / HTTP/1.1\r\n{}Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 0\r\n\r\n",
        signed(address, "sns")
    );
    let query = exchange(address, &request).await;
    assert!(query.contains("<Code>NotImplemented</Code>") && query.contains("`sns`"), "{query}");
    // S3's own client signs so for directory buckets, and reads errors of S3.
    let request = format!("GET / HTTP/1.1\r\n{}\r\n", signed(address, "s3express"));
    let express = exchange(address, &request).await;
    assert!(express.contains("\n<Error><Code>NotImplemented</Code>"), "{express}");
    assert!(express.contains("no service `s3express`"), "{express}");
}

#[tokio::test]
async fn shutting_down_frees_the_port_and_lets_an_open_request_finish() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head = format!(
        "POST / HTTP/1.1\r\n{}X-Amz-Target: DynamoDB_20120810.ListTables\r\n\
         Expect: 100-continue\r\nContent-Length: 2\r\n\r\n",
        signed(address, "dynamodb")
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // The server asks for the body once the request has reached the service.
    let mut asked = [0; 25];
    stream.read_exact(&mut asked).await.unwrap();
    assert_eq!(&asked, b"HTTP/1.1 100 Continue\r\n\r\n");

    let stopping = tokio::spawn(server.shutdown());
    while TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
    stream.write_all(b"{}").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    stopping.await.unwrap();
}

#[tokio::test]
async fn a_request_without_credentials_is_nobodys() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let request = format!("PUT /films HTTP/1.1\r\n{}Content-Length: 0\r\n\r\n", signed(address, "s3"));
    assert!(exchange(address, &request).await.starts_with("HTTP/1.1 200"));

    for (path, code) in [("/films", "AccessDenied"), ("/", "AccessDenied"), ("/none", "NoSuchBucket")] {
        let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        let answer = exchange(address, &request).await;
        assert!(answer.contains(&format!("<Code>{code}</Code>")), "{path}: {answer}");
    }
    let request = format!(
        "POST / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\
         X-Amz-Target: DynamoDB_20120810.ListTables\r\nContent-Length: 2\r\n\r\n{{}}"
    );
    let answer = exchange(address, &request).await;
    assert!(answer.starts_with("HTTP/1.1 400") && answer.contains("MissingAuthenticationToken"), "{answer}");
}

#[tokio::test]
async fn motos_request_for_a_reset_empties_the_cloud_where_it_was_asked_for() {
    let aws = MockAws::new();
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    s3.create_bucket().bucket("films").send().await.unwrap();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let reset =
        "POST /moto-api/reset HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    // Unasked, it is a request for the bucket `moto-api`.
    assert!(!exchange(server.local_addr(), reset).await.starts_with("HTTP/1.1 200"));
    assert!(s3.head_bucket().bucket("films").send().await.is_ok());
    let aws = aws.with_moto_api();
    assert!(exchange(server.local_addr(), reset).await.starts_with("HTTP/1.1 200"));
    assert!(s3.head_bucket().bucket("films").send().await.is_err());
    let other = exchange(server.local_addr(), &reset.replace("/reset", "/seed")).await;
    assert!(other.starts_with("HTTP/1.1 501"), "{other}");
    drop(aws);
}

#[tokio::test]
async fn an_address_that_is_taken_is_an_error_and_not_a_panic() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let error = MockAws::new().serve(server.local_addr()).await.unwrap_err();
    assert_eq!(error.kind(), session_core::ErrorKind::Io);
    let error = MockAws::new().serve("nowhere").await.unwrap_err();
    assert_eq!(error.kind(), session_core::ErrorKind::Io);
}

/// The binary, ended with the test whatever happens.
struct MockAwsProcess(Child);

impl MockAwsProcess {
    fn serve(options: &[&str]) -> (Self, std::net::SocketAddr) {
        let mut child = Command::new(env!("CARGO_BIN_EXE_mock-aws"))
            .args(["serve", "--port", "0"])
            .args(options)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut ready = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut ready).unwrap();
        let address = ready.trim().strip_prefix("mock-aws listening on http://").unwrap().parse().unwrap();
        (Self(child), address)
    }
}

impl Drop for MockAwsProcess {
    fn drop(&mut self) {
        let _already_ended = self.0.kill();
        let _reaped = self.0.wait();
    }
}

#[tokio::test]
async fn the_binary_enforces_capacity_when_it_is_told_to() {
    let (_process, address) = MockAwsProcess::serve(&["--dynamodb-throttling"]);
    let ask = async |operation: &str, body: String| {
        let headers = signed(address, "dynamodb");
        let length = body.len();
        let target = format!("X-Amz-Target: DynamoDB_20120810.{operation}\r\nContent-Length: {length}\r\n");
        exchange(address, &format!("POST / HTTP/1.1\r\n{headers}{target}\r\n{body}")).await
    };
    let table = r#"{"TableName": "films", "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}}"#;
    assert!(ask("CreateTable", table.to_owned()).await.starts_with("HTTP/1.1 200"));
    // It takes the table minutes to make up for this one.
    let title = "x".repeat(390_000);
    let put =
        format!(r#"{{"TableName": "films", "Item": {{"id": {{"S": "1"}}, "title": {{"S": "{title}"}}}}}}"#);
    assert!(ask("PutItem", put.clone()).await.starts_with("HTTP/1.1 200"));
    let refused = ask("PutItem", put).await;
    assert!(refused.contains("ProvisionedThroughputExceededException"), "{refused}");
}

#[cfg(unix)]
#[tokio::test]
async fn the_binary_says_when_it_is_ready_and_stops_on_sigterm() {
    let (mut process, address) = MockAwsProcess::serve(&["--identity", "AKIAALICE:a/secret:111122223333"]);
    let answer = exchange(address, &format!("GET / HTTP/1.1\r\n{}\r\n", signed(address, "s3"))).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let sent = |method: &str, key: &str| {
        let headers = signed(address, "s3").replace("any/", &format!("{key}/"));
        format!("{method} /films HTTP/1.1\r\n{headers}Content-Length: 0\r\n\r\n")
    };
    assert!(exchange(address, &sent("PUT", "AKIAALICE")).await.starts_with("HTTP/1.1 200"));
    assert!(exchange(address, &sent("GET", "111122223333")).await.starts_with("HTTP/1.1 200"));
    let asked = Command::new("kill").args(["-TERM", &process.0.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert_eq!(process.0.wait().unwrap().code(), Some(0));
}

#[tokio::test]
async fn the_binary_verifies_signatures_when_it_is_told_to() {
    let (_process, address) = MockAwsProcess::serve(&["--strict", "--identity", "AKIA:secret:111122223333"]);
    // What is missing is told in the order of S3: the hash of the body, then the time.
    for (more, status, code, message) in [
        ("", 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256"),
        (
            "x-amz-content-sha256: UNSIGNED-PAYLOAD\r\n",
            403,
            "AccessDenied",
            "AWS authentication requires a valid Date or x-amz-date header",
        ),
    ] {
        let request = format!("GET / HTTP/1.1\r\n{more}{}\r\n", signed(address, "s3"));
        let refused = exchange(address, &request).await;
        assert!(refused.starts_with(&format!("HTTP/1.1 {status}")), "{refused}");
        assert!(refused.contains(&format!("<Code>{code}</Code><Message>{message}</Message>")), "{refused}");
    }
}

#[tokio::test]
async fn an_object_is_written_with_its_length_and_a_bucket_without() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    let put = |target: &str| format!("PUT {target} HTTP/1.1\r\n{}\r\n", signed(address, "s3"));
    let created = exchange(address, &put("/films")).await;
    assert!(created.starts_with("HTTP/1.1 200"), "{created}");
    for target in ["/films/a", "/films/a?x-id=PutObject"] {
        let refused = exchange(address, &put(target)).await;
        assert!(refused.starts_with("HTTP/1.1 411"), "{refused}");
        assert!(refused.contains("<Code>MissingContentLength</Code>"), "{refused}");
    }
    let empty = put("/films/a").replace("Host:", "Content-Length: 0\r\nHost:");
    let stored = exchange(address, &empty).await;
    assert!(stored.starts_with("HTTP/1.1 200"), "{stored}");
    let acl = put("/films/a?acl").replace("Host:", "x-amz-acl: bucket-owner-full-control\r\nHost:");
    let kept = exchange(address, &acl).await;
    assert!(!kept.starts_with("HTTP/1.1 411"), "{kept}");
    server.shutdown().await;
}

#[tokio::test]
async fn a_signature_that_names_nobody_is_refused_and_none_at_all_is_nobodys() {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let address = server.local_addr();
    for (authorization, status, code, message) in [
        // Nobody makes a bucket.
        ("", 403, "AccessDenied", "Anonymous users cannot invoke this API. Please authenticate."),
        (
            "HAHAHA",
            400,
            "InvalidArgument",
            "Authorization header is invalid -- one and only one ' ' (space) required",
        ),
        (
            "AWS HAHAHA",
            400,
            "InvalidArgument",
            "AWS authorization header is invalid.  Expected AwsAccessKeyId:signature",
        ),
        ("Bearer HAHAHA", 400, "InvalidArgument", "Unsupported Authorization Type"),
        (
            "AWS4-HMAC-SHA256 HAHAHA",
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the authorization component \"HAHAHA\" is malformed.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=HAHAHA",
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the authorization header requires three components: \
             Credential, SignedHeaders, and Signature.",
        ),
        (
            "AWS4-HMAC-SHA256 Credential=k/d/r/s3/aws4_request,Signature=0,Extra=1",
            400,
            "AuthorizationHeaderMalformed",
            "The authorization header is malformed; missing SignedHeaders.",
        ),
    ] {
        let request = format!(
            "PUT /films HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nAuthorization: {authorization}\r\n\
             x-amz-date: 20261122T000000Z\r\nContent-Length: 0\r\n\r\n"
        );
        let refused = exchange(address, &request).await;
        assert!(refused.starts_with(&format!("HTTP/1.1 {status}")), "{authorization}: {refused}");
        assert!(refused.contains(&format!("<Code>{code}</Code><Message>{message}</Message>")), "{refused}");
    }
    server.shutdown().await;
}
