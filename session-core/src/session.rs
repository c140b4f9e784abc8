//! Where clients come from: AWS in production, a cloud in memory in tests.

use std::fmt;
use std::sync::Arc;

use async_trait::async_trait;
use aws_credential_types::Credentials;

use crate::catalog::{Catalog, NonRegional, Partition};
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
    /// A marker opens the typed client of its SDK crate, a name such as `"ec2"` one made from AWS's model of the service.
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

    /// The operations of a service, in alphabetical order, as AWS's models name them; the same for every backend.
    ///
    /// ```
    /// use session_core::{Error, SessionExt};
    ///
    /// let session = backend_mock::MockAws::new().session();
    /// let operations = session.available_operations("ec2")?;
    /// assert!(operations.contains(&"RunInstances"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::UnknownService`](crate::ErrorKind::UnknownService): AWS publishes no service of that name; names
    /// near misses.
    #[cfg(feature = "dynamic")]
    fn available_operations(&self, service: &str) -> Result<Vec<&'static str>, Error> {
        crate::dynamic::describe::operation_names_of(service)
    }

    /// The partitions of AWS, `aws` first, the same for every backend.
    ///
    /// ```
    /// use session_core::{Partition, SessionExt};
    ///
    /// let session = backend_mock::MockAws::new().session();
    /// let names: Vec<_> = session.available_partitions().iter().map(Partition::name).collect();
    /// assert_eq!(names[..3], ["aws", "aws-cn", "aws-us-gov"]);
    /// ```
    fn available_partitions(&self) -> &'static [Partition] {
        Partition::all()
    }

    /// The regions of a service in a partition, in alphabetical order; the same for every backend. The service is a
    /// name (`elb`) or an endpoint prefix (`elasticloadbalancing`). Empty where AWS lists none.
    ///
    /// ```
    /// use session_core::{Error, NonRegional, SessionExt};
    ///
    /// let session = backend_mock::MockAws::new().session();
    /// let regions = session.available_regions("dynamodb", "aws-cn", NonRegional::Exclude)?;
    /// assert_eq!(regions, ["cn-north-1", "cn-northwest-1"]);
    /// // IAM is in no region.
    /// assert!(session.available_regions("iam", "aws", NonRegional::Exclude)?.is_empty());
    /// assert!(session.available_regions("iam", "aws", NonRegional::Include)?.contains(&"aws-global"));
    /// # Ok::<(), Error>(())
    /// ```
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownService`](crate::ErrorKind::UnknownService): neither AWS nor this backend has it; names
    ///   near misses
    /// - [`ErrorKind::InvalidInput`](crate::ErrorKind::InvalidInput): there is no such partition; names all
    ///
    /// boto3 returns an empty list in both cases.
    fn available_regions(
        &self,
        service: &str,
        partition: &str,
        non_regional: NonRegional,
    ) -> Result<Vec<&'static str>, Error> {
        self.catalog().regions(service, partition, non_regional)
    }

    /// The partition that a region belongs to; a region newer than the lists is told by its name.
    ///
    /// ```
    /// use session_core::{ErrorKind, SessionExt};
    ///
    /// let session = backend_mock::MockAws::new().session();
    /// assert_eq!(session.partition_for_region("us-gov-west-1")?.name(), "aws-us-gov");
    /// let error = session.partition_for_region("moon-base-1").unwrap_err();
    /// assert_eq!(error.kind(), ErrorKind::InvalidRegion);
    /// # Ok::<(), session_core::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRegion`](crate::ErrorKind::InvalidRegion): not the name of a region, or of no partition's.
    fn partition_for_region(&self, region: &str) -> Result<&'static Partition, Error> {
        self.catalog().partition_for_region(region)
    }

    /// The profiles that there are: those of the config file in its order, then those of the credentials file alone.
    ///
    /// Empty when there is neither file, and for a session that reads none, as one in memory.
    fn available_profiles(&self) -> &[String] {
        self.config().available_profiles()
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
