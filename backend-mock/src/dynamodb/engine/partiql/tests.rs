//! Reading: no text makes it panic, and what is read means what it says.

use proptest::prelude::*;

use super::super::attribute_value::AttributeValue;
use super::literal;
use super::parser::{Written, parse};

fn value_of(source: &str) -> Result<AttributeValue, String> {
    let statement = format!("UPDATE t SET a = {source} WHERE pk = 1");
    let (written, _) = parse(&statement).map_err(|error| error.to_string())?;
    let Written::Update { actions, .. } = written else { return Err("no update".to_owned()) };
    let [super::parser::WrittenAction::Set(_, term)] = &actions[..] else { return Err("no SET".to_owned()) };
    literal::value(term, &[]).map_err(|error| error.to_string())?.ok_or_else(|| "no literal".to_owned())
}

#[test]
fn literals_are_values() {
    assert_eq!(value_of("'it''s'").unwrap(), AttributeValue::S("it's".into()));
    assert_eq!(value_of("-.5e1").unwrap(), AttributeValue::N("-5".parse().unwrap()));
    let nested = value_of("{'l': [1, {'s': <<'a', 'b'>>}, null, true]}").unwrap();
    assert_eq!(nested.nesting_levels(), 3);
}

#[test]
fn nesting_has_an_end() {
    let deep = format!("{}1{}", "[".repeat(5000), "]".repeat(5000));
    assert!(value_of(&deep).unwrap_err().contains("nested too deep"));
    let long = format!("n{}", " + 1".repeat(2000));
    assert!(value_of(&long).unwrap_err().contains("nested too deep"));
}

fn pieces() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "SELECT",
        "*",
        "FROM",
        "\"t\"",
        "WHERE",
        "pk",
        "=",
        "1",
        "'x'",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "[",
        "]",
        "<<",
        ">>",
        "{",
        "}",
        ":",
        ",",
        ".",
        "?",
        "IN",
        "BETWEEN",
        "IS",
        "MISSING",
        "SET",
        "REMOVE",
        "UPDATE",
        "DELETE",
        "INSERT",
        "INTO",
        "VALUE",
        "RETURNING",
        "ALL",
        "OLD",
        "size",
        "set_add",
        "-",
        "+",
        "--",
        "/*",
        "1e5",
        ";",
        "ORDER",
        "BY",
        "EXISTS",
        "é",
        "\"",
    ]);
    prop::collection::vec(words, 0..40).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn no_statement_of_known_words_panics(source in pieces()) {
        let _ = parse(&source);
        let _ = parse(&format!("SELECT * FROM t WHERE {source}"));
        let _ = parse(&format!("UPDATE t SET {source}"));
    }

    #[test]
    fn no_text_panics(source in "\\PC{0,80}") {
        let _ = parse(&source);
    }

    #[test]
    fn a_text_literal_is_itself(text in "\\PC{0,40}") {
        let literal = format!("'{}'", text.replace('\'', "''"));
        prop_assert_eq!(value_of(&literal), Ok(AttributeValue::S(text.as_str().into())));
    }
}
