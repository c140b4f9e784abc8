//! Identifiers of handles: a name that was given, or the reason why nothing may be sent.
//!
//! Constructors such as `s3.bucket(name)` are sync and cannot fail, and an empty name must not become a request: a
//! GET of an empty key would list the bucket, and an operation on an empty bucket would go to the service itself. So a
//! handle with an empty identifier holds a client whose operations all fail before anything is sent, with an
//! [`Error`] of kind [`InvalidInput`](ErrorKind::InvalidInput) that names the identifier.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, FinalizerInterceptorContextMut,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use session_core::{Error, ErrorKind};

/// Refuses every operation of a client, for an identifier is empty.
#[derive(Clone, Copy, Debug)]
pub(crate) struct EmptyIdentifier {
    resource: &'static str,
    identifier: &'static str,
}

impl EmptyIdentifier {
    /// What must guard the client of a handle, if its identifier is empty.
    pub(crate) fn check(value: &str, resource: &'static str, identifier: &'static str) -> Option<Self> {
        value.is_empty().then_some(Self { resource, identifier })
    }

    pub(crate) fn error(self) -> Error {
        let Self { resource, identifier } = self;
        Error::new(
            ErrorKind::InvalidInput,
            format!("the {identifier} of a {resource} is empty: give its name"),
        )
    }
}

#[dyn_dispatch_hint]
impl Intercept for EmptyIdentifier {
    fn name(&self) -> &'static str {
        "EmptyIdentifier"
    }

    fn read_before_execution(
        &self,
        _context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Err(self.error().into())
    }

    /// Says it once more: some operations look at their input after us, and of two errors the later one counts.
    fn modify_before_completion(
        &self,
        _context: &mut FinalizerInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        Err(self.error().into())
    }
}
