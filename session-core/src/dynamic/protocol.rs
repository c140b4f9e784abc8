//! The wire: a value becomes a request, a response a value or a fault, by the protocol that the service speaks.
//!
//! The SDK's published protocol types do the work. They are young and leave some of it to the code that is generated
//! for each service; that part is here, protocol by protocol, so that nothing above knows which one is spoken.

mod event;
mod fault;

pub(crate) use self::event::{EVENT_STREAM_TYPE, EventOrFault};
pub(crate) use self::fault::request_id;

use std::fmt;

use aws_smithy_cbor::protocol::RpcV2CborProtocol;
use aws_smithy_json::protocol::aws_json_rpc::AwsJsonRpcProtocol;
use aws_smithy_json::protocol::aws_rest_json_1::AwsRestJsonProtocol;
use aws_smithy_query::protocol::AwsQueryProtocol;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_schema::Schema;
use aws_smithy_schema::codec::Codec;
use aws_smithy_schema::protocol::{
    ServiceShapeName, ServiceVersion, ServiceXmlNamespace, SharedClientProtocol,
};
use aws_smithy_schema::serde::{SerdeError, ShapeDeserializer};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::date_time::Format;
use aws_smithy_xml::codec::{XmlCodec, XmlCodecSettings};
use aws_smithy_xml::decode::{Document, try_data};
use aws_smithy_xml::protocol::aws_rest_xml::AwsRestXmlProtocol;

use super::schema::{Direction, Node, OperationPlan, Schemas};
use super::value::Value;
use super::walk::{StructureValue, read_structure};
use crate::model::{Metadata, Protocol, ShapeKind, member_flags};

/// One service's way to speak.
pub(crate) struct Wire {
    protocol: Protocol,
    sdk: SharedClientProtocol,
    is_query_compatible: bool,
    /// S3 has two ways of its own: errors may come with status 200, once it has begun to answer, and the answer of
    /// GetBucketLocation is no structure.
    is_s3: bool,
}

