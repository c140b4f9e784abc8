//! A session whose service is a function from requests to answers, and who remembers what was asked.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use bytes::Bytes;
use resources::{DynamoDb, DynamoDbResource, S3, S3Resource};
use session_core::{
    Catalog, ClientConfig, Connection, Error, ResourceScope, Service, ServiceName, Session, SessionConfig,
    SessionExt,
};
use tokio::sync::Notify;

/// One request, as far as tests look at it.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub method: String,
    pub host: String,
    pub path: String,
    pub query: String,
    pub target: String,
    pub range: Option<String>,
    pub if_match: Option<String>,
    /// All headers, in lower case, a line each.
    pub headers: String,
    pub body: String,
}

impl Asked {
    /// A short name: `PutObject` and the like, for the requests that these tests meet.
    pub(crate) fn operation(&self) -> &'static str {
        match (self.method.as_str(), self.query.as_str()) {
            ("POST", _) if self.target.ends_with("BatchWriteItem") => "BatchWriteItem",
            ("POST", _) if self.target.ends_with("BatchGetItem") => "BatchGetItem",
            ("POST", _) if self.target.ends_with("DescribeTable") => "DescribeTable",
            ("POST", query) if query.starts_with("uploads") => "CreateMultipartUpload",
            ("POST", query) if query.starts_with("delete") => "DeleteObjects",
            ("POST", query) if query.contains("uploadId") => "CompleteMultipartUpload",
            ("PUT", query) if query.contains("partNumber") => "UploadPart",
            ("PUT", _) => "PutObject",
            ("DELETE", query) if query.contains("uploadId") => "AbortMultipartUpload",
            ("HEAD", _) => "HeadObject",
            ("GET", query) if query.contains("list-type=2") => "ListObjectsV2",
            ("GET", _) => "GetObject",
            _ => "other",
        }
    }

    /// A parameter of the query.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
}

/// What the service answers.
pub(crate) enum Answer {
    /// Status, headers, body.
    Reply(u16, Vec<(&'static str, String)>, Bytes),
    /// Status 206 and a body that breaks off after these bytes.
    Cut(Bytes),
    /// As [`Reply`](Self::Reply), but the body breaks off after these bytes.
    CutReply(u16, Vec<(&'static str, String)>, Bytes),
    /// Nothing, ever.
    Silence,
    /// The answer, once the notification comes.
    After(Arc<Notify>, Box<Answer>),
}

impl Answer {
    pub(crate) fn ok(body: impl Into<Bytes>) -> Self {
        Self::Reply(200, Vec::new(), body.into())
    }

    /// An error of S3's.
    pub(crate) fn s3_error(status: u16, code: &str) -> Self {
        let body = format!("<Error><Code>{code}</Code><Message>because</Message></Error>");
        Self::Reply(status, Vec::new(), body.into())
    }

    /// An error of DynamoDB's.
    pub(crate) fn dynamodb_error(code: &str) -> Self {
        let body = format!(r#"{{"__type":"com.amazonaws.dynamodb.v20120810#{code}","message":"because"}}"#);
        Self::Reply(400, Vec::new(), body.into())
    }
}

type Script = dyn Fn(&Asked) -> Answer + Send + Sync;

/// The service and the session to it. Clones share both.
#[derive(Clone)]
pub(crate) struct Scripted {
    script: Arc<Script>,
    asked: Arc<Mutex<Vec<Asked>>>,
    pub news: Arc<Notify>,
    pub(crate) pool_sleep: Arc<Mutex<Option<SharedAsyncSleep>>>,
    endpoint_url: Option<String>,
    config: SessionConfig,
    catalog: Catalog,
}

impl std::fmt::Debug for Scripted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Scripted")
    }
}

impl Scripted {
    pub(crate) fn new(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            script: Arc::new(script),
            asked: Arc::default(),
            news: Arc::default(),
            pool_sleep: Arc::default(),
            endpoint_url: Some("http://scripted.test".into()),
            config: SessionConfig::builder().region_name("eu-west-1").build().unwrap(),
            catalog: Catalog::of_services([S3.name(), DynamoDb.name()]),
        }
    }

    /// The same service at AWS's own address.
    pub(crate) fn without_endpoint_url(mut self) -> Self {
        self.endpoint_url = None;
        self
    }

    pub(crate) async fn s3(&self) -> ResourceScope<S3Resource> {
        self.resource(S3).await.unwrap()
    }

    pub(crate) async fn dynamodb(&self) -> ResourceScope<DynamoDbResource> {
        self.resource(DynamoDb).await.unwrap()
    }

    /// Every request so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// How many requests of that operation there were.
    pub(crate) fn count(&self, operation: &str) -> usize {
        self.asked().iter().filter(|asked| asked.operation() == operation).count()
    }

    /// Waits until there were `count` requests of that operation.
    pub(crate) async fn until_asked(&self, operation: &str, count: usize) {
        loop {
            let news = self.news.notified();
            if self.count(operation) >= count {
                return;
            }
            news.await;
        }
    }
}

#[async_trait]
impl Session for Scripted {
    fn config(&self) -> &SessionConfig {
        &self.config
    }

    fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        let mut sdk_config = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(Credentials::for_tests()))
            .sleep_impl(SharedAsyncSleep::new(TokioSleep::new()))
            .http_client(SharedHttpClient::new(Client(self.clone())));
        sdk_config.set_endpoint_url(self.endpoint_url.clone());
        sdk_config.set_behavior_version(Some(aws_sdk_s3::config::BehaviorVersion::latest()));
        let sdk_config = config.applied_to(&sdk_config.build());
        Ok(Connection::new(service.clone(), config, sdk_config))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}

#[derive(Debug)]
struct Client(Scripted);

impl HttpClient for Client {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        // As a pool does: what the first request brings serves all of them.
        if let Some(sleep) = components.sleep_impl() {
            self.0.pool_sleep.lock().unwrap().get_or_insert(sleep);
        }
        SharedHttpConnector::new(Connector(self.0.clone()))
    }
}

