//! Walking the tree: from parameters to an endpoint, or to the error of a rule.
//!
//! Every rule and every expression is visited at most once, in the rule set's order.

use aws_smithy_types::Document;

use super::arn::Arn;
use super::operand::Operand;
use super::tree::{EndpointTemplate, Expression, Function, Outcome, Piece, Property, Rule};
use super::url::Url;
use super::{Parameters, ResolvedEndpoint, RuleSet, host, text};
use crate::catalog::Partition;

pub(super) fn resolve(set: &RuleSet, parameters: &Parameters) -> Result<ResolvedEndpoint, String> {
    let mut variables = vec![Operand::Absent; set.variables];
    for (variable, parameter) in variables.iter_mut().zip(&set.parameters) {
        match parameters.get(&parameter.name).or(parameter.default.as_ref()) {
            Some(value) => *variable = value.into(),
            None if parameter.is_required => {
                return Err(format!("the endpoint rules need the parameter `{}`", parameter.name));
            }
            None => {}
        }
    }
    let mut walk = Walk { variables };
    walk.first_of(&set.rules).unwrap_or_else(|| Err(EXHAUSTED.into()))
}

const EXHAUSTED: &str = "no endpoint rule applies";

/// The variables as they are where the walk has got to.
struct Walk {
    variables: Vec<Operand>,
}

impl Walk {
    fn first_of(&mut self, rules: &[Rule]) -> Option<Result<ResolvedEndpoint, String>> {
        rules.iter().find_map(|rule| self.rule(rule))
    }

    /// `None` where the rule does not apply. What its conditions assign is forgotten after it.
    fn rule(&mut self, rule: &Rule) -> Option<Result<ResolvedEndpoint, String>> {
        let mut assigned = Vec::new();
        let applies = rule.conditions.iter().all(|condition| {
            let value = self.value(&condition.value);
            let holds = value.holds();
            if let Some(variable) = condition.assign.filter(|_| holds) {
                assigned.push((variable, std::mem::replace(&mut self.variables[variable], value)));
            }
            holds
        });
        let result = applies.then(|| match &rule.outcome {
            Outcome::Rules(rules) => self.first_of(rules).unwrap_or_else(|| Err(EXHAUSTED.into())),
            Outcome::Endpoint(endpoint) => self.endpoint(endpoint),
            Outcome::Error(error) => Err(self.text(error).unwrap_or_else(|unset| unset)),
        });
        for (variable, before) in assigned.into_iter().rev() {
            self.variables[variable] = before;
        }
        result
    }

    fn endpoint(&self, endpoint: &EndpointTemplate) -> Result<ResolvedEndpoint, String> {
        let mut headers = Vec::with_capacity(endpoint.headers.len());
        for (name, values) in &endpoint.headers {
            let values = values.iter().map(|value| self.text(value));
            headers.push((name.clone(), values.collect::<Result<_, _>>()?));
        }
        let properties = endpoint.properties.iter();
        Ok(ResolvedEndpoint {
            url: self.text(&endpoint.url)?,
            headers,
            properties: properties.map(|(name, value)| (name.clone(), self.property(value))).collect(),
        })
    }

    fn property(&self, property: &Property) -> Document {
        match property {
            Property::Null => Document::Null,
            Property::Value(value) => self.value(value).to_document(),
            Property::List(values) => {
                Document::Array(values.iter().map(|value| self.property(value)).collect())
            }
            Property::Object(members) => {
                let members = members.iter();
                Document::Object(members.map(|(name, value)| (name.clone(), self.property(value))).collect())
            }
        }
    }

    fn text(&self, expression: &Expression) -> Result<String, String> {
        let text = self.value(expression).to_text();
        text.ok_or_else(|| "an endpoint rule puts into a text what is not given".to_owned())
    }

    fn value(&self, expression: &Expression) -> Operand {
        match expression {
            Expression::Literal(value) => value.clone(),
            Expression::Variable(variable) => self.variables[*variable].clone(),
            Expression::Attribute(from, path) => path.follow(self.value(from)),
            Expression::Template(pieces) => {
                self.template(pieces).map(|text| Operand::text(&text)).unwrap_or_default()
            }
            Expression::Call(function, arguments) => self.call(*function, arguments),
        }
    }

