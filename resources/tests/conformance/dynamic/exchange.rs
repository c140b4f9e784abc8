//! What goes over the wire: the requests of both clients, side by side, and an answer that is given again.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use anyhow::{Context, ensure};
use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::interceptors::context::{
    AfterDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use session_core::{Catalog, ClientConfig, Connection, Error, ServiceName, Session, SessionConfig};

/// Headers in which two requests may differ that ask the same: who signs and when, which client it is, which attempt; the
/// length, which HTTP clients add where it is left out; and the version that boto tells one operation, DescribeEndpoints.
const OWN: [&str; 8] = [
    "authorization",
    "x-amz-date",
    "user-agent",
    "x-amz-user-agent",
    "amz-sdk-invocation-id",
    "amz-sdk-request",
    "content-length",
    "x-amz-api-version",
];

/// A request as far as it says what is asked.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Request {
    method: String,
    path: String,
    /// Without `x-id`, which the typed clients add for people who read logs.
    query: Vec<String>,
    headers: BTreeMap<String, String>,
    /// `None` of a body that streams.
    body: Option<Body>,
}

#[derive(Clone, Debug, PartialEq)]
enum Body {
    /// Members of JSON have no order.
    Json(serde_json::Value),
    Text(String),
    Bytes(Vec<u8>),
}

impl Request {
    fn of(request: &HttpRequest) -> Self {
        let uri = request.uri();
        let uri = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let target = uri.find('/').map_or("/", |at| &uri[at..]);
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let mut query: Vec<_> = query.split('&').filter(|pair| !pair.starts_with("x-id=")).collect();
        query.sort_unstable();
        let mut headers = BTreeMap::<String, String>::new();
        for (name, value) in request.headers().iter().filter(|(name, _)| !OWN.contains(name)) {
            // A header that is repeated says the same as one with its values between commas.
            let values = headers.entry(name.to_owned()).or_default();
            values.push_str(if values.is_empty() { "" } else { ", " });
            values.push_str(value);
        }
        Self {
            method: request.method().to_owned(),
            path: path.to_owned(),
            query: query.into_iter().filter(|pair| !pair.is_empty()).map(str::to_owned).collect(),
            headers,
            body: request.body().bytes().map(Body::of),
        }
    }
}

impl Body {
    fn of(bytes: &[u8]) -> Self {
        if bytes.starts_with(b"{")
            && let Ok(json) = serde_json::from_slice(bytes)
        {
            return Self::Json(json);
        }
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::Text(text.to_owned()),
            Err(_) => Self::Bytes(bytes.to_owned()),
        }
    }
}

/// An answer whose body is in memory.
#[derive(Clone, Debug)]
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

#[derive(Debug, Default)]
struct Seen {
    request: Option<Request>,
    answer: Option<Answer>,
}

/// Sees the last exchange of a client. Clones share it.
#[derive(Clone, Debug, Default)]
pub(super) struct Observer {
    seen: Arc<Mutex<Seen>>,
}

impl Observer {
    /// Forgets what was seen.
    pub(super) fn forget(&self) {
        *self.seen.lock().unwrap() = Seen::default();
    }

    /// The last request.
    pub(super) fn request(&self) -> anyhow::Result<Request> {
        self.seen.lock().unwrap().request.clone().context("nothing was sent")
    }

    /// Whether the last answer can be given again: what streams cannot.
    pub(super) fn has_answer(&self) -> bool {
        self.seen.lock().unwrap().answer.is_some()
    }

    fn answer(&self) -> Option<Result<HttpResponse, ConnectorError>> {
        let Answer { status, headers, body } = self.seen.lock().unwrap().answer.clone()?;
        let status = match status.try_into() {
            Ok(status) => status,
            Err(error) => return Some(Err(ConnectorError::other(Box::new(error), None))),
        };
        let mut response = HttpResponse::new(status, SdkBody::from(body));
        for (name, value) in headers {
            response.headers_mut().append(name, value);
        }
        Some(Ok(response))
    }
}

/// Checks that both ask the same.
pub(super) fn check_same_request(typed: &Request, named: &Request) -> anyhow::Result<()> {
    ensure!(typed == named, "the requests differ\nby name {named:#?}\ntyped {typed:#?}");
    Ok(())
}

#[dyn_dispatch_hint]
impl Intercept for Observer {
    fn name(&self) -> &'static str {
        "Observer"
    }

    fn read_before_transmit(
        &self,
        context: &BeforeTransmitInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.seen.lock().unwrap().request = Some(Request::of(context.request()));
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.seen.lock().unwrap().answer = response.body().bytes().map(|body| Answer {
            status: response.status().as_u16(),
            headers: headers.collect(),
            body: body.to_owned(),
        });
        Ok(())
    }
}

/// A session whose clients send nothing: they are given what another client, the observed one, was answered. Where there
/// is nothing to give, they send after all.
#[derive(Debug)]
pub(super) struct EchoSession {
    pub(super) session: Arc<dyn Session>,
    pub(super) observer: Observer,
}

#[async_trait]
impl Session for EchoSession {
    fn config(&self) -> &SessionConfig {
        self.session.config()
    }

    fn catalog(&self) -> &Catalog {
        self.session.catalog()
    }

    async fn connect(&self, service: &ServiceName, config: ClientConfig) -> Result<Connection, Error> {
        let connection = self.session.connect(service, config.clone()).await?;
        let mut sdk_config = connection.sdk_config().to_builder();
        if let Some(http_client) = connection.sdk_config().http_client() {
            sdk_config = sdk_config.http_client(Echo { http_client, observer: self.observer.clone() });
        }
        Ok(Connection::new(service.clone(), config, sdk_config.build()).with_backend("echo"))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        self.session.credentials().await
    }
}

#[derive(Clone, Debug)]
struct Echo {
    http_client: SharedHttpClient,
    observer: Observer,
}

impl HttpClient for Echo {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let connector = self.http_client.http_connector(settings, components);
        SharedHttpConnector::new(EchoConnector { connector, observer: self.observer.clone() })
    }
}

#[derive(Debug)]
struct EchoConnector {
    connector: SharedHttpConnector,
    observer: Observer,
}

impl HttpConnector for EchoConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        match self.observer.answer() {
            Some(answer) => HttpConnectorFuture::ready(answer),
            None => self.connector.call(request),
        }
    }
}
