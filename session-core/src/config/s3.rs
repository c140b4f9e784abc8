//! What only S3 knows: where the bucket's name goes, which endpoints it has besides, and what is signed.
//!
//! It is `resources::S3` that heeds these. They are boto3's `Config(s3={…})`, with `s3_` before each name.

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use crate::error::{Error, ErrorKind};

/// Where S3 puts the bucket's name: in the host or in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum S3AddressingStyle {
    /// In the host on AWS, in the path on a custom `endpoint_url`, as boto3 does.
    #[default]
    Auto,
    /// `https://bucket.s3.eu-west-1.amazonaws.com/key`, on custom endpoints too.
    Virtual,
    /// `https://s3.eu-west-1.amazonaws.com/bucket/key`.
    Path,
}

impl ClientConfigBuilder {
    /// Where S3 puts the bucket's name, default [`S3AddressingStyle::Auto`].
    pub fn s3_addressing_style(mut self, style: S3AddressingStyle) -> Self {
        self.settings.s3_addressing_style = Some(style);
        self
    }

    /// Whether objects go through S3 Transfer Acceleration, default `false`. The bucket's name is then in the host, and
    /// there is neither a custom endpoint nor FIPS.
    pub fn s3_use_accelerate_endpoint(mut self, accelerate: bool) -> Self {
        self.settings.s3_use_accelerate_endpoint = Some(accelerate);
        self
    }

    /// [`use_dualstack_endpoint`](Self::use_dualstack_endpoint) for S3 alone; wins over it.
    pub fn s3_use_dualstack_endpoint(mut self, dual_stack: bool) -> Self {
        self.settings.s3_use_dualstack_endpoint = Some(dual_stack);
        self
    }

    /// Whether an ARN in place of a bucket's name says the region, default `true`. With `false` an ARN of another region
    /// than the client's is refused before anything is sent.
    pub fn s3_use_arn_region(mut self, use_arn_region: bool) -> Self {
        self.settings.s3_use_arn_region = Some(use_arn_region);
        self
    }

    /// Whether the bodies of uploads are covered by the signature, or only their checksum.
    ///
    /// - unset: whatever is in memory and has no checksum in a trailer is signed, as the SDK does
    /// - `true`: everything is; `request_checksum_calculation` is then
    ///   [`WhenRequired`](aws_smithy_types::checksum_config::RequestChecksumCalculation::WhenRequired), and a body that
    ///   is streamed over TLS is refused, for it cannot be signed
    /// - `false`: over TLS nothing is; requests say `UNSIGNED-PAYLOAD`
    pub fn s3_payload_signing_enabled(mut self, enabled: bool) -> Self {
        self.settings.s3_payload_signing_enabled = Some(enabled);
        self
    }

    /// Whether directory buckets are asked with ordinary signatures instead of their own sessions, default `false`.
    pub fn s3_disable_express_session_auth(mut self, disable: bool) -> Self {
        self.settings.s3_disable_express_session_auth = Some(disable);
        self
    }

    /// Whether the ARNs of multi-Region access points are refused, default `false`.
    pub fn s3_disable_multiregion_access_points(mut self, disable: bool) -> Self {
        self.settings.s3_disable_multiregion_access_points = Some(disable);
        self
    }
}

impl ClientConfig {
    /// Where S3 puts the bucket's name.
    pub fn s3_addressing_style(&self) -> S3AddressingStyle {
        self.settings.s3_addressing_style.unwrap_or_default()
    }

    /// Whether objects go through S3 Transfer Acceleration.
    pub fn s3_use_accelerate_endpoint(&self) -> bool {
        self.settings.s3_use_accelerate_endpoint.unwrap_or_default()
    }

    /// Whether S3's dual-stack endpoints are used, where said.
    pub fn s3_use_dualstack_endpoint(&self) -> Option<bool> {
        self.settings.s3_use_dualstack_endpoint
    }

    /// Whether an ARN says the region, where said.
    pub fn s3_use_arn_region(&self) -> Option<bool> {
        self.settings.s3_use_arn_region
    }

    /// Whether the bodies of uploads are signed, where said.
    pub fn s3_payload_signing_enabled(&self) -> Option<bool> {
        self.settings.s3_payload_signing_enabled
    }

    /// Whether directory buckets are asked with ordinary signatures, where said.
    pub fn s3_disable_express_session_auth(&self) -> Option<bool> {
        self.settings.s3_disable_express_session_auth
    }

    /// Whether the ARNs of multi-Region access points are refused, where said.
    pub fn s3_disable_multiregion_access_points(&self) -> Option<bool> {
        self.settings.s3_disable_multiregion_access_points
    }

    /// Refuses what is said about S3 by a marker that cannot do it.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`] names the first of the `s3_…` settings that are set.
    pub fn refuse_s3_settings(&self) -> Result<(), Error> {
        let Settings {
            s3_addressing_style,
            s3_use_accelerate_endpoint,
            s3_use_dualstack_endpoint,
            s3_use_arn_region,
            s3_payload_signing_enabled,
            s3_disable_express_session_auth,
            s3_disable_multiregion_access_points,
            ..
        } = &self.settings;
        let set = [
            (
                "s3_addressing_style",
                s3_addressing_style.is_some_and(|style| style != S3AddressingStyle::Virtual),
            ),
            ("s3_use_accelerate_endpoint", s3_use_accelerate_endpoint.is_some()),
            ("s3_use_dualstack_endpoint", s3_use_dualstack_endpoint.is_some()),
            ("s3_use_arn_region", s3_use_arn_region.is_some()),
            ("s3_payload_signing_enabled", s3_payload_signing_enabled.is_some()),
            ("s3_disable_express_session_auth", s3_disable_express_session_auth.is_some()),
            ("s3_disable_multiregion_access_points", s3_disable_multiregion_access_points.is_some()),
        ];
        match set.into_iter().find(|(_, set)| *set) {
            Some((name, _)) => Err(Error::new(
                ErrorKind::InvalidConfig,
                format!(
                    "{name} is heeded by `resources::S3`, and not by this marker: open the client with that, or leave it out"
                ),
            )),
            None => Ok(()),
        }
    }
}

impl Settings {
    pub(super) fn check_s3(&self) -> Result<(), Error> {
        let refuse = |message| Err(Error::new(ErrorKind::InvalidConfig, message));
        let accelerate = self.s3_use_accelerate_endpoint == Some(true);
        if accelerate && self.s3_addressing_style == Some(S3AddressingStyle::Path) {
            return refuse(
                "s3_use_accelerate_endpoint has the bucket's name in the host: s3_addressing_style must not be `Path`",
            );
        }
        if accelerate && self.use_fips_endpoint == Some(true) {
            return refuse(
                "s3_use_accelerate_endpoint and use_fips_endpoint exclude each other: there is no such endpoint",
            );
        }
        if self.s3_payload_signing_enabled == Some(true)
            && self.request_checksum_calculation
                == Some(aws_smithy_types::checksum_config::RequestChecksumCalculation::WhenSupported)
        {
            return refuse(
                "s3_payload_signing_enabled `true` needs request_checksum_calculation `WhenRequired`: a checksum in the \
                 trailer leaves the body unsigned",
            );
        }
        Ok(())
    }
}
