//! Receiving: the events of an answer, one after the other, while it goes on.

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::event_stream::Message;
use futures_util::Stream;
use http_body::Body;

use super::frames::{FrameError, Frames};
use super::sender::SendFailure;
use crate::dynamic::operation::Told;
use crate::dynamic::protocol::{EventOrFault, request_id};
use crate::dynamic::schema::{Node, OperationPlan};
use crate::dynamic::service::ModeledService;
use crate::dynamic::value::Value;
use crate::error::{BoxError, Error, ErrorKind, of_answer_body, of_event};

/// The events that an operation answers, as they come.
///
/// An event is a map with one member, whose name says what happened. Events that the model does not have are left out, as
/// in boto3. The receiver is a [`Stream`] as well; after an error, and at the end, both have nothing more to give.
///
/// ```no_run
/// # use session_core::{Error, Session, SessionExt};
/// # use serde_json::json;
/// # async fn select(session: &dyn Session) -> Result<(), Error> {
/// let s3 = session.client("s3").await?;
/// let query = json!({
///     "Bucket": "films", "Key": "all.csv", "ExpressionType": "SQL", "Expression": "SELECT * FROM s3object",
///     "InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {}},
/// });
/// let mut answer = s3.call("SelectObjectContent", query).await?;
/// if let Some(mut events) = answer.take_events() {
///     while let Some(event) = events.recv().await? {
///         if let Some(rows) = event["Records"]["Payload"].as_blob() {
///             println!("{}", String::from_utf8_lossy(rows));
///         }
///     }
/// }
/// # Ok(()) }
/// ```
///
/// It counts as in flight until it has ended or is dropped: closing the scope waits for that, and cancels it at the
/// deadline. At most one event and one piece of the body are in memory.
pub struct EventReceiver {
    service: &'static ModeledService,
    plan: &'static OperationPlan,
    stream: &'static Node,
    request_id: Option<String>,
    body: SdkBody,
    frames: Frames,
    /// The first message, read in search of the rest of the output, and found to be an event.
    held: Option<Message>,
    /// What ended the events that are sent on the same connection.
    sending: Option<SendFailure>,
    is_over: bool,
}

impl EventReceiver {
    /// Over the body of that answer.
    pub(crate) fn new(
        service: &'static ModeledService,
        plan: &'static OperationPlan,
        stream: &'static Node,
        response: &mut HttpResponse,
    ) -> Self {
        Self {
            service,
            plan,
            stream,
            request_id: request_id(response),
            body: std::mem::replace(response.body_mut(), SdkBody::taken()),
            frames: Frames::default(),
            held: None,
            sending: None,
            is_over: false,
        }
    }

    /// The next event; `None` when the service has told all.
    ///
    /// # Errors
    /// - what the service answers in the middle of its events, by its kind, with
    ///   [`ServiceFault`](crate::dynamic::ServiceFault) among the causes
    /// - [`ErrorKind::Dispatch`]: the connection was lost, the stream ended within an event, or an event is damaged
    /// - [`ErrorKind::ScopeClosed`]
    /// - of an operation that sends events as well: what was wrong with one of those, such as
    ///   [`ErrorKind::InvalidInput`]
    ///
    /// # Cancellation
    /// Dropping the future loses no event.
    pub async fn recv(&mut self) -> Result<Option<Value>, Error> {
        poll_fn(|cx| self.poll_event(cx)).await.transpose()
    }

    /// From now on it ends, too, when sending does.
    pub(crate) fn ends_with(&mut self, sending: Option<SendFailure>) {
        self.sending = sending;
    }

    /// The members of the output besides the events, which the protocols that have no place for them in the head send as
    /// the first message.
    pub(crate) async fn initial_response(&mut self) -> Result<Option<Value>, Error> {
        let Self { service, plan, .. } = *self;
        let Some(message) = poll_fn(|cx| self.poll_message(cx)).await.transpose()? else { return Ok(None) };
        match service.wire.initial_response(&service.schemas, plan, &message) {
            Ok(None) => {
                self.held = Some(message);
                Ok(None)
            }
            Ok(output) => Ok(output),
            Err(unreadable) => Err(self.end(unreadable_event(unreadable))),
        }
    }

