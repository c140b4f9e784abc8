//! Trust and identity: whom a connection trusts, and as whom it presents itself.

use std::fmt;
use std::sync::{Arc, LazyLock};

use aws_smithy_runtime_api::box_error::BoxError;
use http::Uri;
use http::uri::Scheme;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use session_core::{Error, ErrorKind, Verify};
use tokio::sync::OnceCell;

static PROVIDER: LazyLock<Arc<CryptoProvider>> = LazyLock::new(|| Arc::new(ring::default_provider()));

/// What is spoken with a service, the better first.
pub(super) const TO_SERVICES: &[&str] = &["h2", "http/1.1"];

/// What is spoken with a proxy: a tunnel is opened in HTTP/1.1.
pub(super) const TO_PROXIES: &[&str] = &["http/1.1"];

/// Whom to trust, and which certificate to show, with all files read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Tls {
    pub(super) trust: Trust,
    pub(super) identity: Option<Identity>,
}

/// [`Verify`] with its file read: two clients that name the same path may have read different certificates.
#[derive(Clone, Default, PartialEq)]
pub(super) enum Trust {
    #[default]
    SystemRoots,
    Only(Arc<[CertificateDer<'static>]>),
    Anyone,
}

/// Certificates are long, and configurations that hold this are printed.
impl fmt::Debug for Trust {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SystemRoots => f.write_str("those of the operating system"),
            Self::Only(certificates) => write!(f, "{} certificates", certificates.len()),
            Self::Anyone => f.write_str("anyone"),
        }
    }
}

impl Trust {
    /// Reads the CA bundle, if there is one. `option` is what named it.
    pub(super) async fn read(verify: &Verify, option: &str) -> Result<Self, Error> {
        match (verify.read_ca_bundle(option).await?, verify) {
            (Some(certificates), _) => Ok(Self::Only(certificates.into())),
            (None, Verify::DangerouslyAcceptAnyCertificate) => Ok(Self::Anyone),
            (None, Verify::SystemRoots) => Ok(Self::SystemRoots),
            (None, other) => {
                let message = format!("{option} {other:?} is not supported by sessions with AWS");
                Err(Error::new(ErrorKind::InvalidConfig, message))
            }
        }
    }
}

/// A client certificate with its private key, which are known to belong together.
#[derive(Clone)]
pub(super) struct Identity(Arc<CertifiedKey>);

impl Identity {
    pub(super) fn new(
        (chain, key): (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>),
        option: &str,
    ) -> Result<Self, Error> {
        let matched = CertifiedKey::from_der(chain, key, &PROVIDER);
        matched.map(|matched| Self(Arc::new(matched))).map_err(|error| {
            let message = format!(
                "{option} names a certificate and a private key that cannot be used, or not with each other"
            );
            Error::new(ErrorKind::InvalidConfig, message).with_source(error)
        })
    }
}

/// The certificate holds the public key, and so says which private key it is.
impl PartialEq for Identity {
    fn eq(&self, other: &Self) -> bool {
        self.0.cert == other.0.cert
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("** redacted **")
    }
}

/// A TLS configuration that is made when the first connection needs it: only then are the system's certificates read,
/// if they are wanted at all.
pub(super) struct LazyTls {
    tls: Tls,
    protocols: &'static [&'static str],
    made: OnceCell<Arc<ClientConfig>>,
}

impl LazyTls {
    pub(super) fn new(tls: Tls, protocols: &'static [&'static str]) -> Self {
        Self { tls, protocols, made: OnceCell::new() }
    }

    /// The configuration for a connection to `uri`. One that needs no TLS gets a configuration that trusts nobody.
    pub(super) async fn to(&self, uri: &Uri) -> Result<Arc<ClientConfig>, BoxError> {
        static NOBODY: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();
        static PLAIN: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();
        let made = if uri.scheme() != Some(&Scheme::HTTPS) {
            let nobody = Tls { trust: Trust::Only(Arc::default()), identity: None };
            NOBODY.get_or_try_init(|| async move { make(&nobody, TO_SERVICES).await }).await?
        } else if self.tls == Tls::default() && self.protocols == TO_SERVICES {
            // Most sessions of a process want no more than this, and so share the tickets that shorten handshakes.
            match PLAIN.get() {
                Some(made) => made,
                None => {
                    let made = make(&self.tls, TO_SERVICES).await?;
                    if system_roots().await?.is_empty() {
                        return Ok(made);
                    }
                    PLAIN.get_or_init(|| async { made }).await
                }
            }
        } else {
            self.made.get_or_try_init(|| make(&self.tls, self.protocols)).await?
        };
        Ok(Arc::clone(made))
    }
}

impl fmt::Debug for LazyTls {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tls.fmt(f)
    }
}

async fn make(tls: &Tls, protocols: &[&str]) -> Result<Arc<ClientConfig>, BoxError> {
    let builder =
        ClientConfig::builder_with_provider(Arc::clone(&PROVIDER)).with_safe_default_protocol_versions()?;
    let builder = match &tls.trust {
        Trust::SystemRoots => builder.with_root_certificates(system_roots().await?),
        Trust::Only(certificates) => {
            let certificates = Arc::clone(certificates);
            let parse = move || {
                let mut roots = RootCertStore::empty();
                certificates.iter().try_for_each(|certificate| roots.add(certificate.clone())).map(|()| roots)
            };
            builder.with_root_certificates(tokio::task::spawn_blocking(parse).await??)
        }
        Trust::Anyone => builder.dangerous().with_custom_certificate_verifier(Arc::new(AcceptAnyone)),
    };
    let mut config = match &tls.identity {
        Some(Identity(matched)) => {
            builder.with_client_cert_resolver(Arc::new(SingleCertAndKey::from(Arc::clone(matched))))
        }
        None => builder.with_no_client_auth(),
    };
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    Ok(Arc::new(config))
}

/// The certificates of the operating system, read once in a process; none where it has none, as in the smallest
/// containers. Only then is it an error to reach a server by TLS, and the handshake says so.
async fn system_roots() -> Result<Arc<RootCertStore>, BoxError> {
    static ROOTS: OnceCell<Arc<RootCertStore>> = OnceCell::const_new();
    let read = || {
        let found = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        let (good, bad) = roots.add_parsable_certificates(found.certs);
        if good == 0 || bad > 0 || !found.errors.is_empty() {
            tracing::warn!(good, bad, errors = ?found.errors, "certificates of the operating system were not all read");
        }
        Arc::new(roots)
    };
    if let Some(roots) = ROOTS.get() {
        return Ok(Arc::clone(roots));
    }
    let roots = tokio::task::spawn_blocking(read).await?;
    if !roots.is_empty() {
        // Where there are none yet, they may come: a volume that is mounted late.
        let _ = ROOTS.set(Arc::clone(&roots));
    }
    Ok(roots)
}

/// Any certificate will do. That the server holds its private key is still checked.
#[derive(Debug)]
struct AcceptAnyone;

impl ServerCertVerifier for AcceptAnyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls12_signature(message, certificate, signed, &PROVIDER.signature_verification_algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(message, certificate, signed, &PROVIDER.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        PROVIDER.signature_verification_algorithms.supported_schemes()
    }
}
