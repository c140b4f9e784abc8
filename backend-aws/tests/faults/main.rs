//! Services that throttle, reset, stall and break off, and bodies that nobody reads, over real connections.
//!
//! `server.rs` sends exact bytes on a port of the loopback. Sessions start from an SDK configuration, and so know
//! nothing of the machine. What a case waits for is an event, a socket's end above all, and never a stretch of time.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests: a failure is the test's

mod bodies;
mod by_name;
mod connections;
mod errors;
mod lifetime;
mod pool;
mod resumed;
mod retries;
mod server;
mod time_outs;
mod uploads;

use std::error::Error as _;
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use backend_aws::AwsSession;
use session_core::{ClientConfig, ClientConfigBuilder, Error, ResourceScope, SessionExt, service};

use crate::server::Server;

service!(S3 = "s3", aws_sdk_s3);
service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);

/// A session with that server, which retries as by default, but at once.
async fn session(server: &Server) -> AwsSession {
    session_at(&server.url()).await
}

async fn session_at(url: &str) -> AwsSession {
    let pause = Duration::from_millis(1);
    let retries = RetryConfig::standard().with_initial_backoff(pause).with_max_backoff(pause);
    AwsSession::builder()
        .sdk_config(SdkConfig::builder().retry_config(retries).build())
        .aws_access_key_id("AKID")
        .aws_secret_access_key("s3cret")
        .region_name("eu-west-1")
        .endpoint_url(url)
        .build()
        .await
        .unwrap()
}

fn config() -> ClientConfigBuilder {
    ClientConfig::builder()
}

async fn s3(server: &Server, config: ClientConfigBuilder) -> ResourceScope<aws_sdk_s3::Client> {
    session(server).await.client(S3).config(config).await.unwrap()
}

async fn dynamodb(server: &Server, config: ClientConfigBuilder) -> ResourceScope<aws_sdk_dynamodb::Client> {
    session(server).await.client(DynamoDb).config(config).await.unwrap()
}

/// One operation whose answer is read whole.
async fn list_tables(dynamodb: &aws_sdk_dynamodb::Client) -> Result<(), Error> {
    dynamodb.list_tables().send().await?;
    Ok(())
}

/// One operation whose answer is a stream.
async fn get_object(
    s3: &aws_sdk_s3::Client,
) -> Result<aws_sdk_s3::operation::get_object::GetObjectOutput, Error> {
    Ok(s3.get_object().bucket("b").key("k").send().await?)
}

/// The error and its causes.
fn told(error: &Error) -> String {
    let chain = std::iter::successors(error.source(), |&source| source.source());
    chain.fold(error.to_string(), |told, source| format!("{told}: {source}"))
}
