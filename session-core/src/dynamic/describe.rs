//! Discovery: what a service can do and what an operation takes and answers, in words.
//!
//! ```text
//! DescribeKeyPairs
//! input
//!   KeyNames: list of string
//!   Filters: list of structure Filter
//!     Name: string
//! output
//!   KeyPairs: list of structure KeyPairInfo
//!     …
//! ```
//! Every structure is taken apart where it comes first and is only named after that, so that a shape that contains
//! itself has an end, and a large operation no more lines than its model has members.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::catalog::{did_you_mean, shown};
use crate::error::{Error, ErrorKind};
use crate::model::{self, Location, Member, Model, Shape, ShapeIndex, ShapeKind, member_flags, shape_flags};

/// The names of a service's operations, in alphabetical order.
///
/// # Errors
/// [`ErrorKind::UnknownService`]: there is no model of that name; names near misses.
pub(crate) fn operation_names_of(service: &str) -> Result<Vec<&'static str>, Error> {
    match model::find(service)? {
        Some(model) => Ok(operation_names(model)),
        None => {
            let near = did_you_mean(service, model::names());
            let message = format!("AWS has no service `{}`{near}", shown(service));
            Err(Error::new(ErrorKind::UnknownService, message))
        }
    }
}

/// The names of the model's operations, in alphabetical order.
pub(crate) fn operation_names(model: &Model) -> Vec<&'static str> {
    model.operation_names().collect()
}

/// An operation by its number: input and output as trees, a line a member, and the errors that the model names.
pub(crate) fn describe(model: &Model, operation: usize) -> String {
    let operation = model.operation(operation);
    let mut tree = Tree { model, seen: HashSet::new(), text: format!("{}\n", operation.name) };
    for (title, shape) in [("input", operation.input), ("output", operation.output)] {
        tree.message(title, shape);
    }
    let mut errors: Vec<_> = model.errors(&operation).map(|error| model.shape(error).name).collect();
    errors.sort_unstable();
    if !errors.is_empty() {
        tree.line(0, format_args!("errors: {}", errors.join(", ")));
    }
    tree.text
}

/// A description as it grows.
struct Tree<'m> {
    model: &'m Model,
    /// The structures that were taken apart.
    seen: HashSet<ShapeIndex>,
    text: String,
}

impl Tree<'_> {
    fn message(&mut self, title: &str, shape: Option<ShapeIndex>) {
        let structure = shape.filter(|shape| self.model.shape(*shape).member_count > 0);
        let Some(index) = structure else {
            return self.line(0, format_args!("{title}: nothing"));
        };
        self.line(0, format_args!("{title}"));
        self.members(index, 1);
    }

    /// The members of a structure, and below each those of the structures in it.
    fn members(&mut self, index: ShapeIndex, depth: usize) {
        self.seen.insert(index);
        let model = self.model;
        let shape = model.shape(index);
        for member in model.members(&shape) {
            let mut inner = Vec::new();
            let mut line = format!("{}: {}", member.name, self.kind(member.shape, &mut inner));
            for mark in marks(&member, &model.shape(member.shape)) {
                let _ = write!(line, ", {mark}");
            }
            inner.retain(|shape| !self.seen.contains(shape));
            self.line(depth, format_args!("{line}"));
            for shape in inner {
                if !self.seen.contains(&shape) {
                    self.members(shape, depth + 1);
                }
            }
        }
    }

    /// A type in words; the structures in it are added to `inner`.
    fn kind(&self, index: ShapeIndex, inner: &mut Vec<ShapeIndex>) -> String {
        let shape = self.model.shape(index);
        // A list that is its own element would be a type without an end; none of the models has one without a structure
        // between, which ends it here.
        let mut elements = self.model.members(&shape).map(|member| member.shape);
        match shape.kind {
            ShapeKind::Structure if shape.has(shape_flags::DOCUMENT) => "document".to_owned(),
            ShapeKind::Structure => {
                inner.push(index);
                let sort = match () {
                    () if shape.has(shape_flags::EVENT_STREAM) => "event stream",
                    () if shape.has(shape_flags::UNION) => "union",
                    () => "structure",
                };
                match self.seen.contains(&index) {
                    true => format!("{sort} {}, as above", shape.name),
                    false => format!("{sort} {}", shape.name),
                }
            }
            ShapeKind::List => match elements.next() {
                Some(element) => format!("list of {}", self.kind(element, inner)),
                None => "list".to_owned(),
            },
            ShapeKind::Map => match (elements.next(), elements.next()) {
                (Some(key), Some(value)) => {
                    let (key, value) = (self.kind(key, inner), self.kind(value, inner));
                    format!("map of {key} to {value}")
                }
                _ => "map".to_owned(),
            },
            scalar => scalar_name(scalar).to_owned(),
        }
    }

    fn line(&mut self, depth: usize, line: std::fmt::Arguments<'_>) {
        let _ = writeln!(self.text, "{:1$}{line}", "", depth * 2);
    }
}

