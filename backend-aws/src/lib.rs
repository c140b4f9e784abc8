//! Sessions with AWS: boto's arguments and precedence over the official SDK's configuration.
mod builder;
mod catalog;
mod credentials;
mod endpoint;
mod environment;
mod http;
mod profile;
mod region;
mod retry;
mod sdk_config;
mod session;

pub use builder::AwsSessionBuilder;
pub use session::AwsSession;
