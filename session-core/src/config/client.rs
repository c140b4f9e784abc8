//! What one client is told when it is opened: the arguments of boto3's `client()` and, inside, its `Config`.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::dns::ResolveDns;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::origin::Origin;
use aws_types::region::Region;

use super::credentials::{CredentialArguments, Secret, StaticCredentials};
use super::endpoint::EndpointUrl;
use super::proxy::Proxies;
use super::region::RegionName;
use super::tls::{ClientCertificate, Verify};
use crate::error::{Error, ErrorKind};

/// Where S3 puts the bucket's name: in the host or in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum S3AddressingStyle {
    /// In the host on AWS, in the path on a custom `endpoint_url`, as boto3 does.
    #[default]
    Auto,
    /// `https://bucket.s3.eu-west-1.amazonaws.com/key`, on custom endpoints too.
    Virtual,
    /// `https://s3.eu-west-1.amazonaws.com/bucket/key`.
    Path,
}

/// How long [`ResourceScope::close`](crate::ResourceScope::close) waits for what is in flight, if nothing else is said.
const DEFAULT_CLOSE_TIMEOUT: Duration = Duration::from_secs(30);

/// The checked configuration of one client. What is `None` is left to the session.
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    region_name: Option<RegionName>,
    endpoint_url: Option<EndpointUrl>,
    credentials: Option<StaticCredentials>,
    settings: Settings,
}

/// The settings that need no check.
#[derive(Clone, Debug, Default)]
struct Settings {
    api_version: Option<String>,
    use_ssl: Option<bool>,
    verify: Option<Verify>,
    client_cert: Option<ClientCertificate>,
    proxies: Option<Proxies>,
    tcp_keepalive: Option<Duration>,
    keepalive_timeout: Option<Duration>,
    dns_resolver: Option<DnsResolver>,
    timeout_config: Option<TimeoutConfig>,
    retry_config: Option<RetryConfig>,
    s3_addressing_style: Option<S3AddressingStyle>,
    request_checksum_calculation: Option<RequestChecksumCalculation>,
    response_checksum_validation: Option<ResponseChecksumValidation>,
    close_timeout: Option<Duration>,
}

impl ClientConfig {
    /// Nothing set.
    pub fn builder() -> ClientConfigBuilder {
        ClientConfigBuilder::default()
    }

    /// The region of this client.
    pub fn region_name(&self) -> Option<&RegionName> {
        self.region_name.as_ref()
    }

    /// The endpoint that replaces the service's own.
    pub fn endpoint_url(&self) -> Option<&EndpointUrl> {
        self.endpoint_url.as_ref()
    }

    /// The credentials of this client.
    pub fn credentials(&self) -> Option<&StaticCredentials> {
        self.credentials.as_ref()
    }

    /// The API version that was asked for.
    pub fn api_version(&self) -> Option<&str> {
        self.settings.api_version.as_deref()
    }

    /// Whether resolved endpoints are `https`; `true` unless switched off.
    pub fn use_ssl(&self) -> bool {
        self.settings.use_ssl.unwrap_or(true)
    }

    /// Which certificates are trusted, where said.
    pub fn verify(&self) -> Option<&Verify> {
        self.settings.verify.as_ref()
    }

    /// The certificate that the client shows, where said.
    pub fn client_cert(&self) -> Option<&ClientCertificate> {
        self.settings.client_cert.as_ref()
    }

    /// The proxies in place of the environment's, where said.
    pub fn proxies(&self) -> Option<&Proxies> {
        self.settings.proxies.as_ref()
    }

    /// How long a connection is silent before the system asks whether its peer is still there, where said.
    pub fn tcp_keepalive(&self) -> Option<Duration> {
        self.settings.tcp_keepalive
    }

    /// How long a connection is kept without use, where said.
    pub fn keepalive_timeout(&self) -> Option<Duration> {
        self.settings.keepalive_timeout
    }

    /// Who finds the addresses of hosts, where said.
    pub fn dns_resolver(&self) -> Option<&Arc<dyn ResolveDns>> {
        self.settings.dns_resolver.as_ref().map(|resolver| &resolver.0)
    }

    /// The time-outs, where said.
    pub fn timeout_config(&self) -> Option<&TimeoutConfig> {
        self.settings.timeout_config.as_ref()
    }

    /// The retry mode and the number of attempts, where said.
    pub fn retry_config(&self) -> Option<&RetryConfig> {
        self.settings.retry_config.as_ref()
    }

    /// Where S3 puts the bucket's name.
    pub fn s3_addressing_style(&self) -> S3AddressingStyle {
        self.settings.s3_addressing_style.unwrap_or_default()
    }

