//! JSON within texts: IAM's policy documents, which are URL-encoded as well, and CloudFormation's templates.
//!
//! What is no JSON, as a template in YAML, stays the text that it is.

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::schema::{Direction, Node, Schemas};
use super::{Customized, Value, percent};
use crate::model::ShapeKind;

/// IAM has this shape wherever a policy is, and nowhere else.
const POLICY: &str = "policyDocumentType";

/// Reads all policy documents of an output.
pub(super) fn read_policies(this: Customized<'_>, _: &HttpResponse, _: &ConfigBag, output: &mut Value) {
    if let Some(node) = this.plan.output {
        read_within(this.schemas, node, output);
    }
}

/// Reads a template.
pub(super) fn read_template(_: Customized<'_>, _: &HttpResponse, _: &ConfigBag, output: &mut Value) {
    if let Some(template) = output.get_mut("TemplateBody") {
        read(template, |text| serde_json::from_str(text).ok());
    }
}

fn read_within(schemas: &Schemas, node: &'static Node, value: &mut Value) {
    let target = |at: usize| Some(schemas.node(node.members.get(at)?.target, Direction::Output));
    match (node.kind, value) {
        (ShapeKind::Structure, Value::Map(entries)) => {
            for (name, value) in entries {
                let Some(member) = node.member(name) else { continue };
                read_within(schemas, schemas.node(member.target, Direction::Output), value);
            }
        }
        (ShapeKind::List, Value::List(items)) => {
            let Some(element) = target(0) else { return };
            items.iter_mut().for_each(|item| read_within(schemas, element, item));
        }
        (ShapeKind::String, value) if node.name == POLICY => {
            read(value, |text| serde_json::from_str(&percent::decode(text)).ok());
        }
        _ => {}
    }
}

fn read(value: &mut Value, json: impl Fn(&str) -> Option<Value>) {
    if let Some(document) = value.as_str().and_then(json) {
        *value = document;
    }
}
