//! Keys in listings: XML cannot hold every key, so they are asked for URL-encoded, and decoded again.
//!
//! Who asks for an encoding gets what S3 answers.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::{Customized, Value, percent};

pub(super) const OPERATIONS: &[&str] = &["ListObjects", "ListObjectsV2", "ListObjectVersions"];

/// What S3 encodes at the top of a listing, and what in the rows of each list.
///
/// # Source
/// `EncodingType` of the three operations in S3's API reference.
const TEXTS: [&str; 7] =
    ["Delimiter", "KeyMarker", "Marker", "NextKeyMarker", "NextMarker", "Prefix", "StartAfter"];
const ROWS: [(&str, &str); 4] =
    [("Contents", "Key"), ("Versions", "Key"), ("DeleteMarkers", "Key"), ("CommonPrefixes", "Prefix")];

/// Says that nobody but this client asked for the encoding.
#[derive(Debug)]
struct AskedEncoded;

impl Storable for AskedEncoded {
    type Storer = StoreReplace<Self>;
}

/// Asks for URL-encoded keys.
pub(super) fn ask_encoded(
    _: Customized<'_>,
    input: &Value,
    request: &mut HttpRequest,
    config: &mut ConfigBag,
) -> Result<(), BoxError> {
    if input["EncodingType"].is_null() {
        let separator = if request.uri().contains('?') { '&' } else { '?' };
        let uri = format!("{}{separator}encoding-type=url", request.uri());
        request.set_uri(uri)?;
        config.interceptor_state().store_put(AskedEncoded);
    }
    Ok(())
}

/// Decodes them.
pub(super) fn decode(_: Customized<'_>, _: &HttpResponse, config: &ConfigBag, output: &mut Value) {
    if config.load::<AskedEncoded>().is_none() || output["EncodingType"].as_str() != Some("url") {
        return;
    }
    let Value::Map(entries) = output else { return };
    for (name, value) in entries {
        match value {
            Value::String(text) if TEXTS.contains(&name.as_str()) => decode_text(text),
            Value::List(rows) => {
                let Some((_, member)) = ROWS.iter().find(|(list, _)| list == name) else { continue };
                for row in rows {
                    if let Some(Value::String(text)) = row.get_mut(member) {
                        decode_text(text);
                    }
                }
            }
            _ => {}
        }
    }
}

fn decode_text(text: &mut String) {
    if let std::borrow::Cow::Owned(decoded) = percent::decode_form(text) {
        *text = decoded;
    }
}
