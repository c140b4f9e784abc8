//! A server of the loopback that sends exact bytes, and says how many connections it has seen and lost.
//!
//! It reads whole requests, asks the case what to do with each, and does that to the letter: answer, break off, reset,
//! fall silent. It speaks no more HTTP than that.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::task::{JoinHandle, JoinSet};

/// What the server does when a request has come in.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    /// Sends this and waits for the next request.
    Answer(Vec<u8>),
    /// Sends this and says that nothing follows: the connection ends in order.
    End(Vec<u8>),
    /// Sends this and forgets the connection: whoever goes on is told that it is reset.
    Reset(Vec<u8>),
    /// Sends this and nothing more for as long as the other side stays.
    Stall(Vec<u8>),
    /// Sends this before it has read the body of the request, which it never does, and forgets the connection.
    Refuse(Vec<u8>),
    /// Reads no body and says nothing.
    Ignore,
    /// Sends the first, waits for [`Server::go_on`], sends the second, and waits for the next request.
    Hold(Vec<u8>, Vec<u8>),
}

/// A request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// How many requests came before.
    pub(crate) before: usize,
    head: String,
}

impl Asked {
    /// A header's value.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value).next()
    }

    /// Such as `HEAD`.
    pub(crate) fn method(&self) -> &str {
        self.head.split(' ').next().unwrap_or_default()
    }
}

struct State {
    script: Box<dyn Fn(&Asked) -> Act + Send + Sync>,
    asked: Mutex<Vec<Asked>>,
    connections: watch::Sender<Connections>,
    requests: watch::Sender<usize>,
    may_go_on: Semaphore,
}

#[derive(Clone, Copy, Debug, Default)]
struct Connections {
    made: usize,
    ended: usize,
}

/// Listens until it is dropped, and its connections end with it.
pub(crate) struct Server {
    address: SocketAddr,
    state: Arc<State>,
    listening: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start(script: impl Fn(&Asked) -> Act + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State {
            script: Box::new(script),
            asked: Mutex::default(),
            connections: watch::Sender::default(),
            requests: watch::Sender::default(),
            may_go_on: Semaphore::new(0),
        });
        let shared = Arc::clone(&state);
        let listening = tokio::spawn(async move {
            let mut conversations = JoinSet::new();
            while let Ok((stream, _)) = listener.accept().await {
                shared.connections.send_modify(|connections| connections.made += 1);
                let state = Arc::clone(&shared);
                conversations.spawn(async move {
                    // Whatever goes wrong here is what the case is about.
                    let _ = converse(stream, &state).await;
                    state.connections.send_modify(|connections| connections.ended += 1);
                });
            }
        });
        Self { address, state, listening }
    }

    /// Does the same with every request.
    pub(crate) async fn always(act: Act) -> Self {
        Self::start(move |_| act.clone()).await
    }

    /// Does these with the first requests, one each, and the last with all that follow.
    pub(crate) async fn one_by_one<const N: usize>(acts: [Act; N]) -> Self {
        Self::start(move |asked| acts[asked.before.min(N - 1)].clone()).await
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.state.asked.lock().unwrap().clone()
    }

    /// How many requests have come so far.
    pub(crate) fn requests(&self) -> usize {
        *self.state.requests.borrow()
    }

    /// How many connections were made so far.
    pub(crate) fn connections(&self) -> usize {
        self.state.connections.borrow().made
    }

    /// Waits until so many requests have come.
    pub(crate) async fn was_asked(&self, requests: usize) {
        self.state.requests.subscribe().wait_for(|seen| *seen >= requests).await.unwrap();
    }

    /// Waits until so many connections are gone, by whichever side.
    pub(crate) async fn lost(&self, connections: usize) {
        self.state.connections.subscribe().wait_for(|seen| seen.ended >= connections).await.unwrap();
    }

    /// Waits until every connection that was made is gone.
    pub(crate) async fn all_lost(&self) {
        let mut connections = self.state.connections.subscribe();
        connections.wait_for(|seen| seen.ended == seen.made).await.unwrap();
    }

    /// How many connections are there now.
    pub(crate) fn open(&self) -> usize {
        let Connections { made, ended } = *self.state.connections.borrow();
        made - ended
    }

    /// Lets one [`Act::Hold`] send its second part.
    pub(crate) fn go_on(&self) {
        self.state.may_go_on.add_permits(1);
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.listening.abort();
    }
}

async fn converse(mut stream: TcpStream, state: &State) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut received = Vec::new();
    while let Some(head) = next_head(&mut stream, &mut received).await? {
        let (asked, act) = {
            let mut asked = state.asked.lock().unwrap();
            let now = Asked { before: asked.len(), head };
            asked.push(now.clone());
            (now.clone(), (state.script)(&now))
        };
        if !matches!(act, Act::Refuse(_) | Act::Ignore) {
            read_body(&asked, &mut stream, &mut received).await?;
        }
        state.requests.send_modify(|seen| *seen += 1);
        match act {
            Act::Answer(bytes) => stream.write_all(&bytes).await?,
            Act::End(bytes) => {
                stream.write_all(&bytes).await?;
                stream.shutdown().await?;
                return until_gone(&mut stream).await;
            }
            Act::Ignore => std::future::pending().await,
            Act::Reset(bytes) | Act::Refuse(bytes) => {
                stream.write_all(&bytes).await?;
                return stream.set_zero_linger();
            }
            Act::Stall(bytes) => {
                stream.write_all(&bytes).await?;
                return until_gone(&mut stream).await;
            }
            Act::Hold(first, second) => {
                stream.write_all(&first).await?;
                tokio::select! {
                    permit = state.may_go_on.acquire() => permit.map(|permit| permit.forget()).unwrap(),
                    gone = until_gone(&mut stream) => return gone,
                }
                stream.write_all(&second).await?;
            }
        }
    }
    Ok(())
}

/// The head of the next request; `None` when the other side has gone in between.
async fn next_head(stream: &mut TcpStream, received: &mut Vec<u8>) -> std::io::Result<Option<String>> {
    loop {
        if let Some(end) = received.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&received[..end]).into_owned();
            received.drain(..end + 4);
            return Ok(Some(head));
        }
        if stream.read_buf(received).await? == 0 {
            return Ok(None);
        }
    }
}

/// Reads the body that belongs to the head.
async fn read_body(asked: &Asked, stream: &mut TcpStream, received: &mut Vec<u8>) -> std::io::Result<()> {
    let length: usize = asked.header("content-length").map_or(0, |length| length.parse().unwrap());
    while received.len() < length {
        if stream.read_buf(received).await? == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
    }
    received.drain(..length);
    Ok(())
}

async fn until_gone(stream: &mut TcpStream) -> std::io::Result<()> {
    let mut ignored = [0; 1024];
    while stream.read(&mut ignored).await? > 0 {}
    Ok(())
}

/// The bytes of an answer with this status, these headers and this body, whose length is said as it is.
pub(crate) fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    cut_answer(status, headers, body.len(), body)
}

/// The same with a body that is said to be `length` bytes long.
pub(crate) fn cut_answer(status: u16, headers: &[(&str, &str)], length: usize, body: &str) -> Vec<u8> {
    let length = length.to_string();
    let headers = headers.iter().copied().chain([("content-length", &*length)]);
    let lines: String = headers.map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    format!("HTTP/1.1 {status} So\r\n{lines}\r\n{body}").into_bytes()
}
