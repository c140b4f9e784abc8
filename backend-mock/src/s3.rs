//! Amazon S3: an engine that holds every bucket of the cloud, and the wire that speaks its REST protocol.

pub(crate) mod engine;
pub(crate) mod wire;
