//! Backups and points in time, and the tables that come back from them.

use super::*;

fn item(id: &str, state: &str) -> Value {
    json!({"id": {"S": id}, "state": {"S": state}})
}

fn items(cloud: &Cloud, table: &str) -> Vec<Value> {
    let answer = cloud.ok("Scan", json!({"TableName": table}));
    answer["Items"].as_array().unwrap().clone()
}

#[test]
fn a_backup_keeps_the_table_as_it_was_even_when_it_is_deleted() {
    let cloud = Cloud::with_table();
    cloud.put("ttt", item("1", "old"));
    let created = cloud.ok("CreateBackup", json!({"TableName": "ttt", "BackupName": "daily"}));
    let details = &created["BackupDetails"];
    assert_eq!(details["BackupStatus"], "CREATING");
    assert_eq!(details["BackupSizeBytes"], 11);
    let arn = details["BackupArn"].as_str().unwrap();
    assert!(
        arn.starts_with("arn:aws:dynamodb:eu-west-1:123456789012:table/ttt/backup/01700000000500-"),
        "{arn}"
    );
    cloud.put("ttt", item("1", "new"));
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));

    let described = cloud.ok("DescribeBackup", json!({"BackupArn": arn}))["BackupDescription"].clone();
    assert_eq!(described["BackupDetails"]["BackupStatus"], "AVAILABLE");
    assert_eq!(described["SourceTableDetails"]["ItemCount"], 1);
    let listed = cloud.ok("ListBackups", json!({"TableName": "ttt"}));
    assert_eq!(listed["BackupSummaries"][0]["BackupArn"], arn);

    let restore = json!({"TargetTableName": "back", "BackupArn": arn});
    let restored = cloud.ok("RestoreTableFromBackup", restore.clone())["TableDescription"].clone();
    assert_eq!((&restored["TableStatus"], &restored["TableName"]), (&json!("CREATING"), &json!("back")));
    assert_eq!(
        restored["RestoreSummary"],
        json!({
            "SourceBackupArn": arn,
            "SourceTableArn": "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt",
            "RestoreDateTime": 1_700_000_000.5,
            "RestoreInProgress": true,
        })
    );
    assert_eq!(items(&cloud, "back"), [item("1", "old")]);
    let table = cloud.ok("DescribeTable", json!({"TableName": "back"}))["Table"].clone();
    assert_eq!(table["RestoreSummary"]["RestoreInProgress"], false);
    let again = cloud.err("RestoreTableFromBackup", restore);
    assert_eq!(again["__type"], "com.amazonaws.dynamodb.v20120810#TableAlreadyExistsException");

    let deleted = cloud.ok("DeleteBackup", json!({"BackupArn": arn}));
    assert_eq!(deleted["BackupDescription"]["BackupDetails"]["BackupStatus"], "DELETED");
    let gone = cloud.err("DescribeBackup", json!({"BackupArn": arn}));
    assert_eq!(gone["__type"], "com.amazonaws.dynamodb.v20120810#BackupNotFoundException");
    assert_eq!(gone["message"], format!("Backup not found: {arn}"));
}

#[test]
fn indexes_come_back_with_their_entries() {
    let cloud = Cloud::with_songs();
    let song =
        json!({"artist": {"S": "a"}, "title": {"S": "b"}, "genre": {"S": "jazz"}, "plays": {"N": "1"}});
    cloud.put("songs", song.clone());
    let backup = cloud.ok("CreateBackup", json!({"TableName": "songs", "BackupName": "all"}));
    let arn = &backup["BackupDetails"]["BackupArn"];
    let throughput = json!({"ReadCapacityUnits": 1, "WriteCapacityUnits": 1});
    assert_eq!(
        cloud.invalid(
            "RestoreTableFromBackup",
            json!({"TargetTableName": "back", "BackupArn": arn, "ProvisionedThroughputOverride": throughput}),
        ),
        "Invalid Request: Cannot override ProvisionedThroughput unless BillingMode is PROVISIONED"
    );
    cloud.ok("RestoreTableFromBackup", json!({"TargetTableName": "back", "BackupArn": arn}));
    let query = json!({
        "TableName": "back",
        "IndexName": "by-genre",
        "KeyConditionExpression": "genre = :genre",
        "ExpressionAttributeValues": {":genre": {"S": "jazz"}},
    });
    assert_eq!(cloud.ok("Query", query)["Items"], json!([song]));
}

