//! Many statements together: batches and transactions.

use serde_json::{Value, json};

use super::{NOT_WELL_FORMED, found, run, with_notes};

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
            {"TableName": "nope", "Error": {"Code": "ResourceNotFound", "Message": "Requested resource not found"}},
            {"TableName": "notes"},
        ])
    );
    let answers = batch(&[
        "INSERT INTO notes VALUE {'pk': 'a', 'sk': 1}",
        "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 2 AND n = 77",
        "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 3 RETURNING MODIFIED NEW *",
        "UPDATE notes REMOVE n WHERE pk = 'b' AND sk = 1 RETURNING MODIFIED NEW *",
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
    assert_eq!(
        cloud.invalid("BatchExecuteStatement", json!({"Statements": [read, write]})),
        "Read and write requests together in the same batch is not supported."
    );
    assert_eq!(
        cloud.invalid("ExecuteTransaction", json!({"TransactStatements": [read, write]})),
        "ExecuteTransaction API does not support both read and write operations in the same request."
    );
    // What is no statement is neither.
    let short = json!({"Statement": "DELETE FROM notes WHERE pk = 'a' AND sk = ?"});
    let answers =
        cloud.ok("BatchExecuteStatement", json!({"Statements": [read, short]}))["Responses"].clone();
    assert_eq!(answers[0]["Item"]["title"], json!({"S": "a1"}));
    assert_eq!(answers[1]["Error"]["Code"], "ValidationError");
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

#[test]
fn no_two_statements_of_a_batch_are_about_one_item() {
    let cloud = with_notes();
    for pair in [
        [
            "SELECT * FROM notes WHERE pk = 'a' AND sk = 1",
            "SELECT n FROM notes WHERE sk IN [1] AND pk IN ['a']",
        ],
        ["DELETE FROM notes WHERE pk = 'a' AND sk = 1", "INSERT INTO notes VALUE {'pk': 'a', 'sk': 1.0}"],
    ] {
        let statements = pair.map(|text| json!({"Statement": text}));
        assert_eq!(
            cloud.invalid("BatchExecuteStatement", json!({"Statements": statements})),
            "Provided list of item keys contains duplicates"
        );
        assert_eq!(
            cloud.invalid("ExecuteTransaction", transaction(&pair)),
            "Transaction request cannot include multiple operations on one item"
        );
    }
    assert_eq!(found(&cloud, "SELECT * FROM notes WHERE pk = 'a'").len(), 3);
}

#[test]
fn a_statement_of_a_batch_that_fails_shows_its_item_and_is_paid_for_beside_one_that_does_not() {
    let cloud = with_notes();
    let fails = json!({
        "Statement": "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 1 AND n = 77",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let missing = json!({
        "Statement": "UPDATE notes SET n = 5 WHERE pk = 'none' AND sk = 1",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    });
    let works = json!({"Statement": "UPDATE notes SET n = 5 WHERE pk = 'a' AND sk = 2"});
    let batch = |statements: Value| {
        let input = json!({"Statements": statements, "ReturnConsumedCapacity": "INDEXES"});
        cloud.ok("BatchExecuteStatement", input)
    };
    let alone = batch(json!([fails, missing]));
    assert_eq!(alone["Responses"][0]["Error"]["Item"]["title"], json!({"S": "a1"}));
    assert_eq!(alone["Responses"][1]["Error"].get("Item"), None);
    assert_eq!(alone.get("ConsumedCapacity"), None);
    let together = batch(json!([fails, works]));
    let used = &together["ConsumedCapacity"][0];
    let parts = used["Table"]["CapacityUnits"].as_f64().unwrap()
        + used["GlobalSecondaryIndexes"]["tags"]["CapacityUnits"].as_f64().unwrap_or_default();
    assert_eq!(used["CapacityUnits"].as_f64().unwrap(), parts + 1.0);
}

#[test]
fn what_does_not_fit_a_table_cancels_a_transaction() {
    let cloud = with_notes();
    let works = "UPDATE notes SET n = 1 WHERE pk = 'b' AND sk = 1";
    let reasons = |statements: &[&str]| {
        cloud.err("ExecuteTransaction", transaction(statements))["CancellationReasons"].clone()
    };
    let invalid = |message: &str| json!({"Code": "ValidationError", "Message": message});
    let no_key = "The provided key element does not match the schema";
    let mismatch =
        "One or more parameter values were invalid: Type mismatch for key sk expected: N actual: S";
    let long = format!("SELECT * FROM notes WHERE pk = '{}' AND sk = 1", "k".repeat(2049));
    for (statement, reason) in [
        (
            "UPDATE nope SET n = 1 WHERE pk = 'a'",
            json!({"Code": "ResourceNotFound", "Message": "Requested resource not found"}),
        ),
        ("UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 'x'", invalid(no_key)),
        ("DELETE FROM notes WHERE pk = 'a' AND sk = 'x'", invalid(no_key)),
        ("INSERT INTO notes VALUE {'pk': 'a', 'sk': 'x'}", invalid(mismatch)),
    ] {
        assert_eq!(reasons(&[works, statement]), json!([{"Code": "None"}, reason]), "{statement}");
    }
    for statement in [
        "SELECT * FROM notes WHERE pk = 'a' AND sk = true",
        "SELECT * FROM notes WHERE pk = 'a' AND sk = 'x'",
    ] {
        assert_eq!(reasons(&[statement]), json!([invalid(no_key)]), "{statement}");
    }
    assert_eq!(reasons(&[&long])[0]["Code"], "ValidationError");
    // A value that no key can have is a fault of the statement.
    assert_eq!(
        cloud.invalid("ExecuteTransaction", transaction(&["DELETE FROM notes WHERE pk = 'a' AND sk = [1]"])),
        "Validation failed in TransactStatements[0]: Key value must be of type S, N, or B. Key name: sk, Key type: L"
    );
}

#[test]
fn a_conditional_delete_of_nothing_fails_only_where_another_statement_does() {
    let cloud = with_notes();
    let (of_nothing, fails) = (
        "DELETE FROM notes WHERE pk = 'none' AND sk = 1 AND n = 1",
        "UPDATE notes SET n = 1 WHERE pk = 'a' AND sk = 1 AND n = 77",
    );
    cloud.ok("ExecuteTransaction", transaction(&[of_nothing]));
    let codes = |statements: &[&str]| -> Vec<String> {
        let cancelled = cloud.err("ExecuteTransaction", transaction(statements));
        let reasons = cancelled["CancellationReasons"].as_array().unwrap();
        reasons.iter().map(|reason| reason["Code"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(codes(&[of_nothing, fails]), ["ConditionalCheckFailed", "ConditionalCheckFailed"]);
    let unconditional = "DELETE FROM notes WHERE pk = 'none' AND sk = 1";
    assert_eq!(codes(&[unconditional, fails]), ["None", "ConditionalCheckFailed"]);
}
