//! A server that speaks as much of S3 as transfers need, takes bodies and drops them, and makes up those it serves.
//!
//! It keeps nothing: what a key's name begins with says how large the object is, and how many there are under a prefix
//! (`<count>x<size>/`). So it costs a client's bench as little as a server can. It speaks TLS, as S3 does, and writes the
//! certificate of the authority that vouches for it to the path it is given.

use std::convert::Infallible;
use std::fmt::Write as _;
use std::io::Read as _;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::ring;
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// What every object's ETag is.
const E_TAG: &str = "\"5d41402abc4b2a76b9719d911017c592\"";

/// How much of a body goes out at once.
const PIECE: usize = 256 << 10;

/// The most keys of a page.
const PAGE: u64 = 1_000;

#[tokio::main]
async fn main() -> Result<()> {
    let tls = TlsAcceptor::from(Arc::new(certified(&std::env::args().nth(1).context("no path is given")?)?));
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    println!("bench-server listening on https://{}", listener.local_addr()?);
    // Whoever started it ends it by closing its input.
    std::thread::spawn(|| {
        let _ = std::io::stdin().read_to_end(&mut Vec::new());
        std::process::exit(0);
    });
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let tls = tls.clone();
        tokio::spawn(async move {
            // A client that leaves in between shows in its own figures.
            let Ok(stream) = tls.accept(stream).await else { return };
            let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service_fn(answer)).await;
        });
    }
}

/// What the server shows to its clients: a certificate for the loopback address, of an authority made for this run, whose
/// own is left at `path`.
fn certified(path: &str) -> Result<ServerConfig> {
    let authority_key = KeyPair::generate()?;
    let mut params = CertificateParams::new(Vec::new())?;
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![rcgen::KeyUsagePurpose::KeyCertSign];
    params.distinguished_name.push(rcgen::DnType::CommonName, "bench authority");
    std::fs::write(path, params.self_signed(&authority_key)?.pem())?;
    let (authority, key) = (Issuer::new(params, authority_key), KeyPair::generate()?);
    let mut params = CertificateParams::new(vec![Ipv4Addr::LOCALHOST.to_string()])?;
    params.use_authority_key_identifier_extension = true;
    let certificate = params.signed_by(&key, &authority)?;
    let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)?;
    Ok(config)
}

async fn answer(request: Request<Incoming>) -> Result<Response<Served>, Infallible> {
    let (head, mut body) = request.into_parts();
    while let Some(Ok(_dropped)) = body.frame().await {}
    let path = head.uri.path().trim_start_matches('/');
    let (_bucket, key) = path.split_once('/').unwrap_or((path, ""));
    let query = head.uri.query().unwrap_or("");
    let range = head.headers.get("range").and_then(|range| range.to_str().ok());
    let response = match head.method {
        Method::GET if key.is_empty() => text(page(query)),
        Method::GET => object(key, range, true),
        Method::HEAD => object(key, range, false),
        Method::POST if has(query, "uploads") => text(String::from(
            "<InitiateMultipartUploadResult><UploadId>bench</UploadId></InitiateMultipartUploadResult>",
        )),
        Method::POST => text(format!(
            "<CompleteMultipartUploadResult><ETag>{E_TAG}</ETag></CompleteMultipartUploadResult>"
        )),
        Method::PUT => Response::builder().header("etag", E_TAG).body(Served::nothing()),
        Method::DELETE => Response::builder().status(StatusCode::NO_CONTENT).body(Served::nothing()),
        _ => Response::builder().status(StatusCode::NOT_IMPLEMENTED).body(Served::nothing()),
    };
    Ok(response.unwrap_or_else(|_| Response::new(Served::nothing())))
}

fn text(xml: String) -> http::Result<Response<Served>> {
    Response::builder().header("content-type", "application/xml").body(Served::of(xml.into()))
}

fn object(key: &str, range: Option<&str>, with_body: bool) -> http::Result<Response<Served>> {
    let Some((_, size)) = told(key).filter(|(_, size)| *size > 0) else {
        return Response::builder().status(StatusCode::NOT_FOUND).body(Served::nothing());
    };
    let response = Response::builder()
        .header("etag", E_TAG)
        .header("accept-ranges", "bytes")
        .header("last-modified", "Wed, 01 Jul 2026 00:00:00 GMT");
    let (response, length) = match range.and_then(|range| span(range, size)) {
        Some(span) => {
            let (first, last) = (span.start(), span.end());
            let told = format!("bytes {first}-{last}/{size}");
            (response.status(StatusCode::PARTIAL_CONTENT).header("content-range", told), last - first + 1)
        }
        None => (response, size),
    };
    let left = if with_body { length } else { 0 };
    response.header("content-length", length).body(Served { text: None, left })
}

/// The bytes that `bytes=<first>-<last>` means.
fn span(range: &str, size: u64) -> Option<RangeInclusive<u64>> {
    let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    let last = last.parse().unwrap_or(u64::MAX).min(size - 1);
    (first <= last).then_some(first..=last)
}

/// How many objects there are under the prefix that a key begins with, and how large each is.
fn told(key: &str) -> Option<(u64, u64)> {
    let (count, size) = key.split_once('/')?.0.split_once('x')?;
    Some((count.parse().ok()?, size.parse().ok()?))
}

/// A page of ListObjectsV2.
fn page(query: &str) -> String {
    let prefix = parameter(query, "prefix").unwrap_or("").replace("%2F", "/");
    let (count, size) = told(&prefix).unwrap_or((0, 0));
    let begin: u64 = parameter(query, "continuation-token").and_then(|token| token.parse().ok()).unwrap_or(0);
    let end = count.min(begin + PAGE);
    let mut xml = String::from("<ListBucketResult>");
    for index in begin..end {
        let _ = write!(
            xml,
            "<Contents><Key>{prefix}{index:06}</Key><LastModified>2026-07-01T00:00:00.000Z</LastModified>\
             <ETag>{E_TAG}</ETag><Size>{size}</Size><StorageClass>STANDARD</StorageClass></Contents>"
        );
    }
    let more = end < count;
    let _ = write!(xml, "<KeyCount>{}</KeyCount><IsTruncated>{more}</IsTruncated>", end - begin);
    if more {
        let _ = write!(xml, "<NextContinuationToken>{end}</NextContinuationToken>");
    }
    xml + "</ListBucketResult>"
}

fn parameter<'q>(query: &'q str, name: &str) -> Option<&'q str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

fn has(query: &str, name: &str) -> bool {
    query.split('&').any(|pair| pair.split('=').next() == Some(name))
}

/// A text, or so many bytes that are made up.
struct Served {
    text: Option<Bytes>,
    left: u64,
}

impl Served {
    fn of(text: Bytes) -> Self {
        Self { text: Some(text), left: 0 }
    }

    fn nothing() -> Self {
        Self { text: None, left: 0 }
    }
}

impl Body for Served {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        static MADE_UP: [u8; PIECE] = [b'.'; PIECE];
        if let Some(text) = self.text.take() {
            return Poll::Ready(Some(Ok(Frame::data(text))));
        }
        let piece = usize::try_from(self.left).map_or(PIECE, |left| left.min(PIECE));
        self.left -= piece as u64;
        Poll::Ready((piece > 0).then(|| Ok(Frame::data(Bytes::from_static(&MADE_UP[..piece])))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left + self.text.as_ref().map_or(0, |text| text.len() as u64))
    }
}
