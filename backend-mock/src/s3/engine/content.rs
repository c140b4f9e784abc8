//! The bytes of an object: gathered into segments as they come in, shared and never copied from then on.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::{BufMut as _, Bytes, BytesMut};

/// A body. Cloning it, taking a range of it and joining several costs no copy of its bytes.
#[derive(Clone, Default)]
pub(crate) struct Content {
    segments: Arc<[Segment]>,
}

#[derive(Clone)]
struct Segment {
    /// Where the segment ends in the content.
    end: u64,
    bytes: Bytes,
}

impl Content {
    pub(crate) fn len(&self) -> u64 {
        self.segments.last().map_or(0, |segment| segment.end)
    }

    /// The segments in order; none of them is empty.
    pub(crate) fn segments(&self) -> impl Iterator<Item = &Bytes> {
        self.segments.iter().map(|segment| &segment.bytes)
    }

    pub(crate) fn segment(&self, at: usize) -> Option<&Bytes> {
        self.segments.get(at).map(|segment| &segment.bytes)
    }

    /// The bytes of `range`, which is cut to the content's length.
    pub(crate) fn range(&self, range: Range<u64>) -> Self {
        let end = range.end.min(self.len());
        let first = self.segments.partition_point(|segment| segment.end <= range.start);
        let pieces = self.segments[first..].iter().map_while(|segment| {
            let start = segment.end - segment.bytes.len() as u64;
            let from = range.start.max(start) - start;
            let to = end.min(segment.end).checked_sub(start).filter(|to| *to > from)?;
            // Both lie within the segment, whose length is a usize.
            Some(segment.bytes.slice(from as usize..to as usize))
        });
        pieces.collect()
    }

    /// One content after another.
    pub(crate) fn concat<'c>(contents: impl IntoIterator<Item = &'c Content>) -> Self {
        contents.into_iter().flat_map(Content::segments).cloned().collect()
    }
}

impl FromIterator<Bytes> for Content {
    fn from_iter<I: IntoIterator<Item = Bytes>>(pieces: I) -> Self {
        let mut end = 0;
        let segments = pieces.into_iter().filter(|bytes| !bytes.is_empty()).map(|bytes| {
            end += bytes.len() as u64;
            Segment { end, bytes }
        });
        let segments: Arc<[Segment]> = segments.collect();
        // What is empty shares one allocation with all that is.
        if segments.is_empty() { Self::default() } else { Self { segments } }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        [bytes].into_iter().collect()
    }
}

/// The size of a segment. A piece that is no smaller is kept as it came.
const SEGMENT_BYTES: usize = 1 << 20;

/// Takes in a body of known length piece by piece.
///
/// A small piece is often a slice of a reader's larger buffer, which would live as long as the object: so small pieces
/// are copied into segments of their own, which are exactly as large as they need to be.
#[derive(Debug)]
pub(crate) struct Gathering {
    length: u64,
    gathered: u64,
    segments: Vec<Bytes>,
    packed: BytesMut,
}

impl Gathering {
    /// Room for a body of `length` bytes.
    pub(crate) fn of(length: u64) -> Self {
        Self { length, gathered: 0, segments: Vec::new(), packed: BytesMut::new() }
    }

    /// How many bytes have come in.
    pub(crate) fn gathered(&self) -> u64 {
        self.gathered
    }

    /// Takes in a piece; gives the segments that it made whole.
    pub(crate) fn push(&mut self, piece: Bytes) -> &[Bytes] {
        let whole = self.segments.len();
        let before = self.gathered;
        self.gathered += piece.len() as u64;
        if piece.len() >= SEGMENT_BYTES {
            self.seal();
            self.segments.push(piece);
        } else {
            self.pack(piece, before);
        }
        &self.segments[whole..]
    }

    /// Copies a piece that came behind `before` bytes.
    fn pack(&mut self, mut piece: Bytes, before: u64) {
        while !piece.is_empty() {
            if self.packed.len() == self.packed.capacity() {
                self.seal();
                // The bytes that are still to come: never less than this piece, and at most one segment.
                let to_come = self.length.saturating_sub(before).max(piece.len() as u64);
                self.packed = BytesMut::with_capacity(to_come.min(SEGMENT_BYTES as u64) as usize);
            }
            let room = self.packed.capacity() - self.packed.len();
            self.packed.put(piece.split_to(room.min(piece.len())));
        }
    }

