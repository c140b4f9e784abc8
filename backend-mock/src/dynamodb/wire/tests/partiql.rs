//! PartiQL: what statements find and change, and their pages.

mod keys;
mod membership;
mod operators;
mod reading;
mod refusals;
mod together;

use serde_json::{Value, json};

use super::{Cloud, key};

/// A cloud with `notes`, whose key is `pk` (S) and `sk` (N), and three indexes: a global one of keys, a global one
/// with `title`, and a local one of keys.
fn notes() -> Cloud {
    let cloud = Cloud::new();
    let index = |name: &str, keys: Value, projection: Value| json!({"IndexName": name, "KeySchema": keys, "Projection": projection});
    cloud.ok(
        "CreateTable",
        json!({
            "TableName": "notes",
            "BillingMode": "PAY_PER_REQUEST",
            "AttributeDefinitions": [
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "N"},
                {"AttributeName": "tag", "AttributeType": "S"},
            ],
            "KeySchema": [key("pk", "HASH"), key("sk", "RANGE")],
            "GlobalSecondaryIndexes": [
                index("tags", json!([key("tag", "HASH")]), json!({"ProjectionType": "KEYS_ONLY"})),
                index(
                    "titles",
                    json!([key("tag", "HASH")]),
                    json!({"ProjectionType": "INCLUDE", "NonKeyAttributes": ["title"]}),
                ),
            ],
            "LocalSecondaryIndexes": [index(
                "local",
                json!([key("pk", "HASH"), key("tag", "RANGE")]),
                json!({"ProjectionType": "KEYS_ONLY"}),
            )],
        }),
    );
    cloud
}

fn with_notes() -> Cloud {
    let cloud = notes();
    for (pk, sk, tag) in [("a", 1, "x"), ("a", 2, "y"), ("a", 3, "x"), ("b", 1, "x"), ("c", 7, "z")] {
        let statement = format!(
            "INSERT INTO notes VALUE {{'pk': '{pk}', 'sk': {sk}, 'tag': '{tag}', 'title': '{pk}{sk}', 'n': {sk}, \
             'set': <<'p', 'q'>>, 'list': [1, 2], 'map': {{'deep': {{'er': [true, null]}}}}}}"
        );
        assert_eq!(run(&cloud, &statement), json!([]));
    }
    cloud
}

#[track_caller]
fn run(cloud: &Cloud, statement: &str) -> Value {
    cloud.ok("ExecuteStatement", json!({"Statement": statement}))["Items"].clone()
}

/// The sort keys of what a statement finds, in its order.
#[track_caller]
fn found(cloud: &Cloud, statement: &str) -> Vec<String> {
    let items = run(cloud, statement);
    let titles = items.as_array().unwrap().iter();
    titles.map(|item| item["title"]["S"].as_str().unwrap_or("?").to_owned()).collect()
}

#[track_caller]
fn refused(cloud: &Cloud, statement: &str) -> String {
    cloud.invalid("ExecuteStatement", json!({"Statement": statement}))
}

const NOT_WELL_FORMED: &str = "Statement wasn't well formed, can't be processed: ";

#[test]
fn an_insert_writes_every_kind_of_literal() {
    let cloud = with_notes();
    let item = run(&cloud, "SELECT * FROM \"notes\" WHERE pk = 'a' AND sk = 1")[0].clone();
    assert_eq!(item["set"], json!({"SS": ["p", "q"]}));
    assert_eq!(item["list"], json!({"L": [{"N": "1"}, {"N": "2"}]}));
    assert_eq!(item["map"]["M"]["deep"]["M"]["er"], json!({"L": [{"BOOL": true}, {"NULL": true}]}));
}

#[test]
fn an_insert_does_not_replace_an_item() {
    let cloud = with_notes();
    let error = cloud.err(
        "ExecuteStatement",
        json!({"Statement": "INSERT INTO notes VALUE {'pk': ?, 'sk': 1}", "Parameters": [{"S": "a"}]}),
    );
    assert_eq!(
        error,
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#DuplicateItemException",
            "message": "Duplicate primary key exists in table",
        })
    );
}

