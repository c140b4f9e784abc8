//! The conditions of a statement: an operator, a key, and the values that are compared with what the request has.

use std::net::IpAddr;
use std::str::FromStr;
use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use serde_json::{Map, Value};

use super::document::Malformed;
use super::{ConditionKeys, wildcard};

/// One operator with one key.
#[derive(Debug)]
pub(super) struct Condition {
    operator: Operator,
    /// Whether the operator says that the comparison must not hold.
    negated: bool,
    quantifier: Quantifier,
    if_exists: bool,
    /// In lower case: keys are the same in any case.
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Operator {
    StringEquals,
    StringEqualsIgnoreCase,
    StringLike,
    Numeric(Order),
    Date(Order),
    Bool,
    BinaryEquals,
    IpAddress,
    ArnLike,
    Null,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Equals,
    LessThan,
    LessThanEquals,
    GreaterThan,
    GreaterThanEquals,
}

/// How the several values of a key are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    One,
    ForAllValues,
    ForAnyValue,
}

/// The keys of S3 that a policy may name; a `/` stands for a key with a tag's name behind it.
const S3_KEYS: [&str; 47] = [
    "s3:accessgrantsinstancearn",
    "s3:accesspointnetworkorigin",
    "s3:accesspointtag/",
    "s3:authtype",
    "s3:buckettag/",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:delimiter",
    "s3:destinationregion",
    "s3:existingobjecttag/",
    "s3:if-match",
    "s3:if-none-match",
    "s3:inventoryaccessibleoptionalfields",
    "s3:isreplicationpauserequest",
    "s3:jobsuspendedcause",
    "s3:locationconstraint",
    "s3:max-keys",
    "s3:object-lock-legal-hold",
    "s3:object-lock-mode",
    "s3:object-lock-remaining-retention-days",
    "s3:object-lock-retain-until-date",
    "s3:objectcreationoperation",
    "s3:prefix",
    "s3:requestobjecttag/",
    "s3:requestobjecttagkeys",
    "s3:resourceaccount",
    "s3:signatureage",
    "s3:signatureversion",
    "s3:tlsversion",
    "s3:versionid",
    "s3:x-amz-acl",
    "s3:x-amz-checksum-algorithm",
    "s3:x-amz-content-sha256",
    "s3:x-amz-copy-source",
    "s3:x-amz-grant-full-control",
    "s3:x-amz-grant-read",
    "s3:x-amz-grant-read-acp",
    "s3:x-amz-grant-write",
    "s3:x-amz-grant-write-acp",
    "s3:x-amz-metadata-directive",
    "s3:x-amz-object-ownership",
    "s3:x-amz-server-side-encryption",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "s3:x-amz-server-side-encryption-customer-algorithm",
    "s3:x-amz-storage-class",
    "s3:x-amz-tagging-directive",
    "s3:x-amz-website-redirect-location",
];

impl Condition {
    pub(super) fn read(statement: &Map<String, Value>) -> Result<Vec<Self>, Malformed> {
        let invalid_json = || Malformed("This policy contains invalid Json".into());
        let blocks = match statement.get("Condition") {
            None => return Ok(Vec::new()),
            Some(Value::Object(blocks)) => blocks,
            Some(_) => return Err(invalid_json()),
        };
        let mut conditions = Vec::new();
        for (operator, keys) in blocks {
            for (key, values) in keys.as_object().ok_or_else(invalid_json)? {
                let values: Option<Vec<String>> = match values {
                    Value::Array(values) => values.iter().map(scalar).collect(),
                    value => scalar(value).map(|text| vec![text]),
                };
                let mut condition = Self::named(operator)?;
                condition.key = key.to_ascii_lowercase();
                condition.values = values.ok_or_else(invalid_json)?;
                if !is_known(&condition.key) {
                    return Err(Malformed("Policy has an invalid condition key".into()));
                }
                if !condition.values.iter().all(|value| condition.operator.takes(value)) {
                    return Err(Malformed("Policy has invalid condition value".into()));
                }
                conditions.push(condition);
            }
        }
        Ok(conditions)
    }

