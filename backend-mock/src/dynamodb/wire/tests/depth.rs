//! Requests nested as deep as their bytes allow: refused or answered, on a stack a quarter of what threads have.

use super::*;

/// Threads have 2 MiB unless they are told otherwise.
const STACK: usize = 512 * 1024;

/// Runs `work` on a small stack. That it ends there is what is tested: too deep a recursion ends the whole process.
fn on_a_small_stack(work: impl FnOnce() + Send + 'static) {
    std::thread::Builder::new().stack_size(STACK).spawn(work).unwrap().join().unwrap();
}

/// `open` again and again, then `inside`, then `close` as often.
fn nested(levels: usize, open: &str, inside: &str, close: &str) -> String {
    format!("{}{inside}{}", open.repeat(levels), close.repeat(levels))
}

/// Texts of every kind of nesting: as deep as goes into 4,096 bytes, as deep as the count of operators allows, and less.
fn deep_texts() -> Vec<String> {
    const NESTINGS: [(&str, &str, &str); 16] = [
        ("(", "a = :v", ")"),
        ("NOT ", "a = :v", ""),
        ("NOT (", "a = :v", ")"),
        ("(a = :v AND ", "a = :v", ")"),
        ("(a = :v OR ", "a = :v", ")"),
        ("size(", "a", ") = :v"),
        ("size(", "a", ")"),
        ("contains(", "a", ", :v)"),
        ("a = (", ":v", ")"),
        ("a IN (", ":v", ")"),
        ("SET a = (", ":v", ")"),
        ("SET a = if_not_exists(b, ", ":v", ")"),
        ("", "SET a = ", "if_not_exists(b, "),
        ("", "SET a = ", "list_append(b, "),
        ("a.", "a", ""),
        ("", "a", "[0]"),
    ];
    let mut texts = Vec::new();
    for (open, inside, close) in NESTINGS {
        let most = (4096 - inside.len()) / (open.len() + close.len());
        for levels in [most, 301, 300, 299, 149, 32, 31] {
            texts.push(nested(levels.min(most), open, inside, close));
        }
    }
    for function in ["if_not_exists", "list_append"] {
        for levels in [299, 100, 3] {
            texts.push(format!("SET a = {}", nested(levels, &format!("{function}(b, "), ":v", ")")));
        }
    }
    texts
}

#[test]
fn deep_expressions_are_refused_or_answered() {
    on_a_small_stack(|| {
        let cloud = Cloud::with_table();
        cloud.put("ttt", json!({"id": {"S": "1"}}));
        let key = json!({"id": {"S": "1"}});
        for text in deep_texts() {
            for (operation, member) in [
                ("PutItem", "ConditionExpression"),
                ("UpdateItem", "UpdateExpression"),
                ("DeleteItem", "ConditionExpression"),
                ("Query", "KeyConditionExpression"),
                ("Scan", "FilterExpression"),
                ("GetItem", "ProjectionExpression"),
            ] {
                let mut input = json!({"TableName": "ttt"});
                match operation {
                    "PutItem" => input["Item"] = key.clone(),
                    "Query" | "Scan" => {}
                    _ => input["Key"] = key.clone(),
                }
                input[member] = text.clone().into();
                if text.contains(":v") && operation != "GetItem" {
                    input["ExpressionAttributeValues"] = json!({":v": {"S": "x"}});
                }
                let (status, answer) = cloud.call(operation, &input);
                assert!(status == 200 || answer["__type"].is_string(), "{operation} {text}: {answer}");
            }
        }
    });
}

#[test]
fn a_condition_of_300_operators_inside_one_another_is_answered() {
    on_a_small_stack(|| {
        let cloud = Cloud::with_table();
        let condition = nested(149, "(id <> :v OR ", "id <> :v", ")");
        let values = json!({":v": {"S": "x"}});
        let item = json!({"id": {"S": "1"}});
        let input = json!({"TableName": "ttt", "Item": item, "ConditionExpression": condition, "ExpressionAttributeValues": values});
        cloud.ok("PutItem", input);
    });
}

