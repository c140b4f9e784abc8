//! Members of events that travel as headers of their message.

use aws_smithy_schema::serde::SerdeError;
use aws_smithy_types::event_stream::{Header, HeaderValue, Message};

use crate::dynamic::schema::Node;
use crate::dynamic::value::Value;
use crate::model::ShapeKind;

/// A header by its name.
pub(super) fn of<'m>(message: &'m Message, name: &str) -> Option<&'m HeaderValue> {
    message.headers().iter().find(|header| header.name().as_str() == name).map(Header::value)
}

/// A header's text, where it has one.
pub(super) fn text<'m>(message: &'m Message, name: &str) -> Option<&'m str> {
    of(message, name)?.as_string().ok().map(|text| text.as_str())
}

/// The value that a header has for a member of that shape.
pub(super) fn read(header: &HeaderValue, member: &str, node: &Node) -> Result<Value, SerdeError> {
    use ShapeKind::{Blob, Boolean, Byte, Integer, Long, Short, String, Timestamp};
    Ok(match (node.kind, header) {
        (Boolean, HeaderValue::Bool(truth)) => Value::Bool(*truth),
        (Byte | Short | Integer | Long, HeaderValue::Byte(number)) => Value::Integer((*number).into()),
        (Byte | Short | Integer | Long, HeaderValue::Int16(number)) => Value::Integer((*number).into()),
        (Byte | Short | Integer | Long, HeaderValue::Int32(number)) => Value::Integer((*number).into()),
        (Byte | Short | Integer | Long, HeaderValue::Int64(number)) => Value::Integer(*number),
        (Blob, HeaderValue::ByteArray(bytes)) => Value::Blob(aws_smithy_types::Blob::new(bytes.as_ref())),
        (String, HeaderValue::String(text)) => Value::String(text.as_str().to_owned()),
        (Timestamp, HeaderValue::Timestamp(moment)) => Value::Timestamp(*moment),
        _ => {
            return Err(SerdeError::type_mismatch(format!(
                "the header {member} is not of the type {:?}",
                node.kind
            )));
        }
    })
}

/// The header that has the value of a member of that shape, which has been checked.
pub(super) fn written(value: &Value, member: &str, node: &Node) -> Result<HeaderValue, SerdeError> {
    let unfit = || {
        let what = crate::dynamic::input::kind_of(value);
        SerdeError::type_mismatch(format!("{what} cannot be the header {member}"))
    };
    Ok(match (node.kind, value) {
        (ShapeKind::Boolean, Value::Bool(truth)) => HeaderValue::Bool(*truth),
        (ShapeKind::Byte, Value::Integer(number)) => {
            HeaderValue::Byte((*number).try_into().map_err(|_| unfit())?)
        }
        (ShapeKind::Short, Value::Integer(number)) => {
            HeaderValue::Int16((*number).try_into().map_err(|_| unfit())?)
        }
        (ShapeKind::Integer, Value::Integer(number)) => {
            HeaderValue::Int32((*number).try_into().map_err(|_| unfit())?)
        }
        (ShapeKind::Long, Value::Integer(number)) => HeaderValue::Int64(*number),
        (ShapeKind::Blob, Value::Blob(bytes)) => HeaderValue::ByteArray(bytes.as_ref().to_vec().into()),
        (ShapeKind::String, Value::String(text)) => HeaderValue::String(text.clone().into()),
        (ShapeKind::Timestamp, Value::Timestamp(moment)) => HeaderValue::Timestamp(*moment),
        _ => return Err(unfit()),
    })
}
