//! A session whose service answers what the test says, in order, and remembers what was asked.

use std::collections::VecDeque;
use std::convert::Infallible;
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
use aws_smithy_types::byte_stream::ByteStream;
use aws_types::region::Region;
use aws_types::sdk_config::{Builder as SdkConfigBuilder, SdkConfig};
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use bytes::Bytes;
use http_body::Frame;
use http_body_util::StreamBody;
use session_core::{Catalog, ClientConfig, Connection, Error, ServiceName, Session, SessionConfig};

#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) uri: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    /// The same, as it came.
    pub(crate) bytes: Vec<u8>,
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
    unread: Arc<Mutex<VecDeque<SdkBody>>>,
    answers_first: bool,
}

/// `None` is silence.
type Answer = Option<(u16, Vec<(String, String)>, SdkBody)>;

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let service = self.clone();
        HttpConnectorFuture::new(async move {
            let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let mut asked = Asked {
                method: request.method().to_owned(),
                uri: request.uri().to_owned(),
                headers: headers.collect(),
                body: String::new(),
                bytes: Vec::new(),
            };
            let body = request.into_parts().body;
            if service.answers_first {
                service.unread.lock().unwrap().push_back(body);
            } else {
                let body = ByteStream::new(body).collect().await;
                asked.bytes = body.map_err(|error| ConnectorError::user(error.into()))?.to_vec();
            }
            asked.body = String::from_utf8_lossy(&asked.bytes).into_owned();
            service.asked.lock().unwrap().push(asked);
            let answer = service.answers.lock().unwrap().pop_front().flatten();
            let Some((status, headers, body)) = answer else { return std::future::pending().await };
            let mut response = HttpResponse::new(status.try_into().unwrap(), as_it_comes(body));
            for (name, value) in headers {
                response.headers_mut().insert(name, value);
            }
            Ok(response)
        })
    }
}

/// The body as a connection has it: not known to be whole before it is read.
fn as_it_comes(body: SdkBody) -> SdkBody {
    match body.bytes() {
        Some(bytes) => {
            let frame = Frame::data(Bytes::copy_from_slice(bytes));
            let frames = futures_util::stream::iter([Ok::<_, Infallible>(frame)]);
            SdkBody::from_body_1_x(StreamBody::new(frames))
        }
        None => body,
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

#[derive(Debug)]
pub(crate) struct Scripted {
    service: Service,
    config: SessionConfig,
    catalog: Catalog,
    sdk_config: SdkConfig,
}

/// What the machine says of services: the variable, the service's id, and the value.
#[derive(Clone, Debug)]
struct Machine(&'static str, &'static str, &'static str);

impl LoadServiceConfig for Machine {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        ((self.0, self.1) == (key.env(), key.service_id())).then(|| self.2.to_owned())
    }
}

impl Scripted {
    pub(crate) fn new() -> Self {
        let credentials = Credentials::new("AKID", "SECRET", None, None, "test");
        let service = Service::default();
        let sdk_config = SdkConfig::builder()
            .region(Region::new("eu-west-1"))
            .credentials_provider(SharedCredentialsProvider::new(credentials))
            .behavior_version(aws_smithy_runtime_api::client::behavior_version::BehaviorVersion::latest())
            .sleep_impl(SharedAsyncSleep::new(Awake))
            .timeout_config(aws_smithy_types::timeout::TimeoutConfig::disabled())
            .stalled_stream_protection(
                aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig::disabled(),
            )
            .build();
        Self { service, config: SessionConfig::default(), catalog: Catalog::of_aws(), sdk_config }
    }

    /// The same session with another identity, clock, or whatever a configuration has.
    pub(crate) fn with(mut self, change: impl FnOnce(SdkConfigBuilder) -> SdkConfigBuilder) -> Self {
        self.sdk_config = change(self.sdk_config.into_builder()).build();
        self
    }

    /// The same on a machine that says this of a service.
    pub(crate) fn on_machine(
        self,
        variable: &'static str,
        service: &'static str,
        value: &'static str,
    ) -> Self {
        self.with(|config| config.service_config(Machine(variable, service, value)))
    }

    pub(crate) fn answer(self, status: u16, body: &str) -> Self {
        self.answer_with(status, &[], body)
    }

    pub(crate) fn answer_with(self, status: u16, headers: &[(&str, &str)], body: impl Into<SdkBody>) -> Self {
        let headers = headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        let answer = Some((status, headers.collect(), body.into()));
        self.service.answers.lock().unwrap().push_back(answer);
        self
    }

    /// One request gets no answer.
    pub(crate) fn silence(self) -> Self {
        self.service.answers.lock().unwrap().push_back(None);
        self
    }

    /// The service answers before it reads; the bodies that it did not read are for [`unread`](Self::unread).
    pub(crate) fn answers_first(mut self) -> Self {
        self.service.answers_first = true;
        self
    }

    /// The body of the first request that was not asked for yet.
    pub(crate) fn unread(&self) -> SdkBody {
        self.service.unread.lock().unwrap().pop_front().unwrap()
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
        let sdk_config = self.sdk_config.clone().into_builder().http_client(self.service.clone()).build();
        let sdk_config = config.applied_to(&sdk_config);
        Ok(Connection::new(service.clone(), config, sdk_config))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}
