//! Vector indexes: what they are made of, how they come and go, and what becomes of them with their table.

use super::*;

/// The index `vix` of vectors of three numbers in `embedding`.
pub(super) fn vix() -> Value {
    json!({
        "IndexName": "vix",
        "VectorAttribute": {"AttributeName": "embedding"},
        "Dimensions": 3,
        "DistanceFunction": "COSINE",
        "Projection": {"ProjectionType": "ALL"},
    })
}

/// The same index, partitioned by `tenant` and with a filter on `category`.
pub(super) fn with_schema() -> Value {
    with(
        vix(),
        json!({"SearchSchema": [
            {"AttributeName": "tenant", "SearchSchemaElementType": "HASH"},
            {"AttributeName": "category", "SearchSchemaElementType": "INLINE_FILTER"},
        ]}),
    )
}

/// The table `vec`, whose key is `pk` (S), with these vector indexes and more attributes of type S.
pub(super) fn table_of(indexes: Value, attributes: &[&str]) -> Value {
    let define = |name: &&str| json!({"AttributeName": name, "AttributeType": "S"});
    let attributes: Vec<Value> = ["pk"].iter().chain(attributes).map(define).collect();
    json!({
        "TableName": "vec",
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": attributes,
        "KeySchema": [key("pk", "HASH")],
        "VectorIndexes": indexes,
    })
}

/// A cloud with the table `vec` and the one index of [`vix`].
pub(super) fn cloud_with_vix() -> Cloud {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", table_of(json!([vix()]), &[]));
    cloud
}

/// A value of numbers.
pub(super) fn list(numbers: &[&str]) -> Value {
    json!({"L": numbers.iter().map(|number| json!({"N": number})).collect::<Vec<_>>()})
}

fn create(index: Value) -> Value {
    json!({"TableName": "vec", "VectorIndexUpdates": [{"Create": index}]})
}

fn delete(name: &str) -> Value {
    json!({"TableName": "vec", "VectorIndexUpdates": [{"Delete": {"IndexName": name}}]})
}

impl Cloud {
    fn described(&self) -> Value {
        self.ok("DescribeTable", json!({"TableName": "vec"}))["Table"].clone()
    }

    /// The status of the table, of its first vector index, and whether that is being filled.
    fn statuses(&self) -> (Value, Value, Value) {
        let table = self.described();
        let index = &table["VectorIndexes"][0];
        (table["TableStatus"].clone(), index["IndexStatus"].clone(), index["Backfilling"].clone())
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }
}

#[test]
fn an_index_is_described_as_it_was_asked_for() {
    let cloud = Cloud::new();
    let input = table_of(json!([with_schema()]), &["tenant", "category"]);
    let created = cloud.ok("CreateTable", input);
    assert_eq!(created["TableDescription"]["VectorIndexes"][0]["IndexStatus"], "CREATING");
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/vec/index/vix";
    let described = with(
        with_schema(),
        json!({"IndexStatus": "ACTIVE", "IndexSizeBytes": 0, "ItemCount": 0, "IndexArn": arn}),
    );
    assert_eq!(cloud.described()["VectorIndexes"], json!([described]));
    let deleted = cloud.ok("DeleteTable", json!({"TableName": "vec"}));
    assert_eq!(deleted["TableDescription"]["VectorIndexes"], Value::Null);
}

#[test]
fn an_index_counts_its_entries_and_their_bytes() {
    let cloud = cloud_with_vix();
    cloud.put(
        "vec",
        json!({"pk": {"S": "a"}, "embedding": list(&["1.25", "0", "0"]), "note": {"S": "12345"}}),
    );
    cloud.put("vec", json!({"pk": {"S": "b"}, "note": {"S": "no vector"}}));
    let table = cloud.described();
    // pk, a, embedding and its twelve bytes, note and its five.
    let entry = 2 + 1 + 9 + 12 + 4 + 5;
    assert_eq!(table["VectorIndexes"][0]["ItemCount"], 1);
    assert_eq!(table["VectorIndexes"][0]["IndexSizeBytes"], entry);
    assert_eq!(table["TableSizeBytes"], entry + 2 + 1 + 4 + 9);
}

