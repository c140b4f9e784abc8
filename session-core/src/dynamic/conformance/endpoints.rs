//! For the suite of endpoint rules: a rule set, JSON in and JSON out.

use aws_smithy_types::{Document, Number};
use serde_json::{Map, Value as Json, json};

use crate::dynamic::Value;
use crate::dynamic::endpoint::{OperationContext, ParameterValue, Parameters, RuleSet};
use crate::error::Error;

/// The rules of a service.
#[derive(Debug)]
pub struct EndpointRules(RuleSet);

impl EndpointRules {
    /// Parses the text of an `endpoint-rule-set-1.json`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig): it is none.
    pub fn parse(json: &str) -> Result<Self, Error> {
        RuleSet::parse(json).map(Self)
    }

    /// An object with `url`, `headers` and `properties`, as in the cases' `expect.endpoint`.
    ///
    /// # Errors
    /// The text of the rule that refuses, as in the cases' `expect.error`.
    pub fn resolve(&self, parameters: &Json) -> Result<Json, String> {
        let given = parameters.as_object().into_iter().flatten();
        let given: Parameters =
            given.filter_map(|(name, value)| Some((name.clone(), parameter(value)?))).collect();
        let endpoint = self.0.resolve(&given)?;
        let headers: Map<_, _> =
            endpoint.headers.into_iter().map(|(name, values)| (name, json!(values))).collect();
        let properties = endpoint.properties.iter().map(|(name, value)| (name.clone(), as_json(value)));
        Ok(json!({"url": endpoint.url, "headers": headers, "properties": properties.collect::<Map<_, _>>()}))
    }

    /// The parameters of a case's `operationInputs`: what the embedded model of the service has the operation give, and
    /// `builtInParams` by the rule set's names. `None` where the models have no such operation.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`](crate::ErrorKind::InvalidConfig): the embedded model is broken.
    pub fn parameters_of(&self, service: &str, case: &Json) -> Result<Option<Json>, Error> {
        let Some(model) = crate::model::find(service)? else { return Ok(None) };
        let name = case["operationName"].as_str().unwrap_or_default();
        let Some(operation) = model.find_operation(name) else { return Ok(None) };
        let context = OperationContext::of(model, &model.operation(operation))?;
        let input = Value::from(case["operationParams"].clone());
        let given = context.parameters(&input);
        let mut parameters = Map::new();
        for parameter in self.0.parameters() {
            let built_in = parameter.built_in.as_ref().and_then(|name| case["builtInParams"].get(name));
            parameters.extend(built_in.map(|value| (parameter.name.clone(), value.clone())));
        }
        parameters.extend(given.into_iter().map(|(name, value)| match value {
            ParameterValue::Bool(value) => (name, json!(value)),
            ParameterValue::String(text) => (name, json!(text)),
            ParameterValue::StringList(texts) => (name, json!(texts)),
        }));
        Ok(Some(Json::Object(parameters)))
    }
}

fn parameter(value: &Json) -> Option<ParameterValue> {
    match value {
        Json::Bool(value) => Some(ParameterValue::Bool(*value)),
        Json::String(text) => Some(ParameterValue::String(text.clone())),
        Json::Array(values) => {
            let texts = values.iter().filter_map(|value| value.as_str().map(str::to_owned));
            Some(ParameterValue::StringList(texts.collect()))
        }
        _ => None,
    }
}

fn as_json(document: &Document) -> Json {
    match document {
        Document::Null => Json::Null,
        Document::Bool(value) => json!(value),
        Document::String(text) => json!(text),
        Document::Number(Number::PosInt(number)) => json!(number),
        Document::Number(Number::NegInt(number)) => json!(number),
        Document::Number(Number::Float(number)) => json!(number),
        Document::Array(values) => values.iter().map(as_json).collect(),
        Document::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), as_json(value))).collect()
        }
    }
}
