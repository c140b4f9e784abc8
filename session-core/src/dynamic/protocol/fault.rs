//! Reading errors: code and message from each protocol's envelope, then what the model says that the error has.

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::config_bag::ConfigBag;
use aws_smithy_types::error::metadata::{Builder, ErrorMetadata};
use aws_smithy_types::retry::ErrorKind as RetryKind;
use aws_smithy_xml::codec::find_depth2_element_slice_by;
use aws_smithy_xml::decode::{Document, try_data};
use serde_json::Value as Json;

use super::super::error::ServiceFault;
use super::super::schema::{Direction, OperationPlan, Schemas};
use super::super::value::Value;
use super::super::walk::read_structure;
use super::{Wire, xml_deserializer};
use crate::model::{Protocol, Shape, ShapeIndex, shape_flags};

impl Wire {
    /// The fault that a response reports. What cannot be read of it is left out.
    pub(crate) fn fault(
        &self,
        schemas: &Schemas,
        plan: &OperationPlan,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> ServiceFault {
        let body = response.body().bytes().unwrap_or_default();
        let mut metadata = self.metadata(body, response, config).build();
        let code = metadata.code().unwrap_or_default().to_owned();
        // To a query-compatible service the code is that of old, and only the type names the shape.
        let by_type = || modeled_error(schemas, plan, &self.type_of(response, body)?);
        let modeled = match self.is_query_compatible {
            true => by_type().or_else(|| modeled_error(schemas, plan, &code)),
            false => modeled_error(schemas, plan, &code),
        };
        let fields = modeled.and_then(|(index, _)| self.fields(schemas, index, response, config));
        let fields = fields.unwrap_or(Value::Map(Vec::new()));
        if let Some(message) = message_of(&fields).filter(|_| metadata.message().is_none()) {
            let named = ErrorMetadata::builder().message(message);
            metadata = if code.is_empty() { named.build() } else { named.code(&*code).build() };
        }
        ServiceFault {
            request_id: request_id(response).or_else(|| self.request_id_in(body)),
            metadata,
            status: response.status().as_u16(),
            shape: modeled.as_ref().map(|(_, shape)| shape.name),
            fields,
            retry: modeled.and_then(|(_, shape)| retry_kind(&shape)),
        }
    }

    fn metadata(&self, body: &[u8], response: &HttpResponse, config: &ConfigBag) -> Builder {
        match self.protocol {
            Protocol::AwsQuery | Protocol::Ec2Query => code_and_message(error_element(body)),
            _ => self.sdk.parse_error_metadata(response, config).unwrap_or_default(),
        }
    }

    fn fields(
        &self,
        schemas: &Schemas,
        error: ShapeIndex,
        response: &HttpResponse,
        config: &ConfigBag,
    ) -> Option<Value> {
        let node = schemas.node(error, Direction::Output);
        if node.members.is_empty() {
            return None;
        }
        let body = response.body().bytes().unwrap_or_default();
        let mut deserializer = match self.protocol {
            Protocol::AwsQuery | Protocol::Ec2Query => xml_deserializer(error_element(body)),
            _ => self.sdk.deserialize_error_response(response, config).ok()?,
        };
        read_structure(&mut *deserializer, schemas, node).ok()
    }

    /// The shape of the error as the answer names it, without its namespace.
    fn type_of(&self, response: &HttpResponse, body: &[u8]) -> Option<String> {
        let in_body = || match self.protocol {
            Protocol::RpcV2Cbor => cbor_type(body),
            _ => serde_json::from_slice::<Json>(body).ok()?.get("__type")?.as_str().map(str::to_owned),
        };
        let named = response.headers().get("x-amzn-errortype").map(str::to_owned).or_else(in_body)?;
        let named = named.split(':').next().unwrap_or_default();
        named.rsplit('#').next().map(str::to_owned)
    }

    fn request_id_in(&self, body: &[u8]) -> Option<String> {
        match self.protocol {
            Protocol::AwsQuery | Protocol::Ec2Query | Protocol::RestXml => {}
            _ => return None,
        }
        let named = |name: &str| name.eq_ignore_ascii_case("RequestId");
        let slice = find_depth2_element_slice_by(body, named)?;
        let mut document = Document::try_from(slice).ok()?;
        let mut root = document.root_element().ok()?;
        try_data(&mut root).ok().map(|id| id.into_owned())
    }
}

/// `__type` of a map in CBOR.
fn cbor_type(body: &[u8]) -> Option<String> {
    let mut decoder = Decoder::new(body);
    // A map without a length ends with a mark.
    let mut left = decoder.map().ok()?;
    while left != Some(0) && !matches!(decoder.datatype(), Ok(Type::Break) | Err(_)) {
        if decoder.str().ok()? == "__type" {
            return decoder.string().ok();
        }
        decoder.skip().ok()?;
        left = left.map(|left| left - 1);
    }
    None
}

/// The error of that code: first among those of the operation, then among all of the service.
fn modeled_error(schemas: &Schemas, plan: &OperationPlan, code: &str) -> Option<(ShapeIndex, Shape)> {
    if code.is_empty() {
        return None;
    }
    let model = schemas.model;
    let of_service = (0..model.shape_count()).filter(|index| model.shape(*index).has(shape_flags::EXCEPTION));
    model
        .errors(&plan.operation)
        .chain(of_service)
        .map(|index| (index, model.shape(index)))
        .find(|(_, shape)| shape.name == code || code_of(shape).is_some_and(|named| named == code))
}

fn traits_of(shape: &Shape) -> Json {
    shape.traits.and_then(|traits| serde_json::from_str(traits).ok()).unwrap_or_default()
}

fn code_of(shape: &Shape) -> Option<String> {
    shape.traits.filter(|traits| traits.contains("\"code\""))?;
    traits_of(shape)["error"]["code"].as_str().map(str::to_owned)
}

fn retry_kind(shape: &Shape) -> Option<RetryKind> {
    let traits = traits_of(shape);
    let retryable = traits.get("retryable")?;
    Some(match retryable["throttling"].as_bool() {
        Some(true) => RetryKind::ThrottlingError,
        _ if shape.has(shape_flags::FAULT) => RetryKind::ServerError,
        _ => RetryKind::ClientError,
    })
}

fn message_of(fields: &Value) -> Option<String> {
    let Value::Map(entries) = fields else { return None };
    entries.iter().find_map(|(name, value)| match value {
        Value::String(text) if name.eq_ignore_ascii_case("message") => Some(text.clone()),
        _ => None,
    })
}

/// The id of the request, as far as the headers say it.
pub(crate) fn request_id(response: &HttpResponse) -> Option<String> {
    ["x-amzn-requestid", "x-amz-request-id", "x-amzn-request-id"]
        .into_iter()
        .find_map(|name| response.headers().get(name))
        .map(str::to_owned)
}

/// The innermost `Error` of a query protocol's answer, with its tags; `ErrorResponse/Error`, or EC2's
/// `Response/Errors/Error`.
fn error_element(body: &[u8]) -> &[u8] {
    let outer =
        find_depth2_element_slice_by(body, |name| name == "Error" || name == "Errors").unwrap_or(body);
    find_depth2_element_slice_by(outer, |name| name == "Error").unwrap_or(outer)
}

fn code_and_message(error: &[u8]) -> Builder {
    let mut read = ErrorMetadata::builder();
    let Ok(mut document) = Document::try_from(error) else { return read };
    let Ok(mut root) = document.root_element() else { return read };
    while let Some(mut tag) = root.next_tag() {
        let name = tag.start_el().local().to_owned();
        read = match (name.as_str(), try_data(&mut tag)) {
            ("Code", Ok(code)) => read.code(code),
            ("Message", Ok(message)) => read.message(message),
            _ => read,
        };
    }
    read
}

/// Whether a document's root is `Error`.
pub(super) fn root_is_error(body: &[u8]) -> bool {
    let Ok(mut document) = Document::try_from(body) else { return false };
    document.root_element().is_ok_and(|root| root.start_el().local() == "Error")
}

#[cfg(test)]
mod tests {
    use aws_smithy_cbor::Encoder;
    use aws_smithy_types::body::SdkBody;
    use serde_json::json;

