//! Website hosting: the configuration.

use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use crate::s3::engine::configuration::Website;
use crate::s3::engine::configuration::website::{
    Protocol as EngineProtocol, Redirect as EngineRedirect, RoutingRule as EngineRule,
};
use crate::s3::engine::{Code, Error};

pub(super) async fn get_bucket_website(
    operations: &Operations,
    call: &Call,
    input: GetBucketWebsiteInput,
) -> Result<S3Response<GetBucketWebsiteOutput>, Error> {
    let website = operations.engine().bucket_website(&call.caller(), &input.bucket)?.clone();
    Ok(S3Response::new(match &*website {
        Website::RedirectAll { host_name, protocol } => GetBucketWebsiteOutput {
            redirect_all_requests_to: Some(RedirectAllRequestsTo {
                host_name: host_name.clone(),
                protocol: protocol.map(|protocol| protocol.as_str().to_owned().into()),
            }),
            ..GetBucketWebsiteOutput::default()
        },
        Website::Documents { index_suffix, error_key, routing_rules } => GetBucketWebsiteOutput {
            error_document: error_key.clone().map(|key| ErrorDocument { key }),
            index_document: Some(IndexDocument { suffix: index_suffix.clone() }),
            redirect_all_requests_to: None,
            routing_rules: (!routing_rules.is_empty()).then(|| routing_rules.iter().map(told_rule).collect()),
        },
    }))
}

pub(super) async fn put_bucket_website(
    operations: &Operations,
    call: &Call,
    input: PutBucketWebsiteInput,
) -> Result<S3Response<PutBucketWebsiteOutput>, Error> {
    let website = website(input.website_configuration)?;
    operations.engine().put_bucket_website(&call.caller(), &input.bucket, Some(website))?;
    Ok(S3Response::new(PutBucketWebsiteOutput {}))
}

pub(super) async fn delete_bucket_website(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketWebsiteInput,
) -> Result<S3Response<DeleteBucketWebsiteOutput>, Error> {
    operations.engine().put_bucket_website(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeleteBucketWebsiteOutput {}))
}

fn website(configuration: WebsiteConfiguration) -> Result<Website, Error> {
    let rules = match configuration.routing_rules {
        Some(rules) if rules.is_empty() => return Err(Error::new(Code::MalformedXML)),
        rules => rules.unwrap_or_default(),
    };
    match (configuration.redirect_all_requests_to, configuration.index_document) {
        (Some(redirect), None) if configuration.error_document.is_none() && rules.is_empty() => {
            let protocol = redirect.protocol.map(protocol).transpose()?;
            Ok(Website::RedirectAll { host_name: redirect.host_name, protocol })
        }
        (Some(_), _) => Err(Error::invalid_argument(
            "RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules.",
            "RedirectAllRequestsTo",
            "not null",
        )),
        (None, None) => Err(Error::invalid_argument(
            "A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty",
            "IndexDocument",
            "null",
        )),
        (None, Some(index)) => {
            let rules = rules.into_iter().map(asked_rule).collect::<Result<Vec<_>, Error>>()?;
            Ok(Website::Documents {
                index_suffix: index.suffix,
                error_key: configuration.error_document.map(|document| document.key),
                routing_rules: rules,
            })
        }
    }
}

fn protocol(protocol: Protocol) -> Result<EngineProtocol, Error> {
    match protocol.as_str() {
        Protocol::HTTP => Ok(EngineProtocol::Http),
        Protocol::HTTPS => Ok(EngineProtocol::Https),
        _ => Err(Error::invalid_request(
            "Invalid protocol, protocol can be http or https. If not defined the protocol will be selected \
             automatically.",
        )),
    }
}

fn asked_rule(rule: RoutingRule) -> Result<EngineRule, Error> {
    if rule.condition.as_ref().is_some_and(|condition| *condition == Condition::default()) {
        return Err(Error::invalid_request(
            "Condition cannot be empty. To redirect all requests without a condition, the condition element shouldn't \
             be present.",
        ));
    }
    let condition = rule.condition.unwrap_or_default();
    let malformed = |_| Error::new(Code::MalformedXML);
    let status = |text: Option<String>| text.map(|text| text.parse().map_err(malformed)).transpose();
    Ok(EngineRule {
        key_prefix_equals: condition.key_prefix_equals,
        http_error_code_returned_equals: status(condition.http_error_code_returned_equals)?,
        redirect: EngineRedirect {
            host_name: rule.redirect.host_name,
            http_redirect_code: status(rule.redirect.http_redirect_code)?,
            protocol: rule.redirect.protocol.map(protocol).transpose()?,
            replace_key_prefix_with: rule.redirect.replace_key_prefix_with,
            replace_key_with: rule.redirect.replace_key_with,
        },
    })
}

fn told_rule(rule: &EngineRule) -> RoutingRule {
    let text = |status: Option<u16>| status.map(|status| status.to_string());
    let conditional = rule.key_prefix_equals.is_some() || rule.http_error_code_returned_equals.is_some();
    let redirect = &rule.redirect;
    RoutingRule {
        condition: conditional.then(|| Condition {
            http_error_code_returned_equals: text(rule.http_error_code_returned_equals),
            key_prefix_equals: rule.key_prefix_equals.clone(),
        }),
        redirect: Redirect {
            host_name: redirect.host_name.clone(),
            http_redirect_code: text(redirect.http_redirect_code),
            protocol: redirect.protocol.map(|protocol| protocol.as_str().to_owned().into()),
            replace_key_prefix_with: redirect.replace_key_prefix_with.clone(),
            replace_key_with: redirect.replace_key_with.clone(),
        },
    }
}
