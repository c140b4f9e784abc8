//! PartiQL: statements, their pages, what they refuse, batches and transactions.

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
            "Variable reference title in ORDER BY clause must be part of the primary key",
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
    assert_eq!(call("SELECT * FROM notes WHERE pk = ?", json!([{"S": "a"}, {"S": "b"}])), mismatch);
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

#[test]
fn a_batch_answers_for_each_statement() {
    let cloud = with_notes();
    let batch = |statements: &[&str]| {
        let statements: Vec<Value> = statements.iter().map(|text| json!({"Statement": text})).collect();
        cloud.ok("BatchExecuteStatement", json!({"Statements": statements}))["Responses"].clone()
    };
    let key_only =
        "Select statements within BatchExecuteStatement must specify the primary key in the where clause.";
    let invalid = |message: &str| json!({"Error": {"Code": "ValidationError", "Message": message}});
    let answers = batch(&[
        "SELECT title FROM notes WHERE pk = 'a' AND sk = 1",
        "SELECT * FROM notes WHERE pk = 'a'",
        "SELECT * FROM notes.tags WHERE tag = 'x'",
        "SELECT * FROM notes WHERE pk = 'a' AND sk = 1 AND attribute_exists(n)",
        "SLECT * FROM notes",
        "SELECT * FROM nope WHERE pk = 'x'",
        "SELECT * FROM notes WHERE pk = 'none' AND sk = 1",
    ]);
    assert_eq!(
        answers,
        json!([
            {"TableName": "notes", "Item": {"title": {"S": "a1"}}},
            invalid(key_only),
            invalid(key_only),
            invalid(key_only),
            invalid(&format!("{NOT_WELL_FORMED}Expected data manipulation")),
            {"Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}},
            {"TableName": "notes"},
        ])
    );
    let answers = batch(&[
        "INSERT INTO notes VALUE {'pk': 'a', 'sk': 1}",
        "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 1 AND n = 77",
        "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *",
        "UPDATE notes REMOVE n WHERE pk = 'a' AND sk = 1 RETURNING MODIFIED NEW *",
    ]);
    assert_eq!(
        answers,
        json!([
            {"TableName": "notes", "Error": {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"}},
            {"TableName": "notes", "Error": {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}},
            {"TableName": "notes", "Item": {"n": {"N": "5"}}},
            {"TableName": "notes"},
        ])
    );
}

#[test]
fn each_read_of_a_batch_is_rated_by_its_own_consistency() {
    let cloud = with_notes();
    let read = |sk: u32, consistent: bool| {
        json!({
            "Statement": "SELECT * FROM notes WHERE pk = 'a' AND sk = ?",
            "Parameters": [{"N": sk.to_string()}],
            "ConsistentRead": consistent,
        })
    };
    let input = json!({"Statements": [read(1, true), read(2, false)], "ReturnConsumedCapacity": "TOTAL"});
    let answer = cloud.ok("BatchExecuteStatement", input);
    assert_eq!(answer["ConsumedCapacity"], json!([{"TableName": "notes", "CapacityUnits": 1.5}]));
}

#[test]
fn a_batch_is_of_reads_or_of_writes() {
    let cloud = with_notes();
    let read = json!({"Statement": "SELECT * FROM notes WHERE pk = 'a' AND sk = 1"});
    let write = json!({"Statement": "DELETE FROM notes WHERE pk = 'a' AND sk = 1"});
    cloud.invalid("BatchExecuteStatement", json!({"Statements": [read, write]}));
    cloud.invalid("ExecuteTransaction", json!({"TransactStatements": [read, write]}));
    assert_eq!(found(&cloud, "SELECT * FROM notes WHERE pk = 'a'").len(), 3);
    let many: Vec<&Value> = (0..26).map(|_| &read).collect();
    assert!(
        cloud
            .invalid("BatchExecuteStatement", json!({"Statements": many}))
            .contains("less than or equal to 25")
    );
    assert!(
        cloud
            .invalid("BatchExecuteStatement", json!({"Statements": []}))
            .contains("greater than or equal to 1")
    );
}

fn transaction(statements: &[&str]) -> Value {
    json!({"TransactStatements": statements.iter().map(|text| json!({"Statement": text})).collect::<Vec<_>>()})
}

#[test]
fn a_transaction_writes_all_or_nothing() {
    let cloud = with_notes();
    let written = cloud.ok(
        "ExecuteTransaction",
        transaction(&[
            "INSERT INTO notes VALUE {'pk': 'd', 'sk': 1, 'title': 'd1'}",
            "UPDATE notes SET n = n + 1 WHERE pk = 'a' AND sk = 1",
            "EXISTS(SELECT * FROM notes WHERE pk = 'a' AND sk = 2 AND n = 2)",
        ]),
    );
    assert_eq!(written, json!({"Responses": []}));
    let cancelled = cloud.err(
        "ExecuteTransaction",
        transaction(&[
            "INSERT INTO notes VALUE {'pk': 'd', 'sk': 1}",
            "INSERT INTO notes VALUE {'pk': 'd', 'sk': 2}",
            "EXISTS(SELECT * FROM notes WHERE pk = 'a' AND sk = 2 AND n = 3)",
        ]),
    );
    assert_eq!(cancelled["__type"], "com.amazonaws.dynamodb.v20120810#TransactionCanceledException");
    assert_eq!(
        cancelled["CancellationReasons"],
        json!([
            {"Code": "DuplicateItem", "Message": "Duplicate primary key exists in table"},
            {"Code": "None"},
            {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
        ])
    );
    assert_eq!(found(&cloud, "SELECT * FROM notes WHERE pk = 'd'"), ["d1"]);
}

#[test]
fn a_transaction_reads_items_by_their_keys() {
    let cloud = with_notes();
    let answer = cloud.ok(
        "ExecuteTransaction",
        transaction(&[
            "SELECT title FROM notes WHERE pk = 'a' AND sk = 1",
            "SELECT * FROM notes WHERE pk = 'none' AND sk = 1",
        ]),
    );
    assert_eq!(answer, json!({"Responses": [{"Item": {"title": {"S": "a1"}}}, {}]}));
    for (statement, detail) in [
        (
            "SELECT * FROM notes WHERE pk = 'a'",
            "Select statements within ExecuteTransaction must specify the primary key in the where clause.",
        ),
        (
            "SELECT * FROM notes.tags WHERE tag = 'x'",
            "Reads on indices are not supported within transactions.",
        ),
        (
            "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 1 RETURNING ALL NEW *",
            "RETURNING clause is not supported in ExecuteTransaction.",
        ),
        (
            "EXISTS(SELECT * FROM notes WHERE pk = 'a' AND sk = 1)",
            "EXISTS() must contain a single item read with additional condition",
        ),
        ("SELECT * FROM notes WHERE", "Statement wasn't well formed, can't be processed: Unexpected term"),
    ] {
        assert_eq!(
            cloud.invalid("ExecuteTransaction", transaction(&[statement])),
            format!("Validation failed in TransactStatements[0]: {detail}"),
            "{statement}"
        );
    }
}

#[test]
fn a_token_makes_a_transaction_of_statements_idempotent() {
    let cloud = with_notes();
    let mut input = transaction(&["UPDATE notes SET n = n + 1 WHERE pk = 'a' AND sk = 1"]);
    input["ClientRequestToken"] = "once".into();
    input["ReturnConsumedCapacity"] = "TOTAL".into();
    let first = cloud.ok("ExecuteTransaction", input.clone());
    let second = cloud.ok("ExecuteTransaction", input.clone());
    assert_eq!(first["ConsumedCapacity"][0]["WriteCapacityUnits"], json!(2.0));
    assert_eq!(second["ConsumedCapacity"][0]["ReadCapacityUnits"], json!(2.0));
    assert_eq!(run(&cloud, "SELECT n FROM notes WHERE pk = 'a' AND sk = 1"), json!([{"n": {"N": "2"}}]));
    input["TransactStatements"][0]["Statement"] =
        "UPDATE notes SET n = n + 2 WHERE pk = 'a' AND sk = 1".into();
    let other = cloud.err("ExecuteTransaction", input);
    assert_eq!(other["__type"], "com.amazonaws.dynamodb.v20120810#IdempotentParameterMismatchException");
}
