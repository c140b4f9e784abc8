//! The policy of a form: until when it may be posted, and what its fields and its file may be.

use std::time::SystemTime;

use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use crate::s3::engine::{Code, Error};

/// Fields that need no condition; so do all that begin with `x-ignore-`.
const EXEMPT: [&str; 5] = ["policy", "file", "x-amz-signature", "signature", "awsaccesskeyid"];

/// What a document holds, and nothing else, in this case.
const MEMBERS: [&str; 2] = ["expiration", "conditions"];

/// It is no field of a form and wants a condition all the same.
const BUCKET: &str = "bucket";

const INVALID_JSON: &str = "Invalid JSON.";

/// What a policy document says.
#[derive(Debug)]
pub(super) struct PostPolicy {
    expiration: SystemTime,
    /// Each with the text in which S3 repeats it.
    conditions: Vec<(Condition, String)>,
}

#[derive(Debug, PartialEq, Eq)]
enum Condition {
    Equals {
        field: String,
        value: String,
    },
    StartsWith {
        field: String,
        prefix: String,
    },
    ContentLength {
        least: u64,
        most: u64,
    },
    /// It names no field, for want of a `$`, or no length: no form meets it.
    Unmeetable,
}

impl PostPolicy {
    /// Reads a policy as the form has it: JSON in base64.
    ///
    /// # Errors
    /// `InvalidPolicyDocument`, with what is wrong.
    pub(super) fn parse(encoded: &str) -> Result<Self, Error> {
        let encoded: String = encoded.split_ascii_whitespace().collect();
        let json = BASE64_STANDARD.decode(encoded).map_err(|_| invalid("invalid Base64 encoding."))?;
        if json.is_empty() {
            return Err(invalid("Expecting '{' but found End-of-Input"));
        }
        let document: Value = serde_json::from_slice(&json).map_err(|_| invalid(INVALID_JSON))?;
        let document = document.as_object().ok_or_else(|| invalid(INVALID_JSON))?;
        if let Some(other) = document.keys().find(|name| !MEMBERS.contains(&name.as_str())) {
            return Err(invalid(&format!("Unexpected: '{other}'")));
        }
        let [expiration, conditions] = MEMBERS.map(|name| document.get(name));
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
        let expiration = expiration.as_str().ok_or_else(|| invalid(INVALID_JSON))?;
        let time = DateTime::from_str(expiration, Format::DateTime).ok();
        let time = time.and_then(|time| SystemTime::try_from(time).ok());
        let time = time.ok_or_else(|| invalid(&format!("Invalid 'expiration' value: '{expiration}'")))?;
        let conditions = conditions.ok_or_else(|| invalid("Policy missing conditions."))?;
        let conditions =
            conditions.as_array().ok_or_else(|| invalid("Invalid 'conditions' value: must be a List."))?;
        let mut read = Vec::with_capacity(conditions.len());
        for condition in conditions {
            read.push((Condition::parse(condition)?, repeated(condition)));
        }
        Ok(Self { expiration: time, conditions: read })
    }

