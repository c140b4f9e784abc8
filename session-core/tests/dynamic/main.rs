//! Clients by name: over the cloud in memory, and over a service that a test scripts.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

mod calls;
mod checksums;
mod clock;
mod compression;
mod copies;
mod customized;
mod customized_s3;
mod directory_buckets;
mod discovery;
mod event_streams;
mod film;
mod identity;
mod inputs;
mod on_the_mock;
mod presigned;
mod redirects;
mod repetition;
mod retries;
mod scripted;
mod settings;
mod sweep;
mod tokens;

type TestResult = Result<(), session_core::Error>;
