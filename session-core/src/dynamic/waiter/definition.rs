//! What the models say of a waiter, read from the service's `waiters`: which answers mean success, failure, or another
//! attempt.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

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

/// The waiters of a service by name.
#[derive(Debug, Default)]
pub(crate) struct Definitions(BTreeMap<String, Arc<Definition>>);

/// What an answer is compared with, and what it means if it is the same.
#[derive(Debug)]
pub(super) struct Acceptor {
    pub(super) state: State,
    matcher: Matcher,
}

/// What an answer means.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq)]
#[serde(rename_all = "lowercase")]
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
        #[derive(Deserialize)]
        struct Extras {
            #[serde(default)]
            waiters: BTreeMap<String, Written>,
        }
        let extras: Extras = serde_json::from_str(extras).map_err(|source| {
            Error::new(ErrorKind::InvalidConfig, "the waiters of the model are broken").with_source(source)
        })?;
        let definitions = extras.waiters.into_iter().map(|(name, written)| {
            let definition = written.parse().map_err(|source| {
                let told = format!("the waiter {name} is broken");
                Error::new(ErrorKind::InvalidConfig, told).with_source(source)
            })?;
            Ok((name, Arc::new(definition)))
        });
        Ok(Self(definitions.collect::<Result<_, Error>>()?))
    }

    /// The waiter of that name, such as `InstanceRunning`; `None` where there is none.
    pub(crate) fn find(&self, name: &str) -> Option<&Arc<Definition>> {
        self.0.get(name)
    }

    /// The names of all waiters, in alphabetical order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// An entry of `waiters-2.json`.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Written {
    operation: String,
    delay: u32,
    max_attempts: u32,
    acceptors: Vec<WrittenAcceptor>,
}

#[derive(Deserialize)]
struct WrittenAcceptor {
    state: State,
    matcher: String,
    argument: Option<String>,
    expected: serde_json::Value,
}

impl Written {
    fn parse(self) -> Result<Definition, Error> {
        let acceptors = self.acceptors.into_iter().map(WrittenAcceptor::parse);
        Ok(Definition {
            operation: self.operation,
            delay: Duration::from_secs(self.delay.into()),
            max_attempts: self.max_attempts,
            acceptors: acceptors.collect::<Result<_, Error>>()?,
        })
    }
}

impl WrittenAcceptor {
    fn parse(self) -> Result<Acceptor, Error> {
        let Self { state, matcher, argument, expected } = self;
        let path = || Expression::parse(argument.as_deref().unwrap_or_default());
        let matcher = match (matcher.as_str(), expected) {
            ("path", expected) => Matcher::Path(path()?, expected.into()),
            ("pathAll", expected) => Matcher::All(path()?, expected.into()),
            ("pathAny", expected) => Matcher::Any(path()?, expected.into()),
            ("error", serde_json::Value::String(code)) => Matcher::Error(code),
            ("error", serde_json::Value::Bool(true)) => Matcher::AnyError,
            ("error", serde_json::Value::Bool(false)) => Matcher::NoError,
            ("status", expected) if expected.as_u64().is_some_and(|status| status < 1_000) => {
                Matcher::Status(
                    expected.as_u64().and_then(|status| status.try_into().ok()).unwrap_or_default(),
                )
            }
            (matcher, expected) => {
                let told = format!("there is no acceptor `{matcher}` of {expected}");
                return Err(Error::new(ErrorKind::InvalidConfig, told));
            }
        };
        Ok(Acceptor { state, matcher })
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
