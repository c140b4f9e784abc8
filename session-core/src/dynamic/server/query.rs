//! Reading a form of the query protocol: flat names with dots become values by the shapes they are for.
//!
//! `Tags.member.1.Key=mood` is the member `Key` of the first element of the list `Tags`. A form is kept sorted by name,
//! so that what is below a name lies side by side. Positions only order a list: their gaps are closed.
//!
//! Source: Smithy's `awsQuery`, and botocore's serializer of it.

use std::collections::BTreeMap;
use std::ops::Bound;

use super::{ServedFault, scalar};
use crate::dynamic::value::Value;
use crate::model::{Member, Model, Shape, ShapeKind, member_flags, shape_flags};

/// How deep a value may be. A client could else exhaust the stack by the names of a shape that contains itself.
const MAX_DEPTH: usize = 32;

/// The parameters of a request by their whole names. Of those given twice, the first counts.
pub(super) struct Form(BTreeMap<String, String>);

impl Form {
    /// Of the URL's query and the body. Never fails: what is not UTF-8 is replaced.
    pub(super) fn parse(query: &str, body: &[u8]) -> Self {
        let mut parameters = BTreeMap::new();
        let all = url::form_urlencoded::parse(query.as_bytes()).chain(url::form_urlencoded::parse(body));
        for (name, value) in all {
            parameters.entry(name.into_owned()).or_insert_with(|| value.into_owned());
        }
        Self(parameters)
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// What follows `name.` in the names of parameters.
    fn below(&self, name: &str) -> impl Iterator<Item = &str> {
        let start = format!("{name}.");
        let from = (Bound::Included(start.as_str()), Bound::Unbounded);
        let names = self.0.range::<str, _>(from).map(|(name, _)| name.as_str());
        names.map_while(move |name| name.strip_prefix(start.as_str()))
    }

    /// The elements below a name in the order of their numbers, which are kept as they were written.
    fn elements(&self, name: &str) -> impl Iterator<Item = String> {
        let first_segments = self.below(name).filter_map(|rest| rest.split('.').next());
        let numbered = first_segments.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let numbers: BTreeMap<u32, String> =
            numbered.filter_map(|text| Some((text.parse().ok()?, format!("{name}.{text}")))).collect();
        numbers.into_values()
    }
}

/// The input of an operation.
///
/// # Errors
/// `MalformedInput` and `ValidationError`; see [`Served::read`](super::Served::read).
pub(super) fn read(model: &'static Model, shape: &Shape, form: &Form) -> Result<Value, ServedFault> {
    let mut reader = Reader { model, form, missing: Vec::new() };
    let input = reader.members(shape, &Place::default())?;
    match reader.missing.as_slice() {
        [] => Ok(input),
        missing => Err(missing_fault("ValidationError", missing)),
    }
}

/// All required members that are not there, in AWS's words.
pub(super) fn missing_fault(code: &str, missing: &[String]) -> ServedFault {
    let each: Vec<String> = missing
        .iter()
        .map(|path| format!("Value null at '{path}' failed to satisfy constraint: Member must not be null"))
        .collect();
    let errors = if missing.len() == 1 { "error" } else { "errors" };
    let message = format!("{} validation {errors} detected: {}", missing.len(), each.join("; "));
    ServedFault::new(code, message)
}

struct Reader<'a> {
    model: &'static Model,
    form: &'a Form,
    /// The paths of required members that are not there, as AWS writes them.
    missing: Vec<String>,
}

/// Where a value is: its name in the form, its path in messages, and how deep.
#[derive(Clone, Default)]
struct Place {
    name: String,
    path: String,
    depth: usize,
}

impl Place {
    fn member(&self, wire_name: &str, path: &str) -> Self {
        let join = |left: &str, right: &str| match left {
            "" => right.to_owned(),
            left => format!("{left}.{right}"),
        };
        Self { name: join(&self.name, wire_name), path: join(&self.path, path), depth: self.depth + 1 }
    }

    /// The same place below another name.
    fn named(&self, name: String, path: &str) -> Self {
        Self { name, path: format!("{}.{path}", self.path), depth: self.depth + 1 }
    }
}

