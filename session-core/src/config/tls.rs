//! Trust and identity in TLS: which certificates a server may show, and which one the client shows.
//!
//! Both are files in PEM form. They are read when a client opens, away from the runtime's threads, and every backend
//! reads them with the functions here, so that a file which one backend refuses is refused by all.

use std::io;
use std::path::{Path, PathBuf};

use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};
use webpki::anchor_from_trusted_cert;
use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};

/// Which certificates a client trusts.
///
/// # Source
/// Row CL-07 of the requirements: boto3's `verify`. A path is that of a file: boto hands it to OpenSSL as its CA file,
/// so that a directory is refused there too.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Verify {
    /// Those that the operating system trusts.
    #[default]
    SystemRoots,
    /// Those in a PEM file, and no others.
    CaBundle(PathBuf),
    /// **Any, from anyone**: boto3's `verify=False`. Whoever stands between the client and the service can read and
    /// change everything, and reuse what is sent. It is meant for a test server on the same machine; where
    /// the server's own certificate is at hand, [`CaBundle`](Self::CaBundle) does as well and is safe.
    DangerouslyAcceptAnyCertificate,
}

impl Verify {
    /// The certificates of the CA bundle, each of which can serve as a trust anchor; `None` unless this is
    /// [`CaBundle`](Self::CaBundle). `option` is the option or variable that named it, for the error.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the option and the file when it cannot be read, is a directory or no PEM
    /// text, or has no certificate or one that cannot be parsed.
    pub async fn read_ca_bundle(&self, option: &str) -> Result<Option<Vec<CertificateDer<'static>>>, Error> {
        let Self::CaBundle(path) = self else { return Ok(None) };
        let file = PemFile { option: option.to_owned(), what: "CA bundle", path: path.clone() };
        apart(move || {
            let certificates = file.certificates(&file.read()?)?;
            for certificate in &certificates {
                anchor_from_trusted_cert(certificate).map_err(|error| {
                    file.refuse("has a certificate that cannot be parsed").with_source(error)
                })?;
            }
            Ok(Some(certificates))
        })
        .await
    }

    pub(crate) fn check(&self, option: &str) -> Result<(), Error> {
        match self {
            Self::CaBundle(path) => require_path(option, path),
            Self::SystemRoots | Self::DangerouslyAcceptAnyCertificate => Ok(()),
        }
    }
}

impl From<&str> for Verify {
    fn from(ca_bundle: &str) -> Self {
        Self::CaBundle(ca_bundle.into())
    }
}

impl From<&Path> for Verify {
    fn from(ca_bundle: &Path) -> Self {
        Self::CaBundle(ca_bundle.into())
    }
}

impl From<PathBuf> for Verify {
    fn from(ca_bundle: PathBuf) -> Self {
        Self::CaBundle(ca_bundle)
    }
}

/// The certificate that a client shows to a server which asks for one, and its private key.
///
/// One path is that of a PEM file with both, a pair is certificate and key, as in boto3's `client_cert`:
///
/// ```
/// use session_core::{ClientCertificate, ClientConfig};
///
/// let both = ClientCertificate::from("client.pem");
/// assert_eq!(both, ClientCertificate::from(("client.pem", "client.pem")));
/// ClientConfig::builder().client_cert(("client.crt", "client.key")).build()?;
/// # Ok::<(), session_core::Error>(())
/// ```
///
/// # Source
/// Row C-23 of the requirements: `client_cert` of botocore's `Config`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientCertificate {
    certificate: PathBuf,
    private_key: PathBuf,
}