    fn named(text: &str) -> Result<Self, Malformed> {
        let (quantifier, name) = match text.split_once(':') {
            Some(("ForAllValues", name)) => (Quantifier::ForAllValues, name),
            Some(("ForAnyValue", name)) => (Quantifier::ForAnyValue, name),
            _ => (Quantifier::One, text),
        };
        let (name, if_exists) = match name.strip_suffix("IfExists") {
            Some(name) => (name, true),
            None => (name, false),
        };
        let known = Operator::parse(name).filter(|(operator, _)| *operator != Operator::Null || !if_exists);
        let (operator, negated) =
            known.ok_or_else(|| Malformed(format!("Invalid Condition type : {text}")))?;
        Ok(Self { operator, negated, quantifier, if_exists, key: String::new(), values: Vec::new() })
    }

    pub(super) fn holds(&self, keys: &dyn ConditionKeys) -> bool {
        let found = keys.values(&self.key);
        if self.operator == Operator::Null {
            let absent = found.is_none();
            return self.values.iter().any(|value| value.eq_ignore_ascii_case("true") == absent);
        }
        let Some(found) = found else {
            // A key that is not there is unlike every value, and all of none are like any.
            return self.if_exists
                || match self.quantifier {
                    Quantifier::One => self.negated,
                    Quantifier::ForAllValues => true,
                    Quantifier::ForAnyValue => false,
                };
        };
        let matched = |found: &String| {
            let any = self.values.iter().any(|value| {
                wildcard::filled(value, keys).is_some_and(|value| self.operator.compare(&value, found))
            });
            any != self.negated
        };
        match self.quantifier {
            Quantifier::ForAllValues => found.iter().all(matched),
            Quantifier::One | Quantifier::ForAnyValue => found.iter().any(matched),
        }
    }

    /// Whether the condition ties the request to values that are given, with no pattern among them.
    pub(super) fn is_fixed(&self) -> bool {
        let plain = |value: &String| !value.contains(['*', '?']) && !value.contains("${");
        !self.negated
            && !self.if_exists
            && self.quantifier != Quantifier::ForAllValues
            && match self.operator {
                Operator::StringEquals
                | Operator::StringEqualsIgnoreCase
                | Operator::StringLike
                | Operator::ArnLike => self.values.iter().all(plain),
                Operator::IpAddress => true,
                _ => false,
            }
    }
}

impl Operator {
    /// The operator of a name, and whether it is negated.
    fn parse(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "StringEquals" => (Self::StringEquals, false),
            "StringNotEquals" => (Self::StringEquals, true),
            "StringEqualsIgnoreCase" => (Self::StringEqualsIgnoreCase, false),
            "StringNotEqualsIgnoreCase" => (Self::StringEqualsIgnoreCase, true),
            "StringLike" => (Self::StringLike, false),
            "StringNotLike" => (Self::StringLike, true),
            "Bool" => (Self::Bool, false),
            "BinaryEquals" => (Self::BinaryEquals, false),
            "IpAddress" => (Self::IpAddress, false),
            "NotIpAddress" => (Self::IpAddress, true),
            "ArnEquals" | "ArnLike" => (Self::ArnLike, false),
            "ArnNotEquals" | "ArnNotLike" => (Self::ArnLike, true),
            "Null" => (Self::Null, false),
            _ => {
                let numeric = name.strip_prefix("Numeric").and_then(Order::parse);
                let date = || name.strip_prefix("Date").and_then(Order::parse);
                match numeric {
                    Some((order, negated)) => (Self::Numeric(order), negated),
                    None => date().map(|(order, negated)| (Self::Date(order), negated))?,
                }
            }
        })
    }

    /// Whether a policy may compare with this value.
    fn takes(self, value: &str) -> bool {
        if value.contains("${") {
            return true;
        }
        match self {
            Self::Numeric(_) => value.parse::<f64>().is_ok(),
            Self::Date(_) => seconds(value).is_some(),
            Self::Bool | Self::Null => ["true", "false"].iter().any(|word| word.eq_ignore_ascii_case(value)),
            Self::IpAddress => Network::from_str(value).is_ok(),
            _ => true,
        }
    }

    fn compare(self, value: &str, found: &str) -> bool {
        match self {
            Self::StringEquals | Self::BinaryEquals => value == found,
            Self::StringEqualsIgnoreCase | Self::Bool => value.eq_ignore_ascii_case(found),
            Self::StringLike => wildcard::matches(value, found),
            Self::Numeric(order) => {
                let (value, found) = (value.parse::<f64>().ok(), found.parse::<f64>().ok());
                value.zip(found).is_some_and(|(value, found)| order.holds(found, value))
            }
            Self::Date(order) => {
                seconds(value).zip(seconds(found)).is_some_and(|(value, found)| order.holds(found, value))
            }
            Self::IpAddress => {
                let network = Network::from_str(value).ok();
                network.zip(found.parse().ok()).is_some_and(|(network, address)| network.contains(address))
            }
            Self::ArnLike => is_arn_like(value, found),
            Self::Null => false,
        }
    }
}

