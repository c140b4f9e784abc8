//! Items as Rust values, through serde.
//!
//! ```
//! use resources::item::{from_item, to_item};
//! use serde::{Deserialize, Serialize};
//!
//! #[derive(Serialize, Deserialize, PartialEq, Debug)]
//! struct Order {
//!     customer: String,
//!     total: f64,
//!     tags: Vec<String>,
//!     note: Option<String>,
//! }
//!
//! let order = Order { customer: "ada".into(), total: 1.5, tags: vec![], note: None };
//! let item = to_item(&order)?;
//! assert_eq!(item["total"].as_n().unwrap(), "1.5");
//! assert_eq!(from_item::<Order>(item)?, order);
//! # Ok::<(), session_core::Error>(())
//! ```
//!
//! # Numbers
//! DynamoDB's numbers are decimal: 38 digits, 1e-130 to 9.9999999999999999999999999999999999999e125, negative and zero.
//! - Integers of up to 64 bits are written and read exactly.
//! - Floats are written as the shortest decimal that reads back as the same float, and read as the nearest float.
//! - What DynamoDB cannot store is refused here, by the attribute's path: NaN, infinities, floats outside of that range.
//! - A number that does not fit the Rust type is refused: a fraction for an integer, 300 for a `u8`. Nothing is rounded
//!   but a decimal to a float.
//! - Numbers beyond those types are [`AttributeValue::N`], whose text has every digit.
//!
//! # Sets
//! A sequence is a list. For a set say `#[serde(with = "serde_dynamo::string_set")]`, `number_set` or `binary_set`. An
//! empty set is refused, as DynamoDB has none: skip the attribute then.
//!
//! # Source
//! DynamoDB developer guide, "Supported data types and naming rules"; boto3, D-04 to D-08.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use serde::de::DeserializeOwned;
use session_core::{Error, ErrorKind};

use super::Item;
pub use super::failed_condition::{from_cancelled_transaction, from_failed_condition};
use crate::collection::Items;
use crate::service::DynamoDb;

/// The greatest number that DynamoDB stores is below this.
const TOO_LARGE: f64 = 1e126;

/// The least positive number that DynamoDB stores.
const SMALLEST: f64 = 1e-130;

/// The item of a struct or a map.
///
/// # Errors
/// [`InvalidInput`](ErrorKind::InvalidInput) names the attribute that DynamoDB cannot store, and why; or says that the
/// value is no struct or map.
pub fn to_item<T: Serialize + ?Sized>(value: &T) -> Result<Item, Error> {
    match to_attribute_value(value)? {
        AttributeValue::M(item) => Ok(item),
        other => Err(refuse(format!("an item is made of a struct or a map, not of {}", type_of(&other)))),
    }
}

/// The attribute value of any value that has one.
///
/// # Errors
/// [`InvalidInput`](ErrorKind::InvalidInput) names the part that DynamoDB cannot store, and why.
pub fn to_attribute_value<T: Serialize + ?Sized>(value: &T) -> Result<AttributeValue, Error> {
    let mut track = serde_path_to_error::Track::new();
    let serializer = serde_path_to_error::Serializer::new(serde_dynamo::Serializer, &mut track);
    let value: AttributeValue = match value.serialize(serializer) {
        Ok(value) => value.into(),
        Err(error) => {
            return Err(refuse(format!("{} cannot be written: {error}", at(&track.path().to_string()))));
        }
    };
    check(&value, &mut Vec::new())?;
    Ok(value)
}

/// What an item is as a Rust value.
///
/// # Errors
/// [`Service`](ErrorKind::Service) names the attribute that is missing or is not what the type expects.
pub fn from_item<T: DeserializeOwned>(item: Item) -> Result<T, Error> {
    from_attribute_value(AttributeValue::M(item))
}

/// What an attribute value is as a Rust value.
///
/// # Errors
/// As [`from_item`].
pub fn from_attribute_value<T: DeserializeOwned>(value: AttributeValue) -> Result<T, Error> {
    let deserializer = serde_dynamo::Deserializer::from_attribute_value(value.into());
    serde_path_to_error::deserialize(deserializer).map_err(|error| {
        let message = format!("{} cannot be read: {}", at(&error.path().to_string()), error.inner());
        Error::new(ErrorKind::Service, message).with_service(DynamoDb::NAME)
    })
}

impl Items<Item> {
    /// The items as Rust values.
    ///
    /// # Errors
    /// As [`from_item`]: the stream ends at the first item that cannot be read.
    pub fn deserialize<T: DeserializeOwned + Send + 'static>(self) -> Items<T> {
        self.try_map(from_item)
    }
}

/// Refuses what DynamoDB cannot store: serde's types know neither its range of numbers nor that sets have elements.
fn check(value: &AttributeValue, path: &mut Vec<String>) -> Result<(), Error> {
    match value {
        AttributeValue::N(number) => check_number(number, path),
        AttributeValue::Ns(numbers) if !numbers.is_empty() => {
            numbers.iter().try_for_each(|number| check_number(number, path))
        }
        AttributeValue::Ns(_) => Err(empty_set(path)),
        AttributeValue::Ss(elements) if elements.is_empty() => Err(empty_set(path)),
        AttributeValue::Bs(elements) if elements.is_empty() => Err(empty_set(path)),
        AttributeValue::L(elements) => elements.iter().enumerate().try_for_each(|(index, element)| {
            path.push(format!("[{index}]"));
            check(element, path)?;
            path.pop();
            Ok(())
        }),
        AttributeValue::M(entries) => entries.iter().try_for_each(|(name, entry)| {
            path.push(if path.is_empty() { name.clone() } else { format!(".{name}") });
            check(entry, path)?;
            path.pop();
            Ok(())
        }),
        _ => Ok(()),
    }
}

