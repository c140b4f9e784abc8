//! The grammar of conditions: OR under AND under NOT under comparisons, functions and parentheses.

use std::sync::Arc;

use super::path::WrittenPath;
use super::token::{Cursor, TokenKind};

/// `=`, `<>` and the four that ask for an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparator {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

impl Comparator {
    fn parse(symbol: &str) -> Option<Self> {
        Some(match symbol {
            "=" => Self::Equal,
            "<>" => Self::NotEqual,
            "<" => Self::Less,
            "<=" => Self::LessOrEqual,
            ">" => Self::Greater,
            ">=" => Self::GreaterOrEqual,
            _ => return None,
        })
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Equal => "=",
            Self::NotEqual => "<>",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
        }
    }

    pub(crate) fn is_ordering(self) -> bool {
        !matches!(self, Self::Equal | Self::NotEqual)
    }

    /// The comparator that says the same with its operands exchanged.
    pub(crate) fn mirrored(self) -> Self {
        match self {
            Self::Less => Self::Greater,
            Self::LessOrEqual => Self::GreaterOrEqual,
            Self::Greater => Self::Less,
            Self::GreaterOrEqual => Self::LessOrEqual,
            same => same,
        }
    }
}

/// A condition or an operand as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Written {
    Path(WrittenPath),
    Value(Arc<str>),
    Function { name: Arc<str>, arguments: Vec<Written> },
    Compare { comparator: Comparator, left: Box<Written>, right: Box<Written> },
    Between { value: Box<Written>, low: Box<Written>, high: Box<Written> },
    In { value: Box<Written>, candidates: Vec<Written> },
    And(Vec<Written>),
    Or(Vec<Written>),
    Not(Box<Written>),
}

impl Written {
    /// Reads a whole expression and finds every fault that its text alone shows: of syntax, parentheses, functions,
    /// reserved words and the number of operators, in this order.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, without the beginning that names the expression.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(source)?;
        let written = alternatives(&mut cursor)?;
        require_condition(&cursor, Some(&written))?;
        cursor.expect_end()?;
        if cursor.has_redundant_parentheses() {
            return Err("The expression has redundant parentheses;".to_owned());
        }
        written.check_functions()?;
        written.check_function_use(true)?;
        written.check_reserved()?;
        cursor.check_operators()?;
        Ok(written)
    }

    fn is_operand(&self) -> bool {
        matches!(self, Self::Path(_) | Self::Value(_) | Self::Function { .. })
    }

    fn children(&self) -> Vec<&Self> {
        match self {
            Self::Path(_) | Self::Value(_) => Vec::new(),
            Self::Function { arguments: parts, .. } | Self::And(parts) | Self::Or(parts) => {
                parts.iter().collect()
            }
            Self::Compare { left, right, .. } => vec![left, right],
            Self::Between { value, low, high } => vec![value, low, high],
            Self::In { value, candidates } => std::iter::once(&**value).chain(candidates).collect(),
            Self::Not(inner) => vec![inner],
        }
    }

    /// # Errors
    /// For the first function that DynamoDB does not have.
    fn check_functions(&self) -> Result<(), String> {
        const FUNCTIONS: [&str; 8] = [
            "attribute_exists",
            "attribute_not_exists",
            "attribute_type",
            "begins_with",
            "contains",
            "size",
            "if_not_exists",
            "list_append",
        ];
        if let Self::Function { name, .. } = self
            && !FUNCTIONS.contains(&&**name)
        {
            return Err(format!("Invalid function name; function: {name}"));
        }
        self.children().into_iter().try_for_each(Self::check_functions)
    }

    /// # Errors
    /// For the first function that gives a truth value where a value must stand, or the other way round, or that
    /// belongs in updates.
    fn check_function_use(&self, as_condition: bool) -> Result<(), String> {
        let fits = |name: &str| match name {
            "size" => !as_condition,
            "if_not_exists" | "list_append" => false,
            _ => as_condition,
        };
        if let Self::Function { name, .. } = self
            && !fits(name)
        {
            return Err(format!(
                "The function is not allowed to be used this way in an expression; function: {name}"
            ));
        }
        let children_are_conditions = matches!(self, Self::And(_) | Self::Or(_) | Self::Not(_));
        self.children().into_iter().try_for_each(|child| child.check_function_use(children_are_conditions))
    }

    /// # Errors
    /// For the first attribute name that is a reserved word.
    fn check_reserved(&self) -> Result<(), String> {
        if let Self::Path(path) = self {
            path.check_reserved()?;
        }
        self.children().into_iter().try_for_each(Self::check_reserved)
    }
}

