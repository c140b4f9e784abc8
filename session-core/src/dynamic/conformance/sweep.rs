//! For the sweep over all operations of all services: an input with every member is made, checked and written.

use aws_smithy_runtime_api::client::orchestrator::Metadata;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::{Blob, DateTime};

use crate::dynamic::schema::{Direction, Node, Schemas};
use crate::dynamic::service::ModeledService;
use crate::dynamic::{Value, input};
use crate::error::Error;
use crate::model::{self, ShapeKind};
use crate::service::ServiceName;

/// How deep synthetic values go; shapes that contain themselves end there.
const DEEP: usize = 4;

/// Writes an input of every operation of every service.
///
/// # Errors
/// Of the first service that cannot be read. What goes wrong with an operation is among what is returned beside the
/// count, a line each.
pub fn inputs() -> Result<(usize, Vec<String>), Error> {
    let mut count = 0;
    let mut wrong = Vec::new();
    for name in model::names() {
        let Some(model) = model::find(name)? else { continue };
        // Not kept as a service that is in use would be: what one service takes is leaked all the same.
        let service = ModeledService::over(name, model);
        service.paginations()?;
        service.waiters()?;
        let _ = ServiceName::new(name)?;
        for index in 0..model.operation_count() {
            count += 1;
            if let Err(why) = write(service, index) {
                wrong.push(format!("{name}.{}: {why}", model.operation(index).name));
            }
        }
    }
    Ok((count, wrong))
}

fn write(service: &'static ModeledService, index: usize) -> Result<(), String> {
    let plan = service.operation(index).ok_or("no such operation")?.plan;
    let mut layer = Layer::new("sweep");
    layer.store_put(Metadata::new(plan.operation.name, service.name));
    service.wire.configure(service.model.metadata(), &mut layer);
    let config = ConfigBag::of_layers(vec![layer]);
    let mut value = synthetic(&service.schemas, plan.input, 0);
    if let (Value::Map(entries), Some(streaming)) = (&mut value, plan.streaming_input) {
        entries.retain(|(name, _)| name != streaming.name);
    }
    let value = input::prepare(&service.schemas, plan.input, plan.streaming_input, value)
        .map_err(|error| error.to_string())?;
    let request = service.wire.request(&service.schemas, plan, &value, &config);
    request.map(|_| ()).map_err(|error| error.to_string())
}

pub(in crate::dynamic) fn synthetic(schemas: &Schemas, node: &'static Node, depth: usize) -> Value {
    let target = |at: usize| schemas.node(node.members[at].target, Direction::Input);
    if node.is_document {
        return Value::Map(vec![("key".to_owned(), Value::Bool(true))]);
    }
    match node.kind {
        // What has to be there may be an empty list, and so ends.
        ShapeKind::List if depth > 2 * DEEP => Value::List(Vec::new()),
        ShapeKind::Structure => {
            let one = if node.is_union { 1 } else { usize::MAX };
            let members = node.members.iter().take(one).filter_map(|member| {
                let target = schemas.node(member.target, Direction::Input);
                let nests = matches!(target.kind, ShapeKind::Structure | ShapeKind::List | ShapeKind::Map);
                let required = member.is(crate::model::member_flags::REQUIRED) || node.is_union;
                let goes_on = !nests || depth < DEEP || (required && depth < 6 * DEEP);
                goes_on.then(|| (member.name.to_owned(), synthetic(schemas, target, depth + 1)))
            });
            Value::Map(members.collect())
        }
        ShapeKind::List => Value::List(vec![synthetic(schemas, target(0), depth + 1)]),
        ShapeKind::Map => Value::Map(vec![("key".to_owned(), synthetic(schemas, target(1), depth + 1))]),
        ShapeKind::String | ShapeKind::Character => Value::String("text".to_owned()),
        ShapeKind::Boolean => Value::Bool(true),
        ShapeKind::Integer | ShapeKind::Long | ShapeKind::Short | ShapeKind::Byte => Value::Integer(1),
        ShapeKind::Double | ShapeKind::Float => Value::Double(0.5),
        ShapeKind::Blob => Value::Blob(Blob::new("bytes")),
        ShapeKind::Timestamp => Value::Timestamp(DateTime::from_secs(1_767_323_045)),
        ShapeKind::BigInteger | ShapeKind::BigDecimal => Value::BigNumber("1".to_owned()),
    }
}
