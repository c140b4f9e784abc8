//! Documents: members whose JSON has any form, and JSON within a text.

use aws_smithy_types::{Document, Number, base64, date_time::Format};

use super::value::Value;

/// A value as a document. Blobs become base64 and timestamps RFC 3339: documents have neither.
pub(crate) fn document_of(value: &Value) -> Document {
    match value {
        Value::Null => Document::Null,
        Value::Bool(truth) => Document::Bool(*truth),
        Value::Integer(number) => Document::Number(match u64::try_from(*number) {
            Ok(number) => Number::PosInt(number),
            Err(_) => Number::NegInt(*number),
        }),
        Value::Double(number) => Document::Number(Number::Float(*number)),
        Value::BigNumber(digits) => match digits.parse() {
            Ok(number) => Document::Number(Number::PosInt(number)),
            Err(_) => digits.parse().map_or(Document::Null, |number| Document::Number(Number::Float(number))),
        },
        Value::String(text) => Document::String(text.clone()),
        Value::Blob(bytes) => Document::String(base64::encode(bytes)),
        Value::Timestamp(moment) => Document::String(moment.fmt(Format::DateTime).unwrap_or_default()),
        Value::List(items) => Document::Array(items.iter().map(document_of).collect()),
        Value::Map(entries) => {
            Document::Object(entries.iter().map(|(name, value)| (name.clone(), document_of(value))).collect())
        }
    }
}
