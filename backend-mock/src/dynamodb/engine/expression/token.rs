//! Tokens: an expression cut into words, and the cursor that parsers move over them.
//!
//! The cursor also keeps the two promises that every parser here makes: it never goes deeper than
//! [`limit::EXPRESSION_DEPTH`] and never reads more than [`limit::EXPRESSION_OPERATORS`] operators.

use super::super::limit;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenKind {
    /// A name written out, a function or a keyword.
    Identifier,
    /// `#name`
    NamePlaceholder,
    /// `:value`
    ValuePlaceholder,
    /// Digits: the index of a list element.
    Integer,
    /// One of `= <> < <= > >= ( ) [ ] , . + -`, or a character that begins nothing.
    Symbol,
    /// After the last token.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'e> {
    pub(super) kind: TokenKind,
    pub(super) text: &'e str,
    start: usize,
}

/// What DynamoDB says about an expression of more bytes than [`limit::EXPRESSION_BYTES`].
pub(super) const TOO_LONG: &str = "Expression size has exceeded the maximum allowed size;";

/// A place in an expression.
pub(super) struct Cursor<'e> {
    source: &'e str,
    tokens: Vec<Token<'e>>,
    position: usize,
    depth: usize,
    operators: usize,
}

impl<'e> Cursor<'e> {
    /// # Errors
    /// When the expression is empty or too long.
    pub(super) fn new(source: &'e str) -> Result<Self, String> {
        if source.is_empty() {
            return Err("The expression can not be empty;".to_owned());
        }
        if source.len() > limit::EXPRESSION_BYTES {
            return Err(TOO_LONG.to_owned());
        }
        Ok(Self { source, tokens: tokens(source), position: 0, depth: 0, operators: 0 })
    }

    pub(super) fn peek(&self) -> Token<'e> {
        self.peek_after(0)
    }

    /// The token that is `distance` tokens away.
    pub(super) fn peek_after(&self, distance: usize) -> Token<'e> {
        let end = Token { kind: TokenKind::End, text: "<EOF>", start: self.source.len() };
        self.tokens.get(self.position + distance).copied().unwrap_or(end)
    }

    pub(super) fn next(&mut self) -> Token<'e> {
        let token = self.peek();
        self.position += 1;
        token
    }

    pub(super) fn at_symbol(&self, symbol: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Symbol && token.text == symbol
    }

    /// Keywords are the same in any case.
    pub(super) fn at_keyword(&self, keyword: &str) -> bool {
        let token = self.peek();
        token.kind == TokenKind::Identifier && token.text.eq_ignore_ascii_case(keyword)
    }

    pub(super) fn eat_symbol(&mut self, symbol: &str) -> bool {
        let found = self.at_symbol(symbol);
        self.position += usize::from(found);
        found
    }

    pub(super) fn eat_keyword(&mut self, keyword: &str) -> bool {
        let found = self.at_keyword(keyword);
        self.position += usize::from(found);
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), String> {
        if self.eat_symbol(symbol) { Ok(()) } else { Err(self.syntax_error()) }
    }

    pub(super) fn expect_end(&self) -> Result<(), String> {
        if self.peek().kind == TokenKind::End { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// The error about the token here, with its neighbours.
    pub(super) fn syntax_error(&self) -> String {
        let (token, next) = (self.peek(), self.peek_after(1));
        let before = self.position.checked_sub(1).and_then(|position| self.tokens.get(position));
        let last = if next.kind == TokenKind::End { token } else { next };
        let end = if last.kind == TokenKind::End { self.source.len() } else { last.start + last.text.len() };
        // Of an expression that has no token at all, everything is near.
        let near = match self.tokens.is_empty() {
            true => self.source,
            false => self.source[before.unwrap_or(&token).start..end].trim_end(),
        };
        format!("Syntax error; token: \"{}\", near: \"{near}\"", token.text)
    }

    /// Whether a pair of parentheses holds nothing but another pair. Those of a function and of IN do not count.
    pub(super) fn has_redundant_parentheses(&self) -> bool {
        let mut open = Vec::new();
        let mut last_closed: Option<(usize, usize)> = None;
        for (position, token) in self.tokens.iter().enumerate() {
            match token.text {
                "(" => open.push(position),
                ")" => {
                    let Some(start) = open.pop() else { return false };
                    let before = start.checked_sub(1).and_then(|position| self.tokens.get(position));
                    let is_group = before.is_none_or(|token| {
                        token.kind != TokenKind::Identifier
                            || ["AND", "OR", "NOT", "BETWEEN"]
                                .iter()
                                .any(|word| word.eq_ignore_ascii_case(token.text))
                    });
                    if is_group && last_closed == Some((start + 1, position.wrapping_sub(1))) {
                        return true;
                    }
                    last_closed = Some((start, position));
                }
                _ => {}
            }
        }
        false
    }

    /// Goes one level deeper; [`Cursor::leave`] comes back.
    pub(super) fn enter(&mut self) -> Result<(), String> {
        self.depth += 1;
        if self.depth > limit::EXPRESSION_DEPTH {
            return Err(format!("The expression is nested too deeply; nesting levels: {}", self.depth));
        }
        Ok(())
    }

    pub(super) fn leave(&mut self) {
        self.depth -= 1;
    }

    /// Counts an operator or a function.
    pub(super) fn count_operator(&mut self) {
        self.operators += 1;
    }

    /// # Errors
    /// When the expression had more operators than allowed.
    pub(super) fn check_operators(&self) -> Result<(), String> {
        if self.operators > limit::EXPRESSION_OPERATORS {
            return Err(format!(
                "The expression contains too many operators; operator count: {}",
                self.operators
            ));
        }
        Ok(())
    }
}

fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut start = 0;
    while let Some(first) = source[start..].chars().next() {
        if first.is_ascii_whitespace() {
            start += 1;
            continue;
        }
        let (kind, length) = token_at(&source[start..], first);
        tokens.push(Token { kind, text: &source[start..start + length], start });
        start += length;
    }
    tokens
}

