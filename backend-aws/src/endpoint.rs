//! Where requests go instead of the service's own endpoint, as far as environment and profile say.

use std::fmt;

use aws_config::profile::ProfileSet;
use aws_runtime::env_config::EnvConfigValue;
use aws_types::SdkConfig;
use aws_types::os_shim_internal::Env;
use aws_types::service_config::{LoadServiceConfig, ServiceConfigKey};
use session_core::{EndpointUrl, Error, ErrorKind, ServiceName};

use crate::environment::Environment;
use crate::profile::Profiles;

const ENDPOINT_URL: &str = "AWS_ENDPOINT_URL";

/// The settings of single services: `AWS_ENDPOINT_URL_<SERVICE>` and the `[services …]` section of the profile,
/// each before what holds for all services.
///
/// The SDK's own loader reads the environment whenever a client is made, and prints profiles with their
/// secrets; this one holds the snapshot of the session and prints nothing.
pub(crate) struct ServiceSettings {
    environment: Env,
    sections: ProfileSet,
    ignores_endpoint_urls: bool,
}

impl ServiceSettings {
    pub(crate) fn new(
        environment: &Environment,
        profiles: &Profiles,
        ignores_endpoint_urls: Option<bool>,
    ) -> Self {
        let (environment, sections) = (environment.to_sdk(), profiles.sections().clone());
        Self { environment, sections, ignores_endpoint_urls: ignores_endpoint_urls.unwrap_or_default() }
    }
}

impl LoadServiceConfig for ServiceSettings {
    fn load_config(&self, key: ServiceConfigKey<'_>) -> Option<String> {
        if self.ignores_endpoint_urls && key.env() == ENDPOINT_URL {
            return None;
        }
        let setting =
            EnvConfigValue::new().env(key.env()).profile(key.profile()).service_id(key.service_id());
        let (value, _) = setting.load(&self.environment, Some(&self.sections))?;
        Some(value.into_owned())
    }
}

impl fmt::Debug for ServiceSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServiceSettings").finish_non_exhaustive()
    }
}

/// The endpoint that the SDK configuration holds for a service: an explicit one, else the service's own setting,
/// else the setting for all services. `ignored` are all but an explicit one. It is the SDK's rule, applied early so that a mistake fails at open.
///
/// # Errors
/// [`ErrorKind::InvalidEndpoint`]: the setting is no URL.
pub(crate) fn configured(
    sdk_config: &SdkConfig,
    service: &ServiceName,
    ignored: bool,
) -> Result<Option<EndpointUrl>, Error> {
    let explicit = sdk_config.get_origin("endpoint_url").is_client_config();
    if ignored && !explicit {
        return Ok(None);
    }
    let own = match (explicit, service.service_id(), sdk_config.service_config()) {
        (false, Some(service_id), Some(settings)) => {
            let key = ServiceConfigKey::builder()
                .service_id(service_id)
                .env(ENDPOINT_URL)
                .profile("endpoint_url")
                .build()
                .map_err(|missing| Error::new(ErrorKind::InvalidConfig, missing.to_string()))?;
            settings.load_config(key)
        }
        _ => None,
    };
    let Some(url) = own.or_else(|| sdk_config.endpoint_url().map(str::to_owned)) else { return Ok(None) };
    EndpointUrl::new(url).map(Some).map_err(|error| {
        let message = format!(
            "{} (from {ENDPOINT_URL} or {ENDPOINT_URL}_<SERVICE>, the profile, or the SDK configuration)",
            error.message()
        );
        Error::new(error.kind(), message)
    })
}
