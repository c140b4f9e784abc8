//! Admission of whole operations: one pass from before serialization until the last retry.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::{Gate, Pass, ScopeClosed};

/// Takes a pass when an operation begins, before credentials, endpoints or the network are asked.
#[derive(Debug)]
pub(crate) struct GateInterceptor {
    gate: Gate,
}

impl GateInterceptor {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate }
    }
}

/// Lives in the operation's configuration, and so exactly as long as the operation.
#[derive(Debug)]
struct Admission {
    _pass: Pass,
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
        config.interceptor_state().store_put(Admission { _pass: pass });
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
}
