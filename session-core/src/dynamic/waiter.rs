//! Waiters: an operation asked again and again until its answer means that a state is reached.
//!
//! What the models say of answers is in `waiter/definition.rs`; here is the loop, which sleeps as the client does, so that
//! a test can move its time and the end of a scope cuts its pauses short.
//!
//! Source: botocore's `waiter.py`; the deadline is the SDK's, whose waiters take one where boto3's have none.

mod definition;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use futures_util::future::{Either, select};

use super::call::{Answer, Call};
use super::value::Value;
use crate::error::{Error, ErrorKind};

use definition::{Acceptor, State};
pub(crate) use definition::{Definition, Definitions};

/// A wait for a state, such as `InstanceRunning`. Nothing is sent before [`wait`](Self::wait) is awaited.
///
/// # Source
/// boto3's waiters and their `WaiterConfig`.
#[must_use = "a waiter waits when `wait` is awaited"]
#[derive(Clone)]
pub struct Waiter {
    name: String,
    definition: Arc<Definition>,
    call: Arc<dyn Call>,
    sleep: SharedAsyncSleep,
    input: Value,
    delay: Duration,
    max_attempts: u32,
}

impl Waiter {
    pub(crate) fn new(
        name: impl Into<String>,
        definition: Arc<Definition>,
        call: Arc<dyn Call>,
        sleep: SharedAsyncSleep,
    ) -> Self {
        let (delay, max_attempts) = (definition.delay, definition.max_attempts);
        Self {
            name: name.into(),
            definition,
            call,
            sleep,
            input: Value::Map(Vec::new()),
            delay,
            max_attempts,
        }
    }

    /// The operation's input: what to wait for. Default: none.
    pub fn input(mut self, input: impl Into<Value>) -> Self {
        self.input = input.into();
        self
    }

    /// How long to pause between two attempts. Default: what the model says, such as 15 s for `InstanceRunning`.
    pub fn delay(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// How often to ask at most; 0 counts as 1. Default: what the model says, such as 40 for `InstanceRunning`.
    pub fn max_attempts(mut self, max_attempts: u32) -> Self {
        self.max_attempts = max_attempts;
        self
    }

    /// Asks until the state is reached, and gives the answer that said so; null where that was an expected error, such
    /// as the one of a table that is gone. `max` is the time for all of it, a request in flight included.
    ///
    /// # Errors
    /// - [`ErrorKind::Timeout`]: `max` is over, or all attempts are used; what was last seen is in a [`WaiterFailure`]
    /// - [`ErrorKind::Service`]: an answer means that the state will not be reached; that answer is in a
    ///   [`WaiterFailure`]
    /// - what the operation reports and the waiter does not expect, as it is
    ///
    /// # Cancellation
    /// Dropping the future ends the wait; a request in flight may be carried out.
    pub async fn wait(self, max: Duration) -> Result<Value, Error> {
        let deadline = self.sleep.sleep(max);
        let mut seen = Seen::default();
        let asked = {
            let ask = std::pin::pin!(self.ask(&mut seen));
            match select(ask, deadline).await {
                Either::Left((asked, _)) => Some(asked),
                Either::Right(_) => None,
            }
        };
        match asked {
            Some(Ok(Asked::Reached(value))) => Ok(value),
            Some(Ok(Asked::Failed)) => {
                let why = seen.accepted.clone().unwrap_or_default();
                Err(self.failure(ErrorKind::Service, format!("the state cannot be reached: {why}"), seen))
            }
            Some(Ok(Asked::TooOften)) => {
                Err(self.failure(ErrorKind::Timeout, "all attempts are used".into(), seen))
            }
            Some(Err(error)) => Err(error),
            None => Err(self.failure(ErrorKind::Timeout, format!("{max:?} are over"), seen)),
        }
    }

    async fn ask(&self, seen: &mut Seen) -> Result<Asked, Error> {
        loop {
            let answer = self.call.call(self.input.clone()).await;
            seen.attempts += 1;
            // What was not answered is no state of anything.
            let answer = match answer {
                Err(error) if !is_answer(&error) => return Err(error),
                answer => answer,
            };
            let accepted = self.definition.acceptors.iter().find(|acceptor| acceptor.accepts(&answer));
            seen.accepted = accepted.map(Acceptor::to_string).or(seen.accepted.take());
            match (accepted.map(|acceptor| acceptor.state), answer) {
                (Some(State::Success), Ok(answer)) => return Ok(Asked::Reached(answer.value)),
                (Some(State::Success), Err(_)) => return Ok(Asked::Reached(Value::Null)),
                (Some(State::Failure), answer) => {
                    seen.last = Some(answer);
                    return Ok(Asked::Failed);
                }
                (None, Err(error)) => return Err(error),
                (Some(State::Retry) | None, answer) => seen.last = Some(answer),
            }
            if seen.attempts >= self.max_attempts {
                return Ok(Asked::TooOften);
            }
            self.sleep.sleep(self.delay).await;
        }
    }

    fn failure(&self, kind: ErrorKind, reason: String, seen: Seen) -> Error {
        let Seen { attempts, accepted, last } = seen;
        let (answer, error) = match last {
            Some(Ok(answer)) => (Some(answer.value), None),
            Some(Err(error)) => (None, Some(error)),
            None => (None, None),
        };
        let failure = WaiterFailure { waiter: self.name.clone(), reason, attempts, accepted, answer, error };
        Error::new(kind, failure.to_string())
            .with_operation(self.definition.operation.clone())
            .with_source(failure)
    }
}

impl fmt::Debug for Waiter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Waiter")
            .field("name", &self.name)
            .field("delay", &self.delay)
            .field("max_attempts", &self.max_attempts)
            .finish_non_exhaustive()
    }
}

