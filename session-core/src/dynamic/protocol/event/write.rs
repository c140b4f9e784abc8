//! From an event to a message.

use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};
use bytes::Bytes;

use super::super::Wire;
use super::header;
use crate::dynamic::schema::{Direction, Node, Schemas};
use crate::dynamic::value::Value;
use crate::dynamic::walk::{StructureValue, write_target};
use crate::model::{Protocol, ShapeKind, member_flags};

impl Wire {
    /// The message of an event of that stream. The event has been prepared: it is a map with one member.
    pub(crate) fn event_message(
        &self,
        schemas: &Schemas,
        stream: &'static Node,
        event: &Value,
    ) -> Result<Message, SerdeError> {
        let given = event.as_map().unwrap_or_default().iter().find(|(_, value)| !value.is_null());
        let (name, members) = given.ok_or_else(|| SerdeError::custom("an event without a name"))?;
        let member = stream.member(name).ok_or_else(|| SerdeError::custom("an event of another stream"))?;
        let node = schemas.node(member.target, Direction::Input);
        let (payload, content_type) = self.payload(schemas, node, members)?;
        let mut message = titled(member.name, content_type, payload);
        for member in node.members.iter().filter(|member| member.is(member_flags::EVENT_HEADER)) {
            if let Some(value) = members.get(member.name).filter(|value| !value.is_null()) {
                let target = schemas.node(member.target, Direction::Input);
                message = message
                    .add_header(Header::new(member.name, header::written(value, member.name, target)?));
            }
        }
        Ok(message)
    }

    /// The message with the rest of the input, which takes the place of the body; none where HTTP has a place for it.
    pub(crate) fn initial_request(&self, request: &mut HttpRequest) -> Option<Message> {
        if matches!(self.protocol, Protocol::RestJson1 | Protocol::RestXml) {
            return None;
        }
        let body = request.body().bytes().map(Bytes::copy_from_slice).unwrap_or_default();
        Some(titled("initial-request", self.sdk.event_stream_media_type(), body))
    }

    /// The payload and what it is.
    fn payload(
        &self,
        schemas: &Schemas,
        node: &'static Node,
        members: &Value,
    ) -> Result<(Bytes, Option<&str>), SerdeError> {
        if let Some(whole) = node.members.iter().find(|member| member.is(member_flags::EVENT_PAYLOAD)) {
            let target = schemas.node(whole.target, Direction::Input);
            return match (target.kind, members.get(whole.name).filter(|value| !value.is_null())) {
                (ShapeKind::Blob, Some(Value::Blob(bytes))) => {
                    Ok((Bytes::copy_from_slice(bytes.as_ref()), Some("application/octet-stream")))
                }
                (ShapeKind::String, Some(Value::String(text))) => {
                    Ok((Bytes::copy_from_slice(text.as_bytes()), Some("text/plain")))
                }
                (_, None) => Ok((Bytes::new(), None)),
                (_, Some(value)) => {
                    let mut serializer = self.codec()?.create_serializer();
                    write_target(&mut *serializer, schemas, target, value)?;
                    Ok((serializer.finish_boxed().into(), self.sdk.event_stream_media_type()))
                }
            };
        }
        let headers = node.members.iter().filter(|member| member.is(member_flags::EVENT_HEADER)).count();
        if headers > 0 && headers == node.members.len() {
            return Ok((Bytes::new(), None));
        }
        let is_header =
            |name: &str| node.member(name).is_some_and(|member| member.is(member_flags::EVENT_HEADER));
        let entries = members.as_map().unwrap_or_default().iter();
        let rest = Value::Map(entries.filter(|(name, _)| !is_header(name)).cloned().collect());
        let structure = StructureValue { schemas, node, schema: node.schema, value: &rest };
        let mut serializer = self.codec()?.create_serializer();
        serializer.write_struct(node.schema, &structure)?;
        Ok((serializer.finish_boxed().into(), self.sdk.event_stream_media_type()))
    }
}

fn titled(name: &'static str, content_type: Option<&str>, payload: Bytes) -> Message {
    let text = |text: &str| HeaderValue::String(text.to_owned().into());
    let message = Message::new(payload)
        .add_header(Header::new(":message-type", text("event")))
        .add_header(Header::new(":event-type", text(name)));
    match content_type {
        Some(content_type) => message.add_header(Header::new(":content-type", text(content_type))),
        None => message,
    }
}
