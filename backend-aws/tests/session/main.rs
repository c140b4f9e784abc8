//! Sessions and clients from arguments and from an existing SDK configuration: nothing here reads the
//! environment or files other than the test's own.

#![allow(clippy::unwrap_used, clippy::panic)] // helpers of tests: a failure is the test's

mod wire;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_sdk_s3::presigning::PresigningConfig;
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use aws_smithy_types::retry::RetryConfig;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use backend_aws::{AwsSession, AwsSessionBuilder};
use session_core::{
    ClientConfig, Error, ErrorKind, Origin, ServiceName, Session, SessionExt, Verify, service,
};
use wire::Wire;

service!(S3 = "s3", aws_sdk_s3);
service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);

const CERTIFICATE: &str = include_str!("authority.pem");

/// A base without region and identity: its sessions have what the arguments say and nothing else.
fn bare(wire: &Wire) -> AwsSessionBuilder {
    AwsSession::builder().sdk_config(SdkConfig::builder().http_client(wire.http_client()).build())
}

fn with_keys(wire: &Wire) -> AwsSessionBuilder {
    bare(wire).aws_access_key_id("SESSION").aws_secret_access_key("hunter2").region_name("eu-west-1")
}

fn existing(wire: &Wire) -> SdkConfig {
    let keys = Credentials::new("EXISTING", "hunter2", Some("tok3n".into()), None, "test");
    SdkConfig::builder()
        .http_client(wire.http_client())
        .region(Region::new("eu-central-1"))
        .endpoint_url("http://existing:8000")
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .build()
}

async fn failure(builder: AwsSessionBuilder) -> Error {
    builder.build().await.unwrap_err()
}

#[tokio::test]
async fn half_of_the_keys_is_refused_when_the_session_is_built() {
    let error = failure(AwsSession::builder().aws_access_key_id("AKIA")).await;
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
    let error = failure(AwsSession::builder().aws_secret_access_key("hunter2")).await;
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
    assert!(!format!("{error:?}").contains("hunter2"));
    let error = failure(AwsSession::builder().aws_session_token("tok3n")).await;
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
}

#[tokio::test]
async fn an_account_id_without_keys_is_refused_when_the_session_is_built() {
    let error = failure(AwsSession::builder().aws_account_id("123456789012")).await;
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
    assert!(error.to_string().contains("aws_account_id"), "{error}");
}

#[tokio::test]
async fn malformed_region_and_endpoint_are_refused_when_the_session_is_built() {
    assert_eq!(failure(AwsSession::builder().region_name("eu west")).await.kind(), ErrorKind::InvalidRegion);
    let error = failure(AwsSession::builder().endpoint_url("localhost:8000")).await;
    assert_eq!(error.kind(), ErrorKind::InvalidEndpoint);
}

#[tokio::test]
async fn explicit_keys_sign_and_are_told_with_their_account() {
    let wire = Wire::default();
    let session =
        with_keys(&wire).aws_session_token("tok3n").aws_account_id("123456789012").build().await.unwrap();
    let account = session.config().account_id().unwrap();
    assert_eq!((account.value.as_str(), &account.origin), ("123456789012", &Origin::Argument));
    let credentials = session.credentials().await.unwrap().unwrap();
    assert_eq!((credentials.access_key_id(), credentials.session_token()), ("SESSION", Some("tok3n")));
    assert_eq!(credentials.account_id().unwrap().as_str(), "123456789012");

    session.client(S3).await.unwrap().list_buckets().send().await.unwrap();
    assert_eq!((wire.last().access_key(), wire.last().token.as_deref()), ("SESSION", Some("tok3n")));
}

#[tokio::test]
async fn the_clients_region_beats_the_sessions_in_host_and_signature() {
    let wire = Wire::default();
    let session = with_keys(&wire).build().await.unwrap();
    let dynamodb = session.client(DynamoDb).await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert_eq!(wire.last().region(), "eu-west-1");
    assert!(wire.last().uri.starts_with("https://dynamodb.eu-west-1.amazonaws.com"), "{}", wire.last().uri);

    let dynamodb = session.client(DynamoDb).region_name("ap-south-1").await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert_eq!(wire.last().region(), "ap-south-1");
    assert!(wire.last().uri.starts_with("https://dynamodb.ap-south-1.amazonaws.com"), "{}", wire.last().uri);
    assert_eq!(dynamodb.meta().region_name.as_ref().unwrap().as_str(), "ap-south-1");
    assert_eq!(dynamodb.meta().backend, "aws");
    assert_eq!(session.region_name().unwrap().as_str(), "eu-west-1");
}

