//! Values: what goes into an operation of a model-driven client, and what comes out.
//!
//! A value is made `From` what Rust has at hand, from [`serde_json::Value`] (so that `json!` does), or from any type that
//! serde can write; it is read by accessors and indices, or into any type that serde can read. `from.rs` has the
//! conversions, `serialize.rs` and `deserialize.rs` serde both ways, `json.rs` how a value is printed.

mod deserialize;
mod from;
mod json;
mod mismatch;
mod serialize;

use std::ops::Index;

use aws_smithy_types::{Blob, DateTime};

/// A value of an operation's input or output.
///
/// Everything that AWS's models know has a variant of its own, blobs and timestamps among them, which JSON lacks.
///
/// ```
/// use serde_json::json;
/// use session_core::dynamic::Value;
///
/// let answer = Value::from(json!({ "Regions": [{ "RegionName": "eu-west-1" }] }));
/// assert_eq!(answer["Regions"][0]["RegionName"].as_str(), Some("eu-west-1"));
/// assert!(answer["Regions"][7]["OptInStatus"].is_null()); // what is absent reads as null
/// assert_eq!(answer.to_string(), r#"{"Regions":[{"RegionName":"eu-west-1"}]}"#);
/// ```
///
/// # With serde
///
/// Any type that implements serde's traits goes in by [`Value::serialize`] and comes out by [`Value::deserialize`]:
///
/// ```
/// use serde::{Deserialize, Serialize};
/// use session_core::dynamic::Value;
///
/// #[derive(Debug, PartialEq, Serialize, Deserialize)]
/// #[serde(rename_all = "PascalCase")]
/// struct Region {
///     region_name: String,
///     opt_in_status: Option<String>,
/// }
///
/// let value = Value::from([("RegionName", "eu-west-1")]);
/// let region: Region = value.deserialize()?;
/// assert_eq!(region, Region { region_name: "eu-west-1".into(), opt_in_status: None });
/// assert_eq!(Value::serialize(&region)?["RegionName"], value["RegionName"]);
/// # Ok::<(), session_core::Error>(())
/// ```
///
/// | variant | read into | written as JSON |
/// |---|---|---|
/// | `Integer` | every integer type that it fits, floats | a number |
/// | `Double` | floats; integers where it is whole and below 2⁵³ | a number; `"NaN"`, `"Infinity"`, `"-Infinity"` |
/// | `BigNumber` | integers that it fits, floats, strings | a number up to `u64`, else its digits as a string |
/// | `Blob` | types that ask for bytes, `Vec<u8>`; strings get base64 | base64 |
/// | `Timestamp` | strings get RFC 3339, numbers seconds since 1970 | RFC 3339, in UTC |
///
/// A `Value` within another type keeps its variant both ways. Under `#[serde(flatten)]` and in untagged enums serde asks
/// for no type, and gets of blobs and timestamps what JSON would have.
///
/// # Source
/// The variants are Smithy's simple types; what a missing member reads as is boto3's rule, which leaves it out.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// Nothing. Of an output it is what is not there.
    #[default]
    Null,
    /// True or false.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// A number with a fraction, or NaN or an infinity.
    Double(f64),
    /// A number that neither of the two can hold, in decimal digits.
    BigNumber(String),
    /// A text.
    String(String),
    /// Bytes.
    Blob(Blob),
    /// A moment.
    Timestamp(DateTime),
    /// Values in order.
    List(Vec<Value>),
    /// Values by name, in the order in which they were given. Equal maps have the same order.
    Map(Vec<(String, Value)>),
}

static NULL: Value = Value::Null;

/// The largest whole number below which a double holds every other: 2⁵³.
const WHOLE: f64 = 9_007_199_254_740_992.0;

