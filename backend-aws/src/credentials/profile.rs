//! The profile as a source of credentials: the SDK's provider, which can be asked again after it failed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{self, ProvideCredentials, future};
use aws_runtime::env_config::file::EnvConfigFiles;

/// The SDK's provider over texts that were read when the session was built.
///
/// That one tells only its first caller what is wrong with a profile, and all others that it told before. This one
/// starts anew then.
pub(super) struct ProfileCredentials {
    providers: ProviderConfig,
    profile_name: String,
    texts: EnvConfigFiles,
    current: Mutex<Arc<ProfileFileCredentialsProvider>>,
}

impl ProfileCredentials {
    pub(super) fn new(providers: &ProviderConfig, profile_name: &str, texts: EnvConfigFiles) -> Self {
        let current = Mutex::new(Arc::new(sdk_provider(providers, profile_name, &texts)));
        Self { providers: providers.clone(), profile_name: profile_name.to_owned(), texts, current }
    }

    async fn credentials(&self) -> provider::Result {
        let current = Arc::clone(&self.current.lock().unwrap_or_else(PoisonError::into_inner));
        let found = current.provide_credentials().await;
        if matches!(
            found,
            Err(CredentialsError::InvalidConfiguration(_) | CredentialsError::CredentialsNotLoaded(_))
        ) {
            let fresh = Arc::new(sdk_provider(&self.providers, &self.profile_name, &self.texts));
            *self.current.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
        found
    }
}

fn sdk_provider(
    providers: &ProviderConfig,
    profile_name: &str,
    texts: &EnvConfigFiles,
) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder()
        .configure(providers)
        .profile_name(profile_name)
        .profile_files(texts.clone())
        .build()
}

impl ProvideCredentials for ProfileCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.credentials())
    }
}

impl fmt::Debug for ProfileCredentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProfileCredentials").field("profile_name", &self.profile_name).finish_non_exhaustive()
    }
}
