//! Which items a SELECT reads, and what it may not say of their keys.

use serde_json::json;

use super::{Cloud, refused, run, with_notes};

const OVERLAP: &str = "Overlapping conditions with range keys are not supported in where clause";

fn select(condition: &str) -> String {
    format!("SELECT pk, sk FROM notes WHERE {condition}")
}

/// The keys that are found, as `a1 a2`, in their order.
fn keys(cloud: &Cloud, condition: &str) -> String {
    let found = run(cloud, &select(condition));
    let mut keys: Vec<String> = found
        .as_array()
        .unwrap()
        .iter()
        .map(|row| format!("{}{}", row["pk"]["S"].as_str().unwrap(), row["sk"]["N"].as_str().unwrap()))
        .collect();
    keys.sort();
    keys.join(" ")
}

#[test]
fn no_item_is_asked_for_twice() {
    let cloud = with_notes();
    for condition in [
        "pk = 'a' OR pk = 'a'",
        "pk IN ['a', 'a']",
        "pk IN ['a', 'b'] OR pk = 'b'",
        "pk = 'a' AND (sk = 1 OR n = 10)",
        "pk = 'a' AND sk IN [1, 1.0]",
        "pk = 'a' AND (n = 1 OR n = 2) OR pk = 'a' AND sk = 3",
        "pk = 'a' AND sk > 1 OR pk = 'a' AND sk BETWEEN 0 AND 2",
        "pk = 'a' AND sk = 1 OR pk = 'a' AND 1 = sk ORDER BY pk",
    ] {
        assert_eq!(refused(&cloud, &select(condition)), OVERLAP, "{condition}");
    }
    for (condition, found) in [
        ("pk = 'a' AND (sk = 1 OR sk = 3)", "a1 a3"),
        ("pk = 'a' AND sk IN [3, 1]", "a1 a3"),
        ("pk = 'a' AND (n = 1 OR n = 2)", "a1 a2"),
        ("pk = 'a' AND sk < 2 OR pk = 'a' AND sk > 2", "a1 a3"),
        // A branch that is no range of keys ends the check, and every item comes once.
        ("pk = 'a' AND sk <> 1 OR pk = 'a' AND sk = 2", "a2 a3"),
        ("pk = 'a' AND sk > 0 AND sk < 3 OR pk = 'a' AND sk = 2", "a1 a2"),
        ("pk = 'a' AND pk = 'a' AND sk = 1 AND sk IN [1]", "a1"),
        ("pk = 'a' AND pk = 'b'", ""),
        ("(pk = 'a' OR pk = 'b') AND (sk = 1 OR sk = 2)", "a1 a2 b1"),
    ] {
        assert_eq!(keys(&cloud, condition), found, "{condition}");
    }
    // As many branches as there are read nothing twice, either.
    let many = " AND (sk = 1 OR sk = 2)".repeat(12);
    assert_eq!(keys(&cloud, &format!("pk = 'a'{many}")), "a1 a2");
}

#[test]
fn keys_are_of_their_types_until_a_branch_is_no_range_of_keys() {
    let cloud = with_notes();
    let no_key = |name: &str, kind: &str| {
        format!("Key value must be of type S, N, or B. Key name: {name}, Key type: {kind}")
    };
    let other = |name: &str| {
        format!("Key attribute's data type should match its data type in table's schema: Key {name}")
    };
    for (condition, told) in [
        ("pk = true", no_key("pk", "BOOL")),
        ("pk = 1", other("pk")),
        ("pk IN ['a', 1]", other("pk")),
        ("pk = 'a' AND sk > 'x'", other("sk")),
        ("pk = 'a' AND begins_with(sk, 'x')", other("sk")),
        ("pk = 'a' AND sk = [1]", no_key("sk", "L")),
        ("pk = 'a' OR pk = 'a' AND sk = null", no_key("sk", "NULL")),
        ("pk = 1 OR n = 1", other("pk")),
    ] {
        assert_eq!(refused(&cloud, &select(condition)), told, "{condition}");
    }
    for condition in [
        "n = 77 OR pk = 1",
        "pk = 1 AND pk = 2",
        "pk = 'c' AND sk > 0 AND sk < 'x'",
        "pk = 'c' AND sk <> 'x'",
    ] {
        run(&cloud, &select(condition));
    }
    for write in [
        "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 'x'",
        "DELETE FROM notes WHERE pk = 'a' AND sk = 'x'",
    ] {
        assert_eq!(refused(&cloud, write), other("sk"), "{write}");
    }
    assert_eq!(refused(&cloud, "DELETE FROM notes WHERE pk = {'a': 1} AND sk = 1"), no_key("pk", "M"));
    assert_eq!(refused(&cloud, "INSERT INTO notes VALUE {'pk': 'a', 'sk': [1]}"), other("sk"));
}

#[test]
fn one_value_in_a_list_is_read_like_an_equality() {
    let cloud = with_notes();
    let cost = |condition: &str| {
        let input = json!({"Statement": select(condition), "ReturnConsumedCapacity": "TOTAL"});
        cloud.ok("ExecuteStatement", input)["ConsumedCapacity"]["CapacityUnits"].clone()
    };
    assert_eq!(cost("pk IN ['a'] AND sk IN [1]"), cost("pk = 'a' AND sk = 1"));
}

#[test]
fn the_partition_key_alone_has_its_items_descend() {
    let cloud = with_notes();
    let order = |clause: &str| {
        let found = run(&cloud, &select(clause));
        let rows = found.as_array().unwrap().iter();
        let keys: Vec<String> = rows
            .map(|row| format!("{}{}", row["pk"]["S"].as_str().unwrap(), row["sk"]["N"].as_str().unwrap()))
            .collect();
        keys.join(" ")
    };
    assert_eq!(order("pk = 'a' ORDER BY pk"), "a3 a2 a1");
    assert_eq!(order("pk IN ['b', 'a'] ORDER BY pk"), "a3 a2 a1 b1");
    assert_eq!(order("pk IN ['a', 'b'] ORDER BY pk DESC, sk"), "b1 a1 a2 a3");
    assert_eq!(order("pk = 'a' AND sk IN [3, 1] ORDER BY sk"), "a1 a3");
    assert_eq!(order("pk = 'a' ORDER BY sk DESC, sk ASC"), "a3 a2 a1");
    for (clause, told) in [
        (
            "pk = 'a' ORDER BY m.x",
            "Argument to ORDER BY must be of type VariableReference. Type: PATH at 1:50:1",
        ),
        (
            "pk = 'a' ORDER BY 'sk'",
            "Argument to ORDER BY must be of type VariableReference. Type: sk at 1:50:4",
        ),
        ("pk = 'a' OR pk = 'a' ORDER BY n", "Attribute n in ORDER BY clause must be part of the primary key"),
    ] {
        assert_eq!(refused(&cloud, &select(clause)), told, "{clause}");
    }
}
