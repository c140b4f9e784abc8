//! Endpoint rules: where a request goes, as each service's rule set says it.
//!
//! A rule set is a tree of conditions with endpoints and errors as its leaves. It is parsed once into numbered variables
//! and functions, and walked for every set of parameters not seen just before.
//!
//! ```text
//! parse      JSON ─▶ tree          names of variables become numbers, functions and their arguments are checked
//! evaluate   tree × parameters ─▶ endpoint, or the error of a rule
//! resolver   the settings of a client and the context of an operation ─▶ parameters; the last endpoint is kept
//! ```
//!
//! # Source
//! Smithy's endpoint rule sets 1.0 (`smithy.rules#endpointRuleSet`) with AWS's functions and built-ins.

mod arn;
mod attribute;
mod context;
mod evaluate;
mod host;
mod operand;
mod parse;
mod resolver;
mod schemes;
mod settings;
mod template;
mod text;
mod tree;
mod url;

use std::collections::BTreeMap;

use aws_smithy_types::Document;

pub(crate) use self::context::OperationContext;
pub(crate) use self::resolver::{EndpointRulesResolver, OperationParameters};
use self::tree::Rule;
use crate::error::Error;

/// A parameter's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ParameterValue {
    Bool(bool),
    String(String),
    StringList(Vec<String>),
}

/// Values by the parameter's name.
pub(crate) type Parameters = BTreeMap<String, ParameterValue>;

/// A parameter that a rule set takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    /// The setting of the client that it is, such as `AWS::Region`.
    pub(crate) built_in: Option<String>,
    pub(crate) default: Option<ParameterValue>,
    pub(crate) is_required: bool,
    /// Whether a rule reads it. S3 has parameters that none does.
    pub(crate) is_used: bool,
}

/// What the rules say of a set of parameters.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ResolvedEndpoint {
    pub(crate) url: String,
    pub(crate) headers: Vec<(String, Vec<String>)>,
    /// Among them `authSchemes`, a list.
    pub(crate) properties: Vec<(String, Document)>,
}

/// The endpoint rules of a service.
#[derive(Debug)]
pub(crate) struct RuleSet {
    parameters: Vec<Parameter>,
    rules: Vec<Rule>,
    /// How many variables there are; the parameters are the first.
    variables: usize,
    /// Whether endpoints name authentication schemes besides `sigv4`.
    chooses_scheme: bool,
}

impl RuleSet {
    #[cfg(any(test, feature = "conformance"))]
    /// Parses a rule set of version 1 in the form of a tree.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig): not JSON, nested more than 128 deep, or not a
    /// rule set: says what is wrong and where.
    pub(crate) fn parse(json: &str) -> Result<Self, Error> {
        let document =
            serde_json::from_str(json).map_err(|error| parse::broken("json", &error.to_string()))?;
        Self::of_json(&document)
    }

    /// As [`parse`](Self::parse), from JSON that has been read.
    pub(crate) fn of_json(document: &serde_json::Value) -> Result<Self, Error> {
        parse::rule_set(document)
    }

    /// The parameters, in the rule set's order.
    pub(crate) fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    /// The endpoint for these parameters. Values of other names are ignored; defaults fill what is absent.
    ///
    /// Takes time in proportion to the rules and the texts given.
    ///
    /// # Errors
    /// The text of the rule that refuses, or what of the parameters is wrong.
    pub(crate) fn resolve(&self, parameters: &Parameters) -> Result<ResolvedEndpoint, String> {
        evaluate::resolve(self, parameters)
    }
}
