//! For the bench of what the first use of a service costs.

use crate::dynamic::schema::{Direction, Schemas};
use crate::dynamic::service::ModeledService;
use crate::error::{Error, ErrorKind};
use crate::model::{self, ShapeIndex};

/// The names of all services that have a model.
pub fn services() -> impl Iterator<Item = &'static str> {
    model::names()
}

/// Does what the first client of a service in a process does, and makes all schemas that an operation leads to, the
/// first of the service where none is named. Gives their number. What is made is leaked, every time.
///
/// A call makes fewer: only those of the structures that its values have.
///
/// # Errors
/// There is no such service or operation.
pub fn load(name: &'static str, operation: Option<&str>) -> Result<usize, Error> {
    let missing = || Error::new(ErrorKind::InvalidInput, format!("no such operation of {name}"));
    let model = model::find_anew(name)?.ok_or_else(missing)?;
    let service = ModeledService::over(name, model);
    let index = match operation {
        Some(operation) => model.find_operation(operation),
        None => Some(0),
    };
    let plan = index.and_then(|index| service.operation(index)).ok_or_else(missing)?.plan;
    let output = plan.operation.output;
    let ways = [(plan.operation.input, Direction::Input), (output, Direction::Output)];
    Ok(ways.map(|(shape, direction)| closure(&service.schemas, shape, direction)).iter().sum())
}

/// Makes the schemas of a shape and of all within it; gives their number.
fn closure(schemas: &Schemas, shape: Option<ShapeIndex>, direction: Direction) -> usize {
    let mut seen = vec![false; schemas.model.shape_count()];
    let mut open: Vec<ShapeIndex> = shape.into_iter().collect();
    let mut made = 0;
    while let Some(shape) = open.pop() {
        if std::mem::replace(&mut seen[shape], true) {
            continue;
        }
        made += 1;
        open.extend(schemas.node(shape, direction).members.iter().map(|member| member.target));
    }
    made
}
