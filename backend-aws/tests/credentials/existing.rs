//! The provider of an SDK configuration that a session starts from: how often it is asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_types::SdkConfig;
use aws_types::region::Region;
use backend_aws::AwsSession;
use session_core::{Session, SessionExt, service};

use crate::fakes::Fakes;

service!(S3 = "s3", aws_sdk_s3);

#[derive(Clone, Debug, Default)]
struct Counted(Arc<AtomicUsize>);

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        self.0.fetch_add(1, Ordering::SeqCst);
        let expiry = SystemTime::now() + Duration::from_secs(3_600);
        future::ProvideCredentials::ready(Ok(Credentials::new(
            "COUNTED",
            "hunter2",
            None,
            expiry.into(),
            "test",
        )))
    }
}

impl Counted {
    fn configuration(&self) -> aws_types::sdk_config::Builder {
        let provider = SharedCredentialsProvider::new(self.clone());
        SdkConfig::builder().region(Region::new("eu-west-1")).credentials_provider(provider)
    }

    fn times(&self) -> usize {
        self.0.load(Ordering::SeqCst)
    }
}

async fn sign(session: &AwsSession) {
    session.client(S3).await.unwrap().list_buckets().send().await.unwrap();
}

#[tokio::test]
async fn what_is_shown_is_what_signs_and_is_asked_for_once() {
    let (fakes, counted) = (Fakes::start(), Counted::default());
    let base = counted.configuration().build();
    let session = AwsSession::builder().sdk_config(base).endpoint_url(&*fakes.url).build().await.unwrap();
    assert_eq!(counted.times(), 0);
    for _ in 0..3 {
        assert_eq!(session.credentials().await.unwrap().unwrap().access_key_id(), "COUNTED");
        sign(&session).await;
    }
    assert_eq!(counted.times(), 1);
}

#[tokio::test]
async fn sessions_from_one_configuration_with_an_identity_cache_share_what_it_holds() {
    let (fakes, counted) = (Fakes::start(), Counted::default());
    let base = counted.configuration().identity_cache(IdentityCache::lazy().build()).build();
    let session = || AwsSession::builder().sdk_config(base.clone()).endpoint_url(&*fakes.url).build();
    for _ in 0..3 {
        sign(&session().await.unwrap()).await;
    }
    assert_eq!(counted.times(), 1);
    // That cache cannot be looked into: the session asks once for itself.
    let session = session().await.unwrap();
    for _ in 0..3 {
        session.credentials().await.unwrap().unwrap();
    }
    assert_eq!(counted.times(), 2);
}