    /// `None` where one of the values has no text.
    fn template(&self, pieces: &[Piece]) -> Option<String> {
        let mut text = String::new();
        for piece in pieces {
            match piece {
                Piece::Text(piece) => text.push_str(piece),
                Piece::Value(value) => text.push_str(&self.value(value).to_text()?),
            }
        }
        Some(text)
    }

    fn call(&self, function: Function, arguments: &[Expression]) -> Operand {
        match (function, arguments) {
            // These two do not look at every argument.
            (Function::Coalesce, arguments) => {
                let mut values = arguments.iter().map(|argument| self.value(argument));
                values.find(|value| *value != Operand::Absent).unwrap_or_default()
            }
            (Function::IfThenElse, [condition, then, otherwise]) => {
                self.value(if self.value(condition).holds() { then } else { otherwise })
            }
            (function, [one]) => of_one(function, &self.value(one)),
            (function, arguments) => {
                let values: Vec<_> = arguments.iter().map(|argument| self.value(argument)).collect();
                of_more(function, &values)
            }
        }
    }
}

fn of_one(function: Function, argument: &Operand) -> Operand {
    match (function, argument) {
        (Function::IsSet, value) => Operand::Bool(*value != Operand::Absent),
        (Function::Not, value) => Operand::Bool(!value.holds()),
        (Function::Partition, Operand::Text(region)) => {
            // Every other region is taken for one of the first partition, `aws`.
            let partition = Partition::of_region_named(region).or_else(|| Partition::all().first());
            partition.map(Operand::Partition).unwrap_or_default()
        }
        (Function::ParseArn, Operand::Text(text)) => {
            Arn::parse(text).map(|arn| Operand::Arn(arn.into())).unwrap_or_default()
        }
        (Function::ParseUrl, Operand::Text(text)) => {
            Url::parse(text).map(|url| Operand::Url(url.into())).unwrap_or_default()
        }
        (Function::UriEncode, Operand::Text(text)) => Operand::text(&text::uri_encode(text)),
        _ => Operand::Absent,
    }
}

