//! Parts on their way: a bounded number of tasks, owned by the transfer.

use std::future::Future;

use session_core::Error;
use tokio::task::JoinSet;

use super::plan::{Part, Parts};

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
    transfer: impl Fn(Part) -> F,
    mut arrived: impl FnMut(Part, T),
) -> Result<(), Error>
where
    T: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
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
            Some(Ok((part, Ok(done)))) => arrived(part, done),
            Some(Ok((_, Err(error)))) => {
                // Waits until the others are gone, so that none of them sends anything from now on.
                on_their_way.shutdown().await;
                return Err(error);
            }
            Some(Err(panicked)) => match panicked.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                // Nobody aborts a task but this set, and it returns when it does.
                Err(aborted) => return Err(std::io::Error::other(aborted).into()),
            },
        }
    }
}
