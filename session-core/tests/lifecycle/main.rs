//! How a program lives with a session: a session written by a user, and scopes that end well.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

#[cfg(feature = "dynamic")]
mod by_name;
mod custom_session;
mod hooks;
mod mocked;
mod opening;
mod pool;
mod scope;
mod server_in_memory;
mod telemetry;

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb, "2012-08-10");
session_core::service!(S3 = "s3", aws_sdk_s3);
