//! Buckets in the namespace of an account and a region.

use super::*;

const MINE: &str = "x-amz-bucket-namespace: account-regional";

#[tokio::test]
async fn an_account_has_names_of_its_own_in_every_region() {
    let world = World::new();
    let created = world.ask(&format!("PUT /films-123456789012-us-east-1-an\n{MINE}"), "").await;
    assert_eq!(
        (created.status, created.header("location"), created.header("x-amz-bucket-arn")),
        (200, "/films-123456789012-us-east-1-an", "arn:aws:s3:::films-123456789012-us-east-1-an")
    );
    let constraint = "<CreateBucketConfiguration><LocationConstraint>cn-north-1</LocationConstraint>\
                      </CreateBucketConfiguration>";
    let elsewhere = World { region: "cn-north-1", ..World::new() };
    let created = elsewhere.ask(&format!("PUT /films-123456789012-cn-north-1-an\n{MINE}"), constraint).await;
    assert_eq!(
        (created.status, created.header("location"), created.header("x-amz-bucket-arn")),
        (200, "/films-123456789012-cn-north-1-an", "arn:aws-cn:s3:::films-123456789012-cn-north-1-an")
    );
}

#[tokio::test]
async fn a_name_and_its_namespace_fit_together() {
    let world = World::new();
    for (head, code) in [
        (format!("PUT /films\n{MINE}"), "InvalidNamespaceHeader"),
        ("PUT /films-123456789012-us-east-1-an".to_owned(), "MissingNamespaceHeader"),
        (
            "PUT /films-123456789012-us-east-1-an\nx-amz-bucket-namespace: global".to_owned(),
            "MissingNamespaceHeader",
        ),
        (format!("PUT /films-{OTHER_ACCOUNT}-us-east-1-an\n{MINE}"), "InvalidBucketNamespace"),
        (format!("PUT /films-123456789012-eu-west-1-an\n{MINE}"), "InvalidBucketNamespace"),
        ("PUT /films\nx-amz-bucket-namespace: mine".to_owned(), "InvalidArgument"),
    ] {
        assert_eq!(world.ask(&head, "").await.refusal(), (400, code), "{head}");
    }
    assert_eq!(world.ask("PUT /films-an\nx-amz-bucket-namespace: global", "").await.status, 200);
}
