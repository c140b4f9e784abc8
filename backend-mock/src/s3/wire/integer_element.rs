//! Integers in documents: of `10abc` `s3s` reads the 10 and passes over the rest, which S3 does not.

use crate::s3::engine::{Code, Error};

/// The elements of requests that hold one, wherever they stand.
const INTEGERS: [&str; 12] = [
    "Days",
    "DaysAfterInitiation",
    "MaxAgeSeconds",
    "Minutes",
    "NewerNoncurrentVersions",
    "NoncurrentDays",
    "ObjectSizeGreaterThan",
    "ObjectSizeLessThan",
    "PartNumber",
    "Priority",
    "Size",
    "Years",
];

/// Refuses a document with an element that should hold an integer, and holds something else.
///
/// # Errors
/// `MalformedXML`.
pub(super) fn check(xml: &[u8]) -> Result<(), Error> {
    let is_odd = |element: &str| {
        let (tag, text) = element.split_once('>').unwrap_or_default();
        let name = tag.split_ascii_whitespace().next().unwrap_or_default();
        INTEGERS.contains(&name) && !is_integer(text.trim())
    };
    match String::from_utf8_lossy(xml).split('<').any(is_odd) {
        true => Err(Error::new(Code::MalformedXML)),
        false => Ok(()),
    }
}

fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_integer_is_digits_and_perhaps_a_sign() {
        for text in ["1", "-100", " 30\n", "+7"] {
            assert!(check(format!("<Rule><Days>{text}</Days></Rule>").as_bytes()).is_ok(), "{text}");
        }
        for text in ["", "10abc", "1.5", "0x1", "1 2", "-"] {
            assert!(check(format!("<Rule><Days>{text}</Days></Rule>").as_bytes()).is_err(), "{text}");
        }
        assert!(check(b"<Tag><Key>Days</Key><Value>10abc</Value></Tag>").is_ok());
    }
}
