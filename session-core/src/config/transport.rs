//! How a client is connected: whom it trusts, what it shows, by which proxies and for how long.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_runtime_api::client::dns::ResolveDns;

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use super::proxy::Proxies;
use super::tls::{ClientCertificate, Verify};
use crate::error::{Error, ErrorKind};

impl ClientConfigBuilder {
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

    /// How long a connection is kept without use for the next request, default 12 s; at most a day, and zero keeps none.
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
}

impl ClientConfig {
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

impl Settings {
    pub(super) fn check_transport(&self) -> Result<(), Error> {
        let Self { verify, client_cert, proxies, tcp_keepalive, keepalive_timeout, .. } = self;
        verify.as_ref().map_or(Ok(()), |verify| verify.check("verify"))?;
        client_cert.as_ref().map_or(Ok(()), |certificate| certificate.check("client_cert"))?;
        proxies.as_ref().map_or(Ok(()), Proxies::check)?;
        keepalive_timeout.map_or(Ok(()), check_keepalive_timeout)?;
        tcp_keepalive.map_or(Ok(()), check_tcp_keepalive)
    }
}

/// No service keeps an idle connection that long.
fn check_keepalive_timeout(idle: Duration) -> Result<(), Error> {
    match idle <= Duration::from_secs(86_400) {
        true => Ok(()),
        false => {
            let message = format!("keepalive_timeout {idle:?} is more than a day (86,400 s)");
            Err(Error::new(ErrorKind::InvalidConfig, message))
        }
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

/// A resolver without a name of its own in `Debug`, which a third party's may lack.
#[derive(Clone)]
pub(super) struct DnsResolver(Arc<dyn ResolveDns>);

impl fmt::Debug for DnsResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
