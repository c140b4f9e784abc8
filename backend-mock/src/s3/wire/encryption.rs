//! Encryption as requests ask for it and as answers tell it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use http::HeaderMap;
use md5::{Digest as _, Md5};
use s3s::S3Response;

use super::call::Call;
use super::response::insert;
use crate::context::RequestContext;
use crate::s3::engine::{Code, CustomerKey, Encryption, Error, KmsEncryption};

const METHOD: &str = "x-amz-server-side-encryption";
const KMS_KEY_ID: &str = "x-amz-server-side-encryption-aws-kms-key-id";
const KMS_CONTEXT: &str = "x-amz-server-side-encryption-context";
const BUCKET_KEY_ENABLED: &str = "x-amz-server-side-encryption-bucket-key-enabled";

/// The headers of a customer's key: its algorithm, itself, and its MD5.
#[derive(Clone, Copy)]
pub(super) struct CustomerKeyHeaders {
    algorithm: &'static str,
    key: &'static str,
    md5: &'static str,
}

/// Those of the object that a request writes or reads.
pub(super) const CUSTOMER_KEY: CustomerKeyHeaders = CustomerKeyHeaders {
    algorithm: "x-amz-server-side-encryption-customer-algorithm",
    key: "x-amz-server-side-encryption-customer-key",
    md5: "x-amz-server-side-encryption-customer-key-md5",
};

/// Those of the object that a copy reads.
pub(super) const COPY_SOURCE_CUSTOMER_KEY: CustomerKeyHeaders = CustomerKeyHeaders {
    algorithm: "x-amz-copy-source-server-side-encryption-customer-algorithm",
    key: "x-amz-copy-source-server-side-encryption-customer-key",
    md5: "x-amz-copy-source-server-side-encryption-customer-key-md5",
};

/// How the request wants its object encrypted; none for what the bucket does anyway.
pub(super) fn asked(call: &Call) -> Result<Option<Encryption>, Error> {
    let method = call.header(METHOD);
    if let Some(key) = customer_key(call, CUSTOMER_KEY)? {
        return match method {
            None => Ok(Some(Encryption::Customer(key))),
            Some(method) => Err(Error::invalid_argument(
                "Server Side Encryption with Customer provided key is incompatible with the encryption method \
                 specified",
                METHOD,
                method,
            )),
        };
    }
    let dual_layer = match method {
        Some("aws:kms") => false,
        Some("aws:kms:dsse") => true,
        None | Some("AES256") => {
            if call.header(KMS_KEY_ID).is_some() {
                let message = "Server Side Encryption with AWS KMS managed key requires HTTP header \
                               x-amz-server-side-encryption : aws:kms";
                return Err(Error::invalid_argument(message, METHOD, method.unwrap_or("null")));
            }
            return Ok(method.map(|_| Encryption::S3));
        }
        Some(other) => {
            let message = "The encryption method specified is not supported";
            return Err(Error::invalid_argument(message, METHOD, other));
        }
    };
    let RequestContext { region, account_id, .. } = call.context();
    Ok(Some(Encryption::Kms(Box::new(KmsEncryption {
        dual_layer,
        key_id: KmsEncryption::key_arn(region, account_id, call.header(KMS_KEY_ID)),
        bucket_key_enabled: call
            .header(BUCKET_KEY_ENABLED)
            .is_some_and(|text| text.eq_ignore_ascii_case("true")),
        context: call.header(KMS_CONTEXT).map(context).transpose()?,
    }))))
}

