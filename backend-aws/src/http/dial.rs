//! Opening a connection: name, TCP, proxy and TLS, all within the connect time-out.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_runtime_api::box_error::BoxError;
use http::Uri;
use http::uri::Scheme;
use hyper::rt::{Read, ReadBufCursor, Write};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::proxy::Tunnel;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower_service::Service;

use super::failure::{ProxyFailed, TimedOut};
use super::proxy::Ways;
use super::resolver::Resolver;
use super::tls::LazyTls;

type Opening<T> = Pin<Box<dyn Future<Output = Result<T, BoxError>> + Send>>;

/// How a pool reaches servers.
#[derive(Debug)]
pub(super) struct Route {
    pub(super) tcp: HttpConnector<Resolver>,
    pub(super) tls: LazyTls,
    pub(super) proxy_tls: LazyTls,
    pub(super) ways: Ways,
}

/// Opens connections for hyper's pool.
#[derive(Clone)]
pub(super) struct Dial {
    pub(super) route: Arc<Route>,
    pub(super) connect_timeout: Option<(Duration, SharedAsyncSleep)>,
}

impl Service<Uri> for Dial {
    type Response = MaybeHttpsStream<FirstHop>;
    type Error = BoxError;
    type Future = Opening<Self::Response>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let Self { route, connect_timeout } = self.clone();
        Box::pin(async move {
            // The system's certificates may have to be read first, which is not the server's fault.
            let tls = route.tls.to(&target).await?;
            let opening = called(HttpsConnector::from((Hop(route), tls)), target);
            match connect_timeout {
                None => opening.await,
                Some((after, sleep)) => match Timeout::new(opening, sleep.sleep(after)).await {
                    Ok(opened) => opened,
                    Err(_) => Err(TimedOut { what: "connect time-out", after }.into()),
                },
            }
        })
    }
}

async fn called<S: Service<Uri>>(mut service: S, uri: Uri) -> Result<S::Response, S::Error> {
    std::future::poll_fn(|cx| service.poll_ready(cx)).await?;
    service.call(uri).await
}

/// Opens the way to a server up to where TLS with it can begin.
struct Hop(Arc<Route>);

impl Service<Uri> for Hop {
    type Response = FirstHop;
    type Error = BoxError;
    type Future = Opening<FirstHop>;

    fn poll_ready(&mut self, _cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, target: Uri) -> Self::Future {
        let route = Arc::clone(&self.0);
        Box::pin(async move {
            let tcp = route.tcp.clone();
            let Some(intercept) = route.ways.proxy(&target) else {
                let stream = MaybeHttpsStream::Http(called(tcp, target).await?);
                return Ok(FirstHop { stream, way: Way::Direct });
            };
            let proxy = intercept.uri().clone();
            let to_proxy = HttpsConnector::from((tcp, route.proxy_tls.to(&proxy).await?));
            if target.scheme() != Some(&Scheme::HTTPS) {
                let opened = called(to_proxy, proxy.clone()).await;
                let stream = opened.map_err(|error| ProxyFailed::unreachable(&proxy, error))?;
                return Ok(FirstHop { stream, way: Way::Forwarded });
            }
            let mut tunnel = Tunnel::new(proxy.clone(), to_proxy);
            if let Some(credentials) = intercept.basic_auth() {
                tunnel = tunnel.with_auth(credentials.clone());
            }
            let opened = called(tunnel, target.clone()).await;
            let stream = opened.map_err(|error| ProxyFailed::tunnel(&proxy, &target, error))?;
            Ok(FirstHop { stream, way: Way::Tunnel })
        })
    }
}

/// What lies between us and the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Direct,
    /// A proxy that passes requests on, and so wants to be told the whole URL.
    Forwarded,
    /// A proxy that passes bytes on.
    Tunnel,
}

/// A stream to the server or to the proxy before it.
pub(super) struct FirstHop {
    stream: MaybeHttpsStream<TokioIo<TcpStream>>,
    way: Way,
}

impl Connection for FirstHop {
    fn connected(&self) -> Connected {
        self.stream.connected().proxy(self.way == Way::Forwarded).extra(self.way)
    }
}

impl Read for FirstHop {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: ReadBufCursor<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl Write for FirstHop {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }
}
