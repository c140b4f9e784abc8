//! Checksums of request bodies, where the model requires one or the caller chose an algorithm.

use std::str::FromStr as _;

use aws_smithy_checksums::ChecksumAlgorithm;
use aws_smithy_runtime_api::box_error::BoxError;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::base64;
use aws_smithy_types::checksum_config::RequestChecksumCalculation;
use aws_smithy_types::config_bag::ConfigBag;
use md5::{Digest, Md5};

use super::schema::OperationPlan;
use super::value::Value;
use crate::error::{Error, ErrorKind};
use crate::model::operation_flags;

/// Adds the header with the body's checksum.
///
/// Without an algorithm it is CRC-32, where the service can check it, else MD5. A body that streams has to be read to its
/// end for a header, so it gets none unless the caller asks for one, which is then an error.
pub(super) fn add(
    plan: &OperationPlan,
    input: &Value,
    request: &mut HttpRequest,
    config: &ConfigBag,
) -> Result<(), BoxError> {
    let modeled = &plan.traits["httpChecksum"];
    let asked = modeled["requestAlgorithmMember"].as_str().map(|member| (member, text_of(input, member)));
    let is_required = modeled["requestChecksumRequired"].as_bool() == Some(true);
    let is_there = request.headers().iter().any(|(name, _)| {
        let algorithm = name.strip_prefix("x-amz-checksum-");
        algorithm.is_some_and(|algorithm| !matches!(algorithm, "algorithm" | "type" | "mode"))
    });
    if is_there {
        return Ok(());
    }
    match asked {
        Some((member, Some(algorithm))) => flexible(request, member, algorithm, true),
        Some((member, None)) => {
            let when = config.load::<RequestChecksumCalculation>();
            let supported = !matches!(when, Some(RequestChecksumCalculation::WhenRequired));
            if !is_required && !supported {
                return Ok(());
            }
            flexible(request, member, "CRC32", false)
        }
        None if is_required => flexible(request, "", "CRC32", false),
        None if plan.operation.has(operation_flags::HTTP_CHECKSUM_REQUIRED) => {
            md5(request);
            Ok(())
        }
        None => Ok(()),
    }
}

fn flexible(
    request: &mut HttpRequest,
    member: &str,
    algorithm: &str,
    was_asked: bool,
) -> Result<(), BoxError> {
    let Some(body) = request.body().bytes() else {
        if !was_asked {
            return Ok(());
        }
        let message = format!(
            "{member} `{algorithm}` needs a body whose bytes are in memory: a stream would have to be read twice; \
             give the checksum itself, or leave {member} out"
        );
        return Err(Error::new(ErrorKind::InvalidInput, message).into());
    };
    let known = ChecksumAlgorithm::from_str(&algorithm.to_lowercase());
    let known = known.map_err(|_| {
        let message = format!(
            "{member} is `{algorithm}`, but has to be `CRC32`, `CRC32C`, `CRC64NVME`, `SHA1` or `SHA256`"
        );
        Error::new(ErrorKind::InvalidInput, message)
    })?;
    let mut checksum = known.into_impl();
    checksum.update(body);
    let (name, value) = (checksum.header_name().to_owned(), checksum.header_value());
    let value = value.to_str().map_err(|_| "a checksum that is no header")?.to_owned();
    request.headers_mut().insert(name, value);
    if !member.is_empty() && request.headers().get("x-amz-sdk-checksum-algorithm").is_none() {
        request.headers_mut().insert("x-amz-sdk-checksum-algorithm", algorithm.to_uppercase());
    }
    Ok(())
}

fn md5(request: &mut HttpRequest) {
    if request.headers().get("content-md5").is_some() {
        return;
    }
    if let Some(body) = request.body().bytes() {
        let digest = base64::encode(Md5::digest(body));
        request.headers_mut().insert("content-md5", digest);
    }
}

fn text_of<'v>(input: &'v Value, member: &str) -> Option<&'v str> {
    let Value::Map(entries) = input else { return None };
    entries.iter().find_map(|(name, value)| match value {
        Value::String(text) if name == member => Some(text.as_str()),
        _ => None,
    })
}
