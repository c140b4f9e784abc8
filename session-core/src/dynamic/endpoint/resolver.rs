//! The resolver: a client's endpoint rules as the SDK's runtime asks them.
//!
//! Rules are parsed when a client resolves its first endpoint, once for all clients of the service. A client keeps the
//! endpoint that it resolved last: as long as an operation's parameters are those of the one before, nothing is walked.

use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use aws_credential_types::attributes::AccountId;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::auth::AuthSchemeOption;
use aws_smithy_runtime_api::client::endpoint::error::ResolveEndpointError;
use aws_smithy_runtime_api::client::endpoint::{EndpointFuture, EndpointResolverParams, ResolveEndpoint};
use aws_smithy_runtime_api::client::identity::Identity;
use aws_smithy_types::endpoint::Endpoint;
use aws_types::SdkConfig;

use super::settings::{ACCOUNT_ID, ClientSettings};
use super::{ParameterValue, Parameters, RuleSet, schemes};
use crate::config::ClientConfig;
use crate::error::{Error, ErrorKind};
use crate::service::ServiceName;

/// What an operation gives to the rules besides the client's settings, and instead of them where both do: goes into
/// [`EndpointResolverParams`].
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OperationParameters(pub(crate) Parameters);

/// Resolves the endpoints of one client. A clone is the same resolver.
#[derive(Clone)]
pub(crate) struct EndpointRulesResolver(Arc<Shared>);

struct Shared {
    service: ServiceName,
    settings: ClientSettings,
    prepared: OnceLock<Result<Prepared, Error>>,
    last: Mutex<Option<Arc<Last>>>,
}

#[derive(Debug)]
struct Prepared {
    rules: Arc<RuleSet>,
    settings: Parameters,
    /// The parameter that is the account of the identity.
    account_id: Option<String>,
}

/// The endpoint for the parameters of the operation.
#[derive(Debug)]
struct Last {
    parameters: Parameters,
    endpoint: Endpoint,
}

impl Last {
    fn is_for<'p>(&self, mut given: impl Iterator<Item = (&'p String, &'p ParameterValue)> + Clone) -> bool {
        given.clone().count() == self.parameters.len()
            && given.all(|(name, value)| self.parameters.get(name) == Some(value))
    }
}

impl EndpointRulesResolver {
    /// Nothing is parsed yet.
    pub(crate) fn new(service: &ServiceName, sdk_config: &SdkConfig, config: &ClientConfig) -> Self {
        let settings = ClientSettings::of(sdk_config, config);
        let settings = match service.as_str() {
            "s3" | "s3control" => settings.of_s3(config),
            _ => settings,
        };
        Self(Arc::new(Shared {
            service: service.clone(),
            settings,
            prepared: OnceLock::new(),
            last: Mutex::default(),
        }))
    }

    /// The authentication schemes for an operation with these parameters, best first: `modeled`, or where the rules
    /// choose among schemes, as they do for S3's multi-Region access points, those of the endpoint before the rest.
    ///
    /// Parameters that the rules refuse have the modeled schemes: the error is told when the endpoint is resolved.
    pub(crate) fn schemes(
        &self,
        operation: &OperationParameters,
        modeled: &[AuthSchemeOption],
    ) -> Vec<AuthSchemeOption> {
        // Other endpoints are resolved with the account of an identity, which is not known as yet.
        let chosen = match self.prepared() {
            Ok(prepared) if prepared.rules.chooses_scheme => self.resolve(operation).ok(),
            _ => None,
        };
        chosen.map_or_else(|| modeled.to_vec(), |endpoint| schemes::preferred(&endpoint, modeled))
    }

