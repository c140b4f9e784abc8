//! For the sweep over all operations of all services: an input with every member is made, checked and written, and an
//! output with every member is written as a service would and read back.
//!
//! Answers of the query protocols are written by the [server's side](crate::dynamic::server), all others by the SDK's
//! serializers: they write headers and bodies of requests, which are those of answers.

use std::collections::HashSet;

use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse, Metadata};
use aws_smithy_schema::traits::HttpTrait;
use aws_smithy_schema::{Schema, ShapeId, ShapeType};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::{Blob, DateTime};

use crate::dynamic::schema::{Direction, Node, OperationPlan, Schemas};
use crate::dynamic::service::ModeledService;
use crate::dynamic::{Value, input, server};
use crate::error::Error;
use crate::model::{self, Location, Protocol, ShapeKind, member_flags};

/// How deep synthetic values go; shapes that contain themselves end there.
const DEEP: usize = 4;

/// The status of answers that have it as a member.
const STATUS: u16 = 202;

/// What came of a sweep.
#[derive(Debug, Default)]
pub struct Swept {
    /// Operations.
    pub count: usize,
    /// What went wrong, a line an operation.
    pub wrong: Vec<String>,
    /// Shapes whose schemas were made, of all there are.
    pub schemas: (usize, usize),
}

/// Writes an input of every operation of every service, and reads an output.
///
/// # Errors
/// Of the first service that cannot be read.
pub fn operations() -> Result<Swept, Error> {
    let mut swept = Swept::default();
    for name in model::names() {
        let Some(model) = model::find(name)? else { continue };
        // Not kept as a service that is in use would be: what one service takes is leaked all the same.
        let service = ModeledService::over(name, model);
        service.paginations()?;
        service.waiters()?;
        for index in 0..model.operation_count() {
            swept.count += 1;
            for done in [write(service, index), read_back(service, index)] {
                if let Err(why) = done {
                    swept.wrong.push(format!("{name}.{}: {why}", model.operation(index).name));
                }
            }
        }
        swept.schemas.0 += service.schemas.made();
        swept.schemas.1 += model.shape_count();
    }
    Ok(swept)
}

/// How many schemas one operation of a service makes, of its input and of an output with that value: those of the
/// structures that it meets, of as many shapes as the service has.
///
/// # Errors
/// There is no such service; what goes wrong with the operation is a text.
pub fn schemas_of(service: &'static str, operation: &str, output: &str) -> Result<(usize, usize), String> {
    let model = model::find(service).map_err(|error| error.to_string())?.ok_or("no such service")?;
    let service = ModeledService::over(service, model);
    let index = model.find_operation(operation).ok_or("no such operation")?;
    let plan = service.operation(index).ok_or("no such operation")?.plan;
    let config = config_of(service, plan);
    let input = input::prepare(&service.schemas, plan.input, None, Value::Null);
    let input = input.map_err(|error| error.to_string())?;
    service.wire.request(&service.schemas, plan, &input, &config).map_err(|error| error.to_string())?;
    let response = answer(SdkBody::from(output), 200)?;
    service.wire.output(&service.schemas, plan, &response, &config).map_err(|error| error.to_string())?;
    Ok((service.schemas.made(), model.shape_count()))
}

fn config_of(service: &ModeledService, plan: &OperationPlan) -> ConfigBag {
    let mut layer = Layer::new("sweep");
    layer.store_put(Metadata::new(plan.operation.name, service.name));
    service.wire.configure(service.model.metadata(), &mut layer);
    ConfigBag::of_layers(vec![layer])
}

fn write(service: &'static ModeledService, index: usize) -> Result<(), String> {
    let plan = service.operation(index).ok_or("no such operation")?.plan;
    let config = config_of(service, plan);
    let mut value = synthetic(&service.schemas, plan.input, Direction::Input, 0);
    without_stream(&mut value, plan.streaming_input.map(|stream| stream.name));
    let value = input::prepare(&service.schemas, plan.input, plan.streaming_input, value)
        .map_err(|error| error.to_string())?;
    let request = service.wire.request(&service.schemas, plan, &value, &config);
    request.map(|_| ()).map_err(|error| error.to_string())
}

