//! One identity's way into the cloud.

use std::sync::{Arc, LazyLock};
use std::time::Duration;

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_types::SdkConfig;
use session_core::{
    Catalog, ClientConfig, Connection, Error, ErrorKind, Origin, RegionName, Scopes, ServiceName, Session,
    SessionConfig, Setting,
};

use crate::cloud::MockAws;
use crate::service::{RESOURCES, SERVICES, STREAMS};

/// A [`Session`] into a [`MockAws`]: an account, a region and a profile name. Clones share it.
///
/// It keeps the settings that a client of the real AWS would be given and refuses the wrong ones in the same words,
/// but an endpoint, a CA bundle or `use_ssl` lead nowhere: every request is answered in memory.
#[derive(Clone, Debug)]
pub struct MockSession {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    aws: MockAws,
    config: SessionConfig,
    sdk_config: SdkConfig,
    scopes: Scopes,
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(|| {
    let services = SERVICES.into_iter().chain([STREAMS]).map(ServiceName::from_static);
    let services = Catalog::of_services(services);
    services.with_resources(RESOURCES.map(ServiceName::from_static))
});

impl MockSession {
    pub(crate) fn new(aws: MockAws, config: SessionConfig) -> Self {
        let mut sdk_config = aws.sdk_config().into_builder();
        let default = sdk_config_region(&aws).map(|name| Setting::new(name, Origin::Default));
        let config = config.resolve_region_name(default);
        if let Some(region) = config.region_name() {
            sdk_config.set_region(aws_types::region::Region::from(region.value.clone()));
        }
        if let Some(credentials) = config.credentials() {
            aws.register(credentials);
            sdk_config.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials.to_sdk())));
        }
        let sdk_config = sdk_config.build();
        Self { inner: Arc::new(Inner { aws, config, sdk_config, scopes: Scopes::new() }) }
    }

    /// The cloud that this session leads into.
    pub fn cloud(&self) -> &MockAws {
        &self.inner.aws
    }

    /// Closes every scope that this session opened and opens no more. Waits up to 30 s for what is in flight.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when operations were still in flight, or bodies unread, after that time.
    pub async fn close(&self) -> Result<(), Error> {
        self.close_within(ClientConfig::default().close_timeout()).await
    }

    /// [`close`](Self::close) with a time-out of its own.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub async fn close_within(&self, timeout: Duration) -> Result<(), Error> {
        self.inner.scopes.close(timeout).await
    }

    /// Whether [`close`](Self::close) was called on the session or one of its clones.
    pub fn is_closed(&self) -> bool {
        self.inner.scopes.is_closed()
    }
}

fn sdk_config_region(aws: &MockAws) -> Option<RegionName> {
    aws.sdk_config().region().and_then(|region| RegionName::new(region.as_ref()).ok())
}

#[async_trait]
impl Session for MockSession {
    fn config(&self) -> &SessionConfig {
        &self.inner.config
    }

    fn catalog(&self) -> &Catalog {
        &CATALOG
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        CATALOG.require_service(service)?;
        config.check_files().await?;
        if let Some(credentials) = config.credentials() {
            self.inner.aws.register(credentials);
        }
        let sdk_config = config.applied_to(&self.inner.sdk_config);
        Ok(Connection::new(service.clone(), config, sdk_config)
            .with_backend("mock")
            .with_scopes(&self.inner.scopes))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        let Some(provider) = self.inner.sdk_config.credentials_provider() else { return Ok(None) };
        let found = provider.provide_credentials().await;
        found.map(Some).map_err(|error| {
            Error::new(ErrorKind::NoCredentials, "the credentials of the session could not be read")
                .with_source(error)
        })
    }
}
