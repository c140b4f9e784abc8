//! A whole session of a user's own: nothing but the public words of `session-core` and the SDK.

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_async::time::SystemTimeSource;
use aws_smithy_runtime_api::client::behavior_version::BehaviorVersion;
use aws_smithy_runtime_api::client::http::HttpClient;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{
    Catalog, ClientConfig, Connection, Error, NonRegional, Partition, Scopes, ServiceName, Session,
    SessionConfig, SessionExt,
};

use crate::server_in_memory::Server;
use crate::{DynamoDb, S3};

/// A session whose every request goes to one HTTP client.
#[derive(Debug)]
pub(crate) struct CustomSession {
    config: SessionConfig,
    catalog: Catalog,
    sdk_config: SdkConfig,
    pub(crate) scopes: Scopes,
}

impl CustomSession {
    pub(crate) fn over(http_client: impl HttpClient + 'static) -> Self {
        let credentials = Credentials::from_keys("AKIDEXAMPLE", "secret", None);
        let sdk_config = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .sleep_impl(TokioSleep::new())
            .time_source(SystemTimeSource::new())
            .http_client(http_client)
            .build();
        let catalog = Catalog::of_services(["dynamodb", "s3"].map(ServiceName::from_static));
        Self { config: SessionConfig::default(), catalog, sdk_config, scopes: Scopes::new() }
    }

    pub(crate) fn with_config(http_client: impl HttpClient + 'static, config: SessionConfig) -> Self {
        Self { config, ..Self::over(http_client) }
    }

    pub(crate) fn with_credentials(mut self, provider: impl ProvideCredentials + 'static) -> Self {
        let provider = SharedCredentialsProvider::new(provider);
        self.sdk_config = self.sdk_config.into_builder().credentials_provider(provider).build();
        self
    }
}

#[async_trait]
impl Session for CustomSession {
    fn config(&self) -> &SessionConfig {
        &self.config
    }

    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        self.catalog.require_service(service)?;
        let sdk_config = config.applied_to(&self.sdk_config);
        Ok(Connection::new(service.clone(), config, sdk_config).with_scopes(&self.scopes))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}

#[tokio::test]
async fn a_session_can_be_written_outside_the_workspace() {
    let server = Server::start();
    server.answer_all(r#"{"TableNames":["orders"]}"#);
    let session: std::sync::Arc<dyn Session> = std::sync::Arc::new(CustomSession::over(server.http_client()));

    let dynamodb = session.client(DynamoDb).region_name("us-west-2").await.unwrap();
    let tables = dynamodb.list_tables().send().await.unwrap();
    assert_eq!(tables.table_names(), ["orders"]);
    assert_eq!(dynamodb.meta().region_name.as_ref().unwrap().as_str(), "us-west-2");
    assert_eq!(dynamodb.meta().partition.unwrap().name(), "aws");
    assert!(server.last_authorization().contains("/us-west-2/dynamodb/aws4_request"));
    dynamodb.close().await.unwrap();

    assert_eq!(session.available_services().len(), 2);
    let s3 = session.client(S3).await.unwrap();
    assert_eq!(s3.meta().service_name.as_str(), "s3");
    assert_eq!(s3.meta().backend, "custom");
}

#[tokio::test]
async fn a_session_written_elsewhere_knows_partitions_and_regions() {
    let session: &dyn Session = &CustomSession::over(Server::start().http_client());
    assert!(session.available_partitions().iter().any(|partition| partition.name() == "aws-us-gov"));
    // It serves two services; where AWS has the others is no secret.
    let regions = session.available_regions("ec2", "aws-us-gov", NonRegional::Exclude).unwrap();
    assert_eq!(regions, ["us-gov-east-1", "us-gov-west-1"]);
    assert!(session.available_profiles().is_empty());
    for (region, partition) in
        [("us-gov-west-1", Some("aws-us-gov")), ("aws-global", Some("aws")), ("local", None)]
    {
        let dynamodb = session.client(DynamoDb).region_name(region).await.unwrap();
        assert_eq!(dynamodb.meta().partition.map(Partition::name), partition, "{region}");
    }
}

/// A user's own wrapper: the same four methods, forwarded, with something on the way.
#[tokio::test]
async fn a_session_behind_an_arc_is_a_session() {
    async fn takes_any(session: impl Session) -> usize {
        session.available_services().len()
    }
    let session = std::sync::Arc::new(CustomSession::over(Server::start().http_client()));
    assert_eq!(takes_any(session).await, 2);
}
