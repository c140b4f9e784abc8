//! The gate around the SDK's HTTP client: the one seam that every request passes.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::ConfigBag;

use super::body::GatedBody;
use super::watch::Watch;
use super::{Gate, Pass, ScopeClosed};

/// An HTTP client whose requests obey a gate.
#[derive(Debug)]
pub(crate) struct GatedHttpClient {
    inner: SharedHttpClient,
    gate: Gate,
}

impl GatedHttpClient {
    pub(crate) fn new(inner: SharedHttpClient, gate: Gate) -> Self {
        Self { inner, gate }
    }
}

impl HttpClient for GatedHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(GatedConnector { inner, gate: self.gate.clone() })
    }

    fn validate_base_client_config(
        &self,
        components: &RuntimeComponentsBuilder,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_base_client_config(components, config)
    }

    fn validate_final_config(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        self.inner.validate_final_config(components, config)
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

#[derive(Debug)]
struct GatedConnector {
    inner: SharedHttpConnector,
    gate: Gate,
}

impl HttpConnector for GatedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        // Operations are admitted by the interceptor, so that their retries go through while a scope drains.
        // A client that was built without it is admitted here, request by request.
        let admitted = match self.gate.admits_operations() {
            true => Ok(None),
            false => self.gate.enter().map(Some),
        };
        let watch = Watch::of(&self.gate);
        match admitted {
            Ok(pass) if !watch.is_cancelled() => {
                let answer = self.inner.call(request);
                HttpConnectorFuture::new(InFlight { answer, waiting: Some((watch, pass)) })
            }
            _ => HttpConnectorFuture::ready(Err(refused(ScopeClosed))),
        }
    }
}

/// A request until its answer's head is there or the scope is cancelled.
struct InFlight {
    answer: HttpConnectorFuture,
    waiting: Option<(Watch, Option<Pass>)>,
}

impl Future for InFlight {
    type Output = Result<HttpResponse, ConnectorError>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        let this = &mut *self;
        let Some((watch, _)) = &mut this.waiting else { return Poll::Ready(Err(refused(ScopeClosed))) };
        let answer = match Pin::new(&mut this.answer).poll(cx) {
            Poll::Ready(answer) => answer,
            Poll::Pending => {
                ready!(watch.poll_cancelled(cx));
                Err(refused(ScopeClosed))
            }
        };
        let waiting = this.waiting.take();
        Poll::Ready(match (answer, waiting) {
            (Ok(mut response), Some((watch, _pass))) => {
                let body = response.take_body();
                *response.body_mut() = GatedBody::wrap(body, watch);
                Ok(response)
            }
            (answer, _) => answer,
        })
    }
}

/// A user error: the one kind that no retry strategy repeats.
fn refused(closed: ScopeClosed) -> ConnectorError {
    ConnectorError::user(Box::new(closed))
}
