//! The one error of the session layer: a kind for code to act on, a chain for a person to read.
//!
//! A typed SDK client keeps the SDK's own errors. Every one of them converts into [`Error`] with `?`,
//! so a function that opens scopes and calls operations needs one error type.

#[cfg(feature = "dynamic")]
mod modeled;
mod sdk;

#[cfg(feature = "dynamic")]
pub(crate) use self::modeled::{of_answer_body, of_event, of_modeled};
#[cfg(feature = "dynamic")]
pub(crate) use self::sdk::of_credentials;

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;

use aws_smithy_types::byte_stream::error::Error as ByteStreamError;

use crate::service::ServiceName;

/// The first error of that type in the chain of `error`, itself included.
pub(crate) fn in_chain<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}

/// A boxed source of an [`Error`].
pub type BoxError = Box<dyn StdError + Send + Sync + 'static>;

/// What went wrong, as far as code can act on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// The bucket, object, table, item or other resource does not exist.
    NotFound,
    /// A resource of that name exists already.
    AlreadyExists,
    /// A condition or precondition of the request did not hold.
    ConditionFailed,
    /// The identity is unknown, expired, or not allowed to do this.
    AccessDenied,
    /// The service asks for fewer requests; trying again later can succeed.
    Throttled,
    /// The service or the session layer refused the parameters. Trying again cannot succeed.
    InvalidInput,
    /// The answer did not come in time. **The request may have been carried out.**
    Timeout,
    /// The request could not be sent or its answer could not be read.
    /// **It may have been carried out**, unless no connection was made.
    Dispatch,
    /// All connections that the client may have were taken for too long; nothing was sent. See
    /// [`max_pool_connections`](crate::ClientConfigBuilder::max_pool_connections).
    PoolTimeout,
    /// The service reported an error that no other kind describes.
    Service,
    /// The scope or session was closed before or during the call. Never retried.
    ScopeClosed,
    /// Only some of the parts of static credentials were given.
    PartialCredentials,
    /// No credentials were found where the session looks for them.
    NoCredentials,
    /// The named profile is in neither of the configuration files.
    ProfileNotFound,
    /// A setting of the session or the client has no meaning or cannot be honoured.
    InvalidConfig,
    /// No service has that name, or this backend does not offer it.
    UnknownService,
    /// The service needs a region and none was given or found.
    MissingRegion,
    /// The text is not the name of a region.
    InvalidRegion,
    /// The text is not an endpoint URL.
    InvalidEndpoint,
    /// A local file could not be read or written.
    Io,
}

/// An error of a session, a client or a resource.
///
/// `Display` speaks of its own level only; the cause is in [`source`](StdError::source). Secrets are in neither.
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: Cow<'static, str>,
    service: Option<ServiceName>,
    operation: Option<Cow<'static, str>>,
    code: Option<String>,
    request_id: Option<String>,
    status: Option<u16>,
    source: Option<BoxError>,
}

