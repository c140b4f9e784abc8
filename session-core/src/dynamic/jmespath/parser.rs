//! From tokens to a tree, by binding powers: a token with a higher one takes what stands to its left first.
//!
//! A projection takes to its right all that binds tighter than [`PROJECTION_ENDS`]; a pipe, a comparison or a flattening
//! ends it. Levels are counted, so that no text can exhaust the stack here or in `evaluate.rs`.

use super::function::Function;
use super::lexer::{Comparison, Token, tokens};
use super::{Mistake, Value};

/// An expression of the tree.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Current,
    Literal(Value),
    Field(String),
    Index(i64),
    Slice {
        start: Option<i64>,
        stop: Option<i64>,
        step: i64,
    },
    /// `left.right`, and `left | right`.
    Then(Box<Node>, Box<Node>),
    /// `right` for each element of the list that `left` finds.
    EachElement(Box<Node>, Box<Node>),
    /// `right` for each value of the map that `left` finds.
    EachValue(Box<Node>, Box<Node>),
    /// `right` for each element of the list that `left` finds, if the condition holds for it.
    EachWhere {
        left: Box<Node>,
        condition: Box<Node>,
        right: Box<Node>,
    },
    /// The elements of the list, and those of the lists among them.
    Flatten(Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    And(Box<Node>, Box<Node>),
    Or(Box<Node>, Box<Node>),
    Not(Box<Node>),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Call(Function, Vec<Node>),
    /// An expression that a function applies by itself.
    Reference(Box<Node>),
}

/// Levels of an expression. The deepest of AWS's has 9.
const LEVELS: usize = 100;

const PROJECTION_ENDS: u8 = 10;
const STAR: u8 = 20;
const FILTER: u8 = 21;
const FLATTEN: u8 = 9;
const DOT: u8 = 40;
const NOT: u8 = 45;
const CALL: u8 = 60;

fn binding_power(token: &Token) -> u8 {
    match token {
        Token::Pipe => 1,
        Token::Or => 2,
        Token::And => 3,
        Token::Comparison(_) => 5,
        Token::Flatten => FLATTEN,
        Token::Star => STAR,
        Token::Filter => FILTER,
        Token::Dot => DOT,
        Token::LeftBracket => 55,
        Token::LeftParen => CALL,
        _ => 0,
    }
}

