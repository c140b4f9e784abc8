//! Updates: from SET and REMOVE to the actions that the engine applies.

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::super::error::Error;
use super::super::expression::{Action, Step, Update, Value, Verb, check_assigned_distinct};
use super::condition::{path, unrecognized};
use super::literal;
use super::parser::WrittenAction;
use super::term::{Node, Term};

/// The update that the actions of a statement are together.
///
/// # Errors
/// [`Error::Validation`] in DynamoDB's words.
pub(super) fn update(actions: &[WrittenAction], parameters: &[AttributeValue]) -> Result<Update, Error> {
    let reader = Reader { parameters };
    let actions = actions.iter().map(|action| reader.action(action)).collect::<Result<Vec<_>, _>>()?;
    check_assigned_distinct(actions.iter().map(|action| &action.path)).map_err(Error::Validation)?;
    Ok(Update { actions })
}

struct Reader<'p> {
    parameters: &'p [AttributeValue],
}

impl Reader<'_> {
    fn action(&self, action: &WrittenAction) -> Result<Action, Error> {
        let (target, term) = match action {
            WrittenAction::Remove(steps) => return Ok(Action { path: path(steps)?, verb: Verb::Remove }),
            WrittenAction::Set(steps, term) => (path(steps)?, term),
        };
        let verb = match set_function(target.steps(), term, self.parameters)? {
            Some(verb) => verb,
            None => Verb::Set(self.value(term)?),
        };
        Ok(Action { path: target, verb })
    }

    fn value(&self, term: &Term) -> Result<Value, Error> {
        if let Some(value) = literal::value(term, self.parameters)? {
            return Ok(Value::Literal(value));
        }
        match &term.node {
            Node::Path(steps) => path(steps).map(Value::Path),
            Node::Arithmetic { is_sum, operands } => {
                let operator = if *is_sum { "+" } else { "-" };
                let (one, other) = (self.value(&operands.0)?, self.value(&operands.1)?);
                check_operands(operator, [&one, &other], AttributeType::N)?;
                let (one, other) = (Box::new(one), Box::new(other));
                Ok(if *is_sum { Value::Plus(one, other) } else { Value::Minus(one, other) })
            }
            Node::Call(written, arguments)
                if ["list_append", "if_not_exists"].iter().any(|name| written.eq_ignore_ascii_case(name)) =>
            {
                let name = &*written.to_ascii_lowercase();
                let [one, other] = &arguments[..] else {
                    return Err(Error::validation(format!(
                        "Incorrect number of operands for operator or function; operator or function: {name}, number of \
                         operands: {}",
                        arguments.len()
                    )));
                };
                let (one, other) = (self.value(one)?, self.value(other)?);
                if name == "list_append" {
                    check_operands(name, [&one, &other], AttributeType::L)?;
                    return Ok(Value::ListAppend(Box::new(one), Box::new(other)));
                }
                match one {
                    Value::Path(path) => Ok(Value::IfNotExists(path, Box::new(other))),
                    _ => Err(Error::validation(format!(
                        "Operator or function requires a document path; operator or function: {name}"
                    ))),
                }
            }
            Node::Call(name, _) => Err(unrecognized(name, term)),
            Node::Is { .. } => Err(Error::validation("IS operator is not supported in update expressions")),
            other => Err(Error::validation(format!(
                "Unsupported operator in Update Expression. Operator: {}",
                match other {
                    Node::Operator(operator) => operator,
                    Node::Compare { comparator, .. } => comparator.as_str(),
                    Node::Between(_) => "BETWEEN",
                    Node::In { .. } => "IN",
                    Node::Not(_) => "NOT",
                    Node::Or(_) => "OR",
                    _ => "AND",
                }
            ))),
        }
    }
}

/// Whether a value is a set function that fits its target; what a value within it is was read, too.
///
/// # Errors
/// When it is one and does not.
pub(super) fn check_set_function(
    target: &[Step],
    term: &Term,
    parameters: &[AttributeValue],
) -> Result<bool, Error> {
    set_function(target, term, parameters).map(|verb| verb.is_some())
}

/// `set_add` or `set_delete` of the attribute that is assigned to.
fn set_function(target: &[Step], term: &Term, parameters: &[AttributeValue]) -> Result<Option<Verb>, Error> {
    let Node::Call(name, arguments) = &term.node else { return Ok(None) };
    let function = name.to_ascii_uppercase();
    if function != "SET_ADD" && function != "SET_DELETE" {
        return Ok(None);
    }
    let [first, second] = &arguments[..] else {
        return Err(Error::validation(format!("{function} must have exactly two arguments at {}", term.at)));
    };
    if first.as_path() != Some(target) {
        return Err(Error::validation(format!(
            "The first argument to {function} must equal the assignment value at {}",
            term.at
        )));
    }
    match literal::value(second, parameters)? {
        Some(elements @ (AttributeValue::Ss(_) | AttributeValue::Ns(_) | AttributeValue::Bs(_))) => {
            Ok(Some(if function == "SET_ADD" { Verb::Add(elements) } else { Verb::Delete(elements) }))
        }
        _ => Err(Error::validation(format!(
            "The second argument to {function} must be a value with type SET at {}",
            first.at
        ))),
    }
}

fn check_operands(operator: &str, operands: [&Value; 2], wanted: AttributeType) -> Result<(), Error> {
    let wrong = operands.into_iter().filter_map(Value::known_type).find(|actual| *actual != wanted);
    wrong.map_or(Ok(()), |actual| {
        Err(Error::validation(format!(
            "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {actual}"
        )))
    })
}
