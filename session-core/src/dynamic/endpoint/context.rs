//! Context: what an operation and its input say to the endpoint rules.

use serde_json::Value as Json;

use super::{ParameterValue, Parameters};
use crate::dynamic::Value;
use crate::dynamic::jmespath::Expression;
use crate::error::{Error, ErrorKind};
use crate::model::{Model, Operation};

/// Which parameters of the endpoint rules an operation gives, and where their values are.
#[derive(Clone, Debug, Default)]
pub(crate) struct OperationContext {
    /// The same for every input.
    fixed: Parameters,
    /// Parameters with a member of the input each.
    members: Vec<(String, &'static str)>,
    /// Parameters with a JMESPath into the input each.
    paths: Vec<(String, Expression)>,
}

impl OperationContext {
    /// What the model says of the operation.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the traits are not as the packer writes them.
    pub(crate) fn of(model: &Model, operation: &Operation) -> Result<Self, Error> {
        let mut context = operation.traits.map_or(Ok(Self::default()), |traits| {
            Self::of_traits(traits).map_err(|error| broken(operation.name, &error))
        })?;
        let Some(input) = operation.input else { return Ok(context) };
        for member in model.members(&model.shape(input)) {
            let Some(traits) = member.traits.filter(|traits| traits.contains("contextParam")) else {
                continue;
            };
            let traits: Json =
                serde_json::from_str(traits).map_err(|error| broken(operation.name, &error.to_string()))?;
            let parameter = traits["contextParam"]["name"].as_str();
            context.members.extend(parameter.map(|parameter| (parameter.to_owned(), member.name)));
        }
        Ok(context)
    }

    fn of_traits(traits: &str) -> Result<Self, String> {
        let traits: Json = serde_json::from_str(traits).map_err(|error| error.to_string())?;
        let mut context = Self::default();
        for (name, parameter) in traits["staticContextParams"].as_object().into_iter().flatten() {
            let value = fixed_value(&parameter["value"]);
            let value = value.ok_or_else(|| format!("{name} is {}", parameter["value"]))?;
            context.fixed.insert(name.clone(), value);
        }
        for (name, dynamic) in traits["operationContextParams"].as_object().into_iter().flatten() {
            let path = dynamic["path"].as_str().ok_or_else(|| format!("{name} has no path"))?;
            let path = Expression::parse(path).map_err(|error| error.message().to_owned())?;
            context.paths.push((name.clone(), path));
        }
        Ok(context)
    }

    /// The parameters that the operation gives with this input.
    ///
    /// What is not set, what is no boolean, text or list of texts, and a path that cannot be followed give none. Within
    /// lists what is not set is left out.
    pub(crate) fn parameters(&self, input: &Value) -> Parameters {
        let mut parameters = self.fixed.clone();
        let mut give = |name: &String, value: &Value| {
            if let Some(value) = parameter_value(value) {
                parameters.entry(name.clone()).or_insert(value);
            }
        };
        for (name, member) in &self.members {
            let Value::Map(members) = input else { break };
            if let Some((_, value)) = members.iter().find(|(given, _)| given == member) {
                give(name, value);
            }
        }
        for (name, path) in &self.paths {
            if let Ok(found) = path.search(input) {
                give(name, &found);
            }
        }
        parameters
    }
}

fn fixed_value(value: &Json) -> Option<ParameterValue> {
    match value {
        Json::Bool(value) => Some(ParameterValue::Bool(*value)),
        Json::String(text) => Some(ParameterValue::String(text.clone())),
        Json::Array(all) => {
            let texts = all.iter().map(|text| text.as_str().map(str::to_owned));
            Some(ParameterValue::StringList(texts.collect::<Option<_>>()?))
        }
        _ => None,
    }
}

fn parameter_value(value: &Value) -> Option<ParameterValue> {
    match value {
        Value::Bool(value) => Some(ParameterValue::Bool(*value)),
        Value::String(text) => Some(ParameterValue::String(text.clone())),
        Value::List(values) => {
            let texts = values.iter().filter_map(|value| match value {
                Value::String(text) => Some(text.clone()),
                _ => None,
            });
            Some(ParameterValue::StringList(texts.collect()))
        }
        _ => None,
    }
}

fn broken(operation: &str, error: &str) -> Error {
    Error::new(
        ErrorKind::InvalidConfig,
        format!("the embedded service model has broken traits of {operation}: {error}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn input(members: &[(&str, Value)]) -> Value {
        Value::Map(members.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect())
    }

    fn text(text: &str) -> Value {
        Value::String(text.to_owned())
    }

    #[test]
    fn traits_members_and_paths_give_parameters_in_this_order() {
        let traits = r#"{"httpChecksum": {}, "staticContextParams": {"Flag": {"value": true}, "Name": {"value": "fixed"}},
            "operationContextParams": {"Arns": {"path": "Tables.*.Arn"}, "Bucket": {"path": "Other"}, "No": {"path": "abs(Other)"}}}"#;
        let mut context = OperationContext::of_traits(traits).unwrap();
        context.members =
            vec![("Bucket".into(), "BucketName"), ("Name".into(), "BucketName"), ("Key".into(), "Key")];
        let table = |arn: &str| input(&[("Arn", text(arn))]);
        let tables = input(&[("x", table("a")), ("y", table("b")), ("z", input(&[]))]);
        let input = input(&[
            ("BucketName", text("films")),
            ("Key", Value::Null),
            ("Other", text("other")),
            ("Tables", tables),
        ]);
        let parameters = context.parameters(&input);
        let wanted = [
            ("Arns", ParameterValue::StringList(vec!["a".into(), "b".into()])),
            ("Bucket", ParameterValue::String("films".into())),
            ("Flag", ParameterValue::Bool(true)),
            ("Name", ParameterValue::String("fixed".into())),
        ];
        assert_eq!(parameters, wanted.map(|(name, value)| (name.to_owned(), value)).into());
    }

    #[test]
    fn an_operation_without_traits_gives_none() {
        let context = OperationContext::of_traits("{}").unwrap();
        assert!(context.parameters(&Value::Null).is_empty());
        assert!(OperationContext::of_traits(r#"{"staticContextParams": {"A": {"value": 1}}}"#).is_err());
        assert!(OperationContext::of_traits(r#"{"operationContextParams": {"A": {"path": "a["}}}"#).is_err());
    }

    #[test]
    fn every_operations_context_is_of_parameters_that_its_services_rules_have() {
        let mut given = 0;
        for service in crate::model::names() {
            let model = crate::model::find(service).unwrap().unwrap();
            let rules = crate::dynamic::endpoint::resolver::rule_set(service).unwrap();
            for operation in (0..model.operation_count()).map(|index| model.operation(index)) {
                let context = OperationContext::of(model, &operation).unwrap();
                let members = context.members.iter().map(|(name, _)| name);
                let paths = context.paths.iter().map(|(name, _)| name);
                for name in context.fixed.keys().chain(members).chain(paths) {
                    let known = rules.parameters().iter().any(|parameter| parameter.name == *name);
                    assert!(known, "{service}: {}: {name}", operation.name);
                    given += 1;
                }
            }
        }
        assert!(given > 300, "{given}");
    }
}
