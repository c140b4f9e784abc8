//! Whether the signature covers the bodies of uploads: `s3_payload_signing_enabled`, and what transfers do without it.

use aws_runtime::auth::PayloadSigningOverride;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::config_bag::ConfigBag;
use session_core::{Error, ErrorKind};

/// Makes requests over TLS say `UNSIGNED-PAYLOAD`, or refuses those that would.
///
/// Without TLS every body is signed, whatever is asked: nothing else protects it.
#[derive(Debug)]
pub(crate) struct PayloadSigning {
    pub(crate) enabled: bool,
}

#[dyn_dispatch_hint]
impl Intercept for PayloadSigning {
    fn name(&self) -> &'static str {
        "PayloadSigning"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        // A checksum in the trailer has its own word for an unsigned payload, and says it after this.
        if !self.enabled && context.request().uri().starts_with("https:") {
            config.interceptor_state().store_put(PayloadSigningOverride::unsigned_payload());
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let unsigned = context.request().headers().get("x-amz-content-sha256");
        if self.enabled && unsigned.is_some_and(|hash| hash.contains("UNSIGNED-PAYLOAD")) {
            let message = "s3_payload_signing_enabled: this body is streamed or has its checksum in a trailer, and \
                           cannot be signed over TLS; give it as bytes in memory and without a checksum_algorithm";
            return Err(Error::new(ErrorKind::InvalidInput, message).into());
        }
        Ok(())
    }
}

/// Leaves a body in memory unsigned over TLS: for an upload whose checksum is in a header, and so signed.
///
/// What a SHA-256 costs is more than TLS does. Streamed bodies are not signed over TLS in any case, and without TLS all are.
///
/// # Source
/// botocore's `S3SigV4Auth`, which signs no payload of an upload over HTTPS that has a checksum. A client with
/// `s3_payload_signing_enabled` sends no checksums, and its transfers are signed.
#[derive(Debug)]
pub(super) struct UnsignedOverTls;

#[dyn_dispatch_hint]
impl Intercept for UnsignedOverTls {
    fn name(&self) -> &'static str {
        "UnsignedOverTls"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let request = context.request();
        if request.uri().starts_with("https:") && request.body().bytes().is_some() {
            config.interceptor_state().store_put(PayloadSigningOverride::unsigned_payload());
        }
        Ok(())
    }
}
