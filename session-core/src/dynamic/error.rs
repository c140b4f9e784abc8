//! What a service answers when it refuses: the error of an operation of any service.

use std::error::Error as StdError;
use std::fmt;

use aws_smithy_types::error::metadata::{ErrorMetadata, ProvideErrorMetadata};
use aws_smithy_types::retry::{ErrorKind as RetryKind, ProvideErrorKind};

use super::value::Value;
use crate::error::{Error, in_chain};

/// An error that a service answered with.
///
/// An [`Error`] of a model-driven client has it among its causes; [`ServiceFault::of`] finds it there.
#[derive(Clone, Debug, Default)]
pub struct ServiceFault {
    pub(super) metadata: ErrorMetadata,
    pub(super) request_id: Option<String>,
    pub(super) status: u16,
    pub(super) shape: Option<&'static str>,
    pub(super) fields: Value,
    pub(super) retry: Option<RetryKind>,
}

impl ServiceFault {
    /// The fault that caused an error, if a model-driven client's service answered with one.
    ///
    /// ```
    /// # use session_core::{Error, ErrorKind, dynamic::ServiceFault};
    /// let error = Error::new(ErrorKind::Timeout, "no answer in time");
    /// assert!(ServiceFault::of(&error).is_none());
    /// ```
    pub fn of(error: &Error) -> Option<&Self> {
        in_chain(error)
    }

    /// The service's own code, such as `ResourceNotFoundException`; `None` where the answer has none, as that to a HEAD.
    pub fn code(&self) -> Option<&str> {
        self.metadata.code()
    }

    /// What the service says to people.
    pub fn message(&self) -> Option<&str> {
        self.metadata.message()
    }

    /// The id under which AWS logged the request.
    pub fn request_id(&self) -> Option<&str> {
        self.request_id.as_deref()
    }

    /// The HTTP status; of an error that came among events the one that the model gives it, else 400.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The name of the error in the service's model; `None` for an error that the model does not have.
    pub fn shape(&self) -> Option<&'static str> {
        self.shape
    }

    /// What the model says that the error has, beside its message; a map, and empty without a [`shape`](Self::shape).
    pub fn fields(&self) -> &Value {
        &self.fields
    }

    /// Whether the error has that code, or that name in the model.
    pub fn is(&self, name: &str) -> bool {
        self.code() == Some(name) || self.shape == Some(name)
    }
}

impl fmt::Display for ServiceFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.message()) {
            (Some(code), Some(message)) => write!(f, "{code}: {message}"),
            (Some(one), None) | (None, Some(one)) => f.write_str(one),
            (None, None) => write!(f, "the service answered with status {}", self.status),
        }
    }
}

impl StdError for ServiceFault {}

impl ProvideErrorMetadata for ServiceFault {
    fn meta(&self) -> &ErrorMetadata {
        &self.metadata
    }
}

impl ProvideErrorKind for ServiceFault {
    fn retryable_error_kind(&self) -> Option<RetryKind> {
        self.retry
    }

    fn code(&self) -> Option<&str> {
        self.metadata.code()
    }
}
