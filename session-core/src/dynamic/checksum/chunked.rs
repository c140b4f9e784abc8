//! Streams with their checksum after their end: the content encoding `aws-chunked`.
//!
//! A header would want the stream read twice. Over TLS the chunks are as they are; over plain HTTP each is signed, as
//! typed clients do it, since nothing else would protect them.
//!
//! # Source
//! S3 API reference, "Authenticating requests: trailing headers".

use aws_runtime::auth::PayloadSigningOverride;
use aws_runtime::content_encoding::header::X_AMZ_TRAILER_SIGNATURE;
use aws_runtime::content_encoding::header_value::AWS_CHUNKED;
use aws_runtime::content_encoding::{AwsChunkedBody, AwsChunkedBodyOptions, DeferredSigner};
use aws_smithy_checksums::body::ChecksumCache;
use aws_smithy_checksums::body::calculate::ChecksumBody;
use aws_smithy_checksums::http::HttpChecksum;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::BeforeTransmitInterceptorContextMut;
use aws_smithy_runtime_api::client::interceptors::{Intercept, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::super::auth::Anonymous;
use super::super::compression::append_encoding;
use super::super::schema::OperationPlan;
use super::algorithm::Algorithm;
use crate::error::{Error, ErrorKind};

/// Of a signature in hexadecimal digits, with what stands before it.
const TRAILER_SIGNATURE_LENGTH: u64 = (X_AMZ_TRAILER_SIGNATURE.len() + ":".len() + 64) as u64;

/// A checksum that is to come after the stream.
#[derive(Clone, Debug)]
struct Announced {
    algorithm: Algorithm,
    /// Of the stream as the caller gives it, in bytes.
    length: u64,
    /// The checksum, once the stream was read: another attempt sends the same.
    cache: ChecksumCache,
}

impl Storable for Announced {
    type Storer = StoreReplace<Self>;
}

/// Says in the headers that a checksum will follow the body; [`AwsChunked`] sends it.
///
/// # Errors
/// [`ErrorKind::InvalidInput`]: nobody says how long the stream is, and the service has to know.
pub(super) fn announce(
    plan: &OperationPlan,
    algorithm: Algorithm,
    request: &mut HttpRequest,
    config: &mut ConfigBag,
) -> Result<(), BoxError> {
    let by_caller = request.headers().get("content-length").and_then(|length| length.parse().ok());
    let Some(length) = by_caller.or_else(|| request.body().content_length()) else {
        let name = plan.streaming_input.map_or("the body", |stream| stream.name);
        let message = format!(
            "the length of {name} has to be known, and this stream does not say its own: give ContentLength"
        );
        return Err(Error::new(ErrorKind::InvalidInput, message).into());
    };
    request.headers_mut().insert("x-amz-trailer", algorithm.header());
    config.interceptor_state().store_put(Announced { algorithm, length, cache: ChecksumCache::new() });
    Ok(())
}

/// Writes announced checksums: the headers before the signature, the body after it.
#[derive(Debug)]
pub(super) struct AwsChunked;

#[dyn_dispatch_hint]
impl Intercept for AwsChunked {
    fn name(&self) -> &'static str {
        "AwsChunked"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Some(announced) = config.load::<Announced>().cloned() else { return Ok(()) };
        let is_anonymous = config.load::<Anonymous>().is_some();
        let request = context.request_mut();
        let signs_chunks = !is_anonymous && request.uri().starts_with("http:");
        let trailer = HttpChecksum::size(&*announced.algorithm.begin());
        let mut options =
            AwsChunkedBodyOptions::new(announced.length, vec![trailer]).signed_chunked_encoding(signs_chunks);
        if signs_chunks {
            options = options.with_trailer_len(TRAILER_SIGNATURE_LENGTH);
        }
        let headers = request.headers_mut();
        headers.insert("x-amz-decoded-content-length", announced.length.to_string());
        headers.insert("content-length", options.encoded_length().to_string());
        headers.remove("transfer-encoding");
        append_encoding(headers, AWS_CHUNKED);
        if is_anonymous {
            // Said by whoever signs, otherwise; services read from it how the body is written.
            headers.insert("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER");
        }
        let state = config.interceptor_state();
        state.store_put(options);
        if signs_chunks {
            let (signer, sender) = DeferredSigner::new();
            state.store_put(signer);
            state.store_put(sender);
            state.store_put(PayloadSigningOverride::StreamingSignedPayloadTrailer);
        } else {
            state.store_put(PayloadSigningOverride::StreamingUnsignedPayloadTrailer);
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(announced), Some(options)) =
            (config.load::<Announced>().cloned(), config.load::<AwsChunkedBodyOptions>().cloned())
        else {
            return Ok(());
        };
        let signer = config.load::<DeferredSigner>().cloned();
        let request = context.request_mut();
        if signer.is_some() && !is_signed_by_sigv4(request) {
            let message = "a stream with a checksum is signed chunk by chunk over plain HTTP, which only \
                           signatures of version 4 can: use an https endpoint, or give bytes in memory";
            return Err(Error::new(ErrorKind::InvalidInput, message).into());
        }
        let body = std::mem::replace(request.body_mut(), SdkBody::taken());
        *request.body_mut() = body.map(move |body| {
            let checksum = announced.algorithm.begin();
            let body =
                SdkBody::from_body_1_x(ChecksumBody::new(body, checksum).with_cache(announced.cache.clone()));
            let body = AwsChunkedBody::new(body, options.clone());
            SdkBody::from_body_1_x(match &signer {
                Some(signer) => body.with_signer(signer.clone()),
                None => body,
            })
        });
        Ok(())
    }
}

/// The signer that chunks wait for is handed over by none but that of SigV4.
fn is_signed_by_sigv4(request: &HttpRequest) -> bool {
    request.headers().get("authorization").is_some_and(|signed| signed.starts_with("AWS4-HMAC-SHA256 "))
}
