//! Functions of texts: `substring`, `uriEncode` and `split`.

use super::operand::Operand;

/// The letters from `start` to before `stop`, counted from the end where `reverse`; `None` for text that is shorter or not
/// ASCII alone.
pub(super) fn substring(text: &str, start: i64, stop: i64, reverse: bool) -> Option<&str> {
    let (start, stop) = (usize::try_from(start).ok()?, usize::try_from(stop).ok()?);
    if start >= stop || stop > text.len() || !text.is_ascii() {
        return None;
    }
    match reverse {
        true => text.get(text.len() - stop..text.len() - start),
        false => text.get(start..stop),
    }
}

/// Percent-encoded, but for letters, digits and `-`, `_`, `.` and `~`.
pub(super) fn uri_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                encoded.push(char::from(byte))
            }
            _ => {
                let digit = |value: u8| char::from(b"0123456789ABCDEF"[usize::from(value & 15)]);
                encoded.extend(['%', digit(byte >> 4), digit(byte)]);
            }
        }
    }
    encoded
}

/// The parts between the delimiters: all where `limit` is 0, else at most so many, the last of which has the rest.
pub(super) fn split(text: &str, delimiter: &str, limit: i64) -> Operand {
    match usize::try_from(limit) {
        Err(_) => Operand::Absent,
        Ok(_) if delimiter.is_empty() => Operand::Absent,
        Ok(0) => Operand::texts(text.split(delimiter)),
        Ok(limit) => Operand::texts(text.splitn(limit, delimiter)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_substring_is_counted_from_either_end() {
        assert_eq!(substring("abcdef", 0, 4, false), Some("abcd"));
        assert_eq!(substring("abcdef", 0, 4, true), Some("cdef"));
        assert_eq!(substring("abcdef", 1, 3, true), Some("de"));
        for (text, start, stop) in
            [("abc", 0, 4), ("abc", 2, 2), ("abc", 2, 1), ("abc", -1, 2), ("é", 0, 1), ("", 0, 1)]
        {
            assert_eq!(substring(text, start, stop, false), None, "{text} {start} {stop}");
        }
    }

    #[test]
    fn all_but_the_unreserved_is_encoded() {
        assert_eq!(uri_encode("aZ0-_.~"), "aZ0-_.~");
        assert_eq!(uri_encode("a b/%:é\n"), "a%20b%2F%25%3A%C3%A9%0A");
    }

    #[test]
    fn a_text_is_split_as_often_as_asked() {
        let texts = |texts: &[&str]| Operand::texts(texts.iter().copied());
        assert_eq!(split("a--b--c", "--", 0), texts(&["a", "b", "c"]));
        assert_eq!(split("a--b--c", "--", 2), texts(&["a", "b--c"]));
        assert_eq!(split("", "--", 0), texts(&[""]));
        assert_eq!(split("abc", "", 0), Operand::Absent);
        assert_eq!(split("abc", "b", -1), Operand::Absent);
    }

    proptest! {
        #[test]
        fn no_text_makes_them_panic(text in "\\PC{0,20}|[a-f]{0,8}", start: i64, stop in -2..10i64, reverse: bool) {
            for start in [start, start % 8] {
                if let Some(part) = substring(&text, start, stop, reverse) {
                    prop_assert_eq!(i64::try_from(part.len()).unwrap(), stop - start);
                }
            }
            prop_assert!(uri_encode(&text).is_ascii());
            split(&text, "a", stop);
        }
    }
}
