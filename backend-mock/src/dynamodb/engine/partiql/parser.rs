//! The grammar of statements: SELECT, INSERT, UPDATE (from either end), DELETE and EXISTS.

use super::super::error::Error;
use super::super::expression::Step;
use super::super::limit;
use super::super::write::ReturnValues;
use super::keyword::{is_clause, is_keyword};
use super::malformed;
use super::term::{Node, Term};
use super::token::{At, Kind, Token, tokens};

/// What stands alone nowhere but in a transaction.
pub(super) const EXISTS_ELSEWHERE: &str = "EXISTS can only be used in ExecuteTransaction write requests.";

/// How deep terms may lie in one another. DynamoDB documents no such number; without one a hostile statement would
/// decide how deep our stack goes, and no value may be nested deeper than 32 levels.
const DEPTH: usize = 64;

/// A statement as it is written.
#[derive(Clone, Debug)]
pub(super) enum Written {
    Select(WrittenSelect),
    Insert {
        table: String,
        item: Term,
    },
    Update {
        target: Target,
        actions: Vec<WrittenAction>,
        condition: Option<Term>,
        returning: Option<Returning>,
    },
    Delete {
        target: Target,
        condition: Option<Term>,
        returning: Option<Returning>,
    },
    Exists(WrittenSelect),
}

#[derive(Clone, Debug)]
pub(super) struct WrittenSelect {
    /// `None` for `*`.
    pub(super) projection: Option<Vec<Term>>,
    pub(super) target: Target,
    pub(super) condition: Option<Term>,
    pub(super) order_by: Vec<(Term, bool)>,
}

/// A table, or one of its indexes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) table: String,
    pub(super) index: Option<String>,
}

#[derive(Clone, Debug)]
pub(super) enum WrittenAction {
    Set(Vec<Step>, Term),
    Remove(Vec<Step>),
}

/// A RETURNING clause, which is always about all attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Returning {
    pub(super) only_modified: bool,
    pub(super) is_new: bool,
}

impl Returning {
    pub(super) fn as_str(self) -> &'static str {
        match (self.only_modified, self.is_new) {
            (false, false) => "ALL OLD *",
            (false, true) => "ALL NEW *",
            (true, false) => "MODIFIED OLD *",
            (true, true) => "MODIFIED NEW *",
        }
    }

    pub(super) fn return_values(self) -> ReturnValues {
        match (self.only_modified, self.is_new) {
            (false, false) => ReturnValues::AllOld,
            (false, true) => ReturnValues::AllNew,
            (true, false) => ReturnValues::UpdatedOld,
            (true, true) => ReturnValues::UpdatedNew,
        }
    }
}

/// A statement, and how many parameters it has.
///
/// # Errors
/// [`Error::Validation`] for what is no statement.
pub(super) fn parse(source: &str) -> Result<(Written, usize), Error> {
    let mut parser = Parser {
        tokens: tokens(source)?,
        position: 0,
        depth: 0,
        operators: 0,
        is_in_where: false,
        parameters: 0,
        fault: None,
    };
    let written = parser.statement()?;
    let ended = parser.eat_symbol(";");
    match (&parser.peek().kind, ended) {
        (Kind::End, _) => {}
        (_, true) => {
            return Err(malformed("Unexpected token after semicolon. (Only one query is allowed.)"));
        }
        (_, false) => return Err(malformed("Unexpected token after expression")),
    }
    match (written, parser.fault) {
        (Parsed::Term(term), _) => Err(no_statement(&term)),
        (Parsed::Tableless, _) => Err(one_table()),
        (Parsed::Statement(_), Some(fault)) => Err(fault),
        (Parsed::Statement(written), None) => Ok((written, parser.parameters)),
    }
}

/// What a text is that can be read.
enum Parsed {
    Statement(Written),
    Term(Term),
    /// SET or REMOVE of nothing.
    Tableless,
}

fn one_table() -> Error {
    Error::validation("Only select from a single table or index is supported.")
}

