//! Which of a service's endpoints is used and how requests are signed: FIPS, dual-stack, accounts, schemes, nobody.

use std::borrow::Cow;

use aws_smithy_runtime_api::client::auth::{AuthSchemeId, AuthSchemePreference};
use aws_types::endpoint_config::AccountIdEndpointMode;

use super::client::{ClientConfig, ClientConfigBuilder, Settings};
use super::region::RegionName;
use crate::error::{Error, ErrorKind};

/// The schemes that AWS names, as in `AWS_AUTH_SCHEME_PREFERENCE`.
const AUTH_SCHEMES: [&str; 4] = ["sigv4", "sigv4a", "httpBearerAuth", "noAuth"];

impl ClientConfigBuilder {
    /// Whether the service's FIPS 140 endpoint is used, default `false`.
    ///
    /// The pseudo-regions of old, such as `fips-us-gov-west-1` and `us-east-1-fips`, say the same: the region is
    /// then the one without `fips`.
    pub fn use_fips_endpoint(mut self, fips: bool) -> Self {
        self.settings.use_fips_endpoint = Some(fips);
        self
    }

    /// Whether the endpoint that has IPv6 addresses besides IPv4 is used, default `false`.
    pub fn use_dualstack_endpoint(mut self, dual_stack: bool) -> Self {
        self.settings.use_dualstack_endpoint = Some(dual_stack);
        self
    }

    /// Whether the environment's and the profile's endpoint URLs are passed over, default `false`. Arguments count.
    pub fn ignore_configured_endpoint_urls(mut self, ignore: bool) -> Self {
        self.settings.ignore_configured_endpoint_urls = Some(ignore);
        self
    }

    /// Whether the account of the credentials is part of the endpoint, default
    /// [`AccountIdEndpointMode::Preferred`]: where the service has such endpoints and the account is known.
    pub fn account_id_endpoint_mode(mut self, mode: AccountIdEndpointMode) -> Self {
        self.settings.account_id_endpoint_mode = Some(mode);
        self
    }

    /// The authentication schemes to prefer, best first: `sigv4`, `sigv4a`, `httpBearerAuth`, `noAuth`.
    pub fn auth_scheme_preference<T: Into<String>>(mut self, schemes: impl IntoIterator<Item = T>) -> Self {
        self.settings.auth_scheme_preference = Some(schemes.into_iter().map(Into::into).collect());
        self
    }

    /// The regions that a SigV4a signature holds in, `*` for all; default the client's region.
    pub fn sigv4a_signing_region_set<T: Into<String>>(
        mut self,
        regions: impl IntoIterator<Item = T>,
    ) -> Self {
        self.settings.sigv4a_signing_region_set = Some(regions.into_iter().map(Into::into).collect());
        self
    }

    /// Requests without a signature, where boto3 has `signature_version=UNSIGNED`: public buckets, for one.
    ///
    /// No credentials are asked for, and keys given beside it are refused.
    pub fn anonymous(mut self) -> Self {
        self.settings.anonymous = Some(true);
        self
    }
}

impl ClientConfig {
    /// Whether the FIPS endpoint is used, where said.
    pub fn use_fips_endpoint(&self) -> Option<bool> {
        self.settings.use_fips_endpoint
    }

    /// Whether the dual-stack endpoint is used, where said.
    pub fn use_dualstack_endpoint(&self) -> Option<bool> {
        self.settings.use_dualstack_endpoint
    }

    /// Whether the environment's and the profile's endpoint URLs are passed over, where said.
    pub fn ignore_configured_endpoint_urls(&self) -> Option<bool> {
        self.settings.ignore_configured_endpoint_urls
    }

    /// Whether the account is part of the endpoint, where said.
    pub fn account_id_endpoint_mode(&self) -> Option<&AccountIdEndpointMode> {
        self.settings.account_id_endpoint_mode.as_ref()
    }

    /// The authentication schemes to prefer, where said.
    pub fn auth_scheme_preference(&self) -> Option<&[String]> {
        self.settings.auth_scheme_preference.as_deref()
    }

    /// The regions that a SigV4a signature holds in, where said.
    pub fn sigv4a_signing_region_set(&self) -> Option<&[String]> {
        self.settings.sigv4a_signing_region_set.as_deref()
    }

    /// Whether requests go without a signature.
    pub fn is_anonymous(&self) -> bool {
        self.settings.anonymous.unwrap_or_default()
    }
}

impl Settings {
    pub(super) fn check_variants(&self) -> Result<(), Error> {
        let refuse = |message: String| Err(Error::new(ErrorKind::InvalidConfig, message));
        if let Some(schemes) = &self.auth_scheme_preference {
            let allowed = AUTH_SCHEMES.join("`, `");
            if schemes.is_empty() {
                return refuse(format!(
                    "auth_scheme_preference is empty: name some of `{allowed}`, or leave it out"
                ));
            }
            if let Some(wrong) = schemes.iter().find(|scheme| !AUTH_SCHEMES.contains(&scheme.as_str())) {
                let shown = wrong.escape_debug();
                return refuse(format!(
                    "auth_scheme_preference `{shown}` is no authentication scheme: `{allowed}` are"
                ));
            }
        }
        if let Some(regions) = &self.sigv4a_signing_region_set {
            if regions.is_empty() {
                return refuse(
                    "sigv4a_signing_region_set is empty: name regions or `*`, or leave it out".to_owned(),
                );
            }
            for region in regions.iter().filter(|region| *region != "*") {
                RegionName::new(region).map_err(|error| {
                    let message = error.message().replace("region_name", "sigv4a_signing_region_set");
                    Error::new(ErrorKind::InvalidConfig, message)
                })?;
            }
        }
        Ok(())
    }

    pub(super) fn auth_schemes(&self) -> Option<AuthSchemePreference> {
        let schemes = self.auth_scheme_preference.as_ref()?;
        Some(
            schemes
                .iter()
                .map(|scheme| AuthSchemeId::from(Cow::from(scheme.clone())))
                .collect::<Vec<_>>()
                .into(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemes_and_regions_that_do_not_exist_are_refused_by_name() {
        let builder = ClientConfig::builder;
        for (wrong, told) in [
            (builder().auth_scheme_preference(["sigv5"]), "auth_scheme_preference `sigv5`"),
            (builder().auth_scheme_preference(Vec::<String>::new()), "auth_scheme_preference is empty"),
            (builder().sigv4a_signing_region_set(["eu west"]), "sigv4a_signing_region_set `eu west`"),
            (builder().sigv4a_signing_region_set(Vec::<String>::new()), "sigv4a_signing_region_set is empty"),
        ] {
            let error = wrong.build().unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidConfig);
            assert!(error.to_string().contains(told), "{error}");
        }
        assert!(
            builder()
                .auth_scheme_preference(["sigv4a", "sigv4"])
                .sigv4a_signing_region_set(["*"])
                .build()
                .is_ok()
        );
    }
}
