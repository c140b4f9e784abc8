//! The connector on real sockets of the loopback: servers, proxies and certificate authorities made for each case.
//!
//! `authority.rs` signs certificates, `server.rs` answers requests as it is told, `proxy.rs` passes them on. Nothing
//! here reads the machine's environment: sessions start from an empty SDK configuration, or from a process of their
//! own.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests: a failure is the test's

mod authority;
mod connections;
mod duplex;
mod environment;
mod options;
mod proxies;
mod proxy;
mod server;
mod trust;

use std::error::Error as _;

use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use backend_aws::{AwsSession, AwsSessionBuilder};
use session_core::{ClientConfig, ClientConfigBuilder, Error, SessionExt, service};

service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);

/// A session with keys and a region, that knows nothing of the machine and tries once.
fn builder() -> AwsSessionBuilder {
    AwsSession::builder()
        .sdk_config(SdkConfig::builder().retry_config(RetryConfig::disabled()).build())
        .aws_access_key_id("AKID")
        .aws_secret_access_key("s3cret")
        .region_name("eu-west-1")
}

async fn session() -> AwsSession {
    builder().build().await.unwrap()
}

fn config() -> ClientConfigBuilder {
    ClientConfig::builder()
}

/// Opens a client and calls an operation with it.
async fn call(session: &AwsSession, url: &str, config: ClientConfigBuilder) -> Result<(), Error> {
    let dynamodb = session.client(DynamoDb).endpoint_url(url).config(config).await?;
    dynamodb.list_tables().send().await?;
    Ok(())
}

/// The error and its causes.
fn told(error: &Error) -> String {
    let chain = std::iter::successors(error.source(), |&source| source.source());
    let told = chain.fold(error.to_string(), |told, source| format!("{told}: {source}"));
    assert!(!format!("{told} {error:?}").contains("hunter2"), "a secret is printed: {told} {error:?}");
    told
}
