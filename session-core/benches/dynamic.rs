//! What clients by name cost beside the SDK's typed ones: calls over one canned connector, both in a scope; opening a
//! client; and the first use of a service.
//!
//! `cargo xtask bench dynamic` prints criterion's figures and then a table with the bounds. Ratios are the medians of
//! pairs measured turn by turn, so that a busy machine slows both sides alike. Of what is compared with a time the
//! quickest turn counts, since such a machine only adds; the median stands beside it.

mod canned;

use std::hint::black_box;
use std::time::Instant;

use aws_sdk_dynamodb::types::AttributeValue;
use criterion::Criterion;
use serde_json::{Value as Json, json};
use session_core::dynamic::DynamicClient;
use session_core::dynamic::conformance::first_use;
use session_core::{ResourceScope, SessionExt};
use tokio::runtime::Runtime;

use self::canned::{CannedSession, median, paired, timed};

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);

/// One operation, as both clients call it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Call {
    ListTables,
    GetItem,
    Query,
}

const CALLS: [Call; 3] = [Call::ListTables, Call::GetItem, Call::Query];

impl Call {
    fn name(self) -> &'static str {
        match self {
            Self::ListTables => "ListTables",
            Self::GetItem => "GetItem",
            Self::Query => "Query",
        }
    }

    /// What a dynamic call may cost, by that of a typed one.
    fn bound(self) -> f64 {
        match self {
            Self::ListTables | Self::GetItem => 1.0,
            Self::Query => 1.2,
        }
    }

    fn answer(self) -> String {
        let item = json!({
            "pk": {"S": "user#123"}, "sk": {"S": "order#2026-01-01"}, "n": {"N": "42"}, "price": {"N": "19.99"},
            "ok": {"BOOL": true}, "tags": {"SS": ["a", "b", "c"]}, "nul": {"NULL": true},
            "m": {"M": {"x": {"S": "y"}, "l": {"L": [{"N": "1"}, {"N": "2"}, {"S": "three"}]}}},
            "desc": {"S": "some longer text that is typical for an attribute in a table of orders"},
        });
        let answer = match self {
            Self::ListTables => json!({"TableNames": ["orders", "users"]}),
            Self::GetItem => json!({"Item": item}),
            Self::Query => json!({"Items": vec![item; 100], "Count": 100, "ScannedCount": 100}),
        };
        answer.to_string()
    }

    fn input(self) -> Json {
        match self {
            Self::ListTables => json!({"Limit": 10}),
            Self::GetItem => {
                json!({"TableName": "orders", "Key": {"pk": {"S": "user#123"}, "sk": {"S": "order#2026-01-01"}}})
            }
            Self::Query => json!({
                "TableName": "orders", "KeyConditionExpression": "pk = :pk",
                "ExpressionAttributeValues": {":pk": {"S": "user#123"}},
            }),
        }
    }

    /// Its input is made anew each time, as a program does; so is the typed one's.
    async fn by_name(self, client: &DynamicClient) {
        let output = client.call(self.name(), self.input()).await;
        black_box(output.expect("the canned answer is well-formed"));
    }

    async fn typed(self, client: &aws_sdk_dynamodb::Client) {
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let well_formed = "the canned answer is well-formed";
        match self {
            Self::ListTables => {
                black_box(client.list_tables().limit(10).send().await.expect(well_formed));
            }
            Self::GetItem => {
                let call = client.get_item().table_name("orders").key("pk", text("user#123"));
                black_box(call.key("sk", text("order#2026-01-01")).send().await.expect(well_formed));
            }
            Self::Query => {
                let call = client.query().table_name("orders").key_condition_expression("pk = :pk");
                let call = call.expression_attribute_values(":pk", text("user#123"));
                black_box(call.send().await.expect(well_formed));
            }
        }
    }
}

/// The session of a call, and a client of each kind.
struct Clients {
    call: Call,
    bytes: usize,
    session: CannedSession,
    by_name: ResourceScope<DynamicClient>,
    typed: ResourceScope<aws_sdk_dynamodb::Client>,
}

