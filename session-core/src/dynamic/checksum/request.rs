//! Which checksum a request carries, and that of bytes in memory.

use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::base64;
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use aws_smithy_types::config_bag::ConfigBag;

use super::super::presign::Presigned;
use super::super::schema::OperationPlan;
use super::super::value::Value;
use super::algorithm::Algorithm;
use super::{chunked, text_of};
use crate::model::operation_flags;

const CHOSEN: &str = "x-amz-sdk-checksum-algorithm";

/// Adds the body's checksum: to the headers, or, where the body streams, after its end.
///
/// Without an algorithm it is CRC-32, where the model wants one and where the service can check it. A checksum that the
/// caller gives is the only one; a presigned request has none, since its body is not here.
///
/// # Source
/// `resolve_request_checksum_algorithm` of botocore's `httpchecksum.py`: `httpChecksumRequired`, which meant `Content-MD5`
/// before, is CRC-32 too.
pub(in super::super) fn add(
    plan: &OperationPlan,
    input: &Value,
    request: &mut HttpRequest,
    config: &mut ConfigBag,
) -> Result<(), BoxError> {
    let modeled = &plan.checksums;
    let is_required = modeled.is_required || plan.operation.has(operation_flags::HTTP_CHECKSUM_REQUIRED);
    if modeled.algorithm_member.is_none() && !is_required {
        return Ok(());
    }
    if config.load::<Presigned>().is_some() || has_checksum(request) {
        return Ok(());
    }
    let asked = modeled.algorithm_member.and_then(|member| Some((member, text_of(input, member)?)));
    let algorithm = match asked {
        Some((member, name)) => Algorithm::chosen(member, name)?,
        None if is_required => Algorithm::Crc32,
        None if modeled.algorithm_member.is_some() && wherever_supported(config) => Algorithm::Crc32,
        None => return Ok(()),
    };
    match request.body().bytes() {
        Some(body) => {
            let mut checksum = algorithm.begin();
            checksum.update(body);
            let checksum = base64::encode(checksum.finalize());
            request.headers_mut().insert(algorithm.header(), checksum);
        }
        None => chunked::announce(plan, algorithm, request, config)?,
    }
    if modeled.algorithm_member.is_some() && request.headers().get(CHOSEN).is_none() {
        request.headers_mut().insert(CHOSEN, algorithm.name());
    }
    Ok(())
}

fn has_checksum(request: &HttpRequest) -> bool {
    request.headers().iter().any(|(name, _)| {
        let algorithm = name.strip_prefix("x-amz-checksum-");
        algorithm.is_some_and(|algorithm| !matches!(algorithm, "algorithm" | "type" | "mode"))
    })
}

/// What S3-compatible stores want left out that know no checksums.
fn wherever_supported(config: &ConfigBag) -> bool {
    !matches!(config.load::<RequestChecksumCalculation>(), Some(RequestChecksumCalculation::WhenRequired))
}
