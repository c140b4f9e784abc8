//! Faults: what a request answers when it does not succeed, with DynamoDB's error types.

use http::StatusCode;
use serde_json::{Value, json};

use super::super::engine::error::{CancellationReason, Error};
use super::attribute_value::attributes_to_json;

/// Everything that can be wrong with a request.
#[derive(Debug)]
pub(super) enum Fault {
    /// The body is no JSON; DynamoDB says no more than that.
    Malformed,
    /// The body is JSON of the wrong types.
    Serialization(String),
    /// The same in the words of SearchVectors' reader, which spells `message` as most errors do.
    Misread(String),
    /// The operation does not exist, or not here.
    UnknownOperation(String),
    Engine(Error),
}

impl Fault {
    pub(super) fn serialization(message: impl Into<String>) -> Self {
        Self::Serialization(message.into())
    }

    /// The operation does not exist, or not here.
    pub(super) fn unknown_operation(name: &str) -> Self {
        Self::UnknownOperation(format!("The in-memory DynamoDB does not implement the operation {name}"))
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::Engine(Error::Validation(message.into()))
    }

    /// See [`Error::enveloped`].
    pub(super) fn enveloped(self) -> Self {
        match self {
            Self::Engine(error) => Self::Engine(error.enveloped()),
            other => other,
        }
    }

    pub(super) fn status(&self) -> StatusCode {
        match self {
            Self::Engine(Error::InternalFailure | Error::Modeled { code: "InternalServerError", .. }) => {
                StatusCode::INTERNAL_SERVER_ERROR
            }
            _ => StatusCode::BAD_REQUEST,
        }
    }

    /// The body of the answer.
    pub(super) fn to_json(&self) -> Value {
        const CORAL: &str = "com.amazon.coral.service#";
        match self {
            Self::Malformed => json!({"__type": format!("{CORAL}SerializationException")}),
            Self::Serialization(message) => {
                json!({"__type": format!("{CORAL}SerializationException"), "Message": message})
            }
            Self::Misread(message) => {
                json!({"__type": format!("{CORAL}SerializationException"), "message": message})
            }
            Self::UnknownOperation(message) => {
                json!({"__type": format!("{CORAL}UnknownOperationException"), "message": message})
            }
            Self::Engine(error) => engine_error(error),
        }
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Engine(error)
    }
}

/// The one table from the engine's errors to the API's.
fn engine_error(error: &Error) -> Value {
    const DYNAMODB: &str = "com.amazonaws.dynamodb.v20120810#";
    let message = error.to_string();
    match error {
        Error::Validation(_) => {
            json!({"__type": "com.amazon.coral.validate#ValidationException", "message": message})
        }
        Error::InternalFailure => json!({"__type": "com.amazon.coral.service#InternalFailure"}),
        Error::ResourceNotFound(_) => {
            json!({"__type": format!("{DYNAMODB}ResourceNotFoundException"), "message": message})
        }
        Error::ResourceInUse(_) => {
            json!({"__type": format!("{DYNAMODB}ResourceInUseException"), "message": message})
        }
        Error::Modeled { code, .. } => json!({"__type": format!("{DYNAMODB}{code}"), "message": message}),
        Error::DuplicateItem => {
            json!({"__type": format!("{DYNAMODB}DuplicateItemException"), "message": message})
        }
        Error::IdempotentParameterMismatch => {
            json!({"__type": format!("{DYNAMODB}IdempotentParameterMismatchException"), "Message": message})
        }
        Error::Throttled(throttled) => json!({
            "__type": format!("{DYNAMODB}{}", throttled.code()),
            "message": message,
            "ThrottlingReasons": [{"reason": throttled.reason(), "resource": throttled.resource}],
        }),
        Error::ItemCollectionSizeLimitExceeded => {
            json!({"__type": format!("{DYNAMODB}ItemCollectionSizeLimitExceededException"), "message": message})
        }
        Error::TransactionConflict => {
            json!({"__type": format!("{DYNAMODB}TransactionConflictException"), "message": message})
        }
        Error::TransactionInProgress => {
            json!({"__type": format!("{DYNAMODB}TransactionInProgressException"), "Message": message})
        }
        Error::ExpiredIterator => {
            json!({"__type": format!("{DYNAMODB}ExpiredIteratorException"), "message": message})
        }
        Error::TrimmedDataAccess => {
            json!({"__type": format!("{DYNAMODB}TrimmedDataAccessException"), "message": message})
        }
        Error::ConditionalCheckFailed(item) => {
            let mut body =
                json!({"__type": format!("{DYNAMODB}ConditionalCheckFailedException"), "message": message});
            if let Some(item) = item {
                body["Item"] = attributes_to_json(&item.attributes());
            }
            body
        }
        Error::TransactionCanceled(reasons) => json!({
            "__type": format!("{DYNAMODB}TransactionCanceledException"),
            "Message": message,
            "CancellationReasons": reasons.iter().map(reason).collect::<Vec<_>>(),
        }),
    }
}

fn reason(reason: &CancellationReason) -> Value {
    let mut body = json!({"Code": reason.code()});
    if let Some(message) = reason.message() {
        body["Message"] = message.into();
    }
    if let CancellationReason::ConditionalCheckFailed(Some(item)) = reason {
        body["Item"] = attributes_to_json(&item.attributes());
    }
    body
}
