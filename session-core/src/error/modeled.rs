//! The errors of model-driven clients, by the table that all clients have.

use std::borrow::Cow;

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;

use super::sdk::{Origin, kind_of, untold};
use super::{BoxError, Error};
use crate::dynamic::ServiceFault;
use crate::service::ServiceName;

/// The error of an operation that a model-driven client called.
pub(crate) fn of_modeled(
    error: SdkError<ServiceFault, HttpResponse>,
    service: ServiceName,
    operation: &'static str,
) -> Error {
    let request_id = match &error {
        SdkError::ServiceError(answer) => answer.err().request_id().map(str::to_owned),
        _ => None,
    };
    let mut converted =
        Error::of_operation(error, Origin { service: Some(service), operation: Some(operation.to_owned()) });
    // Query protocols have it in the body.
    converted.0.request_id = converted.0.request_id.or(request_id);
    converted
}

/// The error that a service told among the events of its answer.
pub(crate) fn of_event(fault: ServiceFault, service: ServiceName, operation: &'static str) -> Error {
    let code = fault.code().map(str::to_owned);
    // Streams name their members `throttlingException`, which is the shape `ThrottlingException`.
    let name = fault.shape().or(code.as_deref()).unwrap_or_default();
    let message = fault.message().filter(|message| !message.is_empty());
    let kind = kind_of(name, Some(fault.status()), Some(operation), message.unwrap_or_default());
    let told = message.map(str::to_owned).map_or_else(|| untold(name, None), Cow::Owned);
    let mut error = Error::new(kind, told).with_service(service).with_operation(operation);
    error.0.code = code;
    error.0.request_id = fault.request_id().map(str::to_owned);
    error.0.status = Some(fault.status());
    error.with_source(fault)
}

/// The error that ended the body of an answer.
pub(crate) fn of_answer_body(source: BoxError) -> Error {
    Error::of_body(&*source).with_source(source)
}
