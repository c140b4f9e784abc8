//! Who signs: clocks that are wrong, credentials that expire, and the schemes that models name.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::provider::error::TokenError;
use aws_credential_types::provider::token::{ProvideToken, SharedTokenProvider};
use aws_credential_types::provider::{self, ProvideCredentials, SharedCredentialsProvider};
use aws_credential_types::{Credentials, Token};
use aws_smithy_async::time::TimeSource as _;
use serde_json::json;
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::clock::Clock;
use crate::scripted::{Asked, Scripted};

fn signed_at(asked: &Asked) -> &str {
    asked.header("x-amz-date").unwrap()
}

fn signed_with(asked: &Asked) -> &str {
    let signed = asked.header("authorization").unwrap();
    signed.split_once("Credential=").unwrap().1.split_once('/').unwrap().0
}

#[tokio::test]
async fn a_clock_that_is_an_hour_slow_is_set_by_the_service() -> TestResult {
    let clock = Clock::at_noon();
    let date = [("date", "Fri, 01 May 2026 13:00:00 GMT")];
    let too_late = r#"{"__type":"InvalidSignatureException","message":"Signature expired"}"#;
    let session = Scripted::new().with(|sdk_config| clock.rules(sdk_config));
    let session = session.answer_with(403, &date, too_late).answer_with(200, &date, "{}").answer(200, "{}");
    let kms = session.client("kms").await?;
    assert_eq!(kms.call("ListKeys", json!({})).await?.attempts(), 2);
    kms.call("ListKeys", json!({})).await?;
    let asked = session.asked();
    assert_eq!(signed_at(&asked[0]), "20260501T120000Z");
    for later in &asked[1..] {
        // Half of what an answer takes is not counted.
        assert!(signed_at(later) > "20260501T125900Z", "{}", signed_at(later));
    }
    Ok(())
}

#[tokio::test]
async fn a_wrong_signature_at_the_right_time_is_told_at_once() -> TestResult {
    let clock = Clock::at_noon();
    let date = [("date", "Fri, 01 May 2026 12:00:01 GMT")];
    let wrong = "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error></ErrorResponse>";
    let session = Scripted::new().with(|sdk_config| clock.rules(sdk_config)).answer_with(403, &date, wrong);
    let error = session.client("sts").await?.call("GetCallerIdentity", json!({})).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::AccessDenied, Some("SignatureDoesNotMatch")));
    assert_eq!(session.asked().len(), 1);
    Ok(())
}

/// Hands out `AKID1`, `AKID2` and so on, each good for a quarter of an hour.
#[derive(Clone, Debug)]
struct Rotating {
    clock: Clock,
    handed_out: Arc<AtomicUsize>,
}

impl ProvideCredentials for Rotating {
    fn provide_credentials<'a>(&'a self) -> provider::future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        let number = self.handed_out.fetch_add(1, Ordering::SeqCst) + 1;
        let good_until = self.clock.now() + Duration::from_secs(15 * 60);
        let key = format!("AKID{number}");
        provider::future::ProvideCredentials::ready(Ok(Credentials::new(
            key,
            "SECRET",
            Some(format!("TOKEN{number}")),
            Some(good_until),
            "rotating",
        )))
    }
}

#[tokio::test]
async fn credentials_that_expired_are_fetched_once_and_sign_from_then_on() -> TestResult {
    let clock = Clock::at_noon();
    let rotating = Rotating { clock: clock.clone(), handed_out: Arc::default() };
    let provider = SharedCredentialsProvider::new(rotating.clone());
    let session = Scripted::new().with(|sdk_config| clock.rules(sdk_config).credentials_provider(provider));
    let session = (0..4).fold(session, |session, _| session.answer(200, "{}"));
    let kms = session.client("kms").await?;
    for pause in [0, 60, 20 * 60, 60] {
        clock.passes(Duration::from_secs(pause));
        kms.call("ListKeys", json!({})).await?;
    }
    let asked = session.asked();
    assert_eq!(asked.iter().map(signed_with).collect::<Vec<_>>(), ["AKID1", "AKID1", "AKID2", "AKID2"]);
    assert_eq!(asked[2].header("x-amz-security-token"), Some("TOKEN2"));
    assert_eq!(rotating.handed_out.load(Ordering::SeqCst), 2);
    Ok(())
}

#[tokio::test]
async fn credentials_that_expire_between_two_attempts_do_not_sign_the_second() -> TestResult {
    let clock = Clock::at_noon();
    let rotating = Rotating { clock: clock.clone(), handed_out: Arc::default() };
    let provider = SharedCredentialsProvider::new(rotating.clone());
    let session = Scripted::new().with(|sdk_config| clock.rules(sdk_config).credentials_provider(provider));
    let session = session.answer(500, "{}").answer(200, "{}");
    let kms = session.client("kms").await?;
    let hook = Passes(clock.clone());
    kms.operation("ListKeys")?.interceptor(hook).send().await?;
    let asked = session.asked();
    assert_eq!(asked.iter().map(signed_with).collect::<Vec<_>>(), ["AKID1", "AKID2"]);
    assert!(signed_at(&asked[1]) > signed_at(&asked[0]));
    Ok(())
}

