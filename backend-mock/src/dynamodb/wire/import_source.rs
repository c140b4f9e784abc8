//! The items in the files of an import.
//!
//! Source: developer guide, "Amazon S3 import formats for DynamoDB". Text that cannot be read ends its file and counts
//! as one error; an item that cannot be stored counts as one, and the file goes on.

use std::io::Read as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use bytes::Bytes;
use csv::{ReaderBuilder, StringRecord};
use flate2::read::MultiGzDecoder;

use super::super::engine::attribute_value::AttributeValue;
use super::super::engine::item::Attributes;
use super::super::engine::key_schema::{KeyAttribute, KeyType};
use super::input::Input;
use super::json::Json;
use super::shape::{ATTRIBUTES, required};

/// An item, or why it is none.
pub(super) type Found = Result<Attributes, String>;

pub(super) enum Format {
    DynamoDbJson,
    Csv {
        delimiter: u8,
        /// The names of the columns; without them, the first line of each file has them.
        header: Option<Vec<String>>,
    },
}

pub(super) struct Source<'s> {
    pub(super) format: Format,
    pub(super) is_compressed: bool,
    /// The attributes that are keys, which are not all texts.
    pub(super) keys: &'s [KeyAttribute],
}

impl Source<'_> {
    /// Everything that a file holds.
    pub(super) fn items(&self, file: &Bytes) -> Vec<Found> {
        let mut text = Vec::new();
        if !self.is_compressed {
            text.extend_from_slice(file);
        } else if !file.is_empty()
            && let Err(error) = MultiGzDecoder::new(&**file).read_to_end(&mut text)
        {
            return vec![Err(error.to_string())];
        }
        match &self.format {
            Format::DynamoDbJson => json_items(&text),
            Format::Csv { delimiter, header } => self.csv_items(&text, *delimiter, header.as_deref()),
        }
    }

    fn csv_items(&self, text: &[u8], delimiter: u8, header: Option<&[String]>) -> Vec<Found> {
        let mut reader =
            ReaderBuilder::new().delimiter(delimiter).has_headers(header.is_none()).from_reader(text);
        let names = match header {
            Some(names) => Ok(StringRecord::from_iter(names)),
            None => reader.headers().cloned(),
        };
        let names = match names {
            Ok(names) => names,
            Err(error) => return vec![Err(error.to_string())],
        };
        reader
            .records()
            .map(|record| self.csv_item(&names, &record.map_err(|error| error.to_string())?))
            .collect()
    }

    fn csv_item(&self, names: &StringRecord, record: &StringRecord) -> Found {
        if names.len() != record.len() {
            return Err(format!("{} values for {} columns", record.len(), names.len()));
        }
        names.iter().zip(record).map(|(name, text)| Ok((name.into(), self.csv_value(name, text)?))).collect()
    }

    /// Columns hold texts, but for those that are keys of the table or of an index and are defined as something else.
    fn csv_value(&self, name: &str, text: &str) -> Result<AttributeValue, String> {
        match self.keys.iter().find(|key| *key.name == *name).map(|key| key.key_type) {
            Some(KeyType::N) => text.parse().map(AttributeValue::N).map_err(|_| format!("no number: {name}")),
            Some(KeyType::B) => {
                let bytes = BASE64.decode(text).map_err(|error| error.to_string())?;
                Ok(AttributeValue::B(bytes.into()))
            }
            Some(KeyType::S) | None => Ok(AttributeValue::S(text.into())),
        }
    }
}

/// Objects one after another, whether or not they are on lines of their own.
fn json_items(text: &[u8]) -> Vec<Found> {
    let item = |value: Json<'_>| {
        let input = Input::check(&value, &[required("Item", ATTRIBUTES, &[])]);
        input.and_then(|input| input.attributes("Item")).map_err(|fault| fault.to_json().to_string())
    };
    let values = serde_json::Deserializer::from_slice(text).into_iter::<Json<'_>>();
    values.map(|value| value.map_err(|error| error.to_string()).and_then(item)).collect()
}
