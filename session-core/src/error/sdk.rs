//! From the SDK's errors to ours: the only such table.

use std::borrow::Cow;
use std::error::Error as StdError;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_runtime_api::client::waiters::error::WaiterError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;

use super::{Error, ErrorKind};
use crate::gate;
use crate::service::ServiceName;

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        let origin = Origin::of::<E>();
        let status = error.raw_response().map(|response| response.status().as_u16());
        let request_id = error.raw_response().and_then(request_id);
        let code = error.code().map(str::to_owned);
        let (kind, message) = if gate::is_closed(&error) {
            (ErrorKind::ScopeClosed, gate::ScopeClosed::MESSAGE.into())
        } else {
            match &error {
                SdkError::ConstructionFailure(_) => match credentials_missing(&error) {
                    true => no_credentials(),
                    false => match refused_by_us(&error) {
                        Some(ours) => (ours.kind(), ours.message().to_owned().into()),
                        None => (ErrorKind::InvalidInput, "the request could not be built".into()),
                    },
                },
                SdkError::TimeoutError(_) => (ErrorKind::Timeout, "the operation timed out".into()),
                SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                    (ErrorKind::Timeout, "the connection timed out".into())
                }
                SdkError::DispatchFailure(_) if credentials_missing(&error) => no_credentials(),
                SdkError::DispatchFailure(_) => {
                    (ErrorKind::Dispatch, "the request could not be sent or its answer was lost".into())
                }
                SdkError::ResponseError(_) => (ErrorKind::Dispatch, "the answer could not be read".into()),
                _ => {
                    let code = code.as_deref().unwrap_or_default();
                    let message = error.message().filter(|message| !message.is_empty());
                    let told = message.map(str::to_owned).map(Cow::Owned);
                    let kind = kind_of(code, status, origin.operation.as_deref());
                    (kind, told.unwrap_or_else(|| untold(code, status)))
                }
            }
        };
        let mut converted = Self::new(kind, message).with_source(error);
        converted.0.service = origin.service;
        converted.0.operation = origin.operation.map(Cow::Owned);
        converted.0.code = code;
        converted.0.request_id = request_id;
        converted.0.status = status;
        converted
    }
}

impl<O, E> From<WaiterError<O, E>> for Error
where
    O: std::fmt::Debug + Send + Sync + 'static,
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn from(error: WaiterError<O, E>) -> Self {
        match error {
            WaiterError::OperationFailed(failed) => Self::from(failed.into_error()),
            other => {
                let kind = match &other {
                    _ if gate::is_closed(&other) => ErrorKind::ScopeClosed,
                    WaiterError::ExceededMaxWait(_) => ErrorKind::Timeout,
                    _ => ErrorKind::Service,
                };
                Self::new(kind, other.to_string()).with_source(other)
            }
        }
    }
}

impl From<BuildError> for Error {
    fn from(source: BuildError) -> Self {
        Self::new(ErrorKind::InvalidInput, source.to_string()).with_source(source)
    }
}

impl From<aws_smithy_types::byte_stream::error::Error> for Error {
    fn from(source: aws_smithy_types::byte_stream::error::Error) -> Self {
        let (kind, message) = match gate::is_closed(&source) {
            true => (ErrorKind::ScopeClosed, gate::ScopeClosed::MESSAGE),
            false => (ErrorKind::Dispatch, "the body could not be read to its end"),
        };
        Self::new(kind, message).with_source(source)
    }
}

/// Service and operation, read from the path of the SDK's error type. Rust does not promise the form
/// of type names, so nothing but the text of a message depends on it, and an unknown form says nothing.
struct Origin {
    service: Option<ServiceName>,
    operation: Option<String>,
}

impl Origin {
    fn of<E>() -> Self {
        let path = std::any::type_name::<E>();
        let operation = path.rsplit("::").next().and_then(|name| name.strip_suffix("Error"));
        let service = path
            .strip_prefix("aws_sdk_")
            .and_then(|rest| rest.split("::").next())
            .and_then(|name| ServiceName::new(name.to_owned()).ok());
        match (path.contains("::operation::"), operation) {
            (true, Some(operation)) => Self { service, operation: Some(operation.to_owned()) },
            _ => Self { service, operation: None },
        }
    }
}

