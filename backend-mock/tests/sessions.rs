//! Sessions into the cloud: identities, regions, and the words for what is wrong.

#![allow(clippy::unwrap_used)] // helpers of tests: a failure is the test's

use aws_sdk_dynamodb::types::{
    AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType, TableStatus,
};
use backend_mock::{MockAws, MockSession};
use session_core::{Error, ErrorKind, Origin, Session as _, SessionConfig, SessionExt};

session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb, "2012-08-10");
session_core::service!(S3 = "s3", aws_sdk_s3, "2006-03-01");
// A marker for a service that the cloud has no engine for; which client it makes does not matter here.
session_core::service!(Sqs = "sqs", aws_sdk_s3);

async fn create_table(session: &MockSession, name: &str) {
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let key = KeySchemaElement::builder().attribute_name("id").key_type(KeyType::Hash).build().unwrap();
    let id = AttributeDefinition::builder().attribute_name("id").attribute_type(ScalarAttributeType::S);
    dynamodb
        .create_table()
        .table_name(name)
        .key_schema(key)
        .attribute_definitions(id.build().unwrap())
        .billing_mode(BillingMode::PayPerRequest)
        .send()
        .await
        .unwrap();
}

async fn tables(session: &MockSession) -> Vec<String> {
    let dynamodb = session.client(DynamoDb).await.unwrap();
    dynamodb.list_tables().send().await.unwrap().table_names().to_vec()
}

#[tokio::test]
async fn regions_and_accounts_are_apart() {
    let aws = MockAws::new();
    let home = aws.session();
    let abroad = aws.session_with(SessionConfig::builder().region_name("eu-west-1").build().unwrap());
    let keys = |id: &str| SessionConfig::builder().aws_access_key_id(id).aws_secret_access_key("any");
    let other_account = aws.session_with(keys("AKIDOTHER").aws_account_id("222222222222").build().unwrap());
    let by_account_number = aws.session_with(keys("222222222222").build().unwrap());
    create_table(&home, "orders").await;
    create_table(&other_account, "invoices").await;
    assert_eq!(tables(&home).await, ["orders"]);
    assert!(tables(&abroad).await.is_empty());
    assert_eq!(tables(&other_account).await, ["invoices"]);
    assert_eq!(tables(&by_account_number).await, ["invoices"]);
}

#[tokio::test]
async fn a_bucket_policy_lets_another_account_in() {
    let aws = MockAws::new();
    let s3 = aws.session().client(S3).await.unwrap();
    s3.create_bucket().bucket("films").send().await.unwrap();
    s3.put_object().bucket("films").key("metropolis").body(b"1927".to_vec().into()).send().await.unwrap();
    let keys = SessionConfig::builder().aws_access_key_id("AKIDOTHER").aws_secret_access_key("any");
    let other = aws.session_with(keys.aws_account_id("222222222222").build().unwrap());
    let other = other.client(S3).await.unwrap();
    let get = || other.get_object().bucket("films").key("metropolis").send();
    let denied = Error::from(get().await.unwrap_err());
    assert_eq!((denied.kind(), denied.message()), (ErrorKind::AccessDenied, "Access Denied"));
    let policy = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"222222222222"},
                     "Action":"s3:GetObject","Resource":"arn:aws:s3:::films/*",
                     "Condition":{"Bool":{"aws:SecureTransport":"true"}}}]}"#;
    s3.put_bucket_policy().bucket("films").policy(policy).send().await.unwrap();
    assert_eq!(get().await.unwrap().body.collect().await.unwrap().to_vec(), b"1927");
    let put = other.put_object().bucket("films").key("metropolis").send().await;
    assert_eq!(Error::from(put.unwrap_err()).kind(), ErrorKind::AccessDenied);
}

