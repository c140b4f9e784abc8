//! Admission of whole operations: one pass, and one span, from before serialization until the last retry.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::call_span::CallSpan;
use super::{Gate, Pass, ScopeClosed};
use crate::service::ServiceName;

/// Takes a pass when an operation begins, before credentials, endpoints or the network are asked, and opens its span.
///
/// One interceptor for both: each costs every call as much as all that it does.
#[derive(Debug)]
pub(crate) struct GateInterceptor {
    gate: Gate,
    service: ServiceName,
    region: Option<String>,
}

impl GateInterceptor {
    pub(crate) fn new(gate: Gate, service: ServiceName, region: Option<String>) -> Self {
        Self { gate, service, region }
    }
}

/// Lives in the operation's configuration, and so exactly as long as the operation.
#[derive(Debug)]
struct Admission {
    _pass: Pass,
    span: Option<CallSpan>,
}

impl Storable for Admission {
    type Storer = StoreReplace<Self>;
}

#[dyn_dispatch_hint]
impl Intercept for GateInterceptor {
    fn name(&self) -> &'static str {
        "GateInterceptor"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let pass = self.gate.admit_operation()?;
        config.interceptor_state().store_put(Admission { _pass: pass, span: None });
        Ok(())
    }

    fn read_before_serialization(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // Not before: only now does the configuration say which operation this is.
        let span = CallSpan::begin(&self.service, self.region.as_deref(), config);
        if let (Some(span), Some(admission)) = (span, config.get_mut_from_interceptor_state::<Admission>()) {
            admission.span = Some(span);
        }
        Ok(())
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Admission { span: Some(span), .. }) = config.load::<Admission>() {
            span.attempt_ended(context, config);
        }
        Ok(())
    }

    fn modify_before_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A cancelled scope ends pauses, time-outs among them: what failed for that is told as what it is.
        match context.output_or_error() {
            Some(Err(error)) if error.as_operation_error().is_none() && self.gate.is_cancelled() => {
                Err(ScopeClosed.into())
            }
            _ => Ok(()),
        }
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let admission = config.get_mut_from_interceptor_state::<Admission>();
        if let Some(mut span) = admission.and_then(|admission| admission.span.take()) {
            span.end(context, config);
        }
        Ok(())
    }
}
