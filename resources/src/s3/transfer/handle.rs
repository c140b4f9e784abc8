//! A transfer that goes on by itself: it is asked how far it is, awaited, or aborted.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use session_core::{Error, ErrorKind};
use tokio::runtime::Handle;
use tokio::task::JoinHandle;

use super::progress::Progress;
use crate::service::S3;

/// A transfer in a task of its own. Awaiting it gives what awaiting the transfer itself would have.
///
/// ```
/// # use resources::S3;
/// # use session_core::SessionExt;
/// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
/// # let session = backend_mock::MockAws::new().session();
/// # let s3 = session.resource(S3).await?;
/// # s3.bucket("films").create().send().await?;
/// let film = s3.object("films", "metropolis");
/// let upload = film.upload_fileobj(&b"once upon a time"[..]).start()?;
/// println!("{} of {} bytes", upload.progress().transferred, upload.progress().total);
/// assert_eq!(upload.await?.size, 16);
/// # Ok::<(), session_core::Error>(()) }).unwrap();
/// ```
///
/// # Cancellation
/// Dropping the handle aborts the transfer, as [`abort`](Self::abort) does, without waiting for it: no multipart upload,
/// temporary file or task is left. Dropping it is not detaching it.
#[must_use = "a transfer is aborted when its handle is dropped"]
pub struct TransferHandle<T> {
    task: JoinHandle<Result<T, Error>>,
    progress: Arc<Mutex<Progress>>,
}

impl<T: Send + 'static> TransferHandle<T> {
    pub(super) fn start(
        transfer: impl Future<Output = Result<T, Error>> + Send + 'static,
        progress: Arc<Mutex<Progress>>,
    ) -> Result<Self, Error> {
        let runtime = Handle::try_current()
            .map_err(|why| Error::new(ErrorKind::InvalidConfig, why.to_string()).with_source(why))?;
        Ok(Self { task: runtime.spawn(transfer), progress })
    }
}

impl<T> TransferHandle<T> {
    /// How far the transfer is.
    pub fn progress(&self) -> Progress {
        *self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether it is over, well or not.
    pub fn is_finished(&self) -> bool {
        self.task.is_finished()
    }

    /// Ends the transfer where it is, and returns once its task is gone. What S3 holds of a multipart upload is aborted,
    /// which closing the scope waits for. A transfer that was over before stays done.
    pub async fn abort(mut self) {
        self.task.abort();
        // Over before, aborted now, or panicked: it is gone in any case.
        let _ = (&mut self.task).await;
    }
}

impl<T> Drop for TransferHandle<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl<T: Send + 'static> IntoFuture for TransferHandle<T> {
    type Output = Result<T, Error>;
    type IntoFuture = Transfer<T>;

    fn into_future(self) -> Self::IntoFuture {
        Transfer(self)
    }
}

/// A [`TransferHandle`] that is awaited.
#[must_use = "a transfer is aborted when its future is dropped"]
pub struct Transfer<T>(TransferHandle<T>);

impl<T> Future for Transfer<T> {
    type Output = Result<T, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.0.task).poll(cx).map(|joined| match joined {
            Ok(outcome) => outcome,
            Err(stopped) => match stopped.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(aborted) => {
                    let message = "the runtime ended before the transfer did";
                    Err(Error::new(ErrorKind::Dispatch, message).with_service(S3::NAME).with_source(aborted))
                }
            },
        })
    }
}

impl<T> fmt::Debug for TransferHandle<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TransferHandle").field("progress", &self.progress()).finish_non_exhaustive()
    }
}

impl<T> fmt::Debug for Transfer<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
