//! A client's limit of connections: requests that wait for their turn, and not for ever.

use std::error::Error as StdError;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, default_async_sleep};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::connector_metadata::ConnectorMetadata;
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
    SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::SdkConfig;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::config::ClientConfig;

/// In the source chain of every SDK error of a request that never got its turn.
///
/// [`Error`](crate::Error)s made from such an SDK error have the kind
/// [`ErrorKind::PoolTimeout`](crate::ErrorKind::PoolTimeout).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PoolTimeout {
    /// How many requests the client may have on the way.
    pub max_pool_connections: usize,
    /// How long this one waited.
    pub pool_timeout: Duration,
}

impl fmt::Display for PoolTimeout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { max_pool_connections, pool_timeout } = self;
        write!(
            f,
            "nothing was sent: for {pool_timeout:?} all {max_pool_connections} connections of the client were taken \
             (max_pool_connections); read response bodies to their end or drop them, or allow more"
        )
    }
}

impl StdError for PoolTimeout {}

/// The configuration with the limit that `config` sets around its HTTP client.
pub(crate) fn limited(sdk_config: SdkConfig, config: &ClientConfig) -> SdkConfig {
    let (Some(limit), Some(inner)) = (config.max_pool_connections(), sdk_config.http_client()) else {
        return sdk_config;
    };
    let turns = Turns { free: Arc::new(Semaphore::new(limit)), limit, timeout: config.pool_timeout() };
    sdk_config.into_builder().http_client(LimitedHttpClient { inner, turns }).build()
}

#[derive(Clone, Debug)]
struct Turns {
    free: Arc<Semaphore>,
    limit: usize,
    timeout: Duration,
}

impl Turns {
    async fn take(&self, sleep: Option<SharedAsyncSleep>) -> Result<OwnedSemaphorePermit, ConnectorError> {
        if let Ok(turn) = Arc::clone(&self.free).try_acquire_owned() {
            return Ok(turn);
        }
        let turn = Arc::clone(&self.free).acquire_owned();
        let taken = match sleep {
            Some(sleep) => Timeout::new(turn, sleep.sleep(self.timeout)).await.ok(),
            None => Some(turn.await),
        };
        match taken {
            Some(Ok(turn)) => Ok(turn),
            // A user error: the one kind that no retry strategy repeats. Waiting again would double the bound.
            _ => Err(ConnectorError::user(Box::new(PoolTimeout {
                max_pool_connections: self.limit,
                pool_timeout: self.timeout,
            }))),
        }
    }
}

/// An HTTP client that has a bounded number of requests on the way.
#[derive(Debug)]
struct LimitedHttpClient {
    inner: SharedHttpClient,
    turns: Turns,
}

impl HttpClient for LimitedHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        // What is waited for is this program, reading bodies: the machine's time, not that of a cloud in a test.
        let sleep = default_async_sleep().or_else(|| components.sleep_impl());
        SharedHttpConnector::new(LimitedConnector { inner, turns: self.turns.clone(), sleep })
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
struct LimitedConnector {
    inner: SharedHttpConnector,
    turns: Turns,
    sleep: Option<SharedAsyncSleep>,
}

impl HttpConnector for LimitedConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let (inner, turns, sleep) = (self.inner.clone(), self.turns.clone(), self.sleep.clone());
        HttpConnectorFuture::new(async move {
            let turn = turns.take(sleep).await?;
            let mut response: HttpResponse = inner.call(request).await?;
            let body = response.take_body();
            *response.body_mut() = CountedBody::wrap(body, turn);
            Ok(response)
        })
    }
}

pin_project! {
    /// A response body that has its turn until it is read to its end, fails or is dropped.
    struct CountedBody {
        #[pin]
        inner: SdkBody,
        turn: Option<OwnedSemaphorePermit>,
    }
}

impl CountedBody {
    /// A body that has arrived whole holds no connection.
    fn wrap(inner: SdkBody, turn: OwnedSemaphorePermit) -> SdkBody {
        if inner.bytes().is_some() || inner.is_end_stream() {
            return inner;
        }
        SdkBody::from_body_1_x(Self { inner, turn: Some(turn) })
    }
}

impl Body for CountedBody {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        let mut this = self.project();
        let polled = this.inner.as_mut().poll_frame(cx);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) || this.inner.is_end_stream() {
            *this.turn = None;
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&self.inner)
    }
}
