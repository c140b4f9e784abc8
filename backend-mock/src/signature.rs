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
use http::request::Parts;
use session_core::Secret;
use sha2::{Digest as _, Sha256};

pub(crate) use authentication::Authentication;
use authentication::seconds_since_epoch;
pub(crate) use canonical::{Payload, encode_path};
pub(crate) use chunks::ChunkSignatures;
pub(crate) use flaw::{CommonError, Flaw};

pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

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
/// The header names nobody; the parameters of the URL are incomplete or malformed, or it has expired.
pub(crate) fn check_claims(parts: &Parts, now: SystemTime, named: bool) -> Result<(), Flaw> {
    if parts.headers.get(http::header::AUTHORIZATION).is_some_and(|value| !value.is_empty()) {
        return match named {
            true => Ok(()),
            false => Authentication::of(parts).map(drop),
        };
    }
    match Authentication::of_query(parts.uri.query().unwrap_or_default())? {
        Some(authentication) => authentication.check_expiry(now),
        None => authentication::check_old_expiry(parts.uri.query().unwrap_or_default(), now),
    }
}

/// Verifies a request; gives the chain that signatures of chunks hang on, or nothing for a request without credentials.
///
/// `secret_of` knows the keys; `payload` says how the service hashes the body.
///
/// # Errors
/// The first thing that is wrong, in S3's order: form, time, key, signature.
pub(crate) fn verify(
    parts: &Parts,
    now: SystemTime,
    secret_of: impl FnOnce(&str) -> Option<Secret>,
    payload: Payload<'_>,
) -> Result<Option<ChunkSignatures>, Flaw> {
    let Some(authentication) = Authentication::of(parts)? else { return Ok(None) };
    authentication.check_expiry(now)?;
    authentication.check_skew(now)?;
    let secret = secret_of(&authentication.access_key_id)
        .ok_or_else(|| Flaw::UnknownKey(authentication.access_key_id.clone()))?;
    let canonical_request = canonical::request(parts, &authentication, payload)?;
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
