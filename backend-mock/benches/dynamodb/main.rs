//! What the DynamoDB in memory costs: calls of the SDK against the same calls on canned bytes, with few items and with
//! many; the engine alone; and pages and writes as tables grow.
//!
//! `cargo xtask bench dynamodb` prints criterion's figures and then the ratios, each the median of pairs measured turn by
//! turn, so that a busy machine slows both sides alike. `cargo xtask bench dynamodb -- "through the SDK"` runs one section:
//! `through the SDK` or `engine alone`.

mod alone;
#[path = "../side_by_side/canned.rs"]
mod canned;
#[path = "../side_by_side/pairs.rs"]
mod pairs;
mod sdk;
#[path = "../side_by_side/sections.rs"]
mod sections;

// The engine knows nobody, so it can stand here by itself, with the few words that it is told of.
#[path = "../../src/context.rs"]
#[allow(dead_code, unused_imports)] // the bench asks less of it than the crate does
mod context;
#[path = "../../src/dynamodb"]
#[allow(dead_code, unused_imports)] // the bench asks less of it than the crate does
mod dynamodb {
    pub(crate) mod engine;
    pub(crate) mod object_store;
}
#[path = "../../src/lock.rs"]
mod lock;
#[path = "../../src/seed.rs"]
#[allow(dead_code, unused_imports)] // the bench asks less of it than the crate does
mod seed;

use std::time::Duration;

use criterion::Criterion;
use dynamodb::engine;
use sections::{is_asked, is_profiled};
use tokio::runtime::Runtime;

/// Items of a small table.
const FEW: usize = 1_000;
/// Items of a large one. Without optimisation a million take a quarter of an hour to make.
const MANY: usize = if cfg!(debug_assertions) { 20_000 } else { 1_000_000 };

const SECTIONS: [&str; 2] = ["through the SDK", "engine alone"];

fn main() {
    let runtime = Runtime::new().expect("a runtime starts");
    let mut criterion =
        Criterion::default().measurement_time(Duration::from_secs(3)).sample_size(30).configure_from_args();
    if is_asked("through the SDK", &SECTIONS) {
        let calls = runtime.block_on(sdk::Calls::new());
        calls.measure(&mut criterion, &runtime);
        if !is_profiled() {
            runtime.block_on(calls.summary());
        }
    }
    if is_asked("engine alone", &SECTIONS) {
        alone::measure(&mut criterion);
        if !is_profiled() {
            alone::summary();
        }
    }
    criterion.final_summary();
}
