//! What is refused of a statement as it is read, and in which order.

use serde_json::{Value, json};

use super::{NOT_WELL_FORMED, notes, refused, run, with_notes};

const BAG: &str = "Unsupported data type in Bag. DynamoDB only supports either numbers or strings in bags";
const EXISTS: &str = "EXISTS can only be used in ExecuteTransaction write requests.";

#[test]
fn a_bag_is_of_texts_or_of_numbers_whichever_comes_first() {
    let cloud = notes();
    for (value, told) in [
        ("<<'a', 1>>", format!("{BAG} at 1:27:1")),
        ("<<'a', 'a', true>>", format!("{BAG} at 1:32:4")),
        ("<<null>>", format!("{BAG} at 1:22:4")),
        ("<<1, 'a'>>", BAG.to_owned()),
        ("<<>>", "Empty bags are not supported".to_owned()),
        (
            "<<1, null>>",
            "One or more parameter values were invalid: Numeric sets may not contain null under root"
                .to_owned(),
        ),
        (
            "{'x': <<1, null>>}",
            "One or more parameter values were invalid: Numeric sets may not contain null under root.x"
                .to_owned(),
        ),
        ("<<'a', `abc`>>", "Ion Literals are not supported: SYMBOL under key root at 1:27:5".to_owned()),
        ("[`{{YWJj}}`]", "Ion Literals are not supported: BLOB under key root[0] at 1:21:10".to_owned()),
        ("<<`1`>>", format!("{BAG} at 1:22:3")),
        ("`{{{`", NOT_WELL_FORMED.to_owned()),
        (
            "set_add(n, <<1>>)",
            "The first argument to SET_ADD must equal the assignment value at 1:20:7".to_owned(),
        ),
        ("{'': 1}", "Path component cannot be an empty string".to_owned()),
        ("{'x': bogus(1)}", "Unsupported data type: Call under key root.x at 1:26:5".to_owned()),
        (
            &format!("{}1{}", "[".repeat(32), "]".repeat(32)),
            format!("Nesting Levels have exceeded supported limits under root{}", "[0]".repeat(32)),
        ),
    ] {
        let statement = format!("UPDATE nope SET q= {value} WHERE pk = 'a' AND sk = 1");
        assert_eq!(refused(&cloud, &statement), told, "{statement}");
    }
    let short = json!({"Statement": "UPDATE notes SET q = <<'a', ?>> WHERE pk = 'a' AND sk = 1", "Parameters": [{"S": "b"}]});
    assert_eq!(
        cloud.invalid("ExecuteStatement", short),
        "Unsupported data type: Parameter under key root at 1:29:1"
    );
}

#[test]
fn values_are_read_in_their_order_from_where_to_set_before_operands_and_tables() {
    let cloud = notes();
    let unknown = |at: usize| format!("Unrecognized function: bogus at 1:{at}:5");
    let no_type = "Unsupported data type for IS operator: IntegerType.";
    for (statement, told) in [
        ("SELECT * FROM nope WHERE bogus(n) AND n IS INT", unknown(26)),
        ("SELECT * FROM nope WHERE n IS INT AND bogus(n)", no_type.to_owned()),
        (
            "SELECT * FROM nope WHERE attribute_exists('n') AND n = <<>>",
            "Empty bags are not supported".to_owned(),
        ),
        (
            "SELECT * FROM nope WHERE n = n AND n = MISSING",
            "MISSING must be compared using IS operator".to_owned(),
        ),
        ("SELECT * FROM nope WHERE n = 1e126 AND n = MISSING", "Number overflow.".to_owned()),
        ("SELECT * FROM nope WHERE n = 1e2147483646", "Number underflow.".to_owned()),
        ("UPDATE nope SET a = <<>> WHERE pk = 'a' AND bogus(n)", unknown(45)),
        ("UPDATE nope SET a = bogus(1), b = <<>> WHERE pk = 'a'", unknown(21)),
        (
            "DELETE FROM nope WHERE pk = 'a' AND EXISTS(SELECT * FROM notes)",
            "Unsupported token in expression: SELECT at 1:44:6".to_owned(),
        ),
        ("SELECT * FROM nope WHERE EXISTS(n)", "Unrecognized function: exists at 1:26:6".to_owned()),
        (
            "SELECT * FROM nope WHERE bogus(n) AND n =",
            format!("{NOT_WELL_FORMED}Missing right-hand side expression of infix operator"),
        ),
        (
            "SELECT * FROM nope WHERE bogus(n) AND m.inner = 1",
            format!("{NOT_WELL_FORMED}Invalid path dot component"),
        ),
        (
            "SELECT * FROM nope WHERE n[*] = 1 AND bogus(n)",
            "Wildcard path component like a[*].b are not supported".to_owned(),
        ),
        (
            "SELECT * FROM nope WHERE n LIKE 'x'",
            "Unsupported operator in Condition Expression. Operator: LIKE".to_owned(),
        ),
        (
            "UPDATE nope SET a = b * 2 WHERE pk = 'a'",
            "Unsupported operator in Update Expression. Operator: *".to_owned(),
        ),
    ] {
        let answer = refused(&cloud, statement);
        assert!(answer.starts_with(&told), "{statement}: {answer}");
    }
}

