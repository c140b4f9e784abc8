//! One writer and one reader of values, whatever the protocol.
//!
//! A value that is written has been checked and coerced by [`input`](super::input), so a type that does not fit here is
//! a mistake of ours and not of the caller's. What is read carries what the model says, and nothing is guessed.

use std::str::FromStr;

use aws_smithy_schema::serde::{
    SerdeError, SerializableStruct, ShapeDeserializer, ShapeSerializer, capped_container_size,
};
use aws_smithy_schema::{Schema, prelude};
use aws_smithy_types::{BigDecimal, BigInteger};

use super::document::document_of;
use super::schema::{Direction, Node, NodeMember, Schemas};
use super::value::Value;
use crate::model::{Protocol, ShapeKind, member_flags};

/// A value with the structure that it is one of, as the SDK's serializers take it.
pub(crate) struct StructureValue<'a> {
    pub(crate) schemas: &'a Schemas,
    pub(crate) node: &'static Node,
    pub(crate) schema: &'static Schema<'static>,
    pub(crate) value: &'a Value,
}

impl SerializableStruct for StructureValue<'_> {
    fn schema(&self) -> &Schema<'_> {
        self.schema
    }

    fn serialize_members(&self, serializer: &mut dyn ShapeSerializer) -> Result<(), SerdeError> {
        let Value::Map(entries) = self.value else {
            return match self.value {
                Value::Null => Ok(()),
                _ => Err(unfit(self.node, self.value)),
            };
        };
        // In the model's order, which is that of XML's sequences.
        for member in &self.node.members {
            let given = entries.iter().find(|(name, _)| name == member.name);
            match given.map(|(_, value)| value).filter(|value| !matches!(value, Value::Null)) {
                Some(value) => write_member(serializer, self.schemas, member, value)?,
                None => write_absent(serializer, self.schemas, member)?,
            }
        }
        Ok(())
    }
}

/// REST-JSON sends `{}` for a payload that was not given.
fn write_absent(
    serializer: &mut dyn ShapeSerializer,
    schemas: &Schemas,
    member: &NodeMember,
) -> Result<(), SerdeError> {
    if schemas.protocol != Protocol::RestJson1 || !member.is(member_flags::PAYLOAD) {
        return Ok(());
    }
    let target = schemas.node(member.target, Direction::Input);
    match target.is_structure() && !target.is_union && !target.is_event_stream {
        true => write(serializer, schemas, target.schema, target, &Value::Map(Vec::new())),
        false => Ok(()),
    }
}

fn write_member(
    serializer: &mut dyn ShapeSerializer,
    schemas: &Schemas,
    member: &NodeMember,
    value: &Value,
) -> Result<(), SerdeError> {
    let target = schemas.node(member.target, Direction::Input);
    if member.is(member_flags::JSON_VALUE) && !matches!(value, Value::String(_)) {
        return serializer.write_string(member.schema, &value.to_string());
    }
    // A payload is a document of its own, with the name of its structure for its root.
    let is_payload = member.is(member_flags::PAYLOAD) && target.is_structure();
    let schema = if is_payload { target.schema } else { member.schema };
    write(serializer, schemas, schema, target, value)
}

