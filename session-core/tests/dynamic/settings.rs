//! Settings of a client, heeded or refused by name; and who signs.

use aws_smithy_types::byte_stream::ByteStream;
use serde_json::json;
use session_core::{ClientConfig, ErrorKind, S3AddressingStyle, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

#[tokio::test]
async fn settings_that_change_the_endpoint_are_heeded() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "").answer(200, "{}");
    let head = json!({"Bucket": "films"});
    let path = session.client("s3").s3_addressing_style(S3AddressingStyle::Path).await?;
    path.call("HeadBucket", head.clone()).await?;
    assert_eq!(session.asked()[0].uri, "https://s3.eu-west-1.amazonaws.com/films/");
    let dual = session.client("s3").config(ClientConfig::builder().use_dualstack_endpoint(true)).await?;
    dual.call("HeadBucket", head).await?;
    assert_eq!(session.asked()[1].uri, "https://films.s3.dualstack.eu-west-1.amazonaws.com/");
    let fips = session.client("dynamodb").region_name("us-east-1");
    let fips = fips.config(ClientConfig::builder().use_fips_endpoint(true)).await?;
    fips.call("ListTables", json!({})).await?;
    assert_eq!(session.asked()[2].uri, "https://dynamodb-fips.us-east-1.amazonaws.com/");
    Ok(())
}

#[tokio::test]
async fn a_setting_that_cannot_be_heeded_is_refused_by_name() {
    let session = Scripted::new();
    let config = ClientConfig::builder().s3_payload_signing_enabled(true);
    let error = session.client("s3").config(config).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("s3_payload_signing_enabled"), "{error}");
}

#[tokio::test]
async fn a_global_service_is_signed_for_its_own_region_and_an_anonymous_client_signs_nothing() -> TestResult {
    let answer = "<ListUsersResponse><ListUsersResult><Users/></ListUsersResult></ListUsersResponse>";
    let session = Scripted::new().answer(200, answer).answer(200, "");
    session.client("iam").await?.call("ListUsers", json!({})).await?;
    let asked = &session.asked()[0];
    assert_eq!(asked.uri, "https://iam.amazonaws.com/");
    assert!(asked.header("authorization").unwrap().contains("/us-east-1/iam/aws4_request"), "{asked:?}");
    let anonymous = session.client("s3").config(ClientConfig::builder().anonymous()).await?;
    anonymous.call("HeadBucket", json!({"Bucket": "films"})).await?;
    assert_eq!(session.asked()[1].header("authorization"), None);
    Ok(())
}

#[tokio::test]
async fn a_body_is_given_once_and_only_where_there_is_one() -> TestResult {
    let session = Scripted::new();
    let s3 = session.client("s3").await?;
    let film = json!({"Bucket": "films", "Key": "a", "Body": "inline"});
    let twice = s3.operation("PutObject")?.input(film).body(ByteStream::from_static(b"beside"));
    let error = twice.send().await.unwrap_err();
    assert!(error.to_string().contains("Body is given twice"), "{error}");
    let none = s3.operation("ListBuckets")?.body(ByteStream::from_static(b"beside"));
    let error = none.send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    Ok(())
}

#[tokio::test]
async fn a_host_has_the_prefix_that_the_model_asks_for_once() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "{}").answer(200, "{}");
    let control = session.client("s3control").await?;
    let account = json!({"AccountId": "123456789012"});
    control.call("DeletePublicAccessBlock", account.clone()).await?;
    assert!(session.asked()[0].uri.starts_with("https://123456789012.s3-control.eu-west-1."), "{session:?}");
    let discovery = session.client("servicediscovery").await?;
    let instances = json!({"NamespaceName": "n", "ServiceName": "s"});
    discovery.call("DiscoverInstances", instances.clone()).await?;
    assert_eq!(session.asked()[1].uri, "https://data-servicediscovery.eu-west-1.amazonaws.com/");
    // No host is called data-127.0.0.1.
    let local =
        discovery.operation("DiscoverInstances")?.input(instances).endpoint_url("http://127.0.0.1:5000");
    local.send().await?;
    assert_eq!(session.asked()[2].uri, "http://127.0.0.1:5000/");
    let error = control.call("DeletePublicAccessBlock", json!({"AccountId": "a.b"})).await.unwrap_err();
    assert!(error.to_string().contains("AccountId"), "{error}");
    Ok(())
}

#[tokio::test]
async fn a_bearer_token_for_bedrock_comes_from_the_machine_unless_the_program_says_otherwise() -> TestResult {
    let session = Scripted::new().on_machine("AWS_BEARER_TOKEN", "bedrock", "hush");
    let session = session.answer(200, "{}").answer(200, "{}").answer(200, "{}").answer(200, "{}");
    session.client("bedrock").await?.call("ListFoundationModels", json!({})).await?;
    let converse = json!({"modelId": "m", "messages": []});
    session.client("bedrock-runtime").await?.call("Converse", converse).await?;
    let config = ClientConfig::builder().auth_scheme_preference(["sigv4"]);
    session.client("bedrock").config(config).await?.call("ListFoundationModels", json!({})).await?;
    session.client("dynamodb").await?.call("ListTables", json!({})).await?;
    for (index, asked) in session.asked().iter().enumerate() {
        let authorization = asked.header("authorization").unwrap();
        match index {
            0 | 1 => assert_eq!(authorization, "Bearer hush", "{asked:?}"),
            _ => assert!(authorization.starts_with("AWS4-HMAC-SHA256 "), "{asked:?}"),
        }
    }
    assert!(!format!("{:?}", session.client("bedrock").await?).contains("hush"));
    Ok(())
}
