//! Percent encoding, as the keys of S3 and the documents of IAM have it.

use std::borrow::Cow;

/// Encodes all but the unreserved characters and slashes.
pub(super) fn encode_path(text: &str) -> String {
    use std::fmt::Write as _;
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => encoded.push(char::from(byte)),
            byte => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// Decodes; what is no escape stays as it is, and what is no UTF-8 becomes replacement characters.
pub(super) fn decode(text: &str) -> Cow<'_, str> {
    match text.contains('%') {
        true => Cow::Owned(String::from_utf8_lossy(&decoded(text.as_bytes(), false)).into_owned()),
        false => Cow::Borrowed(text),
    }
}

/// As [`decode`], where a plus is a space.
pub(super) fn decode_form(text: &str) -> Cow<'_, str> {
    match text.contains(['%', '+']) {
        true => Cow::Owned(String::from_utf8_lossy(&decoded(text.as_bytes(), true)).into_owned()),
        false => Cow::Borrowed(text),
    }
}

fn decoded(text: &[u8], plus_is_space: bool) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = match (byte, after) {
            (b'%', [high, low, ..]) => digit(*high).zip(digit(*low)),
            _ => None,
        };
        rest = after;
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = &after[2..];
            }
            None if byte == b'+' && plus_is_space => bytes.push(b' '),
            None => bytes.push(byte),
        }
    }
    bytes
}

fn digit(letter: u8) -> Option<u8> {
    char::from(letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(decode("100% a%2Fb%zz%4"), "100% a/b%zz%4");
        assert_eq!(decode("a+b"), "a+b");
        assert_eq!(decode_form("a+b%2Bc"), "a b+c");
        assert_eq!(decode("%ff"), "\u{fffd}");
        assert_eq!(encode_path("a b+c/ü~"), "a%20b%2Bc/%C3%BC~");
    }

    proptest! {
        #[test]
        fn what_was_encoded_is_decoded(text in "\\PC{0,20}|[%+ -~]{0,20}") {
            let encoded = encode_path(&text);
            prop_assert_eq!(&decode(&encoded), &text);
            prop_assert_eq!(&decode_form(&encoded), &text);
        }

        #[test]
        fn nothing_makes_decoding_panic(text in "[%0-9a-zé+]{0,12}") {
            let _ = (decode(&text), decode_form(&text));
        }
    }
}
