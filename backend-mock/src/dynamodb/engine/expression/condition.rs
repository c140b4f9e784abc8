//! Conditions: from the text of a condition or a filter to a tree that any item can be held against.

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::super::limit;
use super::condition_parser::{Comparator, Written};
use super::path::DocumentPath;
use super::placeholder::Placeholders;

/// A condition without placeholders, ready to be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Condition {
    Compare { comparator: Comparator, left: Operand, right: Operand },
    Between { value: Operand, low: Operand, high: Operand },
    In { value: Operand, candidates: Vec<Operand> },
    AttributeExists(DocumentPath),
    AttributeNotExists(DocumentPath),
    AttributeType { value: Operand, attribute_type: AttributeType },
    BeginsWith { value: Operand, prefix: Operand },
    Contains { value: Operand, operand: Operand },
    And(Vec<Condition>),
    Or(Vec<Condition>),
    Not(Box<Condition>),
}

/// What a condition compares.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Operand {
    Path(DocumentPath),
    Value(AttributeValue),
    Size(Box<Operand>),
    /// Whether a condition holds, which PartiQL compares like any other truth value.
    Test(Box<Condition>),
}

impl Operand {
    /// The type, where it does not depend on the item.
    pub(crate) fn known_type(&self) -> Option<AttributeType> {
        match self {
            Self::Path(_) => None,
            Self::Value(value) => Some(value.attribute_type()),
            Self::Size(_) => Some(AttributeType::N),
            Self::Test(_) => Some(AttributeType::Bool),
        }
    }

    fn visit_paths<'c>(&'c self, visit: &mut dyn FnMut(&'c DocumentPath)) {
        match self {
            Self::Path(path) => visit(path),
            Self::Value(_) => {}
            Self::Size(operand) => operand.visit_paths(visit),
            Self::Test(condition) => condition.visit_paths(visit),
        }
    }
}

impl Condition {
    /// Fills in what a condition's text leaves open, and finds fault with each condition's placeholders, operand counts
    /// and types.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, without the beginning that names the expression.
    pub(super) fn of(written: &Written, placeholders: &mut Placeholders<'_>) -> Result<Self, String> {
        resolve(written, placeholders)
    }

    /// Shows every path of the condition.
    pub(crate) fn visit_paths<'c>(&'c self, visit: &mut dyn FnMut(&'c DocumentPath)) {
        match self {
            Self::Compare { left: one, right: other, .. }
            | Self::BeginsWith { value: one, prefix: other }
            | Self::Contains { value: one, operand: other } => {
                one.visit_paths(visit);
                other.visit_paths(visit);
            }
            Self::Between { value, low, high } => {
                [value, low, high].into_iter().for_each(|o| o.visit_paths(visit))
            }
            Self::In { value, candidates } => {
                value.visit_paths(visit);
                candidates.iter().for_each(|operand| operand.visit_paths(visit));
            }
            Self::AttributeExists(path) | Self::AttributeNotExists(path) => visit(path),
            Self::AttributeType { value, .. } => value.visit_paths(visit),
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.visit_paths(visit)),
            Self::Not(inner) => inner.visit_paths(visit),
        }
    }
}

fn resolve(written: &Written, placeholders: &mut Placeholders<'_>) -> Result<Condition, String> {
    match written {
        Written::And(parts) => Ok(Condition::And(resolve_all(parts, placeholders)?)),
        Written::Or(parts) => Ok(Condition::Or(resolve_all(parts, placeholders)?)),
        Written::Not(inner) => Ok(Condition::Not(Box::new(resolve(inner, placeholders)?))),
        Written::Compare { comparator, left, right } => {
            let (left, right) = (operand(left, placeholders)?, operand(right, placeholders)?);
            check_distinct(comparator.as_str(), &left, &right)?;
            if comparator.is_ordering() {
                for side in [&left, &right] {
                    check_ordered("operator", comparator.as_str(), side)?;
                }
            }
            Ok(Condition::Compare { comparator: *comparator, left, right })
        }
        Written::Between { value, low, high } => {
            let value = operand(value, placeholders)?;
            let (low, high) = (operand(low, placeholders)?, operand(high, placeholders)?);
            for operand in [&value, &low, &high] {
                check_ordered("operator or function", "BETWEEN", operand)?;
            }
            check_bounds(&low, &high)?;
            Ok(Condition::Between { value, low, high })
        }
        Written::In { value, candidates } => {
            if candidates.len() > limit::IN_OPERANDS {
                return Err(format!(
                    "Invalid number of operands for operator or function; operator or function: IN, number of \
                     operands: {}",
                    candidates.len()
                ));
            }
            let value = operand(value, placeholders)?;
            let candidates =
                candidates.iter().map(|one| operand(one, placeholders)).collect::<Result<_, _>>()?;
            Ok(Condition::In { value, candidates })
        }
        Written::Function { name, arguments } => function(name, arguments, placeholders),
        Written::Path(_) | Written::Value(_) => {
            Err("Syntax error; an operand stands where a condition must".to_owned())
        }
    }
}

