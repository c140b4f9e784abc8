//! Signature Version 4: what a request says about who signed it, and in strict mode whether that is so.
//!
//! The cloud accepts any signature unless it is told to be strict. What a presigned URL says about itself is checked
//! always: its parameters are complete and well-formed, and it has not expired; and that an `Authorization` header names
//! somebody. In strict mode the key is known, the
//! request is no more than 15 minutes off the cloud's clock, and the signatures of headers, URLs, chunks, trailers and
//! forms are what the secret makes of them. All of it goes by the [`Clock`](crate::Clock).

mod authentication;
mod canonical;
mod chunks;
mod flaw;

use std::time::{Duration, SystemTime};

use aws_sigv4::sign::v4::{calculate_signature, generate_signing_key};
use http::header::AUTHORIZATION;
use http::request::Parts;
use session_core::Secret;
use sha2::{Digest as _, Sha256};
use url::form_urlencoded;

use crate::context::RegionName;

pub(crate) use authentication::Authentication;
pub(crate) use authentication::Place;
use authentication::{Term, seconds_since_epoch};
pub(crate) use canonical::{Payload, encode_path};
pub(crate) use chunks::{ChunkSignatures, TRAILER_SIGNATURE};
pub(crate) use flaw::{CommonError, Flaw};

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The header in which S3 wants the hash of the body.
pub(crate) const PAYLOAD_HASH: &str = "x-amz-content-sha256";

/// The regions whose S3 takes Signature Version 2, too: those that it had before 2014, and GovCloud.
///
/// Source: `signatureVersions` in AWS's `endpoints.json`.
const REGIONS_OF_OLD_SIGNATURES: [&str; 10] = [
    "us-east-1",
    "us-west-1",
    "us-west-2",
    "eu-west-1",
    "ap-northeast-1",
    "ap-southeast-1",
    "ap-southeast-2",
    "sa-east-1",
    "us-gov-west-1",
    "us-gov-east-1",
];

/// How far a request's time may be from the cloud's.
const MAX_SKEW: Duration = Duration::from_secs(15 * 60);

/// What was signed, as the cloud sees it, and how that differs from what came.
#[derive(Debug)]
pub(crate) struct Mismatch {
    pub(crate) access_key_id: String,
    pub(crate) provided: String,
    pub(crate) string_to_sign: String,
    /// Of a request; a chunk or a form has none.
    pub(crate) canonical_request: Option<String>,
}

/// Checks what a request says of itself, which needs no secret. `named` says whether its scope could be read: a header
/// that names a key and a service is good, whatever else it has.
///
/// # Errors
/// The header names nobody; the parameters of the URL are incomplete or malformed, or it has expired; the signature is of
/// Version 2, where that is not taken.
pub(crate) fn check_claims(
    parts: &Parts,
    now: SystemTime,
    region: &RegionName,
    named: bool,
) -> Result<(), Flaw> {
    check_mechanism(parts)?;
    if authentication::is_old(parts) {
        check_old_region(region)?;
    }
    let check_term = |term: &Term| term.check_expiry(now);
    if parts.headers.get(AUTHORIZATION).is_some_and(|value| !value.is_empty()) {
        return match named {
            true => Ok(()),
            false => Authentication::of(parts, check_term).map(drop),
        };
    }
    match Authentication::of_query(parts.uri.query().unwrap_or_default(), check_term)? {
        Some(_) => Ok(()),
        None => authentication::check_old_expiry(parts.uri.query().unwrap_or_default(), now),
    }
}

/// S3 of younger regions knows no signature but Version 4.
pub(crate) fn check_old_region(region: &RegionName) -> Result<(), Flaw> {
    match REGIONS_OF_OLD_SIGNATURES.contains(&region.as_str()) {
        true => Ok(()),
        false => Err(Flaw::OtherVersion),
    }
}

/// A request is signed once. S3 refuses it before it reads what either signature says.
fn check_mechanism(parts: &Parts) -> Result<(), Flaw> {
    let query = parts.uri.query().unwrap_or_default();
    if query.is_empty() {
        return Ok(());
    }
    let has = |wanted: &str| form_urlencoded::parse(query.as_bytes()).any(|(name, _)| name == wanted);
    let (is_presigned, is_old) = (has("X-Amz-Algorithm"), has("Signature"));
    match parts.headers.get(AUTHORIZATION) {
        Some(value) if is_presigned || is_old => {
            Err(Flaw::TwoMechanisms(Some(String::from_utf8_lossy(value.as_bytes()).into_owned())))
        }
        None if is_presigned && is_old => Err(Flaw::TwoMechanisms(None)),
        _ => Ok(()),
    }
}

/// Verifies a request; gives the chain that signatures of chunks hang on, or nothing for a request without credentials.
///
/// `secret_of` knows the keys; `payload` says how the service hashes the body.
///
/// # Errors
/// The first thing that is wrong, in S3's order: the hash of the body, the time, the form, the scope, what is not signed,
/// the key, the signature.
pub(crate) fn verify(
    parts: &Parts,
    now: SystemTime,
    secret_of: impl FnOnce(&str) -> Option<Secret>,
    payload: Payload<'_>,
) -> Result<Option<ChunkSignatures>, Flaw> {
    if matches!(payload, Payload::Declared) {
        check_mechanism(parts)?;
        let authorization = parts.headers.get(AUTHORIZATION).map_or(&[][..], |value| value.as_bytes());
        if authorization.starts_with(ALGORITHM.as_bytes()) && !parts.headers.contains_key(PAYLOAD_HASH) {
            return Err(Flaw::NoPayloadHash);
        }
    }
    let check_term = |term: &Term| term.check_skew(now).and_then(|()| term.check_expiry(now));
    let Some(authentication) = Authentication::of(parts, check_term)? else { return Ok(None) };
    let canonical_request = canonical::request(parts, &authentication, payload)?;
    let secret = secret_of(&authentication.access_key_id)
        .ok_or_else(|| Flaw::UnknownKey(authentication.access_key_id.clone()))?;
    let string_to_sign = format!(
        "{ALGORITHM}\n{}\n{}\n{}",
        authentication.amz_date,
        authentication.scope(),
        hex(&Sha256::digest(&canonical_request))
    );
    let key = authentication.signing_key(&secret);
    if calculate_signature(&key, string_to_sign.as_bytes()) != authentication.signature {
        return Err(Flaw::Mismatch(Box::new(Mismatch {
            access_key_id: authentication.access_key_id,
            provided: authentication.signature,
            string_to_sign,
            canonical_request: Some(canonical_request),
        })));
    }
    Ok(Some(ChunkSignatures::new(key, authentication)))
}

/// Verifies the signature of a form: it signs the policy as it was sent.
pub(crate) fn verify_policy(
    authentication: &Authentication,
    policy: &str,
    secret_of: impl FnOnce(&str) -> Option<Secret>,
) -> Result<(), Flaw> {
    let secret = secret_of(&authentication.access_key_id)
        .ok_or_else(|| Flaw::UnknownKey(authentication.access_key_id.clone()))?;
    let key = authentication.signing_key(&secret);
    if calculate_signature(&key, policy.as_bytes()) == authentication.signature {
        return Ok(());
    }
    Err(Flaw::Mismatch(Box::new(Mismatch {
        access_key_id: authentication.access_key_id.clone(),
        provided: authentication.signature.clone(),
        string_to_sign: policy.to_owned(),
        canonical_request: None,
    })))
}

impl Authentication {
    fn signing_key(&self, secret: &Secret) -> Vec<u8> {
        generate_signing_key(secret.expose(), self.time, &self.region, &self.service).as_ref().to_vec()
    }
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests;
