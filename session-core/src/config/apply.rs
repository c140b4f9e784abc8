//! From a client's configuration to the SDK's.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use aws_smithy_types::timeout::TimeoutConfig;
use aws_types::SdkConfig;
use aws_types::origin::Origin;
use aws_types::region::{Region, SigningRegionSet};
use aws_types::sdk_config::Builder;

use super::client::ClientConfig;
use super::region::RegionName;

impl ClientConfig {
    /// The session's SDK configuration with what this client says instead.
    ///
    /// Time-outs that it leaves out stay the session's one by one. What the SDK's configuration has no place for is
    /// left: S3's settings are the marker's, `verify`, `use_ssl` and the like the backend's, the limit of connections and
    /// the hooks the [`Connection`](crate::Connection)'s.
    pub fn applied_to(&self, session: &SdkConfig) -> SdkConfig {
        let mut sdk_config = session.to_builder();
        if let Some(region) = &self.region_name {
            sdk_config.set_region(Region::from(region.clone()));
        }
        if let Some(url) = &self.endpoint_url {
            sdk_config.set_endpoint_url(Some(url.as_str().to_owned()));
            // Said to be explicit, or SDK clients prefer what environment and profile say of their service.
            sdk_config.insert_origin("endpoint_url", Origin::shared_config());
        }
        self.apply_identity(&mut sdk_config);
        self.apply_patience(session, &mut sdk_config);
        self.apply_endpoint(session, &mut sdk_config);
        self.apply_payload(&mut sdk_config);
        sdk_config.build()
    }

    fn apply_identity(&self, sdk_config: &mut Builder) {
        if let Some(credentials) = &self.credentials {
            sdk_config.set_credentials_provider(Some(SharedCredentialsProvider::new(credentials.to_sdk())));
        }
        if self.is_anonymous() {
            sdk_config.set_credentials_provider(None).set_token_provider(None);
        }
        if let Some(name) = self.settings.app_name() {
            sdk_config.set_app_name(Some(name));
        }
        if let Some(schemes) = self.settings.auth_schemes() {
            sdk_config.set_auth_scheme_preference(Some(schemes));
        }
        if let Some(regions) = &self.settings.sigv4a_signing_region_set {
            let regions: SigningRegionSet = regions.iter().map(String::as_str).collect();
            sdk_config.set_sigv4a_signing_region_set(Some(regions));
        }
    }

    fn apply_patience(&self, session: &SdkConfig, sdk_config: &mut Builder) {
        let by_mode = self.defaults_mode().and_then(|mode| mode.connect_timeout());
        if self.settings.timeout_config.is_some() || by_mode.is_some() {
            let mut timeouts =
                self.settings.timeout_config.clone().unwrap_or_else(|| TimeoutConfig::builder().build());
            if let Some(connect) = by_mode {
                timeouts.take_defaults_from(&TimeoutConfig::builder().connect_timeout(connect).build());
            }
            if let Some(session) = session.timeout_config() {
                timeouts.take_defaults_from(session);
            }
            sdk_config.set_timeout_config(Some(timeouts));
        }
        if let Some(retries) = self.settings.retries_over(session.retry_config()) {
            sdk_config.set_retry_config(Some(retries));
            sdk_config.insert_origin("retry_config", Origin::shared_config());
        }
    }

    fn apply_endpoint(&self, session: &SdkConfig, sdk_config: &mut Builder) {
        let settings = &self.settings;
        if let Some(fips) = settings.use_fips_endpoint {
            sdk_config.set_use_fips(Some(fips));
        }
        if let Some(dual_stack) = settings.use_dualstack_endpoint {
            sdk_config.set_use_dual_stack(Some(dual_stack));
        }
        if let Some(mode) = &settings.account_id_endpoint_mode {
            sdk_config.set_account_id_endpoint_mode(Some(mode.clone()));
        }
        let region = self.region_name.clone();
        let region = region.or_else(|| RegionName::new(session.region()?.as_ref()).ok());
        if let Some(region) = region.and_then(|region| region.of_fips_pseudo_region()) {
            sdk_config.set_region(Region::from(region));
            sdk_config.set_use_fips(Some(true));
        }
    }

    fn apply_payload(&self, sdk_config: &mut Builder) {
        let settings = &self.settings;
        let mut request_checksums = settings.request_checksum_calculation;
        if settings.s3_payload_signing_enabled == Some(true) {
            request_checksums = Some(RequestChecksumCalculation::WhenRequired);
        }
        if let Some(when) = request_checksums {
            sdk_config.set_request_checksum_calculation(Some(when));
        }
        if let Some(when) = settings.response_checksum_validation {
            sdk_config.set_response_checksum_validation(Some(when));
        }
        if let Some(disable) = settings.disable_request_compression {
            sdk_config.set_disable_request_compression(Some(disable));
        }
        if let Some(bytes) = settings.request_min_compression_size_bytes {
            sdk_config.set_request_min_compression_size_bytes(Some(bytes));
        }
        if let Some(protection) = &settings.stalled_stream_protection {
            sdk_config.set_stalled_stream_protection(Some(protection.clone()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::config::DefaultsMode;

    #[test]
    fn what_the_client_says_is_applied_as_explicit_and_time_outs_one_by_one() {
        let timeouts = TimeoutConfig::builder().read_timeout(Duration::from_secs(7));
        let session = SdkConfig::builder().timeout_config(timeouts.build()).build();
        let client = ClientConfig::builder()
            .endpoint_url("http://localhost:8000")
            .timeout_config(TimeoutConfig::builder().connect_timeout(Duration::from_secs(3)).build());
        let applied = client.build().unwrap().applied_to(&session);
        assert!(applied.get_origin("endpoint_url").is_client_config());
        let timeouts = applied.timeout_config().unwrap();
        assert_eq!(timeouts.connect_timeout(), Some(Duration::from_secs(3)));
        assert_eq!(timeouts.read_timeout(), Some(Duration::from_secs(7)));
    }

    #[test]
    fn a_defaults_mode_gives_way_to_the_clients_word_and_not_to_the_sessions() {
        let second = Duration::from_secs(1);
        let session = TimeoutConfig::builder().connect_timeout(9 * second).read_timeout(8 * second).build();
        let session = SdkConfig::builder().timeout_config(session).build();
        let applied = |config: crate::ClientConfigBuilder| {
            let applied = config.build().unwrap().applied_to(&session);
            let timeouts = applied.timeout_config().unwrap();
            (timeouts.connect_timeout().unwrap(), timeouts.read_timeout().unwrap())
        };
        let in_region = ClientConfig::builder().defaults_mode(DefaultsMode::InRegion);
        assert_eq!(applied(in_region.clone()), (Duration::from_millis(1100), 8 * second));
        assert_eq!(applied(in_region.connect_timeout(second)), (second, 8 * second));
    }

    #[test]
    fn a_pseudo_region_means_fips() {
        let session = SdkConfig::builder().region(Region::new("fips-us-gov-west-1")).build();
        let applied = ClientConfig::default().applied_to(&session);
        assert_eq!((applied.region().unwrap().as_ref(), applied.use_fips()), ("us-gov-west-1", Some(true)));
        let client = ClientConfig::builder().region_name("us-east-1-fips").build().unwrap();
        let applied = client.applied_to(&session);
        assert_eq!((applied.region().unwrap().as_ref(), applied.use_fips()), ("us-east-1", Some(true)));
    }
}