fn resolve_all(parts: &[Written], placeholders: &mut Placeholders<'_>) -> Result<Vec<Condition>, String> {
    parts.iter().map(|part| resolve(part, placeholders)).collect()
}

fn operand(written: &Written, placeholders: &mut Placeholders<'_>) -> Result<Operand, String> {
    match written {
        Written::Path(path) => Ok(Operand::Path(path.resolve(placeholders)?)),
        Written::Value(placeholder) => Ok(Operand::Value(placeholders.value(placeholder)?)),
        Written::Function { name, arguments } => {
            let resolved =
                arguments.iter().map(|one| operand(one, placeholders)).collect::<Result<Vec<_>, _>>()?;
            let [of] = take_operands(name, resolved)?;
            if let Some(actual @ (AttributeType::N | AttributeType::Bool | AttributeType::Null)) =
                of.known_type()
            {
                return Err(operand_type("operator or function", name, actual));
            }
            Ok(Operand::Size(Box::new(of)))
        }
        _ => Err("Syntax error; a condition stands where an operand must".to_owned()),
    }
}

fn function(
    name: &str,
    arguments: &[Written],
    placeholders: &mut Placeholders<'_>,
) -> Result<Condition, String> {
    let resolved = arguments.iter().map(|one| operand(one, placeholders)).collect::<Result<Vec<_>, _>>()?;
    match name {
        "attribute_exists" | "attribute_not_exists" => match take_operands(name, resolved)? {
            [Operand::Path(path)] if name == "attribute_exists" => Ok(Condition::AttributeExists(path)),
            [Operand::Path(path)] => Ok(Condition::AttributeNotExists(path)),
            _ => Err(format!("Operator or function requires a document path; operator or function: {name}")),
        },
        "attribute_type" => {
            let [value, wanted] = take_operands(name, resolved)?;
            let Operand::Value(AttributeValue::S(wanted)) = &wanted else {
                let actual =
                    wanted.known_type().map_or("{NS,SS,L,BS,N,M,B,BOOL,NULL,S}", AttributeType::as_str);
                return Err(operand_type("operator or function", name, actual));
            };
            let attribute_type = AttributeType::parse(wanted).ok_or_else(|| {
                format!("Invalid attribute type name found; type: {wanted}, valid types: {{B,NULL,SS,BOOL,L,BS,N,NS,S,M}}")
            })?;
            Ok(Condition::AttributeType { value, attribute_type })
        }
        "begins_with" => {
            let [value, prefix] = take_operands(name, resolved)?;
            check_distinct(name, &value, &prefix)?;
            for side in [&value, &prefix] {
                if let Some(actual) = side.known_type()
                    && !matches!(actual, AttributeType::S | AttributeType::B)
                {
                    return Err(operand_type("operator or function", name, actual));
                }
            }
            Ok(Condition::BeginsWith { value, prefix })
        }
        _ => {
            // The parser lets no other function stand for a condition.
            let [value, operand] = take_operands("contains", resolved)?;
            check_distinct("contains", &value, &operand)?;
            Ok(Condition::Contains { value, operand })
        }
    }
}

fn take_operands<const N: usize>(name: &str, operands: Vec<Operand>) -> Result<[Operand; N], String> {
    operands.try_into().map_err(|operands: Vec<Operand>| {
        format!(
            "Incorrect number of operands for operator or function; operator or function: {name}, number of \
             operands: {}",
            operands.len()
        )
    })
}

/// Refuses a path that stands on both sides.
pub(crate) fn check_distinct(operator: &str, one: &Operand, other: &Operand) -> Result<(), String> {
    match (one, other) {
        (Operand::Path(a), Operand::Path(b)) if a == b => Err(format!(
            "The first operand must be distinct from the remaining operands for this operator or function; \
             operator: {operator}, first operand: {a}"
        )),
        _ => Ok(()),
    }
}

/// Refuses literals that have no order.
fn check_ordered(kind: &str, name: &str, operand: &Operand) -> Result<(), String> {
    match operand.known_type() {
        None | Some(AttributeType::S | AttributeType::N | AttributeType::B) => Ok(()),
        Some(actual) => Err(operand_type(kind, name, actual)),
    }
}

/// Refuses literal bounds between which nothing can lie.
pub(crate) fn check_bounds(low: &Operand, high: &Operand) -> Result<(), String> {
    let (Operand::Value(low), Operand::Value(high)) = (low, high) else { return Ok(()) };
    let fault = if low.attribute_type() != high.attribute_type() {
        "same data type for lower and upper bounds"
    } else if low.scalar_cmp(high) == Some(std::cmp::Ordering::Greater) {
        "upper bound to be greater than or equal to lower bound"
    } else {
        return Ok(());
    };
    Err(format!(
        "The BETWEEN operator requires {fault}; lower bound operand: AttributeValue: {low}, upper bound operand: \
         AttributeValue: {high}"
    ))
}

fn operand_type(kind: &str, name: &str, actual: impl std::fmt::Display) -> String {
    format!("Incorrect operand type for operator or function; {kind}: {name}, operand type: {actual}")
}
