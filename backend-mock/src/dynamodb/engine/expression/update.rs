//! Update expressions: SET, REMOVE, ADD and DELETE, from text to actions on paths.

use std::sync::Arc;

use super::super::attribute_value::{AttributeType, AttributeValue};
use super::path::{self, DocumentPath, WrittenPath};
use super::placeholder::Placeholders;
use super::token::{Cursor, TokenKind};

/// What an update expression does, in the order in which it is written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Update {
    pub(crate) actions: Vec<Action>,
}

/// One action on one path.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Action {
    pub(crate) path: DocumentPath,
    pub(crate) verb: Verb,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Verb {
    Set(Value),
    Remove,
    /// A number to add, or elements to add to a set.
    Add(AttributeValue),
    /// Elements to take out of a set.
    Delete(AttributeValue),
}

/// The right side of a SET.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Path(DocumentPath),
    Literal(AttributeValue),
    IfNotExists(DocumentPath, Box<Value>),
    ListAppend(Box<Value>, Box<Value>),
    Plus(Box<Value>, Box<Value>),
    Minus(Box<Value>, Box<Value>),
}

impl Value {
    /// The type, where it does not depend on the item.
    pub(crate) fn known_type(&self) -> Option<AttributeType> {
        match self {
            Self::Path(_) | Self::IfNotExists(..) => None,
            Self::Literal(value) => Some(value.attribute_type()),
            Self::ListAppend(..) => Some(AttributeType::L),
            Self::Plus(..) | Self::Minus(..) => Some(AttributeType::N),
        }
    }

    fn visit_paths<'u>(&'u self, visit: &mut dyn FnMut(&'u DocumentPath)) {
        match self {
            Self::Path(path) => visit(path),
            Self::Literal(_) => {}
            Self::IfNotExists(path, otherwise) => {
                visit(path);
                otherwise.visit_paths(visit);
            }
            Self::ListAppend(one, other) | Self::Plus(one, other) | Self::Minus(one, other) => {
                one.visit_paths(visit);
                other.visit_paths(visit);
            }
        }
    }
}

impl Update {
    /// Fills in what an update's text leaves open, and finds fault in DynamoDB's order: names, values, paths that meet,
    /// operand counts and types.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, without the beginning that names the expression.
    pub(super) fn of(written: &WrittenUpdate, placeholders: &mut Placeholders<'_>) -> Result<Self, String> {
        written.visit(&mut |path| path.resolve(placeholders).map(|_| ()), &mut |_| Ok(()))?;
        written.visit(&mut |_| Ok(()), &mut |value| placeholders.value(value).map(|_| ()))?;
        let paths = written.actions.iter().map(|action| action.path.resolve(placeholders));
        let paths = paths.collect::<Result<Vec<_>, _>>()?;
        path::check_all_distinct(paths.iter())?;
        for action in &written.actions {
            action.verb.check_operand(placeholders)?;
        }
        let verbs = written.actions.iter().map(|action| action.verb.resolve(placeholders));
        let verbs = verbs.collect::<Result<Vec<_>, _>>()?;
        let actions = paths.into_iter().zip(verbs).map(|(path, verb)| Action { path, verb }).collect();
        Ok(Self { actions })
    }

    /// Shows every path of the expression, those that are written to and those that are read.
    pub(crate) fn visit_paths<'u>(&'u self, visit: &mut dyn FnMut(&'u DocumentPath)) {
        for action in &self.actions {
            visit(&action.path);
            if let Verb::Set(value) = &action.verb {
                value.visit_paths(visit);
            }
        }
    }
}

