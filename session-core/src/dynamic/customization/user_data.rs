//! Texts that travel as base64 though their models call them texts: user data, and what a console printed.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::base64;
use aws_smithy_types::config_bag::ConfigBag;

use super::{Customized, Value};
use crate::error::Error;

const USER_DATA: &str = "UserData";

/// Encodes the user data, given as a text or as bytes.
pub(super) fn encode(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    if let Some(value) = input.get_mut(USER_DATA) {
        let encoded = match value {
            Value::String(text) => base64::encode(text),
            Value::Blob(bytes) => base64::encode(bytes),
            _ => return Ok(()),
        };
        *value = Value::String(encoded);
    }
    Ok(())
}

/// Decodes what the console printed; bytes that are no UTF-8 become replacement characters.
pub(super) fn decode_console(_: Customized<'_>, _: &HttpResponse, _: &ConfigBag, output: &mut Value) {
    let Some(Value::String(text)) = output.get_mut("Output") else { return };
    if let Ok(printed) = base64::decode(text.trim()) {
        *text = String::from_utf8_lossy(&printed).into_owned();
    }
}
