//! Where clients come from: AWS in production, a cloud in memory in tests.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_credential_types::Credentials;

use crate::catalog::Catalog;
use crate::config::{ClientConfig, RegionName, SessionConfig};
use crate::connection::Connection;
use crate::error::Error;
use crate::open::{OpenClient, OpenResource};
use crate::service::{ResourceService, Service, ServiceName};

/// A source of connections, whatever is behind it. Dyn-compatible: programs take `&dyn Session`.
///
/// Implement these four and [`SessionExt`] gives the rest. Look-ups that need no I/O are sync, the rest is async.
#[async_trait]
pub trait Session: fmt::Debug + Send + Sync {
    /// What the session was told and what it found: region, profile, account, each with its origin.
    fn config(&self) -> &SessionConfig;

    /// The services that this backend can serve.
    fn catalog(&self) -> &Catalog;

    /// A connection to one service. Cheap; dials nothing and asks for no credentials.
    ///
    /// `config` is checked already. Give the connection an HTTP client, and the session's
    /// [`Scopes`](crate::Scopes) if the session can be closed.
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownService`](crate::ErrorKind::UnknownService): the backend does not serve it
    /// - [`ErrorKind::MissingRegion`](crate::ErrorKind::MissingRegion): the service is regional and no region is known
    /// - [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig): a setting that this backend cannot honour
    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error>;

    /// The credentials that requests are signed with now; `None` when there are none to be found.
    ///
    /// A snapshot with expiry and the name of the provider. The SDK refreshes credentials by itself.
    ///
    /// # Errors
    /// Whatever the provider reports, other than that it found none.
    async fn credentials(&self) -> Result<Option<Credentials>, Error>;
}

/// What every [`Session`] can do: boto3's verbs over the four things that a backend provides.
pub trait SessionExt: Session {
    /// Opens a client: set what boto3's `client()` takes, then `.await`.
    ///
    /// ```
    /// # use session_core::{Error, Session, SessionExt};
    /// # session_core::service!(S3 = "s3", aws_sdk_s3);
    /// async fn bucket_names(session: &dyn Session) -> Result<Vec<String>, Error> {
    ///     let s3 = session.client(S3).region_name("eu-west-1").await?;
    ///     let answer = s3.list_buckets().send().await?;
    ///     let names = answer.buckets().iter().filter_map(|bucket| bucket.name.clone()).collect();
    ///     s3.close().await?;
    ///     Ok(names)
    /// }
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// assert!(bucket_names(&backend_mock::MockAws::new().session()).await.unwrap().is_empty());
    /// # });
    /// ```
    fn client<S: Service>(&self, service: S) -> OpenClient<'_, Self, S> {
        OpenClient::new(self, service)
    }

    /// Opens a service resource: set what boto3's `resource()` takes, then `.await`.
    fn resource<S: ResourceService>(&self, service: S) -> OpenResource<'_, Self, S> {
        OpenResource::new(self, service)
    }

    /// The services that clients can be opened for, in alphabetical order.
    fn available_services(&self) -> Vec<ServiceName> {
        self.catalog().services().cloned().collect()
    }

    /// The services that resources can be opened for, in alphabetical order.
    fn available_resources(&self) -> Vec<ServiceName> {
        self.catalog().resources().cloned().collect()
    }

    /// The region of clients that name none.
    fn region_name(&self) -> Option<&RegionName> {
        self.config().region_name().map(|setting| &setting.value)
    }

    /// The profile in use, `default` when none was chosen.
    fn profile_name(&self) -> &str {
        self.config().profile_name().map_or("default", |setting| &setting.value)
    }
}

impl<S: Session + ?Sized> SessionExt for S {}

#[async_trait]
impl<S: Session + ?Sized> Session for Arc<S> {
    fn config(&self) -> &SessionConfig {
        (**self).config()
    }

    fn catalog(&self) -> &Catalog {
        (**self).catalog()
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        (**self).connect(service, config).await
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        (**self).credentials().await
    }
}