#[tokio::test]
async fn bucket_names_are_shared_by_all_accounts() {
    let session = MockAws::new().session();
    let s3 = session.client(S3).await.unwrap();
    s3.create_bucket().bucket("films").send().await.unwrap();
    let other = session.client(S3).aws_access_key_id("222222222222").aws_secret_access_key("any");
    let other = other.await.unwrap();
    let error = Error::from(other.create_bucket().bucket("films").send().await.unwrap_err());
    assert_eq!((error.kind(), error.code()), (ErrorKind::AlreadyExists, Some("BucketAlreadyExists")));
    let error = Error::from(other.list_objects_v2().bucket("films").send().await.unwrap_err());
    assert!(error.is_access_denied() && error.request_id().is_some(), "{error:?}");
}

#[tokio::test]
async fn a_service_that_the_cloud_lacks_is_refused_when_its_client_opens() {
    let error = MockAws::new().session().client(Sqs).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownService);
    assert!(
        error.to_string().contains("`sqs`")
            && error.to_string().contains("`dynamodb`, `dynamodbstreams`, `kms`, `s3`, `sts`"),
        "{error}"
    );
}

#[tokio::test]
async fn a_ca_bundle_is_read_when_the_client_opens() {
    let error = MockAws::new().session().client(S3).verify("no/such/bundle.pem").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("no/such/bundle.pem"), "{error}");
}

#[tokio::test]
async fn an_endpoint_leads_nowhere_but_into_the_cloud() {
    let session = MockAws::new().session();
    let dynamodb = session.client(DynamoDb).endpoint_url("https://example.invalid").await.unwrap();
    assert!(dynamodb.list_tables().send().await.unwrap().table_names().is_empty());
    assert_eq!(dynamodb.meta().endpoint_url.as_deref(), Some("https://example.invalid"));
    assert_eq!(dynamodb.meta().backend, "mock");
}

#[tokio::test]
async fn a_session_says_what_it_is() {
    let session = MockAws::new().session();
    assert_eq!(session.config().region_name().unwrap().origin, Origin::Default);
    assert_eq!((session.region_name().unwrap().as_str(), session.profile_name()), ("us-east-1", "default"));
    let names: Vec<String> = session.available_services().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["dynamodb", "dynamodbstreams", "kms", "s3", "sts"]);
    let names: Vec<String> = session.available_resources().iter().map(ToString::to_string).collect();
    assert_eq!(names, ["dynamodb", "s3"]);
    assert!(session.credentials().await.unwrap().is_some());
}

#[tokio::test]
async fn closing_the_session_closes_its_clients() {
    let session = MockAws::new().session();
    let s3 = session.client(S3).await.unwrap();
    session.close().await.unwrap();
    assert!(Error::from(s3.list_buckets().send().await.unwrap_err()).is_closed());
    assert!(session.client(S3).await.unwrap_err().is_closed());
}

#[tokio::test]
async fn the_same_seed_gives_the_same_request_ids() {
    async fn request_id(aws: MockAws) -> String {
        let s3 = aws.session().client(S3).await.unwrap();
        let error = s3.head_bucket().bucket("none").send().await.unwrap_err();
        Error::from(error).request_id().unwrap().to_owned()
    }
    assert_eq!(request_id(MockAws::with_seed(7)).await, request_id(MockAws::with_seed(7)).await);
    assert_ne!(request_id(MockAws::with_seed(7)).await, request_id(MockAws::with_seed(8)).await);
}

#[tokio::test]
async fn two_clouds_share_nothing() {
    let (one, other) = (MockAws::new(), MockAws::new());
    create_table(&one.session(), "orders").await;
    assert!(tables(&other.session()).await.is_empty());
    assert_eq!(tables(&one.clone().session()).await, ["orders"]);
}

#[tokio::test]
async fn tables_take_their_time_when_the_cloud_is_told_so() {
    let hour = std::time::Duration::from_secs(3_600);
    for (delay, status) in [(std::time::Duration::ZERO, TableStatus::Active), (hour, TableStatus::Creating)] {
        let session = MockAws::builder().dynamodb_status_delay(delay).build().session();
        create_table(&session, "orders").await;
        let dynamodb = session.client(DynamoDb).await.unwrap();
        let seen = dynamodb.describe_table().table_name("orders").send().await.unwrap();
        assert_eq!(seen.table().unwrap().table_status(), Some(&status));
    }
}
