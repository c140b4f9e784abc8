//! From an expression's text to its tokens, each with the place where it begins.

use super::{Mistake, Value};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    Quoted(String),
    Literal(Value),
    Number(i64),
    Comparison(Comparison),
    Dot,
    Star,
    /// `[]`
    Flatten,
    /// `[?`
    Filter,
    LeftBracket,
    RightBracket,
    LeftBrace,
    RightBrace,
    LeftParen,
    RightParen,
    Comma,
    Colon,
    Current,
    /// `&` before an expression that is handed to a function.
    Reference,
    And,
    Or,
    Pipe,
    Not,
    End,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

/// The tokens with their places; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token)>, Mistake> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start_matches(SPACE);
    while let Some(first) = rest.chars().next() {
        let at = text.len() - rest.len();
        let (token, length) = token(first, rest).map_err(|message| Mistake::new(at, message))?;
        tokens.push((at, token));
        rest = rest[length..].trim_start_matches(SPACE);
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// The token that `rest` begins with, and its length in bytes.
fn token(first: char, rest: &str) -> Result<(Token, usize), String> {
    let followed_by = |second: &str| rest[first.len_utf8()..].starts_with(second);
    Ok(match first {
        '[' if followed_by("]") => (Token::Flatten, 2),
        '[' if followed_by("?") => (Token::Filter, 2),
        '[' => (Token::LeftBracket, 1),
        ']' => (Token::RightBracket, 1),
        '{' => (Token::LeftBrace, 1),
        '}' => (Token::RightBrace, 1),
        '(' => (Token::LeftParen, 1),
        ')' => (Token::RightParen, 1),
        '.' => (Token::Dot, 1),
        '*' => (Token::Star, 1),
        ',' => (Token::Comma, 1),
        ':' => (Token::Colon, 1),
        '@' => (Token::Current, 1),
        '&' if followed_by("&") => (Token::And, 2),
        '&' => (Token::Reference, 1),
        '|' if followed_by("|") => (Token::Or, 2),
        '|' => (Token::Pipe, 1),
        '!' if followed_by("=") => (Token::Comparison(Comparison::NotEqual), 2),
        '!' => (Token::Not, 1),
        '<' if followed_by("=") => (Token::Comparison(Comparison::LessOrEqual), 2),
        '<' => (Token::Comparison(Comparison::Less), 1),
        '>' if followed_by("=") => (Token::Comparison(Comparison::GreaterOrEqual), 2),
        '>' => (Token::Comparison(Comparison::Greater), 1),
        '=' if followed_by("=") => (Token::Comparison(Comparison::Equal), 2),
        '=' => return Err("`=` alone means nothing".into()),
        '\'' => {
            let inner = delimited(rest, '\'').ok_or("the string has no end")?;
            (Token::Literal(inner.replace("\\'", "'").replace("\\\\", "\\").into()), inner.len() + 2)
        }
        '"' => {
            let inner = delimited(rest, '"').ok_or("the quoted name has no end")?;
            let length = inner.len() + 2;
            let name = serde_json::from_str(&rest[..length]).map_err(|_| "the quoted name is not JSON")?;
            (Token::Quoted(name), length)
        }
        '`' => {
            let inner = delimited(rest, '`').ok_or("the literal has no end")?;
            let json: serde_json::Value =
                serde_json::from_str(&inner.replace("\\`", "`")).map_err(|_| "the literal is not JSON")?;
            (Token::Literal(json.into()), inner.len() + 2)
        }
        '-' | '0'..='9' => {
            let digits = rest[1..].bytes().take_while(u8::is_ascii_digit).count();
            let number = &rest[..1 + digits];
            if number == "-" {
                return Err("`-` alone means nothing".into());
            }
            (Token::Number(number.parse().map_err(|_| "the number is too large")?), number.len())
        }
        'a'..='z' | 'A'..='Z' | '_' => {
            let length =
                rest.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
            (Token::Name(rest[..length].to_owned()), length)
        }
        other => return Err(format!("`{other}` means nothing")),
    })
}

/// What stands between the delimiter that the text begins with and the next one without a backslash before it.
fn delimited(text: &str, delimiter: char) -> Option<&str> {
    let mut escaped = false;
    let inner = &text[1..];
    let end = inner.char_indices().find(|&(_, character)| {
        let ends = character == delimiter && !escaped;
        escaped = character == '\\' && !escaped;
        ends
    })?;
    Some(&inner[..end.0])
}
