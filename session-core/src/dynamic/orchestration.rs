//! Between the SDK's orchestrator and the wire: a serializer and a deserializer for any operation.

use std::fmt;

use aws_runtime::auth::{SigV4OperationSigningConfig, SigningOptions};
use aws_sigv4::http_request::SignableBody;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOptionResolverParams;
use aws_smithy_runtime_api::client::interceptors::context::{
    Error as ErasedError, Input, Output as ErasedOutput,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse, SerializeRequest, SharedRequestSerializer, SharedResponseDeserializer,
};
use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_schema::protocol::ServiceXmlNamespace;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::{ConfigBag, Layer};

use super::auth::OperationAuth;
use super::checksum::{self, Expected};
use super::compression;
use super::customization::{self, Customized, Steps};
use super::event_stream::{EventReceiver, EventSource, put_events};
use super::host_prefix;
use super::output::Output;
use super::protocol::request_id;
use super::schema::OperationPlan;
use super::service::ModeledService;
use super::value::Value;
use crate::error::Error;
use crate::model::{Protocol, member_flags, operation_flags};

/// Takes the place of the payload's hash where each event has a signature of its own.
const SIGNED_EVENTS: &str = "STREAMING-AWS4-HMAC-SHA256-EVENTS";

/// What an operation is called with: a value that has been checked, and a stream beside it.
pub(crate) struct CallInput {
    pub(crate) value: Value,
    pub(crate) body: Option<ByteStream>,
    pub(crate) events: Option<EventSource>,
}

/// The runtime logs inputs, and they may have secrets.
impl fmt::Debug for CallInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CallInput").finish_non_exhaustive()
    }
}

/// What all clients of a service configure alike for an operation.
pub(crate) fn operation_layer(
    service: &'static ModeledService,
    plan: &'static OperationPlan,
    steps: Steps,
) -> Layer {
    let mut layer = Layer::new("ModeledOperation");
    layer.store_put(SharedRequestSerializer::new(Serializer { service, plan, steps }));
    layer.store_put(SharedResponseDeserializer::new(Deserializer { service, plan, steps }));
    layer.store_put(Metadata::new(plan.operation.name, service.name));
    layer.store_put(AuthSchemeOptionResolverParams::new(OperationAuth::of(service.model.metadata(), plan)));
    layer.store_put(SigV4OperationSigningConfig {
        signing_options: signing_options(service, plan),
        ..Default::default()
    });
    if let Some(namespace) = document_namespace(service, plan) {
        layer.store_put(namespace);
    }
    // Events come when there is something to tell: a stream without any is not a stalled one.
    if plan.events_in().is_some() || plan.answers_events() {
        layer.store_put(StalledStreamProtectionConfig::disabled());
    }
    layer
}

/// The XML namespace of an input that is one document, where the model gives it to the member. The SDK's protocol reads
/// it from the service alone.
fn document_namespace(service: &ModeledService, plan: &OperationPlan) -> Option<ServiceXmlNamespace> {
    if service.schemas.protocol != Protocol::RestXml {
        return None;
    }
    let payload = plan.input.members.iter().find(|member| member.is(member_flags::PAYLOAD))?;
    let namespace = payload.schema.xml_namespace()?;
    let prefix = namespace.prefix().map(|prefix| prefix.to_owned().into());
    Some(ServiceXmlNamespace::new(namespace.uri().to_owned(), prefix))
}

fn signing_options(service: &ModeledService, plan: &OperationPlan) -> SigningOptions {
    let mut options = SigningOptions::default();
    let is_s3 = service.name == "s3";
    options.double_uri_encode = !is_s3;
    options.normalize_uri_path = !is_s3;
    options.content_sha256_header = matches!(service.name, "s3" | "s3control" | "glacier");
    if plan.events_in().is_some() {
        options.payload_override = Some(SignableBody::Precomputed(SIGNED_EVENTS.to_owned()));
        options.content_sha256_header = true;
    }
    let unsigned = plan.operation.has(operation_flags::UNSIGNED_PAYLOAD)
        || plan.traits["authtype"].as_str() == Some("v4-unsigned-body");
    if unsigned {
        options.payload_override = Some(SignableBody::UnsignedPayload);
        options.content_sha256_header = true;
    }
    options
}

#[derive(Debug)]
struct Serializer {
    service: &'static ModeledService,
    plan: &'static OperationPlan,
    steps: Steps,
}

