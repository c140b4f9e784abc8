//! Operations on tables.

use super::*;

#[test]
fn a_table_is_created_described_listed_and_deleted() {
    let cloud = Cloud::new();
    let created = cloud.ok("CreateTable", table("orders"));
    let description = json!({
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"}],
        "TableName": "orders",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
        "TableStatus": "CREATING",
        "CreationDateTime": 1_700_000_000.5,
        "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 5, "WriteCapacityUnits": 6},
        "TableSizeBytes": 0,
        "ItemCount": 0,
        "TableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/orders",
        "TableId": created["TableDescription"]["TableId"],
        "DeletionProtectionEnabled": false,
    });
    assert_eq!(created, json!({"TableDescription": description}));
    assert_eq!(description["TableId"].as_str().unwrap().len(), 36);
    cloud.put("orders", json!({"id": {"S": "abc"}}));
    let seen = json!({
        "TableStatus": "ACTIVE",
        "ItemCount": 1,
        "TableSizeBytes": 5,
        "WarmThroughput": {"ReadUnitsPerSecond": 5, "WriteUnitsPerSecond": 6, "Status": "ACTIVE"},
    });
    assert_eq!(
        cloud.ok("DescribeTable", json!({"TableName": "orders"})),
        json!({"Table": with(description, seen)})
    );
    assert_eq!(cloud.ok("ListTables", json!({})), json!({"TableNames": ["orders"]}));
    let deleted = cloud.ok("DeleteTable", json!({"TableName": "orders"}));
    assert_eq!(deleted["TableDescription"]["TableStatus"], "DELETING");
    assert_eq!(
        cloud.err("DescribeTable", json!({"TableName": "orders"})),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
            "message": "Requested resource not found: Table: orders not found",
        })
    );
}

