//! From a rule set's JSON to the tree: everything that can be wrong with the rules themselves is found here.
//!
//! The parser goes as deep as the document does, and a document that `serde_json` has read from text nests at most 128
//! deep.

use serde_json::Value as Json;

use super::attribute::Path;
use super::operand::Operand;
use super::tree::{Condition, EndpointTemplate, Expression, Function, Outcome, Property, Rule, Variable};
use super::{Parameter, ParameterValue, RuleSet, template};
use crate::error::{Error, ErrorKind};

pub(super) fn rule_set(document: &Json) -> Result<RuleSet, Error> {
    let version = document["version"].as_str().unwrap_or_default();
    if !version.starts_with("1.") {
        return Err(broken("version", &format!("`{version}` is not 1.0 or a later 1")));
    }
    let mut parser = Parser::default();
    let mut parameters = Vec::new();
    for (name, described) in object(&document["parameters"]) {
        parser.declare(name);
        let parameter =
            parameter(name, described).map_err(|why| broken(&format!("parameters.{name}"), &why))?;
        parameters.push(parameter);
    }
    let rules = parser.rules(&document["rules"]).map_err(|why| broken("rules", &why))?;
    for (parameter, variable) in parameters.iter_mut().zip(&parser.variables) {
        parameter.is_used = variable.is_used;
    }
    Ok(RuleSet {
        parameters,
        rules,
        variables: parser.variables.len(),
        chooses_scheme: parser.chooses_scheme,
    })
}

pub(super) fn broken(part: &str, why: &str) -> Error {
    Error::new(ErrorKind::InvalidConfig, format!("broken endpoint rules: {part}: {why}"))
}

fn parameter(name: &str, described: &Json) -> Result<Parameter, String> {
    let default = match &described["default"] {
        Json::Null => None,
        Json::Bool(value) => Some(ParameterValue::Bool(*value)),
        Json::String(text) => Some(ParameterValue::String(text.clone())),
        Json::Array(values) => {
            let text = |value: &Json| value.as_str().map(str::to_owned).ok_or("default: not texts");
            Some(ParameterValue::StringList(values.iter().map(text).collect::<Result<_, _>>()?))
        }
        other => return Err(format!("default: `{other}` is no boolean, text or list of texts")),
    };
    Ok(Parameter {
        name: name.to_owned(),
        built_in: described["builtIn"].as_str().map(str::to_owned),
        default,
        is_required: described["required"].as_bool().unwrap_or_default(),
        is_used: false,
    })
}

/// The members of an object; none of anything else.
fn object(document: &Json) -> impl Iterator<Item = (&String, &Json)> {
    document.as_object().into_iter().flatten()
}

fn list<'j>(document: &'j Json, what: &str) -> Result<&'j Vec<Json>, String> {
    document.as_array().ok_or_else(|| format!("{what}: not a list"))
}

/// Knows the variables so far: parameters first, then what conditions assign.
#[derive(Default)]
struct Parser {
    variables: Vec<Known>,
    chooses_scheme: bool,
}

struct Known {
    name: String,
    is_used: bool,
}

impl Parser {
    /// The variable of that name, new where there is none.
    fn declare(&mut self, name: &str) -> Variable {
        self.variables.iter().position(|known| known.name == name).unwrap_or_else(|| {
            self.variables.push(Known { name: name.to_owned(), is_used: false });
            self.variables.len() - 1
        })
    }

    fn variable(&mut self, name: &str) -> Result<Variable, String> {
        let found = self.variables.iter_mut().enumerate().find(|(_, known)| known.name == name);
        let (variable, known) = found.ok_or_else(|| format!("nothing is named `{name}`"))?;
        known.is_used = true;
        Ok(variable)
    }

    fn rules(&mut self, rules: &Json) -> Result<Vec<Rule>, String> {
        list(rules, "rules")?.iter().map(|rule| self.rule(rule)).collect()
    }

    fn rule(&mut self, rule: &Json) -> Result<Rule, String> {
        let conditions = match &rule["conditions"] {
            Json::Null => Vec::new(),
            conditions => {
                let conditions = list(conditions, "conditions")?.iter();
                conditions.map(|condition| self.condition(condition)).collect::<Result<_, _>>()?
            }
        };
        let outcome = match rule["type"].as_str() {
            Some("tree") => Outcome::Rules(self.rules(&rule["rules"])?),
            Some("endpoint") => Outcome::Endpoint(self.endpoint(&rule["endpoint"])?),
            Some("error") => Outcome::Error(self.expression(&rule["error"])?),
            other => return Err(format!("type: {other:?} is none of tree, endpoint and error")),
        };
        Ok(Rule { conditions, outcome })
    }

    fn condition(&mut self, condition: &Json) -> Result<Condition, String> {
        let value = self.call(condition)?;
        Ok(Condition { value, assign: condition["assign"].as_str().map(|name| self.declare(name)) })
    }

    fn endpoint(&mut self, endpoint: &Json) -> Result<EndpointTemplate, String> {
        let url = self.expression(&endpoint["url"])?;
        let mut headers = Vec::new();
        for (name, values) in object(&endpoint["headers"]) {
            let values = list(values, name)?.iter().map(|value| self.expression(value));
            headers.push((name.clone(), values.collect::<Result<_, _>>()?));
        }
        let schemes = endpoint["properties"]["authSchemes"].as_array().into_iter().flatten();
        self.chooses_scheme |= schemes.into_iter().any(|scheme| scheme["name"] != "sigv4");
        let properties = self.properties(&endpoint["properties"])?;
        Ok(EndpointTemplate { url, headers, properties })
    }

