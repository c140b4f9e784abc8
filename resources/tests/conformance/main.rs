//! One suite for every backend: what a user does, written once, and multiplied by the clouds that answer.
//!
//! A case is an `async fn sentence(world: World) -> TestResult` in one of the files beside this one, listed in its
//! `cases!`. It runs on the mock in process, on the mock over HTTP, on a moto server where Python has one, and on AWS
//! where `CONFORMANCE_AWS=1` asks for it. Cases make their own buckets and tables, which are removed afterwards, on
//! failure too, so that they run in any order and all at once. AWS is the judge: where moto differs, `moto.rs` names
//! the case and the fault. `dynamic.rs` has clients by name, on moto of many services. `credential_source.rs` asks moto besides who signs, by each source of credentials.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a case fails by panicking")]

mod backend;
mod batch_writer;
mod case;
mod credential_source;
mod dynamic;
mod dynamodb_batch_get;
mod dynamodb_expression;
mod dynamodb_item;
mod dynamodb_query;
mod dynamodb_serde;
mod dynamodb_statement;
mod dynamodb_table;
mod dynamodb_vector;
mod moto;
mod s3_access;
mod s3_configuration;
#[cfg(feature = "client-side-encryption")]
mod s3_encryption;
mod s3_form;
mod s3_listing;
mod s3_multipart;
mod s3_object;
mod s3_resource;
mod s3_transfer;
mod s3_transfer_streams;
mod s3_version;
mod scope;
mod world;

use std::process::ExitCode;
use std::sync::Arc;

use libtest_mimic::{Arguments, Trial};

use crate::backend::Backend;
use crate::case::Case;

fn cases() -> Vec<Case> {
    [
        s3_object::cases(),
        s3_resource::cases(),
        s3_listing::cases(),
        s3_access::cases(),
        s3_configuration::cases(),
        #[cfg(feature = "client-side-encryption")]
        s3_encryption::cases(),
        s3_form::cases(),
        s3_multipart::cases(),
        s3_transfer::cases(),
        s3_transfer_streams::cases(),
        s3_version::cases(),
        dynamodb_table::cases(),
        dynamodb_item::cases(),
        dynamodb_query::cases(),
        dynamodb_expression::cases(),
        dynamodb_serde::cases(),
        dynamodb_batch_get::cases(),
        dynamodb_statement::cases(),
        dynamodb_vector::cases(),
        batch_writer::cases(),
        scope::cases(),
        dynamic::cases(),
    ]
    .concat()
}

fn main() -> ExitCode {
    if let Some(exit_code) = credential_source::child() {
        return exit_code;
    }
    let arguments = Arguments::from_args();
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can start");
    let runtime = Arc::new(runtime);
    let backends = backend::all();
    let cases = cases();
    let on = |backend: &Arc<Backend>| -> Vec<Trial> {
        cases.iter().map(|case| case.on(backend, &runtime)).collect()
    };
    let mut trials: Vec<Trial> = backends.iter().flat_map(on).collect();
    for moto in backends.iter().filter(|backend| backend.is_moto()) {
        trials.extend(credential_source::trials(moto, &runtime));
        trials.extend(dynamic::cases_of_moto().into_iter().map(|case| case.on(moto, &runtime)));
    }
    for memory in backends.iter().filter(|backend| backend.is_in_memory()) {
        trials.extend(dynamic::cases_of_memory().into_iter().map(|case| case.on(memory, &runtime)));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    runtime.block_on(async {
        for backend in &backends {
            backend.stop().await;
        }
    });
    conclusion.exit_code()
}
