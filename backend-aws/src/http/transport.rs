//! All that makes one pool of connections differ from another: trust, identity, proxies, keep-alive, resolver.

use std::time::Duration;

use hyper_util::client::legacy::connect::HttpConnector;
use session_core::{ClientConfig, Error, ErrorKind, Proxies, Verify};

use super::dial::Route;
use super::proxy::{self, Ways};
use super::resolver::Resolver;
use super::tls::{Identity, LazyTls, TO_PROXIES, TO_SERVICES, Tls, Trust};
use crate::environment::Environment;
use crate::profile::Profiles;

/// How long a connection is kept without use: aiobotocore's default. AWS closes connections that were idle for 20 s, and
/// a request that is sent into a closing connection is lost.
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(12);

/// The settings, with all files read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Transport {
    tls: Tls,
    proxies: Proxies,
    /// For a proxy that speaks TLS: what is trusted in place of what services may show, and who we are.
    proxy_trust: Option<Trust>,
    proxy_identity: Option<Identity>,
    tcp_keepalive: Option<Duration>,
    keepalive_timeout: Duration,
    resolver: Resolver,
}

impl Default for Transport {
    /// The system's certificates, no proxy.
    fn default() -> Self {
        Self {
            tls: Tls::default(),
            proxies: Proxies::none(),
            proxy_trust: None,
            proxy_identity: None,
            tcp_keepalive: None,
            keepalive_timeout: KEEPALIVE_TIMEOUT,
            resolver: Resolver::default(),
        }
    }
}

impl Transport {
    /// What environment and profile say: `AWS_CA_BUNDLE` or `ca_bundle`, and proxies.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the CA bundle or the URL of a proxy cannot be used.
    pub(crate) async fn found(environment: &Environment, profiles: &Profiles) -> Result<Self, Error> {
        let bundle = match (environment.get("AWS_CA_BUNDLE"), profiles.get("ca_bundle")) {
            (Some(path), _) => Some(("AWS_CA_BUNDLE".to_owned(), path)),
            (None, Some(path)) => Some((format!("ca_bundle of {}", profiles.origin()), path)),
            (None, None) => None,
        };
        let mut transport = Self { proxies: proxy::of_environment(environment)?, ..Self::default() };
        if let Some((option, path)) = bundle {
            let verify = Verify::CaBundle(environment.expand(path));
            transport.tls.trust = Trust::read(&verify, &option).await?;
        }
        Ok(transport)
    }

    /// Checks what the environment says and no file is needed for.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the URL of a proxy cannot be used.
    pub(crate) fn check(environment: &Environment) -> Result<(), Error> {
        proxy::of_environment(environment).map(drop)
    }

    /// These settings with what a client says instead.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: a file that the client names cannot be used.
    pub(super) async fn overridden_by(&self, config: &ClientConfig) -> Result<Self, Error> {
        let mut transport = self.clone();
        if let Some(verify) = config.verify() {
            transport.tls.trust = Trust::read(verify, "verify").await?;
        }
        if transport.tls.trust == Trust::Anyone {
            tracing::warn!(
                "verify is DangerouslyAcceptAnyCertificate: whoever stands between this client and the service can \
                 read and change everything"
            );
        }
        if let Some(certificate) = config.client_cert() {
            let files = certificate.read("client_cert").await?;
            transport.tls.identity = Some(Identity::new(files, "client_cert")?);
        }
        if let Some(proxies) = config.proxies() {
            transport.proxies = proxies.clone();
            transport.proxy_trust = proxies.read_ca_bundle().await?.map(|bundle| Trust::Only(bundle.into()));
            let files = proxies.read_client_cert().await?;
            let identity = files.map(|files| Identity::new(files, "proxies.proxy_client_cert"));
            transport.proxy_identity = identity.transpose()?;
        }
        transport.tcp_keepalive = config.tcp_keepalive().or(self.tcp_keepalive);
        transport.keepalive_timeout = config.keepalive_timeout().unwrap_or(self.keepalive_timeout);
        if let Some(resolver) = config.dns_resolver() {
            transport.resolver = Resolver::given(resolver.clone());
        }
        Ok(transport)
    }

    /// The options of a client that are heeded here, and whether they are given.
    fn options(config: &ClientConfig) -> [(&'static str, bool); 6] {
        [
            ("verify", config.verify().is_some()),
            ("client_cert", config.client_cert().is_some()),
            ("proxies", config.proxies().is_some()),
            ("tcp_keepalive", config.tcp_keepalive().is_some()),
            ("keepalive_timeout", config.keepalive_timeout().is_some()),
            ("dns_resolver", config.dns_resolver().is_some()),
        ]
    }

    /// Whether the client has any such option.
    pub(super) fn is_told_by(config: &ClientConfig) -> bool {
        Self::options(config).iter().any(|(_, given)| *given)
    }

    /// Refuses by name what only our own HTTP client can do, where it is the caller's.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the first such option.
    pub(crate) fn refuse_options(config: &ClientConfig) -> Result<(), Error> {
        let options = Self::options(config);
        let Some((option, _)) = options.iter().find(|(_, given)| *given) else { return Ok(()) };
        let message = format!(
            "{option} cannot change an HTTP client that came with http_client or sdk_config: configure that client, \
             or leave it out"
        );
        Err(Error::new(ErrorKind::InvalidConfig, message))
    }

    pub(super) fn keepalive_timeout(&self) -> Duration {
        self.keepalive_timeout
    }

    pub(super) fn route(&self) -> Route {
        let mut tcp = HttpConnector::new_with_resolver(self.resolver.clone());
        tcp.enforce_http(false);
        // A request's last packet must not wait until the one before it is acknowledged.
        tcp.set_nodelay(true);
        tcp.set_keepalive(self.tcp_keepalive);
        let proxy_tls = Tls {
            trust: self.proxy_trust.clone().unwrap_or_else(|| self.tls.trust.clone()),
            identity: self.proxy_identity.clone(),
        };
        Route {
            tcp,
            tls: LazyTls::new(self.tls.clone(), TO_SERVICES),
            proxy_tls: LazyTls::new(proxy_tls, TO_PROXIES),
            ways: Ways::new(&self.proxies),
        }
    }
}
