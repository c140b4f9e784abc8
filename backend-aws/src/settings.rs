//! What environment and profile say to every client: checked when the session reads it, under what code says.
//!
//! The SDK reads most of these itself. It logs what it cannot read and goes on without; it panics at a wrong number of
//! attempts. Here a wrong value is an error with its name and place.

use std::fmt;
use std::str::FromStr;

use aws_smithy_types::checksum_config::{RequestChecksumCalculation, ResponseChecksumValidation};
use aws_types::endpoint_config::AccountIdEndpointMode;
use session_core::{
    ClientConfig, ClientConfigBuilder, DefaultsMode, Error, ErrorKind, Origin, RetryMode, S3AddressingStyle,
};

use crate::environment::Environment;
use crate::profile::Profiles;

/// The settings of environment and profile, each from the first of the two that has it.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`] names the setting, the value, where it was found and what is allowed.
pub(crate) fn found(environment: &Environment, profiles: &Profiles) -> Result<ClientConfig, Error> {
    let places = Places { environment, profiles };
    let config = retries(&places, ClientConfig::builder())?;
    let config = endpoints(&places, config)?;
    let config = payloads(&places, config)?;
    let config = s3(&places, config)?;
    config.build().map_err(|error| {
        let message = format!("{} (from the environment or {})", error.message(), profiles.origin());
        Error::new(error.kind(), message)
    })
}

struct Places<'a> {
    environment: &'a Environment,
    profiles: &'a Profiles,
}

/// One setting where it was found.
struct Found<'a> {
    name: &'a str,
    text: &'a str,
    origin: Origin,
}

impl Places<'_> {
    fn find<'a>(&'a self, variable: &'static str, property: &'a str) -> Option<Found<'a>> {
        let of_environment = self.environment.get(variable);
        let of_environment = of_environment.map(|text| (text, Origin::Environment(variable.into())));
        let of_profile = || Some((self.profiles.get(property)?, self.profiles.origin()));
        let (text, origin) = of_environment.or_else(of_profile)?;
        Some(Found { name: property, text: text.trim(), origin })
    }

    /// As [`find`](Self::find), where the SDK takes a blank variable for a value.
    fn find_even_blank<'a>(&'a self, variable: &'static str, property: &'a str) -> Option<Found<'a>> {
        match self.environment.verbatim(variable) {
            Some(text) => Some(Found { name: property, text, origin: Origin::Environment(variable.into()) }),
            None => {
                let text = self.profiles.sections().get(property)?;
                Some(Found { name: property, text, origin: self.profiles.origin() })
            }
        }
    }

    /// A line of the profile's `s3 =`, which only boto and the command line know.
    fn find_in_s3<'a>(&'a self, name: &'a str) -> Option<Found<'a>> {
        let lines = self.profiles.sections().get("s3")?.lines();
        let mut settings = lines.filter_map(|line| line.split_once('='));
        let (_, text) = settings.find(|(key, _)| key.trim().eq_ignore_ascii_case(name))?;
        Some(Found { name, text: text.trim(), origin: self.profiles.origin() })
    }
}

impl Found<'_> {
    fn refuse(&self, allowed: impl fmt::Display) -> Error {
        let Self { name, text, origin } = self;
        let message = format!("{name} `{}` (from {origin}) must be {allowed}", text.escape_debug());
        Error::new(ErrorKind::InvalidConfig, message)
    }

    fn parse<T: FromStr>(&self, allowed: &str) -> Result<T, Error> {
        self.text.parse().map_err(|_| self.refuse(allowed))
    }

    fn bool(&self) -> Result<bool, Error> {
        self.text.to_ascii_lowercase().parse().map_err(|_| self.refuse("`true` or `false`"))
    }

    fn one_of<T: Clone>(&self, known: &[(&str, T)]) -> Result<T, Error> {
        let found = known.iter().find(|(name, _)| name.eq_ignore_ascii_case(self.text));
        found.map(|(_, value)| value.clone()).ok_or_else(|| {
            let names: Vec<_> = known.iter().map(|(name, _)| format!("`{name}`")).collect();
            self.refuse(names.join(" or "))
        })
    }

    fn list(&self) -> Vec<String> {
        self.text.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect()
    }
}

fn retries(places: &Places<'_>, mut config: ClientConfigBuilder) -> Result<ClientConfigBuilder, Error> {
    if let Some(found) = places.find_even_blank("AWS_MAX_ATTEMPTS", "max_attempts") {
        let attempts: u32 = found.parse("a whole number from 1")?;
        if attempts == 0 {
            return Err(found.refuse("a whole number from 1"));
        }
        config = config.total_max_attempts(attempts);
    }
    if let Some(found) = places.find_even_blank("AWS_RETRY_MODE", "retry_mode") {
        config = config.retry_mode(match found.text.trim().to_ascii_lowercase().as_str() {
            "standard" => RetryMode::Standard,
            "adaptive" => RetryMode::Adaptive,
            _ => return Err(found.refuse("`standard` or `adaptive`: the AWS SDK for Rust has no other")),
        });
    }
    if let Some(found) = places.find("AWS_DEFAULTS_MODE", "defaults_mode") {
        let mode: Result<DefaultsMode, Error> = found.text.parse();
        config = config.defaults_mode(mode.map_err(|error| {
            Error::new(error.kind(), format!("{} (from {})", error.message(), found.origin))
        })?);
    }
    Ok(config)
}

