//! The gate of a scope: refuse, drain, cancel.
//!
//! An operation takes a [`Pass`] before it begins and holds it until it ends, retries and their pauses included;
//! a response body that is still arriving takes one of its own until it is read or dropped. A closed gate gives no
//! pass, so nothing new starts; a drain waits until every pass is back; a cancellation ends whatever still holds one.
//! Gates form a tree: a session's gate is the parent of its scopes' gates, and closing it closes them all. Below a
//! scope's gate there may be one for cleaning up, which the others wait for and do not close.

mod body;
mod call_span;
mod connector;
mod interceptor;
mod sleep;
mod watch;

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;

use crate::error::{Error, ErrorKind};

pub(crate) use connector::GatedHttpClient;
pub(crate) use interceptor::GateInterceptor;
pub(crate) use sleep::GatedSleep;

/// In the source chain of every SDK error that a closed scope caused.
///
/// [`Error`]s made from such an SDK error have the kind [`ErrorKind::ScopeClosed`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ScopeClosed;

impl ScopeClosed {
    pub(crate) const MESSAGE: &'static str = "the scope of this client is closed: open another client, or keep the \
                                              ResourceScope as long as clones of its client are in use";
}

impl fmt::Display for ScopeClosed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(Self::MESSAGE)
    }
}

impl StdError for ScopeClosed {}

/// Whether [`ScopeClosed`] is anywhere in the chain of an error.
pub(crate) fn is_closed(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| {
        // An io::Error hides what it carries from `source`.
        match error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref) {
            Some(carried) => Some(carried as &(dyn StdError + 'static)),
            None => error.source(),
        }
    })
    .any(|error| error.is::<ScopeClosed>())
}

/// The shared state of one scope or one session. Clones share it.
#[derive(Clone)]
pub(crate) struct Gate(Arc<Inner>);

struct Inner {
    closed: AtomicBool,
    admits_operations: AtomicBool,
    cancel: CancellationToken,
    passes: TaskTracker,
    parent: Option<Gate>,
    /// Whether it stays open and uncancelled when its parent closes.
    outlives_parent: bool,
}

impl Gate {
    /// An open gate of its own.
    pub(crate) fn root() -> Self {
        Self(Arc::new(Inner {
            closed: AtomicBool::new(false),
            admits_operations: AtomicBool::new(false),
            cancel: CancellationToken::new(),
            passes: TaskTracker::new(),
            parent: None,
            outlives_parent: false,
        }))
    }

    /// An open gate that its parent closes too.
    pub(crate) fn child(&self) -> Self {
        Self(Arc::new(Inner {
            closed: AtomicBool::new(false),
            admits_operations: AtomicBool::new(false),
            cancel: self.0.cancel.child_token(),
            passes: TaskTracker::new(),
            parent: Some(self.clone()),
            outlives_parent: false,
        }))
    }

    /// A gate for cleaning up: its parent's drain waits for its passes, but closing the parent neither closes nor
    /// cancels it.
    pub(crate) fn cleanup(&self) -> Self {
        Self(Arc::new(Inner {
            closed: AtomicBool::new(false),
            admits_operations: AtomicBool::new(false),
            cancel: CancellationToken::new(),
            passes: TaskTracker::new(),
            parent: Some(self.clone()),
            outlives_parent: true,
        }))
    }

    /// Whether this gate or its parent refuses new operations.
    pub(crate) fn is_closed(&self) -> bool {
        let parent = self.0.parent.as_ref().filter(|_| !self.0.outlives_parent);
        self.0.closed.load(Ordering::SeqCst) || parent.is_some_and(Gate::is_closed)
    }

    /// Whether what is in flight is to end now.
    fn is_cancelled(&self) -> bool {
        // A gate is closed before it is cancelled, and to see that takes no lock.
        self.is_closed() && self.0.cancel.is_cancelled()
    }

    /// A pass for what begins now, unless the gate is closed.
    pub(crate) fn enter(&self) -> Result<Pass, ScopeClosed> {
        // Counted first and checked second: a drain that begins in between waits for this pass,
        // and a pass that finds the gate closed is given back before anything was sent.
        let pass = self.hold();
        fence(Ordering::SeqCst);
        match self.is_closed() {
            true => Err(ScopeClosed),
            false => Ok(pass),
        }
    }

    /// A pass for a whole operation, unless the gate is closed. From the first one on, the gate knows that its
    /// client's operations ask here, and that their requests need not be asked again.
    fn admit_operation(&self) -> Result<Pass, ScopeClosed> {
        if !self.admits_operations() {
            self.0.admits_operations.store(true, Ordering::Relaxed);
        }
        self.enter()
    }

    fn admits_operations(&self) -> bool {
        self.0.admits_operations.load(Ordering::Relaxed)
    }

