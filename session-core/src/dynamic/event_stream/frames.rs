//! Frames: a body in pieces of any length becomes messages.
//!
//! ```text
//! total length (4) · headers' length (4) · CRC-32 of these (4) · headers · payload · CRC-32 of all before (4)
//! ```
//! The first twelve bytes are judged as soon as they are there: a damaged length would otherwise wait for bytes that
//! never come, or fill the memory.
//!
//! # Source
//! Smithy's `application/vnd.amazon.eventstream`; the limits are botocore's.

use aws_smithy_eventstream::error::Error as MalformedFrame;
use aws_smithy_eventstream::frame::read_message_from;
use aws_smithy_types::event_stream::Message;
use bytes::{Buf, BytesMut};

const PRELUDE: usize = 12;
/// The prelude and the checksum at the end.
const SHORTEST: usize = 16;
const LONGEST_HEADERS: usize = 128 * 1024;
const LONGEST_PAYLOAD: usize = 24 * 1024 * 1024;

/// What has arrived of a body and was not yet made a message: at most one frame and one piece of the body.
#[derive(Debug, Default)]
pub(super) struct Frames {
    arrived: BytesMut,
    /// The length of the frame that has begun, once it is known.
    total: Option<usize>,
}

/// Why a body is no stream of events.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    #[error("the stream ended within an event, {arrived} bytes after it began")]
    Truncated { arrived: usize },
    #[error("the checksum of an event's length is wrong")]
    Prelude,
    #[error(
        "an event of {total} bytes, {headers} of them headers: headers take up to {LONGEST_HEADERS} bytes and a payload up \
         to {LONGEST_PAYLOAD}"
    )]
    Length { total: usize, headers: usize },
    #[error(transparent)]
    Malformed(#[from] MalformedFrame),
}

impl Frames {
    /// One more piece of the body.
    pub(super) fn push(&mut self, piece: &[u8]) {
        self.arrived.extend_from_slice(piece);
    }

    /// The next message, where all of it has arrived.
    pub(super) fn next(&mut self) -> Result<Option<Message>, FrameError> {
        let total = match self.total {
            Some(total) => total,
            None if self.arrived.len() < PRELUDE => return Ok(None),
            None => *self.total.insert(total_length(&self.arrived[..PRELUDE])?),
        };
        if self.arrived.len() < total {
            return Ok(None);
        }
        self.total = None;
        Ok(Some(read_message_from(self.arrived.split_to(total).freeze())?))
    }

    /// Whether the body may end here.
    pub(super) fn end(&self) -> Result<(), FrameError> {
        match self.arrived.len() {
            0 => Ok(()),
            arrived => Err(FrameError::Truncated { arrived }),
        }
    }
}

fn total_length(mut prelude: &[u8]) -> Result<usize, FrameError> {
    let checksum = crc32fast::hash(&prelude[..PRELUDE - 4]);
    let (total, headers) = (prelude.get_u32() as usize, prelude.get_u32() as usize);
    if checksum.to_be_bytes() != *prelude {
        return Err(FrameError::Prelude);
    }
    let payload = total.checked_sub(SHORTEST).and_then(|rest| rest.checked_sub(headers));
    match payload {
        Some(payload) if headers <= LONGEST_HEADERS && payload <= LONGEST_PAYLOAD => Ok(total),
        _ => Err(FrameError::Length { total, headers }),
    }
}