/// A term where a statement should be: those that join others pass for the one that may stand alone elsewhere.
fn no_statement(term: &Term) -> Error {
    let form = match &term.node {
        Node::Path(steps) if steps.len() == 1 => "Id",
        Node::Path(_) => "Path",
        Node::Text(_) | Node::Number(_) | Node::Bool(_) | Node::Null | Node::Ion(_) => "Lit",
        Node::Missing => "Missing",
        Node::Parameter(_) => "Parameter",
        Node::List(_) => "List",
        Node::Bag(_) => "Bag",
        Node::Struct(_) => "Struct",
        Node::Is { .. } => "IsType",
        Node::Form(form) => form,
        _ => return Error::validation(EXISTS_ELSEWHERE),
    };
    Error::validation(format!("Unsupported operation: {form}"))
}

pub(super) struct Parser {
    tokens: Vec<Token>,
    position: usize,
    depth: usize,
    /// How many operators were read of a WHERE clause, or of the rest of the statement.
    operators: usize,
    is_in_where: bool,
    pub(super) parameters: usize,
    /// What was read but means nothing: told once all of the statement can be read.
    fault: Option<Error>,
}

/// What stands for the end beyond the last token.
const END: &Token = &Token { kind: Kind::End, text: String::new(), at: At::START };

impl Parser {
    pub(super) fn peek(&self) -> &Token {
        self.tokens.get(self.position).unwrap_or(END)
    }

    pub(super) fn peek_after(&self) -> &Token {
        self.peek_at(1)
    }

    fn peek_at(&self, ahead: usize) -> &Token {
        self.tokens.get(self.position + ahead).unwrap_or(END)
    }

