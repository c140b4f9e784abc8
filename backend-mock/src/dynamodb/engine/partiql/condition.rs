//! Conditions: from what WHERE says to the conditions that the engine evaluates.

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::super::error::Error;
use super::super::expression::{Comparator, Condition, DocumentPath, Operand, check_bounds, check_distinct};
use super::super::limit;
use super::literal;
use super::term::{Node, Term};
use super::token::At;

/// The condition that a term is.
///
/// # Errors
/// [`Error::Validation`] in DynamoDB's words.
pub(super) fn condition(term: &Term, parameters: &[AttributeValue]) -> Result<Condition, Error> {
    Reader { parameters }.condition(term)
}

struct Reader<'p> {
    parameters: &'p [AttributeValue],
}

impl Reader<'_> {
    fn condition(&self, term: &Term) -> Result<Condition, Error> {
        let all = |parts: &[Term], operator: &str| {
            parts.iter().map(|part| self.part(part, operator)).collect::<Result<Vec<_>, _>>()
        };
        match &term.node {
            Node::And(parts) => all(parts, "AND").map(Condition::And),
            Node::Or(parts) => all(parts, "OR").map(Condition::Or),
            Node::Not(inner) => Ok(Condition::Not(Box::new(self.part(inner, "NOT")?))),
            Node::Compare { comparator, sides } => self.comparison(*comparator, &sides.0, &sides.1),
            Node::Between(operands) => {
                let (value, low, high) = &**operands;
                let (value, low, high) = (self.operand(value)?, self.operand(low)?, self.operand(high)?);
                for operand in [&value, &low, &high] {
                    check_ordered("BETWEEN", operand)?;
                }
                for bound in [&low, &high] {
                    check_distinct("BETWEEN", &value, bound).map_err(Error::Validation)?;
                }
                check_bounds(&low, &high).map_err(Error::Validation)?;
                Ok(Condition::Between { value, low, high })
            }
            Node::In { value, candidates } => self.membership(value, candidates.as_deref()),
            Node::Is { value, type_name } => self.type_test(value, type_name),
            Node::Call(name, arguments) => self.function(term, name, arguments),
            Node::Operator(operator) => Err(unsupported_operator(operator)),
            _ => Err(Error::validation("WHERE clause must contain an expression that resolves to a boolean")),
        }
    }

    /// What must be a condition, since it is an operand of that operator.
    fn part(&self, term: &Term, operator: &str) -> Result<Condition, Error> {
        match &term.node {
            Node::Call(name, arguments) if name.eq_ignore_ascii_case(SIZE) => {
                let [_] = self.operands(SIZE, arguments)?;
                Err(operand_type(operator, AttributeType::N.as_str()))
            }
            _ => self.condition(term),
        }
    }

    fn comparison(&self, comparator: Comparator, left: &Term, right: &Term) -> Result<Condition, Error> {
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        check_distinct(comparator.as_str(), &left, &right).map_err(Error::Validation)?;
        if comparator.is_ordering() {
            for operand in [&left, &right] {
                check_ordered(comparator.as_str(), operand)?;
            }
        }
        Ok(Condition::Compare { comparator, left, right })
    }

    fn membership(&self, value: &Term, candidates: Option<&[Term]>) -> Result<Condition, Error> {
        let (value, Some(candidates @ [_, ..])) = (self.operand(value)?, candidates) else {
            return Err(Error::validation(
                "IN operator must have a left hand argument of type Variable Reference and right hand argument of type \
                 Seq with at least one member",
            ));
        };
        let candidates = candidates.iter().map(|one| self.operand(one)).collect::<Result<Vec<_>, _>>()?;
        for candidate in &candidates {
            check_distinct("IN", &value, candidate).map_err(Error::Validation)?;
        }
        if candidates.len() > limit::IN_OPERANDS {
            return Err(Error::validation(format!(
                "The IN operator is provided with too many operands; number of operands: {}",
                candidates.len()
            )));
        }
        Ok(Condition::In { value, candidates })
    }

    fn type_test(&self, value: &Term, type_name: &str) -> Result<Condition, Error> {
        let Some(path) = value.as_path().map(|steps| DocumentPath::new(steps.to_vec())) else {
            return Err(Error::validation(
                "The left hand side argument to IS must be a Variable Reference, Literal, or Path",
            ));
        };
        let Some(attribute_type) = attribute_type_of(type_name, value.at)? else {
            return Ok(Condition::AttributeNotExists(path));
        };
        Ok(Condition::AttributeType { value: Operand::Path(path), attribute_type })
    }

    fn operand(&self, term: &Term) -> Result<Operand, Error> {
        if let Some(value) = literal::value(term, self.parameters)? {
            return Ok(Operand::Value(value));
        }
        match &term.node {
            Node::Path(steps) => path(steps).map(Operand::Path),
            Node::Call(name, arguments) if name.eq_ignore_ascii_case(SIZE) => {
                let [of] = self.operands(SIZE, arguments)?;
                if let Some(actual @ (AttributeType::N | AttributeType::Bool | AttributeType::Null)) =
                    of.known_type()
                {
                    return Err(operand_type(SIZE, actual.as_str()));
                }
                Ok(Operand::Size(Box::new(of)))
            }
            Node::Call(name, arguments) => {
                self.function(term, name, arguments).map(|test| Operand::Test(Box::new(test)))
            }
            Node::Arithmetic { is_sum, .. } => Err(unsupported_operator(if *is_sum { "+" } else { "-" })),
            Node::Operator(operator) => Err(unsupported_operator(operator)),
            _ => Err(Error::validation("WHERE clause must contain an expression that resolves to a boolean")),
        }
    }

    fn operands<const N: usize>(&self, name: &str, arguments: &[Term]) -> Result<[Operand; N], Error> {
        let operands = arguments.iter().map(|one| self.operand(one)).collect::<Result<Vec<_>, _>>()?;
        operands.try_into().map_err(|operands: Vec<Operand>| {
            Error::validation(format!(
                "Incorrect number of operands for operator or function; operator or function: {name}, number of operands: \
                 {}",
                operands.len()
            ))
        })
    }

    fn function(&self, term: &Term, name: &str, arguments: &[Term]) -> Result<Condition, Error> {
        let (written, name) = (name, &*name.to_ascii_lowercase());
        match name {
            "attribute_exists" | "attribute_not_exists" => match self.operands(name, arguments)? {
                [Operand::Path(path)] if name == "attribute_exists" => Ok(Condition::AttributeExists(path)),
                [Operand::Path(path)] => Ok(Condition::AttributeNotExists(path)),
                _ => Err(Error::validation(format!(
                    "Operator or function requires a document path; operator or function: {name}"
                ))),
            },
            "attribute_type" => {
                let [value, wanted] = self.operands(name, arguments)?;
                check_distinct(name, &value, &wanted).map_err(Error::Validation)?;
                let Operand::Value(AttributeValue::S(wanted)) = &wanted else {
                    // DynamoDB knows more types than attributes have.
                    const ANY: &str = "{S,HDS,N,FS,BS,NULL,DOUBLE,NS,DECIMAL,SS,DECIMALSET,BOOL,HD,DICT,INTSET,M,L,B,FLOAT,INT,DOUBLESET}";
                    let actual = wanted.known_type().map_or(ANY, AttributeType::as_str);
                    return Err(operand_type(name, actual));
                };
                let attribute_type = AttributeType::parse(wanted).ok_or_else(|| {
                    Error::validation(format!(
                        "Invalid attribute type name found; type: {wanted}, valid types: \
                         {{N,BS,L,B,NULL,M,S,SS,NS,BOOL}}"
                    ))
                })?;
                Ok(Condition::AttributeType { value, attribute_type })
            }
            "begins_with" => {
                let [value, prefix] = self.operands(name, arguments)?;
                for side in [&value, &prefix] {
                    if let Some(actual) = side.known_type()
                        && !matches!(actual, AttributeType::S | AttributeType::B)
                    {
                        return Err(operand_type(name, actual.as_str()));
                    }
                }
                Ok(Condition::BeginsWith { value, prefix })
            }
            "contains" => {
                let [value, operand] = self.operands(name, arguments)?;
                Ok(Condition::Contains { value, operand })
            }
            SIZE => {
                Err(Error::validation("WHERE clause must contain an expression that resolves to a boolean"))
            }
            _ => Err(unrecognized(written, term)),
        }
    }
}

