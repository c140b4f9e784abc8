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
//! # Where each setting comes from
//!
//! The first place that says something is believed. All are read once, in
//! [`build`](AwsSessionBuilder::build); what the environment becomes later changes nothing, except for what the
//! SDK's container, web identity, SSO and instance providers read when they fetch credentials.
//!
//! | setting | places, first to last |
//! |---|---|
//! | profile | `profile_name`, `AWS_PROFILE`, `AWS_DEFAULT_PROFILE`, `default` |
//! | files | `AWS_CONFIG_FILE`, `~/.aws/config`; `AWS_SHARED_CREDENTIALS_FILE`, `~/.aws/credentials` |
//! | region of the session | `region_name`, `sdk_config`, `AWS_REGION`, `AWS_DEFAULT_REGION`, `region` of the profile |
//! | region of a client | `region_name` of the client, the session's; else [`MissingRegion`] |
//! | credentials | keys of the client, keys of the session, `sdk_config`, `AWS_ACCESS_KEY_ID` and its secret, the profile (keys, role, web identity, SSO, process), `AWS_WEB_IDENTITY_TOKEN_FILE`, container, instance metadata |
//! | credentials with `profile_name` | keys of the client, keys of the session, the profile, container, instance metadata |
//! | endpoint | `endpoint_url` of the client, of the session, of `sdk_config`; `AWS_ENDPOINT_URL_<SERVICE>`, `AWS_ENDPOINT_URL`, the profile's `services` section, its `endpoint_url`; the service's own |
//! | endpoints ignored | `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`, `ignore_configured_endpoint_urls` of the profile: only arguments count then |
//! | trusted certificates | `verify` of the client, `AWS_CA_BUNDLE`, `ca_bundle` of the profile, the operating system's |
//! | retries | `retry_config` of the client, `sdk_config`, `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE`, the profile, standard with 3 attempts |
//! | time-outs | `timeout_config` of the client, each value that it leaves out from `sdk_config` or the SDK's defaults |
//!
//! With [`sdk_config`](AwsSessionBuilder::sdk_config) the places outside the program are not read.
//!
//! # What differs
//!
//! | here | in boto3 |
//! |---|---|
//! | `AWS_REGION` counts, before `AWS_DEFAULT_REGION` | only the latter counts |
//! | `AWS_PROFILE` before `AWS_DEFAULT_PROFILE` | the other way round |
//! | a client without a region is refused, S3 too | S3 falls back to `us-east-1` |
//! | a role is assumed in the session's region, or in `us-east-1` if it has none | in the region of the first client |
//! | half a pair of keys fails when the session is built, from the environment too | fails at the service, or when credentials are needed |
//! | a session token in `AWS_SESSION_TOKEN` | `AWS_SECURITY_TOKEN` is read before it |
//! | keys of the environment are read once | read again when `AWS_CREDENTIAL_EXPIRATION` has passed |
//! | keys of a profile come before web identity of the environment | after it |
//! | console sign-in, the old EC2 credential file and boto 2 configuration are not looked at | they are |
//! | `retry_mode` is `standard` or `adaptive`; `legacy` is refused | `legacy` is the default |
//! | a CA bundle is read when the client opens | at the first request |
//!
//! The SDK for Rust alone takes a region from `source_profile` and from instance metadata and knows no
//! `AWS_DEFAULT_PROFILE`; it does not fail for a profile that is missing, and panics at a wrong `AWS_MAX_ATTEMPTS`.
//!
//! # Without TLS
//!
//! `use_ssl(false)` sends requests to the service's own endpoint by `http`, and presigned URLs begin with it. They are
//! signed all the same, so keys stay secret and headers whole, but everybody on the way reads what is sent, and
//! bodies that the SDK streams are not covered by the signature. It is meant for networks that cannot do
//! otherwise; an [`endpoint_url`](AwsSessionBuilder::endpoint_url) says `http` or `https` itself.
//!
//! [`MissingRegion`]: session_core::ErrorKind::MissingRegion

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
