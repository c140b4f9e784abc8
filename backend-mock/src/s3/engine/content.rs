//! The bytes of an object: segments as they came in, shared and never copied.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use bytes::Bytes;

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
        Self { segments: segments.collect() }
    }
}

impl From<Bytes> for Content {
    fn from(bytes: Bytes) -> Self {
        [bytes].into_iter().collect()
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

    proptest! {
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