    /// The endpoint for an operation with these parameters.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidConfig`]: the service has no rules, or broken ones, which tests rule out. A
    /// [`ResolveEndpointError`] with the text of the rule that refuses.
    pub(crate) fn resolve(&self, operation: &OperationParameters) -> Result<Endpoint, BoxError> {
        let prepared = self.prepared()?;
        // What no rule reads, such as S3's key, must not tell one endpoint from the other.
        let used =
            |name: &str| prepared.rules.parameters().iter().any(|known| known.is_used && known.name == name);
        let given = operation.0.iter().filter(|(name, _)| used(name));
        let last = self.0.last.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(last) = last.filter(|last| last.is_for(given.clone())) {
            return Ok(last.endpoint.clone());
        }
        let given: Parameters = given.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut parameters = prepared.settings.clone();
        parameters.extend(given.clone());
        let endpoint = prepared.endpoint(&parameters)?;
        let last = Last { parameters: given, endpoint: endpoint.clone() };
        *self.0.last.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(last));
        Ok(endpoint)
    }

    fn prepared(&self) -> Result<&Prepared, Error> {
        let prepared = self.0.prepared.get_or_init(|| {
            let rules = rule_set(self.0.service.as_str())?;
            Ok(Prepared::of(rules, &self.0.settings))
        });
        prepared.as_ref().map_err(|error| {
            Error::new(error.kind(), error.message().to_owned()).with_service(self.0.service.clone())
        })
    }
}

impl Prepared {
    fn of(rules: Arc<RuleSet>, settings: &ClientSettings) -> Self {
        let is_account_id = |built_in: &Option<String>| built_in.as_deref() == Some(ACCOUNT_ID);
        let account_id = rules.parameters().iter().find(|parameter| is_account_id(&parameter.built_in));
        Self {
            settings: settings.parameters(&rules),
            account_id: account_id.map(|parameter| parameter.name.clone()),
            rules,
        }
    }

    fn endpoint(&self, parameters: &Parameters) -> Result<Endpoint, BoxError> {
        let resolved = self.rules.resolve(parameters).map_err(ResolveEndpointError::message)?;
        if resolved.url.is_empty() {
            return Err(ResolveEndpointError::message("the endpoint rules yield an empty URL").into());
        }
        let mut endpoint = Endpoint::builder().url(resolved.url);
        for (name, values) in resolved.headers {
            for value in values {
                endpoint = endpoint.header(name.clone(), value);
            }
        }
        for (name, value) in resolved.properties {
            endpoint = endpoint.property(name, value);
        }
        Ok(endpoint.build())
    }
}

impl ResolveEndpoint for EndpointRulesResolver {
    fn resolve_endpoint<'a>(&'a self, params: &'a EndpointResolverParams) -> EndpointFuture<'a> {
        EndpointFuture::ready(match params.get() {
            Some(operation) => self.resolve(operation),
            None => self.resolve(&OperationParameters::default()),
        })
    }

    fn finalize_params<'a>(&'a self, params: &'a mut EndpointResolverParams) -> Result<(), BoxError> {
        // The runtime prints these parameters after this: what they hold of an identity is taken out.
        let nobody = || Identity::new((), None);
        let identity =
            params.get_property_mut::<Identity>().map(|identity| std::mem::replace(identity, nobody()));
        let Some(parameter) = &self.prepared()?.account_id else { return Ok(()) };
        let account_id = identity.as_ref().and_then(|identity| identity.property::<AccountId>());
        if let (Some(account_id), Some(operation)) = (account_id, params.get_mut::<OperationParameters>()) {
            let account_id = ParameterValue::String(account_id.as_str().to_owned());
            operation.0.entry(parameter.clone()).or_insert(account_id);
        }
        Ok(())
    }
}

impl fmt::Debug for EndpointRulesResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndpointRulesResolver").field("service", &self.0.service).finish_non_exhaustive()
    }
}

