//! Ids of Route 53: an answer has `/hostedzone/Z1`, a request wants `Z1`.

use super::super::schema::Direction;
use super::{Customized, Value};
use crate::error::Error;

/// The shapes of members that take an id.
const IDS: [&str; 3] = ["ResourceId", "DelegationSetId", "ChangeId"];

/// Leaves of each id what follows its last slash.
pub(super) fn shorten(this: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    for member in &this.plan.input.members {
        if let Some(Value::String(id)) = input.get_mut(member.name) {
            let is_id = || IDS.contains(&this.schemas.node(member.target, Direction::Input).name);
            if let Some((_, short)) = id.rsplit_once('/').filter(|_| is_id()) {
                *id = short.to_owned();
            }
        }
    }
    Ok(())
}
