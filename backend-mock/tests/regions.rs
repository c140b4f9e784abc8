//! Names of endpoints and the regions that requests are signed for.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use backend_mock::MockAws;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// Sends a request to a cloud that has the bucket `films` in eu-west-1, and returns the answer.
async fn ask(method: &str, target: &str, host: &str, signed_for: Option<&str>) -> String {
    let aws = MockAws::new();
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    let ireland = aws_sdk_s3::types::BucketLocationConstraint::EuWest1;
    let configuration =
        aws_sdk_s3::types::CreateBucketConfiguration::builder().location_constraint(ireland).build();
    s3.create_bucket().bucket("films").create_bucket_configuration(configuration).send().await.unwrap();
    let authorization = signed_for.map_or_else(String::new, |region| {
        format!(
            "Authorization: AWS4-HMAC-SHA256 Credential=any/20261122/{region}/s3/aws4_request, SignedHeaders=host, \
             Signature=0\r\n"
        )
    });
    let head =
        format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{authorization}\r\n");
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

const HEADER: &str = "x-amz-bucket-region: eu-west-1\r\n";

#[tokio::test]
async fn a_regional_endpoint_wants_its_own_region_in_the_signature() {
    let wrong = ask("GET", "/films", "s3.eu-west-1.amazonaws.com", Some("us-east-1")).await;
    assert!(wrong.starts_with("HTTP/1.1 400") && wrong.contains(HEADER), "{wrong}");
    assert!(wrong.contains(
        "<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region \
         'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region>"
    ));
    let head = ask("HEAD", "/films", "s3.dualstack.eu-west-1.amazonaws.com", Some("us-east-1")).await;
    assert!(
        head.starts_with("HTTP/1.1 400") && head.contains(HEADER) && head.ends_with("\r\n\r\n"),
        "{head}"
    );
    let right = ask("GET", "/films", "s3.eu-west-1.amazonaws.com", Some("eu-west-1")).await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    let local = ask("GET", "/", "films.s3.eu-west-1.localhost:4566", Some("us-east-1")).await;
    assert!(local.contains("<Code>AuthorizationHeaderMalformed</Code>"), "{local}");
}

#[tokio::test]
async fn a_bucket_in_another_region_is_redirected() {
    for (target, host) in [
        ("/films", "s3.us-east-1.amazonaws.com"),
        ("/films", "s3.amazonaws.com"),
        ("/", "films.s3.us-east-1.amazonaws.com"),
        ("/films", "127.0.0.1"),
        ("/", "films.localhost"),
    ] {
        let moved = ask("GET", target, host, Some("us-east-1")).await;
        assert!(moved.starts_with("HTTP/1.1 301") && moved.contains(HEADER), "{host}: {moved}");
        assert!(moved.contains(
            "<Code>PermanentRedirect</Code><Message>The bucket you are attempting to access must be addressed using \
             the specified endpoint. Please send all future requests to this endpoint.</Message>\
             <Endpoint>films.s3.eu-west-1.amazonaws.com</Endpoint><Bucket>films</Bucket>"
        ));
        let head = ask("HEAD", target, host, Some("us-east-1")).await;
        assert!(
            head.starts_with("HTTP/1.1 301") && head.contains(HEADER) && head.ends_with("\r\n\r\n"),
            "{head}"
        );
    }
}

#[tokio::test]
async fn the_global_name_of_a_bucket_leads_to_its_region() {
    let right = ask("GET", "/", "films.s3.amazonaws.com", Some("eu-west-1")).await;
    assert!(right.starts_with("HTTP/1.1 200"), "{right}");
    let wrong = ask("GET", "/", "films.s3.amazonaws.com", Some("us-east-1")).await;
    assert!(wrong.contains("the region 'us-east-1' is wrong; expecting 'eu-west-1'"), "{wrong}");
    let query = "/?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=any%2F20261122%2Fus-east-1%2Fs3%2Faws4_request\
                 &X-Amz-Date=20261122T000000Z&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature=0";
    let presigned = ask("GET", query, "films.s3.amazonaws.com", None).await;
    assert!(presigned.contains(
        "<Code>AuthorizationQueryParametersError</Code><Message>Error parsing the X-Amz-Credential parameter; the \
         region 'us-east-1' is wrong; expecting 'eu-west-1'</Message>"
    ));
}

#[tokio::test]
async fn a_request_without_a_region_at_a_local_name_reaches_the_bucket_wherever_it_is() {
    for (target, host) in [("/films", "127.0.0.1"), ("/", "films.localhost"), ("/films", "localhost:4566")] {
        let anonymous = ask("GET", target, host, None).await;
        assert!(anonymous.starts_with("HTTP/1.1 403"), "{host}: {anonymous}");
    }
}
