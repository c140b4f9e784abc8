//! Reading an object as a stream that goes on where it broke off.

use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use aws_sdk_s3::operation::get_object::GetObjectOutput;
use aws_sdk_s3::operation::get_object::builders::GetObjectFluentBuilder;
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::{Body, Frame, SizeHint};
use session_core::{BoxError, Error, ErrorKind};

use super::object::Object;
use super::transfer::changed;
use crate::backoff::Backoff;
use crate::service::S3;

/// The pauses before the rest is asked for.
const BACKOFF: Backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(5));

/// How often a body may break off in one place before that is an error, if nothing else is said.
const DEFAULT_ATTEMPTS: u32 = 5;

/// A GetObject that begins when it is awaited, and whose body survives lost connections. Made by [`Object::read`].
///
/// A body that breaks off or stalls before its length is asked for again from where it stopped, by a range of the very
/// object that was begun (`If-Match` its ETag). What was resumed is not checked against the object's checksum, for S3 sends
/// none with a part of it; each connection's own integrity and the length are.
///
/// # Errors
/// Awaiting fails as GetObject does. Reading the body fails, with the kind after `Error::from`:
/// - [`ConditionFailed`](ErrorKind::ConditionFailed): the object was overwritten or deleted meanwhile
/// - [`Dispatch`](ErrorKind::Dispatch): the body broke off too often without a byte in between
/// - [`Timeout`](ErrorKind::Timeout): it stalled as often
/// - whatever else S3 answers to the request for the rest
///
/// # Cancellation
/// Dropping the output, or its body, drops the connection.
///
/// # Source
/// boto3 reads a body once and fails with `ResponseStreamingError` or `IncompleteReadError` (B-02, B-03).
#[must_use = "reading begins when it is awaited"]
pub struct ReadObject {
    object: Object,
    request: GetObjectFluentBuilder,
    attempts: u32,
}

impl ReadObject {
    pub(super) fn new(object: &Object) -> Self {
        Self { request: object.get(), object: object.clone(), attempts: DEFAULT_ATTEMPTS }
    }

    /// The bytes to read, such as `bytes=0-99`; all of them if this is left out.
    pub fn range(self, range: impl Into<String>) -> Self {
        self.with(|get| get.range(range))
    }

    /// Sets whatever else GetObject takes: a version, keys of encryption, a requester who pays.
    pub fn with(mut self, set: impl FnOnce(GetObjectFluentBuilder) -> GetObjectFluentBuilder) -> Self {
        self.request = set(self.request);
        self
    }

    /// How often the body may break off without a byte in between before that is an error: 1 or more, default 5.
    pub fn attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts.max(1);
        self
    }

    async fn send(self) -> Result<GetObjectOutput, Error> {
        let Self { object, request, attempts } = self;
        let mut output = request.clone().send().await?;
        // Without an ETag or a length nobody can tell what the rest of it is.
        if let (Some(e_tag), Some(span)) = (output.e_tag.clone(), Span::of(&output)) {
            let body = std::mem::take(&mut output.body);
            let rest = Rest { object, request, e_tag, span, attempts, broken: 0, backoff: BACKOFF };
            // An SDK body is polled once more after its end, for trailers.
            let pieces = futures_util::stream::unfold(Some((rest, body)), Rest::next).fuse();
            let body = ResumingBody { pieces: Mutex::new(Box::pin(pieces)), left: span.left() };
            output.body = ByteStream::new(SdkBody::from_body_1_x(body));
        }
        Ok(output)
    }
}

impl IntoFuture for ReadObject {
    type Output = Result<GetObjectOutput, Error>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// The object's bytes that are still to come: from the first up to and without the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Span {
    next: u64,
    end: u64,
}

impl Span {
    fn of(output: &GetObjectOutput) -> Option<Self> {
        let length = u64::try_from(output.content_length()?).ok()?;
        let next = match output.content_range() {
            // `bytes 5-9/20`
            Some(range) => range.strip_prefix("bytes ")?.split('-').next()?.parse().ok()?,
            None => 0,
        };
        Some(Self { next, end: next + length })
    }

