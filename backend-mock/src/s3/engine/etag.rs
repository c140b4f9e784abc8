//! Entity tags: what an object's bytes are called in conditions and in lists of parts.

use std::fmt;

use md5::{Digest as _, Md5};

/// The MD5 of a body that came in one piece, or of its parts' MD5s and their number.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ETag {
    md5: [u8; 16],
    /// How many parts; none for a body that came in one piece.
    parts: Option<u32>,
}

impl ETag {
    pub(crate) fn of_content(md5: [u8; 16]) -> Self {
        Self { md5, parts: None }
    }

    /// The tag of a completed multipart upload: the MD5 of the parts' MD5s, a dash, and how many they are.
    pub(crate) fn of_parts(parts: impl IntoIterator<Item = [u8; 16]>) -> Self {
        let (mut hasher, mut count) = (Md5::new(), 0);
        for md5 in parts {
            hasher.update(md5);
            count += 1;
        }
        Self { md5: hasher.finalize().into(), parts: Some(count) }
    }

    /// The tag in the double quotes that headers and listings put around it.
    pub(crate) fn quoted(&self) -> String {
        format!("\"{self}\"")
    }

    /// Whether the text of one tag, quoted, weak or bare as clients send it, is this tag.
    pub(crate) fn is(&self, text: &str) -> bool {
        let text = text.trim();
        let text = text.strip_prefix("W/").unwrap_or(text);
        text.trim_matches('"').eq_ignore_ascii_case(&self.to_string())
    }

    /// Whether a header's value, a list of tags or `*`, holds this tag.
    pub(crate) fn is_in(&self, list: &str) -> bool {
        list.trim() == "*" || list.split(',').any(|tag| self.is(tag))
    }
}

impl fmt::Display for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = [0; 32];
        for (pair, byte) in text.chunks_exact_mut(2).zip(self.md5) {
            pair.copy_from_slice(&[DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
        }
        f.write_str(str::from_utf8(&text).map_err(|_| fmt::Error)?)?;
        match self.parts {
            Some(parts) => write!(f, "-{parts}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for ETag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tag_of_parts_is_the_md5_of_their_md5s_and_their_number() {
        let empty: [u8; 16] = Md5::digest(b"").into();
        let tag = ETag::of_parts([empty]);
        assert_eq!(tag.to_string(), "59adb24ef3cdbe0297f05b395827453f-1");
        assert_eq!(ETag::of_content(empty).quoted(), "\"d41d8cd98f00b204e9800998ecf8427e\"");
    }

    #[test]
    fn a_tag_is_found_in_a_list_quoted_weak_or_bare() {
        let tag = ETag::of_content([0; 16]);
        let text = "0".repeat(32);
        for list in
            [format!("\"{text}\""), format!("W/\"{text}\""), text.clone(), format!("\"a\", \"{text}\"")]
        {
            assert!(tag.is_in(&list), "{list}");
        }
        assert!(tag.is_in("*"));
        assert!(!tag.is_in("\"0\""));
    }
}