    /// Ends the segment under way, and gives it if there is one.
    pub(crate) fn seal(&mut self) -> Option<&Bytes> {
        if self.packed.is_empty() {
            return None;
        }
        let packed = std::mem::take(&mut self.packed);
        // What a large piece cut short would keep the room of a whole segment.
        let exact = packed.len() == packed.capacity();
        self.segments.push(if exact { packed.freeze() } else { Bytes::copy_from_slice(&packed) });
        self.segments.last()
    }

    pub(crate) fn finish(mut self) -> Content {
        self.seal();
        self.segments.into_iter().collect()
    }
}

impl fmt::Debug for Content {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Content({} bytes in {} segments)", self.len(), self.segments.len())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn bytes_of(content: &Content) -> Vec<u8> {
        content.segments().flatten().copied().collect()
    }

    #[test]
    fn a_range_shares_the_bytes_of_its_content() {
        let bytes = Bytes::from_static(b"hello world");
        let content = Content::from(bytes.clone());
        let range = content.range(6..11);
        assert_eq!(range.segments().next().unwrap().as_ptr(), bytes[6..].as_ptr());
    }

    #[test]
    fn a_small_piece_does_not_keep_its_readers_buffer_alive() {
        let buffer = Bytes::from(vec![7; SEGMENT_BYTES]);
        let mut gathering = Gathering::of(SEGMENT_BYTES as u64 + 10);
        gathering.push(buffer.slice(0..10));
        gathering.push(buffer.clone());
        let content = gathering.finish();
        let segments: Vec<&Bytes> = content.segments().collect();
        assert_ne!(segments[0].as_ptr(), buffer.as_ptr());
        assert_eq!(segments[1].as_ptr(), buffer.as_ptr());
    }

    #[test]
    fn a_segment_that_a_large_piece_cuts_short_keeps_no_spare_room() {
        let mut gathering = Gathering::of(SEGMENT_BYTES as u64 + 10);
        gathering.push(Bytes::from(vec![7; 10]));
        gathering.push(Bytes::from(vec![7; SEGMENT_BYTES]));
        let first = gathering.segments.remove(0);
        assert_eq!(first.try_into_mut().unwrap().capacity(), 10);
    }

    proptest! {
        #[test]
        fn what_is_gathered_is_what_came(
            pieces in prop::collection::vec(prop_oneof![4 => 0usize..70, 1 => (SEGMENT_BYTES - 2)..(SEGMENT_BYTES + 2)], 0..8),
            understated in 0u64..3,
        ) {
            let pieces: Vec<Vec<u8>> =
                pieces.iter().enumerate().map(|(number, length)| vec![number as u8; *length]).collect();
            let whole: Vec<u8> = pieces.concat();
            let mut gathering = Gathering::of((whole.len() as u64).saturating_sub(understated));
            let mut told = Vec::new();
            for piece in pieces {
                told.extend(gathering.push(Bytes::from(piece)).concat());
            }
            told.extend(gathering.seal().into_iter().flatten());
            prop_assert!(told == whole, "every segment is given once, in order");
            prop_assert_eq!(gathering.gathered(), whole.len() as u64);
            prop_assert_eq!(bytes_of(&gathering.finish()), whole);
        }

        #[test]
        fn a_range_is_the_range_of_the_joined_bytes(
            pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..9), 0..6),
            start in 0u64..60,
            length in 0u64..60,
        ) {
            let whole: Vec<u8> = pieces.concat();
            let content: Content = pieces.into_iter().map(Bytes::from).collect();
            let end = (start + length).min(whole.len() as u64);
            let expected = whole.get(start as usize..end as usize).unwrap_or_default();
            let range = content.range(start..start + length);
            prop_assert_eq!(bytes_of(&range), expected);
            prop_assert_eq!(range.len(), expected.len() as u64);
            prop_assert_eq!(bytes_of(&Content::concat([&content, &range])), [&whole[..], expected].concat());
        }
    }
}
