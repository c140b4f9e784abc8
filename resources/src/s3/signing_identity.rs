//! Who signs the requests of a client, and for where: seen by taking the place of SigV4 in one request.
//!
//! The typed client keeps its credentials and its endpoint to itself. What it signs, it hands to the auth scheme that
//! the endpoint asks for; a scheme of that name gets both, from whatever source they come, on the client's own clock.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_runtime::auth::sigv4;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{AuthScheme, AuthSchemeEndpointConfig, AuthSchemeId, Sign};
use aws_smithy_runtime_api::client::identity::{Identity as Resolved, SharedIdentityResolver};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::{GetIdentityResolver, RuntimeComponents};
use aws_smithy_types::config_bag::ConfigBag;
use aws_types::region::SigningRegion;

/// Stands in for SigV4, signs nothing, and keeps what it was given.
#[derive(Clone, Default)]
pub(super) struct SigningIdentity(Arc<Mutex<Option<Seen>>>);

/// What one request told.
#[derive(Clone)]
pub(super) struct Seen {
    pub(super) identity: Identity,
    /// Of the bucket: scheme, host and path, with a slash at the end.
    pub(super) url: String,
}

/// Whose signature it is.
#[derive(Clone)]
pub(super) struct Identity {
    pub(super) access_key_id: String,
    pub(super) secret_access_key: String,
    pub(super) session_token: Option<String>,
    pub(super) region: String,
    pub(super) now: SystemTime,
}

impl SigningIdentity {
    /// What was seen; none if another scheme signs.
    pub(super) fn seen(&self) -> Option<Seen> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl AuthScheme for SigningIdentity {
    fn scheme_id(&self) -> AuthSchemeId {
        sigv4::SCHEME_ID
    }

    fn identity_resolver(&self, resolvers: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        resolvers.identity_resolver(self.scheme_id())
    }

    fn signer(&self) -> &dyn Sign {
        self
    }
}

impl Sign for SigningIdentity {
    fn sign_http_request(
        &self,
        request: &mut HttpRequest,
        identity: &Resolved,
        endpoint: AuthSchemeEndpointConfig<'_>,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<(), BoxError> {
        let credentials = identity.data::<Credentials>().ok_or("a form is signed with AWS credentials")?;
        let of_endpoint = endpoint
            .as_document()
            .and_then(|scheme| scheme.as_object()?.get("signingRegion")?.as_string().map(str::to_owned));
        let region =
            of_endpoint.or_else(|| config.load::<SigningRegion>().map(|region| region.as_ref().to_owned()));
        let bare = request.uri().split('?').next().unwrap_or_default();
        let (bucket, _key) = bare.rsplit_once('/').ok_or("the endpoint has no path")?;
        let identity = Identity {
            access_key_id: credentials.access_key_id().to_owned(),
            secret_access_key: credentials.secret_access_key().to_owned(),
            session_token: credentials.session_token().map(str::to_owned),
            region: region.ok_or("a form is signed for a region, and the client has none")?,
            now: components.time_source().ok_or("the client has no clock")?.now(),
        };
        let seen = Seen { identity, url: format!("{bucket}/") };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(seen);
        Ok(())
    }
}

impl fmt::Debug for SigningIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningIdentity")
    }
}
