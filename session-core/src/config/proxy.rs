//! Proxies: through which server requests travel, and which hosts are reached without one.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use super::credentials::Secret;
use super::tls::{ClientCertificate, Verify};
use crate::error::{Error, ErrorKind};

/// The proxies of a client, in place of those that the environment names.
///
/// Requests to `http` endpoints are handed to the proxy whole; for `https` it is asked for a tunnel (`CONNECT`), and
/// sees nothing but the host. A URL begins with `http://`, or with `https://` when the proxy itself speaks TLS, and
/// may hold `user:password@`, percent-encoded. The addresses at which AWS hands out credentials inside a machine are
/// never proxied.
///
/// ```
/// use session_core::{ClientConfig, Proxies};
///
/// let proxies = Proxies::new()
///     .https("http://ann:s3cret@proxy.example:3128")
///     .no_proxy("localhost,10.0.0.0/8,.internal");
/// assert!(!format!("{proxies:?}").contains("s3cret"));
/// ClientConfig::builder().proxies(proxies).build()?;
/// assert!(ClientConfig::builder().proxies(Proxies::all("socks5://proxy.example")).build().is_err());
/// # Ok::<(), session_core::Error>(())
/// ```
///
/// # Source
/// Rows C-10 and C-11 of the requirements: `proxies` and `proxies_config` of botocore's `Config`. As there, what is
/// given stands for the environment as a whole, `NO_PROXY` included.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies {
    http: Option<Secret>,
    https: Option<Secret>,
    no_proxy: Option<String>,
    proxy_ca_bundle: Option<Verify>,
    proxy_client_cert: Option<ClientCertificate>,
}

impl Proxies {
    /// No proxy yet: without more, every host is reached directly.
    pub fn new() -> Self {
        Self::default()
    }

    /// Every host is reached directly, whatever the environment says.
    pub fn none() -> Self {
        Self::default()
    }

    /// One proxy for `http` and `https` endpoints.
    pub fn all(url: impl Into<Secret>) -> Self {
        let url = url.into();
        Self::new().http(url.expose()).https(url.expose())
    }

    /// The proxy for `http` endpoints.
    #[must_use]
    pub fn http(mut self, url: impl Into<Secret>) -> Self {
        self.http = Some(url.into());
        self
    }

    /// The proxy for `https` endpoints.
    #[must_use]
    pub fn https(mut self, url: impl Into<Secret>) -> Self {
        self.https = Some(url.into());
        self
    }

    /// The hosts that are reached directly, between commas: an IP address, a network such as `10.0.0.0/8`, a host, which
    /// stands for those below it too, with or without a dot before it, a `host:port`, or `*` for all.
    #[must_use]
    pub fn no_proxy(mut self, hosts: impl Into<String>) -> Self {
        self.no_proxy = Some(hosts.into());
        self
    }

    /// The PEM file whose certificates an `https://` proxy may show; without it, what the client trusts of services.
    #[must_use]
    pub fn proxy_ca_bundle(mut self, path: impl Into<PathBuf>) -> Self {
        self.proxy_ca_bundle = Some(Verify::CaBundle(path.into()));
        self
    }

    /// The certificate that is shown to an `https://` proxy which asks for one.
    #[must_use]
    pub fn proxy_client_cert(mut self, certificate: impl Into<ClientCertificate>) -> Self {
        self.proxy_client_cert = Some(certificate.into());
        self
    }
}

/// What a backend reads.
impl Proxies {
    /// The proxy for `http` endpoints: a URL with its scheme and, where given, user and password.
    pub fn http_url(&self) -> Option<Secret> {
        self.http.as_ref().map(complete)
    }

    /// The proxy for `https` endpoints, in the same form.
    pub fn https_url(&self) -> Option<Secret> {
        self.https.as_ref().map(complete)
    }

    /// The hosts that are reached directly, between commas.
    pub fn no_proxy_hosts(&self) -> Option<&str> {
        self.no_proxy.as_deref()
    }

