//! STS as a client on the wire sees it: exact requests and answers.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use backend_mock::MockAws;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

const FORM: &str = "application/x-www-form-urlencoded; charset=utf-8";

/// An answer in parts: the status, the request id of its headers, the body.
struct Answer {
    status: u16,
    request_id: String,
    body: String,
}

/// Sends a request to a cloud of its own. `scope` is key, date, region and service, or nothing.
async fn ask(method: &str, target: &str, scope: Option<&str>, body: &str) -> Answer {
    let server = MockAws::new().serve("127.0.0.1:0").await.unwrap();
    let authorization = scope.map_or_else(String::new, |scope| {
        format!("Authorization: AWS4-HMAC-SHA256 Credential={scope}/aws4_request, Signature=0\r\n")
    });
    let request = format!(
        "{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{authorization}Content-Type: {FORM}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        server.local_addr(),
        body.len()
    );
    let mut stream = TcpStream::connect(server.local_addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("\r\ncontent-type: text/xml\r\n"), "{head}");
    let request_id = head.lines().find_map(|line| line.strip_prefix("x-amzn-requestid: ")).unwrap();
    Answer {
        status: head.split(' ').nth(1).unwrap().parse().unwrap(),
        request_id: request_id.to_owned(),
        body: body.to_owned(),
    }
}

fn identity(account: &str, user_id: &str, partition: &str, request_id: &str) -> String {
    format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\">\
         <GetCallerIdentityResult><UserId>{user_id}</UserId><Account>{account}</Account>\
         <Arn>arn:{partition}:iam::{account}:user/mock-aws</Arn></GetCallerIdentityResult>\
         <ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></GetCallerIdentityResponse>"
    )
}

fn refusal(code: &str, message: &str, request_id: &str) -> String {
    format!(
        "<ErrorResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><Error><Type>Sender</Type>\
         <Code>{code}</Code><Message>{message}</Message></Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )
}

const GET_CALLER_IDENTITY: &str = "Action=GetCallerIdentity&Version=2011-06-15";

#[tokio::test]
async fn the_caller_is_the_user_of_the_account_that_the_key_belongs_to() {
    let answer = ask("POST", "/", Some("any/20261122/eu-west-1/sts"), GET_CALLER_IDENTITY).await;
    let expected = identity("123456789012", "AIDAMOCKABCDEFGHIJABC", "aws", &answer.request_id);
    assert_eq!((answer.status, answer.body), (200, expected));
    assert_eq!(answer.request_id.len(), 36);

    let answer = ask("POST", "/", Some("222222222222/20261122/cn-north-1/sts"), GET_CALLER_IDENTITY).await;
    let expected = identity("222222222222", "AIDAMOCKACCCCCCCCCCCC", "aws-cn", &answer.request_id);
    assert_eq!((answer.status, answer.body), (200, expected));
}

#[tokio::test]
async fn a_presigned_request_has_its_parameters_in_the_url() {
    let target = format!(
        "/?{GET_CALLER_IDENTITY}&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0\
         &X-Amz-Credential=any%2F20261122%2Fus-east-1%2Fsts%2Faws4_request"
    );
    let answer = ask("GET", &target, None, "").await;
    let expected = identity("123456789012", "AIDAMOCKABCDEFGHIJABC", "aws", &answer.request_id);
    assert_eq!((answer.status, answer.body), (200, expected));
}

#[tokio::test]
async fn nobody_is_refused() {
    let answer = ask("POST", "/", None, GET_CALLER_IDENTITY).await;
    let message = "Request is missing Authentication Token";
    let expected = refusal("MissingAuthenticationToken", message, &answer.request_id);
    assert_eq!((answer.status, answer.body), (403, expected));
}

#[tokio::test]
async fn other_operations_are_refused_by_name() {
    let scope = Some("any/20261122/us-east-1/sts");
    let token =
        "Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=r&RoleSessionName=s&WebIdentityToken=t";
    for (scope, form, operation) in [
        (scope, "Action=GetSessionToken&Version=2011-06-15", "GetSessionToken"),
        // Which nobody signs, on AWS too.
        (None, token, "AssumeRoleWithWebIdentity"),
    ] {
        let answer = ask("POST", "/", scope, form).await;
        let message = format!("The in-memory STS does not implement the operation {operation}");
        let expected = refusal("NotImplemented", &message, &answer.request_id);
        assert_eq!((answer.status, answer.body), (501, expected));
    }
    let answer = ask("POST", "/", scope, "Action=GetNothing&Version=2011-06-15").await;
    let message = "Could not find operation GetNothing for version 2011-06-15";
    let expected = refusal("InvalidAction", message, &answer.request_id);
    assert_eq!((answer.status, answer.body), (400, expected));

    let answer = ask("POST", "/", scope, "Action=AssumeRole&Version=2011-06-15&RoleArn=r").await;
    let message = "1 validation error detected: Value null at &apos;roleSessionName&apos; failed to satisfy \
                   constraint: Member must not be null";
    let expected = refusal("ValidationError", message, &answer.request_id);
    assert_eq!((answer.status, answer.body), (400, expected));
}

#[tokio::test]
async fn a_request_that_is_too_large_is_refused_unread() {
    let form = format!("{GET_CALLER_IDENTITY}&Padding={}", "x".repeat(1 << 20));
    let answer = ask("POST", "/", Some("any/20261122/us-east-1/sts"), &form).await;
    assert_eq!(answer.status, 413);
    assert!(answer.body.contains("<Code>MalformedInput</Code>"), "{}", answer.body);
}
