//! Which headers a request may have: a look that spares most look-ups.
//!
//! An operation asks for some hundred headers, of which a request has a dozen, and a look-up by name parses the name and
//! hashes it. That would be a quarter of what a small request costs.

use http::HeaderMap;

/// One bit of 64 for each name. A name whose bit is not set is absent; one whose bit is set may be there.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct HeaderNames(u64);

impl HeaderNames {
    pub(super) fn of(headers: &HeaderMap) -> Self {
        Self(headers.keys().fold(0, |bits, name| bits | bit(name.as_str())))
    }

    pub(super) fn may_have(self, name: &str) -> bool {
        self.0 & bit(name) != 0
    }
}

/// Names share their beginnings: their lengths, ends and middles tell them apart, in whatever case they are written.
fn bit(name: &str) -> u64 {
    let bytes = name.as_bytes();
    let lower = |byte: Option<&u8>| byte.map_or(0, |byte| usize::from(byte | 0x20));
    let (middle, last) = (lower(bytes.get(bytes.len() / 2)), lower(bytes.last()));
    1 << ((bytes.len() * 11 + middle * 5 + last * 23) % 64)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use http::header::HeaderName;

    use super::*;

    #[test]
    fn a_header_that_is_there_is_never_missed() {
        for name in ["host", "content-md5", "x-amz-checksum-crc32", "x-amz-meta-a_b", "x"] {
            let header = (name.parse::<HeaderName>().unwrap(), HeaderValue::from_static(""));
            let names = HeaderNames::of(&[header].into_iter().collect());
            assert!(names.may_have(name) && names.may_have(&name.to_ascii_uppercase()), "{name}");
        }
    }

    #[test]
    fn of_the_headers_that_are_not_there_most_need_no_look_up() {
        let sent = [
            "host",
            "user-agent",
            "amz-sdk-invocation-id",
            "amz-sdk-request",
            "authorization",
            "content-length",
            "content-type",
            "x-amz-checksum-crc32",
            "x-amz-content-sha256",
            "x-amz-date",
            "x-amz-sdk-checksum-algorithm",
            "x-amz-user-agent",
        ];
        let headers = sent.map(|name| (HeaderName::from_static(name), HeaderValue::from_static("")));
        let names = HeaderNames::of(&headers.into_iter().collect());
        let asked = [
            "cache-control",
            "content-disposition",
            "content-language",
            "content-md5",
            "expires",
            "if-match",
            "if-none-match",
            "range",
            "x-amz-acl",
            "x-amz-checksum-crc32c",
            "x-amz-checksum-crc64nvme",
            "x-amz-checksum-mode",
            "x-amz-checksum-sha1",
            "x-amz-checksum-sha256",
            "x-amz-copy-source",
            "x-amz-expected-bucket-owner",
            "x-amz-grant-full-control",
            "x-amz-grant-read",
            "x-amz-grant-write",
            "x-amz-object-lock-legal-hold",
            "x-amz-object-lock-mode",
            "x-amz-server-side-encryption",
            "x-amz-server-side-encryption-customer-key",
            "x-amz-storage-class",
            "x-amz-tagging",
            "x-amz-website-redirect-location",
        ];
        let needless = asked.into_iter().filter(|name| names.may_have(name)).count();
        assert!(needless * 3 <= asked.len(), "{needless} of {}", asked.len());
    }
}
