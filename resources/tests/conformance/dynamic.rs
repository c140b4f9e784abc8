//! Clients by name: what they answer is what the typed clients answer, and services without a typed client answer, too.
//!
//! `s3.rs` and `dynamodb.rs` run on every backend and hold a client by name against the typed one. The services that
//! moto has are asked on moto, in a file a protocol: each is made to compute something that the case did not tell it.
//! `customized.rs` asks them for what their models do not say.
//! `absent.rs` asks the cloud in memory for services that it does not have.

mod absent;
mod customized;
mod dynamodb;
mod json_services;
mod query_services;
mod rest_services;
mod s3;

use crate::case::Case;

/// The cases of every backend.
pub(crate) fn cases() -> Vec<Case> {
    [s3::cases(), dynamodb::cases()].concat()
}

/// The cases of services that moto alone has.
pub(crate) fn cases_of_moto() -> Vec<Case> {
    [json_services::cases(), query_services::cases(), rest_services::cases(), customized::cases()].concat()
}

/// The cases about what the cloud in memory does not have.
pub(crate) fn cases_of_memory() -> Vec<Case> {
    absent::cases()
}
