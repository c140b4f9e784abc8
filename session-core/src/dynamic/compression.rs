//! Compressed requests, for the operations that take them.

use aws_smithy_compression::body::compress::CompressedBody;
use aws_smithy_compression::{CompressionAlgorithm, CompressionOptions, GZIP_NAME};
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::http::Headers;
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_types::SdkConfig;

use super::presign::Presigned;
use super::schema::OperationPlan;
use crate::error::{Error, ErrorKind};

/// What is compressed where nobody says: bodies of that many bytes and more.
const DEFAULT_MIN_SIZE_BYTES: u32 = 10_240;

/// The largest threshold that AWS documents.
const LARGEST_MIN_SIZE_BYTES: u32 = 10_485_760;

/// What a client is told of compression.
#[derive(Clone, Copy, Debug)]
pub(super) struct CompressionSettings {
    is_disabled: bool,
    min_size_bytes: u32,
}

impl Storable for CompressionSettings {
    type Storer = StoreReplace<Self>;
}

impl CompressionSettings {
    /// The settings `disable_request_compression` and `request_min_compression_size_bytes`.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: a threshold that AWS does not know.
    pub(super) fn of(sdk_config: &SdkConfig) -> Result<Self, Error> {
        let min_size_bytes =
            sdk_config.request_min_compression_size_bytes().unwrap_or(DEFAULT_MIN_SIZE_BYTES);
        if min_size_bytes > LARGEST_MIN_SIZE_BYTES {
            let message = format!(
                "request_min_compression_size_bytes `{min_size_bytes}` must be from 0 to {LARGEST_MIN_SIZE_BYTES}"
            );
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
        let is_disabled = sdk_config.disable_request_compression().unwrap_or_default();
        Ok(Self { is_disabled, min_size_bytes })
    }
}

/// Compresses the body of an operation that takes it so: bytes from the client's threshold on, and streams whose length
/// the service does not have to know.
///
/// # Source
/// botocore's `compress.py`; Smithy's trait `requestCompression`.
pub(super) fn apply(
    plan: &OperationPlan,
    request: &mut HttpRequest,
    config: &ConfigBag,
) -> Result<(), BoxError> {
    if !plan.takes_gzip || config.load::<Presigned>().is_some() {
        return Ok(());
    }
    let Some(settings) = config.load::<CompressionSettings>().filter(|settings| !settings.is_disabled) else {
        return Ok(());
    };
    let is_worth_it = match plan.streaming_input {
        Some(stream) => !stream.requires_length,
        None => body_size(request) >= u64::from(settings.min_size_bytes),
    };
    match is_worth_it {
        true => compress(request),
        false => Ok(()),
    }
}

/// Adds an encoding to those that a body has already.
pub(super) fn append_encoding(headers: &mut Headers, encoding: &'static str) {
    match headers.get("content-encoding").map(|already| format!("{already},{encoding}")) {
        Some(all) => headers.insert("content-encoding", all),
        None => headers.insert("content-encoding", encoding),
    };
}

fn body_size(request: &HttpRequest) -> u64 {
    request.body().content_length().unwrap_or_default()
}

fn compress(request: &mut HttpRequest) -> Result<(), BoxError> {
    let gzip = || CompressionAlgorithm::Gzip.into_impl_http_body_1_x(&CompressionOptions::default());
    let body = std::mem::replace(request.body_mut(), SdkBody::taken());
    let body = match body.bytes() {
        Some(_) => CompressedBody::new(body, gzip()).into_compressed_sdk_body()?,
        None => body.map(move |body| SdkBody::from_body_1_x(CompressedBody::new(body, gzip()))),
    };
    match body.content_length() {
        Some(length) => request.headers_mut().insert("content-length", length.to_string()),
        None => request.headers_mut().remove("content-length"),
    };
    *request.body_mut() = body;
    append_encoding(request.headers_mut(), GZIP_NAME);
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::pin::Pin;
    use std::task::{Context, Poll};

    use aws_smithy_types::byte_stream::ByteStream;
    use bytes::Bytes;
    use http_body::{Body, Frame};

    use super::*;

    /// A body whose bytes come by and by: here, all at once.
    struct Once(Option<&'static [u8]>);

    impl Body for Once {
        type Data = Bytes;
        type Error = std::io::Error;

        fn poll_frame(
            mut self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<Frame<Bytes>, std::io::Error>>> {
            Poll::Ready(self.0.take().map(|bytes| Ok(Frame::data(Bytes::from_static(bytes)))))
        }
    }

    fn inflated(gzipped: &[u8]) -> Vec<u8> {
        // A header of ten bytes, and a checksum and a length after the deflated bytes.
        let deflated = &gzipped[10..gzipped.len() - 8];
        miniz_oxide::inflate::decompress_to_vec(deflated).unwrap()
    }

    #[tokio::test]
    async fn a_stream_is_compressed_as_it_goes_and_can_be_sent_again() {
        let stream = || SdkBody::from_body_1_x(Once(Some(b"metropolis")));
        let mut request = HttpRequest::new(SdkBody::retryable(stream));
        request.headers_mut().insert("content-length", "10");
        request.headers_mut().insert("content-encoding", "br");
        compress(&mut request).unwrap();
        assert_eq!(request.headers().get("content-encoding"), Some("br,gzip"));
        assert_eq!(request.headers().get("content-length"), None);
        for body in [request.body().try_clone().unwrap(), request.body().try_clone().unwrap()] {
            let sent = ByteStream::new(body).collect().await.unwrap().into_bytes();
            assert_eq!(inflated(&sent), b"metropolis");
        }
    }

    #[test]
    fn a_threshold_that_aws_does_not_know_is_refused() {
        let of = |bytes| {
            CompressionSettings::of(&SdkConfig::builder().request_min_compression_size_bytes(bytes).build())
        };
        assert_eq!(of(0).unwrap().min_size_bytes, 0);
        let error = of(10_485_761).unwrap_err();
        assert!(error.to_string().contains("`10485761`"), "{error}");
    }
}