fn no_credentials() -> (ErrorKind, Cow<'static, str>) {
    let message = "no credentials were found: give the session aws_access_key_id and aws_secret_access_key \
                   or a profile_name, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; looked in \
                   environment, profile, web identity, container and instance metadata";
    (ErrorKind::NoCredentials, message.into())
}

fn credentials_missing(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source()).any(|error| {
        use aws_credential_types::provider::error::CredentialsError;
        matches!(error.downcast_ref(), Some(CredentialsError::CredentialsNotLoaded(_)))
    })
}

/// Our own error, where an interceptor of the session layer refused the operation with it.
fn refused_by_us<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    std::iter::successors(Some(error), |&error| error.source()).find_map(|error| error.downcast_ref())
}

fn untold(code: &str, status: Option<u16>) -> Cow<'static, str> {
    match (code, status) {
        ("", Some(status)) => format!("the service answered with status {status}").into(),
        ("", None) => "the service answered with an error".into(),
        (code, _) => code.to_owned().into(),
    }
}

fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id"]
        .into_iter()
        .find_map(|name| response.headers().get(name))
        .map(str::to_owned)
}

/// The kind of a service error: by its code, else by its status (a HEAD has no body, and so no code).
fn kind_of(code: &str, status: Option<u16>, operation: Option<&str>) -> ErrorKind {
    match code {
        "ResourceInUseException" if operation == Some("CreateTable") => ErrorKind::AlreadyExists,
        "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "EntityAlreadyExists"
        | "TableAlreadyExistsException" => ErrorKind::AlreadyExists,
        "ConditionalCheckFailedException"
        | "TransactionCanceledException"
        | "PreconditionFailed"
        | "ConditionalRequestConflict"
        | "NotModified" => ErrorKind::ConditionFailed,
        "SlowDown"
        | "Throttling"
        | "ThrottlingException"
        | "ThrottledException"
        | "RequestThrottled"
        | "RequestThrottledException"
        | "RequestLimitExceeded"
        | "TooManyRequestsException"
        | "ProvisionedThroughputExceededException"
        | "TransactionInProgressException"
        | "BandwidthLimitExceeded"
        | "LimitExceededException"
        | "PriorRequestNotComplete"
        | "EC2ThrottledException" => ErrorKind::Throttled,
        "AccessDenied"
        | "AccessDeniedException"
        | "AllAccessDisabled"
        | "AuthFailure"
        | "ExpiredToken"
        | "ExpiredTokenException"
        | "InvalidAccessKeyId"
        | "InvalidClientTokenId"
        | "InvalidSignatureException"
        | "SignatureDoesNotMatch"
        | "UnauthorizedOperation"
        | "UnrecognizedClientException" => ErrorKind::AccessDenied,
        "BadDigest"
        | "EntityTooLarge"
        | "EntityTooSmall"
        | "IncompleteBody"
        | "KeyTooLongError"
        | "MalformedXML"
        | "MetadataTooLarge"
        | "MissingContentLength"
        | "SerializationException"
        | "ValidationException"
        | "ValidationError" => ErrorKind::InvalidInput,
        "RequestTimeout" | "RequestTimeoutException" => ErrorKind::Timeout,
        _ if code.starts_with("NoSuch") || code.ends_with("NotFound") => ErrorKind::NotFound,
        _ if code.ends_with("NotFoundException") => ErrorKind::NotFound,
        _ if code.ends_with("AlreadyExistsException") => ErrorKind::AlreadyExists,
        _ if code.starts_with("Invalid") => ErrorKind::InvalidInput,
        _ => match status {
            Some(404) => ErrorKind::NotFound,
            Some(401 | 403) => ErrorKind::AccessDenied,
            Some(304 | 412) => ErrorKind::ConditionFailed,
            Some(429) => ErrorKind::Throttled,
            Some(503) if code.is_empty() => ErrorKind::Throttled,
            _ => ErrorKind::Service,
        },
    }
}
