//! Who signs: the argument's keys, the environment's, or what the SDK's providers find.

mod cache;
mod environment;
mod failure;
mod profile;

use std::time::Duration;

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::imds;
use aws_config::imds::client::EndpointMode;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use aws_smithy_async::rt::sleep::{SharedAsyncSleep, TokioSleep};
use aws_types::SdkConfig;
use session_core::{AccountId, Error, ErrorKind, Origin, Setting};

use crate::assume_role;
use crate::environment::Environment;
use crate::profile::Profiles;
use cache::CachedProvider;
use failure::Named;
use profile::ProfileCredentials;

/// Where credentials come from, and whose they are said to be.
pub(crate) struct Found {
    pub(crate) provider: SharedCredentialsProvider,
    /// Whether they are known already and never change, so that nothing needs to remember them.
    pub(crate) is_known: bool,
    pub(crate) account_id: Option<Setting<AccountId>>,
}

impl Found {
    pub(crate) fn known(keys: Credentials) -> Self {
        Self { provider: SharedCredentialsProvider::new(keys), is_known: true, account_id: None }
    }

    pub(crate) fn to_ask(provider: SharedCredentialsProvider) -> Self {
        Self { provider, is_known: false, account_id: None }
    }

    fn with_account_id(mut self, account_id: Option<Setting<AccountId>>) -> Self {
        self.account_id = account_id;
        self
    }
}

/// The chain of a session without keys of its own.
///
/// A profile that was given in code removes what the environment says about the identity (keys and web identity);
/// one from `AWS_PROFILE` does not.
///
/// # Errors
/// - [`ErrorKind::PartialCredentials`]: the environment has one key without the other
/// - [`ErrorKind::InvalidConfig`]: the account id or the expiry of the environment's keys, or the account id of the
///   profile's, is malformed; a `source_profile` is missing
pub(crate) async fn chain(
    environment: &Environment,
    profiles: &Profiles,
    providers: &ProviderConfig,
) -> Result<Found, Error> {
    let profile_in_code = profiles.name().origin == Origin::Argument;
    if !profile_in_code && let Some(keys) = environment::find(environment).await? {
        return Ok(keys);
    }
    require_source_profiles(profiles)?;
    let account_id = account_of_profile(profiles)?;
    let profile = ProfileCredentials::new(providers, &profiles.name().value, profiles.texts());
    let mut chain = link(None, "Profile", profile);
    if !profile_in_code {
        let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(providers).build();
        chain = link(Some(chain), "WebIdentityToken", web_identity);
    }
    let container = EcsCredentialsProvider::builder().configure(providers).build();
    let mut instance = ImdsCredentialsProvider::builder().configure(providers);
    if let Some(client) = instance_metadata(environment, profiles, providers)? {
        instance = instance.imds_client(client);
    }
    let instance = instance.build();
    let chain = link(Some(chain), "EcsContainer", container);
    let chain = link(Some(chain), "Ec2InstanceMetadata", instance);
    Ok(Found::to_ask(SharedCredentialsProvider::new(chain)).with_account_id(account_id))
}

/// A client of instance metadata where the profile in use says where that is; the SDK would look at the default profile.
fn instance_metadata(
    environment: &Environment,
    profiles: &Profiles,
    providers: &ProviderConfig,
) -> Result<Option<imds::Client>, Error> {
    let of_profile = |variable: &str, property: &'static str| match environment.get(variable) {
        Some(_) => None,
        None => profiles.get(property).map(|value| (property, value.trim())),
    };
    let refuse = |property: &str, value: &str, allowed: &str| {
        let origin = profiles.origin();
        let message = format!("{property} `{}` (from {origin}) must be {allowed}", value.escape_debug());
        Error::new(ErrorKind::InvalidConfig, message)
    };
    let endpoint = of_profile("AWS_EC2_METADATA_SERVICE_ENDPOINT", "ec2_metadata_service_endpoint");
    let mode = of_profile("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ec2_metadata_service_endpoint_mode");
    if endpoint.is_none() && mode.is_none() {
        return Ok(None);
    }
    let mut client = imds::Client::builder().configure(providers);
    if let Some((property, url)) = endpoint {
        let allowed = "a URL such as `http://169.254.169.254`";
        client = client.endpoint(url).map_err(|error| refuse(property, url, allowed).with_source(error))?;
    }
    if let Some((property, text)) = mode {
        client = client.endpoint_mode(match text.to_ascii_lowercase().as_str() {
            "ipv4" => EndpointMode::IpV4,
            "ipv6" => EndpointMode::IpV6,
            _ => return Err(refuse(property, text, "`IPv4` or `IPv6`")),
        });
    }
    Ok(Some(client.build()))
}

