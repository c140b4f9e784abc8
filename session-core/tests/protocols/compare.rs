//! When two bodies say the same: JSON, CBOR and XML as trees, forms as sets of parameters.

use std::collections::{BTreeMap, BTreeSet};

use aws_smithy_cbor::Decoder;
use aws_smithy_cbor::data::Type;
use serde_json::{Value as Json, json};
use session_core::dynamic::Value;

/// Whether a body of a request is the one wanted, in the protocol's own terms.
pub(crate) fn bodies_agree(protocol: &str, got: &[u8], wanted: &str) -> bool {
    if wanted.is_empty() {
        return got.is_empty();
    }
    if got == wanted.as_bytes() {
        return true;
    }
    let text = String::from_utf8_lossy(got);
    match protocol {
        "query" | "ec2" => queries_agree(&text, wanted),
        "smithy-rpc-v2-cbor" => {
            let wanted = aws_smithy_types::base64::decode(wanted).unwrap_or_default();
            wanted == got || cbor(&wanted).is_some_and(|wanted| cbor(got) == Some(wanted))
        }
        "rest-xml" => Element::parse(wanted).is_some_and(|wanted| Element::parse(&text) == Some(wanted)),
        _ => match (serde_json::from_str::<Json>(wanted), serde_json::from_slice::<Json>(got)) {
            (Ok(wanted), Ok(got)) => json_agrees(&got, &wanted),
            _ => false,
        },
    }
}

/// Whether two query strings have the same parameters.
pub(crate) fn queries_agree(one: &str, other: &str) -> bool {
    let parameters = |query: &str| -> BTreeSet<String> {
        query
            .split('&')
            .filter(|part| !part.is_empty())
            .map(|part| part.trim_end_matches('=').to_owned())
            .collect()
    };
    parameters(one) == parameters(other)
}

/// Whether an output is the one wanted: JSON has neither blobs nor timestamps.
pub(crate) fn values_agree(got: &Value, wanted: &Json) -> bool {
    match (got, wanted) {
        (Value::Timestamp(moment), Json::Number(seconds)) => {
            seconds.as_f64().is_some_and(|seconds| (moment.as_secs_f64() - seconds).abs() < 1e-3)
        }
        (Value::Blob(bytes), Json::String(text)) => {
            bytes.as_ref() == text.as_bytes() || aws_smithy_types::base64::encode(bytes) == *text
        }
        (Value::Double(number), Json::String(text)) => match text.as_str() {
            "NaN" => number.is_nan(),
            "Infinity" => *number == f64::INFINITY,
            "-Infinity" => *number == f64::NEG_INFINITY,
            _ => false,
        },
        (Value::Double(number), Json::Number(wanted)) => {
            wanted.as_f64().is_some_and(|wanted| (number - wanted).abs() <= 1e-6 * wanted.abs().max(1.0))
        }
        (Value::Integer(number), Json::Number(wanted)) => wanted.as_f64() == Some(*number as f64),
        (Value::List(items), Json::Array(wanted)) => {
            items.len() == wanted.len()
                && items.iter().zip(wanted).all(|(got, wanted)| values_agree(got, wanted))
        }
        (Value::Map(entries), Json::Object(wanted)) => {
            let wanted: BTreeMap<_, _> = wanted.iter().filter(|(_, value)| !value.is_null()).collect();
            let entries: Vec<_> = entries.iter().filter(|(_, value)| *value != Value::Null).collect();
            entries.len() == wanted.len()
                && entries
                    .iter()
                    .all(|(name, got)| wanted.get(name).is_some_and(|wanted| values_agree(got, wanted)))
        }
        (Value::Map(entries), Json::Null) => entries.is_empty(),
        (Value::String(got), Json::String(wanted)) => got == wanted,
        (Value::Bool(got), Json::Bool(wanted)) => got == wanted,
        (Value::Null, Json::Null) => true,
        _ => false,
    }
}

