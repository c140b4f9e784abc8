//! Checksums of bodies, as the models say: what is sent carries one, and what comes is held against its own.
//!
//! Bytes in memory get theirs in a header, streams after their end, in chunks (`chunked.rs`). An answer is checked as it
//! is read, so that of a stream the verdict comes last.

mod algorithm;
mod chunked;
mod crc;
mod mismatch;
mod request;
mod response;

use aws_smithy_checksums::http::CHECKSUM_ALGORITHMS_IN_PRIORITY_ORDER;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use serde_json::Value as Json;

use self::algorithm::Algorithm;
pub use self::mismatch::ChecksumMismatch;
pub(super) use self::request::add;
pub(super) use self::response::{Expected, ask};
use super::schema::Node;
use super::value::Value;

/// What the model says of an operation's checksums.
#[derive(Debug, Default)]
pub(crate) struct ModeledChecksums {
    /// The member with which a caller chooses the request's algorithm.
    algorithm_member: Option<&'static str>,
    is_required: bool,
    /// The member that asks the service for the checksum of its answer.
    mode_member: Option<&'static str>,
    /// What the answer may have been summed with and can be checked here, the fastest first.
    of_answer: Vec<Algorithm>,
}

impl ModeledChecksums {
    /// From the trait `httpChecksum` of an operation with that input.
    pub(crate) fn of(modeled: &Json, input: &'static Node) -> Self {
        let member = |key: &str| Some(input.member(modeled[key].as_str()?)?.name);
        let may_be = modeled["responseAlgorithms"].as_array().map(Vec::as_slice).unwrap_or_default();
        let named = |name: &&str| {
            may_be.iter().any(|modeled| modeled.as_str().is_some_and(|one| one.eq_ignore_ascii_case(name)))
        };
        let known = CHECKSUM_ALGORITHMS_IN_PRIORITY_ORDER.into_iter().filter(named);
        Self {
            algorithm_member: member("requestAlgorithmMember"),
            is_required: modeled["requestChecksumRequired"] == true,
            mode_member: member("requestValidationModeMember"),
            of_answer: known.filter_map(Algorithm::find).collect(),
        }
    }

    /// What puts a checksum after a stream, for the operations that take one there.
    pub(crate) fn after_stream(&self) -> Option<SharedInterceptor> {
        self.algorithm_member.map(|_| SharedInterceptor::permanent(chunked::AwsChunked))
    }
}

fn text_of<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    let Value::Map(entries) = input else { return None };
    entries.iter().find_map(|(name, value)| match value {
        Value::String(text) if name == member => Some(text.as_str()),
        _ => None,
    })
}
