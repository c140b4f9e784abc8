//! Clients by name: what they answer is what the typed clients answer, and services without a typed client answer, too.
//!
//! `s3.rs`, `dynamodb.rs`, `kms.rs` and `sts.rs` run on every backend; the first two hold a client by name against the
//! typed one. So do, operation by operation and member by member, the files that want a `pair.rs`: `s3_alike.rs`, `s3_access.rs`,
//! `s3_configuration.rs`, `s3_listed_configuration.rs`, `dynamodb_alike.rs` and `dynamodb_table_alike.rs`; `exchange.rs` sees their
//! requests and `printed.rs` their answers. `served.rs` finds an operation that none of them has. `dynamodb_streams.rs` is
//! by name alone.
//!
//! The services that moto has are asked on moto, in a file a protocol: each is made to compute something that the case
//! did not tell it. `customized.rs` asks them for what their models do not say. `absent.rs` asks the cloud in memory for
//! services that it does not have.

mod absent;
mod customized;
mod dynamodb;
mod dynamodb_alike;
mod dynamodb_streams;
mod dynamodb_table_alike;
mod event_streams;
mod exchange;
mod json_services;
mod kms;
mod pair;
mod printed;
mod query_services;
mod rest_services;
mod s3;
mod s3_access;
mod s3_alike;
mod s3_configuration;
mod s3_listed_configuration;
mod served;
mod sts;

use crate::case::Case;

/// The cases of every backend.
pub(crate) fn cases() -> Vec<Case> {
    [
        s3::cases(),
        s3_configuration::cases(),
        s3_listed_configuration::cases(),
        s3_access::cases(),
        s3_alike::cases(),
        dynamodb::cases(),
        dynamodb_streams::cases(),
        dynamodb_alike::cases(),
        dynamodb_table_alike::cases(),
        kms::cases(),
        sts::cases(),
    ]
    .concat()
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

/// The cases about what the cloud in memory has, and what it does not have.
pub(crate) fn cases_of_memory() -> Vec<Case> {
    [absent::cases(), printed::cases(), served::cases()].concat()
}