/// `x OR y OR z`
fn alternatives(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    let mut parts = vec![conjunction(cursor)?];
    while cursor.at_keyword("OR") {
        require_condition(cursor, parts.last())?;
        cursor.next();
        cursor.count_operator();
        parts.push(conjunction(cursor)?);
        require_condition(cursor, parts.last())?;
    }
    Ok(single_or(parts, Written::Or))
}

/// `x AND y AND z`
fn conjunction(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    let mut parts = vec![negation(cursor)?];
    while cursor.at_keyword("AND") {
        require_condition(cursor, parts.last())?;
        cursor.next();
        cursor.count_operator();
        parts.push(negation(cursor)?);
        require_condition(cursor, parts.last())?;
    }
    Ok(single_or(parts, Written::And))
}

/// A path or a value is no condition: the token after it is the one that cannot stand there.
fn require_condition(cursor: &Cursor<'_>, part: Option<&Written>) -> Result<(), String> {
    match part {
        Some(Written::Path(_) | Written::Value(_)) => Err(cursor.syntax_error()),
        _ => Ok(()),
    }
}

fn single_or(mut parts: Vec<Written>, many: fn(Vec<Written>) -> Written) -> Written {
    match parts.pop() {
        Some(only) if parts.is_empty() => only,
        Some(last) => {
            parts.push(last);
            many(parts)
        }
        None => many(parts),
    }
}

/// `NOT x`
fn negation(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    if cursor.at_keyword("NOT") {
        cursor.next();
        cursor.count_operator();
        cursor.enter()?;
        let inner = negation(cursor)?;
        require_condition(cursor, Some(&inner))?;
        cursor.leave();
        return Ok(Written::Not(Box::new(inner)));
    }
    comparison(cursor)
}

/// A comparison, BETWEEN, IN, or what stands alone.
fn comparison(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    let left = group(cursor)?;
    let comparator = match cursor.peek() {
        token if token.kind == TokenKind::Symbol => Comparator::parse(token.text),
        _ => None,
    };
    let is_between = cursor.at_keyword("BETWEEN");
    if comparator.is_none() && !is_between && !cursor.at_keyword("IN") {
        return Ok(left);
    }
    if !left.is_operand() {
        return Err(cursor.syntax_error());
    }
    cursor.next();
    cursor.count_operator();
    let left = Box::new(left);
    if let Some(comparator) = comparator {
        return Ok(Written::Compare { comparator, left, right: Box::new(operand(cursor)?) });
    }
    if !is_between {
        cursor.expect_symbol("(")?;
        return Ok(Written::In { value: left, candidates: operands(cursor)? });
    }
    let low = Box::new(operand(cursor)?);
    if !cursor.eat_keyword("AND") {
        return Err(cursor.syntax_error());
    }
    Ok(Written::Between { value: left, low, high: Box::new(operand(cursor)?) })
}

/// An operand, or parentheses around anything.
fn group(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    if !cursor.at_symbol("(") {
        return operand(cursor);
    }
    cursor.next();
    cursor.enter()?;
    let inner = alternatives(cursor)?;
    cursor.expect_symbol(")")?;
    cursor.leave();
    Ok(inner)
}

/// `(x, y, z)` after its opening parenthesis.
fn operands(cursor: &mut Cursor<'_>) -> Result<Vec<Written>, String> {
    let mut operands = vec![operand(cursor)?];
    while cursor.eat_symbol(",") {
        operands.push(operand(cursor)?);
    }
    cursor.expect_symbol(")")?;
    Ok(operands)
}

/// A path, a value, a function, or one of them in parentheses.
fn operand(cursor: &mut Cursor<'_>) -> Result<Written, String> {
    let token = cursor.peek();
    match token.kind {
        TokenKind::Symbol if token.text == "(" => {
            cursor.next();
            cursor.enter()?;
            let inner = operand(cursor)?;
            cursor.expect_symbol(")")?;
            cursor.leave();
            Ok(inner)
        }
        TokenKind::ValuePlaceholder => {
            cursor.next();
            Ok(Written::Value(token.text.into()))
        }
        TokenKind::Identifier if is_keyword(token.text) => Err(cursor.syntax_error()),
        TokenKind::Identifier if cursor.peek_after(1).text == "(" => {
            cursor.next();
            cursor.next();
            cursor.count_operator();
            cursor.enter()?;
            let arguments = operands(cursor)?;
            cursor.leave();
            Ok(Written::Function { name: token.text.into(), arguments })
        }
        _ => Ok(Written::Path(WrittenPath::parse(cursor)?)),
    }
}

fn is_keyword(word: &str) -> bool {
    ["AND", "OR", "NOT", "BETWEEN", "IN"].iter().any(|keyword| word.eq_ignore_ascii_case(keyword))
}