fn write(
    serializer: &mut dyn ShapeSerializer,
    schemas: &Schemas,
    schema: &Schema<'_>,
    node: &'static Node,
    value: &Value,
) -> Result<(), SerdeError> {
    if node.is_document {
        return serializer.write_document(schema, &document_of(value));
    }
    match (node.kind, value) {
        (ShapeKind::Structure, value) => {
            serializer.write_struct(schema, &StructureValue { schemas, node, schema: node.schema, value })
        }
        (ShapeKind::List, Value::List(items)) => {
            // An empty list of EC2's would be a parameter without a value.
            if items.is_empty() && schemas.protocol == Protocol::Ec2Query {
                return Ok(());
            }
            let element = element(node, 0, schemas)?;
            serializer.write_list_with_length(schema, items.len(), &|serializer| {
                items.iter().try_for_each(|item| write_item(serializer, schemas, element, item))
            })
        }
        (ShapeKind::Map, Value::Map(entries)) => {
            let element = element(node, 1, schemas)?;
            serializer.write_map_with_length(schema, entries.len(), &|serializer| {
                entries.iter().try_for_each(|(key, item)| {
                    serializer.write_string(&prelude::STRING, key)?;
                    write_item(serializer, schemas, element, item)
                })
            })
        }
        (ShapeKind::String | ShapeKind::Character, Value::String(text)) => {
            serializer.write_string(schema, text)
        }
        (ShapeKind::Boolean, Value::Bool(truth)) => serializer.write_boolean(schema, *truth),
        (ShapeKind::Integer, Value::Integer(number)) => {
            serializer.write_integer(schema, fit(*number, node, value)?)
        }
        (ShapeKind::Short, Value::Integer(number)) => {
            serializer.write_short(schema, fit(*number, node, value)?)
        }
        (ShapeKind::Byte, Value::Integer(number)) => {
            serializer.write_byte(schema, fit(*number, node, value)?)
        }
        (ShapeKind::Long, Value::Integer(number)) => serializer.write_long(schema, *number),
        (ShapeKind::Double, Value::Double(number)) => serializer.write_double(schema, *number),
        (ShapeKind::Float, Value::Double(number)) => serializer.write_float(schema, *number as f32),
        (ShapeKind::Blob, Value::Blob(bytes)) => serializer.write_blob(schema, bytes.clone()),
        (ShapeKind::Timestamp, Value::Timestamp(moment)) => serializer.write_timestamp(schema, moment),
        (ShapeKind::BigInteger, Value::BigNumber(digits)) => {
            let number = BigInteger::from_str(digits).map_err(|_| unfit(node, value))?;
            serializer.write_big_integer(schema, &number)
        }
        (ShapeKind::BigDecimal, Value::BigNumber(digits)) => {
            let number = BigDecimal::from_str(digits).map_err(|_| unfit(node, value))?;
            serializer.write_big_decimal(schema, &number)
        }
        _ => Err(unfit(node, value)),
    }
}

/// A value as a document of its own.
pub(crate) fn write_target(
    serializer: &mut dyn ShapeSerializer,
    schemas: &Schemas,
    node: &'static Node,
    value: &Value,
) -> Result<(), SerdeError> {
    write(serializer, schemas, node.schema, node, value)
}

fn write_item(
    serializer: &mut dyn ShapeSerializer,
    schemas: &Schemas,
    element: &'static Node,
    item: &Value,
) -> Result<(), SerdeError> {
    match item {
        Value::Null => serializer.write_null(element.schema),
        item => write(serializer, schemas, element.schema, element, item),
    }
}

fn element(node: &Node, at: usize, schemas: &Schemas) -> Result<&'static Node, SerdeError> {
    let member = node.members.get(at).ok_or_else(|| SerdeError::custom("a collection without a member"))?;
    Ok(schemas.node(member.target, Direction::Input))
}

fn fit<T: TryFrom<i64>>(number: i64, node: &Node, value: &Value) -> Result<T, SerdeError> {
    T::try_from(number).map_err(|_| unfit(node, value))
}

fn unfit(node: &Node, value: &Value) -> SerdeError {
    SerdeError::type_mismatch(format!(
        "{:?} {} cannot be {}",
        node.kind,
        node.name,
        super::input::kind_of(value)
    ))
}

/// The members of a structure in the order in which they came; nulls are left out.
pub(crate) fn read_structure(
    deserializer: &mut dyn ShapeDeserializer,
    schemas: &Schemas,
    node: &'static Node,
) -> Result<Value, SerdeError> {
    // Of a union one member comes; of a structure seldom more than a few, and lists hold many structures.
    let mut entries = Vec::with_capacity(if node.is_union { 1 } else { node.members.len().min(4) });
    deserializer.read_struct(node.schema, &mut |schema, deserializer| {
        let member = schema.member_index().and_then(|index| node.members.get(index));
        let Some(member) = member.filter(|_| schema.member_name().is_some()) else { return Ok(()) };
        if deserializer.is_null() {
            return deserializer.read_null();
        }
        let target = schemas.node(member.target, Direction::Output);
        let value = match member.is(member_flags::JSON_VALUE) {
            true => json_value(deserializer.read_string(schema)?),
            false => read(deserializer, schemas, schema, target)?,
        };
        entries.push((member.name.to_owned(), value));
        Ok(())
    })?;
    Ok(Value::Map(entries))
}