impl Value {
    /// Whether there is nothing.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The member of that name; `None` where there is none, and for what is no map.
    ///
    /// ```
    /// # use session_core::dynamic::Value;
    /// let table = Value::from([("TableName", "orders")]);
    /// assert_eq!(table.get("TableName").and_then(Value::as_str), Some("orders"));
    /// assert_eq!(table.get("tablename"), None);
    /// ```
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.as_map()?.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// The member of that name, to be changed; `None` where there is none, and for what is no map.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Value> {
        let Self::Map(entries) = self else { return None };
        entries.iter_mut().find(|(key, _)| key == name).map(|(_, value)| value)
    }

    /// Sets the member of that name, in its place or at the end, and gives back the value it had.
    ///
    /// What is no map becomes one; what it was is lost.
    ///
    /// ```
    /// # use session_core::dynamic::Value;
    /// let mut input = Value::Null;
    /// input.insert("Limit", 5);
    /// assert_eq!(input.insert("Limit", 10), Some(5.into()));
    /// assert_eq!(input.to_string(), r#"{"Limit":10}"#);
    /// ```
    pub fn insert(&mut self, name: impl Into<String>, value: impl Into<Value>) -> Option<Value> {
        let (name, value) = (name.into(), value.into());
        if !matches!(self, Self::Map(_)) {
            *self = Self::Map(Vec::new());
        }
        let Self::Map(entries) = self else { return None };
        match entries.iter_mut().find(|(key, _)| *key == name) {
            Some((_, present)) => Some(std::mem::replace(present, value)),
            None => {
                entries.push((name, value));
                None
            }
        }
    }

    /// Takes the member of that name out; the others keep their order.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        let Self::Map(entries) = self else { return None };
        let at = entries.iter().position(|(key, _)| key == name)?;
        Some(entries.remove(at).1)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// A whole number that fits: an integer, or a double without a fraction below 2⁵³.
    ///
    /// ```
    /// # use session_core::dynamic::Value;
    /// assert_eq!(Value::from(3.0).as_i64(), Some(3));
    /// assert_eq!(Value::from(3.5).as_i64(), None);
    /// assert_eq!(Value::from(u64::MAX).as_i64(), None); // a big number: `to_string` has its digits
    /// ```
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Self::Integer(number) => Some(*number),
            // Within these bounds the conversion is exact.
            Self::Double(number) if number.fract() == 0.0 && number.abs() < WHOLE => Some(*number as i64),
            Self::BigNumber(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// A number, rounded to the nearest that a double can hold.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Integer(number) => Some(*number as f64),
            Self::Double(number) => Some(*number),
            Self::BigNumber(digits) => digits.parse().ok(),
            _ => None,
        }
    }

    /// True or false.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The elements of a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        match self {
            Self::List(elements) => Some(elements),
            _ => None,
        }
    }

    /// The members of a map, in their order.
    pub fn as_map(&self) -> Option<&[(String, Value)]> {
        match self {
            Self::Map(entries) => Some(entries),
            _ => None,
        }
    }

    /// The bytes of a blob.
    pub fn as_blob(&self) -> Option<&[u8]> {
        match self {
            Self::Blob(blob) => Some(blob.as_ref()),
            _ => None,
        }
    }

    /// A moment.
    pub fn as_timestamp(&self) -> Option<DateTime> {
        match self {
            Self::Timestamp(moment) => Some(*moment),
            _ => None,
        }
    }

    /// What kind of value this is, as error messages say it.
    pub(crate) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Integer(_) => "an integer",
            Self::Double(_) => "a number",
            Self::BigNumber(_) => "a big number",
            Self::String(_) => "a string",
            Self::Blob(_) => "a blob",
            Self::Timestamp(_) => "a timestamp",
            Self::List(_) => "a list",
            Self::Map(_) => "a map",
        }
    }
}

/// The member of that name, or [`Value::Null`].
impl Index<&str> for Value {
    type Output = Value;

    fn index(&self, name: &str) -> &Value {
        self.get(name).unwrap_or(&NULL)
    }
}

/// The element at that position from 0, or [`Value::Null`].
impl Index<usize> for Value {
    type Output = Value;

