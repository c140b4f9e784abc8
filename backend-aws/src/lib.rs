//! Sessions with AWS: boto's arguments and precedence over the official SDK's configuration.
//!
//! [`AwsSession`] turns what it is told into the SDK's own configuration, and nothing more: credentials come from
//! the providers of `aws-config`, requests are signed, retried and sent by the SDK. What the session adds is that
//! everything is decided once, when it is built, that mistakes are errors there and not at the first request,
//! and that one pool of connections serves all its clients.
//!
//! ```no_run
//! use backend_aws::AwsSession;
//! use session_core::{Error, SessionExt, service};
//!
//! service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
//!
//! # async fn run() -> Result<(), Error> {
//! let session = AwsSession::builder().region_name("eu-west-1").profile_name("development").build().await?;
//! let dynamodb = session.client(DynamoDb).await?;
//! println!("{:?}", dynamodb.list_tables().send().await?.table_names());
//! session.close().await?;
//! # Ok(()) }
//! ```
//!
//! A server that speaks AWS's API, on the next machine or in the next room, is one argument away:
//!
//! ```
//! use backend_aws::AwsSession;
//! # use aws_types::SdkConfig;
//! use session_core::{Session, SessionExt};
//!
//! # session_core::service!(S3 = "s3", aws_sdk_s3);
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! # let builder = AwsSession::builder().sdk_config(SdkConfig::builder().build());
//! # /*
//! let session = AwsSession::builder()
//! # */
//! # let session = builder
//!     .endpoint_url("http://localhost:8000")
//!     .region_name("us-east-1")
//!     .aws_access_key_id("local")
//!     .aws_secret_access_key("local")
//!     .build()
//!     .await?;
//! let s3 = session.client(S3).await?; // opens nothing on the network yet
//! assert_eq!(s3.meta().endpoint_url.as_deref(), Some("http://localhost:8000"));
//! # Ok::<(), session_core::Error>(()) }).unwrap();
//! ```
//!
//! An identity, a role, defaults for every client and hooks are arguments, too:
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use backend_aws::AwsSession;
//! use session_core::{ClientConfig, Proxies, RetryMode};
//!
//! # async fn run() -> Result<(), session_core::Error> {
//! let session = AwsSession::builder()
//!     .profile_name("development")
//!     .assume_role("arn:aws:iam::123456789012:role/reader") // renewed before it expires
//!     .client_config(
//!         ClientConfig::builder() // boto3's `Config`, for every client that says nothing else
//!             .retry_mode(RetryMode::Adaptive)
//!             .total_max_attempts(5)
//!             .operation_timeout(Duration::from_secs(30))
//!             .max_pool_connections(50)
//!             .proxies(Proxies::all("http://proxy.example.org:3128")),
//!     )
//!     .build()
//!     .await?;
//! # Ok(()) }
//! ```
//!
//! What other stores that speak S3 want is a line: `session.client(S3).config(ClientConfig::s3_compatible())`.
//!
//! # What is seen from outside
//!
//! Every call is a `tracing` span of the target `session_core::call`, level `INFO`, with service, operation, region,
//! attempts, status, request id, outcome and duration; every attempt is an event in it, level `DEBUG`. Neither has
//! parameters, bodies or credentials. The SDK's own spans go on beside them.
//!
//! # Without TLS
//!
//! `use_ssl(false)` sends requests to the service's own endpoint by `http`, and presigned URLs begin with it. They are
//! signed all the same, so keys stay secret and headers whole, but everybody on the way reads what is sent, and
//! bodies that the SDK streams are not covered by the signature. It is meant for networks that cannot do
//! otherwise; an [`endpoint_url`](AwsSessionBuilder::endpoint_url) says `http` or `https` itself.
//!
#![doc = include_str!("configuration.md")]

mod assume_role;
mod base;
mod builder;
mod catalog;
mod credentials;
mod endpoint;
mod environment;
mod http;
mod profile;
mod region;
mod sdk_config;
mod session;
mod settings;
mod surroundings;
mod token;

pub use assume_role::AssumeRole;
pub use builder::AwsSessionBuilder;
pub use session::AwsSession;
