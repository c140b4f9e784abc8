//! Door one: the SDK's HTTP client, answered in process.

use std::fmt;
use std::sync::Arc;

use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;

use crate::clock::{Answered, Asked};
use crate::context::Body;
use crate::service::Services;

/// An HTTP client whose every host is the cloud in memory.
#[derive(Clone)]
pub(crate) struct CloudHttpClient {
    services: Arc<Services>,
}

impl CloudHttpClient {
    pub(crate) fn new(services: Arc<Services>) -> Self {
        Self { services }
    }
}

impl HttpClient for CloudHttpClient {
    fn http_connector(&self, _: &HttpConnectorSettings, _: &RuntimeComponents) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        Some(ConnectorMetadata::new("mock-aws", Some(env!("CARGO_PKG_VERSION").into())))
    }
}

impl HttpConnector for CloudHttpClient {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let services = Arc::clone(&self.services);
        let asked = |body| Body::http_body(Asked::new(body, services.clock().clone()));
        let request = match request.try_into_http1x() {
            Ok(request) => request.map(asked),
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(Box::new(error)))),
        };
        HttpConnectorFuture::new(async move {
            let answered = |body| SdkBody::from_body_1_x(Answered::new(body, services.clock().clone()));
            let response = services.answer(request).await.map(answered);
            HttpResponse::try_from(response).map_err(|error| ConnectorError::other(Box::new(error), None))
        })
    }
}

impl fmt::Debug for CloudHttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CloudHttpClient")
    }
}
