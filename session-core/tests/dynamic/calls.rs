//! Calls in each protocol, their errors, retries, overrides and ends.

use std::sync::Arc;
use std::time::Duration;

use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use serde_json::json;
use session_core::dynamic::ServiceFault;
use session_core::{Client, ErrorKind, ServiceName, SessionExt};

use crate::TestResult;
use crate::scripted::Scripted;

const REGIONS: &str = "<DescribeRegionsResponse><requestId>r-1</requestId><regionInfo><item>\
    <regionName>eu-west-1</regionName></item></regionInfo></DescribeRegionsResponse>";

#[tokio::test]
async fn a_service_is_called_by_its_name() -> TestResult {
    let session = Scripted::new().answer(200, REGIONS).answer(200, REGIONS);
    let ec2 = session.client("ec2").await?;
    let answer = ec2.call("DescribeRegions", json!({"RegionNames": ["eu-west-1"], "DryRun": false})).await?;
    assert_eq!(answer["Regions"][0]["RegionName"].as_str(), Some("eu-west-1"));
    assert_eq!((answer.status(), answer.attempts()), (200, 1));
    assert!(answer["Regions"][1].is_null() && answer["nonsense"].is_null());
    ec2.call("describe_regions", json!({})).await?;

    let asked = &session.asked()[0];
    assert_eq!((asked.method.as_str(), asked.uri.as_str()), ("POST", "https://ec2.eu-west-1.amazonaws.com/"));
    assert_eq!(asked.body, "Action=DescribeRegions&Version=2016-11-15&RegionName.1=eu-west-1&DryRun=false");
    assert!(asked.header("authorization").unwrap().contains("/eu-west-1/ec2/aws4_request"));
    assert!(asked.header("user-agent").unwrap().contains("ec2"), "{asked:?}");
    assert!(asked.header("amz-sdk-invocation-id").is_some());
    assert!(asked.header("amz-sdk-request").is_some());
    Ok(())
}

#[tokio::test]
async fn a_document_is_sent_with_its_namespace() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(201, "<OriginAccessControl/>").answer(200, "");
    let s3 = session.client("s3").await?;
    let tags = json!({"TagSet": [{"Key": "kind", "Value": "new"}]});
    s3.call("PutBucketTagging", json!({"Bucket": "films", "Tagging": tags})).await?;
    let control = json!({"Name": "films", "SigningProtocol": "sigv4", "SigningBehavior": "always",
        "OriginAccessControlOriginType": "s3"});
    let front = session.client("cloudfront").await?;
    front.call("CreateOriginAccessControl", json!({"OriginAccessControlConfig": control})).await?;
    // A policy is no document of XML.
    s3.call("PutBucketPolicy", json!({"Bucket": "films", "Policy": "{}"})).await?;
    let asked = session.asked();
    assert_eq!(
        asked[0].body,
        "<Tagging xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <TagSet><Tag><Key>kind</Key><Value>new</Value></Tag></TagSet></Tagging>"
    );
    let namespace =
        "<OriginAccessControlConfig xmlns=\"http://cloudfront.amazonaws.com/doc/2020-05-31/\"><Name>";
    assert!(asked[1].body.starts_with(namespace), "{}", asked[1].body);
    assert_eq!(asked[2].body, "{}");
    Ok(())
}

#[tokio::test]
async fn names_of_any_kind_open_a_client() -> TestResult {
    let session = Scripted::new();
    assert_eq!(session.client("sqs".to_owned()).await?.meta().service_name.as_str(), "sqs");
    assert_eq!(session.client(ServiceName::from_static("iam")).await?.api_version(), "2010-05-08");
    assert_eq!(session.client("ec2").api_version("2016-11-15").await?.api_version(), "2016-11-15");
    let error = session.client("ec2").api_version("2000-01-01").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    let error = session.client("dynmaodb").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownService);
    assert!(error.to_string().contains("did you mean `dynamodb`"), "{error}");
    let error = session.client("No Such").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnknownService);
    Ok(())
}

#[tokio::test]
async fn an_unknown_operation_is_told_with_near_misses() -> TestResult {
    let session = Scripted::new();
    let ec2 = session.client("ec2").await?;
    for (wrong, meant) in [("DescribeRegion", "`DescribeRegions`"), ("describe_region", "`describe_regions`")]
    {
        let error = ec2.call(wrong, json!({})).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidInput);
        assert!(error.to_string().contains(meant), "{error}");
        assert!(error.to_string().len() < 300);
    }
    assert!(ec2.operations().len() > 700);
    assert!(ec2.describe("run_instances")?.contains("ImageId"));
    Ok(())
}