    /// Whether the policy allows a form: when it is posted, its fields, and the length of its file.
    ///
    /// # Errors
    /// `AccessDenied` with the condition that is not met; `EntityTooLarge` or `EntityTooSmall`.
    pub(super) fn check<'f>(
        &self,
        now: SystemTime,
        bucket: &'f str,
        fields: impl Iterator<Item = (&'f str, &'f str)> + Clone,
        length: u64,
    ) -> Result<(), Error> {
        if now > self.expiration {
            return Err(denied("Policy expired."));
        }
        let value_of = |wanted: &str| {
            let given = fields.clone().find(|(name, _)| name.eq_ignore_ascii_case(wanted));
            let given = given.map(|(_, value)| value);
            given.or_else(|| wanted.eq_ignore_ascii_case(BUCKET).then_some(bucket)).unwrap_or_default()
        };
        for (condition, text) in &self.conditions {
            if !condition.is_met(value_of) {
                return Err(denied(&format!("Policy Condition failed: {text}")));
            }
        }
        let extra: Vec<String> = fields
            .clone()
            .map(|(name, _)| name.to_ascii_lowercase())
            .chain(fields.clone().all(|(name, _)| name != BUCKET).then(|| BUCKET.to_owned()))
            .filter(|name| !EXEMPT.contains(&name.as_str()) && !name.starts_with("x-ignore-"))
            .filter(|name| !self.conditions.iter().any(|(condition, _)| condition.is_about(name)))
            .collect();
        if !extra.is_empty() {
            return Err(denied(&format!("Extra input fields: {}", extra.join(", "))));
        }
        for (condition, _) in &self.conditions {
            match condition {
                Condition::ContentLength { least, .. } if length < *least => {
                    return Err(Error::new(Code::EntityTooSmall)
                        .with("ProposedSize", length)
                        .with("MinSizeAllowed", least));
                }
                Condition::ContentLength { most, .. } if length > *most => {
                    return Err(Error::entity_too_large(length, *most));
                }
                _ => {}
            }
        }
        Ok(())
    }
}

impl Condition {
    fn parse(condition: &Value) -> Result<Self, Error> {
        match condition {
            Value::Object(members) => {
                let mut members = members.iter();
                match (members.next(), members.next()) {
                    (Some((field, Value::String(value))), None) => {
                        Ok(Self::Equals { field: field.to_ascii_lowercase(), value: value.clone() })
                    }
                    (Some(_), None) => Err(invalid("Invalid Simple-Condition: value must be a string.")),
                    _ => Err(invalid(
                        "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
                    )),
                }
            }
            Value::Array(items) => Self::parse_list(items),
            _ => Err(invalid("Invalid condition test: must be a List or Object.")),
        }
    }

    fn parse_list(items: &[Value]) -> Result<Self, Error> {
        let Some((operation, arguments)) = items.split_first() else {
            return Err(invalid("Invalid Condition: missing operation identifier."));
        };
        let named = operation.as_str().ok_or_else(|| invalid(INVALID_JSON))?;
        let operation = named.to_ascii_lowercase();
        if !["eq", "starts-with", "content-length-range"].contains(&operation.as_str()) {
            return Err(invalid(&format!("Invalid Condition: unknown operation '{named}'.")));
        }
        let [first, second] = arguments else {
            return Err(invalid(&format!("Invalid {operation}: wrong number of arguments.")));
        };
        let malformed = || invalid(INVALID_JSON);
        if operation == "content-length-range" {
            let number = |value: &Value| value.as_i64().or_else(|| value.as_str()?.parse().ok());
            let (least, most) = number(first).zip(number(second)).ok_or_else(malformed)?;
            let range = u64::try_from(least).ok().zip(u64::try_from(most).ok());
            return Ok(range.map_or(Self::Unmeetable, |(least, most)| Self::ContentLength { least, most }));
        }
        let (field, text) = first.as_str().zip(second.as_str()).ok_or_else(malformed)?;
        let text = text.to_owned();
        match field.strip_prefix('$').map(str::to_ascii_lowercase) {
            None => Ok(Self::Unmeetable),
            Some(field) if operation == "eq" => Ok(Self::Equals { field, value: text }),
            Some(field) => Ok(Self::StartsWith { field, prefix: text }),
        }
    }

    fn is_met<'f>(&self, value_of: impl Fn(&str) -> &'f str) -> bool {
        match self {
            Self::Equals { field, value } => value_of(field) == value,
            // Of a list of media types, every one.
            Self::StartsWith { field, prefix } if field == "content-type" => {
                value_of(field).split(',').all(|value| value.trim_start().starts_with(prefix))
            }
            Self::StartsWith { field, prefix } => value_of(field).starts_with(prefix),
            Self::ContentLength { .. } => true,
            Self::Unmeetable => false,
        }
    }

    fn is_about(&self, name: &str) -> bool {
        match self {
            Self::Equals { field, .. } | Self::StartsWith { field, .. } => field == name,
            Self::ContentLength { .. } | Self::Unmeetable => false,
        }
    }
}

