//! Authentication schemes that an endpoint asks for.

use std::borrow::Cow;

use aws_smithy_runtime_api::client::auth::{AuthSchemeId, AuthSchemeOption};
use aws_smithy_types::Document;
use aws_smithy_types::endpoint::Endpoint;

/// The endpoint's schemes in its order, then those of the model that it does not name.
pub(super) fn preferred(endpoint: &Endpoint, modeled: &[AuthSchemeOption]) -> Vec<AuthSchemeOption> {
    let asked = match endpoint.properties().get("authSchemes") {
        Some(Document::Array(schemes)) => schemes.as_slice(),
        _ => &[],
    };
    let asked = asked.iter().filter_map(|scheme| scheme.as_object()?.get("name")?.as_string());
    let is_modeled = |name: &str| modeled.iter().find(|option| option.scheme_id().inner() == name);
    let mut schemes: Vec<_> = asked
        .clone()
        .map(|name| {
            // What the model says of a scheme, such as an unsigned payload, stays with it.
            let unknown = || AuthSchemeOption::from(AuthSchemeId::from(Cow::Owned(name.to_owned())));
            is_modeled(name).cloned().unwrap_or_else(unknown)
        })
        .collect();
    let rest = modeled.iter().filter(|option| !asked.clone().any(|name| name == option.scheme_id().inner()));
    schemes.extend(rest.cloned());
    schemes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn preferred_of(asked: &[&str], modeled: &[&'static str]) -> Vec<String> {
        let scheme = |name: &&str| {
            Document::Object([("name".to_owned(), Document::String((*name).to_owned()))].into())
        };
        let schemes = Document::Array(asked.iter().map(scheme).collect());
        let endpoint = Endpoint::builder().url("https://a").property("authSchemes", schemes).build();
        let modeled = modeled.iter().map(|name| AuthSchemeOption::from(AuthSchemeId::new(name)));
        let preferred = preferred(&endpoint, &modeled.collect::<Vec<_>>());
        preferred.iter().map(|option| option.scheme_id().inner().to_owned()).collect()
    }

    #[test]
    fn the_endpoints_schemes_come_before_those_of_the_model() {
        assert_eq!(preferred_of(&["sigv4a"], &["sigv4", "sigv4a", "noAuth"]), ["sigv4a", "sigv4", "noAuth"]);
        assert_eq!(preferred_of(&["sigv4-s3express"], &["sigv4"]), ["sigv4-s3express", "sigv4"]);
        assert_eq!(preferred_of(&[], &["sigv4"]), ["sigv4"]);
    }
}
