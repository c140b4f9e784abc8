//! What the models say of an operation's pages, read from the service's `paginators`.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

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

/// The paginators of a service by operation.
#[derive(Debug, Default)]
pub(crate) struct Paginations(BTreeMap<String, Arc<Pagination>>);

impl Paginations {
    /// Reads them from the extras of a model.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: not of the form of botocore's `paginators-1.json`; names the operation.
    pub(crate) fn parse(extras: &str) -> Result<Self, Error> {
        #[derive(Deserialize)]
        struct Extras {
            #[serde(default)]
            paginators: BTreeMap<String, Written>,
        }
        let broken = |told: String| Error::new(ErrorKind::InvalidConfig, told);
        let extras: Extras = serde_json::from_str(extras)
            .map_err(|source| broken("the paginators of the model are broken".into()).with_source(source))?;
        let paginations = extras.paginators.into_iter().map(|(operation, written)| {
            let pagination = written.parse().map_err(|source| {
                broken(format!("the paginator of {operation} is broken")).with_source(source)
            })?;
            Ok((operation, Arc::new(pagination)))
        });
        Ok(Self(paginations.collect::<Result<_, Error>>()?))
    }

    /// How an operation is paged; `None` where it is not.
    pub(crate) fn find(&self, operation: &str) -> Option<&Arc<Pagination>> {
        self.0.get(operation)
    }

    /// The operations that can be paged, in alphabetical order.
    #[cfg(test)]
    pub(crate) fn operations(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

/// An entry of `paginators-1.json`.
#[derive(Deserialize)]
struct Written {
    input_token: OneOrMore,
    output_token: OneOrMore,
    limit_key: Option<String>,
    #[serde(default)]
    result_key: OneOrMore,
    more_results: Option<String>,
    #[serde(default)]
    non_aggregate_keys: Vec<String>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMore {
    One(String),
    More(Vec<String>),
}

impl Default for OneOrMore {
    fn default() -> Self {
        Self::More(Vec::new())
    }
}

impl From<OneOrMore> for Vec<String> {
    fn from(written: OneOrMore) -> Self {
        match written {
            OneOrMore::One(one) => vec![one],
            OneOrMore::More(more) => more,
        }
    }
}

impl Written {
    fn parse(self) -> Result<Pagination, Error> {
        let expressions = |texts: Vec<String>| {
            texts.iter().map(|text| Expression::parse(text)).collect::<Result<Vec<_>, Error>>()
        };
        let inputs = Vec::from(self.input_token);
        let outputs = expressions(self.output_token.into())?;
        if inputs.len() != outputs.len() {
            let told = format!("{} input tokens for {} output tokens", inputs.len(), outputs.len());
            return Err(Error::new(ErrorKind::InvalidConfig, told));
        }
        Ok(Pagination {
            tokens: inputs.into_iter().zip(outputs).collect(),
            limit_key: self.limit_key,
            result_keys: expressions(self.result_key.into())?,
            more_results: self.more_results.as_deref().map(Expression::parse).transpose()?,
            non_aggregate_keys: expressions(self.non_aggregate_keys)?,
        })
    }
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
