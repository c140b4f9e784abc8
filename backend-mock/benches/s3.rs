//! What the S3 in memory costs: small calls against the same SDK calls on canned bytes, large bodies in bytes a second,
//! and listing pages of small and large buckets.
//!
//! `cargo xtask bench s3` prints criterion's figures and then the ratios, each the median of pairs measured turn by turn,
//! so that a busy machine slows both sides alike. `cargo xtask bench s3 -- "1 KiB"` runs one section: `1 KiB`, `64 MiB` or
//! `pages`.

#[path = "side_by_side/canned.rs"]
mod canned;
#[path = "side_by_side/pairs.rs"]
mod pairs;
#[path = "side_by_side/sections.rs"]
mod sections;

use std::hint::black_box;
use std::ops::Range;
use std::time::{Duration, Instant};

use aws_sdk_s3::Client;
use aws_sdk_s3::config::{Builder, RequestChecksumCalculation, ResponseChecksumValidation};
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ServerSideEncryption;
use backend_mock::MockAws;
use bytes::Bytes;
use canned::Canned;
use criterion::{Criterion, Throughput};
use md5::{Digest as _, Md5};
use pairs::{median, ratio};
use sections::{is_asked, is_profiled};
use sha2::Sha256;
use tokio::runtime::Runtime;

const BUCKET: &str = "films";
const SMALL: usize = 1 << 10;
const LARGE: usize = 64 << 20;
/// How many common prefixes the keys of a listed bucket have.
const PREFIXES: usize = 1_000;
/// Sizes of the listed bucket. Without optimisation a million objects take a quarter of an hour to make.
const KEYS: [usize; 3] =
    if cfg!(debug_assertions) { [1_000, 5_000, 20_000] } else { [1_000, 100_000, 1_000_000] };

async fn put(s3: &Client, key: &str, body: &Bytes) {
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.clone()));
    black_box(put.send().await.expect("the object is stored"));
}

/// The same with a signature that leaves the body out.
async fn put_unsigned(s3: &Client, key: &str, body: &Bytes) {
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.clone()));
    black_box(put.customize().disable_payload_signing().send().await.expect("the object is stored"));
}

/// The same encrypted by KMS: then the entity tag is no MD5.
async fn put_by_kms(s3: &Client, key: &str, body: &Bytes) {
    let put = s3.put_object().bucket(BUCKET).key(key).body(ByteStream::from(body.clone()));
    let put = put.server_side_encryption(ServerSideEncryption::AwsKms);
    black_box(put.customize().disable_payload_signing().send().await.expect("the object is stored"));
}

async fn get(s3: &Client, key: &str) {
    let mut object = s3.get_object().bucket(BUCKET).key(key).send().await.expect("the object is there");
    while let Some(bytes) = object.body.try_next().await.expect("the body is in memory") {
        black_box(bytes);
    }
}

/// A page of a thousand keys.
async fn page(s3: &Client, bucket: &str, after: &str) {
    let page = s3.list_objects_v2().bucket(bucket).start_after(after).send().await.expect("a page");
    assert_eq!(page.contents().len(), 1000, "a page of keys is full");
    black_box(page);
}

/// A page of a thousand common prefixes.
async fn rolled_up(s3: &Client, bucket: &str) {
    let list = s3.list_objects_v2().bucket(bucket).prefix("films/").delimiter("/");
    let page = list.send().await.expect("a page");
    assert_eq!(page.common_prefixes().len(), PREFIXES, "a page of common prefixes is full");
    black_box(page);
}

/// A client that neither computes nor checks what it need not.
fn without_checksums(aws: &MockAws) -> Client {
    Client::from_conf(unchecked(aws).build())
}

fn unchecked(aws: &MockAws) -> Builder {
    Builder::from(&aws.sdk_config())
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
}

/// Seconds since `begun`.
fn since(begun: Instant) -> f64 {
    begun.elapsed().as_secs_f64()
}

