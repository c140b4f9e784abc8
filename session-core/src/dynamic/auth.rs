//! Who may sign an operation: the model's authentication schemes, best first.

use aws_runtime::auth::{sigv4, sigv4a};
use aws_smithy_runtime::client::auth::no_auth::NO_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::auth::http::HTTP_BEARER_AUTH_SCHEME_ID;
use aws_smithy_runtime_api::client::auth::{
    AuthSchemeId, AuthSchemeOption, AuthSchemeOptionResolverParams, AuthSchemeOptionsFuture,
    ResolveAuthSchemeOptions,
};
use aws_smithy_runtime_api::client::endpoint::EndpointResolverParams;
use aws_smithy_runtime_api::client::runtime_components::{GetIdentityResolver, RuntimeComponents};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::endpoint::EndpointRulesResolver;
use super::schema::OperationPlan;
use crate::error::{Error, ErrorKind};
use crate::model::Metadata;

const NO_TOKEN: &str = "the service takes bearer tokens instead of credentials, and the session has none: give it a \
                        profile_name with an sso_session that is logged in, or an sdk_config with a token_provider";

/// In the configuration of a client whose requests go unsigned.
#[derive(Debug)]
pub(super) struct Anonymous;

impl Storable for Anonymous {
    type Storer = StoreReplace<Self>;
}

/// The schemes of one operation.
#[derive(Debug)]
pub(super) struct OperationAuth(Vec<AuthSchemeOption>);

impl OperationAuth {
    /// The operation's own schemes, else those of its service.
    pub(super) fn of(metadata: &Metadata, plan: &OperationPlan) -> Self {
        let named = plan.traits["auth"].as_array();
        let named =
            named.map(|schemes| schemes.iter().filter_map(|scheme| scheme.as_str()).collect::<Vec<_>>());
        let schemes: Vec<AuthSchemeId> = match (plan.traits["authtype"].as_str(), named) {
            (Some("none"), _) => vec![NO_AUTH_SCHEME_ID],
            (Some("bearer"), _) => vec![HTTP_BEARER_AUTH_SCHEME_ID],
            (_, Some(named)) => named.into_iter().filter_map(scheme).collect(),
            (_, None) => of_service(metadata),
        };
        Self(schemes.into_iter().map(AuthSchemeOption::from).collect())
    }
}

impl OperationAuth {
    fn takes_only_tokens(&self) -> bool {
        self.0.iter().all(|option| *option.scheme_id() == HTTP_BEARER_AUTH_SCHEME_ID) && !self.0.is_empty()
    }
}

fn of_service(metadata: &Metadata) -> Vec<AuthSchemeId> {
    if !metadata.auth.is_empty() {
        return metadata.auth.iter().filter_map(|name| scheme(name)).collect();
    }
    match metadata.signature_version {
        "bearer" => vec![HTTP_BEARER_AUTH_SCHEME_ID],
        "none" => vec![NO_AUTH_SCHEME_ID],
        // Signatures of version 2 are refused when the client is opened.
        _ => vec![sigv4::SCHEME_ID],
    }
}

fn scheme(name: &str) -> Option<AuthSchemeId> {
    match name {
        "aws.auth#sigv4" => Some(sigv4::SCHEME_ID),
        "aws.auth#sigv4a" => Some(sigv4a::SCHEME_ID),
        "smithy.api#httpBearerAuth" => Some(HTTP_BEARER_AUTH_SCHEME_ID),
        "smithy.api#noAuth" => Some(NO_AUTH_SCHEME_ID),
        _ => None,
    }
}

/// Hands the orchestrator what the operation's plan says, or its endpoint where the rules choose among schemes.
#[derive(Debug)]
pub(super) struct ModeledAuth {
    pub(super) endpoints: EndpointRulesResolver,
    /// Whether requests may go unsigned.
    pub(super) is_anonymous: bool,
}

impl ResolveAuthSchemeOptions for ModeledAuth {
    fn resolve_auth_scheme_options_v2<'a>(
        &'a self,
        params: &'a AuthSchemeOptionResolverParams,
        config: &'a ConfigBag,
        components: &'a RuntimeComponents,
    ) -> AuthSchemeOptionsFuture<'a> {
        let lacks_tokens = || components.identity_resolver(HTTP_BEARER_AUTH_SCHEME_ID).is_none();
        AuthSchemeOptionsFuture::ready(match params.get::<OperationAuth>() {
            Some(_) if self.is_anonymous => Ok(vec![AuthSchemeOption::from(NO_AUTH_SCHEME_ID)]),
            Some(schemes) if schemes.takes_only_tokens() && lacks_tokens() => {
                Err(Error::new(ErrorKind::NoCredentials, NO_TOKEN).into())
            }
            Some(schemes) => {
                let parameters =
                    config.load::<EndpointResolverParams>().and_then(EndpointResolverParams::get);
                Ok(match parameters {
                    Some(parameters) => self.endpoints.schemes(parameters, &schemes.0),
                    None => schemes.0.clone(),
                })
            }
            None => Err("the operation is not one of a model-driven client".into()),
        })
    }
}
