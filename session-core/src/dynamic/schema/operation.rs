//! What it takes to call one operation, worked out once.

use aws_smithy_runtime_api::client::interceptors::SharedInterceptor;
use aws_smithy_schema::traits::HttpTrait;
use aws_smithy_schema::{Schema, ShapeType};
use serde_json::Value as Json;

use super::super::checksum::ModeledChecksums;
use super::super::endpoint::OperationContext;
use super::super::value::Value;
use super::names::namespaced;
use super::{Direction, Node, Schemas, id_of, leak};
use crate::model::{Location, Operation, Protocol, ShapeKind, member_flags, shape_flags};

/// An operation with the schemas of its input and output.
#[derive(Debug)]
pub(crate) struct OperationPlan {
    pub(crate) operation: Operation,
    pub(crate) input: &'static Node,
    /// The input's schema with what belongs to the operation: method, path, and the root of the document.
    pub(crate) input_schema: &'static Schema<'static>,
    /// `None` where the answer has nothing to read.
    pub(crate) output: Option<&'static Node>,
    pub(crate) streaming_input: Option<StreamingMember>,
    pub(crate) streaming_output: Option<StreamingMember>,
    pub(crate) traits: Json,
    pub(crate) checksums: ModeledChecksums,
    /// Whether the service takes requests compressed.
    pub(crate) takes_gzip: bool,
    pub(crate) endpoint_context: OperationContext,
    /// Whether the endpoint rules put into the host what the operation asks to be its prefix.
    pub(crate) has_prefix_by_rules: bool,
}

/// A member that is not in the value but a stream beside it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StreamingMember {
    pub(crate) name: &'static str,
    pub(crate) target: &'static Node,
    /// Events rather than bytes.
    pub(crate) is_event_stream: bool,
    /// Whether the service has to know how long it is.
    pub(crate) requires_length: bool,
}

impl OperationPlan {
    /// The member of the input that is a stream of events.
    pub(crate) fn events_in(&self) -> Option<StreamingMember> {
        self.streaming_input.filter(|stream| stream.is_event_stream)
    }

    /// Whether the output has a stream of events.
    pub(crate) fn answers_events(&self) -> bool {
        self.streaming_output.is_some_and(|stream| stream.is_event_stream)
    }

    /// The hooks that this operation needs and others do not.
    pub(crate) fn interceptors(&self) -> impl Iterator<Item = SharedInterceptor> {
        self.streaming_input.and_then(|_| self.checksums.after_stream()).into_iter()
    }

    /// How long the caller says that the stream is, in bytes.
    pub(crate) fn given_length(&self, input: &Value) -> Option<i64> {
        let member = self.input.members.iter().find(|member| {
            let header = member.schema.http_header();
            header.is_some_and(|header| header.value().eq_ignore_ascii_case("content-length"))
        })?;
        input.get(member.name)?.as_i64()
    }
}

impl Schemas {
    /// The plan of the operation of that number.
    pub(crate) fn plan(&self, index: usize) -> OperationPlan {
        let operation = self.model.operation(index);
        let traits = operation.traits.and_then(|traits| serde_json::from_str(traits).ok());
        let traits: Json = traits.unwrap_or_default();
        let encodings = traits["requestcompression"]["encodings"].as_array();
        let has_prefix_by_rules = traits["staticContextParams"]["RequiresAccountId"]["value"] == true;
        let input = match operation.input {
            Some(shape) => self.node(shape, Direction::Input),
            None => nothing(),
        };
        let output = operation.output.map(|shape| self.node(shape, Direction::Output));
        OperationPlan {
            operation,
            input,
            input_schema: leak(self.input_schema(&operation, input, &traits)),
            output: output.filter(|node| !node.members.is_empty()),
            streaming_input: self.streaming_member(input, Direction::Input),
            streaming_output: output.and_then(|node| self.streaming_member(node, Direction::Output)),
            checksums: ModeledChecksums::of(&traits["httpChecksum"], input),
            takes_gzip: encodings
                .is_some_and(|encodings| encodings.iter().any(|encoding| encoding == "gzip")),
            traits,
            has_prefix_by_rules,
            // Traits that are not as the packer writes them give no parameters; a test goes through all.
            endpoint_context: OperationContext::of(self.model, &operation).unwrap_or_default(),
        }
    }

