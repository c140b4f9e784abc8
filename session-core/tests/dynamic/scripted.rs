//! A session whose service answers what the test says, in order, and remembers what was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, Sleep};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use http_body_util::BodyExt;
use session_core::{Catalog, ClientConfig, Connection, Error, ServiceName, Session, SessionConfig};

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Clone, Debug, Default)]
struct Service {
    answers: Arc<Mutex<VecDeque<Answer>>>,
    asked: Arc<Mutex<Vec<Asked>>>,
    streamed: Arc<Mutex<VecDeque<SdkBody>>>,
    reads_first: bool,
}

type Answer = (u16, Vec<(&'static str, &'static str)>, SdkBody);

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        });
        let sent = std::mem::replace(request.body_mut(), SdkBody::taken());
        let (answer, streamed) = (self.answers.lock().unwrap().pop_front(), Arc::clone(&self.streamed));
        if sent.bytes().is_none() && self.reads_first {
            return HttpConnectorFuture::new(async move {
                let read = sent.collect().await.map_err(ConnectorError::io)?;
                streamed.lock().unwrap().push_back(read.to_bytes().into());
                let (status, _, body) = answer.unwrap();
                Ok(HttpResponse::new(status.try_into().unwrap(), body))
            });
        }
        streamed.lock().unwrap().push_back(sent);
        match answer {
            Some((status, headers, body)) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), body);
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                HttpConnectorFuture::ready(Ok(response))
            }
            None => HttpConnectorFuture::new(std::future::pending()),
        }
    }
}

/// Sleeping takes no time, unless it is for an hour: that is for ever.
#[derive(Debug)]
struct Awake;

impl AsyncSleep for Awake {
    fn sleep(&self, duration: std::time::Duration) -> Sleep {
        match duration < std::time::Duration::from_secs(3600) {
            true => Sleep::new(std::future::ready(())),
            false => Sleep::new(std::future::pending()),
        }
    }
}

#[derive(Debug, Default)]
pub(crate) struct Scripted {
    service: Service,
    config: SessionConfig,
    catalog: Catalog,
}

impl Scripted {
    pub(crate) fn new() -> Self {
        Self { catalog: Catalog::of_aws(), ..Self::default() }
    }

    pub(crate) fn answer(self, status: u16, body: &'static str) -> Self {
        self.answer_with(status, &[], body)
    }

    pub(crate) fn answer_with(
        self,
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: impl Into<SdkBody>,
    ) -> Self {
        self.service.answers.lock().unwrap().push_back((status, headers.to_vec(), body.into()));
        self
    }

    /// The service reads streamed bodies to their end before it answers.
    pub(crate) fn reads_first(mut self) -> Self {
        self.service.reads_first = true;
        self
    }

    /// The body of the first request that was not asked for yet.
    pub(crate) fn sent(&self) -> SdkBody {
        self.service.streamed.lock().unwrap().pop_front().unwrap()
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.service.asked.lock().unwrap().clone()
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
        self.catalog.require_service(service)?;
        let credentials = Credentials::new("AKID", "SECRET", None, None, "test");
        let sdk_config = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .behavior_version(aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest())
            .sleep_impl(SharedAsyncSleep::new(Awake))
            .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
            .stalled_stream_protection(
                aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig::disabled(),
            )
            .http_client(self.service.clone())
            .build();
        Ok(Connection::new(service.clone(), config.clone(), config.applied_to(&sdk_config)))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}
