//! The primary key of an item, so that two writes of the same item can be told from writes of two.

use aws_sdk_dynamodb::types::{AttributeValue, WriteRequest};
use session_core::{Error, ErrorKind};

use super::Item;
use crate::service::DynamoDb;

/// The values of an item's key attributes, in the order of their names in the key schema; at least one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct ItemKey(Vec<KeyValue>);

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum KeyValue {
    S(String),
    N(Number),
    B(Vec<u8>),
}

impl ItemKey {
    /// The key of an item, or of an item's key alone.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`] names the key attribute that the item lacks or that cannot be one.
    pub(super) fn of(item: &Item, names: &[String]) -> Result<Self, Error> {
        if names.is_empty() {
            // All items would have the same key.
            return Err(refuse("the names of the key attributes are not known".to_owned()));
        }
        let value = |name: &String| match item.get(name) {
            Some(AttributeValue::S(text)) => Ok(KeyValue::S(text.clone())),
            Some(AttributeValue::N(text)) => Ok(KeyValue::N(Number::new(text))),
            Some(AttributeValue::B(bytes)) => Ok(KeyValue::B(bytes.as_ref().to_vec())),
            Some(_) => Err(refuse(format!("key attribute `{name}` is neither S nor N nor B"))),
            None => Err(refuse(format!("the item lacks the key attribute `{name}`"))),
        };
        names.iter().map(value).collect::<Result<_, _>>().map(Self)
    }

    /// The key of the item that a request writes.
    pub(super) fn of_request(request: &WriteRequest, names: &[String]) -> Result<Self, Error> {
        match (&request.put_request, &request.delete_request) {
            (Some(put), _) => Self::of(&put.item, names),
            (None, Some(delete)) => Self::of(&delete.key, names),
            (None, None) => Err(refuse("the write request neither puts nor deletes".to_owned())),
        }
    }
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message).with_service(DynamoDb::NAME).with_operation("BatchWriteItem")
}

/// A number by its value: `1`, `1.0` and `10e-1` are one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Number {
    Decimal {
        negative: bool,
        /// Without zeros at either end.
        digits: String,
        /// Of the last digit.
        exponent: i64,
    },
    /// No number; DynamoDB will say so.
    Not(String),
}

impl Number {
    fn new(text: &str) -> Self {
        Self::parse(text).unwrap_or_else(|| Self::Not(text.to_owned()))
    }

    fn parse(text: &str) -> Option<Self> {
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (negative, mantissa) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa.strip_prefix('+').unwrap_or(mantissa)),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let significant = digits.trim_end_matches('0');
        let zeros = i64::try_from(digits.len() - significant.len()).ok()?;
        let exponent = exponent.checked_sub(i64::try_from(fraction.len()).ok()?)?.checked_add(zeros)?;
        match significant.trim_start_matches('0') {
            "" => Some(Self::Decimal { negative: false, digits: String::new(), exponent: 0 }),
            digits => Some(Self::Decimal { negative, digits: digits.to_owned(), exponent }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_keys_by_their_value() {
        for same in ["1", "1.0", "+1", "01", "10e-1", "0.1E1", "0.001e3"] {
            assert_eq!(Number::new(same), Number::new("1"), "{same}");
        }
        assert_eq!(Number::new("-0.0"), Number::new("0"));
        assert_ne!(Number::new("-1"), Number::new("1"));
        let nines = "99999999999999999999999999999999999999";
        assert_ne!(Number::new(nines), Number::new("99999999999999999999999999999999999998"));
        assert_eq!(Number::new("one"), Number::Not("one".into()));
        assert_eq!(Number::new("."), Number::Not(".".into()));
    }

    #[test]
    fn an_item_without_its_key_is_refused_by_the_attribute_s_name() {
        let item = Item::from([("pk".to_owned(), AttributeValue::S("a".into()))]);
        let error = ItemKey::of(&item, &["pk".into(), "sk".into()]).unwrap_err();
        assert!(error.kind() == ErrorKind::InvalidInput && error.to_string().contains("`sk`"), "{error}");
    }

    #[test]
    fn there_is_no_key_without_attributes() {
        let item = Item::from([("pk".to_owned(), AttributeValue::S("a".into()))]);
        assert_eq!(ItemKey::of(&item, &[]).unwrap_err().kind(), ErrorKind::InvalidInput);
    }

    proptest! {
        #[test]
        fn shifting_the_point_does_not_change_a_number(digits in "[1-9][0-9]{0,30}", shift in 0..40usize) {
            let shifted = format!("{digits}{}e-{shift}", "0".repeat(shift));
            prop_assert_eq!(Number::new(&shifted), Number::new(&digits));
        }

        #[test]
        fn any_text_can_be_asked(text in ".*") {
            let _ = Number::new(&text);
        }
    }
}