    fn poll_event(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Value, Error>>> {
        let Self { service, plan, stream, .. } = *self;
        loop {
            let message = match self.held.take() {
                Some(message) => message,
                None => match ready!(self.poll_message(cx)) {
                    Some(Ok(message)) => message,
                    Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                    None => return Poll::Ready(None),
                },
            };
            let error = match service.wire.event(&service.schemas, plan, stream, &message) {
                Ok(EventOrFault::Event(event)) => return Poll::Ready(Some(Ok(event))),
                Ok(EventOrFault::Unknown) => {
                    tracing::debug!(
                        operation = plan.operation.name,
                        "an event that the model does not have is left out"
                    );
                    continue;
                }
                Ok(EventOrFault::Fault(mut fault)) => {
                    fault.request_id = self.request_id.clone();
                    of_event(fault, service.service_name(), plan.operation.name)
                }
                Err(unreadable) => unreadable_event(unreadable),
            };
            return Poll::Ready(Some(Err(self.end(error))));
        }
    }

    fn poll_message(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Message, Error>>> {
        if self.is_over {
            return Poll::Ready(None);
        }
        loop {
            match self.frames.next() {
                Ok(Some(message)) => return Poll::Ready(Some(Ok(message))),
                Ok(None) => {}
                Err(damaged) => return Poll::Ready(Some(Err(self.end(damaged_stream(damaged))))),
            }
            let error = match Pin::new(&mut self.body).poll_frame(cx) {
                Poll::Ready(Some(Ok(piece))) => {
                    if let Some(bytes) = piece.data_ref() {
                        self.frames.push(bytes);
                    }
                    continue;
                }
                Poll::Ready(None) => match self.frames.end() {
                    Ok(()) if self.sending.as_ref().is_none_or(|sending| !sending.has_failed()) => {
                        self.is_over = true;
                        self.body = SdkBody::taken();
                        return Poll::Ready(None);
                    }
                    Ok(()) => Error::new(ErrorKind::Dispatch, "the events to be sent have failed"),
                    Err(truncated) => damaged_stream(truncated),
                },
                Poll::Ready(Some(Err(lost))) => of_answer_body(lost),
                Poll::Pending => {
                    match &mut self.sending {
                        Some(sending) => ready!(sending.poll_failed(cx)),
                        None => return Poll::Pending,
                    }
                    Error::new(ErrorKind::Dispatch, "the events to be sent have failed")
                }
            };
            return Poll::Ready(Some(Err(self.end(error))));
        }
    }

    /// The error as it is told, after which there is nothing, and no connection is held.
    fn end(&mut self, error: Error) -> Error {
        self.is_over = true;
        self.body = SdkBody::taken();
        self.held = None;
        // What was wrong with an event that was to be sent ends the answer too, and says more.
        let error = match self.sending.as_ref().and_then(SendFailure::take) {
            Some(cause) if !error.is_closed() => cause,
            _ => error,
        };
        Told::new(self.service, self.plan.operation.name).of_ours(error)
    }
}

impl Stream for EventReceiver {
    type Item = Result<Value, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(cx)
    }
}

impl fmt::Debug for EventReceiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EventReceiver")
            .field("service", &self.service.name)
            .field("operation", &self.plan.operation.name)
            .field("is_over", &self.is_over)
            .finish_non_exhaustive()
    }
}

fn damaged_stream(damaged: FrameError) -> Error {
    let message = format!("the events cannot be read on: {damaged}");
    Error::new(ErrorKind::Dispatch, message).with_source(damaged)
}

fn unreadable_event(unreadable: impl Into<BoxError>) -> Error {
    let unreadable = unreadable.into();
    Error::new(ErrorKind::Dispatch, format!("an event could not be read: {unreadable}"))
        .with_source(unreadable)
}