/// A condition as S3 repeats it, which is always a list of texts.
fn repeated(condition: &Value) -> String {
    let quoted = |value: &Value| match value {
        Value::String(text) => Value::from(text.as_str()).to_string(),
        other => format!("\"{other}\""),
    };
    let items: Vec<String> = match condition {
        Value::Object(members) => members
            .iter()
            .flat_map(|(field, value)| ["\"eq\"".to_owned(), format!("\"${field}\""), quoted(value)])
            .collect(),
        Value::Array(items) => items.iter().map(quoted).collect(),
        other => vec![quoted(other)],
    };
    format!("[{}]", items.join(", "))
}

fn invalid(what: &str) -> Error {
    Error::with_message(Code::InvalidPolicyDocument, format!("Invalid Policy: {what}"))
}

fn denied(why: &str) -> Error {
    Error::with_message(Code::AccessDenied, format!("Invalid according to Policy: {why}"))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn parse(json: &str) -> Result<PostPolicy, Error> {
        PostPolicy::parse(&BASE64_STANDARD.encode(json))
    }

    const POLICY: &str = r#"{ "expiration": "2026-01-01T00:00:00.000Z", "conditions": [
        {"bucket": "films"}, ["starts-with", "$key", "silent/"], {"acl": "public-read"},
        ["starts-with", "$Content-Type", "video/"], ["content-length-range", 2, 4] ]}"#;

    const GOOD: [(&str, &str); 5] = [
        ("key", "silent/metropolis"),
        ("acl", "public-read"),
        ("Content-Type", "video/mp4,video/ogg"),
        ("Policy", "…"),
        ("x-ignore-me", "1"),
    ];

    fn check(fields: &[(&'static str, &'static str)], length: u64) -> Result<(), String> {
        let now = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600);
        let checked = parse(POLICY).unwrap().check(now, "films", fields.iter().copied(), length);
        checked.map_err(|error| format!("{} {}", error.code().as_str(), error.message()))
    }

    fn with(name: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
        let others = GOOD.into_iter().filter(|(field, _)| *field != name);
        others.chain([(name, value)]).collect()
    }

    #[test]
    fn a_form_that_meets_every_condition_is_allowed() {
        assert_eq!(check(&GOOD, 4), Ok(()));
        assert_eq!(check(&GOOD, 2), Ok(()));
    }

    #[test]
    fn a_condition_that_is_not_met_is_repeated() {
        let failed = |text: &str| Err(format!("AccessDenied Invalid according to Policy: {text}"));
        assert_eq!(
            check(&with("key", "sound/m"), 4),
            failed(r#"Policy Condition failed: ["starts-with", "$key", "silent/"]"#)
        );
        assert_eq!(
            check(&with("acl", "private"), 4),
            failed(r#"Policy Condition failed: ["eq", "$acl", "public-read"]"#)
        );
        assert_eq!(
            check(&with("Content-Type", "video/mp4,text/html"), 4),
            failed(r#"Policy Condition failed: ["starts-with", "$Content-Type", "video/"]"#)
        );
        assert_eq!(check(&with("x-amz-meta-year", "1927"), 4), failed("Extra input fields: x-amz-meta-year"));
        let policy = parse(POLICY).unwrap();
        let late = SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_601);
        let error = policy.check(late, "films", GOOD.into_iter(), 4).unwrap_err();
        assert_eq!(error.message(), "Invalid according to Policy: Policy expired.");
        let now = SystemTime::UNIX_EPOCH;
        let error = policy.check(now, "other", GOOD.into_iter(), 4).unwrap_err();
        assert!(error.message().ends_with(r#"["eq", "$bucket", "films"]"#));
    }

    #[test]
    fn a_policy_says_which_bucket_it_is_for() {
        let policy = parse(r#"{"expiration": "2026-01-01T00:00:00Z", "conditions": [["eq", "$key", "a"]]}"#);
        let error = policy.unwrap().check(SystemTime::UNIX_EPOCH, "films", [("key", "a")].into_iter(), 1);
        let message = "Invalid according to Policy: Extra input fields: bucket";
        assert_eq!(error.unwrap_err().message(), message);
    }

    #[test]
    fn a_condition_that_no_form_meets_is_repeated_as_a_list_of_texts() {
        for (condition, text) in [
            (r#"["eq","key","a"]"#, r#"["eq", "key", "a"]"#),
            (r#"["content-length-range",-1,5]"#, r#"["content-length-range", "-1", "5"]"#),
            (r#"{"X-Amz-Date": "today"}"#, r#"["eq", "$X-Amz-Date", "today"]"#),
        ] {
            let policy = format!(
                r#"{{"expiration": "2026-01-01T00:00:00Z", "conditions": [{{"key": "a"}}, {condition}]}}"#
            );
            let fields = [("key", "a")].into_iter();
            let checked = parse(&policy).unwrap().check(SystemTime::UNIX_EPOCH, "films", fields, 1);
            let error = checked.unwrap_err();
            assert!(error.message().ends_with(&format!("Policy Condition failed: {text}")), "{error:?}");
        }
    }

    #[test]
    fn a_file_has_a_length_within_the_range() {
        let large = "EntityTooLarge Your proposed upload exceeds the maximum allowed size";
        assert_eq!(check(&GOOD, 5), Err(large.to_owned()));
        let small = "EntityTooSmall Your proposed upload is smaller than the minimum allowed size";
        assert_eq!(check(&GOOD, 1), Err(small.to_owned()));
    }

    #[test]
    fn a_document_that_is_no_policy_is_refused() {
        for (json, what) in [
            ("{", "Invalid JSON."),
            (r#"{"conditions": []}"#, "Policy missing expiration."),
            (r#"{"expiration": "2026-01-01T00:00:00Z"}"#, "Policy missing conditions."),
            (r#"{"expiration": "soon", "conditions": []}"#, "Invalid 'expiration' value: 'soon'"),
            (
                r#"{"expiration": "2026-01-01T00:00:00Z", "conditions": [{"a": "b", "c": "d"}]}"#,
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
            ),
            (r#"{"expiration": true, "conditions": []}"#, "Invalid JSON."),
            (r#"{"expiration": "2026-01-01T00:00:00Z", "CONDITIONS": []}"#, "Unexpected: 'CONDITIONS'"),
            ("", "Expecting '{' but found End-of-Input"),
        ] {
            let error = parse(json).unwrap_err();
            assert_eq!(error.code(), Code::InvalidPolicyDocument);
            assert_eq!(error.message(), format!("Invalid Policy: {what}"));
        }
        for (conditions, what) in [
            (r#"true"#, "Invalid 'conditions' value: must be a List."),
            (r#"[true]"#, "Invalid condition test: must be a List or Object."),
            (
                r#"[{}]"#,
                "Invalid Simple-Condition: Simple-Conditions must have exactly one property specified.",
            ),
            (r#"[{"key": true}]"#, "Invalid Simple-Condition: value must be a string."),
            (r#"[[]]"#, "Invalid Condition: missing operation identifier."),
            (r#"[["like", "$a", "b"]]"#, "Invalid Condition: unknown operation 'like'."),
            (r#"[["eq", "$a", "b", "c"]]"#, "Invalid eq: wrong number of arguments."),
            (r#"[["content-length-range", 1]]"#, "Invalid content-length-range: wrong number of arguments."),
            (r#"[["eq", false, "b"]]"#, "Invalid JSON."),
            (r#"[["content-length-range", 12, false]]"#, "Invalid JSON."),
            (r#"[["content-length-range", "few", "14"]]"#, "Invalid JSON."),
        ] {
            let json = format!(r#"{{"expiration": "2026-01-01T00:00:00Z", "conditions": {conditions}}}"#);
            assert_eq!(
                parse(&json).unwrap_err().message(),
                format!("Invalid Policy: {what}"),
                "{conditions}"
            );
        }
        assert_eq!(PostPolicy::parse("%").unwrap_err().message(), "Invalid Policy: invalid Base64 encoding.");
    }
}
