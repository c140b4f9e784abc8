//! Writing an answer of the query protocol: a value becomes elements by the shape of the operation's output.
//!
//! ```text
//! <GetCallerIdentityResponse xmlns="…"><GetCallerIdentityResult>…</GetCallerIdentityResult>
//!   <ResponseMetadata><RequestId>…</RequestId></ResponseMetadata></GetCallerIdentityResponse>
//! <ErrorResponse xmlns="…"><Error><Type>Sender</Type><Code>…</Code><Message>…</Message></Error>
//!   <RequestId>…</RequestId></ErrorResponse>
//! ```
//! without the line breaks. What XML cannot hold, such as control characters, is written as U+FFFD.
//!
//! Source: Smithy's `awsQuery`, and botocore's parser of it.

use std::borrow::Cow;

use aws_smithy_xml::encode::{ScopeWriter, XmlWriter};

use super::query::{flattened_name, is_flattened, wire_name};
use super::{ServedFault, scalar, traits};
use crate::dynamic::value::Value;
use crate::error::{Error, ErrorKind};
use crate::model::{Member, Model, Operation, Shape, ShapeKind};

/// The document of an operation that succeeded.
///
/// # Errors
/// [`ErrorKind::InvalidInput`]: the value is not of the output's shape; names the member.
pub(super) fn answer(
    model: &'static Model,
    operation: &Operation,
    output: &Value,
    request_id: &str,
) -> Result<String, Error> {
    let name = format!("{}Response", operation.name);
    let output_traits = traits(operation.traits);
    document(model, &name, |root| {
        let writer = Writer { model };
        let path = Path(vec![operation.name.into()]);
        let shape = operation.output.map(|index| model.shape(index));
        match (shape, output_traits["outputTraits"]["resultWrapper"].as_str()) {
            (Some(shape), Some(wrapper)) => {
                writer.members(&shape, output, &mut root.start_el(wrapper).finish(), &path)?;
            }
            (Some(shape), None) => writer.members(&shape, output, root, &path)?,
            (None, _) => {}
        }
        let mut metadata = root.start_el("ResponseMetadata").finish();
        text(&mut metadata, "RequestId", request_id);
        Ok(())
    })
}

/// The document of a fault.
pub(super) fn refusal(model: &'static Model, fault: &ServedFault, request_id: &str) -> String {
    let written = document(model, "ErrorResponse", |root| {
        let mut error = root.start_el("Error").finish();
        text(&mut error, "Type", if fault.is_sender { "Sender" } else { "Receiver" });
        text(&mut error, "Code", &fault.code);
        text(&mut error, "Message", &fault.message);
        error.finish();
        text(root, "RequestId", request_id);
        Ok(())
    });
    written.unwrap_or_default()
}

/// A document with the namespace of the service at its root.
fn document(
    model: &'static Model,
    name: &str,
    write: impl FnOnce(&mut ScopeWriter<'_, '_>) -> Result<(), Error>,
) -> Result<String, Error> {
    let mut document = String::new();
    let mut writer = XmlWriter::new(&mut document);
    let mut root = writer.start_el(name);
    if let Some(namespace) = model.metadata().xml_namespace {
        root = root.write_ns(namespace, None);
    }
    let mut root = root.finish();
    let written = write(&mut root);
    root.finish();
    written.map(|()| document)
}

fn text(parent: &mut ScopeWriter<'_, '_>, tag: &str, text: &str) {
    parent.start_el(tag).finish().data(&printable(text));
}

struct Writer {
    model: &'static Model,
}

/// The names that lead to a value, for messages.
#[derive(Clone)]
struct Path<'a>(Vec<Cow<'a, str>>);

impl<'a> Path<'a> {
    fn to(&self, name: impl Into<Cow<'a, str>>) -> Self {
        let mut names = self.0.clone();
        names.push(name.into());
        Self(names)
    }

    fn mismatch(&self, shape: &Shape, value: &Value) -> Error {
        let (path, kind, expected) = (self.0.join("."), value.kind(), scalar::kind(shape));
        Error::new(
            ErrorKind::InvalidInput,
            format!("the answer does not fit the model: {path} is {kind} where {expected} is expected"),
        )
    }
}

