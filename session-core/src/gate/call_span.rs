//! A `tracing` span for every operation: what was called, how it went, how long it took. Never what was said.

use std::time::Instant;

use aws_smithy_runtime_api::client::interceptors::context::{Error, FinalizerInterceptorContextRef, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata, OrchestratorError};
use aws_smithy_runtime_api::client::retries::RequestAttempts;
use aws_smithy_types::config_bag::ConfigBag;
use tracing::Span;
use tracing::field::Empty;

use crate::service::ServiceName;

/// The headers in which services name a request, of which none has two.
const REQUEST_ID: [&str; 2] = ["x-amzn-requestid", "x-amz-request-id"];

/// The span of one operation, from before its serialization to its last retry. Dropped before it ended, it says so.
#[derive(Debug)]
pub(super) struct CallSpan {
    span: Span,
    region: Option<String>,
    begun: Instant,
    ended: bool,
}

impl CallSpan {
    /// `None` when nobody listens.
    pub(super) fn begin(service: &ServiceName, region: Option<&str>, config: &ConfigBag) -> Option<Self> {
        let operation = config.load::<Metadata>().map_or("", Metadata::name);
        let span = tracing::info_span!(
            target: "session_core::call",
            "aws_call",
            service = service.as_str(),
            operation,
            region,
            attempts = Empty,
            request_id = Empty,
            status = Empty,
            outcome = Empty,
            duration_ms = Empty,
        );
        if span.is_disabled() {
            return None;
        }
        let region = region.map(str::to_owned);
        Some(Self { span, region, begun: Instant::now(), ended: false })
    }

    /// An attempt has ended, well or not.
    pub(super) fn attempt_ended(&self, context: &FinalizerInterceptorContextRef<'_>, config: &ConfigBag) {
        let attempt = config.load::<RequestAttempts>().map_or(0, RequestAttempts::attempts);
        let response = context.response();
        tracing::debug!(
            target: "session_core::call",
            parent: &self.span,
            region = self.region.as_deref(),
            attempt,
            status = response.map(|response| response.status().as_u16()),
            request_id = response.and_then(request_id),
            outcome = outcome(context.output_or_error()),
            "attempt",
        );
    }

    /// The operation has ended.
    pub(super) fn end(&mut self, context: &FinalizerInterceptorContextRef<'_>, config: &ConfigBag) {
        if let Some(attempts) = config.load::<RequestAttempts>() {
            self.span.record("attempts", attempts.attempts());
        }
        if let Some(response) = context.response() {
            self.span.record("status", response.status().as_u16());
            self.span.record("request_id", request_id(response));
        }
        self.finish(outcome(context.output_or_error()));
    }

    fn finish(&mut self, outcome: &'static str) {
        self.ended = true;
        self.span.record("outcome", outcome);
        self.span.record("duration_ms", self.begun.elapsed().as_secs_f64() * 1e3);
    }
}

impl Drop for CallSpan {
    fn drop(&mut self) {
        if !self.ended {
            self.finish("cancelled");
        }
    }
}

fn request_id(response: &HttpResponse) -> Option<&str> {
    REQUEST_ID.into_iter().find_map(|name| response.headers().get(name))
}

/// A word for how it went. The error itself may repeat what the caller sent, and stays out.
fn outcome(result: Option<Result<&Output, &OrchestratorError<Error>>>) -> &'static str {
    match result {
        Some(Ok(_)) => "ok",
        Some(Err(error)) if error.is_operation_error() => "service_error",
        Some(Err(error)) if error.is_timeout_error() => "timeout",
        Some(Err(error)) if error.is_connector_error() => "dispatch_failure",
        Some(Err(error)) if error.is_response_error() => "response_error",
        Some(Err(_)) => "refused",
        None => "cancelled",
    }
}
