//! Bucket policies: what the document says, whether it may be said, and what it means for a request.
//!
//! [`document`] reads and checks the JSON in AWS's words, [`principal`], [`action`], [`resource`] and [`condition`] are
//! the elements of a statement, and [`public`] says whether a policy lets in everybody.

mod action;
mod condition;
mod document;
mod principal;
mod public;
mod resource;
#[cfg(test)]
mod tests;
mod wildcard;

use std::sync::Arc;

pub(crate) use action::is_object_action;
pub(crate) use principal::Requester;

use action::Actions;
use condition::Condition;
use principal::Principals;
use resource::Resources;

/// The largest policy that a bucket takes, in bytes.
pub(crate) const MAX_POLICY_BYTES: usize = 20 << 10;

/// Why a text is no policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum PolicyError {
    TooLarge,
    /// The message of `MalformedPolicy`.
    Malformed(String),
}

/// A bucket's policy: the text as it was put, and what it means.
#[derive(Clone, Debug)]
pub(crate) struct Policy {
    text: Arc<str>,
    statements: Arc<[Statement]>,
}

#[derive(Debug)]
struct Statement {
    effect: Effect,
    principals: Principals,
    actions: Actions,
    resources: Resources,
    conditions: Vec<Condition>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Effect {
    Allow,
    Deny,
}

/// What a policy says of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A statement denies it: nothing else counts.
    Denied,
    Allowed,
    /// No statement is about it.
    Silent,
}

/// The values that a request has for condition keys; keys are asked for in lower case.
pub(crate) trait ConditionKeys {
    /// The values of a key, none if the request has no such key.
    fn values(&self, key: &str) -> Option<Vec<String>>;
}

/// What a request asks a policy for.
pub(crate) struct Asked<'r> {
    pub(crate) requester: &'r Requester,
    /// Such as `s3:GetObject`.
    pub(crate) action: &'r str,
    /// `arn:aws:s3:::films` or `arn:aws:s3:::films/metropolis`.
    pub(crate) resource: &'r str,
    pub(crate) keys: &'r dyn ConditionKeys,
}

impl Policy {
    /// The document as it was put.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// An explicit deny beats any allow.
    pub(crate) fn evaluate(&self, asked: &Asked<'_>) -> Verdict {
        let mut verdict = Verdict::Silent;
        for statement in self.statements.iter().filter(|statement| statement.applies(asked)) {
            match statement.effect {
                Effect::Deny => return Verdict::Denied,
                Effect::Allow => verdict = Verdict::Allowed,
            }
        }
        verdict
    }
}

impl Statement {
    fn applies(&self, asked: &Asked<'_>) -> bool {
        self.actions.matches(asked.action)
            && self.resources.matches(asked.resource, asked.keys)
            && self.principals.matches(asked.requester)
            && self.conditions.iter().all(|condition| condition.holds(asked.keys))
    }
}
