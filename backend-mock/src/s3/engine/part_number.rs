//! Position of a part in a multipart upload.

use std::fmt;

use super::Error;

/// 1 to 10,000; checked here once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct PartNumber(u16);

impl PartNumber {
    const MAX: u16 = 10_000;

    pub(crate) fn get(self) -> u16 {
        self.0
    }
}

impl TryFrom<i32> for PartNumber {
    type Error = Error;

    fn try_from(number: i32) -> Result<Self, Error> {
        match u16::try_from(number) {
            Ok(number @ 1..=Self::MAX) => Ok(Self(number)),
            _ => Err(Error::invalid_argument(
                "Part number must be an integer between 1 and 10000, inclusive",
                "partNumber",
                number,
            )),
        }
    }
}

impl fmt::Display for PartNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_number_is_between_1_and_10000() {
        assert!(PartNumber::try_from(1).is_ok() && PartNumber::try_from(10_000).is_ok());
        for number in [0, -1, 10_001, 65_537] {
            assert!(PartNumber::try_from(number).is_err(), "{number}");
        }
    }
}