impl Writer {
    fn members(
        &self,
        shape: &Shape,
        value: &Value,
        parent: &mut ScopeWriter<'_, '_>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        let entries = match value {
            Value::Null => return Ok(()),
            value => value.as_map().ok_or_else(|| path.mismatch(shape, value))?,
        };
        let known = |name: &str| self.model.members(shape).any(|member| member.name == name);
        if let Some((name, _)) = entries.iter().find(|(name, _)| !known(name)) {
            let message = format!(
                "the answer does not fit the model: {} is no member of it",
                path.to(name).0.join(".")
            );
            return Err(Error::new(ErrorKind::InvalidInput, message));
        }
        for member in self.model.members(shape) {
            let Some(value) = value.get(member.name).filter(|value| !value.is_null()) else { continue };
            let target = self.model.shape(member.shape);
            let tag = wire_name(&member, &target);
            self.value(&member, &target, tag, value, parent, &path.to(member.name))?;
        }
        Ok(())
    }

    fn value(
        &self,
        member: &Member,
        shape: &Shape,
        tag: &str,
        value: &Value,
        parent: &mut ScopeWriter<'_, '_>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        match shape.kind {
            ShapeKind::Structure => self.members(shape, value, &mut parent.start_el(tag).finish(), path),
            ShapeKind::List => self.list(member, shape, tag, value, parent, path),
            ShapeKind::Map => self.map(member, shape, tag, value, parent, path),
            _ => {
                let written = match value {
                    Value::Null => String::new(),
                    value => scalar::write(shape, value).ok_or_else(|| path.mismatch(shape, value))?,
                };
                text(parent, tag, &written);
                Ok(())
            }
        }
    }

    fn list(
        &self,
        member: &Member,
        shape: &Shape,
        tag: &str,
        value: &Value,
        parent: &mut ScopeWriter<'_, '_>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        let elements = value.as_list().ok_or_else(|| path.mismatch(shape, value))?;
        let Some(element) = self.model.members(shape).next() else { return Ok(()) };
        let target = self.model.shape(element.shape);
        let write = |tag: &str, parent: &mut ScopeWriter<'_, '_>| {
            let mut all = elements.iter().enumerate();
            all.try_for_each(|(position, value)| {
                self.value(&element, &target, tag, value, parent, &path.to(position.to_string()))
            })
        };
        match flattened_name(member, shape, &element) {
            Some(tag) => write(tag, parent),
            None => write(element.location_name.unwrap_or("member"), &mut parent.start_el(tag).finish()),
        }
    }

    fn map(
        &self,
        member: &Member,
        shape: &Shape,
        tag: &str,
        value: &Value,
        parent: &mut ScopeWriter<'_, '_>,
        path: &Path<'_>,
    ) -> Result<(), Error> {
        let entries = value.as_map().ok_or_else(|| path.mismatch(shape, value))?;
        let mut members = self.model.members(shape);
        let (Some(key), Some(content)) = (members.next(), members.next()) else { return Ok(()) };
        let target = self.model.shape(content.shape);
        let write = |tag: &str, parent: &mut ScopeWriter<'_, '_>| {
            entries.iter().try_for_each(|(name, value)| {
                let mut entry = parent.start_el(tag).finish();
                text(&mut entry, key.location_name.unwrap_or("key"), name);
                let tag = content.location_name.unwrap_or("value");
                self.value(&content, &target, tag, value, &mut entry, &path.to(name.as_str()))
            })
        };
        match is_flattened(member, shape) {
            true => write(tag, parent),
            false => write("entry", &mut parent.start_el(tag).finish()),
        }
    }
}

/// The text without the characters that XML 1.0 has no way to write.
fn printable(text: &str) -> Cow<'_, str> {
    let has_no_place = |character: char| matches!(character, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}');
    match text.contains(has_no_place) {
        true => Cow::Owned(text.replace(has_no_place, "\u{FFFD}")),
        false => Cow::Borrowed(text),
    }
}
