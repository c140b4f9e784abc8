//! Terms: what stands in a condition, a value or a projection, as it is written.

use super::super::error::Error;
use super::super::expression::{Comparator, Step};
use super::keyword::{is_clause, is_keyword, is_operator};
use super::malformed;
use super::parser::Parser;
use super::token::{At, Kind};

/// A term and its place.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) node: Node,
    pub(super) at: At,
}

#[derive(Clone, Debug)]
pub(super) enum Node {
    Text(String),
    Number(String),
    Bool(bool),
    Null,
    Missing,
    /// A literal of Ion, by the name of its type.
    Ion(String),
    /// The parameter with this position.
    Parameter(usize),
    List(Vec<Term>),
    /// `<<…>>`
    Bag(Vec<Term>),
    Struct(Vec<(Term, Term)>),
    Path(Vec<Step>),
    /// A function; its name as it is written.
    Call(String, Vec<Term>),
    Arithmetic {
        is_sum: bool,
        operands: Box<(Term, Term)>,
    },
    Compare {
        comparator: Comparator,
        sides: Box<(Term, Term)>,
    },
    Between(Box<(Term, Term, Term)>),
    In {
        value: Box<Term>,
        candidates: Option<Vec<Term>>,
    },
    /// `IS`, with the name of a type in capitals.
    Is {
        value: Box<Term>,
        type_name: String,
    },
    Not(Box<Term>),
    And(Vec<Term>),
    Or(Vec<Term>),
    /// A SELECT inside of the statement.
    Select,
    /// What another operator of the grammar joins.
    Operator(&'static str),
    /// A form of the grammar that DynamoDB has no use for, as it calls it.
    Form(&'static str),
}

/// The types that IS can ask for, more of them than DynamoDB has.
const TYPES: [&str; 32] = [
    "ANY",
    "MISSING",
    "NULL",
    "BOOL",
    "BOOLEAN",
    "BLOB",
    "CLOB",
    "STRING",
    "NUMERIC",
    "STRUCT",
    "TUPLE",
    "LIST",
    "BAG",
    "SEXP",
    "SYMBOL",
    "INT",
    "INTEGER",
    "INT2",
    "INT4",
    "INT8",
    "SMALLINT",
    "BIGINT",
    "FLOAT",
    "REAL",
    "DECIMAL",
    "DOUBLE",
    "CHAR",
    "CHARACTER",
    "VARCHAR",
    "TIMESTAMP",
    "DATE",
    "TIME",
];

impl Parser {
    /// `x OR y OR z`
    pub(super) fn term(&mut self) -> Result<Term, Error> {
        self.chain("OR", Self::conjunction, Node::Or)
    }

    fn conjunction(&mut self) -> Result<Term, Error> {
        self.chain("AND", Self::negation, Node::And)
    }

    fn chain(
        &mut self,
        keyword: &str,
        part: fn(&mut Self) -> Result<Term, Error>,
        many: fn(Vec<Term>) -> Node,
    ) -> Result<Term, Error> {
        let first = part(self)?;
        if !self.peek().is_word(keyword) {
            return Ok(first);
        }
        let (at, mut parts) = (first.at, vec![first]);
        while self.eat_word(keyword) {
            self.operator()?;
            self.require_right_side()?;
            let next = part(self)?;
            if self.has_room() {
                parts.push(next);
            }
        }
        Ok(Term { node: many(parts), at })
    }

    fn require_right_side(&self) -> Result<(), Error> {
        match self.is_over() {
            true => Err(malformed("Missing right-hand side expression of infix operator")),
            false => Ok(()),
        }
    }

    fn negation(&mut self) -> Result<Term, Error> {
        let (at, mut negations) = (self.peek().at, 0_usize);
        while self.eat_word("NOT") {
            negations += 1;
        }
        let mut term = self.comparison()?;
        self.operators(negations)?;
        // What many of them say is said by one or two.
        let said = if negations > 2 { 2 - negations % 2 } else { negations };
        for _ in 0..said {
            term = Term { node: Node::Not(Box::new(term)), at };
        }
        Ok(term)
    }

    fn comparison(&mut self) -> Result<Term, Error> {
        let mut left = self.sum()?;
        loop {
            let at = left.at;
            let token = self.peek();
            let comparator = match token.text.as_str() {
                _ if token.kind != Kind::Symbol => None,
                "=" => Some(Comparator::Equal),
                "<>" | "!=" => Some(Comparator::NotEqual),
                "<" => Some(Comparator::Less),
                "<=" => Some(Comparator::LessOrEqual),
                ">" => Some(Comparator::Greater),
                ">=" => Some(Comparator::GreaterOrEqual),
                _ => None,
            };
            let negated = token.is_word("NOT")
                && ["IN", "BETWEEN", "LIKE"].iter().any(|word| self.peek_after().is_word(word));
            if negated {
                self.next();
            }
            if negated {
                self.operator()?;
            }
            let node = if let Some(comparator) = comparator {
                self.next();
                self.require_right_side()?;
                Node::Compare { comparator, sides: Box::new((left, self.sum()?)) }
            } else if self.eat_word("BETWEEN") {
                self.require_right_side()?;
                let low = self.sum()?;
                if !self.eat_word("AND") {
                    return Err(malformed("Expected AND keyword"));
                }
                if self.is_over() {
                    return Err(malformed("Expected expression after AND"));
                }
                Node::Between(Box::new((left, low, self.sum()?)))
            } else if self.eat_word("IN") {
                self.require_right_side()?;
                Node::In { value: Box::new(left), candidates: self.candidates()? }
            } else if self.eat_word("LIKE") {
                self.require_right_side()?;
                self.sum()?;
                if self.eat_word("ESCAPE") {
                    self.sum()?;
                }
                Node::Operator("LIKE")
            } else if self.eat_word("IS") {
                let negated = self.eat_word("NOT");
                if negated {
                    self.operator()?;
                }
                let is = Node::Is { value: Box::new(left), type_name: self.type_name()? };
                if negated { Node::Not(Box::new(Term { node: is, at })) } else { is }
            } else {
                return Ok(left);
            };
            let node = if negated { Node::Not(Box::new(Term { node, at })) } else { node };
            self.operator()?;
            left = if self.has_room() { Term { node, at } } else { Term { node: Node::Null, at } };
        }
    }

    /// `[x, y]` or `(x, y)`; `None` for anything else.
    fn candidates(&mut self) -> Result<Option<Vec<Term>>, Error> {
        for (open, close) in [("[", "]"), ("(", ")"), ("<<", ">>")] {
            if self.eat_symbol(open) {
                return self.terms_until(close).map(Some);
            }
        }
        self.sum().map(|_| None)
    }

    /// The name of a type in capitals, without how long its values may be.
    fn type_name(&mut self) -> Result<String, Error> {
        let name = self.bare_type_name()?;
        if ["CHAR", "CHARACTER", "CHARACTER VARYING", "CHAR VARYING", "VARCHAR"].contains(&name.as_str())
            && self.peek().is_symbol("(")
            && self.peek_after().kind == Kind::Number
        {
            self.next();
            self.next();
            if !self.eat_symbol(")") {
                return Err(malformed("Expected RIGHT_PAREN"));
            }
        }
        Ok(name)
    }

    fn bare_type_name(&mut self) -> Result<String, Error> {
        let token = self.next();
        let name = token.text.to_ascii_uppercase();
        if token.kind != Kind::Word || !TYPES.contains(&name.as_str()) {
            return Err(malformed("Expected type name"));
        }
        let second = match name.as_str() {
            "DOUBLE" => "PRECISION",
            "CHARACTER" | "CHAR" => "VARYING",
            _ => return Ok(name),
        };
        if self.eat_word(second) {
            return Ok(format!("{name} {second}"));
        }
        if name == "DOUBLE" { Err(malformed("Expected type name")) } else { Ok(name) }
    }

    fn sum(&mut self) -> Result<Term, Error> {
        let mut left = self.product()?;
        loop {
            let is_sum = match self.peek() {
                token if token.is_symbol("+") => Some(true),
                token if token.is_symbol("-") => Some(false),
                token if token.is_symbol("||") => None,
                _ => return Ok(left),
            };
            self.next();
            self.require_right_side()?;
            self.operator()?;
            let (at, right) = (left.at, self.product()?);
            if self.has_room() {
                let node = match is_sum {
                    Some(is_sum) => Node::Arithmetic { is_sum, operands: Box::new((left, right)) },
                    None => Node::Operator("||"),
                };
                left = Term { node, at };
            }
        }
    }

    fn product(&mut self) -> Result<Term, Error> {
        let mut left = self.signed()?;
        while let Some(operator) = ["*", "/", "%"].into_iter().find(|symbol| self.peek().is_symbol(symbol)) {
            self.next();
            self.require_right_side()?;
            self.operator()?;
            self.signed()?;
            left = Term { node: Node::Operator(operator), at: left.at };
        }
        Ok(left)
    }

    /// Signs belong to a number; before anything else they are operators.
    fn signed(&mut self) -> Result<Term, Error> {
        let (at, mut signs, mut is_negative) = (self.peek().at, 0_usize, false);
        while self.peek().is_symbol("-") || self.peek().is_symbol("+") {
            is_negative ^= self.next().text == "-";
            signs += 1;
        }
        let term = self.primary()?;
        let node = match term.node {
            _ if signs == 0 => return Ok(term),
            Node::Number(number) if is_negative => Node::Number(format!("-{number}")),
            number @ Node::Number(_) => number,
            _ => Node::Operator("-"),
        };
        Ok(Term { node, at })
    }

    fn primary(&mut self) -> Result<Term, Error> {
        let term = self.unqualified()?;
        // The way from a name is part of it already.
        if !matches!(term.node, Node::Path(_)) && (self.peek().is_symbol(".") || self.peek().is_symbol("[")) {
            self.steps()?;
            return Ok(Term { node: Node::Form("Path"), at: term.at });
        }
        Ok(term)
    }

    fn unqualified(&mut self) -> Result<Term, Error> {
        let token = self.peek().clone();
        let at = token.at;
        let is_call = self.peek_after().is_symbol("(");
        let node = match token.kind {
            Kind::End => return Err(malformed("Unexpected term")),
            Kind::Text => {
                self.next();
                Node::Text(token.text)
            }
            Kind::Number => {
                self.next();
                Node::Number(token.text)
            }
            Kind::Ion => {
                self.next();
                Node::Ion(token.text)
            }
            Kind::Symbol => return self.symbol(&token.text, at),
            Kind::Quoted if !is_call => Node::Path(self.path()?),
            Kind::Word if !is_call || is_operator(&token.text) || is_clause(&token.text) => {
                return self.word(&token.text, at);
            }
            Kind::Quoted | Kind::Word => {
                self.next();
                self.next();
                if self.is_in_where() {
                    self.operator()?;
                }
                self.enter()?;
                let arguments = self.terms_until(")")?;
                self.leave();
                Node::Call(token.text, arguments)
            }
        };
        Ok(Term { node, at })
    }

    fn word(&mut self, word: &str, at: At) -> Result<Term, Error> {
        let node = match word.to_ascii_lowercase().as_str() {
            "true" => self.literal(Node::Bool(true)),
            "false" => self.literal(Node::Bool(false)),
            "null" => self.literal(Node::Null),
            "missing" => self.literal(Node::Missing),
            "not" => return self.nested(Self::negation),
            "case" => return self.nested(Self::case),
            "select" => {
                self.next();
                self.nested(Self::select)?;
                Node::Select
            }
            "from" => {
                self.next();
                self.nested(Self::from)?;
                Node::Operator("FROM")
            }
            "set" | "remove" => {
                self.actions()?;
                Node::Operator("SET")
            }
            word if is_operator(word) => return Err(malformed("Unexpected operator")),
            word if is_keyword(word) => return Err(malformed("Unexpected keyword")),
            _ => Node::Path(self.path()?),
        };
        Ok(Term { node, at })
    }

    /// Reads what lies inside of a term.
    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        self.enter()?;
        let read = read(self)?;
        self.leave();
        Ok(read)
    }

    /// `CASE … WHEN … THEN … ELSE … END`
    fn case(&mut self) -> Result<Term, Error> {
        let at = self.next().at;
        let is_searched = self.peek().is_word("WHEN");
        if !is_searched {
            self.term()?;
        }
        if !self.peek().is_word("WHEN") {
            return Err(malformed("Expected a WHEN clause in CASE"));
        }
        while self.eat_word("WHEN") {
            self.term()?;
            if !self.eat_word("THEN") {
                return Err(malformed("Expected THEN keyword"));
            }
            self.term()?;
        }
        if self.eat_word("ELSE") {
            self.term()?;
        }
        match self.eat_word("END") {
            true => {
                Ok(Term { node: Node::Form(if is_searched { "SearchedCase" } else { "SimpleCase" }), at })
            }
            false => Err(malformed("Expected END keyword")),
        }
    }

    fn literal(&mut self, node: Node) -> Node {
        self.next();
        node
    }

    fn symbol(&mut self, symbol: &str, at: At) -> Result<Term, Error> {
        let node = match symbol {
            "?" => {
                self.next();
                self.parameters += 1;
                Node::Parameter(self.parameters - 1)
            }
            "(" => {
                self.next();
                let inner = self.nested(Self::term)?;
                if !self.eat_symbol(")") {
                    return Err(malformed("Expected RIGHT_PAREN"));
                }
                return Ok(inner);
            }
            "[" | "<<" => {
                self.next();
                let is_list = symbol == "[";
                let elements = self.nested(|parser| parser.terms_until(if is_list { "]" } else { ">>" }))?;
                if is_list { Node::List(elements) } else { Node::Bag(elements) }
            }
            "{" => {
                self.next();
                Node::Struct(self.nested(Self::members)?)
            }
            "=" | "<>" | "!=" | "<" | "<=" | ">" | ">=" | "/" | "%" | "||" => {
                return Err(malformed("Unexpected operator"));
            }
            _ => return Err(malformed("Unexpected term")),
        };
        Ok(Term { node, at })
    }

    /// Terms between commas, up to the closing symbol.
    fn terms_until(&mut self, close: &str) -> Result<Vec<Term>, Error> {
        let mut terms = Vec::new();
        if self.eat_symbol(close) {
            return Ok(terms);
        }
        loop {
            terms.push(self.term()?);
            if !self.eat_symbol(",") {
                break;
            }
        }
        if self.eat_symbol(close) {
            return Ok(terms);
        }
        Err(malformed(match close {
            ")" => "Expected RIGHT_PAREN",
            "]" => "Expected RIGHT_BRACKET",
            _ => "Expected RIGHT_DOUBLE_ANGLE_BRACKET",
        }))
    }

    fn members(&mut self) -> Result<Vec<(Term, Term)>, Error> {
        let mut members = Vec::new();
        if self.eat_symbol("}") {
            return Ok(members);
        }
        loop {
            let name = self.unqualified()?;
            if !self.eat_symbol(":") {
                return Err(malformed("Expected COLON"));
            }
            members.push((name, self.sum()?));
            if !self.eat_symbol(",") {
                break;
            }
        }
        if self.eat_symbol("}") { Ok(members) } else { Err(malformed("Expected RIGHT_CURLY")) }
    }
}

impl Term {
    /// The path that the term is, if it is one.
    pub(super) fn as_path(&self) -> Option<&[Step]> {
        match &self.node {
            Node::Path(steps) => Some(steps),
            _ => None,
        }
    }
}