    fn index(&self, position: usize) -> &Value {
        self.as_list().and_then(|elements| elements.get(position)).unwrap_or(&NULL)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;
    use serde::{Deserialize, Serialize};
    use serde_json::json;

    use super::*;

    /// Any value, of a few levels.
    pub(in crate::dynamic) fn values() -> impl Strategy<Value = Value> {
        let moments = (-62_135_596_800_i64..253_402_300_800, 0..1_000_000_000_u32);
        let leaves = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>()
                .prop_filter("NaN is not equal to itself", |number| !number.is_nan())
                .prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            any::<i128>().prop_map(Value::from),
            ".*".prop_map(Value::from),
            any::<Vec<u8>>().prop_map(|bytes| Value::from(Blob::new(bytes))),
            moments.prop_map(|(seconds, nanos)| DateTime::from_secs_and_nanos(seconds, nanos).into()),
        ];
        leaves.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::List),
                prop::collection::btree_map(".*", inner, 0..8).prop_map(|map| map.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_value_within_a_type_keeps_its_variants_both_ways(value in values()) {
            let around = vec![value.clone()];
            let written = Value::serialize(&around).unwrap();
            prop_assert_eq!(&written[0], &value);
            prop_assert_eq!(written.deserialize::<Vec<Value>>().unwrap(), around);
        }

        #[test]
        fn print_serde_and_conversion_agree_on_json(value in values()) {
            let converted = serde_json::Value::from(value.clone());
            prop_assert_eq!(&serde_json::to_value(&value).unwrap(), &converted);
            prop_assert_eq!(&value.deserialize::<serde_json::Value>().unwrap(), &converted);
            prop_assert_eq!(&Value::from(converted.clone()), &serde_json::from_value::<Value>(converted).unwrap());
            let printed: serde_json::Value = serde_json::from_str(&value.to_string()).unwrap();
            let pretty: serde_json::Value = serde_json::from_str(&format!("{value:#}")).unwrap();
            prop_assert_eq!(printed, pretty);
        }
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Everything {
        wide: u128,
        narrow: i8,
        ratio: f32,
        bytes: Vec<u8>,
        at: String,
        seconds: f64,
        state: State,
        by_number: BTreeMap<u16, bool>,
        #[serde(default)]
        missing: Option<Box<Everything>>,
    }

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    enum State {
        Idle,
        Failed { code: u32 },
        Both(u8, u8),
    }

    #[test]
    fn a_type_takes_what_fits_it() {
        let moment = DateTime::from_secs_and_nanos(1, 500_000_000);
        let value = Value::from([
            ("Wide", Value::from(u128::MAX)),
            ("Narrow", (-3.0).into()),
            ("Ratio", 2.into()),
            ("Bytes", Blob::new("ab").into()),
            ("At", moment.into()),
            ("Seconds", moment.into()),
            ("State", Value::from([("Failed", Value::from([("code", 7)]))])),
            ("ByNumber", Value::from([("80", true)])),
            ("Unknown", Value::Null),
        ]);
        let read: Everything = value.deserialize().unwrap();
        let expected = Everything {
            wide: u128::MAX,
            narrow: -3,
            ratio: 2.0,
            bytes: b"ab".to_vec(),
            at: "1970-01-01T00:00:01.5Z".into(),
            seconds: 1.5,
            state: State::Failed { code: 7 },
            by_number: BTreeMap::from([(80, true)]),
            missing: None,
        };
        assert_eq!(read, expected);
        assert_eq!(Value::serialize(&expected).unwrap().deserialize::<Everything>().unwrap(), expected);
        assert_eq!(Value::from("Idle").deserialize::<State>().unwrap(), State::Idle);
        assert_eq!(Value::from(json!({ "Both": [1, 2] })).deserialize::<State>().unwrap(), State::Both(1, 2));
    }

    #[test]
    fn what_does_not_fit_is_told_by_path_and_without_its_text() {
        let value = Value::from(json!({ "Users": [{ "Id": 1 }, { "Id": "hunter2" }] }));
        #[derive(Debug, Deserialize)]
        struct Users {
            #[serde(rename = "Users")]
            _users: Vec<BTreeMap<String, u8>>,
        }
        let error = value.deserialize::<Users>().unwrap_err();
        assert_eq!(error.message(), "value and type do not fit: Users[1].Id: a string where u8 is expected");
        let error = Value::from(300).deserialize::<u8>().unwrap_err();
        assert_eq!(error.message(), "value and type do not fit: 300 where u8 is expected");
        let error = Value::serialize(&BTreeMap::from([([1], 2)])).unwrap_err();
        assert_eq!(error.message(), "value and type do not fit: a list where a name is expected");
    }

    #[test]
    fn an_index_never_fails() {
        let value = Value::from(json!({ "List": [1] }));
        assert_eq!(value["List"][0].as_i64(), Some(1));
        assert!(value["List"][1].is_null() && value["List"]["x"].is_null() && value["x"][0]["y"].is_null());
    }
}