    /// When requests carry a checksum, where said.
    pub fn request_checksum_calculation(&self) -> Option<RequestChecksumCalculation> {
        self.settings.request_checksum_calculation
    }

    /// When the checksums of answers are checked, where said.
    pub fn response_checksum_validation(&self) -> Option<ResponseChecksumValidation> {
        self.settings.response_checksum_validation
    }

    /// How long closing the scope waits for what is in flight; 30 s unless said.
    pub fn close_timeout(&self) -> Duration {
        self.settings.close_timeout.unwrap_or(DEFAULT_CLOSE_TIMEOUT)
    }

    /// The session's SDK configuration with what this client says instead: region, endpoint, credentials, time-outs
    /// (each that it leaves out stays the session's), retries and checksums. What concerns connections (`use_ssl`,
    /// `verify`, `client_cert`, `proxies`, keep-alive, resolver) is the HTTP client's, and so the backend's.
    pub fn applied_to(&self, session: &SdkConfig) -> SdkConfig {
        let mut sdk_config = session.to_builder();
        if let Some(region) = &self.region_name {
            sdk_config.set_region(Region::from(region.clone()));
        }
        if let Some(url) = &self.endpoint_url {
            sdk_config.set_endpoint_url(Some(url.as_str().to_owned()));
            // Said to be explicit, or SDK clients prefer what environment and profile say of their service.
            sdk_config.insert_origin("endpoint_url", Origin::shared_config());
        }
        if let Some(credentials) = &self.credentials {
            sdk_config.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials.to_sdk())));
        }
        let Settings { timeout_config, retry_config, .. } = &self.settings;
        if let Some(timeouts) = timeout_config {
            let mut timeouts = timeouts.clone();
            if let Some(session) = session.timeout_config() {
                timeouts.take_defaults_from(session);
            }
            sdk_config.set_timeout_config(Some(timeouts));
        }
        if let Some(retries) = retry_config {
            sdk_config.set_retry_config(Some(retries.clone()));
            sdk_config.insert_origin("retry_config", Origin::shared_config());
        }
        if let Some(when) = self.settings.request_checksum_calculation {
            sdk_config.set_request_checksum_calculation(Some(when));
        }
        if let Some(when) = self.settings.response_checksum_validation {
            sdk_config.set_response_checksum_validation(Some(when));
        }
        sdk_config.build()
    }

    /// Reads the files that [`verify`](Self::verify), [`client_cert`](Self::client_cert) and
    /// [`proxies`](Self::proxies) name, for a backend that has no use for them and refuses the wrong ones all the same.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the option and the file that cannot be used.
    pub async fn check_files(&self) -> Result<(), Error> {
        let Settings { verify, client_cert, proxies, .. } = &self.settings;
        if let Some(verify) = verify {
            verify.read_ca_bundle("verify").await?;
        }
        if let Some(certificate) = client_cert {
            certificate.read("client_cert").await?;
        }
        if let Some(proxies) = proxies {
            proxies.read_ca_bundle().await?;
            proxies.read_client_cert().await?;
        }
        Ok(())
    }
}

/// A resolver without a name of its own in `Debug`, which a third party's may lack.
#[derive(Clone)]
struct DnsResolver(Arc<dyn ResolveDns>);

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Builds a [`ClientConfig`]; every setting is optional and has the name that boto3 gives it.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientConfigBuilder {
    region_name: Option<String>,
    endpoint_url: Option<String>,
    credentials: CredentialArguments,
    settings: Settings,
}

impl ClientConfigBuilder {
    /// The region of this client, instead of the session's.
    pub fn region_name(mut self, name: impl Into<String>) -> Self {
        self.region_name = Some(name.into());
        self
    }

    /// The API version to speak. An SDK crate speaks exactly one, so any other is refused when the client opens.
    pub fn api_version(mut self, version: impl Into<String>) -> Self {
        self.settings.api_version = Some(version.into());
        self
    }

    /// Whether the service's own endpoint is reached by `https`, default `true`. An
    /// [`endpoint_url`](Self::endpoint_url) says so itself.
    pub fn use_ssl(mut self, use_ssl: bool) -> Self {
        self.settings.use_ssl = Some(use_ssl);
        self
    }

    /// The path of a PEM file whose certificates are trusted, or [`Verify::SystemRoots`], or the loud
    /// [`Verify::DangerouslyAcceptAnyCertificate`].
    pub fn verify(mut self, verify: impl Into<Verify>) -> Self {
        self.settings.verify = Some(verify.into());
        self
    }

