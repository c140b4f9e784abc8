//! A multipart upload that has begun: it is completed, or aborted, whatever happens to its future.

use std::error::Error as StdError;
use std::fmt;

use aws_sdk_s3::Client;
use aws_sdk_s3::operation::create_multipart_upload::builders::CreateMultipartUploadFluentBuilder;
use session_core::{Error, ErrorKind, Hold};
use tokio::runtime::Handle;

use super::access::{Access, WithAccess as _};
use crate::s3::object::Object;
use crate::service::S3;

/// A multipart upload on S3 that is neither completed nor aborted. Dropping it aborts it.
#[derive(Debug)]
pub(super) struct Unfinished {
    /// `None` once nothing is to be aborted any more.
    begun: Option<Begun>,
    runtime: Handle,
}

#[derive(Debug)]
struct Begun {
    cleanup: Client,
    object: Object,
    access: Access,
    upload_id: String,
    /// Closing the scope waits from the first request until the upload is completed or its abort is over.
    hold: Option<Hold>,
}

impl Unfinished {
    /// Begins a multipart upload of `object`.
    ///
    /// # Cancellation
    /// Dropping the future does not drop the request on its way, for its answer has the id under which to abort.
    pub(super) async fn begin(
        object: &Object,
        access: &Access,
        fill: impl FnOnce(CreateMultipartUploadFluentBuilder) -> CreateMultipartUploadFluentBuilder,
    ) -> Result<Self, Error> {
        let runtime = Handle::try_current()
            .map_err(|why| Error::new(ErrorKind::InvalidConfig, why.to_string()).with_source(why))?;
        // Held first and asked second: either closing the scope waits for this, or it is seen to be closed.
        let hold = object.s3().hold();
        let (cleanup, object) = (object.s3().cleanup_client()?, object.clone());
        let create = cleanup.create_multipart_upload().bucket(object.bucket_name()).key(object.key());
        let create = fill(create);
        let (owner, access) = (runtime.clone(), access.clone());
        let begun = owner.spawn(async move {
            let upload_id = create.send().await?.upload_id.unwrap_or_default();
            if upload_id.is_empty() {
                let message = "the answer to CreateMultipartUpload has no upload id";
                return Err(Error::new(ErrorKind::Service, message).with_service(S3::NAME));
            }
            // If nobody waits for this any more, it is dropped, and so aborted.
            Ok(Self { begun: Some(Begun { cleanup, object, access, upload_id, hold }), runtime })
        });
        begun.await.map_err(std::io::Error::other)?
    }

    /// The upload's id.
    pub(super) fn upload_id(&self) -> &str {
        self.begun.as_ref().map_or("", |begun| &begun.upload_id)
    }

    /// The upload is completed: nothing is to be aborted.
    pub(super) fn completed(mut self) {
        self.begun = None;
    }

    /// Aborts the upload for `cause`, and says so if that failed, too.
    ///
    /// # Cancellation
    /// Dropping the future does not stop the abort.
    pub(super) async fn abort_for(mut self, cause: Error) -> Error {
        let Some(begun) = self.begun.take() else { return cause };
        let upload_id = begun.upload_id.clone();
        let aborted = self.runtime.spawn(begun.abort()).await;
        match aborted.map_err(std::io::Error::other) {
            Ok(Ok(())) => cause,
            Ok(Err(abort)) => UnabortedUpload { cause, abort, upload_id }.into(),
            Err(stopped) => UnabortedUpload { cause, abort: stopped.into(), upload_id }.into(),
        }
    }
}

impl Begun {
    /// Aborts when polled, and gives up the hold afterwards.
    fn abort(self) -> impl Future<Output = Result<(), Error>> + Send + 'static {
        let Self { cleanup, object, access, upload_id, hold } = self;
        let abort = cleanup.abort_multipart_upload().access(&access);
        let abort = abort.bucket(object.bucket_name()).key(object.key());
        async move {
            let aborted = abort.upload_id(upload_id).send().await.map_err(Error::from);
            drop(hold);
            match aborted {
                Err(error) if !error.is_not_found() => Err(error),
                // Not found: aborted already, or completed by a request whose answer was lost.
                _ => Ok(()),
            }
        }
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        let Some(begun) = self.begun.take() else { return };
        let upload_id = begun.upload_id.clone();
        let abort = begun.abort();
        self.runtime.spawn(async move {
            if let Err(error) = abort.await {
                tracing::warn!(%upload_id, %error, "an interrupted multipart upload could not be aborted");
            }
        });
    }
}

/// An upload failed and its multipart upload could not be aborted either: its parts are stored, and billed, until
/// somebody aborts it.
///
/// In the source of the [`Error`], whose kind and code are those of the cause.
#[derive(Debug)]
#[non_exhaustive]
pub struct UnabortedUpload {
    /// Why the upload failed.
    pub cause: Error,
    /// Why it could not be aborted.
    pub abort: Error,
    /// The id of the multipart upload that is left.
    pub upload_id: String,
}

impl fmt::Display for UnabortedUpload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { abort, upload_id, .. } = self;
        write!(f, "the multipart upload `{upload_id}` is left, for aborting it failed: {abort}")
    }
}

impl StdError for UnabortedUpload {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}

impl From<UnabortedUpload> for Error {
    fn from(left: UnabortedUpload) -> Self {
        let cause = &left.cause;
        let mut error =
            Error::new(cause.kind(), format!("{}; and {left}", cause.message())).with_service(S3::NAME);
        if let Some(operation) = cause.operation() {
            error = error.with_operation(operation.to_owned());
        }
        if let Some(code) = cause.code() {
            error = error.with_code(code);
        }
        error.with_source(left)
    }
}
