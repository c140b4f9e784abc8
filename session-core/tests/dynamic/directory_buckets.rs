//! Directory buckets: requests signed by the credentials of a session.

use serde_json::json;
use session_core::{ClientConfig, ErrorKind, SessionExt};

use crate::TestResult;
use crate::presigned::HOUR;
use crate::scripted::Scripted;

const BUCKET: &str = "films--euw1-az1--x-s3";
const ORIGIN: &str = "https://films--euw1-az1--x-s3.s3express-euw1-az1.eu-west-1.amazonaws.com";
/// Far in the future.
const SESSION: &str = "<CreateSessionResult><Credentials><AccessKeyId>SESSIONKEY</AccessKeyId>\
    <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
    <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>";
/// Long ago.
const ENDED: &str = "<CreateSessionResult><Credentials><AccessKeyId>SESSIONKEY</AccessKeyId>\
    <SecretAccessKey>secret</SecretAccessKey><SessionToken>token</SessionToken>\
    <Expiration>2001-01-01T00:00:00Z</Expiration></Credentials></CreateSessionResult>";

#[tokio::test]
async fn a_session_is_made_once_and_signs() -> TestResult {
    let session = Scripted::new().answer(200, SESSION).answer(200, "").answer(200, "");
    let s3 = session.client("s3").await?;
    for _ in 0..2 {
        s3.call("HeadObject", json!({"Bucket": BUCKET, "Key": "a"})).await?;
    }
    let asked = session.asked();
    assert_eq!((asked.len(), asked[0].method.as_str()), (3, "GET"));
    assert_eq!(asked[0].uri, format!("{ORIGIN}/?session"));
    let authorization = asked[0].header("authorization").unwrap();
    assert!(authorization.contains("Credential=AKID/"), "{authorization}");
    assert!(authorization.contains("/eu-west-1/s3express/aws4_request"), "{authorization}");
    for asked in &asked[1..] {
        assert_eq!(asked.uri, format!("{ORIGIN}/a"));
        assert_eq!(asked.header("x-amz-s3session-token"), Some("token"));
        assert_eq!(asked.header("x-amz-security-token"), None);
        let authorization = asked.header("authorization").unwrap();
        assert!(authorization.contains("Credential=SESSIONKEY/"), "{authorization}");
        assert!(authorization.contains("/eu-west-1/s3express/aws4_request"), "{authorization}");
        assert!(authorization.contains("x-amz-s3session-token"), "{authorization}");
    }
    Ok(())
}

#[tokio::test]
async fn a_session_that_has_ended_is_made_anew() -> TestResult {
    let session = Scripted::new().answer(200, ENDED).answer(200, "").answer(200, SESSION).answer(200, "");
    let s3 = session.client("s3").await?;
    for _ in 0..2 {
        s3.call("HeadObject", json!({"Bucket": BUCKET, "Key": "a"})).await?;
    }
    let made = session.asked().iter().filter(|asked| asked.uri.ends_with("?session")).count();
    assert_eq!((made, session.asked().len()), (2, 4));
    Ok(())
}

#[tokio::test]
async fn without_sessions_the_credentials_sign_themselves() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let config = ClientConfig::builder().s3_disable_express_session_auth(true);
    let s3 = session.client("s3").config(config).await?;
    s3.call("HeadObject", json!({"Bucket": BUCKET, "Key": "a"})).await?;
    let asked = &session.asked()[0];
    assert!(asked.header("authorization").unwrap().contains("Credential=AKID/"), "{asked:?}");
    assert_eq!(asked.header("x-amz-s3session-token"), None);
    Ok(())
}

#[tokio::test]
async fn a_presigned_request_has_the_session_in_its_url() -> TestResult {
    let session = Scripted::new().answer(200, SESSION);
    let s3 = session.client("s3").await?;
    let film = json!({"Bucket": BUCKET, "Key": "a"});
    let request = s3.operation("GetObject")?.input(film).presigned(HOUR).await?;
    assert!(request.url().contains("X-Amz-S3session-Token=token"), "{}", request.url());
    assert!(!request.url().contains("X-Amz-Security-Token"), "{}", request.url());
    Ok(())
}

#[tokio::test]
async fn a_session_that_is_refused_is_told() -> TestResult {
    let denied = "<Error><Code>AccessDenied</Code><Message>no</Message></Error>";
    let session = Scripted::new().answer(403, denied);
    let s3 = session.client("s3").await?;
    let error = s3.call("HeadObject", json!({"Bucket": BUCKET, "Key": "a"})).await.unwrap_err();
    assert_eq!(error.operation(), Some("HeadObject"));
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    let told = format!("{error:?}");
    assert!(told.contains("CreateSession") && told.contains("AccessDenied"), "{told}");
    assert_eq!(session.asked().len(), 1);
    Ok(())
}
