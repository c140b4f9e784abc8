//! What an upload reads, part by part: a reader or a stream.

use std::error::Error as StdError;
use std::io;
use std::pin::Pin;

use bytes::{BufMut, Bytes, BytesMut};
use futures_util::{Stream, StreamExt};
use session_core::{Error, ErrorKind};
use tokio::io::{AsyncRead, AsyncReadExt};

use crate::service::S3;

/// The first part grows by so much, or twofold, so that a few bytes do not take the memory of a part.
const FIRST_GROWTH: usize = 64 << 10;

/// What yields the bytes of an upload.
pub(in crate::s3) enum Yields<'r> {
    Reader(Pin<Box<dyn AsyncRead + Send + 'r>>),
    Stream(Pin<Box<dyn Stream<Item = Result<Bytes, Error>> + Send + 'r>>),
}

impl<'r> Yields<'r> {
    pub(in crate::s3) fn reader(reader: impl AsyncRead + Send + 'r) -> Self {
        Self::Reader(Box::pin(reader))
    }

    pub(in crate::s3) fn stream<E>(stream: impl Stream<Item = Result<Bytes, E>> + Send + 'r) -> Self
    where
        E: Into<Box<dyn StdError + Send + Sync>>,
    {
        Self::Stream(Box::pin(stream.map(|piece| piece.map_err(|why| failed(why.into())))))
    }
}

fn failed(why: Box<dyn StdError + Send + Sync>) -> Error {
    Error::new(ErrorKind::Io, format!("reading what is to be uploaded failed: {why}")).with_source(why)
}

/// What is uploaded, cut into parts.
pub(super) struct Input<'r> {
    yields: Yields<'r>,
    part_size: usize,
    promised: Option<u64>,
    /// Bytes in all parts that were given out.
    read: u64,
    /// The part that is being read; kept, as the piece is, so that reading can be dropped and gone on with.
    begun: BytesMut,
    /// What of a stream's piece is in no part yet.
    piece: Bytes,
}

impl<'r> Input<'r> {
    /// What is there, in parts of that size, and as much of it as was promised.
    pub(super) fn new(yields: Yields<'r>, part_size: usize, promised: Option<u64>) -> Self {
        Self { yields, part_size, promised, read: 0, begun: BytesMut::new(), piece: Bytes::new() }
    }

    pub(super) fn part_size(&self) -> usize {
        self.part_size
    }

    /// Bytes in all parts so far.
    pub(super) fn read(&self) -> u64 {
        self.read
    }

    /// The next part; shorter than the others, or empty, if it is the last.
    ///
    /// # Cancellation
    /// Dropping the future loses nothing.
    pub(super) async fn part(&mut self) -> Result<Bytes, Error> {
        let part = match self.yields {
            Yields::Reader(_) => self.of_reader().await?,
            Yields::Stream(_) => self.of_stream().await?,
        };
        self.read += part.len() as u64;
        match self.promised {
            Some(promised) if self.read > promised => {
                let message = format!("content_length is {promised}, but there is more to upload");
                Err(Error::new(ErrorKind::InvalidInput, message).with_service(S3::NAME))
            }
            _ => Ok(part),
        }
    }

    async fn of_reader(&mut self) -> Result<Bytes, Error> {
        while self.begun.len() < self.part_size {
            self.make_room();
            let Yields::Reader(reader) = &mut self.yields else { break };
            let room = self.begun.capacity().min(self.part_size) - self.begun.len();
            let read = reader.read_buf(&mut (&mut self.begun).limit(room)).await;
            if read.map_err(|why: io::Error| failed(why.into()))? == 0 {
                break;
            }
        }
        Ok(self.begun.split().freeze())
    }

    async fn of_stream(&mut self) -> Result<Bytes, Error> {
        loop {
            if self.begun.is_empty() && self.piece.len() >= self.part_size {
                return Ok(self.piece.split_to(self.part_size));
            }
            let Yields::Stream(stream) = &mut self.yields else { break };
            // A piece waits for the next one: if none comes, it is the part.
            match stream.next().await {
                None => break,
                Some(next) => {
                    let next = next?;
                    if self.piece.is_empty() {
                        self.piece = next;
                    } else if !next.is_empty() {
                        self.pack();
                        self.piece = next;
                    }
                }
            }
            if !self.begun.is_empty() && self.begun.len() + self.piece.len() >= self.part_size {
                self.pack();
                return Ok(self.begun.split().freeze());
            }
        }
        if self.begun.is_empty() {
            return Ok(std::mem::take(&mut self.piece));
        }
        self.pack();
        Ok(self.begun.split().freeze())
    }

    /// Copies what fits of the piece into the part.
    fn pack(&mut self) {
        while !self.piece.is_empty() && self.begun.len() < self.part_size {
            self.make_room();
            let room = self.begun.capacity().min(self.part_size) - self.begun.len();
            self.begun.put(self.piece.split_to(room.min(self.piece.len())));
        }
    }

    fn make_room(&mut self) {
        if self.begun.capacity() == self.begun.len() {
            let rest = self.part_size - self.begun.len();
            let more = if self.read > 0 { rest } else { self.begun.len().max(FIRST_GROWTH).min(rest) };
            self.begun.reserve(more);
        }
    }

    /// The end came with a part of so many bytes: all that was promised must have come.
    pub(super) fn require_end(&self, last: usize) -> Result<(), Error> {
        match self.promised {
            Some(promised) if last < self.part_size && self.read < promised => {
                let message = format!("content_length is {promised}, but the end came after {}", self.read);
                Err(Error::new(ErrorKind::Io, message).with_service(S3::NAME))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::Future;
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use futures_util::stream;
    use proptest::prelude::*;

    use super::*;

    const PART: usize = 100;

    /// A stream that is pending before every piece, so that reading can be dropped there.
    fn hesitant(pieces: Vec<Bytes>) -> impl Stream<Item = Result<Bytes, Infallible>> + Send {
        let mut pieces = pieces.into_iter();
        let mut ready = false;
        stream::poll_fn(move |cx| {
            ready = !ready;
            if ready {
                cx.waker().wake_by_ref();
                return Poll::Pending;
            }
            Poll::Ready(pieces.next().map(Ok))
        })
    }

    /// All parts; each attempt to read one is dropped after one poll.
    fn parts(mut input: Input<'_>) -> Vec<Bytes> {
        let mut parts = Vec::new();
        loop {
            let part = loop {
                let polled = pin!(input.part()).poll(&mut Context::from_waker(Waker::noop()));
                if let Poll::Ready(part) = polled {
                    break part.unwrap();
                }
            };
            let last = part.len() < PART;
            parts.push(part);
            if last {
                return parts;
            }
        }
    }

    proptest! {
        #[test]
        fn parts_of_a_stream_are_equal_and_its_pieces_joined_though_reading_is_dropped_at_every_poll(
            sizes in proptest::collection::vec(0..350_usize, 0..12),
        ) {
            let mut bytes = (0..=u8::MAX).cycle();
            let pieces: Vec<Bytes> = sizes.iter().map(|size| bytes.by_ref().take(*size).collect()).collect();
            let whole = pieces.concat();
            let parts = parts(Input::new(Yields::stream(hesitant(pieces)), PART, None));
            let (last, full) = parts.split_last().unwrap();
            prop_assert!(full.iter().all(|part| part.len() == PART) && last.len() < PART);
            prop_assert_eq!(parts.concat(), whole);
        }
    }

    #[test]
    fn a_part_within_one_piece_is_not_copied() {
        let piece = Bytes::from(vec![7; 2 * PART + 1]);
        let within = |part: &Bytes| piece.as_ptr_range().contains(&part.as_ptr());
        let of = |pieces: Vec<Bytes>| parts(Input::new(Yields::stream(hesitant(pieces)), PART, None));
        assert!(of(vec![piece.clone()]).iter().all(within));
        assert!(of(vec![Bytes::new(), piece.slice(..9), Bytes::new()]).iter().all(within));
        // Small ones are packed, so that they do not keep what they are slices of.
        let packed = of(vec![piece.slice(..9), piece.slice(..9)]);
        assert!(packed.len() == 1 && !within(&packed[0]));
    }
}
