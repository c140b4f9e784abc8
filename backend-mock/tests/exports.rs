//! Tables that go to buckets of the same cloud, and come back.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use std::time::Duration;

use aws_sdk_dynamodb::types::{
    AttributeDefinition, AttributeValue, BillingMode, ExportDescription, ExportStatus, ImportStatus,
    ImportTableDescription, InputCompressionType, InputFormat, KeySchemaElement, KeyType,
    PointInTimeRecoverySpecification, S3BucketSource, ScalarAttributeType, TableCreationParameters,
};
use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use backend_mock::MockAws;
use session_core::{SessionConfig, SessionExt as _};

session_core::service!(S3 = "s3", aws_sdk_s3, "2006-03-01");

const TABLE: &str = "films";
const ARN: &str = "arn:aws:dynamodb:us-east-1:123456789012:table/films";

/// A cloud with the bucket `tables` and a recoverable table with two items.
async fn cloud() -> (MockAws, aws_sdk_dynamodb::Client) {
    delayed(Duration::ZERO).await
}

/// The same, where what DynamoDB does takes so long by the clock.
async fn delayed(delay: Duration) -> (MockAws, aws_sdk_dynamodb::Client) {
    let aws = MockAws::builder().dynamodb_status_delay(delay).build();
    let dynamodb = aws_sdk_dynamodb::Client::new(&aws.sdk_config());
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    s3.create_bucket().bucket("tables").send().await.unwrap();
    dynamodb
        .create_table()
        .table_name(TABLE)
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute())
        .key_schema(key())
        .send()
        .await
        .unwrap();
    aws.clock().advance(delay);
    let enabled = PointInTimeRecoverySpecification::builder().point_in_time_recovery_enabled(true).build();
    dynamodb
        .update_continuous_backups()
        .table_name(TABLE)
        .point_in_time_recovery_specification(enabled.unwrap())
        .send()
        .await
        .unwrap();
    for title in ["metropolis", "nosferatu"] {
        let title = AttributeValue::S(title.to_owned());
        dynamodb.put_item().table_name(TABLE).item("title", title).send().await.unwrap();
    }
    (aws, dynamodb)
}

fn attribute() -> AttributeDefinition {
    let attribute = AttributeDefinition::builder().attribute_name("title");
    attribute.attribute_type(ScalarAttributeType::S).build().unwrap()
}

fn key() -> KeySchemaElement {
    KeySchemaElement::builder().attribute_name("title").key_type(KeyType::Hash).build().unwrap()
}

/// What became of an export to a bucket.
async fn exported(dynamodb: &aws_sdk_dynamodb::Client, bucket: &str) -> ExportDescription {
    let begun = dynamodb.export_table_to_point_in_time().table_arn(ARN).s3_bucket(bucket).send().await;
    let begun = begun.unwrap().export_description.unwrap();
    assert_eq!(begun.export_status, Some(ExportStatus::InProgress));
    let arn = begun.export_arn.unwrap();
    dynamodb.describe_export().export_arn(arn).send().await.unwrap().export_description.unwrap()
}

#[tokio::test]
async fn an_exported_table_can_be_imported() {
    let (_aws, dynamodb) = cloud().await;
    let export = exported(&dynamodb, "tables").await;
    assert_eq!((export.export_status, export.item_count), (Some(ExportStatus::Completed), Some(2)));
    let manifest = export.export_manifest.unwrap();
    let folder = manifest.strip_suffix("manifest-summary.json").unwrap();
    let source = S3BucketSource::builder().s3_bucket("tables").s3_key_prefix(format!("{folder}data/"));
    let parameters = TableCreationParameters::builder()
        .table_name("copies")
        .billing_mode(BillingMode::PayPerRequest)
        .attribute_definitions(attribute())
        .key_schema(key());
    let begun = dynamodb
        .import_table()
        .s3_bucket_source(source.build().unwrap())
        .input_format(InputFormat::DynamodbJson)
        .input_compression_type(InputCompressionType::Gzip)
        .table_creation_parameters(parameters.build().unwrap())
        .send()
        .await
        .unwrap();
    let arn = begun.import_table_description.unwrap().import_arn.unwrap();
    let done = dynamodb.describe_import().import_arn(arn).send().await.unwrap();
    let ImportTableDescription { import_status, imported_item_count, .. } =
        done.import_table_description.unwrap();
    assert_eq!((import_status, imported_item_count), (Some(ImportStatus::Completed), 2));
    let copies = dynamodb.scan().table_name("copies").send().await.unwrap();
    assert_eq!(copies.count, 2);
}

#[tokio::test]
async fn a_bucket_that_is_not_there_or_not_theirs_fails_the_export() {
    let (aws, dynamodb) = cloud().await;
    let missing = exported(&dynamodb, "nowhere").await;
    assert_eq!(missing.export_status, Some(ExportStatus::Failed));
    assert_eq!(missing.failure_code.as_deref(), Some("S3NoSuchBucket"));
    let keys = SessionConfig::builder().aws_access_key_id("222222222222").aws_secret_access_key("any");
    let other = aws.session_with(keys.region_name("eu-west-1").build().unwrap());
    let s3 = other.client(S3).await.unwrap();
    let ireland = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::EuWest1);
    s3.create_bucket().bucket("theirs").create_bucket_configuration(ireland.build()).send().await.unwrap();
    let denied = exported(&dynamodb, "theirs").await;
    assert_eq!(denied.failure_code.as_deref(), Some("S3AccessDenied"));
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"123456789012"},
                     "Action":"s3:PutObject","Resource":"arn:aws:s3:::theirs/*",
                     "Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#;
    s3.put_bucket_policy().bucket("theirs").policy(policy).send().await.unwrap();
    let allowed = exported(&dynamodb, "theirs").await;
    assert_eq!(allowed.export_status, Some(ExportStatus::Completed));
}

#[tokio::test]
async fn a_file_is_in_its_bucket_when_the_export_is_over() {
    let delay = Duration::from_secs(600);
    let (aws, dynamodb) = delayed(delay).await;
    let begun = exported(&dynamodb, "tables").await;
    assert_eq!(begun.export_status, Some(ExportStatus::InProgress));
    let s3 = aws_sdk_s3::Client::new(&aws.sdk_config());
    let keys = || async {
        let page = s3.list_objects_v2().bucket("tables").send().await.unwrap();
        page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key).collect::<Vec<_>>()
    };
    let before = keys().await;
    assert!(before.len() == 1 && before[0].ends_with("/_started"), "{before:?}");
    aws.clock().advance(delay);
    // Nobody has asked DynamoDB since.
    let after = keys().await;
    assert!(after.iter().any(|key| key.ends_with("/manifest-summary.json")), "{after:?}");
    assert!(after.iter().any(|key| key.ends_with(".json.gz")), "{after:?}");
}
