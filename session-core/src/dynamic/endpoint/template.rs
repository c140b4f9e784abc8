//! Templates: texts with values in braces, such as `https://{Bucket}.{url#authority}`.

use super::attribute::Path;
use super::operand::Operand;
use super::tree::{Expression, Piece, Variable};

/// A text as an expression; `variable` gives the number of a name. Braces that are doubled are meant.
///
/// # Errors
/// What is wrong with the text.
pub(super) fn parse(
    text: &str,
    mut variable: impl FnMut(&str) -> Result<Variable, String>,
) -> Result<Expression, String> {
    let (mut pieces, mut literal, mut rest) = (Vec::new(), String::new(), text);
    while let Some(at) = rest.find(['{', '}']) {
        let (before, from) = rest.split_at(at);
        literal.push_str(before);
        if let Some(after) = from.strip_prefix("{{").or_else(|| from.strip_prefix("}}")) {
            literal.push_str(&from[..1]);
            rest = after;
            continue;
        }
        let (name, after) = from
            .strip_prefix('{')
            .and_then(|inner| inner.split_once('}'))
            .ok_or_else(|| format!("the template `{text}` has a brace without its pair"))?;
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Value(reference(name, &mut variable)?));
        rest = after;
    }
    literal.push_str(rest);
    if pieces.is_empty() {
        return Ok(Expression::Literal(Operand::text(&literal)));
    }
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(Expression::Template(pieces))
}

/// `name`, or `name#path` for an attribute.
fn reference(
    text: &str,
    variable: &mut impl FnMut(&str) -> Result<Variable, String>,
) -> Result<Expression, String> {
    let Some((name, path)) = text.split_once('#') else {
        return Ok(Expression::Variable(variable(text)?));
    };
    let path = Path::parse(path).ok_or_else(|| format!("`{path}` is no path"))?;
    Ok(Expression::Attribute(Box::new(Expression::Variable(variable(name)?)), path))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(text: &str) -> Result<Expression, String> {
        parse(text, |name| match name {
            "Region" => Ok(0),
            "url" => Ok(1),
            other => Err(format!("no {other}")),
        })
    }

    #[test]
    fn text_without_values_is_a_literal() {
        let literal = |text: &str| match parsed(text).unwrap() {
            Expression::Literal(Operand::Text(text)) => text.to_string(),
            other => panic!("{other:?}"),
        };
        assert_eq!(literal("a"), "a");
        assert_eq!(literal(""), "");
        assert_eq!(literal("{{a}} }}é{{"), "{a} }é{");
    }

    #[test]
    fn values_stand_between_texts() {
        let Expression::Template(pieces) = parsed("https://{url#authority}/{Region}").unwrap() else {
            panic!()
        };
        assert!(matches!(&pieces[0], Piece::Text(text) if text == "https://"));
        assert!(matches!(&pieces[1], Piece::Value(Expression::Attribute(..))));
        assert!(matches!(&pieces[3], Piece::Value(Expression::Variable(0))));
        assert_eq!(pieces.len(), 4);
    }

    #[test]
    fn a_brace_without_its_pair_and_an_unknown_name_are_refused() {
        for text in ["{", "{Region", "a}", "{bucket}", "{}", "{url#}", "{url#a[x]}"] {
            assert!(parsed(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "([{}#é]|Region|url|a|\\[0\\]){0,12}|\\PC{0,30}") {
            let _ = parsed(&text);
        }
    }
}