/// The kind and length of the token that `rest` begins with.
fn token_at(rest: &str, first: char) -> (TokenKind, usize) {
    let word = |from: usize| {
        from + rest[from..].bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
    };
    match first {
        'a'..='z' | 'A'..='Z' => (TokenKind::Identifier, word(0)),
        '#' if word(1) > 1 => (TokenKind::NamePlaceholder, word(1)),
        ':' if word(1) > 1 => (TokenKind::ValuePlaceholder, word(1)),
        // A number does not begin with 0, unless it is that.
        '0' => (TokenKind::Integer, 1),
        '1'..='9' => (TokenKind::Integer, rest.bytes().take_while(u8::is_ascii_digit).count()),
        '<' if rest.starts_with("<>") || rest.starts_with("<=") => (TokenKind::Symbol, 2),
        '>' if rest.starts_with(">=") => (TokenKind::Symbol, 2),
        other => (TokenKind::Symbol, other.len_utf8()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_placeholders_numbers_and_symbols_are_told_apart() {
        let texts: Vec<_> = tokens("a.#b[10]<>:c AND x>=:y").iter().map(|token| token.text).collect();
        assert_eq!(texts, ["a", ".", "#b", "[", "10", "]", "<>", ":c", "AND", "x", ">=", ":y"]);
    }

    #[test]
    fn a_syntax_error_shows_the_neighbours() {
        let mut cursor = Cursor::new("a = = :v").unwrap();
        cursor.next();
        cursor.next();
        assert_eq!(cursor.syntax_error(), r#"Syntax error; token: "=", near: "= = :v""#);
        let mut cursor = Cursor::new("a =").unwrap();
        cursor.next();
        cursor.next();
        assert_eq!(cursor.syntax_error(), r#"Syntax error; token: "<EOF>", near: "=""#);
    }
}
