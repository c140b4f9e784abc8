//! Settings of a client, as they show in what is sent.

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use aws_types::endpoint_config::AccountIdEndpointMode;
use bytes::Bytes;
use resources::{DynamoDb, S3};
use session_core::{ClientConfig, ClientConfigBuilder, Error, ErrorKind, SessionExt};

use crate::scripted::{Answer, Asked, Scripted};

session_core::service!(BareS3 = "s3", aws_sdk_s3);

fn config() -> ClientConfigBuilder {
    ClientConfig::builder()
}

fn on_aws() -> Scripted {
    Scripted::new(|_| Answer::ok(Bytes::new())).without_endpoint_url()
}

fn in_memory() -> ByteStream {
    ByteStream::from_static(b"once upon a time")
}

/// A body that can be read once and whose bytes the SDK does not have beforehand.
fn streamed() -> ByteStream {
    let body = SdkBody::from("once upon a time");
    ByteStream::new(body.map(SdkBody::from_body_1_x))
}

async fn put(config: ClientConfigBuilder, bucket: &str, body: ByteStream) -> Result<Asked, Error> {
    let aws = on_aws();
    let s3 = aws.client(S3).config(config).await?;
    s3.put_object().bucket(bucket).key("k").body(body).content_length(16).send().await?;
    Ok(aws.asked().pop().unwrap())
}

#[tokio::test]
async fn each_of_s3s_endpoints_is_one_setting_away() {
    for (config, host) in [
        (config(), "films.s3.eu-west-1.amazonaws.com"),
        (config().s3_use_accelerate_endpoint(true), "films.s3-accelerate.amazonaws.com"),
        (config().s3_use_dualstack_endpoint(true), "films.s3.dualstack.eu-west-1.amazonaws.com"),
        (config().use_dualstack_endpoint(true), "films.s3.dualstack.eu-west-1.amazonaws.com"),
        (
            config().use_dualstack_endpoint(true).s3_use_dualstack_endpoint(false),
            "films.s3.eu-west-1.amazonaws.com",
        ),
        (
            config().s3_use_accelerate_endpoint(true).s3_use_dualstack_endpoint(true),
            "films.s3-accelerate.dualstack.amazonaws.com",
        ),
        (config().region_name("us-east-1").use_fips_endpoint(true), "films.s3-fips.us-east-1.amazonaws.com"),
        (config().region_name("us-east-1-fips"), "films.s3-fips.us-east-1.amazonaws.com"),
        (config().region_name("fips-us-gov-west-1"), "films.s3-fips.us-gov-west-1.amazonaws.com"),
    ] {
        let shown = format!("{config:?}");
        assert_eq!(put(config, "films", in_memory()).await.unwrap().host, host, "{shown}");
    }
}

#[tokio::test]
async fn acceleration_is_for_awss_own_endpoint() {
    let aws = Scripted::new(|_| Answer::ok(Bytes::new()));
    let open = aws.client(S3).config(config().s3_use_accelerate_endpoint(true));
    let error = open.await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("s3_use_accelerate_endpoint"), "{error}");
}

