//! A body that streams: its bytes come in pieces, and none is in memory before it is asked for.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// What every film here shows.
pub(crate) const METROPOLIS: &str = "metropolis";

/// The film in two pieces; it says its length, and can be shown again.
pub(crate) fn film() -> ByteStream {
    ByteStream::new(SdkBody::retryable(|| SdkBody::from_body_1_x(Pieces { at: 0, is_sized: true })))
}

/// A film that does not say how long it is.
pub(crate) fn endless_film() -> ByteStream {
    ByteStream::new(SdkBody::retryable(|| SdkBody::from_body_1_x(Pieces { at: 0, is_sized: false })))
}

struct Pieces {
    at: usize,
    is_sized: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let end = (self.at + 6).min(METROPOLIS.len());
        let piece = &METROPOLIS.as_bytes()[self.at..end];
        self.at = end;
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(Bytes::from_static(piece)))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.is_sized {
            true => SizeHint::with_exact((METROPOLIS.len() - self.at) as u64),
            false => SizeHint::default(),
        }
    }
}
