//! The wire: requests are read and answers written by STS's model; the operations that exist here are matched by name.

use bytes::Bytes;
use http::{Response, StatusCode};
use session_core::dynamic::Value;
use session_core::dynamic::server::{Served, ServedFault, ServedRequest};

use super::engine::caller_identity;
use crate::context::RequestContext;
use crate::served;

/// Answers one request. `query` is that of the URL, which presigned requests have; `body` is the form.
pub(crate) fn respond(context: &RequestContext, query: &str, body: &[u8]) -> Response<Bytes> {
    let read = |sts: &Served| sts.read(query, body);
    served::respond("sts", "InternalFailure", context, read, |request| answer(context, request))
}

fn answer(context: &RequestContext, request: &ServedRequest) -> Result<Value, ServedFault> {
    if context.account_id.is_anonymous() && !request.allows_anonymous() {
        let fault = ServedFault::new("MissingAuthenticationToken", "Request is missing Authentication Token");
        return Err(fault.with_status(StatusCode::FORBIDDEN));
    }
    match request.operation() {
        "GetCallerIdentity" => Ok(get_caller_identity(context)),
        other => {
            let message = format!("The in-memory STS does not implement the operation {other}");
            Err(ServedFault::new("NotImplemented", message).with_status(StatusCode::NOT_IMPLEMENTED))
        }
    }
}

fn get_caller_identity(context: &RequestContext) -> Value {
    let identity = caller_identity(context.partition(), context.account_id.as_str());
    Value::from([("UserId", identity.user_id), ("Account", identity.account), ("Arn", identity.arn)])
}