#[tokio::test]
async fn an_arn_says_the_region_unless_it_may_not() {
    let arn = "arn:aws:s3:us-east-2:123456789012:accesspoint:films";
    let asked = put(config(), arn, in_memory()).await.unwrap();
    assert_eq!(asked.host, "films-123456789012.s3-accesspoint.us-east-2.amazonaws.com");
    let error = put(config().s3_use_arn_region(false), arn, in_memory()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    let multi_region = "arn:aws:s3::123456789012:accesspoint:mfzwi23gnjvgw.mrap";
    let error = put(config().s3_disable_multiregion_access_points(true), multi_region, in_memory()).await;
    assert_eq!(error.unwrap_err().kind(), ErrorKind::InvalidInput);
}

#[tokio::test]
async fn directory_buckets_are_asked_with_ordinary_signatures_where_sessions_are_off() {
    let aws = on_aws();
    let s3 = aws.client(S3).config(config().s3_disable_express_session_auth(true)).await.unwrap();
    s3.get_object().bucket("films--usw2-az1--x-s3").key("k").send().await.unwrap();
    // One request, and none for a session before it.
    let [asked] = &aws.asked()[..] else { panic!("{:?}", aws.asked()) };
    assert!(asked.headers.contains("s3express"), "{}", asked.headers);
}

#[tokio::test]
async fn payloads_are_signed_left_alone_or_refused() {
    let hash = |asked: &Asked| {
        let mut lines = asked.headers.lines();
        lines.find_map(|line| line.strip_prefix("x-amz-content-sha256: ")).unwrap().to_owned()
    };
    let signed = put(config().s3_payload_signing_enabled(true), "films", in_memory()).await.unwrap();
    assert_eq!(hash(&signed).len(), 64, "{}", signed.headers);
    let unsigned = config()
        .s3_payload_signing_enabled(false)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    let unsigned = put(unsigned, "films", in_memory()).await.unwrap();
    assert_eq!(hash(&unsigned), "UNSIGNED-PAYLOAD");

    let error = put(config().s3_payload_signing_enabled(true), "films", streamed()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    assert!(error.to_string().contains("s3_payload_signing_enabled"), "{error}");
    let contradiction = config()
        .s3_payload_signing_enabled(true)
        .request_checksum_calculation(RequestChecksumCalculation::WhenSupported);
    assert_eq!(contradiction.build().unwrap_err().kind(), ErrorKind::InvalidConfig);
}

#[tokio::test]
async fn anonymous_requests_carry_no_signature() {
    let asked = put(config().anonymous(), "films", in_memory()).await.unwrap();
    assert!(!asked.headers.contains("authorization"), "{}", asked.headers);
    let aws = on_aws();
    let dynamodb = aws.client(DynamoDb).config(config().anonymous()).await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert!(!aws.asked()[0].headers.contains("authorization"), "{}", aws.asked()[0].headers);

    let both = config().anonymous().aws_access_key_id("AKID").aws_secret_access_key("hunter2");
    let error = both.build().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("aws_access_key_id"), "{error}");
}

#[tokio::test]
async fn the_preset_for_compatible_stores_leaves_out_what_they_do_not_know() {
    let store = Scripted::new(|_| Answer::ok(Bytes::new()));
    let s3 = store.client(S3).config(ClientConfig::s3_compatible()).await.unwrap();
    s3.put_object().bucket("films").key("k").body(in_memory()).send().await.unwrap();
    let asked = store.asked().pop().unwrap();
    assert_eq!(asked.path, "/films/k");
    assert!(!asked.headers.contains("x-amz-checksum") && !asked.headers.contains("x-amz-sdk-checksum"));
    assert!(!asked.headers.contains("aws-chunked"), "{}", asked.headers);
}

#[tokio::test]
async fn the_account_is_in_the_endpoint_as_far_as_it_may() {
    let host = |mode: Option<AccountIdEndpointMode>, account: Option<&'static str>| async move {
        let aws = on_aws();
        let keys = config().aws_access_key_id("AKID").aws_secret_access_key("s");
        let keys = match account {
            Some(account) => keys.aws_account_id(account),
            None => keys,
        };
        let config = match mode {
            Some(mode) => keys.account_id_endpoint_mode(mode),
            None => keys,
        };
        let dynamodb = aws.client(DynamoDb).config(config).await.unwrap();
        let _empty = dynamodb.describe_table().table_name("t").send().await;
        aws.asked().pop().map(|asked| asked.host)
    };
    let own = Some("dynamodb.eu-west-1.amazonaws.com".to_owned());
    let of_account = Some("123456789012.ddb.eu-west-1.amazonaws.com".to_owned());
    assert_eq!(host(None, Some("123456789012")).await, of_account);
    assert_eq!(host(None, None).await, own);
    assert_eq!(host(Some(AccountIdEndpointMode::Disabled), Some("123456789012")).await, own);
    assert_eq!(host(Some(AccountIdEndpointMode::Required), None).await, None);
}

#[tokio::test]
async fn the_user_agent_says_what_it_is_told() {
    let agent = |asked: Asked| {
        let mut lines = asked.headers.lines();
        lines.find_map(|line| line.strip_prefix("user-agent: ")).unwrap().to_owned()
    };
    let told = config().user_agent_appid("shop").user_agent_extra("till/1.2");
    let extra = agent(put(told, "films", in_memory()).await.unwrap());
    assert!(extra.starts_with("aws-sdk-rust/") && extra.ends_with(" till/1.2"), "{extra}");
    assert!(extra.contains("app/shop"), "{extra}");
    let whole = agent(put(config().user_agent("till/1.2"), "films", in_memory()).await.unwrap());
    assert_eq!(whole, "till/1.2");
}

#[tokio::test]
async fn a_bare_marker_of_s3_refuses_what_it_cannot_heed() {
    let aws = on_aws();
    let error = aws.client(BareS3).config(config().s3_use_arn_region(true)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("s3_use_arn_region") && error.to_string().contains("resources::S3"));
    aws.client(BareS3).await.unwrap().close().await.unwrap();
    // For other services they say nothing, as in a Config that several clients share.
    aws.client(DynamoDb).config(config().s3_use_arn_region(true)).await.unwrap().close().await.unwrap();
}
