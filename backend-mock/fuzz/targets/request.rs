//! Texts of the corpus `request`, and what the fuzzer makes of them: every request is answered, and nothing panics.

#![no_main]

#[path = "../cloud.rs"]
mod cloud;
#[path = "../../src/context.rs"]
#[allow(dead_code)] // the target asks less of it than the crate does
mod context;
#[path = "../../src/dynamodb.rs"]
mod dynamodb;
#[path = "../../src/lock.rs"]
mod lock;
#[path = "../requests.rs"]
mod requests;
#[path = "../../src/seed.rs"]
#[allow(dead_code)] // the target asks less of it than the crate does
mod seed;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| cloud::answer(requests::Corpus::Request, bytes));
