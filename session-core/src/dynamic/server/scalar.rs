//! Simple types as texts, in forms and in XML alike.
//!
//! Timestamps are RFC 3339 unless their shape says otherwise, blobs are base64.
//!
//! Source: Smithy's `awsQuery` and `xml` bindings.

use aws_smithy_types::date_time::Format;
use aws_smithy_types::primitive::{Encoder, Parse};
use aws_smithy_types::{Blob, DateTime, base64};

use crate::dynamic::value::Value;
use crate::model::{Shape, ShapeKind, TimestampFormat};

/// What a client wrote; `None` where it is none of the shape's.
pub(super) fn read(shape: &Shape, text: &str) -> Option<Value> {
    Some(match shape.kind {
        ShapeKind::Byte => i64::from(text.parse::<i8>().ok()?).into(),
        ShapeKind::Short => i64::from(text.parse::<i16>().ok()?).into(),
        ShapeKind::Integer => i64::from(text.parse::<i32>().ok()?).into(),
        ShapeKind::Long => text.parse::<i64>().ok()?.into(),
        ShapeKind::BigInteger => match text.parse::<i64>() {
            Ok(number) => number.into(),
            Err(_) => Value::BigNumber(digits(text, false)?.to_owned()),
        },
        ShapeKind::BigDecimal => Value::BigNumber(digits(text, true)?.to_owned()),
        ShapeKind::Float => f64::from(f32::parse_smithy_primitive(text).ok()?).into(),
        ShapeKind::Double => f64::parse_smithy_primitive(text).ok()?.into(),
        ShapeKind::Boolean => bool::parse_smithy_primitive(text).ok()?.into(),
        ShapeKind::Blob => Blob::new(base64::decode(text).ok()?).into(),
        ShapeKind::Timestamp => {
            let format = match format(shape) {
                Format::DateTime => Format::DateTimeWithOffset,
                other => other,
            };
            DateTime::from_str(text, format).ok()?.into()
        }
        _ => text.into(),
    })
}

/// What a client reads; `None` where the value is none of the shape's.
pub(super) fn write(shape: &Shape, value: &Value) -> Option<String> {
    Some(match shape.kind {
        ShapeKind::Byte => i8::try_from(value.as_i64()?).ok()?.to_string(),
        ShapeKind::Short => i16::try_from(value.as_i64()?).ok()?.to_string(),
        ShapeKind::Integer => i32::try_from(value.as_i64()?).ok()?.to_string(),
        ShapeKind::Long => value.as_i64()?.to_string(),
        ShapeKind::BigInteger | ShapeKind::BigDecimal => match value {
            Value::BigNumber(text) => text.clone(),
            Value::Double(number) => Encoder::from(*number).encode().to_owned(),
            value => value.as_i64()?.to_string(),
        },
        // Narrowing is what the shape asks for.
        ShapeKind::Float => Encoder::from(value.as_f64()? as f32).encode().to_owned(),
        ShapeKind::Double => Encoder::from(value.as_f64()?).encode().to_owned(),
        ShapeKind::Boolean => value.as_bool()?.to_string(),
        ShapeKind::Blob => base64::encode(value.as_blob()?),
        ShapeKind::Timestamp => value.as_timestamp()?.fmt(format(shape)).ok()?,
        _ => value.as_str()?.to_owned(),
    })
}

/// What the shape's values are, as messages say it.
pub(super) fn kind(shape: &Shape) -> &'static str {
    match shape.kind {
        ShapeKind::Structure | ShapeKind::Map => "a map",
        ShapeKind::List => "a list",
        ShapeKind::Byte => "an integer of 8 bits",
        ShapeKind::Short => "an integer of 16 bits",
        ShapeKind::Integer => "an integer of 32 bits",
        ShapeKind::Long => "an integer of 64 bits",
        ShapeKind::BigInteger => "an integer",
        ShapeKind::BigDecimal | ShapeKind::Float | ShapeKind::Double => "a number",
        ShapeKind::Boolean => "a boolean",
        ShapeKind::Blob => "a blob",
        ShapeKind::Timestamp => "a timestamp",
        ShapeKind::String | ShapeKind::Character => "a string",
    }
}

fn format(shape: &Shape) -> Format {
    match shape.timestamp_format {
        Some(TimestampFormat::Unix) => Format::EpochSeconds,
        Some(TimestampFormat::Rfc822) => Format::HttpDate,
        Some(TimestampFormat::Iso8601) | None => Format::DateTime,
    }
}

/// The text, where it is a number of any length.
fn digits(text: &str, fraction: bool) -> Option<&str> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let whole = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    let begins = unsigned.starts_with(|first: char| first.is_ascii_digit());
    let decimal = fraction && begins && text.parse::<f64>().is_ok();
    (whole || decimal).then_some(text)
}
