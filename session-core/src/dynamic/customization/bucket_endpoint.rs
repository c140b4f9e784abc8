//! Buckets in the path rather than in the host, or the other way round, where only one of them can work.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::endpoint::ParameterValue;
use super::super::endpoint_parameters;
use super::{Customized, Value, text_of};

/// Who asks for a bucket's location does not know its region, and S3 takes the wrong one only of a path. ARNs have no form
/// as a path.
pub(super) fn choose_style(
    this: Customized<'_>,
    input: &Value,
    _: &mut HttpRequest,
    config: &mut ConfigBag,
) -> Result<(), BoxError> {
    let in_path = match text_of(input, "Bucket") {
        Some(_) if this.plan.operation.name == "GetBucketLocation" => true,
        Some(bucket) if bucket.starts_with("arn:") => false,
        _ => return Ok(()),
    };
    endpoint_parameters::set(config, "ForcePathStyle", ParameterValue::Bool(in_path));
    Ok(())
}