fn of_more(function: Function, arguments: &[Operand]) -> Operand {
    use Operand::{Bool, Integer, Text};
    match (function, arguments) {
        (Function::BooleanEquals, [Bool(one), Bool(other)]) => Bool(one == other),
        (Function::StringEquals, [Text(one), Text(other)]) => Bool(one == other),
        (Function::BooleanEquals | Function::StringEquals, _) => Bool(false),
        (Function::IsValidHostLabel, [Text(label), Bool(dots)]) => Bool(host::is_valid_label(label, *dots)),
        (Function::IsVirtualHostableS3Bucket, [Text(name), Bool(dots)]) => {
            Bool(host::is_virtual_hostable_bucket(name, *dots))
        }
        (Function::Split, [Text(text), Text(delimiter), Integer(limit)]) => {
            text::split(text, delimiter, *limit)
        }
        (Function::Substring, [Text(text), Integer(start), Integer(stop), Bool(reverse)]) => {
            text::substring(text, *start, *stop, *reverse).map(Operand::text).unwrap_or_default()
        }
        _ => Operand::Absent,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;
    use crate::dynamic::endpoint::ParameterValue;

    fn set(rules: Json) -> RuleSet {
        let parameters = json!({
            "Region": {"type": "string"}, "Bucket": {"type": "string"}, "Flag": {"type": "boolean", "default": false},
        });
        RuleSet::of_json(&json!({"version": "1.0", "parameters": parameters, "rules": rules})).unwrap()
    }

    fn given(parameters: &[(&str, &str)]) -> Parameters {
        let values = parameters.iter().map(|(name, value)| (*name, ParameterValue::String((*value).into())));
        values.map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// What a function's call yields, as a text.
    fn called(call: Json, parameters: &[(&str, &str)]) -> Option<String> {
        let mut condition = call;
        condition["assign"] = json!("Value");
        let rules = json!([
            {"type": "endpoint", "conditions": [condition], "endpoint": {"url": "{Value}"}},
            {"type": "error", "error": "it does not hold"},
        ]);
        set(rules).resolve(&given(parameters)).ok().map(|endpoint| endpoint.url)
    }

    #[test]
    fn functions_yield_what_their_names_say() {
        let attribute = |of: Json, path: &str| json!({"fn": "getAttr", "argv": [of, path]});
        let region = json!({"ref": "Region"});
        let partition = json!({"fn": "aws.partition", "argv": [region]});
        let china = [("Region", "cn-north-1")];
        assert_eq!(called(attribute(partition.clone(), "name"), &china).unwrap(), "aws-cn");
        assert_eq!(called(attribute(partition.clone(), "name"), &[("Region", "moon")]).unwrap(), "aws");
        assert_eq!(called(partition, &[]), None);
        for (call, yields) in [
            (json!({"fn": "isSet", "argv": [region]}), Some("true")),
            (json!({"fn": "isSet", "argv": [{"ref": "Bucket"}]}), None),
            (json!({"fn": "not", "argv": [{"ref": "Flag"}]}), Some("true")),
            (json!({"fn": "booleanEquals", "argv": [{"ref": "Flag"}, false]}), Some("true")),
            (json!({"fn": "stringEquals", "argv": [region, "cn-north-1"]}), Some("true")),
            (json!({"fn": "stringEquals", "argv": [{"ref": "Bucket"}, {"ref": "Bucket"}]}), None),
            (json!({"fn": "substring", "argv": [region, 0, 2, false]}), Some("cn")),
            (json!({"fn": "uriEncode", "argv": ["a b"]}), Some("a%20b")),
            (json!({"fn": "isValidHostLabel", "argv": [region, false]}), Some("true")),
            (json!({"fn": "aws.isVirtualHostableS3Bucket", "argv": ["a_b", false]}), None),
            (attribute(json!({"fn": "parseURL", "argv": ["https://a.b/c"]}), "path"), Some("/c")),
            (
                attribute(json!({"fn": "aws.parseArn", "argv": ["arn:aws:s3:::b"]}), "resourceId[0]"),
                Some("b"),
            ),
            (attribute(json!({"fn": "split", "argv": [region, "-", 2]}), "[1]"), Some("north-1")),
            (json!({"fn": "coalesce", "argv": [{"ref": "Bucket"}, region]}), Some("cn-north-1")),
            (json!({"fn": "ite", "argv": [{"ref": "Flag"}, "a", "b"]}), Some("b")),
        ] {
            assert_eq!(called(call.clone(), &china).as_deref(), yields, "{call}");
        }
    }

    #[test]
    fn the_first_rule_that_applies_decides_and_forgets_what_it_assigned() {
        let part = json!({"fn": "substring", "argv": [{"ref": "Region"}, 0, 2, false], "assign": "Part"});
        let never = json!({"fn": "isSet", "argv": [{"ref": "Bucket"}]});
        let unset = json!({"fn": "not", "argv": [{"fn": "isSet", "argv": [{"ref": "Part"}]}]});
        let properties =
            json!({"authSchemes": [{"name": "sigv4", "signingRegion": "{Region}", "deep": [true, 1]}]});
        let rules = set(json!([
            {"type": "endpoint", "conditions": [part, never], "endpoint": {"url": "https://{Part}"}},
            {"type": "tree", "conditions": [unset], "rules": [
                {"type": "endpoint", "endpoint": {
                    "url": "https://{Region}", "headers": {"x-a": ["{Region}", "b"]}, "properties": properties,
                }},
            ]},
        ]));
        let endpoint = rules.resolve(&given(&[("Region", "eu-west-1")])).unwrap();
        assert_eq!(endpoint.url, "https://eu-west-1");
        assert_eq!(endpoint.headers, [("x-a".to_owned(), vec!["eu-west-1".to_owned(), "b".to_owned()])]);
        let (name, schemes) = &endpoint.properties[0];
        let region = schemes.as_array().unwrap()[0].as_object().unwrap()["signingRegion"].as_string();
        assert_eq!((name.as_str(), region), ("authSchemes", Some("eu-west-1")));
    }

    #[test]
    fn an_error_is_the_text_of_its_rule() {
        let rules = set(json!([{"type": "error", "error": "no {Region}"}]));
        assert_eq!(rules.resolve(&given(&[("Region", "moon")])).unwrap_err(), "no moon");
        let rules = set(json!([{"type": "tree", "rules": []}, {"type": "error", "error": "never"}]));
        assert_eq!(rules.resolve(&given(&[])).unwrap_err(), EXHAUSTED);
        let rules = set(json!([{"type": "endpoint", "endpoint": {"url": "https://{Bucket}"}}]));
        assert!(rules.resolve(&given(&[])).unwrap_err().contains("not given"));
    }
}