impl Reader<'_> {
    fn members(&mut self, shape: &Shape, place: &Place) -> Result<Value, ServedFault> {
        let mut entries = Vec::new();
        for member in self.model.members(shape) {
            let target = self.model.shape(member.shape);
            let here = place.member(wire_name(&member, &target), &lower_first(member.name));
            match self.value(&member, &target, &here)? {
                Some(value) => entries.push((member.name.to_owned(), value)),
                None if member.has(member_flags::REQUIRED) => self.missing.push(here.path),
                None => {}
            }
        }
        Ok(Value::Map(entries))
    }

    fn value(&mut self, member: &Member, shape: &Shape, place: &Place) -> Result<Option<Value>, ServedFault> {
        match shape.kind {
            ShapeKind::Structure | ShapeKind::List | ShapeKind::Map if place.depth > MAX_DEPTH => {
                let message = format!("The value is nested more than {MAX_DEPTH} levels deep");
                match self.form.below(&place.name).next() {
                    Some(_) => Err(ServedFault::new("MalformedInput", message)),
                    None => Ok(None),
                }
            }
            ShapeKind::Structure if self.form.below(&place.name).next().is_none() => Ok(None),
            ShapeKind::Structure => self.members(shape, place).map(Some),
            ShapeKind::List => self.list(member, shape, place),
            ShapeKind::Map => self.map(member, shape, place),
            _ => {
                let Some(text) = self.form.get(&place.name) else { return Ok(None) };
                scalar::read(shape, text).map(Some).ok_or_else(|| {
                    let expected = scalar::kind(shape);
                    let message = format!("The value of {} is not {expected}", place.name);
                    ServedFault::new("MalformedInput", message)
                })
            }
        }
    }

    fn list(&mut self, member: &Member, shape: &Shape, place: &Place) -> Result<Option<Value>, ServedFault> {
        let Some(element) = self.model.members(shape).next() else { return Ok(None) };
        let target = self.model.shape(element.shape);
        let base = match flattened_name(member, shape, &element) {
            // On the list itself the element's name takes the place of the list's.
            Some(name) => match place.name.rsplit_once('.') {
                Some((above, _)) => format!("{above}.{name}"),
                None => name.to_owned(),
            },
            None => format!("{}.{}", place.name, element.location_name.unwrap_or("member")),
        };
        let mut elements = Vec::new();
        for (position, name) in self.form.elements(&base).enumerate() {
            let here = place.named(name, &format!("{}.member", position + 1));
            elements.extend(self.value(&element, &target, &here)?);
        }
        // An empty list is the list's name without anything.
        let is_there = !elements.is_empty() || self.form.get(&place.name) == Some("");
        Ok(is_there.then_some(Value::List(elements)))
    }

    fn map(&mut self, member: &Member, shape: &Shape, place: &Place) -> Result<Option<Value>, ServedFault> {
        let mut members = self.model.members(shape);
        let (Some(key), Some(value)) = (members.next(), members.next()) else { return Ok(None) };
        let target = self.model.shape(value.shape);
        let base = match is_flattened(member, shape) {
            true => place.name.clone(),
            false => format!("{}.entry", place.name),
        };
        let mut map = Value::Map(Vec::new());
        let mut is_there = self.form.get(&place.name) == Some("");
        for (position, entry) in self.form.elements(&base).enumerate() {
            let name = format!("{entry}.{}", key.location_name.unwrap_or("key"));
            let Some(name) = self.form.get(&name) else { continue };
            let here = format!("{entry}.{}", value.location_name.unwrap_or("value"));
            let here = place.named(here, &format!("{}.value", position + 1));
            let found = self.value(&value, &target, &here)?;
            map.insert(name, found.unwrap_or_default());
            is_there = true;
        }
        Ok(is_there.then_some(map))
    }
}

/// The name of a structure's member on the wire.
pub(super) fn wire_name(member: &Member, target: &Shape) -> &'static str {
    member.location_name.or(target.location_name).unwrap_or(member.name)
}

pub(super) fn is_flattened(member: &Member, target: &Shape) -> bool {
    member.has(member_flags::FLATTENED) || target.has(shape_flags::FLATTENED)
}

/// The name of a flattened list's elements; `None` where the list is not flattened.
///
/// Flattened by the member, the member's name counts; flattened by the list, that of the list's element.
pub(super) fn flattened_name(member: &Member, target: &Shape, element: &Member) -> Option<&'static str> {
    let by_list = element.location_name.filter(|_| !member.has(member_flags::FLATTENED));
    is_flattened(member, target).then(|| by_list.unwrap_or_else(|| wire_name(member, target)))
}

/// A member's name as validation messages have it.
pub(super) fn lower_first(name: &str) -> String {
    let mut characters = name.chars();
    characters.next().into_iter().flat_map(char::to_lowercase).chain(characters).collect()
}