#[test]
fn conditions_find_what_they_say() {
    let cloud = with_notes();
    for (condition, expected) in [
        ("pk = 'a'", vec!["a1", "a2", "a3"]),
        ("pk = 'a' AND sk >= 2", vec!["a2", "a3"]),
        ("pk = 'a' AND sk BETWEEN 1 AND 2", vec!["a1", "a2"]),
        ("pk = 'a' AND sk IN [1, 3]", vec!["a1", "a3"]),
        ("pk = 'a' AND NOT sk = 2", vec!["a1", "a3"]),
        ("pk = 'a' AND sk <> 2", vec!["a1", "a3"]),
        ("pk IN ['b', 'a'] AND n = 1", vec!["b1", "a1"]),
        ("pk = 'a' AND sk = 1 OR pk = 'a' AND sk = 3", vec!["a1", "a3"]),
        ("pk = 'a' AND sk <> 1 OR pk = 'a' AND sk = 1", vec!["a1", "a2", "a3"]),
        ("pk = 'c' OR pk = 'b'", vec!["c7", "b1"]),
        ("tag = 'z'", vec!["c7"]),
        ("title = 'a2' AND attribute_exists(map.deep.er[1])", vec!["a2"]),
        ("begins_with(title, 'c') AND contains(\"set\", 'p') AND size(\"list\") = 2", vec!["c7"]),
        ("title = 'b1' AND attribute_type(n, 'N') AND missing_one IS MISSING", vec!["b1"]),
        ("title = 'b1' AND map.deep.er[1] IS NULL AND n IS NOT NULL AND n IS NUMERIC", vec!["b1"]),
        ("title = 'b1' AND attribute_exists(n) = true AND attribute_exists(nope) = false", vec!["b1"]),
        ("title = 'b1' AND \"set\" = <<'q', 'p'>>", vec!["b1"]),
        ("title = 'b1' AND n IS MISSING", vec![]),
    ] {
        assert_eq!(found(&cloud, &format!("SELECT * FROM notes WHERE {condition}")), expected, "{condition}");
    }
    assert_eq!(found(&cloud, "SELECT * FROM notes").len(), 5);
}

#[test]
fn comments_exponents_and_points_are_read() {
    let cloud = with_notes();
    for statement in [
        "SELECT * FROM notes WHERE pk = 'c' AND sk = .7e1 -- a note",
        "-- a note\nselect * from notes /* another */ where pk = 'c' and sk = 70e-1;",
    ] {
        assert_eq!(found(&cloud, statement), ["c7"], "{statement}");
    }
}

#[test]
fn columns_are_called_by_their_last_name() {
    let cloud = with_notes();
    assert_eq!(
        run(&cloud, "SELECT sk, map.deep, map.deep.er[0], nope FROM notes WHERE pk = 'b'"),
        json!([{"sk": {"N": "1"}, "deep": {"M": {"er": {"L": [{"BOOL": true}, {"NULL": true}]}}}, "er[0]": {"BOOL": true}}])
    );
}

#[test]
fn rows_are_ordered_by_the_keys() {
    let cloud = with_notes();
    assert_eq!(found(&cloud, "SELECT * FROM notes WHERE pk = 'a' ORDER BY sk DESC"), ["a3", "a2", "a1"]);
    assert_eq!(
        found(&cloud, "SELECT * FROM notes WHERE pk IN ['a', 'c'] ORDER BY pk DESC, sk DESC"),
        ["c7", "a3", "a2", "a1"]
    );
    for (statement, message) in [
        (
            "SELECT * FROM notes ORDER BY pk",
            "Must have WHERE clause in the statement when using ORDER BY clause.",
        ),
        (
            "SELECT * FROM notes WHERE n = 1 ORDER BY pk",
            "Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.",
        ),
        (
            "SELECT * FROM notes WHERE pk = 'a' ORDER BY title",
            "Attribute title in ORDER BY clause must be part of the primary key",
        ),
        (
            "SELECT * FROM notes WHERE pk IN ['a', 'b'] ORDER BY sk",
            "Must have hash key in ORDER BY clause when more than one hash key condition specified in WHERE clause.",
        ),
    ] {
        assert_eq!(refused(&cloud, statement), message, "{statement}");
    }
}