    /// The certificate that the client shows to a server which asks for one: the path of a PEM file with certificate
    /// and private key, or a pair of paths.
    pub fn client_cert(mut self, certificate: impl Into<ClientCertificate>) -> Self {
        self.settings.client_cert = Some(certificate.into());
        self
    }

    /// The proxies of this client, in place of those that the environment names.
    pub fn proxies(mut self, proxies: Proxies) -> Self {
        self.settings.proxies = Some(proxies);
        self
    }

    /// Has the system ask whether the peer is still there once a connection was silent for that long, 1 s to 32,767 s
    /// in whole seconds; by default it never asks. It keeps connections open in firewalls and NAT gateways that
    /// forget silent ones, such as AWS's after 350 s, while a slow answer is waited for.
    ///
    /// # Source
    /// Row C-29 of the requirements, where it is only on or off; `TCP_KEEPIDLE` in tcp(7).
    pub fn tcp_keepalive(mut self, idle: Duration) -> Self {
        self.settings.tcp_keepalive = Some(idle);
        self
    }

    /// How long a connection is kept without use for the next request, default 12 s; zero keeps none.
    ///
    /// # Source
    /// Row C-38 of the requirements: `keepalive_timeout` of aiobotocore's `connector_args`, which has that default
    /// because AWS closes connections that were idle for 20 s: who lets go first never sends into one that is closing.
    pub fn keepalive_timeout(mut self, idle: Duration) -> Self {
        self.settings.keepalive_timeout = Some(idle);
        self
    }

    /// Who finds the addresses of hosts, by default the operating system. Clients share connections while they share
    /// the resolver, that is, while it was given to one builder and they open with clones of that.
    ///
    /// # Source
    /// Row C-38 of the requirements: `resolver` of aiobotocore's `connector_args`.
    pub fn dns_resolver(mut self, resolver: impl ResolveDns + 'static) -> Self {
        self.settings.dns_resolver = Some(DnsResolver(Arc::new(resolver)));
        self
    }

    /// A complete URL to use instead of the service's own endpoint, such as `http://localhost:8000`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// The access key of this client. Needs [`aws_secret_access_key`](Self::aws_secret_access_key).
    pub fn aws_access_key_id(mut self, id: impl Into<String>) -> Self {
        self.credentials.access_key_id = Some(id.into());
        self
    }

    /// The secret of this client. Needs [`aws_access_key_id`](Self::aws_access_key_id).
    pub fn aws_secret_access_key(mut self, secret: impl Into<Secret>) -> Self {
        self.credentials.secret_access_key = Some(secret.into());
        self
    }

    /// The session token of temporary credentials. Needs both keys.
    pub fn aws_session_token(mut self, token: impl Into<Secret>) -> Self {
        self.credentials.session_token = Some(token.into());
        self
    }

    /// The account of this client's credentials, twelve digits. Needs both keys.
    pub fn aws_account_id(mut self, id: impl Into<String>) -> Self {
        self.credentials.account_id = Some(id.into());
        self
    }

    /// Connect, read, attempt and operation time-outs.
    pub fn timeout_config(mut self, timeouts: TimeoutConfig) -> Self {
        self.settings.timeout_config = Some(timeouts);
        self
    }

    /// The retry mode and the total number of attempts.
    pub fn retry_config(mut self, retries: RetryConfig) -> Self {
        self.settings.retry_config = Some(retries);
        self
    }

    /// Where S3 puts the bucket's name, default [`S3AddressingStyle::Auto`]. It is `resources::S3` that heeds it: a
    /// marker made with [`service!`](crate::service!) has the bucket in the host, on a custom endpoint too.
    pub fn s3_addressing_style(mut self, style: S3AddressingStyle) -> Self {
        self.settings.s3_addressing_style = Some(style);
        self
    }

    /// When requests carry a checksum. Some S3-compatible stores need
    /// [`RequestChecksumCalculation::WhenRequired`].
    pub fn request_checksum_calculation(mut self, when: RequestChecksumCalculation) -> Self {
        self.settings.request_checksum_calculation = Some(when);
        self
    }

    /// When the checksums of answers are checked.
    pub fn response_checksum_validation(mut self, when: ResponseChecksumValidation) -> Self {
        self.settings.response_checksum_validation = Some(when);
        self
    }

    /// How long closing the scope waits for what is in flight, default 30 s.
    pub fn close_timeout(mut self, timeout: Duration) -> Self {
        self.settings.close_timeout = Some(timeout);
        self
    }

