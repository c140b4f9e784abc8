//! The source of a copy: `{"Bucket": …, "Key": …, "VersionId": …}`, or a text that has all of it, as boto3 takes it.

use super::bucket_name::is_access_point;
use super::{Customized, Value, percent, refuse};
use crate::error::Error;

const MEMBER: &str = "CopySource";
const VERSION: &str = "?versionId=";

/// Makes of the source the header's text, with the key percent-encoded.
pub(super) fn quote(_: Customized<'_>, input: &mut Value) -> Result<(), Error> {
    let Some(source) = input.get_mut(MEMBER) else { return Ok(()) };
    let quoted = match &*source {
        Value::String(text) => quoted(text),
        Value::Map(_) => of_parts(source)?,
        _ => return Ok(()),
    };
    *source = Value::String(quoted);
    Ok(())
}

/// The version, if any, is what follows the last `?versionId=` up to the end, and is sent as it is.
fn quoted(text: &str) -> String {
    let version = text.find(VERSION).filter(|at| {
        let id = &text[at + VERSION.len()..];
        !id.is_empty() && !id.contains(char::is_whitespace)
    });
    match version {
        Some(at) => percent::encode_path(&text[..at]) + &text[at..],
        None => percent::encode_path(text),
    }
}

fn of_parts(source: &Value) -> Result<String, Error> {
    const PARTS: [&str; 3] = ["Bucket", "Key", "VersionId"];
    let unknown =
        source.as_map().unwrap_or_default().iter().find(|(name, _)| !PARTS.contains(&name.as_str()));
    if let Some((name, _)) = unknown {
        let shown: String = name.chars().take(80).flat_map(char::escape_debug).collect();
        return Err(refuse(format!(
            "{MEMBER}.{shown} is no member of a source: `Bucket`, `Key` and `VersionId` are"
        )));
    }
    let part = |name: &str| match &source[name] {
        Value::String(text) => Ok(Some(text.as_str())),
        Value::Null => Ok(None),
        other => Err(refuse(format!("{MEMBER}.{name} is {}, but has to be a string", other.kind()))),
    };
    let required = |name: &str| part(name)?.ok_or_else(|| refuse(format!("{MEMBER}.{name} is missing")));
    let (bucket, key) = (required("Bucket")?, required("Key")?);
    let between = if is_access_point(bucket) { "/object/" } else { "/" };
    let mut quoted = percent::encode_path(&format!("{bucket}{between}{key}"));
    if let Some(version) = part("VersionId")? {
        quoted.push_str(VERSION);
        quoted.push_str(version);
    }
    Ok(quoted)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(source: serde_json::Value) -> String {
        match of_parts(&source.into()) {
            Ok(quoted) => quoted,
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_text_is_encoded_but_for_its_version() {
        assert_eq!(quoted("films/a b+c.mkv"), "films/a%20b%2Bc.mkv");
        assert_eq!(quoted("films/a b?versionId=x+y"), "films/a%20b?versionId=x+y");
        assert_eq!(quoted("films/what?"), "films/what%3F");
        assert_eq!(quoted("films/a?versionId="), "films/a%3FversionId%3D");
    }

    #[test]
    fn a_map_has_bucket_key_and_perhaps_a_version() {
        assert_eq!(told(json!({"Bucket": "films", "Key": "a?b"})), "films/a%3Fb");
        let versioned = json!({"Bucket": "films", "Key": "ü", "VersionId": "v1"});
        assert_eq!(told(versioned), "films/%C3%BC?versionId=v1");
        let arn = "arn:aws:s3:eu-west-1:123456789012:accesspoint/films";
        let point = told(json!({"Bucket": arn, "Key": "a"}));
        assert_eq!(point, "arn%3Aaws%3As3%3Aeu-west-1%3A123456789012%3Aaccesspoint/films/object/a");
        assert!(told(json!({"Bucket": "films"})).contains("CopySource.Key is missing"));
        assert!(told(json!({"Bucket": "films", "Key": 7})).contains("CopySource.Key is an integer"));
        assert!(told(json!({"Bucket": "films", "Kee": "a"})).contains("CopySource.Kee is no member"));
    }
}
