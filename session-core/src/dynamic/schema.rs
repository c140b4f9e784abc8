//! Schemas: what the SDK's serializers and deserializers are told of a shape, made from the model when first asked for.
//!
//! A service has up to three thousand shapes and a program meets a few, so each structure's schema is made alone, the
//! first time a value of it is written or read. Schemas live as long as the process, as the models do that they are
//! made from; so their number is bounded by the models.
//!
//! A member's schema names its target but does not lead to it. Whoever walks a value asks for the target when it gets
//! there, and so shapes may contain themselves.

mod names;
mod operation;

use std::fmt;
use std::sync::OnceLock;

use aws_smithy_schema::traits::TimestampFormat as SchemaTimestampFormat;
use aws_smithy_schema::{Schema, ShapeId, ShapeType, intern_header_name};

pub(crate) use self::operation::{OperationPlan, StreamingMember};
use crate::model::{
    Location, Member, Model, Protocol, Shape, ShapeIndex, ShapeKind, TimestampFormat, member_flags,
    shape_flags,
};

/// Whether a value is on its way to the service or back: EC2 names members differently in the two.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Direction {
    Input,
    Output,
}

/// The schemas of one service.
pub(crate) struct Schemas {
    pub(crate) model: &'static Model,
    pub(crate) protocol: Protocol,
    inputs: Box<[OnceLock<&'static Node>]>,
    outputs: Box<[OnceLock<&'static Node>]>,
}

/// A shape with its schema.
pub(crate) struct Node {
    pub(crate) name: &'static str,
    pub(crate) kind: ShapeKind,
    /// JSON of any form.
    pub(crate) is_document: bool,
    pub(crate) is_union: bool,
    /// Whether a list or map may hold nulls.
    pub(crate) is_sparse: bool,
    pub(crate) is_event_stream: bool,
    pub(crate) schema: &'static Schema<'static>,
    /// Of a structure its members, of a list its member, of a map its key and value.
    pub(crate) members: Box<[NodeMember]>,
}

/// A member of a [`Node`].
pub(crate) struct NodeMember {
    pub(crate) name: &'static str,
    pub(crate) schema: &'static Schema<'static>,
    pub(crate) target: ShapeIndex,
    pub(crate) location: Location,
    flags: u16,
}

impl NodeMember {
    pub(crate) fn is(&self, flag: u16) -> bool {
        self.flags & flag != 0
    }
}

impl Node {
    /// A member by the name that callers use.
    pub(crate) fn member(&self, name: &str) -> Option<&NodeMember> {
        self.members.iter().find(|member| member.name == name)
    }

    /// Whether one of its members is the whole body.
    pub(crate) fn has_payload(&self) -> bool {
        self.members.iter().any(|member| member.is(member_flags::PAYLOAD))
    }

    /// Whether it is a structure in the narrow sense: neither a union nor a document.
    pub(crate) fn is_structure(&self) -> bool {
        self.kind == ShapeKind::Structure && !self.is_document
    }
}

fn leak<T>(value: T) -> &'static T {
    Box::leak(Box::new(value))
}

impl Schemas {
    /// The schemas of a model; none is made yet.
    pub(crate) fn of(model: &'static Model) -> Self {
        let none_yet = |count: usize| (0..count).map(|_| OnceLock::new()).collect();
        let protocol = model.metadata().protocol;
        let inputs = match protocol {
            Protocol::Ec2Query => none_yet(model.shape_count()),
            _ => none_yet(0),
        };
        Self { model, protocol, inputs, outputs: none_yet(model.shape_count()) }
    }

    /// The shape of that number, in the names of that direction.
    pub(crate) fn node(&self, shape: ShapeIndex, direction: Direction) -> &'static Node {
        let for_ec2 = direction == Direction::Input && self.protocol == Protocol::Ec2Query;
        let table = if for_ec2 { &self.inputs } else { &self.outputs };
        match table.get(shape) {
            Some(node) => node.get_or_init(|| leak(self.make(shape, for_ec2))),
            None => leak(self.make(shape, for_ec2)),
        }
    }