fn without_stream(value: &mut Value, streaming: Option<&str>) {
    if let (Value::Map(entries), Some(streaming)) = (value, streaming) {
        entries.retain(|(name, _)| name != streaming);
    }
}

/// An answer with every member, written and read.
fn read_back(service: &'static ModeledService, index: usize) -> Result<(), String> {
    let plan = service.operation(index).ok_or("no such operation")?.plan;
    let Some(node) = plan.output else { return Ok(()) };
    let config = config_of(service, plan);
    let mut value = synthetic(&service.schemas, node, Direction::Output, 0);
    without_stream(&mut value, plan.streaming_output.map(|stream| stream.name));
    let response = match service.schemas.protocol {
        Protocol::AwsQuery | Protocol::Ec2Query => {
            let written = server::answer(service.model, &plan.operation, &value);
            answer(SdkBody::from(written.map_err(|error| error.to_string())?), 200)?
        }
        // The one answer that is a text within its root.
        _ if service.name == "s3" && plan.operation.name == "GetBucketLocation" => {
            answer(SdkBody::from("<LocationConstraint>text</LocationConstraint>"), 200)?
        }
        _ => {
            let schema = output_schema(service, plan, node);
            let (written, status) = without_status(&value, node);
            let request = service.wire.serialized(&service.schemas, node, schema, &written, &config);
            let mut response = answered(request.map_err(|error| error.to_string())?, node, status)?;
            if let Some(body) = document_payload(&service.schemas, node, &value) {
                *response.body_mut() = body;
            }
            response
        }
    };
    if service.wire.is_error(&response) {
        return Err("the answer is taken for an error".to_owned());
    }
    let read = service.wire.output(&service.schemas, plan, &response, &config);
    let read = read.map_err(|error| format!("{error}: {}", shown(&response)))?;
    match sorted(read.clone()) == sorted(value.clone()) {
        true => Ok(()),
        false => Err(format!("{value} is read as {read} from {}", shown(&response))),
    }
}

/// The output's schema with what the serializers ask of an input's.
fn output_schema(
    service: &ModeledService,
    plan: &OperationPlan,
    node: &'static Node,
) -> &'static Schema<'static> {
    let members = node.members.iter().map(|member| member.schema).collect::<Vec<_>>().leak();
    let name = plan.traits["outputTraits"]["locationName"].as_str().unwrap_or(node.name);
    let mut schema =
        Schema::new_struct(ShapeId::from_parts(node.name, "aws", node.name), ShapeType::Structure, members)
            .with_http(HttpTrait::new("POST", "/", None));
    if service.schemas.protocol == Protocol::RestXml {
        schema = schema.with_xml_name(String::leak(name.to_owned()));
    }
    if !node.members.iter().any(|member| member.location == Location::Body) {
        schema = schema.with_no_body_members();
    }
    Box::leak(Box::new(schema))
}

/// The members that are written, and the status: the SDK's serializers, being those of requests, know none.
fn without_status(value: &Value, node: &Node) -> (Value, u16) {
    let is_status =
        |name: &str| node.member(name).is_some_and(|member| member.location == Location::StatusCode);
    let entries = value.as_map().unwrap_or_default();
    let written = entries.iter().filter(|(name, _)| !is_status(name)).cloned().collect::<Vec<_>>();
    let status = if written.len() < entries.len() { STATUS } else { 200 };
    (Value::Map(written), status)
}

fn answered(mut request: HttpRequest, node: &Node, status: u16) -> Result<HttpResponse, String> {
    let mut response = answer(std::mem::replace(request.body_mut(), SdkBody::empty()), status)?;
    // Where the model has no such header, what the serializer counted would be among those that have no name of theirs.
    let is_modeled = node.members.iter().any(|member| {
        let header = member.schema.http_header();
        header.is_some_and(|header| header.value().eq_ignore_ascii_case("content-length"))
    });
    for (name, value) in request.headers().iter().filter(|(name, _)| is_modeled || *name != "content-length")
    {
        response.headers_mut().append(name.to_owned(), value.to_owned());
    }
    Ok(response)
}