#[test]
fn a_term_is_no_statement() {
    let cloud = notes();
    let unsupported = |form: &str| format!("Unsupported operation: {form}");
    let malformed = |detail: &str| format!("{NOT_WELL_FORMED}{detail}");
    for (text, told) in [
        ("a", unsupported("Id")),
        ("a.b[0]", unsupported("Path")),
        ("(1).a", unsupported("Path")),
        ("- -1;", unsupported("Lit")),
        ("`x`", unsupported("Lit")),
        ("MISSING", unsupported("Missing")),
        ("[1]", unsupported("List")),
        ("<<1>>", unsupported("Bag")),
        ("{}", unsupported("Struct")),
        ("a IS NULL", unsupported("IsType")),
        ("CASE WHEN a THEN 1 ELSE 2 END", unsupported("SearchedCase")),
        ("CASE a WHEN 1 THEN 2 END", unsupported("SimpleCase")),
        ("a IS NOT NULL", EXISTS.to_owned()),
        ("NOT NOT a", EXISTS.to_owned()),
        ("a || b", EXISTS.to_owned()),
        ("a = (SELECT * FROM notes)", EXISTS.to_owned()),
        ("SET a = 1", "Only select from a single table or index is supported.".to_owned()),
        ("a b", malformed("Unexpected token after expression")),
        ("a *", malformed("Missing right-hand side expression of infix operator")),
        ("a BETWEEN 1 OR 2", malformed("Expected AND keyword")),
        ("a BETWEEN 1 AND", malformed("Expected expression after AND")),
        ("CASE a", malformed("Expected a WHEN clause in CASE")),
        ("CASE WHEN a 1", malformed("Expected THEN keyword")),
        ("CASE WHEN a THEN 1", malformed("Expected END keyword")),
        ("WHERE", malformed("Unexpected keyword")),
        ("INSERT notes", malformed("Unexpected keyword")),
        ("DELETE notes", malformed("Expected FROM after DELETE")),
        ("SET a", malformed("Expected '='")),
        ("REMOVE a, b", malformed("Unexpected token after expression")),
        ("FROM notes WHERE pk = 'a' DELETE", malformed("Expected data manipulation")),
        ("UPDATE notes REMOVE a, b WHERE pk = 'a'", malformed("Unexpected token after expression")),
        (
            "SELECT FROM notes",
            malformed(
                "Expected identifier or an expression but found unexpected keyword 'from' in a select list.",
            ),
        ),
    ] {
        assert_eq!(refused(&cloud, text), told, "{text}");
    }
}

#[test]
fn a_page_goes_on_for_the_same_values_however_they_are_written() {
    let cloud = with_notes();
    let page = |parameter: &Value, token: Option<&Value>| {
        let mut input =
            json!({"Statement": "SELECT sk FROM notes WHERE n <> ?", "Parameters": [parameter], "Limit": 1});
        if let Some(token) = token {
            input["NextToken"] = token.clone();
        }
        input
    };
    for (first, then, goes_on) in [
        (json!({"N": "1e2"}), json!({"N": "+01E+2"}), true),
        (json!({"N": "15"}), json!({"N": "1.5E1"}), true),
        (json!({"N": "-0"}), json!({"N": "0"}), true),
        (json!({"N": "1"}), json!({"N": "1.0"}), false),
        (json!({"N": "100"}), json!({"N": "1E2"}), false),
        (json!({"NS": ["1", "20"]}), json!({"NS": ["2E1", "1.0"]}), true),
        (json!({"SS": ["a", "b"]}), json!({"SS": ["b", "a"]}), true),
        (json!({"SS": ["a", "b"]}), json!({"SS": ["b"]}), false),
        (json!({"L": []}), json!({"L": []}), false),
        (json!({"M": {}}), json!({"M": {}}), false),
    ] {
        let token = cloud.ok("ExecuteStatement", page(&first, None))["NextToken"].clone();
        let next = page(&then, Some(&token));
        match goes_on {
            true => drop(cloud.ok("ExecuteStatement", next)),
            false => assert_eq!(
                cloud.invalid("ExecuteStatement", next),
                "NextToken does not match request",
                "{then}"
            ),
        }
    }
}

#[test]
fn an_item_too_deep_is_refused_only_where_it_could_be_inserted() {
    let cloud = with_notes();
    let deep = (0..32).fold(json!({"S": "x"}), |inner, _| json!({"L": [inner]}));
    let insert = |sk: u32| json!({"Statement": format!("INSERT INTO notes VALUE {{'pk': 'a', 'sk': {sk}, 'deep': ?}}"), "Parameters": [deep]});
    assert_eq!(cloud.invalid("ExecuteStatement", insert(9)), "Nesting Levels have exceeded supported limits");
    assert_eq!(
        cloud.err("ExecuteStatement", insert(1))["__type"],
        "com.amazonaws.dynamodb.v20120810#DuplicateItemException"
    );
    assert_eq!(run(&cloud, "SELECT deep FROM notes WHERE pk = 'a' AND sk = 1"), json!([{}]));
}
