//! The openers: builders that become a client or a resource when they are awaited.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::marker::PhantomData;
use std::pin::Pin;
use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::Intercept;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;

use crate::config::{ClientConfig, ClientConfigBuilder, S3AddressingStyle, Secret, Verify};
use crate::connection::Connection;
use crate::error::{Error, ErrorKind};
use crate::scope::{ResourceScope, SafetyNet};
use crate::service::{ResourceService, Service};
use crate::session::Session;

/// Opens a client when awaited; made by [`SessionExt::client`](crate::SessionExt::client).
pub type OpenClient<'a, Se, S> = Open<'a, Se, S, AsClient>;

/// Opens a service resource when awaited; made by [`SessionExt::resource`](crate::SessionExt::resource).
pub type OpenResource<'a, Se, S> = Open<'a, Se, S, AsResource>;

/// Says of an [`Open`] that it becomes a client.
#[derive(Debug)]
pub enum AsClient {}

/// Says of an [`Open`] that it becomes a service resource.
#[derive(Debug)]
pub enum AsResource {}

/// A client or resource that is about to open. Every argument is optional; `.await` opens it.
///
/// # Errors
/// Awaiting fails before anything is sent:
/// - [`ErrorKind::PartialCredentials`], [`ErrorKind::InvalidRegion`], [`ErrorKind::InvalidEndpoint`]: an argument is
///   malformed
/// - [`ErrorKind::InvalidConfig`]: an API version that the client does not speak, a CA bundle that cannot be read
/// - [`ErrorKind::UnknownService`], [`ErrorKind::MissingRegion`]: what the backend reports
/// - [`ErrorKind::ScopeClosed`]: the session is closed
#[must_use = "a client opens when it is awaited"]
pub struct Open<'a, Se: ?Sized, S, As> {
    session: &'a Se,
    service: S,
    /// Set on the opener.
    arguments: ClientConfigBuilder,
    /// Given to it, and weaker.
    config: ClientConfigBuilder,
    opens: PhantomData<fn() -> As>,
}

impl<'a, Se: ?Sized, S, As> Open<'a, Se, S, As> {
    pub(crate) fn new(session: &'a Se, service: S) -> Self {
        let (arguments, config) = (ClientConfig::builder(), ClientConfig::builder());
        Self { session, service, arguments, config, opens: PhantomData }
    }

    fn set(mut self, set: impl FnOnce(ClientConfigBuilder) -> ClientConfigBuilder) -> Self {
        self.arguments = set(self.arguments);
        self
    }

    /// The region of this client, instead of the session's.
    pub fn region_name(self, name: impl Into<String>) -> Self {
        self.set(|config| config.region_name(name))
    }

    /// The API version to speak; see [`ClientConfigBuilder::api_version`].
    pub fn api_version(self, version: impl Into<String>) -> Self {
        self.set(|config| config.api_version(version))
    }

    /// Whether the service's own endpoint is reached by `https`, default `true`.
    pub fn use_ssl(self, use_ssl: bool) -> Self {
        self.set(|config| config.use_ssl(use_ssl))
    }

    /// The path of a PEM file whose certificates are trusted, or [`Verify::SystemRoots`].
    pub fn verify(self, verify: impl Into<Verify>) -> Self {
        self.set(|config| config.verify(verify))
    }

    /// A complete URL to use instead of the service's own endpoint.
    pub fn endpoint_url(self, url: impl Into<String>) -> Self {
        self.set(|config| config.endpoint_url(url))
    }

    /// The access key of this client, instead of the session's credentials.
    pub fn aws_access_key_id(self, id: impl Into<String>) -> Self {
        self.set(|config| config.aws_access_key_id(id))
    }

    /// The secret that belongs to [`aws_access_key_id`](Self::aws_access_key_id).
    pub fn aws_secret_access_key(self, secret: impl Into<Secret>) -> Self {
        self.set(|config| config.aws_secret_access_key(secret))
    }

    /// The session token that belongs to the keys.
    pub fn aws_session_token(self, token: impl Into<Secret>) -> Self {
        self.set(|config| config.aws_session_token(token))
    }

    /// The account that the keys belong to, twelve digits.
    pub fn aws_account_id(self, id: impl Into<String>) -> Self {
        self.set(|config| config.aws_account_id(id))
    }

    /// Connect, read, attempt and operation time-outs.
    pub fn timeout_config(self, timeouts: TimeoutConfig) -> Self {
        self.set(|config| config.timeout_config(timeouts))
    }