#[tokio::test]
async fn an_error_says_code_message_request_and_what_the_model_has() -> TestResult {
    let session = Scripted::new()
        .answer_with(
            400,
            &[("x-amzn-requestid", "id-1")],
            r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":{"a":{"S":"b"}}}"#,
        )
        .answer(
            400,
            "<ErrorResponse><Error><Type>Sender</Type><Code>NoSuchEntity</Code><Message>gone</Message></Error>\
             <RequestId>id-2</RequestId></ErrorResponse>",
        )
        .answer(
            400,
            "<Response><Errors><Error><Code>InvalidInstanceID.NotFound</Code><Message>gone</Message></Error></Errors>\
             <RequestID>id-3</RequestID></Response>",
        );
    let dynamodb = session.client("dynamodb").await?;
    let input = json!({"TableName": "t", "Item": {"a": {"S": "b"}}});
    let error = dynamodb.call("PutItem", input).await.unwrap_err();
    assert!(error.is_condition_failed());
    assert_eq!(error.code(), Some("ConditionalCheckFailedException"));
    assert_eq!((error.request_id(), error.status()), (Some("id-1"), Some(400)));
    assert_eq!((error.service().unwrap().as_str(), error.operation()), ("dynamodb", Some("PutItem")));
    let fault = ServiceFault::of(&error).unwrap();
    assert!(fault.is("ConditionalCheckFailedException") && fault.message() == Some("no"));
    assert_eq!(fault.fields()["Item"]["a"]["S"].as_str(), Some("b"));

    let error = session.client("iam").await?.call("GetUser", json!({"UserName": "u"})).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!((error.code(), error.request_id()), (Some("NoSuchEntity"), Some("id-2")));
    assert_eq!(ServiceFault::of(&error).unwrap().shape(), Some("NoSuchEntityException"));

    let ec2 = session.client("ec2").await?;
    let error = ec2.call("StopInstances", json!({"InstanceIds": ["i-1"]})).await.unwrap_err();
    assert!(error.is_not_found());
    assert_eq!((error.code(), error.request_id()), (Some("InvalidInstanceID.NotFound"), Some("id-3")));
    Ok(())
}

#[tokio::test]
async fn what_may_succeed_later_is_tried_again_and_the_rest_is_not() -> TestResult {
    let session = Scripted::new()
        .answer(500, "")
        .answer(400, r#"{"__type":"ThrottlingException","message":"slow"}"#)
        .answer(200, r#"{"TableNames":["t"]}"#)
        .answer(400, r#"{"__type":"ValidationException","message":"never"}"#)
        .answer(500, "");
    let dynamodb = session.client("dynamodb").await?;
    let answer = dynamodb.call("ListTables", json!({})).await?;
    assert_eq!((answer.attempts(), answer["TableNames"][0].as_str()), (3, Some("t")));
    let error = dynamodb.call("ListTables", json!({})).await.unwrap_err();
    assert_eq!((error.kind(), session.asked().len()), (ErrorKind::InvalidInput, 4));
    let once = dynamodb.operation("ListTables")?.retry_config(RetryConfig::disabled());
    assert_eq!(once.send().await.unwrap_err().status(), Some(500));
    assert_eq!(session.asked().len(), 5);
    Ok(())
}

#[tokio::test]
async fn a_call_may_have_an_endpoint_and_time_outs_of_its_own() -> TestResult {
    let session = Scripted::new().answer(200, "{}");
    let dynamodb = session.client("dynamodb").await?;
    dynamodb.operation("ListTables")?.endpoint_url("http://localhost:8000").send().await?;
    assert_eq!(session.asked()[0].uri, "http://localhost:8000/");
    // Nobody answers any more, and sleeping takes no time: the time-out is over at once.
    let timeouts = TimeoutConfig::builder().operation_timeout(Duration::from_secs(1)).build();
    let error = dynamodb.operation("ListTables")?.timeout_config(timeouts).send().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    Ok(())
}

#[tokio::test]
async fn the_end_of_a_scope_ends_its_calls() -> TestResult {
    let session = Scripted::new();
    let ec2 = session.client("ec2").await?;
    let clone = ec2.clone();
    ec2.close().await?;
    let error = clone.call("DescribeRegions", json!({})).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    assert_eq!((error.service().unwrap().as_str(), error.operation()), ("ec2", Some("DescribeRegions")));
    assert!(session.asked().is_empty());
    Ok(())
}

#[tokio::test]
async fn any_client_calls_by_name_through_the_trait() -> TestResult {
    let session = Scripted::new().answer(200, REGIONS);
    let client: Arc<dyn Client> = Arc::new(session.client("ec2").await?);
    let answer = client.call("DescribeRegions", json!({}).into()).await?;
    assert_eq!(answer["Regions"][0]["RegionName"].as_str(), Some("eu-west-1"));

    session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
    let typed: Arc<dyn Client> = Arc::new(session.client(DynamoDb).await?);
    let error = typed.call("ListTables", json!({}).into()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("session.client(\"dynamodb\")"), "{error}");
    Ok(())
}

#[tokio::test]
async fn requests_carry_what_the_model_asks_for() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "{}").answer(200, "").answer(200, "{}");
    // An idempotency token.
    let ec2_like = session.client("secretsmanager").await?;
    ec2_like.call("CreateSecret", json!({"Name": "n", "SecretBinary": "bytes"})).await?;
    let body: serde_json::Value = serde_json::from_str(&session.asked()[0].body).unwrap();
    assert_eq!(body["ClientRequestToken"].as_str().unwrap().len(), 36);
    assert_eq!(body["SecretBinary"], "Ynl0ZXM=");
    // A compatibility header.
    session.client("sqs").await?.call("ListQueues", json!({})).await?;
    assert_eq!(session.asked()[1].header("x-amzn-query-mode"), Some("true"));
    // A checksum that is required.
    let s3 = session.client("s3").await?;
    let tags = json!({"Bucket": "films", "Tagging": {"TagSet": [{"Key": "k", "Value": "v"}]}});
    s3.call("PutBucketTagging", tags).await?;
    let asked = &session.asked()[2];
    assert!(asked.header("x-amz-checksum-crc32").is_some(), "{asked:?}");
    assert_eq!(asked.uri, "https://films.s3.eu-west-1.amazonaws.com/?tagging");
    // No signature where the model wants none.
    let sso = session.client("sso").await?;
    sso.call("ListAccounts", json!({"accessToken": "t"})).await?;
    assert_eq!(session.asked()[3].header("authorization"), None);
    Ok(())
}
