//! The name of one version of a key.

use std::fmt;
use std::num::NonZeroU64;

use super::Error;
use crate::seed::IdSource;

/// `null`, or 32 characters that nobody is to read anything from.
///
/// They hold the place of the version in its bucket all the same, so that a version is found, and a page of a listing
/// begins, without looking at the others of its key.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum VersionId {
    /// What was written while the bucket's versioning was not enabled.
    Null,
    Random {
        order: u64,
        random: (NonZeroU64, u64),
    },
}

impl VersionId {
    /// The alphabet of S3's own ids.
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._";
    const LENGTH: usize = 32;
    const NULL: &'static str = "null";

    /// A new id for the version that is the `order`th write to its bucket.
    pub(super) fn next(order: u64, ids: &mut IdSource) -> Self {
        let first = NonZeroU64::MIN | ids.next_u64();
        Self::Random { order, random: (first, sealed(order, first, ids.next_u64())) }
    }

    /// # Errors
    /// `InvalidArgument` for what S3 would never have given out; `argument` is the parameter that it came in.
    pub(crate) fn parse(text: &str, argument: &str) -> Result<Self, Error> {
        if text.is_empty() {
            return Err(Error::invalid_argument("Version id cannot be the empty string", argument, text));
        }
        Self::read(text).ok_or_else(|| Self::invalid(text, argument))
    }

    pub(crate) fn invalid(text: impl fmt::Display, argument: &str) -> Error {
        Error::invalid_argument("Invalid version id specified", argument, text)
    }

    fn read(text: &str) -> Option<Self> {
        if text == Self::NULL {
            return Some(Self::Null);
        }
        if text.len() != Self::LENGTH {
            return None;
        }
        let mut words = [0_u64; 3];
        for (at, letter) in text.bytes().enumerate() {
            let digit = Self::ALPHABET.iter().position(|known| *known == letter)?;
            for bit in 0..6 {
                let place = at * 6 + bit;
                words[place / 64] |= u64::from(digit >> (5 - bit) & 1 == 1) << (63 - place % 64);
            }
        }
        let first = NonZeroU64::new(words[1]).filter(|first| first.get() & 1 == 1)?;
        let order = words[0] ^ first.get().rotate_left(17);
        let is_ours = sealed(order, first, words[2]) == words[2];
        is_ours.then_some(Self::Random { order, random: (first, words[2]) })
    }
}

/// The last word of an id: its lower half vouches for the rest. S3 too knows its own ids from those that somebody wrote.
fn sealed(order: u64, first: NonZeroU64, last: u64) -> u64 {
    const ODD: u64 = 0x9E37_79B9_7F4A_7C15;
    let upper = last >> 32;
    let seal = [order, first.get(), upper].iter().fold(ODD, |seal, word| {
        let mixed = (seal ^ word).wrapping_mul(ODD);
        mixed ^ (mixed >> 29)
    });
    upper << 32 | seal >> 32
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Random { order, random: (first, second) } = self else { return f.write_str(Self::NULL) };
        let words = [order ^ first.get().rotate_left(17), first.get(), *second];
        let mut text = String::with_capacity(Self::LENGTH);
        for at in 0..Self::LENGTH {
            let digit = (at * 6..at * 6 + 6).fold(0_usize, |digit, place| {
                digit << 1 | usize::from(words[place / 64] >> (63 - place % 64) & 1 == 1)
            });
            text.push(char::from(Self::ALPHABET[digit]));
        }
        f.write_str(&text)
    }
}

impl fmt::Debug for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::s3::engine::Code;

    proptest! {
        #[test]
        fn an_id_reads_back_from_its_32_characters(order in any::<u64>(), seed in any::<u64>()) {
            let id = VersionId::next(order, &mut IdSource::new(seed));
            let text = id.to_string();
            prop_assert_eq!(text.len(), 32);
            prop_assert_eq!(VersionId::parse(&text, "versionId"), Ok(id));
        }
    }

    #[test]
    fn what_s3_never_gave_out_is_no_id() {
        assert_eq!(VersionId::parse("null", "versionId"), Ok(VersionId::Null));
        for (text, message) in [
            ("", "Version id cannot be the empty string"),
            ("3HL4", "Invalid version id specified"),
            ("Null", "Invalid version id specified"),
            ("-------------------------------é", "Invalid version id specified"),
        ] {
            let error = VersionId::parse(text, "versionId").unwrap_err();
            assert_eq!((error.code(), error.message()), (Code::InvalidArgument, message));
            assert_eq!(error.details()[1], ("ArgumentValue", text.to_owned()));
        }
    }
}
