//! What a session and a client can be told: boto3's arguments under their own names, checked once.

mod apply;
mod client;
mod credentials;
mod defaults_mode;
mod endpoint;
mod hooks;
mod payload;
mod pool_limit;
mod proxy;
mod region;
mod retry;
mod s3;
mod session;
mod timeout;
mod tls;
mod transport;
mod user_agent;
mod variant;

pub use client::{ClientConfig, ClientConfigBuilder};
pub use credentials::{AccountId, Secret, StaticCredentials};
pub use defaults_mode::DefaultsMode;
pub use endpoint::EndpointUrl;
pub use proxy::Proxies;
pub use region::RegionName;
pub use retry::RetryMode;
pub use s3::S3AddressingStyle;
pub use session::{Origin, SessionConfig, SessionConfigBuilder, Setting};
pub use tls::{ClientCertificate, Verify};
