//! The wire under the SDK: an HTTP client that keeps every request and answers 200.

use std::sync::{Arc, Mutex};

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_types::body::SdkBody;

/// A request as it was sent.
#[derive(Clone, Debug)]
pub(crate) struct Sent {
    pub(crate) uri: String,
    pub(crate) authorization: String,
    pub(crate) token: Option<String>,
}

impl Sent {
    /// `access key/date/region/service/aws4_request`.
    pub(crate) fn scope(&self) -> &str {
        let scope = self.authorization.split("Credential=").nth(1).unwrap();
        scope.split(',').next().unwrap()
    }

    pub(crate) fn access_key(&self) -> &str {
        self.scope().split('/').next().unwrap()
    }

    pub(crate) fn region(&self) -> &str {
        self.scope().split('/').nth(2).unwrap()
    }
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Wire(Arc<Mutex<Vec<Sent>>>);

impl Wire {
    pub(crate) fn http_client(&self) -> SharedHttpClient {
        let connector = SharedHttpConnector::new(self.clone());
        http_client_fn(move |_, _| connector.clone())
    }

    pub(crate) fn sent(&self) -> Vec<Sent> {
        self.0.lock().unwrap().clone()
    }

    pub(crate) fn last(&self) -> Sent {
        self.sent().pop().expect("a request was sent")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let header = |name: &str| request.headers().get(name).map(str::to_owned);
        self.0.lock().unwrap().push(Sent {
            uri: request.uri().to_owned(),
            authorization: header("authorization").unwrap_or_default(),
            token: header("x-amz-security-token"),
        });
        let body = match header("x-amz-target") {
            Some(_) => SdkBody::from("{}"),
            None => SdkBody::from("<ListAllMyBucketsResult/>"),
        };
        HttpConnectorFuture::ready(Ok(HttpResponse::new(200.try_into().unwrap(), body)))
    }
}
