//! What is refused by name: headers and parameters that this cloud does not carry out are never passed over in silence.

use http::{HeaderMap, HeaderValue};

use super::target::Target;
use crate::s3::engine::{ChecksumAlgorithm, Error};

/// The `x-amz-` headers that operations of ours read, and those that change nothing here.
const KNOWN_HEADERS: [&str; 55] = [
    "x-amz-acl",
    "x-amz-bucket-namespace",
    "x-amz-bucket-object-lock-enabled",
    "x-amz-bypass-governance-retention",
    "x-amz-checksum-algorithm",
    "x-amz-checksum-mode",
    "x-amz-checksum-type",
    "x-amz-content-sha256",
    "x-amz-confirm-remove-self-bucket-access",
    "x-amz-copy-source",
    "x-amz-copy-source-if-match",
    "x-amz-copy-source-if-modified-since",
    "x-amz-copy-source-if-none-match",
    "x-amz-copy-source-if-unmodified-since",
    "x-amz-copy-source-range",
    "x-amz-copy-source-server-side-encryption-customer-algorithm",
    "x-amz-copy-source-server-side-encryption-customer-key",
    "x-amz-copy-source-server-side-encryption-customer-key-md5",
    "x-amz-date",
    "x-amz-decoded-content-length",
    "x-amz-expected-bucket-owner",
    "x-amz-grant-full-control",
    "x-amz-grant-read",
    "x-amz-grant-read-acp",
    "x-amz-grant-write",
    "x-amz-grant-write-acp",
    "x-amz-max-parts",
    "x-amz-metadata-directive",
    "x-amz-mp-object-size",
    "x-amz-object-attributes",
    "x-amz-object-lock-legal-hold",
    "x-amz-object-lock-mode",
    "x-amz-object-lock-retain-until-date",
    "x-amz-object-ownership",
    "x-amz-part-number-marker",
    "x-amz-region-set",
    "x-amz-request-payer",
    "x-amz-sdk-checksum-algorithm",
    "x-amz-security-token",
    "x-amz-server-side-encryption",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled",
    "x-amz-server-side-encryption-context",
    "x-amz-server-side-encryption-customer-algorithm",
    "x-amz-server-side-encryption-customer-key",
    "x-amz-server-side-encryption-customer-key-md5",
    "x-amz-skip-destination-validation",
    "x-amz-source-expected-bucket-owner",
    "x-amz-storage-class",
    "x-amz-tagging",
    "x-amz-tagging-directive",
    "x-amz-trailer",
    "x-amz-transition-default-minimum-object-size",
    "x-amz-user-agent",
    "x-amz-website-redirect-location",
];

/// Headers that ask for what every bucket and object of ours is or does anyway, with the values that do.
const DEFAULTS: [(&str, &[&str]); 1] = [("x-amz-optional-object-attributes", &["RestoreStatus"])];

/// Subresources that S3 has and we have not; most of them would else be taken for the bucket or the object itself.
const SUBRESOURCES: [&str; 10] = [
    "abac",
    "annotation",
    "metadataAnnotationTable",
    "metadataConfiguration",
    "metadataInventoryTable",
    "metadataJournalTable",
    "object-lambda",
    "renameObject",
    "select",
    "torrent",
];

/// Subresources that buckets have here and objects have not: the request would be for the object itself.
const OF_BUCKETS_ALONE: [&str; 1] = ["encryption"];

/// Refuses a request that asks for what is not implemented, naming the header or the parameter.
pub(super) fn check(target: &Target, headers: &HeaderMap, query: &[(String, String)]) -> Result<(), Error> {
    for (name, value) in headers {
        if name.as_str().starts_with("x-amz-") && !is_known(name.as_str(), value) {
            if name.as_str().starts_with("x-amz-checksum-") {
                return Err(Error::invalid_request(
                    "The algorithm type you specified in x-amz-checksum- header is invalid.",
                ));
            }
            return Err(Error::not_implemented(name.as_str()));
        }
    }
    for (name, _) in query {
        let is_of_object = target.key.is_some() && OF_BUCKETS_ALONE.contains(&name.as_str());
        if is_of_object || SUBRESOURCES.contains(&name.as_str()) {
            return Err(Error::not_implemented(name));
        }
    }
    Ok(())
}

fn is_known(name: &str, value: &HeaderValue) -> bool {
    let means_the_default = || {
        DEFAULTS.iter().any(|(header, values)| {
            *header == name && value.to_str().is_ok_and(|value| values.contains(&value))
        })
    };
    name.starts_with("x-amz-meta-")
        || KNOWN_HEADERS.contains(&name)
        || ChecksumAlgorithm::ALL.iter().any(|algorithm| algorithm.header() == name)
        || means_the_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused_header(name: &'static str, value: &'static str) -> Option<String> {
        let headers = [(http::HeaderName::from_static(name), HeaderValue::from_static(value))];
        check(&Target::default(), &headers.into_iter().collect(), &[])
            .err()
            .map(|error| error.details()[0].1.clone())
    }

    #[test]
    fn a_header_that_is_not_implemented_is_named() {
        for name in [
            "x-amz-bucket-object-lock-token",
            "x-amz-if-match-size",
            "x-amz-write-offset-bytes",
            "x-amz-mfa",
            "x-amz-header-of-next-year",
        ] {
            assert_eq!(refused_header(name, "x").as_deref(), Some(name));
        }
        assert_eq!(refused_header("x-amz-server-side-encryption", "AES256"), None);
        assert_eq!(refused_header("x-amz-meta-anything", "x"), None);
    }
}
