//! Bodies between the program and the cloud: while one is on the way, the clock does not skip.

use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use super::{Clock, Underway};

pin_project_lite::pin_project! {
    /// The body of a request, for which the cloud may have to wait.
    pub(crate) struct Asked<B> {
        #[pin]
        body: B,
        clock: Clock,
        awaited: Option<Underway>,
    }
}

impl<B> Asked<B> {
    pub(crate) fn new(body: B, clock: Clock) -> Self {
        Self { body, clock, awaited: None }
    }
}

impl<B: Body<Data = Bytes>> Body for Asked<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let this = self.project();
        let polled = this.body.poll_frame(cx);
        *this.awaited = match polled {
            Poll::Pending => Some(this.awaited.take().unwrap_or_else(|| this.clock.underway())),
            Poll::Ready(_) => None,
        };
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

pin_project_lite::pin_project! {
    /// The body of an answer, which the program may take its time to read once it has begun.
    pub(crate) struct Answered<B> {
        #[pin]
        body: B,
        clock: Clock,
        begun: Option<Underway>,
    }
}

impl<B> Answered<B> {
    pub(crate) fn new(body: B, clock: Clock) -> Self {
        Self { body, clock, begun: None }
    }
}

impl<B: Body<Data = Bytes>> Body for Answered<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.body.as_mut().poll_frame(cx));
        let more = matches!(frame, Some(Ok(_))) && !this.body.is_end_stream() && left(&*this.body) > 0;
        *this.begun = more.then(|| this.begun.take().unwrap_or_else(|| this.clock.underway()));
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// At most how many bytes are left, as far as the body says.
fn left(body: &impl Body) -> u64 {
    body.size_hint().upper().unwrap_or(u64::MAX)
}
