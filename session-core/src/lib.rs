//! The words of an AWS session layer: what programs, backends and resources are written in.
//!
//! A program takes a [`Session`], opens a client with it, and leaves through the client's [`ResourceScope`].
//! Which session it is, real AWS or a cloud in memory, is decided by whoever calls the program.
//!
//! ```
//! use session_core::{Error, Session, SessionExt, service};
//!
//! service!(DynamoDb = "dynamodb", aws_sdk_dynamodb); // one line for any `aws-sdk-*` crate
//!
//! async fn count_tables(session: &dyn Session) -> Result<usize, Error> {
//!     let dynamodb = session.client(DynamoDb).region_name("eu-west-1").await?; // a scope around the SDK's own client
//!     let tables = dynamodb.list_tables().send().await?; // SDK errors become `Error` with `?`
//!     dynamodb.close().await?; // or let the scope drop
//!     Ok(tables.table_names().len())
//! }
//!
//! # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
//! let aws = backend_mock::MockAws::new(); // in production: `backend_aws::AwsSession::builder()…`
//! assert_eq!(count_tables(&aws.session()).await?, 0);
//! # Ok::<(), Error>(()) }).unwrap();
//! ```
//!
//! The modules in walking order: a [`Session`] has a [`SessionConfig`] and a [`Catalog`] and makes a [`Connection`];
//! [`Open`] turns it into a client by a [`Service`] or into a resource by a [`ResourceService`]; [`Client`] and
//! [`Resource`] are what those have in common; [`ResourceScope`] ends them; [`Error`] is what goes wrong.
//!
//! | feature | default | what it adds |
//! |---|---|---|
//! | `dynamic` | yes | [`dynamic`]: clients of every service by name, and their models (2.0 MB) |
//! | `served` | no | what a backend needs that serves a service by its model |
//! | `mockall` | no | `mocks`: mock objects of [`Session`], [`Client`] and [`Resource`] |

mod catalog;
mod client;
mod config;
mod connection;
#[cfg(feature = "dynamic")]
pub mod dynamic;
mod error;
mod gate;
#[cfg(feature = "mockall")]
pub mod mocks;
#[cfg(feature = "dynamic")]
mod model;
mod open;
mod pool;
mod resource;
mod scope;
mod scoped;
mod service;
mod session;

pub use catalog::{Catalog, NonRegional, Partition};
pub use client::{Client, ClientMeta};
pub use config::{
    AccountId, ClientCertificate, ClientConfig, ClientConfigBuilder, DefaultsMode, EndpointUrl, Origin,
    Proxies, RegionName, RetryMode, S3AddressingStyle, Secret, SessionConfig, SessionConfigBuilder, Setting,
    StaticCredentials, Verify,
};
pub use connection::{Connection, Hold};
pub use error::{BoxError, Error, ErrorKind};
pub use gate::ScopeClosed;
pub use open::{AsClient, AsResource, Open, OpenClient, OpenResource};
pub use pool::PoolTimeout;
pub use resource::{Resource, ResourceMeta};
pub use scope::{ResourceScope, Scopes};
pub use scoped::Scoped;
pub use service::{ResourceService, Service, ServiceName};
pub use session::{Session, SessionExt};
