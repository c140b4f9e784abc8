//! What an operation says to its client's endpoint rules.

use aws_smithy_runtime_api::client::endpoint::EndpointResolverParams;
use aws_smithy_types::config_bag::{ConfigBag, Storable, StoreReplace};

use super::endpoint::{OperationParameters, ParameterValue};
use super::schema::OperationPlan;
use super::value::Value;

/// The endpoint of one call.
#[derive(Debug)]
pub(super) struct EndpointOverride(pub(super) String);

impl Storable for EndpointOverride {
    type Storer = StoreReplace<Self>;
}

/// The region of one call.
#[derive(Debug)]
pub(super) struct RegionOverride(pub(super) String);

impl Storable for RegionOverride {
    type Storer = StoreReplace<Self>;
}

/// Leaves the parameters for the resolver, which is asked after the request has been made.
pub(super) fn store(plan: &OperationPlan, input: &Value, config: &mut ConfigBag) {
    let mut parameters = plan.endpoint_context.parameters(input);
    if let Some(EndpointOverride(url)) = config.load::<EndpointOverride>() {
        parameters.insert("Endpoint".to_owned(), ParameterValue::String(url.clone()));
    }
    if let Some(RegionOverride(region)) = config.load::<RegionOverride>() {
        parameters.insert("Region".to_owned(), ParameterValue::String(region.clone()));
    }
    config.interceptor_state().store_put(EndpointResolverParams::new(OperationParameters(parameters)));
}

/// Sets one of the parameters, once they have been left.
pub(super) fn set(config: &mut ConfigBag, name: &str, value: ParameterValue) {
    let parameters = config.get_mut_from_interceptor_state::<EndpointResolverParams>();
    if let Some(parameters) = parameters.and_then(EndpointResolverParams::get_mut::<OperationParameters>) {
        parameters.0.insert(name.to_owned(), value);
    }
}

/// One of the parameters that the operation gives.
pub(super) fn get<'c>(config: &'c ConfigBag, name: &str) -> Option<&'c ParameterValue> {
    config.load::<EndpointResolverParams>()?.get::<OperationParameters>()?.0.get(name)
}
