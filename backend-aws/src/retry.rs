//! Retry settings of environment and profile, checked before the SDK reads them: it would panic.

use std::str::FromStr;

use aws_smithy_types::retry::RetryMode;
use session_core::{Error, ErrorKind, Origin};

use crate::environment::Environment;
use crate::profile::Profiles;

/// Checks `AWS_MAX_ATTEMPTS` and `AWS_RETRY_MODE` and their profile properties.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`] names the setting, its origin, its value and what is allowed.
pub(crate) fn check(environment: &Environment, profiles: &Profiles) -> Result<(), Error> {
    // Blank variables count here, since the SDK takes them for values.
    let found = |variable: &'static str, property: &str| {
        let in_environment = environment.verbatim(variable);
        let in_environment = in_environment.map(|value| (value, Origin::Environment(variable.into())));
        in_environment.or_else(|| Some((profiles.sections().get(property)?, profiles.origin())))
    };
    let refuse = |property: &str, value: &str, origin: Origin, allowed: &str| {
        let message = format!("{property} `{}` (from {origin}) must be {allowed}", value.escape_debug());
        Err(Error::new(ErrorKind::InvalidConfig, message))
    };
    match found("AWS_MAX_ATTEMPTS", "max_attempts") {
        Some((value, origin)) if !value.parse::<u32>().is_ok_and(|attempts| attempts > 0) => {
            return refuse("max_attempts", value, origin, "a whole number from 1");
        }
        _ => {}
    }
    match found("AWS_RETRY_MODE", "retry_mode") {
        Some((value, origin)) if RetryMode::from_str(value).is_err() => {
            let allowed = "`standard` or `adaptive`: the AWS SDK for Rust has no other";
            refuse("retry_mode", value, origin, allowed)
        }
        _ => Ok(()),
    }
}
