//! Sending: a caller's events become the body of the request, while it is sent.
//!
//! Each event is checked and written when the connection asks for it, and no sooner. Its signature covers the one before,
//! the first the request's, so events can be neither changed nor swapped; an empty event, signed as well, is the last.
//!
//! # Source
//! Amazon Transcribe's developer guide, "Event stream encoding"; the SDK's `SigV4MessageSigner` signs.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use aws_smithy_eventstream::frame::{DeferredSigner, SignMessage, write_message_to};
use aws_smithy_eventstream::message_size_hint::MessageSizeHint;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::event_stream::Message;
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http_body::{Body, Frame};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

use crate::dynamic::input;
use crate::dynamic::protocol::EVENT_STREAM_TYPE;
use crate::dynamic::schema::StreamingMember;
use crate::dynamic::service::ModeledService;
use crate::dynamic::value::Value;
use crate::error::{BoxError, Error, ErrorKind};

/// In a lock that is never taken: inputs and bodies have to be `Sync`, and a caller's stream need not be.
type Events = Mutex<Pin<Box<dyn Stream<Item = Result<Value, BoxError>> + Send>>>;

/// A caller's events, and the place for what goes wrong with them.
pub(crate) struct EventSource {
    events: Events,
    failure: SendFailure,
}

impl EventSource {
    pub(crate) fn new<V, E>(events: impl Stream<Item = Result<V, E>> + Send + 'static) -> Self
    where
        V: Into<Value>,
        E: Into<BoxError>,
    {
        let events = events.map(|event| event.map(Into::into).map_err(Into::into));
        Self { events: Mutex::new(Box::pin(events)), failure: SendFailure::default() }
    }

    /// Where to ask what ended the events.
    pub(crate) fn failure(&self) -> SendFailure {
        self.failure.clone()
    }
}

/// What was wrong with an event, told by the body of the request to whoever waits for the answer. Clones share it.
#[derive(Default)]
pub(crate) struct SendFailure {
    shared: Arc<Failure>,
    /// Made when it is first waited for.
    waiting: Option<Pin<Box<WaitForCancellationFutureOwned>>>,
}

#[derive(Default)]
struct Failure {
    error: Mutex<Option<Error>>,
    failed: CancellationToken,
}

impl Clone for SendFailure {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), waiting: None }
    }
}

impl SendFailure {
    /// Whether an event could not be sent.
    pub(crate) fn has_failed(&self) -> bool {
        self.shared.failed.is_cancelled()
    }

    /// The error, for who asks first.
    pub(crate) fn take(&self) -> Option<Error> {
        self.shared.error.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    /// Ready when an event could not be sent.
    pub(super) fn poll_failed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        let failed = &self.shared.failed;
        let waiting = self.waiting.get_or_insert_with(|| Box::pin(failed.clone().cancelled_owned()));
        waiting.as_mut().poll(cx)
    }

    fn tell(&self, error: Error) {
        *self.shared.error.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
        self.shared.failed.cancel();
    }
}

/// Makes the events the body of the request, which has been written without them.
pub(crate) fn put_events(
    service: &'static ModeledService,
    member: StreamingMember,
    source: EventSource,
    request: &mut HttpRequest,
    config: &mut ConfigBag,
) {
    let (signer, sender) = DeferredSigner::new();
    config.interceptor_state().store_put(sender);
    let initial = service.wire.initial_request(request);
    request.headers_mut().remove("content-length");
    request.headers_mut().insert("content-type", EVENT_STREAM_TYPE);
    let EventSource { events, failure } = source;
    let body = EventBody { service, member, events, initial, signer, failure, is_over: false };
    *request.body_mut() = SdkBody::from_body_1_x(body);
}

struct EventBody {
    service: &'static ModeledService,
    member: StreamingMember,
    events: Events,
    /// The rest of the input, in protocols that have no other place for it.
    initial: Option<Message>,
    signer: DeferredSigner,
    failure: SendFailure,
    is_over: bool,
}

impl EventBody {
    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        let message = match self.initial.take() {
            Some(initial) => initial,
            None => {
                let events = self.events.get_mut().unwrap_or_else(PoisonError::into_inner);
                match ready!(events.as_mut().poll_next(cx)) {
                    Some(event) => self.written(event)?,
                    None => {
                        self.is_over = true;
                        let last = self.signer.sign_empty();
                        return Poll::Ready(last.map(|signed| signed.map_err(unsigned)));
                    }
                }
            }
        };
        Poll::Ready(Some(self.signer.sign(message).map_err(unsigned)))
    }

    fn written(&self, event: Result<Value, BoxError>) -> Result<Message, Error> {
        let Self { service, member, .. } = self;
        let event = event.map_err(|error| match error.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => {
                let message = format!("the events for {} ended with an error: {other}", member.name);
                Error::new(ErrorKind::Dispatch, message).with_source(other)
            }
        })?;
        let event = input::prepare_event(&service.schemas, *member, event)?;
        service.wire.event_message(&service.schemas, member.target, &event).map_err(|error| {
            let message = format!("an event of {} could not be written: {error}", member.name);
            Error::new(ErrorKind::InvalidInput, message).with_source(error)
        })
    }
}

fn unsigned(error: BoxError) -> Error {
    Error::new(ErrorKind::InvalidInput, format!("an event could not be signed: {error}")).with_source(error)
}

impl Body for EventBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        let Some(message) = ready!(self.poll_message(cx)) else { return Poll::Ready(None) };
        let framed = message.and_then(|message| {
            let mut bytes = Vec::with_capacity(message.size_hint());
            write_message_to(&message, &mut bytes).map_err(|error| {
                let message = format!("an event of {} could not be framed: {error}", self.member.name);
                Error::new(ErrorKind::InvalidInput, message).with_source(error)
            })?;
            Ok(Frame::data(Bytes::from(bytes)))
        });
        Poll::Ready(Some(framed.map_err(|error| {
            self.is_over = true;
            self.failure.tell(error);
            "an event could not be sent".into()
        })))
    }

    fn is_end_stream(&self) -> bool {
        self.is_over
    }
}

impl fmt::Debug for EventSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventSource").finish_non_exhaustive()
    }
}
