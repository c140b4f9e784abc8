//! Where services differ from their models: values that are encoded, ids that are too long, headers and hosts.

use aws_smithy_types::byte_stream::ByteStream;
use serde_json::json;
use session_core::dynamic::{ServiceFault, Value};
use session_core::{ErrorKind, SessionExt};

use crate::TestResult;
use crate::scripted::{Asked, Scripted};

fn parameter(asked: &Asked, name: &str) -> Option<String> {
    let form = url::form_urlencoded::parse(asked.body.as_bytes());
    form.into_owned().find(|(given, _)| given == name).map(|(_, value)| value)
}

#[tokio::test]
async fn user_data_is_encoded() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "").answer(200, "");
    let ec2 = session.client("ec2").await?;
    let run = json!({"ImageId": "ami-1", "MinCount": 1, "MaxCount": 1, "UserData": "#!/bin/sh"});
    ec2.call("RunInstances", run).await?;
    assert_eq!(parameter(&session.asked()[0], "UserData").as_deref(), Some("IyEvYmluL3No"));
    let mut launch = Value::from(json!({"LaunchConfigurationName": "l"}));
    launch.insert("UserData", aws_smithy_types::Blob::new(*b"\xff\x00"));
    session.client("autoscaling").await?.call("CreateLaunchConfiguration", launch).await?;
    assert_eq!(parameter(&session.asked()[1], "UserData").as_deref(), Some("/wA="));
    // Where boto3 leaves it alone, it is left alone.
    let request = json!({"InstanceId": "i-1", "UserData": {"Value": "raw"}});
    ec2.call("ModifyInstanceAttribute", request).await?;
    assert_eq!(parameter(&session.asked()[2], "UserData.Value").as_deref(), Some("cmF3"));
    Ok(())
}

#[tokio::test]
async fn what_a_console_printed_is_text() -> TestResult {
    let printed = "<GetConsoleOutputResponse><instanceId>i-1</instanceId><output>Ym9vdGVkCv8=</output>\
                   </GetConsoleOutputResponse>";
    let session = Scripted::new().answer(200, printed);
    let answer = session.client("ec2").await?.call("GetConsoleOutput", json!({"InstanceId": "i-1"})).await?;
    assert_eq!(answer["Output"].as_str(), Some("booted\n\u{fffd}"));
    Ok(())
}

