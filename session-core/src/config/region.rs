//! The name of a region.

use std::fmt;
use std::str::FromStr;

use crate::error::{Error, ErrorKind};

/// A well-formed region name such as `eu-west-1`; whether AWS has such a region is for AWS to say.
///
/// Letters, digits and hyphens, 1 to 63 of them, not digits alone, no hyphen at either end
/// (boto3's own rule, S-25).
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RegionName(String);

impl RegionName {
    /// A region name from text.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidRegion`] names the text and the rule it breaks.
    pub fn new(name: impl Into<String>) -> Result<Self, Error> {
        let name = name.into();
        let rule = if name.is_empty() {
            "it is empty"
        } else if name.len() > 63 {
            "it is longer than 63 characters"
        } else if !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            "only letters, digits and hyphens are allowed"
        } else if name.starts_with('-') || name.ends_with('-') {
            "it begins or ends with a hyphen"
        } else if name.bytes().all(|byte| byte.is_ascii_digit()) {
            "it has only digits"
        } else {
            return Ok(Self(name));
        };
        let shown: String = name.chars().take(80).collect();
        Err(Error::new(
            ErrorKind::InvalidRegion,
            format!(
                "region_name `{}` is not a region name such as `eu-west-1`: {rule}",
                shown.escape_debug()
            ),
        ))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The region that a pseudo-region such as `fips-us-gov-west-1` or `us-east-1-fips` means; `None` for any other.
    pub(crate) fn of_fips_pseudo_region(&self) -> Option<Self> {
        let region = self.0.strip_prefix("fips-").or_else(|| self.0.strip_suffix("-fips"))?;
        Self::new(region).ok()
    }
}

impl FromStr for RegionName {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        Self::new(name)
    }
}

impl fmt::Display for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for RegionName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<RegionName> for aws_types::region::Region {
    fn from(name: RegionName) -> Self {
        Self::new(name.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_malformed_region_is_named_with_its_rule() {
        assert_eq!(RegionName::new("eu-west-1").unwrap().as_str(), "eu-west-1");
        for (wrong, rule) in [
            ("", "empty"),
            ("eu_west_1", "only letters"),
            ("-eu", "hyphen"),
            ("12345", "only digits"),
            ("us-east-1\n", "only letters"),
        ] {
            let error = RegionName::new(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidRegion);
            assert!(error.to_string().contains(rule), "{error}");
        }
        assert!(RegionName::new("a".repeat(63)).is_ok() && RegionName::new("a".repeat(64)).is_err());
    }
}
