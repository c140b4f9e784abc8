//! What may stand on either side of an operator, how many operators a WHERE clause has, and what it says of itself.
//!
//! Source: as recorded on AWS in October 2026.

use serde_json::{Value, json};

use super::{NOT_WELL_FORMED, notes, refused, run, with_notes};
use crate::dynamodb::wire::tests::Cloud;

/// How many items with that key fulfil a condition.
fn holds(cloud: &Cloud, condition: &str) -> usize {
    let found = run(cloud, &format!("SELECT pk FROM notes WHERE pk = 'a' AND sk = 1 AND {condition}"));
    found.as_array().map_or(0, Vec::len)
}

#[test]
fn a_test_is_a_truth_value_like_others() {
    let cloud = with_notes();
    for (condition, found) in [
        ("attribute_exists(tag) = true", 1),
        ("attribute_exists(tag) <> 1", 1),
        ("attribute_exists(tag) = 'true'", 0),
        ("'x' = attribute_exists(tag)", 0),
        ("attribute_exists(none) = map.deep.er[0]", 0),
        ("attribute_exists(tag) = map.deep.er[0]", 1),
        ("attribute_type(tag, 'S') IN [false, true]", 1),
        ("attribute_exists(tag) = size(tag)", 0),
        ("begins_with(tag, 'x') NOT IN [false]", 1),
    ] {
        assert_eq!(holds(&cloud, condition), found, "{condition}");
    }
}

#[test]
fn operators_are_counted_and_their_operands_looked_at() {
    let cloud = with_notes();
    let select = |condition: &str| format!("SELECT * FROM notes WHERE pk = 'a' AND {condition}");
    for (condition, message) in [
        (
            "n BETWEEN 3 AND 1",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound",
        ),
        (
            "n NOT BETWEEN 3 AND 'x'",
            "The BETWEEN operator requires same data type for lower and upper bounds",
        ),
        (
            "tag = tag",
            "The first operand must be distinct from the remaining operands for this operator or function",
        ),
        (
            "tag IN [tag]",
            "The first operand must be distinct from the remaining operands for this operator or function",
        ),
        (
            "size(tag)",
            "Incorrect operand type for operator or function; operator or function: AND, operand type: N",
        ),
        (
            "NOT size(tag)",
            "Incorrect operand type for operator or function; operator or function: NOT, operand type: N",
        ),
        (
            "n IS INT",
            "Unsupported data type for IS operator: IntegerType. Supported data types are [MISSING, NULL, BOOLEAN, BLOB, \
             STRING, NUMERIC, STRUCT, TUPLE, LIST] at 1:40:1",
        ),
        ("n IS NOT VARCHAR(10)", "Unsupported data type for IS operator: CharacterVaryingType."),
    ] {
        let told = refused(&cloud, &select(condition));
        assert!(told.starts_with(message), "{condition}: {told}");
    }
    let too_many = "The expression contains too many operators; operator count: 301";
    for (copy, most) in [
        (" AND n = 1", 149),
        (" OR n < 9", 149),
        (" AND NOT n = 1", 99),
        (" AND size(tag) > 0", 99),
        (" AND n IN [1, 2]", 149),
        (" AND n NOT BETWEEN 1 AND 2", 99),
        (" AND n IS NOT NULL", 99),
        (" AND begins_with(tag, 'x')", 149),
    ] {
        let statement =
            |copies: usize| format!("SELECT * FROM notes WHERE title = 'a'{}", copy.repeat(copies));
        run(&cloud, &statement(most));
        assert_eq!(refused(&cloud, &statement(most + 1)), too_many, "{copy}");
    }
    assert_eq!(refused(&cloud, &select(&format!("{}n = 1", "NOT ".repeat(1500)))), too_many);
    assert_eq!(holds(&cloud, "NOT NOT n = 1"), 1);
}

#[test]
fn one_semicolon_ends_a_statement_and_parameters_left_over_are_passed_over() {
    let cloud = with_notes();
    let after = format!("{NOT_WELL_FORMED}Unexpected token after semicolon. (Only one query is allowed.)");
    assert_eq!(refused(&cloud, "SELECT * FROM notes; SELECT * FROM notes"), after);
    let sorted = run(&cloud, "SELECT sk FROM notes WHERE pk = 'a' ORDER BY sk DESC NULLS LAST;");
    assert_eq!(sorted[0]["sk"], json!({"N": "3"}));

    let one = |parameters: Value| json!({"Statement": "SELECT * FROM notes WHERE pk = ? AND sk = 1", "Parameters": parameters});
    let found = cloud.ok("ExecuteStatement", one(json!([{"S": "a"}, {"S": "left over"}])));
    assert_eq!(found["Items"].as_array().map(Vec::len), Some(1));
    let mismatch = "Number of parameters in request and statement don't match.";
    let missing =
        json!({"Statement": "DELETE FROM notes WHERE pk = ? AND sk = ?", "Parameters": [{"S": "a"}]});
    assert_eq!(cloud.invalid("ExecuteStatement", missing.clone()), mismatch);
    let told = cloud.invalid("ExecuteTransaction", json!({"TransactStatements": [missing]}));
    assert_eq!(told, format!("Validation failed in TransactStatements[0]: {mismatch}"));
}

#[test]
fn a_key_that_is_asked_for_is_no_longer_than_one_can_be() {
    let cloud = notes();
    let select = |key: &str| format!("SELECT * FROM notes WHERE {key}");
    let long = "k".repeat(2049);
    let told = "One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes";
    for key in [
        format!("pk = '{long}'"),
        format!("pk = '{long}' AND sk > 1"),
        format!("pk = '{long}' AND (sk = 1 OR sk = 2)"),
    ] {
        assert_eq!(refused(&cloud, &select(&key)), told);
    }
    // Of many partitions, one that cannot be is one that is not found.
    for key in [format!("pk IN ['a', '{long}']"), format!("pk = 'a' OR pk = '{long}'")] {
        assert_eq!(run(&cloud, &select(&key)), json!([]));
    }
    assert_eq!(run(&cloud, &select(&format!("pk = '{}'", "k".repeat(2048)))), json!([]));
}
