//! What PartiQL refuses, in DynamoDB's words.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::{NOT_WELL_FORMED, refused, with_notes};

#[test]
fn what_is_no_statement_is_refused() {
    let cloud = with_notes();
    for (statement, detail) in [
        ("SELECTT * FROM notes", "Expected data manipulation"),
        ("SELECT * FROM notes WHERE", "Unexpected term"),
        ("SELECT * FROM notes WHERE;", "Unexpected term"),
        ("SELECT * FROM notes WHERE (", "Unexpected term"),
        ("SELECT * FROM notes WHERE NOT", "Unexpected term"),
        ("SELECT * FROM", "Unexpected term"),
        ("DELETE FROM notes WHERE", "Unexpected term"),
        ("DELETE FROM;", "Expected identifier for simple path"),
        ("DELETE FROM WHERE pk = 'a'", "Expected identifier for simple path"),
        ("SELECT * FROM notes WHERE pk = 'a' AND", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM notes WHERE pk = 'a' OR", "Missing right-hand side expression of infix operator"),
        ("SELECT * FROM notes WHERE ORDER BY pk", "Unexpected keyword"),
        ("SELECT * FROM notes WHERE IS NULL", "Unexpected operator"),
        ("SELECT * FROM notes WHERE pk = LIKE", "Unexpected operator"),
        ("SELECT * FROM notes WHERE pk = 'a' AND x IS FOO", "Expected type name"),
        ("SELECT * FROM notes WHERE pk = 'a' foo", "Unexpected token after expression"),
        ("SELECT * FROM notes WHERE sk = 1 e5", "Unexpected token after expression"),
        ("SELECT * FROM notes WHERE pk = 'a')", "Unexpected token after expression"),
        ("SELECT * FROM notes ORDER BY pk WHERE pk = 'a'", "Unexpected token after expression"),
        ("DELETE FROM notes WHERE pk = 'a' ORDER BY pk", "Unexpected token after expression"),
        ("INSERT INTO notes t VALUE {'pk': 'a'}", "Unexpected token after expression"),
        ("FROM notes SET c = 1 WHERE pk = 'a'", "Unexpected token after expression"),
        ("SELECT * FROM notes WHERE sk = 1e2147483648", ""),
        ("SELECT * FROM notes WHERE sk = 1.5e-2147483647", ""),
        ("SELECT * FROM notes WHERE sk = 1 # note", ""),
        ("SELECT * FROM notes WHERE sk = 1 /* note", ""),
        ("SELECT * FROM \"notes", ""),
        ("SELECT * FROM notes WHERE attribute_exists(m.inner)", "Invalid path dot component"),
    ] {
        assert_eq!(refused(&cloud, statement), format!("{NOT_WELL_FORMED}{detail}"), "{statement}");
    }
}

#[test]
fn what_a_statement_may_not_say_is_refused() {
    let cloud = with_notes();
    let overflow = "Number overflow. Attempting to store a number with magnitude larger than supported range";
    let cases = [
        ("SELECT * FROM notes t WHERE pk = 'a'", "Aliasing is not supported"),
        ("SELECT * FROM notes AS t", "Aliasing is not supported"),
        ("UPDATE notes t SET a = 3 WHERE pk = 'a'", "Aliasing is not supported"),
        ("SELECT EXISTS(n) FROM notes", "Unexpected path component at 1:8:6"),
        ("SELECT COUNT(*) FROM notes", "Unexpected path component at 1:8:5"),
        ("SELECT * FROM notes WHERE EXISTS(n)", "Unrecognized function: exists at 1:27:6"),
        ("SELECT l[-1] FROM notes", "List index is not within the allowable range; index: [-1] at 1:11:1"),
        (
            "SELECT * FROM notes WHERE attribute_exists('n')",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "SELECT * FROM notes WHERE attribute_exists()",
            "Incorrect number of operands for operator or function; operator or function: attribute_exists, number of \
             operands: 0",
        ),
        (
            "SELECT * FROM notes WHERE pk = 'a' AND n < true",
            "Incorrect operand type for operator or function; operator or function: <, operand type: BOOL",
        ),
        (
            "SELECT * FROM notes WHERE pk = 'a' AND n = 1 OR pk = 'a' AND sk = 2",
            "Overlapping conditions with range keys are not supported in where clause",
        ),
        (
            "UPDATE notes SET t = set_add(ss, <<'x'>>) WHERE pk = 'a' AND sk = 1",
            "The first argument to SET_ADD must equal the assignment value at 1:22:7",
        ),
        (
            "UPDATE notes SET ss = set_delete(ss, 'x') WHERE pk = 'a' AND sk = 1",
            "The second argument to SET_DELETE must be a value with type SET at 1:34:2",
        ),
        (
            "UPDATE notes SET ss = set_add(ss) WHERE pk = 'a' AND sk = 1",
            "SET_ADD must have exactly two arguments at 1:23:7",
        ),
        (
            "UPDATE notes SET \"set\" = set_add(\"set\", <<1>>) WHERE pk = 'a' AND sk = 1",
            "An operand in the update expression has an incorrect data type",
        ),
        (
            "UPDATE notes SET ss = set_add(ss, <<'x', 'x'>>) WHERE pk = 'a' AND sk = 1",
            "One or more parameter values were invalid: Input collection [x, x] contains duplicates.",
        ),
        ("UPDATE notes SET ss = <<>> WHERE pk = 'a' AND sk = 1", "Empty bags are not supported"),
        (
            "INSERT INTO notes VALUE {'pk': 'a', 'ss': set_add(<<'a'>>, <<'b'>>)}",
            "Unsupported data type: set_add under key root at 1:43:7",
        ),
        ("INSERT INTO notes VALUE {'sk': 1}", "Key attribute should be present in the item: Key pk"),
        (
            "INSERT INTO notes VALUE {'pk': 1, 'sk': 1}",
            "Key attribute's data type should match its data type in table's schema: Key pk",
        ),
        (
            "INSERT INTO notes VALUE {'pk': 'a', 'sk': 1} RETURNING ALL OLD *",
            "RETURNING is not supported in INSERT",
        ),
        (
            "DELETE FROM notes WHERE pk = 'a' RETURNING MODIFIED OLD *",
            "Invalid returning clause: RETURNING MODIFIED OLD *. Only RETURNING ALL OLD * is allowed in DELETE \
             statements.",
        ),
        (
            "EXISTS(SELECT * FROM notes WHERE pk = 'a')",
            "EXISTS can only be used in ExecuteTransaction write requests.",
        ),
    ];
    for (statement, message) in cases {
        assert_eq!(refused(&cloud, statement), message, "{statement}");
    }
    for (statement, place) in [
        ("SELECT * FROM notes WHERE sk = 1e126", "root"),
        ("INSERT INTO notes VALUE {'pk': 'a', 'sk': 1e126}", "root"),
        ("INSERT INTO notes VALUE {'pk': 'a', 'm': {'x': 1e126}}", "root.x"),
        ("INSERT INTO notes VALUE {'pk': 'a', 'l': [1, 1e126]}", "root[1]"),
    ] {
        assert_eq!(refused(&cloud, statement), format!("{overflow} under {place}"), "{statement}");
    }
    let missing = cloud.err("ExecuteStatement", json!({"Statement": "SELECT * FROM nope WHERE pk = 'x'"}));
    assert_eq!(missing["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    assert_eq!(missing["message"], "Requested resource not found");
}

#[test]
fn parameters_are_counted_and_read() {
    let cloud = with_notes();
    let call = |statement: &str, parameters: Value| {
        cloud.invalid("ExecuteStatement", json!({"Statement": statement, "Parameters": parameters}))
    };
    let mismatch = "Number of parameters in request and statement don't match.";
    assert_eq!(refused(&cloud, "SELECT * FROM notes WHERE pk = ?"), mismatch);
    for number in ["1e99999999999", "abc"] {
        assert_eq!(
            call("SELECT * FROM notes WHERE pk = ?", json!([{"N": number}])),
            format!("The parameter cannot be converted to a numeric value: {number}")
        );
    }
    let deep = (0..40).fold(json!({"N": "abc"}), |inner, _| json!({"M": {"n": inner}}));
    assert_eq!(
        call("SELECT * FROM notes WHERE x = ?", json!([deep])),
        "Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit"
    );
}

fn words() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "pk",
        "sk",
        "tag",
        "title",
        "n",
        "=",
        "<>",
        "<",
        ">=",
        "'a'",
        "'x'",
        "1",
        "2",
        "?",
        "AND",
        "OR",
        "NOT",
        "(",
        ")",
        "[1, 2]",
        "['a', 'b']",
        "<<'p'>>",
        "{'k': 1}",
        "IN",
        "BETWEEN",
        "IS",
        "MISSING",
        "NULL",
        "size(title)",
        "begins_with(tag, 'x')",
        "attribute_exists(map.deep)",
        "pk = 'a'",
        "sk = 1",
        "SET",
        "REMOVE",
        "n + 1",
        ",",
        "set_add(\"set\", <<'z'>>)",
        "ORDER BY",
        "DESC",
        "RETURNING ALL OLD *",
        "\"list\"[0]",
        "map.deep.er",
    ]);
    prop::collection::vec(words, 0..10).prop_map(|words| words.join(" "))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn every_statement_is_answered_or_refused(words in words(), token in "\\PC{1,12}") {
        let cloud = with_notes();
        for statement in [
            format!("SELECT * FROM notes WHERE {words}"),
            format!("SELECT {words} FROM notes.titles"),
            format!("UPDATE notes SET n = {words} WHERE pk = 'a' AND sk = 1"),
            format!("UPDATE notes {words} WHERE pk = 'a' AND sk = 1"),
            format!("DELETE FROM notes WHERE pk = 'a' AND sk = 1 AND {words}"),
            format!("INSERT INTO notes VALUE {{'pk': 'n', 'sk': {words}}}"),
        ] {
            let input = json!({"Statement": statement, "Parameters": [{"S": "a"}], "Limit": 2});
            let (status, answer) = cloud.call("ExecuteStatement", &input);
            prop_assert!(status == 200 || answer["__type"].is_string());
            cloud.call("ExecuteStatement", &json!({"Statement": statement, "NextToken": token}));
            cloud.call("BatchExecuteStatement", &json!({"Statements": [{"Statement": statement}]}));
            cloud.call("ExecuteTransaction", &json!({"TransactStatements": [{"Statement": statement}]}));
        }
    }
}
