//! DynamoDB in memory: an engine that knows its behaviour, and a wire that speaks its JSON.

mod engine;
mod object_store;
mod wire;

#[cfg(test)]
pub(crate) use engine::Engine;
pub(crate) use engine::EngineOptions;
pub(crate) use engine::account::Account;
pub(crate) use object_store::{AtRest, Bucket, ObjectStore, Refusal};
pub(crate) use wire::{finish_all_exports, respond};
