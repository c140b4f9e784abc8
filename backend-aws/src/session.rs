//! The session with AWS, and the connections it makes.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use aws_config::identity::IdentityCache;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_types::SdkConfig;
use aws_types::origin::Origin;
use aws_types::region::Region;
use session_core::{
    Catalog, ClientConfig, Connection, DefaultsMode, EndpointUrl, Error, ErrorKind, RegionName, Scopes,
    ServiceName, Session, SessionConfig,
};

use crate::base::LazyBase;
use crate::builder::AwsSessionBuilder;
use crate::http::{PlainHttp, Transport};
use crate::{catalog, credentials, endpoint};

/// A session with AWS, or with any server that speaks its API.
///
/// A handle: clones are cheap and share configuration, connection pool, cached identity and scopes.
///
/// ```no_run
/// use backend_aws::AwsSession;
/// use session_core::SessionExt;
/// # session_core::service!(S3 = "s3", aws_sdk_s3);
///
/// # async fn run() -> Result<(), session_core::Error> {
/// let session = AwsSession::builder().region_name("eu-west-1").profile_name("development").build().await?;
/// let s3 = session.client(S3).await?;
/// s3.list_buckets().send().await?;
/// s3.close().await?;
/// session.close().await?;
/// # Ok(()) }
/// ```
#[derive(Clone)]
pub struct AwsSession(Arc<Shared>);

struct Shared {
    base: LazyBase,
    scopes: Scopes,
}

impl AwsSession {
    /// Nothing set: everything is found in the environment and the profile.
    pub fn builder() -> AwsSessionBuilder {
        AwsSessionBuilder::default()
    }

    pub(crate) fn new(base: LazyBase) -> Self {
        Self(Arc::new(Shared { base, scopes: Scopes::new() }))
    }

    /// Ends every scope that the session opened, in all its clones: no new operations and no new clients; waits up to
    /// 30 s, or the `close_timeout` of the session's `client_config`, for what is in flight.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when operations were still in flight, or bodies unread; they are cancelled.
    ///
    /// # Cancellation
    /// Dropping the future leaves the session refusing new operations and those in flight running.
    pub async fn close(&self) -> Result<(), Error> {
        self.close_within(self.config().client_config().close_timeout()).await
    }

    /// [`close`](Self::close) with a time-out of its own.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub async fn close_within(&self, timeout: Duration) -> Result<(), Error> {
        self.0.scopes.close(timeout).await
    }

    /// Whether [`close`](Self::close) was called on the session or one of its clones.
    pub fn is_closed(&self) -> bool {
        self.0.scopes.is_closed()
    }

    fn region_for(&self, service: &ServiceName, config: &ClientConfig) -> Result<RegionName, Error> {
        let session = self.config().region_name().map(|setting| &setting.value);
        config.region_name().or(session).cloned().ok_or_else(|| {
            let message = format!(
                "no region is known for {service}: give region_name to the client or to the session, set \
                 AWS_REGION, or set `region` in the profile; unlike boto3, no service falls back to us-east-1"
            );
            Error::new(ErrorKind::MissingRegion, message).with_service(service.clone())
        })
    }

    /// The endpoint of the client's argument, else of the session's, else of environment and profile.
    fn endpoint_for(
        &self,
        service: &ServiceName,
        config: &ClientConfig,
        sdk_config: &SdkConfig,
    ) -> Result<Option<EndpointUrl>, Error> {
        match config.endpoint_url().or(self.0.base.arguments().endpoint_url.as_ref()) {
            Some(argument) => Ok(Some(argument.clone())),
            None => {
                let ignored = config.ignore_configured_endpoint_urls() == Some(true);
                endpoint::configured(sdk_config, service, ignored)
            }
        }
    }
}

#[async_trait]
impl Session for AwsSession {
    fn config(&self) -> &SessionConfig {
        &self.0.base.arguments().config
    }