/// An update expression as it is written.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrittenUpdate {
    pub(super) actions: Vec<WrittenAction>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct WrittenAction {
    pub(super) path: WrittenPath,
    pub(super) verb: WrittenVerb,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum WrittenVerb {
    Set(WrittenValue),
    Remove,
    Add(Arc<str>),
    Delete(Arc<str>),
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum WrittenValue {
    Path(WrittenPath),
    Value(Arc<str>),
    /// A function, or the operator `+` or `-`.
    Function {
        name: Arc<str>,
        arguments: Vec<WrittenValue>,
    },
}

type VisitPath<'a> = dyn FnMut(&WrittenPath) -> Result<(), String> + 'a;
type VisitValue<'a> = dyn FnMut(&str) -> Result<(), String> + 'a;

const SECTIONS: [&str; 4] = ["SET", "REMOVE", "ADD", "DELETE"];

impl WrittenUpdate {
    /// Reads an update and finds every fault that its text alone shows: of syntax, reserved words, functions, sections
    /// and the number of operators, in this order.
    ///
    /// # Errors
    /// The fault in DynamoDB's words, without the beginning that names the expression.
    pub(super) fn parse(source: &str) -> Result<Self, String> {
        let mut cursor = Cursor::new(source)?;
        let (update, repeated_section) = Self::read(&mut cursor)?;
        update.visit(&mut |path| path.check_reserved(), &mut |_| Ok(()))?;
        update.check_functions()?;
        if let Some(section) = repeated_section {
            return Err(format!("The \"{section}\" section can only be used once in an update expression;"));
        }
        cursor.check_operators()?;
        Ok(update)
    }

    /// The update, and the first of its sections that comes again.
    fn read(cursor: &mut Cursor<'_>) -> Result<(Self, Option<&'static str>), String> {
        let mut update = Self { actions: Vec::new() };
        let mut repeated_section = None;
        let mut seen: Vec<&'static str> = Vec::new();
        loop {
            let section = SECTIONS.into_iter().find(|section| cursor.eat_keyword(section));
            let Some(section) = section else { return Err(cursor.syntax_error()) };
            if seen.contains(&section) && repeated_section.is_none() {
                repeated_section = Some(section);
            }
            seen.push(section);
            loop {
                update.actions.push(WrittenAction::parse(cursor, section)?);
                if !cursor.eat_symbol(",") {
                    break;
                }
            }
            if cursor.peek().kind == TokenKind::End {
                return Ok((update, repeated_section));
            }
        }
    }

    /// Shows every path and every value placeholder, up to the first fault.
    fn visit(&self, path: &mut VisitPath<'_>, value: &mut VisitValue<'_>) -> Result<(), String> {
        self.actions.iter().try_for_each(|action| {
            path(&action.path)?;
            match &action.verb {
                WrittenVerb::Set(written) => written.visit(path, value),
                WrittenVerb::Add(placeholder) | WrittenVerb::Delete(placeholder) => value(placeholder),
                WrittenVerb::Remove => Ok(()),
            }
        })
    }

    fn check_functions(&self) -> Result<(), String> {
        self.actions.iter().try_for_each(|action| match &action.verb {
            WrittenVerb::Set(value) => value.check_functions(),
            _ => Ok(()),
        })
    }
}

impl WrittenAction {
    fn parse(cursor: &mut Cursor<'_>, section: &str) -> Result<Self, String> {
        if SECTIONS.iter().any(|keyword| cursor.at_keyword(keyword)) {
            return Err(cursor.syntax_error());
        }
        let path = WrittenPath::parse(cursor)?;
        let verb = match section {
            "SET" => {
                cursor.expect_symbol("=")?;
                cursor.count_operator();
                WrittenVerb::Set(WrittenValue::parse(cursor)?)
            }
            "REMOVE" => WrittenVerb::Remove,
            _ => {
                if cursor.peek().kind != TokenKind::ValuePlaceholder {
                    return Err(cursor.syntax_error());
                }
                let value = cursor.next().text.into();
                if section == "ADD" { WrittenVerb::Add(value) } else { WrittenVerb::Delete(value) }
            }
        };
        Ok(Self { path, verb })
    }
}

impl WrittenValue {
    /// `operand`, `operand + operand` or `operand - operand`, or one of them in parentheses.
    fn parse(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let left = if cursor.eat_symbol("(") {
            cursor.enter()?;
            let inner = Self::parse(cursor)?;
            cursor.leave();
            cursor.expect_symbol(")")?;
            if matches!(&inner, Self::Function { name, .. } if ["+", "-"].contains(&&**name)) {
                // A sum is no operand of another.
                return Ok(inner);
            }
            inner
        } else {
            Self::operand(cursor)?
        };
        if !cursor.at_symbol("+") && !cursor.at_symbol("-") {
            return Ok(left);
        }
        let name = cursor.next().text.into();
        cursor.count_operator();
        let right = Self::operand(cursor)?;
        Ok(Self::Function { name, arguments: vec![left, right] })
    }

    fn operand(cursor: &mut Cursor<'_>) -> Result<Self, String> {
        let token = cursor.peek();
        match token.kind {
            TokenKind::Symbol if token.text == "(" => {
                cursor.next();
                cursor.enter()?;
                let inner = Self::operand(cursor)?;
                cursor.leave();
                cursor.expect_symbol(")")?;
                Ok(inner)
            }
            TokenKind::Identifier if SECTIONS.iter().any(|keyword| cursor.at_keyword(keyword)) => {
                Err(cursor.syntax_error())
            }
            TokenKind::ValuePlaceholder => {
                cursor.next();
                Ok(Self::Value(token.text.into()))
            }
            TokenKind::Identifier if cursor.peek_after(1).text == "(" => {
                cursor.next();
                cursor.next();
                cursor.count_operator();
                cursor.enter()?;
                let mut arguments = vec![Self::operand(cursor)?];
                while cursor.eat_symbol(",") {
                    arguments.push(Self::operand(cursor)?);
                }
                cursor.leave();
                cursor.expect_symbol(")")?;
                Ok(Self::Function { name: token.text.into(), arguments })
            }
            _ => Ok(Self::Path(WrittenPath::parse(cursor)?)),
        }
    }

    fn visit(&self, path: &mut VisitPath<'_>, value: &mut VisitValue<'_>) -> Result<(), String> {
        match self {
            Self::Path(written) => path(written),
            Self::Value(placeholder) => value(placeholder),
            Self::Function { arguments, .. } => arguments.iter().try_for_each(|one| one.visit(path, value)),
        }
    }

    fn check_functions(&self) -> Result<(), String> {
        let Self::Function { name, arguments } = self else { return Ok(()) };
        if !["if_not_exists", "list_append", "+", "-"].contains(&&**name) {
            return Err(format!("Invalid function name; function: {name}"));
        }
        // A list that was appended to can be given to if_not_exists only.
        let is_list_append =
            |argument: &Self| matches!(argument, Self::Function { name, .. } if &**name == "list_append");
        if &**name != "if_not_exists" && arguments.iter().any(is_list_append) {
            return Err(
                "The function is not allowed to be used this way in an expression; function: list_append"
                    .to_owned(),
            );
        }
        arguments.iter().try_for_each(Self::check_functions)
    }

    fn resolve(&self, placeholders: &mut Placeholders<'_>) -> Result<Value, String> {
        match self {
            Self::Path(path) => Ok(Value::Path(path.resolve(placeholders)?)),
            Self::Value(placeholder) => Ok(Value::Literal(placeholders.value(placeholder)?)),
            Self::Function { name, arguments } => {
                let resolved =
                    arguments.iter().map(|one| one.resolve(placeholders)).collect::<Result<Vec<_>, _>>()?;
                let [one, other] = <[Value; 2]>::try_from(resolved).map_err(|arguments| {
                    format!(
                        "Incorrect number of operands for operator or function; operator or function: {name}, \
                         number of operands: {}",
                        arguments.len()
                    )
                })?;
                function(name, one, other)
            }
        }
    }
}

impl WrittenVerb {
    /// Refuses what can never be added to anything, or taken out of it.
    fn check_operand(&self, placeholders: &mut Placeholders<'_>) -> Result<(), String> {
        use AttributeType::{Bs, N, Ns, Ss};
        let (section, placeholder) = match self {
            Self::Add(placeholder) => ("ADD", placeholder),
            Self::Delete(placeholder) => ("DELETE", placeholder),
            Self::Set(_) | Self::Remove => return Ok(()),
        };
        match placeholders.value(placeholder)?.attribute_type() {
            Ss | Ns | Bs => Ok(()),
            N if section == "ADD" => Ok(()),
            other => Err(format!(
                "Incorrect operand type for operator or function; operator: {section}, operand type: {}, typeSet: ALLOWED_FOR_ADD_OPERAND",
                other.long_name()
            )),
        }
    }

    fn resolve(&self, placeholders: &mut Placeholders<'_>) -> Result<Verb, String> {
        Ok(match self {
            Self::Set(value) => Verb::Set(value.resolve(placeholders)?),
            Self::Remove => Verb::Remove,
            Self::Add(placeholder) => Verb::Add(placeholders.value(placeholder)?),
            Self::Delete(placeholder) => Verb::Delete(placeholders.value(placeholder)?),
        })
    }
}

/// A function of two operands, or a sum, whose operands are of types that it can take.
fn function(name: &str, one: Value, other: Value) -> Result<Value, String> {
    let check = |wanted: AttributeType| {
        let wrong = [&one, &other].into_iter().filter_map(Value::known_type).find(|actual| *actual != wanted);
        wrong.map_or(Ok(()), |actual| {
            Err(format!(
                "Incorrect operand type for operator or function; operator or function: {name}, operand type: {actual}"
            ))
        })
    };
    match name {
        "if_not_exists" => match one {
            Value::Path(path) => Ok(Value::IfNotExists(path, Box::new(other))),
            _ => Err(format!("Operator or function requires a document path; operator or function: {name}")),
        },
        "list_append" => {
            check(AttributeType::L)?;
            Ok(Value::ListAppend(Box::new(one), Box::new(other)))
        }
        _ => {
            check(AttributeType::N)?;
            let (one, other) = (Box::new(one), Box::new(other));
            Ok(if name == "+" { Value::Plus(one, other) } else { Value::Minus(one, other) })
        }
    }
}
