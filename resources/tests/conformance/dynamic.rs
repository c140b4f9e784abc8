//! Clients by name: what they answer is what the typed clients answer, and services without a typed client answer, too.
//!
//! `s3.rs`, `dynamodb.rs` and `sts.rs` run on every backend; the first two hold a client by name against the typed one. The services that
//! moto has are asked on moto, in a file a protocol: each is made to compute something that the case did not tell it.
//! `customized.rs` asks them for what their models do not say.
//! `absent.rs` asks the cloud in memory for services that it does not have.

mod absent;
mod customized;
mod dynamodb;
mod event_streams;
mod json_services;
mod query_services;
mod rest_services;
mod s3;
mod sts;

use crate::case::Case;

/// The cases of every backend.
pub(crate) fn cases() -> Vec<Case> {
    [s3::cases(), dynamodb::cases(), sts::cases()].concat()
}

/// The cases of services that moto alone has.
pub(crate) fn cases_of_moto() -> Vec<Case> {
    [
        event_streams::cases(),
        json_services::cases(),
        query_services::cases(),
        rest_services::cases(),
        customized::cases(),
    ]
    .concat()
}

/// The cases about what the cloud in memory does not have.
pub(crate) fn cases_of_memory() -> Vec<Case> {
    absent::cases()
}
