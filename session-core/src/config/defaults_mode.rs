//! Defaults modes: AWS's bundles of settings for where a program runs.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::client::{ClientConfig, ClientConfigBuilder};
use crate::error::{Error, ErrorKind};

/// A bundle of defaults, as `AWS_DEFAULTS_MODE` and the profile's `defaults_mode` name them.
///
/// The modes differ in one thing here: how long making a connection may take, if no `connect_timeout` is said. What else
/// they set (standard retries, regional endpoints for STS and for S3 in us-east-1) holds for every client anyway.
///
/// # Source
/// AWS SDKs and Tools reference guide, "Smart configuration defaults".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DefaultsMode {
    /// As the SDK has it: 3.1 s. For boto3 this is its own behaviour of before there were modes.
    Legacy,
    /// 3.1 s.
    Standard,
    /// 1.1 s: the program runs in the region that it calls.
    InRegion,
    /// 3.1 s: it runs in another.
    CrossRegion,
    /// 30 s: it runs on a telephone.
    Mobile,
    /// [`InRegion`](Self::InRegion) or [`CrossRegion`](Self::CrossRegion), by where the program finds itself:
    /// `AWS_EXECUTION_ENV` with `AWS_REGION` or `AWS_DEFAULT_REGION`, else instance metadata;
    /// [`Standard`](Self::Standard) when neither tells.
    Auto,
}

impl DefaultsMode {
    const ALL: [(&'static str, Self); 6] = [
        ("legacy", Self::Legacy),
        ("standard", Self::Standard),
        ("in-region", Self::InRegion),
        ("cross-region", Self::CrossRegion),
        ("mobile", Self::Mobile),
        ("auto", Self::Auto),
    ];

    /// How long making a connection may take. `None` leaves it to the SDK.
    pub(super) fn connect_timeout(self) -> Option<Duration> {
        match self {
            Self::Legacy | Self::Auto => None,
            Self::Standard | Self::CrossRegion => Some(Duration::from_millis(3100)),
            Self::InRegion => Some(Duration::from_millis(1100)),
            Self::Mobile => Some(Duration::from_secs(30)),
        }
    }
}

impl FromStr for DefaultsMode {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let known = Self::ALL.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
        known.map(|(_, mode)| mode).ok_or_else(|| {
            let all = Self::ALL.map(|(name, _)| format!("`{name}`")).join(", ");
            let message = format!("defaults_mode `{}` must be one of {all}", text.escape_debug());
            Error::new(ErrorKind::InvalidConfig, message)
        })
    }
}

impl fmt::Display for DefaultsMode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = Self::ALL.into_iter().find(|(_, mode)| mode == self);
        f.write_str(known.map_or("legacy", |(name, _)| name))
    }
}

impl ClientConfigBuilder {
    /// The bundle of defaults that holds where nothing else is said, default [`DefaultsMode::Legacy`].
    pub fn defaults_mode(mut self, mode: DefaultsMode) -> Self {
        self.settings.defaults_mode = Some(mode);
        self
    }
}

impl ClientConfig {
    /// The bundle of defaults, where said.
    pub fn defaults_mode(&self) -> Option<DefaultsMode> {
        self.settings.defaults_mode
    }

    /// The same settings with `mode` in place of [`DefaultsMode::Auto`]: what a backend found out.
    #[must_use]
    pub fn resolve_defaults_mode(mut self, mode: DefaultsMode) -> Self {
        if self.settings.defaults_mode == Some(DefaultsMode::Auto) {
            self.settings.defaults_mode = Some(mode);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_read_as_they_are_written() {
        for (name, mode) in DefaultsMode::ALL {
            assert_eq!(name.parse::<DefaultsMode>().unwrap(), mode);
            assert_eq!(mode.to_string(), name);
        }
        let error = "fast".parse::<DefaultsMode>().unwrap_err();
        assert!(error.to_string().contains("`fast`") && error.to_string().contains("`in-region`"), "{error}");
    }
}