    fn left(self) -> u64 {
        self.end - self.next
    }
}

/// What it takes to ask for the rest.
struct Rest {
    object: Object,
    request: GetObjectFluentBuilder,
    e_tag: String,
    span: Span,
    attempts: u32,
    /// How often the body broke off since the last byte.
    broken: u32,
    backoff: Backoff,
}

type Piece = Result<Bytes, BoxError>;

impl Rest {
    /// The next piece, from a body that may be a new one.
    async fn next(state: Option<(Self, ByteStream)>) -> Option<(Piece, Option<(Self, ByteStream)>)> {
        let (mut rest, mut body) = state?;
        loop {
            let broken = match body.try_next().await {
                Ok(Some(bytes)) if bytes.is_empty() => continue,
                Ok(Some(bytes)) if bytes.len() as u64 <= rest.span.left() => {
                    rest.span.next += bytes.len() as u64;
                    (rest.broken, rest.backoff) = (0, BACKOFF);
                    return Some((Ok(bytes), Some((rest, body))));
                }
                Ok(None) if rest.span.left() == 0 => return None,
                Ok(piece) => rest.misfit(piece),
                Err(error) => Error::from(error),
            };
            // What stalled holds its connection until it is dropped, and a client may have no other.
            drop(body);
            match rest.resume(broken).await {
                Ok(resumed) => body = resumed,
                Err(error) => return Some((Err(error.into()), None)),
            }
        }
    }

    fn misfit(&self, piece: Option<Bytes>) -> Error {
        let message = match piece {
            Some(_) => "the body is longer than its length was said to be".to_owned(),
            None => format!("the body ended {} bytes before its length", self.span.left()),
        };
        Error::new(ErrorKind::Dispatch, message).with_service(S3::NAME).with_operation("GetObject")
    }

    async fn resume(&mut self, broken: Error) -> Result<ByteStream, Error> {
        self.broken += 1;
        // What fails after the last byte is the object's checksum, which is no matter of connections.
        if !broken.is_retryable() || self.broken >= self.attempts || self.span.left() == 0 {
            return Err(broken);
        }
        tracing::debug!(object = ?self.object, at = self.span.next, error = %broken, "a body broke off");
        self.backoff.pause(self.object.client().config().sleep_impl()).await;
        let range = format!("bytes={}-{}", self.span.next, self.span.end - 1);
        let request = self.request.clone().set_part_number(None).range(range).if_match(&self.e_tag);
        let answer = request.send().await.map_err(|error| changed(&self.e_tag, error.into()))?;
        match Span::of(&answer) {
            Some(span) if span == self.span => Ok(answer.body),
            got => {
                let message = format!("S3 answered {got:?} when the rest {:?} was asked for", self.span);
                Err(Error::new(ErrorKind::Dispatch, message)
                    .with_service(S3::NAME)
                    .with_operation("GetObject"))
            }
        }
    }
}

/// The pieces as a body. In a mutex that nobody waits for: an SDK body is shared, and futures of the SDK are not.
struct ResumingBody {
    pieces: Mutex<Pin<Box<dyn Stream<Item = Piece> + Send>>>,
    left: u64,
}

impl Body for ResumingBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let this = self.get_mut();
        let pieces = this.pieces.get_mut().unwrap_or_else(PoisonError::into_inner);
        pieces.as_mut().poll_next(cx).map(|piece| {
            let piece = piece?;
            if let Ok(bytes) = &piece {
                this.left = this.left.saturating_sub(bytes.len() as u64);
            }
            Some(piece.map(Frame::data))
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_to_come_is_read_from_the_answer() {
        let answer = |length, range: Option<&str>| {
            let output = GetObjectOutput::builder().set_content_length(length);
            Span::of(&output.set_content_range(range.map(str::to_owned)).build())
        };
        assert_eq!(answer(Some(10), None), Some(Span { next: 0, end: 10 }));
        assert_eq!(answer(Some(5), Some("bytes 5-9/20")), Some(Span { next: 5, end: 10 }));
        assert_eq!(answer(None, None), None);
        assert_eq!(answer(Some(5), Some("5-9")), None);
    }
}