struct Bench {
    s3: Client,
    canned_put: Client,
    canned_get: Client,
    unchecked: Client,
    canned_unchecked: Client,
    small: Bytes,
    large: Bytes,
}

impl Bench {
    async fn new() -> Self {
        let aws = MockAws::new();
        let s3 = Client::new(&aws.sdk_config());
        s3.create_bucket().bucket(BUCKET).send().await.expect("a bucket");
        let canned = |config: Builder| Client::from_conf(config.http_client(Canned::of(&aws)).build());
        let (canned_put, canned_get) =
            (canned(Builder::from(&aws.sdk_config())), canned(Builder::from(&aws.sdk_config())));
        let canned_unchecked = canned(unchecked(&aws));
        let unchecked = without_checksums(&aws);
        let (small, large) = (Bytes::from(vec![7; SMALL]), Bytes::from(vec![7; LARGE]));
        put(&s3, "small", &small).await;
        put(&canned_put, "small", &small).await;
        put(&canned_unchecked, "small", &small).await;
        get(&canned_get, "small").await;
        Self { s3, canned_put, canned_get, unchecked, canned_unchecked, small, large }
    }

    async fn make_bucket(&self, bucket: &str) {
        self.s3.create_bucket().bucket(bucket).send().await.expect("a bucket");
    }

    /// Puts the keys of those numbers into a bucket.
    async fn fill(&self, bucket: &str, numbers: Range<usize>) {
        for number in numbers {
            let put = self.unchecked.put_object().bucket(bucket).key(key(number));
            put.send().await.expect("the object is stored");
        }
    }
}

/// Each thousand keys in a row have one of every common prefix.
fn key(number: usize) -> String {
    format!("films/{:03}/{:06}", number % PREFIXES, number / PREFIXES)
}

async fn small_calls(bench: &Bench) {
    const ROUNDS: usize = 200;
    let Bench { s3, canned_put, canned_get, small, .. } = bench;
    let puts = ratio(ROUNDS, 50, || put(s3, "small", small), || put(canned_put, "small", small)).await;
    let gets = ratio(ROUNDS, 50, || get(s3, "small"), || get(canned_get, "small")).await;
    println!("\nmedian of {ROUNDS} paired rounds of 50");
    println!("  putting 1 KiB / on canned bytes               {puts:.3}  (at most 1.4)");
    println!("  getting 1 KiB / on canned bytes               {gets:.3}  (at most 1.4)");
}

/// Large bodies in turn with what bounds them: an entity tag is an MD5, and a signature of a body its SHA-256.
async fn large_bodies(bench: &Bench) {
    const ROUNDS: usize = 9;
    let Bench { s3, unchecked, canned_unchecked, large, .. } = bench;
    put(s3, "large", large).await;
    let mut seconds: [Vec<f64>; 9] = Default::default();
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        put_unsigned(unchecked, "large", large).await;
        seconds[0].push(since(begun));
        let begun = Instant::now();
        put(unchecked, "large", large).await;
        seconds[1].push(since(begun));
        let begun = Instant::now();
        put(s3, "large", large).await;
        seconds[2].push(since(begun));
        let begun = Instant::now();
        get(unchecked, "large").await;
        seconds[3].push(since(begun));
        let begun = Instant::now();
        get(s3, "large").await;
        seconds[4].push(since(begun));
        let begun = Instant::now();
        black_box(Md5::digest(large));
        seconds[5].push(since(begun));
        let begun = Instant::now();
        black_box(Sha256::digest(large));
        seconds[6].push(since(begun));
        let begun = Instant::now();
        put(canned_unchecked, "large", large).await;
        seconds[7].push(since(begun));
        let begun = Instant::now();
        put_by_kms(unchecked, "large", large).await;
        seconds[8].push(since(begun));
    }
    let rates = seconds.map(|seconds| LARGE as f64 / 1e9 / median(seconds));
    let [unsigned, signed, checked, got, got_checked, md5, sha256, canned, by_kms] = rates;
    println!("\n64 MiB through the SDK in GB/s, median of {ROUNDS} rounds");
    println!("  put  {by_kms:.2} without checksums, signature of the body and MD5, by KMS  (at least 1)");
    println!(
        "  put  {unsigned:.2} without checksums and signature of the body  (at least 1, or MD5 alone: {md5:.2})"
    );
    println!(
        "  put  {signed:.2} without checksums  (on canned bytes {canned:.2}; SHA-256 alone {sha256:.2})"
    );
    println!("  put  {checked:.2} as the SDK does it, with CRC-32");
    println!("  get  {got:.2} without checksums  (at least 1)");
    println!("  get  {got_checked:.2} as the SDK does it, with CRC-64/NVME checked");
}

