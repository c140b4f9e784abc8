//! Who signs: the argument's keys, the environment's, or what the SDK's providers find.

use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::web_identity_token::WebIdentityTokenCredentialsProvider;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use session_core::{Error, ErrorKind, Origin};

use crate::environment::Environment;
use crate::profile::Profiles;

/// The chain of a session without keys of its own.
///
/// A profile that was given in code removes what the environment says about the identity (keys and web identity);
/// one from `AWS_PROFILE` does not.
///
/// # Errors
/// [`ErrorKind::PartialCredentials`]: the environment has one key without the other.
pub(crate) async fn chain(
    environment: &Environment,
    profiles: &Profiles,
    providers: &ProviderConfig,
) -> Result<SharedCredentialsProvider, Error> {
    let profile_in_code = profiles.name().origin == Origin::Argument;
    if !profile_in_code && has_keys(environment)? {
        // Asked once, so that what the program does to its environment later does not change who it is.
        let keys = EnvironmentVariableCredentialsProvider::new().provide_credentials().await;
        return keys.map(SharedCredentialsProvider::new).map_err(told);
    }
    let profile = ProfileFileCredentialsProvider::builder()
        .configure(providers)
        .profile_name(&profiles.name().value)
        .profile_files(profiles.texts())
        .build();
    let mut chain = CredentialsProviderChain::first_try("Profile", profile);
    if !profile_in_code {
        let web_identity = WebIdentityTokenCredentialsProvider::builder().configure(providers).build();
        chain = chain.or_else("WebIdentityToken", web_identity);
    }
    let container = EcsCredentialsProvider::builder().configure(providers).build();
    let instance = ImdsCredentialsProvider::builder().configure(providers).build();
    let chain = chain.or_else("EcsContainer", container).or_else("Ec2InstanceMetadata", instance);
    Ok(SharedCredentialsProvider::new(chain))
}

/// Whether the environment has a pair of keys. The SDK takes the secret from `SECRET_ACCESS_KEY` too.
fn has_keys(environment: &Environment) -> Result<bool, Error> {
    let id = environment.get("AWS_ACCESS_KEY_ID");
    let secret = environment.get("AWS_SECRET_ACCESS_KEY");
    let legacy_secret = || environment.get("SECRET_ACCESS_KEY");
    let half = |missing: &str, given: &str| {
        let message = format!(
            "{missing} is missing: {given} is set in the environment without it; set both or neither, or give \
             the session keys or a profile_name"
        );
        Err(Error::new(ErrorKind::PartialCredentials, message))
    };
    match (id, secret) {
        (Some(_), Some(_)) => Ok(true),
        (Some(_), None) if legacy_secret().is_some() => Ok(true),
        (Some(_), None) => half("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID"),
        (None, Some(_)) => half("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"),
        (None, None) => Ok(false),
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_pair_in_the_environment_is_an_error_that_names_the_other_half() {
        for (given, missing) in [
            ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY is missing"),
            ("AWS_SECRET_ACCESS_KEY", "AWS_ACCESS_KEY_ID is missing"),
        ] {
            let error = has_keys(&Environment::from([(given, "hunter2")])).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::PartialCredentials);
            assert!(error.to_string().contains(missing) && !error.to_string().contains("hunter2"), "{error}");
        }
        assert!(!has_keys(&Environment::default()).unwrap());
        assert!(
            has_keys(&Environment::from([("AWS_ACCESS_KEY_ID", "A"), ("SECRET_ACCESS_KEY", "s")])).unwrap()
        );
    }
}
