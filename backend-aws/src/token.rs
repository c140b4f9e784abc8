//! Bearer tokens: the SDK's provider, in a coat that does not print what it holds.

use std::fmt;

use aws_credential_types::provider::future;
use aws_credential_types::provider::token::{ProvideToken, SharedTokenProvider};

/// Does what the SDK's provider does. That one's `Debug` shows all profiles, with their secrets.
pub(crate) struct Unprinted(pub(crate) SharedTokenProvider);

impl ProvideToken for Unprinted {
    fn provide_token<'a>(&'a self) -> future::ProvideToken<'a>
    where
        Self: 'a,
    {
        self.0.provide_token()
    }
}

impl fmt::Debug for Unprinted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenProvider")
    }
}
