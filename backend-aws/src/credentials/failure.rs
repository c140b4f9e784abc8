//! Errors of providers, told with the provider's name and to everybody who waited for it.

use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;

use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};
use session_core::BoxError;

/// A provider whose errors name it: in a chain, the SDK's say what failed and not where.
#[derive(Debug)]
pub(super) struct Named<P> {
    pub(super) name: &'static str,
    pub(super) provider: P,
}

impl<P: ProvideCredentials> ProvideCredentials for Named<P> {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            self.provider.provide_credentials().await.map_err(|error| match error {
                // The chain names those that found nothing.
                CredentialsError::CredentialsNotLoaded(_) => error,
                error => {
                    let error = Arc::new(error);
                    alike(&error, Culprit { name: self.name, error: Arc::clone(&error) })
                }
            })
        })
    }

    fn fallback_on_interrupt(&self) -> Option<aws_credential_types::Credentials> {
        self.provider.fallback_on_interrupt()
    }
}

/// One error for everybody who waited: of the same kind, with the same causes.
pub(super) fn told_again(error: &Arc<CredentialsError>) -> CredentialsError {
    alike(error, Cause(Arc::clone(error)))
}

/// An error of the same kind with another cause.
fn alike(error: &CredentialsError, cause: impl Into<BoxError>) -> CredentialsError {
    match error {
        CredentialsError::CredentialsNotLoaded(_) => CredentialsError::not_loaded(cause),
        CredentialsError::ProviderTimedOut(told) => {
            CredentialsError::provider_timed_out(told.timeout_duration())
        }
        CredentialsError::InvalidConfiguration(_) => CredentialsError::invalid_configuration(cause),
        CredentialsError::ProviderError(_) => CredentialsError::provider_error(cause),
        _ => CredentialsError::unhandled(cause),
    }
}

/// Which provider failed. What is wrong is said by the next cause.
#[derive(Debug)]
struct Culprit {
    name: &'static str,
    error: Arc<CredentialsError>,
}

impl fmt::Display for Culprit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the provider {} failed", self.name)
    }
}

impl StdError for Culprit {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.error.source()
    }
}

/// What caused an error that several share: the outermost level of it is each one's own.
#[derive(Debug)]
struct Cause(Arc<CredentialsError>);

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.source() {
            Some(source) => fmt::Display::fmt(source, f),
            None => fmt::Display::fmt(&self.0, f),
        }
    }
}

impl StdError for Cause {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source()?.source()
    }
}

/// An error with its causes, on one line.
pub(super) struct Chain<'e>(pub(super) &'e CredentialsError);

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)?;
        let mut causes = std::iter::successors(self.0.source(), |&cause| cause.source());
        causes.try_for_each(|cause| write!(f, ": {cause}"))
    }
}

#[cfg(test)]
mod tests {
    use aws_credential_types::credential_fn::provide_credentials_fn;

    use super::*;

    #[test]
    fn an_error_that_is_told_again_has_the_same_kind_and_the_same_words() {
        for error in [
            CredentialsError::provider_error("the line is dead"),
            CredentialsError::invalid_configuration("the line is dead"),
            CredentialsError::not_loaded("the line is dead"),
            CredentialsError::unhandled("the line is dead"),
            CredentialsError::provider_timed_out(std::time::Duration::from_secs(7)),
        ] {
            let error = Arc::new(error);
            let again = told_again(&error);
            assert_eq!(std::mem::discriminant(&again), std::mem::discriminant(&*error));
            assert_eq!(Chain(&again).to_string(), Chain(&error).to_string());
        }
    }

    #[tokio::test]
    async fn the_error_of_a_provider_names_it() {
        let provider =
            provide_credentials_fn(|| async { Err(CredentialsError::provider_error("no answer")) });
        let error = Named { name: "Parrot", provider }.provide_credentials().await.unwrap_err();
        assert!(matches!(error, CredentialsError::ProviderError(_)));
        let told = Chain(&error).to_string();
        assert!(told.contains("the provider Parrot failed: no answer"), "{told}");
    }
}
