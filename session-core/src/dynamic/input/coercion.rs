//! What a value may be given as, by what it has to be.

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::super::value::Value;
use crate::model::ShapeKind;

/// Makes `value` what a simple shape wants, in place; says what is allowed where it cannot be.
pub(super) fn coerce(kind: ShapeKind, value: &mut Value) -> Result<(), &'static str> {
    let coerced = match kind {
        ShapeKind::String => matches!(value, Value::String(_)).then_some(None).ok_or("a string"),
        ShapeKind::Character => matches!(value, Value::String(_)).then_some(None).ok_or("a string"),
        ShapeKind::Boolean => matches!(value, Value::Bool(_)).then_some(None).ok_or("a boolean"),
        ShapeKind::Integer => whole(value, i32::MIN.into(), i32::MAX.into()).ok_or("an integer of 32 bits"),
        ShapeKind::Short => whole(value, i16::MIN.into(), i16::MAX.into()).ok_or("an integer of 16 bits"),
        ShapeKind::Byte => whole(value, i8::MIN.into(), i8::MAX.into()).ok_or("an integer of 8 bits"),
        ShapeKind::Long => whole(value, i64::MIN, i64::MAX).ok_or("an integer of 64 bits"),
        ShapeKind::Double | ShapeKind::Float => {
            double(value).ok_or("a number, or \"NaN\", \"Infinity\" or \"-Infinity\"")
        }
        ShapeKind::Timestamp => timestamp(value)
            .ok_or("a timestamp, a number of seconds since 1970, or a string in the form of RFC 3339"),
        ShapeKind::Blob => blob(value).ok_or("a blob, or a string, which means its UTF-8 bytes"),
        ShapeKind::BigInteger => big(value, false).ok_or("an integer, or a string of its digits"),
        ShapeKind::BigDecimal => big(value, true).ok_or("a number, or a string of its digits"),
        ShapeKind::Structure => Err("a map"),
        ShapeKind::List => Err("a list"),
        ShapeKind::Map => Err("a map"),
    }?;
    if let Some(coerced) = coerced {
        *value = coerced;
    }
    Ok(())
}

/// `None` where the value cannot be it; otherwise what to put in its place, if anything.
type Coerced = Option<Option<Value>>;

fn whole(value: &Value, least: i64, most: i64) -> Coerced {
    let fits = |number: i64| (least..=most).contains(&number);
    match value {
        Value::Integer(number) => fits(*number).then_some(None),
        // 2^53: beyond it a double does not say which integer it is.
        Value::Double(number) if number.fract() == 0.0 && number.abs() <= 9_007_199_254_740_992.0 => {
            fits(*number as i64).then_some(Some(Value::Integer(*number as i64)))
        }
        _ => None,
    }
}

fn double(value: &Value) -> Coerced {
    let number = match value {
        Value::Double(_) => return Some(None),
        Value::Integer(number) => *number as f64,
        Value::BigNumber(digits) => digits.parse().ok()?,
        Value::String(text) => match text.as_str() {
            "NaN" => f64::NAN,
            "Infinity" => f64::INFINITY,
            "-Infinity" => f64::NEG_INFINITY,
            _ => return None,
        },
        _ => return None,
    };
    Some(Some(Value::Double(number)))
}

fn timestamp(value: &Value) -> Coerced {
    // Year 9999 is the last that any form can write.
    const LAST: f64 = 253_402_300_799.0;
    let moment = match value {
        Value::Timestamp(_) => return Some(None),
        Value::Integer(seconds) if (*seconds as f64).abs() <= LAST => DateTime::from_secs(*seconds),
        Value::Double(seconds) if seconds.is_finite() && seconds.abs() <= LAST => {
            DateTime::from_secs_f64(*seconds)
        }
        Value::String(text) => DateTime::from_str(text, Format::DateTimeWithOffset).ok()?,
        _ => return None,
    };
    Some(Some(Value::Timestamp(moment)))
}

fn blob(value: &mut Value) -> Coerced {
    match value {
        Value::Blob(_) => Some(None),
        Value::String(text) => Some(Some(Value::Blob(std::mem::take(text).into_bytes().into()))),
        _ => None,
    }
}

fn big(value: &Value, with_fraction: bool) -> Coerced {
    let digits = match value {
        Value::Integer(number) => number.to_string(),
        Value::Double(number) if number.is_finite() && with_fraction => number.to_string(),
        Value::BigNumber(digits) | Value::String(digits) => digits.clone(),
        _ => return None,
    };
    let well_formed = match with_fraction {
        true => digits.parse::<f64>().is_ok_and(f64::is_finite),
        false => {
            let unsigned = digits.strip_prefix('-').unwrap_or(&digits);
            !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit())
        }
    };
    well_formed.then_some(Some(Value::BigNumber(digits)))
}
