//! The two doors as `object_store` knocks on them: an HTTP client of its kind for each.

use std::fmt;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_sdk_s3::config::interceptors::BeforeTransmitInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use aws_smithy_runtime_api::client::http::{
    HttpClient as _, HttpConnector as _, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::dyn_dispatch_hint;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest as SdkRequest;
use backend_mock::{MockAws, ServerHandle};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use http_body_util::BodyExt as _;
use object_store::ClientOptions;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::client::{
    HttpClient, HttpConnector, HttpError, HttpErrorKind, HttpRequest, HttpResponse, HttpService,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// The bucket that the suite has to itself.
pub(crate) const BUCKET: &str = "judged";

/// A cloud with an empty bucket, and a way in.
pub(crate) struct Door {
    client: HttpClient,
    endpoint: String,
    /// Kept for as long as the door is open.
    _server: Option<ServerHandle>,
}

impl Door {
    pub(crate) fn client(&self) -> &HttpClient {
        &self.client
    }

    pub(crate) fn store(&self) -> AmazonS3 {
        self.store_with(|store| store)
    }

    /// The bucket, with settings of the caller's.
    pub(crate) fn store_with(&self, settings: impl FnOnce(AmazonS3Builder) -> AmazonS3Builder) -> AmazonS3 {
        let store = super::builder(&self.endpoint).with_http_connector(Connector(self.client.clone()));
        settings(store).build().unwrap()
    }
}

/// The door of the SDK, without a socket.
pub(crate) async fn in_process() -> Door {
    let aws = MockAws::new();
    let connector = connector_of(&aws).await;
    let client = HttpClient::new(InProcess(connector));
    Door { client, endpoint: "http://s3.us-east-1.amazonaws.com".to_owned(), _server: None }
}

/// A loopback port.
pub(crate) async fn over_the_server() -> Door {
    let aws = MockAws::new();
    connector_of(&aws).await;
    let server = aws.serve("127.0.0.1:0").await.unwrap();
    let client = HttpClient::new(Loopback(server.local_addr()));
    Door { client, endpoint: server.endpoint_url(), _server: Some(server) }
}

/// Makes the bucket, and keeps the connector that the SDK made it through.
async fn connector_of(aws: &MockAws) -> SharedHttpConnector {
    let seen = Seen::default();
    let config = aws_sdk_s3::config::Builder::from(&aws.sdk_config()).interceptor(seen.clone()).build();
    aws_sdk_s3::Client::from_conf(config).create_bucket().bucket(BUCKET).send().await.unwrap();
    let connector = seen.0.lock().unwrap().take();
    connector.unwrap()
}

/// Sees what an operation is sent through.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Option<SharedHttpConnector>>>);

#[dyn_dispatch_hint]
impl Intercept for Seen {
    fn name(&self) -> &'static str {
        "Seen"
    }

    fn read_before_transmit(
        &self,
        _: &BeforeTransmitInterceptorContextRef<'_>,
        components: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), aws_sdk_s3::error::BoxError> {
        let client = components.http_client().ok_or("there is no HTTP client")?;
        let connector = client.http_connector(&HttpConnectorSettings::default(), components);
        *self.0.lock().unwrap() = Some(connector);
        Ok(())
    }
}

#[derive(Debug)]
struct Connector(HttpClient);

impl HttpConnector for Connector {
    fn connect(&self, _: &ClientOptions) -> object_store::Result<HttpClient> {
        Ok(self.0.clone())
    }
}

struct InProcess(SharedHttpConnector);

#[async_trait]
impl HttpService for InProcess {
    async fn call(&self, mut request: HttpRequest) -> Result<HttpResponse, HttpError> {
        // As every HTTP client does with a body whose length it knows.
        let length = HeaderValue::from(request.body().content_length());
        request.headers_mut().entry(header::CONTENT_LENGTH).or_insert(length);
        let request = SdkRequest::try_from(request.map(SdkBody::from_body_1_x)).map_err(broken)?;
        let response = self.0.call(request).await.map_err(broken)?.try_into_http1x().map_err(broken)?;
        let (parts, body) = response.into_parts();
        let body = ByteStream::new(body).collect().await.map_err(broken)?.into_bytes();
        Ok(Response::from_parts(parts, body.into()))
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

/// As much of HTTP/1.1 as one request a connection needs.
#[derive(Debug)]
struct Loopback(SocketAddr);

#[async_trait]
impl HttpService for Loopback {
    async fn call(&self, request: HttpRequest) -> Result<HttpResponse, HttpError> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await?.to_bytes();
        let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
        let mut head =
            format!("{} {target} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", parts.method, self.0);
        for (name, value) in parts.headers.iter().filter(|(name, _)| *name != header::HOST) {
            head.push_str(&format!("{name}: {}\r\n", String::from_utf8_lossy(value.as_bytes())));
        }
        if !parts.headers.contains_key(header::CONTENT_LENGTH) {
            head.push_str(&format!("content-length: {}\r\n", body.len()));
        }
        head.push_str("\r\n");
        let mut stream = TcpStream::connect(self.0).await.map_err(broken)?;
        stream.write_all(head.as_bytes()).await.map_err(broken)?;
        stream.write_all(&body).await.map_err(broken)?;
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.map_err(broken)?;
        Ok(parse(Bytes::from(answer)))
    }
}

/// The answer that a connection ended with. The server knows the length of all that it sends.
fn parse(answer: Bytes) -> HttpResponse {
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
    let head = std::str::from_utf8(&answer[..end]).unwrap();
    let (status, lines) = head.split_once("\r\n").unwrap();
    let headers: HeaderMap = lines
        .split("\r\n")
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), HeaderValue::from_str(value).unwrap()))
        .collect();
    assert!(!headers.contains_key(header::TRANSFER_ENCODING), "{head}");
    let mut response = Response::new(answer.slice(end + 4..).into());
    *response.status_mut() = StatusCode::from_bytes(&status.as_bytes()[9..12]).unwrap();
    *response.headers_mut() = headers;
    response
}

fn broken<E: std::error::Error + Send + Sync + 'static>(error: E) -> HttpError {
    HttpError::new(HttpErrorKind::Request, error)
}
