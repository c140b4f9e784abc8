//! Directory buckets: their requests are signed with the credentials of a session, which `CreateSession` gives out.
//!
//! A session is for one bucket and one set of credentials, and good for five minutes. It is made when a request first
//! needs it, shared by all requests that do, and made anew ten seconds before it ends. Which requests need it is said by
//! the endpoint rules; `s3_disable_express_session_auth` makes them say: none.

use std::fmt;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use aws_credential_types::Credentials;
use aws_runtime::auth::SigV4SessionTokenNameOverride;
use aws_runtime::auth::sigv4::{self, SigV4Signer};
use aws_sigv4::http_request::SignatureLocation;
use aws_smithy_runtime::expiring_cache::ExpiringCache;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::{AuthScheme, AuthSchemeId, SharedAuthScheme, Sign};
use aws_smithy_runtime_api::client::identity::{
    Identity, IdentityCacheLocation, IdentityFuture, ResolveCachedIdentity, ResolveIdentity,
    SharedIdentityResolver,
};
use aws_smithy_runtime_api::client::runtime_components::{
    GetIdentityResolver, RuntimeComponents, RuntimeComponentsBuilder,
};
use aws_smithy_types::Document;
use aws_smithy_types::config_bag::{ConfigBag, Layer};
use aws_smithy_types::endpoint::Endpoint;

use super::super::client::{DynamicClient, WeakClient};
use super::super::endpoint::ParameterValue;
use super::super::endpoint_parameters;
use super::Value;

const SCHEME_ID: AuthSchemeId = AuthSchemeId::new("sigv4-s3express");

/// A session that ends within this time counts as ended.
const BUFFER: Duration = Duration::from_secs(10);

/// Sessions of more buckets than these are forgotten, all at once.
const MOST_REMEMBERED: usize = 100;

/// Makes a client of S3 able to sign for directory buckets.
pub(in crate::dynamic) fn enable(
    client: WeakClient,
    components: &mut RuntimeComponentsBuilder,
    layer: &mut Layer,
) {
    components.push_auth_scheme(SharedAuthScheme::new(S3ExpressAuthScheme::default()));
    components.set_identity_resolver(
        SCHEME_ID,
        SharedIdentityResolver::new(S3ExpressSessions { client, sessions: Mutex::default() }),
    );
    layer.store_put(SigV4SessionTokenNameOverride::new(|settings, config| {
        if !config.load::<Endpoint>().is_some_and(asks_for_session) {
            return Ok(settings.session_token_name_override);
        }
        match settings.signature_location {
            SignatureLocation::Headers => Ok(Some("x-amz-s3session-token")),
            SignatureLocation::QueryParams => Ok(Some("X-Amz-S3session-Token")),
            _ => Err("a signature that is neither in headers nor in the URL".into()),
        }
    }));
}

fn asks_for_session(endpoint: &Endpoint) -> bool {
    let Some(Document::Array(schemes)) = endpoint.properties().get("authSchemes") else { return false };
    let names = schemes.iter().filter_map(|scheme| scheme.as_object()?.get("name")?.as_string());
    names.into_iter().any(|name| name == SCHEME_ID.inner())
}

#[derive(Debug, Default)]
struct S3ExpressAuthScheme {
    signer: SigV4Signer,
}

impl AuthScheme for S3ExpressAuthScheme {
    fn scheme_id(&self) -> AuthSchemeId {
        SCHEME_ID
    }

    fn identity_resolver(&self, resolvers: &dyn GetIdentityResolver) -> Option<SharedIdentityResolver> {
        resolvers.identity_resolver(SCHEME_ID)
    }

    fn signer(&self) -> &dyn Sign {
        &self.signer
    }
}

/// A bucket, and the key of the credentials that its session was made with.
type SessionKey = (String, String);

struct S3ExpressSessions {
    client: WeakClient,
    sessions: Mutex<Vec<(SessionKey, ExpiringCache<Identity, BoxError>)>>,
}

impl S3ExpressSessions {
    async fn session(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<Identity, BoxError> {
        let Some(ParameterValue::String(bucket)) = endpoint_parameters::get(config, "Bucket") else {
            return Err("a session of S3 Express is for a bucket, and the operation has none".into());
        };
        let signs = components.identity_resolver(sigv4::SCHEME_ID);
        let signs = signs.ok_or("there are no credentials to make a session of S3 Express with")?;
        let identity = components.identity_cache().resolve_cached_identity(signs, components, config).await?;
        let credentials = identity.data::<Credentials>().ok_or("a session wants credentials, not a token")?;
        let remembered = self.remembered((bucket.clone(), credentials.access_key_id().to_owned()));
        let now = components.time_source().map_or_else(SystemTime::now, |time| time.now());
        if let Some(identity) = remembered.yield_or_clear_if_expired(now).await {
            return Ok(identity);
        }
        remembered.get_or_load(|| self.create(bucket)).await
    }

    fn remembered(&self, key: SessionKey) -> ExpiringCache<Identity, BoxError> {
        let mut sessions = self.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, remembered)) = sessions.iter().find(|(known, _)| *known == key) {
            return remembered.clone();
        }
        if sessions.len() >= MOST_REMEMBERED {
            sessions.clear();
        }
        let cache = ExpiringCache::new(BUFFER);
        sessions.push((key, cache.clone()));
        cache
    }

    async fn create(&self, bucket: &str) -> Result<(Identity, SystemTime), BoxError> {
        let client: DynamicClient = self.client.upgrade().ok_or("the client is gone")?;
        let created = client.call("CreateSession", Value::from([("Bucket", bucket)])).await?;
        let session = &created["Credentials"];
        let text = |member: &str| session[member].as_str().map(str::to_owned);
        let expires =
            session["Expiration"].as_timestamp().and_then(|moment| SystemTime::try_from(moment).ok());
        let parts = (text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken"), expires);
        let (Some(key), Some(secret), Some(token), Some(expires)) = parts else {
            return Err("CreateSession answered without credentials".into());
        };
        let credentials = Credentials::new(key, secret, Some(token), Some(expires), "s3express");
        Ok((Identity::from(credentials), expires))
    }
}

impl ResolveIdentity for S3ExpressSessions {
    fn resolve_identity<'a>(
        &'a self,
        components: &'a RuntimeComponents,
        config: &'a ConfigBag,
    ) -> IdentityFuture<'a> {
        IdentityFuture::new(self.session(components, config))
    }

    fn cache_location(&self) -> IdentityCacheLocation {
        IdentityCacheLocation::IdentityResolver
    }
}

impl fmt::Debug for S3ExpressSessions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("S3ExpressSessions").finish_non_exhaustive()
    }
}
