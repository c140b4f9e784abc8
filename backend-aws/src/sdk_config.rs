//! The SDK configuration behind a session: loaded from environment and files, or an existing one taken over.

use std::time::Duration;

use aws_config::BehaviorVersion;
use aws_config::identity::IdentityCache;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::token::SharedTokenProvider;
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_smithy_types::retry::RetryConfig;
use aws_types::SdkConfig;
use aws_types::region::Region;
use session_core::{AccountId, ClientConfig, Error, ErrorKind, Origin, RegionName, SessionConfig, Setting};

use crate::base::{Arguments, Base, LazyBase};
use crate::credentials::{self, Found};
use crate::endpoint::ServiceSettings;
use crate::environment::Environment;
use crate::http::{Pools, Transport};
use crate::profile::{self, Profiles};
use crate::surroundings::Surroundings;
use crate::token::Unprinted;
use crate::{region, settings};

/// How long credentials of a caller's own provider are used if they have no expiry, as in the SDK's identity cache.
const LIFE_WITHOUT_EXPIRY: Duration = Duration::from_secs(15 * 60);

/// What environment and files say, under what the arguments say.
///
/// Where keys and region are known and no profile was asked for, files wait for the first use: they can change neither
/// who signs nor where.
pub(crate) async fn load(arguments: Arguments) -> Result<LazyBase, Error> {
    let environment = Environment::of_process()?;
    if needs_no_files(&arguments.config, &environment) {
        let unread = Profiles::unread();
        settings::found(&environment, &unread)?;
        if arguments.http_client.is_none() {
            Transport::check(&environment)?;
        }
        let arguments = resolved(arguments, &environment, &unread)?;
        return Ok(LazyBase::on_first_use(arguments, environment));
    }
    let profiles = Profiles::load(&environment, arguments.config.profile_name()).await?;
    let arguments = resolved(arguments, &environment, &profiles)?;
    let (base, account_id) = under(&arguments, &environment, &profiles).await?;
    let config = arguments.config.resolve_account_id(account_id);
    Ok(LazyBase::ready(base, Arguments { config, ..arguments }))
}

/// What [`load`] left for the first use.
pub(crate) async fn read_files(arguments: &Arguments, environment: &Environment) -> Result<Base, Error> {
    let profiles = Profiles::load(environment, None).await?;
    // The SDK reads its own variables now, and would panic at what may have changed since the session was built.
    settings::found(&Environment::of_process()?, &profiles)?;
    Ok(under(arguments, environment, &profiles).await?.0)
}

fn needs_no_files(config: &SessionConfig, environment: &Environment) -> bool {
    let any = |variables: &[&str]| variables.iter().any(|variable| environment.get(variable).is_some());
    config.credentials().is_some()
        && config.profile_name().is_none()
        && !any(&profile::VARIABLES)
        && (config.region_name().is_some() || any(&region::VARIABLES))
}