#[test]
fn indexes_are_described_with_their_projection_and_size() {
    let cloud = Cloud::with_songs();
    cloud.put(
        "songs",
        json!({"artist": {"S": "a"}, "title": {"S": "b"}, "genre": {"S": "c"}, "x": {"S": "yz"}}),
    );
    let table = cloud.ok("DescribeTable", json!({"TableName": "songs"}))["Table"].clone();
    assert_eq!(table["BillingModeSummary"]["BillingMode"], "PAY_PER_REQUEST");
    assert_eq!(
        table["GlobalSecondaryIndexes"][1],
        json!({
            "IndexName": "genres",
            "KeySchema": [{"AttributeName": "genre", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            "IndexArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/songs/index/genres",
            "IndexStatus": "ACTIVE",
            "ProvisionedThroughput": {"NumberOfDecreasesToday": 0, "ReadCapacityUnits": 0, "WriteCapacityUnits": 0},
            "IndexSizeBytes": 19,
            "ItemCount": 1,
            "WarmThroughput": {"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000, "Status": "ACTIVE"},
        })
    );
    // Without `plays` the item stands in neither of the other two.
    assert_eq!(table["GlobalSecondaryIndexes"][0]["ItemCount"], 0);
    assert_eq!(table["LocalSecondaryIndexes"][0]["ItemCount"], 0);
}

#[test]
fn table_names_come_in_pages() {
    let cloud = Cloud::new();
    for name in ["ccc", "aaa", "bbb"] {
        cloud.ok("CreateTable", table(name));
    }
    assert_eq!(
        cloud.ok("ListTables", json!({"Limit": 2})),
        json!({"TableNames": ["aaa", "bbb"], "LastEvaluatedTableName": "bbb"})
    );
    assert_eq!(
        cloud.ok("ListTables", json!({"Limit": 2, "ExclusiveStartTableName": "bbb"})),
        json!({"TableNames": ["ccc"]})
    );
    assert_eq!(
        cloud.invalid("ListTables", json!({"Limit": 101})),
        "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: Member must have value \
         less than or equal to 100"
    );
}

#[test]
fn a_table_that_exists_is_not_created_again() {
    let cloud = Cloud::with_table();
    assert_eq!(
        cloud.err("CreateTable", table("ttt")),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ResourceInUseException",
            "message": "Table already exists: ttt",
        })
    );
}

#[test]
fn a_protected_table_is_not_deleted() {
    let cloud = Cloud::new();
    cloud.ok("CreateTable", with(table("kept"), json!({"DeletionProtectionEnabled": true})));
    assert_eq!(
        cloud.invalid("DeleteTable", json!({"TableName": "kept"})),
        "Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first."
    );
}

#[test]
fn a_table_answers_to_its_arn_too() {
    let cloud = Cloud::with_table();
    let arn = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt";
    cloud.put(arn, json!({"id": {"S": "1"}}));
    assert_eq!(cloud.get("1"), json!({"id": {"S": "1"}}));
    let elsewhere = "arn:aws:dynamodb:eu-west-2:123456789012:table/ttt";
    let error = cloud.err("GetItem", json!({"TableName": elsewhere, "Key": {"id": {"S": "1"}}}));
    assert_eq!(error["message"], "Requested resource not found");
}

#[test]
fn what_a_new_table_may_not_be_is_refused_in_aws_words() {
    let cloud = Cloud::new();
    let two = json!([
        {"AttributeName": "id", "AttributeType": "S"},
        {"AttributeName": "extra", "AttributeType": "S"},
    ]);
    let index = |members: Value| {
        let base = json!({
            "IndexName": "index",
            "KeySchema": [key("extra", "HASH")],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
        });
        json!({"AttributeDefinitions": two, "GlobalSecondaryIndexes": [with(base, members)]})
    };
    let invalid = "One or more parameter values were invalid: ";
    for (members, message) in [
        (
            json!({"AttributeDefinitions": two}),
            format!(
                "{invalid}Number of attributes in KeySchema does not exactly match number of attributes defined in \
                 AttributeDefinitions"
            ),
        ),
        (
            json!({"KeySchema": [key("other", "HASH")]}),
            format!(
                "{invalid}Some index key attributes are not defined in AttributeDefinitions. Keys: [other], \
                 AttributeDefinitions: [id]"
            ),
        ),
        (
            json!({"KeySchema": [key("id", "RANGE")]}),
            "Invalid KeySchema: The first KeySchemaElement is not a HASH key type".to_owned(),
        ),
        (
            json!({"KeySchema": [key("id", "HASH"), key("id", "RANGE")]}),
            "Invalid KeySchema: Some index key attribute have no definition".to_owned(),
        ),
        (
            json!({"KeySchema": [key("id", "HASH"), key("id", "RANGE")], "AttributeDefinitions": two}),
            "Both the Hash Key and the Range Key element in the KeySchema have the same name".to_owned(),
        ),
        (
            json!({"AttributeDefinitions": []}),
            "Invalid KeySchema: Some index key attribute have no definition".to_owned(),
        ),
        (
            json!({"TableName": null}),
            "The parameter 'TableName' is required but was not present in the request".to_owned(),
        ),
        (
            json!({"TableClass": "CHEAP"}),
            "Invalid table-class parameter provided. Please try again with a valid table-class value: [STANDARD, \
             STANDARD_INFREQUENT_ACCESS]."
                .to_owned(),
        ),
        (
            json!({"ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1_000_000_000_001_i64}}),
            "Given value 1000000000001 for WriteCapacityUnits is out of bounds".to_owned(),
        ),
        (
            json!({"OnDemandThroughput": {"MaxReadRequestUnits": 1}}),
            format!(
                "{invalid}MaxReadRequestUnits for OnDemandThroughput cannot be specified when table BillingMode is \
                 PROVISIONED."
            ),
        ),
        (
            json!({"WarmThroughput": {"ReadUnitsPerSecond": 1}}),
            format!(
                "{invalid}Requested ReadUnitsPerSecond for WarmThroughput for table is lower than ReadCapacityUnits of \
                 ProvisionedThroughput"
            ),
        ),
        (
            json!({"StreamSpecification": {"StreamEnabled": true}}),
            format!("{invalid}Table is being created with a stream enabled, UpdateViewType is required"),
        ),
        (
            json!({"SSESpecification": {"Enabled": false, "SSEType": "KMS"}}),
            format!("{invalid}SSEType can not be specified if Enabled is false"),
        ),
        (
            json!({"Tags": [{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}]}),
            "Duplicate Tag Keys provided as input: Duplicate Tag Key found a".to_owned(),
        ),
        (
            json!({"BillingMode": "PAY_PER_REQUEST"}),
            format!(
                "{invalid}Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is \
                 PAY_PER_REQUEST"
            ),
        ),
        (
            json!({"ProvisionedThroughput": null}),
            format!(
                "{invalid}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is \
                 PROVISIONED"
            ),
        ),
        (
            index(json!({"KeySchema": [key("id", "HASH")]})),
            format!(
                "{invalid}Some AttributeDefinitions are not used. AttributeDefinitions: [id, extra], keys used: [id]"
            ),
        ),
        (index(json!({"Projection": {}})), format!("{invalid}Unknown ProjectionType: null")),
        (
            index(json!({"Projection": {"ProjectionType": "INCLUDE"}})),
            format!("{invalid}ProjectionType is INCLUDE, but NonKeyAttributes is not specified"),
        ),
        (
            index(json!({"ProvisionedThroughput": null})),
            format!("{invalid}ProvisionedThroughput is not specified for index: index"),
        ),
        (
            json!({"LocalSecondaryIndexes": []}),
            format!("{invalid}List of LocalSecondaryIndexes is empty"),
        ),
        (
            json!({"KeySchema": [key("id", "HASH"), key("a", "RANGE"), key("b", "RANGE")]}),
            "1 validation error detected: Value '[KeySchemaElement(attributeName=id, keyType=HASH), \
             KeySchemaElement(attributeName=a, keyType=RANGE), KeySchemaElement(attributeName=b, keyType=RANGE)]' at \
             'keySchema' failed to satisfy constraint: Member must have length less than or equal to 2"
                .to_owned(),
        ),
        (
            json!({"TableName": "a"}),
            "1 validation error detected: Value 'a' at 'tableName' failed to satisfy constraint: Member must have \
             length greater than or equal to 3"
                .to_owned(),
        ),
        (
            json!({"KeySchema": [{"AttributeName": "id", "KeyType": "SORT"}], "AttributeDefinitions": null}),
            "2 validation errors detected: Value null at 'attributeDefinitions' failed to satisfy constraint: Member \
             must not be null; Value 'SORT' at 'keySchema.1.member.keyType' failed to satisfy constraint: Member must \
             satisfy enum value set: [HASH, RANGE]"
                .to_owned(),
        ),
    ] {
        assert_eq!(cloud.invalid("CreateTable", with(table("table"), members.clone())), message, "{members}");
    }
}

#[test]
fn of_several_faults_of_a_new_table_the_first_is_named() {
    let cloud = Cloud::new();
    let stream = json!({"StreamEnabled": false, "StreamViewType": "NEW_IMAGE"});
    let invalid = "One or more parameter values were invalid: ";
    assert_eq!(
        cloud.invalid(
            "CreateTable",
            with(table("ttt"), json!({"StreamSpecification": stream, "ProvisionedThroughput": null})),
        ),
        format!(
            "{invalid}ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED"
        )
    );
    let definitions = ["id", "unused"].map(|name| json!({"AttributeName": name, "AttributeType": "S"}));
    let index = json!({
        "IndexName": "index",
        "KeySchema": [key("undefined", "HASH")],
        "Projection": {"ProjectionType": "ALL"},
        "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
    });
    assert_eq!(
        cloud.invalid(
            "CreateTable",
            with(
                table("ttt"),
                json!({"AttributeDefinitions": definitions, "GlobalSecondaryIndexes": [index]}),
            ),
        ),
        format!(
            "{invalid}Some index key attributes are not defined in AttributeDefinitions. Keys: [undefined], \
             AttributeDefinitions: [unused, id]"
        )
    );
}

#[test]
fn the_faults_of_a_list_of_tables_are_told_limit_first() {
    let name = "Value 'a;' at 'exclusiveStartTableName' failed to satisfy constraint: Member must";
    assert_eq!(
        Cloud::new().invalid("ListTables", json!({"ExclusiveStartTableName": "a;", "Limit": 500})),
        format!(
            "3 validation errors detected: Value '500' at 'limit' failed to satisfy constraint: Member must have value \
             less than or equal to 100; {name} satisfy regular expression pattern: [a-zA-Z0-9_.-]+; {name} have length \
             greater than or equal to 3"
        )
    );
}
