//! Imports of tables from buckets. What they count and how they end was recorded against AWS in October 2026.

use std::io::Write as _;

use super::*;

fn import(members: Value) -> Value {
    let base = json!({
        "S3BucketSource": {"S3Bucket": "films"},
        "InputFormat": "DYNAMODB_JSON",
        "TableCreationParameters": {
            "TableName": "ttt",
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
            "KeySchema": [key("id", "HASH")],
            "BillingMode": "PAY_PER_REQUEST",
        },
    });
    with(base, members)
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap()
}

/// What became of an import: its status, and the items that were processed, imported and faulty.
fn ending(cloud: &Cloud, members: Value) -> (Value, [Value; 3]) {
    let begun = cloud.ok("ImportTable", import(members));
    let begun = &begun["ImportTableDescription"];
    assert_eq!(begun["ImportStatus"], "IN_PROGRESS");
    let done = cloud.ok("DescribeImport", json!({"ImportArn": begun["ImportArn"]}));
    let done = &done["ImportTableDescription"];
    let counts = ["ProcessedItemCount", "ImportedItemCount", "ErrorCount"].map(|member| done[member].clone());
    (done["ImportStatus"].clone(), counts)
}

fn ids(cloud: &Cloud) -> Vec<String> {
    let answer = cloud.ok("Scan", json!({"TableName": "ttt"}));
    let items = answer["Items"].as_array().unwrap();
    let mut ids: Vec<_> = items.iter().map(|item| item["id"]["S"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn items_come_on_lines_and_without() {
    let (cloud, shelf) = Cloud::new().reaching();
    shelf.put("data/1.json", "{\"Item\": {\"id\": {\"S\": \"a\"}}}\n{\"Item\": {\"id\": {\"S\": \"b\"}}}\n");
    shelf.put("data/2", "{\"Item\":{\"id\":{\"S\":\"c\"}}}{\"Item\":{\"id\":{\"S\":\"d\"}}}");
    shelf.put("other", "nothing of the kind");
    let from = json!({"S3BucketSource": {"S3Bucket": "films", "S3KeyPrefix": "data"}});
    assert_eq!(ending(&cloud, from), (json!("COMPLETED"), [json!(4), json!(4), json!(0)]));
    assert_eq!(ids(&cloud), ["a", "b", "c", "d"]);
}

#[test]
fn one_faulty_item_fails_the_import_and_the_others_stay() {
    let (cloud, shelf) = Cloud::new().reaching();
    let line = |id: usize| format!("{{\"Item\": {{\"id\": {{\"S\": \"{id}\"}}}}}}\n");
    let mut lines: Vec<_> = (0..10).map(line).collect();
    lines[4] = "{\"Item\": {\"key\": {\"S\": \"none\"}}}\n".to_owned();
    shelf.put("missing-key", lines.concat());
    lines[5] = "no json\n".to_owned();
    shelf.put("unreadable", lines[5..].concat());
    shelf.put("without-item", "{\"id\": {\"S\": \"x\"}}");
    assert_eq!(ending(&cloud, json!({})), (json!("FAILED"), [json!(12), json!(9), json!(3)]));
    assert_eq!(ids(&cloud).len(), 9);
}

#[test]
fn compressed_files_are_imported_and_others_are_faults() {
    let (cloud, shelf) = Cloud::new().reaching();
    shelf.put("1.gz", gzip("{\"Item\": {\"id\": {\"S\": \"a\"}}}\n"));
    shelf.put("2", "{\"Item\": {\"id\": {\"S\": \"b\"}}}\n");
    shelf.put("empty", "");
    let compressed = json!({"InputCompressionType": "GZIP"});
    assert_eq!(ending(&cloud, compressed), (json!("FAILED"), [json!(2), json!(1), json!(1)]));
    assert_eq!(ids(&cloud), ["a"]);
}

#[test]
fn columns_are_texts_unless_they_are_keys_of_another_type() {
    let (cloud, shelf) = Cloud::new().reaching();
    shelf.put("table.csv", "id;year;length\n\"metro;polis\";1927;153\nnosferatu;x;94\n");
    let members = json!({
        "InputFormat": "CSV",
        "InputFormatOptions": {"Csv": {"Delimiter": ";"}},
        "TableCreationParameters": {
            "TableName": "ttt",
            "AttributeDefinitions": [
                {"AttributeName": "id", "AttributeType": "S"},
                {"AttributeName": "year", "AttributeType": "N"},
            ],
            "KeySchema": [key("id", "HASH"), key("year", "RANGE")],
            "BillingMode": "PAY_PER_REQUEST",
        },
    });
    assert_eq!(ending(&cloud, members), (json!("FAILED"), [json!(2), json!(1), json!(1)]));
    assert_eq!(
        cloud.ok("Scan", json!({"TableName": "ttt"}))["Items"],
        json!([{"id": {"S": "metro;polis"}, "year": {"N": "1927"}, "length": {"S": "153"}}])
    );
}

#[test]
fn a_list_of_headers_makes_the_first_line_an_item() {
    let (cloud, shelf) = Cloud::new().reaching();
    shelf.put("table.csv", "a,1\nb,2\n");
    let members =
        json!({"InputFormat": "CSV", "InputFormatOptions": {"Csv": {"HeaderList": ["id", "number"]}}});
    assert_eq!(ending(&cloud, members), (json!("COMPLETED"), [json!(2), json!(2), json!(0)]));
    assert_eq!(cloud.get("b"), json!({"id": {"S": "b"}, "number": {"S": "2"}}));
}

#[test]
fn an_import_from_a_bucket_that_is_not_there_leaves_no_table() {
    let cloud = Cloud::new();
    let begun = cloud.ok("ImportTable", import(json!({})));
    let arn = &begun["ImportTableDescription"]["ImportArn"];
    let failed = cloud.ok("DescribeImport", json!({"ImportArn": arn}))["ImportTableDescription"].clone();
    assert_eq!(
        (&failed["ImportStatus"], &failed["FailureCode"]),
        (&json!("FAILED"), &json!("S3NoSuchBucket"))
    );
    assert_eq!(failed["TableArn"], "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt");
    assert_eq!(cloud.ok("ListTables", json!({})), json!({"TableNames": []}));
    let listed = cloud.ok("ListImports", json!({"TableArn": failed["TableArn"]}));
    assert_eq!(listed["ImportSummaryList"][0]["ImportStatus"], "FAILED");
}

#[test]
fn a_description_repeats_the_request_with_what_was_left_out() {
    let (cloud, _shelf) = Cloud::new().reaching();
    let begun = cloud.ok("ImportTable", import(json!({})));
    let described = &begun["ImportTableDescription"];
    assert_eq!(described["S3BucketSource"], json!({"S3Bucket": "films", "S3BucketOwner": "123456789012"}));
    assert_eq!(described["InputCompressionType"], "NONE");
    assert_eq!(described["TableCreationParameters"], import(json!({}))["TableCreationParameters"]);
    assert_eq!(
        described["CloudWatchLogGroupArn"],
        "arn:aws:logs:eu-west-1:123456789012:log-group:/aws-dynamodb/imports:*"
    );
}

#[test]
fn the_name_of_an_import_has_to_be_free() {
    let (cloud, _shelf) = Cloud::with_table().reaching();
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    assert_eq!(
        cloud.err("ImportTable", import(json!({}))),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceInUseException",
            "message": "Table already exists: ttt",
        })
    );
    let other = |name: &str| {
        let mut asked = import(json!({"ClientToken": "once"}));
        asked["TableCreationParameters"]["TableName"] = name.into();
        asked
    };
    cloud.ok("ImportTable", other("one"));
    assert_eq!(
        cloud.err("ImportTable", other("two"))["message"],
        "Import conflict: Duplicate request detected with conflicting parameters"
    );
}

#[test]
fn an_import_is_refused_as_its_table_would_be() {
    let (cloud, _shelf) = Cloud::new().reaching();
    let mut provisioned = import(json!({}));
    provisioned["TableCreationParameters"]["BillingMode"] = "PROVISIONED".into();
    assert_eq!(
        cloud.invalid("ImportTable", provisioned),
        "One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified \
         when BillingMode is PROVISIONED"
    );
    for (members, message) in [
        (
            json!({"InputFormatOptions": {"Csv": {"Delimiter": ","}}}),
            "Invalid Request: Unsupported InputFormatOptions for the given input format: DYNAMODB_JSON.",
        ),
        (
            json!({"InputCompressionType": "BZIP2"}),
            "1 validation error detected: Value 'BZIP2' at 'inputCompressionType' failed to satisfy constraint: Member \
             must satisfy enum value set: [ZSTD, NONE, GZIP]",
        ),
        (json!({"InputFormat": "ION"}), "The in-memory DynamoDB does not implement the InputFormat ION"),
        (
            json!({"InputCompressionType": "ZSTD"}),
            "The in-memory DynamoDB does not implement the InputCompressionType ZSTD",
        ),
    ] {
        assert_eq!(cloud.invalid("ImportTable", import(members)), message);
    }
    assert_eq!(cloud.ok("ListTables", json!({})), json!({"TableNames": []}));
}

#[test]
fn with_a_delay_the_table_is_there_when_the_import_is_finished() {
    let (mut cloud, shelf) = Cloud::new().reaching();
    shelf.put("data", "{\"Item\": {\"id\": {\"S\": \"a\"}}}");
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    let begin = |members: Value| cloud.ok("ImportTable", import(members))["ImportTableDescription"].clone();
    let (first, second) = (begin(json!({})), begin(json!({})));
    let status = |cloud: &Cloud, import: &Value| {
        let described = cloud.ok("DescribeImport", json!({"ImportArn": import["ImportArn"]}));
        let described = &described["ImportTableDescription"];
        (described["ImportStatus"].clone(), described["FailureCode"].clone())
    };
    let table_status = |cloud: &Cloud| {
        cloud.ok("DescribeTable", json!({"TableName": "ttt"}))["Table"]["TableStatus"].clone()
    };
    assert_eq!((status(&cloud, &first).0, table_status(&cloud)), (json!("IN_PROGRESS"), json!("CREATING")));
    assert_eq!(cloud.err("Scan", json!({"TableName": "ttt"}))["message"], "Requested resource not found");
    cloud.now += delay;
    assert_eq!(status(&cloud, &first), (json!("COMPLETED"), Value::Null));
    // Of two imports of one name, one finds the other's table.
    assert_eq!(status(&cloud, &second), (json!("FAILED"), json!("TableAlreadyExists")));
    assert_ne!(first["TableId"], second["TableId"]);
    assert_eq!(table_status(&cloud), "ACTIVE");
    assert_eq!(ids(&cloud), ["a"]);
}

#[test]
fn a_table_is_imported_with_its_vector_indexes() {
    let (cloud, shelf) = Cloud::new().reaching();
    let line = |id: &str, numbers: &str| {
        format!("{{\"Item\": {{\"id\": {{\"S\": \"{id}\"}}, \"v\": {{\"L\": [{numbers}]}}}}}}\n")
    };
    let two = r#"{"N": "1"}, {"N": "0"}"#;
    shelf.put("data", [line("a", two), line("b", r#"{"N": "1"}"#)].concat());
    let mut parameters = import(json!({}))["TableCreationParameters"].clone();
    parameters["VectorIndexes"] = json!([{
        "IndexName": "by-v", "VectorAttribute": {"AttributeName": "v"}, "Dimensions": 2,
        "DistanceFunction": "EUCLIDEAN", "Projection": {"ProjectionType": "ALL"},
    }]);
    // As of any index: what could not be written is a fault.
    let ended = ending(&cloud, json!({"TableCreationParameters": parameters}));
    assert_eq!(ended, (json!("FAILED"), [json!(2), json!(1), json!(1)]));
    let search = json!({
        "TableName": "ttt", "IndexName": "by-v", "SearchVector": [{"N": "1"}, {"N": "0"}], "TopK": 2,
    });
    let found = cloud.ok("SearchVectors", search)["SearchResults"].clone();
    assert_eq!(found, json!([{"Item": {"id": {"S": "a"}}, "Score": 0.0}]));
}