    /// The certificates of [`proxy_ca_bundle`](Self::proxy_ca_bundle), where said.
    ///
    /// # Errors
    /// As [`Verify::read_ca_bundle`].
    pub async fn read_ca_bundle(&self) -> Result<Option<Vec<CertificateDer<'static>>>, Error> {
        match &self.proxy_ca_bundle {
            Some(verify) => verify.read_ca_bundle("proxies.proxy_ca_bundle").await,
            None => Ok(None),
        }
    }

    /// The chain and key of [`proxy_client_cert`](Self::proxy_client_cert), where said.
    ///
    /// # Errors
    /// As [`ClientCertificate::read`].
    pub async fn read_client_cert(
        &self,
    ) -> Result<Option<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>)>, Error> {
        match &self.proxy_client_cert {
            Some(certificate) => certificate.read("proxies.proxy_client_cert").await.map(Some),
            None => Ok(None),
        }
    }

    /// Whether `url` names a proxy that can be used. `option` is the option or variable that has it, for the error.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the option and the URL, without user and password.
    pub fn check_url(option: &str, url: &Secret) -> Result<(), Error> {
        let refuse = |why: &str| {
            let message = format!("{option} `{}` {why}", shown(url));
            Err(Error::new(ErrorKind::InvalidConfig, message))
        };
        let text = complete(url);
        let Some((scheme, rest)) = text.expose().split_once("://") else { return refuse("is not a URL") };
        if scheme.starts_with("socks") {
            return refuse("is a SOCKS proxy, which is not supported: `http://` and `https://` are");
        }
        if !matches!(scheme, "http" | "https") {
            return refuse("must begin with `http://` or `https://`");
        }
        if rest.trim_end_matches('/').contains(['/', '?', '#']) {
            return refuse(
                "must end after the port; `/`, `?` and `#` in a password are written `%2F`, `%3F`, `%23`",
            );
        }
        if rest.matches('@').count() > 1 {
            return refuse("has more than one `@`; in a password it is written `%40`");
        }
        // Both are asked: `url` knows hosts and ports, `http` what can be sent, and neither repeats what it refuses.
        let parsed = url::Url::parse(text.expose()).is_ok_and(|url| url.has_host());
        let sendable = text.expose().parse::<http::Uri>().is_ok_and(|uri| uri.host().is_some());
        match parsed && sendable {
            true => Ok(()),
            false => refuse("is not a URL such as `http://proxy.example:3128`"),
        }
    }

    pub(crate) fn check(&self) -> Result<(), Error> {
        for (option, url) in [("proxies.http", &self.http), ("proxies.https", &self.https)] {
            url.as_ref().map_or(Ok(()), |url| Self::check_url(option, url))?;
        }
        for host in self.no_proxy.iter().flat_map(|hosts| hosts.split(',')) {
            if !is_no_proxy_host(host.trim()) {
                let message = format!(
                    "proxies.no_proxy has `{}`: an IP address, a network such as `10.0.0.0/8`, a host, a \
                     `host:port`, or `*` alone is allowed",
                    host.trim().escape_debug()
                );
                return Err(Error::new(ErrorKind::InvalidConfig, message));
            }
        }
        self.proxy_ca_bundle.as_ref().map_or(Ok(()), |verify| verify.check("proxies.proxy_ca_bundle"))?;
        self.proxy_client_cert.as_ref().map_or(Ok(()), |files| files.check("proxies.proxy_client_cert"))
    }
}

/// As boto does, a URL without a scheme is one that begins with `http://`.
fn complete(url: &Secret) -> Secret {
    let text = url.expose().trim();
    match text.contains("://") {
        true => {
            let (scheme, rest) = text.split_once("://").unwrap_or_default();
            Secret::new(format!("{}://{rest}", scheme.to_ascii_lowercase()))
        }
        false => Secret::new(format!("http://{}", text.trim_start_matches('/'))),
    }
}

/// The URL without what stands before its last `@`, which may be a password whatever else is wrong.
fn shown(url: &Secret) -> String {
    let text = url.expose();
    match text.rsplit_once('@') {
        // A password whose `@` is written otherwise, or is missing, shows in colons or percents.
        None if text.contains('%') || text.matches(':').count() > 2 => match text.split_once("://") {
            Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                format!("{scheme}://…")
            }
            _ => "…".to_owned(),
        },
        None => text.escape_debug().to_string(),
        Some((before, host)) => match before.split_once("://") {
            Some((scheme, _)) if scheme.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
                format!("{scheme}://…@{}", host.escape_debug())
            }
            _ => format!("…@{}", host.escape_debug()),
        },
    }
}

