//! Paths: the name of an attribute, and the way into its value.

use super::super::error::Error;
use super::super::expression::Step;
use super::keyword::is_keyword;
use super::malformed;
use super::parser::Parser;
use super::token::Kind;

/// What no name may be.
pub(super) const EMPTY_COMPONENT: &str = "Path component cannot be an empty string";

impl Parser {
    /// `name.member[0]` and so on.
    pub(super) fn path(&mut self) -> Result<Vec<Step>, Error> {
        let first = self.next();
        let is_name = match first.kind {
            Kind::Quoted => true,
            Kind::Word => !is_keyword(&first.text),
            _ => false,
        };
        if !is_name {
            return Err(malformed("Expected identifier for simple path"));
        }
        if first.text.is_empty() {
            self.fault(Error::validation(EMPTY_COMPONENT));
        }
        let mut steps = vec![Step::Member(first.text.into())];
        steps.extend(self.steps()?);
        Ok(steps)
    }

    /// The way from a term into its value.
    pub(super) fn steps(&mut self) -> Result<Vec<Step>, Error> {
        let mut steps = Vec::new();
        loop {
            if self.eat_symbol(".") {
                let token = self.next();
                match token.kind {
                    Kind::Quoted if token.text.is_empty() => self.fault(Error::validation(EMPTY_COMPONENT)),
                    Kind::Quoted => {}
                    Kind::Word if !is_keyword(&token.text) => {}
                    _ if token.is_symbol("*") => {
                        self.fault(Error::validation("Unpivot path component like a.*.b are not supported"));
                    }
                    _ => return Err(malformed("Invalid path dot component")),
                }
                steps.push(Step::Member(token.text.into()));
            } else if self.eat_symbol("[") {
                steps.push(self.index()?);
                if !self.eat_symbol("]") {
                    return Err(malformed("Expected RIGHT_BRACKET"));
                }
            } else {
                return Ok(steps);
            }
        }
    }

    fn index(&mut self) -> Result<Step, Error> {
        let (is_negative, token) = (self.eat_symbol("-"), self.next());
        match token.kind {
            Kind::Text if !is_negative => Ok(Step::Member(token.text.into())),
            Kind::Number => {
                let index = token.text.parse::<usize>().ok().filter(|index| *index <= i32::MAX as usize);
                let index = index.filter(|_| !is_negative);
                if index.is_none() {
                    let sign = if is_negative { "-" } else { "" };
                    self.fault(Error::validation(format!(
                        "List index is not within the allowable range; index: [{sign}{}] at {}",
                        token.text, token.at
                    )));
                }
                Ok(Step::Element(index.unwrap_or_default()))
            }
            _ if token.is_symbol("*") => {
                self.fault(Error::validation("Wildcard path component like a[*].b are not supported"));
                Ok(Step::Element(0))
            }
            _ => Err(malformed("Unexpected term")),
        }
    }
}
