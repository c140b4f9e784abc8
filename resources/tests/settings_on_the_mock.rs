//! Every setting that changes where S3 and DynamoDB are, or how they are asked, leads into the mock as it leads to AWS.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use aws_types::endpoint_config::AccountIdEndpointMode;
use backend_mock::MockAws;
use resources::{DynamoDb, S3};
use session_core::{
    ClientConfig, ClientConfigBuilder, DefaultsMode, RetryMode, S3AddressingStyle, SessionExt,
};

fn config() -> ClientConfigBuilder {
    ClientConfig::builder()
}

#[tokio::test]
async fn an_object_goes_in_and_out_by_every_endpoint_and_signature() {
    let session = MockAws::new().session();
    session.client(S3).await.unwrap().create_bucket().bucket("films").send().await.unwrap();
    for config in [
        config().s3_addressing_style(S3AddressingStyle::Path),
        config().s3_addressing_style(S3AddressingStyle::Virtual),
        config().s3_use_accelerate_endpoint(true),
        config().s3_use_dualstack_endpoint(true),
        config().s3_use_accelerate_endpoint(true).s3_use_dualstack_endpoint(true),
        config().use_fips_endpoint(true),
        config().use_fips_endpoint(true).use_dualstack_endpoint(true),
        config().s3_payload_signing_enabled(true),
        config().s3_payload_signing_enabled(false),
        config().use_ssl(false),
        config().user_agent("till/1.2"),
        config().retry_mode(RetryMode::Adaptive).total_max_attempts(2).max_pool_connections(1),
        config().defaults_mode(DefaultsMode::InRegion),
        ClientConfig::s3_compatible(),
    ] {
        let shown = format!("{config:?}");
        let s3 = session.client(S3).config(config).await.unwrap();
        let put = s3.put_object().bucket("films").key("a b").body(b"once".to_vec().into()).send().await;
        put.unwrap_or_else(|error| unreachable!("{error:?} with {shown}"));
        let got = s3.get_object().bucket("films").key("a b").send().await.unwrap();
        assert_eq!(got.body.collect().await.unwrap().into_bytes(), "once", "{shown}");
        s3.close().await.unwrap();
    }
}

#[tokio::test]
async fn a_table_is_found_by_every_endpoint() {
    let session = MockAws::new().session();
    for config in [
        config().use_fips_endpoint(true),
        config().use_dualstack_endpoint(true),
        config().account_id_endpoint_mode(AccountIdEndpointMode::Disabled),
        config().aws_access_key_id("AKID").aws_secret_access_key("s").aws_account_id("123456789012"),
    ] {
        let shown = format!("{config:?}");
        let dynamodb = session.client(DynamoDb).config(config).await.unwrap();
        let tables = dynamodb.list_tables().send().await;
        tables.unwrap_or_else(|error| unreachable!("{error:?} with {shown}"));
    }
}

#[tokio::test]
async fn nobody_reads_a_private_bucket_anonymously() {
    let session = MockAws::new().session();
    session.client(S3).await.unwrap().create_bucket().bucket("films").send().await.unwrap();
    let anonymous = session.client(S3).config(config().anonymous()).await.unwrap();
    let error = anonymous.list_objects_v2().bucket("films").send().await.unwrap_err();
    assert_eq!(session_core::Error::from(error).code(), Some("AccessDenied"));
}