impl Clients {
    async fn of(call: Call) -> Self {
        let answer = call.answer();
        let bytes = answer.len();
        let session = CannedSession::answering(answer);
        let by_name = session.client("dynamodb").await.expect("the canned session opens every service");
        let typed = session.client(DynamoDb).await.expect("the canned session opens every service");
        Self { call, bytes, session, by_name, typed }
    }

    async fn call_by_name(&self) {
        self.call.by_name(&self.by_name).await;
    }

    async fn call_typed(&self) {
        self.call.typed(&self.typed).await;
    }

    async fn open(&self) {
        drop(black_box(self.session.client("dynamodb").await));
    }
}

fn line(what: &str, value: f64, unit: &str, bound: f64, beside: &str) {
    let verdict = if value <= bound { "" } else { "  OVER" };
    println!("  {what:52} {value:8.3} {unit:2}  (at most {bound}){beside}{verdict}");
}

async fn calls(all: &[Clients]) {
    for clients in all {
        let (rounds, runs) = if clients.call == Call::Query { (200, 10) } else { (400, 50) };
        let mut pairs = Vec::new();
        for round in 0..rounds {
            pairs.push(paired(round, runs, || clients.call_by_name(), || clients.call_typed()).await);
        }
        let ratio = median(pairs.iter().map(|(ours, theirs)| ours / theirs));
        let ours = quickest(pairs.iter().map(|(ours, _)| ours * 1e6));
        let theirs = quickest(pairs.iter().map(|(_, theirs)| theirs * 1e6));
        let what = format!("{}, answer of {} bytes: by name / typed", clients.call.name(), clients.bytes);
        line(&what, ratio, "", clients.call.bound(), &format!("  quickest {ours:.1} / {theirs:.1} us"));
    }
}

async fn opening(clients: &Clients) {
    let mut times = Vec::new();
    for _ in 0..1000 {
        times.push(timed(10, || clients.open()).await * 1e6);
    }
    let middle = format!("  median {:.1} us", median(times.clone()));
    line("opening a client of a service in use, and its end", quickest(times), "us", 15.0, &middle);
}

/// The times that the first use of a service takes, in milliseconds.
fn first_use_of(service: &'static str, operation: Option<&str>, loads: usize) -> Vec<f64> {
    let load = |_| {
        let begun = Instant::now();
        black_box(first_use::load(service, operation).expect("every service loads"));
        begun.elapsed().as_secs_f64() * 1e3
    };
    (0..loads).map(load).collect()
}

fn first_uses() {
    let services = first_use::services().map(|service| (quickest(first_use_of(service, None, 5)), service));
    let mut times: Vec<(f64, &str)> = services.collect();
    times.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (middle, ninth) = (times[times.len() / 2].0, times[times.len() * 9 / 10].0);
    let what = format!("first use of a service, median of {}", times.len());
    line(&what, middle, "ms", 0.1, &format!("  90th percentile {ninth:.3} ms"));
    for operation in ["DescribeRegions", "DescribeInstances"] {
        let what = format!("first use of EC2, by {operation}");
        let times = first_use_of("ec2", Some(operation), 50);
        let middle = format!("  median {:.3} ms", median(times.clone()));
        line(&what, quickest(times), "ms", 1.0, &middle);
    }
    let slowest: Vec<_> =
        times.iter().rev().take(4).map(|(time, service)| format!("{service} {time:.3}")).collect();
    println!("  slowest, in ms: {}", slowest.join(", "));
}

fn quickest(times: impl IntoIterator<Item = f64>) -> f64 {
    times.into_iter().fold(f64::INFINITY, f64::min)
}

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let all = CALLS.map(|call| runtime.block_on(Clients::of(call)));
    let mut criterion = Criterion::default().configure_from_args();
    for clients in &all {
        let mut group = criterion.benchmark_group(clients.call.name());
        group.bench_function("by name", |bencher| bencher.to_async(&runtime).iter(|| clients.call_by_name()));
        group.bench_function("typed", |bencher| bencher.to_async(&runtime).iter(|| clients.call_typed()));
        group.finish();
    }
    criterion.bench_function("open/by name", |bencher| bencher.to_async(&runtime).iter(|| all[0].open()));
    criterion.final_summary();
    println!("\nmedians, of pairs measured turn by turn where two are compared");
    runtime.block_on(calls(&all));
    runtime.block_on(opening(&all[0]));
    first_uses();
}
