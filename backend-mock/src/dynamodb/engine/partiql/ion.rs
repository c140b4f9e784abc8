//! Literals of Ion, of which DynamoDB says only the type: it takes none.

/// The name of a literal's type; `None` for a text that is none.
///
/// # Source
/// The grammar of Ion text, as far as it tells types and brackets.
pub(super) fn type_of(literal: &str) -> Option<&'static str> {
    let literal = literal.trim();
    let between = |open: &str, close: &str| {
        literal
            .strip_prefix(open)
            .and_then(|rest| rest.strip_suffix(close))
            .filter(|_| literal.len() > open.len())
    };
    let first = literal.chars().next()?;
    match first {
        '{' if literal.starts_with("{{") => {
            let inner = between("{{", "}}")?.trim();
            let is_text = inner.starts_with(['"', '\'']);
            (is_text || !inner.contains(['{', '}'])).then_some(if is_text { "CLOB" } else { "BLOB" })
        }
        '{' => between("{", "}").map(|_| "STRUCT"),
        '[' => between("[", "]").map(|_| "LIST"),
        '(' => between("(", ")").map(|_| "SEXP"),
        '"' => between("\"", "\"").map(|_| "STRING"),
        '\'' if literal.starts_with("'''") => between("'''", "'''").map(|_| "STRING"),
        '\'' => between("'", "'").map(|_| "SYMBOL"),
        _ if literal
            .contains(|character: char| character.is_whitespace() || "{}[]()\"'".contains(character)) =>
        {
            None
        }
        _ if literal == "null" || literal.starts_with("null.") => Some("NULL"),
        _ => Some(match literal {
            "true" | "false" => "BOOL",
            "nan" | "+inf" | "-inf" => "FLOAT",
            _ if first.is_ascii_digit() || first == '-' => type_of_number(literal),
            _ => "SYMBOL",
        }),
    }
}

fn type_of_number(literal: &str) -> &'static str {
    let year = literal.get(..4).is_some_and(|year| year.bytes().all(|byte| byte.is_ascii_digit()));
    match literal {
        _ if year && matches!(literal.as_bytes().get(4), Some(b'-' | b'T')) => "TIMESTAMP",
        _ if literal.starts_with("0x") || literal.starts_with("0b") => "INT",
        _ if literal.contains(['e', 'E']) => "FLOAT",
        _ if literal.contains(['.', 'd', 'D']) => "DECIMAL",
        _ => "INT",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_of_ion_is_told_by_its_text() {
        for (literal, name) in [
            ("{{YWJj}}", Some("BLOB")),
            ("{{ \"text\" }}", Some("CLOB")),
            ("{a: [1]}", Some("STRUCT")),
            ("[1, {}]", Some("LIST")),
            ("(a b)", Some("SEXP")),
            ("\"a b\"", Some("STRING")),
            ("'''a'''", Some("STRING")),
            ("'a b'", Some("SYMBOL")),
            ("abc", Some("SYMBOL")),
            ("null.int", Some("NULL")),
            ("false", Some("BOOL")),
            ("-1", Some("INT")),
            ("0x1e", Some("INT")),
            ("1e0", Some("FLOAT")),
            ("-inf", Some("FLOAT")),
            ("1d3", Some("DECIMAL")),
            ("1.5", Some("DECIMAL")),
            ("2020-01-01T", Some("TIMESTAMP")),
            ("2020T", Some("TIMESTAMP")),
            ("{{{", None),
            ("{{YWJj}", None),
            ("[1", None),
            ("\"", None),
            ("a b", None),
            ("", None),
        ] {
            assert_eq!(type_of(literal), name, "{literal}");
        }
    }
}