#[test]
fn a_token_goes_on_where_the_page_ended() {
    let cloud = with_notes();
    for statement in [
        "SELECT * FROM notes",
        "SELECT * FROM notes WHERE pk IN ['a', 'b', 'c'] ORDER BY pk",
        "SELECT * FROM \"notes\".\"tags\"",
    ] {
        let (mut keys, mut token) = (Vec::new(), Value::Null);
        for _ in 0..20 {
            let page =
                cloud.ok("ExecuteStatement", json!({"Statement": statement, "Limit": 2, "NextToken": token}));
            for item in page["Items"].as_array().unwrap() {
                keys.push(format!("{}{}", item["pk"], item["sk"]));
            }
            assert_eq!(page["NextToken"].is_null(), page["LastEvaluatedKey"].is_null());
            token = page["NextToken"].clone();
            if token.is_null() {
                break;
            }
        }
        keys.sort();
        keys.dedup();
        assert!(token.is_null() && keys.len() == 5, "{statement}: {keys:?}");
    }
}

#[test]
fn a_token_of_another_request_is_refused() {
    let cloud = with_notes();
    let page = cloud.ok("ExecuteStatement", json!({"Statement": "SELECT * FROM notes", "Limit": 1}));
    let other = json!({"Statement": "SELECT pk FROM notes", "NextToken": page["NextToken"]});
    assert_eq!(cloud.invalid("ExecuteStatement", other), "NextToken does not match request");
    let broken = json!({"Statement": "SELECT pk FROM notes", "NextToken": "no token"});
    assert_eq!(cloud.invalid("ExecuteStatement", broken), "Invalid NextToken");
}

#[test]
fn an_index_answers_with_what_it_holds() {
    let cloud = with_notes();
    let items = run(&cloud, "SELECT * FROM \"notes\".\"tags\" WHERE tag = 'z'");
    assert_eq!(items, json!([{"pk": {"S": "c"}, "sk": {"N": "7"}, "tag": {"S": "z"}}]));
    // A local index fetches what it does not hold; a global one cannot.
    assert_eq!(found(&cloud, "SELECT title FROM notes.\"local\" WHERE pk = 'a' AND tag = 'y'"), ["a2"]);
    for (statement, message) in [
        (
            "SELECT n, title, map FROM notes.titles WHERE tag = 'x'",
            "One or more parameter values were invalid: Global secondary index titles does not project [n, map]",
        ),
        (
            "SELECT pk FROM notes.titles WHERE tag = 'x' AND n = 1",
            "One or more parameter values were invalid: Secondary index titles does not project one or more filter \
             attributes: [n]",
        ),
        (
            "SELECT pk FROM notes.\"local\" WHERE pk = 'a' AND NOT n = 1",
            "One or more parameter values were invalid: Secondary index local does not project one or more filter \
             attributes: [n]",
        ),
        ("SELECT * FROM notes.nope WHERE pk = 'a'", "The table does not have the specified index"),
        ("SELECT * FROM notes.tags.more", "A path may contain at most 2 components in the FROM clause"),
        ("SELECT * FROM notes.\"\"", "Path component cannot be an empty string"),
        (
            "UPDATE notes.tags SET a = 1 WHERE pk = 'a' AND sk = 1",
            "This operation is not supported on an index",
        ),
        (
            "INSERT INTO notes.tags VALUE {'pk': 'a'}",
            "FROM clause may only contain a single table name in data manipulation statements",
        ),
    ] {
        assert_eq!(refused(&cloud, statement), message, "{statement}");
    }
    // Without the key it is a scan of the index, which has no such attribute.
    assert_eq!(run(&cloud, "SELECT pk FROM notes.tags WHERE n = 1"), json!([]));
    assert_eq!(run(&cloud, "SELECT pk FROM notes.tags WHERE NOT n = 1").as_array().unwrap().len(), 5);
    let strong = json!({"Statement": "SELECT * FROM notes.tags", "ConsistentRead": true});
    assert_eq!(
        cloud.invalid("ExecuteStatement", strong),
        "Strongly consistent read is not supported on Global Secondary Indexes"
    );
}