#[test]
fn rules_that_a_new_table_breaks_are_told() {
    let cloud = Cloud::new();
    let six: Vec<_> = (0..6).map(|at| with(vix(), json!({"IndexName": format!("vix-{at}")}))).collect();
    let hash = |name: &str| json!({"AttributeName": name, "SearchSchemaElementType": "HASH"});
    let of = |members: Value| table_of(json!([with(vix(), members)]), &[]);
    let provisioned = json!({
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    });
    let global = json!([{
        "IndexName": "vix",
        "KeySchema": [key("tenant", "HASH")],
        "Projection": {"ProjectionType": "ALL"},
    }]);
    let other = json!({"IndexName": "vix2", "Dimensions": 4});
    for (input, message) in [
        (
            with(table_of(json!([vix()]), &[]), provisioned),
            "Vector indexes are only supported for PAY_PER_REQUEST tables",
        ),
        (table_of(json!([]), &[]), "List of VectorIndexes is empty"),
        (
            of(json!({"SearchSchema": [hash("tenant")]})),
            "One element in SearchSchema is not defined in attribute definitions",
        ),
        (of(json!({"Dimensions": 4097})), "Number of dimensions must be between 1 and 4096 inclusive."),
        (table_of(json!(six), &[]), "VectorIndex count exceeds the per-table limit of 5"),
        (
            table_of(json!([vix(), with(vix(), other)]), &[]),
            "Conflicting attribute definition for 'embedding'. All VectorIndexes on the same vector attribute must use \
             the same dimensions.",
        ),
        (
            table_of(json!([vix()]), &["embedding"]),
            "Conflicting attribute definition for 'embedding'. An attribute cannot be defined in AttributeDefinitions \
             when used as a VectorAttribute.",
        ),
        (table_of(json!([vix(), vix()]), &[]), "Duplicate index name: vix"),
        (
            with(table_of(json!([vix()]), &["tenant"]), json!({"GlobalSecondaryIndexes": global})),
            "Duplicate index name: vix",
        ),
        (
            table_of(
                json!([with(vix(), json!({"SearchSchema": [hash("tenant"), hash("region")]}))]),
                &["tenant", "region"],
            ),
            "Value '2' at 'SearchSchema' failed to satisfy constraint: Member must have HASH count less than or equal to \
             1",
        ),
        (
            table_of(
                json!([with(
                    vix(),
                    json!({"SearchSchema": [
                        hash("tenant"),
                        {"AttributeName": "tenant", "SearchSchemaElementType": "INLINE_FILTER"},
                    ]})
                )]),
                &["tenant"],
            ),
            "SearchSchema contains a duplicate AttributeName",
        ),
        (
            table_of(json!([vix()]), &["unused"]),
            "Number of attributes in KeySchema does not exactly match number of attributes defined in \
             AttributeDefinitions",
        ),
        (
            of(json!({"Projection": {"ProjectionType": "INCLUDE"}})),
            "ProjectionType is INCLUDE, but NonKeyAttributes is not specified",
        ),
    ] {
        let told = cloud.invalid("CreateTable", input);
        assert_eq!(told, format!("One or more parameter values were invalid: {message}"));
    }
    for (members, fault) in [
        (
            json!({"Dimensions": 0}),
            "Value '0' at 'vectorIndexes.1.member.dimensions' failed to satisfy constraint: Member must have value \
             greater than or equal to 1",
        ),
        (
            json!({"Dimensions": -0.5}),
            "Value '0' at 'vectorIndexes.1.member.dimensions' failed to satisfy constraint: Member must have value \
             greater than or equal to 1",
        ),
        (
            json!({"IndexName": "ab"}),
            "Value 'ab' at 'vectorIndexes.1.member.indexName' failed to satisfy constraint: Member must have length \
             greater than or equal to 3",
        ),
        (
            json!({"DistanceFunction": "MANHATTAN"}),
            "Value 'MANHATTAN' at 'vectorIndexes.1.member.distanceFunction' failed to satisfy constraint: Member must \
             satisfy enum value set: [COSINE, DOT_PRODUCT, EUCLIDEAN]",
        ),
        (
            json!({"VectorAttribute": {}}),
            "Value null at 'vectorIndexes.1.member.vectorAttribute.attributeName' failed to satisfy constraint: Member \
             must not be null",
        ),
    ] {
        assert_eq!(
            cloud.invalid("CreateTable", of(members)),
            format!("1 validation error detected: {fault}")
        );
    }
    assert_eq!(cloud.ok("ListTables", json!({}))["TableNames"], json!([]));
    let created = cloud.ok("CreateTable", of(json!({"Dimensions": 4096.5})));
    assert_eq!(created["TableDescription"]["VectorIndexes"][0]["Dimensions"], 4096);
}

