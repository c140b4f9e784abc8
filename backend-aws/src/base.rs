//! What all clients of a session start from: there when it is built, or made on first use.

use aws_credential_types::provider::SharedCredentialsProvider;
use aws_types::SdkConfig;
use session_core::{EndpointUrl, Error, SessionConfig};
use tokio::sync::OnceCell;

use crate::assume_role::AssumeRole;
use crate::environment::Environment;
use crate::sdk_config;

/// The arguments of a session, checked each for itself.
pub(crate) struct Arguments {
    pub(crate) config: SessionConfig,
    pub(crate) role: Option<AssumeRole>,
    pub(crate) endpoint_url: Option<EndpointUrl>,
}

/// The SDK configuration under the clients, and whom to ask for the credentials that they sign with.
pub(crate) struct Base {
    pub(crate) sdk_config: SdkConfig,
    pub(crate) identity: Option<SharedCredentialsProvider>,
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
