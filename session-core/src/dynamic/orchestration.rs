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
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use aws_smithy_types::config_bag::{ConfigBag, Layer};

use super::auth::OperationAuth;
use super::checksum;
use super::customization::{self, Customized, Steps};
use super::host_prefix;
use super::output::Output;
use super::protocol::request_id;
use super::schema::OperationPlan;
use super::service::ModeledService;
use super::value::Value;
use crate::model::operation_flags;

/// What an operation is called with: a value that has been checked, and a stream beside it.
pub(crate) struct CallInput {
    pub(crate) value: Value,
    pub(crate) body: Option<ByteStream>,
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
    layer
}

fn signing_options(service: &ModeledService, plan: &OperationPlan) -> SigningOptions {
    let mut options = SigningOptions::default();
    let is_s3 = service.name == "s3";
    options.double_uri_encode = !is_s3;
    options.normalize_uri_path = !is_s3;
    options.content_sha256_header = matches!(service.name, "s3" | "s3control" | "glacier");
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
        let input: CallInput =
            input.downcast().map_err(|_| "the input is not that of a model-driven client")?;
        if let Some(prefix) = host_prefix::of(plan, &input.value, config)? {
            config.interceptor_state().store_put(prefix);
        }
        super::endpoint_parameters::store(plan, &input.value, config);
        let mut request = service.wire.request(&service.schemas, plan, &input.value, config)?;
        Customized { schemas: &service.schemas, plan }.write(steps, &input.value, &mut request, config)?;
        if let Some(body) = input.body {
            put_body(&mut request, body.into_inner());
        }
        checksum::add(plan, &input.value, &mut request, config)?;
        Ok(request)
    }
}

fn put_body(request: &mut HttpRequest, body: SdkBody) {
    match body.content_length() {
        Some(length) => request.headers_mut().insert("content-length", length.to_string()),
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

type Deserialized = Result<ErasedOutput, OrchestratorError<ErasedError>>;

impl Deserializer {
    fn output(&self, response: &HttpResponse, body: Option<ByteStream>, config: &ConfigBag) -> Deserialized {
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
            body,
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
        self.plan.streaming_output.filter(|_| response.status().is_success())?;
        let body = std::mem::replace(response.body_mut(), SdkBody::taken());
        Some(self.output(response, Some(ByteStream::new(body)), config))
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
            false => self.output(response, None, config),
        }
    }
}
