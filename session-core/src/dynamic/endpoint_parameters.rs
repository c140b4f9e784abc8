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

/// Leaves the parameters for the resolver, which is asked after the request has been made.
pub(super) fn store(plan: &OperationPlan, input: &Value, config: &mut ConfigBag) {
    let mut parameters = plan.endpoint_context.parameters(input);
    if let Some(EndpointOverride(url)) = config.load::<EndpointOverride>() {
        parameters.insert("Endpoint".to_owned(), ParameterValue::String(url.clone()));
    }
    config.interceptor_state().store_put(EndpointResolverParams::new(OperationParameters(parameters)));
}
