//! Pauses between retries and waiter polls that a cancelled scope cuts short.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};

use super::Gate;
use super::watch::Watch;

/// A pause that is not worth watching over: it is over before anyone misses it, and every call of the SDK has one,
/// the interval in which it looks for stalled streams.
const SHORT: Duration = Duration::from_millis(250);

/// Sleeps as the session does, but not much longer than the scope lives.
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
        if duration <= SHORT {
            return sleep;
        }
        Sleep::new(Pause { sleep, watch: Watch::of(&self.gate), cut_short: false })
    }
}

struct Pause {
    sleep: Sleep,
    watch: Watch,
    cut_short: bool,
}

impl Future for Pause {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if self.cut_short || Pin::new(&mut self.sleep).poll(cx).is_ready() {
            return Poll::Ready(());
        }
        ready!(self.watch.poll_cancelled(cx));
        // Giving way once keeps a loop around a pause from spinning without a turn for others.
        self.cut_short = true;
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}
