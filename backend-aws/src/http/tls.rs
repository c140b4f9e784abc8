//! Trust: which certificates a server may show.

use std::io;
use std::path::Path;

use aws_smithy_http_client::tls::{TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls_pki_types::CertificateDer;
use rustls_pki_types::pem::PemObject;
use session_core::{Error, ErrorKind, Verify};
use tokio::sync::OnceCell;

/// What `verify` trusts. A CA bundle is read and parsed now, not at the first request.
pub(super) async fn context(verify: &Verify) -> Result<TlsContext, Error> {
    let trusted = match verify {
        Verify::SystemRoots => system_roots().await,
        Verify::CaBundle(path) => TrustStore::empty().with_pem_certificate(read(path).await?),
        other => {
            let message = format!("verify {other:?} is not supported by sessions with AWS");
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
    };
    TlsContext::builder().with_trust_store(trusted).build().map_err(|error| {
        Error::new(ErrorKind::InvalidConfig, "the trusted certificates cannot be used").with_source(error)
    })
}

/// The certificates of the operating system; none where it has none, as in the smallest containers.
///
/// Only then is it an error to reach a server by TLS, and the TLS stack says so. With debug assertions on it would
/// panic before, even for servers that speak plain HTTP, so there it must not be asked.
async fn system_roots() -> TrustStore {
    static ANY: OnceCell<bool> = OnceCell::const_new();
    let any_parsable = || {
        let certificates = rustls_native_certs::load_native_certs().certs;
        RootCertStore::empty().add_parsable_certificates(certificates).0 > 0
    };
    let look = || async { tokio::task::spawn_blocking(any_parsable).await.unwrap_or(true) };
    match !cfg!(debug_assertions) || *ANY.get_or_init(look).await {
        true => TrustStore::default(),
        false => TrustStore::empty(),
    }
}

/// The text of a PEM file, once all of its certificates are known to be good: the TLS stack takes no other.
async fn read(path: &Path) -> Result<Vec<u8>, Error> {
    let refuse =
        |why: &str| Error::new(ErrorKind::InvalidConfig, format!("the CA bundle `{}` {why}", path.display()));
    let reading = tokio::task::spawn_blocking({
        let path = path.to_owned();
        move || std::fs::read(path)
    });
    let pem = reading
        .await
        .map_err(io::Error::other)
        .flatten()
        .map_err(|error| refuse("cannot be read").with_source(error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| refuse("is not PEM text").with_source(error))?;
        roots
            .add(certificate)
            .map_err(|error| refuse("has a certificate that cannot be parsed").with_source(error))?;
    }
    match roots.is_empty() {
        true => Err(refuse("has no certificate: lines from `-----BEGIN CERTIFICATE-----` are expected")),
        false => Ok(pem),
    }
}
