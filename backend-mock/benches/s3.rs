//! What the S3 in memory costs: small calls against the same SDK calls on canned bytes, large bodies in bytes a second,
//! and listing pages of small and large buckets.
//!
//! `cargo xtask bench s3` prints criterion's figures and then the ratios, each the median of pairs measured turn by turn,
//! so that a busy machine slows both sides alike.

use std::fmt;
use std::future::Future;
use std::hint::black_box;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{
    Builder, RequestChecksumCalculation, ResponseChecksumValidation, RuntimeComponents,
};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use backend_mock::MockAws;
use bytes::Bytes;
use criterion::{Criterion, Throughput};
use tokio::runtime::Runtime;

const BUCKET: &str = "films";
const SMALL: usize = 1 << 10;
const LARGE: usize = 64 << 20;
const FEW: usize = 1_000;
/// Without optimisation a million objects take a quarter of an hour to make.
const MANY: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };

/// Answers its first request from the cloud, and every other with the same bytes.
#[derive(Clone)]
struct Canned {
    cloud: SharedHttpClient,
    answer: Arc<OnceLock<Answer>>,
}

/// A status, headers and a body.
type Answer = (u16, Vec<(String, String)>, Bytes);

impl Canned {
    fn of(aws: &MockAws) -> Self {
        Self { cloud: aws.http_client(), answer: Arc::default() }
    }

    fn response(&self) -> Option<HttpResponse> {
        let (status, headers, body) = self.answer.get()?;
        let status = (*status).try_into().expect("a status that was answered once");
        let mut response = HttpResponse::new(status, SdkBody::from(body.clone()));
        for (name, value) in headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        Some(response)
    }
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let cloud = self.cloud.http_connector(settings, components);
        SharedHttpConnector::new(CannedConnector { canned: self.clone(), cloud })
    }
}

#[derive(Debug)]
struct CannedConnector {
    canned: Canned,
    cloud: SharedHttpConnector,
}

impl HttpConnector for CannedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(response) = self.canned.response() {
            return HttpConnectorFuture::ready(Ok(response));
        }
        let (canned, answer) = (self.canned.clone(), self.cloud.call(request));
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let (status, headers) = (response.status().as_u16(), headers.collect());
            let body = ByteStream::new(response.into_body()).collect().await.expect("a body in memory");
            canned.answer.get_or_init(|| (status, headers, body.into_bytes()));
            Ok(canned.response().expect("it has just been kept"))
        })
    }
}

async fn put(s3: &Client, key: &str, body: &Bytes) {
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.clone()));
    black_box(put.send().await.expect("the object is stored"));
}

async fn get(s3: &Client, key: &str) {
    let mut object = s3.get_object().bucket(BUCKET).key(key).send().await.expect("the object is there");
    while let Some(bytes) = object.body.try_next().await.expect("the body is in memory") {
        black_box(bytes);
    }
}

async fn page(s3: &Client, bucket: &str, after: &str) {
    let page = s3.list_objects_v2().bucket(bucket).start_after(after).send().await.expect("a page");
    assert_eq!(page.contents().len(), 1000.min(page.key_count().unwrap_or_default() as usize));
    black_box(page);
}

/// A client that neither computes nor checks what it need not.
fn without_checksums(aws: &MockAws) -> Client {
    let config = Builder::from(&aws.sdk_config())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired);
    Client::from_conf(config.build())
}

/// How long so many runs of `work` take, in seconds, after as many that do not count: what ran before has left its traces.
async fn timed<F: Future<Output = ()>>(runs: usize, mut work: impl FnMut() -> F) -> f64 {
    for _ in 0..runs {
        work().await;
    }
    let begun = Instant::now();
    for _ in 0..runs {
        work().await;
    }
    begun.elapsed().as_secs_f64()
}

/// The time of `ours` over the time of `theirs`: the median of pairs, each first in turn.
async fn ratio<A: Future<Output = ()>, B: Future<Output = ()>>(
    rounds: usize,
    runs: usize,
    mut ours: impl FnMut() -> A,
    mut theirs: impl FnMut() -> B,
) -> f64 {
    let mut ratios = Vec::with_capacity(rounds);
    for round in 0..rounds {
        ratios.push(if round % 2 == 0 {
            let ours = timed(runs, &mut ours).await;
            ours / timed(runs, &mut theirs).await
        } else {
            let theirs = timed(runs, &mut theirs).await;
            timed(runs, &mut ours).await / theirs
        });
    }
    median(ratios)
}

fn median(mut of: Vec<f64>) -> f64 {
    of.sort_by(f64::total_cmp);
    of[of.len() / 2]
}

