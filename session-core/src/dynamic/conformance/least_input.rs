//! For the suite that asks what a backend serves: an input with nothing but what has to be there.

use super::sweep::synthetic;
use crate::dynamic::Value;
use crate::dynamic::schema::{Direction, Node, Schemas};
use crate::dynamic::service::ModeledService;
use crate::error::Error;
use crate::model::{ShapeKind, member_flags};
use crate::service::ServiceName;

/// An input that the model accepts, with no more members than it wants.
///
/// # Errors
/// Of the service, where there is none of that name; a text for an operation that it does not have.
pub fn least_input(service: &ServiceName, operation: &str) -> Result<Value, Error> {
    let service = ModeledService::find(service)?;
    let operation = service.find_operation(operation)?;
    Ok(least(&service.schemas, operation.plan.input))
}

fn least(schemas: &Schemas, node: &'static Node) -> Value {
    let target = |at: usize| schemas.node(node.members[at].target, Direction::Input);
    match node.kind {
        ShapeKind::Structure if !node.is_document => {
            let wanted = node.members.iter().enumerate().filter(|(at, member)| match node.is_union {
                true => *at == 0,
                false => member.is(member_flags::REQUIRED),
            });
            Value::Map(
                wanted.map(|(at, member)| (member.name.to_owned(), least(schemas, target(at)))).collect(),
            )
        }
        ShapeKind::List => Value::List(vec![least(schemas, target(0))]),
        ShapeKind::Map => Value::Map(vec![("key".to_owned(), least(schemas, target(1)))]),
        _ => synthetic(schemas, node, Direction::Input, 0),
    }
}
