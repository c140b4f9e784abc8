//! What becomes of bodies on the way: checksums, compression, streams that stall.

use aws_smithy_runtime_api::client::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// The largest threshold that AWS documents for `AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES`.
const LARGEST_COMPRESSION_THRESHOLD: u32 = 10_485_760;

impl ClientConfigBuilder {
    /// When requests carry a checksum, default [`RequestChecksumCalculation::WhenSupported`]. Some S3-compatible stores
    /// need [`RequestChecksumCalculation::WhenRequired`].
    pub fn request_checksum_calculation(mut self, when: RequestChecksumCalculation) -> Self {
        self.settings.request_checksum_calculation = Some(when);
        self
    }

    /// When the checksums of answers are checked, default [`ResponseChecksumValidation::WhenSupported`].
    pub fn response_checksum_validation(mut self, when: ResponseChecksumValidation) -> Self {
        self.settings.response_checksum_validation = Some(when);
        self
    }

    /// Whether bodies are sent as they are even to operations that take them compressed, default `false`.
    pub fn disable_request_compression(mut self, disable: bool) -> Self {
        self.settings.disable_request_compression = Some(disable);
        self
    }

    /// How large a body must be to be worth compressing, in bytes: 0 to 10,485,760, default 10,240. boto3 allows from
    /// 1 to 1,048,576.
    pub fn request_min_compression_size_bytes(mut self, bytes: u32) -> Self {
        self.settings.request_min_compression_size_bytes = Some(bytes);
        self
    }

    /// What is done about bodies that stop moving, default: those slower than one byte a second for 20 s are an error, as
    /// the SDK has it. An upload of bytes in memory is handed over at once and not watched: for that there is
    /// [`operation_attempt_timeout`](Self::operation_attempt_timeout). boto3 has its read time-out instead.
    pub fn stalled_stream_protection(mut self, protection: StalledStreamProtectionConfig) -> Self {
        self.settings.stalled_stream_protection = Some(protection);
        self
    }
}

impl ClientConfig {
    /// When requests carry a checksum, where said.
    pub fn request_checksum_calculation(&self) -> Option<RequestChecksumCalculation> {
        self.settings.request_checksum_calculation
    }

    /// When the checksums of answers are checked, where said.
    pub fn response_checksum_validation(&self) -> Option<ResponseChecksumValidation> {
        self.settings.response_checksum_validation
    }

    /// Whether bodies are never compressed, where said.
    pub fn disable_request_compression(&self) -> Option<bool> {
        self.settings.disable_request_compression
    }

    /// How large a body must be to be compressed, where said.
    pub fn request_min_compression_size_bytes(&self) -> Option<u32> {
        self.settings.request_min_compression_size_bytes
    }

    /// What is done about bodies that stop moving, where said.
    pub fn stalled_stream_protection(&self) -> Option<&StalledStreamProtectionConfig> {
        self.settings.stalled_stream_protection.as_ref()
    }
}

impl Settings {
    pub(super) fn check_payload(&self) -> Result<(), Error> {
        match self.request_min_compression_size_bytes {
            Some(bytes) if bytes > LARGEST_COMPRESSION_THRESHOLD => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "request_min_compression_size_bytes `{bytes}` must be from 0 to {LARGEST_COMPRESSION_THRESHOLD}"
                ),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_threshold_that_aws_does_not_know_is_refused() {
        let builder = |bytes| ClientConfig::builder().request_min_compression_size_bytes(bytes).build();
        assert!(builder(0).is_ok() && builder(10_485_760).is_ok());
        let error = builder(10_485_761).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("`10485761`"), "{error}");
    }
}
