//! A response body that counts as in flight until it is read to its end or dropped.

use std::pin::Pin;
use std::task::{Context, Poll};

use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use super::watch::Watch;
use super::{Pass, ScopeClosed};
use crate::error::BoxError;

pin_project! {
    /// `inner`, until the scope is cancelled.
    pub(super) struct GatedBody {
        #[pin]
        inner: SdkBody,
        held: Option<(Pass, Watch)>,
    }
}

impl GatedBody {
    /// The body under a pass of its own. One that has arrived whole holds no connection and needs none.
    pub(super) fn wrap(inner: SdkBody, watch: Watch) -> SdkBody {
        if inner.bytes().is_some() || inner.is_end_stream() {
            return inner;
        }
        let pass = watch.gate().hold();
        SdkBody::from_body_1_x(Self { inner, held: Some((pass, watch)) })
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
        let Some((_, watch)) = this.held.as_mut() else { return Poll::Ready(None) };
        if !watch.is_cancelled() {
            let polled = this.inner.as_mut().poll_frame(cx);
            if polled.is_ready() {
                if matches!(polled, Poll::Ready(None | Some(Err(_)))) || this.inner.is_end_stream() {
                    *this.held = None;
                }
                return polled;
            }
            if watch.poll_cancelled(cx).is_pending() {
                return Poll::Pending;
            }
        }
        // The connection goes with the inner body: nobody may read on.
        this.inner.set(SdkBody::taken());
        *this.held = None;
        Poll::Ready(Some(Err(Box::new(ScopeClosed))))
    }

    fn is_end_stream(&self) -> bool {
        self.held.is_none() || self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.inner)
    }
}
