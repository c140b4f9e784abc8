//! Streams of events: what a service tells while an answer goes on, and what a caller tells while a request does.
//!
//! Both travel as a body of frames, each a message with headers and a payload. [`frames`] cuts a body into messages
//! however its pieces fall; the [`protocol`](super::protocol) makes an event of a message and a message of an event;
//! [`receiver`] hands out what arrives, and [`sender`] checks, writes and signs what goes out, one event at a time.
//!
//! An event is a map with one member, the event's name, as in boto3: `{"Records": {"Payload": …}}`.

mod frames;
mod receiver;
mod sender;

#[cfg(test)]
mod tests;

pub use self::receiver::EventReceiver;
pub(crate) use self::sender::{EventSource, SendFailure, put_events};
