//! Clients made from AWS's models: every service by name, without a crate for each.
//!
//! `session.client("ec2")` opens a [`DynamicClient`] in a scope, as a marker opens a typed one. It calls operations by their
//! names, with [`Value`]s in and out; checks each input against the model before anything is sent; and pages, waits and
//! presigns as the models say. Models of all services are inside, so nothing is to be installed.
//!
//! Streams are beside the values: bytes go in with [`Operation::body`] and come with [`Output::take_body`], events with
//! [`Operation::events`] and [`Output::take_events`].
//!
//! Settings for S3 that change the endpoint are heeded; those that change the payload's signature are refused by name.
//!
#![doc = include_str!("dynamic/customization.md")]

mod auth;
mod auth_token;
mod call;
mod checksum;
mod client;
mod compression;
#[cfg(any(test, feature = "conformance"))]
#[doc(hidden)]
pub mod conformance;
mod customization;
pub(crate) mod describe;
mod document;
mod endpoint;
mod endpoint_parameters;
mod error;
mod event_stream;
mod host_prefix;
mod input;
mod jmespath;
mod operation;
mod operation_name;
mod orchestration;
mod output;
mod paginator;
mod presign;
mod protocol;
mod repetition;
mod schema;
#[cfg(any(test, feature = "served"))]
#[doc(hidden)]
pub mod server;
mod service;
mod value;
mod waiter;
mod walk;

pub use checksum::ChecksumMismatch;
pub use client::DynamicClient;
pub use error::ServiceFault;
pub use event_stream::EventReceiver;
pub use operation::Operation;
pub use output::Output;
pub use paginator::{Items, Pages, Paginator};
pub use presign::PresignedRequest;
pub use value::Value;
pub use waiter::{Waiter, WaiterFailure};
