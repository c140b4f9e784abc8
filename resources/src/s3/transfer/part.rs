//! Parts on their way: a bounded number of tasks, owned by the transfer.

use std::future::Future;
use std::sync::Arc;

use session_core::Error;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{JoinError, JoinSet};

use super::plan::{Part, Parts};

/// What several transfers share: how many requests may be on their way at once.
pub(super) type Slots = Arc<Semaphore>;

/// Waits for a slot, if there are any to wait for.
pub(super) async fn slot(slots: Option<&Slots>) -> Option<OwnedSemaphorePermit> {
    // Nobody closes it.
    Arc::clone(slots?).acquire_owned().await.ok()
}

/// Runs `transfer` on every part, at most `concurrency` at once, and tells `arrived` about each one that is done.
///
/// # Errors
/// The first error; the other parts are cancelled by then.
///
/// # Cancellation
/// Dropping the future aborts the tasks of the parts on their way.
pub(super) async fn all<T, F>(
    parts: Parts,
    concurrency: usize,
    mut transfer: impl FnMut(Part) -> F,
    mut arrived: impl FnMut(Part, T),
) -> Result<(), Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    if let Some(part) = parts.only() {
        arrived(part, transfer(part).await?);
        return Ok(());
    }
    let mut waiting = parts.iter();
    let mut on_their_way = JoinSet::new();
    loop {
        while on_their_way.len() < concurrency {
            let Some(part) = waiting.next() else { break };
            let transferred = transfer(part);
            on_their_way.spawn(async move { (part, transferred.await) });
        }
        match on_their_way.join_next().await {
            None => return Ok(()),
            Some(joined) => match join(joined.map(|(part, done)| done.map(|done| (part, done)))) {
                Ok((part, done)) => arrived(part, done),
                Err(error) => {
                    // Waits until the others are gone, so that none of them sends anything from now on.
                    on_their_way.shutdown().await;
                    return Err(error);
                }
            },
        }
    }
}

/// What a task of a transfer did. Its panic is the transfer's.
pub(super) fn join<T>(joined: Result<Result<T, Error>, JoinError>) -> Result<T, Error> {
    match joined {
        Ok(outcome) => outcome,
        Err(panicked) => match panicked.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            // Nobody aborts a task but its set, and the transfer returns when it does.
            Err(aborted) => Err(std::io::Error::other(aborted).into()),
        },
    }
}
