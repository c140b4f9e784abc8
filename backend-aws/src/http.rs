//! HTTP: one connector for everything that a session sends, and the pools of connections that its clients share.
//!
//! The SDK's own connector (`aws-smithy-http-client`) can neither show a client certificate, nor accept a server without
//! a trusted one, nor keep TCP connections alive, nor take a proxy for each scheme or trust a proxy of its own; and it
//! reads the system's certificates on the runtime's thread when a client is made. reqwest can, but it mends paths,
//! and `a/../b` is a good S3 key. So the parts are put together here: the pool is hyper-util's, as are the rules for
//! proxies and the tunnel through one; TLS is rustls on ring, joined to hyper by hyper-rustls.
//!
//! A request goes through these rooms: `pool.rs` keeps connections by time-out, `exchange.rs` sends one request and
//! waits for its answer's head, `dial.rs` opens a connection, by way of a proxy (`proxy.rs`) or not, `tls.rs` says
//! whom it trusts, and `failure.rs` tells the SDK what went wrong. `transport.rs` is what makes one pool differ from
//! another.

mod dial;
mod exchange;
mod failure;
mod plain;
mod pool;
mod proxy;
mod resolver;
mod tls;
mod transport;

pub(crate) use plain::PlainHttp;
pub(crate) use pool::Pools;
pub(crate) use transport::Transport;
