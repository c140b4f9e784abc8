//! What a typed client answered, held member by member against what the client by name answered.
//!
//! The SDK's outputs can be read generically in one way only: as they print themselves for debugging. That text is read
//! into a tree here, and the tree compared with a [`Value`]. Members are called `e_tag` in one and `ETag` in the other,
//! variants of enums `Aes256` and `AES256`: of such names the letters and digits are compared, of everything else all.

use anyhow::{Context, bail, ensure};
use aws_sdk_dynamodb::primitives::{Blob, DateTime};
use aws_sdk_dynamodb::types::{AttributeValue, BackupDetails, BackupStatus, BackupType};
use serde_json::json;
use session_core::dynamic::Value;

use crate::case::{TestResult, cases};
use crate::world::World;

cases! {
    what_is_the_same_is_found_so_and_what_differs_is_told,
}

/// What the SDK prints instead of members that it calls sensitive, whether they are there or not.
const REDACTED: &str = "*** Sensitive Data Redacted ***";

/// A printed value.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Printed {
    /// A number, a moment, a variant, `true`: whatever is no text and has nothing within.
    Bare(String),
    Text(String),
    List(Vec<Printed>),
    Map(Vec<(String, Printed)>),
    Structure(String, Vec<(String, Printed)>),
    Tuple(String, Vec<Printed>),
}

impl Printed {
    /// Reads what `{:?}` of one of the SDK's types wrote.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let mut reader = Reader { rest: text };
        let read = reader.value().with_context(|| format!("in {text}"))?;
        ensure!(reader.rest.is_empty(), "{:?} follows in {text}", reader.rest);
        Ok(read)
    }

    /// The member of that name, in Rust's case.
    pub(super) fn member(&self, name: &str) -> Option<&Self> {
        let Self::Structure(_, members) = self else { return None };
        members.iter().find(|(member, _)| member == name).and_then(|(_, value)| value.present())
    }

    /// What is within `Some`; nothing of `None`.
    fn present(&self) -> Option<&Self> {
        match self {
            Self::Tuple(name, within) if name == "Some" => within.first(),
            Self::Bare(name) if name == "None" => None,
            other => Some(other),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Self::List(items) if items.is_empty())
            || matches!(self, Self::Map(entries) if entries.is_empty())
    }
}

/// The differences, each with its path. `left_out` are members of the outermost structure that are compared elsewhere.
pub(super) fn differences(typed: &Printed, named: &Value, left_out: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    match (typed, named) {
        (Printed::Structure(_, members), Value::Map(entries)) => {
            let is_left_out = |name: &str| left_out.iter().any(|out| folded(out) == folded(name));
            let mut members = members.clone();
            members.retain(|(name, _)| !is_left_out(name));
            let mut entries = entries.clone();
            entries.retain(|(name, _)| !is_left_out(name));
            compare_members("", &members, &entries, &mut found);
        }
        _ => compare("", typed, named, &mut found),
    }
    found
}

