//! Builds a session: boto's arguments, checked once.

use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_types::SdkConfig;
use session_core::{ClientConfigBuilder, EndpointUrl, Error, Secret, SessionConfig, SessionConfigBuilder};

use crate::sdk_config;
use crate::session::AwsSession;

/// Builds an [`AwsSession`]. Every argument is optional and has the name that boto gives it.
///
/// What no argument says is found in the environment and in the profile; the
/// [crate's page](crate#where-each-setting-comes-from) says in which order.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct AwsSessionBuilder {
    config: SessionConfigBuilder,
    endpoint_url: Option<String>,
    http_client: Option<SharedHttpClient>,
}

impl AwsSessionBuilder {
    fn set(mut self, set: impl FnOnce(SessionConfigBuilder) -> SessionConfigBuilder) -> Self {
        self.config = set(self.config);
        self
    }

    /// The access key of explicit credentials. Needs [`aws_secret_access_key`](Self::aws_secret_access_key).
    pub fn aws_access_key_id(self, id: impl Into<String>) -> Self {
        self.set(|config| config.aws_access_key_id(id))
    }

    /// The secret of explicit credentials. Needs [`aws_access_key_id`](Self::aws_access_key_id).
    pub fn aws_secret_access_key(self, secret: impl Into<Secret>) -> Self {
        self.set(|config| config.aws_secret_access_key(secret))
    }

    /// The session token of temporary credentials. Needs both keys.
    pub fn aws_session_token(self, token: impl Into<Secret>) -> Self {
        self.set(|config| config.aws_session_token(token))
    }

    /// The account of the explicit credentials, twelve digits. Needs both keys.
    pub fn aws_account_id(self, id: impl Into<String>) -> Self {
        self.set(|config| config.aws_account_id(id))
    }

    /// The region of clients that name none, such as `eu-west-1`.
    pub fn region_name(self, name: impl Into<String>) -> Self {
        self.set(|config| config.region_name(name))
    }

    /// The profile whose settings and, without explicit keys, whose credentials are used.
    ///
    /// Keys and web identity of the environment are then left aside; a profile from `AWS_PROFILE` does not do that.
    pub fn profile_name(self, name: impl Into<String>) -> Self {
        self.set(|config| config.profile_name(name))
    }

    /// An existing SDK configuration to start from, where Python takes a `botocore_session`.
    ///
    /// Its region, credentials, endpoint, retries, HTTP client and so on are used unless an argument says
    /// otherwise. It stands for everything that was found outside the program, so the environment is not read,
    /// and files only for the credentials of a [`profile_name`](Self::profile_name), and for its region where
    /// `config` has none. What runtime parts it lacks (HTTP client, sleep, clock, retries, identity cache) the session
    /// adds. The configuration itself is never changed: any number of sessions may start from it.
    pub fn sdk_config(self, config: SdkConfig) -> Self {
        self.set(|arguments| arguments.sdk_config(config))
    }

    /// A complete URL for every client of the session, such as `http://localhost:8000`: one server that speaks for
    /// all services.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Self {
        self.endpoint_url = Some(url.into());
        self
    }

    /// What every client of the session is told, unless its own arguments say otherwise: time-outs, retries, proxies,
    /// hooks and all else that [`ClientConfigBuilder`] has.
    pub fn client_config(self, config: ClientConfigBuilder) -> Self {
        self.set(|arguments| arguments.client_config(config))
    }

    /// The HTTP client for everything that the session sends, in place of ours and of that in
    /// [`sdk_config`](Self::sdk_config): for another TLS stack, or for tests.
    ///
    /// It decides itself whom it trusts and which proxies it takes, so `AWS_CA_BUNDLE`, `ca_bundle` and the proxies of
    /// the environment are not looked at, and clients of the session refuse `verify`, `client_cert`, `proxies`,
    /// `tcp_keepalive`, `keepalive_timeout` and `dns_resolver` with
    /// [`InvalidConfig`](session_core::ErrorKind::InvalidConfig).
    ///
    /// # Source
    /// Row C-39 of the requirements: `http_session_cls` of aiobotocore's `AioConfig`.
    pub fn http_client(mut self, http_client: impl HttpClient + 'static) -> Self {
        self.http_client = Some(SharedHttpClient::new(http_client));
        self
    }

    /// Checks the arguments and reads environment and files: once, here.
    ///
    /// Credentials are not asked for: a session without any can be built, and its first signed request fails with
    /// [`NoCredentials`](session_core::ErrorKind::NoCredentials). Nothing is dialled.
    ///
    /// # Errors
    /// - [`PartialCredentials`](session_core::ErrorKind::PartialCredentials): one key without the other, in the
    ///   arguments or in the environment; a token or account id without keys
    /// - [`ProfileNotFound`](session_core::ErrorKind::ProfileNotFound): the profile of the argument or the
    ///   environment is in neither file; names the files, near misses and the profiles there are
    /// - [`InvalidRegion`](session_core::ErrorKind::InvalidRegion),
    ///   [`InvalidEndpoint`](session_core::ErrorKind::InvalidEndpoint): malformed text
    /// - [`InvalidConfig`](session_core::ErrorKind::InvalidConfig): a file that cannot be read or parsed, a setting
    ///   with a value that is not allowed, a CA bundle or a proxy of the environment that cannot be used
    ///
    /// # Source
    /// `boto3.session.Session.__init__` for the arguments; the SDKs and Tools reference guide for files and variables.
    pub async fn build(self) -> Result<AwsSession, Error> {
        let endpoint_url = self.endpoint_url.map(EndpointUrl::new).transpose()?;
        let config: SessionConfig = self.config.build()?;
        let existing = config.sdk_config().cloned();
        let foundation = match existing {
            Some(existing) => sdk_config::adopt(existing, config, self.http_client).await?,
            None => sdk_config::load(config, self.http_client).await?,
        };
        Ok(AwsSession::new(foundation, endpoint_url))
    }
}
