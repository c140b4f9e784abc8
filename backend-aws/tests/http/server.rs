//! A server of the loopback that answers as it is told, and remembers who came and what was asked.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{HeaderMap, Request, Response, Uri, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// What the server does with a request.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer {
    /// 200 with `{}`, which every operation of DynamoDB takes.
    Fine,
    /// This status with `{}`.
    Status(u16),
    /// None, ever.
    Silence,
    /// 200 at once, and what is sent is sent back while it comes.
    Echo,
    /// 200, and less of the body than the head says.
    CutShort,
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// With scheme and host if the request line had them.
    pub(crate) uri: Uri,
    pub(crate) version: Version,
    pub(crate) headers: HeaderMap,
    pub(crate) peer: SocketAddr,
}

#[derive(Default)]
struct Memory {
    connections: AtomicUsize,
    requests: Mutex<Vec<Seen>>,
}

/// Listens until it is dropped.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    memory: Arc<Memory>,
    listening: JoinHandle<()>,
}

impl Server {
    /// Plain HTTP, and always the same answer.
    pub(crate) async fn start(answer: Answer) -> Self {
        Self::listen(None, move |_| answer).await
    }

    /// TLS, and always a good answer.
    pub(crate) async fn start_tls(tls: ServerConfig) -> Self {
        Self::listen(Some(tls), |_| Answer::Fine).await
    }

    /// `answer` is asked with the number of requests that came before.
    pub(crate) async fn listen(
        tls: Option<ServerConfig>,
        answer: impl Fn(usize) -> Answer + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, memory) = (listener.local_addr().unwrap(), Arc::new(Memory::default()));
        let (answer, tls) = (Arc::new(answer), tls.map(|tls| TlsAcceptor::from(Arc::new(tls))));
        let remembered = Arc::clone(&memory);
        let listening = tokio::spawn(async move {
            while let Ok((stream, peer)) = listener.accept().await {
                remembered.connections.fetch_add(1, Ordering::SeqCst);
                let (memory, answer, tls) = (Arc::clone(&remembered), Arc::clone(&answer), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => serve(stream, peer, memory, answer).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                serve(stream, peer, memory, answer).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, memory, listening }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn https(&self) -> String {
        format!("https://{}", self.address)
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.memory.connections.load(Ordering::SeqCst)
    }

    /// The requests so far.
    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.memory.requests.lock().unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn serve(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    peer: SocketAddr,
    memory: Arc<Memory>,
    answer: Arc<impl Fn(usize) -> Answer + Send + Sync + 'static>,
) {
    let service = service_fn(move |request: Request<Incoming>| {
        let (memory, answer) = (Arc::clone(&memory), Arc::clone(&answer));
        async move {
            let before = {
                let mut requests = memory.requests.lock().unwrap();
                let (uri, version, headers) =
                    (request.uri().clone(), request.version(), request.headers().clone());
                requests.push(Seen { uri, version, headers, peer });
                requests.len() - 1
            };
            let answer = answer(before);
            if let Answer::Echo = answer {
                return Ok(Response::new(request.into_body().map_err(io::Error::other).boxed()));
            }
            let _ = request.into_body().collect().await;
            let fine =
                Response::new(Full::new(Bytes::from_static(b"{}")).map_err(|never| match never {}).boxed());
            Ok::<Response<BoxBody<Bytes, io::Error>>, Infallible>(match answer {
                Answer::Fine => fine,
                Answer::Status(status) => {
                    let mut response = fine;
                    *response.status_mut() = status.try_into().unwrap();
                    response
                }
                Answer::Echo | Answer::Silence => std::future::pending().await,
                Answer::CutShort => {
                    let mut response = fine.map(|_| CutShort(0).boxed());
                    response.headers_mut().insert("content-length", 100.into());
                    response
                }
            })
        }
    });
    let _ = auto::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
}

/// A body that ends in an error after one piece.
struct CutShort(u8);

impl Body for CutShort {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        self.0 += 1;
        match self.0 {
            1 => Poll::Ready(Some(Ok(Frame::data(Bytes::from_static(b"{"))))),
            // A turn for the connection, so that the piece is sent.
            2 => {
                cx.waker().wake_by_ref();
                Poll::Pending
            }
            _ => Poll::Ready(Some(Err(io::Error::other("cut short")))),
        }
    }
}

/// A listener that takes connections and never says a word.
pub(crate) struct Mute {
    pub(crate) address: SocketAddr,
    listening: JoinHandle<Vec<TcpStream>>,
}

impl Mute {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let listening = tokio::spawn(async move {
            let mut held = Vec::new();
            while let Ok((stream, _)) = listener.accept().await {
                held.push(stream);
            }
            held
        });
        Self { address, listening }
    }
}

impl Drop for Mute {
    fn drop(&mut self) {
        self.listening.abort();
    }
}
