//! Search conditions: values that attributes of a vector index's search schema must have.

use std::sync::Arc;

use super::super::attribute_value::AttributeValue;
use super::condition::{Condition, Operand};
use super::condition_parser::Comparator;
use super::path::{DocumentPath, Step};

/// The equalities of a SearchConditionExpression, each of another attribute.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SearchCondition {
    pub(crate) equal: Vec<(Arc<str>, AttributeValue)>,
}

impl SearchCondition {
    /// # Errors
    /// For anything but equalities that must all hold, in DynamoDB's words.
    pub(super) fn of(condition: Condition) -> Result<Self, String> {
        let mut equal = Vec::new();
        collect(condition, &mut equal)?;
        let attributes = equal.into_iter().map(|(path, value)| match path.steps() {
            [Step::Member(name)] => Ok((name.clone(), value)),
            _ => Err("SearchConditionExpression cannot have conditions on nested attributes".to_owned()),
        });
        let equal = attributes.collect::<Result<Vec<_>, _>>()?;
        for (position, (name, _)) in equal.iter().enumerate() {
            if equal[..position].iter().any(|(earlier, _)| earlier == name) {
                return Err(
                    "SearchConditionExpression must only contain one condition per attribute".to_owned()
                );
            }
        }
        Ok(Self { equal })
    }
}

fn collect(condition: Condition, equal: &mut Vec<(DocumentPath, AttributeValue)>) -> Result<(), String> {
    match condition {
        Condition::And(parts) => parts.into_iter().try_for_each(|part| collect(part, equal)),
        Condition::Compare {
            comparator: Comparator::Equal,
            left: Operand::Path(path),
            right: Operand::Value(value),
        }
        | Condition::Compare {
            comparator: Comparator::Equal,
            left: Operand::Value(value),
            right: Operand::Path(path),
        } => {
            equal.push((path, value));
            Ok(())
        }
        _ => Err("Invalid comparator used in SearchConditionExpression".to_owned()),
    }
}
