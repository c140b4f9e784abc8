//! From a message to an event, to a fault, or to the output's other members.

use aws_smithy_schema::codec::DynCodec;
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::error::metadata::ErrorMetadata;
use aws_smithy_types::event_stream::Message;

use super::super::Wire;
use super::super::fault::{message_of, modeled_error, retry_kind, status_of};
use super::header;
use crate::dynamic::error::ServiceFault;
use crate::dynamic::schema::{Direction, Node, OperationPlan, Schemas};
use crate::dynamic::value::Value;
use crate::dynamic::walk::{read_structure, read_target};
use crate::model::{ShapeKind, member_flags};

/// What a message tells.
pub(crate) enum EventOrFault {
    /// A map with one member: the event by its name.
    Event(Value),
    /// Something that the model does not have.
    Unknown,
    Fault(ServiceFault),
}

impl Wire {
    /// What a message of that stream tells.
    pub(crate) fn event(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        stream: &'static Node,
        message: &Message,
    ) -> Result<EventOrFault, SerdeError> {
        match header::text(message, ":message-type") {
            Some("exception") => Ok(EventOrFault::Fault(self.modeled_fault(schemas, plan, stream, message)?)),
            Some("error") => Ok(EventOrFault::Fault(unmodeled_fault(message))),
            Some("event") | None => {
                let name = header::text(message, ":event-type").unwrap_or_default();
                let Some(member) = stream.member(name) else { return Ok(EventOrFault::Unknown) };
                let node = schemas.node(member.target, Direction::Output);
                let told = self.read_event(schemas, node, message)?;
                Ok(EventOrFault::Event(Value::Map(vec![(member.name.to_owned(), told)])))
            }
            Some(other) => {
                Err(SerdeError::custom(format!("a message of the unknown type `{}`", other.escape_debug())))
            }
        }
    }

    /// The members of the output besides the events; `None` where the message is something else.
    pub(crate) fn initial_response(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        message: &Message,
    ) -> Result<Option<Value>, SerdeError> {
        let is_initial = header::text(message, ":event-type") == Some("initial-response");
        match plan.output.filter(|_| is_initial) {
            Some(node) => self.read_event(schemas, node, message).map(Some),
            None => Ok(None),
        }
    }

    /// A structure of which each member is a header, the payload, or in the payload.
    fn read_event(
        &self,
        schemas: &Schemas,
        node: &'static Node,
        message: &Message,
    ) -> Result<Value, SerdeError> {
        let mut entries = Vec::new();
        for member in node.members.iter().filter(|member| member.is(member_flags::EVENT_HEADER)) {
            if let Some(value) = header::of(message, member.name) {
                let target = schemas.node(member.target, Direction::Output);
                entries.push((member.name.to_owned(), header::read(value, member.name, target)?));
            }
        }
        let payload = message.payload();
        let whole = node.members.iter().find(|member| member.is(member_flags::EVENT_PAYLOAD));
        if let Some(member) = whole {
            let target = schemas.node(member.target, Direction::Output);
            let value = match target.kind {
                ShapeKind::Blob => Some(Value::Blob(aws_smithy_types::Blob::new(payload.as_ref()))),
                ShapeKind::String => {
                    let text = String::from_utf8(payload.to_vec())
                        .map_err(|_| SerdeError::custom(format!("{} is not in UTF-8", member.name)))?;
                    Some(Value::String(text))
                }
                _ if payload.is_empty() => None,
                _ => {
                    let mut deserializer = self.codec()?.create_deserializer(payload);
                    Some(read_target(&mut *deserializer, schemas, target)?)
                }
            };
            entries.extend(value.map(|value| (member.name.to_owned(), value)));
            return Ok(Value::Map(entries));
        }
        if !payload.is_empty() {
            let mut deserializer = self.codec()?.create_deserializer(payload);
            if let Value::Map(rest) = read_structure(&mut *deserializer, schemas, node)? {
                entries.extend(rest);
            }
        }
        Ok(Value::Map(entries))
    }

    /// A fault that is one of the stream's members, or another error of the service's.
    fn modeled_fault(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        stream: &'static Node,
        message: &Message,
    ) -> Result<ServiceFault, SerdeError> {
        let code = header::text(message, ":exception-type").unwrap_or_default();
        let modeled = match stream.member(code) {
            Some(member) => Some((member.target, schemas.model.shape(member.target))),
            None => modeled_error(schemas, plan, code),
        };
        let Some((index, shape)) = modeled else {
            let metadata = self.sdk.parse_event_stream_error_metadata(message.payload()).unwrap_or_default();
            let metadata = if code.is_empty() { metadata } else { metadata.code(code) };
            return Ok(ServiceFault { metadata: metadata.build(), ..unmodeled_fault(message) });
        };
        let fields = self.read_event(schemas, schemas.node(index, Direction::Output), message)?;
        let mut metadata = ErrorMetadata::builder().code(code);
        if let Some(message) = message_of(&fields) {
            metadata = metadata.message(message);
        }
        Ok(ServiceFault {
            metadata: metadata.build(),
            request_id: None,
            status: status_of(&shape),
            shape: Some(shape.name),
            fields,
            retry: retry_kind(&shape),
        })
    }

    pub(super) fn codec(&self) -> Result<&dyn DynCodec, SerdeError> {
        self.sdk.payload_codec().ok_or_else(|| SerdeError::custom("the protocol has no events"))
    }
}

/// A fault that the headers alone describe.
fn unmodeled_fault(message: &Message) -> ServiceFault {
    let mut metadata = ErrorMetadata::builder();
    if let Some(code) = header::text(message, ":error-code") {
        metadata = metadata.code(code);
    }
    if let Some(told) = header::text(message, ":error-message") {
        metadata = metadata.message(told);
    }
    ServiceFault {
        metadata: metadata.build(),
        status: super::super::fault::STATUS_OF_EVENTS,
        fields: Value::Map(Vec::new()),
        ..ServiceFault::default()
    }
}
