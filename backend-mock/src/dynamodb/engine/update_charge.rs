//! What an UpdateExpression counts for: UpdateItem holds that, too, against the size that an item may have.
//!
//! A transaction, a statement of PartiQL and the legacy parameters are held against the size of the finished item alone.
//! Nothing of this is documented. The numbers were measured at the limit, in most regions, as the suites of recorded
//! answers tell them; some regions look at the finished item only.

use super::error::Error;
use super::expression::{Action, DocumentPath, Step, Update, Value, Verb};
use super::limit;

const UPDATE: usize = 3;
/// An action that writes a value of the request.
const VALUE: usize = 19;
/// An action that only takes away.
const REMOVAL: usize = 1;
/// Each step of a written path after the attribute's name, besides the step.
const TARGET_STEP: usize = 4;
/// A path that is read, and each of its steps, besides the step.
const OPERAND: usize = 1;
const OPERAND_STEP: usize = 14;
const PLUS: usize = 34;
const MINUS: usize = 37;
const LIST_APPEND: usize = 37;
const IF_NOT_EXISTS: usize = 39;

pub(super) const TOO_LARGE: &str = "Item size to update has exceeded the maximum allowed size";

/// # Errors
/// [`Error::Validation`] for an expression that counts for more than an item may.
pub(super) fn check(update: &Update) -> Result<(), Error> {
    if charge(update) > limit::ITEM_BYTES { Err(Error::validation(TOO_LARGE)) } else { Ok(()) }
}

fn charge(update: &Update) -> usize {
    UPDATE + update.actions.iter().map(action).sum::<usize>()
}

fn action(Action { path, verb }: &Action) -> usize {
    target(path)
        + match verb {
            Verb::Set(value) => VALUE + operand(value),
            Verb::Add(value) => VALUE + value.size(),
            Verb::Remove | Verb::Delete(_) => REMOVAL,
        }
}

fn target(path: &DocumentPath) -> usize {
    let steps = path.steps().iter().map(step);
    steps.sum::<usize>() + TARGET_STEP * path.steps().len().saturating_sub(1)
}

fn operand(value: &Value) -> usize {
    match value {
        Value::Literal(value) => value.size(),
        Value::Path(path) => read(path),
        Value::IfNotExists(path, otherwise) => IF_NOT_EXISTS + read(path) + operand(otherwise),
        Value::ListAppend(one, other) => LIST_APPEND + operand(one) + operand(other),
        Value::Plus(one, other) => PLUS + operand(one) + operand(other),
        Value::Minus(one, other) => MINUS + operand(one) + operand(other),
    }
}

fn read(path: &DocumentPath) -> usize {
    OPERAND + path.steps().iter().map(|it| OPERAND_STEP + step(it)).sum::<usize>()
}

fn step(step: &Step) -> usize {
    match step {
        Step::Member(name) => name.len(),
        Step::Element(index) => index.to_string().len(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::attribute_value::AttributeValue;
    use super::super::expression::{Expressions, Texts};
    use super::*;

    /// What the one action counts for.
    fn action(text: &str, value: Option<AttributeValue>) -> usize {
        let values = value.map(|value| BTreeMap::from([(":v".to_owned(), Ok(value))]));
        let expressions = Expressions { update: Some(text.to_owned()), values, ..Expressions::default() };
        charge(&expressions.parse(&Texts::default(), "").unwrap().update.unwrap()) - UPDATE
    }

    #[test]
    fn each_kind_of_action_counts_for_its_own() {
        let ten = || AttributeValue::S("y".repeat(10).into());
        let one = || Some(AttributeValue::N("1".parse().unwrap()));
        let list = AttributeValue::L(vec![ten()]);
        assert_eq!(action("SET c = :v", Some(ten())), 19 + 1 + 10);
        assert_eq!(action("SET m.z = :v", Some(ten())), 19 + 1 + 5 + 10);
        assert_eq!(action("SET c = abcdefghij", None), 19 + 1 + 15 + 10);
        assert_eq!(action("SET c = m.a.z", None), 19 + 1 + 1 + 3 * 15);
        assert_eq!(action("SET c = l[10]", None), 19 + 1 + 1 + 15 + 16);
        assert_eq!(action("SET l = list_append(l, :v)", Some(list)), 19 + 1 + 37 + 16 + 14);
        assert_eq!(action("SET c = if_not_exists(c, :v)", Some(ten())), 19 + 1 + 39 + 16 + 10);
        assert_eq!(action("SET n = n + :v", one()), 19 + 1 + 34 + 16 + 2);
        assert_eq!(action("SET n = n - :v", one()), 19 + 1 + 37 + 16 + 2);
        assert_eq!(action("ADD n :v", one()), 19 + 1 + 2);
        assert_eq!(action("REMOVE abcdefghij", None), 1 + 10);
        assert_eq!(action("REMOVE m.yyyyyyyyyy", None), 1 + 1 + 4 + 10);
        assert_eq!(action("REMOVE l[10]", None), 1 + 1 + 4 + 2);
        let set = AttributeValue::Ss([std::sync::Arc::from("q".repeat(20))].into_iter().collect());
        assert_eq!(action("DELETE ss :v", Some(set)), 1 + 2);
    }
}