    fn properties(&mut self, properties: &Json) -> Result<Vec<(String, Property)>, String> {
        object(properties).map(|(name, value)| Ok((name.clone(), self.property(value)?))).collect()
    }

    fn property(&mut self, property: &Json) -> Result<Property, String> {
        Ok(match property {
            Json::Null => Property::Null,
            Json::Array(values) => {
                Property::List(values.iter().map(|value| self.property(value)).collect::<Result<_, _>>()?)
            }
            Json::Object(members) if !members.contains_key("ref") && !members.contains_key("fn") => {
                Property::Object(self.properties(property)?)
            }
            value => Property::Value(self.expression(value)?),
        })
    }

    fn expression(&mut self, expression: &Json) -> Result<Expression, String> {
        match expression {
            Json::Bool(value) => Ok(Expression::Literal(Operand::Bool(*value))),
            Json::Number(number) => {
                let value = number.as_i64().ok_or_else(|| format!("{number} is no whole number"))?;
                Ok(Expression::Literal(Operand::Integer(value)))
            }
            Json::String(text) => template::parse(text, |name| self.variable(name)),
            Json::Object(members) => match members.get("ref").and_then(Json::as_str) {
                Some(name) => Ok(Expression::Variable(self.variable(name)?)),
                None => self.call(expression),
            },
            other => Err(format!("`{other}` is no value")),
        }
    }

    fn call(&mut self, call: &Json) -> Result<Expression, String> {
        let name = call["fn"].as_str().ok_or("there is no function where one belongs")?;
        let arguments = list(&call["argv"], name)?;
        if name == "getAttr" {
            let [value, path] = arguments.as_slice() else { return Err("getAttr takes 2 arguments".into()) };
            let text = path.as_str().unwrap_or_default();
            let path = Path::parse(text).ok_or_else(|| format!("getAttr: `{path}` is no path"))?;
            return Ok(Expression::Attribute(Box::new(self.expression(value)?), path));
        }
        let (function, takes) =
            Function::named(name).ok_or_else(|| format!("no function is named `{name}`"))?;
        let more = function == Function::Coalesce && arguments.len() > takes;
        if arguments.len() != takes && !more {
            return Err(format!("{name} takes {takes} arguments, and is given {}", arguments.len()));
        }
        let arguments = arguments.iter().map(|argument| self.expression(argument));
        Ok(Expression::Call(function, arguments.collect::<Result<_, _>>()?))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn rules(rules: Json) -> Result<RuleSet, Error> {
        let region = json!({"type": "string", "builtIn": "AWS::Region", "required": true});
        let parameters = json!({"Region": region, "Key": {"type": "string"}});
        RuleSet::of_json(&json!({"version": "1.0", "parameters": parameters, "rules": rules}))
    }

    #[test]
    fn parameters_say_what_they_are_and_whether_a_rule_reads_them() {
        let endpoint =
            json!({"url": "https://{Region}", "properties": {"authSchemes": [{"name": "sigv4"}, null]}});
        let set = rules(json!([{"type": "endpoint", "endpoint": endpoint}])).unwrap();
        let [region, key] = set.parameters() else { panic!() };
        assert_eq!((region.name.as_str(), region.built_in.as_deref()), ("Region", Some("AWS::Region")));
        assert!(region.is_required && region.is_used && !key.is_required && !key.is_used);
    }

    #[test]
    fn what_is_wrong_is_told() {
        let condition = |call: Json| json!([{"type": "error", "error": "no", "conditions": [call]}]);
        for (wrong, told) in [
            (json!({}), "rules: not a list"),
            (json!([{"type": "leaf"}]), "tree, endpoint and error"),
            (json!([{"type": "endpoint"}]), "`null` is no value"),
            (json!([{"type": "error", "error": "{Bucket}"}]), "nothing is named `Bucket`"),
            (condition(json!({})), "no function where one belongs"),
            (condition(json!({"fn": "sum", "argv": []})), "no function is named `sum`"),
            (condition(json!({"fn": "not", "argv": [true, true]})), "not takes 1 arguments, and is given 2"),
            (condition(json!({"fn": "getAttr", "argv": ["a", "["]})), "is no path"),
            (condition(json!({"fn": "not", "argv": [1.5]})), "1.5 is no whole number"),
        ] {
            let error = rules(wrong).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(told), "{error}");
        }
        for text in ["", "{}", "{\"version\": \"2.0\"}", &"[".repeat(100_000)] {
            assert_eq!(RuleSet::parse(text).unwrap_err().kind(), ErrorKind::InvalidConfig);
        }
    }

    /// JSON of rule sets' words in any order.
    fn documents() -> impl Strategy<Value = Json> {
        let words = [
            "ref", "fn", "argv", "type", "tree", "error", "rules", "not", "Region", "{Region}", "[0]",
            "getAttr",
        ];
        let word = prop::sample::select(words.to_vec());
        let leaf = prop_oneof![
            Just(Json::Null),
            any::<bool>().prop_map(Json::from),
            any::<i64>().prop_map(Json::from),
            word.clone().prop_map(Json::from),
        ];
        leaf.prop_recursive(5, 40, 5, move |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Json::from),
                prop::collection::vec((word.clone(), inner), 0..5).prop_map(|members| members
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value))
                    .collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_document_makes_it_panic(document in documents()) {
            if let Ok(set) = rules(document) {
                let _ = set.resolve(&Default::default());
            }
        }
    }
}
