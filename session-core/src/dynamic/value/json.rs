//! How a value is printed: as JSON, on one line, or with `{:#}` on many.
//!
//! Blobs are base64, timestamps RFC 3339, big numbers their digits, and what JSON has no number for the texts that AWS's
//! JSON protocols use (`NaN`, `Infinity`, `-Infinity`).

use std::fmt::{self, Write};

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::Value;

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let depth = f.alternate().then_some(0);
        print(self, depth, f)
    }
}

/// Prints on one line without a `depth`, else indented by two spaces for each level.
fn print(value: &Value, depth: Option<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let inner = depth.map(|depth| depth + 1);
    match value {
        Value::Null => f.write_str("null"),
        Value::Bool(value) => write!(f, "{value}"),
        Value::Integer(number) => write!(f, "{number}"),
        // `Debug` keeps the fraction of a whole number, and so its kind.
        Value::Double(number) if number.is_finite() => write!(f, "{number:?}"),
        Value::Double(number) => quote(not_finite(*number), f),
        Value::BigNumber(digits) if is_number(digits) => f.write_str(digits),
        Value::BigNumber(digits) => quote(digits, f),
        Value::String(text) => quote(text, f),
        Value::Blob(blob) => quote(&base64(blob.as_ref()), f),
        Value::Timestamp(moment) => quote(&rfc3339(*moment), f),
        Value::List(elements) if elements.is_empty() => f.write_str("[]"),
        Value::Map(entries) if entries.is_empty() => f.write_str("{}"),
        Value::List(elements) => {
            f.write_char('[')?;
            for (position, element) in elements.iter().enumerate() {
                separate(position, inner, f)?;
                print(element, inner, f)?;
            }
            new_line(depth, f)?;
            f.write_char(']')
        }
        Value::Map(entries) => {
            f.write_char('{')?;
            for (position, (name, value)) in entries.iter().enumerate() {
                separate(position, inner, f)?;
                quote(name, f)?;
                f.write_str(if depth.is_some() { ": " } else { ":" })?;
                print(value, inner, f)?;
            }
            new_line(depth, f)?;
            f.write_char('}')
        }
    }
}

fn separate(position: usize, depth: Option<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if position > 0 {
        f.write_char(',')?;
    }
    new_line(depth, f)
}

fn new_line(depth: Option<usize>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match depth {
        Some(depth) => write!(f, "\n{:1$}", "", depth * 2),
        None => Ok(()),
    }
}

fn quote(text: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    f.write_char('"')?;
    let mut plain = 0;
    for (at, character) in text.char_indices() {
        if character != '"' && character != '\\' && character >= ' ' {
            continue;
        }
        f.write_str(&text[plain..at])?;
        plain = at + character.len_utf8();
        match character {
            '"' | '\\' => write!(f, "\\{character}")?,
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            control => write!(f, "\\u{:04x}", u32::from(control))?,
        }
    }
    f.write_str(&text[plain..])?;
    f.write_char('"')
}

/// Whether the digits are a number by JSON's grammar: anyone may build the variant with any text.
fn is_number(digits: &str) -> bool {
    let unsigned = digits.strip_prefix('-').unwrap_or(digits);
    let (mantissa, exponent) = match unsigned.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (unsigned, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all_digits(whole)
        && (whole == "0" || !whole.starts_with('0'))
        && fraction.is_none_or(all_digits)
        && exponent.is_none_or(|exponent| all_digits(exponent.strip_prefix(['+', '-']).unwrap_or(exponent)))
}

/// The text for a double that is no number of JSON's.
pub(super) fn not_finite(number: f64) -> &'static str {
    if number.is_nan() {
        "NaN"
    } else if number > 0.0 {
        "Infinity"
    } else {
        "-Infinity"
    }
}

/// The double for a text of [`not_finite`].
pub(super) fn parse_not_finite(text: &str) -> Option<f64> {
    match text {
        "NaN" => Some(f64::NAN),
        "Infinity" => Some(f64::INFINITY),
        "-Infinity" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

pub(super) fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

pub(super) fn parse_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// In UTC, to the nanosecond, for which the SDK's own format stops at microseconds. A moment outside of the years 1 to
/// 9999 is told in seconds since 1970.
pub(super) fn rfc3339(moment: DateTime) -> String {
    let Ok(mut text) = DateTime::from_secs(moment.secs()).fmt(Format::DateTime) else {
        return moment.as_secs_f64().to_string();
    };
    if moment.has_subsec_nanos() {
        let fraction = format!("{:09}", moment.subsec_nanos());
        text.insert_str(text.len() - 1, &format!(".{}", fraction.trim_end_matches('0')));
    }
    text
}

pub(super) fn parse_rfc3339(text: &str) -> Option<DateTime> {
    DateTime::from_str(text, Format::DateTimeWithOffset).ok()
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::Blob;
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn it_prints_json() {
        let value = Value::from([
            ("Text", Value::from("a \"b\"\n\u{1}é")),
            ("Bytes", Value::from(Blob::new("hi"))),
            ("At", Value::from(DateTime::from_secs(0))),
            ("Numbers", Value::List(vec![1.into(), 2.0.into(), f64::NAN.into(), u128::MAX.into()])),
            ("Empty", Value::List(vec![])),
        ]);
        assert_eq!(
            value.to_string(),
            r#"{"Text":"a \"b\"\n\u0001é","Bytes":"aGk=","At":"1970-01-01T00:00:00Z","Numbers":[1,2.0,"NaN",340282366920938463463374607431768211455],"Empty":[]}"#
        );
        assert_eq!(
            format!("{:#}", Value::from(json!({ "A": [1, { "B": null }] }))),
            "{\n  \"A\": [\n    1,\n    {\n      \"B\": null\n    }\n  ]\n}"
        );
    }

    #[test]
    fn a_big_number_that_is_none_is_quoted() {
        for (digits, printed) in
            [("12e+3", "12e+3"), ("-0.5", "-0.5"), ("007", "\"007\""), ("1,2", "\"1,2\"")]
        {
            assert_eq!(Value::BigNumber(digits.into()).to_string(), printed);
        }
    }

    proptest! {
        #[test]
        fn any_text_prints_as_serde_json_reads_it(text in ".*") {
            let printed = Value::from(text.as_str()).to_string();
            prop_assert_eq!(serde_json::from_str::<String>(&printed).unwrap(), text);
        }
    }
}