#[test]
fn deep_statements_are_refused_or_answered() {
    on_a_small_stack(|| {
        let cloud = Cloud::with_table();
        let values =
            [("[", "1", "]"), ("{'a': ", "1", "}"), ("<<", "1", ">>"), ("(", "1", ")"), ("-", "1", "")];
        let conditions =
            [("(", "a = 1", ")"), ("NOT ", "a = 1", ""), ("size(", "a", ")"), ("a = 1 AND (", "a = 1", ")")];
        let paths = [("a.", "a", ""), ("", "a", "[0]")];
        let mut statements = Vec::new();
        for levels in [31, 64, 65, 1000, 8000] {
            for (open, inside, close) in values {
                let value = nested(levels.min(8000 / (open.len() + close.len())), open, inside, close);
                statements.push(format!("INSERT INTO ttt VALUE {{'id': '1', 'a': {value}}}"));
                statements.push(format!("UPDATE ttt SET a = {value} WHERE id = '1'"));
            }
            for (open, inside, close) in conditions {
                let condition = nested(levels.min(8000 / (open.len() + close.len())), open, inside, close);
                statements.push(format!("SELECT * FROM ttt WHERE {condition}"));
                statements.push(format!("DELETE FROM ttt WHERE id = '1' AND {condition}"));
            }
            for (open, inside, close) in paths {
                let path = nested(levels.min(8000 / (open.len() + close.len())), open, inside, close);
                statements.push(format!("SELECT {path} FROM ttt"));
                statements.push(format!("UPDATE ttt REMOVE {path} WHERE id = '1'"));
            }
            statements.push(format!("SELECT * FROM ttt WHERE a = 1{}", " + 1".repeat(levels.min(2000))));
            statements.push(format!("SELECT * FROM ttt WHERE a = 1{}", " OR a = 1".repeat(levels.min(800))));
        }
        for statement in statements {
            let (status, answer) = cloud.call("ExecuteStatement", &json!({"Statement": statement}));
            assert!(status == 200 || answer["__type"].is_string(), "{statement}: {answer}");
        }
    });
}

#[test]
fn deep_values_are_refused_or_answered_wherever_a_request_has_values() {
    on_a_small_stack(|| {
        let cloud = Cloud::with_table();
        for levels in [30, 31, 32, 40, 60, 100_000] {
            let lists = nested(levels, r#"{"L":["#, r#"{"S":"x"}"#, "]}");
            let maps = nested(levels, r#"{"M":{"a":"#, r#"{"S":"x"}"#, "}}");
            for value in [lists, maps, "[".repeat(levels), "{\"a\":".repeat(levels)] {
                for (operation, rest) in [
                    ("PutItem", format!(r#""Item":{{"id":{{"S":"1"}},"a":{value}}}"#)),
                    ("GetItem", format!(r#""Key":{{"id":{value}}}"#)),
                    (
                        "Scan",
                        format!(
                            r#""FilterExpression":"a = :v","ExpressionAttributeValues":{{":v":{value}}}"#
                        ),
                    ),
                    ("Scan", format!(r#""ExclusiveStartKey":{{"id":{value}}}"#)),
                    (
                        "Scan",
                        format!(
                            r#""ScanFilter":{{"a":{{"ComparisonOperator":"EQ","AttributeValueList":[{value}]}}}}"#
                        ),
                    ),
                    (
                        "PutItem",
                        format!(r#""Item":{{"id":{{"S":"1"}}}},"Expected":{{"a":{{"Value":{value}}}}}"#),
                    ),
                    (
                        "UpdateItem",
                        format!(
                            r#""Key":{{"id":{{"S":"1"}}}},"AttributeUpdates":{{"a":{{"Value":{value}}}}}"#
                        ),
                    ),
                    (
                        "ExecuteStatement",
                        format!(r#""Statement":"SELECT * FROM ttt WHERE a = ?","Parameters":[{value}]"#),
                    ),
                    (
                        "TransactWriteItems",
                        format!(
                            r#""TransactItems":[{{"Put":{{"TableName":"ttt","Item":{{"id":{value}}}}}}}]"#
                        ),
                    ),
                    (
                        "BatchWriteItem",
                        format!(r#""RequestItems":{{"ttt":[{{"PutRequest":{{"Item":{{"id":{value}}}}}}}]}}"#),
                    ),
                ] {
                    let table = match operation {
                        "ExecuteStatement" | "TransactWriteItems" | "BatchWriteItem" => "",
                        _ => r#""TableName":"ttt","#,
                    };
                    let body = format!("{{{table}{rest}}}");
                    let response = cloud.respond(&format!("DynamoDB_20120810.{operation}"), body.as_bytes());
                    let answer: Value = serde_json::from_slice(response.body()).unwrap();
                    assert!(
                        response.status() == 200 || answer["__type"].is_string(),
                        "{operation}: {answer}"
                    );
                    assert!(levels <= 60 || response.status() == 400, "{operation} took {levels} levels");
                }
            }
        }
    });
}
