//! One request and its answer's head.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_smithy_async::future::timeout::Timeout;
use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::connection::{CaptureSmithyConnection, ConnectionMetadata};
use aws_smithy_runtime_api::client::http::telemetry::CaptureHttpAttemptTelemetry;
use aws_smithy_runtime_api::client::http::{HttpConnector, HttpConnectorFuture};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use http::header::PROXY_AUTHORIZATION;
use http::uri::Scheme;
use http::{Extensions, StatusCode};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{CaptureConnection, HttpInfo, capture_connection};

use super::dial::{Dial, Route, Way};
use super::failure::{ProxyFailed, TimedOut, classified};

/// Sends requests by a pool, each with a limit on the time until its answer's head is there.
pub(super) struct Exchange {
    pub(super) client: Client<Dial, SdkBody>,
    pub(super) route: Arc<Route>,
    pub(super) read_timeout: Option<(Duration, SharedAsyncSleep)>,
    pub(super) time: Option<SharedTimeSource>,
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange").field("route", &self.route).finish_non_exhaustive()
    }
}

impl HttpConnector for Exchange {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let timed = Timed::start(request.extension::<CaptureHttpAttemptTelemetry>(), self.time.as_ref());
        let mut request = match request.try_into_http1x() {
            Ok(request) => request,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        // A tunnel asks for its own authorization, before there is a request.
        let forwarding = match request.uri().scheme() == Some(&Scheme::HTTP) {
            true => self.route.ways.proxy(request.uri()),
            false => None,
        };
        if let Some(credentials) = forwarding.as_ref().and_then(|proxy| proxy.basic_auth()) {
            request.headers_mut().entry(PROXY_AUTHORIZATION).or_insert_with(|| credentials.clone());
        }
        let connection = capture_connection(&mut request);
        if let Some(wanted) = request.extensions().get::<CaptureSmithyConnection>() {
            wanted.set_connection_retriever(move || describe(&connection));
        }
        let answer = self.client.request(request);
        let read_timeout = self.read_timeout.clone();
        HttpConnectorFuture::new(async move {
            let answer = match read_timeout {
                None => answer.await.map_err(|error| classified(error.into())),
                Some((after, sleep)) => match Timeout::new(answer, sleep.sleep(after)).await {
                    Ok(answer) => answer.map_err(|error| classified(error.into())),
                    Err(_) => Err(classified(TimedOut { what: "read time-out", after }.into())),
                },
            };
            timed.inspect(Timed::finish);
            let answer = answer?;
            match forwarding {
                Some(proxy) if answer.status() == StatusCode::PROXY_AUTHENTICATION_REQUIRED => {
                    Err(classified(ProxyFailed::wants_credentials(proxy.uri()).into()))
                }
                _ => HttpResponse::try_from(answer.map(SdkBody::from_body_1_x))
                    .map_err(|error| ConnectorError::other(error.into(), None)),
            }
        })
    }
}

/// What the SDK wants to know of a connection, so that it can put one aside after a failure.
fn describe(captured: &CaptureConnection) -> Option<ConnectionMetadata> {
    let mut extras = Extensions::new();
    captured.connection_metadata().as_ref()?.get_extras(&mut extras);
    let addresses = extras.get::<HttpInfo>();
    let captured = captured.clone();
    let mut described = ConnectionMetadata::builder()
        .proxied(extras.get::<Way>().is_some_and(|way| *way != Way::Direct))
        .poison_fn(move || {
            if let Some(connection) = captured.connection_metadata().as_ref() {
                connection.poison();
            }
        });
    described
        .set_local_addr(addresses.map(HttpInfo::local_addr))
        .set_remote_addr(addresses.map(HttpInfo::remote_addr));
    Some(described.build())
}

/// How long a call takes, where the SDK asks.
struct Timed {
    capture: CaptureHttpAttemptTelemetry,
    time: SharedTimeSource,
    started: std::time::SystemTime,
}

impl Timed {
    fn start(capture: Option<&CaptureHttpAttemptTelemetry>, time: Option<&SharedTimeSource>) -> Option<Self> {
        let (capture, time) = capture.cloned().zip(time.cloned())?;
        let started = time.now();
        Some(Self { capture, time, started })
    }

    fn finish(&self) {
        if let Ok(took) = self.time.now().duration_since(self.started) {
            self.capture.record_connector_call_duration(took);
        }
    }
}
