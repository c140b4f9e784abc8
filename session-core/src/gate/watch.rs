//! Watching for the end of a scope at next to no cost while there is nothing to wait for.

use std::future::Future as _;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio_util::sync::WaitForCancellationFutureOwned;

use super::Gate;

/// Tells when a gate is cancelled. It signs up for the news only when it is first waited for.
pub(super) struct Watch {
    gate: Gate,
    news: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

impl Watch {
    pub(super) fn of(gate: &Gate) -> Self {
        Self { gate: gate.clone(), news: None }
    }

    pub(super) fn gate(&self) -> &Gate {
        &self.gate
    }

    /// Whether the gate is cancelled, without waiting for it.
    pub(super) fn is_cancelled(&self) -> bool {
        self.gate.is_cancelled()
    }

    /// Ready when the gate is cancelled; else the task is woken when it is.
    pub(super) fn poll_cancelled(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let gate = &self.gate;
        self.news.get_or_insert_with(|| Box::pin(gate.0.cancel.clone().cancelled_owned())).as_mut().poll(cx)
    }
}