impl SerializeRequest for Serializer {
    fn serialize_input(&self, input: Input, config: &mut ConfigBag) -> Result<HttpRequest, BoxError> {
        let Self { service, plan, steps } = self;
        let mut input: CallInput =
            input.downcast().map_err(|_| "the input is not that of a model-driven client")?;
        if let Some(prefix) = host_prefix::of(plan, &input.value, config)? {
            config.interceptor_state().store_put(prefix);
        }
        checksum::ask(plan, &mut input.value, config);
        super::endpoint_parameters::store(plan, &input.value, config);
        let mut request = service.wire.request(&service.schemas, plan, &input.value, config)?;
        Customized { schemas: &service.schemas, plan }.write(steps, &input.value, &mut request, config)?;
        if let Some(body) = input.body {
            let given_length = plan.given_length(&input.value);
            put_body(&mut request, body.into_inner(), given_length);
        }
        if let Some((events, member)) = input.events.zip(plan.events_in()) {
            put_events(service, member, events, &mut request, config);
        }
        compression::apply(plan, &mut request, config)?;
        checksum::add(plan, &input.value, &mut request, config)?;
        Ok(request)
    }
}

fn put_body(request: &mut HttpRequest, body: SdkBody, given_length: Option<i64>) {
    match body
        .content_length()
        .map(|length| length.to_string())
        .or_else(|| given_length.map(|length| length.to_string()))
    {
        Some(length) => request.headers_mut().insert("content-length", length),
        None => request.headers_mut().remove("content-length"),
    };
    if request.headers().get("content-type").is_none() {
        request.headers_mut().insert("content-type", "application/octet-stream");
    }
    *request.body_mut() = body;
}

#[derive(Debug)]
struct Deserializer {
    service: &'static ModeledService,
    plan: &'static OperationPlan,
    steps: Steps,
}

/// What comes beside the value.
#[derive(Default)]
struct Streamed {
    body: Option<ByteStream>,
    events: Option<EventReceiver>,
}

type Deserialized = Result<ErasedOutput, OrchestratorError<ErasedError>>;

impl Deserializer {
    fn output(&self, response: &HttpResponse, streamed: Streamed, config: &ConfigBag) -> Deserialized {
        let Self { service, plan, steps } = self;
        let readable = customization::readable(steps, response);
        let value =
            service.wire.output(&service.schemas, plan, readable.as_ref().unwrap_or(response), config);
        let mut value = value.map_err(OrchestratorError::other)?;
        Customized { schemas: &service.schemas, plan }.read(steps, response, config, &mut value);
        let output = Output {
            value,
            status: response.status().as_u16(),
            request_id: request_id(response),
            attempts: config.load::<RequestAttempts>().map_or(1, |attempts| attempts.attempts()),
            body: streamed.body,
            events: streamed.events,
        };
        Ok(ErasedOutput::erase(output))
    }
}

impl DeserializeResponse for Deserializer {
    fn deserialize_streaming_with_config(
        &self,
        response: &mut HttpResponse,
        config: &ConfigBag,
    ) -> Option<Deserialized> {
        // Of an error the body is read whole.
        let stream = self.plan.streaming_output.filter(|_| response.status().is_success())?;
        let streamed = match stream.is_event_stream {
            true => {
                let events = EventReceiver::new(self.service, self.plan, stream.target, response);
                Streamed { events: Some(events), ..Streamed::default() }
            }
            false => {
                let mut body = std::mem::replace(response.body_mut(), SdkBody::taken());
                if let Some(expected) = Expected::of(self.plan, response.headers(), config) {
                    body = expected.over(body);
                }
                Streamed { body: Some(ByteStream::new(body)), ..Streamed::default() }
            }
        };
        Some(self.output(response, streamed, config))
    }

    fn deserialize_nonstreaming_with_config(
        &self,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Deserialized {
        let Self { service, plan, steps } = self;
        match service.wire.is_error(response) {
            true => {
                let mut fault = service.wire.fault(&service.schemas, plan, response, config);
                customization::explain(steps, &mut fault);
                Err(OrchestratorError::operation(ErasedError::erase(fault)))
            }
            false => {
                if let Some(expected) = Expected::of(plan, response.headers(), config) {
                    let body = response.body().bytes().unwrap_or_default();
                    expected
                        .check(body)
                        .map_err(|mismatch| OrchestratorError::other(Error::from(mismatch)))?;
                }
                self.output(response, Streamed::default(), config)
            }
        }
    }
}
