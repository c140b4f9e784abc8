//! A role that a session assumes in code: what STS is asked, how often, and what becomes of a refusal. Nothing here reads
//! the environment.

use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use aws_smithy_async::time::TimeSource;
use aws_types::SdkConfig;
use aws_types::region::Region;
use backend_aws::{AssumeRole, AwsSession, AwsSessionBuilder};
use session_core::{Error, ErrorKind, Origin, Session, SessionExt, service};

use crate::ROLE;
use crate::fakes::Fakes;

service!(S3 = "s3", aws_sdk_s3);

/// The first day of the year 2030.
const START: u64 = 1_893_456_000;

#[derive(Clone, Debug)]
struct Clock(Arc<Mutex<SystemTime>>);

impl TimeSource for Clock {
    fn now(&self) -> SystemTime {
        *self.0.lock().unwrap()
    }
}

impl Clock {
    fn new() -> Self {
        let clock = Self(Arc::new(Mutex::new(SystemTime::UNIX_EPOCH)));
        clock.set(0);
        clock
    }

    fn set(&self, seconds: u64) {
        *self.0.lock().unwrap() = SystemTime::UNIX_EPOCH + Duration::from_secs(START + seconds);
    }
}

fn bare(fakes: &Fakes, clock: &Clock) -> AwsSessionBuilder {
    let base = SdkConfig::builder().region(Region::new("eu-west-1")).time_source(clock.clone()).build();
    AwsSession::builder().sdk_config(base).endpoint_url(&*fakes.url)
}

fn builder(fakes: &Fakes, clock: &Clock) -> AwsSessionBuilder {
    bare(fakes, clock)
        .aws_access_key_id("BASE")
        .aws_secret_access_key("hunter2")
        .aws_account_id("999999999999")
}

async fn id(session: &AwsSession) -> String {
    session.credentials().await.unwrap().unwrap().access_key_id().to_owned()
}

#[tokio::test]
async fn sts_is_asked_with_all_that_was_said() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    let role = AssumeRole::new(ROLE)
        .role_session_name("nightly")
        .external_id("ours")
        .duration(Duration::from_secs(900))
        .policy("{\"Version\": \"2012-10-17\"}")
        .policy_arns(["arn:aws:iam::aws:policy/ReadOnlyAccess"])
        .tags([("team", "red & blue")]);
    let session = builder(&fakes, &clock).assume_role(role).build().await.unwrap();
    let account = session.config().account_id().unwrap();
    assert_eq!((account.value.as_str(), &account.origin), ("123456789012", &Origin::Credentials));
    assert!(fakes.asked("AssumeRole").is_empty());

    session.client(S3).await.unwrap().list_buckets().send().await.unwrap();
    let asked = &fakes.asked("AssumeRole")[0];
    for (field, value) in [
        ("RoleArn", ROLE),
        ("RoleSessionName", "nightly"),
        ("ExternalId", "ours"),
        ("DurationSeconds", "900"),
        ("Policy", "{\"Version\": \"2012-10-17\"}"),
        ("PolicyArns.member.1.arn", "arn:aws:iam::aws:policy/ReadOnlyAccess"),
        ("Tags.member.1.Key", "team"),
        ("Tags.member.1.Value", "red & blue"),
    ] {
        assert_eq!(asked.field(field).as_deref(), Some(value), "{field} of {}", asked.body);
    }
    assert_eq!(asked.signer(), "BASE");
    assert!(asked.header("authorization").contains("/eu-west-1/sts/"));
    assert_eq!(fakes.asked("/?x-id=ListBuckets")[0].signer(), "READER");
}