impl Error {
    /// An error of `kind`, told in `message`: lower case, no full stop, and never a secret.
    pub fn new(kind: ErrorKind, message: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            service: None,
            operation: None,
            code: None,
            request_id: None,
            status: None,
            source: None,
        }))
    }

    /// The same error with its cause.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<BoxError>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// The same error, said to come from `service`.
    #[must_use]
    pub fn with_service(mut self, service: ServiceName) -> Self {
        self.0.service = Some(service);
        self
    }

    /// The same error, said to come from `operation`, such as `PutItem`.
    #[must_use]
    pub fn with_operation(mut self, operation: impl Into<Cow<'static, str>>) -> Self {
        self.0.operation = Some(operation.into());
        self
    }

    /// The same error with the service's own code, such as `NoSuchKey`.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.0.code = Some(code.into());
        self
    }

    /// What kind of error this is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message alone, without operation and code.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The service that the failed call was for, where known.
    pub fn service(&self) -> Option<&ServiceName> {
        self.0.service.as_ref()
    }

    /// The operation that failed, such as `PutItem`, where known.
    pub fn operation(&self) -> Option<&str> {
        self.0.operation.as_deref()
    }

    /// The service's own error code, such as `NoSuchKey` or `ConditionalCheckFailedException`.
    pub fn code(&self) -> Option<&str> {
        self.0.code.as_deref()
    }

    /// The id under which AWS logged the request.
    pub fn request_id(&self) -> Option<&str> {
        self.0.request_id.as_deref()
    }

    /// The HTTP status of the answer, if there was one.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// Whether the resource does not exist.
    pub fn is_not_found(&self) -> bool {
        self.kind() == ErrorKind::NotFound
    }

    /// Whether a resource of that name exists already.
    pub fn is_already_exists(&self) -> bool {
        self.kind() == ErrorKind::AlreadyExists
    }

    /// Whether a condition of the request did not hold.
    pub fn is_condition_failed(&self) -> bool {
        self.kind() == ErrorKind::ConditionFailed
    }

    /// Whether the identity is not allowed to do this.
    pub fn is_access_denied(&self) -> bool {
        self.kind() == ErrorKind::AccessDenied
    }

    /// Whether the service asks for fewer requests.
    pub fn is_throttled(&self) -> bool {
        self.kind() == ErrorKind::Throttled
    }

    /// Whether the scope or the session was closed.
    pub fn is_closed(&self) -> bool {
        self.kind() == ErrorKind::ScopeClosed
    }

    /// Whether the same request can succeed if it is sent again: throttling, time-outs, lost connections
    /// and server errors (status 5xx).
    ///
    /// The SDK has already retried such errors as often as the client's retry configuration says.
    pub fn is_retryable(&self) -> bool {
        match self.kind() {
            ErrorKind::Throttled | ErrorKind::Timeout | ErrorKind::Dispatch | ErrorKind::PoolTimeout => true,
            ErrorKind::Service => self.status().is_some_and(|status| status >= 500 && status != 501),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { message, service, operation, code, .. } = &*self.0;
        match (operation, service) {
            (Some(operation), Some(service)) => write!(f, "{operation} on {service} failed: ")?,
            (Some(operation), None) => write!(f, "{operation} failed: ")?,
            (None, _) => {}
        }
        f.write_str(message)?;
        match code {
            Some(code) if !message.contains(code.as_str()) => write!(f, " ({code})"),
            _ => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { kind, message, service, operation, code, request_id, status, source } = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug.field("kind", kind).field("message", message);
        let mut some = |name, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                debug.field(name, value);
            }
        };
        some("service", service.as_ref().map(|value| value as _));
        some("operation", operation.as_ref().map(|value| value as _));
        some("code", code.as_ref().map(|value| value as _));
        some("request_id", request_id.as_ref().map(|value| value as _));
        some("status", status.as_ref().map(|value| value as _));
        let told = source.as_deref().map(|source| Chain(source));
        some("source", told.as_ref().map(|value| value as _));
        debug.finish()
    }
}

/// The causes as they are displayed. The `Debug` of an SDK error shows the answer's body, in which services repeat
/// session tokens.
struct Chain<'a>(&'a (dyn StdError + 'static));

impl fmt::Debug for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let causes = std::iter::successors(Some(self.0), |&cause| cause.source());
        f.debug_list().entries(causes.map(ToString::to_string)).finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        // A body that is read as a file is has its errors wrapped into those of files.
        let body = source.get_ref().and_then(|error| error.downcast_ref::<ByteStreamError>());
        if let Some(told) = body.map(|body| Self::of_body(body)) {
            return told.with_source(source);
        }
        let kind = match crate::gate::is_closed(&source) {
            true => ErrorKind::ScopeClosed,
            false => ErrorKind::Io,
        };
        Self::new(kind, source.to_string()).with_source(source)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_message_names_operation_service_and_code_once() {
        let error = Error::new(ErrorKind::ConditionFailed, "the conditional request failed")
            .with_service(ServiceName::from_static("dynamodb"))
            .with_operation("PutItem")
            .with_code("ConditionalCheckFailedException");
        assert_eq!(
            error.to_string(),
            "PutItem on dynamodb failed: the conditional request failed (ConditionalCheckFailedException)"
        );
        assert!(error.is_condition_failed() && !error.is_retryable());
    }

    #[test]
    fn an_error_is_one_word_wide() {
        assert_eq!(std::mem::size_of::<Error>(), std::mem::size_of::<usize>());
    }
}