    /// The services of boto's list; those with resources are S3 and DynamoDB. A client can be opened for any name,
    /// so that a service newer than the list needs no new release.
    fn catalog(&self) -> &Catalog {
        catalog::catalog()
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        let base = self.0.base.get().await?;
        let said = config.clone();
        let config = base.found.clone().overridden_by(config);
        config.check()?;
        let region = self.region_for(service, &config)?;
        let endpoint = self.endpoint_for(service, &config, &base.sdk_config)?;
        if let Some(url) = &endpoint {
            refuse_variants(&said, url)?;
        }
        let config = match config.defaults_mode() {
            Some(DefaultsMode::Auto) => {
                let mode = base.surroundings.mode_for(&region, base.sdk_config.http_client()).await;
                config.resolve_defaults_mode(mode)
            }
            _ => config,
        };
        let regional = base.sdk_config.to_builder().region(Region::from(region)).build();
        let mut builder = config.applied_to(&regional).into_builder();
        if config.credentials().is_some() {
            // These never expire. The session's cache keeps a limited number of identities: clients with ever
            // new keys would push the session's own out.
            builder.set_identity_cache(Some(IdentityCache::no_cache()));
        }
        match &base.pools {
            Some(pools) => {
                builder.set_http_client(Some(pools.of_client(&config).await?));
            }
            None => Transport::refuse_options(&config)?,
        }
        let mut interceptor = None;
        // Said to be explicit, or the SDK would look at environment and profile again.
        builder.insert_origin("endpoint_url", Origin::shared_config());
        builder.set_endpoint_url(endpoint.as_ref().map(|url| url.as_str().to_owned()));
        if endpoint.is_some() {
            builder.set_use_fips(None).set_use_dual_stack(None);
        } else if !config.use_ssl() {
            interceptor = Some(SharedInterceptor::new(PlainHttp));
        }
        let mut connection = Connection::new(service.clone(), config, builder.build())
            .with_backend("aws")
            .with_said(said)
            .with_scopes(&self.0.scopes);
        if let Some(interceptor) = interceptor {
            connection = connection.with_interceptor(interceptor);
        }
        Ok(connection)
    }

    /// The credentials that the session holds, fetched first if it has none that are good for a while; their `Debug`
    /// shows provider and expiry, and no secret.
    ///
    /// Clients sign with the same ones. They are used until they near their end: when a quarter of their life is left,
    /// at most 15 minutes, a fetch begins behind the back of those who ask, and when a sixth is left, at most 10
    /// minutes, those wait for it. However many ask, one fetch runs, for up to 60 s, and it goes on when one of them
    /// goes away. If it fails, the old credentials are used as long as they are valid, with a warning (`tracing`).
    ///
    /// A session from an `sdk_config` that has an identity cache signs from that cache, as do all others with it.
    ///
    /// # Errors
    /// - [`ErrorKind::Timeout`]: the provider did not answer in time
    /// - [`ErrorKind::InvalidConfig`]: a provider is configured wrongly, such as a profile with half of a role
    /// - [`ErrorKind::Service`]: a provider failed, or gave what had expired already; the causes name it
    ///
    /// # Source
    /// Row S-31 of the requirements for the 15 and 10 minutes; `aws_config` for what each provider asks.
    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        let arguments = self.0.base.arguments();
        if let (Some(keys), None) = (arguments.config.credentials(), &arguments.role) {
            return Ok(Some(keys.to_sdk()));
        }
        match &self.0.base.get().await?.identity {
            Some(provider) => credentials::snapshot(provider).await,
            None => Ok(None),
        }
    }
}

/// A custom endpoint is what it is: there is no other variant of it. What environment and profile say of variants is for
/// AWS's own endpoints then; said in code it is a contradiction.
fn refuse_variants(said: &ClientConfig, endpoint: &EndpointUrl) -> Result<(), Error> {
    for (name, variant) in [
        ("use_fips_endpoint", said.use_fips_endpoint()),
        ("use_dualstack_endpoint", said.use_dualstack_endpoint()),
        ("s3_use_dualstack_endpoint", said.s3_use_dualstack_endpoint()),
    ] {
        if variant == Some(true) {
            let message = format!(
                "{name} `true` is for AWS's own endpoints, and this client has the custom one `{endpoint}`: \
                 leave out one of the two"
            );
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
    }
    Ok(())
}

impl fmt::Debug for AwsSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AwsSession")
            .field("region_name", &self.config().region_name())
            .field("profile_name", &self.config().profile_name())
            .field("account_id", &self.config().account_id())
            .field("endpoint_url", &self.0.base.arguments().endpoint_url)
            .field("is_closed", &self.is_closed())
            .finish_non_exhaustive()
    }
}
