//! Byte ranges: which bytes of an object a read or a copy asks for.

use std::ops::Range;

use super::{Code, Error};

/// A `Range` header that names one range.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ByteRange {
    /// From `first` to `last`, or to the end.
    From { first: u64, last: Option<u64> },
    /// The last so many bytes.
    Suffix(u64),
}

impl ByteRange {
    /// Nothing for what S3 does not take for a range, several ranges included: it then answers with the whole object.
    pub(crate) fn parse(header: &str) -> Option<Self> {
        let (first, last) = header.trim().strip_prefix("bytes=")?.split_once('-')?;
        match (first.is_empty(), last.is_empty()) {
            (true, _) => position(last).map(Self::Suffix),
            (false, true) => Some(Self::From { first: position(first)?, last: None }),
            (false, false) => {
                let (first, last) = (position(first)?, position(last)?);
                (first <= last).then_some(Self::From { first, last: Some(last) })
            }
        }
    }

    /// The bytes of an object of `length` bytes; nothing when the whole object is the answer.
    ///
    /// # Errors
    /// `InvalidRange` when none of the object's bytes are in the range.
    pub(crate) fn resolve(self, length: u64) -> Result<Option<Range<u64>>, Error> {
        let unsatisfiable = || {
            Error::new(Code::InvalidRange)
                .with("RangeRequested", self.header())
                .with("ActualObjectSize", length)
        };
        match self {
            Self::From { first, .. } if first >= length => Err(unsatisfiable()),
            Self::From { first, last } => {
                Ok(Some(first..last.map_or(length, |last| last.saturating_add(1).min(length))))
            }
            Self::Suffix(0) => Err(unsatisfiable()),
            Self::Suffix(_) if length == 0 => Ok(None),
            Self::Suffix(suffix) => Ok(Some(length.saturating_sub(suffix)..length)),
        }
    }

    fn header(self) -> String {
        match self {
            Self::From { first, last: Some(last) } => format!("bytes={first}-{last}"),
            Self::From { first, last: None } => format!("bytes={first}-"),
            Self::Suffix(suffix) => format!("bytes=-{suffix}"),
        }
    }
}

/// The `x-amz-copy-source-range` of a part copy: both ends, within the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CopyRange {
    first: u64,
    last: u64,
    header: String,
}

impl CopyRange {
    const NAME: &'static str = "x-amz-copy-source-range";

    pub(crate) fn parse(header: &str) -> Result<Self, Error> {
        match ByteRange::parse(header) {
            Some(ByteRange::From { first, last: Some(last) }) => {
                Ok(Self { first, last, header: header.to_owned() })
            }
            _ => Err(Error::invalid_argument(
                "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are \
                 the zero-based offsets of the first and last bytes to copy",
                Self::NAME,
                header,
            )),
        }
    }

    pub(crate) fn resolve(&self, length: u64) -> Result<Range<u64>, Error> {
        if self.first >= length {
            return Err(Error::invalid_request(
                "The specified copy range is invalid for the source object size",
            ));
        }
        if self.last >= length {
            return Err(Error::invalid_argument(
                format!("Range specified is not valid for source object of size: {length}"),
                Self::NAME,
                &self.header,
            ));
        }
        Ok(self.first..self.last + 1)
    }
}

/// A number of bytes; more than 64 bits hold is beyond every object all the same.
fn position(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_not_one_range_is_no_range() {
        let several_words = ["bytes= -1", "bytes=0 -1", "bytes=0- 1", "bytes=--1", "bytes=0--1"];
        for header in ["bytes=5-2", "bytes=0-1,3-4", "bytes=", "bytes=-", "items=0-1", "bytes=a-b", "0-1", ""]
            .into_iter()
            .chain(several_words)
        {
            assert_eq!(ByteRange::parse(header), None, "{header}");
        }
    }

    #[test]
    fn a_suffix_is_cut_to_the_object_and_an_empty_one_is_refused() {
        assert_eq!(ByteRange::Suffix(50).resolve(10), Ok(Some(0..10)));
        assert_eq!(ByteRange::Suffix(3).resolve(10), Ok(Some(7..10)));
        let error = ByteRange::Suffix(0).resolve(10).unwrap_err();
        assert_eq!(
            error.details(),
            [("RangeRequested", "bytes=-0".into()), ("ActualObjectSize", "10".into())]
        );
    }

    #[test]
    fn a_copy_range_names_both_ends_within_the_source() {
        assert_eq!(CopyRange::parse("bytes=2-4").unwrap().resolve(5), Ok(2..5));
        assert_eq!(CopyRange::parse("bytes=2-").unwrap_err().code(), Code::InvalidArgument);
        assert_eq!(
            CopyRange::parse("bytes=2-5").unwrap().resolve(5).unwrap_err().code(),
            Code::InvalidArgument
        );
        assert_eq!(
            CopyRange::parse("bytes=5-6").unwrap().resolve(5).unwrap_err().code(),
            Code::InvalidRequest
        );
    }

    proptest! {
        #[test]
        fn a_range_never_leaves_its_object(first: u64, last: Option<u64>, suffix: bool, length in 0u64..1_000_000) {
            let range = if suffix { ByteRange::Suffix(first) } else { ByteRange::From { first, last } };
            if let Some(parsed) = ByteRange::parse(&range.header()) {
                prop_assert_eq!(parsed, range);
                if let Ok(Some(bytes)) = range.resolve(length) {
                    prop_assert!(bytes.start < bytes.end && bytes.end <= length);
                }
            }
        }

        #[test]
        fn parsing_a_range_never_fails(header in ".{0,20}") {
            let _ = ByteRange::parse(&header);
        }
    }
}
