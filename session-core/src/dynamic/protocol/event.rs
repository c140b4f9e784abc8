//! Events on the wire: a message of an event stream becomes an event or a fault, and an event a message.
//!
//! Which of them a message is, its headers say: `:message-type`, and by that `:event-type`, `:exception-type` or
//! `:error-code`. Members of an event may be headers too; one may be the whole payload, else the payload is a document of
//! the protocol with those that are left.
//!
//! # Source
//! Smithy's "Event streams" and "Amazon event stream" specifications; botocore's parsers for what is not there or unknown.

mod header;
mod read;
mod write;

pub(crate) use self::read::EventOrFault;

/// The content type of a body of events.
pub(crate) const EVENT_STREAM_TYPE: &str = "application/vnd.amazon.eventstream";