    /// These settings with those that `over` sets in their place.
    ///
    /// The keys of `over` replace ours as a pair, with their token and account or without.
    pub fn overridden_by(self, over: Self) -> Self {
        let (ours, theirs) = (self.settings, over.settings);
        Self {
            region_name: over.region_name.or(self.region_name),
            endpoint_url: over.endpoint_url.or(self.endpoint_url),
            credentials: self.credentials.overridden_by(over.credentials),
            settings: Settings {
                api_version: theirs.api_version.or(ours.api_version),
                use_ssl: theirs.use_ssl.or(ours.use_ssl),
                verify: theirs.verify.or(ours.verify),
                client_cert: theirs.client_cert.or(ours.client_cert),
                proxies: theirs.proxies.or(ours.proxies),
                tcp_keepalive: theirs.tcp_keepalive.or(ours.tcp_keepalive),
                keepalive_timeout: theirs.keepalive_timeout.or(ours.keepalive_timeout),
                dns_resolver: theirs.dns_resolver.or(ours.dns_resolver),
                timeout_config: theirs.timeout_config.or(ours.timeout_config),
                retry_config: theirs.retry_config.or(ours.retry_config),
                s3_addressing_style: theirs.s3_addressing_style.or(ours.s3_addressing_style),
                request_checksum_calculation: theirs
                    .request_checksum_calculation
                    .or(ours.request_checksum_calculation),
                response_checksum_validation: theirs
                    .response_checksum_validation
                    .or(ours.response_checksum_validation),
                close_timeout: theirs.close_timeout.or(ours.close_timeout),
            },
        }
    }

    /// Checks the settings.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidRegion`], [`ErrorKind::InvalidEndpoint`]: malformed text
    /// - [`ErrorKind::PartialCredentials`]: one key without the other, or a token or account id without keys
    /// - [`ErrorKind::InvalidConfig`]: the account id is not twelve digits, the path of a PEM file is empty, a proxy's
    ///   URL or a host without a proxy cannot be used, `tcp_keepalive` is out of bounds
    pub fn build(self) -> Result<ClientConfig, Error> {
        let Settings { verify, client_cert, proxies, tcp_keepalive, .. } = &self.settings;
        verify.as_ref().map_or(Ok(()), |verify| verify.check("verify"))?;
        client_cert.as_ref().map_or(Ok(()), |certificate| certificate.check("client_cert"))?;
        proxies.as_ref().map_or(Ok(()), Proxies::check)?;
        tcp_keepalive.map_or(Ok(()), check_tcp_keepalive)?;
        Ok(ClientConfig {
            region_name: self.region_name.map(RegionName::new).transpose()?,
            endpoint_url: self.endpoint_url.map(EndpointUrl::new).transpose()?,
            credentials: self.credentials.complete()?,
            settings: self.settings,
        })
    }
}

/// What every system can be told. Linux takes no more; a fraction of a second would be cut off.
fn check_tcp_keepalive(idle: Duration) -> Result<(), Error> {
    match idle.subsec_nanos() == 0 && (1..=32_767).contains(&idle.as_secs()) {
        true => Ok(()),
        false => {
            let message = format!("tcp_keepalive {idle:?} is not a whole number of seconds from 1 to 32,767");
            Err(Error::new(ErrorKind::InvalidConfig, message))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_client_says_is_applied_as_explicit_and_time_outs_one_by_one() {
        let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_secs(7));
        let session = SdkConfig::builder().timeout_config(timeouts.build()).build();
        let client = ClientConfig::builder()
            .endpoint_url("http://localhost:8000")
            .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).build());
        let applied = client.build().unwrap().applied_to(&session);
        assert!(applied.get_origin("endpoint_url").is_client_config());
        let timeouts = applied.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(timeouts.read_timeout(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn an_override_replaces_what_it_sets_and_keys_only_as_a_pair() {
        let session = ClientConfig::builder()
            .region_name("eu-west-1")
            .use_ssl(false)
            .aws_access_key_id("OURS")
            .aws_secret_access_key("s")
            .aws_session_token("ours")
            .aws_account_id("111111111111");
        let over = ClientConfig::builder().aws_access_key_id("THEIRS").aws_secret_access_key("s");
        let merged = session.clone().overridden_by(over).build().unwrap();
        assert_eq!(merged.region_name().unwrap().as_str(), "eu-west-1");
        assert!(!merged.use_ssl());
        let credentials = merged.credentials().unwrap();
        assert_eq!(credentials.access_key_id(), "THEIRS");
        assert_eq!(credentials.to_sdk().session_token(), None);
        assert_eq!(credentials.account_id(), None);

        let half = session.overridden_by(ClientConfig::builder().aws_access_key_id("THEIRS"));
        assert_eq!(half.build().unwrap_err().kind(), ErrorKind::PartialCredentials);
    }
}
