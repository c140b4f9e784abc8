//! What a scope costs: a call through a `ResourceScope` against the same call on a raw client, and opening a scope
//! against `Client::new`, over one canned connector.
//!
//! `cargo bench -p session-core --bench scope` prints criterion's figures and then the ratios, each the median of
//! pairs measured turn by turn, so that a busy machine slows both sides alike.

mod canned;

use std::hint::black_box;

use criterion::Criterion;
use session_core::{ResourceScope, SessionExt};
use tokio::runtime::Runtime;

use self::canned::{CannedSession, median, paired};

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
session_core::service!(S3 = "s3", aws_sdk_s3);

/// How often each side runs before its turn is over.
const RUNS: u32 = 50;

async fn call(client: &aws_sdk_dynamodb::Client) {
    black_box(client.list_tables().send().await.expect("the canned answer is well-formed"));
}

async fn open<S: session_core::Service>(session: &CannedSession, service: S) -> ResourceScope<S::Client> {
    session.client(service).await.expect("the canned session opens every service")
}

async fn ratios(session: &CannedSession) {
    const ROUNDS: usize = 400;
    let raw = aws_sdk_dynamodb::Client::new(&session.sdk_config);
    let scoped = open(session, DynamoDb).await;
    let (mut calls, mut dynamodb, mut s3) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        calls.push(paired(round, RUNS, || call(&scoped), || call(&raw)).await);
        let new = || async { drop(black_box(aws_sdk_dynamodb::Client::new(&session.sdk_config))) };
        dynamodb.push(
            paired(round, RUNS, || async { drop(black_box(open(session, DynamoDb).await)) }, new).await,
        );
        let new = || async { drop(black_box(aws_sdk_s3::Client::new(&session.sdk_config))) };
        s3.push(paired(round, RUNS, || async { drop(black_box(open(session, S3).await)) }, new).await);
    }
    let ratio = |pairs: Vec<(f64, f64)>| median(pairs.into_iter().map(|(ours, theirs)| ours / theirs));
    println!("\nmedian of {ROUNDS} paired rounds of {RUNS}");
    println!("  a call through a scope / on a raw client      {:.3}  (at most 1.03)", ratio(calls));
    println!("  opening a DynamoDB scope / Client::new        {:.3}  (at most 1.3)", ratio(dynamodb));
    println!("  opening an S3 scope / Client::new             {:.3}  (at most 1.3)", ratio(s3));
}

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let session = CannedSession::answering(r#"{"TableNames":["orders"]}"#);
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