/// What is to be known of a member besides its type.
fn marks(member: &Member, shape: &Shape) -> Vec<String> {
    let name = member.location_name.unwrap_or(member.name);
    let flags = [
        (member_flags::REQUIRED, "required"),
        (member_flags::IDEMPOTENCY_TOKEN, "made when absent"),
        (member_flags::HOST_LABEL, "in the host name"),
        (member_flags::PAYLOAD, "the body"),
    ];
    let mut marks: Vec<String> =
        flags.iter().filter(|(flag, _)| member.has(*flag)).map(|(_, mark)| (*mark).to_owned()).collect();
    if member.has(member_flags::STREAMING) || shape.has(shape_flags::STREAMING) {
        marks.push("streamed".to_owned());
    }
    match member.location {
        Location::Body => {}
        Location::Header => marks.push(format!("header {name}")),
        Location::PrefixedHeaders => marks.push(format!("headers {name}*")),
        Location::Uri => marks.push("in the path".to_owned()),
        Location::Query => marks.push(format!("query {name}")),
        Location::StatusCode => marks.push("the status code".to_owned()),
    }
    marks
}

fn scalar_name(kind: ShapeKind) -> &'static str {
    match kind {
        ShapeKind::Structure => "structure",
        ShapeKind::List => "list",
        ShapeKind::Map => "map",
        ShapeKind::String => "string",
        ShapeKind::Integer => "integer",
        ShapeKind::Long => "long",
        ShapeKind::Boolean => "boolean",
        ShapeKind::Timestamp => "timestamp",
        ShapeKind::Double => "double",
        ShapeKind::Float => "float",
        ShapeKind::Blob => "blob",
        ShapeKind::Character => "character",
        ShapeKind::Short => "short",
        ShapeKind::Byte => "byte",
        ShapeKind::BigDecimal => "big decimal",
        ShapeKind::BigInteger => "big integer",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn described(service: &str, operation: &str) -> String {
        let model = model::find(service).unwrap().unwrap();
        describe(model, model.find_operation(operation).unwrap())
    }

    #[test]
    fn members_have_types_marks_and_places() {
        let text = described("s3", "PutObject");
        for line in [
            "PutObject\ninput\n",
            "\n  Bucket: string, required, in the path\n",
            "\n  Body: blob, the body, streamed\n",
            "\n  ContentType: string, header Content-Type\n",
            "\n  Metadata: map of string to string, headers x-amz-meta-*\n",
            "\noutput\n  Expiration: string, header x-amz-expiration\n",
        ] {
            assert!(text.contains(line), "{line:?} is not in\n{text}");
        }
        let text = described("sts", "GetCallerIdentity");
        assert_eq!(
            text,
            "GetCallerIdentity\ninput: nothing\noutput\n  UserId: string\n  Account: string\n  Arn: string\n"
        );
    }

    #[test]
    fn a_structure_in_itself_is_taken_apart_once() {
        let text = described("dynamodb", "PutItem");
        let item = "\n  Item: map of string to structure AttributeValue, required\n    S: string\n";
        assert!(text.contains(item), "{text}");
        assert!(text.contains("AttributeValue, as above\n"), "{text}");
        assert_eq!(text.matches("    NS: list of string\n").count(), 1, "{text}");
    }

    #[test]
    fn every_operation_can_be_described() {
        for service in model::names() {
            let model = model::find(service).unwrap().unwrap();
            let members: usize = (0..model.shape_count()).map(|shape| model.shape(shape).member_count).sum();
            for operation in 0..model.operation_count() {
                let text = describe(model, operation);
                assert!(text.lines().count() <= members + 4, "{service}: {text}");
            }
        }
    }

    #[test]
    fn an_unknown_service_is_told_with_near_misses() {
        assert!(operation_names_of("sts").unwrap().contains(&"AssumeRole"));
        let error = operation_names_of("lamda").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownService);
        assert!(error.to_string().contains("`lamda`; did you mean `lambda`"), "{error}");
    }
}