    #[cfg(any(test, feature = "conformance"))]
    /// How many shapes have their schemas by now.
    pub(crate) fn made(&self) -> usize {
        self.inputs.iter().chain(&self.outputs).filter(|node| node.get().is_some()).count()
    }

    fn make(&self, index: ShapeIndex, ec2_input: bool) -> Node {
        let shape = self.model.shape(index);
        let members: Box<[NodeMember]> = match shape.kind {
            ShapeKind::Structure => {
                let members = self.model.members(&shape).enumerate();
                members.map(|(position, member)| self.member(&member, position, ec2_input)).collect()
            }
            _ => self.model.members(&shape).map(|member| self.element(&member, ec2_input)).collect(),
        };
        let id = id_of(shape.name);
        let schema = match shape.kind {
            ShapeKind::Structure if !shape.has(shape_flags::DOCUMENT) => {
                let schemas = members.iter().map(|member| member.schema).collect::<Vec<_>>().leak();
                let mut schema = Schema::new_struct(id, shape_type(&shape), schemas);
                if let Some(name) = shape.location_name {
                    schema = schema.with_xml_name(name);
                }
                names::with_namespace(schema, shape.traits)
            }
            _ => self.with_target(Schema::new(id, shape_type(&shape)), index, ec2_input),
        };
        Node {
            name: shape.name,
            kind: shape.kind,
            is_document: shape.has(shape_flags::DOCUMENT),
            is_union: shape.has(shape_flags::UNION),
            is_sparse: shape.has(shape_flags::SPARSE),
            is_event_stream: shape.has(shape_flags::EVENT_STREAM),
            schema: leak(schema),
            members,
        }
    }

    /// A member of a structure.
    fn member(&self, member: &Member, position: usize, ec2_input: bool) -> NodeMember {
        let target = self.model.shape(member.shape);
        let (wire_name, schema_name) = names::of_member(self, member, &target, ec2_input);
        let schema = Schema::new_member(id_of(target.name), shape_type(&target), schema_name, position);
        let mut schema = self.with_target(schema, member.shape, ec2_input);
        if let Some(name) = wire_name {
            schema = match self.protocol {
                Protocol::RestJson1 => schema.with_json_name(name),
                _ => schema.with_xml_name(name),
            };
        }
        if member.has(member_flags::FLATTENED) {
            schema = schema.with_xml_flattened();
        }
        if member.has(member_flags::XML_ATTRIBUTE) {
            schema = schema.with_xml_attribute();
        }
        // A structure's own namespace counts wherever it is used.
        if target.kind == ShapeKind::Structure {
            schema = names::with_namespace(schema, target.traits);
        }
        schema = names::with_namespace(schema, member.traits);
        schema = bound(schema, member, &target);
        if member.has(member_flags::HOST_LABEL) {
            schema = schema.with_host_label();
        }
        if member.has(member_flags::PAYLOAD) {
            schema = schema.with_http_payload();
        }
        if member.has(member_flags::STREAMING) || target.has(shape_flags::EVENT_STREAM) {
            schema = schema.with_streaming();
        }
        if member.has(member_flags::JSON_VALUE) {
            schema = schema.with_media_type("application/json");
        }
        if member.has(member_flags::EVENT_HEADER) {
            schema = schema.with_event_header();
        }
        if member.has(member_flags::EVENT_PAYLOAD) {
            schema = schema.with_event_payload();
        }
        NodeMember {
            name: member.name,
            schema: leak(schema),
            target: member.shape,
            location: member.location,
            flags: member.flags,
        }
    }

    /// The member of a list, or the key or value of a map.
    fn element(&self, member: &Member, ec2_input: bool) -> NodeMember {
        NodeMember {
            name: member.name,
            schema: leak(self.element_schema(member, ec2_input)),
            target: member.shape,
            location: member.location,
            flags: member.flags,
        }
    }

