//! Door two: a port that the AWS CLI, boto3 or any SDK can be pointed at.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, ToSocketAddrs};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::context::Body;
use crate::service::Services;

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
                    // A connection that broke off, or no free file descriptor for a moment.
                    tracing::warn!(%error, "a connection was not accepted");
                    tokio::task::yield_now().await;
                    continue;
                }
            },
        };
        // Answers are written whole, so waiting to fill a packet only delays them.
        let _unchanged = stream.set_nodelay(true);
        let services = Arc::clone(&services);
        let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
            let services = Arc::clone(&services);
            async move { Ok::<_, std::convert::Infallible>(services.answer(request.map(Body::from)).await) }
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
