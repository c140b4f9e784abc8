//! Reading a policy: JSON in, statements out, or what AWS says is wrong with it.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::action::Actions;
use super::condition::Condition;
use super::principal::Principals;
use super::resource::Resources;
use super::{Effect, MAX_POLICY_BYTES, Policy, PolicyError, Statement};

/// What is wrong with a document, as the message of `MalformedPolicy` says it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Malformed(pub(super) String);

impl From<Malformed> for PolicyError {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed.0)
    }
}

impl Policy {
    /// Reads the policy of a bucket.
    ///
    /// # Errors
    /// What is wrong with the document in AWS's words, or that it has more than 20 KB.
    pub(crate) fn parse(text: &str, bucket: &str) -> Result<Self, PolicyError> {
        if text.len() > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLarge);
        }
        let statements = statements(text, bucket)?;
        Ok(Self { text: text.into(), statements: statements.into() })
    }
}

fn statements(text: &str, bucket: &str) -> Result<Vec<Statement>, Malformed> {
    let malformed = |message: &str| Malformed(message.to_owned());
    if !text.starts_with('{') {
        return Err(malformed("Policies must be valid JSON and the first byte must be '{'"));
    }
    let document: Map<String, Value> =
        serde_json::from_str(text).map_err(|_| malformed("This policy contains invalid Json"))?;
    if let Some(unknown) =
        document.keys().find(|name| !["Version", "Id", "Statement"].contains(&name.as_str()))
    {
        return Err(Malformed(format!("Unknown field {unknown}")));
    }
    match document.get("Version").map(Value::as_str) {
        None | Some(Some("2012-10-17" | "2008-10-17")) => {}
        Some(_) => return Err(malformed("The policy must contain a valid version string")),
    }
    let listed = match document.get("Statement") {
        Some(Value::Array(statements)) => statements.iter().collect(),
        Some(statement @ Value::Object(_)) => vec![statement],
        Some(_) => return Err(malformed("This policy contains invalid Json")),
        None => return Err(malformed("Missing required field Statement")),
    };
    if listed.is_empty() {
        return Err(malformed("Could not parse the policy: Statement is empty!"));
    }
    let mut ids = HashSet::new();
    let mut read = Vec::with_capacity(listed.len());
    for statement in listed {
        let Value::Object(statement) = statement else {
            return Err(malformed("This policy contains invalid Json"));
        };
        if let Some(id) = statement.get("Sid").and_then(Value::as_str)
            && !id.is_empty()
            && !ids.insert(id)
        {
            return Err(malformed("Statement IDs (SID) in a single policy must be unique."));
        }
        read.push(Statement::read(statement, bucket)?);
    }
    Ok(read)
}

impl Statement {
    const FIELDS: [&'static str; 9] = [
        "Sid",
        "Effect",
        "Principal",
        "NotPrincipal",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Condition",
    ];

    fn read(statement: &Map<String, Value>, bucket: &str) -> Result<Self, Malformed> {
        if let Some(unknown) = statement.keys().find(|name| !Self::FIELDS.contains(&name.as_str())) {
            return Err(Malformed(format!("Unknown field {unknown}")));
        }
        let effect = match statement.get("Effect") {
            Some(Value::String(effect)) if effect == "Allow" => Effect::Allow,
            Some(Value::String(effect)) if effect == "Deny" => Effect::Deny,
            Some(Value::String(effect)) => return Err(Malformed(format!("Invalid effect: {effect}"))),
            Some(_) => return Err(Malformed("This policy contains invalid Json".into())),
            None => return Err(Malformed("Missing required field Effect".into())),
        };
        let principals = Principals::read(statement)?;
        let resources = Resources::read(statement, bucket)?;
        let actions = Actions::read(statement, &resources)?;
        let conditions = Condition::read(statement)?;
        Ok(Self { effect, principals, actions, resources, conditions })
    }
}

/// One text, or a list of them.
pub(super) fn texts(value: &Value) -> Option<Vec<&str>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(values) => values.iter().map(Value::as_str).collect(),
        _ => None,
    }
}
