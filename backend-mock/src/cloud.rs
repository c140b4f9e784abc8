//! The cloud: engines behind two doors, and the sessions that lead into it.

use std::fmt;
use std::io;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::{SharedTimeSource, SystemTimeSource};
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{Error, SessionConfig};
use tokio::net::ToSocketAddrs;

use crate::connector::CloudHttpClient;
use crate::context::{AccountId, RegionName};
use crate::server::{self, ServerHandle};
use crate::service::Services;
use crate::session::MockSession;

/// An AWS in memory. Clones share it; [`MockAws::new`] makes another one.
///
/// Code under test takes a session, or with no session layer an [`sdk_config`](Self::sdk_config). Nothing in it leads
/// to the real network, whatever regions, endpoints or credentials say: every request ends in this cloud.
///
/// Accounts and regions are apart, as on AWS. Who asks is read from the request's credential scope: an access key of
/// twelve digits is that account, a key that a session brought with an `aws_account_id` is that session's, and any
/// other key is account `123456789012`. Signatures are not verified.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let aws = backend_mock::MockAws::new();
/// let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
/// s3.create_bucket().bucket("films").send().await?;
/// s3.put_object().bucket("films").key("metropolis").body(b"1927".to_vec().into()).send().await?;
/// let film = s3.get_object().bucket("films").key("metropolis").send().await?;
/// assert_eq!(film.body.collect().await?.into_bytes().as_ref(), b"1927");
/// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
/// ```
#[derive(Clone)]
pub struct MockAws {
    services: Arc<Services>,
}

impl MockAws {
    /// An empty cloud. Its ids are the same in every run.
    pub fn new() -> Self {
        Self::with_seed(0)
    }

    /// An empty cloud whose request ids, upload ids and tokens are drawn from `seed`: the same seed and the same
    /// requests in the same order give the same ids.
    pub fn with_seed(seed: u64) -> Self {
        let time = SharedTimeSource::new(SystemTimeSource::new());
        Self { services: Arc::new(Services::new(seed, time)) }
    }

    /// A session of the default account in `us-east-1`.
    pub fn session(&self) -> MockSession {
        MockSession::new(self.clone(), SessionConfig::default())
    }

    /// A session with arguments of its own: region, keys, account, profile.
    ///
    /// With keys *and* an account id, the keys belong to that account from now on.
    ///
    /// ```
    /// use backend_mock::MockAws;
    /// use session_core::{Error, SessionConfig, SessionExt};
    ///
    /// let aws = MockAws::new();
    /// let session = aws.session_with(SessionConfig::builder().region_name("eu-west-1").build()?);
    /// assert_eq!(session.region_name().unwrap().as_str(), "eu-west-1");
    /// # Ok::<(), Error>(())
    /// ```
    pub fn session_with(&self, config: SessionConfig) -> MockSession {
        MockSession::new(self.clone(), config)
    }

    /// What any `aws_sdk_*::Client::new` takes: the default account in `us-east-1`, requests answered in memory.
    pub fn sdk_config(&self) -> SdkConfig {
        let credentials = Credentials::builder()
            .access_key_id("AKIAMOCKAWS0DEFAULT0")
            .secret_access_key("mock-aws accepts any secret")
            .provider_name("mock-aws")
            .build();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(RegionName::DEFAULT))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard())
            .sleep_impl(TokioSleep::new())
            .time_source(self.services.time_source())
            .http_client(self.http_client())
            .build()
    }

    /// The connector alone, for an SDK configuration made elsewhere: every host is this cloud.
    pub fn http_client(&self) -> SharedHttpClient {
        CloudHttpClient::new(Arc::clone(&self.services)).into_shared()
    }

    /// Serves the cloud on a port, all services on one, until the handle is shut down or dropped.
    ///
    /// Point the AWS CLI, boto3 or any SDK at [`ServerHandle::endpoint_url`], with any credentials. S3 is served in
    /// path style and, at `bucket.localhost`, in virtual-hosted style. Use port 0 to be given a free one.
    ///
    /// # Errors
    /// [`ErrorKind::Io`](session_core::ErrorKind::Io) when the address is no address or the port is taken.
    pub async fn serve(&self, address: impl ToSocketAddrs) -> Result<ServerHandle, Error> {
        let served: io::Result<ServerHandle> = server::serve(Arc::clone(&self.services), address).await;
        Ok(served?)
    }

    /// Empties the cloud: every bucket, object, upload, table and item goes, in all accounts and regions.
    ///
    /// Sessions, clients and servers go on as they are, and what they ask for next is not there. Ids are drawn on from
    /// where they were.
    ///
    /// # Cancellation
    /// Requests on their way are not waited for: what one of them writes after this stays.
    pub fn reset(&self) {
        self.services.reset();
    }

    /// From now on, answers `POST /moto-api/reset` on its ports as moto's server does, by [`reset`](Self::reset).
    ///
    /// For suites that were written for moto's server. Without it the path belongs to S3, as a bucket's would.
    #[must_use]
    pub fn with_moto_api(self) -> Self {
        self.services.open_moto_api();
        self
    }

    pub(crate) fn register(&self, access_key_id: &str, account_id: &str) {
        if let Some(account_id) = AccountId::parse(account_id) {
            self.services.register(access_key_id, account_id);
        }
    }
}

impl Default for MockAws {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for MockAws {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MockAws")
    }
}
