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
    in_pieces(METROPOLIS.into(), 6)
}

/// A film that does not say how long it is.
pub(crate) fn endless_film() -> ByteStream {
    let whole = Bytes::from_static(METROPOLIS.as_bytes());
    let film = move || SdkBody::from_body_1_x(Pieces { whole: whole.clone(), piece: 6, is_sized: false });
    ByteStream::new(SdkBody::retryable(film))
}

/// Bytes in pieces of that size.
pub(crate) fn in_pieces(whole: Vec<u8>, piece: usize) -> ByteStream {
    let whole = Bytes::from(whole);
    ByteStream::new(SdkBody::retryable(move || {
        SdkBody::from_body_1_x(Pieces { whole: whole.clone(), piece, is_sized: true })
    }))
}

struct Pieces {
    whole: Bytes,
    piece: usize,
    is_sized: bool,
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.piece.min(self.whole.len());
        let piece = self.whole.split_to(length);
        Poll::Ready((!piece.is_empty()).then(|| Ok(Frame::data(piece))))
    }

    fn size_hint(&self) -> SizeHint {
        match self.is_sized {
            true => SizeHint::with_exact(self.whole.len() as u64),
            false => SizeHint::default(),
        }
    }
}