    fn element_schema(&self, member: &Member, ec2_input: bool) -> Schema<'static> {
        let target = self.model.shape(member.shape);
        let mut schema = Schema::new_member(id_of(target.name), shape_type(&target), member.name, 0);
        if let Some(name) = member.location_name {
            schema = schema.with_xml_name(name);
        }
        schema = names::with_namespace(schema, member.traits);
        match target.kind {
            ShapeKind::Structure => schema,
            _ => self.with_target(schema, member.shape, ec2_input),
        }
    }

    /// What a schema has from the shape it stands for: its elements and its way to write times.
    fn with_target(
        &self,
        mut schema: Schema<'static>,
        target: ShapeIndex,
        ec2_input: bool,
    ) -> Schema<'static> {
        let shape = self.model.shape(target);
        schema = match shape.timestamp_format {
            Some(TimestampFormat::Iso8601) => schema.with_timestamp_format(SchemaTimestampFormat::DateTime),
            Some(TimestampFormat::Unix) => schema.with_timestamp_format(SchemaTimestampFormat::EpochSeconds),
            Some(TimestampFormat::Rfc822) => schema.with_timestamp_format(SchemaTimestampFormat::HttpDate),
            None => schema,
        };
        let element =
            |at: usize| leak(self.element_schema(&self.model.member(shape.first_member + at), ec2_input));
        match shape.kind {
            ShapeKind::List => {
                schema = schema.with_list_member(element(0));
                // All of EC2's lists are flat, whatever their shapes say.
                if shape.has(shape_flags::FLATTENED) || ec2_input {
                    schema = schema.with_xml_flattened();
                }
            }
            ShapeKind::Map => {
                schema = schema.with_map_members(element(0), element(1));
                if shape.has(shape_flags::FLATTENED) {
                    schema = schema.with_xml_flattened();
                }
            }
            ShapeKind::Blob if shape.has(shape_flags::STREAMING) => schema = schema.with_streaming(),
            _ => {}
        }
        if shape.has(shape_flags::SENSITIVE) {
            schema = schema.with_sensitive();
        }
        schema
    }
}

/// A member's schema with its place in the HTTP message.
fn bound(schema: Schema<'static>, member: &Member, target: &Shape) -> Schema<'static> {
    let name = member.location_name.unwrap_or(member.name);
    match member.location {
        Location::Header => schema.with_http_header(intern_header_name(name)),
        Location::PrefixedHeaders => {
            schema.with_http_prefix_headers(member.location_name.unwrap_or_default())
        }
        Location::Uri => schema.with_http_label(),
        Location::Query if target.kind == ShapeKind::Map => schema.with_http_query_params(),
        Location::Query => schema.with_http_query(name),
        Location::StatusCode => schema.with_http_response_code(),
        Location::Body => schema,
    }
}

fn id_of(name: &'static str) -> ShapeId<'static> {
    ShapeId::from_parts(name, "aws", name)
}

fn shape_type(shape: &Shape) -> ShapeType {
    if shape.has(shape_flags::DOCUMENT) {
        return ShapeType::Document;
    }
    match shape.kind {
        ShapeKind::Structure if shape.has(shape_flags::UNION) => ShapeType::Union,
        ShapeKind::Structure => ShapeType::Structure,
        ShapeKind::List => ShapeType::List,
        ShapeKind::Map => ShapeType::Map,
        ShapeKind::String | ShapeKind::Character => ShapeType::String,
        ShapeKind::Integer => ShapeType::Integer,
        ShapeKind::Long => ShapeType::Long,
        ShapeKind::Boolean => ShapeType::Boolean,
        ShapeKind::Timestamp => ShapeType::Timestamp,
        ShapeKind::Double => ShapeType::Double,
        ShapeKind::Float => ShapeType::Float,
        ShapeKind::Blob => ShapeType::Blob,
        ShapeKind::Short => ShapeType::Short,
        ShapeKind::Byte => ShapeType::Byte,
        ShapeKind::BigDecimal => ShapeType::BigDecimal,
        ShapeKind::BigInteger => ShapeType::BigInteger,
    }
}

impl fmt::Debug for Schemas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Schemas").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Node").field("name", &self.name).field("kind", &self.kind).finish_non_exhaustive()
    }
}