fn link(
    chain: Option<CredentialsProviderChain>,
    name: &'static str,
    provider: impl ProvideCredentials + 'static,
) -> CredentialsProviderChain {
    let provider = Named { name, provider };
    match chain {
        Some(chain) => chain.or_else(name, provider),
        None => CredentialsProviderChain::first_try(name, provider),
    }
}

/// Every profile that a role is assumed over must be there. The SDK takes one that is missing for a profile without
/// credentials, and would go on to sign with the container's or the instance's.
fn require_source_profiles(profiles: &Profiles) -> Result<(), Error> {
    let mut visited = vec![profiles.name().value.as_str()];
    while let Some(&name) = visited.last()
        && let Some(profile) = profiles.sections().get_profile(name)
        && profile.get("role_arn").is_some()
        && let Some(source) = profile.get("source_profile")
        && !visited.contains(&source)
    {
        if profiles.sections().get_profile(source).is_none() {
            let message = format!(
                "the profile `{name}` says `source_profile = {}`, and there is no such profile",
                source.escape_debug()
            );
            return Err(Error::new(ErrorKind::InvalidConfig, message));
        }
        visited.push(source);
    }
    Ok(())
}

/// The account that the profile's credentials belong to, as far as the profile says so: that of its role, of its
/// sign-on, or the one beside its keys.
fn account_of_profile(profiles: &Profiles) -> Result<Option<Setting<AccountId>>, Error> {
    if let Some(role_arn) = profiles.get("role_arn") {
        let account_id = assume_role::account_of_role(role_arn);
        return Ok(account_id.map(|id| Setting::new(id, Origin::Credentials)));
    }
    let elsewhere = ["credential_source", "login_session", "credential_process"];
    let property = match profiles.get("sso_account_id") {
        Some(_) => "sso_account_id",
        None if elsewhere.iter().any(|property| profiles.get(property).is_some()) => return Ok(None),
        None if profiles.get("aws_access_key_id").is_none() => return Ok(None),
        None => "aws_account_id",
    };
    let Some(id) = profiles.get(property) else { return Ok(None) };
    let account_id = AccountId::new(id.trim()).map_err(|_| {
        let message = format!(
            "{property} `{}` (from {}) is not an account id: twelve digits are",
            id.escape_debug(),
            profiles.origin()
        );
        Error::new(ErrorKind::InvalidConfig, message)
    })?;
    Ok(Some(Setting::new(account_id, profiles.origin())))
}

/// The provider, with a memory for what it gives. `life_without_expiry` is how long credentials without an expiry are
/// used; for ever if `None`.
pub(crate) fn remembered(
    provider: SharedCredentialsProvider,
    sdk_config: &SdkConfig,
    life_without_expiry: Option<Duration>,
) -> SharedCredentialsProvider {
    let clock = sdk_config.time_source().unwrap_or_default();
    let sleep = sdk_config.sleep_impl().unwrap_or_else(|| SharedAsyncSleep::new(TokioSleep::new()));
    SharedCredentialsProvider::new(CachedProvider::new(provider, clock, sleep, life_without_expiry))
}

/// What a provider gives now; `None` when no provider of it is configured.
pub(crate) async fn snapshot(provider: &SharedCredentialsProvider) -> Result<Option<Credentials>, Error> {
    match provider.provide_credentials().await {
        Ok(credentials) => Ok(Some(credentials)),
        Err(CredentialsError::CredentialsNotLoaded(_)) => Ok(None),
        Err(error) => Err(told(error)),
    }
}

fn told(error: CredentialsError) -> Error {
    let (kind, message) = match &error {
        CredentialsError::CredentialsNotLoaded(_) => (ErrorKind::NoCredentials, "no credentials were found"),
        CredentialsError::ProviderTimedOut(_) => {
            (ErrorKind::Timeout, "the credentials provider did not answer in time")
        }
        CredentialsError::InvalidConfiguration(_) => {
            (ErrorKind::InvalidConfig, "the credentials provider is configured wrongly")
        }
        _ => (ErrorKind::Service, "the credentials provider failed"),
    };
    Error::new(kind, message).with_source(error)
}