#[test]
fn a_table_is_restored_to_any_point_since_recovery_was_enabled() {
    let mut cloud = Cloud::with_table();
    let second = Duration::from_secs(1);
    cloud.put("ttt", item("1", "before"));
    let describe = |cloud: &Cloud| {
        cloud.ok("DescribeContinuousBackups", json!({"TableName": "ttt"}))["ContinuousBackupsDescription"]
            .clone()
    };
    assert_eq!(
        describe(&cloud),
        json!({
            "ContinuousBackupsStatus": "ENABLED",
            "PointInTimeRecoveryDescription": {"PointInTimeRecoveryStatus": "DISABLED"},
        })
    );
    let restore = |target: &str, at: f64| {
        let names = json!({"SourceTableName": "ttt", "TargetTableName": target});
        with(names, json!({"RestoreDateTime": at}))
    };
    let unavailable = cloud.err("RestoreTableToPointInTime", restore("back", 1.0));
    assert_eq!(
        unavailable["__type"],
        "com.amazonaws.dynamodb.v20120810#PointInTimeRecoveryUnavailableException"
    );
    let enable = json!({"PointInTimeRecoveryEnabled": true});
    cloud.ok(
        "UpdateContinuousBackups",
        json!({"TableName": "ttt", "PointInTimeRecoverySpecification": enable}),
    );
    for state in ["first", "second", "third"] {
        cloud.now += second;
        cloud.put("ttt", item("1", state));
    }
    cloud.now += second;
    assert_eq!(
        describe(&cloud)["PointInTimeRecoveryDescription"],
        json!({
            "PointInTimeRecoveryStatus": "ENABLED",
            "RecoveryPeriodInDays": 35,
            "EarliestRestorableDateTime": 1_700_000_000.5,
            "LatestRestorableDateTime": 1_700_000_004.5,
        })
    );
    for (at, state) in [(0.5, "before"), (1.4, "before"), (1.5, "first"), (2.9, "second"), (4.5, "third")] {
        let target = format!("back-at-{at}");
        cloud.ok("RestoreTableToPointInTime", restore(&target, 1_700_000_000.0 + at));
        assert_eq!(items(&cloud, &target), [item("1", state)], "{at}");
    }
    let latest =
        json!({"SourceTableName": "ttt", "TargetTableName": "latest", "UseLatestRestorableTime": true});
    cloud.ok("RestoreTableToPointInTime", latest);
    assert_eq!(items(&cloud, "latest"), [item("1", "third")]);
    let early = cloud.err("RestoreTableToPointInTime", restore("early", 1_600_000_000.0));
    assert_eq!(early["__type"], "com.amazonaws.dynamodb.v20120810#InvalidRestoreTimeException");
    assert_eq!(
        cloud.invalid(
            "RestoreTableToPointInTime",
            json!({"SourceTableName": "ttt", "TargetTableName": "none"}),
        ),
        "Invalid Request: Either one of RestoreDateTime or UseLatestRestorableTime must be specified, but not both"
    );
}

#[test]
fn backups_of_a_table_that_is_not_there_say_so_in_their_own_way() {
    let cloud = Cloud::new();
    let error = cloud.err("CreateBackup", json!({"TableName": "gone", "BackupName": "daily"}));
    assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#TableNotFoundException");
    assert_eq!(error["message"], "Table not found: gone");
}

#[test]
fn a_deleted_table_with_point_in_time_recovery_is_kept_for_35_days() {
    let mut cloud = Cloud::with_table();
    cloud.put("ttt", item("1", "last"));
    cloud.ok(
        "UpdateContinuousBackups",
        json!({
            "TableName": "ttt",
            "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true},
        }),
    );
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));
    let list = |kind: Value| cloud.ok("ListBackups", json!({"BackupType": kind}))["BackupSummaries"].clone();
    for kind in [json!("USER"), Value::Null] {
        assert_eq!(list(kind), json!([]));
    }
    let kept = list(json!("SYSTEM"))[0].clone();
    assert_eq!(
        (&kept["BackupName"], &kept["BackupType"]),
        (&json!("ttt$DeletedTableBackup"), &json!("SYSTEM"))
    );
    assert_eq!(kept["BackupExpiryDateTime"], 1_703_024_000.5);
    let arn = kept["BackupArn"].as_str().unwrap();
    assert_eq!(
        cloud.invalid("DeleteBackup", json!({"BackupArn": arn})),
        format!(
            "Invalid Request: User is not allowed to delete the system backup with arn {arn}. It will automatically \
             expire on 2023-12-19T22:13:20.500Z"
        )
    );
    cloud.ok("RestoreTableFromBackup", json!({"TargetTableName": "back", "BackupArn": arn}));
    assert_eq!(items(&cloud, "back"), [item("1", "last")]);
    let arn = json!({"BackupArn": arn});
    cloud.now += Duration::from_secs(35 * 86_400);
    assert_eq!(cloud.ok("ListBackups", json!({"BackupType": "ALL"}))["BackupSummaries"], json!([]));
    assert_eq!(
        cloud.err("DescribeBackup", arn)["__type"],
        "com.amazonaws.dynamodb.v20120810#BackupNotFoundException"
    );
}
