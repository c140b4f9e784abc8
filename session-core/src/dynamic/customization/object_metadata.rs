//! Metadata of objects, which travels in headers and so is ASCII.

use super::{Customized, Value, refuse};
use crate::error::Error;

/// Refuses names and values that S3 would store as something else.
pub(super) fn check(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    let metadata = input["Metadata"].as_map().unwrap_or_default();
    let is_ascii = |value: &Value| value.as_str().is_none_or(str::is_ascii);
    match metadata.iter().find(|(name, value)| !name.is_ascii() || !is_ascii(value)) {
        Some((name, _)) => {
            let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
            Err(refuse(format!(
                "Metadata[{shown:?}] has letters that are not ASCII, and S3 keeps no others: encode name and value"
            )))
        }
        None => Ok(()),
    }
}