    use super::*;
    use crate::dynamic::conformance::protocols::Suite;

    #[test]
    fn the_type_in_cbor_names_the_shape_where_the_code_is_that_of_old() {
        let service = json!({
            "metadata": {
                "apiVersion": "2020-01-01", "endpointPrefix": "q", "protocol": "smithy-rpc-v2-cbor",
                "targetPrefix": "Q", "awsQueryCompatible": {},
            },
            "operations": {
                "Get": {"http": {"method": "POST", "requestUri": "/"}, "errors": [{"shape": "NoQueue"}]},
            },
            "shapes": {
                "NoQueue": {"type": "structure", "members": {"depth": {"shape": "Depth"}}, "exception": true},
                "Depth": {"type": "integer"},
            },
        });
        let suite = Suite::over(&service).unwrap();
        let mut definite = Encoder::new(Vec::new());
        definite.map(2).str("depth").integer(7).str("__type").str("q#NoQueue");
        let mut indefinite = Encoder::new(Vec::new());
        indefinite.begin_map().str("depth").integer(7).str("__type").str("q#NoQueue").end();
        for body in [definite, indefinite].map(Encoder::into_writer) {
            let mut response = HttpResponse::new(400_u16.try_into().unwrap(), SdkBody::from(body));
            response.headers_mut().insert("x-amzn-query-error", "AWS.Queue.NonExistent;Sender");
            response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
            let fault = suite.fault("Get", &response).unwrap();
            assert_eq!(fault.code(), Some("AWS.Queue.NonExistent"));
            assert_eq!(fault.shape(), Some("NoQueue"));
            assert_eq!(fault.fields()["depth"], Value::from(7));
        }
        assert_eq!(cbor_type(&[]), None);
        let mut without = Encoder::new(Vec::new());
        without.begin_map().str("depth").integer(7).end();
        assert_eq!(cbor_type(&without.into_writer()), None);
    }
}
