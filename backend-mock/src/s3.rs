//! Amazon S3: an engine that holds every bucket of the cloud, and the wire that speaks its REST protocol.

mod engine;
mod wire;

pub(crate) use engine::{Code, Engine, Error};
pub(crate) use wire::{FormSignature, SignedFor, Wire, is_form, refuse};