/// The type that IS asks for; `None` for none at all.
///
/// # Errors
/// For a type of SQL that no attribute has.
pub(super) fn attribute_type_of(name: &str, at: At) -> Result<Option<AttributeType>, Error> {
    Ok(Some(match name {
        "MISSING" => return Ok(None),
        "NULL" => AttributeType::Null,
        "BOOL" | "BOOLEAN" => AttributeType::Bool,
        "BLOB" => AttributeType::B,
        "STRING" => AttributeType::S,
        "NUMERIC" => AttributeType::N,
        "STRUCT" | "TUPLE" => AttributeType::M,
        "LIST" => AttributeType::L,
        other => {
            return Err(Error::validation(format!(
                "Unsupported data type for IS operator: {}. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, \
                 STRING, NUMERIC, STRUCT, TUPLE, LIST] at {at}",
                class_of_type(other)
            )));
        }
    }))
}

/// An IN with more operands than it may have.
pub(super) fn too_many_operands(count: usize) -> Error {
    Error::validation(format!(
        "Invalid number of operands for operator or function; operator or function: IN, number of operands: {count}"
    ))
}

/// A document path.
///
/// # Errors
/// When it goes deeper than any item can.
pub(super) fn path(steps: &[super::super::expression::Step]) -> Result<DocumentPath, Error> {
    if steps.len() > limit::NESTING_LEVELS + 1 {
        return Err(Error::validation(format!(
            "The document path has too many nesting elements; nesting levels: {}",
            steps.len()
        )));
    }
    Ok(DocumentPath::new(steps.to_vec()))
}

