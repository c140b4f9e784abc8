//! Whether a thing is there: a missing one is an answer, not an error.

use session_core::Error;

/// What `loaded` says about existence.
pub(crate) fn found<T>(loaded: Result<T, Error>) -> Result<bool, Error> {
    match loaded {
        Ok(_) => Ok(true),
        Err(error) if error.is_not_found() => Ok(false),
        Err(error) => Err(error),
    }
}
