//! A proxy of the loopback: it passes requests and tunnels on, and remembers the heads of what it was asked.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

/// Passes on until it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    heads: Arc<Mutex<Vec<String>>>,
    listening: JoinHandle<()>,
}

impl Proxy {
    /// Lets everybody through.
    pub(crate) async fn open() -> Self {
        Self::start(None, None).await
    }

    /// Lets through who says `Proxy-Authorization: Basic …` with that text, if there is one; speaks TLS if told.
    pub(crate) async fn start(basic: Option<&'static str>, tls: Option<ServerConfig>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (address, heads) = (listener.local_addr().unwrap(), Arc::new(Mutex::default()));
        let tls = tls.map(|tls| TlsAcceptor::from(Arc::new(tls)));
        let remembered = Arc::clone(&heads);
        let listening = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (heads, tls) = (Arc::clone(&remembered), tls.clone());
                tokio::spawn(async move {
                    match tls {
                        None => pass(stream, basic, &heads).await,
                        Some(tls) => {
                            if let Ok(stream) = tls.accept(stream).await {
                                pass(stream, basic, &heads).await;
                            }
                        }
                    }
                });
            }
        });
        Self { address, heads, listening }
    }

    pub(crate) fn http(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The request lines with their headers, so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn pass(
    mut client: impl AsyncRead + AsyncWrite + Unpin,
    basic: Option<&str>,
    heads: &Mutex<Vec<String>>,
) {
    let mut bytes = Vec::new();
    while !bytes.windows(4).any(|end| end == b"\r\n\r\n") {
        let mut piece = [0; 4096];
        match client.read(&mut piece).await {
            Ok(read) if read > 0 => bytes.extend_from_slice(&piece[..read]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&bytes).into_owned();
    heads.lock().unwrap().push(head.clone());
    let shown = head
        .lines()
        .find_map(|line| line.to_lowercase().strip_prefix("proxy-authorization: ").map(str::to_owned));
    if let Some(wanted) = basic
        && shown != Some(format!("basic {}", wanted.to_lowercase()))
    {
        let refusal = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
        let _ = client.write_all(refusal.as_bytes()).await;
        return;
    }
    let target = head.split(' ').nth(1).unwrap();
    let tunnel = head.starts_with("CONNECT ");
    let authority = match tunnel {
        true => target,
        false => target.strip_prefix("http://").unwrap().split('/').next().unwrap(),
    };
    // A name that only the proxy can resolve.
    let authority = authority.replace("behind-the-proxy.example", "127.0.0.1");
    let Ok(mut server) = TcpStream::connect(authority).await else {
        let _ = client.write_all(b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n").await;
        return;
    };
    let begun = match tunnel {
        true => client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").await,
        false => server.write_all(&bytes).await,
    };
    if begun.is_ok() {
        let _ = copy_bidirectional(&mut client, &mut server).await;
    }
}
