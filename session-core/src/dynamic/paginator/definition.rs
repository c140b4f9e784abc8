//! What the models say of an operation's pages, read from the service's `paginators`.

use std::sync::Arc;

use serde_json::Value as Json;

use super::super::jmespath::Expression;
use super::super::value::Value;
use crate::error::{Error, ErrorKind};

/// How the pages of one operation hang together.
#[derive(Debug)]
pub(crate) struct Pagination {
    /// Which member of the input takes the token that an expression finds in the output.
    pub(super) tokens: Vec<(String, Expression)>,
    /// The member of the input that says how many items a page may have.
    pub(super) limit_key: Option<String>,
    /// What makes up the result.
    pub(super) result_keys: Vec<Expression>,
    /// What says that there is another page; without it, a token does.
    pub(super) more_results: Option<Expression>,
    /// What is the same in every page, and belongs to the whole.
    pub(super) non_aggregate_keys: Vec<Expression>,
}

impl Pagination {
    /// The member of the input that says how many items a page may have.
    pub(crate) fn limit_key(&self) -> Option<&str> {
        self.limit_key.as_deref()
    }
}

/// The paginators of a service by operation, in alphabetical order.
#[derive(Debug, Default)]
pub(crate) struct Paginations(Vec<(String, Arc<Pagination>)>);

impl Paginations {
    /// Reads them from the extras of a model.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: not of the form of botocore's `paginators-1.json`; names the operation.
    pub(crate) fn parse(extras: &str) -> Result<Self, Error> {
        let mut written = crate::model::part(extras, "paginators")
            .map_err(|source| broken("the paginators of the model are broken").with_source(source))?;
        let Some(written) = written.as_object_mut() else { return Ok(Self::default()) };
        written.sort_keys();
        let mut paginations = Vec::with_capacity(written.len());
        for (operation, written) in written {
            let pagination = Pagination::read(written).map_err(|source| {
                broken(format!("the paginator of {operation} is broken")).with_source(source)
            })?;
            paginations.push((operation.clone(), Arc::new(pagination)));
        }
        Ok(Self(paginations))
    }

    /// How an operation is paged; `None` where it is not.
    pub(crate) fn find(&self, operation: &str) -> Option<&Arc<Pagination>> {
        let at = self.0.binary_search_by(|(known, _)| known.as_str().cmp(operation)).ok()?;
        Some(&self.0.get(at)?.1)
    }

    /// The operations that can be paged, in alphabetical order.
    #[cfg(test)]
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(operation, _)| operation.as_str())
    }
}

impl Pagination {
    /// From an entry of `paginators-1.json`.
    fn read(written: &Json) -> Result<Self, Error> {
        let (inputs, outputs) = (texts(written, "input_token")?, expressions(written, "output_token")?);
        if inputs.len() != outputs.len() || inputs.is_empty() {
            let told = format!("{} input tokens for {} output tokens", inputs.len(), outputs.len());
            return Err(broken(told));
        }
        let more_results = written["more_results"].as_str().map(Expression::parse).transpose()?;
        Ok(Self {
            tokens: inputs.into_iter().map(str::to_owned).zip(outputs).collect(),
            limit_key: written["limit_key"].as_str().map(str::to_owned),
            result_keys: expressions(written, "result_key")?,
            more_results,
            non_aggregate_keys: expressions(written, "non_aggregate_keys")?,
        })
    }
}

/// One text or a list of them; none where the key is not there.
fn texts<'w>(written: &'w Json, key: &str) -> Result<Vec<&'w str>, Error> {
    let texts = match &written[key] {
        Json::Null => Some(Vec::new()),
        Json::Array(all) => all.iter().map(Json::as_str).collect(),
        one => one.as_str().map(|one| vec![one]),
    };
    texts.ok_or_else(|| broken(format!("{key} is {}", written[key])))
}

fn expressions(written: &Json, key: &str) -> Result<Vec<Expression>, Error> {
    texts(written, key)?.into_iter().map(Expression::parse).collect()
}

fn broken(told: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidConfig, told.into())
}

/// Sets what stands at a path of names, which is what result keys are; the maps on the way are made.
pub(super) fn set(value: &mut Value, path: &str, new: Value) {
    match path.split_once('.') {
        None => {
            value.insert(path, new);
        }
        Some((name, rest)) => {
            if value.get(name).is_none() {
                value.insert(name, Value::Map(Vec::new()));
            }
            if let Some(inner) = value.get_mut(name) {
                set(inner, rest, new);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_paginator_that_nobody_can_read_is_named() {
        for (written, told) in [
            (r#"{"input_token": "a", "output_token": ["b", "c"]}"#, "1 input tokens for 2 output tokens"),
            (r#"{"output_token": "b"}"#, "0 input tokens for 1 output tokens"),
            (r#"{"input_token": 3, "output_token": "b"}"#, "input_token is 3"),
            (r#"{"input_token": "a", "output_token": "b", "result_key": [null]}"#, "result_key is [null]"),
        ] {
            let error =
                Paginations::parse(&format!(r#"{{"paginators": {{"Pour": {written}}}}}"#)).unwrap_err();
            assert_eq!(
                (error.kind(), error.message()),
                (ErrorKind::InvalidConfig, "the paginator of Pour is broken")
            );
            let cause = std::error::Error::source(&error).unwrap().to_string();
            assert!(cause.contains(told), "{cause}");
        }
        assert!(Paginations::parse("{}").unwrap().find("Pour").is_none());
        assert!(Paginations::parse("").is_err());
    }
}