/// A document that is a value of that shape.
pub(crate) fn read_target(
    deserializer: &mut dyn ShapeDeserializer,
    schemas: &Schemas,
    node: &'static Node,
) -> Result<Value, SerdeError> {
    read(deserializer, schemas, node.schema, node)
}

fn read(
    deserializer: &mut dyn ShapeDeserializer,
    schemas: &Schemas,
    schema: &Schema<'_>,
    node: &'static Node,
) -> Result<Value, SerdeError> {
    if node.is_document {
        return Ok(Value::from(deserializer.read_document(schema)?));
    }
    Ok(match node.kind {
        ShapeKind::Structure => read_structure(deserializer, schemas, node)?,
        ShapeKind::List => {
            let element = read_element(node, 0, schemas)?;
            let mut items = Vec::with_capacity(announced_size(deserializer, schemas));
            deserializer.read_list(schema, &mut |deserializer| {
                if let Some(item) = read_item(deserializer, schemas, node, element)? {
                    items.push(item);
                }
                Ok(())
            })?;
            Value::List(items)
        }
        ShapeKind::Map => {
            let element = read_element(node, 1, schemas)?;
            let mut entries = Vec::with_capacity(announced_size(deserializer, schemas));
            deserializer.read_map(schema, &mut |key, deserializer| {
                if let Some(item) = read_item(deserializer, schemas, node, element)? {
                    entries.push((key, item));
                }
                Ok(())
            })?;
            Value::Map(entries)
        }
        ShapeKind::String | ShapeKind::Character => Value::String(deserializer.read_string(schema)?),
        ShapeKind::Boolean => Value::Bool(deserializer.read_boolean(schema)?),
        ShapeKind::Integer => Value::Integer(deserializer.read_integer(schema)?.into()),
        ShapeKind::Short => Value::Integer(deserializer.read_short(schema)?.into()),
        ShapeKind::Byte => Value::Integer(deserializer.read_byte(schema)?.into()),
        ShapeKind::Long => Value::Integer(deserializer.read_long(schema)?),
        ShapeKind::Double => Value::Double(deserializer.read_double(schema)?),
        ShapeKind::Float => Value::Double(widened(deserializer.read_float(schema)?)),
        ShapeKind::Blob => Value::Blob(deserializer.read_blob(schema)?),
        ShapeKind::Timestamp => Value::Timestamp(deserializer.read_timestamp(schema)?),
        ShapeKind::BigInteger => Value::BigNumber(deserializer.read_big_integer(schema)?.as_ref().to_owned()),
        ShapeKind::BigDecimal => Value::BigNumber(deserializer.read_big_decimal(schema)?.as_ref().to_owned()),
    })
}

/// How many items a list or map says to have, bounded: CBOR alone does. To know it of JSON the reader goes through all of
/// the text, at each level anew.
fn announced_size(deserializer: &dyn ShapeDeserializer, schemas: &Schemas) -> usize {
    let size = match schemas.protocol {
        Protocol::RpcV2Cbor => deserializer.container_size(),
        _ => None,
    };
    capped_container_size(size.unwrap_or(0))
}

/// An item of a list or map; a null only where the collection may have them.
fn read_item(
    deserializer: &mut dyn ShapeDeserializer,
    schemas: &Schemas,
    collection: &Node,
    element: &'static Node,
) -> Result<Option<Value>, SerdeError> {
    if !deserializer.is_null() {
        return read(deserializer, schemas, element.schema, element).map(Some);
    }
    deserializer.read_null()?;
    Ok(collection.is_sparse.then_some(Value::Null))
}

fn read_element(node: &Node, at: usize, schemas: &Schemas) -> Result<&'static Node, SerdeError> {
    let member = node.members.get(at).ok_or_else(|| SerdeError::custom("a collection without a member"))?;
    Ok(schemas.node(member.target, Direction::Output))
}

/// The double with the same shortest decimal: 0.1 stays 0.1.
fn widened(number: f32) -> f64 {
    match number.is_finite() {
        true => number.to_string().parse().unwrap_or_else(|_| f64::from(number)),
        false => f64::from(number),
    }
}

fn json_value(text: String) -> Value {
    serde_json::from_str(&text).unwrap_or(Value::String(text))
}