#[tokio::test]
async fn ec2_takes_filters_where_its_model_has_a_filter() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "{}");
    let ec2 = session.client("ec2").await?;
    let filters = json!([{"Name": "state", "Values": ["available"]}]);
    ec2.call("DescribeNatGateways", json!({"Filters": filters})).await?;
    assert_eq!(parameter(&session.asked()[0], "Filter.1.Value.1").as_deref(), Some("available"));
    let both = ec2.call("DescribeNatGateways", json!({"Filters": filters, "Filter": filters})).await;
    let error = both.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("Filters and Filter are two names"), "{error}");
    let export = json!({"logGroupName": "g", "fromTime": 1, "to": 2, "destination": "b"});
    session.client("logs").await?.call("CreateExportTask", export).await?;
    assert!(session.asked()[1].body.contains(r#""from":1"#), "{:?}", session.asked()[1]);
    Ok(())
}

#[tokio::test]
async fn policies_of_iam_are_maps() -> TestResult {
    let session = Scripted::new()
        .answer(
            200,
            "<GetRoleResponse><GetRoleResult><Role><RoleName>r</RoleName><AssumeRolePolicyDocument>\
             %7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D</AssumeRolePolicyDocument></Role>\
             </GetRoleResult></GetRoleResponse>",
        )
        .answer(
            200,
            "<R><GetAccountAuthorizationDetailsResult><UserDetailList><member><UserPolicyList><member>\
             <PolicyName>p</PolicyName><PolicyDocument>%7B%22a%22%3A%20%22b+c%22%7D</PolicyDocument></member>\
             <member><PolicyName>q</PolicyName><PolicyDocument>no%20json</PolicyDocument></member>\
             </UserPolicyList></member></UserDetailList></GetAccountAuthorizationDetailsResult></R>",
        );
    let iam = session.client("iam").await?;
    let role = iam.call("GetRole", json!({"RoleName": "r"})).await?;
    let policy = &role["Role"]["AssumeRolePolicyDocument"];
    assert_eq!(policy.to_string(), r#"{"Version":"2012-10-17","Statement":[]}"#);
    let details = iam.call("GetAccountAuthorizationDetails", json!({})).await?;
    let policies = &details["UserDetailList"][0]["UserPolicyList"];
    assert_eq!(policies[0]["PolicyDocument"]["a"].as_str(), Some("b+c"));
    assert_eq!(policies[1]["PolicyDocument"].as_str(), Some("no%20json"));
    Ok(())
}

#[tokio::test]
async fn a_template_is_a_map_where_it_is_json() -> TestResult {
    let answer = |body: &str| {
        format!("<R><GetTemplateResult><TemplateBody>{body}</TemplateBody></GetTemplateResult></R>")
    };
    let json = answer(r#"{"Resources": {"b": {}, "a": {}}}"#).leak();
    let yaml = answer("Resources:\n  a: {}").leak();
    let session = Scripted::new().answer(200, json).answer(200, yaml);
    let cloudformation = session.client("cloudformation").await?;
    let template = cloudformation.call("GetTemplate", json!({"StackName": "s"})).await?;
    assert_eq!(template["TemplateBody"].to_string(), r#"{"Resources":{"b":{},"a":{}}}"#);
    let template = cloudformation.call("GetTemplate", json!({"StackName": "s"})).await?;
    assert_eq!(template["TemplateBody"].as_str(), Some("Resources:\n  a: {}"));
    Ok(())
}

#[tokio::test]
async fn ids_of_route_53_may_have_their_prefix() -> TestResult {
    let session = Scripted::new().answer(200, "").answer(200, "").answer(200, "");
    let route53 = session.client("route53").await?;
    for (operation, input, path) in [
        ("GetHostedZone", json!({"Id": "/hostedzone/Z1"}), "/2013-04-01/hostedzone/Z1"),
        ("GetChange", json!({"Id": "/change/C1"}), "/2013-04-01/change/C1"),
        ("GetReusableDelegationSet", json!({"Id": "N1"}), "/2013-04-01/delegationset/N1"),
    ] {
        // The answers have nothing to say.
        let _ = route53.call(operation, input).await;
        let asked = session.asked();
        assert_eq!(asked.last().unwrap().uri, format!("https://route53.amazonaws.com{path}"));
    }
    Ok(())
}

#[tokio::test]
async fn an_archive_for_glacier_has_account_version_and_hashes() -> TestResult {
    let session = Scripted::new().answer(201, "").answer(201, "").answer(200, "{}");
    let glacier = session.client("glacier").await?;
    let hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    glacier.call("UploadArchive", json!({"vaultName": "v", "body": "hello"})).await?;
    let path = std::env::temp_dir().join(format!("archive-{}", std::process::id()));
    std::fs::write(&path, b"hello").unwrap();
    let body = ByteStream::from_path(&path).await?;
    glacier.operation("UploadArchive")?.input(json!({"vaultName": "v"})).body(body).send().await?;
    std::fs::remove_file(&path).unwrap();
    for asked in &session.asked() {
        assert_eq!(asked.uri, "https://glacier.eu-west-1.amazonaws.com/-/vaults/v/archives");
        assert_eq!(asked.header("x-amz-glacier-version"), Some("2012-06-01"));
        assert_eq!(asked.header("x-amz-sha256-tree-hash"), Some(hello), "{asked:?}");
        assert_eq!(asked.header("x-amz-content-sha256"), Some(hello), "{asked:?}");
    }
    glacier.call("ListVaults", json!({"accountId": "123456789012"})).await?;
    assert_eq!(session.asked()[2].uri, "https://glacier.eu-west-1.amazonaws.com/123456789012/vaults");
    let once = aws_smithy_types::body::SdkBody::from_body_1_x(http_body_util::Empty::<bytes::Bytes>::new());
    let once =
        glacier.operation("UploadArchive")?.input(json!({"vaultName": "v"})).body(ByteStream::new(once));
    let error = once.send().await.unwrap_err();
    assert!(error.to_string().contains("this stream can be read but once"), "{error}");
    Ok(())
}

#[tokio::test]
async fn requests_have_the_headers_and_methods_that_their_services_want() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "{}").answer(200, "{}").answer(200, "{}");
    session.client("apigateway").await?.call("GetRestApis", json!({})).await?;
    assert_eq!(session.asked()[0].header("accept"), Some("application/json"));
    let search = session.client("cloudsearchdomain").endpoint_url("https://search.example.com").await?;
    search.call("Search", json!({"query": "a b", "returnFields": "title"})).await?;
    let asked = &session.asked()[1];
    assert_eq!(
        (asked.method.as_str(), asked.uri.as_str()),
        ("POST", "https://search.example.com/2013-01-01/search")
    );
    assert_eq!(asked.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(parameter(asked, "q").as_deref(), Some("a b"));
    assert_eq!(parameter(asked, "return").as_deref(), Some("title"));
    let predict =
        json!({"MLModelId": "m", "Record": {}, "PredictEndpoint": "https://realtime.example.com/x?y"});
    let learning = session.client("machinelearning").await?;
    learning.call("Predict", predict).await?;
    assert_eq!(session.asked()[2].uri, "https://realtime.example.com/");
    let error =
        learning.call("Predict", json!({"MLModelId": "m", "Record": {}, "PredictEndpoint": "x"})).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
    session.client("dynamodb").await?.call("DescribeEndpoints", json!({})).await?;
    assert_eq!(session.asked()[3].header("x-amz-api-version"), Some("2012-08-10"));
    Ok(())
}

#[tokio::test]
async fn who_has_no_credentials_yet_signs_nothing() -> TestResult {
    let session = Scripted::new().answer(200, "{}").answer(200, "");
    session.client("cognito-identity").await?.call("GetId", json!({"IdentityPoolId": "p"})).await?;
    let role = json!({"RoleArn": "arn:aws:iam::123456789012:role/r", "RoleSessionName": "s", "WebIdentityToken": "token"});
    session.client("sts").await?.call("AssumeRoleWithWebIdentity", role).await?;
    for asked in session.asked() {
        assert_eq!(asked.header("authorization"), None, "{asked:?}");
    }
    Ok(())
}

#[tokio::test]
async fn errors_of_single_sign_on_have_a_message() -> TestResult {
    let session = Scripted::new().answer_with(
        400,
        &[("x-amzn-errortype", "AuthorizationPendingException")],
        r#"{"error":"authorization_pending","error_description":"not yet"}"#,
    );
    let oidc = session.client("sso-oidc").await?;
    let input = json!({"clientId": "c", "clientSecret": "s", "grantType": "g"});
    let error = oidc.call("CreateToken", input).await.unwrap_err();
    assert_eq!(error.code(), Some("AuthorizationPendingException"));
    assert_eq!(ServiceFault::of(&error).unwrap().message(), Some("not yet"));
    Ok(())
}

#[tokio::test]
async fn older_names_open_the_same_clients() -> TestResult {
    let session = Scripted::new();
    let client = session.client("runtime.sagemaker").await?;
    assert_eq!(client.meta().service_name.as_str(), "sagemaker-runtime");
    Ok(())
}

#[tokio::test]
async fn an_outposts_arn_says_whose_it_is() -> TestResult {
    let session = Scripted::new().answer(200, "");
    let control = session.client("s3control").await?;
    let arn = "arn:aws:s3-outposts:eu-west-1:123456789012:outpost/op-1/bucket/films";
    let _ = control.call("GetBucket", json!({"Bucket": arn})).await;
    let asked = &session.asked()[0];
    assert!(asked.uri.starts_with("https://s3-outposts.eu-west-1.amazonaws.com/"), "{asked:?}");
    assert_eq!(asked.header("x-amz-account-id"), Some("123456789012"));
    assert_eq!(asked.header("x-amz-outpost-id"), Some("op-1"));
    let error = control.call("GetBucket", json!({"Bucket": arn, "AccountId": "1"})).await.unwrap_err();
    assert!(error.to_string().contains("AccountId is not that of the ARN"), "{error}");
    Ok(())
}
