//! Whether a policy lets in everybody, as Block Public Access sees it.

use std::str::FromStr;

use super::condition::{Condition, Network};
use super::{Effect, Policy, Statement};

/// The keys that, tied to fixed values, keep a statement for everyone from being public.
const BOUNDARIES: [&str; 16] = [
    "aws:principalaccount",
    "aws:principalarn",
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceip",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "aws:sourceowner",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
];

impl Policy {
    /// Whether a statement allows something to everyone, without a boundary of fixed values.
    pub(crate) fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }
}

impl Statement {
    fn is_public(&self) -> bool {
        self.effect == Effect::Allow
            && self.principals.are_everyone()
            && !self.conditions.iter().any(is_boundary)
    }
}

fn is_boundary(condition: &Condition) -> bool {
    if !BOUNDARIES.contains(&condition.key.as_str()) || !condition.is_fixed() {
        return false;
    }
    condition.key != "aws:sourceip"
        || condition
            .values
            .iter()
            .all(|value| Network::from_str(value).is_ok_and(|network| !network.is_everywhere()))
}