/// Bytes a second, the median of some runs.
async fn rate<F: Future<Output = ()>>(mut work: impl FnMut() -> F) -> f64 {
    let mut rates = Vec::new();
    for _ in 0..9 {
        let begun = Instant::now();
        work().await;
        rates.push(LARGE as f64 / begun.elapsed().as_secs_f64());
    }
    median(rates)
}

struct Bench {
    s3: Client,
    canned_put: Client,
    canned_get: Client,
    unchecked: Client,
    small: Bytes,
    large: Bytes,
}

impl Bench {
    async fn new() -> Self {
        let aws = MockAws::new();
        let s3 = Client::new(&aws.sdk_config());
        s3.create_bucket().bucket(BUCKET).send().await.expect("a bucket");
        let canned = || {
            let config = Builder::from(&aws.sdk_config()).http_client(Canned::of(&aws));
            Client::from_conf(config.build())
        };
        let (canned_put, canned_get) = (canned(), canned());
        let unchecked = without_checksums(&aws);
        let (small, large) = (Bytes::from(vec![7; SMALL]), Bytes::from(vec![7; LARGE]));
        put(&s3, "small", &small).await;
        put(&s3, "large", &large).await;
        put(&canned_put, "small", &small).await;
        get(&canned_get, "small").await;
        Self { s3, canned_put, canned_get, unchecked, small, large }
    }

    /// Buckets of few and of many keys.
    async fn fill(&self) {
        for (bucket, keys) in [("few", FEW), ("many", MANY)] {
            self.s3.create_bucket().bucket(bucket).send().await.expect("a bucket");
            for number in 0..keys {
                let put = self.unchecked.put_object().bucket(bucket).key(key(number));
                put.send().await.expect("the object is stored");
            }
        }
    }
}

fn key(number: usize) -> String {
    format!("films/{number:08}")
}

async fn summary(bench: &Bench) {
    const ROUNDS: usize = 200;
    let Bench { s3, canned_put, canned_get, unchecked, small, large, .. } = bench;
    let puts = ratio(ROUNDS, 50, || put(s3, "small", small), || put(canned_put, "small", small)).await;
    let gets = ratio(ROUNDS, 50, || get(s3, "small"), || get(canned_get, "small")).await;
    println!("\nmedian of {ROUNDS} paired rounds of 50");
    println!("  putting 1 KiB / on canned bytes               {puts:.3}  (at most 1.4)");
    println!("  getting 1 KiB / on canned bytes               {gets:.3}  (at most 1.4)");
    let gigabytes = |rate: f64| rate / 1e9;
    let put_rate = gigabytes(rate(|| put(unchecked, "large", large)).await);
    let get_rate = gigabytes(rate(|| get(unchecked, "large")).await);
    let checked_put = gigabytes(rate(|| put(s3, "large", large)).await);
    let checked_get = gigabytes(rate(|| get(s3, "large")).await);
    println!("\n64 MiB through the SDK, in GB/s");
    println!("  put  {put_rate:.2} without checksums, {checked_put:.2} with (at least 1)");
    println!("  get  {get_rate:.2} without checksums, {checked_get:.2} with (at least 1)");
    bench.fill().await;
    let (many, few) = (key(MANY / 2), "films/");
    let pages = ratio(40, 10, || page(s3, "many", &many), || page(s3, "few", few)).await;
    println!("\n  a page of 1,000 of {MANY} keys / of {FEW}     {pages:.3}  (flat)");
}

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let bench = runtime.block_on(Bench::new());
    let mut criterion =
        Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(30).configure_from_args();
    let Bench { s3, canned_put, canned_get, unchecked, small, large, .. } = &bench;
    let mut calls = criterion.benchmark_group("1 KiB");
    calls.bench_function("put", |to| to.to_async(&runtime).iter(|| put(s3, "small", small)));
    calls.bench_function("put/canned", |to| to.to_async(&runtime).iter(|| put(canned_put, "small", small)));
    calls.bench_function("get", |to| to.to_async(&runtime).iter(|| get(s3, "small")));
    calls.bench_function("get/canned", |to| to.to_async(&runtime).iter(|| get(canned_get, "small")));
    calls.finish();
    let mut bodies = criterion.benchmark_group("64 MiB");
    bodies.throughput(Throughput::Bytes(LARGE as u64)).sample_size(10);
    bodies.bench_function("put", |to| to.to_async(&runtime).iter(|| put(unchecked, "large", large)));
    bodies.bench_function("get", |to| to.to_async(&runtime).iter(|| get(unchecked, "large")));
    bodies.finish();
    criterion.final_summary();
    runtime.block_on(summary(&bench));
}
