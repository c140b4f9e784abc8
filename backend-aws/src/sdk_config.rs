//! The SDK configuration behind a session: loaded from environment and files, or an existing one taken over.

use aws_config::BehaviorVersion;
use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_credential_types::provider::token::SharedTokenProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_async::time::SharedTimeSource;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{Error, RegionName, SessionConfig, Setting};

use crate::endpoint::ServiceSettings;
use crate::environment::Environment;
use crate::http::{Pools, Transport};
use crate::profile::Profiles;
use crate::token::Unprinted;
use crate::{credentials, region, retry};

/// What environment and files say, under what the arguments say.
///
/// With an HTTP client of the caller's there are no pools of ours, and what is said of trust and proxies is that
/// client's own concern.
pub(crate) async fn load(
    config: SessionConfig,
    http_client: Option<SharedHttpClient>,
) -> Result<(SessionConfig, SdkConfig, Option<Pools>), Error> {
    let environment = Environment::of_process()?;
    let profiles = Profiles::load(&environment, config.profile_name()).await?;
    retry::check(&environment, &profiles)?;
    let region = match config.region_name() {
        Some(_) => None,
        None => region::find(&environment, &profiles)?,
    };
    let config = config.resolve_region_name(region).resolve_profile_name(Some(profiles.name().clone()));
    let region = sdk_region(config.region_name());
    let (http_client, pools) = match http_client {
        Some(given) => (given, None),
        None => Pools::of_session(Transport::found(&environment, &profiles).await?),
    };

    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client.clone())
        .region(region.clone())
        .profile_name(&profiles.name().value)
        .profile_files(profiles.texts());
    loader = match config.credentials() {
        Some(keys) => loader.credentials_provider(keys.to_sdk()),
        None => {
            let providers = ProviderConfig::without_region()
                .with_region(Some(provider_region(region)))
                .with_http_client(http_client);
            loader.credentials_provider(credentials::chain(&environment, &profiles, &providers).await?)
        }
    };
    let settings = ServiceSettings::new(&environment, &profiles)?;
    let loaded = loader.load().await;
    let tokens = loaded.token_provider().map(|provider| SharedTokenProvider::new(Unprinted(provider)));
    let mut builder = loaded.into_builder().service_config(settings);
    builder.set_token_provider(tokens);
    let sdk_config = builder.build();
    Ok((config, sdk_config, pools))
}

/// An existing SDK configuration under what the arguments say. Whoever made it has read the environment already,
/// so it is not read again; files are read only for a profile that an argument names.
pub(crate) async fn adopt(
    existing: SdkConfig,
    config: SessionConfig,
    http_client: Option<SharedHttpClient>,
) -> Result<(SessionConfig, SdkConfig, Option<Pools>), Error> {
    let (http_client, pools) = match http_client.or_else(|| existing.http_client()) {
        Some(given) => (given, None),
        None => Pools::of_session(Transport::default()),
    };
    let mut builder = existing.to_builder();
    builder.set_http_client(Some(http_client.clone()));
    if existing.behavior_version().is_none() {
        builder.set_behavior_version(Some(BehaviorVersion::latest()));
    }
    if existing.sleep_impl().is_none() {
        builder.set_sleep_impl(Some(SharedAsyncSleep::new(TokioSleep::new())));
    }
    if existing.time_source().is_none() {
        builder.set_time_source(Some(SharedTimeSource::default()));
    }
    if existing.retry_config().is_none() {
        builder.set_retry_config(Some(RetryConfig::standard()));
    }
    if existing.identity_cache().is_none() {
        builder.set_identity_cache(Some(IdentityCache::lazy().build()));
    }
    let mut config = config;
    if let Some(name) = config.profile_name() {
        let environment = Environment::of_process()?;
        let profiles = Profiles::load(&environment, Some(name)).await?;
        if config.region_name().is_none() {
            config = config.resolve_region_name(region::find(&Environment::default(), &profiles)?);
        }
        if config.credentials().is_none() {
            let providers = ProviderConfig::without_region()
                .with_region(Some(provider_region(sdk_region(config.region_name()))))
                .with_http_client(http_client);
            let chain = credentials::chain(&environment, &profiles, &providers).await?;
            builder.set_credentials_provider(Some(chain));
        }
    }
    if let Some(keys) = config.credentials() {
        builder.set_credentials_provider(Some(SharedCredentialsProvider::new(keys.to_sdk())));
        builder.set_identity_cache(Some(IdentityCache::no_cache()));
    }
    builder.set_region(sdk_region(config.region_name()));
    let sdk_config = builder.build();
    Ok((config, sdk_config, pools))
}

/// Where providers that assume a role or exchange a token ask for credentials: the session's region, or, while only
/// clients name one, the region whose STS answers for all others of its partition.
fn provider_region(region: Option<Region>) -> Region {
    region.unwrap_or_else(|| Region::from_static("us-east-1"))
}

fn sdk_region(name: Option<&Setting<RegionName>>) -> Option<Region> {
    name.map(|setting| Region::from(setting.value.clone()))
}