/// An empty entry does no harm; one with `*` inside a name would never match.
fn is_no_proxy_host(entry: &str) -> bool {
    let host = entry.strip_prefix('.').unwrap_or(entry);
    let address = |text: &str| text.parse::<IpAddr>().ok();
    let network = |(ip, bits): (&str, &str)| {
        let most = address(ip).map(|ip| if ip.is_ipv4() { 32 } else { 128 });
        most.zip(bits.parse::<u8>().ok()).is_some_and(|(most, bits)| bits <= most)
    };
    let is_name = |name: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        name.bytes().all(allowed)
    };
    let with_port = |(name, port): (&str, &str)| is_name(name) && port.parse::<u16>().is_ok();
    entry == "*"
        || address(entry).is_some()
        || entry.split_once('/').is_some_and(network)
        || is_name(host)
        || entry.split_once(':').is_some_and(with_port)
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Proxies")
            .field("http", &self.http.as_ref().map(shown))
            .field("https", &self.https.as_ref().map(shown))
            .field("no_proxy", &self.no_proxy)
            .field("proxy_ca_bundle", &self.proxy_ca_bundle)
            .field("proxy_client_cert", &self.proxy_client_cert)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_that_of_an_http_proxy_with_or_without_scheme_and_password() {
        for right in [
            "http://proxy",
            "https://proxy.example:3128/",
            "HTTP://proxy:1",
            "proxy.example:3128",
            "//proxy:3128",
            "http://[::1]:3128",
            "http://ann:p%40ss@proxy:3128",
            "ann:hunter2@proxy:3128",
        ] {
            assert!(Proxies::all(right).check().is_ok(), "{right}");
        }
        assert_eq!(Proxies::all("proxy:3128").https_url().unwrap().expose(), "http://proxy:3128");
    }

    #[test]
    fn a_wrong_url_is_refused_by_option_and_value_without_its_password() {
        for (wrong, word) in [
            ("", "proxy.example"),
            ("socks5://ann:hunter2@proxy", "SOCKS"),
            ("ftp://proxy", "http://"),
            ("http://proxy:port", "proxy.example"),
            ("http://proxy:99999", "proxy.example"),
            ("http://proxy/path", "after the port"),
            ("http://ann:hunter2@proxy?x", "after the port"),
            ("http://ann:hunter2/@proxy", "%2F"),
            ("http://ann:p@hunter2@proxy", "%40"),
            ("http://ann:hunter2@", "proxy.example"),
            ("http://ann:hunter2@pro xy", "proxy.example"),
            ("ann:hunter2@pro xy", "`…@pro xy`"),
            ("hunter2:x://ann@pro xy", "`…@pro xy`"),
        ] {
            for (option, proxies) in
                [("proxies.http", Proxies::new().http(wrong)), ("proxies.https", Proxies::new().https(wrong))]
            {
                let error = proxies.check().unwrap_err();
                assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{wrong}");
                assert!(error.message().contains(option) && error.message().contains(word), "{error}");
                assert!(!format!("{error} {error:?} {proxies:?}").contains("hunter2"), "{error:?}");
            }
        }
    }

    #[test]
    fn hosts_without_a_proxy_are_addresses_networks_names_or_all() {
        let right = "localhost, 127.0.0.1,::1,10.0.0.0/8,fd00::/8,.internal,a_b.example,localhost:8000,,*";
        assert!(Proxies::none().no_proxy(right).check().is_ok());
        for wrong in ["localhost:port", "*.internal", "10.0.0.0/33", "10.0.0.0/x", "http://internal", "[::1]"]
        {
            let error = Proxies::none().no_proxy(format!("localhost,{wrong}")).check().unwrap_err();
            assert!(
                error.message().contains("proxies.no_proxy") && error.message().contains(wrong),
                "{error}"
            );
        }
    }
}