impl ClientCertificate {
    /// The chain, with the client's own certificate first, and the private key: PKCS#8, PKCS#1 or SEC 1. Whether they
    /// belong together, the TLS stack finds out. `option` is the option that named the files, for the error.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the option and the file when it cannot be read, is a directory or no PEM
    /// text, or lacks the certificate or the key.
    pub async fn read(
        &self,
        option: &str,
    ) -> Result<(Vec<CertificateDer<'static>>, PrivateKeyDer<'static>), Error> {
        let file = |what, path: &Path| PemFile { option: option.to_owned(), what, path: path.to_owned() };
        let certificate = file("client certificate", &self.certificate);
        let private_key = file("private key", &self.private_key);
        apart(move || {
            let text = certificate.read()?;
            let chain = certificate.certificates(&text)?;
            let text = match private_key.path == certificate.path {
                true => text,
                false => private_key.read()?,
            };
            Ok((chain, private_key.private_key(&text)?))
        })
        .await
    }

    pub(crate) fn check(&self, option: &str) -> Result<(), Error> {
        require_path(option, &self.certificate)?;
        require_path(option, &self.private_key)
    }
}

impl From<&str> for ClientCertificate {
    fn from(both: &str) -> Self {
        PathBuf::from(both).into()
    }
}

impl From<&Path> for ClientCertificate {
    fn from(both: &Path) -> Self {
        both.to_owned().into()
    }
}

impl From<PathBuf> for ClientCertificate {
    fn from(both: PathBuf) -> Self {
        Self { certificate: both.clone(), private_key: both }
    }
}

impl<C: Into<PathBuf>, K: Into<PathBuf>> From<(C, K)> for ClientCertificate {
    fn from((certificate, private_key): (C, K)) -> Self {
        Self { certificate: certificate.into(), private_key: private_key.into() }
    }
}

fn require_path(option: &str, path: &Path) -> Result<(), Error> {
    match path.to_string_lossy().trim().is_empty() {
        true => {
            let message = format!("{option} is an empty path: give the path of a PEM file, or leave it out");
            Err(Error::new(ErrorKind::InvalidConfig, message))
        }
        false => Ok(()),
    }
}

/// Runs what reads files, or waits for a pipe, where it holds up nobody.
async fn apart<T: Send + 'static>(
    read: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let reading = tokio::task::spawn_blocking(read).await;
    reading.map_err(|error| {
        Error::new(ErrorKind::Io, "the runtime ended while a PEM file was read").with_source(error)
    })?
}

/// A PEM file and the option that named it.
struct PemFile {
    option: String,
    what: &'static str,
    path: PathBuf,
}

impl PemFile {
    fn refuse(&self, why: &str) -> Error {
        let Self { option, what, path } = self;
        let message = format!("{option} names the {what} `{}`, which {why}", path.display());
        Error::new(ErrorKind::InvalidConfig, message)
    }

    fn read(&self) -> Result<Zeroizing<Vec<u8>>, Error> {
        std::fs::read(&self.path).map(Zeroizing::new).map_err(|error| match error.kind() {
            io::ErrorKind::IsADirectory => self.refuse("is a directory: one PEM file is expected"),
            _ => self.refuse("cannot be read").with_source(error),
        })
    }

    fn certificates(&self, pem: &[u8]) -> Result<Vec<CertificateDer<'static>>, Error> {
        let certificates = CertificateDer::pem_slice_iter(pem)
            .collect::<Result<Vec<_>, _>>()
            .map_err(|_| self.refuse("is not PEM text"))?;
        match certificates.is_empty() {
            true => Err(self.refuse(
                "has no certificate in PEM form: lines from `-----BEGIN CERTIFICATE-----` are expected",
            )),
            false => Ok(certificates),
        }
    }

    /// The first key. The parser's own errors are not passed on: they repeat lines of the file.
    fn private_key(&self, pem: &[u8]) -> Result<PrivateKeyDer<'static>, Error> {
        let found = PrivateKeyDer::pem_slice_iter(pem).next();
        let Some(key) = found else {
            let why =
                "has no private key in PEM form: PKCS#8, PKCS#1 or SEC 1 is expected, and not encrypted";
            return Err(self.refuse(why));
        };
        key.map_err(|_| self.refuse("is not PEM text"))
    }
}