fn endpoints(places: &Places<'_>, mut config: ClientConfigBuilder) -> Result<ClientConfigBuilder, Error> {
    if let Some(found) = places.find("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint") {
        config = config.use_fips_endpoint(found.bool()?);
    }
    if let Some(found) = places.find("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint") {
        config = config.use_dualstack_endpoint(found.bool()?);
    }
    let ignore = "ignore_configured_endpoint_urls";
    if let Some(found) = places.find("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", ignore) {
        config = config.ignore_configured_endpoint_urls(found.bool()?);
    }
    if let Some(found) = places.find("AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode") {
        config = config.account_id_endpoint_mode(found.one_of(&[
            ("preferred", AccountIdEndpointMode::Preferred),
            ("disabled", AccountIdEndpointMode::Disabled),
            ("required", AccountIdEndpointMode::Required),
        ])?);
    }
    if let Some(found) = places.find("AWS_AUTH_SCHEME_PREFERENCE", "auth_scheme_preference") {
        config = config.auth_scheme_preference(found.list());
    }
    if let Some(found) = places.find("AWS_SIGV4A_SIGNING_REGION_SET", "sigv4a_signing_region_set") {
        config = config.sigv4a_signing_region_set(found.list());
    }
    if let Some(found) = places.find("AWS_SDK_UA_APP_ID", "sdk_ua_app_id") {
        config = config.user_agent_appid(found.text);
    }
    Ok(config)
}

fn payloads(places: &Places<'_>, mut config: ClientConfigBuilder) -> Result<ClientConfigBuilder, Error> {
    if let Some(found) = places.find("AWS_REQUEST_CHECKSUM_CALCULATION", "request_checksum_calculation") {
        config = config.request_checksum_calculation(found.one_of(&[
            ("when_supported", RequestChecksumCalculation::WhenSupported),
            ("when_required", RequestChecksumCalculation::WhenRequired),
        ])?);
    }
    if let Some(found) = places.find("AWS_RESPONSE_CHECKSUM_VALIDATION", "response_checksum_validation") {
        config = config.response_checksum_validation(found.one_of(&[
            ("when_supported", ResponseChecksumValidation::WhenSupported),
            ("when_required", ResponseChecksumValidation::WhenRequired),
        ])?);
    }
    if let Some(found) = places.find("AWS_DISABLE_REQUEST_COMPRESSION", "disable_request_compression") {
        config = config.disable_request_compression(found.bool()?);
    }
    let threshold = "request_min_compression_size_bytes";
    if let Some(found) = places.find("AWS_REQUEST_MIN_COMPRESSION_SIZE_BYTES", threshold) {
        config = config.request_min_compression_size_bytes(found.parse("a whole number from 0 to 10485760")?);
    }
    Ok(config)
}

fn s3(places: &Places<'_>, mut config: ClientConfigBuilder) -> Result<ClientConfigBuilder, Error> {
    if let Some(found) = places.find_in_s3("addressing_style") {
        config = config.s3_addressing_style(found.one_of(&[
            ("auto", S3AddressingStyle::Auto),
            ("virtual", S3AddressingStyle::Virtual),
            ("path", S3AddressingStyle::Path),
        ])?);
    }
    if let Some(found) = places.find_in_s3("use_accelerate_endpoint") {
        config = config.s3_use_accelerate_endpoint(found.bool()?);
    }
    if let Some(found) = places.find_in_s3("use_dualstack_endpoint") {
        config = config.s3_use_dualstack_endpoint(found.bool()?);
    }
    if let Some(found) = places.find_in_s3("payload_signing_enabled") {
        config = config.s3_payload_signing_enabled(found.bool()?);
    }
    let arn_region = places.find("AWS_S3_USE_ARN_REGION", "s3_use_arn_region");
    if let Some(found) = arn_region.or_else(|| places.find_in_s3("use_arn_region")) {
        config = config.s3_use_arn_region(found.bool()?);
    }
    let multiregion = "s3_disable_multiregion_access_points";
    if let Some(found) = places.find("AWS_S3_DISABLE_MULTIREGION_ACCESS_POINTS", multiregion) {
        config = config.s3_disable_multiregion_access_points(found.bool()?);
    }
    if let Some(found) = places.find("AWS_S3_DISABLE_EXPRESS_SESSION_AUTH", "s3_disable_express_session_auth")
    {
        config = config.s3_disable_express_session_auth(found.bool()?);
    }
    Ok(config)
}
