//! What all clients of a session start from: there when it is built, or made on first use.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use aws_types::SdkConfig;
use session_core::{ClientConfig, EndpointUrl, Error, SessionConfig};
use tokio::sync::OnceCell;

use crate::assume_role::AssumeRole;
use crate::environment::Environment;
use crate::http::Pools;
use crate::sdk_config;
use crate::surroundings::Surroundings;

/// The arguments of a session, checked each for itself.
pub(crate) struct Arguments {
    pub(crate) config: SessionConfig,
    pub(crate) role: Option<AssumeRole>,
    pub(crate) endpoint_url: Option<EndpointUrl>,
    /// In place of ours.
    pub(crate) http_client: Option<SharedHttpClient>,
}

/// What stays the same from client to client.
pub(crate) struct Base {
    /// The SDK configuration under the clients.
    pub(crate) sdk_config: SdkConfig,
    /// Whom to ask for the credentials that they sign with.
    pub(crate) identity: Option<SharedCredentialsProvider>,
    /// What environment and profile say to every client.
    pub(crate) found: ClientConfig,
    pub(crate) surroundings: Surroundings,
    /// None where the HTTP client is the caller's, and so not ours to change.
    pub(crate) pools: Option<Pools>,
}

impl Base {
    /// Nothing but the configuration.
    pub(crate) fn over(sdk_config: SdkConfig) -> Self {
        Self {
            sdk_config,
            identity: None,
            found: ClientConfig::default(),
            surroundings: Surroundings::unknown(),
            pools: None,
        }
    }
}

/// A base, and what it is made of as long as it is not made.
pub(crate) struct LazyBase {
    made: OnceCell<Base>,
    arguments: Arguments,
    environment: Environment,
}

impl LazyBase {
    /// A base that is there.
    pub(crate) fn ready(base: Base, arguments: Arguments) -> Self {
        Self { made: OnceCell::new_with(Some(base)), arguments, environment: Environment::default() }
    }

    /// A base that is made when it is first asked for: only then are files read.
    pub(crate) fn on_first_use(arguments: Arguments, environment: Environment) -> Self {
        Self { made: OnceCell::new(), arguments, environment }
    }

    /// What the session was told, and what it found where it was not.
    pub(crate) fn arguments(&self) -> &Arguments {
        &self.arguments
    }

    /// The base. Where making it fails, the next one to ask tries again.
    pub(crate) async fn get(&self) -> Result<&Base, Error> {
        self.made.get_or_try_init(|| sdk_config::read_files(&self.arguments, &self.environment)).await
    }
}
