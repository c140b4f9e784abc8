//! HTTP: the pool of connections that the clients of a session share.

mod plain;
mod tls;

use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use session_core::{Error, Verify};

pub(crate) use plain::PlainHttp;

/// A pool of connections that trusts what `verify` says. Nothing is dialled yet.
///
/// Connections are kept by host and by the connect and read time-outs of the client that opened them.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`](session_core::ErrorKind::InvalidConfig): the CA bundle cannot be used.
pub(crate) async fn pool(verify: &Verify) -> Result<SharedHttpClient, Error> {
    let client = aws_smithy_http_client::Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls::context(verify).await?)
        .build_https();
    Ok(client)
}
