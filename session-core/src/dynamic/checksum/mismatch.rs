//! A body that is not the one that was sent.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_checksums::http::HttpChecksum;
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::response::Expected;
use crate::error::{Error, ErrorKind, in_chain};

/// The checksum of a body is not the one that the service sent along: the body was changed on its way.
///
/// An [`Error`] of a model-driven client, or of the body that it streams, has it among its causes;
/// [`ChecksumMismatch::of`] finds it there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChecksumMismatch {
    pub(super) algorithm: &'static str,
    pub(super) expected: String,
    pub(super) computed: String,
}

impl ChecksumMismatch {
    /// The mismatch that caused an error, if one did.
    ///
    /// ```
    /// # use session_core::{Error, ErrorKind, dynamic::ChecksumMismatch};
    /// let error = Error::new(ErrorKind::Timeout, "no answer in time");
    /// assert!(ChecksumMismatch::of(&error).is_none());
    /// ```
    pub fn of<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Self> {
        in_chain(error)
    }

    /// The algorithm's name in the models, such as `CRC64NVME`.
    pub fn algorithm(&self) -> &'static str {
        self.algorithm
    }

    /// What the service sent along, in base64.
    pub fn expected(&self) -> &str {
        &self.expected
    }

    /// What the body has, in base64.
    pub fn computed(&self) -> &str {
        &self.computed
    }
}

impl fmt::Display for ChecksumMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { algorithm, expected, computed } = self;
        write!(f, "the body's {algorithm} is `{computed}`, but the service announced `{expected}`")
    }
}

impl StdError for ChecksumMismatch {}

/// The answer is lost, as one that breaks off is.
impl From<ChecksumMismatch> for Error {
    fn from(mismatch: ChecksumMismatch) -> Self {
        Self::new(ErrorKind::Dispatch, mismatch.to_string()).with_source(mismatch)
    }
}

pin_project! {
    /// A body that ends with an error where its checksum is not the expected one.
    pub(super) struct CheckedBody {
        #[pin]
        body: SdkBody,
        // None after the end.
        checksum: Option<Box<dyn HttpChecksum>>,
        expected: Expected,
    }
}

impl CheckedBody {
    pub(super) fn new(body: SdkBody, checksum: Box<dyn HttpChecksum>, expected: Expected) -> Self {
        Self { body, checksum: Some(checksum), expected }
    }
}

impl Body for CheckedBody {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let this = self.project();
        let polled = this.body.poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let (Some(bytes), Some(checksum)) = (frame.data_ref(), this.checksum) {
                    checksum.update(bytes);
                }
            }
            Poll::Ready(None) => {
                if let Some(checksum) = this.checksum.take() {
                    let verdict = this.expected.verdict(&checksum.finalize());
                    return Poll::Ready(verdict.err().map(|mismatch| Err(Error::from(mismatch).into())));
                }
            }
            Poll::Ready(Some(Err(_))) => *this.checksum = None,
            Poll::Pending => {}
        }
        polled
    }

    /// Not before the verdict.
    fn is_end_stream(&self) -> bool {
        self.checksum.is_none() && self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