fn compare(path: &str, typed: &Printed, named: &Value, found: &mut Vec<String>) {
    let Some(typed) = typed.present() else {
        if !named.is_null() {
            found.push(format!("{path}: {named} by name, and nothing typed"));
        }
        return;
    };
    let is_same = match (typed, named) {
        (Printed::Structure(name, members), Value::Blob(blob)) if name == "Blob" => {
            let hex: String = blob.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
            members.first().is_some_and(|(_, inner)| *inner == Printed::Bare(hex))
        }
        (Printed::Structure(_, members), Value::Map(entries)) => {
            compare_members(path, members, entries, found);
            return;
        }
        // A structure without a member that is set.
        (Printed::Structure(_, members), Value::Null) => {
            members.iter().all(|(name, value)| name.starts_with('_') || value.present().is_none())
        }
        (Printed::Map(typed), Value::Map(named)) if typed.len() == named.len() => {
            for (key, value) in typed {
                let of_named = named.iter().find(|(name, _)| name == key).map(|(_, value)| value);
                compare(&format!("{path}[{key:?}]"), value, of_named.unwrap_or(&Value::Null), found);
            }
            return;
        }
        (Printed::List(typed), Value::List(named)) if typed.len() == named.len() => {
            for (at, (typed, named)) in typed.iter().zip(named).enumerate() {
                compare(&format!("{path}[{at}]"), typed, named, found);
            }
            return;
        }
        (Printed::Tuple(name, within), Value::String(text)) if name == "Unknown" => {
            within == &[Printed::Tuple("UnknownVariantValue".to_owned(), vec![Printed::Text(text.clone())])]
        }
        (Printed::Tuple(variant, within), Value::Map(entries)) => match (&within[..], &entries[..]) {
            ([typed], [(name, named)]) if folded(variant) == folded(name) => {
                compare(&format!("{path}.{name}"), typed, named, found);
                return;
            }
            _ => false,
        },
        (Printed::Text(text), Value::String(_) | Value::Null) if text == REDACTED => true,
        (Printed::Text(text), Value::String(named)) => text == named,
        // Markers of parts, which the SDK's model of S3 has as texts.
        (Printed::Text(text), Value::Integer(number)) => *text == number.to_string(),
        // A structure that has no members at all.
        (Printed::Bare(_), Value::Map(entries)) if entries.is_empty() => true,
        (Printed::Bare(token), named) => bare_is(token, named),
        _ => false,
    };
    if !is_same {
        found.push(format!("{path}: {named} by name, {typed:?} typed"));
    }
}

fn compare_members(
    path: &str,
    members: &[(String, Printed)],
    entries: &[(String, Value)],
    found: &mut Vec<String>,
) {
    // What begins so is not of the model, such as `_request_id`.
    let members: Vec<_> = members.iter().filter(|(name, _)| !name.starts_with('_')).collect();
    for (name, typed) in &members {
        let named = entries.iter().find(|(entry, _)| folded(entry) == folded(name));
        let named = named.map_or(&Value::Null, |(_, value)| value);
        // The SDK fills in lists that have to be there; by name what is not answered is not there.
        if !(typed.is_empty() && named.is_null()) {
            compare(&format!("{path}.{name}"), typed, named, found);
        }
    }
    for (entry, named) in entries {
        if !members.iter().any(|(name, _)| folded(name) == folded(entry)) {
            found.push(format!("{path}.{entry}: {named} by name, and no such member typed"));
        }
    }
}

fn bare_is(token: &str, named: &Value) -> bool {
    match named {
        Value::Bool(value) => token == value.to_string(),
        Value::Integer(_) | Value::Double(_) | Value::BigNumber(_) => {
            token.parse().ok() == named.as_f64() && named.as_f64().is_some()
        }
        Value::Timestamp(moment) => token == moment.to_string(),
        Value::String(text) => {
            token.starts_with(|first: char| first.is_alphabetic()) && folded(token) == folded(text)
        }
        _ => false,
    }
}

/// The letters and digits of a name, which Rust's case leaves as they are.
fn folded(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}

struct Reader<'t> {
    rest: &'t str,
}

