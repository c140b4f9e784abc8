//! A session whose every request is answered by the same bytes, and how two pieces of work are compared.

use std::future::Future;
use std::time::Instant;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;
use session_core::{Catalog, ClientConfig, Connection, Error, Scopes, ServiceName, Session, SessionConfig};

/// Answers every request with the same bytes.
#[derive(Clone, Debug)]
struct Canned(Bytes);

impl HttpConnector for Canned {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from(self.0.clone());
        let mut response = HttpResponse::new(200_u16.try_into().expect("200 is a status"), body);
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

#[derive(Debug)]
pub(crate) struct CannedSession {
    config: SessionConfig,
    catalog: Catalog,
    pub(crate) sdk_config: SdkConfig,
    scopes: Scopes,
}

impl CannedSession {
    /// A session in which every answer is that body.
    pub(crate) fn answering(body: impl Into<Bytes>) -> Self {
        let connector = SharedHttpConnector::new(Canned(body.into()));
        let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
        let sdk_config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .http_client(http_client_fn(move |_, _| connector.clone()))
            .build();
        Self {
            config: SessionConfig::default(),
            catalog: Catalog::default(),
            sdk_config,
            scopes: Scopes::new(),
        }
    }
}

#[async_trait]
impl Session for CannedSession {
    fn config(&self) -> &SessionConfig {
        &self.config
    }

    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        let sdk_config = config.applied_to(&self.sdk_config);
        Ok(Connection::new(service.clone(), config, sdk_config).with_scopes(&self.scopes))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}

/// How long one of `runs` runs of `work` takes, in seconds, after as many that do not count: what ran before has left
/// its traces.
pub(crate) async fn timed<F: Future<Output = ()>>(runs: u32, mut work: impl FnMut() -> F) -> f64 {
    for _ in 0..runs {
        work().await;
    }
    let begun = Instant::now();
    for _ in 0..runs {
        work().await;
    }
    begun.elapsed().as_secs_f64() / f64::from(runs)
}

/// The times of `ours` and `theirs`, measured one right after the other, each first in turn.
pub(crate) async fn paired<A: Future<Output = ()>, B: Future<Output = ()>>(
    round: usize,
    runs: u32,
    ours: impl FnMut() -> A,
    theirs: impl FnMut() -> B,
) -> (f64, f64) {
    if round.is_multiple_of(2) {
        let ours = timed(runs, ours).await;
        (ours, timed(runs, theirs).await)
    } else {
        let theirs = timed(runs, theirs).await;
        (timed(runs, ours).await, theirs)
    }
}

pub(crate) fn median(values: impl IntoIterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.into_iter().collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
