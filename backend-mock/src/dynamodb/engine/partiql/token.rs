//! Tokens of a statement, each with its place: `line:column:length` in characters from 1, as errors say it.

use std::fmt;

use super::super::error::Error;
use super::malformed;

/// Where a token stands in its statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct At {
    line: usize,
    column: usize,
    length: usize,
}

impl At {
    pub(super) const START: Self = Self { line: 1, column: 1, length: 1 };
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.line, self.column, self.length)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword, or a name without quotes.
    Word,
    /// A name in double quotes.
    Quoted,
    /// A text in single quotes.
    Text,
    Number,
    /// A literal of Ion between backticks; its text is the name of its type.
    Ion,
    Symbol,
    End,
}

/// A token; of names and texts what stands between the quotes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) kind: Kind,
    pub(super) text: String,
    pub(super) at: At,
}

impl Token {
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }
}

/// Takes a statement apart. The last token is the end.
///
/// # Errors
/// For a character, a literal or a comment that no statement can hold; DynamoDB says nothing about which.
pub(super) fn tokens(source: &str) -> Result<Vec<Token>, Error> {
    Lexer { characters: source.chars().collect(), position: 0, line: 1, column: 1, tokens: Vec::new() }.run()
}

const PAIRS: [&str; 7] = ["<<", ">>", "<>", "!=", "<=", ">=", "||"];
const SINGLES: &str = "()[]{},.:=<>*+-;?/%";

struct Lexer {
    characters: Vec<char>,
    position: usize,
    line: usize,
    column: usize,
    tokens: Vec<Token>,
}

impl Lexer {
    fn run(mut self) -> Result<Vec<Token>, Error> {
        while let Some(character) = self.peek(0) {
            let (start, line, column) = (self.position, self.line, self.column);
            let read = match character {
                _ if character.is_ascii_whitespace() => {
                    self.advance();
                    None
                }
                '-' if self.peek(1) == Some('-') => {
                    while self.peek(0).is_some_and(|next| next != '\n' && next != '\r') {
                        self.advance();
                    }
                    None
                }
                '/' if self.peek(1) == Some('*') => {
                    self.block_comment()?;
                    None
                }
                '\'' => Some((Kind::Text, self.quoted('\'')?)),
                '"' => Some((Kind::Quoted, self.quoted('"')?)),
                '`' => Some((Kind::Ion, self.ion()?)),
                '0'..='9' => Some((Kind::Number, self.number()?)),
                '.' if self.peek(1).is_some_and(|next| next.is_ascii_digit()) && !self.is_after_name() => {
                    Some((Kind::Number, self.number()?))
                }
                _ if character.is_ascii_alphabetic() || character == '_' || character == '$' => {
                    let is_part = |next: char| next.is_ascii_alphanumeric() || next == '_' || next == '$';
                    Some((Kind::Word, self.take_while(is_part)))
                }
                _ => Some((Kind::Symbol, self.symbol()?)),
            };
            if let Some((kind, text)) = read {
                let at = At { line, column, length: self.position - start };
                self.tokens.push(Token { kind, text, at });
            }
        }
        let at = At { line: self.line, column: self.column, length: 1 };
        self.tokens.push(Token { kind: Kind::End, text: String::new(), at });
        Ok(self.tokens)
    }

    fn peek(&self, ahead: usize) -> Option<char> {
        self.characters.get(self.position + ahead).copied()
    }

    fn advance(&mut self) {
        if self.peek(0) == Some('\n') {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        self.position += 1;
    }

    fn take_while(&mut self, is_part: impl Fn(char) -> bool) -> String {
        let mut text = String::new();
        while let Some(character) = self.peek(0).filter(|character| is_part(*character)) {
            text.push(character);
            self.advance();
        }
        text
    }

    /// Whether a dot here belongs to a path.
    fn is_after_name(&self) -> bool {
        self.tokens
            .last()
            .is_some_and(|last| matches!(last.kind, Kind::Word | Kind::Quoted) || last.is_symbol("]"))
    }

    fn block_comment(&mut self) -> Result<(), Error> {
        self.advance();
        self.advance();
        while !(self.peek(0) == Some('*') && self.peek(1) == Some('/')) {
            self.peek(0).ok_or_else(|| malformed(""))?;
            self.advance();
        }
        self.advance();
        self.advance();
        Ok(())
    }

    /// What stands between quotes; two quotes in a row are one of the text.
    fn quoted(&mut self, quote: char) -> Result<String, Error> {
        let mut text = String::new();
        self.advance();
        loop {
            let character = self.peek(0).ok_or_else(|| malformed(""))?;
            self.advance();
            if character != quote {
                text.push(character);
            } else if self.peek(0) == Some(quote) {
                text.push(quote);
                self.advance();
            } else {
                return Ok(text);
            }
        }
    }

    /// The type of what stands between backticks.
    fn ion(&mut self) -> Result<String, Error> {
        self.advance();
        let text = self.take_while(|character| character != '`');
        self.peek(0).ok_or_else(|| malformed(""))?;
        self.advance();
        super::ion::type_of(&text).map(str::to_owned).ok_or_else(|| malformed(""))
    }

    fn number(&mut self) -> Result<String, Error> {
        let is_digit = |character: char| character.is_ascii_digit();
        let mut text = self.take_while(is_digit);
        let mut decimals = 0;
        if self.peek(0) == Some('.') {
            self.advance();
            let fraction = self.take_while(is_digit);
            decimals = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
            text.push('.');
            text.push_str(&fraction);
        }
        if matches!(self.peek(0), Some('e' | 'E')) {
            self.advance();
            let mut exponent = self.take_while(|character| matches!(character, '+' | '-'));
            exponent.push_str(&self.take_while(is_digit));
            // What counts for DynamoDB is whether exponent and scale are numbers of 32 bits.
            let value: i64 = exponent.parse().map_err(|_| malformed(""))?;
            if i32::try_from(value).is_err() || i32::try_from(decimals - value).is_err() {
                return Err(malformed(""));
            }
            text.push('e');
            text.push_str(&exponent);
        }
        // A point needs digits after it in a number of DynamoDB, and so does nothing else.
        if text.ends_with('.') {
            text.pop();
        }
        Ok(text)
    }

    fn symbol(&mut self) -> Result<String, Error> {
        let pair: String = self.characters.iter().skip(self.position).take(2).collect();
        if PAIRS.contains(&pair.as_str()) {
            self.advance();
            self.advance();
            return Ok(pair);
        }
        let single = self.peek(0).filter(|character| SINGLES.contains(*character));
        let single = single.ok_or_else(|| malformed(""))?;
        self.advance();
        Ok(single.to_string())
    }
}