    /// The retry mode and the total number of attempts.
    pub fn retry_config(self, retries: RetryConfig) -> Self {
        self.set(|config| config.retry_config(retries))
    }

    /// Where S3 puts the bucket's name; see [`ClientConfigBuilder::s3_addressing_style`].
    pub fn s3_addressing_style(self, style: S3AddressingStyle) -> Self {
        self.set(|config| config.s3_addressing_style(style))
    }

    /// When requests carry a checksum.
    pub fn request_checksum_calculation(self, when: RequestChecksumCalculation) -> Self {
        self.set(|config| config.request_checksum_calculation(when))
    }

    /// When the checksums of answers are checked.
    pub fn response_checksum_validation(self, when: ResponseChecksumValidation) -> Self {
        self.set(|config| config.response_checksum_validation(when))
    }

    /// How long closing the scope waits for what is in flight, default 30 s.
    pub fn close_timeout(self, timeout: Duration) -> Self {
        self.set(|config| config.close_timeout(timeout))
    }

    /// One more hook on every operation of this client; see [`ClientConfigBuilder::interceptor`].
    pub fn interceptor(self, interceptor: impl Intercept + 'static) -> Self {
        self.set(|config| config.interceptor(interceptor))
    }

    /// Settings made elsewhere, where Python takes a `Config`: all that
    /// [`ClientConfigBuilder`] has. Arguments set on the opener win, whatever the order; of two configurations the later.
    pub fn config(mut self, config: ClientConfigBuilder) -> Self {
        self.config = self.config.overridden_by(config);
        self
    }
}

impl<Se: ?Sized + Session, S: Service, As> Open<'_, Se, S, As> {
    /// What a client is made from. If making it fails, the net ends what was made.
    async fn connect(self) -> Result<(S, Connection, SafetyNet), Error> {
        let Self { session, service, arguments, config, .. } = self;
        let name = service.name();
        let told = |error: Error| match error.service() {
            Some(_) => error,
            None => error.with_service(name.clone()),
        };
        name.require_well_formed()?;
        let config = config.overridden_by(arguments).build().map_err(told)?;
        let config = session.config().client_config().clone().overridden_by(config);
        config.check().map_err(told)?;
        check_api_version(&service, &config).map_err(told)?;
        let connection = session.connect(&name, config).await.map_err(told)?;
        let (connection, gate) = connection.gated()?;
        Ok((service, connection, SafetyNet::new(gate)))
    }
}

fn check_api_version<S: Service>(service: &S, config: &ClientConfig) -> Result<(), Error> {
    let Some(asked) = config.api_version() else { return Ok(()) };
    let message = match service.api_version() {
        Some(spoken) if spoken == asked => return Ok(()),
        Some(spoken) => format!(
            "{} has no API version `{}` here: its client speaks {spoken}",
            service.name(),
            asked.escape_debug()
        ),
        None => format!(
            "api_version `{}` cannot be checked: the marker of {} does not say which version its client speaks; \
             leave api_version out",
            asked.escape_debug(),
            service.name()
        ),
    };
    Err(Error::new(ErrorKind::InvalidConfig, message))
}

type Opening<'a, T> = Pin<Box<dyn Future<Output = Result<ResourceScope<T>, Error>> + Send + 'a>>;

impl<'a, Se: ?Sized + Session, S: Service + 'a> IntoFuture for Open<'a, Se, S, AsClient> {
    type Output = Result<ResourceScope<S::Client>, Error>;
    type IntoFuture = Opening<'a, S::Client>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (service, connection, net) = self.connect().await?;
            let client = service.client(&connection)?;
            Ok(ResourceScope::new(client, connection.meta(), net))
        })
    }
}

impl<'a, Se: ?Sized + Session, S: ResourceService + 'a> IntoFuture for Open<'a, Se, S, AsResource> {
    type Output = Result<ResourceScope<S::Resource>, Error>;
    type IntoFuture = Opening<'a, S::Resource>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let (service, connection, net) = self.connect().await?;
            let resource = service.resource(service.client(&connection)?, &connection)?;
            Ok(ResourceScope::new(resource, connection.meta(), net))
        })
    }
}

impl<Se: ?Sized, S: Service, As> fmt::Debug for Open<'_, Se, S, As> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Open")
            .field("service", &self.service.name())
            .field("config", &self.config.clone().overridden_by(self.arguments.clone()))
            .finish()
    }
}