/// Pages of a growing bucket over the same pages of a bucket of a thousand keys.
async fn pages(bench: &Bench) {
    let s3 = &bench.unchecked;
    let [few, ..] = KEYS;
    for bucket in ["few", "many"] {
        bench.make_bucket(bucket).await;
        bench.fill(bucket, 0..few).await;
    }
    println!("\nListObjectsV2, of a bucket of so many keys over one of {few}");
    for [before, keys] in [[KEYS[0], KEYS[1]], [KEYS[1], KEYS[2]]] {
        bench.fill("many", before..keys).await;
        // The second half of the bucket begins behind it.
        let middle = format!("films/{:03}/", PREFIXES / 2);
        let of_keys = ratio(40, 10, || page(s3, "many", &middle), || page(s3, "few", "films/")).await;
        let of_prefixes = ratio(40, 10, || rolled_up(s3, "many"), || rolled_up(s3, "few")).await;
        println!(
            "  {keys:>9} keys: a page of 1,000 keys {of_keys:.3}, of 1,000 common prefixes {of_prefixes:.3}  (flat)"
        );
    }
}

const SECTIONS: [&str; 3] = ["1 KiB", "64 MiB", "pages"];

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let bench = runtime.block_on(Bench::new());
    let mut criterion =
        Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(30).configure_from_args();
    let Bench { s3, canned_put, canned_get, unchecked, small, large, .. } = &bench;
    if is_asked("1 KiB", &SECTIONS) {
        let mut calls = criterion.benchmark_group("1 KiB");
        calls.bench_function("put", |to| to.to_async(&runtime).iter(|| put(s3, "small", small)));
        calls.bench_function("put/canned", |to| {
            to.to_async(&runtime).iter(|| put(canned_put, "small", small))
        });
        calls.bench_function("get", |to| to.to_async(&runtime).iter(|| get(s3, "small")));
        calls.bench_function("get/canned", |to| to.to_async(&runtime).iter(|| get(canned_get, "small")));
        calls.finish();
        if !is_profiled() {
            runtime.block_on(small_calls(&bench));
        }
    }
    if is_asked("64 MiB", &SECTIONS) {
        runtime.block_on(put(s3, "large", large));
        let mut bodies = criterion.benchmark_group("64 MiB");
        bodies.throughput(Throughput::Bytes(LARGE as u64)).sample_size(10);
        bodies.bench_function("put", |to| {
            to.to_async(&runtime).iter(|| put_unsigned(unchecked, "large", large))
        });
        bodies.bench_function("put/kms", |to| {
            to.to_async(&runtime).iter(|| put_by_kms(unchecked, "large", large))
        });
        bodies.bench_function("get", |to| to.to_async(&runtime).iter(|| get(unchecked, "large")));
        bodies.finish();
        if !is_profiled() {
            runtime.block_on(large_bodies(&bench));
        }
    }
    if is_asked("pages", &SECTIONS) && !is_profiled() {
        runtime.block_on(pages(&bench));
    }
    criterion.final_summary();
}
