//! The token that a caller can go on with: the service's tokens and how many items of the page were taken already, as
//! JSON in base64. Of the same form as boto's.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::value::Value;
use crate::error::{Error, ErrorKind};

/// The member that says how many items of the page were taken.
const TAKEN: &str = "boto_truncate_amount";
/// The member that says which of the others were bytes.
const BYTES: &str = "boto_encoded_keys";

/// Where pages go on: the service's tokens by input member, and how many items of the next page were taken already.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Position {
    pub(super) tokens: Vec<(String, Value)>,
    pub(super) taken: usize,
}

impl Position {
    pub(super) fn encode(&self) -> String {
        let mut token = Value::Map(self.tokens.clone());
        if self.taken > 0 {
            token.insert(TAKEN, self.taken);
        }
        let mut paths = Vec::new();
        blobs(&token, &mut Vec::new(), &mut paths);
        if !paths.is_empty() {
            token.insert(BYTES, paths);
        }
        STANDARD.encode(token.to_string())
    }

    /// Reads a token of [`encode`](Self::encode), or of boto's, old ones too; else it is the service's own.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidInput`]: a token of another operation.
    pub(super) fn decode(token: &str, members: &[&str]) -> Result<Self, Error> {
        let Some(mut decoded) = read(token) else { return Self::of_old_token(token, members) };
        if let Value::List(paths) = decoded.remove(BYTES).unwrap_or_default() {
            paths.iter().for_each(|path| restore(&mut decoded, path.as_list().unwrap_or_default()));
        }
        let taken = decoded.remove(TAKEN).and_then(|taken| usize::try_from(taken.as_i64()?).ok());
        let tokens = match decoded {
            Value::Map(tokens) => tokens,
            _ => Vec::new(),
        };
        if tokens.is_empty() || !tokens.iter().all(|(name, _)| members.contains(&name.as_str())) {
            return Err(foreign(members));
        }
        Ok(Self { tokens, taken: taken.unwrap_or(0) })
    }

    /// `token___token___3`, as boto once wrote them; one alone is a token of the service.
    fn of_old_token(token: &str, members: &[&str]) -> Result<Self, Error> {
        let mut parts: Vec<&str> = token.split("___").collect();
        let mut taken = 0;
        if parts.len() == members.len() + 1 {
            match parts.last().map(|last| last.parse()) {
                Some(Ok(number)) => {
                    taken = number;
                    parts.pop();
                }
                _ => parts = vec![token],
            }
        }
        if parts.len() > members.len() {
            return Err(foreign(members));
        }
        let values = parts.into_iter().map(|part| if part == "None" { Value::Null } else { part.into() });
        let values = values.chain(std::iter::repeat(Value::Null));
        let tokens = members.iter().map(|&member| member.to_owned()).zip(values).collect();
        Ok(Self { tokens, taken })
    }
}

fn read(token: &str) -> Option<Value> {
    let json: serde_json::Value = serde_json::from_slice(&STANDARD.decode(token).ok()?).ok()?;
    json.is_object().then(|| json.into())
}

fn foreign(members: &[&str]) -> Error {
    let members = members.join("`, `");
    Error::new(
        ErrorKind::InvalidInput,
        format!("starting_token is of another operation: this one goes on by `{members}`"),
    )
}

/// The paths of all blobs.
fn blobs(value: &Value, path: &mut Vec<Value>, paths: &mut Vec<Value>) {
    let mut inner = |step: Value, value: &Value| {
        path.push(step);
        blobs(value, path, paths);
        path.pop();
    };
    match value {
        Value::Map(entries) => entries.iter().for_each(|(name, value)| inner(name.into(), value)),
        Value::List(elements) => elements.iter().enumerate().for_each(|(at, value)| inner(at.into(), value)),
        Value::Blob(_) => paths.push(Value::List(path.clone())),
        _ => {}
    }
}

/// Makes bytes of the base64 at a path; does nothing where there is none.
fn restore(value: &mut Value, path: &[Value]) {
    match (path, value) {
        ([], value) => {
            if let Some(bytes) = value.as_str().and_then(|text| STANDARD.decode(text).ok()) {
                *value = Value::Blob(aws_smithy_types::Blob::new(bytes));
            }
        }
        ([Value::String(name), rest @ ..], value) => {
            if let Some(inner) = value.get_mut(name) {
                restore(inner, rest);
            }
        }
        ([at, rest @ ..], Value::List(elements)) => {
            let at = at.as_i64().and_then(|at| usize::try_from(at).ok());
            if let Some(inner) = at.and_then(|at| elements.get_mut(at)) {
                restore(inner, rest);
            }
        }
        _ => {}
    }
}
