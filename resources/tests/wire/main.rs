//! What the resources send, and what they do when the answers are bad: a scripted service stands in for AWS.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod annex;
mod batch_get;
mod batch_writer;
#[cfg(target_os = "linux")]
mod full_disk;
mod handles;
mod listing;
mod read;
mod scripted;
mod settings;
mod transfer_cancelled;
mod transfer_download;
mod transfer_upload;
