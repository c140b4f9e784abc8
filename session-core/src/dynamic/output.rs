//! What an operation answers.

use std::fmt;
use std::ops::Deref;

use aws_smithy_types::byte_stream::ByteStream;

use super::event_stream::EventReceiver;
use super::value::Value;

/// The output of an operation: a [`Value`], to which it dereferences, and what came with it.
///
/// Members that the service left out are absent, as in boto3. Bytes that the model says are streamed are not in the value:
/// [`take_body`](Self::take_body) hands them out, unread; and so does [`take_events`](Self::take_events) a stream of
/// events.
pub struct Output {
    pub(super) value: Value,
    pub(super) status: u16,
    pub(super) request_id: Option<String>,
    pub(super) attempts: u32,
    pub(super) body: Option<ByteStream>,
    pub(super) events: Option<EventReceiver>,
}

impl Output {
    /// The value alone.
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The value itself; a body or events that were not taken are dropped.
    pub fn into_value(self) -> Value {
        self.value
    }

    /// The HTTP status.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The id under which AWS logged the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// How often the request was sent, 1 without retries.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// The streamed member, the first time; `None` afterwards, and where the operation streams nothing.
    ///
    /// S3's bodies are held against the checksum that came with them while they are read. Where a body is another, its last
    /// read is an error with [`ChecksumMismatch`](super::ChecksumMismatch) among its causes: only then is it known, so what
    /// came before is not to be relied on.
    pub fn take_body(&mut self) -> Option<ByteStream> {
        self.body.take()
    }

    /// The events that follow, the first time; `None` afterwards, and where the operation answers none.
    pub fn take_events(&mut self) -> Option<EventReceiver> {
        self.events.take()
    }
}

impl Deref for Output {
    type Target = Value;

    fn deref(&self) -> &Value {
        &self.value
    }
}

impl From<Output> for Value {
    fn from(output: Output) -> Self {
        output.value
    }
}

impl fmt::Debug for Output {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Output")
            .field("status", &self.status)
            .field("request_id", &self.request_id)
            .field("attempts", &self.attempts)
            .field("has_body", &self.body.is_some())
            .field("has_events", &self.events.is_some())
            .finish_non_exhaustive()
    }
}
