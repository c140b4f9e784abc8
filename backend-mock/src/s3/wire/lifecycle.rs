//! Lifecycle configurations: read and checked as S3 does, told as they came, and what answers say of their effect.

mod read;
mod told;

use http::HeaderMap;
use s3s::S3Response;
use s3s::dto::*;

use super::Operations;
use super::call::Call;
use super::response::insert;
use crate::s3::engine::{self, Code, Due, Error, LifecycleConfiguration, MinimumTransitionSize};

const MAX_RULES: usize = 1000;
const MINIMUM_SIZE: &str = "x-amz-transition-default-minimum-object-size";

/// When an object expires, in the header of answers that read or write it.
pub(super) fn insert_expiration(headers: &mut HeaderMap, expiration: Option<&Due>) {
    if let Some(Due { date, rule_id }) = expiration {
        insert(headers, "x-amz-expiration", &format!("expiry-date=\"{date}\", rule-id=\"{rule_id}\""));
    }
}

/// When an upload is aborted, in the headers of answers that begin it or list its parts.
pub(super) fn insert_abortion(headers: &mut HeaderMap, abortion: Option<&Due>) {
    if let Some(Due { date, rule_id }) = abortion {
        insert(headers, "x-amz-abort-date", date);
        insert(headers, "x-amz-abort-rule-id", rule_id);
    }
}

pub(super) async fn get_bucket_lifecycle_configuration(
    operations: &Operations,
    call: &Call,
    input: GetBucketLifecycleConfigurationInput,
) -> Result<S3Response<GetBucketLifecycleConfigurationOutput>, Error> {
    let configuration = operations.engine().lifecycle_configuration(&call.caller(), &input.bucket)?;
    let mut response = S3Response::new(GetBucketLifecycleConfigurationOutput {
        rules: Some(configuration.rules.iter().map(told::rule).collect()),
        transition_default_minimum_object_size: None,
    });
    insert(&mut response.headers, MINIMUM_SIZE, configuration.minimum_transition_size.as_str());
    Ok(response)
}

pub(super) async fn put_bucket_lifecycle_configuration(
    operations: &Operations,
    call: &Call,
    input: PutBucketLifecycleConfigurationInput,
) -> Result<S3Response<PutBucketLifecycleConfigurationOutput>, Error> {
    let caller = call.caller();
    operations.engine().head_bucket(&caller, &input.bucket).map(drop)?;
    let minimum_transition_size = match call.header(MINIMUM_SIZE) {
        None => MinimumTransitionSize::default(),
        Some(text) => MinimumTransitionSize::parse(text).ok_or_else(|| {
            Error::invalid_request(format!("Invalid TransitionDefaultMinimumObjectSize found: {text}"))
        })?,
    };
    let malformed = || Error::new(Code::MalformedXML);
    let asked = input.lifecycle_configuration.ok_or_else(malformed)?.rules;
    if asked.is_empty() || asked.len() > MAX_RULES {
        return Err(malformed());
    }
    read::check_form(&asked)?;
    let mut rules: Vec<engine::LifecycleRule> = Vec::with_capacity(asked.len());
    for rule in asked {
        let rule = read::rule(rule, || operations.ids().uuid())?;
        if rules.iter().any(|earlier| earlier.id == rule.id) {
            let message = "Rule ID must be unique. Found same ID for more than one rule";
            return Err(Error::with_message(Code::InvalidArgument, message));
        }
        rules.push(rule);
    }
    let configuration = LifecycleConfiguration { rules, minimum_transition_size };
    operations.engine().put_lifecycle_configuration(&caller, &input.bucket, Some(configuration))?;
    let mut response = S3Response::new(PutBucketLifecycleConfigurationOutput::default());
    insert(&mut response.headers, MINIMUM_SIZE, minimum_transition_size.as_str());
    Ok(response)
}

pub(super) async fn delete_bucket_lifecycle(
    operations: &Operations,
    call: &Call,
    input: DeleteBucketLifecycleInput,
) -> Result<S3Response<DeleteBucketLifecycleOutput>, Error> {
    operations.engine().put_lifecycle_configuration(&call.caller(), &input.bucket, None)?;
    Ok(S3Response::new(DeleteBucketLifecycleOutput {}))
}
