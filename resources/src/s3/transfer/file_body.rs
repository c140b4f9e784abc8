//! The bytes of a file as bodies of requests: read at once if they are few, and else while they are sent.
//!
//! A body in memory has its checksum in a header; one that is read has it behind itself, framed, for which the SDK copies
//! it once more. What is read comes at its place into a buffer that goes back when it was sent, so that no memory is asked
//! for once a transfer is under way.

use std::fs::File;
use std::io;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use tokio::task::{JoinHandle, spawn_blocking};

use super::positioned::read_exact_at;

/// A body that is no larger is in memory as a whole.
const HELD: u64 = 16 << 20;

/// How much of a larger one is read at a time.
const PIECE: u64 = 256 << 10;

/// A file that requests are made of.
#[derive(Debug)]
pub(super) struct FileContent {
    file: File,
    /// Buffers that no piece is in.
    free: Mutex<Vec<Vec<u8>>>,
}

impl FileContent {
    /// Opens the file, which waits for the file system.
    pub(super) fn open(path: &Path) -> io::Result<Arc<Self>> {
        Ok(Arc::new(Self { file: File::open(path)?, free: Mutex::default() }))
    }

    /// What is in that range; a large one is read anew for every attempt.
    ///
    /// # Errors
    /// The file cannot be read, or ends before that. Of a large range the request says so.
    pub(super) async fn body(self: &Arc<Self>, offset: u64, length: u64) -> io::Result<ByteStream> {
        match usize::try_from(length) {
            Ok(held) if length <= HELD => {
                let content = Arc::clone(self);
                Ok(spawn_blocking(move || content.read(offset, held)).await??.into())
            }
            _ => Ok(self.pieces(offset, length)),
        }
    }

    fn pieces(self: &Arc<Self>, offset: u64, length: u64) -> ByteStream {
        let content = Arc::clone(self);
        ByteStream::new(SdkBody::retryable(move || {
            SdkBody::from_body_1_x(Pieces {
                content: Arc::clone(&content),
                offset,
                unread: length,
                unsent: length,
                reading: None,
            })
        }))
    }

    fn read(self: Arc<Self>, offset: u64, length: usize) -> io::Result<Bytes> {
        let bytes = self.free().pop().unwrap_or_default();
        let mut piece = Piece { bytes, length, content: self };
        if piece.bytes.len() < length {
            piece.bytes.resize(length, 0);
        }
        let room = piece.bytes.get_mut(..length).unwrap_or_default();
        read_exact_at(&piece.content.file, room, offset)?;
        Ok(Bytes::from_owner(piece))
    }

    fn free(&self) -> MutexGuard<'_, Vec<Vec<u8>>> {
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that were read, in a buffer that goes back.
struct Piece {
    bytes: Vec<u8>,
    length: usize,
    content: Arc<FileContent>,
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or_default()
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.content.free().push(std::mem::take(&mut self.bytes));
    }
}

/// A range of the file, piece by piece.
struct Pieces {
    content: Arc<FileContent>,
    /// Where the next piece is that nobody reads yet, and how much there is from there.
    offset: u64,
    unread: u64,
    unsent: u64,
    reading: Option<JoinHandle<io::Result<Bytes>>>,
}

impl Pieces {
    /// Begins to read the next piece, if there is one.
    fn read_on(&mut self) {
        let length = self.unread.min(PIECE);
        self.reading = usize::try_from(length).ok().filter(|length| *length > 0).map(|length| {
            let (content, offset) = (Arc::clone(&self.content), self.offset);
            spawn_blocking(move || content.read(offset, length))
        });
        self.offset += length;
        self.unread -= length;
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        if self.reading.is_none() {
            self.read_on();
        }
        let Some(reading) = &mut self.reading else { return Poll::Ready(None) };
        let read = ready!(Pin::new(reading).poll(cx)).unwrap_or_else(|why| Err(io::Error::other(why)));
        self.reading = None;
        match read {
            Ok(piece) => {
                self.unsent -= piece.len() as u64;
                self.read_on();
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            Err(why) => {
                self.unread = 0;
                Poll::Ready(Some(Err(why)))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.unsent == 0
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.unsent)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn file(content: &[u8]) -> (tempfile::NamedTempFile, Arc<FileContent>) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(content).unwrap();
        let opened = FileContent::open(file.path()).unwrap();
        (file, opened)
    }

    fn collected(
        bytes: Result<aws_smithy_types::byte_stream::AggregatedBytes, impl Sized>,
    ) -> Option<Vec<u8>> {
        bytes.ok().map(aws_smithy_types::byte_stream::AggregatedBytes::to_vec)
    }

    #[tokio::test]
    async fn ranges_of_a_file_are_read_whole_and_anew_for_every_attempt() {
        let content: Vec<u8> = (0..3 * PIECE + 5).map(|index| (index % 251) as u8).collect();
        let (_file, opened) = file(&content);
        let whole = content.len() as u64;
        for (offset, length) in
            [(0, whole), (0, 0), (7, 1), (7, PIECE), (PIECE - 1, PIECE + 2), (whole - 5, 5)]
        {
            let body = opened.pieces(offset, length);
            let inner = body.into_inner();
            assert_eq!(inner.content_length(), Some(length));
            let (first, again) = (inner.try_clone().unwrap(), inner);
            let expected = content[offset as usize..(offset + length) as usize].to_vec();
            for attempt in [first, again] {
                assert_eq!(collected(ByteStream::new(attempt).collect().await), Some(expected.clone()));
            }
            let held = opened.body(offset, length).await.unwrap().into_inner();
            assert_eq!(held.bytes(), Some(expected.as_slice()));
        }
    }

    #[tokio::test]
    async fn buffers_are_used_again() {
        let (_file, opened) = file(&vec![1; 20 * PIECE as usize]);
        let mut body = opened.pieces(0, 20 * PIECE);
        while let Some(piece) = body.next().await {
            drop(piece.unwrap());
        }
        assert!((1..=2).contains(&opened.free().len()), "{}", opened.free().len());
    }

    #[tokio::test]
    async fn a_file_that_became_shorter_ends_the_request() {
        let (short, opened) = file(&vec![1; 2 * PIECE as usize]);
        let body = opened.pieces(0, 2 * PIECE);
        short.as_file().set_len(PIECE + 1).unwrap();
        assert_eq!(collected(body.collect().await), None);
    }
}
