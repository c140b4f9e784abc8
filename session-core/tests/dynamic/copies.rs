//! Copies from another region: presigned for the region of their source.

use serde_json::json;
use session_core::{ErrorKind, SessionExt};
use url::Url;

use crate::TestResult;
use crate::scripted::{Asked, Scripted};

/// A parameter of the form that was sent.
fn sent(asked: &Asked, name: &str) -> Option<String> {
    let form = url::form_urlencoded::parse(asked.body.as_bytes());
    form.into_owned().find(|(given, _)| given == name).map(|(_, value)| value)
}

/// A parameter of the presigned URL.
fn presigned(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().into_owned().find(|(given, _)| given == name).map(|(_, value)| value)
}

#[tokio::test]
async fn a_copy_of_a_database_is_presigned_for_its_source() -> TestResult {
    for (service, operation, input) in [
        (
            "rds",
            "CopyDBSnapshot",
            json!({"SourceDBSnapshotIdentifier": "s", "TargetDBSnapshotIdentifier": "t"}),
        ),
        ("rds", "CreateDBInstanceReadReplica", json!({"DBInstanceIdentifier": "r"})),
        ("rds", "StartDBInstanceAutomatedBackupsReplication", json!({"SourceDBInstanceArn": "a"})),
        ("rds", "CreateDBCluster", json!({"DBClusterIdentifier": "c", "Engine": "e"})),
        (
            "neptune",
            "CopyDBClusterSnapshot",
            json!({"SourceDBClusterSnapshotIdentifier": "s", "TargetDBClusterSnapshotIdentifier": "t"}),
        ),
        ("docdb", "CreateDBCluster", json!({"DBClusterIdentifier": "c", "Engine": "e"})),
    ] {
        let session = Scripted::new().answer(200, "");
        let mut input = input;
        input["SourceRegion"] = json!("us-east-1");
        session.client(service).await?.call(operation, input).await?;
        let asked = session.asked();
        assert_eq!(asked.len(), 1, "{operation}");
        assert_eq!(sent(&asked[0], "SourceRegion"), None, "{operation}");
        assert_eq!(sent(&asked[0], "DestinationRegion"), None, "{operation}");
        let url: Url = sent(&asked[0], "PreSignedUrl").unwrap().parse().unwrap();
        assert_eq!(url.host_str(), Some("rds.us-east-1.amazonaws.com"), "{operation}");
        assert_eq!(presigned(&url, "Action").as_deref(), Some(operation));
        assert_eq!(presigned(&url, "DestinationRegion").as_deref(), Some("eu-west-1"));
        assert_eq!(presigned(&url, "SourceRegion"), None);
        assert_eq!(presigned(&url, "X-Amz-Expires").as_deref(), Some("3600"));
        assert!(presigned(&url, "X-Amz-Credential").unwrap().ends_with("/us-east-1/rds/aws4_request"));
    }
    Ok(())
}

#[tokio::test]
async fn a_copy_of_a_snapshot_has_both_regions() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "");
    let ec2 = session.client("ec2").await?;
    let input = json!({"SourceRegion": "us-east-1", "SourceSnapshotId": "snap-1"});
    ec2.call("CopySnapshot", input.clone()).await?;
    let asked = &session.asked()[0];
    assert_eq!(sent(asked, "SourceRegion").as_deref(), Some("us-east-1"));
    assert_eq!(sent(asked, "DestinationRegion").as_deref(), Some("eu-west-1"));
    let url: Url = sent(asked, "PresignedUrl").unwrap().parse().unwrap();
    assert_eq!(url.host_str(), Some("ec2.us-east-1.amazonaws.com"));
    assert_eq!(presigned(&url, "SourceSnapshotId").as_deref(), Some("snap-1"));
    assert_eq!(presigned(&url, "SourceRegion").as_deref(), Some("us-east-1"));
    assert_eq!(presigned(&url, "DestinationRegion").as_deref(), Some("eu-west-1"));
    assert!(presigned(&url, "X-Amz-Credential").unwrap().ends_with("/us-east-1/ec2/aws4_request"));
    // A URL of the caller's own is taken.
    let mut own = input;
    own["PresignedUrl"] = json!("https://example.com/");
    ec2.call("CopySnapshot", own).await?;
    assert_eq!(sent(&session.asked()[1], "PresignedUrl").as_deref(), Some("https://example.com/"));
    Ok(())
}

#[tokio::test]
async fn a_copy_within_a_region_is_not_presigned_and_a_region_that_is_none_is_refused() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let rds = session.client("rds").await?;
    let mut input = json!({"SourceDBSnapshotIdentifier": "s", "TargetDBSnapshotIdentifier": "t"});
    rds.call("CopyDBSnapshot", input.clone()).await?;
    assert_eq!(sent(&session.asked()[0], "PreSignedUrl"), None);
    input["SourceRegion"] = json!("no region.example.com/");
    let error = rds.call("CopyDBSnapshot", input).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert_eq!(session.asked().len(), 1);
    Ok(())
}