#[test]
fn an_update_sets_adds_and_removes() {
    let cloud = with_notes();
    let updated = run(
        &cloud,
        "UPDATE notes SET n = n + 10, \"list\" = list_append(\"list\", [3]) SET \"set\" = set_add(\"set\", <<'r'>>) \
         SET map.deep.er = if_not_exists(nope, 'none') REMOVE title WHERE pk = 'a' AND sk = 1 RETURNING ALL NEW *",
    )[0]
    .clone();
    assert_eq!(updated["n"], json!({"N": "11"}));
    assert_eq!(updated["list"], json!({"L": [{"N": "1"}, {"N": "2"}, {"N": "3"}]}));
    assert_eq!(updated["set"], json!({"SS": ["p", "q", "r"]}));
    assert_eq!(updated["map"]["M"]["deep"]["M"]["er"], json!({"S": "none"}));
    assert!(updated["title"].is_null());
    assert_eq!(
        run(
            &cloud,
            "FROM notes WHERE pk = 'a' AND sk = 1 SET \"set\" = SET_DELETE(\"set\", <<'p'>>) RETURNING MODIFIED NEW *"
        ),
        json!([{"set": {"SS": ["q", "r"]}}])
    );
    assert_eq!(
        run(&cloud, "UPDATE notes REMOVE n WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED OLD *"),
        json!([{"n": {"N": "11"}}])
    );
    assert_eq!(
        run(&cloud, "UPDATE notes REMOVE nope WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *"),
        json!([])
    );
}

#[test]
fn a_write_is_about_one_item_that_fulfils_its_condition() {
    let cloud = with_notes();
    const FAILED: &str = "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException";
    for statement in [
        "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 99",
        "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 99 AND attribute_not_exists(pk)",
        "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 1 AND n = 5",
        "DELETE FROM notes WHERE pk = 'a' AND sk = 1 AND n = 5",
    ] {
        let error = cloud.err("ExecuteStatement", json!({"Statement": statement}));
        assert_eq!(error["__type"], FAILED, "{statement}");
    }
    let shown = cloud.err(
        "ExecuteStatement",
        json!({
            "Statement": "DELETE FROM notes WHERE pk = 'c' AND sk = 7 AND n = 5",
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }),
    );
    assert_eq!(shown["Item"]["title"], json!({"S": "c7"}));
    for statement in [
        "UPDATE notes SET n = 1",
        "UPDATE notes SET n = 1 WHERE pk = 'a'",
        "FROM notes SET n = 1",
        "DELETE FROM notes WHERE n = 1",
        "DELETE FROM notes WHERE pk = 'a' AND sk > 1",
        "DELETE FROM notes WHERE pk = 'a' AND sk = 1 OR pk = 'a' AND sk = 2",
    ] {
        assert_eq!(
            refused(&cloud, statement),
            "Where clause does not contain a mandatory equality on all key attributes",
            "{statement}"
        );
    }
    assert_eq!(run(&cloud, "DELETE FROM notes WHERE pk = 'zz' AND sk = 1 AND n = 5"), json!([]));
    assert_eq!(run(&cloud, "DELETE FROM notes WHERE pk = 'zz' AND sk = 1 RETURNING ALL OLD *"), json!([]));
    let gone = run(&cloud, "DELETE FROM notes WHERE pk = 'a' AND sk = 2 RETURNING ALL OLD *");
    assert_eq!(gone[0]["title"], json!({"S": "a2"}));
    assert_eq!(found(&cloud, "SELECT * FROM notes WHERE pk = 'a'"), ["a1", "a3"]);
}

#[test]
fn capacity_is_that_of_the_operations_beneath() {
    let cloud = with_notes();
    let capacity = |statement: &str| {
        let input = json!({"Statement": statement, "ReturnConsumedCapacity": "INDEXES"});
        cloud.ok("ExecuteStatement", input)["ConsumedCapacity"].clone()
    };
    let of_table = capacity("SELECT * FROM notes WHERE pk = 'a'");
    assert_eq!(
        of_table,
        json!({"TableName": "notes", "CapacityUnits": 0.5, "Table": {"CapacityUnits": 0.5}})
    );
    let of_index = capacity("SELECT pk FROM notes.\"local\" WHERE pk = 'a'");
    assert_eq!(of_index["Table"]["CapacityUnits"], json!(0.0));
    assert_eq!(of_index["LocalSecondaryIndexes"]["local"]["CapacityUnits"], json!(0.5));
    assert_eq!(capacity("UPDATE notes SET w = 1 WHERE pk = 'a' AND sk = 1")["CapacityUnits"], json!(1.0));
}