    pub(super) fn next(&mut self) -> Token {
        let token = self.peek().clone();
        self.position += 1;
        token
    }

    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let is_there = self.peek().is_word(word);
        self.position += usize::from(is_there);
        is_there
    }

    pub(super) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let is_there = self.peek().is_symbol(symbol);
        self.position += usize::from(is_there);
        is_there
    }

    /// Whether nothing more comes.
    pub(super) fn is_over(&self) -> bool {
        self.peek().kind == Kind::End || self.peek().is_symbol(";")
    }

    /// Remembers the first fault of what can be read.
    pub(super) fn fault(&mut self, fault: Error) {
        self.fault.get_or_insert(fault);
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), Error> {
        if self.eat_word(word) { Ok(()) } else { Err(malformed(&format!("Expected {word}"))) }
    }

    pub(super) fn enter(&mut self) -> Result<(), Error> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(malformed("Expressions are nested too deep"));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth = self.depth.saturating_sub(1);
    }

    /// Counts an operator. No more of them than may be make a term deeper.
    ///
    /// # Errors
    /// When there are too many outside of a WHERE clause, of which it is said when it was read.
    pub(super) fn operator(&mut self) -> Result<(), Error> {
        self.operators(1)
    }

    /// The same for so many at once.
    pub(super) fn operators(&mut self, count: usize) -> Result<(), Error> {
        self.operators += count;
        match self.has_room() || self.is_in_where {
            true => Ok(()),
            false => Err(malformed("Expressions are nested too deep")),
        }
    }

    /// Whether what was read may become part of a term.
    pub(super) fn has_room(&self) -> bool {
        self.operators <= limit::EXPRESSION_OPERATORS
    }

    pub(super) fn is_in_where(&self) -> bool {
        self.is_in_where
    }

    fn statement(&mut self) -> Result<Parsed, Error> {
        let (first, is_into) = (self.peek().clone(), self.peek_after().is_word("INTO"));
        if first.is_word("SELECT") {
            self.next();
            return self.select().map(Written::Select).map(Parsed::Statement);
        }
        if first.is_word("INSERT") && is_into {
            self.next();
            return self.insert().map(Parsed::Statement);
        }
        if first.is_word("UPDATE") {
            self.next();
            return self.update().map(Parsed::Statement);
        }
        if first.is_word("DELETE") {
            self.next();
            return self.delete().map(Parsed::Statement);
        }
        if first.is_word("FROM") {
            self.next();
            return self.from().map(Parsed::Statement);
        }
        if first.is_word("SET") || first.is_word("REMOVE") {
            self.actions()?;
            return Ok(Parsed::Tableless);
        }
        if first.is_word("EXISTS") && self.peek_after().is_symbol("(") && self.peek_at(2).is_word("SELECT") {
            self.position += 3;
            let select = self.select()?;
            if !self.eat_symbol(")") {
                return Err(malformed("Expected RIGHT_PAREN"));
            }
            return Ok(Parsed::Statement(Written::Exists(select)));
        }
        self.term().map(Parsed::Term)
    }

    pub(super) fn select(&mut self) -> Result<WrittenSelect, Error> {
        let projection = self.projection()?;
        self.expect_word("FROM")?;
        if self.is_over() {
            return Err(malformed("Unexpected term"));
        }
        if self.peek().kind == Kind::Word && is_keyword(&self.peek().text) {
            return Err(malformed("Unexpected keyword"));
        }
        let target = self.target()?;
        if self.peek().is_symbol(",") {
            return Err(one_table());
        }
        self.refuse_alias()?;
        let condition = self.condition()?;
        let mut order_by = Vec::new();
        if self.eat_word("ORDER") {
            self.expect_word("BY")?;
            loop {
                let term = self.term()?;
                let descends = self.eat_word("DESC");
                if !descends {
                    self.eat_word("ASC");
                }
                self.nulls()?;
                order_by.push((term, descends));
                if !self.eat_symbol(",") {
                    break;
                }
            }
        }
        Ok(WrittenSelect { projection, target, condition, order_by })
    }

    fn projection(&mut self) -> Result<Option<Vec<Term>>, Error> {
        let star = || {
            Error::validation("Other attributes should not be present in the projection when '*' is used.")
        };
        if self.eat_symbol("*") {
            return if self.peek().is_symbol(",") { Err(star()) } else { Ok(None) };
        }
        if self.peek().is_word("VALUE") || self.peek().is_word("PIVOT") {
            return Err(Error::validation("Select projection doesn't support value or pivot keywords"));
        }
        let first = self.peek();
        if first.kind == Kind::Word
            && is_keyword(&first.text)
            && !self.peek_after().is_symbol("(")
            && !is_clause(&first.text)
            || first.is_word("FROM")
        {
            return Err(malformed(&format!(
                "Expected identifier or an expression but found unexpected keyword '{}' in a select list.",
                first.text.to_ascii_lowercase()
            )));
        }
        let mut terms = Vec::new();
        loop {
            if self.peek().is_symbol("*") && !terms.is_empty() {
                return Err(star());
            }
            let at = self.peek().at;
            if self.peek().is_word("COUNT") && self.peek_after().is_symbol("(") {
                return Err(Error::validation(format!("Unexpected path component at {at}")));
            }
            terms.push(self.term()?);
            if self.peek().is_word("AS") {
                return Err(Error::validation("Changing item's hierarchy while reading isn't supported"));
            }
            if !self.eat_symbol(",") {
                return Ok(Some(terms));
            }
        }
    }

    /// `NULLS FIRST` and `NULLS LAST`, which no key attribute can tell apart.
    fn nulls(&mut self) -> Result<(), Error> {
        match !self.eat_word("NULLS") || self.eat_word("FIRST") || self.eat_word("LAST") {
            true => Ok(()),
            false => Err(malformed("Expected FIRST or LAST")),
        }
    }

    fn condition(&mut self) -> Result<Option<Term>, Error> {
        if !self.eat_word("WHERE") {
            return Ok(None);
        }
        let before = std::mem::take(&mut self.operators);
        self.is_in_where = true;
        let term = self.term()?;
        let (has_room, most) = (self.has_room(), limit::EXPRESSION_OPERATORS);
        (self.operators, self.is_in_where) = (before, false);
        match has_room {
            true => Ok(Some(term)),
            false => Err(Error::validation(format!(
                "The expression contains too many operators; operator count: {}",
                most + 1
            ))),
        }
    }

    /// `"table"` or `"table"."index"`
    fn target(&mut self) -> Result<Target, Error> {
        let mut names = Vec::new();
        for step in self.path()? {
            match step {
                Step::Member(name) => names.push(name.to_string()),
                Step::Element(_) => return Err(Error::validation("Invalid list expression in source.")),
            }
        }
        let mut names = names.into_iter();
        match (names.next(), names.next(), names.next()) {
            (Some(table), index, None) => Ok(Target { table, index }),
            _ => Err(Error::validation("A path may contain at most 2 components in the FROM clause")),
        }
    }

    fn refuse_alias(&self) -> Result<(), Error> {
        let token = self.peek();
        let is_name = match token.kind {
            Kind::Quoted => true,
            Kind::Word => token.is_word("AS") || token.is_word("AT") || !is_keyword(&token.text),
            _ => false,
        };
        if is_name { Err(Error::validation("Aliasing is not supported")) } else { Ok(()) }
    }

    fn insert(&mut self) -> Result<Written, Error> {
        self.expect_word("INTO")?;
        let target = self.target()?;
        if target.index.is_some() {
            return Err(Error::validation(
                "FROM clause may only contain a single table name in data manipulation statements",
            ));
        }
        if self.peek().is_word("VALUES") || self.peek().is_symbol("<<") {
            return Err(Error::validation(
                "Unsupported operation: Inserting multiple items in a single statement is not supported, use \"INSERT \
                 INTO tableName VALUE item\" instead",
            ));
        }
        if !self.eat_word("VALUE") {
            return Err(malformed("Unexpected token after expression"));
        }
        let item = self.term()?;
        if self.peek().is_word("RETURNING") {
            self.returning()?;
            return Err(Error::validation("RETURNING is not supported in INSERT"));
        }
        Ok(Written::Insert { table: target.table, item })
    }

    fn update(&mut self) -> Result<Written, Error> {
        let target = self.target()?;
        self.refuse_alias()?;
        let actions = self.actions()?;
        let condition = self.condition()?;
        let returning = self.returning()?;
        Ok(Written::Update { target, actions, condition, returning })
    }

    /// `FROM "table" WHERE … SET …`
    pub(super) fn from(&mut self) -> Result<Written, Error> {
        if self.is_over() {
            return Err(malformed("Unexpected term"));
        }
        let target = self.target()?;
        self.refuse_alias()?;
        let condition = self.condition()?;
        let actions = self.actions()?;
        let returning = self.returning()?;
        Ok(Written::Update { target, actions, condition, returning })
    }

    fn delete(&mut self) -> Result<Written, Error> {
        if !self.eat_word("FROM") {
            return Err(malformed("Expected FROM after DELETE"));
        }
        let target = self.target()?;
        self.refuse_alias()?;
        let condition = self.condition()?;
        let returning = self.returning()?;
        Ok(Written::Delete { target, condition, returning })
    }

    /// Any number of SET clauses, each of one or more assignments, and of REMOVE clauses, each of one path.
    pub(super) fn actions(&mut self) -> Result<Vec<WrittenAction>, Error> {
        let mut actions = Vec::new();
        loop {
            if self.eat_word("REMOVE") {
                actions.push(WrittenAction::Remove(self.path()?));
            } else if self.eat_word("SET") {
                loop {
                    let path = self.path()?;
                    if !self.eat_symbol("=") {
                        return Err(malformed("Expected '='"));
                    }
                    actions.push(WrittenAction::Set(path, self.term()?));
                    if !self.eat_symbol(",") {
                        break;
                    }
                }
            } else if actions.is_empty() {
                return Err(malformed("Expected data manipulation"));
            } else {
                return Ok(actions);
            }
        }
    }

    fn returning(&mut self) -> Result<Option<Returning>, Error> {
        if !self.eat_word("RETURNING") {
            return Ok(None);
        }
        let only_modified = self.eat_word("MODIFIED");
        if !only_modified && !self.eat_word("ALL") {
            return Err(malformed("Expected ALL or MODIFIED"));
        }
        let is_new = self.eat_word("NEW");
        if !is_new && !self.eat_word("OLD") {
            return Err(malformed("Expected OLD or NEW"));
        }
        if !self.eat_symbol("*") {
            return Err(Error::validation(
                "Expected '*' after ( MODIFIED | ALL ) ( NEW | OLD ) in RETURNING clause",
            ));
        }
        if self.peek().is_symbol(",") {
            return Err(Error::validation(
                "Invalid syntax with multiple returning elements in RETURNING clause",
            ));
        }
        Ok(Some(Returning { only_modified, is_new }))
    }
}
