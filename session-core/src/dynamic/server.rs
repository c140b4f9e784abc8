//! The server's side of a model: what a client sent becomes a value, and a value or a fault becomes the answer.
//!
//! A backend that serves a service finds it by name ([`Served`]), has each request read ([`ServedRequest`]), and hands
//! over what the operation answers, or why it refuses ([`ServedFault`]). Names, types, what is required and how faults
//! are called come from the model, so that such a backend has the behaviour to write and nothing of the protocol.
//!
//! The query protocol of AWS is there (`query.rs` reads its forms, `xml.rs` writes its answers) and its JSON protocols
//! (`json.rs`); `scalar.rs` has the simple types both ways. Services of other protocols are refused by name.

mod json;
mod query;
mod scalar;
#[cfg(test)]
mod tests;
mod xml;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Response, StatusCode};

use super::value::Value;
use crate::error::{Error, ErrorKind};
use crate::model::{self, Model, Operation, Protocol};

/// A service that is served by its model.
#[derive(Clone, Copy, Debug)]
pub struct Served {
    model: &'static Model,
}

/// A request that was read: the operation's name, and its input by the model.
#[derive(Clone, Debug)]
pub struct ServedRequest {
    operation: Operation,
    input: Value,
}

/// Why a request is refused, as its client will read it.
#[derive(Clone, Debug, PartialEq)]
pub struct ServedFault {
    status: StatusCode,
    code: String,
    message: String,
    is_sender: bool,
}

impl Served {
    /// The service of that name, such as `sts`.
    ///
    /// # Errors
    /// - [`ErrorKind::UnknownService`]: there is no such model
    /// - [`ErrorKind::InvalidConfig`]: it speaks a protocol that cannot be served yet; names it
    pub fn find(service: &str) -> Result<Self, Error> {
        let model = model::find(service)?.ok_or_else(|| {
            let message = format!("there is no model of a service `{service}`");
            Error::new(ErrorKind::UnknownService, message)
        })?;
        match model.metadata().protocol {
            Protocol::AwsQuery | Protocol::AwsJson1_0 | Protocol::AwsJson1_1 => Ok(Self { model }),
            other => {
                let message =
                    format!("`{service}` speaks {other:?}, and only AwsQuery and AwsJson can be served");
                Err(Error::new(ErrorKind::InvalidConfig, message))
            }
        }
    }

    /// Reads a request: its parameters are those of the URL's query and those of the body's form, as both
    /// `POST` and presigned `GET` requests have them. Parameters that the model does not know are passed over, as on
    /// AWS.
    ///
    /// # Errors
    /// The service's own, each of status 400: `MissingAction`, `InvalidAction` (no such operation in this version of
    /// the API), `MalformedInput` (a text that is no number, date …, or a value more than 32 levels deep),
    /// `ValidationError` (names all required parameters that are missing).
    ///
    /// # Source
    /// AWS's documentation of errors common to all actions; Smithy's `awsQuery`; the wording of `InvalidAction` and
    /// `ValidationError` is what AWS's services answer.
    pub fn read(&self, query: &str, body: &[u8]) -> Result<ServedRequest, ServedFault> {
        let form = query::Form::parse(query, body);
        let Some(action) = form.get("Action") else {
            return Err(ServedFault::new("MissingAction", "The request is missing the parameter Action"));
        };
        let version = form.get("Version").unwrap_or("NO_VERSION_SPECIFIED");
        let operation =
            self.model.find_operation(action).filter(|_| version == self.model.metadata().api_version);
        let Some(operation) = operation.map(|index| self.model.operation(index)) else {
            let message = format!("Could not find operation {action} for version {version}");
            return Err(ServedFault::new("InvalidAction", message));
        };
        let input = match operation.input {
            Some(shape) => query::read(self.model, &self.model.shape(shape), &form)?,
            None => Value::Map(Vec::new()),
        };
        Ok(ServedRequest { operation, input })
    }

