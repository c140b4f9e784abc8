//! What one client is told when it is opened: the arguments of boto3's `client()` and, inside, its `Config`.
//!
//! The arguments are here; what a `Config` holds is beside this file, one concern a file.

use std::time::Duration;

use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::endpoint_config::AccountIdEndpointMode;

use super::credentials::{CredentialArguments, Secret, StaticCredentials};
use super::defaults_mode::DefaultsMode;
use super::endpoint::{EndpointText, EndpointUrl};
use super::proxy::Proxies;
use super::region::RegionName;
use super::retry::RetryMode;
use super::s3::S3AddressingStyle;
use super::tls::{ClientCertificate, Verify};
use super::transport::DnsResolver;
use crate::error::{Error, ErrorKind};

/// The checked configuration of one client. What is `None` is left to the session.
#[derive(Clone, Debug, Default)]
pub struct ClientConfig {
    pub(super) region_name: Option<RegionName>,
    pub(super) endpoint_url: Option<EndpointUrl>,
    pub(super) credentials: Option<StaticCredentials>,
    pub(super) settings: Settings,
    pub(super) interceptors: Vec<SharedInterceptor>,
}

/// Settings that may be left out, and how those of a client go over those of its session.
macro_rules! settings {
    ($($name:ident: $type:ty,)*) => {
        /// What a client may be told besides its arguments; each setting that is `None` was not said.
        #[derive(Clone, Debug, Default)]
        pub(super) struct Settings {
            $(pub(super) $name: Option<$type>,)*
        }

        impl Settings {
            /// Ours, each where `over` does not say its own.
            fn overridden_by(self, over: Self) -> Self {
                let timeouts = match (&self.timeout_config, &over.timeout_config) {
                    (Some(ours), Some(theirs)) => Some(theirs.clone().take_defaults_from(ours).clone()),
                    _ => None,
                };
                let ours = self.without_what_retries_replace(&over);
                let mut merged = Self { $($name: over.$name.or(ours.$name),)* };
                if timeouts.is_some() {
                    merged.timeout_config = timeouts;
                }
                merged
            }
        }
    };
}

settings! {
    api_version: String,
    use_ssl: bool,
    verify: Verify,
    client_cert: ClientCertificate,
    proxies: Proxies,
    tcp_keepalive: Duration,
    keepalive_timeout: Duration,
    dns_resolver: DnsResolver,
    timeout_config: TimeoutConfig,
    close_timeout: Duration,
    retry_config: RetryConfig,
    retry_mode: RetryMode,
    total_max_attempts: u32,
    max_pool_connections: usize,
    pool_timeout: Duration,
    s3_addressing_style: S3AddressingStyle,
    s3_use_accelerate_endpoint: bool,
    s3_use_dualstack_endpoint: bool,
    s3_use_arn_region: bool,
    s3_payload_signing_enabled: bool,
    s3_disable_express_session_auth: bool,
    s3_disable_multiregion_access_points: bool,
    use_fips_endpoint: bool,
    use_dualstack_endpoint: bool,
    ignore_configured_endpoint_urls: bool,
    account_id_endpoint_mode: AccountIdEndpointMode,
    auth_scheme_preference: Vec<String>,
    sigv4a_signing_region_set: Vec<String>,
    anonymous: bool,
    request_checksum_calculation: RequestChecksumCalculation,
    response_checksum_validation: ResponseChecksumValidation,
    disable_request_compression: bool,
    request_min_compression_size_bytes: u32,
    stalled_stream_protection: StalledStreamProtectionConfig,
    user_agent_appid: String,
    user_agent_extra: String,
    user_agent: String,
    defaults_mode: DefaultsMode,
}

impl Settings {
    fn check(&self) -> Result<(), Error> {
        self.check_transport()?;
        self.check_timeouts()?;
        self.check_retries()?;
        self.check_pool()?;
        self.check_s3()?;
        self.check_variants()?;
        self.check_payload()?;
        self.check_user_agent()
    }
}

impl ClientConfig {
    /// Nothing set.
    pub fn builder() -> ClientConfigBuilder {
        ClientConfigBuilder::default()
    }

