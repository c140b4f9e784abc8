//! What DynamoDB refuses while it reads the values of a statement that can be read as one: in the order in which they
//! stand, the WHERE clause first, and before any operand is judged or a table looked up.

use super::super::attribute_value::AttributeValue;
use super::super::error::Error;
use super::condition::{attribute_type_of, unrecognized};
use super::literal;
use super::parser::{Written, WrittenAction};
use super::term::{Node, Term};
use super::update::check_set_function;

/// # Errors
/// [`Error::Validation`] for the first that is refused.
pub(super) fn check(written: &Written, parameters: &[AttributeValue]) -> Result<(), Error> {
    let of_where = |condition: &Option<Term>| {
        condition.as_ref().map_or(Ok(()), |term| Reading { parameters, functions: &IN_WHERE }.term(term))
    };
    match written {
        Written::Select(select) | Written::Exists(select) => of_where(&select.condition),
        Written::Delete { condition, .. } => of_where(condition),
        Written::Insert { item, .. } => literal::item(item, parameters).map(drop),
        Written::Update { condition, actions, .. } => {
            of_where(condition)?;
            let reading = Reading { parameters, functions: &IN_SET };
            actions.iter().try_for_each(|action| match action {
                WrittenAction::Set(target, term) => match check_set_function(target, term, parameters)? {
                    true => Ok(()),
                    false => reading.term(term),
                },
                WrittenAction::Remove(_) => Ok(()),
            })
        }
    }
}

const IN_WHERE: [&str; 6] =
    ["attribute_exists", "attribute_not_exists", "attribute_type", "begins_with", "contains", "size"];
const IN_SET: [&str; 2] = ["list_append", "if_not_exists"];

struct Reading<'p> {
    parameters: &'p [AttributeValue],
    functions: &'p [&'static str],
}

impl Reading<'_> {
    fn term(&self, term: &Term) -> Result<(), Error> {
        match &term.node {
            Node::And(parts) | Node::Or(parts) => self.terms(parts),
            Node::Not(inner) => self.term(inner),
            Node::Compare { sides, .. } => self.terms([&sides.0, &sides.1]),
            Node::Arithmetic { operands, .. } => self.terms([&operands.0, &operands.1]),
            Node::Between(operands) => self.terms([&operands.0, &operands.1, &operands.2]),
            Node::In { value, candidates } => {
                self.term(value)?;
                self.terms(candidates.iter().flatten())
            }
            Node::Is { value, type_name } => {
                self.term_of_is(value)?;
                attribute_type_of(type_name, value.at).map(drop)
            }
            Node::Call(name, arguments) => {
                let is_exists = name.eq_ignore_ascii_case("exists");
                if !is_exists || !matches!(arguments.first().map(|first| &first.node), Some(Node::Select)) {
                    let is_known = self.functions.iter().any(|known| name.eq_ignore_ascii_case(known));
                    is_known.then_some(()).ok_or_else(|| unrecognized(name, term))?;
                }
                self.terms(arguments)
            }
            Node::Select => {
                Err(Error::validation(format!("Unsupported token in expression: SELECT at {}", term.at)))
            }
            _ => literal::value(term, self.parameters).map(drop),
        }
    }

    /// What IS asks about may be MISSING itself.
    fn term_of_is(&self, term: &Term) -> Result<(), Error> {
        if matches!(term.node, Node::Missing) { Ok(()) } else { self.term(term) }
    }

    fn terms<'t>(&self, terms: impl IntoIterator<Item = &'t Term>) -> Result<(), Error> {
        terms.into_iter().try_for_each(|term| self.term(term))
    }
}
