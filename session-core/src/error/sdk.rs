//! From the SDK's errors to ours: the only such table.

use std::borrow::Cow;
use std::error::Error as StdError;

use aws_credential_types::provider::error::{CredentialsError, TokenError};
use aws_smithy_runtime_api::client::interceptors::error::InterceptorError;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::{ConnectorError, SdkError};
use aws_smithy_runtime_api::client::waiters::error::WaiterError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use aws_smithy_types::error::operation::BuildError;

use super::{Error, ErrorKind, Inner, in_chain};
use crate::gate;
use crate::pool::PoolTimeout;
use crate::service::ServiceName;

const UNREADABLE: &str = "the answer could not be read";

impl<E> From<SdkError<E, HttpResponse>> for Error
where
    E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::of_operation(error, Origin::of::<E>())
    }
}

/// The error of credentials that were asked for by ourselves.
#[cfg(feature = "dynamic")]
pub(crate) fn of_credentials(error: CredentialsError) -> Error {
    let (kind, message) = credentials_failed(&error)
        .unwrap_or((ErrorKind::NoCredentials, "the credentials could not be obtained".into()));
    Error::new(kind, message).with_source(error)
}

impl Error {
    pub(super) fn of_operation<E>(error: SdkError<E, HttpResponse>, origin: Origin) -> Self
    where
        E: ProvideErrorMetadata + StdError + Send + Sync + 'static,
    {
        let status = error.raw_response().map(|response| response.status().as_u16());
        let request_id = error.raw_response().and_then(request_id);
        let code = error.code().map(str::to_owned);
        let (kind, message) = if gate::is_closed(&error) {
            (ErrorKind::ScopeClosed, gate::ScopeClosed::MESSAGE.into())
        } else if let Some(full) = in_chain::<PoolTimeout>(&error) {
            (ErrorKind::PoolTimeout, full.to_string().into())
        } else {
            match &error {
                SdkError::ConstructionFailure(_) => local(&error)
                    .unwrap_or_else(|| (ErrorKind::InvalidInput, "the request could not be built".into())),
                SdkError::TimeoutError(_) => (ErrorKind::Timeout, "the operation timed out".into()),
                SdkError::DispatchFailure(failure) if failure.is_timeout() => {
                    (ErrorKind::Timeout, "the connection timed out".into())
                }
                SdkError::DispatchFailure(_) => local(&error).unwrap_or_else(|| {
                    (ErrorKind::Dispatch, "the request could not be sent or its answer was lost".into())
                }),
                SdkError::ResponseError(_) if is_stalled(&error) => {
                    (ErrorKind::Timeout, "the answer stopped arriving".into())
                }
                SdkError::ResponseError(_) => match refused_by_us(&error) {
                    Some(ours) => (ours.kind(), ours.message().to_owned().into()),
                    None => (ErrorKind::Dispatch, UNREADABLE.into()),
                },
                // What the SDK cannot make sense of it calls an error of the service, whatever the service said.
                _ if code.is_none() && status.is_some_and(|status| (200..300).contains(&status)) => {
                    (ErrorKind::Dispatch, UNREADABLE.into())
                }
                _ => {
                    let code = code.as_deref().unwrap_or_default();
                    let message = error.message().filter(|message| !message.is_empty());
                    let told = message.map(str::to_owned).map(Cow::Owned);
                    let kind =
                        kind_of(code, status, origin.operation.as_deref(), message.unwrap_or_default());
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
        Self::of_body(&source).with_source(source)
    }
}

impl Error {
    /// What an error says that ended a body, without its cause.
    pub(super) fn of_body(source: &(dyn StdError + 'static)) -> Self {
        if gate::is_closed(source) {
            return Self::new(ErrorKind::ScopeClosed, gate::ScopeClosed::MESSAGE);
        }
        if let Some(ours) = refused_by_us(source) {
            let Inner { kind, message, service, operation, code, request_id, status, source: _ } = &*ours.0;
            return Self(Box::new(Inner {
                kind: *kind,
                message: message.clone(),
                service: service.clone(),
                operation: operation.clone(),
                code: code.clone(),
                request_id: request_id.clone(),
                status: *status,
                source: None,
            }));
        }
        match is_stalled(source) {
            true => Self::new(ErrorKind::Timeout, "the body stopped arriving"),
            false => Self::new(ErrorKind::Dispatch, "the body could not be read to its end"),
        }
    }
}

/// Whether stalled-stream protection gave up. The type of its error is not public; if its words change, the answer
/// counts as lost, which is retried as well.
fn is_stalled(error: &(dyn StdError + 'static)) -> bool {
    std::iter::successors(Some(error), |&error| error.source())
        .any(|error| error.to_string().starts_with("minimum throughput was specified"))
}

/// Service and operation, read from the path of the SDK's error type. Rust does not promise the form
/// of type names, so nothing but the text of a message depends on it, and an unknown form says nothing.
pub(super) struct Origin {
    pub(super) service: Option<ServiceName>,
    pub(super) operation: Option<String>,
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

/// What to say of a request that was refused on this side, by whom it may be: nothing was sent.
fn local(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    credentials_failed(error)
        .or_else(|| token_failed(error))
        .or_else(|| refused_by_us(error).map(|ours| (ours.kind(), ours.message().to_owned().into())))
        .or_else(|| endpoint_unresolved(error))
        .or_else(|| refused_by_hook(error))
}

/// What to say where an interceptor ended the operation with an error of its own.
fn refused_by_hook(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    let why = in_chain::<InterceptorError>(error)?.source().map(ToString::to_string).unwrap_or_default();
    Some((ErrorKind::InvalidInput, format!("an interceptor refused the request: {why}").into()))
}

/// What to say of a request that was not sent because there was nothing to sign it with.
fn credentials_failed(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    let failed = in_chain::<CredentialsError>(error)?;
    Some(match failed {
        CredentialsError::CredentialsNotLoaded(_) => {
            let message = "no credentials were found: give the session aws_access_key_id and \
                           aws_secret_access_key, or a profile_name that has some; AWS_ACCESS_KEY_ID and \
                           AWS_SECRET_ACCESS_KEY count only where no profile_name is given in code";
            (ErrorKind::NoCredentials, format!("{message}{}", places_tried(failed)).into())
        }
        CredentialsError::ProviderTimedOut(_) => {
            (ErrorKind::Timeout, "the credentials did not come in time, and nothing was sent".into())
        }
        CredentialsError::InvalidConfiguration(_) => {
            (ErrorKind::InvalidConfig, "the credentials provider is configured wrongly".into())
        }
        _ if in_chain::<ConnectorError>(failed).is_some() => {
            let message = "the credentials could not be fetched, for their service was not reached, and nothing was sent";
            (ErrorKind::Dispatch, message.into())
        }
        _ => {
            let message = "the credentials could not be obtained, and nothing was sent: renew the login, or see \
                           whether the role may be assumed";
            (ErrorKind::AccessDenied, message.into())
        }
    })
}

/// What to say of a request that was not sent because there was no bearer token to send with it.
fn token_failed(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    Some(match in_chain::<TokenError>(error)? {
        TokenError::TokenNotLoaded(_) => (
            ErrorKind::NoCredentials,
            "no bearer token was found, and nothing was sent: log in to the sso_session of the session's profile".into(),
        ),
        TokenError::ProviderTimedOut(_) => {
            (ErrorKind::Timeout, "the bearer token did not come in time, and nothing was sent".into())
        }
        TokenError::InvalidConfiguration(_) => {
            (ErrorKind::InvalidConfig, "the token provider is configured wrongly".into())
        }
        _ => (
            ErrorKind::AccessDenied,
            "the bearer token could not be obtained, and nothing was sent: renew the login".into(),
        ),
    })
}

/// What to say of a request that has no endpoint, such as one for an ARN of another region. Nothing was sent.
fn endpoint_unresolved(error: &(dyn StdError + 'static)) -> Option<(ErrorKind, Cow<'static, str>)> {
    // The rules compiled into SDK clients have an error of their own.
    let of_rules = in_chain::<aws_smithy_http::endpoint::error::ResolveEndpointError>(error);
    let of_runtime =
        || in_chain::<aws_smithy_runtime_api::client::endpoint::error::ResolveEndpointError>(error);
    let told = of_rules.map(ToString::to_string).or_else(|| of_runtime().map(ToString::to_string))?;
    Some((
        ErrorKind::InvalidInput,
        format!("no endpoint for this request, and nothing was sent: {told}").into(),
    ))
}

/// The providers that found nothing, as far as the chain of them says so: it does on several lines.
fn places_tried(failed: &CredentialsError) -> String {
    let told = failed.source().map(ToString::to_string).unwrap_or_default();
    let lines: Vec<_> = told.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    match lines.as_slice() {
        [] => String::new(),
        [_, attempts @ ..] if !attempts.is_empty() => format!(" (tried: {})", attempts.join("; ")),
        [only, ..] => format!(" (tried: {only})"),
    }
}

/// Our own error, where an interceptor of the session layer refused the operation with it.
fn refused_by_us<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a Error> {
    in_chain(error)
}

pub(super) fn untold(code: &str, status: Option<u16>) -> Cow<'static, str> {
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
pub(super) fn kind_of(code: &str, status: Option<u16>, operation: Option<&str>, message: &str) -> ErrorKind {
    match code {
        "TransactionCanceledException" => kind_of_cancellation(message),
        "ResourceInUseException" if operation == Some("CreateTable") => ErrorKind::AlreadyExists,
        "BucketAlreadyExists"
        | "BucketAlreadyOwnedByYou"
        | "EntityAlreadyExists"
        | "TableAlreadyExistsException" => ErrorKind::AlreadyExists,
        "ConditionalCheckFailedException"
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
        | "TransactionConflictException"
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
        | "IncompleteSignature"
        | "InvalidClientTokenId"
        | "InvalidIdentityToken"
        | "InvalidToken"
        | "RequestExpired"
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
        _ if code.ends_with("NotFoundException") || code.ends_with("NonExistentQueue") => ErrorKind::NotFound,
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

/// The kind of a cancelled transaction, whose message lists a reason for each of its items:
/// `… specific reasons [None, ConditionalCheckFailed]`.
fn kind_of_cancellation(message: &str) -> ErrorKind {
    let any = |reasons: &[&str]| reasons.iter().any(|reason| message.contains(reason));
    if any(&["ConditionalCheckFailed"]) {
        ErrorKind::ConditionFailed
    } else if any(&["TransactionConflict", "Throttling", "ThroughputExceeded"]) {
        ErrorKind::Throttled
    } else if any(&["ValidationError", "ItemCollectionSizeLimitExceeded"]) {
        ErrorKind::InvalidInput
    } else {
        ErrorKind::ConditionFailed
    }
}

#[cfg(test)]
mod tests {
    use aws_smithy_types::error::ErrorMetadata;

    use super::*;

    #[test]
    fn a_failed_login_is_no_lost_answer() {
        let told = |error: CredentialsError| {
            let failure = ConnectorError::other(Box::new(error), None);
            Error::from(SdkError::<ErrorMetadata, HttpResponse>::dispatch_failure(failure))
        };
        let expired = told(CredentialsError::provider_error("the SSO session has expired"));
        assert_eq!(expired.kind(), ErrorKind::AccessDenied);
        assert!(!expired.is_retryable() && expired.to_string().contains("nothing was sent"), "{expired}");
        let nowhere =
            told(CredentialsError::not_loaded("none in chain:\n  Profile: empty\n  Container: not set"));
        assert_eq!(nowhere.kind(), ErrorKind::NoCredentials);
        assert!(nowhere.to_string().ends_with("(tried: Profile: empty; Container: not set)"), "{nowhere}");
        let unnamed = told(CredentialsError::not_loaded_no_source());
        assert!(unnamed.to_string().ends_with("given in code"), "{unnamed}");
        assert_eq!(told(CredentialsError::invalid_configuration("x")).kind(), ErrorKind::InvalidConfig);
    }

    #[test]
    fn a_cancelled_transaction_is_of_the_kind_of_its_reasons() {
        for (reasons, kind) in [
            ("[None, ConditionalCheckFailed]", ErrorKind::ConditionFailed),
            ("[TransactionConflict, None]", ErrorKind::Throttled),
            ("[ValidationError]", ErrorKind::InvalidInput),
        ] {
            let message = format!("Transaction cancelled, please refer cancellation reasons {reasons}");
            assert_eq!(kind_of("TransactionCanceledException", Some(400), None, &message), kind);
        }
    }
}
