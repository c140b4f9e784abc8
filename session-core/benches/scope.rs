//! What a scope costs: a call through a `ResourceScope` against the same call on a raw client, and opening a scope
//! against `Client::new`, over one canned connector.
//!
//! `cargo bench -p session-core --bench scope` prints criterion's figures and then the ratios, each the median of
//! pairs measured turn by turn, so that a busy machine slows both sides alike.

use std::future::Future;
use std::hint::black_box;
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
use criterion::Criterion;
use session_core::{
    Catalog, ClientConfig, Connection, Error, ResourceScope, Scopes, ServiceName, Session, SessionConfig,
    SessionExt,
};
use tokio::runtime::Runtime;

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
session_core::service!(S3 = "s3", aws_sdk_s3);

/// Answers every request with the same bytes.
#[derive(Debug)]
struct Canned;

impl HttpConnector for Canned {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let body = SdkBody::from(r#"{"TableNames":["orders"]}"#);
        let mut response = HttpResponse::new(200_u16.try_into().expect("200 is a status"), body);
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

#[derive(Debug)]
struct CannedSession {
    config: SessionConfig,
    catalog: Catalog,
    sdk_config: SdkConfig,
    scopes: Scopes,
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

fn session() -> CannedSession {
    let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
    let sdk_config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .sleep_impl(TokioSleep::new())
        .time_source(SystemTimeSource::new())
        .http_client(http_client_fn(|_, _| SharedHttpConnector::new(Canned)))
        .build();
    CannedSession {
        config: SessionConfig::default(),
        catalog: Catalog::default(),
        sdk_config,
        scopes: Scopes::new(),
    }
}

async fn call(client: &aws_sdk_dynamodb::Client) {
    black_box(client.list_tables().send().await.expect("the canned answer is well-formed"));
}

async fn open<S: session_core::Service>(session: &CannedSession, service: S) -> ResourceScope<S::Client> {
    session.client(service).await.expect("the canned session opens every service")
}

/// How long 50 runs of `work` take, in seconds, after as many that do not count: what ran before has left its traces.
async fn timed<F: Future<Output = ()>>(mut work: impl FnMut() -> F) -> f64 {
    for _ in 0..50 {
        work().await;
    }
    let begun = Instant::now();
    for _ in 0..50 {
        work().await;
    }
    begun.elapsed().as_secs_f64()
}

/// The time of `ours` over the time of `theirs`, measured one right after the other, each first in turn.
async fn ratio<A: Future<Output = ()>, B: Future<Output = ()>>(
    round: usize,
    ours: impl FnMut() -> A,
    theirs: impl FnMut() -> B,
) -> f64 {
    if round.is_multiple_of(2) {
        let ours = timed(ours).await;
        ours / timed(theirs).await
    } else {
        let theirs = timed(theirs).await;
        timed(ours).await / theirs
    }
}

fn median(mut ratios: Vec<f64>) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

async fn ratios(session: &CannedSession) {
    const ROUNDS: usize = 400;
    let raw = aws_sdk_dynamodb::Client::new(&session.sdk_config);
    let scoped = open(session, DynamoDb).await;
    let (mut calls, mut dynamodb, mut s3) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        calls.push(ratio(round, || call(&scoped), || call(&raw)).await);
        let new = || async { drop(black_box(aws_sdk_dynamodb::Client::new(&session.sdk_config))) };
        dynamodb.push(ratio(round, || async { drop(black_box(open(session, DynamoDb).await)) }, new).await);
        let new = || async { drop(black_box(aws_sdk_s3::Client::new(&session.sdk_config))) };
        s3.push(ratio(round, || async { drop(black_box(open(session, S3).await)) }, new).await);
    }
    println!("\nmedian of {ROUNDS} paired rounds of 50");
    println!("  a call through a scope / on a raw client      {:.3}  (at most 1.03)", median(calls));
    println!("  opening a DynamoDB scope / Client::new        {:.3}  (at most 1.3)", median(dynamodb));
    println!("  opening an S3 scope / Client::new             {:.3}  (at most 1.3)", median(s3));
}

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let session = session();
    let mut criterion = Criterion::default().configure_from_args();
    let raw = aws_sdk_dynamodb::Client::new(&session.sdk_config);
    let scoped = runtime.block_on(open(&session, DynamoDb));
    criterion.bench_function("call/raw", |bencher| bencher.to_async(&runtime).iter(|| call(&raw)));
    criterion.bench_function("call/scoped", |bencher| bencher.to_async(&runtime).iter(|| call(&scoped)));
    criterion.bench_function("open/Client::new", |bencher| {
        bencher.iter(|| black_box(aws_sdk_dynamodb::Client::new(&session.sdk_config)));
    });
    criterion.bench_function("open/scope", |bencher| {
        bencher.to_async(&runtime).iter(|| async { drop(black_box(open(&session, DynamoDb).await)) });
    });
    criterion.final_summary();
    runtime.block_on(ratios(&session));
}
