//! What the models say of a waiter, read from the service's `waiters`: which answers mean success, failure, or another
//! attempt.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value as Json;

use super::super::call::Answer;
use super::super::jmespath::{Expression, equal};
use super::super::value::Value;
use crate::error::{Error, ErrorKind};

/// How to wait for one state.
#[derive(Debug)]
pub(crate) struct Definition {
    /// The operation that is asked.
    pub(crate) operation: String,
    pub(super) delay: Duration,
    pub(super) max_attempts: u32,
    pub(super) acceptors: Vec<Acceptor>,
}

/// The waiters of a service by name, in alphabetical order.
#[derive(Debug, Default)]
pub(crate) struct Definitions(Vec<(String, Arc<Definition>)>);

/// What an answer is compared with, and what it means if it is the same.
#[derive(Debug)]
pub(super) struct Acceptor {
    pub(super) state: State,
    matcher: Matcher,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum State {
    Success,
    Failure,
    Retry,
}

#[derive(Debug)]
enum Matcher {
    /// The expression finds the value.
    Path(Expression, Value),
    /// It finds a list of nothing but the value, and of one at least.
    All(Expression, Value),
    /// It finds a list with the value.
    Any(Expression, Value),
    Status(u16),
    Error(String),
    /// Any error.
    AnyError,
    /// No error.
    NoError,
}

impl Definitions {
    /// Reads them from the extras of a model.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: not of the form of botocore's `waiters-2.json`; names the waiter.
    pub(crate) fn parse(extras: &str) -> Result<Self, Error> {
        let mut written = crate::model::part(extras, "waiters")
            .map_err(|source| broken("the waiters of the model are broken").with_source(source))?;
        let Some(written) = written.as_object_mut() else { return Ok(Self::default()) };
        written.sort_keys();
        let mut definitions = Vec::with_capacity(written.len());
        for (name, written) in written {
            let definition = Definition::read(written)
                .map_err(|source| broken(format!("the waiter {name} is broken")).with_source(source))?;
            definitions.push((name.clone(), Arc::new(definition)));
        }
        Ok(Self(definitions))
    }

    /// The waiter of that name, such as `InstanceRunning`; `None` where there is none.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Definition>> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?;
        Some(&self.0.get(at)?.1)
    }

    /// The names of all waiters, in alphabetical order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl Definition {
    /// From an entry of `waiters-2.json`.
    fn read(written: &Json) -> Result<Self, Error> {
        let number = |key: &str| {
            let number = written[key].as_u64().and_then(|number| u32::try_from(number).ok());
            number.ok_or_else(|| broken(format!("{key} is {}", written[key])))
        };
        let (delay, max_attempts) = (number("delay")?, number("maxAttempts")?);
        let acceptors = written["acceptors"].as_array().ok_or_else(|| broken("there are no acceptors"))?;
        Ok(Self {
            operation: text(written, "operation")?.to_owned(),
            delay: Duration::from_secs(delay.into()),
            max_attempts,
            acceptors: acceptors.iter().map(Acceptor::read).collect::<Result<_, Error>>()?,
        })
    }
}

fn text<'w>(written: &'w Json, key: &str) -> Result<&'w str, Error> {
    written[key].as_str().ok_or_else(|| broken(format!("{key} is {}", written[key])))
}

fn broken(told: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, told.into())
}

impl Acceptor {
    fn read(written: &Json) -> Result<Self, Error> {
        let state = match text(written, "state")? {
            "success" => State::Success,
            "failure" => State::Failure,
            "retry" => State::Retry,
            other => return Err(broken(format!("there is no state `{other}`"))),
        };
        let (matcher, expected) = (text(written, "matcher")?, written["expected"].clone());
        let argument = written["argument"].as_str();
        let path = || Expression::parse(argument.unwrap_or_default());
        let matcher = match (matcher, expected) {
            ("path", expected) => Matcher::Path(path()?, expected.into()),
            ("pathAll", expected) => Matcher::All(path()?, expected.into()),
            ("pathAny", expected) => Matcher::Any(path()?, expected.into()),
            ("error", Json::String(code)) => Matcher::Error(code),
            ("error", Json::Bool(true)) => Matcher::AnyError,
            ("error", Json::Bool(false)) => Matcher::NoError,
            ("status", expected) if expected.as_u64().is_some_and(|status| status < 1_000) => {
                Matcher::Status(
                    expected.as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default(),
                )
            }
            (matcher, expected) => {
                return Err(broken(format!("there is no acceptor `{matcher}` of {expected}")));
            }
        };
        Ok(Self { state, matcher })
    }
}