/// The arguments with what they leave open: region, profile, and the account of a role.
fn resolved(
    arguments: Arguments,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<Arguments, Error> {
    let region = match arguments.config.region_name() {
        Some(_) => None,
        None => region::find(environment, profiles)?,
    };
    let account_id = account_of_role(&arguments)?;
    let config = arguments
        .config
        .resolve_region_name(region)
        .resolve_profile_name(Some(profiles.name().clone()))
        .resolve_available_profiles(profiles.names().to_vec())
        .resolve_account_id(account_id);
    Ok(Arguments { config, ..arguments })
}

/// The base for arguments that leave nothing open, and the account of its credentials if that is known.
async fn under(
    arguments: &Arguments,
    environment: &Environment,
    profiles: &Profiles,
) -> Result<(Base, Option<Setting<AccountId>>), Error> {
    let found_settings = settings::found(environment, profiles)?;
    let ignores_endpoint_urls = found_settings.ignore_configured_endpoint_urls();
    let service_settings = ServiceSettings::new(environment, profiles, ignores_endpoint_urls);
    let region = sdk_region(arguments.config.region_name());
    let (http_client, pools) = match arguments.http_client.clone() {
        Some(given) => (given, None),
        None => Pools::of_session(Transport::found(environment, profiles).await?),
    };
    // Whoever fetches credentials goes the ways of the session's clients.
    let defaults = found_settings.clone().overridden_by(arguments.config.client_config().clone());
    let http_client = match &pools {
        Some(pools) => pools.of_client(&defaults).await?,
        None => http_client,
    };
    let found = match arguments.config.credentials() {
        Some(keys) => Found::known(keys.to_sdk()),
        None => {
            let providers = providers(region.clone(), http_client.clone(), &defaults);
            credentials::chain(environment, profiles, &providers).await?
        }
    };
    let account_id = found.account_id.clone().filter(|_| arguments.role.is_none());
    let loaded = aws_config::defaults(BehaviorVersion::latest())
        .http_client(http_client)
        .region(region)
        .profile_name(&profiles.name().value)
        .profile_files(profiles.texts())
        .credentials_provider(found.provider.clone())
        .load()
        .await;
    let tokens = loaded.token_provider().map(|provider| SharedTokenProvider::new(Unprinted(provider)));
    let mut builder = loaded.into_builder().service_config(service_settings);
    builder.set_token_provider(tokens);
    let base = Base {
        pools,
        found: found_settings,
        surroundings: Surroundings::of(environment),
        ..signed_by(found, arguments, &defaults, builder.build(), None).await
    };
    Ok((base, account_id))
}

/// An existing SDK configuration under what the arguments say. Whoever made it has read the environment already,
/// so it is not read again; files are read only for a profile that an argument names.
pub(crate) async fn adopt(existing: SdkConfig, arguments: Arguments) -> Result<LazyBase, Error> {
    let given = arguments.http_client.clone().or_else(|| existing.http_client());
    let (http_client, pools) = match given {
        Some(given) => (given, None),
        None => Pools::of_session(Transport::default()),
    };
    let defaults = arguments.config.client_config().clone();
    let http_client = match &pools {
        Some(pools) => pools.of_client(&defaults).await?,
        None => http_client,
    };
    let clock = existing.time_source().unwrap_or_default();
    let sleep = existing.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
    let mut builder = existing.to_builder();
    builder.set_http_client(Some(http_client.clone()));
    builder.set_time_source(Some(clock.clone()));
    builder.set_sleep_impl(Some(sleep.clone()));
    if existing.behavior_version().is_none() {
        builder.set_behavior_version(Some(BehaviorVersion::latest()));
    }
    if existing.retry_config().is_none() {
        builder.set_retry_config(Some(RetryConfig::standard()));
    }
    let account_id = account_of_role(&arguments)?;
    let mut config = arguments.config;
    let mut found = None;
    if let Some(name) = config.profile_name() {
        let environment = Environment::of_process()?;
        let profiles = Profiles::load(&environment, Some(name)).await?;
        config = config.resolve_available_profiles(profiles.names().to_vec());
        if config.region_name().is_none() {
            config = config.resolve_region_name(region::find(&Environment::default(), &profiles)?);
        }
        if config.credentials().is_none() {
            let providers = providers(sdk_region(config.region_name()), http_client, &defaults)
                .with_time_source(clock)
                .with_sleep_impl(sleep);
            let chain = credentials::chain(&environment, &profiles, &providers).await?;
            config = config.resolve_account_id(chain.account_id.clone());
            found = Some(chain);
        }
    }
    let arguments = Arguments { config: config.resolve_account_id(account_id), ..arguments };
    if let Some(keys) = arguments.config.credentials() {
        found = Some(Found::known(keys.to_sdk()));
    }
    builder.set_region(sdk_region(arguments.config.region_name()));
    let base = match (found, existing.credentials_provider()) {
        (Some(found), _) => signed_by(found, &arguments, &defaults, builder.build(), None).await,
        (None, Some(theirs)) if arguments.role.is_none() && existing.identity_cache().is_some() => {
            // Sessions that start from the same configuration share what its cache holds. Only `credentials()` cannot
            // look into that, and has a memory of its own.
            let sdk_config = builder.build();
            let identity = credentials::remembered(theirs, &sdk_config, Some(LIFE_WITHOUT_EXPIRY));
            Base { identity: Some(identity), ..Base::over(sdk_config) }
        }
        (None, Some(theirs)) => {
            let found = Found::to_ask(theirs);
            signed_by(found, &arguments, &defaults, builder.build(), Some(LIFE_WITHOUT_EXPIRY)).await
        }
        (None, None) if arguments.role.is_some() => {
            let message = "assume_role needs credentials to sign its request with: sdk_config has no credentials \
                           provider; give the session keys or a profile_name too";
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
        (None, None) => {
            if existing.identity_cache().is_none() {
                builder.set_identity_cache(Some(IdentityCache::no_cache()));
            }
            Base::over(builder.build())
        }
    };
    Ok(LazyBase::ready(Base { pools, ..base }, arguments))
}

/// The configuration whose requests are signed with what was found, or with the role that it assumes.
///
/// What has to be fetched is remembered by a provider of ours, and the SDK keeps no second copy.
async fn signed_by(
    found: Found,
    arguments: &Arguments,
    defaults: &ClientConfig,
    sdk_config: SdkConfig,
    life_without_expiry: Option<Duration>,
) -> Base {
    let provider = match &arguments.role {
        Some(role) => {
            let region = provider_region(sdk_config.region().cloned());
            let url = defaults.endpoint_url().or(arguments.endpoint_url.as_ref());
            let assumed = role.provider(found.provider, &defaults.applied_to(&sdk_config), region, url).await;
            credentials::remembered(assumed, &sdk_config, life_without_expiry)
        }
        None if found.is_known => found.provider,
        None => credentials::remembered(found.provider, &sdk_config, life_without_expiry),
    };
    let mut builder = sdk_config.into_builder();
    builder.set_identity_cache(Some(IdentityCache::no_cache()));
    builder.set_credentials_provider(Some(provider.clone()));
    Base { identity: Some(provider), ..Base::over(builder.build()) }
}

fn account_of_role(arguments: &Arguments) -> Result<Option<Setting<AccountId>>, Error> {
    let account_id = arguments.role.as_ref().map(|role| role.check()).transpose()?;
    Ok(account_id.map(|id| Setting::new(id, Origin::Credentials)))
}

/// What providers of credentials send their requests with.
fn providers(
    region: Option<Region>,
    http_client: SharedHttpClient,
    defaults: &ClientConfig,
) -> ProviderConfig {
    let applied = defaults.applied_to(&SdkConfig::builder().build());
    let mut providers = ProviderConfig::without_region()
        .with_region(Some(provider_region(region)))
        .with_http_client(http_client)
        .with_use_fips(applied.use_fips())
        .with_use_dual_stack(applied.use_dual_stack());
    if let Some(retries) = applied.retry_config() {
        providers = providers.with_retry_config(retries.clone());
    }
    if let Some(timeouts) = applied.timeout_config() {
        providers = providers.with_timeout_config(timeouts.clone());
    }
    providers
}

/// Where providers that assume a role or exchange a token ask for credentials: the session's region, or, while only
/// clients name one, the region whose STS answers for all others of its partition.
fn provider_region(region: Option<Region>) -> Region {
    region.unwrap_or_else(|| Region::from_static("us-east-1"))
}

fn sdk_region(name: Option<&Setting<RegionName>>) -> Option<Region> {
    name.map(|setting| Region::from(setting.value.clone()))
}