    /// A pass without the question whether the gate is open: drains wait for it, here and above.
    pub(crate) fn hold(&self) -> Pass {
        let parent = self.0.parent.as_ref();
        let grandparent = parent.and_then(|parent| parent.0.parent.as_ref());
        Pass {
            _here: self.0.passes.token(),
            _above: parent.map(|parent| parent.0.passes.token()),
            _top: grandparent.map(|session| session.0.passes.token()),
        }
    }

    /// No new operations from now on. Those in flight go on.
    pub(crate) fn refuse(&self) {
        self.0.closed.store(true, Ordering::SeqCst);
        self.0.passes.close();
        // The tracker counts in relaxed order. With one fence here and one in `enter`, either this sees the pass
        // that was taken, or whoever took it sees that the gate is closed.
        fence(Ordering::SeqCst);
    }

    /// No new operations, and those in flight end at once with [`ScopeClosed`].
    pub(crate) fn cancel(&self) {
        self.refuse();
        self.0.cancel.cancel();
    }

    /// No new operations; waits for those in flight, bodies included, and cancels what is left at the deadline.
    ///
    /// # Cancellation
    /// Dropping the future leaves the gate refusing and those in flight running.
    pub(crate) async fn drain(&self, deadline: Duration) -> Result<(), Error> {
        self.refuse();
        if self.0.passes.is_empty() || tokio::time::timeout(deadline, self.0.passes.wait()).await.is_ok() {
            // Nothing is in flight: this ends pauses between operations, such as those of a waiter.
            self.0.cancel.cancel();
            return Ok(());
        }
        let left = self.0.passes.len();
        self.cancel();
        Err(Error::new(
            ErrorKind::Timeout,
            format!(
                "closing waited {deadline:?} and then cancelled {left} operation(s) in flight or with an unread \
                 response body: read or drop bodies before closing, or give close a longer time-out"
            ),
        ))
    }

    /// How many operations hold a pass.
    pub(crate) fn in_flight(&self) -> usize {
        self.0.passes.len()
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate")
            .field("closed", &self.is_closed())
            .field("in_flight", &self.in_flight())
            .finish_non_exhaustive()
    }
}

/// Leave to be in flight: held by an operation, by a request without one, by a response body.
#[derive(Clone)]
pub(crate) struct Pass {
    _here: TaskTrackerToken,
    _above: Option<TaskTrackerToken>,
    _top: Option<TaskTrackerToken>,
}

impl fmt::Debug for Pass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pass")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_drain_waits_for_the_last_pass() {
        let gate = Gate::root();
        let operation = gate.admit_operation().unwrap();
        let body = gate.hold();
        drop(operation);
        let drain = tokio::spawn({
            let gate = gate.clone();
            async move { gate.drain(Duration::from_secs(30)).await }
        });
        tokio::task::yield_now().await;
        assert!(gate.enter().is_err() && !drain.is_finished());
        drop(body);
        drain.await.unwrap().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn a_drain_cancels_at_its_deadline_and_says_what_was_left() {
        let gate = Gate::root();
        let _pass = gate.enter().unwrap();
        let error = gate.drain(Duration::from_secs(5)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Timeout);
        assert!(error.to_string().contains("5s") && error.to_string().contains("1 operation"), "{error}");
        assert!(gate.0.cancel.is_cancelled());
    }

    #[tokio::test]
    async fn closing_a_session_closes_its_scopes_and_counts_their_passes() {
        let session = Gate::root();
        let (scope, sibling) = (session.child(), session.child());
        let pass = scope.enter().unwrap();
        assert_eq!((session.in_flight(), sibling.in_flight()), (1, 0));
        drop(pass);
        session.drain(Duration::from_secs(1)).await.unwrap();
        assert!(scope.is_closed() && sibling.enter().is_err());
    }

    #[tokio::test]
    async fn a_cleanup_gate_is_waited_for_and_outlives_its_scope() {
        let session = Gate::root();
        let scope = session.child();
        let cleanup = scope.cleanup();
        let pass = cleanup.enter().unwrap();
        assert_eq!((session.in_flight(), scope.in_flight()), (1, 1));
        scope.cancel();
        assert!(cleanup.enter().is_ok() && !cleanup.0.cancel.is_cancelled());
        drop(pass);
        session.drain(Duration::from_secs(1)).await.unwrap();
        assert!(cleanup.enter().is_ok());
    }

    #[test]
    fn closing_a_scope_leaves_its_sibling_open() {
        let session = Gate::root();
        let (scope, sibling) = (session.child(), session.child());
        scope.cancel();
        assert!(scope.enter().is_err() && sibling.enter().is_ok() && !session.is_closed());
    }
}
