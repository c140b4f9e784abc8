//! The ranges of one very object: asked for again where a body breaks off, and noticed when the object changes.

use std::error::Error as StdError;
use std::fmt;
use std::future::Future;
use std::time::Duration;

use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::primitives::ByteStream;
use session_core::{Error, ErrorKind};

use super::config::TransferConfig;
use super::plan::Part;
use crate::backoff::Backoff;
use crate::s3::object::Object;
use crate::service::S3;

/// The pauses before a part that broke off is asked for again.
const PART_BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// An object as it was when its transfer began.
pub(super) struct Ranges {
    object: Object,
    e_tag: Option<String>,
    attempts: u32,
}

impl Ranges {
    pub(super) fn new(object: Object, e_tag: Option<String>, config: &TransferConfig) -> Self {
        Self { object, e_tag, attempts: config.part_attempts() }
    }

    /// Fetches one part and has it received, again and again if its body breaks off.
    pub(super) async fn fetch<T, F>(&self, part: Part, receive: impl Fn(ByteStream) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        let mut backoff = PART_BACKOFF;
        let mut attempt = 1;
        loop {
            // The client has retried the request already; what breaks off here is a body.
            let broken = match self.request(part).send().await {
                Err(error) => {
                    return Err(match &self.e_tag {
                        Some(e_tag) => changed(e_tag, error.into()),
                        None => error.into(),
                    });
                }
                Ok(output) => match receive(output.body).await {
                    Err(error) if error.is_retryable() && attempt < self.attempts => error,
                    outcome => return outcome,
                },
            };
            tracing::debug!(object = ?self.object, part = part.number, attempt, error = %broken, "a part broke off");
            attempt += 1;
            backoff.pause(self.object.client().config().sleep_impl()).await;
        }
    }

    fn request(&self, part: Part) -> GetObjectFluentBuilder {
        let range = format!("bytes={}-{}", part.offset, part.offset + part.length - 1);
        self.object.get().range(range).set_if_match(self.e_tag.clone())
    }
}

impl Part {
    /// Whether so many bytes are all of the part.
    ///
    /// # Errors
    /// One that is worth another attempt.
    pub(super) fn require_whole(self, received: u64) -> Result<(), Error> {
        if received == self.length {
            return Ok(());
        }
        let message = format!("the body of part {} has not the {} bytes asked for", self.number, self.length);
        Err(Error::new(ErrorKind::Dispatch, message).with_service(S3::NAME).with_operation("GetObject"))
    }
}

/// An object was overwritten or deleted while it was downloaded. In the source of the [`Error`].
#[derive(Debug)]
#[non_exhaustive]
pub struct ObjectChanged {
    /// The ETag of the object that was being downloaded.
    pub e_tag: String,
    /// What S3 answered when that object was asked for.
    pub answer: Error,
}

impl fmt::Display for ObjectChanged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the object with the ETag {} is no longer there", self.e_tag)
    }
}

impl StdError for ObjectChanged {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.answer)
    }
}

/// What S3 answered to a request for more of the object under this ETag, which was there a moment ago: a failed
/// precondition, or nothing, means it changed.
pub(in crate::s3) fn changed(e_tag: &str, answer: Error) -> Error {
    if !answer.is_condition_failed() && !answer.is_not_found() {
        return answer;
    }
    let message = "the object was overwritten or deleted while it was downloaded";
    let mut error = Error::new(ErrorKind::ConditionFailed, message).with_service(S3::NAME);
    if let Some(code) = answer.code() {
        error = error.with_code(code);
    }
    let e_tag = e_tag.to_owned();
    error.with_operation("GetObject").with_source(ObjectChanged { e_tag, answer })
}