fn check_number(number: &str, path: &[String]) -> Result<(), Error> {
    let Ok(size) = number.parse::<f64>().map(f64::abs) else {
        return Err(refuse(format!("{} is `{number}`, which is no number", at(&path.concat()))));
    };
    // NaN is in no range.
    if size == 0.0 || (SMALLEST..TOO_LARGE).contains(&size) {
        return Ok(());
    }
    let number = if size.is_finite() { format!("{size:e}") } else { number.to_owned() };
    Err(refuse(format!(
        "{} is {number}; DynamoDB stores numbers of 1e-130 to 9.99e125, their negatives, and zero",
        at(&path.concat())
    )))
}

fn empty_set(path: &[String]) -> Error {
    refuse(format!("{} is an empty set, which DynamoDB has not: leave the attribute out", at(&path.concat())))
}

/// `path` as the subject of a sentence.
fn at(path: &str) -> String {
    if path.is_empty() || path == "." { "the value".to_owned() } else { format!("attribute `{path}`") }
}

fn type_of(value: &AttributeValue) -> &'static str {
    match value {
        AttributeValue::S(_) => "a string",
        AttributeValue::N(_) => "a number",
        AttributeValue::B(_) => "bytes",
        AttributeValue::Bool(_) => "a boolean",
        AttributeValue::Null(_) => "nothing",
        AttributeValue::L(_) => "a sequence",
        _ => "a set",
    }
}

fn refuse(message: String) -> Error {
    Error::new(ErrorKind::InvalidInput, message).with_service(DynamoDb::NAME)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
    struct Order {
        id: u64,
        total: f64,
        lines: Vec<Line>,
        note: Option<String>,
        #[serde(with = "serde_dynamo::string_set", default, skip_serializing_if = "BTreeSet::is_empty")]
        tags: BTreeSet<String>,
    }

    #[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
    struct Line {
        price: f32,
        delta: i64,
    }

    fn order() -> Order {
        let lines = vec![Line { price: 0.1, delta: i64::MIN }];
        let tags = BTreeSet::from(["new".to_owned(), "big".to_owned()]);
        Order { id: u64::MAX, total: 0.1 + 0.2, lines, note: None, tags }
    }

    fn refused(value: &impl Serialize) -> String {
        let error = to_item(value).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        error.to_string()
    }

    #[test]
    fn a_struct_comes_back_as_it_was() {
        let item = to_item(&order()).unwrap();
        assert_eq!(item["id"], AttributeValue::N("18446744073709551615".into()));
        assert_eq!(item["total"], AttributeValue::N("0.30000000000000004".into()));
        assert_eq!(item["note"], AttributeValue::Null(true));
        assert!(item["tags"].is_ss());
        assert_eq!(from_item::<Order>(item).unwrap(), order());
    }

    #[test]
    fn a_number_that_dynamodb_cannot_store_is_refused_by_its_attribute() {
        for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e126, -1e126, 1e-131, f64::MIN_POSITIVE] {
            let told = refused(&Order { total: bad, ..order() });
            assert!(told.contains("`total`"), "{told}");
        }
        let lines = vec![Line { price: 1.0, delta: 0 }, Line { price: f32::NAN, delta: 0 }];
        let told = refused(&Order { lines, ..order() });
        assert!(told.contains("`lines[1].price` is NaN"), "{told}");
        for good in [0.0, -0.0, 9.9e125, -9.9e125, 1e-130] {
            to_item(&Order { total: good, ..order() }).unwrap();
        }
    }

    #[test]
    fn an_integer_of_more_than_64_bits_is_refused_by_its_attribute() {
        let told = refused(&BTreeMap::from([("wide", u128::MAX)]));
        assert!(told.contains("`wide`"), "{told}");
    }

    #[test]
    fn an_empty_set_is_refused_by_its_attribute() {
        #[derive(Serialize)]
        struct Tagged {
            #[serde(with = "serde_dynamo::string_set")]
            tags: Vec<String>,
        }
        let told = refused(&Tagged { tags: vec![] });
        assert!(told.contains("`tags` is an empty set"), "{told}");
    }

    #[test]
    fn what_is_no_struct_or_map_is_no_item() {
        assert!(refused(&7).contains("not of a number"));
        assert!(refused(&[1]).contains("not of a sequence"));
    }

    #[test]
    fn an_attribute_of_another_type_is_told_by_its_path() {
        let mut item = to_item(&order()).unwrap();
        item.insert(
            "lines".into(),
            AttributeValue::L(vec![AttributeValue::M(
                [("price".to_owned(), AttributeValue::S("dear".into()))].into(),
            )]),
        );
        let error = from_item::<Order>(item).unwrap_err();
        assert!(
            error.kind() == ErrorKind::Service && error.to_string().contains("`lines[0].price`"),
            "{error}"
        );
    }

    #[test]
    fn a_missing_attribute_is_named() {
        let mut item = to_item(&order()).unwrap();
        item.remove("id");
        let error = from_item::<Order>(item).unwrap_err();
        assert!(error.to_string().contains("id"), "{error}");
    }

    #[test]
    fn a_number_that_does_not_fit_is_not_rounded() {
        for (text, fits) in [("300", false), ("1.5", false), ("-1", false), ("255", true)] {
            let value = AttributeValue::N(text.into());
            assert_eq!(from_attribute_value::<u8>(value).is_ok(), fits, "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_float_in_range_reads_back_as_itself(float in prop::num::f64::NORMAL) {
            match to_attribute_value(&float) {
                Ok(value) => prop_assert_eq!(from_attribute_value::<f64>(value).unwrap(), float),
                Err(_) => prop_assert!(!(1e-130..1e126).contains(&float.abs())),
            }
        }
    }
}
