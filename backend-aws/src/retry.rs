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
    let is_count = |text: &str| text.parse::<u32>().is_ok_and(|attempts| attempts > 0);
    let is_mode = |text: &str| RetryMode::from_str(text).is_ok();
    let settings: [(_, _, &dyn Fn(&str) -> bool, _); 2] = [
        ("AWS_MAX_ATTEMPTS", "max_attempts", &is_count, "a whole number from 1"),
        (
            "AWS_RETRY_MODE",
            "retry_mode",
            &is_mode,
            "`standard` or `adaptive` (the AWS SDK for Rust has no other)",
        ),
    ];
    for (variable, property, is_allowed, allowed) in settings {
        let in_environment =
            environment.verbatim(variable).map(|value| (value, Origin::Environment(variable.into())));
        let found = in_environment.or_else(|| Some((profiles.sections().get(property)?, profiles.origin())));
        if let Some((value, origin)) = found
            && !is_allowed(value)
        {
            let message = format!("{property} `{}` (from {origin}) must be {allowed}", value.escape_debug());
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
    }
    Ok(())
}
