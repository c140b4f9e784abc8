//! A response body that counts as in flight until it is read to its end or dropped.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio_util::sync::WaitForCancellationFutureOwned;

use super::{Pass, ScopeClosed};
use crate::error::BoxError;

pin_project! {
    /// `inner`, until the scope is cancelled.
    pub(super) struct GatedBody {
        #[pin]
        inner: SdkBody,
        #[pin]
        cancelled: WaitForCancellationFutureOwned,
        pass: Option<Pass>,
    }
}

impl GatedBody {
    /// The body under its pass. An empty body holds nothing, so it gives the pass back at once.
    pub(super) fn wrap(inner: SdkBody, pass: Pass) -> SdkBody {
        if inner.is_end_stream() {
            return inner;
        }
        let cancelled = pass.0.gate.cancellation().clone().cancelled_owned();
        SdkBody::from_body_1_x(Self { inner, cancelled, pass: Some(pass) })
    }
}

impl Body for GatedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        if this.pass.is_none() {
            return Poll::Ready(None);
        }
        if this.cancelled.as_mut().poll(cx).is_ready() {
            // The connection goes with the inner body: nobody may read on.
            this.inner.set(SdkBody::taken());
            *this.pass = None;
            return Poll::Ready(Some(Err(Box::new(ScopeClosed))));
        }
        let polled = this.inner.as_mut().poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) || this.inner.is_end_stream() {
            *this.pass = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.pass.is_none() || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.inner)
    }
}