    fn input_schema(&self, operation: &Operation, input: &'static Node, traits: &Json) -> Schema<'static> {
        let members = input.members.iter().map(|member| member.schema).collect::<Vec<_>>().leak();
        let path = leak(self.path(operation)).as_str();
        let mut schema = Schema::new_struct(id_of(input.name), ShapeType::Structure, members)
            .with_http(HttpTrait::new(operation.method, path, None));
        if let Some(shape) = operation.input.map(|shape| self.model.shape(shape)) {
            if let Some(name) = shape.location_name {
                schema = schema.with_xml_name(name);
            }
            schema = super::names::with_namespace(schema, shape.traits);
        }
        let root = &traits["inputTraits"];
        if let Some(name) = root["locationName"].as_str() {
            schema = schema.with_xml_name(leak(name.to_owned()).as_str());
        }
        schema = namespaced(schema, &root["xmlNamespace"]);
        let rest = matches!(self.protocol, Protocol::RestJson1 | Protocol::RestXml);
        let has_body = input.members.iter().any(|member| {
            let is_payload = member.is(member_flags::PAYLOAD);
            member.location == Location::Body
                && (!is_payload || self.model.shape(member.target).kind == ShapeKind::Structure)
        });
        if rest && !has_body {
            schema = schema.with_no_body_members();
        }
        schema
    }

    /// The path with its labels named as the members are: botocore names them as the wire does.
    fn path(&self, operation: &Operation) -> String {
        let mut path = operation.uri.to_owned();
        let Some(shape) = operation.input.map(|shape| self.model.shape(shape)) else { return path };
        for member in self.model.members(&shape).filter(|member| member.location == Location::Uri) {
            let Some(label) = member.location_name.filter(|label| *label != member.name) else { continue };
            for end in ["}", "+}"] {
                path = path.replace(&format!("{{{label}{end}"), &format!("{{{}{end}", member.name));
            }
        }
        self.without_bucket(path)
    }

    /// S3's models have the bucket in the path, where its endpoint rules have it in the endpoint.
    fn without_bucket(&self, path: String) -> String {
        let rest = path.strip_prefix("/{Bucket}").filter(|_| self.model.metadata().endpoint_prefix == "s3");
        match rest {
            Some(rest) if rest.starts_with('/') => rest.to_owned(),
            Some(rest) => format!("/{rest}"),
            None => path,
        }
    }

    fn streaming_member(&self, node: &Node, direction: Direction) -> Option<StreamingMember> {
        node.members.iter().find_map(|member| {
            let target = self.node(member.target, direction);
            let shape = self.model.shape(member.target);
            let streams = member.is(member_flags::STREAMING) || shape.has(shape_flags::STREAMING);
            let is_blob = target.kind == ShapeKind::Blob && streams && member.is(member_flags::PAYLOAD);
            (is_blob || target.is_event_stream).then(|| StreamingMember {
                name: member.name,
                target,
                is_event_stream: target.is_event_stream,
                requires_length: shape.has(shape_flags::REQUIRES_LENGTH),
            })
        })
    }
}

/// The input of operations that take none.
fn nothing() -> &'static Node {
    static NOTHING: std::sync::OnceLock<&'static Node> = std::sync::OnceLock::new();
    NOTHING.get_or_init(|| {
        leak(Node {
            name: "Unit",
            kind: ShapeKind::Structure,
            is_document: false,
            is_union: false,
            is_sparse: false,
            is_event_stream: false,
            schema: leak(Schema::new_struct(id_of("Unit"), ShapeType::Structure, &[])),
            members: Box::default(),
        })
    })
}
