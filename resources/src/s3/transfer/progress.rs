//! Progress: one meaning for every transfer, and a callback that cannot hurt it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};

/// How far a transfer is: bytes of the object that have arrived for good, from the beginning of the transfer on. They are
/// those that S3 has: of an object encrypted by the client, those of the ciphertext.
///
/// `transferred` never falls, counts no byte twice, and is `total` in the last report of a transfer that succeeds. A
/// report is made when a part has arrived.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Bytes that have arrived.
    pub transferred: u64,
    /// Bytes of the whole object; of one whose length nobody knows yet, those that were read so far.
    pub total: u64,
}

/// Who is told about the progress.
#[derive(Default)]
pub(super) struct Listener {
    callback: Option<Box<dyn FnMut(Progress) + Send>>,
    /// Where the handle of the transfer looks.
    shown: Option<Arc<Mutex<Progress>>>,
}

impl Listener {
    pub(super) fn new(callback: impl FnMut(Progress) + Send + 'static) -> Self {
        Self { callback: Some(Box::new(callback)), shown: None }
    }

    /// Where the progress can be looked up from now on.
    pub(super) fn show(&mut self) -> Arc<Mutex<Progress>> {
        Arc::clone(self.shown.get_or_insert_default())
    }

    /// The progress of a transfer of `total` bytes.
    pub(super) fn begin(self, total: u64) -> Reporter {
        let reporter = Reporter { listener: self, progress: Progress { transferred: 0, total } };
        reporter.show();
        reporter
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.callback.is_some() { "Listener" } else { "None" })
    }
}

/// The progress of one transfer.
#[derive(Debug)]
pub(super) struct Reporter {
    listener: Listener,
    progress: Progress,
}

impl Reporter {
    /// There are so many more bytes than was known.
    pub(super) fn grew(&mut self, bytes: u64) {
        self.progress.total += bytes;
        self.show();
    }

    /// So many more bytes have arrived.
    pub(super) fn arrived(&mut self, bytes: u64) {
        self.progress.transferred += bytes;
        self.show();
        let Some(callback) = &mut self.listener.callback else { return };
        if catch_unwind(AssertUnwindSafe(|| callback(self.progress))).is_err() {
            tracing::warn!("the progress callback of a transfer panicked and is not called again");
            self.listener.callback = None;
        }
    }

    fn show(&self) {
        if let Some(shown) = &self.listener.shown {
            *shown.lock().unwrap_or_else(PoisonError::into_inner) = self.progress;
        }
    }
}

#[cfg(test)]
mod tests {
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
