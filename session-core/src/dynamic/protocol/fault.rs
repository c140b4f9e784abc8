//! Reading errors: code and message from each protocol's envelope, then what the model says that the error has.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::body::SdkBody;
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

/// The header in which a query-compatible service repeats the code that the error had in the query protocol.
const QUERY_ERROR: &str = "x-amzn-query-error";

/// What botocore takes for the status of an error that comes as an event.
pub(super) const STATUS_OF_EVENTS: u16 = 400;

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
        let by_type = || modeled_error(schemas, plan, &self.type_of(response, config)?);
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

    /// The shape of the error as the answer names it, where the code comes from [`QUERY_ERROR`]: the protocol reads it
    /// once that header is gone.
    fn type_of(&self, response: &HttpResponse, config: &ConfigBag) -> Option<String> {
        let body = response.body().bytes()?.to_vec();
        let mut bare = HttpResponse::new(response.status(), SdkBody::from(body));
        *bare.headers_mut() = response.headers().clone();
        bare.headers_mut().remove(QUERY_ERROR);
        let metadata = self.sdk.parse_error_metadata(&bare, config).ok()?.build();
        metadata.code().map(str::to_owned)
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

/// The error of that code: first among those of the operation, then among all of the service.
pub(super) fn modeled_error(
    schemas: &Schemas,
    plan: &OperationPlan,
    code: &str,
) -> Option<(ShapeIndex, Shape)> {
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

pub(super) fn retry_kind(shape: &Shape) -> Option<RetryKind> {
    let traits = traits_of(shape);
    let retryable = traits.get("retryable")?;
    Some(match retryable["throttling"].as_bool() {
        Some(true) => RetryKind::ThrottlingError,
        _ if shape.has(shape_flags::FAULT) => RetryKind::ServerError,
        _ => RetryKind::ClientError,
    })
}

/// The status of an error that came as an event: the model's, else what botocore counts it as.
pub(super) fn status_of(shape: &Shape) -> u16 {
    let modeled = traits_of(shape)["error"]["httpStatusCode"].as_u64();
    match modeled.and_then(|status| u16::try_from(status).ok()) {
        Some(status) => status,
        None if shape.has(shape_flags::FAULT) => 500,
        None => STATUS_OF_EVENTS,
    }
}

pub(super) fn message_of(fields: &Value) -> Option<String> {
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
    use serde_json::json;

    use super::super::super::conformance::protocols::Suite;
    use super::*;

    /// What a query-compatible service that speaks the protocol answered: a type of its own, and the code of old.
    fn told(protocol: &str, body: Vec<u8>) -> ServiceFault {
        let model = json!({
            "metadata": {
                "apiVersion": "2020-01-01", "protocol": protocol, "serviceId": "Test", "jsonVersion": "1.0",
                "endpointPrefix": "test", "targetPrefix": "Test", "awsQueryCompatible": {},
            },
            "operations": {"Put": {
                "name": "Put", "http": {"method": "POST", "requestUri": "/"}, "errors": [{"shape": "Refused"}],
            }},
            "shapes": {
                "Refused": {
                    "type": "structure", "exception": true, "error": {"code": "Refused.Old", "httpStatusCode": 400},
                    "members": {"message": {"shape": "Text"}, "because": {"shape": "Text"}},
                },
                "Text": {"type": "string"},
            },
        });
        let mut response = HttpResponse::new(400.try_into().unwrap(), SdkBody::from(body));
        response.headers_mut().insert(QUERY_ERROR, "Another.Code;Sender");
        response.headers_mut().insert("smithy-protocol", "rpc-v2-cbor");
        let suite = Suite::over(&model).unwrap();
        suite.fault("Put", &response).unwrap()
    }

    #[test]
    fn the_body_of_a_query_compatible_service_names_the_shape_and_its_header_the_code() {
        let mut cbor = Encoder::new(Vec::new());
        cbor.map(3)
            .str("__type")
            .str("com.test#Refused")
            .str("message")
            .str("no")
            .str("because")
            .str("of it");
        let json = json!({"__type": "com.test#Refused", "message": "no", "because": "of it"});
        for (protocol, body) in
            [("smithy-rpc-v2-cbor", cbor.into_writer()), ("json", json.to_string().into_bytes())]
        {
            let fault = told(protocol, body);
            assert_eq!((fault.code(), fault.shape()), (Some("Another.Code"), Some("Refused")), "{protocol}");
            assert_eq!(fault.message(), Some("no"), "{protocol}");
            assert_eq!(fault.fields()["because"].as_str(), Some("of it"), "{protocol}");
        }
    }

    #[test]
    fn a_query_compatible_error_without_a_body_still_has_its_code() {
        let fault = told("smithy-rpc-v2-cbor", Vec::new());
        assert_eq!((fault.code(), fault.shape()), (Some("Another.Code"), None));
    }
}