impl Acceptor {
    /// Whether the answer is what the acceptor expects. An expression that cannot be evaluated, such as the length of
    /// what is absent, expects something else.
    pub(super) fn accepts(&self, answer: &Result<Answer, Error>) -> bool {
        let found = |expression: &Expression| {
            let answer = answer.as_ref().ok()?;
            expression.search(&answer.value).ok().map(|found| found.into_owned())
        };
        match (&self.matcher, answer) {
            (Matcher::Path(expression, expected), _) => {
                found(expression).is_some_and(|found| equal(&found, expected))
            }
            (Matcher::All(expression, expected), _) => match found(expression) {
                Some(Value::List(found)) => !found.is_empty() && found.iter().all(|one| equal(one, expected)),
                _ => false,
            },
            (Matcher::Any(expression, expected), _) => match found(expression) {
                Some(Value::List(found)) => found.iter().any(|one| equal(one, expected)),
                _ => false,
            },
            (Matcher::Status(expected), Ok(answer)) => answer.status == *expected,
            (Matcher::Status(expected), Err(error)) => error.status() == Some(*expected),
            // An answer without a body has no code but its status, which is the code that boto gives it.
            (Matcher::Error(expected), Err(error)) => match (error.code(), error.status()) {
                (Some(code), _) => code == expected,
                (None, status) => status.is_some_and(|status| *expected == status.to_string()),
            },
            (Matcher::AnyError, answer) => answer.is_err(),
            (Matcher::NoError, answer) => answer.is_ok(),
            (Matcher::Error(_), Ok(_)) => false,
        }
    }
}

impl fmt::Display for Acceptor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.matcher {
            Matcher::Path(expression, expected) => write!(f, "`{}` is {expected}", expression.text()),
            Matcher::All(expression, expected) => write!(f, "all of `{}` are {expected}", expression.text()),
            Matcher::Any(expression, expected) => write!(f, "one of `{}` is {expected}", expression.text()),
            Matcher::Status(status) => write!(f, "the status is {status}"),
            Matcher::Error(code) => write!(f, "the service answered {code}"),
            Matcher::AnyError => f.write_str("the service answered with an error"),
            Matcher::NoError => f.write_str("the service answered without an error"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_waiter_that_nobody_can_read_is_named() {
        let acceptor = json!({"state": "success", "matcher": "status", "expected": 200});
        let waiter = json!({"operation": "Boil", "delay": 5, "maxAttempts": 3, "acceptors": [acceptor]});
        let parse = |waiter: &Json| Definitions::parse(&json!({"waiters": {"Hot": waiter}}).to_string());
        assert_eq!(parse(&waiter).unwrap().find("Hot").unwrap().max_attempts, 3);
        for (pointer, value, told) in [
            ("/operation", json!(1), "operation is 1"),
            ("/delay", json!(-1), "delay is -1"),
            ("/maxAttempts", json!("three"), "maxAttempts is \"three\""),
            ("/acceptors", json!({}), "there are no acceptors"),
            ("/acceptors/0/state", json!("lukewarm"), "there is no state `lukewarm`"),
            ("/acceptors/0/matcher", json!("taste"), "there is no acceptor `taste` of 200"),
            ("/acceptors/0/expected", json!(1_000), "there is no acceptor `status` of 1000"),
        ] {
            let mut waiter = waiter.clone();
            *waiter.pointer_mut(pointer).unwrap() = value;
            let error = parse(&waiter).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::InvalidConfig, "the waiter Hot is broken")
            );
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains(told), "{cause}");
        }
    }
}
