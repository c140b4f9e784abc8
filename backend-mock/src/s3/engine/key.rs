//! The name of an object in its bucket.

use std::borrow::Borrow;
use std::fmt;
use std::sync::Arc;

use super::{Code, Error};

/// 1 to 1,024 bytes of UTF-8, ordered by those bytes: that order is the order of listings.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ObjectKey(Arc<str>);

impl ObjectKey {
    const MAX_BYTES: usize = 1024;

    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > Self::MAX_BYTES {
            return Err(Error::new(Code::KeyTooLongError)
                .with("Size", text.len())
                .with("MaxSizeAllowed", Self::MAX_BYTES));
        }
        Ok(Self(text.into()))
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The order of `str` is the order of its bytes, so a map of keys may be asked by bytes: the end of a common prefix
/// need not be UTF-8.
impl Borrow<[u8]> for ObjectKey {
    fn borrow(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl Borrow<str> for ObjectKey {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ObjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_holds_1024_bytes_and_no_more() {
        assert!(ObjectKey::parse(&"k".repeat(1024)).is_ok());
        let error = ObjectKey::parse(&"é".repeat(513)).unwrap_err();
        assert_eq!((error.code(), error.details()[0].1.as_str()), (Code::KeyTooLongError, "1026"));
    }
}
