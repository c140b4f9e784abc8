//! Services that have no wire of their own: requests are read and answers written by their models.

use bytes::Bytes;
use http::{Response, StatusCode};
use session_core::dynamic::Value;
use session_core::dynamic::server::{Served, ServedFault, ServedRequest};

use crate::context::RequestContext;

/// Answers one request of the service of that name. What cannot be written as the model has it is a fault with the code
/// `internal`.
pub(crate) fn respond(
    service: &str,
    internal: &str,
    context: &RequestContext,
    read: impl FnOnce(&Served) -> Result<ServedRequest, ServedFault>,
    answer: impl FnOnce(&ServedRequest) -> Result<Value, ServedFault>,
) -> Response<Bytes> {
    let served = match Served::find(service) {
        Ok(served) => served,
        Err(error) => return broken(&error),
    };
    let answered = read(&served).and_then(|request| {
        let output = answer(&request)?;
        served.answer(&request, &output, &context.request_id).map_err(|error| {
            let fault = ServedFault::new(internal, error.to_string());
            fault.with_status(StatusCode::INTERNAL_SERVER_ERROR)
        })
    });
    answered.unwrap_or_else(|fault| served.refuse(&fault, &context.request_id))
}

/// Without its model, which is embedded, there is no protocol to answer in.
fn broken(error: &session_core::Error) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(error.to_string()));
    *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
    response
}
