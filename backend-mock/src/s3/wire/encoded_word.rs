//! Metadata that is not ASCII, as S3 puts it into a header: the encoded words of RFC 2047, in one of two forms.

use std::borrow::Cow;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

/// How long the text of one word may be once it is encoded.
const MAX_ENCODED: usize = 63;

/// The value as a header has it: as it is where it can be, else in base64 or as [`encode`] says.
pub(super) fn header(value: &str) -> Cow<'_, str> {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(value);
    }
    Cow::Owned(encode(value))
}

fn is_plain_char(character: char) -> bool {
    matches!(character, ' '..='~' | '\t' | '\r' | '\n')
}

/// The value as encoded words, with spaces between them: quoted where most of it is plain, else in base64.
fn encode(value: &str) -> String {
    let plain = value.chars().filter(|character| is_plain_char(*character)).count();
    let others = value.chars().count() - plain;
    let mut words = Vec::new();
    // What is plain throughout has a break of lines or a tab, which no header can hold.
    match others > 0 && plain > others {
        true => add_words(value, "Q", &quoted, &mut words),
        false => add_words(value, "B", &|text: &str| BASE64_STANDARD.encode(text), &mut words),
    }
    words.join(" ")
}

/// A text that is too long for one word becomes two halves, and so on.
fn add_words(text: &str, form: &str, encode: &dyn Fn(&str) -> String, words: &mut Vec<String>) {
    let encoded = encode(text);
    let middle = text.char_indices().nth(text.chars().count() / 2).map_or(0, |(at, _)| at);
    if encoded.len() <= MAX_ENCODED || middle == 0 {
        words.push(format!("=?UTF-8?{form}?{encoded}?="));
        return;
    }
    let (start, end) = text.split_at(middle);
    add_words(start, form, encode, words);
    add_words(end, form, encode, words);
}

fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() * 3);
    for byte in text.bytes() {
        match byte {
            b' ' => quoted.push('_'),
            b'!'..=b'~' if !b"=_?".contains(&byte) => quoted.push(char::from(byte)),
            _ => quoted.push_str(&format!("={byte:02X}")),
        }
    }
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_encoded_in_the_form_that_suits_it() {
        for (value, encoded) in [
            ("ÄMÄZÕÑ S3", "=?UTF-8?Q?=C3=84M=C3=84Z=C3=95=C3=91_S3?="),
            (
                "test_—_file%E2%80%94_é_2?.pdf",
                "=?UTF-8?Q?test=5F=E2=80=94=5Ffile%E2%80%94=5F=C3=A9=5F2=3F.pdf?=",
            ),
            ("\0\u{1}\u{2}\u{3}", "=?UTF-8?B?AAECAw==?="),
            ("É", "=?UTF-8?B?w4k=?="),
        ] {
            assert_eq!(header(value), encoded);
        }
        let plain = "! \"#$%&'()*+,-./0:;<=>?@AZ[\\]^_`az{|}~";
        assert_eq!(header(plain), plain);
        assert_eq!(header("a\tb\nc"), "=?UTF-8?B?YQliCmM=?=", "no header holds a break of lines");
    }

    #[test]
    fn a_long_value_is_more_than_one_word() {
        let value = "ä long välue of möre than sixty-three bytes, ünd sö it is in twö wörds";
        let encoded = encode(value);
        assert!(encoded.split(' ').count() > 1, "{encoded}");
        assert!(
            encoded.split(' ').all(|word| word.starts_with("=?UTF-8?Q?") && word.len() <= 75),
            "{encoded}"
        );
    }
}