pub(super) fn parse(text: &str) -> Result<Node, Mistake> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0 };
    let root = parser.expression(0, 0)?;
    match parser.peek() {
        Token::End => Ok(root),
        _ => Err(parser.expected("the end")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
}

impl Parser {
    fn peek(&self) -> &Token {
        self.tokens.get(self.next).map_or(&Token::End, |(_, token)| token)
    }

    fn place(&self) -> usize {
        let token = self.tokens.get(self.next).or(self.tokens.last());
        token.map_or(0, |(at, _)| *at)
    }

    fn take(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    fn take_if(&mut self, token: &Token) -> bool {
        let is = self.peek() == token;
        self.next += usize::from(is);
        is
    }

    fn expect(&mut self, token: &Token, told: &str) -> Result<(), Mistake> {
        if self.take_if(token) { Ok(()) } else { Err(self.expected(told)) }
    }

    fn expected(&self, told: &str) -> Mistake {
        Mistake::new(self.place(), format!("{told} is expected"))
    }

    /// An expression of all that binds tighter than `power`.
    fn expression(&mut self, power: u8, level: usize) -> Result<Node, Mistake> {
        let mut level = level + 1;
        let mut left = self.first(level)?;
        while power < binding_power(self.peek()) {
            level += 1;
            left = self.after(left, level)?;
        }
        Ok(left)
    }

    fn boxed(&mut self, power: u8, level: usize) -> Result<Box<Node>, Mistake> {
        self.expression(power, level).map(Box::new)
    }

    /// What an expression begins with.
    fn first(&mut self, level: usize) -> Result<Node, Mistake> {
        let at = self.place();
        if level > LEVELS {
            return Err(Mistake::new(at, format!("the expression is more than {LEVELS} levels deep")));
        }
        let current = || Box::new(Node::Current);
        let token = self.take();
        Ok(match token {
            Token::Literal(value) => Node::Literal(value),
            Token::Current => Node::Current,
            Token::Name(name) if *self.peek() == Token::LeftParen => self.call(&name, at, level)?,
            Token::Name(name) | Token::Quoted(name) => Node::Field(name),
            Token::Not => Node::Not(self.boxed(NOT, level)?),
            Token::Reference => Node::Reference(self.boxed(0, level)?),
            Token::LeftParen => {
                let inner = self.expression(0, level)?;
                self.expect(&Token::RightParen, "`)`")?;
                inner
            }
            Token::LeftBrace => self.map(level)?,
            Token::Star => Node::EachValue(current(), self.projected(STAR, level)?),
            Token::Flatten => {
                let right = self.projected(FLATTEN, level)?;
                Node::EachElement(Box::new(Node::Flatten(current())), right)
            }
            Token::Filter => self.filter(Node::Current, level)?,
            Token::LeftBracket => match self.peek() {
                Token::Number(_) | Token::Colon => self.position(Node::Current, level)?,
                Token::Star if self.closes_after_star() => self.each_element(Node::Current, level)?,
                _ => self.list(level)?,
            },
            _ => {
                self.next -= 1;
                return Err(self.expected("an expression"));
            }
        })
    }

    /// What stands after an expression and takes it.
    fn after(&mut self, left: Node, level: usize) -> Result<Node, Mistake> {
        if level > LEVELS {
            return Err(Mistake::new(
                self.place(),
                format!("the expression is more than {LEVELS} levels deep"),
            ));
        }
        let token = self.take();
        let boxed = Box::new(left);
        Ok(match token {
            Token::Dot if self.take_if(&Token::Star) => Node::EachValue(boxed, self.projected(STAR, level)?),
            Token::Dot => Node::Then(boxed, self.after_dot(DOT, level)?),
            Token::Pipe => Node::Then(boxed, self.boxed(1, level)?),
            Token::Or => Node::Or(boxed, self.boxed(2, level)?),
            Token::And => Node::And(boxed, self.boxed(3, level)?),
            Token::Comparison(comparison) => Node::Compare(comparison, boxed, self.boxed(5, level)?),
            Token::Flatten => {
                let right = self.projected(FLATTEN, level)?;
                Node::EachElement(Box::new(Node::Flatten(boxed)), right)
            }
            Token::Filter => self.filter(*boxed, level)?,
            Token::LeftBracket => match self.peek() {
                Token::Number(_) | Token::Colon => self.position(*boxed, level)?,
                Token::Star => self.each_element(*boxed, level)?,
                _ => return Err(self.expected("an expression")),
            },
            _ => {
                self.next -= 1;
                return Err(self.expected("an operator"));
            }
        })
    }

    /// The right side of a projection, which may be nothing.
    fn projected(&mut self, power: u8, level: usize) -> Result<Box<Node>, Mistake> {
        match self.peek() {
            token if binding_power(token) < PROJECTION_ENDS => Ok(Box::new(Node::Current)),
            Token::LeftBracket | Token::Filter => self.boxed(power, level),
            Token::Dot => {
                self.next += 1;
                self.after_dot(power, level)
            }
            _ => Err(self.expected("`.`, `[` or an operator")),
        }
    }

    fn after_dot(&mut self, power: u8, level: usize) -> Result<Box<Node>, Mistake> {
        match self.peek() {
            Token::Name(_) | Token::Quoted(_) | Token::Star => self.boxed(power, level),
            Token::LeftBracket => {
                self.next += 1;
                self.list(level).map(Box::new)
            }
            Token::LeftBrace => {
                self.next += 1;
                self.map(level).map(Box::new)
            }
            _ => Err(self.expected("a name, `*`, `[` or `{`")),
        }
    }

    fn closes_after_star(&self) -> bool {
        matches!(self.tokens.get(self.next + 1), Some((_, Token::RightBracket)))
    }

    /// `*]` and what it is projected to.
    fn each_element(&mut self, left: Node, level: usize) -> Result<Node, Mistake> {
        self.expect(&Token::Star, "`*`")?;
        self.expect(&Token::RightBracket, "`]`")?;
        Ok(Node::EachElement(Box::new(left), self.projected(STAR, level)?))
    }

    /// The condition after `[?`, and what its elements are projected to.
    fn filter(&mut self, left: Node, level: usize) -> Result<Node, Mistake> {
        let condition = self.boxed(0, level)?;
        self.expect(&Token::RightBracket, "`]`")?;
        let right = self.projected(FILTER, level)?;
        Ok(Node::EachWhere { left: Box::new(left), condition, right })
    }

    /// `7]` or `1:9:2]` after an expression.
    fn position(&mut self, left: Node, level: usize) -> Result<Node, Mistake> {
        let mut bounds = [None; 3];
        let mut colons = 0;
        loop {
            let at = self.place();
            match self.take() {
                Token::Number(0) if colons == 2 => {
                    return Err(Mistake::new(at, "the step of a slice cannot be 0"));
                }
                Token::Number(number) if bounds[colons].is_none() => bounds[colons] = Some(number),
                Token::Colon if colons < 2 => colons += 1,
                Token::RightBracket => break,
                _ => {
                    self.next -= 1;
                    return Err(self.expected("`]`"));
                }
            }
        }
        let [start, stop, step] = bounds;
        let taken = match (colons, start) {
            (0, Some(index)) => return Ok(Node::Then(Box::new(left), Box::new(Node::Index(index)))),
            _ => Node::Slice { start, stop, step: step.unwrap_or(1) },
        };
        let slice = Node::Then(Box::new(left), Box::new(taken));
        Ok(Node::EachElement(Box::new(slice), self.projected(STAR, level)?))
    }

    /// `a, b]` after its bracket.
    fn list(&mut self, level: usize) -> Result<Node, Mistake> {
        let mut elements = vec![self.expression(0, level)?];
        while self.take_if(&Token::Comma) {
            elements.push(self.expression(0, level)?);
        }
        self.expect(&Token::RightBracket, "`,` or `]`")?;
        Ok(Node::List(elements))
    }

    /// `a: b, c: d}` after its brace.
    fn map(&mut self, level: usize) -> Result<Node, Mistake> {
        let mut entries = Vec::new();
        loop {
            let (Token::Name(name) | Token::Quoted(name)) = self.take() else {
                self.next -= 1;
                return Err(self.expected("a name"));
            };
            self.expect(&Token::Colon, "`:`")?;
            entries.push((name, self.expression(0, level)?));
            if !self.take_if(&Token::Comma) {
                break;
            }
        }
        self.expect(&Token::RightBrace, "`,` or `}`")?;
        Ok(Node::Map(entries))
    }

    /// The arguments of a function, from its parenthesis on.
    fn call(&mut self, name: &str, at: usize, level: usize) -> Result<Node, Mistake> {
        self.expect(&Token::LeftParen, "`(`")?;
        let mut arguments = Vec::new();
        if *self.peek() != Token::RightParen {
            arguments.push(self.expression(0, level)?);
            while self.take_if(&Token::Comma) {
                arguments.push(self.expression(0, level)?);
            }
        }
        self.expect(&Token::RightParen, "`,` or `)`")?;
        let Some(function) = Function::find(name) else {
            return Err(Mistake::new(at, format!("there is no function `{name}`")));
        };
        function.check(&arguments).map_err(|message| Mistake::new(at, message))?;
        Ok(Node::Call(function, arguments))
    }
}