/// The key that a request brings in those headers.
pub(super) fn customer_key(call: &Call, headers: CustomerKeyHeaders) -> Result<Option<CustomerKey>, Error> {
    // Whichever header is wrong, S3 names the one of the encryption, and no value.
    let refuse =
        |why: &'static str| Err(Error::with_message(Code::InvalidArgument, why).with("ArgumentName", METHOD));
    let (algorithm, key) = (call.header(headers.algorithm), call.header(headers.key));
    let (algorithm, key) = match (algorithm, key) {
        (None, None) => return Ok(None),
        (None, Some(_)) => {
            return refuse(
                "Requests specifying Server Side Encryption with Customer provided keys must provide a valid \
                 encryption algorithm.",
            );
        }
        (Some(_), None) => {
            return refuse(
                "Requests specifying Server Side Encryption with Customer provided keys must provide an appropriate \
                 secret key.",
            );
        }
        (Some(algorithm), Some(key)) => (algorithm, key),
    };
    if algorithm != "AES256" {
        return Err(Error::new(Code::InvalidEncryptionAlgorithmError)
            .with("ArgumentName", METHOD)
            .with("ArgumentValue", algorithm));
    }
    let key = BASE64_STANDARD.decode(key).unwrap_or_default();
    if key.len() != 32 {
        return refuse("The secret key was invalid for the specified algorithm.");
    }
    let Some(told) = call.header(headers.md5) else {
        return refuse(
            "Requests specifying Server Side Encryption with Customer provided keys must provide the client calculated \
             MD5 of the secret key.",
        );
    };
    let md5: [u8; 16] = Md5::digest(&key).into();
    if BASE64_STANDARD.encode(md5) != told {
        return refuse("The calculated MD5 hash of the key did not match the hash that was provided.");
    }
    Ok(Some(CustomerKey { md5 }))
}

/// The key that a reader brings. One without its MD5 is to S3 just another than the right one.
pub(super) fn readers_key(call: &Call) -> Result<Option<CustomerKey>, Error> {
    let has = |name| call.header(name).is_some();
    if has(CUSTOMER_KEY.algorithm) && has(CUSTOMER_KEY.key) && !has(CUSTOMER_KEY.md5) {
        return Err(CustomerKey::not_the_right_one());
    }
    customer_key(call, CUSTOMER_KEY)
}

fn context(text: &str) -> Result<String, Error> {
    let json = BASE64_STANDARD.decode(text).ok();
    let pairs = json
        .and_then(|json| serde_json::from_slice::<std::collections::BTreeMap<String, String>>(&json).ok());
    match pairs {
        Some(_) => Ok(text.to_owned()),
        None => Err(Error::invalid_argument(
            "The header 'x-amz-server-side-encryption-context' shall be Base64-encoded UTF-8 string holding JSON which \
             represents a string-string map",
            KMS_CONTEXT,
            text,
        )),
    }
}

/// A read does not say how its object is encrypted.
pub(super) fn check_read(call: &Call) -> Result<(), Error> {
    match call.header(METHOD) {
        None => Ok(()),
        Some(method) => Err(Error::invalid_argument(
            "x-amz-server-side-encryption header is not supported for this operation.",
            METHOD,
            method,
        )),
    }
}

/// Tells how an object is encrypted.
pub(super) fn insert_encryption(headers: &mut HeaderMap, encryption: &Encryption) {
    match encryption {
        Encryption::S3 => insert(headers, METHOD, "AES256"),
        Encryption::Kms(kms) => {
            insert(headers, METHOD, if kms.dual_layer { "aws:kms:dsse" } else { "aws:kms" });
            insert(headers, KMS_KEY_ID, &kms.key_id);
            if kms.bucket_key_enabled {
                insert(headers, BUCKET_KEY_ENABLED, "true");
            }
        }
        Encryption::Customer(key) => {
            insert(headers, CUSTOMER_KEY.algorithm, "AES256");
            insert(headers, CUSTOMER_KEY.md5, &BASE64_STANDARD.encode(key.md5));
        }
    }
}

/// The same of what was just written: its request's encryption context too.
pub(super) fn insert_encryption_of_written(headers: &mut HeaderMap, encryption: &Encryption) {
    insert_encryption(headers, encryption);
    if let Encryption::Kms(kms) = encryption
        && let Some(context) = &kms.context
    {
        insert(headers, KMS_CONTEXT, context);
    }
}

/// An answer that tells how what was just written is encrypted.
pub(super) fn tell<O>(mut response: S3Response<O>, encryption: &Encryption) -> S3Response<O> {
    insert_encryption_of_written(&mut response.headers, encryption);
    response
}
