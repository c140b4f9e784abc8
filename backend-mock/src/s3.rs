//! Amazon S3: an engine that holds every bucket of the cloud, and the wire that speaks its REST protocol.
//!
//! The language of bucket policies stands beside both: it is JSON that the engine keeps and asks, and no protocol.

mod canonical_user;
mod engine;
mod policy;
mod wire;

pub(crate) use engine::{Code, Engine, Error};
pub(crate) use wire::{FormSignature, SignedFor, Wire, is_endpoint, is_form, refuse};