fn json_agrees(got: &Json, wanted: &Json) -> bool {
    match (got, wanted) {
        (Json::Number(got), Json::Number(wanted)) => got.as_f64() == wanted.as_f64(),
        (Json::Array(got), Json::Array(wanted)) => {
            got.len() == wanted.len() && got.iter().zip(wanted).all(|(got, wanted)| json_agrees(got, wanted))
        }
        (Json::Object(got), Json::Object(wanted)) => {
            got.len() == wanted.len()
                && got
                    .iter()
                    .all(|(name, got)| wanted.get(name).is_some_and(|wanted| json_agrees(got, wanted)))
        }
        (got, wanted) => got == wanted,
    }
}

/// CBOR as JSON, in which all numbers are doubles and bytes are base64.
fn cbor(bytes: &[u8]) -> Option<Json> {
    fn item(decoder: &mut Decoder<'_>) -> Option<Json> {
        Some(match decoder.datatype().ok()? {
            Type::Bool => json!(decoder.boolean().ok()?),
            Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 => {
                json!(decoder.long().ok()? as f64)
            }
            Type::F16 | Type::F32 | Type::F64 => {
                let number = decoder.double().ok()?;
                if number.is_finite() { json!(number) } else { json!(number.to_string()) }
            }
            Type::Bytes | Type::BytesIndef => json!(aws_smithy_types::base64::encode(decoder.blob().ok()?)),
            Type::String | Type::StringIndef => json!(decoder.string().ok()?),
            Type::Tag => json!(decoder.timestamp().ok()?.as_secs_f64()),
            Type::Null => {
                decoder.null().ok()?;
                Json::Null
            }
            Type::Array | Type::ArrayIndef => {
                let count = decoder.list().ok()?;
                let mut items = Vec::new();
                while goes_on(decoder, count, items.len())? {
                    items.push(item(decoder)?);
                }
                if count.is_none() {
                    decoder.set_position(decoder.position() + 1); // past the end's own byte
                }
                Json::Array(items)
            }
            Type::Map | Type::MapIndef => {
                let count = decoder.map().ok()?;
                let mut members = serde_json::Map::new();
                while goes_on(decoder, count, members.len())? {
                    let name = decoder.string().ok()?;
                    members.insert(name, item(decoder)?);
                }
                if count.is_none() {
                    decoder.set_position(decoder.position() + 1); // past the end's own byte
                }
                Json::Object(members)
            }
            _ => return None,
        })
    }
    /// Whether a collection of that length, if it says one, has more than `read` items.
    fn goes_on(decoder: &Decoder<'_>, length: Option<u64>, read: usize) -> Option<bool> {
        match length {
            Some(length) => Some((read as u64) < length),
            None => Some(decoder.datatype().ok()? != Type::Break),
        }
    }
    item(&mut Decoder::new(bytes))
}

/// An XML element; the order of children does not matter where their names differ.
#[derive(Debug, PartialEq, PartialOrd, Eq, Ord)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn parse(document: &str) -> Option<Self> {
        let document = document.trim();
        let body = match document.strip_prefix("<?") {
            Some(rest) => rest.split_once("?>")?.1.trim_start(),
            None => document,
        };
        let mut rest = body;
        Self::read(&mut rest)
    }

    fn read(rest: &mut &str) -> Option<Self> {
        let (tag, after) = rest.strip_prefix('<')?.split_once('>')?;
        *rest = after;
        let (tag, is_closed) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        let (name, mut given) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let mut attributes = BTreeMap::new();
        while let Some((name, value)) = given.trim_start().split_once("=\"") {
            let (value, after) = value.split_once('"')?;
            attributes.insert(name.trim().to_owned(), value.to_owned());
            given = after;
        }
        let mut element =
            Self { name: name.trim().to_owned(), attributes, text: String::new(), children: Vec::new() };
        if is_closed {
            return Some(element);
        }
        loop {
            let text = rest.find('<')?;
            element.text.push_str(rest[..text].trim());
            *rest = &rest[text..];
            if rest.starts_with("</") {
                *rest = rest.split_once('>')?.1;
                element.children.sort_by(|one, other| one.name.cmp(&other.name));
                return Some(element);
            }
            element.children.push(Self::read(rest)?);
        }
    }
}
