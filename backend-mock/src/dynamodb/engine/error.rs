//! What an operation answers when it does not succeed, in DynamoDB's words.

use std::sync::Arc;

use super::item::Item;
use super::throttling::Throttled;

/// Every failure of the engine.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub(crate) enum Error {
    /// The request makes no sense, or not for this table.
    #[error("{0}")]
    Validation(String),
    /// A table or an index does not exist.
    #[error("{0}")]
    ResourceNotFound(String),
    /// A table exists already.
    #[error("{0}")]
    ResourceInUse(String),
    /// What DynamoDB trips over, without a word about it.
    #[error("")]
    InternalFailure,
    /// Another error of the API's, by its code.
    #[error("{message}")]
    Modeled { code: &'static str, message: String },
    /// The condition of a write did not hold; the item as it is, when the caller asked for it.
    #[error("The conditional request failed")]
    ConditionalCheckFailed(Option<Arc<Item>>),
    /// An INSERT found an item with its key.
    #[error("Duplicate primary key exists in table")]
    DuplicateItem,
    /// At least one part of a transaction did not succeed; one reason for each part, in order.
    #[error(
        "Transaction cancelled, please refer cancellation reasons for specific reasons [{}]",
        .0.iter().map(CancellationReason::code).collect::<Vec<_>>().join(", ")
    )]
    TransactionCanceled(Vec<CancellationReason>),
    /// More than the table or the index has capacity for.
    #[error("{}", .0.message())]
    Throttled(Throttled),
    /// An item collection would be larger than it may be.
    #[error("Collection size exceeded")]
    ItemCollectionSizeLimitExceeded,
    /// A transaction is not finished with the item.
    #[error("Transaction is ongoing for the item")]
    TransactionConflict,
    /// A client request token came back while its transaction goes on.
    #[error("The transaction with the given request token is already in progress.")]
    TransactionInProgress,
    /// A client request token came back with another request.
    #[error(
        "DynamoDB rejected the request because you retried a request with a different payload but with an \
         idempotent token that was already used."
    )]
    IdempotentParameterMismatch,
    /// An iterator of a stream was used too late.
    #[error("The shard iterator has expired and can no longer be used to retrieve stream records.")]
    ExpiredIterator,
    /// The records of a stream that an iterator leads to are gone.
    #[error("The operation attempted to read past the oldest stream record in a shard.")]
    TrimmedDataAccess,
}

impl Error {
    pub(crate) fn validation(message: impl Into<String>) -> Self {
        Self::Validation(message.into())
    }

    /// A validation error with DynamoDB's most frequent beginning.
    pub(crate) fn invalid_parameter(detail: impl std::fmt::Display) -> Self {
        Self::Validation(format!("One or more parameter values were invalid: {detail}"))
    }

    /// More than the account or the table may have.
    pub(crate) fn limit_exceeded(message: impl Into<String>) -> Self {
        Self::Modeled { code: "LimitExceededException", message: message.into() }
    }

    /// The resource that an ARN means does not exist.
    pub(crate) fn arn_not_found(arn: &str) -> Self {
        Self::ResourceNotFound(format!("Requested resource not found: ResourcArn: {arn} not found"))
    }

    /// The fault of a request as the newer validation of writes reports it, before any table is looked at.
    pub(crate) fn enveloped(self) -> Self {
        match self {
            Self::Validation(message) => Self::Validation(format!("1 validation error detected: {message}")),
            other => other,
        }
    }

    /// The table that an operation on items names does not exist.
    pub(crate) fn table_not_found() -> Self {
        Self::ResourceNotFound("Requested resource not found".to_owned())
    }

    /// The table that an operation on tables names does not exist.
    pub(crate) fn named_table_not_found(name: &str) -> Self {
        Self::ResourceNotFound(format!("Requested resource not found: Table: {name} not found"))
    }
}

/// What became of one part of a transaction that was cancelled.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum CancellationReason {
    /// This part would have succeeded.
    None,
    /// Its condition did not hold; the item as it is, when the caller asked for it.
    ConditionalCheckFailed(Option<Arc<Item>>),
    /// It would have inserted an item whose key is there already.
    DuplicateItem,
    /// Its item collection would be larger than it may be.
    ItemCollectionSizeLimitExceeded,
    /// Another transaction is not finished with its item.
    TransactionConflict,
    /// The table or an index has no capacity left for it.
    Throttled(Throttled),
    /// Its table does not exist; only PartiQL has it as a reason.
    ResourceNotFound(String),
    /// It does not fit the item or the table.
    ValidationError(String),
}

impl CancellationReason {
    /// Why one part did not succeed.
    pub(crate) fn of(error: Error) -> Self {
        match error {
            Error::ConditionalCheckFailed(item) => Self::ConditionalCheckFailed(item),
            Error::Throttled(throttled) => Self::Throttled(throttled),
            Error::TransactionConflict => Self::TransactionConflict,
            Error::ItemCollectionSizeLimitExceeded => Self::ItemCollectionSizeLimitExceeded,
            error => Self::ValidationError(error.to_string()),
        }
    }

    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::None => "None",
            Self::ConditionalCheckFailed(_) => "ConditionalCheckFailed",
            Self::DuplicateItem => "DuplicateItem",
            Self::ItemCollectionSizeLimitExceeded => "ItemCollectionSizeLimitExceeded",
            Self::TransactionConflict => "TransactionConflict",
            Self::Throttled(throttled) => throttled.reason_code(),
            Self::ResourceNotFound(_) => "ResourceNotFound",
            Self::ValidationError(_) => "ValidationError",
        }
    }

    pub(crate) fn message(&self) -> Option<&str> {
        match self {
            Self::None => None,
            Self::ConditionalCheckFailed(_) => Some("The conditional request failed"),
            Self::DuplicateItem => Some("Duplicate primary key exists in table"),
            Self::ItemCollectionSizeLimitExceeded => Some("Collection size exceeded"),
            Self::TransactionConflict => Some("Transaction is ongoing for the item"),
            Self::Throttled(throttled) => Some(throttled.message()),
            Self::ResourceNotFound(message) | Self::ValidationError(message) => Some(message),
        }
    }
}
