//! What paginators and waiters need of an operation: that it can be called, again and again.

use std::fmt;

use futures_util::future::BoxFuture;

use super::value::Value;
use crate::error::Error;

/// One operation of a client.
pub(crate) trait Call: fmt::Debug + Send + Sync {
    /// Sends the operation with this input.
    fn call(&self, input: Value) -> BoxFuture<'_, Result<Answer, Error>>;
}

/// What an operation answered.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    /// The output.
    pub(crate) value: Value,
    /// The HTTP status.
    pub(crate) status: u16,
}

/// Answers as a test has written them, and the inputs that came.
#[cfg(test)]
#[derive(Debug, Default)]
pub(crate) struct Script {
    answers: std::sync::Mutex<std::collections::VecDeque<Result<Answer, Error>>>,
    pub(crate) inputs: std::sync::Mutex<Vec<Value>>,
}

#[cfg(test)]
impl Script {
    pub(crate) fn of(answers: impl IntoIterator<Item = Result<Answer, Error>>) -> std::sync::Arc<Self> {
        let answers = std::sync::Mutex::new(answers.into_iter().collect());
        std::sync::Arc::new(Self { answers, ..Self::default() })
    }

    /// Answers with status 200.
    pub(crate) fn of_outputs(outputs: impl IntoIterator<Item = serde_json::Value>) -> std::sync::Arc<Self> {
        Self::of(outputs.into_iter().map(|output| Ok(Answer { value: output.into(), status: 200 })))
    }

    pub(crate) fn inputs(&self) -> Vec<String> {
        self.inputs.lock().unwrap().iter().map(ToString::to_string).collect()
    }
}

#[cfg(test)]
impl Call for Script {
    fn call(&self, input: Value) -> BoxFuture<'_, Result<Answer, Error>> {
        self.inputs.lock().unwrap().push(input);
        let answer = self.answers.lock().unwrap().pop_front();
        Box::pin(async move { answer.expect("the script has an answer") })
    }
}
