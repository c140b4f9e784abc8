//! Builds a session: boto's arguments, checked once.

use aws_smithy_runtime_api::client::http::{HttpClient, SharedHttpClient};
use aws_types::SdkConfig;
use session_core::{ClientConfigBuilder, EndpointUrl, Error, Secret, SessionConfig, SessionConfigBuilder};

use crate::assume_role::AssumeRole;
use crate::base::Arguments;
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
    role: Option<AssumeRole>,
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

    /// The role that the session acts as, by its ARN or as an [`AssumeRole`] with more to say.
    ///
    /// What would sign otherwise (keys, profile, environment, `sdk_config`) signs the request to STS instead. That is
    /// sent when credentials are first needed, in the session's region (`us-east-1` if it has none), to
    /// [`endpoint_url`](Self::endpoint_url), else `AWS_ENDPOINT_URL_STS` or what else is configured for STS. New
    /// credentials are fetched before the old ones expire, by one request however many clients wait. Keys that are
    /// given to a client sign for it themselves.
    ///
    /// ```no_run
    /// use std::time::Duration;
    ///
    /// use backend_aws::{AssumeRole, AwsSession};
    ///
    /// # async fn run() -> Result<(), session_core::Error> {
    /// let session = AwsSession::builder().assume_role("arn:aws:iam::123456789012:role/reader").build().await?;
    /// assert_eq!(session.config().account_id().unwrap().value.as_str(), "123456789012");
    ///
    /// let role = AssumeRole::new("arn:aws:iam::123456789012:role/writer").duration(Duration::from_secs(900));
    /// let session = AwsSession::builder().profile_name("development").assume_role(role).build().await?;
    /// # use session_core::Session;
    /// # Ok(()) }
    /// ```
    pub fn assume_role(mut self, role: impl Into<AssumeRole>) -> Self {
        self.role = Some(role.into());
        self
    }

    /// Checks the arguments and reads environment and files: once, here.
    ///
    /// With keys and a region known without them, and no profile asked for, no file is opened here. What files say
    /// then about anything else is read when the first client opens, and errors in them are told there.
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
    ///   with a value that is not allowed, a `source_profile` that is missing, a CA bundle or a proxy of the environment
    ///   that cannot be used, an [`AssumeRole`] beyond STS's limits, or one over an `sdk_config` that has nobody to sign
    ///   its request
    ///
    /// # Source
    /// `boto3.session.Session.__init__` for the arguments; the SDKs and Tools reference guide for files and variables.
    pub async fn build(self) -> Result<AwsSession, Error> {
        let endpoint_url = self.endpoint_url.map(EndpointUrl::new).transpose()?;
        let config: SessionConfig = self.config.build()?;
        let existing = config.sdk_config().cloned();
        let arguments = Arguments { config, role: self.role, endpoint_url, http_client: self.http_client };
        let base = match existing {
            Some(existing) => sdk_config::adopt(existing, arguments).await?,
            None => sdk_config::load(arguments).await?,
        };
        Ok(AwsSession::new(base))
    }
}
