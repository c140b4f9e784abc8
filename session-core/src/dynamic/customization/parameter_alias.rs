//! Members that boto3 calls by another name than the model.

use super::{Customized, Value, refuse};
use crate::error::Error;

/// The service's endpoint prefix, boto3's name, and the model's.
const ALIASES: [(&str, &str, &str); 3] = [
    ("ec2", "Filters", "Filter"),
    ("logs", "fromTime", "from"),
    ("cloudsearchdomain", "returnFields", "return"),
];

/// Gives a member the model's name. Both names at once are refused.
pub(super) fn rename(this: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    let service = this.schemas.model.metadata().endpoint_prefix;
    let Value::Map(entries) = input else { return Ok(()) };
    for (_, alias, name) in ALIASES.iter().filter(|row| row.0 == service) {
        let modeled = |name: &str| this.plan.input.member(name).is_some();
        let given = |name: &str| entries.iter().any(|(given, _)| given == name);
        if modeled(alias) || !modeled(name) || !given(alias) {
            continue;
        }
        if given(name) {
            return Err(refuse(format!("{alias} and {name} are two names of one member: give one of them")));
        }
        for (given, _) in entries.iter_mut().filter(|(given, _)| given == alias) {
            *given = (*name).to_owned();
        }
    }
    Ok(())
}