#[derive(Debug)]
struct Connector(Scripted);

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name| request.headers().get(name).map(str::to_owned);
        let uri = request.uri().to_owned();
        let rest = uri.split_once("://").map_or(uri.as_str(), |(_, rest)| rest);
        let (host, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let asked = Asked {
            method: request.method().to_owned(),
            host: host.to_owned(),
            path: format!("/{path}"),
            query: query.to_owned(),
            target: header("x-amz-target").unwrap_or_default(),
            range: header("range"),
            if_match: header("if-match"),
            headers: request.headers().iter().map(|(name, value)| format!("{name}: {value}\n")).collect(),
            body: request.body().bytes().map(|b| String::from_utf8_lossy(b).into_owned()).unwrap_or_default(),
        };
        let answer = (self.0.script)(&asked);
        self.0.asked.lock().unwrap().push(asked);
        self.0.news.notify_waiters();
        HttpConnectorFuture::new(give(answer))
    }
}

async fn give(mut answer: Answer) -> Result<HttpResponse, ConnectorError> {
    loop {
        match answer {
            Answer::Reply(status, headers, body) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                return Ok(response);
            }
            Answer::Cut(bytes) => answer = Answer::CutReply(206, Vec::new(), bytes),
            Answer::CutReply(status, headers, bytes) => {
                let body = SdkBody::from_body_1_x(CutBody(Some(bytes)));
                let mut response = HttpResponse::new(status.try_into().unwrap(), body);
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                return Ok(response);
            }
            Answer::Silence => return std::future::pending().await,
            Answer::After(notified, later) => {
                notified.notified().await;
                answer = *later;
            }
        }
    }
}

/// Some bytes, and then an error.
struct CutBody(Option<Bytes>);

impl http_body::Body for CutBody {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
        std::task::Poll::Ready(Some(match self.0.take() {
            Some(bytes) => Ok(http_body::Frame::data(bytes)),
            None => Err(std::io::ErrorKind::ConnectionReset.into()),
        }))
    }
}
