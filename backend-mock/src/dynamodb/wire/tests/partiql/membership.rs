//! SELECT with IN: how many operands it takes, and how many items come in a page.

use serde_json::{Value, json};

use super::super::Cloud;
use super::{refused, run, with_notes};

/// `['p0', 'p1', …]`
fn operands(count: usize) -> String {
    let operands: Vec<String> = (0..count).map(|number| format!("'p{number}'")).collect();
    format!("[{}]", operands.join(", "))
}

fn too_many(count: usize) -> String {
    format!(
        "Invalid number of operands for operator or function; operator or function: IN, number of operands: {count}"
    )
}

#[test]
fn fifty_partition_keys_or_a_hundred_other_operands_are_taken() {
    let cloud = with_notes();
    let select = |condition: String| format!("SELECT * FROM notes WHERE {condition}");
    assert_eq!(run(&cloud, &select(format!("pk IN {}", operands(50)))), json!([]));
    assert_eq!(refused(&cloud, &select(format!("pk IN {}", operands(51)))), too_many(51));
    assert_eq!(refused(&cloud, &select(format!("sk = 1 AND pk IN {}", operands(51)))), too_many(51));
    assert_eq!(run(&cloud, &select(format!("title IN {}", operands(100)))), json!([]));
    assert_eq!(
        refused(&cloud, &select(format!("title IN {}", operands(101)))),
        "The IN operator is provided with too many operands; number of operands: 101"
    );
}

#[test]
fn what_is_not_a_path_may_be_one_of_many_too() {
    let cloud = with_notes();
    for (condition, holds) in [
        ("'a' IN ['a', 'b']", true),
        ("'c' NOT IN ['a', 'b']", true),
        ("size(pk) IN [1, 2]", true),
        ("size(pk) NOT IN [1]", false),
    ] {
        let found = run(&cloud, &format!("SELECT pk FROM notes WHERE pk = 'a' AND sk = 1 AND {condition}"));
        assert_eq!(found.as_array().map(Vec::len), Some(usize::from(holds)), "{condition}");
    }
}

/// How many items each page of a SELECT has, and all of their sort keys.
fn pages(cloud: &Cloud, statement: &str, limit: Option<u32>) -> (Vec<usize>, Vec<String>) {
    let (mut sizes, mut keys, mut token) = (Vec::new(), Vec::new(), Value::Null);
    loop {
        let input = json!({"Statement": statement, "Limit": limit, "NextToken": token});
        let page = cloud.ok("ExecuteStatement", input);
        let items = page["Items"].as_array().unwrap();
        sizes.push(items.len());
        keys.extend(items.iter().map(|item| item["sk"]["N"].as_str().unwrap().to_owned()));
        token = page["NextToken"].clone();
        if token.is_null() {
            return (sizes, keys);
        }
        assert!(sizes.len() < 40, "{sizes:?}");
    }
}

#[test]
fn many_partitions_come_in_pages_of_ten_items() {
    let cloud = with_notes();
    for number in 0..25 {
        run(&cloud, &format!("INSERT INTO notes VALUE {{'pk': 'p{number}', 'sk': {number}}}"));
    }
    let expected: Vec<String> = (0..25).map(|number| number.to_string()).collect();
    let statement = format!("SELECT * FROM notes WHERE pk IN {}", operands(25));
    let (sizes, keys) = pages(&cloud, &statement, None);
    assert!(sizes.iter().all(|size| *size <= 10) && sizes[..2] == [10, 10], "{sizes:?}");
    assert_eq!(keys, expected);
    // A smaller limit holds, a greater one does not.
    let (sizes, keys) = pages(&cloud, &statement, Some(4));
    assert!(sizes.iter().all(|size| *size <= 4) && keys == expected, "{sizes:?}");
    let (sizes, keys) = pages(&cloud, &statement, Some(100));
    assert!(sizes.iter().all(|size| *size <= 10) && keys == expected, "{sizes:?}");
    // A scan is not split.
    assert_eq!(pages(&cloud, "SELECT * FROM notes", None).0, [30]);
}

#[test]
fn a_set_may_have_an_empty_text() {
    let cloud = with_notes();
    run(&cloud, "INSERT INTO notes VALUE {'pk': 'e', 'sk': 1, 'ss': <<'', 'x'>>}");
    run(&cloud, "UPDATE notes SET ss = set_add(ss, <<'y'>>) WHERE pk = 'e' AND sk = 1");
    let items = run(&cloud, "SELECT ss FROM notes WHERE pk = 'e' AND sk = 1");
    assert_eq!(items, json!([{"ss": {"SS": ["", "x", "y"]}}]));
}