#[test]
fn an_index_that_comes_later_allocates_fills_and_can_then_be_searched() {
    let options = EngineOptions { status_delay: Duration::from_secs(10), ..EngineOptions::default() };
    let mut cloud = Cloud::told(options);
    let mut input = table_of(json!([]), &[]);
    input.as_object_mut().unwrap().remove("VectorIndexes");
    cloud.ok("CreateTable", input);
    cloud.pass(10);
    for at in 0..5 {
        let at = at.to_string();
        cloud.put("vec", json!({"pk": {"S": at}, "embedding": list(&[&at, "1", "0"])}));
    }
    // What a write could not put there, the index passes over.
    cloud.put("vec", json!({"pk": {"S": "short"}, "embedding": list(&["1"])}));
    let search = json!({
        "TableName": "vec", "IndexName": "vix", "SearchVector": [{"N": "1"}, {"N": "1"}, {"N": "0"}], "TopK": 10,
    });
    let (allocating, filling) = (
        "Attempt to change a resource which is still in use: Index creation is in resource allocation phase. Retry \
         deletion during backfilling phase or when the index is active. Table: vec Index: vix",
        "Attempt to change a resource which is still in use: Cannot delete table while indexes are being created, \
         updated, or deleted.",
    );
    let one_at_a_time =
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table";
    let second = create(with(vix(), json!({"IndexName": "vix2"})));

    let updated = cloud.ok("UpdateTable", create(vix()));
    assert_eq!(updated["TableDescription"]["TableStatus"], "UPDATING");
    assert_eq!(cloud.statuses(), (json!("UPDATING"), json!("CREATING"), json!(false)));
    assert_eq!(cloud.err("UpdateTable", delete("vix"))["message"], allocating);
    let refused = cloud.err("UpdateTable", second.clone());
    assert_eq!(refused["__type"], "com.amazonaws.dynamodb.v20120810#LimitExceededException");
    assert_eq!(refused["message"], one_at_a_time);
    assert_eq!(
        cloud.invalid("SearchVectors", search.clone()),
        "The table does not have the specified index: vix"
    );

    cloud.pass(10);
    assert_eq!(cloud.statuses(), (json!("ACTIVE"), json!("CREATING"), json!(true)));
    assert_eq!(cloud.err("DeleteTable", json!({"TableName": "vec"}))["message"], filling);
    assert_eq!(cloud.err("UpdateTable", second.clone())["message"], one_at_a_time);
    assert_eq!(cloud.invalid("SearchVectors", search.clone()), "Cannot search backfilling vector index: vix");
    let mut taken_back = Cloud { account: Mutex::new(cloud.account.lock().unwrap().clone()), ..Cloud::new() };
    taken_back.now = cloud.now;

    cloud.pass(10);
    assert_eq!(cloud.statuses(), (json!("ACTIVE"), json!("ACTIVE"), Value::Null));
    assert_eq!(cloud.ok("SearchVectors", search)["SearchResults"].as_array().unwrap().len(), 5);
    cloud.ok("UpdateTable", delete("vix"));
    assert_eq!(cloud.statuses(), (json!("UPDATING"), json!("DELETING"), Value::Null));
    assert_eq!(cloud.err("UpdateTable", second)["message"], one_at_a_time);
    cloud.pass(10);
    assert_eq!(cloud.statuses(), (json!("ACTIVE"), Value::Null, Value::Null));

    taken_back.ok("UpdateTable", delete("vix"));
    taken_back.pass(10);
    assert_eq!(taken_back.described()["VectorIndexes"], Value::Null);
    taken_back.ok("DeleteTable", json!({"TableName": "vec"}));
}

