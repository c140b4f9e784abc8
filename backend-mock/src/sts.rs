//! STS in memory: who is asking. The first service that is served by its model: the wire has no protocol of its own.

mod engine;
mod wire;

pub(crate) use wire::respond;
