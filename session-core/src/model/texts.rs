//! The texts of a model, one after the other, each with a line's end behind it.
//!
//! So their lengths need no column of their own, which would be a seventh of a deflated model.

/// Ends a text; no text has one within.
pub(super) const END: u8 = b'\n';

/// The texts by their numbers, read in place.
pub(super) struct Texts {
    all: &'static str,
    /// Where each ends.
    ends: Box<[u32]>,
}

impl Texts {
    /// So many texts, and nothing else.
    pub(super) fn over(all: &'static [u8], count: usize) -> Option<Self> {
        let all = std::str::from_utf8(all).ok()?;
        let ends = ends(all.as_bytes(), count);
        (ends.len() == count && ends.last().map_or(0, |end| *end as usize + 1) == all.len())
            .then(|| Self { all, ends: ends.into() })
    }

    pub(super) fn get(&self, index: usize) -> Option<&'static str> {
        let end = *self.ends.get(index)? as usize;
        let begin = match index {
            0 => 0,
            _ => *self.ends.get(index - 1)? as usize + 1,
        };
        self.all.get(begin..end)
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Where texts end. Eight bytes at a time: a large model has a quarter of a million.
fn ends(bytes: &[u8], count: usize) -> Vec<u32> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const LOW_BITS: u64 = u64::from_le_bytes([0x7f; 8]);
    let mut ends = Vec::with_capacity(count);
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut at = 0_u32;
    for eight in eights {
        // The highest bit of each byte that is one: a byte minus its equal is zero, and adding 0x7f to any other sets it.
        let difference = u64::from_le_bytes(*eight) ^ (ONES * u64::from(END));
        let mut found = !(((difference & LOW_BITS) + LOW_BITS) | difference | LOW_BITS);
        while found != 0 {
            ends.push(at + found.trailing_zeros() / 8);
            found &= found - 1;
        }
        at += 8;
    }
    for byte in rest {
        if *byte == END {
            ends.push(at);
        }
        at += 1;
    }
    ends
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn texts_are_counted_to_their_last_byte() {
        let texts = Texts::over("a\n\nGrüße, long enough\n".as_bytes(), 3).unwrap();
        let all: Vec<_> = (0..4).map(|index| texts.get(index)).collect();
        assert_eq!(all, [Some("a"), Some(""), Some("Grüße, long enough"), None]);
        assert_eq!(texts.len(), 3);
        assert!(Texts::over(b"", 0).is_some());
        assert!(Texts::over(b"a\nb", 1).is_none() && Texts::over(b"a\n", 2).is_none());
        assert!(Texts::over(b"\xff\n", 1).is_none());
    }

    proptest! {
        #[test]
        fn every_end_is_found_wherever_it_stands(bytes in proptest::collection::vec(8..13_u8, 0..64)) {
            let found = ends(&bytes, 0);
            let wanted = bytes.iter().zip(0..).filter(|(byte, _)| **byte == END).map(|(_, at)| at);
            prop_assert_eq!(found, wanted.collect::<Vec<u32>>());
        }

        #[test]
        fn no_other_byte_is_an_end(bytes: Vec<u8>) {
            let wanted = bytes.iter().filter(|byte| **byte == END).count();
            prop_assert_eq!(ends(&bytes, 0).len(), wanted);
        }
    }
}