/// The endpoint rules of a service, parsed once. There are as many as embedded services.
///
/// # Errors
/// [`ErrorKind::InvalidConfig`]: the service has none, or broken ones.
pub(crate) fn rule_set(service: &str) -> Result<Arc<RuleSet>, Error> {
    static PARSED: Mutex<Vec<(String, Arc<RuleSet>)>> = Mutex::new(Vec::new());
    let parsed = || PARSED.lock().unwrap_or_else(PoisonError::into_inner);
    // Few services are used by one program.
    if let Some((_, rules)) = parsed().iter().find(|(known, _)| known == service) {
        return Ok(Arc::clone(rules));
    }
    // Not under the lock: the clients of other services need not wait for this one.
    let extras = crate::model::extras(service).unwrap_or_default();
    let rules = Arc::new(rules_among(extras).map_err(|why| {
        Error::new(ErrorKind::InvalidConfig, format!("no endpoint rules for the service `{service}`: {why}"))
    })?);
    parsed().push((service.to_owned(), Arc::clone(&rules)));
    Ok(rules)
}

fn rules_among(extras: &str) -> Result<RuleSet, String> {
    let rules = crate::model::part(extras, "rules").map_err(|error| error.to_string())?;
    RuleSet::of_json(&rules).map_err(|error| error.message().to_owned())
}

#[cfg(test)]
mod tests {
    use aws_credential_types::Credentials;
    use aws_smithy_runtime_api::client::auth::AuthSchemeId;
    use aws_types::region::Region;
    use serde_json::json;

    use super::*;

    /// A resolver over rules that put the region, a bucket and the account into the host.
    fn resolver() -> EndpointRulesResolver {
        let set = |name: &str| json!({"fn": "isSet", "argv": [{"ref": name}]});
        let url = |url: &str| {
            json!({"url": url, "headers": {"x-a": ["1", "2"]}, "properties": {
                "authSchemes": [{"name": "sigv4", "signingRegion": "{Region}"}],
            }})
        };
        let rules = json!({"version": "1.0", "parameters": {
            "Region": {"type": "string", "builtIn": "AWS::Region", "required": true},
            "AccountId": {"type": "string", "builtIn": ACCOUNT_ID},
            "Bucket": {"type": "string"},
            "Key": {"type": "string"},
        }, "rules": [
            {"type": "error", "conditions": [{"fn": "stringEquals", "argv": [{"ref": "Region"}, "moon"]}], "error": "too far"},
            {"type": "endpoint", "conditions": [set("Bucket")], "endpoint": url("https://{Bucket}.{Region}")},
            {"type": "endpoint", "conditions": [set("AccountId")], "endpoint": url("https://{AccountId}.{Region}")},
            {"type": "endpoint", "endpoint": url("https://{Region}")},
        ]});
        let sdk_config = SdkConfig::builder().region(Region::new("eu-west-1")).build();
        let resolver = EndpointRulesResolver::new(
            &ServiceName::from_static("s3"),
            &sdk_config,
            &ClientConfig::default(),
        );
        let prepared = Prepared::of(Arc::new(RuleSet::of_json(&rules).unwrap()), &resolver.0.settings);
        resolver.0.prepared.set(Ok(prepared)).unwrap();
        resolver
    }

    fn given(parameters: &[(&str, &str)]) -> OperationParameters {
        let value = |text: &str| ParameterValue::String(text.to_owned());
        OperationParameters(parameters.iter().map(|(name, text)| ((*name).to_owned(), value(text))).collect())
    }

    #[test]
    fn an_endpoint_has_the_headers_and_properties_of_its_rule() {
        let endpoint = resolver().resolve(&given(&[])).unwrap();
        assert_eq!(endpoint.url(), "https://eu-west-1");
        let values: Vec<_> = endpoint.headers().flat_map(|(_, values)| values).collect();
        assert_eq!(values, ["1", "2"]);
        let scheme = &endpoint.properties()["authSchemes"].as_array().unwrap()[0];
        assert_eq!(scheme.as_object().unwrap()["signingRegion"].as_string(), Some("eu-west-1"));
    }