impl Order {
    fn parse(name: &str) -> Option<(Self, bool)> {
        Some(match name {
            "Equals" => (Self::Equals, false),
            "NotEquals" => (Self::Equals, true),
            "LessThan" => (Self::LessThan, false),
            "LessThanEquals" => (Self::LessThanEquals, false),
            "GreaterThan" => (Self::GreaterThan, false),
            "GreaterThanEquals" => (Self::GreaterThanEquals, false),
            _ => return None,
        })
    }

    fn holds(self, found: f64, value: f64) -> bool {
        match self {
            // Both are read from text, where equal numbers are the same number.
            Self::Equals => found.total_cmp(&value).is_eq(),
            Self::LessThan => found < value,
            Self::LessThanEquals => found <= value,
            Self::GreaterThan => found > value,
            Self::GreaterThanEquals => found >= value,
        }
    }
}

/// Addresses that begin with the same bits: `192.0.2.0/24`, or one address.
#[derive(Clone, Copy, Debug)]
pub(super) struct Network {
    address: IpAddr,
    pub(super) prefix: u8,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let same = |left: u128, right: u128, bits: u8| {
            let unimportant = u32::from(bits.saturating_sub(self.prefix));
            left.checked_shr(unimportant).unwrap_or(0) == right.checked_shr(unimportant).unwrap_or(0)
        };
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => same(u32::from(own).into(), u32::from(other).into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => same(own.into(), other.into(), 128),
            _ => false,
        }
    }

    /// Whether so many addresses are in it that they are no boundary: more than a /8, of version 6 more than a /32.
    pub(super) fn is_everywhere(self) -> bool {
        match self.address {
            IpAddr::V4(_) => self.prefix < 8,
            IpAddr::V6(_) => self.prefix < 32,
        }
    }
}

impl FromStr for Network {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().map_err(drop)?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(drop)?;
        let bits = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.unwrap_or(bits);
        if prefix > bits { Err(()) } else { Ok(Self { address, prefix }) }
    }
}

/// ARNs are compared part by part, so that no star reaches over a colon.
fn is_arn_like(pattern: &str, arn: &str) -> bool {
    let (patterns, parts) = (pattern.splitn(6, ':'), arn.splitn(6, ':'));
    patterns.clone().count() == parts.clone().count()
        && patterns.zip(parts).all(|(pattern, part)| wildcard::matches(pattern, part))
}

/// A date of ISO 8601, or seconds since 1970.
fn seconds(text: &str) -> Option<f64> {
    if let Ok(seconds) = text.parse::<f64>() {
        return Some(seconds);
    }
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let date = DateTime::from_str(&whole, Format::DateTimeWithOffset).ok()?;
    let since = SystemTime::try_from(date).ok()?.duration_since(SystemTime::UNIX_EPOCH).ok()?;
    Some(since.as_secs_f64())
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(_) | Value::Number(_) => Some(value.to_string()),
        _ => None,
    }
}

fn is_known(key: &str) -> bool {
    let known = |known: &&str| match known.strip_suffix('/') {
        Some(_) => key.len() > known.len() && key.starts_with(*known),
        None => key == *known,
    };
    key.strip_prefix("aws:").is_some_and(|name| !name.is_empty()) || S3_KEYS.iter().any(known)
}
