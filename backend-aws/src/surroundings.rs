//! Where the program finds itself, for `defaults_mode = auto`.

use aws_config::imds::region::ImdsRegionProvider;
use aws_config::provider_config::ProviderConfig;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use session_core::{DefaultsMode, RegionName};
use tokio::sync::OnceCell;

use crate::environment::Environment;

/// The region that the program runs in: told by the environment, or to be asked of the instance.
#[derive(Debug)]
pub(crate) struct Surroundings {
    asks_instance: bool,
    region: OnceCell<Option<String>>,
}

impl Surroundings {
    /// AWS sets `AWS_EXECUTION_ENV` where it runs programs, and there the region's variable says where that is.
    pub(crate) fn of(environment: &Environment) -> Self {
        let runs_on_aws = environment.get("AWS_EXECUTION_ENV").is_some();
        let region = || environment.get("AWS_REGION").or_else(|| environment.get("AWS_DEFAULT_REGION"));
        let told = runs_on_aws.then(region).flatten().map(str::to_owned);
        let disabled = environment.get("AWS_EC2_METADATA_DISABLED");
        Self {
            asks_instance: !disabled.is_some_and(|text| text.trim().eq_ignore_ascii_case("true")),
            region: OnceCell::new_with(told.map(Some)),
        }
    }

    /// Nothing is known, and nobody is asked.
    pub(crate) fn unknown() -> Self {
        Self { asks_instance: false, region: OnceCell::new() }
    }

    /// The mode for clients of a region. Asks the instance once, if nothing else tells.
    pub(crate) async fn mode_for(
        &self,
        region: &RegionName,
        http_client: Option<SharedHttpClient>,
    ) -> DefaultsMode {
        let ask = || async {
            let providers = ProviderConfig::without_region();
            let providers = match http_client {
                Some(http_client) if self.asks_instance => providers.with_http_client(http_client),
                _ => return None,
            };
            let instance = ImdsRegionProvider::builder().configure(&providers).build();
            instance.region().await.map(|region| region.to_string())
        };
        match self.region.get_or_init(ask).await.as_deref() {
            Some(here) if here == region.as_str() => DefaultsMode::InRegion,
            Some(_) => DefaultsMode::CrossRegion,
            None => DefaultsMode::Standard,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_environment_tells_where_the_program_runs() {
        let region = RegionName::new("eu-west-1").unwrap();
        let disabled = ("AWS_EC2_METADATA_DISABLED", "true");
        for (variables, mode) in [
            ([disabled, ("AWS_EXECUTION_ENV", "x"), ("AWS_REGION", "eu-west-1")], DefaultsMode::InRegion),
            ([disabled, ("AWS_EXECUTION_ENV", "x"), ("AWS_REGION", "eu-west-2")], DefaultsMode::CrossRegion),
            ([disabled, ("AWS_EXECUTION_ENV", " "), ("AWS_REGION", "eu-west-1")], DefaultsMode::Standard),
        ] {
            let surroundings = Surroundings::of(&Environment::from(variables));
            assert_eq!(surroundings.mode_for(&region, None).await, mode, "{variables:?}");
        }
    }
}