/// The body where it is a document as a whole, which no request has and their serializers do not write.
fn document_payload(schemas: &Schemas, node: &Node, value: &Value) -> Option<SdkBody> {
    let payload = node.members.iter().find(|member| member.is(member_flags::PAYLOAD))?;
    let target = schemas.node(payload.target, Direction::Output);
    target.is_document.then(|| SdkBody::from(value[payload.name].to_string()))
}

fn answer(body: SdkBody, status: u16) -> Result<HttpResponse, String> {
    let status = status.try_into().map_err(|_| format!("{status} is no status"))?;
    Ok(HttpResponse::new(status, body))
}

fn shown(response: &HttpResponse) -> String {
    let body = response.body().bytes().unwrap_or_default();
    let headers: Vec<_> = response.headers().iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{headers:?} {}", String::from_utf8_lossy(body))
}

/// Members come in the order in which they were sent, headers before the body.
fn sorted(value: Value) -> Value {
    match value {
        Value::Map(entries) => {
            let mut entries: Vec<_> =
                entries.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Map(entries)
        }
        Value::List(items) => Value::List(items.into_iter().map(sorted).collect()),
        other => other,
    }
}

pub(in crate::dynamic) fn synthetic(
    schemas: &Schemas,
    node: &'static Node,
    direction: Direction,
    depth: usize,
) -> Value {
    let target = |at: usize| schemas.node(node.members[at].target, direction);
    let within = |target| synthetic(schemas, target, direction, depth + 1);
    if node.is_document {
        return Value::Map(vec![("key".to_owned(), Value::Bool(true))]);
    }
    match node.kind {
        // What has to be there may be an empty list, and so ends.
        ShapeKind::List if depth > 2 * DEEP => Value::List(Vec::new()),
        ShapeKind::Structure => {
            let one = if node.is_union { 1 } else { usize::MAX };
            // S3's notifications have an old member and a new one of one name on the wire: an answer has either.
            let mut wire_names = HashSet::new();
            let members = node.members.iter().take(one).filter(|member| {
                let wire_name = member.schema.xml_name().map_or(member.name, |name| name.value());
                direction == Direction::Input
                    || member.location != Location::Body
                    || wire_names.insert(wire_name.to_owned())
            });
            let members = members.filter_map(|member| {
                let target = schemas.node(member.target, direction);
                let nests = matches!(target.kind, ShapeKind::Structure | ShapeKind::List | ShapeKind::Map);
                let required = member.is(member_flags::REQUIRED) || node.is_union;
                let goes_on = !nests || depth < DEEP || (required && depth < 6 * DEEP);
                let made = || match member.location {
                    Location::StatusCode => Value::Integer(STATUS.into()),
                    _ => within(target),
                };
                goes_on.then(|| (member.name.to_owned(), made()))
            });
            Value::Map(members.collect())
        }
        ShapeKind::List => Value::List(vec![within(target(0))]),
        ShapeKind::Map => Value::Map(vec![("key".to_owned(), within(target(1)))]),
        ShapeKind::String | ShapeKind::Character => Value::String("text".to_owned()),
        ShapeKind::Boolean => Value::Bool(true),
        ShapeKind::Integer | ShapeKind::Long | ShapeKind::Short | ShapeKind::Byte => Value::Integer(1),
        ShapeKind::Double | ShapeKind::Float => Value::Double(0.5),
        ShapeKind::Blob => Value::Blob(Blob::new("bytes")),
        ShapeKind::Timestamp => Value::Timestamp(DateTime::from_secs(1_767_323_045)),
        ShapeKind::BigInteger | ShapeKind::BigDecimal => Value::BigNumber("1".to_owned()),
    }
}
