//! What would be elsewhere, and every operation there is.

use super::*;

/// The operations of the API, and those of streams, as the SDK names them.
const OPERATIONS: &str = "BatchExecuteStatement BatchGetItem BatchWriteItem CreateBackup CreateGlobalTable CreateTable \
    DeleteBackup DeleteItem DeleteResourcePolicy DeleteTable DescribeBackup DescribeContinuousBackups \
    DescribeContributorInsights DescribeEndpoints DescribeExport DescribeGlobalTable DescribeGlobalTableSettings \
    DescribeImport DescribeKinesisStreamingDestination DescribeLimits DescribeTable DescribeTableReplicaAutoScaling \
    DescribeTimeToLive DisableKinesisStreamingDestination EnableKinesisStreamingDestination ExecuteStatement \
    ExecuteTransaction ExportTableToPointInTime GetItem GetResourcePolicy ImportTable ListBackups \
    ListContributorInsights ListExports ListGlobalTables ListImports ListTables ListTagsOfResource PutItem \
    PutResourcePolicy Query RestoreTableFromBackup RestoreTableToPointInTime Scan SearchVectors TagResource \
    TransactGetItems TransactWriteItems UntagResource UpdateContinuousBackups UpdateContributorInsights \
    UpdateGlobalTable UpdateGlobalTableSettings UpdateItem UpdateKinesisStreamingDestination UpdateTable \
    UpdateTableReplicaAutoScaling UpdateTimeToLive";

#[test]
fn every_operation_is_there() {
    let cloud = Cloud::new();
    for operation in OPERATIONS.split_whitespace() {
        let (status, answer) = cloud.call(operation, &json!({}));
        assert!(matches!(status, 200 | 400), "{operation}: {status}");
        assert_ne!(answer["__type"], "com.amazon.coral.service#UnknownOperationException", "{operation}");
    }
}

#[test]
fn global_tables_of_the_older_kind_are_no_more() {
    let cloud = Cloud::with_table();
    for operation in ["CreateGlobalTable", "UpdateGlobalTable"] {
        assert_eq!(
            cloud.invalid(operation, json!({"GlobalTableName": "ttt"})),
            "One or more parameter values were invalid: DynamoDB global tables version 2017.11.29 is not supported. We \
             recommend using DynamoDB global tables version 2019.11.21, instead of version 2017.11.29 (Legacy)."
        );
    }
    let update = |updates: Value| json!({"GlobalTableName": "ttt", "ReplicaUpdates": updates});
    assert_eq!(
        cloud.invalid("UpdateGlobalTable", update(json!([]))),
        "One or more parameter values were invalid"
    );
    let delete = update(json!([{"Delete": {"RegionName": "eu-west-2"}}]));
    let named = json!({"GlobalTableName": "ttt"});
    for (operation, input) in [
        ("DescribeGlobalTableSettings", named.clone()),
        ("UpdateGlobalTableSettings", named),
        ("UpdateGlobalTable", delete),
    ] {
        assert_eq!(
            cloud.err(operation, input),
            json!({
                "__type": "com.amazonaws.dynamodb.v20120810#GlobalTableNotFoundException",
                "message": "Global table with name: 'ttt' does not exist.",
            })
        );
    }
}

#[test]
fn a_table_has_no_replicas() {
    let cloud = Cloud::with_table();
    for operation in ["DescribeTableReplicaAutoScaling", "UpdateTableReplicaAutoScaling"] {
        assert_eq!(
            cloud.err(operation, json!({"TableName": "ttt"})),
            json!({
                "__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
                "message": "Global table with name: 'ttt' does not exist.",
            })
        );
    }
    let update = |action: Value| json!({"TableName": "ttt", "ReplicaUpdates": [action]});
    for (action, message) in [
        (json!({}), "There are no actions specified in the Replica Update Action of the request."),
        (
            json!({"Create": {"RegionName": "eu-west-1"}}),
            "Cannot add or delete the local region through ReplicaUpdates. Use CreateTable, DeleteTable, or UpdateTable as \
             required.",
        ),
        (
            json!({"Delete": {"RegionName": "us-east-1"}}),
            "Update global table operation failed because one or more replicas were not part of the global table. \
             Please retry the request without these replicas: [us-east-1].",
        ),
    ] {
        assert_eq!(cloud.invalid("UpdateTable", update(action)), message);
    }
}

#[test]
fn global_tables_of_the_older_kind_are_listed_by_region() {
    let cloud = Cloud::new();
    for region in ["eu-west-1", "cn-north-1", "af-south-1"] {
        assert_eq!(cloud.ok("ListGlobalTables", json!({"RegionName": region})), json!({"GlobalTables": []}));
    }
    for region in ["", "US-WEST-2", "bogus-region-1"] {
        let (status, answer) = cloud.call("ListGlobalTables", &json!({"RegionName": region}));
        assert_eq!(status, 500);
        assert_eq!(
            answer,
            json!({
                "__type": "com.amazonaws.dynamodb.v20120810#InternalServerError",
                "message": "Internal server error",
            })
        );
    }
}