enum Asked {
    Reached(Value),
    Failed,
    TooOften,
}

/// What came so far.
#[derive(Default)]
struct Seen {
    attempts: u32,
    accepted: Option<String>,
    last: Option<Result<Answer, Error>>,
}

/// Whether the error is the service's, and not of the way there.
fn is_answer(error: &Error) -> bool {
    error.code().is_some()
        || (error.status().is_some() && !matches!(error.kind(), ErrorKind::Dispatch | ErrorKind::ScopeClosed))
}

/// Why a wait ended without its state: the cause of the error of [`Waiter::wait`].
///
/// ```
/// use std::error::Error as _;
/// use session_core::Error;
/// use session_core::dynamic::{Value, WaiterFailure};
///
/// fn last_answer(error: &Error) -> Option<&Value> {
///     error.source()?.downcast_ref::<WaiterFailure>()?.last_answer()
/// }
/// ```
#[derive(Debug)]
pub struct WaiterFailure {
    waiter: String,
    reason: String,
    attempts: u32,
    accepted: Option<String>,
    answer: Option<Value>,
    error: Option<Error>,
}

impl WaiterFailure {
    /// The waiter's name, such as `InstanceRunning`.
    pub fn waiter(&self) -> &str {
        &self.waiter
    }

    /// How many answers came.
    pub fn attempts(&self) -> u32 {
        self.attempts
    }

    /// What the last answer that the waiter knows was, such as `` one of `Reservations[].Instances[].State.Name` is
    /// "terminated" ``.
    pub fn last_accepted(&self) -> Option<&str> {
        self.accepted.as_deref()
    }

    /// The last answer; `None` where that was an error, which is then the [`source`](std::error::Error::source).
    pub fn last_answer(&self) -> Option<&Value> {
        self.answer.as_ref()
    }
}

impl fmt::Display for WaiterFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { waiter, reason, attempts, accepted, .. } = self;
        let plural = if *attempts == 1 { "" } else { "s" };
        write!(f, "the waiter {waiter} failed after {attempts} attempt{plural}: {reason}")?;
        match accepted {
            Some(accepted) if !reason.contains(accepted.as_str()) => write!(f, "; last, {accepted}"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for WaiterFailure {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error.as_ref().map(|error| error as _)
    }
}

#[cfg(test)]
mod tests;
