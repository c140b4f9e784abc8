//! The one rule for locks that a panic left behind.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Locks, whoever panicked before.
///
/// Engines change their state in one step at the end of an operation, and what else is behind a lock is written in one
/// assignment, so a lock that a panic left behind guards a state that is whole.
pub(crate) fn locked<T: ?Sized>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
