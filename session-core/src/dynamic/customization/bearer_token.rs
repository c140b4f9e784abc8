//! Bearer tokens that the machine has for one service: `AWS_BEARER_TOKEN_BEDROCK`.

use aws_smithy_runtime_api::client::identity::http::Token;
use aws_types::service_config::ServiceConfigKey;

use super::super::service::ModeledService;
use crate::connection::Connection;

/// The token for the service, if it is one that takes tokens from the environment and the program said nothing else.
pub(in crate::dynamic) fn of(service: &ModeledService, connection: &Connection) -> Option<Token> {
    let metadata = service.model.metadata();
    let takes_bearer = metadata.auth.contains(&"smithy.api#httpBearerAuth");
    if metadata.signing_name != "bedrock" || !takes_bearer {
        return None;
    }
    if connection.said().auth_scheme_preference().is_some() || connection.config().is_anonymous() {
        return None;
    }
    // The name in the environment is `AWS_BEARER_TOKEN` with the service's own after it; profiles have none.
    let key = ServiceConfigKey::builder()
        .service_id(metadata.signing_name)
        .env("AWS_BEARER_TOKEN")
        .profile("")
        .build();
    let token = connection.sdk_config().service_config()?.load_config(key.ok()?)?;
    (!token.is_empty()).then(|| Token::new(token, None))
}
