//! Paths: the name of an attribute, and the way into its value.

use super::super::error::Error;
use super::super::expression::Step;
use super::keyword::is_keyword;
use super::malformed;
use super::parser::Parser;
use super::token::Kind;

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
            return Err(Error::validation("Path component cannot be an empty string"));
        }
        let mut steps = vec![Step::Member(first.text.into())];
        loop {
            if self.eat_symbol(".") {
                let token = self.next();
                match token.kind {
                    Kind::Quoted if token.text.is_empty() => {
                        return Err(Error::validation("Path component cannot be an empty string"));
                    }
                    Kind::Quoted => {}
                    Kind::Word if !is_keyword(&token.text) => {}
                    _ if token.is_symbol("*") => {
                        return Err(Error::validation("Unpivot path component like a.*.b are not supported"));
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
                index.filter(|_| !is_negative).map(Step::Element).ok_or_else(|| {
                    let sign = if is_negative { "-" } else { "" };
                    Error::validation(format!(
                        "List index is not within the allowable range; index: [{sign}{}] at {}",
                        token.text, token.at
                    ))
                })
            }
            _ if token.is_symbol("*") => {
                Err(Error::validation("Wildcard path component like a[*].b are not supported"))
            }
            _ => Err(malformed("Unexpected term")),
        }
    }
}
