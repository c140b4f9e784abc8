//! The cloud: engines behind two doors, and the sessions that lead into it.

use std::fmt;
use std::io;
use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_runtime_api::shared::IntoShared;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{Error, SessionConfig, StaticCredentials};
use tokio::net::ToSocketAddrs;

use crate::builder::MockAwsBuilder;
use crate::clock::Clock;
use crate::connector::CloudHttpClient;
use crate::context::{AccountId, RegionName};
use crate::dynamodb::EngineOptions;
use crate::identity::Identity;
use crate::server::{self, ServerHandle};
use crate::service::Services;
use crate::session::MockSession;

/// An AWS in memory. Clones share it; [`MockAws::new`] makes another one.
///
/// Code under test takes a session, or with no session layer an [`sdk_config`](Self::sdk_config). Nothing in it leads
/// to the real network, whatever regions, endpoints or credentials say: every request ends in this cloud.
///
/// Accounts and regions are apart, as on AWS. Who asks is read from the request's credential scope: the keys of an
/// [`Identity`] and those that a session brought with an `aws_account_id` are their account's; of the others, an access
/// key of twelve digits is that account, and any other key is account `123456789012`. Signatures are verified
/// only by a cloud with [strict signatures](MockAwsBuilder::strict_signatures).
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

    /// A cloud that is told more before it begins: its seed, and the keys that it knows.
    pub fn builder() -> MockAwsBuilder {
        MockAwsBuilder::default()
    }

    /// An empty cloud whose request ids, upload ids and tokens are drawn from `seed`: the same seed and the same
    /// requests in the same order give the same ids.
    pub fn with_seed(seed: u64) -> Self {
        Self::builder().seed(seed).build()
    }

    pub(crate) fn built(
        seed: u64,
        identities: Vec<Identity>,
        strict_signatures: bool,
        dynamodb_options: EngineOptions,
    ) -> Self {
        let services = Services::new(seed, Clock::new(), strict_signatures, dynamodb_options);
        services.register(Self::default_identity());
        identities.into_iter().for_each(|identity| services.register(identity));
        Self { services: Arc::new(services) }
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
        let identity = Self::default_identity();
        let credentials = Credentials::builder()
            .access_key_id(identity.access_key_id())
            .secret_access_key(identity.secret_access_key().expose())
            .provider_name("mock-aws")
            .build();
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static(RegionName::DEFAULT))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .retry_config(RetryConfig::standard())
            .sleep_impl(self.clock())
            .time_source(self.clock())
            .http_client(self.http_client())
            .build()
    }

    /// The time of this cloud and of the clients made from it, to be read and moved.
    pub fn clock(&self) -> Clock {
        self.services.clock().clone()
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

    /// Whose requests are sent unless a session says otherwise.
    fn default_identity() -> Identity {
        Identity::new("AKIAMOCKAWS0DEFAULT0", "mock-aws accepts any secret", AccountId::DEFAULT)
            .expect("constants of the right form")
    }

    /// The keys belong to the account that they were given with, if they were given with one.
    pub(crate) fn register(&self, credentials: &StaticCredentials) {
        let keys = credentials.to_sdk();
        let identity = credentials.account_id().map(|account_id| {
            Identity::new(keys.access_key_id(), keys.secret_access_key(), account_id.as_str())
        });
        if let Some(Ok(identity)) = identity {
            self.services.register(identity);
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