#[test]
fn changes_of_indexes_that_do_not_go_are_told() {
    let cloud = cloud_with_vix();
    let key_of_vectors = json!({
        "TableName": "vec",
        "AttributeDefinitions": [{"AttributeName": "embedding", "AttributeType": "S"}],
        "GlobalSecondaryIndexUpdates": [{"Create": {
            "IndexName": "by-embedding",
            "KeySchema": [key("embedding", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
        }}],
    });
    let mut global_vix = key_of_vectors.clone();
    global_vix["GlobalSecondaryIndexUpdates"][0]["Create"]["IndexName"] = "vix".into();
    let named = |members: Value| create(with(with(vix(), json!({"IndexName": "vix2"})), members));
    let declared = json!({"AttributeDefinitions": [{"AttributeName": "other", "AttributeType": "S"}]});
    let provisioned = json!({
        "TableName": "vec",
        "BillingMode": "PROVISIONED",
        "ProvisionedThroughput": {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
    });
    let updates = |updates: Value| json!({"TableName": "vec", "VectorIndexUpdates": updates});
    let invalid = "One or more parameter values were invalid:";
    for (input, message) in [
        (create(vix()), "Attempting to create an index which already exists".to_owned()),
        (global_vix, "Attempting to create an index which already exists".to_owned()),
        (
            key_of_vectors,
            format!(
                "{invalid} Attributes cannot be redefined. Please check that your attribute has the same type as \
                 previously defined. Existing schema: VectorIndexSchema:[VectorAttribute: key{{embedding:L:3}}] New \
                 schema: Schema:[SchemaElement: key{{embedding:S:HASH}}]"
            ),
        ),
        (
            named(json!({"Dimensions": 4})),
            format!(
                "{invalid} Conflicting attribute definition for 'embedding'. All VectorIndexes on the same vector \
                 attribute must use the same dimensions."
            ),
        ),
        (
            with(named(json!({"VectorAttribute": {"AttributeName": "other"}})), declared),
            format!(
                "{invalid} Conflicting attribute definition for 'other'. An attribute cannot be defined in \
                 AttributeDefinitions when used as a VectorAttribute."
            ),
        ),
        (
            named(json!({"SearchSchema": [{"AttributeName": "pk", "SearchSchemaElementType": "HASH"}]})),
            format!("{invalid} One element in SearchSchema is not defined in attribute definitions"),
        ),
        (
            updates(json!([{}])),
            format!("{invalid} One of VectorIndexUpdate.Create, VectorIndexUpdate.Delete must not be null"),
        ),
        (
            updates(json!([{"Create": vix(), "Delete": {"IndexName": "vix"}}])),
            format!("{invalid} Only one vector index action is allowed per VectorIndexUpdate object"),
        ),
        (provisioned, format!("{invalid} Tables with vector indexes must be in PAY_PER_REQUEST mode")),
    ] {
        assert_eq!(cloud.invalid("UpdateTable", input), message);
    }
    let refused = cloud.err("UpdateTable", delete("none"));
    assert_eq!(refused["__type"], "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException");
    assert_eq!(refused["message"], "Requested resource not found: Index none for table vec");
    let two = updates(
        json!([{"Delete": {"IndexName": "vix"}}, {"Create": with(vix(), json!({"IndexName": "vix2"}))}]),
    );
    assert_eq!(
        cloud.err("UpdateTable", two)["message"],
        "Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table"
    );
    cloud.ok("CreateTable", table("ttt"));
    let on_provisioned = with(create(vix()), json!({"TableName": "ttt"}));
    assert_eq!(
        cloud.invalid("UpdateTable", on_provisioned),
        format!("{invalid} Vector indexes are only supported for PAY_PER_REQUEST tables")
    );
}

#[test]
fn a_sixth_index_is_one_too_many_and_attributes_go_with_the_last_that_had_them() {
    let cloud = cloud_with_vix();
    let defined = json!({"AttributeDefinitions": [
        {"AttributeName": "tenant", "AttributeType": "S"},
        {"AttributeName": "category", "AttributeType": "S"},
    ]});
    cloud.ok("UpdateTable", with(create(with(with_schema(), json!({"IndexName": "schema"}))), defined));
    let names = |cloud: &Cloud| {
        let attributes = cloud.described()["AttributeDefinitions"].as_array().unwrap().clone();
        attributes.iter().map(|it| it["AttributeName"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&cloud), ["category", "pk", "tenant"]);
    for at in 3..=5 {
        cloud.ok("UpdateTable", create(with(vix(), json!({"IndexName": format!("vix{at}")}))));
    }
    assert_eq!(
        cloud.invalid("UpdateTable", create(with(vix(), json!({"IndexName": "vix6"})))),
        "One or more parameter values were invalid: VectorIndex count exceeds the per-table limit of 5"
    );
    cloud.ok("UpdateTable", delete("schema"));
    assert_eq!(names(&cloud), ["pk"]);
}

#[test]
fn no_other_operation_reads_a_vector_index() {
    let cloud = cloud_with_vix();
    cloud.put("vec", json!({"pk": {"S": "a"}, "embedding": list(&["1", "0", "0"])}));
    let query = json!({
        "TableName": "vec", "IndexName": "vix",
        "KeyConditionExpression": "pk = :v", "ExpressionAttributeValues": {":v": {"S": "a"}},
    });
    assert_eq!(cloud.invalid("Query", query.clone()), "Query operation not supported on this index type.");
    let consistent = with(query, json!({"ConsistentRead": true}));
    assert_eq!(
        cloud.invalid("Query", consistent),
        "Consistent reads are not supported on global secondary indexes"
    );
    let scan = json!({"TableName": "vec", "IndexName": "vix"});
    assert_eq!(cloud.invalid("Scan", scan), "Scan operation not supported on this index type");
    for statement in [r#"SELECT * FROM "vec"."vix""#, r#"SELECT * FROM "vec"."vix" WHERE pk = 'a'"#] {
        assert_eq!(
            cloud.invalid("ExecuteStatement", json!({"Statement": statement})),
            "Scan operation not supported on this index type"
        );
    }
    let read = cloud.ok("ExecuteStatement", json!({"Statement": r#"SELECT * FROM "vec" WHERE pk = 'a'"#}));
    assert_eq!(read["Items"][0]["embedding"], list(&["1", "0", "0"]));
}

#[test]
fn backups_and_restores_have_the_indexes_and_what_is_in_them() {
    let cloud = cloud_with_vix();
    cloud.ok(
        "UpdateTable",
        create(with(vix(), json!({"IndexName": "vix2", "DistanceFunction": "EUCLIDEAN"}))),
    );
    cloud.put("vec", json!({"pk": {"S": "a"}, "embedding": list(&["1", "0", "0"])}));
    cloud.ok(
        "UpdateContinuousBackups",
        json!({"TableName": "vec", "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}}),
    );
    let backup = cloud.ok("CreateBackup", json!({"TableName": "vec", "BackupName": "kept"}));
    let arn = backup["BackupDetails"]["BackupArn"].clone();
    let described = cloud.ok("DescribeBackup", json!({"BackupArn": arn}));
    let features = &described["BackupDescription"]["SourceTableFeatureDetails"];
    assert_eq!(features["VectorIndexes"][0], vix());

    let restored = |target: &str| {
        let search = json!({
            "TableName": target, "IndexName": "vix", "SearchVector": [{"N": "1"}, {"N": "0"}, {"N": "0"}], "TopK": 1,
        });
        let table = cloud.ok("DescribeTable", json!({"TableName": target}))["Table"].clone();
        let found = cloud.ok("SearchVectors", search)["SearchResults"][0]["Item"]["pk"].clone();
        (table["VectorIndexes"].as_array().unwrap().len(), found)
    };
    let restore =
        |target: &str, members: Value| with(json!({"TargetTableName": target, "BackupArn": arn}), members);
    cloud.ok("RestoreTableFromBackup", restore("whole", json!({})));
    assert_eq!(restored("whole"), (2, json!({"S": "a"})));
    cloud.ok("RestoreTableFromBackup", restore("one", json!({"VectorIndexOverride": [vix()]})));
    assert_eq!(restored("one"), (1, json!({"S": "a"})));
    cloud.ok(
        "RestoreTableToPointInTime",
        json!({"SourceTableName": "vec", "TargetTableName": "then", "UseLatestRestorableTime": true}),
    );
    assert_eq!(restored("then").0, 2);
    let other = json!({"VectorIndexOverride": [with(vix(), json!({"Dimensions": 4}))]});
    assert!(cloud.invalid("RestoreTableFromBackup", restore("other", other)).contains("vix does not match"));
    let provisioned = json!({
        "BillingModeOverride": "PROVISIONED",
        "ProvisionedThroughputOverride": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    });
    assert_eq!(
        cloud.invalid("RestoreTableFromBackup", restore("paid", provisioned)),
        "One or more parameter values were invalid: Vector indexes are only supported for PAY_PER_REQUEST tables"
    );
}

#[test]
fn replicas_have_the_indexes_too() {
    let cloud = cloud_with_vix();
    cloud.put("vec", json!({"pk": {"S": "a"}, "embedding": list(&["1", "0", "0"])}));
    cloud.ok(
        "UpdateTable",
        json!({"TableName": "vec", "ReplicaUpdates": [{"Create": {"RegionName": "us-east-1"}}]}),
    );
    cloud.put("vec", json!({"pk": {"S": "b"}, "embedding": list(&["0", "1", "0"])}));
    cloud.ok("UpdateTable", create(with(vix(), json!({"IndexName": "vix2"}))));
    for index in ["vix", "vix2"] {
        let search = json!({
            "TableName": "vec", "IndexName": index, "SearchVector": [{"N": "1"}, {"N": "0"}, {"N": "0"}], "TopK": 9,
        });
        let (status, found) = cloud.call_in("us-east-1", "SearchVectors", &search);
        assert_eq!(
            (status, found["SearchResults"].as_array().map(Vec::len)),
            (200, Some(2)),
            "{index}: {found}"
        );
    }
}