impl Wire {
    /// The wire of the service of that name (boto's) and with that metadata.
    pub(crate) fn of(service: &str, metadata: &Metadata) -> Self {
        let prefix = metadata.target_prefix.unwrap_or_default();
        let is_s3 = service == "s3";
        let sdk = match metadata.protocol {
            Protocol::AwsJson1_0 => {
                SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_0().with_target_prefix(prefix))
            }
            Protocol::AwsJson1_1 => {
                SharedClientProtocol::new(AwsJsonRpcProtocol::aws_json_1_1().with_target_prefix(prefix))
            }
            Protocol::RestJson1 => SharedClientProtocol::new(AwsRestJsonProtocol::new()),
            Protocol::RestXml => {
                SharedClientProtocol::new(AwsRestXmlProtocol::new().with_no_error_wrapping(is_s3))
            }
            Protocol::AwsQuery | Protocol::Ec2Query => SharedClientProtocol::new(AwsQueryProtocol::new()),
            Protocol::RpcV2Cbor => SharedClientProtocol::new(RpcV2CborProtocol::new()),
        };
        Self { protocol: metadata.protocol, sdk, is_query_compatible: metadata.is_query_compatible, is_s3 }
    }

    /// Puts what the protocol reads of the service into the client's configuration.
    pub(crate) fn configure(&self, metadata: &'static Metadata, layer: &mut Layer) {
        layer.store_put(ServiceVersion::new(metadata.api_version));
        layer.store_put(ServiceShapeName::new(metadata.target_prefix.unwrap_or_default()));
        if let Some(uri) = metadata.xml_namespace.filter(|_| self.protocol == Protocol::RestXml) {
            layer.store_put(ServiceXmlNamespace::new(uri, None));
        }
        layer.store_put(self.sdk.clone());
    }

    /// The request of an operation. The input has been prepared.
    pub(crate) fn request(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        input: &Value,
        config: &ConfigBag,
    ) -> Result<HttpRequest, SerdeError> {
        let mut request = self.serialized(schemas, plan.input, plan.input_schema, input, config)?;
        let is_untyped = request.headers().get("content-type").is_none();
        if let Some(kind) = self.payload_type(schemas, plan, input).filter(|_| is_untyped) {
            request.headers_mut().insert("content-type", kind);
        }
        if self.is_query_compatible {
            request.headers_mut().insert("x-amzn-query-mode", "true");
        }
        if self.protocol == Protocol::RpcV2Cbor && plan.operation.input.is_none() {
            request.headers_mut().remove("content-type");
            request.headers_mut().remove("content-length");
            *request.body_mut() = SdkBody::empty();
        }
        // The others say so in the answer alone.
        if self.protocol == Protocol::RpcV2Cbor && plan.answers_events() {
            request.headers_mut().insert("accept", EVENT_STREAM_TYPE);
        }
        Ok(request)
    }

    /// Whether an answer of events has all that the output has besides in its first message.
    pub(crate) fn has_initial_response(&self) -> bool {
        !matches!(self.protocol, Protocol::RestJson1 | Protocol::RestXml)
    }

    /// What the SDK's protocol makes of a structure.
    pub(crate) fn serialized(
        &self,
        schemas: &Schemas,
        node: &'static Node,
        schema: &'static Schema<'static>,
        value: &Value,
        config: &ConfigBag,
    ) -> Result<HttpRequest, SerdeError> {
        self.sdk.serialize_request(&StructureValue { schemas, node, schema, value }, schema, "", config)
    }

    /// What the payload is where the model does not say: its serializer writes nothing but its bytes.
    fn payload_type(&self, schemas: &Schemas, plan: &OperationPlan, input: &Value) -> Option<&'static str> {
        let Value::Map(entries) = input else { return None };
        let payload = plan.input.members.iter().find(|member| member.is(member_flags::PAYLOAD))?;
        let given = entries.iter().any(|(name, value)| name == payload.name && *value != Value::Null);
        match schemas.node(payload.target, Direction::Input).kind {
            ShapeKind::Blob if given => Some("application/octet-stream"),
            ShapeKind::String if given => Some("text/plain"),
            _ => None,
        }
    }

    /// The output that a successful response carries, without a streaming member.
    pub(crate) fn output(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Result<Value, SerdeError> {
        let Some(node) = plan.output else { return Ok(Value::Map(Vec::new())) };
        if plan.answers_events() && self.has_initial_response() {
            return Ok(Value::Map(Vec::new()));
        }
        let body = response.body().bytes().unwrap_or_default();
        if self.is_s3 && plan.operation.name == "GetBucketLocation" {
            return Ok(bucket_location(body));
        }
        let is_blank = body.iter().all(u8::is_ascii_whitespace);
        // Readers of XML take no empty document, but headers may have something to say.
        let empty;
        let response = match self.protocol {
            Protocol::RestXml if is_blank && node.schema.has_body_members() && !node.has_payload() => {
                let mut bare = HttpResponse::new(response.status(), SdkBody::from("<Empty/>"));
                *bare.headers_mut() = response.headers().clone();
                empty = bare;
                &empty
            }
            _ => response,
        };
        let mut deserializer = match self.protocol {
            Protocol::AwsQuery | Protocol::Ec2Query if is_blank => return Ok(Value::Map(Vec::new())),
            // Its answers have no wrapper, but members whose names look like one.
            Protocol::Ec2Query => xml_deserializer(body),
            _ => self.sdk.deserialize_response(response, node.schema, config)?,
        };
        read_structure(&mut *deserializer, schemas, node)
    }

    /// Whether a response is an error, whatever its status says.
    pub(crate) fn is_error(&self, response: &HttpResponse) -> bool {
        if !response.status().is_success() {
            return true;
        }
        let body = response.body().bytes().filter(|_| self.is_s3).unwrap_or_default();
        fault::root_is_error(body)
    }
}

/// The region that is the whole text of the answer; nothing for us-east-1, whose answer is empty.
fn bucket_location(body: &[u8]) -> Value {
    let region = || {
        let mut document = Document::try_from(body).ok()?;
        let mut root = document.root_element().ok()?;
        let text = try_data(&mut root).ok()?;
        (!text.trim().is_empty()).then(|| text.trim().to_owned())
    };
    let region = region().map(|region| ("LocationConstraint".to_owned(), Value::String(region)));
    Value::Map(region.into_iter().collect())
}

/// Reads XML from its root element, as the query protocols write it.
fn xml_deserializer(body: &[u8]) -> Box<dyn ShapeDeserializer + '_> {
    let settings = XmlCodecSettings::builder().default_timestamp_format(Format::DateTime).build();
    Box::new(XmlCodec::new(settings).create_deserializer(body))
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Wire").field("protocol", &self.protocol).finish_non_exhaustive()
    }
}
