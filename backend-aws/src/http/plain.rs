//! `use_ssl = false`: the service's own endpoint by `http`.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;

/// Takes the `s` from `https` once the endpoint is resolved and before the request is signed, so that presigned
/// URLs are `http` too.
#[derive(Debug)]
pub(crate) struct PlainHttp;

#[dyn_dispatch_hint]
impl Intercept for PlainHttp {
    fn name(&self) -> &'static str {
        "PlainHttp"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request_mut();
        if let Some(rest) = request.uri().strip_prefix("https://") {
            let plain = format!("http://{rest}");
            request.set_uri(plain)?;
        }
        Ok(())
    }
}
