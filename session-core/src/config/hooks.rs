//! Hooks: what a program does to every operation on its way, where boto3 has events.

use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor};

use super::client::{ClientConfig, ClientConfigBuilder};

impl ClientConfigBuilder {
    /// One more hook on every operation. Hooks run in the order in which they were added, a session's before its
    /// clients'.
    ///
    /// | boto3's event | method of [`Intercept`] |
    /// |---|---|
    /// | `provide-client-params`, `before-parameter-build` | `modify_before_serialization`: the operation's input |
    /// | `before-call`, `request-created` | `modify_before_retry_loop`: the request, once for all attempts |
    /// | `before-sign` | `modify_before_signing`: the request, before each attempt's signature |
    /// | `before-send` | `modify_before_transmit`: the signed request; it cannot answer in place of the service |
    /// | `response-received`, `before-parse` | `modify_before_deserialization`: the response of an attempt |
    /// | `needs-retry` | `read_after_attempt`: how an attempt ended; the next one begins with `read_before_attempt` |
    /// | `after-call`, `after-call-error` | `modify_before_completion`, `read_after_execution`: output or error |
    ///
    /// An error that a hook returns ends the operation.
    ///
    /// ```
    /// use session_core::{ClientConfig, SessionExt};
    /// # session_core::service!(DynamoDb = "dynamodb", aws_sdk_dynamodb);
    /// # use std::sync::{Arc, atomic::{AtomicUsize, Ordering}};
    /// # use aws_smithy_runtime_api::{box_error::BoxError, client::{interceptors::*, runtime_components::RuntimeComponents}};
    /// # use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextRef;
    /// # use aws_smithy_types::config_bag::ConfigBag;
    ///
    /// #[derive(Debug, Clone, Default)]
    /// struct CountAttempts(Arc<AtomicUsize>);
    ///
    /// #[dyn_dispatch_hint]
    /// impl Intercept for CountAttempts {
    ///     fn name(&self) -> &'static str {
    ///         "CountAttempts"
    ///     }
    ///     fn read_before_transmit(
    ///         &self,
    ///         _context: &BeforeTransmitInterceptorContextRef<'_>,
    ///         _components: &RuntimeComponents,
    ///         _config: &mut ConfigBag,
    ///     ) -> Result<(), BoxError> {
    ///         self.0.fetch_add(1, Ordering::Relaxed);
    ///         Ok(())
    ///     }
    /// }
    ///
    /// # tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(async {
    /// # let session = backend_mock::MockAws::new().session();
    /// let attempts = CountAttempts::default();
    /// let dynamodb = session.client(DynamoDb).interceptor(attempts.clone()).await?;
    /// dynamodb.list_tables().send().await?;
    /// assert_eq!(attempts.0.load(Ordering::Relaxed), 1);
    /// # Ok::<(), session_core::Error>(()) }).unwrap();
    /// ```
    pub fn interceptor(mut self, interceptor: impl Intercept + 'static) -> Self {
        self.interceptors.push(SharedInterceptor::new(interceptor));
        self
    }
}

impl ClientConfig {
    /// The hooks on every operation, first to last.
    pub fn interceptors(&self) -> &[SharedInterceptor] {
        &self.interceptors
    }
}