#[tokio::test]
async fn a_client_without_a_region_is_refused_when_it_opens_even_for_s3() {
    let session = bare(&Wire::default()).build().await.unwrap();
    for error in [session.client(S3).await.unwrap_err(), session.client(DynamoDb).await.unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::MissingRegion);
        for word in ["region_name", "AWS_REGION", "us-east-1"] {
            assert!(error.to_string().contains(word), "{error}");
        }
    }
    assert!(session.client(S3).region_name("eu-west-1").await.is_ok());
}

#[tokio::test]
async fn the_clients_keys_beat_the_sessions_and_half_of_them_is_refused() {
    let wire = Wire::default();
    let session = with_keys(&wire).aws_session_token("tok3n").build().await.unwrap();
    let s3 = session.client(S3).aws_access_key_id("CLIENT").aws_secret_access_key("s").await.unwrap();
    s3.list_buckets().send().await.unwrap();
    assert_eq!((wire.last().access_key(), wire.last().token), ("CLIENT", None));
    session.client(S3).await.unwrap().list_buckets().send().await.unwrap();
    assert_eq!(wire.last().access_key(), "SESSION");

    let error = session.client(S3).aws_access_key_id("CLIENT").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
    let error = session.client(S3).aws_session_token("tok3n").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PartialCredentials);
}

#[tokio::test]
async fn the_clients_endpoint_beats_the_sessions_which_beats_the_existing_one() {
    let wire = Wire::default();
    let from_existing = AwsSession::builder().sdk_config(existing(&wire)).build().await.unwrap();
    let dynamodb = from_existing.client(DynamoDb).await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert!(wire.last().uri.starts_with("http://existing:8000"));
    assert_eq!(dynamodb.meta().endpoint_url.as_deref(), Some("http://existing:8000"));

    let builder = AwsSession::builder().sdk_config(existing(&wire)).endpoint_url("http://session:8000");
    let session = builder.build().await.unwrap();
    session.client(DynamoDb).await.unwrap().list_tables().send().await.unwrap();
    assert!(wire.last().uri.starts_with("http://session:8000"));

    let dynamodb = session.client(DynamoDb).endpoint_url("http://client:8000").await.unwrap();
    dynamodb.list_tables().send().await.unwrap();
    assert!(wire.last().uri.starts_with("http://client:8000"));
    assert_eq!(dynamodb.meta().endpoint_url.as_deref(), Some("http://client:8000"));
}

#[tokio::test]
async fn a_malformed_endpoint_of_the_existing_configuration_fails_when_the_client_opens() {
    let base = existing(&Wire::default()).into_builder().endpoint_url("localhost:8000").build();
    let session = AwsSession::builder().sdk_config(base).build().await.unwrap();
    assert_eq!(session.client(S3).await.unwrap_err().kind(), ErrorKind::InvalidEndpoint);
}

#[tokio::test]
async fn an_existing_configuration_is_the_base_and_arguments_beat_it() {
    let wire = Wire::default();
    let session = AwsSession::builder().sdk_config(existing(&wire)).build().await.unwrap();
    let region = session.config().region_name().unwrap();
    assert_eq!((region.value.as_str(), &region.origin), ("eu-central-1", &Origin::SdkConfig));
    session.client(DynamoDb).await.unwrap().list_tables().send().await.unwrap();
    assert_eq!((wire.last().access_key(), wire.last().region()), ("EXISTING", "eu-central-1"));

    let session = with_keys(&wire).sdk_config(existing(&wire)).build().await.unwrap();
    assert_eq!(session.config().region_name().unwrap().origin, Origin::Argument);
    session.client(DynamoDb).await.unwrap().list_tables().send().await.unwrap();
    assert_eq!((wire.last().access_key(), wire.last().region()), ("SESSION", "eu-west-1"));
    assert_eq!(wire.last().token, None);
}

#[tokio::test]
async fn two_sessions_on_one_configuration_do_not_disturb_each_other() {
    let wire = Wire::default();
    let base = existing(&wire);
    let first = AwsSession::builder().sdk_config(base.clone()).build().await.unwrap();
    let second = with_keys(&wire).sdk_config(base.clone()).build().await.unwrap();
    let (s3, other) = (first.client(S3).await.unwrap(), second.client(S3).await.unwrap());
    first.close().await.unwrap();
    let error = Error::from(s3.list_buckets().send().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::ScopeClosed);
    other.list_buckets().send().await.unwrap();
    assert_eq!(wire.last().access_key(), "SESSION");

    let third = AwsSession::builder().sdk_config(base).build().await.unwrap();
    third.client(S3).await.unwrap().list_buckets().send().await.unwrap();
    assert_eq!(wire.last().access_key(), "EXISTING");
}

