//! What a session and a client can be told: boto3's arguments under their own names, checked once.

mod client;
mod credentials;
mod endpoint;
mod region;
mod session;

pub use client::{ClientConfig, ClientConfigBuilder, S3AddressingStyle, Verify};
pub use credentials::{AccountId, Secret, StaticCredentials};
pub use endpoint::EndpointUrl;
pub use region::RegionName;
pub use session::{Origin, SessionConfig, SessionConfigBuilder, Setting};