impl<'t> Reader<'t> {
    fn value(&mut self) -> anyhow::Result<Printed> {
        if self.rest.starts_with('"') {
            return Ok(Printed::Text(self.text()?));
        }
        if self.take("[") {
            return Ok(Printed::List(self.until("]", Self::value)?));
        }
        if self.take("{") {
            let entries = self.until("}", |reader| {
                let key = reader.text()?;
                ensure!(reader.take(": "), "no value of {key:?}");
                Ok((key, reader.value()?))
            });
            return Ok(Printed::Map(entries?));
        }
        let is_bare = |letter: char| letter.is_alphanumeric() || "_-+.:#".contains(letter);
        let end = self.rest.find(|letter| !is_bare(letter)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        let name = token.to_owned();
        if self.take(" {") {
            return Ok(Printed::Structure(name, self.until("}", Self::member)?));
        }
        if self.take("(") {
            return Ok(Printed::Tuple(name, self.until(")", Self::value)?));
        }
        Ok(Printed::Bare(name))
    }

    fn member(&mut self) -> anyhow::Result<(String, Printed)> {
        let (name, rest) = self.rest.split_once(": ").context("a member without a value")?;
        self.rest = rest;
        Ok((name.trim_start().to_owned(), self.value()?))
    }

    /// What comes between commas, up to the end.
    fn until<T>(
        &mut self,
        end: &str,
        mut read: impl FnMut(&mut Self) -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<T>> {
        let mut items = Vec::new();
        loop {
            if self.take(end) || self.take(&format!(" {end}")) {
                return Ok(items);
            }
            ensure!(items.is_empty() || self.take(", "), "{:?} is not the end", self.rest);
            items.push(read(self)?);
        }
    }

    fn text(&mut self) -> anyhow::Result<String> {
        ensure!(self.take("\""), "{:?} is no text", self.rest);
        let (mut text, mut letters) = (String::new(), self.rest.char_indices());
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                '\\' => {
                    let (_, escape) = letters.next().context("an escape of nothing")?;
                    text.push(match escape {
                        'n' => '\n',
                        'r' => '\r',
                        't' => '\t',
                        '0' => '\0',
                        'u' => {
                            let code = letters.by_ref().map(|(_, letter)| letter).skip(1);
                            let code: String = code.take_while(|letter| *letter != '}').collect();
                            let code = u32::from_str_radix(&code, 16)?;
                            char::from_u32(code).context("an escape of no character")?
                        }
                        other => other,
                    });
                }
                other => text.push(other),
            }
        }
        bail!("a text without an end")
    }

    fn take(&mut self, token: &str) -> bool {
        let rest: Option<&'t str> = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }
}

async fn what_is_the_same_is_found_so_and_what_differs_is_told(_: World) -> TestResult {
    let typed = BackupDetails::builder()
        .backup_arn("a \"b\"\n\\ ü\u{1}, } ]")
        .backup_name("daily")
        .backup_size_bytes(7)
        .backup_status(BackupStatus::Available)
        .backup_type(BackupType::AwsBackup)
        .backup_creation_date_time(DateTime::from_secs_and_nanos(1, 500_000_000))
        .build()?;
    let printed = Printed::parse(&format!("{typed:?}"))?;
    let mut named = Value::from(json!({"BackupArn": "a \"b\"\n\\ ü\u{1}, } ]", "BackupName": "daily",
        "BackupSizeBytes": 7, "BackupStatus": "AVAILABLE", "BackupType": "AWS_BACKUP"}));
    named.insert("BackupCreationDateTime", DateTime::from_secs_and_nanos(1, 500_000_000));
    ensure!(differences(&printed, &named, &[]).is_empty(), "{:?}", differences(&printed, &named, &[]));
    for (member, other) in [
        ("BackupArn", json!("a")),
        ("BackupSizeBytes", json!(8)),
        ("BackupSizeBytes", json!("7")),
        ("BackupStatus", json!("CREATING")),
        ("BackupStatus", json!(null)),
        ("BackupExpiryDateTime", json!("2026")),
        ("BackupCreationDateTime", json!("1970-01-01T00:00:01.5Z")),
        ("Colour", json!("red")),
    ] {
        let mut changed = named.clone();
        changed.insert(member, other.clone());
        let found = differences(&printed, &changed, &[]);
        ensure!(found.len() == 1, "{member} of {other}: {found:?}");
    }
    let lists = AttributeValue::L(vec![AttributeValue::B(Blob::new([0, 255])), AttributeValue::Ss(vec![])]);
    let printed = Printed::parse(&format!("{lists:?}"))?;
    let blob = |bytes: Vec<u8>| {
        Value::from(vec![Value::from([("B", Value::from(Blob::new(bytes)))]), Value::from(json!({"SS": []}))])
    };
    let same = Value::from([("L", blob(vec![0, 255]))]);
    ensure!(differences(&printed, &same, &[]).is_empty(), "{:?}", differences(&printed, &same, &[]));
    let found = differences(&printed, &Value::from([("L", blob(vec![0, 254]))]), &[]);
    ensure!(found.len() == 1 && found[0].starts_with(".L[0].B"), "{found:?}");
    let found = differences(&printed, &Value::from([("M", blob(vec![0, 255]))]), &[]);
    ensure!(found.len() == 1, "{found:?}");
    Ok(())
}