#[tokio::test]
async fn use_ssl_false_takes_the_services_own_endpoint_by_http_and_leaves_custom_ones() {
    let wire = Wire::default();
    let session = with_keys(&wire).build().await.unwrap();
    let s3 = session.client(S3).use_ssl(false).await.unwrap();
    s3.list_buckets().send().await.unwrap();
    assert!(wire.last().uri.starts_with("http://s3.eu-west-1.amazonaws.com"), "{}", wire.last().uri);
    let presigning = PresigningConfig::expires_in(Duration::from_secs(60)).unwrap();
    let url = s3.get_object().bucket("films").key("k").presigned(presigning).await.unwrap();
    assert!(url.uri().starts_with("http://films.s3.eu-west-1.amazonaws.com"), "{}", url.uri());

    let s3 = session.client(S3).use_ssl(false).endpoint_url("https://store.example.org").await.unwrap();
    s3.list_buckets().send().await.unwrap();
    assert!(wire.last().uri.starts_with("https://store.example.org"), "{}", wire.last().uri);
}

#[tokio::test]
async fn a_ca_bundle_is_read_and_parsed_when_the_client_opens() {
    let home = tempfile::tempdir().unwrap();
    let base = SdkConfig::builder().region(Region::new("eu-west-1")).build();
    let session = AwsSession::builder().sdk_config(base).build().await.unwrap();
    let bundle = |name: &str, text: &str| {
        let path = home.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    };
    let good = bundle("good.pem", CERTIFICATE);
    assert!(session.client(S3).verify(good).await.is_ok());
    assert!(session.client(S3).verify(Verify::SystemRoots).await.is_ok());

    let garbled = CERTIFICATE.replace("MIIB", "AAAA");
    for bad in [
        home.path().join("missing.pem"),
        bundle("empty.pem", ""),
        bundle("prose.pem", "no certificate"),
        bundle("cut.pem", &CERTIFICATE[..CERTIFICATE.len() / 2]),
        bundle("garbled.pem", &garbled),
    ] {
        let error = session.client(S3).verify(bad.clone()).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig, "{bad:?}");
        assert!(error.to_string().contains(bad.to_str().unwrap()), "{error}");
    }
}

#[tokio::test]
async fn verify_is_refused_where_the_http_client_is_the_callers() {
    let session = with_keys(&Wire::default()).build().await.unwrap();
    let error = session.client(S3).verify(Verify::SystemRoots).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidConfig);
    assert!(error.to_string().contains("verify"), "{error}");
}

#[tokio::test]
async fn time_outs_retries_and_checksums_of_the_client_reach_its_configuration() {
    let wire = Wire::default();
    let base = existing(&wire)
        .into_builder()
        .timeout_config(TimeoutConfig::builder().read_timeout(Duration::from_secs(7)).build())
        .build();
    let session = AwsSession::builder().sdk_config(base).build().await.unwrap();
    let config = ClientConfig::builder()
        .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).build())
        .retry_config(RetryConfig::standard().with_max_attempts(9))
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired);
    let connection = session.connect(&ServiceName::from_static("s3"), config.build().unwrap()).await.unwrap();
    let sdk_config = connection.sdk_config();
    let timeouts = sdk_config.timeout_config().unwrap();
    assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(3)));
    assert_eq!(timeouts.read_timeout(), Some(Duration::from_secs(7)));
    assert_eq!(sdk_config.retry_config().unwrap().max_attempts(), 9);
    assert_eq!(sdk_config.request_checksum_calculation(), Some(RequestChecksumCalculation::WhenRequired));
}

#[tokio::test]
async fn any_well_formed_service_name_is_accepted_and_the_catalogue_lists_botos() {
    let session = with_keys(&Wire::default()).build().await.unwrap();
    session.connect(&ServiceName::from_static("in-house"), ClientConfig::default()).await.unwrap();
    let services = session.available_services();
    assert!(services.len() > 400 && services.contains(&ServiceName::from_static("sqs")));
    assert_eq!(session.available_resources(), ["dynamodb", "s3"].map(ServiceName::from_static));
}

