//! Exports of tables to buckets. The faults and their words were recorded against AWS in October 2026.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::sync::Arc;

use bytes::Bytes;

use super::*;
use crate::dynamodb::{AtRest, Bucket, ObjectStore, Refusal};

/// A bucket, whatever its name.
#[derive(Debug, Default)]
pub(super) struct Shelf(Mutex<BTreeMap<String, Bytes>>);

impl Shelf {
    pub(super) fn put(&self, key: &str, content: impl Into<Bytes>) {
        self.0.lock().unwrap().insert(key.to_owned(), content.into());
    }

    fn keys(&self) -> Vec<String> {
        self.0.lock().unwrap().keys().cloned().collect()
    }

    fn text(&self, key: &str) -> String {
        String::from_utf8(self.0.lock().unwrap()[key].to_vec()).unwrap()
    }

    /// The lines of all data files.
    fn lines(&self) -> Vec<Value> {
        let mut text = String::new();
        for (key, content) in self.0.lock().unwrap().iter() {
            if key.ends_with(".json.gz") {
                flate2::read::GzDecoder::new(&**content).read_to_string(&mut text).unwrap();
            }
        }
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

impl ObjectStore for Shelf {
    fn write(&self, _: &Bucket<'_>, key: &str, content: Bytes, _: AtRest<'_>) -> Result<String, Refusal> {
        self.put(key, content);
        Ok("etag".to_owned())
    }

    fn read_all(&self, _: &Bucket<'_>, prefix: &str) -> Result<Vec<Bytes>, Refusal> {
        let shelf = self.0.lock().unwrap();
        Ok(shelf.iter().filter(|(key, _)| key.starts_with(prefix)).map(|(_, bytes)| bytes.clone()).collect())
    }
}

impl Cloud {
    /// The same cloud with a bucket.
    pub(super) fn reaching(mut self) -> (Self, Arc<Shelf>) {
        let shelf = Arc::new(Shelf::default());
        let account = self.account.into_inner().unwrap();
        self.account = Mutex::new(account.reaching(Arc::clone(&shelf) as _));
        (self, shelf)
    }
}

const ARN: &str = "arn:aws:dynamodb:eu-west-1:123456789012:table/ttt";

fn export() -> Value {
    json!({"TableArn": ARN, "S3Bucket": "films"})
}

fn recoverable() -> Cloud {
    let cloud = Cloud::with_table();
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    let enable = json!({"PointInTimeRecoveryEnabled": true});
    cloud.ok(
        "UpdateContinuousBackups",
        json!({"TableName": "ttt", "PointInTimeRecoverySpecification": enable}),
    );
    cloud
}

fn seconds(cloud: &Cloud) -> f64 {
    cloud.now.duration_since(UNIX_EPOCH).unwrap().as_secs_f64()
}

/// What became of an export.
fn described(cloud: &Cloud, answer: &Value) -> Value {
    let arn = &answer["ExportDescription"]["ExportArn"];
    cloud.ok("DescribeExport", json!({"ExportArn": arn}))["ExportDescription"].clone()
}

#[test]
fn a_full_export_writes_items_and_manifests() {
    let (cloud, shelf) = recoverable().reaching();
    for id in ["a", "b", "c"] {
        cloud.put("ttt", json!({"id": {"S": id}, "bytes": {"B": "YmFy"}}));
    }
    let asked = with(export(), json!({"S3Prefix": "tables/", "ClientToken": "once"}));
    let answer = cloud.ok("ExportTableToPointInTime", asked);
    let begun = &answer["ExportDescription"];
    assert_eq!((&begun["ExportStatus"], &begun["ItemCount"]), (&json!("IN_PROGRESS"), &Value::Null));
    assert_eq!(
        (&begun["ExportFormat"], &begun["S3SseAlgorithm"]),
        (&json!("DYNAMODB_JSON"), &json!("AES256"))
    );
    let done = described(&cloud, &answer);
    let id = done["ExportArn"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let folder = format!("tables/AWSDynamoDB/{id}");
    assert_eq!(done["ExportStatus"], "COMPLETED");
    assert_eq!((&done["ItemCount"], &done["S3Prefix"]), (&json!(3), &json!("tables/")));
    assert_eq!(done["ExportManifest"], format!("{folder}/manifest-summary.json"));
    assert_eq!((&done["S3BucketOwner"], &done["ExportType"]), (&Value::Null, &Value::Null));

    let mut lines = shelf.lines();
    lines.sort_by_key(|line| line["Item"]["id"]["S"].as_str().unwrap().to_owned());
    assert_eq!(lines[0], json!({"Item": {"id": {"S": "a"}, "bytes": {"B": "YmFy"}}}));
    assert_eq!(lines.len(), 3);
    let summary: Value =
        serde_json::from_str(&shelf.text(&format!("{folder}/manifest-summary.json"))).unwrap();
    assert_eq!(
        (&summary["version"], &summary["itemCount"], &summary["exportType"], &summary["exportTime"]),
        (&json!("2020-06-30"), &json!(3), &json!("FULL_EXPORT"), &json!("2023-11-14T22:13:20.500Z"))
    );
    let list = shelf.text(summary["manifestFilesS3Key"].as_str().unwrap());
    let entry: Value = serde_json::from_str(list.lines().next().unwrap()).unwrap();
    assert_eq!((&entry["itemCount"], &entry["etag"]), (&json!(3), &json!("etag")));
    assert!(shelf.keys().contains(&entry["dataFileS3Key"].as_str().unwrap().to_owned()));
    for file in ["_started", "manifest-files.md5", "manifest-summary.md5"] {
        assert!(shelf.keys().contains(&format!("{folder}/{file}")), "{file}: {:?}", shelf.keys());
    }
}

#[test]
fn a_table_on_demand_is_exported_to_four_files() {
    let (cloud, shelf) = Cloud::new().reaching();
    cloud.ok(
        "CreateTable",
        with(table("ttt"), json!({"BillingMode": "PAY_PER_REQUEST", "ProvisionedThroughput": null})),
    );
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    let enable = json!({"PointInTimeRecoveryEnabled": true});
    cloud.ok(
        "UpdateContinuousBackups",
        json!({"TableName": "ttt", "PointInTimeRecoverySpecification": enable}),
    );
    for number in 0..40 {
        cloud.put("ttt", json!({"id": {"S": number.to_string()}}));
    }
    cloud.ok("ExportTableToPointInTime", export());
    assert_eq!(shelf.keys().len(), 9);
    assert_eq!(shelf.lines().len(), 40);
}

#[test]
fn an_export_of_an_earlier_time_holds_the_table_as_it_was() {
    let (mut cloud, shelf) = recoverable().reaching();
    cloud.put("ttt", json!({"id": {"S": "old"}}));
    cloud.now += Duration::from_secs(60);
    let then = seconds(&cloud);
    cloud.now += Duration::from_secs(60);
    cloud.put("ttt", json!({"id": {"S": "new"}}));
    cloud.now += Duration::from_secs(60);
    cloud.ok("ExportTableToPointInTime", with(export(), json!({"ExportTime": then})));
    assert_eq!(shelf.lines(), [json!({"Item": {"id": {"S": "old"}}})]);
}

#[test]
fn an_incremental_export_holds_what_changed_in_between() {
    let (mut cloud, shelf) = recoverable().reaching();
    cloud.put("ttt", json!({"id": {"S": "kept"}}));
    cloud.put("ttt", json!({"id": {"S": "changed"}, "n": {"N": "1"}}));
    cloud.put("ttt", json!({"id": {"S": "deleted"}, "n": {"N": "2"}}));
    cloud.now += Duration::from_secs(60);
    let from = seconds(&cloud);
    cloud.now += Duration::from_secs(60);
    cloud.put("ttt", json!({"id": {"S": "changed"}, "n": {"N": "7"}}));
    cloud.put("ttt", json!({"id": {"S": "new"}}));
    cloud.put("ttt", json!({"id": {"S": "passing"}}));
    cloud.ok("DeleteItem", json!({"TableName": "ttt", "Key": {"id": {"S": "deleted"}}}));
    let written = json!({"WriteTimestampMicros": {"N": format!("{:.0}", seconds(&cloud) * 1e6)}});
    cloud.now += Duration::from_secs(60);
    cloud.ok("DeleteItem", json!({"TableName": "ttt", "Key": {"id": {"S": "passing"}}}));
    cloud.now += Duration::from_secs(1_200);
    let window = |members: Value| {
        let window = with(json!({"ExportFromTime": from}), members);
        with(export(), json!({"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": window}))
    };
    let answer = cloud.ok("ExportTableToPointInTime", window(json!({})));
    let mut lines = shelf.lines();
    lines.sort_by_key(|line| line["Keys"]["id"]["S"].as_str().unwrap().to_owned());
    assert_eq!(
        lines[..3],
        [
            json!({
                "Metadata": written,
                "Keys": {"id": {"S": "changed"}},
                "OldImage": {"id": {"S": "changed"}, "n": {"N": "1"}},
                "NewImage": {"id": {"S": "changed"}, "n": {"N": "7"}},
            }),
            json!({
                "Metadata": written,
                "Keys": {"id": {"S": "deleted"}},
                "OldImage": {"id": {"S": "deleted"}, "n": {"N": "2"}},
            }),
            json!({"Metadata": written, "Keys": {"id": {"S": "new"}}, "NewImage": {"id": {"S": "new"}}}),
        ]
    );
    assert_eq!((lines.len(), &lines[3]["Keys"]), (4, &json!({"id": {"S": "passing"}})));
    let done = described(&cloud, &answer);
    assert_eq!((&done["ItemCount"], &done["BilledSizeBytes"]), (&json!(4), &json!(10_000_000)));
    assert_eq!(done["ExportTime"], Value::Null);
    assert_eq!(done["IncrementalExportSpecification"]["ExportViewType"], "NEW_AND_OLD_IMAGES");
}

#[test]
fn an_export_to_a_bucket_that_is_not_there_fails_later() {
    let cloud = recoverable();
    let answer = cloud.ok("ExportTableToPointInTime", export());
    assert_eq!(answer["ExportDescription"]["ExportStatus"], "IN_PROGRESS");
    let failed = described(&cloud, &answer);
    assert_eq!(
        (&failed["ExportStatus"], &failed["FailureCode"]),
        (&json!("FAILED"), &json!("S3NoSuchBucket"))
    );
    let message = failed["FailureMessage"].as_str().unwrap();
    assert!(
        message.starts_with(
            "The specified bucket does not exist (Service: Amazon S3; Status Code: 404; Error Code: NoSuchBucket; "
        ),
        "{message}"
    );
}

#[test]
fn a_client_token_means_the_export_that_it_came_with() {
    let cloud = recoverable();
    let asked = with(export(), json!({"ClientToken": "once"}));
    let one = cloud.ok("ExportTableToPointInTime", asked.clone());
    let again = cloud.ok("ExportTableToPointInTime", asked.clone());
    assert_eq!(one["ExportDescription"]["ExportArn"], again["ExportDescription"]["ExportArn"]);
    assert_eq!(
        cloud.err("ExportTableToPointInTime", with(asked, json!({"S3Prefix": "x"}))),
        json!({
            "__type": "com.amazonaws.dynamodb.v20120810#ExportConflictException",
            "message": "Export conflict: Duplicate request detected with conflicting parameters",
        })
    );
    let other = cloud.ok("ExportTableToPointInTime", export());
    assert_ne!(one["ExportDescription"]["ExportArn"], other["ExportDescription"]["ExportArn"]);
}

#[test]
fn exports_are_listed_newest_first_for_the_table_of_now() {
    let mut cloud = recoverable();
    let arns: Vec<Value> = (0..12)
        .map(|_| {
            cloud.now += Duration::from_secs(1);
            cloud.ok("ExportTableToPointInTime", export())["ExportDescription"]["ExportArn"].clone()
        })
        .collect();
    let first = cloud.ok("ListExports", json!({"TableArn": ARN}));
    let summaries = first["ExportSummaries"].as_array().unwrap();
    assert_eq!(summaries.len(), 10);
    assert_eq!(
        summaries[0],
        json!({"ExportArn": arns[11], "ExportStatus": "FAILED", "ExportType": "FULL_EXPORT"})
    );
    let second = cloud.ok("ListExports", json!({"NextToken": first["NextToken"]}));
    assert_eq!(second["ExportSummaries"][1]["ExportArn"], arns[0]);
    assert_eq!(second["NextToken"], Value::Null);
    assert_eq!(
        cloud.invalid("ListImports", json!({"NextToken": first["NextToken"]})),
        format!("Invalid Request: Provided nextToken is invalid: {}", first["NextToken"].as_str().unwrap())
    );
    cloud.ok("DeleteTable", json!({"TableName": "ttt"}));
    cloud.ok("ListTables", json!({}));
    cloud.ok("CreateTable", table("ttt"));
    assert_eq!(cloud.ok("ListExports", json!({"TableArn": ARN})), json!({"ExportSummaries": []}));
    let kept = cloud.ok("DescribeExport", json!({"ExportArn": arns[0]}));
    assert_eq!(kept["ExportDescription"]["TableArn"], ARN);
}

#[test]
fn an_export_is_refused_in_the_order_of_aws() {
    let cloud = Cloud::with_table();
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    let refused = |members: Value| {
        let error = cloud.err("ExportTableToPointInTime", with(export(), members));
        let code = error["__type"].as_str().unwrap().rsplit('#').next().unwrap().to_owned();
        (code, error["message"].as_str().unwrap().to_owned())
    };
    let now = seconds(&cloud);
    let window = |from: f64| {
        let asked = json!({"ExportFromTime": from});
        json!({"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": asked})
    };
    for (members, code, message) in [
        (
            json!({"TableArn": "ttt"}),
            "ValidationException",
            "One or more parameter values were invalid: tableArn is not a valid ARN",
        ),
        (
            json!({"TableArn": format!("{ARN}/index/x")}),
            "ValidationException",
            "Invalid Request: Table ARN is invalid.",
        ),
        (
            json!({"TableArn": ARN.replace("123456789012", "210987654321")}),
            "AccessDeniedException",
            "Access is denied",
        ),
        (
            json!({"S3SseKmsKeyId": "alias/aws/s3"}),
            "ValidationException",
            "Invalid Request: KMS Key Id is not supported for this encryption type",
        ),
        (
            json!({"IncrementalExportSpecification": {}}),
            "ValidationException",
            "Invalid Request: Export Type expected to be Incremental Export when incremental export specification is \
             provided",
        ),
        (
            json!({"ExportType": "FULL_EXPORT", "IncrementalExportSpecification": {}}),
            "ValidationException",
            "Invalid Request: When Export Type is Full Export , Incremental Export Specification should not be \
             provided",
        ),
        (
            json!({"ExportType": "INCREMENTAL_EXPORT"}),
            "ValidationException",
            "Invalid Request: Incremental Export Specification expected when export type is set as Incremental Export",
        ),
        (
            json!({"ExportType": "INCREMENTAL_EXPORT", "IncrementalExportSpecification": {}}),
            "ValidationException",
            "Invalid Request: ExportFromTime must be provided in IncrementalExportSpecification",
        ),
        (
            window(1_600_000_000.0),
            "InvalidExportTimeException",
            "Incremental export period from time cannot be less than the table creation time : 2020-09-13T12:26:40Z",
        ),
        (
            window(now),
            "InvalidExportTimeException",
            "Difference between export period from time and export period to time is less than 15 minutes",
        ),
        (
            json!({}),
            "PointInTimeRecoveryUnavailableException",
            "Point in time recovery is not enabled for table 'ttt'",
        ),
    ] {
        assert_eq!(refused(members), (code.to_owned(), message.to_owned()));
    }
    let (_, message) = refused(json!({"S3Bucket": "arn:aws:s3:::films"}));
    assert_eq!(
        message,
        "1 validation error detected: Value 'arn:aws:s3:::films' at 's3Bucket' failed to satisfy constraint: Member \
         must satisfy regular expression pattern: ^[a-z0-9A-Z]+[\\.\\-\\w]*[a-z0-9A-Z]+$"
    );
    let missing = format!("{ARN}2");
    assert_eq!(
        refused(json!({"TableArn": missing})),
        ("TableNotFoundException".to_owned(), format!("Table not found: {missing}"))
    );
}

#[test]
fn an_export_is_of_a_time_that_can_be_recovered() {
    let mut cloud = Cloud::with_table();
    cloud.now += Duration::from_secs(600);
    cloud.ok("DescribeTable", json!({"TableName": "ttt"}));
    let enable = json!({"PointInTimeRecoveryEnabled": true});
    cloud.ok(
        "UpdateContinuousBackups",
        json!({"TableName": "ttt", "PointInTimeRecoverySpecification": enable}),
    );
    let now = seconds(&cloud);
    for (time, message) in [
        (now + 5.0, "Export Time is invalid"),
        (now - 3_600.0, "Export Time is invalid"),
        (now - 1.0, "Point in Time Recovery is not available for specified export time"),
    ] {
        let error = cloud.err("ExportTableToPointInTime", with(export(), json!({"ExportTime": time})));
        assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#InvalidExportTimeException");
        assert_eq!(error["message"], message);
    }
    assert_eq!(
        cloud.invalid("ExportTableToPointInTime", with(export(), json!({"ExportFormat": "ION"}))),
        "The in-memory DynamoDB does not implement the ExportFormat ION"
    );
}

#[test]
fn exports_that_are_not_there_are_told_apart() {
    let cloud = recoverable();
    let arn = format!("{ARN}/export/01700000000500-00000000");
    let elsewhere = arn.replace("eu-west-1", "us-east-1");
    for (arn, message) in [
        (&arn, format!("Export not found: Export not found: {arn}")),
        (&elsewhere, "Export not found: Invalid export arn".to_owned()),
    ] {
        let error = cloud.err("DescribeExport", json!({"ExportArn": arn}));
        assert_eq!(error["__type"], "com.amazonaws.dynamodb.v20120810#ExportNotFoundException");
        assert_eq!(error["message"], message);
    }
    let foreign = arn.replace("123456789012", "210987654321");
    assert_eq!(cloud.err("DescribeExport", json!({"ExportArn": foreign}))["message"], "Access is denied");
    assert_eq!(cloud.invalid("DescribeExport", json!({"ExportArn": ARN})), "Invalid Export ARN");
}

#[test]
fn with_a_delay_the_files_are_there_when_the_export_is_finished() {
    let (mut cloud, shelf) = recoverable().reaching();
    cloud.put("ttt", json!({"id": {"S": "a"}}));
    let delay = Duration::from_secs(10);
    cloud.with_engine(|engine| engine.set_status_delay(delay));
    let answer = cloud.ok("ExportTableToPointInTime", export());
    cloud.put("ttt", json!({"id": {"S": "b"}}));
    let begun = described(&cloud, &answer);
    assert_eq!((&begun["ExportStatus"], &begun["ExportManifest"]), (&json!("IN_PROGRESS"), &Value::Null));
    let keys = shelf.keys();
    assert!(keys.len() == 1 && keys[0].ends_with("/_started"), "{keys:?}");
    cloud.now += delay - Duration::from_millis(1);
    cloud.ok("ListTables", json!({}));
    assert_eq!(shelf.keys().len(), 1);
    cloud.now += Duration::from_secs(5);
    let done = described(&cloud, &answer);
    assert_eq!((&done["ExportStatus"], &done["ItemCount"]), (&json!("COMPLETED"), &json!(1)));
    assert_eq!(shelf.lines(), [json!({"Item": {"id": {"S": "a"}}})]);
    let summary: Value = serde_json::from_str(&shelf.text(done["ExportManifest"].as_str().unwrap())).unwrap();
    assert_eq!(summary["endTime"], "2023-11-14T22:13:30.500Z");
}