pub(super) fn unrecognized(name: &str, term: &Term) -> Error {
    Error::validation(format!("Unrecognized function: {} at {}", name.to_ascii_lowercase(), term.at))
}

/// Refuses what has no order; which type the other side has does not matter.
fn check_ordered(operator: &str, operand: &Operand) -> Result<(), Error> {
    match operand.known_type() {
        None | Some(AttributeType::S | AttributeType::N | AttributeType::B) => Ok(()),
        Some(actual) => Err(operand_type(operator, actual.as_str())),
    }
}

const SIZE: &str = "size";

fn unsupported_operator(operator: &str) -> Error {
    Error::validation(format!("Unsupported operator in Condition Expression. Operator: {operator}"))
}

fn operand_type(operator: &str, actual: &str) -> Error {
    Error::validation(format!(
        "Incorrect operand type for operator or function; operator or function: {operator}, operand type: {actual}"
    ))
}

/// What DynamoDB's parser calls a type that no attribute has.
fn class_of_type(name: &str) -> String {
    let class = match name {
        "INT" | "INTEGER" => "Integer",
        "INT2" => "Smallint",
        "INT4" => "Integer4",
        "INT8" | "BIGINT" => "Integer8",
        "CHAR" => "Character",
        "CHARACTER VARYING" | "CHAR VARYING" | "VARCHAR" => "CharacterVarying",
        "DOUBLE PRECISION" => "DoublePrecision",
        other => {
            let (first, rest) = other.split_at_checked(1).unwrap_or((other, ""));
            return format!("{first}{}Type", rest.to_ascii_lowercase());
        }
    };
    format!("{class}Type")
}
