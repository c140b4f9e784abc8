//! DynamoDB in memory: an engine that knows its behaviour, and a wire that speaks its JSON.

mod engine;
mod wire;

pub(crate) use engine::{Engine, EngineOptions};
pub(crate) use wire::respond;
