//! Inputs: checked and coerced by the model before anything is sent.
//!
//! All mistakes are told at once, each with its path: a caller who fixes one should not meet the next at the next try.
//! What a value means is decided by the shape that it is given for, never by the value: a text for a blob is its bytes,
//! a number for a timestamp is seconds since 1970.

mod coercion;
mod path;

use std::fmt::Write as _;

use self::path::Path;
use super::schema::{Direction, Node, Schemas, StreamingMember};
use super::value::Value;
use crate::catalog::did_you_mean;
use crate::error::{Error, ErrorKind};
use crate::model::{ShapeKind, member_flags};

/// No input is nested deeper: shapes may contain themselves, and each level takes some stack.
const DEEPEST: usize = 128;

/// More mistakes than these are counted, not told.
const MOST_TOLD: usize = 20;

/// The input as it is sent: coerced, with idempotency tokens filled in.
///
/// `streaming` is the member that travels beside the value; it may be left out even where it is required.
///
/// # Errors
/// [`ErrorKind::InvalidInput`] tells all mistakes, with their paths.
pub(crate) fn prepare(
    schemas: &Schemas,
    node: &'static Node,
    streaming: Option<StreamingMember>,
    input: Value,
) -> Result<Value, Error> {
    let mut input = match input {
        Value::Null => Value::Map(Vec::new()),
        input => input,
    };
    fill_idempotency_tokens(node, &mut input);
    let mut check = Check { schemas, streaming, depth: 0, mistakes: Vec::new(), uncounted: 0 };
    check.value(&Path::Input, node, &mut input);
    check.verdict()?;
    Ok(input)
}

/// An event as it is sent: coerced, and with one member.
///
/// # Errors
/// As [`prepare`]; paths begin with the name of the stream.
pub(crate) fn prepare_event(
    schemas: &Schemas,
    stream: StreamingMember,
    mut event: Value,
) -> Result<Value, Error> {
    let mut check = Check { schemas, streaming: None, depth: 0, mistakes: Vec::new(), uncounted: 0 };
    check.value(&Path::Input.member(stream.name), stream.target, &mut event);
    check.verdict()?;
    Ok(event)
}

fn fill_idempotency_tokens(node: &Node, input: &mut Value) {
    let Value::Map(entries) = input else { return };
    for member in node.members.iter().filter(|member| member.is(member_flags::IDEMPOTENCY_TOKEN)) {
        let given = entries.iter().any(|(name, value)| name == member.name && *value != Value::Null);
        if !given {
            entries.retain(|(name, _)| name != member.name);
            entries.push((member.name.to_owned(), Value::String(random_uuid())));
        }
    }
}

/// A random UUID, version 4.
fn random_uuid() -> String {
    let random = fastrand::u128(..);
    let digits = (random & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{digits:032x}");
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}

/// What a value is, in the words of an error.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Integer(_) => "an integer",
        Value::Double(_) => "a double",
        Value::BigNumber(_) => "a big number",
        Value::String(_) => "a string",
        Value::Blob(_) => "a blob",
        Value::Timestamp(_) => "a timestamp",
        Value::List(_) => "a list",
        Value::Map(_) => "a map",
    }
}

struct Check<'a> {
    schemas: &'a Schemas,
    streaming: Option<StreamingMember>,
    depth: usize,
    mistakes: Vec<String>,
    uncounted: usize,
}