    /// Reads a request of a JSON protocol: `target` is its `X-Amz-Target`, such as `TrentService.Encrypt`.
    ///
    /// # Errors
    /// The service's own, each of status 400: `UnknownOperationException`; `SerializationException` (a body that is no
    /// document of the operation); `ValidationException` (names all required members that are missing).
    ///
    /// # Source
    /// Smithy's `awsJson1_1`; the codes are those that AWS's services answer.
    pub fn read_json(&self, target: &str, body: &[u8]) -> Result<ServedRequest, ServedFault> {
        let prefix = self.model.metadata().target_prefix.unwrap_or_default();
        let name = target.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('.')).unwrap_or_default();
        let Some(operation) = self.model.find_operation(name).map(|index| self.model.operation(index)) else {
            return Err(ServedFault::new("UnknownOperationException", ""));
        };
        let input = match operation.input {
            Some(shape) => json::read(self.model, &self.model.shape(shape), body)?,
            None => Value::Map(Vec::new()),
        };
        Ok(ServedRequest { operation, input })
    }

    /// The answer of an operation that succeeded.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: the output is not what the model says; names the member by its path.
    pub fn answer(
        &self,
        request: &ServedRequest,
        output: &Value,
        request_id: &str,
    ) -> Result<Response<Bytes>, Error> {
        let body = match (self.json(), request.operation.output) {
            (None, _) => xml::answer(self.model, &request.operation, output, request_id)?,
            (Some(_), None) => String::new(),
            (Some(_), Some(shape)) => {
                json::write(self.model, &self.model.shape(shape), output, "")?.to_string()
            }
        };
        Ok(self.response(StatusCode::OK, body, request_id))
    }

    /// The answer of a request that is refused.
    pub fn refuse(&self, fault: &ServedFault, request_id: &str) -> Response<Bytes> {
        let body = match self.json() {
            None => xml::refusal(self.model, fault, request_id),
            Some(_) => serde_json::json!({ "__type": fault.code, "message": fault.message }).to_string(),
        };
        self.response(fault.status, body, request_id)
    }

    /// The content type of the JSON protocol that the service speaks; `None` where it speaks another.
    fn json(&self) -> Option<&'static str> {
        match self.model.metadata().protocol {
            Protocol::AwsJson1_0 => Some("application/x-amz-json-1.0"),
            Protocol::AwsJson1_1 => Some("application/x-amz-json-1.1"),
            _ => None,
        }
    }

    fn response(&self, status: StatusCode, body: String, request_id: &str) -> Response<Bytes> {
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = status;
        let content_type = HeaderValue::from_static(self.json().unwrap_or("text/xml"));
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        if let Ok(request_id) = HeaderValue::from_str(request_id) {
            response.headers_mut().insert("x-amzn-requestid", request_id);
        }
        response
    }

    /// A fault of the service's own, with the code, status and side that the model gives the error shape, such as
    /// `IDPRejectedClaimException`; `None` where the operation has no such error.
    pub fn modeled_fault(
        &self,
        request: &ServedRequest,
        shape: &str,
        message: impl Into<String>,
    ) -> Option<ServedFault> {
        let mut errors = self.model.errors(&request.operation).map(|index| self.model.shape(index));
        let error = errors.find(|error| error.name == shape)?;
        let traits = traits(error.traits);
        let (says, fault) = (&traits["error"], ServedFault::new(shape, message));
        let status = says["httpStatusCode"].as_u64().and_then(|status| u16::try_from(status).ok());
        let status = status.and_then(|status| StatusCode::from_u16(status).ok()).unwrap_or(fault.status);
        Some(ServedFault {
            status,
            code: says["code"].as_str().unwrap_or(shape).to_owned(),
            is_sender: says["senderFault"].as_bool().unwrap_or(status.is_client_error()),
            ..fault
        })
    }
}

impl ServedRequest {
    /// The operation's name in the model, such as `GetCallerIdentity`.
    pub fn operation(&self) -> &'static str {
        self.operation.name
    }

    /// The input, by the names of the model. What was not sent is absent.
    pub fn input(&self) -> &Value {
        &self.input
    }

    /// Whether the operation takes requests that nobody signed, such as `AssumeRoleWithWebIdentity`.
    pub fn allows_anonymous(&self) -> bool {
        let traits = traits(self.operation.traits);
        let has_no_auth =
            |schemes: &Vec<serde_json::Value>| schemes.iter().any(|scheme| scheme == "smithy.api#noAuth");
        traits["authtype"] == "none" || traits["auth"].as_array().is_some_and(has_no_auth)
    }
}

impl ServedFault {
    /// The client's fault, of status 400.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        let (code, message) = (code.into(), message.into());
        Self { status: StatusCode::BAD_REQUEST, code, message, is_sender: true }
    }

    /// The same fault with another status; from 500 on it is the service's, but for 501, which no repetition mends.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        self.status = status;
        self.is_sender = !status.is_server_error() || status == StatusCode::NOT_IMPLEMENTED;
        self
    }

    /// The code that the client sees.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What the client reads.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        self.status
    }
}

/// The document that a service of a query protocol answers with, for the sweep over all of them.
///
/// # Errors
/// As [`Served::answer`].
pub(super) fn answer(model: &'static Model, operation: &Operation, output: &Value) -> Result<String, Error> {
    xml::answer(model, operation, output, "request")
}

/// What few shapes and operations have; null where this one has nothing.
fn traits(json: Option<&'static str>) -> serde_json::Value {
    json.and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default()
}