#[tokio::test]
async fn a_role_beyond_the_limits_of_sts_fails_at_build() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    for (role, words) in [
        (AssumeRole::new("reader"), ["role_arn", "`reader`", "arn:<partition>"]),
        (AssumeRole::new(ROLE).duration(Duration::from_secs(60)), ["duration", "`60 s`", "900 s to 43200 s"]),
        (AssumeRole::new(ROLE).role_session_name("a b"), ["role_session_name", "`a b`", "2 to 64"]),
        (AssumeRole::new(ROLE).external_id("x"), ["external_id", "`x`", "2 to 1224"]),
    ] {
        let error = builder(&fakes, &clock).assume_role(role).build().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        for word in words {
            assert!(error.to_string().contains(word), "{word} in {error}");
        }
    }
    let error = bare(&fakes, &clock).assume_role(ROLE).build().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("assume_role needs credentials"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn fifty_requests_with_expired_credentials_assume_the_role_once() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    fakes.set(|answers| {
        answers.expirations = vec!["2030-01-01T01:00:00Z".into(), "2030-01-01T03:00:00Z".into()];
    });
    let session = builder(&fakes, &clock).assume_role(ROLE).build().await.unwrap();
    for time in [0, 2_000, 7_200, 8_000] {
        clock.set(time);
        let mut requests = tokio::task::JoinSet::new();
        for number in 0..50 {
            let session = session.clone();
            requests.spawn(async move {
                match number % 2 {
                    0 => drop(id(&session).await),
                    _ => drop(session.client(S3).await.unwrap().list_buckets().send().await.unwrap()),
                }
            });
        }
        requests.join_all().await;
        let expected = if time < 7_200 { 1 } else { 2 };
        assert_eq!(fakes.asked("AssumeRole").len(), expected, "after {time} s");
    }
}

#[tokio::test]
async fn a_refused_refresh_keeps_the_role_while_its_credentials_are_valid() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    fakes.set(|answers| answers.expirations = vec!["2030-01-01T01:00:00Z".into()]);
    let session = builder(&fakes, &clock).assume_role(ROLE).build().await.unwrap();
    assert_eq!(id(&session).await, "READER");
    let denied =
        "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not you</Message></Error></ErrorResponse>";
    fakes.answer("AssumeRole", 403, denied);
    clock.set(3_500);
    assert_eq!(id(&session).await, "READER");
    assert_eq!(fakes.asked("AssumeRole").len(), 2);

    clock.set(3_600);
    let s3 = session.client(S3).await.unwrap();
    let error = Error::from(s3.list_buckets().send().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    let error = session.credentials().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    let printed = format!("{error:?}");
    assert!(printed.contains("AccessDenied") && printed.contains("not you"), "{printed}");
    assert!(!printed.contains("hunter2") && !printed.contains("tok3n"), "{printed}");
}

#[tokio::test]
async fn a_client_with_keys_of_its_own_does_not_act_as_the_role() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    let session = builder(&fakes, &clock).assume_role(ROLE).build().await.unwrap();
    let s3 = session.client(S3).aws_access_key_id("CLIENT").aws_secret_access_key("hunter2").await.unwrap();
    s3.list_buckets().send().await.unwrap();
    assert_eq!(fakes.asked("/?x-id=ListBuckets")[0].signer(), "CLIENT");
    assert!(fakes.asked("AssumeRole").is_empty());
}

#[tokio::test]
async fn a_session_with_a_role_prints_no_secret() {
    let (fakes, clock) = (Fakes::start(), Clock::new());
    let role = builder(&fakes, &clock).assume_role(ROLE);
    let printed = format!("{role:?}");
    let session = role.build().await.unwrap();
    let credentials = session.credentials().await.unwrap().unwrap();
    let connection = session.connect(&"s3".parse().unwrap(), Default::default()).await.unwrap();
    let printed =
        format!("{printed} {session:?} {credentials:?} {connection:?} {:?}", connection.sdk_config());
    assert!(printed.contains("AssumeRoleProvider") && printed.contains("2100-01-01"), "{printed}");
    assert!(!printed.contains("hunter2") && !printed.contains("tok3n"), "{printed}");
}