    #[test]
    fn the_last_endpoint_is_kept_for_the_same_parameters_and_for_those_that_no_rule_reads() {
        let resolver = resolver();
        let kept = || Arc::as_ptr(resolver.0.last.lock().unwrap().as_ref().unwrap());
        let films = resolver.resolve(&given(&[("Bucket", "films"), ("Key", "a")])).unwrap();
        let first = kept();
        assert_eq!(resolver.resolve(&given(&[("Bucket", "films"), ("Key", "b")])).unwrap(), films);
        assert_eq!(kept(), first);
        assert_eq!(
            resolver.resolve(&given(&[("Bucket", "books")])).unwrap().url(),
            "https://books.eu-west-1"
        );
        assert_ne!(kept(), first);
        // What the operation says wins over the client's settings.
        assert_eq!(resolver.resolve(&given(&[("Region", "mars")])).unwrap().url(), "https://mars");
    }

    #[test]
    fn the_account_of_an_identity_is_a_parameter_and_the_identity_is_taken_out() {
        let credentials = Credentials::builder().access_key_id("AKID").secret_access_key("secret");
        let identity = Identity::from(credentials.account_id("123456789012").provider_name("test").build());
        let mut params = EndpointResolverParams::new(given(&[]));
        params.set_property(identity);
        let resolver = resolver();
        resolver.finalize_params(&mut params).unwrap();
        assert_eq!(params.get::<OperationParameters>(), Some(&given(&[("AccountId", "123456789012")])));
        assert!(params.get_property::<Identity>().unwrap().data::<Credentials>().is_none());
        let endpoint = resolver.resolve(params.get().unwrap()).unwrap();
        assert_eq!(endpoint.url(), "https://123456789012.eu-west-1");
    }

    #[test]
    fn a_rules_error_is_told_as_the_runtime_tells_it() {
        let error = resolver().resolve(&given(&[("Region", "moon")])).unwrap_err();
        assert_eq!(error.downcast_ref::<ResolveEndpointError>().unwrap().to_string(), "too far");
    }

    #[test]
    fn a_service_without_rules_is_told() {
        let error = rule_set("no-such-service").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::InvalidConfig);
        assert!(error.to_string().contains("`no-such-service`"), "{error}");
        let rules = r#"{"paginators": {}, "rules": {"version": "1.0", "parameters": {}, "rules": []}}"#;
        assert!(rules_among(rules).unwrap().parameters().is_empty());
    }

    #[test]
    fn every_services_rules_are_parsed_and_ask_for_settings_that_a_client_has() {
        let settings = ClientSettings::of(
            &SdkConfig::builder().region(Region::new("eu-west-1")).endpoint_url("https://a").build(),
            &ClientConfig::default(),
        );
        let mut services = 0;
        for service in crate::model::names() {
            let rules = rule_set(service).unwrap();
            let given = settings.parameters(&rules);
            for parameter in rules.parameters() {
                let known = match parameter.built_in.as_deref() {
                    Some(ACCOUNT_ID) | None => true,
                    Some(_) => given.contains_key(&parameter.name),
                };
                assert!(known, "{service}: {parameter:?}");
            }
            services += 1;
        }
        assert!(services > 400, "{services}");
    }

    #[test]
    fn a_services_own_rules_are_found_and_choose_endpoint_and_scheme() {
        let sdk_config = SdkConfig::builder().region(Region::new("eu-west-1")).build();
        let resolver = |service| {
            EndpointRulesResolver::new(
                &ServiceName::from_static(service),
                &sdk_config,
                &ClientConfig::default(),
            )
        };
        let names = |schemes: Vec<AuthSchemeOption>| {
            schemes.iter().map(|scheme| scheme.scheme_id().inner().to_owned()).collect::<Vec<_>>()
        };
        let modeled = [AuthSchemeOption::from(AuthSchemeId::new("sigv4"))];
        let ec2 = resolver("ec2");
        assert_eq!(ec2.resolve(&given(&[])).unwrap().url(), "https://ec2.eu-west-1.amazonaws.com");
        assert_eq!(names(ec2.schemes(&given(&[]), &modeled)), ["sigv4"]);
        let global = given(&[("EndpointId", "abc.123")]);
        assert_eq!(names(resolver("events").schemes(&global, &modeled)), ["sigv4a", "sigv4"]);
    }
}
