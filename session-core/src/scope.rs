//! The scope of a client: how long it may be used, and how it ends.

use std::fmt;
use std::future::Future;
use std::ops::Deref;
use std::time::Duration;

use crate::client::ClientMeta;
use crate::error::Error;
use crate::gate::Gate;
use crate::scoped::Scoped;

/// A client or resource and its lifetime. Dereferences to what is inside.
///
/// | leaving by | new operations | operations in flight, response bodies included |
/// |---|---|---|
/// | [`close`](Self::close) | refused | finish within the time-out, then are cancelled and reported |
/// | drop, a panic, a cancelled `close` | refused | cancelled at once |
/// | [`detach`](Self::detach) | go on | go on |
///
/// A response body counts from its first byte until it is read to its end or dropped, unless it arrived whole.
///
/// Clones of the client that were taken out of the scope obey it too: after the end their operations fail at once
/// with an error of kind [`ScopeClosed`](crate::ErrorKind::ScopeClosed) and are not retried. Scopes share their
/// session's connection pool, so that ending one never disturbs another.
///
/// ```
/// # use session_core::{ErrorKind, Error, SessionExt};
/// # session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// let session = backend_mock::MockAws::new().session();
/// let dynamodb = session.client(DynamoDb).await?;
/// let clone = dynamodb.clone();
/// clone.list_tables().send().await?;
/// dynamodb.close().await?;
///
/// let error = Error::from(clone.list_tables().send().await.unwrap_err());
/// assert_eq!(error.kind(), ErrorKind::ScopeClosed);
/// # Ok::<(), Error>(()) }).unwrap();
/// ```
#[must_use = "dropping the scope closes its client"]
pub struct ResourceScope<T> {
    inside: T,
    meta: ClientMeta,
    net: SafetyNet,
}

/// What a dropped scope leaves to happen, one that was still being opened, too.
pub(crate) struct SafetyNet {
    gate: Gate,
    armed: bool,
}

impl SafetyNet {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, armed: true }
    }
}

impl Drop for SafetyNet {
    fn drop(&mut self) {
        if self.armed {
            self.gate.cancel();
        }
    }
}

impl<T> ResourceScope<T> {
    pub(crate) fn new(inside: T, meta: ClientMeta, net: SafetyNet) -> Self {
        Self { inside, meta, net }
    }

    /// Service, region, endpoint and backend of the client.
    pub fn meta(&self) -> &ClientMeta {
        &self.meta
    }

    /// Whether operations may still begin: neither this scope nor its session is closed.
    pub fn is_open(&self) -> bool {
        !self.net.gate.is_closed()
    }

    /// How many operations have begun and not ended, unread response bodies included.
    pub fn in_flight(&self) -> usize {
        self.net.gate.in_flight()
    }

    /// The resource, or anything else, with where this scope's client sends: for comparisons that heed it.
    ///
    /// ```
    /// # use session_core::{Error, SessionExt};
    /// # session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let here = session.client(DynamoDb).region_name("eu-west-1").await?;
    /// let there = session.client(DynamoDb).region_name("us-east-1").await?;
    /// assert_ne!(here.scoped("orders"), there.scoped("orders"));
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    pub fn scoped<R>(&self, resource: R) -> Scoped<R> {
        Scoped::new(resource, &self.meta)
    }

    /// Ends the scope: refuses new operations and waits for those in flight, as long as the client's
    /// [`close_timeout`](crate::ClientConfigBuilder::close_timeout) says (30 s if it says nothing).
    ///
    /// Closing a scope that its session has closed already is no error.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) when operations were still in flight, or bodies unread, at
    /// the time-out; they are cancelled.
    ///
    /// # Cancellation
    /// Dropping the future drops the scope: what is in flight is cancelled at once.
    pub async fn close(self) -> Result<(), Error> {
        let timeout = self.meta.config.close_timeout();
        self.close_within(timeout).await
    }

    /// [`close`](Self::close) with a time-out of its own. Time is tokio's, so a paused test clock moves it.
    ///
    /// # Errors
    /// As [`close`](Self::close).
    pub async fn close_within(mut self, timeout: Duration) -> Result<(), Error> {
        let drained = self.net.gate.drain(timeout).await;
        // Only now: a cancelled close leaves the net in place.
        self.net.armed = false;
        drained.map_err(|error| error.with_service(self.meta.service_name.clone()))
    }

    /// Runs `work` with the client and closes the scope afterwards: on success, on error, on panic and when the
    /// future is dropped.
    ///
    /// ```
    /// # use session_core::{Error, SessionExt};
    /// # session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let tables = session
    ///     .client(DynamoDb)
    ///     .await?
    ///     .run(|dynamodb| async move { dynamodb.list_tables().send().await.map_err(Error::from) })
    ///     .await?;
    /// assert!(tables.table_names().is_empty());
    /// # Ok::<(), Error>(()) }).unwrap();
    /// ```
    ///
    /// # Errors
    /// The error of `work`; after its success, the error of [`close`](Self::close). An operation that
    /// `work` left in flight is what can make closing fail, so let it end or drop it inside `work`.
    pub async fn run<R, E, F>(self, work: impl FnOnce(T) -> F) -> Result<R, E>
    where
        T: Clone,
        F: Future<Output = Result<R, E>>,
        E: From<Error>,
    {
        let answer = work(self.inside.clone()).await;
        match self.close().await {
            Ok(()) => answer,
            Err(closing) => answer.and_then(|_| Err(closing.into())),
        }
    }

    /// The client without a scope: it lives as long as its last clone, or until the session is closed.
    pub fn detach(self) -> T {
        let Self { inside, mut net, .. } = self;
        net.armed = false;
        inside
    }
}

impl<T> Deref for ResourceScope<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.inside
    }
}

impl<T> AsRef<T> for ResourceScope<T> {
    fn as_ref(&self) -> &T {
        &self.inside
    }
}

impl<T> fmt::Debug for ResourceScope<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResourceScope")
            .field("service", &self.meta.service_name)
            .field("region", &self.meta.region_name)
            .field("backend", &self.meta.backend)
            .field("gate", &self.net.gate)
            .finish_non_exhaustive()
    }
}

/// The scopes that one session opened. Clones share them.
///
/// A [`Session`](crate::Session) that can be closed holds one and gives it to its connections with
/// [`Connection::with_scopes`](crate::Connection::with_scopes). A scope that ended leaves nothing behind here.
#[derive(Clone, Debug)]
pub struct Scopes(Gate);

impl Scopes {
    /// No scopes yet.
    pub fn new() -> Self {
        Self(Gate::root())
    }

    /// Ends every scope: no new operations and no new scopes; waits up to `timeout` for what is in flight.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`](crate::ErrorKind::Timeout), as [`ResourceScope::close`].
    ///
    /// # Cancellation
    /// Dropping the future leaves the scopes refusing new operations and those in flight running.
    pub async fn close(&self, timeout: Duration) -> Result<(), Error> {
        self.0.drain(timeout).await
    }

    /// Whether [`close`](Self::close) was called.
    pub fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    /// How many operations of all scopes have begun and not ended.
    pub fn in_flight(&self) -> usize {
        self.0.in_flight()
    }

    pub(crate) fn gate(&self) -> &Gate {
        &self.0
    }
}

impl Default for Scopes {
    fn default() -> Self {
        Self::new()
    }
}
