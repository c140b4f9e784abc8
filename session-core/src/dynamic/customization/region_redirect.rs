//! Redirects to a bucket's region: S3 answers a request in the wrong region with the right one, and it is sent there.
//!
//! A bucket's region is remembered by its client, so that its next request goes there at once. A redirect is no retry:
//! it is followed where retries are off, at once, and one time an operation. Access points name their region themselves,
//! and are not redirected.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_smithy_runtime::client::retries::strategy::StandardRetryStrategy;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::interceptors::context::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextMut, InterceptorContext,
};
use aws_smithy_runtime_api::client::interceptors::{Intercept, SharedInterceptor, dyn_dispatch_hint};
use aws_smithy_runtime_api::client::orchestrator::{HttpResponse, Metadata};
use aws_smithy_runtime_api::client::retries::{
    RequestAttempts, RetryStrategy, SharedRetryStrategy, ShouldAttempt,
};
use aws_smithy_runtime_api::client::runtime_components::{RuntimeComponents, RuntimeComponentsBuilder};
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};
use aws_smithy_xml::codec::find_depth2_element_slice_by;
use aws_smithy_xml::decode::{Document, try_data};
use aws_types::region::Region;

use super::super::endpoint::ParameterValue;
use super::super::endpoint_parameters;
use super::super::error::ServiceFault;
use crate::config::RegionName;

/// A client that meets more buckets than these in other regions forgets them all, and is redirected once more.
const MOST_REMEMBERED: usize = 1_000;

const REGION: &str = "Region";

/// Makes a client of S3 follow redirects.
pub(in crate::dynamic) fn follow(components: &mut RuntimeComponentsBuilder) {
    components.set_retry_strategy(Some(SharedRetryStrategy::new(Redirecting::default())));
    components.push_interceptor(SharedInterceptor::permanent(RegionRedirects::default()));
}

/// The attempt that was answered with another region.
#[derive(Debug)]
struct Redirected {
    attempt: u32,
}

impl Storable for Redirected {
    type Storer = StoreReplace<Self>;
}

/// Regions by bucket, as far as answers told them.
#[derive(Debug, Default)]
struct RegionRedirects(Arc<Mutex<BTreeMap<String, String>>>);

impl RegionRedirects {
    fn remembered(&self, bucket: &str) -> Option<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(bucket).cloned()
    }

    fn remember(&self, bucket: String, region: String) {
        let mut regions = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if regions.len() >= MOST_REMEMBERED {
            regions.clear();
        }
        regions.insert(bucket, region);
    }
}

#[dyn_dispatch_hint]
impl Intercept for RegionRedirects {
    fn name(&self) -> &'static str {
        "RegionRedirects"
    }

    fn modify_before_retry_loop(
        &self,
        _: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if let Some(region) = bucket_of(config).and_then(|bucket| self.remembered(&bucket)) {
            endpoint_parameters::set(config, REGION, ParameterValue::String(region));
        }
        Ok(())
    }

    fn modify_before_attempt_completion(
        &self,
        context: &mut FinalizerInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (Some(response), Some(Err(error))) = (context.response(), context.output_or_error()) else {
            return Ok(());
        };
        let fault = error.as_operation_error().and_then(|error| error.downcast_ref::<ServiceFault>());
        let Some(bucket) = bucket_of(config).filter(|_| config.load::<Redirected>().is_none()) else {
            return Ok(());
        };
        let operation =
            config.load::<Metadata>().map(|metadata| metadata.name().to_owned()).unwrap_or_default();
        if !fault.is_some_and(|fault| is_of_another_region(&operation, fault, response)) {
            return Ok(());
        }
        let now = match endpoint_parameters::get(config, REGION) {
            Some(ParameterValue::String(region)) => Some(region.clone()),
            _ => config.load::<Region>().map(ToString::to_string),
        };
        let region = region_told(response).filter(|region| now.as_ref() != Some(region));
        let Some(region) = region else { return Ok(()) };
        let attempt = config.load::<RequestAttempts>().map_or(1, |attempts| attempts.attempts());
        endpoint_parameters::set(config, REGION, ParameterValue::String(region.clone()));
        config.interceptor_state().store_put(Redirected { attempt });
        self.remember(bucket, region);
        Ok(())
    }
}

/// The bucket, unless it is an ARN.
fn bucket_of(config: &ConfigBag) -> Option<String> {
    match endpoint_parameters::get(config, "Bucket") {
        Some(ParameterValue::String(bucket)) if !bucket.starts_with("arn:") => Some(bucket.clone()),
        _ => None,
    }
}

/// # Source
/// `S3RegionRedirectorv2.redirect_from_error` of botocore.
fn is_of_another_region(operation: &str, fault: &ServiceFault, response: &HttpResponse) -> bool {
    let status = fault.status();
    match fault.code() {
        Some("PermanentRedirect" | "AuthorizationHeaderMalformed") => true,
        Some("IllegalLocationConstraintException") => operation != "CreateBucket",
        // The answer to a HEAD has no code: 400 is what a signature for another region gets.
        None if status == 400 => match operation {
            "HeadObject" => true,
            "HeadBucket" => response.headers().get("x-amz-bucket-region").is_some(),
            _ => false,
        },
        _ => matches!(status, 301 | 302 | 307),
    }
}

fn region_told(response: &HttpResponse) -> Option<String> {
    let in_header = response.headers().get("x-amz-bucket-region").map(str::to_owned);
    let in_body = || {
        let body = response.body().bytes()?;
        let slice = find_depth2_element_slice_by(body, |name| name == REGION)?;
        let mut document = Document::try_from(slice).ok()?;
        let mut root = document.root_element().ok()?;
        try_data(&mut root).ok().map(|region| region.trim().to_owned())
    };
    let region = in_header.or_else(in_body)?;
    // It becomes part of a host.
    RegionName::new(region).ok().map(|region| region.as_str().to_owned())
}

/// The SDK's strategy, but for redirects.
#[derive(Debug, Default)]
struct Redirecting(StandardRetryStrategy);

impl RetryStrategy for Redirecting {
    fn should_attempt_initial_request(
        &self,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        self.0.should_attempt_initial_request(components, config)
    }

    fn should_attempt_retry(
        &self,
        context: &InterceptorContext,
        components: &RuntimeComponents,
        config: &ConfigBag,
    ) -> Result<ShouldAttempt, BoxError> {
        let attempt = config.load::<RequestAttempts>().map(|attempts| attempts.attempts());
        match config.load::<Redirected>() {
            Some(redirected) if Some(redirected.attempt) == attempt => Ok(ShouldAttempt::Yes),
            _ => self.0.should_attempt_retry(context, components, config),
        }
    }
}