    /// What stores that speak S3 but are not AWS want: the bucket's name in the path, checksums only where they are
    /// required, and no account in the endpoint.
    ///
    /// ```
    /// # use session_core::{ClientConfig, SessionExt};
    /// # session_core::service!(S3 = "s3", aws_sdk_s3);
    /// let store = ClientConfig::s3_compatible().endpoint_url("http://localhost:9000").region_name("us-east-1");
    /// # let _ = store;
    /// ```
    ///
    /// Since 2025 the SDKs add checksums to every upload, which many such stores refuse.
    pub fn s3_compatible() -> ClientConfigBuilder {
        Self::builder()
            .s3_addressing_style(S3AddressingStyle::Path)
            .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
            .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
            .account_id_endpoint_mode(AccountIdEndpointMode::Disabled)
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

    /// These settings with those of `over` in their place, where it has any; the hooks of both, ours first.
    #[must_use]
    pub fn overridden_by(self, over: Self) -> Self {
        let mut interceptors = self.interceptors;
        interceptors.extend(over.interceptors);
        // Who signs and that nobody does exclude each other: the later word counts.
        let (signs, nobody_signs) = (over.credentials.is_some(), over.settings.anonymous == Some(true));
        let mut settings = self.settings.overridden_by(over.settings);
        if signs {
            settings.anonymous = None;
        }
        Self {
            region_name: over.region_name.or(self.region_name),
            endpoint_url: over.endpoint_url.or(self.endpoint_url),
            credentials: if nobody_signs { None } else { over.credentials.or(self.credentials) },
            settings,
            interceptors,
        }
    }

    /// Checks the settings against each other, as [`ClientConfigBuilder::build`] does: what several places say may
    /// contradict itself only when it is put together.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the settings that exclude each other.
    pub fn check(&self) -> Result<(), Error> {
        self.settings.check()
    }
}

/// Builds a [`ClientConfig`]; every setting is optional and has the name that boto3 gives it.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct ClientConfigBuilder {
    region_name: Option<String>,
    endpoint_url: Option<EndpointText>,
    credentials: CredentialArguments,
    pub(super) settings: Settings,
    pub(super) interceptors: Vec<SharedInterceptor>,
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

    /// A complete URL to use instead of the service's own endpoint, such as `http://localhost:8000`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(EndpointText(url.into()));
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

    /// These settings with those that `over` sets in their place; the hooks of both, ours first.
    ///
    /// The keys of `over` replace ours as a pair, with their token and account or without.
    pub fn overridden_by(self, over: Self) -> Self {
        let mut interceptors = self.interceptors;
        interceptors.extend(over.interceptors);
        let over_anonymous = over.settings.anonymous;
        let signs = over.credentials.has_keys();
        let mut settings = self.settings.overridden_by(over.settings);
        if signs {
            // Unless both were said at once, which is refused.
            settings.anonymous = over_anonymous;
        }
        Self {
            region_name: over.region_name.or(self.region_name),
            endpoint_url: over.endpoint_url.or(self.endpoint_url),
            credentials: self.credentials.overridden_by(over.credentials),
            settings,
            interceptors,
        }
    }

    /// Checks the settings, each by itself and against the others.
    ///
    /// # Errors
    /// - [`ErrorKind::InvalidRegion`], [`ErrorKind::InvalidEndpoint`]: malformed text
    /// - [`ErrorKind::PartialCredentials`]: one key without the other, or a token or account id without keys
    /// - [`ErrorKind::InvalidConfig`]: any other value that is not allowed; names the setting, the value and what is
    ///   allowed
    pub fn build(self) -> Result<ClientConfig, Error> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidConfig, message));
        let settings = self.settings;
        settings.check()?;
        let credentials = self.credentials.complete()?;
        if credentials.is_some() && settings.anonymous == Some(true) {
            return refuse(
                "anonymous requests are not signed: leave out aws_access_key_id and aws_secret_access_key",
            );
        }
        Ok(ClientConfig {
            region_name: self.region_name.map(RegionName::new).transpose()?,
            endpoint_url: self.endpoint_url.map(|text| EndpointUrl::new(text.0)).transpose()?,
            credentials,
            settings,
            interceptors: self.interceptors,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