#[tokio::test]
async fn a_session_without_credentials_opens_clients_and_its_first_request_says_so() {
    #[derive(Debug)]
    struct Nobody;
    impl ProvideCredentials for Nobody {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::ready(Err(CredentialsError::not_loaded("nobody is here")))
        }
    }
    let wire = Wire::default();
    let base =
        existing(&wire).into_builder().credentials_provider(SharedCredentialsProvider::new(Nobody)).build();
    let session = AwsSession::builder().sdk_config(base).build().await.unwrap();
    assert_eq!(session.credentials().await.unwrap(), None);
    let dynamodb = session.client(DynamoDb).await.unwrap();
    let error = Error::from(dynamodb.list_tables().send().await.unwrap_err());
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    assert!(error.to_string().contains("AWS_ACCESS_KEY_ID"), "{error}");
    assert!(wire.sent().is_empty());
}

#[tokio::test]
async fn many_first_requests_of_all_clients_ask_the_provider_once() {
    #[derive(Debug)]
    struct Counted(Arc<AtomicUsize>);
    impl ProvideCredentials for Counted {
        fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            future::ProvideCredentials::new(async {
                self.0.fetch_add(1, Ordering::SeqCst);
                tokio::task::yield_now().await;
                Ok(Credentials::new("COUNTED", "s", None, None, "test"))
            })
        }
    }
    let (wire, asked) = (Wire::default(), Arc::new(AtomicUsize::new(0)));
    let base = existing(&wire)
        .into_builder()
        .credentials_provider(SharedCredentialsProvider::new(Counted(Arc::clone(&asked))))
        .build();
    let session = AwsSession::builder().sdk_config(base).build().await.unwrap();
    let mut requests = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let dynamodb = session.client(DynamoDb).await.unwrap().detach();
        for _ in 0..4 {
            let dynamodb = dynamodb.clone();
            requests.spawn(async move { dynamodb.list_tables().send().await.unwrap() });
        }
    }
    requests.join_all().await;
    assert_eq!((wire.sent().len(), asked.load(Ordering::SeqCst)), (32, 1));
}

#[tokio::test]
async fn closing_the_session_closes_all_its_scopes_in_all_clones() {
    let session = with_keys(&Wire::default()).build().await.unwrap();
    let clone = session.clone();
    let (s3, dynamodb) = (session.client(S3).await.unwrap(), clone.client(DynamoDb).await.unwrap());
    session.close().await.unwrap();
    assert!(!s3.is_open() && !dynamodb.is_open() && clone.is_closed());
    assert_eq!(clone.client(S3).await.unwrap_err().kind(), ErrorKind::ScopeClosed);
    session.close_within(Duration::ZERO).await.unwrap();
}

#[tokio::test]
async fn secrets_are_not_printed() {
    let session = with_keys(&Wire::default()).aws_session_token("tok3n").build().await.unwrap();
    let builder = with_keys(&Wire::default()).aws_session_token("tok3n");
    let connection = session.connect(&ServiceName::from_static("s3"), ClientConfig::default()).await.unwrap();
    let printed = format!("{session:?} {:?} {builder:?} {connection:?}", session.config());
    assert!(printed.contains("eu-west-1"), "{printed}");
    assert!(!printed.contains("hunter2") && !printed.contains("tok3n"), "{printed}");
}

#[tokio::test]
async fn clients_of_a_session_share_its_connections() {
    let server = Server::start();
    let base = SdkConfig::builder().region(Region::new("eu-west-1")).build();
    let session = AwsSession::builder()
        .sdk_config(base)
        .aws_access_key_id("SESSION")
        .aws_secret_access_key("s")
        .endpoint_url(format!("http://{}", server.address))
        .build()
        .await
        .unwrap();
    for _ in 0..5 {
        let dynamodb = session.client(DynamoDb).await.unwrap();
        dynamodb.list_tables().send().await.unwrap();
        dynamodb.close().await.unwrap();
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

/// A server on the loopback that answers `{}` to everything and counts its connections.
struct Server {
    address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        // Ends with the process: the test that owns the server has no later use for its threads.
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                counter.fetch_add(1, Ordering::SeqCst);
                std::thread::spawn(move || answer(stream));
            }
        });
        Self { address, connections }
    }
}

fn answer(stream: std::net::TcpStream) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut length = 0;
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if let Some(value) = line.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
            if line == "\r\n" {
                break;
            }
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body).unwrap();
        let response = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
        reader.get_mut().write_all(response.as_bytes()).unwrap();
    }
}
