//! What a client was made from: its session's scope, which the client itself is asked for.
//!
//! A client is the SDK's own type and has no place for a scope. But its interceptors can be read, and one of them knows
//! the scope: it is asked as before an operation, with a question in the place of the operation's input. So the transfers
//! of a bare client end with its scope as a resource's do, and operations pay for one comparison.

use std::sync::{Arc, OnceLock};

use aws_sdk_s3::Client;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeSerializationInterceptorContextRef, Input, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_types::config_bag::ConfigBag;
use session_core::Connection;

use super::Scope;

const NAME: &str = "S3Origin";

/// Knows the scope of its client.
#[derive(Debug)]
pub(crate) struct Origin(Arc<dyn Scope>);

impl Origin {
    pub(crate) fn new(connection: &Connection) -> Self {
        Self(Arc::new(connection.clone()))
    }
}

/// Who is asked answers into it.
#[derive(Debug, Default)]
struct Question(OnceLock<Arc<dyn Scope>>);

#[dyn_dispatch_hint]
impl Intercept for Origin {
    fn name(&self) -> &'static str {
        NAME
    }

    fn read_before_execution(
        &self,
        context: &BeforeSerializationInterceptorContextRef<'_>,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(Question(answer)) = context.input().downcast_ref() {
            answer.get_or_init(|| Arc::clone(&self.0));
        }
        Ok(())
    }
}

/// The scope that the client was opened in; none of a client that was made without a session.
pub(super) fn scope_of(client: &Client) -> Option<Arc<dyn Scope>> {
    let context: InterceptorContext = InterceptorContext::new(Input::erase(Question::default()));
    let mut config = ConfigBag::base();
    for interceptor in client.config().interceptors().filter(|interceptor| interceptor.name() == NAME) {
        interceptor.read_before_execution(&(&context).into(), &mut config).ok()?;
    }
    context.input()?.downcast_ref::<Question>()?.0.get().cloned()
}