/// An hour passes after each attempt.
#[derive(Debug)]
struct Passes(Clock);

#[aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint]
impl aws_smithy_runtime_api::client::interceptors::Intercept for Passes {
    fn name(&self) -> &'static str {
        "Passes"
    }

    fn read_after_attempt(
        &self,
        _: &aws_smithy_runtime_api::client::interceptors::context::FinalizerInterceptorContextRef<'_>,
        _: &aws_smithy_runtime_api::client::runtime_components::RuntimeComponents,
        _: &mut aws_smithy_types::config_bag::ConfigBag,
    ) -> Result<(), aws_smithy_runtime_api::box_error::BoxError> {
        self.0.passes(Duration::from_secs(3600));
        Ok(())
    }
}

#[tokio::test]
async fn what_the_model_says_needs_no_signature_has_none() -> TestResult {
    let assumed = "<AssumeRoleWithWebIdentityResponse><AssumeRoleWithWebIdentityResult/></AssumeRoleWithWebIdentityResponse>";
    let session = Scripted::new().answer(200, assumed).answer(200, "{}").answer(200, "{}");
    let role = json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "session", "WebIdentityToken": "token"});
    session.client("sts").await?.call("AssumeRoleWithWebIdentity", role).await?;
    let cognito = session.client("cognito-identity").await?;
    cognito.call("GetId", json!({"IdentityPoolId": "eu-west-1:pool"})).await?;
    cognito.call("ListIdentityPools", json!({"MaxResults": 1})).await?;
    let signed: Vec<_> =
        session.asked().iter().map(|asked| asked.header("authorization").is_some()).collect();
    assert_eq!(signed, [false, false, true]);
    Ok(())
}

#[tokio::test]
async fn a_service_that_takes_them_signs_for_all_regions() -> TestResult {
    let session = Scripted::new().answer(200, "{}");
    let partners = session.client("partnercentral-channel").region_name("us-east-1").await?;
    partners
        .call(
            "ListRelationships",
            json!({"catalog": "AWS", "programManagementAccountIdentifiers": ["pma-1"]}),
        )
        .await?;
    let asked = &session.asked()[0];
    let signed = asked.header("authorization").unwrap();
    assert!(signed.starts_with("AWS4-ECDSA-P256-SHA256 Credential=AKID/"), "{signed}");
    assert!(signed.contains("x-amz-region-set"), "{signed}");
    assert_eq!(asked.header("x-amz-region-set"), Some("*"));
    Ok(())
}

#[tokio::test]
async fn an_access_point_of_many_regions_is_signed_for_all_of_them() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let s3 = session.client("s3").await?;
    s3.call("HeadBucket", json!({"Bucket": "arn:aws:s3::123456789012:accesspoint/mfzwi23gnjvgw.mrap"}))
        .await?;
    let asked = &session.asked()[0];
    assert_eq!(asked.uri, "https://mfzwi23gnjvgw.mrap.accesspoint.s3-global.amazonaws.com/");
    assert!(asked.header("authorization").unwrap().starts_with("AWS4-ECDSA-P256-SHA256 "), "{asked:?}");
    assert_eq!(asked.header("x-amz-region-set"), Some("*"));
    Ok(())
}

#[tokio::test]
async fn a_bearer_token_of_the_session_goes_where_the_model_wants_one() -> TestResult {
    let session = Scripted::new()
        .with(|sdk_config| sdk_config.token_provider(SharedTokenProvider::new(Token::new("t0ken", None))));
    let session = session.answer(200, r#"{"items":[]}"#);
    session.client("codecatalyst").await?.call("ListSpaces", json!({})).await?;
    assert_eq!(session.asked()[0].header("authorization"), Some("Bearer t0ken"));
    Ok(())
}

/// Nobody has logged in.
#[derive(Debug)]
struct LoggedOut;

impl ProvideToken for LoggedOut {
    fn provide_token<'a>(&'a self) -> provider::future::ProvideToken<'a>
    where
        Self: 'a,
    {
        provider::future::ProvideToken::ready(Err(TokenError::not_loaded("nobody has logged in")))
    }
}

#[tokio::test]
async fn a_session_without_a_token_says_what_to_do() -> TestResult {
    let without = Scripted::new();
    let logged_out =
        Scripted::new().with(|sdk_config| sdk_config.token_provider(SharedTokenProvider::new(LoggedOut)));
    for (session, told) in
        [(without, "sdk_config with a token_provider"), (logged_out, "log in to the sso_session")]
    {
        let spaces = session.client("codecatalyst").await?;
        let error = spaces.call("ListSpaces", json!({})).await.unwrap_err();
        assert_eq!((error.kind(), error.operation()), (ErrorKind::NoCredentials, Some("ListSpaces")));
        assert!(error.to_string().contains(told), "{error}");
        assert!(session.asked().is_empty() && !error.is_retryable());
    }
    Ok(())
}

#[tokio::test]
async fn a_service_that_takes_either_is_signed_where_there_is_no_token() -> TestResult {
    let session = Scripted::new().answer(200, r#"{"modelSummaries":[]}"#);
    session.client("bedrock").await?.call("ListFoundationModels", json!({})).await?;
    assert_eq!(signed_with(&session.asked()[0]), "AKID");
    Ok(())
}
