//! Progress: one meaning for every transfer, and a callback that cannot hurt it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// How far a transfer is: bytes of the object that have arrived for good, from the beginning of the transfer on.
///
/// `transferred` never falls, counts no byte twice, and is `total` in the last report of a transfer that succeeds. A
/// report is made when a part has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have arrived.
    pub transferred: u64,
    /// Bytes of the whole object.
    pub total: u64,
}

/// Who is told about the progress.
#[derive(Default)]
pub(super) struct Listener(Option<Box<dyn FnMut(Progress) + Send>>);

impl Listener {
    pub(super) fn new(callback: impl FnMut(Progress) + Send + 'static) -> Self {
        Self(Some(Box::new(callback)))
    }

    /// The progress of a transfer of `total` bytes.
    pub(super) fn begin(self, total: u64) -> Reporter {
        Reporter { listener: self, progress: Progress { transferred: 0, total } }
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Listener" } else { "None" })
    }
}

/// The progress of one transfer.
#[derive(Debug)]
pub(super) struct Reporter {
    listener: Listener,
    progress: Progress,
}

impl Reporter {
    /// So many more bytes have arrived.
    pub(super) fn arrived(&mut self, bytes: u64) {
        self.progress.transferred += bytes;
        let Some(callback) = &mut self.listener.0 else { return };
        if catch_unwind(AssertUnwindSafe(|| callback(self.progress))).is_err() {
            tracing::warn!("the progress callback of a transfer panicked and is not called again");
            self.listener.0 = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    #[test]
    fn a_callback_that_panics_is_not_called_again() {
        let calls = Arc::new(Mutex::new(0));
        let counted = Arc::clone(&calls);
        let mut reporter = Listener::new(move |progress| {
            *counted.lock().unwrap() += 1;
            assert!(progress.transferred < 2, "enough");
        })
        .begin(3);
        for _ in 0..3 {
            reporter.arrived(1);
        }
        assert_eq!(reporter.progress, Progress { transferred: 3, total: 3 });
        // Poisoned or not, it counted the two calls.
        assert_eq!(calls.lock().map_or_else(|poisoned| *poisoned.into_inner(), |calls| *calls), 2);
    }
}
