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
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_types::SdkConfig;
use aws_types::region::Region;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
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
}

type Answer = (u16, Vec<(&'static str, &'static str)>, &'static str);

impl HttpClient for Service {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Service {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let headers = request.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
        self.asked.lock().unwrap().push(Asked {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: headers.collect(),
            body: String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned(),
        });
        match self.answers.lock().unwrap().pop_front() {
            Some((status, headers, body)) => {
                let mut response = HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body));
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
    machine: Machine,
}

/// What the machine says of services: the variable, the service's id, and the value.
#[derive(Clone, Debug, Default)]
struct Machine(Option<(&'static str, &'static str, &'static str)>);

impl LoadServiceConfig for Machine {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        self.0.filter(|said| (said.0, said.1) == (key.env(), key.service_id())).map(|said| said.2.to_owned())
    }
}

impl Scripted {
    pub(crate) fn new() -> Self {
        Self { catalog: Catalog::of_aws(), ..Self::default() }
    }

    /// The same on a machine that says this of a service.
    pub(crate) fn on_machine(
        self,
        variable: &'static str,
        service: &'static str,
        value: &'static str,
    ) -> Self {
        Self { machine: Machine(Some((variable, service, value))), ..self }
    }

    pub(crate) fn answer(self, status: u16, body: &'static str) -> Self {
        self.answer_with(status, &[], body)
    }

    pub(crate) fn answer_with(
        self,
        status: u16,
        headers: &[(&'static str, &'static str)],
        body: &'static str,
    ) -> Self {
        self.service.answers.lock().unwrap().push_back((status, headers.to_vec(), body));
        self
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
            .service_config(self.machine.clone())
            .build();
        Ok(Connection::new(service.clone(), config.clone(), config.applied_to(&sdk_config)))
    }

    async fn credentials(&self) -> Result<Option<Credentials>, Error> {
        Ok(None)
    }
}
