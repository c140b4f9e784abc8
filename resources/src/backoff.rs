//! Pauses that grow: exponential, capped, and with full jitter so that many who wait do not come back at once.

use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};

/// The pauses between attempts at the same thing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    ceiling: Duration,
    most: Duration,
}

impl Backoff {
    /// The first pause is at most `first`, the following ones at most twice the one before, none longer than `most`.
    pub(crate) const fn new(first: Duration, most: Duration) -> Self {
        Self { ceiling: first, most }
    }

    /// Pauses on the client's clock, or on tokio's if the client has none.
    pub(crate) async fn pause(&mut self, sleep: Option<SharedAsyncSleep>) {
        let sleep = sleep.unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
        sleep.sleep(self.next()).await;
    }

    /// How long to pause now.
    fn next(&mut self) -> Duration {
        let pause = self.ceiling.mul_f64(fastrand::f64());
        self.ceiling = self.ceiling.saturating_mul(2).min(self.most);
        pause
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_stay_below_a_ceiling_that_doubles_up_to_the_cap() {
        let mut backoff = Backoff::new(Duration::from_millis(50), Duration::from_millis(300));
        for ceiling in [50, 100, 200, 300, 300] {
            assert_eq!(backoff.ceiling, Duration::from_millis(ceiling));
            assert!(backoff.next() <= Duration::from_millis(ceiling));
        }
    }
}
