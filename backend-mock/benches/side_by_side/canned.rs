//! An HTTP client that knows one answer: what a call costs when nothing answers it.

use std::fmt;
use std::sync::{Arc, OnceLock};

use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use backend_mock::MockAws;
use bytes::Bytes;
use http_body_util::BodyExt as _;

/// Answers its first request from the cloud, and every other with the same bytes.
#[derive(Clone)]
pub(crate) struct Canned {
    cloud: SharedHttpClient,
    answer: Arc<OnceLock<Answer>>,
}

/// A status, headers and a body.
type Answer = (u16, Vec<(String, String)>, Bytes);

impl Canned {
    pub(crate) fn of(aws: &MockAws) -> Self {
        Self { cloud: aws.http_client(), answer: Arc::default() }
    }

    fn response(&self) -> Option<HttpResponse> {
        let (status, headers, body) = self.answer.get()?;
        let status = (*status).try_into().expect("a status that was answered once");
        let mut response = HttpResponse::new(status, SdkBody::from(body.clone()));
        for (name, value) in headers {
            response.headers_mut().append(name.clone(), value.clone());
        }
        Some(response)
    }
}

impl fmt::Debug for Canned {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Canned")
    }
}

impl HttpClient for Canned {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let cloud = self.cloud.http_connector(settings, components);
        SharedHttpConnector::new(CannedConnector { canned: self.clone(), cloud })
    }
}

#[derive(Debug)]
struct CannedConnector {
    canned: Canned,
    cloud: SharedHttpConnector,
}

impl HttpConnector for CannedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if let Some(response) = self.canned.response() {
            return HttpConnectorFuture::ready(Ok(response));
        }
        let (canned, answer) = (self.canned.clone(), self.cloud.call(request));
        HttpConnectorFuture::new(async move {
            let response = answer.await?;
            let headers = response.headers().iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            let (status, headers) = (response.status().as_u16(), headers.collect());
            let body = response.into_body().collect().await.expect("a body in memory");
            canned.answer.get_or_init(|| (status, headers, body.to_bytes()));
            Ok(canned.response().expect("it has just been kept"))
        })
    }
}
