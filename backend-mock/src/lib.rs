//! An AWS in memory, for tests: the SDK's own clients, answered by engines in this process.
//!
//! [`MockAws`] is the cloud. A program that takes a [`Session`](session_core::Session) is given
//! [`aws.session()`](MockAws::session); one that takes an `SdkConfig` is given [`aws.sdk_config()`](MockAws::sdk_config);
//! anything else is pointed at [`aws.serve("127.0.0.1:0")`](MockAws::serve) or at the binary `mock-aws serve`.
//! The SDK's serializers, signers, retries, paginators, waiters and presigners all run; only the network is missing.
//!
//! ```
//! use session_core::{Error, Session, SessionExt};
//! # session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
//!
//! async fn tables(session: &dyn Session) -> Result<Vec<String>, Error> {
//!     let dynamodb = session.client(DynamoDb).await?;
//!     Ok(dynamodb.list_tables().send().await?.table_names().to_vec())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let aws = backend_mock::MockAws::new();
//! assert!(tables(&aws.session()).await?.is_empty());
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! Inside to out: an *engine* is the pure, synchronous state of a service, without HTTP, clock or chance of its own;
//! a *wire* speaks one protocol over it; the *service* decides which engine a request is for; two *doors* lead there.
//! An operation or parameter that is not implemented is refused by name, never accepted in silence.

mod aws_chunked;
mod builder;
mod clock;
mod cloud;
mod connector;
mod context;
mod dynamodb;
mod identity;
mod kms;
mod lock;
mod moto_api;
mod s3;
mod seed;
mod served;
mod server;
mod service;
mod session;
mod signature;
mod sts;

pub use builder::MockAwsBuilder;
pub use clock::Clock;
pub use cloud::MockAws;
pub use identity::Identity;
pub use server::ServerHandle;
pub use session::MockSession;
