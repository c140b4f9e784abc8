//! Pauses between retries and waiter polls that a cancelled scope cuts short.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};

use super::Gate;

/// Sleeps as the session does, but no longer than the scope lives.
#[derive(Debug)]
pub(crate) struct GatedSleep {
    inner: SharedAsyncSleep,
    gate: Gate,
}

impl GatedSleep {
    pub(crate) fn new(inner: SharedAsyncSleep, gate: Gate) -> Self {
        Self { inner, gate }
    }
}

impl AsyncSleep for GatedSleep {
    fn sleep(&self, duration: Duration) -> Sleep {
        let sleep = self.inner.sleep(duration);
        let cancelled = self.gate.cancellation().clone();
        Sleep::new(async move {
            tokio::select! {
                () = sleep => {}
                // Yielding once keeps a loop around a pause from spinning without a turn for others.
                () = cancelled.cancelled_owned() => tokio::task::yield_now().await,
            }
        })
    }
}
