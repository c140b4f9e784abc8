//! Door two: a port that the AWS CLI, boto3 or any SDK can be pointed at.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::Version;
use http::header::{CONNECTION, CONTENT_LENGTH, EXPECT, HeaderValue, TRANSFER_ENCODING};
use http_body::{Body as _, Frame, SizeHint};
use http_body_util::BodyExt as _;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::context::{Body, WithoutLength};
use crate::service::Services;

/// How long to wait after a connection could not be accepted.
const ACCEPT_AGAIN: Duration = Duration::from_millis(20);

/// How long a shutdown waits for answers that are still being sent.
const GRACE: Duration = Duration::from_secs(10);

/// A running server. Dropping the handle stops it without waiting; [`shutdown`](Self::shutdown) waits.
#[derive(Debug)]
#[must_use = "dropping the handle stops the server"]
pub struct ServerHandle {
    local_addr: SocketAddr,
    stop: CancellationToken,
    accepting: Option<JoinHandle<()>>,
}

impl ServerHandle {
    /// What to give as `endpoint_url`, such as `http://127.0.0.1:41234`.
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.local_addr)
    }

    /// The address that the server listens on, with the port it was given.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Accepts no more connections, lets open requests finish (for at most 10 s) and returns when the port is free.
    pub async fn shutdown(mut self) {
        self.stop.cancel();
        if let Some(accepting) = self.accepting.take() {
            // It ends by itself after the stop; a panic inside it has been printed already.
            let _ended = accepting.await;
        }
    }
}

impl Drop for ServerHandle {
    fn drop(&mut self) {
        self.stop.cancel();
        if let Some(accepting) = self.accepting.take() {
            accepting.abort();
        }
    }
}

/// Listens on `address` and serves the cloud there until the handle says otherwise.
pub(crate) async fn serve(services: Arc<Services>, address: impl ToSocketAddrs) -> io::Result<ServerHandle> {
    let listener = TcpListener::bind(address).await?;
    let local_addr = listener.local_addr()?;
    let stop = CancellationToken::new();
    let accepting = tokio::spawn(accept(listener, services, stop.clone()));
    Ok(ServerHandle { local_addr, stop, accepting: Some(accepting) })
}

async fn accept(listener: TcpListener, services: Arc<Services>, stop: CancellationToken) {
    let http = auto::Builder::new(TokioExecutor::new());
    let connections = GracefulShutdown::new();
    loop {
        let stream = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept() => match accepted {
                Ok((stream, _)) => stream,
                Err(error) => {
                    // A connection that broke off; or no free file descriptor, until another connection ends.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::time::sleep(ACCEPT_AGAIN).await;
                    continue;
                }
            },
        };
        // Answers are written whole, so waiting to fill a packet only delays them.
        let _unchanged = stream.set_nodelay(true);
        let services = Arc::clone(&services);
        let service = service_fn(move |request: Request<Incoming>| {
            let services = Arc::clone(&services);
            let awaited = Arc::new(AtomicBool::new(
                request.headers().contains_key(EXPECT) && !request.body().is_end_stream(),
            ));
            let (in_vain, version) = (Arc::clone(&awaited), request.version());
            let says_length =
                [CONTENT_LENGTH, TRANSFER_ENCODING].iter().any(|name| request.headers().contains_key(name));
            let mut request =
                request.map(|incoming| Body::http_body(RequestBody { incoming: Some(incoming), awaited }));
            if !says_length && request.version() < Version::HTTP_2 {
                request.extensions_mut().insert(WithoutLength);
            }
            async move {
                let mut response = services.answer(request).await;
                // The client may still send the body, or not at all: what comes next cannot be told from it.
                if in_vain.load(Ordering::Acquire) && version < Version::HTTP_2 {
                    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
                }
                Ok::<_, std::convert::Infallible>(response)
            }
        });
        let connection = http.serve_connection(TokioIo::new(stream), service).into_owned();
        let connection = connections.watch(connection);
        let stop = stop.clone();
        tokio::spawn(async move {
            // Connections end with the handle: after the stop they have the grace period, and no longer.
            tokio::select! {
                ended = connection => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke off");
                    }
                }
                () = async { stop.cancelled().await; tokio::time::sleep(GRACE).await } => {}
            }
        });
    }
    drop(listener);
    if tokio::time::timeout(GRACE, connections.shutdown()).await.is_err() {
        tracing::warn!("connections were still open after {GRACE:?} and were cut");
    }
}

/// The body of a request.
///
/// What an early refusal leaves unread is taken in all the same: many clients write their whole request before they
/// read, and would else find the connection broken instead of the answer.
struct RequestBody {
    incoming: Option<Incoming>,
    /// Whether the client sends it only when it is asked for, and has not been asked yet.
    awaited: Arc<AtomicBool>,
}

impl http_body::Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.awaited.store(false, Ordering::Release);
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Incoming::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map_or(SizeHint::with_exact(0), Incoming::size_hint)
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if self.awaited.load(Ordering::Acquire) || self.is_end_stream() {
            return;
        }
        // The rest ends with the body or with its connection, whichever is first.
        if let (Some(mut rest), Ok(runtime)) = (self.incoming.take(), Handle::try_current()) {
            runtime.spawn(async move { while let Some(Ok(_unread)) = rest.frame().await {} });
        }
    }
}
