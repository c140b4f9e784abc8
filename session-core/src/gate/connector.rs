//! The gate around the SDK's HTTP client: the one seam that every request passes.

use std::future::Future;
use std::pin::Pin;
use std::sync::{PoisonError, RwLock};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use aws_smithy_async::rt::sleep::SharedAsyncSleep;
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
    /// The session's own, without the gate.
    sleep: Option<SharedAsyncSleep>,
    gate: Gate,
    /// The connector of the last request, for the settings are the same again and again.
    last: RwLock<Option<(Timeouts, SharedHttpConnector)>>,
}

/// Connect and read time-out: all that makes one connector differ from another.
type Timeouts = (Option<Duration>, Option<Duration>);

impl GatedHttpClient {
    pub(crate) fn new(inner: SharedHttpClient, sleep: Option<SharedAsyncSleep>, gate: Gate) -> Self {
        Self { inner, sleep, gate, last: RwLock::new(None) }
    }

    /// The connector of the HTTP client inside.
    ///
    /// A pool keeps its connectors longer than a scope lives, and their time-outs run on the sleep that they were made
    /// with. It must be the session's: the gated one ends every pause when its scope does, and so would turn the
    /// connects of all later scopes into time-outs.
    fn inner_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let mut ungated = components.to_builder();
        ungated.set_sleep_impl(self.sleep.clone());
        match ungated.build() {
            Ok(ungated) => self.inner.http_connector(settings, &ungated),
            Err(_) => self.inner.http_connector(settings, components),
        }
    }
}

impl HttpClient for GatedHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let timeouts = (settings.connect_timeout(), settings.read_timeout());
        if let Some((known, connector)) = &*self.last.read().unwrap_or_else(PoisonError::into_inner)
            && *known == timeouts
        {
            return connector.clone();
        }
        let inner = self.inner_connector(settings, components);
        let connector = SharedHttpConnector::new(GatedConnector { inner, gate: self.gate.clone() });
        let mut last = self.last.write().unwrap_or_else(PoisonError::into_inner);
        *last = Some((timeouts, connector.clone()));
        connector
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
