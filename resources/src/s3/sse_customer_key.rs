//! Keys of the customer's own that S3 encrypts with and forgets (SSE-C).

use aws_sdk_s3::operation::copy_object::builders::CopyObjectFluentBuilder;
use aws_sdk_s3::operation::upload_part_copy::builders::UploadPartCopyFluentBuilder;
use aws_smithy_types::base64;
use md5::{Digest, Md5};
use session_core::Secret;

/// The only algorithm that S3 knows for these keys.
const ALGORITHM: &str = "AES256";

/// A key of the customer's own for S3's encryption with customer-provided keys (SSE-C): 256 bits, which S3 uses, does not
/// keep, and wants again with every read.
///
/// Transfers take it in one place and send it with every request of theirs. S3 takes it over TLS only. `Debug` does not
/// show it, and it is wiped when it is dropped.
///
/// # Source
/// S3 user guide, "Using server-side encryption with customer-provided keys (SSE-C)".
#[derive(Clone, Debug)]
pub struct SseCustomerKey {
    encoded: Secret,
    md5: String,
}

impl SseCustomerKey {
    /// The key of those bytes.
    pub fn new(key: &[u8; 32]) -> Self {
        Self { encoded: Secret::new(base64::encode(key)), md5: base64::encode(Md5::digest(key)) }
    }

    /// The three headers: algorithm, key, and the key's MD5 against errors on the way.
    pub(super) fn headers(key: Option<&Self>) -> [Option<String>; 3] {
        match key {
            Some(Self { encoded, md5 }) => {
                [Some(ALGORITHM.to_owned()), Some(encoded.expose().to_owned()), Some(md5.clone())]
            }
            None => [const { None }; 3],
        }
    }
}

/// A request that copies from an object that may be encrypted with a customer's key.
pub(super) trait WithSourceCustomerKey {
    /// The key of the source, if it has one.
    fn source_customer_key(self, key: Option<&SseCustomerKey>) -> Self;
}

macro_rules! with_source_customer_key {
    ($($builder:ty),*) => {
        $(impl WithSourceCustomerKey for $builder {
            fn source_customer_key(self, key: Option<&SseCustomerKey>) -> Self {
                let [algorithm, key, md5] = SseCustomerKey::headers(key);
                self.set_copy_source_sse_customer_algorithm(algorithm)
                    .set_copy_source_sse_customer_key(key)
                    .set_copy_source_sse_customer_key_md5(md5)
            }
        })*
    };
}

with_source_customer_key!(CopyObjectFluentBuilder, UploadPartCopyFluentBuilder);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_told_with_its_md5_and_not_shown() {
        let key = SseCustomerKey::new(b"01234567890123456789012345678901");
        let headers = SseCustomerKey::headers(Some(&key)).map(Option::unwrap);
        let md5 = "KYvwGXoFFJ42a2u2GDWhwQ==";
        assert_eq!(headers, ["AES256", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=", md5]);
        assert!(!format!("{key:?}").contains("MDEy"), "{key:?}");
    }
}