impl Check<'_> {
    fn mistake(&mut self, told: impl FnOnce() -> String) {
        match self.mistakes.len() < MOST_TOLD {
            true => self.mistakes.push(told()),
            false => self.uncounted += 1,
        }
    }

    fn verdict(self) -> Result<(), Error> {
        let mut message = self.mistakes.join("; ");
        if message.is_empty() {
            return Ok(());
        }
        if self.uncounted > 0 {
            let _ = write!(message, "; and {} more", self.uncounted);
        }
        Err(Error::new(ErrorKind::InvalidInput, message))
    }

    /// Checks a value one step further down.
    fn within(&mut self, path: Path<'_>, node: &'static Node, value: &mut Value) {
        self.depth += 1;
        self.value(&path, node, value);
        self.depth -= 1;
    }

    fn value(&mut self, path: &Path<'_>, node: &'static Node, value: &mut Value) {
        if self.depth > DEEPEST {
            let told = || format!("{} is nested more than {DEEPEST} deep", shortened(&path.to_string()));
            return self.mistake(told);
        }
        if node.is_document {
            return;
        }
        match (node.kind, &mut *value) {
            (ShapeKind::Structure, Value::Map(entries)) => self.structure(path, node, entries),
            (ShapeKind::List, Value::List(items)) => {
                let Some(element) = self.element(node, 0) else { return };
                for (index, item) in items.iter_mut().enumerate() {
                    if !self.may_be_null(node, item) {
                        self.within(Path::Element(path, index), element, item);
                    }
                }
            }
            (ShapeKind::Map, Value::Map(entries)) => {
                let Some(element) = self.element(node, 1) else { return };
                for (key, item) in entries {
                    if !self.may_be_null(node, item) {
                        self.within(Path::Entry(path, key), element, item);
                    }
                }
            }
            _ => {
                if let Err(allowed) = coercion::coerce(node.kind, value) {
                    self.mistake(|| format!("{} is {}, but has to be {allowed}", named(path), shown(value)));
                }
            }
        }
    }

    fn element(&self, node: &Node, at: usize) -> Option<&'static Node> {
        node.members.get(at).map(|member| self.schemas.node(member.target, Direction::Input))
    }

    fn may_be_null(&self, collection: &Node, item: &Value) -> bool {
        collection.is_sparse && *item == Value::Null
    }

    fn structure(&mut self, path: &Path<'_>, node: &'static Node, entries: &mut [(String, Value)]) {
        for (name, value) in entries.iter_mut() {
            let Some(member) = node.member(name) else {
                self.unknown_member(path, node, name);
                continue;
            };
            if self.depth == 0 && self.streaming.is_some_and(|streaming| streaming.name == member.name) {
                self.streaming_member(member.name, value);
                continue;
            }
            if *value == Value::Null {
                continue;
            }
            // JSON within a header takes any value.
            if member.is(member_flags::JSON_VALUE) {
                continue;
            }
            let target = self.schemas.node(member.target, Direction::Input);
            self.within(path.member(member.name), target, value);
        }
        let given = |name: &str| {
            let value = entries.iter().find(|(given, _)| given == name);
            value.is_some_and(|(_, value)| *value != Value::Null)
        };
        for member in node.members.iter().filter(|member| member.is(member_flags::REQUIRED)) {
            let streams = self.depth == 0 && self.streaming.is_some_and(|stream| stream.name == member.name);
            if !streams && !given(member.name) {
                self.mistake(|| format!("{} is missing", path.member(member.name)));
            }
        }
        let members = entries.iter().filter(|(_, value)| *value != Value::Null).count();
        if (node.is_union || node.is_event_stream) && members != 1 {
            let all: Vec<&str> = node.members.iter().map(|member| member.name).collect();
            self.mistake(|| {
                let has = if members == 0 { "none".to_owned() } else { members.to_string() };
                let path = named(path);
                format!("{path} has {has} of these members, but has to have exactly one: {}", listed(&all))
            });
        }
    }

    fn streaming_member(&mut self, name: &str, value: &mut Value) {
        let allowed = match value {
            Value::String(text) => {
                *value = Value::Blob(std::mem::take(text).into_bytes().into());
                return;
            }
            Value::Blob(_) | Value::Null => return,
            _ => "a string or a blob; a stream goes beside the input, with `body`",
        };
        self.mistake(|| format!("{name} is {}, but has to be {allowed}", shown(value)));
    }

    fn unknown_member(&mut self, path: &Path<'_>, node: &Node, name: &str) {
        let known = || node.members.iter().map(|member| member.name);
        let name_shown = shortened(name);
        let mut told = format!("{} is no member of {}", path.member(&name_shown), node.name);
        // Who writes `table_name` or `tablename` is a word away however the letters are counted.
        let plain =
            |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        match known().find(|member| plain(member) == plain(name)) {
            Some(meant) => told.push_str(&format!("; did you mean `{meant}`?")),
            None => {
                let near = did_you_mean(name, known());
                told.push_str(&near);
                if near.is_empty() {
                    let all: Vec<&str> = known().take(12).collect();
                    let more = if node.members.len() > all.len() { ", …" } else { "" };
                    match all.is_empty() {
                        true => told.push_str(", which has none"),
                        false => told.push_str(&format!("; its members are {}{more}", listed(&all))),
                    }
                }
            }
        }
        self.mistake(|| told);
    }
}

fn named(path: &Path<'_>) -> String {
    if path.is_input() { "the input".to_owned() } else { path.to_string() }
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What is wrong, by its type alone where it may be a secret: a number or a truth is told, a text is not.
fn shown(value: &Value) -> String {
    match value {
        Value::Bool(truth) => format!("the boolean {truth}"),
        Value::Integer(number) => format!("the integer {number}"),
        Value::Double(number) => format!("the double {number}"),
        other => kind_of(other).to_owned(),
    }
}

fn shortened(text: &str) -> String {
    let mut short: String = text.chars().take(80).flat_map(char::escape_debug).collect();
    if text.chars().nth(80).is_some() {
        short.push('…');
    }
    short
}
